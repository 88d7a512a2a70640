"""The desk board: which open dossiers stand under which count, in the order that was asked for. Judges, but writes no SQL.

Candidates come from `tracker.store.board` by index; `lateness.classify` says of each where it belongs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.context import AppContext
from tracker.errors import CalendarError
from tracker.intake_data import load_intake_rules
from tracker.store import board
from tracker.store.board import Cursor, OpenDossier, Order, Selection
from tracker.store.board_counts import CountQuestion, OpenGroup, open_groups
from tracker.store.board_filters import Narrowing
from tracker.store.open_states import OpenState
from tracker.store.session import Session
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.intake import with_intake_due
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Facts, Lateness, Limit, State

PAGE = 50
# A number nobody works through is told as "hơn 10.000".
COUNT_CAP = 10_000
# No more open dossiers are read for the counts; beyond, they say "at least".
READ_AT_MOST = 250_000
# "Due soon" is a few working days; three weeks hold them even across Tết. `classify` decides, this only bounds.
SOON_HORIZON = timedelta(days=21)
A_DAY = timedelta(days=1)
# A list whose verdicts need a calendar looks through candidates, each time through more of them.
FARTHEST_LOOK = 4_000


class Slot(StrEnum):
    """A count of the board; the value stands in the address."""

    FILED = "cho-tiep-nhan"
    TODAY = "hom-nay"
    SOON = "sap-den-han"
    OVERDUE = "qua-han"
    PAUSED = "tam-dung"
    UNACCEPTED = "qua-han-tiep-nhan"
    ON_TRACK = "trong-han"
    NO_DUE = "khong-hen"


@dataclass(frozen=True, slots=True)
class Tile:
    """How a count looks: mark, word, tone, and the title of the list under it; `is_tile`: large, above the list."""

    mark: str
    word: str
    tone: str
    title: str
    is_tile: bool = True


TILES: Mapping[Slot, Tile] = {
    Slot.FILED: Tile("small-circle", "Chờ tiếp nhận", "plain", "Hồ sơ chờ tiếp nhận"),
    Slot.TODAY: Tile("today", "Đến hạn hôm nay", "soon", "Hồ sơ đến hạn hôm nay"),
    Slot.SOON: Tile("half-circle", "Sắp đến hạn", "soon", "Hồ sơ sắp đến hạn"),
    Slot.OVERDUE: Tile("triangle", "Quá hạn", "late", "Hồ sơ quá hạn"),
    Slot.PAUSED: Tile("bars", "Tạm dừng", "paused", "Hồ sơ đang tạm dừng"),
    Slot.UNACCEPTED: Tile("hollow-circle", "Quá hạn tiếp nhận", "late", "Hồ sơ quá hạn tiếp nhận", False),
    Slot.ON_TRACK: Tile("dot", "Trong hạn", "plain", "Hồ sơ còn trong hạn", False),
    Slot.NO_DUE: Tile("dash", "Không có ngày hẹn trả", "plain", "Hồ sơ không có ngày hẹn trả", False),
}
ALL_TITLE = "Việc cần làm, gấp nhất trước"


@dataclass(frozen=True, slots=True)
class Judge:
    """Gives the verdict at a moment by each unit's calendar of today, on the source's due date."""

    calendars: Calendars
    due_soon: DueSoon
    as_of: datetime

    def __call__(self, facts: Facts, limit_text: str, unit_id: int | None) -> Lateness:
        """The verdict; `unit_id`: whose calendar counts."""
        calendar = self._calendar(facts, unit_id)
        told = parse_limit(limit_text)
        limit = told if isinstance(told, Limit) else None
        known = facts if facts.limit is limit else replace(facts, limit=limit)
        if facts.received_at is None:
            known = with_intake_due(known, load_intake_rules(), calendar)
        return classify(known, calendar, as_of=self.as_of, due_soon=self.due_soon)

    def used(self, facts: Facts, unit_id: int | None, verdict: Lateness) -> int | None:
        """How many hundredths of the working time from reception to the due date are used up; None: cannot be said."""
        if facts.received_at is None or facts.due_at is None:
            return None
        if verdict.state is State.OVERDUE:
            return 100
        if verdict.remaining_minutes is None or facts.due_at <= facts.received_at:
            return None
        try:
            whole = self._calendar(facts, unit_id).working_minutes(facts.received_at, facts.due_at)
        except CalendarError:
            return None
        return max(0, min(100, 100 - 100 * verdict.remaining_minutes // whole)) if whole else None

    def near_until(self) -> datetime:
        """Nothing that is due at this moment or later is due soon, by any calendar; and today is over."""
        midnight = self.as_of.replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
        if not self.calendars.is_one:
            return midnight + SOON_HORIZON
        calendar = self.calendars.default
        try:
            enough = calendar.add_minutes(self.as_of, self.due_soon.days * calendar.day_minutes + 1)
        except CalendarError:
            return midnight + SOON_HORIZON
        return max(enough + timedelta(minutes=1), midnight)

    def _calendar(self, facts: Facts, unit_id: int | None) -> WorkingCalendar:
        begun = facts.received_at or facts.filed_at
        return self.calendars.of(unit_id, begun.date() if begun else None)


@dataclass(frozen=True, slots=True)
class Standpoint:
    """An instant and the verdicts of it."""

    at: datetime
    judge: Judge


@dataclass(frozen=True, slots=True)
class Count:
    """How many stand under a count, and how many of these came since the last working day (None: not said). Those that
    left are not in it: an ended dossier is no longer among the open ones. `unaccepted`: for how many of those that wait
    for acceptance the intake time is over. `is_least`: there are more, which were not read.
    """

    total: int
    entered: int | None
    unaccepted: int = 0
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of a board, in the order of `Slot`, and how many letters its units owe, whatever else narrows."""

    each: tuple[Count, ...]
    letters: int

    def __getitem__(self, slot: Slot) -> Count:
        """That of a slot."""
        return self.each[_PLACES[slot]]


