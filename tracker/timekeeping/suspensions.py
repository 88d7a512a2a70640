"""Suspensions and recorded restarts -> stops of the clock in the order in which they are taken.

Decides the effect of each (dated data), merges overlapping or touching pauses, looks at events up to as-of only.
It does not know the limit: whether a stop comes too late to matter is settled in `deadlines`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple, Protocol

from tracker.timekeeping.calendar_definition import instant
from tracker.timekeeping.rules import DeadlinePolicy, SuspensionRule
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Suspension, SuspensionEffect, SuspensionKind

SUPPLEMENT_REPEATED = "SUPPLEMENT_REPEATED"
SUPPLEMENT_LATE = "SUPPLEMENT_LATE"
UNVERIFIED = "SUSPENSION_EFFECT_UNVERIFIED"
INVERTED = "SUSPENSION_INVERTED"
BEFORE_RECEPTION = "SUSPENSION_BEFORE_RECEPTION"
RESTART_BEFORE_RECEPTION = "RESTART_BEFORE_RECEPTION"


class Stop(NamedTuple):
    """One stretch in which the clock stands, UTC epoch seconds; a restart begins the limit anew at `end`.

    `kind` None = a restart recorded by the office or the source; `is_open`: it still lasts at as-of (`end` = as-of).
    """

    start: int
    end: int
    restart: bool
    is_open: bool
    kind: SuspensionKind | None
    source: str


class Pause(Protocol):
    """A suspension as a source told it, in UTC epoch seconds; `end` None while open."""

    @property
    def kind(self) -> SuspensionKind:
        """What kind of suspension it is."""

    @property
    def start(self) -> int:
        """When it began."""

    @property
    def end(self) -> int | None:
        """When it ended."""


class _Told(NamedTuple):
    kind: SuspensionKind
    start: int
    end: int | None


class Stops(NamedTuple):
    """Stops in order of their beginning, and the flags raised while reading them."""

    taken: list[Stop]
    flags: list[str]


def epoch(moment: datetime) -> int:
    """An aware instant as UTC epoch seconds, fractions of a second cut off."""
    return int(moment.timestamp())


def closed_by_end(suspensions: Iterable[Suspension], ended_at: datetime | None) -> tuple[Suspension, ...]:
    """Suspensions of a dossier that has ended: one still open stops at the end, one begun after the end is moot.

    Without this the due date of a finished dossier with a forgotten open pause would move with every as-of.
    """
    if ended_at is None:
        return tuple(suspensions)
    return tuple(
        item if item.end is not None else replace(item, end=ended_at)
        for item in suspensions
        if item.end is not None or item.start < ended_at
    )


def suspending(
    suspensions: Iterable[Suspension], received: datetime, policy: DeadlinePolicy
) -> tuple[Suspension, ...]:
    """Those suspensions that do anything to the clock of a dossier received then."""
    day = instant(epoch(received)).date()
    return tuple(
        item for item in suspensions if policy.effect_of(item.kind, day).effect is not SuspensionEffect.NONE
    )


def stops_until(
    received: int,
    suspensions: Sequence[Suspension],
    restarts: Sequence[datetime],
    *,
    as_of: int,
    policy: DeadlinePolicy,
    calendar: WorkingCalendar,
) -> Stops:
    """All stops begun up to as-of (UTC epoch seconds), effects decided, pauses merged, in order of beginning."""
    flags: list[str] = []
    others = _recorded_restarts(restarts, received, as_of, flags) if restarts else []
    in_order = sorted(suspensions, key=_order) if len(suspensions) > 1 else suspensions
    told = [
        _Told(item.kind, epoch(item.start), None if item.end is None else epoch(item.end))
        for item in in_order
    ]
    return Stops(_stops(told, others, _Reader(received, as_of, policy, calendar, flags)), flags)


def stops_of(
    received: int, pauses: Sequence[Pause], *, as_of: int, policy: DeadlinePolicy, calendar: WorkingCalendar
) -> list[Stop]:
    """`stops_until` for suspensions in epoch seconds and no recorded restarts, without the flags."""
    in_order = sorted(pauses, key=_told_order) if len(pauses) > 1 else pauses
    return _stops(in_order, [], _Reader(received, as_of, policy, calendar, []))


def _stops(told: Sequence[Pause], others: list[Stop], reader: "_Reader") -> list[Stop]:
    """Suspensions in order of their beginning and recorded restarts as stops."""
    pauses: list[Stop] = []
    for item in told:
        stop = reader.read(item)
        if stop is not None:
            (others if stop.restart else pauses).append(stop)
    taken = others + (_merged(pauses) if len(pauses) > 1 else pauses)
    if len(taken) > 1:
        taken.sort(key=itemgetter(0))
    return taken


def _told_order(item: Pause) -> tuple[int, bool, int, SuspensionKind]:
    """`_order` of whole seconds."""
    return item.start, item.end is None, item.start if item.end is None else item.end, item.kind


def _order(item: Suspension) -> tuple[datetime, bool, datetime, SuspensionKind]:
    """By beginning, then by end: of two supplements asked for at once the shorter one is the first."""
    return item.start, item.end is None, item.end or item.start, item.kind


def _recorded_restarts(
    restarts: Sequence[datetime], received: int, as_of: int, flags: list[str]
) -> list[Stop]:
    moments = [epoch(moment) for moment in restarts]
    if any(moment < received for moment in moments):
        flags.append(RESTART_BEFORE_RECEPTION)
    return [
        Stop(moment, moment, True, False, None, "Mốc tính lại do cơ quan hoặc nguồn ghi nhận")
        for moment in moments
        if received < moment <= as_of
    ]


class _Reader:
    """Reads the suspensions of one dossier in order of their beginning, counting its supplements."""

    __slots__ = ("as_of", "calendar", "day", "flags", "policy", "received", "supplements")

    def __init__(
        self, received: int, as_of: int, policy: DeadlinePolicy, calendar: WorkingCalendar, flags: list[str]
    ) -> None:
        self.received, self.as_of = received, as_of
        self.policy, self.calendar, self.flags = policy, calendar, flags
        self.day = calendar.date_of(calendar.row_at(received))
        self.supplements = 0

    def read(self, item: Pause) -> Stop | None:
        """The stop of one suspension; None where it has no effect at all."""
        start = item.start
        if start > self.as_of:
            return None
        end = self.as_of if item.end is None else item.end
        if end < start or end <= self.received:
            self.flags.append(INVERTED if end < start else BEFORE_RECEPTION)
            return None
        row = self.policy.effect_of(item.kind, self.day)
        effect = self._effect(row, start)
        if effect is SuspensionEffect.NONE:
            return None
        is_open = item.end is None or end > self.as_of
        restart = effect is SuspensionEffect.RESTART
        return Stop(start, min(end, self.as_of), restart, is_open, item.kind, row.source)

    def _effect(self, row: SuspensionRule, start: int) -> SuspensionEffect:
        """The effect in force; a repeated or late supplement only pauses (NĐ 61/2018 art. 11.2.c, 19.4)."""
        if not row.verified:
            self._flag(UNVERIFIED)
        if row.effect is not SuspensionEffect.RESTART:
            return row.effect
        self.supplements += 1
        repeated = self.supplements > self.policy.max_supplements
        late = self._is_late(start)
        if repeated:
            self._flag(SUPPLEMENT_REPEATED)
        if late:
            self._flag(SUPPLEMENT_LATE)
        return SuspensionEffect.PAUSE if repeated or late else SuspensionEffect.RESTART

    def _is_late(self, start: int) -> bool:
        calendar = self.calendar
        reception = calendar.counted(calendar.row_at(self.received))
        return calendar.row_at(start) > calendar.nth_row(reception + self.policy.supplement_days)

    def _flag(self, flag: str) -> None:
        if flag not in self.flags:
            self.flags.append(flag)


def _merged(pauses: list[Stop]) -> list[Stop]:
    """Overlapping or touching pauses as one; `pauses` are in order of their beginning."""
    merged = pauses[:1]
    for stop in pauses[1:]:
        last = merged[-1]
        if stop.start > last.end:
            merged.append(stop)
        else:
            merged[-1] = last._replace(end=max(last.end, stop.end), is_open=last.is_open or stop.is_open)
    return merged
