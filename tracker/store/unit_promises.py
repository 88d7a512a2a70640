"""Words that were given for dossiers that are still open: new dates of letters, and days until which somebody took one on.

Whether a new date was kept or missed decides `letters.path`; here stand those that are still open, by their date.
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from tracker.store.alert_acts import dossier_unit
from tracker.store.models import AlertAck, Dossier, Letter, Unit, User


class LetterPromise(NamedTuple):
    """A delivered letter whose new date comes or has passed while nobody knows of an end."""

    letter_id: int
    code: str
    unit: str
    new_due_at: datetime


class TakenOn(NamedTuple):
    """A dossier that somebody took on until a day that has come or passed; `by`: the account's name."""

    dossier_id: int
    code: str
    unit: str
    promised_on: date
    by: str


def letter_promises(
    session: Session, unit_ids: frozenset[int] | None, until: datetime, *, limit: int
) -> list[LetterPromise]:
    """Open new dates up to a moment, the earliest first; those of letters that another one followed are left out."""
    later = aliased(Letter)
    is_followed = (
        select(later.id)
        .where(later.dossier_id == Letter.dossier_id, later.seq > Letter.seq, later.state != "void")
        .exists()
    )
    query = (
        select(Letter.id, Dossier.code, func.coalesce(Unit.name, ""), Letter.new_due_at)
        .join(Dossier, Dossier.id == Letter.dossier_id)
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .where(Letter.promise == "open", Letter.state == "delivered", Letter.new_due_at <= until, ~is_followed)
        .order_by(Letter.new_due_at, Letter.id)
        .limit(limit)
    )  # fmt: skip
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(sorted(unit_ids)))
    return [LetterPromise._make(row) for row in session.execute(query)]


def taken_on(
    session: Session, unit_ids: frozenset[int] | None, until: date, *, limit: int
) -> list[TakenOn]:  # fmt: skip
    """Open dossiers whose newest word names a day up to that one, the earliest first."""
    newest = select(func.max(AlertAck.id).label("id")).group_by(AlertAck.dossier_id).subquery()
    query = (
        select(AlertAck.dossier_id, Dossier.code, func.coalesce(Unit.name, ""), AlertAck.promised_on, func.coalesce(User.full_name, ""))
        .join(newest, newest.c.id == AlertAck.id)
        .join(Dossier, Dossier.id == AlertAck.dossier_id)
        .outerjoin(Unit, Unit.id == dossier_unit())
        .outerjoin(User, User.id == AlertAck.by_account)
        .where(Dossier.ended_at.is_(None), Dossier.end_kind.is_(None), AlertAck.promised_on <= until)
        .order_by(AlertAck.promised_on, AlertAck.id)
        .limit(limit)
    )  # fmt: skip
    if unit_ids is not None:
        query = query.where(dossier_unit().in_(sorted(unit_ids)))
    return [TakenOn._make(row) for row in session.execute(query)]
