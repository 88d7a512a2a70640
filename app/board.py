"""The desk board: which open dossiers stand under which count, most urgent first. Judges, but writes no SQL.

Candidates come from `tracker.store.board` by index; `lateness.classify` says of each where it belongs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.context import AppContext
from tracker.intake_data import load_intake_rules
from tracker.store import board
from tracker.store.board import Cursor, OpenDossier, OpenKind, Selection
from tracker.store.session import Session
from tracker.timekeeping.intake import with_intake_due
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import Facts, Lateness, Limit, State

PAGE = 50
# Counting stops here and says "hơn 10.000": a number nobody works through needs no second second of waiting.
COUNT_CAP = 10_000
# "Due soon" is a few working days; three weeks hold them even across Tết. `classify` decides, this only bounds.
SOON_HORIZON = timedelta(days=21)
A_DAY = timedelta(days=1)


class Slot(StrEnum):
    """A count of the board; the value stands in the address."""

    FILED = "cho-tiep-nhan"
    TODAY = "hom-nay"
    SOON = "sap-den-han"
    OVERDUE = "qua-han"
    PAUSED = "tam-dung"


@dataclass(frozen=True, slots=True)
class Tile:
    """How a count looks: mark, word, tone, and the title of the list under it."""

    mark: str
    word: str
    tone: str
    title: str


TILES: Mapping[Slot, Tile] = {
    Slot.FILED: Tile("small-circle", "Chờ tiếp nhận", "plain", "Hồ sơ chờ tiếp nhận"),
    Slot.TODAY: Tile("today", "Đến hạn hôm nay", "soon", "Hồ sơ đến hạn hôm nay"),
    Slot.SOON: Tile("half-circle", "Sắp đến hạn", "soon", "Hồ sơ sắp đến hạn"),
    Slot.OVERDUE: Tile("triangle", "Quá hạn", "late", "Hồ sơ quá hạn"),
    Slot.PAUSED: Tile("bars", "Tạm dừng", "paused", "Hồ sơ đang tạm dừng"),
}

Judge = Callable[[Facts, str, int | None], Lateness]  # facts, text of the limit, unit whose calendar counts


@dataclass(frozen=True, slots=True)
class Standpoint:
    """An instant and the verdicts of it."""

    at: datetime
    judge: Judge


@dataclass(frozen=True, slots=True)
class Count:
    """How many stand under a count, one more than `COUNT_CAP` means "more than that"; and how many of these came
    since the last working day (None: not said). Those that left are not in it: an ended dossier is no longer among the open ones.
    `unaccepted`: for how many of those that wait for acceptance the intake time is over.
    """

    total: int
    entered: int | None
    unaccepted: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier of the board with its verdict."""

    dossier: OpenDossier
    verdict: Lateness


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the board and where the next one begins (None: it was the last)."""

    lines: tuple[Line, ...]
    next_cursor: Cursor | None


def judge_at(context: AppContext, as_of: datetime) -> Judge:
    """The verdict at a moment by each unit's calendar of today, on the source's due date."""
    calendars, due_soon, rules = context.calendars.present, context.due_soon, load_intake_rules()

    def judge(facts: Facts, limit_text: str, unit_id: int | None) -> Lateness:
        begun = facts.received_at or facts.filed_at
        calendar = calendars.of(unit_id, begun.date() if begun else None)
        limit = parse_limit(limit_text)
        known = replace(facts, limit=limit if isinstance(limit, Limit) else None)
        if facts.received_at is None:
            known = with_intake_due(known, rules, calendar)
        return classify(known, calendar, as_of=as_of, due_soon=due_soon)

    return judge


def day_before(context: AppContext, as_of: datetime) -> datetime:
    """The same time on the working day before: what a Monday's desk compares with is no Sunday."""
    day = context.calendar.previous_workday(as_of.date() - A_DAY)
    return datetime.combine(day, as_of.timetz())


