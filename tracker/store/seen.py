"""Which dossiers a batch told of, packed small, and which of the others it should have told of.

Packed, since a province's year of whole exports has to stay within megabytes: the ids in order, each as its distance to
the one before, seven bits to a byte, lowest first; then zlib.
"""

import zlib
from array import array
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, FromClause, case, exists, func, or_, select
from sqlalchemy.orm import Session

from tracker.store.models import Batch, BatchSeen, Telling
from tracker.store.versions import NEVER_COUNTED, is_accepted, known_dossiers, number
from tracker.types.reconciling import SeenBatch

SLICE = 10_000
BITS, LONGEST = 7, 10


class EndedSpan(NamedTuple):
    """Receptions and ends of the ended dossiers that a batch told of; UTC epoch seconds, all included."""

    first_received: int
    last_received: int
    first_ended: int
    last_ended: int


def packed(ids: Sequence[int]) -> bytes:
    """Dossier ids, in any order and however often told, as `BatchSeen.body`; raises `ValueError` below zero."""
    ordered = np.unique(np.asarray(ids, dtype=np.int64))
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
    session: Session, source_id: int, told: NDArray[np.int64], known: datetime | None
) -> list[Missing]:
    """Dossiers of a source that are not ended and not among those told."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    return _untold(
        session, dossiers, told, _told_by(dossiers, source_id), c.ended_at.is_(None), c.end_kind.is_(None)
    )


def ended_untold(
    session: Session, source_id: int, told: NDArray[np.int64], span: EndedSpan, known: datetime | None
) -> list[Missing]:
    """Dossiers of a source received and ended within a span that are not among those told; deleted ones left out."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    within = (
        number(c.ended_at).between(span.first_ended, span.last_ended),
        number(c.received_at).between(span.first_received, span.last_received),
        c.end_kind.not_in(NEVER_COUNTED),
    )
    return _untold(session, dossiers, told, _told_by(dossiers, source_id), *within)


def _told_by(dossiers: FromClause, source_id: int) -> ColumnElement[bool]:
    """Does the source tell of it, whether its values stand or another's?"""
    c = dossiers.c
    beside = exists().where(Telling.dossier_id == c.id, Telling.source_id == source_id)
    return or_(c.source_id == source_id, beside)


def _untold(
    session: Session, dossiers: FromClause, told: NDArray[np.int64], *tests: ColumnElement[bool]
) -> list[Missing]:
    c = dossiers.c
    accepted = case((is_accepted(dossiers), 1), else_=0)
    query = select(c.id, c.batch_id, number(c.received_at), number(c.ended_at), accepted).where(*tests)
    result = session.execute(query.select_from(dossiers))
    found: list[Missing] = []
    while rows := result.fetchmany(SLICE):
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        absent = np.flatnonzero(~np.isin(ids, told, assume_unique=True)).tolist()
        for number_, batch, received, ended, is_in in (rows[at] for at in absent):
            found.append(Missing(number_, batch, received, ended, bool(is_in)))
    return found


def ended_span(session: Session, told: NDArray[np.int64], known: datetime | None) -> EndedSpan | None:
    """Between which receptions and ends the ended dossiers among those told lie; None where none of them is ended."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    received, ended = number(c.received_at), number(c.ended_at)
    figures = (func.min(received), func.max(received), func.min(ended), func.max(ended))
    spans = []
    for start in range(0, told.size, SLICE):
        ids = told[start : start + SLICE].tolist()
        query = select(*figures).select_from(dossiers)
        row = session.execute(query.where(c.id.in_(ids), ended.is_not(None), received.is_not(None))).one()
        if row[0] is not None:
            spans.append(row)
    if not spans:
        return None
    firsts, lasts, first_ends, last_ends = zip(*spans, strict=True)
    return EndedSpan(min(firsts), max(lasts), min(first_ends), max(last_ends))


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
