"""Which dossiers a batch told of, packed small, and which of the others it should have told of.

Packed, since a province's year of whole exports has to stay within megabytes: the ids in order, each as its distance to
the one before, seven bits to a byte, lowest first; then zlib.
"""

import zlib
from array import array
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, FromClause, Select, case, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.models import Batch, BatchSeen, Telling
from tracker.store.versions import NEVER_COUNTED, is_accepted, known_dossiers, number
from tracker.types.reconciling import SeenBatch

SLICE = 10_000
BITS, LONGEST = 7, 10


def packed(ids: Sequence[int] | NDArray[np.int64]) -> bytes:
    """Dossier ids, in any order and however often told, as `BatchSeen.body`; raises `ValueError` below zero."""
    ordered = each_once(np.asarray(ids, dtype=np.int64))
    if ordered.size and ordered[0] < 0:
        raise ValueError("ids of dossiers are not negative")
    gaps = np.diff(ordered, prepend=np.int64(0)).astype(np.uint64)
    lengths = _lengths(gaps)
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for place in range(LONGEST):
        here = lengths > place
        part = (gaps[here] >> np.uint64(BITS * place)) & np.uint64(0x7F)
        goes_on = (lengths[here] > place + 1).astype(np.uint8) << 7
        out[starts[here] + place] = part.astype(np.uint8) | goes_on
    return zlib.compress(out.tobytes())


def each_once(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids in order, each once; `np.unique` asks a hash table for each, which takes ten times as long (measured)."""
    ordered = np.sort(ids)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if ordered.size else ordered


def unpacked(body: bytes) -> "array[int]":
    """The ids of `packed`, each once, in order."""
    told = np.frombuffer(zlib.decompress(body), dtype=np.uint8)
    found = array("q")
    if told.size:
        ends = np.flatnonzero(told < 0x80)
        starts = np.concatenate(([0], ends[:-1] + 1))
        places = np.arange(told.size) - np.repeat(starts, ends - starts + 1)
        parts = (told & 0x7F).astype(np.uint64) << (places * BITS).astype(np.uint64)
        gaps = np.add.reduceat(parts, starts)
        found.frombytes(np.cumsum(gaps).astype(np.int64).tobytes())
    return found


def _lengths(gaps: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many bytes each distance takes."""
    lengths = np.ones(gaps.size, dtype=np.int64)
    for place in range(1, LONGEST):
        lengths += gaps >= np.uint64(1 << (BITS * place))
    return lengths


# ---------------------------------------------------------------- what batches told of


def batches_of(session: Session, source_id: int, known: datetime | None) -> list[SeenBatch]:
    """The batches of a source whose dossiers are kept, by what was known, the newest first."""
    query = (
        select(
            BatchSeen.batch_id,
            Batch.ingested_at,
            BatchSeen.is_full,
            BatchSeen.dossiers,
            BatchSeen.open_dossiers,
        )
        .join(Batch, Batch.id == BatchSeen.batch_id)
        .where(Batch.source_id == source_id)
        .order_by(BatchSeen.batch_id.desc())
    )
    found = session.execute(query if known is None else query.where(Batch.ingested_at <= known))
    return [SeenBatch(*row) for row in found]


def told_in(session: Session, batch_id: int) -> NDArray[np.int64]:
    """The ids of the dossiers that a batch told of, in order."""
    body = session.scalars(select(BatchSeen.body).where(BatchSeen.batch_id == batch_id)).one()
    return np.frombuffer(unpacked(body), dtype=np.int64)


class Missing(NamedTuple):
    """A dossier that a batch did not tell of; instants in UTC epoch seconds, `batch_id`: which brought its version."""

    dossier_id: int
    batch_id: int
    received_at: int | None
    ended_at: int | None
    is_accepted: bool


def open_untold(
    session: Session, source_id: int | None, told: NDArray[np.int64], known: datetime | None
) -> list[Missing]:
    """Dossiers of a source (None: of all) that are not ended and not among those told."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    tests = (*_told_by(dossiers, source_id), c.ended_at.is_(None), c.end_kind.is_(None))
    (ids,) = _columns(session, select(c.id).select_from(dossiers).where(*tests))
    return _details(session, dossiers, ids[~np.isin(ids, told, assume_unique=True)])


def ended_untold(
    session: Session, source_id: int | None, told: NDArray[np.int64], known: datetime | None
) -> list[Missing]:
    """Ended dossiers of a source (None: of all) that are not among those told, though others received and ended both
    before and after them are; deleted ones left out.
    """
    dossiers = known_dossiers(known)
    c = dossiers.c
    query = select(c.id, number(c.received_at), number(c.ended_at)).select_from(dossiers)
    tests = (c.ended_at.is_not(None), c.received_at.is_not(None), c.end_kind.not_in(NEVER_COUNTED))
    ids, received, ended = _columns(session, query.where(*_told_by(dossiers, source_id), *tests))
    is_told = np.isin(ids, told, assume_unique=True)
    if not is_told.any():
        return []
    within = ~is_told
    for instants in (received, ended):
        within &= (instants >= instants[is_told].min()) & (instants <= instants[is_told].max())
    return _details(session, dossiers, ids[within])


def _told_by(dossiers: FromClause, source_id: int | None) -> list[ColumnElement[bool]]:
    """Does the source tell of it, whether its values stand or another's? Not asked of an index that covers the rest."""
    if source_id is None:
        return []
    c = dossiers.c
    beside = exists().where(Telling.dossier_id == c.id, Telling.source_id == source_id)
    return [or_(c.source_id == source_id, beside)]


def _columns(session: Session, query: Select[Any]) -> list[NDArray[np.int64]]:
    """What a query gives, column by column."""
    result = session.execute(query)
    width = len(result.keys())
    parts = [np.empty((0, width), dtype=np.int64)]
    while rows := result.fetchmany(SLICE):
        values = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)
        parts.append(values.reshape(-1, width))
    return list(np.concatenate(parts).T)


