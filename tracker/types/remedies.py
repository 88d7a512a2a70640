"""A fault of an office, its cause, and the measure against it, as they are told; what became of a measure by a day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RemedyState(StrEnum):
    """Where a measure stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class RemedyTold:
    """What is said of a fault. `unit_id` None = the whole province, `field_id` None = every field; "" and None = not known yet.

    `year`: of the figures that showed the fault. `note`: what was reached, or why it was dropped or taken up again.
    """

    unit_id: int | None
    field_id: int | None
    year: int
    fault: str
    cause: str = ""
    measure: str = ""
    due_on: date | None = None
    done_on: date | None = None
    note: str = ""
    is_dropped: bool = False

    def state_on(self, day: date) -> RemedyState:
        """Where it stands by a day; a measure without a deadline is never overdue."""
        if self.is_dropped:
            return RemedyState.DROPPED
        if self.done_on is not None and self.done_on <= day:
            return RemedyState.DONE
        is_late = self.due_on is not None and self.due_on < day
        return RemedyState.OVERDUE if is_late else RemedyState.OPEN


@dataclass(frozen=True, slots=True)
class Remedy:
    """One telling of a fault, with its number, and the names of unit and field; the newest telling governs."""

    remedy_id: int
    seq: int
    told: RemedyTold
    unit: str
    unit_code: str
    field: str
    told_by: str
    told_at: datetime
