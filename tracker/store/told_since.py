"""Which dossiers a source has told of since an earlier batch, and which of their columns anybody has told by now."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store import seen, tellings
from tracker.store.models import Batch, Dossier, DossierRevision, Rejection, Telling
from tracker.store.source_told import kept_as

SLICE = 5_000
REPLAY = "replay"


class Asked(NamedTuple):
    """A row of an earlier batch: its number, its code, its batch."""

    number: int
    code: str
    batch_id: int


class _Standing(NamedTuple):
    """A stored dossier: the batch that told what stands, and the bits of the columns that were told."""

    dossier_id: int
    batch_id: int
    told: int


def told_since(session: Session, source: str, asked: Sequence[Asked]) -> dict[int, int]:
    """Number of a row -> bits of the columns told of its dossier, if its source has told of that since the row's batch."""
    source_id = tellings.find_source(session, source)
    if source_id is None or not asked:
        return {}
    codes = sorted({one.code for one in asked if one.code})
    kept = kept_as(session, source_id, codes)
    standing = _standing(session, source_id, sorted(set(kept.values())))
    found: dict[int, int] = {}
    rest: list[tuple[Asked, _Standing]] = []
    for one in asked:
        dossier = standing.get(kept.get(one.code, ""))
        if dossier is not None and dossier.batch_id > one.batch_id:
            found[one.number] = dossier.told
        elif dossier is not None:
            rest.append((one, dossier))
    return found | _seen_since(session, source_id, rest)


def _seen_since(session: Session, source_id: int, rest: Sequence[tuple[Asked, _Standing]]) -> dict[int, int]:
    """The same of dossiers that later files told of without changing anything."""
    oldest = min((one.batch_id for one, _ in rest), default=0)
    later = [each.batch_id for each in seen.batches_of(session, source_id, None) if each.batch_id > oldest]
    found: dict[int, int] = {}
    for batch_id in later if rest else ():
        told = seen.told_in(session, batch_id)
        ids = np.array([dossier.dossier_id for _, dossier in rest], dtype=np.int64)
        for at in np.flatnonzero(np.isin(ids, told)).tolist():
            one, dossier = rest[at]
            if batch_id > one.batch_id:
                found[one.number] = dossier.told
    return found


def _standing(session: Session, source_id: int, codes: Sequence[str]) -> dict[str, _Standing]:
    """Code -> the dossier, with the batch in which this source last told something new of it."""
    found: dict[str, _Standing] = {}
    for start in range(0, len(codes), SLICE):
        part = list(codes[start : start + SLICE])
        rows = session.execute(
            select(
                Dossier.code, Dossier.id, Dossier.source_id, Dossier.batch_id, Dossier.row_no, Dossier.row_hash,
                Dossier.told,
            ).where(Dossier.code.in_(part))
        ).all()  # fmt: skip
        own = [row for row in rows if row.source_id == source_id]
        first = _first_told(session, own)
        beside = _told_beside(session, source_id, [row.id for row in rows if row.source_id != source_id])
        for row in rows:
            told = (first | beside).get(row.id)
            if told is not None:
                found[row.code] = _Standing(row.id, _basis(session, *told), row.told)
    return found


def _first_told(session: Session, rows: Sequence[Any]) -> dict[int, tuple[int, int]]:
    """Dossier -> batch and row in which what stands was told: events that came later tell no dossier anew."""
    ids = [row.id for row in rows]
    query = (
        select(DossierRevision.id, DossierRevision.row_hash, DossierRevision.batch_id, DossierRevision.row_no)
        .where(DossierRevision.id.in_(ids))
        .order_by(DossierRevision.id, DossierRevision.known_from.desc())
    )
    earlier: dict[int, list[tuple[bytes, int, int]]] = {}
    for number, digest, batch, row_no in session.execute(query):
        earlier.setdefault(number, []).append((bytes(digest), batch, row_no))
    found = {}
    for row in rows:
        stands = bytes(row.row_hash)
        batch, row_no = row.batch_id, row.row_no
        for digest, *place in earlier.get(row.id, ()):
            if digest != stands:
                break
            batch, row_no = place
        found[row.id] = (batch, row_no)
    return found


def _told_beside(session: Session, source_id: int, ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The same of dossiers whose values are another source's."""
    query = select(Telling.dossier_id, Telling.batch_id, Telling.row_no)
    rows = session.execute(query.where(Telling.dossier_id.in_(ids), Telling.source_id == source_id))
    return {number: (batch, row_no) for number, batch, row_no in rows}


def _basis(session: Session, batch_id: int, row_no: int) -> int:
    """The batch that a telling is of: of a row that was fed back, the one that first brought it."""
    origin = session.scalar(select(Batch.origin).where(Batch.id == batch_id))
    if origin != REPLAY:
        return batch_id
    # Rows that are fed back are numbered by their rejections.
    return session.scalar(select(Rejection.batch_id).where(Rejection.id == row_no)) or batch_id
