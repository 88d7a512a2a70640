"""What the auditor's list of late dossiers reads: which ones, in order, and what stands beside them. No verdict.

The dossiers themselves are read as the late list reads them (`late_queries`), so that both are judged by the same facts.
"""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, distinct, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.store.late_queries import LateFilter, finished_tests, is_past, passed_before, within
from tracker.store.letter_register import IS_NEWEST, ledger_state, newest
from tracker.store.letter_store import letter_states
from tracker.store.models import DueSeen, Letter, Obligation, Procedure, Unit
from tracker.store.versions import DUE_COLUMNS, is_accepted, known_dossiers, number, open_branches
from tracker.timekeeping import lateness
from tracker.types import Level
from tracker.types.late_cases import CaseLetter, CaseQuestion, CaseSpot, CaseState, LetterWish

CHUNK = 1000
PAUSES_UNKNOWN = "PAUSES_UNKNOWN"
# Flags that the verdict may add to those of the source.
OF_VERDICTS = frozenset(
    {
        lateness.END_FROM_RETURN, lateness.END_MISSING, lateness.END_BEFORE_RECEIVED, lateness.END_EQ_DUE,
        lateness.DUE_MISSING, lateness.DUE_BEFORE_RECEIVED, lateness.RECEIVED_MISSING, lateness.STATUS_LOSSY,
        lateness.STATUS_UNKNOWN, lateness.SUSPENSION_UNDATED, lateness.LATE_AT_WITHDRAWAL, lateness.LATE_BY_766,
        lateness.PRECISIONS_DISAGREE, lateness.OUT_OF_RANGE,
    }
)  # fmt: skip
# Letters that are no longer, and those that reached somebody.
VOID, DELIVERED = "void", "delivered"


class Selected(NamedTuple):
    """A dossier that may be late, by its place in the list, with the flags of its source."""

    spot: CaseSpot
    flags: str


class Beside(NamedTuple):
    """What stands beside a dossier: the words of its catalogue rows, its apology, how many due dates were seen."""

    procedure_code: str
    unit_id: int | None
    level: Level
    receiving_unit: str
    letter: CaseLetter
    reason: str
    fault_unit: str
    dues_seen: int


def selected(
    session: Session, asked: CaseQuestion, chosen: LateFilter, *, after: CaseSpot | None = None
) -> Iterator[Selected]:
    """Dossiers that may be late, streamed in order of the list, after a place in it; `chosen` is the same in numbers."""
    if asked.state in (CaseState.FINISHED, CaseState.ALL) and not (after and after.is_open):
        yield from _streamed(session, _after(_finished(asked, chosen), after), is_open=False)
    if asked.state in (CaseState.OPEN, CaseState.ALL):
        spot = after if after and after.is_open else None
        streams = [_streamed(session, _after(one, spot), is_open=True) for one in _open(asked, chosen)]
        yield from merge(*streams)


def has_procedure(session: Session, code: str) -> bool:
    """Does the catalogue hold a procedure of this code?"""
    return bool(code) and session.scalar(select(Procedure.id).where(Procedure.code == code)) is not None


def count_finished(session: Session, asked: CaseQuestion, chosen: LateFilter, cap: int) -> int:
    """How many ended late, counted to one above `cap`: exact, since nothing about an end depends on suspensions."""
    found = _finished(asked, chosen).query.limit(cap + 1).subquery()
    return int(session.scalar(select(func.count()).select_from(found)) or 0)


def _streamed(session: Session, query: Select[Any], *, is_open: bool) -> Iterator[Selected]:
    found = session.execute(query, execution_options={"yield_per": CHUNK})
    try:
        for rows in found.partitions():
            for dossier_id, at, flags in rows:
                yield Selected(CaseSpot(is_open, at, dossier_id), flags)
    finally:
        found.close()  # of a page that is full, before its end


class _Part(NamedTuple):
    """A part of the list, and by what it is in order."""

    query: Select[Any]
    at: ColumnElement[int]
    dossier_id: ColumnElement[int]


def _finished(asked: CaseQuestion, chosen: LateFilter) -> _Part:
    dossiers = known_dossiers(chosen.known)
    c = dossiers.c
    late = is_past(c[DUE_COLUMNS[chosen.basis]], c.ended_at, chosen.precision)
    tests = [*finished_tests(dossiers, chosen), late, *within(dossiers, chosen), *_wishes(dossiers, asked)]
    if asked.is_hidden:
        tests.append(not_(is_past(c.source_due_at, c.ended_at, chosen.precision)))
    return _part(dossiers, number(c.ended_at), tests)


def _open(asked: CaseQuestion, chosen: LateFilter) -> Iterator[_Part]:
    """Open at as-of with the due date passed: not ended at all, and ended later. Each has an index of its own."""
    dossiers = known_dossiers(chosen.known)
    due = number(dossiers.c[DUE_COLUMNS[chosen.basis]])
    for still_open in open_branches(dossiers, chosen.as_of):
        tests = (
            *still_open,
            due < passed_before(chosen),
            *within(dossiers, chosen),
            *_wishes(dossiers, asked),
        )
        yield _part(dossiers, due, tests)


