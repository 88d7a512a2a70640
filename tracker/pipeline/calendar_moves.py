"""Calendars before and after -> which dossiers move, whereto, and what that means to their lateness.

Open dossiers move. Finished ones stay as they were judged: those whose verdict would be another are only counted.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256

from tracker.config_data import load_policy
from tracker.ingest.columns import SourceSuspension
from tracker.ingest.documented import OUT_OF_CALENDAR, VN_OFFSET, AskedLimit
from tracker.pipeline.calendar_operations import Plan
from tracker.pipeline.limits import limit_book
from tracker.pipeline.unit_dues import UnitDues, calendar_for
from tracker.store.bulk import BulkWriter
from tracker.store.calendar_moves import Move, Span, Touched, touched
from tracker.store.session import Session
from tracker.store.versions import working_unit
from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL
from tracker.timekeeping.calendars import CalendarHistory, Calendars, differing_days
from tracker.timekeeping.lateness import is_late_epoch
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, SourceStatus, SuspensionKind

# States in which nothing is late, whatever the date: not accepted yet, gone, or waiting without a known beginning.
NEVER_LATE = frozenset({SourceStatus.FILED, SourceStatus.DELETED})
# Changed dates that lie this near to each other are looked for together; and no more groups of them than this.
GAP, MOST_STRETCHES = 10, 40
WAITING = frozenset({SourceStatus.AWAITING_SUPPLEMENT, SourceStatus.AWAITING_FEE, SourceStatus.STOPPED})


@dataclass
class Moves:
    """What a plan moves: open dossiers one by one, finished ones as two numbers; `seal` stands for all of it."""

    open: list[Move] = field(default_factory=list)
    would_be_on_time: int = 0
    would_be_late: int = 0
    seal: str = ""


def find_moves(
    session: Session, history: CalendarHistory, plan: Plan, *, units: Mapping[int, int | None], now: datetime
) -> Moves:
    """Everything that the plan moves at `now`; reads some thousand dossiers at a time."""
    finder = _Finder(session, history, plan, now)
    span = _span(history.present, plan.calendars, units)
    moves, seal = Moves(), sha256(repr((plan.ended, plan.begun)).encode())
    for rows in touched(session, span, still_open=True):
        for row, old, new, reason in finder.changed(rows):
            move = _move(row, new, reason, int(now.timestamp()))
            moves.open.append(move)
            seal.update(repr(("open", *move[:4], old)).encode())
    for rows in touched(session, span, still_open=False):
        for row, _, new, _ in finder.changed(rows):
            was, would_be = _is_late_ended(row, row.due_at), _is_late_ended(row, new)
            moves.would_be_on_time += was and not would_be
            moves.would_be_late += would_be and not was
            if was != would_be:
                seal.update(repr(("closed", row.dossier_id, would_be)).encode())
    moves.seal = seal.hexdigest()
    return moves


def _move(row: Touched, new: int | None, reason: str | None, now: int) -> Move:
    return Move(
        row.dossier_id,
        row.resolving_unit_id,
        row.due_at,
        new,
        reason,
        _is_late_open(row, row.due_at, now),
        _is_late_open(row, new, now),
    )


def _is_late_open(row: Touched, due: int | None, now: int) -> bool:
    """Twin of `lateness.classify` for an open dossier, date precision: suspended before the due date is not late."""
    if due is None or row.status in NEVER_LATE or row.received_at > now:
        return False
    if row.suspended_from is None and row.status in WAITING:
        return False
    if row.suspended_from is not None and row.suspended_from < due:
        return False
    return is_late_epoch(due, now)


def _is_late_ended(row: Touched, due: int | None) -> bool:
    return due is not None and row.ended_at is not None and is_late_epoch(due, row.ended_at)


# ---------------------------------------------------------------- which may be touched


def _span(old: Calendars, new: Calendars, units: Mapping[int, int | None]) -> Span:
    pairs = [_Pair(old.get(key), new.get(key)) for key in _used(old) & _used(new)]
    pairs.append(_Pair(old.default, new.default))
    stretches = _stretches(sorted({day for pair in pairs for day in pair.marked}))
    return Span(stretches, _reassigned(old, new, units))


def _stretches(days: Sequence[date]) -> tuple[tuple[int, int], ...]:
    """Dates with less than `GAP` between them as one stretch: the fewer questions, the fewer dossiers in vain."""
    stretches: list[tuple[date, date]] = []
    for day in days:
        if stretches and (day - stretches[-1][1]).days < GAP:
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    if len(stretches) > MOST_STRETCHES:
        stretches = [(stretches[0][0], stretches[-1][1])]
    return tuple((_opening(first), _opening(last) + 86_399) for first, last in stretches)


def _used(calendars: Calendars) -> set[str]:
    return {calendars.default.key, *(assignment.calendar for assignment in calendars.office.assignments)}


def _opening(day: date) -> int:
    return int(datetime.combine(day, time(), VN).timestamp())


def _reassigned(old: Calendars, new: Calendars, units: Mapping[int, int | None]) -> frozenset[int]:
    """The units, with all below them, that may work by another calendar than before."""
    before, after = old.office.assignments, new.office.assignments
    if before == after:
        return frozenset()
    # Where spans overlap the later assignment goes before: a unit that has several may be touched by their order.
    named = [assignment.unit_id for assignment in after]
    own = {assignment.unit_id for assignment in set(before) ^ set(after)}
    own |= {unit_id for unit_id in named if named.count(unit_id) > 1}
    return frozenset(unit_id for unit_id in units if own & set(_upward(unit_id, units)))


def _upward(unit_id: int, units: Mapping[int, int | None]) -> Iterator[int]:
    unit: int | None = unit_id
    for _ in range(len(units)):
        if unit is None:
            return
        yield unit
        unit = units.get(unit)


class _Pair:
    """A calendar before and after, and the dates on which the two differ."""

    def __init__(self, old: WorkingCalendar, new: WorkingCalendar) -> None:
        self.old, self.new = old, new
        self.days = [] if old is new else differing_days(old, new)
        # Another standard working day is another length of every limit counted in minutes.
        self.everywhere = old.day_minutes != new.day_minutes
        self._ordinals = [day.toordinal() for day in self.days]

    @property
    def marked(self) -> list[date]:
        """The dates that may matter: those on which the two differ, or all."""
        if self.everywhere:
            return [self.old.date_of(row) for row in range(self.old.size)]
        return self.days

    def lies_in(self, row: Touched) -> bool:
        """Does the span from reception to due date hold a date on which the two differ?"""
        if row.due_at is None and row.reason != OUT_OF_CALENDAR:
            return False
        if self.everywhere:
            return True
        place = bisect_left(self._ordinals, _ordinal(row.received_at))
        if place == len(self._ordinals):
            return False
        return row.due_at is None or self._ordinals[place] <= _ordinal(row.due_at)


def _ordinal(epoch: int) -> int:
    return EPOCH_ORDINAL + (epoch + VN_OFFSET) // 86_400


# ---------------------------------------------------------------- which do move


class _Finder:
    """Computes documented due dates by the calendars before and after."""

    def __init__(self, session: Session, history: CalendarHistory, plan: Plan, now: datetime) -> None:
        self._writer = BulkWriter(session)
        self._old, self._new = history.present, plan.calendars
        self._book = limit_book(session)
        self._dues = UnitDues(history, self._book, load_policy(), as_of=now)
        self._pairs: dict[tuple[int, int], _Pair] = {}

    def changed(self, rows: Sequence[Touched]) -> list[tuple[Touched, int | None, int | None, str | None]]:
        """(row, due before, due after, why there is none) where the two differ, in the order of the rows."""
        groups: dict[tuple[int, int], list[Touched]] = {}
        for row in rows:
            pair = self._pair(row)
            if pair.lies_in(row):
                groups.setdefault((id(pair.old), id(pair.new)), []).append(row)
        found = [one for key, group in groups.items() for one in self._differing(self._pairs[key], group)]
        return sorted(found, key=lambda one: one[0].dossier_id)

    def _pair(self, row: Touched) -> _Pair:
        unit = working_unit(row.resolving_unit_id, row.receiving_unit_id)
        old = calendar_for(self._old, unit, row.received_at)
        new = calendar_for(self._new, unit, row.received_at)
        key = (id(old), id(new))
        if key not in self._pairs:
            self._pairs[key] = _Pair(old, new)
        return self._pairs[key]

    def _differing(
        self, pair: _Pair, rows: Sequence[Touched]
    ) -> Iterator[tuple[Touched, int | None, int | None, str | None]]:
        told = self._writer.suspensions([row.dossier_id for row in rows])
        pauses = [
            tuple(
                SourceSuspension(SuspensionKind(kind), start, end)
                for kind, start, end in told.get(row.dossier_id, ())
            )
            for row in rows
        ]
        old, _ = self._column(pair.old, rows, pauses)
        new, reasons = self._column(pair.new, rows, pauses)
        for row, before, after, reason in zip(rows, old, new, reasons, strict=True):
            if before != after:
                yield row, before, after, reason

    def _column(
        self,
        calendar: WorkingCalendar,
        rows: Sequence[Touched],
        pauses: Sequence[tuple[SourceSuspension, ...]],
    ) -> tuple[list[int | None], list[str | None]]:
        return self._dues.by(calendar).column(
            [row.procedure for row in rows],
            [self._asked(row) for row in rows],
            [row.received_at for row in rows],
            pauses,
        )

    def _asked(self, row: Touched) -> AskedLimit:
        unit = working_unit(row.resolving_unit_id, row.receiving_unit_id)
        return self._book.asked(row.limit_text, row.channel, row.field_id, unit)
