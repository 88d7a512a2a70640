"""Batches and what could not be used of them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id_at
from tracker.store.models import Batch
from tracker.store.models import Rejection as RejectionRow
from tracker.store.partitions import BATCHES
from tracker.store.session import once, tell
from tracker.types import Rejection

FIRST, LAST = "first_known", "last_known"


def open_batch(session: Session, source_id: int, at: datetime, *, origin: str = "file") -> int:
    """A new batch; its id. `origin`: file, push, pull, watched, replay, or join."""
    number = next_id_at(session, Batch.id, BATCHES, at)
    row = {
        "id": number,
        "source_id": source_id,
        "ingested_at": at,
        "files": "[]",
        "counts": "{}",
        "warnings": "[]",
        "origin": origin,
    }
    session.execute(insert(Batch), [row])
    return number


def close_batch(session: Session, batch_id: int, files: str, counts: str, warnings: str = "[]") -> None:
    """Write down what the batch read, what became of it and what was doubtful (JSON texts)."""
    values = {"files": files, "counts": counts, "warnings": warnings}
    session.execute(update(Batch).where(Batch.id == batch_id).values(values))


def first_known(session: Session) -> datetime | None:
    """When the first batch came in: before it nothing was known."""
    return once(session, FIRST, lambda: session.scalar(select(func.min(Batch.ingested_at))))


def last_known(session: Session) -> datetime | None:
    """When the newest batch came in; None: nothing was ever ingested."""
    return once(session, LAST, lambda: session.scalar(select(func.max(Batch.ingested_at))))


def with_first_and_last(query: Select[Any]) -> Select[Any]:
    """A query with two columns more, for `tell_first_and_last`."""
    return query.add_columns(
        *(select(of(Batch.ingested_at)).scalar_subquery() for of in (func.min, func.max))
    )


def tell_first_and_last(session: Session, first: datetime | None, last: datetime | None) -> None:
    """What those two columns said need not be asked for again in this snapshot."""
    tell(session, FIRST, first)
    tell(session, LAST, last)


NOTHING_KNOWN = "chưa có dữ liệu nào được nạp đến thời điểm này"


def anything_known(session: Session, known: datetime | None) -> bool:
    """Had anything been ingested by `known` (None: by now)? Before that figures are unknown, never 0."""
    first = first_known(session)
    return first is not None and (known is None or first <= known)


def rejections(session: Session, batch_id: int | None) -> Sequence[tuple[int, Rejection]]:
    """(batch, rejection) of one batch, or of all; in order of batch, file and row."""
    query = select(RejectionRow).order_by(RejectionRow.id)
    if batch_id is not None:
        query = query.where(RejectionRow.batch_id == batch_id)
    return [
        (
            row.batch_id,
            Rejection(row.file, row.sheet, row.row, row.column, row.value, row.code, row.message),
        )
        for row in session.scalars(query)
    ]


def newest_id(session: Session) -> int:
    """The number of the newest batch; 0 where there is none."""
    return session.scalar(select(func.max(Batch.id))) or 0


def between(session: Session, after: int, before: int) -> int:
    """How many batches lie between two, without these."""
    query = select(func.count()).select_from(Batch).where(Batch.id > after, Batch.id < before)
    return int(session.scalar(query) or 0)


def hashes_of(session: Session, batch_id: int) -> list[str]:
    """What proves the bytes of a batch's files, in their order."""
    told = session.scalars(select(Batch.files).where(Batch.id == batch_id)).one()
    return [each["sha256"] for each in json.loads(told)]


def newest(session: Session) -> tuple[int, dict[str, Any]]:
    """The number of the newest batch and its counts, as they were when it was closed."""
    batch_id, counts = session.execute(
        select(Batch.id, Batch.counts).order_by(Batch.id.desc()).limit(1)
    ).one()
    return batch_id, json.loads(counts)
