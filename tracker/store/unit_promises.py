"""Words that were given for dossiers that are still open: new dates of letters, and days until which somebody took one on.

Whether a new date was kept or missed decides `letters.path`; here stand those that are still open, by their date.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from tracker.store.alert_acts import dossier_unit
from tracker.store.models import AlertAck, Dossier, Letter, Unit, User
from tracker.store.ready import Ready, as_day, as_moment
from tracker.store.versions import number

LETTER, TAKEN = "letter", "taken"


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


@dataclass(frozen=True, slots=True)
class PromisesAsked:
    """Of which units (None = all): new dates of letters up to a moment, days of who took one on up to a day; so many of each."""

    unit_ids: frozenset[int] | None
    until: datetime
    day: date
    limit: int


class Promises(NamedTuple):
    """Both, the earliest first."""

    letters: tuple[LetterPromise, ...]
    taken_on: tuple[TakenOn, ...]


def promises(session: Session, asked: PromisesAsked) -> Promises:
    """Words that are due, by one question: of letters that no other one followed, and the newest word of each dossier."""
    values = {"until": int(asked.until.timestamp()), "day": asked.day, "most": asked.limit}
    if asked.unit_ids is not None:
        values["units"] = sorted(asked.unit_ids)
    found = _ready(of_all=asked.unit_ids is None).rows(session, values)
    rows = sorted(map(_Word._make, found), key=_order)
    letters = [row for row in rows if row.kind == LETTER]
    taken = [row for row in rows if row.kind == TAKEN][: asked.limit]
    return Promises(
        tuple(LetterPromise(row.subject, row.code, row.unit, _moment(row.at)) for row in letters),
        tuple(TakenOn(row.subject, row.code, row.unit, _day(row.on_day), row.by) for row in taken),
    )


class _Word(NamedTuple):
    """A row as the database gives it: of a letter with its instant (`at`), of who took a dossier on with the day (`on_day`)."""

    kind: str
    word: int
    subject: int
    code: str
    unit: str
    at: int
    on_day: date | str
    by: str


def _order(row: _Word) -> tuple[int, str, int]:
    return row.at or 0, str(row.on_day or ""), row.word


def _moment(epoch: int) -> datetime:
    found = as_moment(epoch)
    assert found is not None
    return found


def _day(value: date | str) -> date:
    found = as_day(value)
    assert found is not None
    return found


@cache
def _ready(*, of_all: bool) -> Ready:
    parts = _letters(of_all=of_all), _taken_on(of_all=of_all)
    return Ready(union_all(*(select(part.subquery()) for part in parts)))


_UNITS: Any = bindparam("units", expanding=True)
_MOST: Any = bindparam("most", type_=Integer)


def _letters(*, of_all: bool) -> Select[Any]:
    later = aliased(Letter)
    is_followed = (
        select(later.id)
        .where(later.dossier_id == Letter.dossier_id, later.seq > Letter.seq, later.state != "void")
        .exists()
    )
    due = number(Letter.new_due_at.expression)
    columns: tuple[Any, ...] = (
        literal_column(f"'{LETTER}'").label("kind"), Letter.id.label("word"), Letter.id.label("subject"), Dossier.code,
        func.coalesce(Unit.name, "").label("unit"), due.label("at"), cast(null(), Date).label("on_day"),
        literal_column("''").label("by"),
    )  # fmt: skip
    query = (
        select(*columns)
        .join(Dossier, Dossier.id == Letter.dossier_id)
        .outerjoin(Unit, Unit.id == Letter.unit_id)
        .where(Letter.promise == "open", Letter.state == "delivered", ~is_followed)
        .where(due <= bindparam("until", type_=BigInteger))
    )
    if not of_all:
        query = query.where(Letter.unit_id.in_(_UNITS))
    return query.order_by(due, Letter.id).limit(_MOST)


def _taken_on(*, of_all: bool) -> Select[Any]:
    columns: tuple[Any, ...] = (
        literal_column(f"'{TAKEN}'").label("kind"), AlertAck.id.label("word"), AlertAck.dossier_id.label("subject"),
        Dossier.code, func.coalesce(Unit.name, "").label("unit"), cast(null(), BigInteger).label("at"),
        AlertAck.promised_on.label("on_day"), func.coalesce(User.full_name, "").label("by"),
    )  # fmt: skip
    # From the words to the dossiers: far more of these are open than anybody took on.
    newest = select(func.max(AlertAck.id).label("id")).group_by(AlertAck.dossier_id).subquery()
    query = (
        select(*columns)
        .select_from(newest)
        .join(AlertAck, AlertAck.id == newest.c.id)
        .join(Dossier, Dossier.id == AlertAck.dossier_id)
        .outerjoin(Unit, Unit.id == dossier_unit())
        .outerjoin(User, User.id == AlertAck.by_account)
        .where(Dossier.ended_at.is_(None), Dossier.end_kind.is_(None))
        .where(AlertAck.promised_on <= bindparam("day", type_=Date))
    )
    if not of_all:
        query = query.where(dossier_unit().in_(_UNITS))
    return query.order_by(AlertAck.promised_on, AlertAck.id).limit(_MOST)
