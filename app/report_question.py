"""What a report is asked about: period, units, basis, moment; the same values for the command line, pages and workers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from tracker.types import VN, Basis

END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """Which period (both days included), which unit with all below it (None: everything), judged how and when.

    `known`: by what was known then, None = now. `edition`: of the form's data, None = the one of the period. `names`:
    people and free texts in full, or masked. `asked_by`: the login of who asks, "" where it is told nowhere.
    """

    start: date
    end: date
    as_of: datetime
    unit_id: int | None = None
    unit_ids: frozenset[int] | None = None
    unit_name: str = ""
    basis: Basis = Basis.SOURCE
    known: datetime | None = None
    edition: str | None = None
    names: bool = True
    asked_by: str = ""

    @property
    def moment(self) -> datetime:
        """When open dossiers are judged: at the end of the period, or at as-of where that is earlier."""
        return min(self.as_of, datetime.combine(self.end, END_OF_DAY, VN))

    def as_params(self) -> dict[str, Any]:
        """As JSON values, for work that is done later."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "as_of": self.as_of.isoformat(),
            "unit_id": self.unit_id,
            "unit_ids": None if self.unit_ids is None else sorted(self.unit_ids),
            "unit_name": self.unit_name,
            "basis": self.basis.value,
            "known": self.known.isoformat() if self.known else None,
            "edition": self.edition,
            "names": self.names,
            "asked_by": self.asked_by,
        }


def question_of(params: Mapping[str, Any]) -> ReportQuestion:
    """The question from its JSON values."""
    units, known = params["unit_ids"], params["known"]
    return ReportQuestion(
        start=date.fromisoformat(params["start"]),
        end=date.fromisoformat(params["end"]),
        as_of=datetime.fromisoformat(params["as_of"]),
        unit_id=params["unit_id"],
        unit_ids=None if units is None else frozenset(units),
        unit_name=params["unit_name"],
        basis=Basis(params["basis"]),
        known=datetime.fromisoformat(known) if known else None,
        edition=params["edition"],
        names=params["names"],
        asked_by=params.get("asked_by", ""),
    )