_PLACES: Mapping[Slot, int] = {slot: place for place, slot in enumerate(Slot)}


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    """Which open dossiers: under a count (None: all that the clock runs for), of which units, narrowed, in which order."""

    slot: Slot | None = None
    unit_ids: frozenset[int] | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    order: Order = Order.URGENT


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier of the board with its verdict; `used`: hundredths of its working time, None where nobody can say."""

    dossier: OpenDossier
    verdict: Lateness
    used: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the board and where the next one begins (None: it was the last)."""

    lines: tuple[Line, ...]
    next_cursor: Cursor | None


def judge_at(context: AppContext, as_of: datetime, calendars: Calendars | None = None) -> Judge:
    """The verdicts of a moment; `calendars`: those of the store, where they are at hand already."""
    return Judge(calendars or context.calendars.present, context.due_soon, as_of)


def day_before(context: AppContext, as_of: datetime, calendar: WorkingCalendar | None = None) -> datetime:
    """The same time on the working day before: what a Monday's desk compares with is no Sunday."""
    day = (calendar or context.calendar).previous_workday(as_of.date() - A_DAY)
    return datetime.combine(day, as_of.timetz())


# ---------------------------------------------------------------- counts


def counts(session: Session, now: Standpoint, before: Standpoint, asked: BoardQuestion) -> Counts:
    """The counts of the board now, and what came under each since `before`, under the filters of the question."""
    question = CountQuestion(
        _selection(asked, frozenset(OpenState), now.at), before.at, now.judge.near_until(),
        by_unit=not now.judge.calendars.is_one, at_most=READ_AT_MOST, most_owed=COUNT_CAP + 1,
    )  # fmt: skip
    totals = dict.fromkeys(Slot, 0)
    entered = dict.fromkeys(Slot, 0)
    read = 0
    counted = open_groups(session, question)
    for group in counted.groups:
        read += group.dossiers
        for slot, is_new in _places(group, now, before):
            totals[slot] += group.dossiers
            entered[slot] += group.dossiers * is_new
    is_least = read >= READ_AT_MOST
    each = (
        Count(
            totals[slot], None if slot in _UNSAID else entered[slot],
            totals[Slot.UNACCEPTED] if slot is Slot.FILED else 0, is_least,
        )
        for slot in Slot
    )  # fmt: skip
    return Counts(tuple(each), counted.letters)


# What "new since yesterday" would say nothing about.
_UNSAID = frozenset({Slot.TODAY, Slot.ON_TRACK, Slot.NO_DUE, Slot.UNACCEPTED})
_SLOT_OF: Mapping[OpenState, Slot] = {
    OpenState.SUSPENDED: Slot.PAUSED,
    OpenState.NO_DUE: Slot.NO_DUE,
    OpenState.OVERDUE: Slot.OVERDUE,
}


def _places(group: OpenGroup, now: Standpoint, before: Standpoint) -> list[tuple[Slot, bool]]:
    """The counts that a group belongs to, and whether it is new there."""
    if group.state in _SLOT_OF:
        return [(_SLOT_OF[group.state], group.is_new)]
    told = group.facts, group.limit_text, group.unit_id
    if group.state is OpenState.FILED:
        is_over = now.judge(*told).state is State.NOT_ACCEPTED
        return [(Slot.FILED, group.is_new), *([(Slot.UNACCEPTED, False)] if is_over else [])]
    if group.state is OpenState.OTHER:
        return []
    due = group.facts.due_at
    today = [(Slot.TODAY, False)] if due is not None and due.date() == now.at.date() else []
    if due is None or now.judge(*told).state is not State.DUE_SOON:
        return [(Slot.ON_TRACK, False), *today]
    is_new = group.is_new or before.judge(*told).state is not State.DUE_SOON
    return [(Slot.SOON, is_new), *today]


