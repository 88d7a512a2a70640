"""Dates of a row beside each other: what cannot be is emptied and flagged, what is odd is flagged and kept.

Source: formats note 5.5 nos. 1, 2 and 4 to 6.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.ingest.columns import RecordColumns
from tracker.ingest.dates import DAY, VN_OFFSET, has_clock
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import VN, SourceStatus

ENDS = ("finished_at", "returned_at", "withdrawn_at", "refused_at")
NEVER_IN_FUTURE = ("received_at", *ENDS)
# Handed in, and perhaps never accepted: without a reception nothing is missing.
BEFORE_RECEPTION = frozenset(
    {SourceStatus.FILED, SourceStatus.REFUSED, SourceStatus.WITHDRAWN, SourceStatus.DELETED}
)


@dataclass(frozen=True, slots=True)
class DateChecks:
    """Checks a chunk whose dates are read. `now`: UTC epoch seconds; `closing`: the end of a date's last session."""

    now: int
    closing: Callable[[date], int]

    def check(self, out: RecordColumns, cells: Mapping[str, Sequence[str]]) -> None:
        """Empty what cannot be and flag what is odd; `cells` are the columns as the source wrote them."""
        self._future(out)
        self._before_reception(out)
        _dues(out, cells)

    def _future(self, out: RecordColumns) -> None:
        now = self.now
        for name in NEVER_IN_FUTURE:
            column = out.dates[name]
            if max(filter(None, column), default=0) <= now:
                continue
            for position, value in enumerate(column):
                if value is not None and value > now and not self._is_bare_date_of(value, now):
                    column[position] = None
                    out.flag(position, f"{name.removesuffix('_at').upper()}_IN_FUTURE")

    def _before_reception(self, out: RecordColumns) -> None:
        for name in ENDS:
            ends = out.dates[name]
            if not any(ends):
                continue
            for position, (received, end) in enumerate(zip(out.dates["received_at"], ends, strict=True)):
                if received is None or end is None or end >= received:
                    continue
                if not self._is_bare_date_of(end, received):
                    ends[position] = None
                    out.flag(position, "END_BEFORE_RECEIVED")

    def _is_bare_date_of(self, end: int, moment: int) -> bool:
        """Does the end look like a date without a time (closing time stands for it), the date being the moment's?"""
        return end == self.closing(datetime.fromtimestamp(moment, VN).date())


def _dues(out: RecordColumns, cells: Mapping[str, Sequence[str]]) -> None:
    dates = out.dates
    columns = (dates["received_at"], dates["due_at"], dates["finished_at"], dates["returned_at"])
    for position, (received, due, finished, returned) in enumerate(zip(*columns, strict=True)):
        if due is None:
            out.flag(position, "DUE_MISSING")
        elif received is not None and due < received and _local_day(due) < _local_day(received):
            out.flag(position, "DUE_BEFORE_RECEIVED")
        elif (
            due == finished
            and has_clock(cells["due_at"][position])
            and has_clock(cells["finished_at"][position])
        ):
            # Two bare dates are equal by the second because of us.
            out.flag(position, "END_EQ_DUE")
        if finished is None and returned is not None:
            out.flag(position, "END_FROM_RETURN")


def _local_day(moment: int) -> int:
    return (moment + VN_OFFSET) // DAY


def flag_missing_receptions(out: RecordColumns) -> None:
    """Flag rows without a reception that should have one; statuses have to be complete."""
    filed, words = out.dates["filed_at"], out.words["status"]
    if None not in out.dates["received_at"]:
        return
    for position, received in enumerate(out.dates["received_at"]):
        if received is None and (filed[position] is None or words[position] not in BEFORE_RECEPTION):
            out.flag(position, "RECEIVED_MISSING")


def flag_untold_reasons(out: RecordColumns) -> None:
    """A source that has no place for reasons does not refuse without one: nobody can say."""
    if not any(out.dates["refused_at"]) and SourceStatus.REFUSED.value not in out.words["status"]:
        return
    for position, (word, at) in enumerate(zip(out.words["status"], out.dates["refused_at"], strict=True)):
        if word == SourceStatus.REFUSED or (at is not None and out.dates["received_at"][position] is None):
            out.flag(position, REASON_UNTOLD)
