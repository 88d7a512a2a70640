"""Several calendars that inherit from each other, which unit works by which, and how they were known at any moment. Pure.

    national days (VN) -> shipped calendar A or B -> the office's own, each over its base

A date declared for a calendar counts for all that inherit from it, unless an heir says otherwise for that date.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256

from tracker.errors import UsageError
from tracker.timekeeping.calendar_definition import (
    CalendarDefinition,
    ChangedDay,
    DayOff,
    MakeUpDay,
)
from tracker.timekeeping.office_time import NATIONAL, Assignment, OfficeDay, OfficeTime, Said
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

compiled = lru_cache(maxsize=64)(WorkingCalendar)
"""The calendar of a definition, one object for equal definitions: deadlines keep their look-ups by that object."""


class Calendars:
    """The calendars of one moment; compiled when first asked for."""

    def __init__(
        self, shipped: Mapping[str, CalendarDefinition], office: OfficeTime, default_key: str
    ) -> None:
        """UsageError: no calendar `default_key`, or one that rests on a base that is not there."""
        self._shipped, self.office = shipped, office
        self._own = {own.key: own for own in office.calendars}
        self._days: dict[str, list[OfficeDay]] = {}
        for day in office.days:
            self._days.setdefault(day.calendar, []).append(day)
        self._parents = dict(office.parents)
        self._spans: dict[int, list[Assignment]] = {}
        for assignment in office.assignments:
            self._spans.setdefault(assignment.unit_id, []).insert(0, assignment)
        self._known: dict[str, WorkingCalendar] = {}
        self._chosen: dict[tuple[int, date], WorkingCalendar] = {}
        self.default = self.get(default_key)

    @property
    def is_one(self) -> bool:
        """Does every unit work by the default calendar?"""
        return not self._spans

    def keys(self) -> tuple[str, ...]:
        """All calendars to work by: the shipped ones, then the office's own."""
        return (*sorted(self._shipped), *sorted(self._own))

    @property
    def shipped_keys(self) -> frozenset[str]:
        """The calendars that come with the program."""
        return frozenset(self._shipped)

    def name_of(self, key: str) -> str:
        """What a calendar is called."""
        return self.get(key).name

    def base_of(self, key: str) -> str | None:
        """The calendar on which one of the office's own rests; None for a shipped one."""
        own = self._own.get(key)
        return own.base if own else None

    def get(self, key: str) -> WorkingCalendar:
        """The compiled calendar of a key.

        Raises:
            UsageError: there is none.
            ConfigurationError: it contradicts itself.
        """
        if key not in self._known:
            self._known[key] = compiled(self._definition(key))
        return self._known[key]

    def of(self, unit_id: int | None, day: date | None) -> WorkingCalendar:
        """The calendar for dossiers of a unit received on a date: its own, else that of the nearest unit above it."""
        if unit_id is None or day is None or not self._spans:
            return self.default
        chosen = self._chosen.get((unit_id, day))
        if chosen is None:
            chosen = self._chosen[unit_id, day] = self._choose(unit_id, day)
        return chosen

    def _choose(self, unit_id: int, day: date) -> WorkingCalendar:
        unit: int | None = unit_id
        for _ in range(len(self._parents) + 1):
            for assignment in self._spans.get(unit, ()) if unit is not None else ():
                if assignment.holds(day):
                    return self.get(assignment.calendar)
            unit = self._parents.get(unit) if unit is not None else None
        return self.default

    # ------------------------------------------------------------ inheritance

    def _chain(self, key: str) -> list[str]:
        """The keys from the shipped calendar up to `key`."""
        chain = [key]
        while chain[0] not in self._shipped:
            own = self._own.get(chain[0])
            if own is None or own.base in chain:
                raise UsageError(f"không có lịch làm việc {chain[0]}; có: {', '.join(self.keys())}")
            chain.insert(0, own.base)
        return chain

    def _definition(self, key: str) -> CalendarDefinition:
        chain = self._chain(key)
        shipped = self._shipped[chain[0]]
        days = {day.day: day for layer in (NATIONAL, *chain) for day in self._days.get(layer, ())}
        weekdays, minutes = shipped.weekdays, shipped.day_minutes
        for own in (self._own[layer] for layer in chain[1:]):
            weekdays = weekdays if own.weekdays is None else dict(own.weekdays)
            minutes = minutes if own.day_minutes is None else own.day_minutes
        entries = [entry for entry in shipped.days if entry.day not in days]
        entries += [days[day].entry for day in sorted(days)]
        laid_over = (weekdays, minutes) != (shipped.weekdays, shipped.day_minutes)
        what = (sorted(weekdays.items()) if laid_over else (), minutes if laid_over else 0)
        return replace(
            shipped,
            key=key,
            name=self._own[key].name if key in self._own else shipped.name,
            version=_version(shipped.version, days, what) if days or laid_over else shipped.version,
            weekdays=weekdays,
            day_minutes=minutes,
            off=tuple(entry for entry in entries if isinstance(entry, DayOff)),
            make_up=tuple(entry for entry in entries if isinstance(entry, MakeUpDay)),
            changed=tuple(entry for entry in entries if isinstance(entry, ChangedDay)),
        )


def _version(shipped: str, days: Mapping[date, OfficeDay], rest: object) -> str:
    """Equal content has an equal version, whichever layer it was declared in."""
    content = ([days[day].entry for day in sorted(days)], rest)
    return f"{shipped}+{sha256(repr(content).encode()).hexdigest()[:8]}"


class CalendarHistory:
    """The calendars as they were known at any moment. `build`: sayings -> calendars, kept by whoever gives it."""

    def __init__(
        self,
        said: Sequence[Said],
        parents: tuple[tuple[int, int], ...],
        build: Callable[[OfficeTime], Calendars],
    ) -> None:
        self.said, self._parents, self._build = tuple(said), parents, build
        ends = {row.known_until for row in said if row.known_until is not None}
        self._turns = sorted({row.known_from for row in said} | ends)
        self._generations: dict[int, Calendars] = {}
        self.present = self.at(None)

    def at(self, known: int | datetime | None) -> Calendars:
        """The calendars as known at a moment (UTC epoch seconds or an instant; None: now)."""
        moment = int(known.timestamp()) if isinstance(known, datetime) else known
        generation = len(self._turns) if moment is None else bisect_right(self._turns, moment)
        if generation not in self._generations:
            if generation == len(self._turns):
                moment = None
            self._generations[generation] = self._build(self.office(moment))
        return self._generations[generation]

    def imagine(self, office: OfficeTime) -> Calendars:
        """The calendars as they would be with these sayings."""
        return self._build(office)

    def office(self, known: int | None = None) -> OfficeTime:
        """The sayings of a moment."""
        sayings = tuple(row.saying for row in self.said if row.is_known(known))
        return OfficeTime(sayings, self._parents)

    def of(
        self,
        unit_id: int | None,
        received: datetime | None,
        *,
        judged: datetime | int | None,
        known: datetime | None = None,
    ) -> WorkingCalendar:
        """The calendar that judges a dossier: of what was known when its end became known (`judged`), while it is
        open of what is known at `known`.
        """
        calendars = self.at(known if judged is None else judged)
        return calendars.of(unit_id, received.astimezone(VN).date() if received else None)


def differing_days(one: WorkingCalendar, other: WorkingCalendar) -> list[date]:
    """The dates on which two calendars of the same years have other sessions, in order."""
    days = map(one.date_of, range(one.size))
    return [day for day in days if one.sessions(day) != other.sessions(day)]