def total_of(counted: Counts, slot: Slot | None) -> Count:
    """How many a list holds: those of its count, or all that the clock runs for."""
    if slot is not None:
        return counted[slot]
    running = [counted[each] for each in (Slot.OVERDUE, Slot.SOON, Slot.ON_TRACK)]
    return Count(sum(each.total for each in running), None, is_least=running[0].is_least)


# ---------------------------------------------------------------- lists


def page(
    session: Session, judge: Judge, asked: BoardQuestion, *, after: Cursor | None, size: int = PAGE
) -> Page:
    """The next `size` dossiers of a list after a cursor."""
    states, due_from, due_until = _reach(asked.slot, judge)
    chosen = replace(
        _selection(asked, states, judge.as_of), order=asked.order, due_from=due_from, due_until=due_until, after=after
    )  # fmt: skip
    lines: list[Line] = []
    look = size + 1
    while len(lines) <= size:
        found = board.open_dossiers(session, chosen, limit=look)
        lines += (line for line in _judged(found, judge) if belongs(asked.slot, line, judge.as_of))
        if len(found) < look:
            break
        chosen = replace(chosen, after=found[-1].cursor)
        look = max(size + 1, min(look * 4, FARTHEST_LOOK))
    more = len(lines) > size
    return Page(tuple(lines[:size]), lines[size - 1].dossier.cursor if more else None)


def picked(
    session: Session, judge: Judge, dossier_ids: list[int], unit_ids: frozenset[int] | None
) -> tuple[Line, ...]:
    """These dossiers as far as they are open and of these units, most urgent first."""
    return tuple(_judged(board.open_by_id(session, dossier_ids, unit_ids), judge))


def _judged(found: list[OpenDossier], judge: Judge) -> list[Line]:
    lines = []
    for one in found:
        verdict = judge(one.facts, one.limit_text, one.working_unit_id)
        lines.append(Line(one, verdict, judge.used(one.facts, one.working_unit_id, verdict)))
    return lines


def _selection(asked: BoardQuestion, states: frozenset[OpenState], as_of: datetime) -> Selection:
    return Selection(as_of, states, asked.unit_ids, asked.narrowing)


def _reach(slot: Slot | None, judge: Judge) -> tuple[frozenset[OpenState], datetime | None, datetime | None]:
    """In which states and between which due dates the dossiers of a list lie; `belongs` decides."""
    today = judge.as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    running = frozenset({OpenState.RUNNING})
    if slot is Slot.TODAY:
        return running, today, today + A_DAY
    if slot is Slot.SOON:
        return running, today, judge.near_until()
    if slot is Slot.ON_TRACK:
        return running, today, None
    return _REACH[slot], None, None


_REACH: Mapping[Slot | None, frozenset[OpenState]] = {
    None: frozenset({OpenState.OVERDUE, OpenState.RUNNING}),
    Slot.FILED: frozenset({OpenState.FILED}),
    Slot.UNACCEPTED: frozenset({OpenState.FILED}),
    Slot.OVERDUE: frozenset({OpenState.OVERDUE}),
    Slot.PAUSED: frozenset({OpenState.SUSPENDED}),
    Slot.NO_DUE: frozenset({OpenState.NO_DUE}),
}
_STATES: Mapping[Slot, frozenset[State]] = {
    Slot.FILED: frozenset({State.FILED, State.NOT_ACCEPTED}),
    Slot.UNACCEPTED: frozenset({State.NOT_ACCEPTED}),
    Slot.SOON: frozenset({State.DUE_SOON}),
    Slot.OVERDUE: frozenset({State.OVERDUE}),
    Slot.PAUSED: frozenset({State.SUSPENDED}),
    Slot.ON_TRACK: frozenset({State.ON_TRACK}),
    Slot.NO_DUE: frozenset({State.NO_DUE}),
}
_RUNNING = frozenset({State.OVERDUE, State.DUE_SOON, State.ON_TRACK})


def belongs(slot: Slot | None, line: Line, as_of: datetime) -> bool:
    """Does a dossier stand in this list?"""
    state, due = line.verdict.state, line.dossier.facts.due_at
    if slot is None:
        return state in _RUNNING
    if slot is Slot.TODAY:
        return due is not None and due.date() == as_of.date() and state in _RUNNING
    return state in _STATES[slot]
