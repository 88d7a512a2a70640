"""Rejected rows: found, counted, taken in by a later batch, put aside. What they held is never changed."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from tracker.store.kept_files import names_of_paths
from tracker.store.models import Batch, Rejection, Source
from tracker.types.rejections import KeptRejection, RejectionState

SLICE = 5_000
REPLAY = "replay"
IS_OPEN = (Rejection.resolved_batch_id.is_(None), Rejection.closed_at.is_(None))
STATES: Mapping[RejectionState, tuple[Any, ...]] = {
    RejectionState.OPEN: IS_OPEN,
    RejectionState.TAKEN_IN: (Rejection.resolved_batch_id.is_not(None),),
    RejectionState.CLOSED: (Rejection.resolved_batch_id.is_(None), Rejection.closed_at.is_not(None)),
}


class CodeCount(NamedTuple):
    """How many rows were refused for one reason, and how many of them are open."""

    code: str
    total: int
    open: int


def find(session: Session, rejection_id: int) -> KeptRejection | None:
    """One rejected row."""
    return next(iter(of_ids(session, [rejection_id])), None)


def of_ids(session: Session, ids: Sequence[int]) -> list[KeptRejection]:
    """These rejected rows, in order of their numbers."""
    found: list[KeptRejection] = []
    for start in range(0, len(ids), SLICE):
        found += _rows(session, _query().where(Rejection.id.in_(ids[start : start + SLICE])))
    return sorted(found, key=lambda one: one.rejection_id)


def listed(
    session: Session,
    *,
    batch_id: int | None = None,
    state: RejectionState | None = None,
    after: int = 0,
    limit: int | None = None,
) -> list[KeptRejection]:
    """Rejected rows in order of their numbers, of one batch or of all, in one state or in any."""
    query = _query().where(Rejection.id > after)
    if batch_id is not None:
        query = query.where(Rejection.batch_id == batch_id)
    if state is not None:
        query = query.where(*STATES[state])
    return _rows(session, query if limit is None else query.limit(limit))


def count(session: Session, batch_id: int | None, state: RejectionState | None) -> int:
    """How many there are."""
    query = select(func.count()).select_from(Rejection)
    if batch_id is not None:
        query = query.where(Rejection.batch_id == batch_id)
    if state is not None:
        query = query.where(*STATES[state])
    return int(session.scalar(query) or 0)


def count_by_code(session: Session, batch_id: int | None) -> list[CodeCount]:
    """How many rows each reason has cost, the most frequent first."""
    query = select(Rejection.code, func.count(), func.sum(_open_as_one())).group_by(Rejection.code)
    if batch_id is not None:
        query = query.where(Rejection.batch_id == batch_id)
    found = [CodeCount(code, total, int(is_open or 0)) for code, total, is_open in session.execute(query)]
    return sorted(found, key=lambda one: (-one.total, one.code))


def open_by_batch(session: Session, batch_ids: Sequence[int]) -> dict[int, int]:
    """Batch -> how many of its rows are open."""
    query = select(Rejection.batch_id, func.count()).where(Rejection.batch_id.in_(batch_ids), *IS_OPEN)
    return {batch: number for batch, number in session.execute(query.group_by(Rejection.batch_id))}


def open_by_source(session: Session) -> dict[int, int]:
    """Source -> how many of its rows are open."""
    query = (
        select(Batch.source_id, func.count())
        .join(Rejection, Rejection.batch_id == Batch.id)
        .where(*IS_OPEN)
        .group_by(Batch.source_id)
    )
    return {source: number for source, number in session.execute(query)}


def _open_as_one() -> Any:
    return case((Rejection.resolved_batch_id.is_(None) & Rejection.closed_at.is_(None), 1), else_=0)


def _query() -> Any:
    return (
        select(Rejection, Source.key)
        .join(Batch, Batch.id == Rejection.batch_id)
        .join(Source, Source.id == Batch.source_id)
        .order_by(Rejection.id)
    )


def _rows(session: Session, query: Any) -> list[KeptRejection]:
    found = session.execute(query).all()
    names = names_of_paths(session, {row.file for row, _ in found})
    return [_kept(row, source, names.get(row.file, row.file)) for row, source in found]


def _kept(row: Rejection, source: str, file: str) -> KeptRejection:
    return KeptRejection(
        row.id, row.batch_id, source, file, row.sheet, row.row, row.column, row.value, row.code, row.message,
        tuple(json.loads(row.cells or "[]")), tuple(json.loads(row.fields or "[]")), row.resolved_batch_id,
        row.closed_by, row.closed_reason, row.closed_at,
    )  # fmt: skip


# ---------------------------------------------------------------- what becomes of them


def take_in(session: Session, ids: Sequence[int], batch_id: int) -> int:
    """These rows have been taken in by a batch; how many of them were open until now."""
    return _settle(session, ids, {"resolved_batch_id": batch_id})


def close(session: Session, ids: Sequence[int], *, by: str, reason: str, at: datetime) -> int:
    """Somebody puts these rows aside, and says why; how many of them were open until now."""
    return _settle(session, ids, {"closed_by": by, "closed_reason": reason, "closed_at": at})


def _settle(session: Session, ids: Sequence[int], values: Mapping[str, Any]) -> int:
    done = 0
    for start in range(0, len(ids), SLICE):
        part = list(ids[start : start + SLICE])
        change = update(Rejection).where(Rejection.id.in_(part), *IS_OPEN).values(values)
        result: Any = session.execute(change.execution_options(synchronize_session=False))
        done += result.rowcount
    return done


def refused_in(session: Session, batch_id: int) -> list[tuple[int, int]]:
    """(number of the rejection, number of its row) of all rows that a batch refused."""
    query = select(Rejection.id, Rejection.row).where(Rejection.batch_id == batch_id).order_by(Rejection.id)
    return [(number, row) for number, row in session.execute(query)]


def open_among(session: Session, ids: Collection[int]) -> int:
    """How many of these rows are open."""
    numbers = sorted(ids)
    query = select(func.count()).select_from(Rejection)
    parts = [numbers[start : start + SLICE] for start in range(0, len(numbers), SLICE)]
    return sum(int(session.scalar(query.where(Rejection.id.in_(part), *IS_OPEN)) or 0) for part in parts)


def tries_of(session: Session, rejection_id: int) -> list[KeptRejection]:
    """How often a row was fed back and refused again, newest first: rows of such batches are numbered by what they are of."""
    query = _query().where(Batch.origin == REPLAY, Rejection.row == rejection_id)
    return _rows(session, query)[::-1]
