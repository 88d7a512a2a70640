"""Which dossiers the ledger of apologies has to look at again, and how far it was kept. Put down in the step that changes them."""

import secrets
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import CursorResult, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.store.models import LedgerKept, LedgerStale
from tracker.store.seen import each_once, packed, unpacked

ONLY_ROW = 1
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
    if not isinstance(dossier_ids, np.ndarray):
        dossier_ids = np.fromiter(dossier_ids, dtype=np.int64, count=len(dossier_ids))
    row = {"id": secrets.randbits(BITS), "dossiers": len(dossier_ids), "body": packed(dossier_ids)}
    session.execute(insert(LedgerStale), [row])


@dataclass(frozen=True, slots=True)
class Marked:
    """Marks by their ids, and the dossiers that they mean, in order, each once."""

    marks: tuple[int, ...]
    dossiers: Ids


def marked(session: Session) -> Marked:
    """What has been marked up to this snapshot."""
    rows = session.execute(select(LedgerStale.id, LedgerStale.body)).all()
    parts = [np.frombuffer(unpacked(body), dtype=np.int64) for _, body in rows]
    every = np.concatenate([np.empty(0, dtype=np.int64), *parts])
    return Marked(tuple(number for number, _ in rows), each_once(every))


def is_waiting(session: Session) -> bool:
    """Is there a dossier that the ledger has not looked at since it was changed?"""
    return session.execute(select(LedgerStale.id).limit(1)).first() is not None


def take_back(session: Session, marks: Sequence[int]) -> None:
    """Take marks away: the ledger has looked at their dossiers as the snapshot that showed the marks had them."""
    for start in range(0, len(marks), SLICE):
        session.execute(delete(LedgerStale).where(LedgerStale.id.in_(marks[start : start + SLICE])))


# ---------------------------------------------------------------- how far it was kept


@dataclass(frozen=True, slots=True)
class KeptUntil:
    """For which moment the ledger was last kept, and by what; `stamp` differs after every time that this is written.

    `rules` is `UNKNOWN` where the next run has to look at every dossier, and otherwise says by what it was kept.
    """

    as_of: datetime
    rules: str
    stamp: int


def kept_until(session: Session) -> KeptUntil | None:
    """How far the ledger was kept; None: it never was."""
    row = session.execute(select(LedgerKept.as_of, LedgerKept.rules, LedgerKept.stamp)).first()
    return None if row is None else KeptUntil(*row)


def put_kept(session: Session, *, before: KeptUntil | None, as_of: datetime, rules: str) -> bool:
    """Say how far it was kept, in the transaction that changes it; False if somebody else said so since `before` was read."""
    values = {"as_of": as_of, "rules": rules, "stamp": secrets.randbits(BITS)}
    if before is not None:
        same = update(LedgerKept).where(LedgerKept.id == ONLY_ROW, LedgerKept.stamp == before.stamp)
        done = session.execute(same.values(**values))
    else:
        done = session.execute(_new(session, values).on_conflict_do_nothing(index_elements=[LedgerKept.id]))
    return bool(cast("CursorResult[Any]", done).rowcount)


def forget(session: Session) -> None:
    """From here on nobody knows how far it was kept: the next run looks at every dossier."""
    values = {"as_of": NEVER, "rules": UNKNOWN, "stamp": secrets.randbits(BITS)}
    new = _new(session, values)
    session.execute(new.on_conflict_do_update(index_elements=[LedgerKept.id], set_=values))


def _new(session: Session, values: Mapping[str, Any]) -> Any:
    of_database = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return of_database(LedgerKept).values(id=ONLY_ROW, **values)


# ---------------------------------------------------------------- held against a whole run


@dataclass(frozen=True, slots=True)
class Checked:
    """When a run over everything last looked for what the narrow ones had missed, and how much it found."""

    at: datetime
    missed: int


def put_checked(session: Session, checked: Checked) -> None:
    """Write down what a run over everything found, in its own transaction."""
    session.execute(update(LedgerKept).values(checked_at=checked.at, missed=checked.missed))


def last_check(session: Session) -> Checked | None:
    """The last such run; None: there was none."""
    row = session.execute(select(LedgerKept.checked_at, LedgerKept.missed)).first()
    return None if row is None or row[0] is None else Checked(row[0], row[1])