def counts(
    session: Session, now: Standpoint, before: Standpoint, unit_ids: frozenset[int] | None
) -> Mapping[Slot, Count]:
    """The counts of the board now, and what came under each since `before`."""
    return {slot: _count(slot, session, now, before, unit_ids) for slot in Slot}


def _count(
    slot: Slot, session: Session, now: Standpoint, before: Standpoint, unit_ids: frozenset[int] | None
) -> Count:
    total = entered = unaccepted = 0
    chosen = _selection(slot, now.at, unit_ids)
    for told in board.open_facts(session, chosen, limit=COUNT_CAP + 1):
        verdict = now.judge(*told)
        if _belongs(slot, told[0], verdict, now.at):
            total += 1
            unaccepted += verdict.state is State.NOT_ACCEPTED
            entered += _is_new(slot, told, before)
    return Count(total, None if slot is Slot.TODAY or total > COUNT_CAP else entered, unaccepted)


def _is_new(slot: Slot, told: tuple[Facts, str, int | None], before: Standpoint) -> bool:
    """Did a dossier come under its count since then?"""
    facts, since = told[0], before.at
    if slot is Slot.FILED:
        return facts.filed_at is not None and facts.filed_at > since
    if slot is Slot.PAUSED:
        return any(pause.start > since for pause in facts.suspensions)
    if slot is Slot.OVERDUE and facts.due_at is not None and facts.due_at < since - A_DAY:
        return False  # long overdue: no need to judge it twice
    if facts.received_at is None or facts.received_at > since:
        return True
    return slot in _STATES and before.judge(*told).state not in _STATES[slot]


def page(
    session: Session,
    judge: Judge,
    slot: Slot | None,
    *,
    as_of: datetime,
    unit_ids: frozenset[int] | None,
    after: Cursor | None,
) -> Page:
    """The next 50 dossiers under a count (None: all that the clock runs for), most urgent first."""
    chosen = replace(_selection(slot, as_of, unit_ids), after=after)
    lines: list[Line] = []
    while len(lines) <= PAGE:
        found = board.open_dossiers(session, chosen, limit=PAGE + 1)
        judged = (Line(one, judge(one.facts, one.limit_text, one.working_unit_id)) for one in found)
        lines += [line for line in judged if _belongs(slot, line.dossier.facts, line.verdict, as_of)]
        if len(found) <= PAGE:
            break
        chosen = replace(chosen, after=found[-1].cursor)
    more = len(lines) > PAGE
    return Page(tuple(lines[:PAGE]), lines[PAGE - 1].dossier.cursor if more else None)


def _selection(slot: Slot | None, as_of: datetime, unit_ids: frozenset[int] | None) -> Selection:
    today = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)
    spans: Mapping[Slot | None, Selection] = {
        None: Selection(OpenKind.DUE),
        Slot.FILED: Selection(OpenKind.FILED),
        Slot.TODAY: Selection(OpenKind.DUE, due_from=today, due_until=tomorrow),
        Slot.SOON: Selection(OpenKind.DUE, due_from=today, due_until=tomorrow + SOON_HORIZON),
        Slot.OVERDUE: Selection(OpenKind.DUE, due_until=tomorrow),
        Slot.PAUSED: Selection(OpenKind.SUSPENDED),
    }
    return replace(spans[slot], unit_ids=unit_ids)


_STATES: Mapping[Slot, frozenset[State]] = {
    Slot.FILED: frozenset({State.FILED, State.NOT_ACCEPTED}),
    Slot.SOON: frozenset({State.DUE_SOON}),
    Slot.OVERDUE: frozenset({State.OVERDUE}),
    Slot.PAUSED: frozenset({State.SUSPENDED}),
}
_RUNNING = frozenset({State.OVERDUE, State.DUE_SOON, State.ON_TRACK})


def _belongs(slot: Slot | None, facts: Facts, verdict: Lateness, as_of: datetime) -> bool:
    if slot is None:
        return verdict.state in _RUNNING
    if slot is Slot.TODAY:
        due_today = facts.due_at is not None and facts.due_at.date() == as_of.date()
        return due_today and verdict.state in _RUNNING
    return verdict.state in _STATES[slot]
