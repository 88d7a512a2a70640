"""Dossiers as arrays for the forecast, read by slices: what ended since a day, what is open, their suspensions, steps and due dates."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Select, case, func, literal, or_, select
from sqlalchemy.orm import Session

from tracker.measures.forecast_history import (
    COLUMNS,
    NEVER,
    DuesSeen,
    History,
    How,
    Ints,
    Pauses,
    Steps,
    beginning,
)
from tracker.store.models import DueSeen, ProgressEvent
from tracker.store.versions import (
    AWAITING,
    FINISHING,
    is_accepted,
    known_dossiers,
    known_suspensions,
    number,
)
from tracker.types import SuspensionKind

SLICE = 50_000
KindOf = Callable[[str], int]
"""The name of a department -> the number of its kind (`forecast_landmarks.STEP_KINDS`), from 1."""


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """What is read: as of a moment, ends since `first` (UTC epoch seconds), what had been loaded by `known`.

    `most`: where more ended than that, only each so many-th of them is read.
    """

    as_of: int
    first: int
    known: datetime | None
    most: int


def read_history(session: Session, asked: HistoryAsked, kind_of: KindOf) -> History:
    """Everything of the dossiers that a forecast may look at. What happened after the moment asked for is left in: `seen_at` hides it."""
    every = max(1, -(-_ended_count(session, asked) // asked.most))
    table = _table(session, _dossiers(asked, every), 10)
    table = table[np.argsort(table[:, 0], kind="stable")]
    ids, waits = table[:, 0], table[:, 9]
    pauses = _pauses(session, asked, ids)
    ended = table[:, 5]
    return History(
        beginning(ended[ended <= asked.as_of], asked.first),
        **{name: table[:, column] for column, name in enumerate(COLUMNS)},
        pauses=_with_waiting(pauses, np.flatnonzero(waits == 1), asked.as_of),
        steps=_steps(session, asked, ids, kind_of),
        dues=_dues(session, asked, ids),
        every=every,
    )


def _ended_count(session: Session, asked: HistoryAsked) -> int:
    c = known_dossiers(asked.known).c
    query = select(func.count()).where(number(c.ended_at) >= asked.first, number(c.ended_at) <= asked.as_of)
    return int(session.scalar(query) or 0)


def _dossiers(asked: HistoryAsked, every: int) -> Select[Any]:
    """Whole numbers alone, in the order of `History`, and whether the source says that it waits."""
    dossiers = known_dossiers(asked.known)
    c = dossiers.c
    ended = number(c.ended_at)
    is_open = (c.ended_at.is_(None)) & (c.end_kind.is_(None))
    how = case(
        (c.ended_at.is_(None), How.OPEN.value), (c.end_kind.in_(FINISHING), How.RESULT.value), else_=How.WITHDRAWN.value
    )  # fmt: skip
    taken = or_(ended > asked.as_of, c.id % every == 0) if every > 1 else literal(True)
    waits = case((is_open & c.status.in_(AWAITING), 1), else_=0)
    due = func.coalesce(number(c.source_due_at), NEVER)
    return (
        select(
            c.id, func.coalesce(c.resolving_unit_id, 0), func.coalesce(c.field_id, 0), func.coalesce(c.procedure_id, 0),
            number(c.received_at), func.coalesce(ended, NEVER), how, due,
            func.coalesce(number(c.promised_at), due), waits,
        )
        .select_from(dossiers)
        .where(is_accepted(dossiers), number(c.received_at) <= asked.as_of)
        .where(or_(is_open, (ended >= asked.first) & taken))
    )  # fmt: skip


def _with_waiting(pauses: Pauses, rows: Ints, as_of: int) -> Pauses:
    """Sources that say "waiting" without a date are taken at their word, for the moment asked for only."""
    standing = pauses.row[(pauses.start <= as_of) & (pauses.end > as_of)]
    more = np.setdiff1d(rows, standing)
    start, end = np.full(len(more), as_of), np.full(len(more), NEVER)
    return Pauses(
        np.concatenate([pauses.row, more]),
        np.concatenate([pauses.start, start]),
        np.concatenate([pauses.end, end]),
    )


def _pauses(session: Session, asked: HistoryAsked, ids: Ints) -> Pauses:
    s = known_suspensions(asked.known).c
    columns: tuple[Any, ...] = (s.dossier_id, number(s.start_at), func.coalesce(number(s.end_at), NEVER))
    query: Select[Any] = select(*columns).where(
        s.kind != SuspensionKind.NONE.value, number(s.start_at) <= asked.as_of
    )
    row, (start, end) = _belonging(_table(session, query, 3), ids)
    return Pauses(row, start, end)


def _steps(session: Session, asked: HistoryAsked, ids: Ints, kind_of: KindOf) -> Steps:
    """In the order of dossier and time."""
    p = ProgressEvent
    columns: tuple[Any, ...] = (
        p.dossier_id, number(p.at.expression), func.coalesce(number(p.step_due_at.expression), NEVER), p.department
    )  # fmt: skip
    query: Select[Any] = select(*columns).where(number(p.at.expression) <= asked.as_of)  # fmt: skip
    if asked.known is not None:
        query = query.where(p.known_from <= asked.known)
    kinds: dict[str, int] = {}

    def coded(rows: Sequence[Sequence[Any]]) -> list[tuple[int, ...]]:
        for row in rows:
            if row[3] not in kinds:
                kinds[row[3]] = kind_of(row[3])
        return [(*row[:3], kinds[row[3]]) for row in rows]

    table = _table(session, query, 4, coded)
    row, (at, due, kind) = _belonging(table[np.lexsort((table[:, 1], table[:, 0]))], ids)
    return Steps(row, at, kind, due)


def _dues(session: Session, asked: HistoryAsked, ids: Ints) -> DuesSeen:
    """The due dates of dossiers of which several were seen, in the order in which they were."""
    d = DueSeen
    moved = select(d.dossier_id).where(d.kind == "source", d.seq >= 1)
    columns: tuple[Any, ...] = (
        d.dossier_id, number(d.seen_at.expression), func.coalesce(number(d.due_at.expression), NEVER)
    )  # fmt: skip
    query: Select[Any] = select(*columns).where(d.kind == "source", d.dossier_id.in_(moved))
    if asked.known is not None:
        query = query.where(d.seen_at <= asked.known)
    table = _table(session, query.order_by(d.dossier_id, d.seq), 3)
    row, (seen_at, due) = _belonging(table, ids)
    several = np.bincount(row, minlength=len(ids))[row] > 1
    return DuesSeen(row[several], seen_at[several], due[several])


def _belonging(table: Ints, ids: Ints) -> tuple[Ints, tuple[Ints, ...]]:
    """Rows of dossiers that were read: their places, and the other columns."""
    if not len(ids):
        table = table[:0]
    place = np.minimum(np.searchsorted(ids, table[:, 0]), max(len(ids) - 1, 0))
    kept = ids[place] == table[:, 0] if len(table) else np.zeros(0, dtype=np.bool_)
    return place[kept], tuple(table[kept, column] for column in range(1, table.shape[1]))


def _table(
    session: Session,
    query: Select[Any],
    width: int,
    coded: Callable[[Sequence[Sequence[Any]]], Sequence[Sequence[int]]] | None = None,
) -> Ints:
    """The rows of a query of whole numbers, taken by slices; `coded` makes numbers of what is none."""
    parts = [
        np.array(coded(rows) if coded else rows, dtype=np.int64).reshape(-1, width)
        for rows in _slices(session, query)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, width), dtype=np.int64)


def _slices(session: Session, query: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """By slices, so that neither the server's client nor we hold all rows at once."""
    result = session.connection().execute(query, execution_options={"yield_per": SLICE})
    yield from result.partitions()