def _details(session: Session, dossiers: FromClause, missing: NDArray[np.int64]) -> list[Missing]:
    c = dossiers.c
    accepted = case((is_accepted(dossiers), 1), else_=0)
    columns = (c.id, c.batch_id, number(c.received_at), number(c.ended_at), accepted)
    found: list[Missing] = []
    for start in range(0, missing.size, SLICE):
        ids = missing[start : start + SLICE].tolist()
        query = select(*columns).select_from(dossiers).where(c.id.in_(ids))
        for dossier_id, batch, received, ended, is_in in session.execute(query):
            found.append(Missing(dossier_id, batch, received, ended, bool(is_in)))
    return found


def told_later(
    session: Session, source_id: int, dossier_ids: Sequence[int], after: int, known: datetime | None
) -> set[int]:
    """Those of these dossiers that the source has told something new of, in whatever way, by a batch after this one."""
    c = known_dossiers(known).c
    found: set[int] = set()
    for start in range(0, len(dossier_ids), SLICE):
        ids = list(dossier_ids[start : start + SLICE])
        own = select(c.id).where(c.id.in_(ids), c.source_id == source_id, c.batch_id > after)
        beside = select(Telling.dossier_id).where(
            Telling.dossier_id.in_(ids), Telling.source_id == source_id, Telling.batch_id > after
        )
        if known is not None:
            beside = beside.where(Telling.known_from <= known)
        found |= set(session.scalars(own)) | set(session.scalars(beside))
    return found


def by_unit(session: Session, dossier_ids: Sequence[int], known: datetime | None) -> dict[int | None, int]:
    """How many of these dossiers each unit resolves."""
    c = known_dossiers(known).c
    found: dict[int | None, int] = {}
    for start in range(0, len(dossier_ids), SLICE):
        ids = list(dossier_ids[start : start + SLICE])
        query = select(c.resolving_unit_id, func.count()).where(c.id.in_(ids)).group_by(c.resolving_unit_id)
        for unit, count in session.execute(query):
            found[unit] = found.get(unit, 0) + count
    return found
