"""Questions about dossiers that somebody keeps under a name: their own, and those that others of the same role share."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, insert, or_, select, update
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import SavedQuery, User

MOST = 200  # of one account: nobody finds more again


class NewQuery(NamedTuple):
    """A question to be kept; `body` is JSON of what is asked."""

    account_id: int
    name: str
    body: str
    is_shared: bool


class SavedRow(NamedTuple):
    """A kept question with who keeps it."""

    query_id: int
    account_id: int
    owner: str
    role: str
    name: str
    body: str
    is_shared: bool
    created_at: datetime


class Reader(NamedTuple):
    """Who asks for kept questions."""

    account_id: int
    role: str


def add_query(session: Session, new: NewQuery, now: datetime) -> int:
    """Keep a question; its number.

    Raises:
        UsageError: the account keeps one of this name, or too many.
    """
    hold(session, Lock.ACCOUNTS)
    own = _kept().where(SavedQuery.account_id == new.account_id)
    names = [SavedRow._make(row).name for row in session.execute(own)]
    if new.name in names:
        raise UsageError(f"đã có một truy vấn tên “{new.name}”; hãy đặt tên khác hoặc xóa truy vấn cũ")
    if len(names) >= MOST:
        raise UsageError(f"đã lưu {MOST} truy vấn; hãy xóa bớt")
    query_id = next_id(session, SavedQuery.id)
    row = {
        "id": query_id, "account_id": new.account_id, "name": new.name, "body": new.body,
        "is_shared": new.is_shared, "created_at": now,
    }  # fmt: skip
    session.execute(insert(SavedQuery), [row])
    return query_id


def list_queries(session: Session, reader: Reader | None = None) -> list[SavedRow]:
    """What a reader may open, by name; None: what everybody keeps."""
    query = _kept().order_by(SavedQuery.name, SavedQuery.id)
    return [SavedRow._make(row) for row in session.execute(_for(query, reader))]


def find_query(session: Session, query_id: int, reader: Reader | None = None) -> SavedRow | None:
    """One of them; None where there is none that the reader may open."""
    row = session.execute(_for(_kept().where(SavedQuery.id == query_id), reader)).one_or_none()
    return None if row is None else SavedRow._make(row)


def delete_query(session: Session, query_id: int, account_id: int, now: datetime) -> bool:
    """Put a question of one's own away. False: there is none, or it is somebody else's."""
    own = (
        (SavedQuery.id == query_id) & (SavedQuery.account_id == account_id) & SavedQuery.deleted_at.is_(None)
    )
    done: Any = session.execute(update(SavedQuery).where(own).values(deleted_at=now))
    return bool(done.rowcount)


def _kept() -> Select[Any]:
    q = SavedQuery
    columns: Any = (q.id, q.account_id, User.login, User.role, q.name, q.body, q.is_shared, q.created_at)
    query: Select[Any] = select(*columns)
    return query.join(User, User.id == q.account_id).where(q.deleted_at.is_(None))


def _for(query: Select[Any], reader: Reader | None) -> Select[Any]:
    if reader is None:
        return query
    shared = and_(SavedQuery.is_shared.is_(True), User.role == reader.role)
    return query.where(or_(SavedQuery.account_id == reader.account_id, shared))