def _part(dossiers: FromClause, at: ColumnElement[int], tests: Iterable[ColumnElement[bool]]) -> _Part:
    c = dossiers.c
    query = select(c.id, at.label("at"), c.flags).select_from(dossiers).where(is_accepted(dossiers), *tests)
    return _Part(query, at, c.id)


def _after(part: _Part, spot: CaseSpot | None) -> Select[Any]:
    """In order, from the place after this one on."""
    query, at, dossier_id = part
    if spot is not None:
        # The first test by itself goes by the index.
        query = query.where(at >= spot.at, or_(at > spot.at, dossier_id > spot.dossier_id))
    return query.order_by(at, dossier_id)


def _wishes(dossiers: FromClause, asked: CaseQuestion) -> Iterator[ColumnElement[bool]]:
    """What is asked about the dossier itself, beyond units and field."""
    c = dossiers.c
    if asked.procedure is not None:
        yield c.procedure_id.in_(select(Procedure.id).where(Procedure.code == asked.procedure))
    if asked.channel is not None:
        yield c.channel == asked.channel.value
    if asked.is_reason_missing:
        told = exists().where(Obligation.dossier_id == c.id, Obligation.late_reason != "")
        yield and_(c.late_reason == "", ~told)
    if asked.is_hidden:
        yield and_(c.source_due_at.is_not(None), ~c.flags.contains(PAUSES_UNKNOWN))
    if asked.flag is not None and asked.flag not in OF_VERDICTS:
        yield c.flags.contains(asked.flag)  # not yet exact: a longer flag may contain it
    if asked.letter is not LetterWish.ANY:
        yield _letter_wish(c, asked.letter)


def _letter_wish(c: Any, wish: LetterWish) -> ColumnElement[bool]:
    # A bare state would tempt SQLite to search by state, through every letter there is, for each dossier.
    state = func.coalesce(Letter.state, "")
    live = exists().where(Letter.dossier_id == c.id, state != VOID)
    if wish is LetterWish.UNDELIVERED:
        return ~exists().where(Letter.dossier_id == c.id, state == DELIVERED)
    return live if wish is LetterWish.WITH else ~live


# ---------------------------------------------------------------- what stands beside


def beside(session: Session, chosen: LateFilter, dossier_ids: Sequence[int]) -> dict[int, Beside]:
    """What stands beside some thousand dossiers, by their number; letters are those of the present."""
    words = _words(session, chosen, dossier_ids)
    letters = _apologies(session, dossier_ids)
    seen = _dues_seen(session, chosen, dossier_ids)
    without = [dossier_id for dossier_id in dossier_ids if dossier_id not in letters]
    states = letter_states(session, without) if without else {}
    found = {}
    for dossier_id, (procedure, unit_id, level, receiving) in words.items():
        letter, reason, fault_unit = letters.get(dossier_id) or (
            CaseLetter(states.get(dossier_id, "")),
            "",
            "",
        )
        count = seen.get(dossier_id, 0)
        found[dossier_id] = Beside(procedure, unit_id, level, receiving, letter, reason, fault_unit, count)
    return found


def _words(
    session: Session, chosen: LateFilter, dossier_ids: Sequence[int]
) -> dict[int, tuple[str, int | None, Level, str]]:
    dossiers, receiving = known_dossiers(chosen.known), aliased(Unit)
    c = dossiers.c
    query = (
        select(c.id, Procedure.code, Unit.id, Unit.level, receiving.name)
        .select_from(dossiers)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Unit, Unit.id == c.resolving_unit_id)
        .outerjoin(receiving, receiving.id == c.receiving_unit_id)
        .where(c.id.in_(dossier_ids))
    )
    return {
        dossier_id: (code or "", unit_id, Level(level or Level.UNKNOWN), name or "")
        for dossier_id, code, unit_id, level, name in session.execute(query)
    }


def _apologies(session: Session, dossier_ids: Sequence[int]) -> dict[int, tuple[CaseLetter, str, str]]:
    """The apology of each dossier of the ledger, the reason that a person set, the unit that was found at fault."""
    o, fault = Obligation, aliased(Unit)
    query = (
        select(
            o.dossier_id, ledger_state, newest.number, newest.issued_on, newest.new_due_at, newest.promise,
            o.late_reason, fault.name,
        )
        .select_from(o)
        .outerjoin(newest, IS_NEWEST)
        .outerjoin(fault, fault.id == o.fault_unit_id)
        .where(o.dossier_id.in_(dossier_ids))
    )  # fmt: skip
    return {
        dossier_id: (CaseLetter(state, number, issued_on, new_due, promise or ""), reason, unit or "")
        for dossier_id, state, number, issued_on, new_due, promise, reason, unit in session.execute(query)
    }


def _dues_seen(session: Session, chosen: LateFilter, dossier_ids: Sequence[int]) -> dict[int, int]:
    query = select(DueSeen.dossier_id, func.count(distinct(DueSeen.due_at)))
    query = query.where(DueSeen.dossier_id.in_(dossier_ids)).group_by(DueSeen.dossier_id)
    if chosen.known is not None:
        query = query.where(DueSeen.seen_at <= chosen.known)
    return {dossier_id: count for dossier_id, count in session.execute(query)}
