"""Which dossiers the ledger of apologies has to look at again, and how far it was kept. Put down in the step that changes them.

A mark is a row of `batch_seen` under an id below zero (those of batches are above), so that whoever asks for a batch's own
never meets one. The ids are drawn at random: nobody waits for another to write one, and none is ever a second one's.
How far the ledger was kept stands in `finding_look`, beside the row of the findings.
"""

import secrets
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.store.models import BatchSeen, FindingLook
from tracker.store.seen import packed, unpacked

ROW = 2  # of `finding_look`: the first one is that of the findings
BITS = 62
UNKNOWN = ""
"""In the place of what the ledger was kept by: it has to be kept as a whole."""
SLICE = 10_000
NEVER = datetime.fromtimestamp(0, UTC)
Ids = NDArray[np.int64]


class LedgerMarks:
    """The dossiers of one batch that the ledger has to look at again."""

    def __init__(self) -> None:
        self._added: list[range] = []
        self._changed = array("q")
        self._is_everything = False

    def added(self, ids: range) -> None:
        """New dossiers."""
        if ids:
            self._added.append(ids)

    def changed(self, dossier_ids: Iterable[int]) -> None:
        """Dossiers that stand otherwise, or whose suspensions do."""
        self._changed.extend(dossier_ids)

    def everything(self) -> None:
        """Dossiers stand otherwise of which it is not told which."""
        self._is_everything = True

    def write(self, session: Session) -> None:
        """Put the dossiers down in the transaction that changes them."""
        if self._is_everything:
            forget(session)
        parts = [np.arange(ids.start, ids.stop, dtype=np.int64) for ids in self._added]
        mark(session, np.concatenate([*parts, np.array(self._changed, dtype=np.int64)]))
        self._added, self._changed, self._is_everything = [], array("q"), False


def mark(session: Session, dossier_ids: Collection[int] | Ids) -> None:
    """Say that the ledger has to look at these dossiers again, in the transaction that changes what it goes by."""
    if not len(dossier_ids):
        return
    ids = np.fromiter(dossier_ids, dtype=np.int64, count=len(dossier_ids))
    row = {
        "batch_id": -1 - secrets.randbits(BITS),
        "is_full": False,
        "dossiers": len(dossier_ids),
        "open_dossiers": 0,
        "first_received_at": None,
        "last_received_at": None,
        "body": packed(ids.tolist()),
    }
    session.execute(insert(BatchSeen), [row])


@dataclass(frozen=True, slots=True)
class Marked:
    """Marks by their ids, and the dossiers that they mean, in order, each once."""

    marks: tuple[int, ...]
    dossiers: Ids


def marked(session: Session) -> Marked:
    """What has been marked up to this snapshot."""
    rows = session.execute(select(BatchSeen.batch_id, BatchSeen.body).where(BatchSeen.batch_id < 0)).all()
    parts = [np.frombuffer(unpacked(body), dtype=np.int64) for _, body in rows]
    every = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    return Marked(tuple(number for number, _ in rows), np.unique(every))


def is_waiting(session: Session) -> bool:
    """Is there a dossier that the ledger has not looked at since it was changed?"""
    query = select(BatchSeen.batch_id).where(BatchSeen.batch_id < 0).limit(1)
    return session.execute(query).first() is not None


def take_back(session: Session, marks: Sequence[int]) -> None:
    """Take marks away: the ledger has looked at their dossiers as the snapshot that showed the marks had them."""
    for start in range(0, len(marks), SLICE):
        session.execute(delete(BatchSeen).where(BatchSeen.batch_id.in_(marks[start : start + SLICE])))


# ---------------------------------------------------------------- how far it was kept


@dataclass(frozen=True, slots=True)
class KeptUntil:
    """For which moment the ledger was last kept, and by what; `stamp` differs after every time that this is written.

    `by` is `UNKNOWN` where the next run has to look at every dossier, and otherwise says by which rules it was kept.
    """

    as_of: datetime
    by: str
    stamp: int


def kept_until(session: Session) -> KeptUntil | None:
    """How far the ledger was kept; None: it never was."""
    query = select(FindingLook.looked_at, FindingLook.rules, FindingLook.batch_id)
    row = session.execute(query.where(FindingLook.id == ROW)).first()
    return None if row is None else KeptUntil(*row)


def put_kept(session: Session, *, before: KeptUntil | None, as_of: datetime, by: str) -> bool:
    """Say how far it was kept, in the transaction that changes it; False if somebody else said so since `before` was read."""
    values = {"looked_at": as_of, "rules": by, "batch_id": secrets.randbits(BITS)}
    if before is not None:
        same = (FindingLook.id == ROW, FindingLook.batch_id == before.stamp)
        done = session.execute(update(FindingLook).where(*same).values(**values))
    else:
        new = _insert(session)(FindingLook).values(id=ROW, **values)
        done = session.execute(new.on_conflict_do_nothing(index_elements=[FindingLook.id]))
    return bool(done.rowcount)  # type: ignore[attr-defined]


def forget(session: Session) -> None:
    """From here on nobody knows how far it was kept: the next run looks at every dossier."""
    values = {"rules": UNKNOWN, "batch_id": secrets.randbits(BITS)}
    new = _insert(session)(FindingLook).values(id=ROW, looked_at=NEVER, **values)
    session.execute(new.on_conflict_do_update(index_elements=[FindingLook.id], set_=values))


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
