"""What people do about alerts, as rows that are only added: taken on with a day, taken back, assigned; and what they chose.

Who may do so, and what a day may be, decides `notifications/alerts/acting.py`.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import AlertAck, AlertSetting, Assignment, Dossier, User

SLICE = 4_000


class ActedOn(NamedTuple):
    """A dossier that somebody wants to act on; `unit_id`: whose work it is."""

    dossier_id: int
    code: str
    unit_id: int | None
    is_ended: bool


class Deed(NamedTuple):
    """When something was done, by which account, and what was written to it."""

    at: datetime
    by_account: int
    note: str


class AckLine(NamedTuple):
    """One word on a dossier, as its history shows it; `promised_on` None: taken back."""

    promised_on: date | None
    by: str
    at: datetime
    note: str


class AssignmentLine(NamedTuple):
    """One assignment, as the history shows it; `to` empty: taken away."""

    to: str
    by: str
    at: datetime
    note: str


def lock_alerts(session: Session) -> None:
    """Wait for whoever else acts on alerts, to the end of the transaction; a look that goes on sees it or does not."""
    hold(session, Lock.SAID_OF_ALERTS)


def dossier_unit() -> ColumnElement[int | None]:
    """Whose work a dossier is: the resolving unit, where none is told the receiving one."""
    return func.coalesce(Dossier.resolving_unit_id, Dossier.receiving_unit_id)


def dossiers_acted_on(
    session: Session, dossier_ids: Sequence[int], unit_ids: Collection[int] | None
) -> dict[int, ActedOn]:
    """Those of them that are of these units (None = all), by id."""
    query = select(
        Dossier.id,
        Dossier.code,
        dossier_unit(),
        Dossier.ended_at.is_not(None) | Dossier.end_kind.is_not(None),
    )
    if unit_ids is not None:
        query = query.where(dossier_unit().in_(list(unit_ids)))
    return {
        row[0]: ActedOn(*row)
        for start in range(0, len(dossier_ids), SLICE)
        for row in session.execute(query.where(Dossier.id.in_(dossier_ids[start : start + SLICE])))
    }


def add_acks(session: Session, dossier_ids: Sequence[int], promised_on: date | None, deed: Deed) -> None:
    """Somebody takes these dossiers on until that day, or (None) takes the word back."""
    first = next_id(session, AlertAck.id)
    _insert(session, AlertAck, [
        {"id": number, "dossier_id": dossier_id, "promised_on": promised_on, **deed._asdict()}
        for number, dossier_id in enumerate(dossier_ids, first)
    ])  # fmt: skip


def add_assignments(session: Session, dossier_ids: Sequence[int], account_id: int | None, deed: Deed) -> None:
    """These dossiers are the work of this account from here on, or (None) nobody's in particular."""
    first = next_id(session, Assignment.id)
    _insert(session, Assignment, [
        {"id": number, "dossier_id": dossier_id, "account_id": account_id, **deed._asdict()}
        for number, dossier_id in enumerate(dossier_ids, first)
    ])  # fmt: skip


def _insert(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), SLICE):
        session.execute(insert(model), list(rows[start : start + SLICE]))


def acks_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """Every word on a dossier for `dossier_sheet`, with its number last."""
    a = AlertAck
    columns: tuple[Any, ...] = (a.promised_on, func.coalesce(User.full_name, ""), a.at, a.note, a.id)
    return (
        select(*columns)
        .select_from(AlertAck)
        .outerjoin(User, User.id == AlertAck.by_account)
        .where(AlertAck.dossier_id == dossier_id)
    )


def assignments_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """Every assignment of a dossier for `dossier_sheet`, with its number last."""
    giver, taker = aliased(User), aliased(User)
    names: tuple[Any, ...] = (func.coalesce(taker.full_name, ""), func.coalesce(giver.full_name, ""))
    return (
        select(*names, Assignment.at, Assignment.note, Assignment.id)
        .select_from(Assignment)
        .outerjoin(giver, giver.id == Assignment.by_account)
        .outerjoin(taker, taker.id == Assignment.account_id)
        .where(Assignment.dossier_id == dossier_id)
    )


def put_setting(
    session: Session, account_id: int, *, digest_by_mail: bool, urgent_by_mail: bool, digest_at: str, now: datetime
) -> None:  # fmt: skip
    """What a person chose, in the place of what it chose before."""
    chosen = {
        "digest_by_mail": digest_by_mail, "urgent_by_mail": urgent_by_mail, "digest_at": digest_at, "changed_at": now,
    }  # fmt: skip
    done: Any = session.execute(
        update(AlertSetting).where(AlertSetting.account_id == account_id).values(**chosen)
    )
    if not done.rowcount:
        session.execute(insert(AlertSetting).values(account_id=account_id, **chosen))
