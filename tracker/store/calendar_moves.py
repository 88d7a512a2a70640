"""Dossiers that a change of the calendar may touch, read in chunks; and new documented due dates written by the thousand.

Which of them move, and whereto, is decided in `tracker.pipeline.calendar_moves`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Select, and_, func, insert, literal, or_, select
from sqlalchemy.orm import Session

from tracker.store.bulk import BulkWriter
from tracker.store.models import (
    CalendarJournal,
    Dossier,
    DossierRevision,
    Letter,
    LetterStep,
    Procedure,
    Unit,
)
from tracker.store.versions import FINISHING, number

# Rows at a time; SQLite takes up to 32,766 parameters in one statement.
SLICE = 10_000
MARK = "calendar_changed"  # the step of a letter that was written before its dossier's date moved


@dataclass(frozen=True, slots=True)
class Span:
    """Which dossiers may be touched: received before the end of a stretch (first, last) of UTC epoch seconds and due
    from its beginning on; or of a unit that works by another calendar.
    """

    stretches: tuple[tuple[int, int], ...]
    unit_ids: frozenset[int]


class Touched(NamedTuple):
    """What is needed of a dossier to compute its documented due date anew; instants in UTC epoch seconds."""

    dossier_id: int
    procedure: str
    limit_text: str
    channel: str
    field_id: int | None
    received_at: int
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    due_at: int | None
    reason: str | None
    ended_at: int | None
    suspended_from: int | None
    status: str


class Move(NamedTuple):
    """One dossier's documented due date before and after (UTC epoch seconds), and whether it is late by each."""

    dossier_id: int
    unit_id: int | None
    old_due_at: int | None
    new_due_at: int | None
    new_reason: str | None
    was_late: bool
    is_late: bool


T = TypeVar("T")


def _slices(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))


def touched(session: Session, span: Span, *, still_open: bool) -> Iterator[list[Touched]]:
    """Dossiers that may be touched, open ones or finished ones, in the order of their ids, some thousand at a time."""
    d = Dossier
    standing = (
        (d.ended_at.is_(None), d.end_kind.is_(None))
        if still_open
        else (d.ended_at.is_not(None), d.end_kind.in_(FINISHING), d.documented_due_at.is_not(None))
    )
    # Ids first, by the indexes of open and of ended dossiers: a scan of whole rows would read a hundred times as much.
    query = select(d.id).where(*standing, d.received_at.is_not(None), _may_be_touched(span))
    for ids in _slices(sorted(session.scalars(query))):
        yield _rows(session, ids)


def _may_be_touched(span: Span) -> ColumnElement[bool]:
    d = Dossier
    tests: list[ColumnElement[bool]] = []
    received, due = number(d.received_at.expression), number(d.documented_due_at.expression)
    for first, last in span.stretches:
        tests.append(and_(received <= last, or_(due >= first, due.is_(None))))
    if span.unit_ids:
        tests.append(func.coalesce(d.resolving_unit_id, d.receiving_unit_id).in_(span.unit_ids))
    return or_(*tests) if tests else d.id < 0


def _rows(session: Session, ids: Sequence[int]) -> list[Touched]:
    d = Dossier
    query = (
        select(
            d.id,
            func.coalesce(Procedure.code, ""),
            d.limit_text,
            d.channel,
            d.field_id,
            number(d.received_at.expression),
            d.resolving_unit_id,
            d.receiving_unit_id,
            number(d.documented_due_at.expression),
            d.documented_reason,
            number(d.ended_at.expression),
            number(d.suspended_from.expression),
            d.status,
        )
        .outerjoin(Procedure, Procedure.id == d.procedure_id)
        .where(d.id.in_(ids))
        .order_by(d.id)
    )
    return [Touched._make(row) for row in session.execute(query)]


