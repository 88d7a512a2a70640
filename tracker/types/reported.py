"""What a source's own report says: totals by unit, field or procedure, taken as told.

The words for the measures are those of the rates (`dunghen rates`), so that a reported figure can stand beside ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

RowKind = Literal["unit", "field", "procedure", "total"]
# Every measure that a row may tell. `total` is what the office had to do: carried_over + received; `in_time`: early and
# on time together, where a form does not tell them apart. Two sums that a form leaves out are added where it tells all
# their parts: `finished` and `received`. Several columns of waiting dossiers make up `suspended`.
MEASURES = (
    "total", "carried_over", "received", "received_online", "received_direct", "received_postal",
    "finished", "early", "on_time", "in_time", "late", "refused", "returned",
    "open", "open_in_time", "open_late", "suspended", "withdrawn",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReportedRow:
    """One row of a report: whom or what it counts, and the figures in its cells; empty cells are not in `measures`."""

    name: str
    kind: RowKind
    measures: Mapping[str, int]
    row: int


@dataclass(frozen=True, slots=True)
class ReportedTotals:
    """One table of totals: where it stood, which form it is (`e` to `i`), and its period, None where it names none.

    `faults` are sentences about cells that could not be read as a count; nothing is left out silently.
    """

    file: str
    sheet: str
    form: str
    period_from: date | None
    period_to: date | None
    rows: tuple[ReportedRow, ...]
    faults: tuple[str, ...] = ()
