"""The desk board: which open dossiers stand under which count, most urgent first. Judges, but writes no SQL.

Candidates come from `tracker.store.board` by index; `lateness.classify` says of each where it belongs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.context import AppContext
from tracker.config_data import intake_minutes
from tracker.store import board
from tracker.store.board import Cursor, OpenDossier, OpenKind, Selection
from tracker.store.session import Session
from tracker.timekeeping.intake import intake_due
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import Facts, Lateness, Limit, State

PAGE = 50
# Counting stops here and says "hơn 10.000": a number nobody works through needs no second second of waiting.
COUNT_CAP = 10_000
# "Due soon" is a few working days; three weeks hold them even across Tết. `classify` decides, this only bounds.
SOON_HORIZON = timedelta(days=21)


class Slot(StrEnum):
    """A count of the board; the value stands in the address."""

    FILED = "cho-tiep-nhan"
    TODAY = "hom-nay"
    SOON = "sap-den-han"
    OVERDUE = "qua-han"
    PAUSED = "tam-dung"


Judge = Callable[[Facts, str], Lateness]


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
    """The verdict of the office's calendar at a moment, on the source's due date."""
    calendar, due_soon, minutes = context.calendar, context.due_soon, intake_minutes()

    def judge(facts: Facts, limit_text: str) -> Lateness:
        limit = parse_limit(limit_text)
        known = replace(
            facts,
            limit=limit if isinstance(limit, Limit) else None,
            intake_due_at=None if facts.received_at else intake_due(facts.filed_at, calendar, minutes),
        )
        return classify(known, calendar, as_of=as_of, due_soon=due_soon)

    return judge


def counts(
    session: Session, judge: Judge, as_of: datetime, unit_ids: frozenset[int] | None
) -> Mapping[Slot, int]:
    """How many dossiers stand under each count; one more than `COUNT_CAP` means "more than that"."""
    return {
        slot: sum(
            _belongs(slot, facts, judge(facts, limit_text), as_of)
            for facts, limit_text in board.open_facts(
                session, _selection(slot, as_of, unit_ids), limit=COUNT_CAP + 1
            )
        )
        for slot in Slot
    }


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
        judged = (Line(dossier, judge(dossier.facts, dossier.limit_text)) for dossier in found)
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
