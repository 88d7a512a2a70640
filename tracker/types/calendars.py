"""Changes of working time as values: what is asked for, what it would move, how it was decided, what it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

# ---------------------------------------------------------------- what is asked for


@dataclass(frozen=True, slots=True)
class AddDay:
    """Declare a date of one calendar anew: off; worked in place of `replaces`; or worked for `sessions` only.

    `sessions` as "07:00-11:30 13:30-15:00", "" where the date has none of its own. What the calendar said of that
    date before no longer counts. A calendar that inherits from this one has the day too.
    """

    calendar: str
    day: date
    name: str
    notice: str
    replaces: date | None = None
    sessions: str = ""
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class RemoveDay:
    """Take an office's own day out again: the date is what the base calendar says."""

    calendar: str
    day: date


@dataclass(frozen=True, slots=True)
class AddCalendar:
    """A calendar of the office's own over a base; one that has the key already is replaced.

    `weekdays`: 1 (Monday) to 7 onto sessions, absent = not worked; None = those of the base. `day_minutes`: the
    standard working day, None = that of the base.
    """

    key: str
    name: str
    base: str
    weekdays: Mapping[int, str] | None
    day_minutes: int | None
    source: str


@dataclass(frozen=True, slots=True)
class AssignCalendar:
    """A unit, with all below it, works by a calendar, for dossiers received from one day to another (both included)."""

    unit_id: int
    calendar: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Everything that an applied change declared is as it was before it."""

    change_id: int


Operation = AddDay | RemoveDay | AddCalendar | AssignCalendar | TakeBack


# ---------------------------------------------------------------- what it would move


@dataclass(frozen=True, slots=True)
class UnitMoves:
    """How many open dossiers of a resolving unit move, and how their lateness changes with that."""

    unit: str
    moved: int
    no_longer_late: int
    newly_late: int


@dataclass(frozen=True, slots=True)
class MovedDossier:
    """One open dossier whose documented due date moves; None = cannot be computed on that side."""

    code: str
    unit: str
    old_due_at: datetime | None
    new_due_at: datetime | None
    was_late: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What a change moves at a moment, on the documented basis, date precision.

    Open dossiers move; closed ones stay as judged and are only counted: those judged late that would have been on time
    by the changed calendar, and the reverse. `letters_marked`: letters, not void, of dossiers that move. `digest`
    stands for the moves and the closed counts: where it differs, the data or the calendar changed meanwhile.
    """

    as_of: datetime
    open_moved: int
    open_later: int
    open_earlier: int
    open_no_longer_late: int
    open_newly_late: int
    closed_would_be_on_time: int
    closed_would_be_late: int
    letters_marked: int
    units: tuple[UnitMoves, ...]
    samples: tuple[MovedDossier, ...]
    changed_days: tuple[date, ...]
    digest: str


# ---------------------------------------------------------------- how it was decided, what it did


class ChangeState(StrEnum):
    """Where a change stands; only `proposed` can still be decided."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CalendarChangeRow:
    """A change with its preview: the newest one while proposed, then the one that the decision saw."""

    change_id: int
    state: ChangeState
    operations: tuple[Operation, ...]
    reason: str
    preview: ChangePreview
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str
    undoes_id: int | None
    undone_by_id: int | None


@dataclass(frozen=True, slots=True)
class JournalRow:
    """What one applied change did to one dossier's documented due date."""

    change_id: int
    dossier_id: int
    code: str
    unit: str
    at: datetime
    old_due_at: datetime | None
    new_due_at: datetime | None
    was_late: bool
    is_late: bool
    reason: str


@dataclass(frozen=True, slots=True)
class UnitAssignment:
    """Which calendar a unit works by, for dossiers received in that span; for pages and `calendar show`."""

    unit_id: int
    unit_code: str
    unit: str
    calendar: str
    valid_from: date | None
    valid_to: date | None
    source: str
