"""What an office itself says of its working time, over the shipped calendars, and since when: plain values.

Nothing is deleted: a saying is known in [known_from, known_until) (UTC epoch seconds), so that any earlier calendar can
be had again.
"""

from dataclasses import dataclass
from datetime import date

from tracker.timekeeping.calendar_definition import ChangedDay, DayOff, MakeUpDay, Sessions

NATIONAL = "VN"
"""The key under which days are declared for every calendar at once; it is none to work by."""

Slot = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """A date of one calendar: off, worked in place of `replaces`, or worked for `sessions` only."""

    calendar: str
    day: date
    name: str
    notice: str
    replaces: date | None = None
    sessions: Sessions = ()
    provisional: bool = False

    @property
    def slot(self) -> Slot:
        """What there is one of: a date of a calendar."""
        return "day", self.calendar, self.day

    @property
    def entry(self) -> DayOff | MakeUpDay | ChangedDay:
        """The same as a calendar holds it."""
        if self.replaces is not None:
            return MakeUpDay(self.day, self.replaces, self.notice, self.provisional)
        if self.sessions:
            return ChangedDay(self.day, self.sessions, self.name, self.notice, self.provisional)
        return DayOff(self.day, self.name, self.notice, self.provisional)


@dataclass(frozen=True, slots=True)
class OfficeBase:
    """A calendar of the office's own over a base; None = that of the base. Weekdays: 0 (Monday) to 6 -> sessions."""

    key: str
    name: str
    base: str
    weekdays: tuple[tuple[int, Sessions], ...] | None
    day_minutes: int | None
    source: str

    @property
    def slot(self) -> Slot:
        """What there is one of: a key."""
        return "calendar", self.key


@dataclass(frozen=True, slots=True)
class Assignment:
    """A unit, with all below it, works by a calendar, for dossiers received in a span (both ends included)."""

    unit_id: int
    calendar: str
    valid_from: date | None
    valid_to: date | None
    source: str

    @property
    def slot(self) -> Slot:
        """What there is one of: a span of a unit."""
        return "unit", self.unit_id, self.valid_from, self.valid_to

    def holds(self, day: date) -> bool:
        """Does the span hold the date?"""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


Saying = OfficeDay | OfficeBase | Assignment


@dataclass(frozen=True, slots=True)
class Said:
    """A saying as the store keeps it: by which change (None: before there were changes), known from when to when."""

    row_id: int
    saying: Saying
    change_id: int | None
    known_from: int
    known_until: int | None

    def is_known(self, at: int | None) -> bool:
        """Was it known at a moment (None: now)?"""
        if at is None:
            return self.known_until is None
        return self.known_from <= at and (self.known_until is None or at < self.known_until)


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """All sayings of one moment, in the order in which they were made, and each unit's parent where that matters.

    Equal content is an equal value: what is worked out from it once serves for every dossier.
    """

    sayings: tuple[Saying, ...] = ()
    parents: tuple[tuple[int, int], ...] = ()

    @property
    def days(self) -> tuple[OfficeDay, ...]:
        """The dates declared."""
        return tuple(saying for saying in self.sayings if isinstance(saying, OfficeDay))

    @property
    def calendars(self) -> tuple[OfficeBase, ...]:
        """The office's own calendars."""
        return tuple(saying for saying in self.sayings if isinstance(saying, OfficeBase))

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who works by which calendar; the later one goes before."""
        return tuple(saying for saying in self.sayings if isinstance(saying, Assignment))
