"""What was ever told of one dossier, as the rules of integrity look at it: values with when and by which load. Pure.

Instants are UTC epoch seconds. Loads come now and then, so what happened between two of them is known only to lie
between: `held_until` is the last moment at which the old value surely still stood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.measures.months import DAY, VN_OFFSET
from tracker.timekeeping.working_calendar import WorkingCalendar

LAST_SECOND = DAY - 1


class Telling(NamedTuple):
    """A load of ours: when it came, and its number."""

    at: int
    batch_id: int


class Held(NamedTuple):
    """Until when what stood before a change surely stood, and the load that last told it (None: nobody knows)."""

    until: int
    last: Telling | None


class DueTold(NamedTuple):
    """A due date as a source told it; `before`: what is known of the date that it took the place of."""

    seq: int
    due: int | None
    source_id: int
    first: Telling
    before: Held


class VersionTold(NamedTuple):
    """One version of the dossier; `before`: of the version that it took the place of."""

    status: str
    due: int | None
    ended: int | None
    end_kind: str | None
    pauses_known: bool
    source_id: int
    first: Telling
    before: Held


class PauseTold(NamedTuple):
    """A suspension; `before` None: it came with the first telling of the dossier, else what stood without it."""

    kind: str
    start: int
    end: int | None
    first: Telling
    before: Held | None


class StepTold(NamedTuple):
    """A step of the work that was done."""

    at: int
    status: str
    department: str
    first: Telling


class EventTold(NamedTuple):
    """An end, a reopening."""

    at: int
    kind: str
    first: Telling


class LetterTold(NamedTuple):
    """An apology with a new date that was approved; `made_at`: for which moment it was written."""

    new_due: int
    made_at: int


@dataclass(frozen=True, slots=True)
class History:
    """One dossier; every sequence in the order of its telling. `versions` ends with the one that stands."""

    dossier_id: int
    unit_id: int
    received: int | None
    documented: int | None
    dues: Sequence[DueTold]
    versions: Sequence[VersionTold]
    pauses: Sequence[PauseTold] = ()
    steps: Sequence[StepTold] = ()
    events: Sequence[EventTold] = ()
    letters: Sequence[LetterTold] = ()

    @property
    def present(self) -> VersionTold:
        """How it stands."""
        return self.versions[-1]

    def first_due(self) -> int | None:
        """The first due date that was ever told."""
        return next((one.due for one in self.dues if one.due is not None), None)

    def due_before(self, batch_id: int) -> DueTold | None:
        """The due date that stood before a load."""
        told = [one for one in self.dues if one.first.batch_id < batch_id and one.due is not None]
        return told[-1] if told else None

    def version_before(self, batch_id: int) -> VersionTold | None:
        """The version that stood before a load."""
        told = [one for one in self.versions if one.first.batch_id < batch_id]
        return told[-1] if told else None


class Days:
    """Dates and working time of a unit's calendar, for instants. Everything raises CalendarError outside its years."""

    __slots__ = ("_calendar",)

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar

    def row(self, at: int) -> int:
        """The number of the local date of an instant."""
        return self._calendar.row_at(at)

    def between(self, start: int, end: int) -> int:
        """Working dates after that of `start` up to that of `end`; negative where `end` is before."""
        counted = self._calendar.counted
        return counted(self.row(end)) - counted(self.row(start))

    def minutes(self, start: int, end: int) -> int:
        """Working minutes in [start, end)."""
        return self._calendar.working_seconds(start, end) // 60

    def next_worked_row(self, at: int) -> int:
        """The date on which work goes on after an instant."""
        worked = self._calendar.seconds_before(at)
        return self.row(self._calendar.epoch_of_seconds(worked + 1))

    def last_worked_row(self, at: int) -> int:
        """The last working date on or before that of an instant."""
        return self._calendar.nth_row(self._calendar.counted(self.row(at)))

    def is_a_days_end(self, at: int) -> bool:
        """May the instant stand for a date that was told without a time?"""
        second = (at + VN_OFFSET) % DAY
        return second in (0, LAST_SECOND) or at == self._calendar.row_end(self.row(at))
