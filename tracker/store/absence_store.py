"""Leaves of people: entered, ended, read with both names. Who is told instead says `notifications.alerts.directory`."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, insert, select, update
from sqlalchemy.orm import Session, aliased

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Absence, User


class NewAbsence(NamedTuple):
    """A leave about to be entered; both days included, `delegate_id` None: whoever comes next in the rule."""

    account_id: int
    first_day: date
    last_day: date
    delegate_id: int | None


class AbsenceRow(NamedTuple):
    """A leave as it is kept; names are empty where there is no delegate."""

    absence_id: int
    account_id: int
    first_day: date
    last_day: date
    delegate_id: int | None
    entered_by: str
    entered_at: datetime
    ended_at: datetime | None
    login: str
    full_name: str
    unit_id: int | None
    delegate_login: str
    delegate_name: str


def lock_leaves(session: Session) -> None:
    """Let nobody else enter leaves until the transaction ends; a look that goes on goes by those it has read."""
    hold(session, Lock.SAID_OF_ALERTS)


def absences(
    session: Session, since: date, account_ids: Collection[int] | None = None, *, ended: bool = False
) -> list[AbsenceRow]:
    """Leaves that last to that day at least, of some accounts (None = all), by first day; `ended`: those too."""
    query = _query().where(Absence.last_day >= since)
    if account_ids is not None:
        query = query.where(Absence.account_id.in_(list(account_ids)))
    if not ended:
        query = query.where(Absence.ended_at.is_(None))
    return [_row(row) for row in session.execute(query)]


def find_absence(session: Session, absence_id: int) -> AbsenceRow | None:
    """One leave; None where there is none with this id."""
    row = session.execute(_query().where(Absence.id == absence_id)).one_or_none()
    return _row(row) if row else None


def add_absence(session: Session, new: NewAbsence, *, by: str, at: datetime) -> int:
    """Enter a leave; its id. Call `lock_leaves` before."""
    number = next_id(session, Absence.id)
    values = {"id": number, **new._asdict(), "entered_by": by, "entered_at": at, "ended_at": None}
    session.execute(insert(Absence), [values])
    return number


def end_absence(session: Session, absence_id: int, at: datetime) -> None:
    """From the day of that moment on the person is there again; the days before stay as they were."""
    session.execute(update(Absence).where(Absence.id == absence_id).values(ended_at=at))


def _query() -> Select[Any]:
    a, away, instead = Absence, aliased(User), aliased(User)
    columns: tuple[Any, ...] = (
        a.id, a.account_id, a.first_day, a.last_day, a.delegate_id, a.entered_by, a.entered_at, a.ended_at,
        away.login, away.full_name, away.unit_id, instead.login, instead.full_name,
    )  # fmt: skip
    return (
        select(*columns)
        .join(away, away.id == a.account_id)
        .outerjoin(instead, instead.id == a.delegate_id)
        .order_by(a.first_day, a.id)
    )


def _row(row: Any) -> AbsenceRow:
    found = AbsenceRow._make(row)
    if found.delegate_id is None:
        return found._replace(delegate_login="", delegate_name="")
    return found