def codes_and_units(session: Session, dossier_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(code, name of the resolving unit) of a few dossiers."""
    query = (
        select(Dossier.id, Dossier.code, func.coalesce(Unit.name, ""))
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .where(Dossier.id.in_(dossier_ids))
    )
    return {dossier_id: (code, unit) for dossier_id, code, unit in session.execute(query)}


def codes_of_units(session: Session, codes: Sequence[str], unit_ids: frozenset[int]) -> frozenset[str]:
    """Which of a few codes belong to dossiers that these units resolve."""
    query = select(Dossier.code).where(Dossier.code.in_(codes), Dossier.resolving_unit_id.in_(unit_ids))
    return frozenset(session.scalars(query))


def unit_names(session: Session) -> dict[int, str]:
    """All units' names."""
    return {unit_id: name for unit_id, name in session.execute(select(Unit.id, Unit.name))}


# ---------------------------------------------------------------- letters


def _letters(ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return Letter.dossier_id.in_(ids), Letter.state != "void"


def count_letters(session: Session, dossier_ids: Sequence[int]) -> int:
    """How many letters, not void, these dossiers have."""
    counts = (
        session.scalar(select(func.count()).select_from(Letter).where(*_letters(ids)))
        for ids in _slices(dossier_ids)
    )
    return sum(count or 0 for count in counts)


def mark_letters(
    session: Session, dossier_ids: Sequence[int], *, change_id: int, actor: str, now: int
) -> None:
    """A step more for each letter, not void, of these dossiers; its state stays. Call within `Lock.REGISTER`."""
    for ids in _slices(dossier_ids):
        last = (
            select(Letter.id, func.coalesce(func.max(LetterStep.seq), 0))
            .outerjoin(LetterStep, LetterStep.letter_id == Letter.id)
            .where(*_letters(ids))
            .group_by(Letter.id)
        )
        steps = [
            {
                "letter_id": letter,
                "seq": seq + 1,
                "step": MARK,
                "at": now,
                "actor": actor,
                "note": str(change_id),
            }
            for letter, seq in session.execute(last)
        ]
        if steps:
            session.execute(insert(LetterStep), steps)


def marked_letters(session: Session, letter_ids: Sequence[int]) -> dict[int, int]:
    """Letters whose dossier's date moved after they were written -> the number of the newest such change."""
    query = (
        select(LetterStep.letter_id, LetterStep.note)
        .where(LetterStep.letter_id.in_(letter_ids), LetterStep.step == MARK)
        .order_by(LetterStep.letter_id, LetterStep.seq)
    )
    return {letter: int(change) for letter, change in session.execute(query)}


def marks_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The same of the letters of one dossier for `dossier_sheet`: letter, number of the step, note."""
    s = LetterStep
    own = select(Letter.id).where(Letter.dossier_id == dossier_id)
    columns: tuple[Any, ...] = (s.letter_id, s.seq, s.note)
    return select(*columns).select_from(s).where(s.letter_id.in_(own), s.step == MARK)


# ---------------------------------------------------------------- writing

JOURNAL = ("change_id", "dossier_id", "at", "old_due_at", "new_due_at", "was_late", "is_late", "reason")
UPDATE = "UPDATE dossier SET documented_due_at = ?, documented_reason = ?, known_from = ? WHERE id = ?"
UPDATE_ALL = (
    "UPDATE dossier SET documented_due_at = s.due, documented_reason = s.reason, known_from = %s"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS s(id, due, reason) WHERE dossier.id = s.id"
)


def write_moves(session: Session, moves: Sequence[Move], *, change_id: int, reason: str, now: int) -> None:
    """New documented due dates with what stood before as revisions, and one journal row each; known from `now` on."""
    writer = BulkWriter(session)
    for part in _slices(moves):
        ids = [move.dossier_id for move in part]
        received = session.execute(select(number(Dossier.received_at.expression)).where(Dossier.id.in_(ids)))
        writer.touched.moved(received.scalars())
        _keep_revisions(session, ids, now)
        _put(session, part, now)
        writer.insert(
            CalendarJournal,
            JOURNAL,
            [
                (change_id, m.dossier_id, now, m.old_due_at, m.new_due_at, m.was_late, m.is_late, reason)
                for m in part
            ],
        )
    writer.touched.write(session, writer.fill, now)


def _keep_revisions(session: Session, ids: Sequence[int], now: int) -> None:
    names = [column.name for column in Dossier.__table__.columns]
    columns: list[Any] = [Dossier.__table__.c[name] for name in names]
    until = literal(now, BigInteger)
    # What was told in this very second was never known apart from what the change makes of it.
    kept = select(*columns, until).where(Dossier.id.in_(ids), number(Dossier.known_from.expression) != now)
    session.execute(insert(DossierRevision).from_select([*names, "known_until"], kept))


def _put(session: Session, part: Sequence[Move], now: int) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        ids, dues, reasons = (
            [getattr(m, name) for m in part] for name in ("dossier_id", "new_due_at", "new_reason")
        )
        connection.exec_driver_sql(UPDATE_ALL, (now, ids, dues, reasons))
        return
    rows = [(m.new_due_at, m.new_reason, now, m.dossier_id) for m in part]
    connection.exec_driver_sql(UPDATE, rows)
