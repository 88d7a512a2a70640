"""Alerts as pages show them: those of one account by state and filter, all of one subject, looks and what came of them.

Gives no verdict: how late a dossier is today says the judgement, of the rows of a page (`alert_candidates.rows_of`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from tracker.store.alert_acts import dossier_unit
from tracker.store.alert_standing import BY_DUE_DATE, DOSSIER, LETTER, stands
from tracker.store.models import Alert, AlertRun, AlertTold, Dossier, Letter, OutboxMessage, Procedure, User
from tracker.store.versions import number
from tracker.types import Basis

# Behind everything that has a due date.
WITHOUT_DUE = 2**62


class Stand(StrEnum):
    """Where an alert stands for whoever was told of it; the value stands in the address."""

    OPEN = "can-xu-ly"
    HELD = "da-nhan"  # somebody took the dossier on, and the day has not come
    GONE = "da-qua"


class Cursor(NamedTuple):
    """Where a page ended: rank, due date (epoch seconds), id."""

    rank: int
    due_at: int
    alert_id: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose alerts, and which of them. `unit_ids`: of dossiers and letters of these units, and those that the account gets
    instead of somebody else; `inside`: only of these (a unit that was asked for). `of_program`: no dossiers and letters.
    """

    account_id: int
    basis: Basis
    day: date
    stand: Stand = Stand.OPEN
    measure: str = ""
    unit_ids: frozenset[int] | None = None
    inside: frozenset[int] | None = None
    of_program: bool = False


class AlertRow(NamedTuple):
    """One alert as it was told to an account. `unit_id`: whose work it is now; `code`, `procedure`: of its dossier."""

    alert_id: int
    subject_kind: str
    subject_id: int
    measure: str
    threshold: int
    version: int
    day: date
    due_at: datetime | None
    measured: int
    rank: int
    reason: str
    rule_id: int | None
    detail: str
    why: str
    instead_of: str
    dossier_id: int | None
    code: str
    procedure: str
    unit_id: int | None
    resolving_unit_id: int | None
    stands: bool
    letter_state: str

    @property
    def cursor(self) -> Cursor:
        """Where a page that ends with it goes on."""
        due = WITHOUT_DUE if self.due_at is None else int(self.due_at.timestamp())
        return Cursor(self.rank, due, self.alert_id)


def alert_rows(session: Session, chosen: Chosen, *, after: Cursor | None, limit: int) -> list[AlertRow]:
    """One page, the worst first."""
    query = _chosen(_rows(chosen.basis, chosen.day), chosen).order_by(
        Alert.rank.desc(), _due_order(), Alert.id
    )
    if after is not None:
        query = query.where(_comes_after(after))
    return [AlertRow(*row) for row in session.execute(query.limit(limit))]


def alert_count(session: Session, chosen: Chosen, *, cap: int) -> int:
    """How many there are, counted no further than `cap`."""
    listed = _chosen(_joined(select(Alert.id)), chosen).limit(cap).subquery()
    return int(session.scalar(select(func.count()).select_from(listed)) or 0)


def open_count(basis: Basis, *, scope: Any, inside: Any) -> Select[Any]:
    """Open alerts as `alert_count` counts them, as a query with parameters: `account_id`, `day`, `cap`, and the units of
    `scope` and `inside`, each a parameter that expands or None for all.
    """
    account_id: Any = bindparam("account_id", type_=BigInteger)
    day: Any = bindparam("day", type_=Date)
    chosen = Chosen(account_id, basis, day, unit_ids=scope, inside=inside)
    return _chosen(_joined(select(Alert.id)), chosen).limit(bindparam("cap", type_=Integer))


def dossiers_chosen(session: Session, chosen: Chosen, *, limit: int) -> list[int]:
    """The dossiers of the list, in its order, each once."""
    query = _chosen(_joined(select(Alert.subject_id)), chosen).where(Alert.subject_kind == DOSSIER)
    query = query.order_by(Alert.rank.desc(), _due_order(), Alert.id).limit(limit)
    return list(dict.fromkeys(session.scalars(query)))


def measures_told(session: Session, account_id: int) -> frozenset[str]:
    """What kinds of alerts an account was ever told of."""
    query = select(Alert.measure).join(AlertTold, AlertTold.alert_id == Alert.id)
    return frozenset(session.scalars(query.where(AlertTold.account_id == account_id).distinct()))


# ---------------------------------------------------------------- the own ones


def _rows(basis: Basis, day: date) -> Select[Any]:
    stood_in_for = aliased(User)
    a = Alert
    columns: tuple[Any, ...] = (
        a.id, a.subject_kind, a.subject_id, a.measure, a.threshold, a.version, a.day, a.due_at, a.measured, a.rank, a.reason,
        a.rule_id, a.detail, AlertTold.why, func.coalesce(stood_in_for.full_name, ""), Dossier.id,
        func.coalesce(Dossier.code, ""), func.coalesce(Procedure.name, ""), _unit_now(),
        Dossier.resolving_unit_id, stands(basis, day), func.coalesce(Letter.state, ""),
    )  # fmt: skip
    query = _joined(select(*columns)).outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
    return query.outerjoin(stood_in_for, stood_in_for.id == AlertTold.instead_of)


def _joined(query: Select[Any]) -> Select[Any]:
    """With who was told, and the dossier that it is about, be it by its letter."""
    of_letter = and_(Alert.subject_kind == LETTER, Letter.id == Alert.subject_id)
    its_dossier = case((Alert.subject_kind == DOSSIER, Alert.subject_id), else_=Letter.dossier_id)
    return (
        query.select_from(Alert)
        .join(AlertTold, AlertTold.alert_id == Alert.id)
        .outerjoin(Letter, of_letter)
        .outerjoin(Dossier, Dossier.id == its_dossier)
    )


def _unit_now() -> ColumnElement[int | None]:
    """Whose it is: the unit that owes the letter, whose work the dossier is now, else as it was claimed."""
    return case(
        (Alert.subject_kind == LETTER, Letter.unit_id), else_=func.coalesce(dossier_unit(), Alert.unit_id)
    )


def _chosen(query: Select[Any], chosen: Chosen) -> Select[Any]:
    query = query.where(
        AlertTold.account_id == chosen.account_id,
        _in_sight(chosen),
        ~_overtaken_for(chosen.account_id),
        _stand(chosen),
    )
    if chosen.measure:
        query = query.where(Alert.measure == chosen.measure)
    if chosen.inside is not None:
        query = query.where(_unit_now().in_(chosen.inside))
    return query


def _in_sight(chosen: Chosen) -> ColumnElement[bool]:
    """What the account may still see: who went to another unit does not see the dossiers of the old one."""
    of_program = Alert.subject_kind.not_in((DOSSIER, LETTER))
    if chosen.of_program:
        return of_program
    if chosen.unit_ids is None:
        return true()
    is_own = _unit_now().in_(chosen.unit_ids)
    return or_(of_program, AlertTold.instead_of.is_not(None), is_own)


@lru_cache(500)
def _overtaken_for(account_id: int) -> ColumnElement[bool]:
    """The account was told of a higher rung of the same ladder: one dossier is one row."""
    higher, told = aliased(Alert), aliased(AlertTold)
    same_ladder = or_(
        higher.measure == Alert.measure, and_(higher.measure.in_(BY_DUE_DATE), Alert.measure.in_(BY_DUE_DATE))
    )
    return exists().where(
        higher.subject_kind == Alert.subject_kind, higher.subject_id == Alert.subject_id,
        higher.version == Alert.version, same_ladder, higher.rank > Alert.rank,
        told.alert_id == higher.id, told.account_id == account_id,
    )  # fmt: skip


def _stand(chosen: Chosen) -> ColumnElement[bool]:
    now = stands(chosen.basis, chosen.day)
    if chosen.stand is Stand.OPEN:
        return now
    whatever_was_promised = stands(chosen.basis, date.max)
    if chosen.stand is Stand.HELD:
        return and_(whatever_was_promised, ~now)
    return ~whatever_was_promised


def _due_order() -> ColumnElement[int]:
    return func.coalesce(number(Alert.due_at.expression), WITHOUT_DUE)


def _comes_after(cursor: Cursor) -> ColumnElement[bool]:
    due = _due_order()
    return or_(
        Alert.rank < cursor.rank,
        and_(Alert.rank == cursor.rank, due > cursor.due_at),
        and_(Alert.rank == cursor.rank, due == cursor.due_at, Alert.id > cursor.alert_id),
    )


# ---------------------------------------------------------------- one subject


class Claimed(NamedTuple):
    """One claim of a subject. `run_at`: when it was looked at; `is_urgent`: it was told at once."""

    alert_id: int
    subject_kind: str
    subject_id: int
    measure: str
    threshold: int
    version: int
    day: date
    due_at: datetime | None
    measured: int
    fate: str
    reason: str
    rule_id: int | None
    unit_id: int | None
    detail: str
    run_at: datetime


class ToldRow(NamedTuple):
    """One person who is told of a claim; states are those of the messages, empty where there is none yet."""

    alert_id: int
    account_id: int
    full_name: str
    why: str
    instead_of: str
    is_urgent: bool
    by_mail: bool
    dropped: str
    in_app_state: str
    in_app_at: datetime | None
    mail_state: str
    mail_at: datetime | None


def find_alert(session: Session, alert_id: int) -> Claimed | None:
    """One claim; None where there is none."""
    row = session.execute(_claims().where(Alert.id == alert_id)).one_or_none()
    return None if row is None else Claimed(*row)


def is_standing(session: Session, alert_id: int, basis: Basis, day: date) -> bool:
    """Is what it says still so?"""
    return session.scalar(select(Alert.id).where(Alert.id == alert_id, stands(basis, day))) is not None


def ladder_of(session: Session, kind: str, subject_id: int) -> list[Claimed]:
    """All that was claimed of a subject, the newest first, of one look the worst first."""
    query = _claims().where(Alert.subject_kind == kind, Alert.subject_id == subject_id)
    ordered = query.order_by(Alert.run_id.desc(), Alert.rank.desc(), Alert.id.desc())
    return [Claimed(*row) for row in session.execute(ordered)]


def ladder_query(kind: str, subject_id: ColumnElement[int]) -> Select[Any]:
    """The same for `dossier_sheet`; the last two columns are the look and the rank."""
    query = _claims().where(Alert.subject_kind == kind, Alert.subject_id == subject_id)
    return query.add_columns(Alert.run_id, Alert.rank)


def _claims() -> Select[Any]:
    a = Alert
    columns: tuple[Any, ...] = (
        a.id, a.subject_kind, a.subject_id, a.measure, a.threshold, a.version, a.day, a.due_at, a.measured, a.fate, a.reason,
        a.rule_id, a.unit_id, a.detail, AlertRun.at,
    )  # fmt: skip
    return select(*columns).select_from(a).join(AlertRun, AlertRun.id == a.run_id)


def told_of(session: Session, alert_ids: Sequence[int]) -> list[ToldRow]:
    """Who is told of these claims, by name, and what became of the messages."""
    if not alert_ids:
        return []
    query = _told().where(AlertTold.alert_id.in_(list(alert_ids)))
    found = session.execute(query.order_by(AlertTold.alert_id.desc(), User.full_name, User.id))
    return [ToldRow(*row) for row in found]


def told_query(kind: str, subject_id: ColumnElement[int]) -> Select[Any]:
    """Who is told of all the claims of a subject, for `dossier_sheet`."""
    claims = select(Alert.id).where(Alert.subject_kind == kind, Alert.subject_id == subject_id)
    return _told().where(AlertTold.alert_id.in_(claims))


def _told() -> Select[Any]:
    t, stood_in_for = AlertTold, aliased(User)
    in_app, mail = aliased(OutboxMessage), aliased(OutboxMessage)
    columns: tuple[Any, ...] = (
        t.alert_id, t.account_id, User.full_name, t.why, func.coalesce(stood_in_for.full_name, ""), t.is_urgent, t.by_mail,
        t.dropped, func.coalesce(in_app.state, ""), in_app.sent_at, func.coalesce(mail.state, ""), mail.sent_at,
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(t)
        .join(User, User.id == t.account_id)
        .outerjoin(stood_in_for, stood_in_for.id == t.instead_of)
        .outerjoin(in_app, in_app.id == t.in_app_id)
        .outerjoin(mail, mail.id == t.mail_id)
    )


class SubjectRow(NamedTuple):
    """The dossier of an alert, be it by its letter; no person of it but the officer."""

    dossier_id: int
    code: str
    procedure: str
    officer: str
    unit_id: int | None
    resolving_unit_id: int | None


def subject_of(session: Session, kind: str, subject_id: int) -> SubjectRow | None:
    """The dossier that an alert is about; None where it is about none."""
    d = Dossier
    query = select(
        d.id, d.code, func.coalesce(Procedure.name, ""), d.officer_name, dossier_unit(), d.resolving_unit_id
    ).outerjoin(Procedure, Procedure.id == d.procedure_id)  # fmt: skip
    if kind == LETTER:
        query = query.join(Letter, Letter.dossier_id == d.id).where(Letter.id == subject_id)
    else:
        query = query.where(d.id == subject_id)
    row = session.execute(query).one_or_none() if kind in (DOSSIER, LETTER) else None
    return None if row is None else SubjectRow(*row)


def was_told(session: Session, alert_id: int, account_id: int) -> bool:
    """Was this account told of this claim?"""
    mine = select(AlertTold.alert_id).where(
        AlertTold.alert_id == alert_id, AlertTold.account_id == account_id
    )
    return session.scalar(mine) is not None


# ---------------------------------------------------------------- looks


class LookRow(NamedTuple):
    """One look at all that was open; `counts` as JSON."""

    run_id: int
    day: date
    as_of: datetime
    at: datetime
    last_batch_id: int
    counts: str


class SentRow(NamedTuple):
    """How many messages that carry alerts of a day stand in one state, by channel."""

    day: date
    channel: str
    state: str
    messages: int


class UnheardRow(NamedTuple):
    """How many alerts of a unit found nobody to be told, and the last day of it."""

    unit_id: int | None
    measure: str
    alerts: int
    last_day: date


def looks(session: Session, *, before: int | None, limit: int) -> list[LookRow]:
    """The looks, the newest first; `before` is the last of the page before."""
    r = AlertRun
    query = select(r.id, r.day, r.as_of, r.at, r.last_batch_id, r.counts).order_by(r.id.desc()).limit(limit)
    if before is not None:
        query = query.where(r.id < before)
    return [LookRow(*row) for row in session.execute(query)]


def sent_by_day(session: Session, days: Collection[date]) -> list[SentRow]:
    """What became of the messages that carry alerts claimed on these days."""
    if not days:
        return []
    m = OutboxMessage
    carried = or_(m.id == AlertTold.in_app_id, m.id == AlertTold.mail_id)
    query = (
        select(Alert.day, m.channel, m.state, func.count(m.id.distinct()))
        .select_from(Alert)
        .join(AlertTold, AlertTold.alert_id == Alert.id)
        .join(m, carried)
        .where(Alert.day.in_(list(days)))
        .group_by(Alert.day, m.channel, m.state)
        .order_by(Alert.day, m.channel, m.state)
    )
    return [SentRow(*row) for row in session.execute(query)]


def unheard(session: Session, since: date) -> list[UnheardRow]:
    """Claims since a day that nobody could be told of, by unit and kind."""
    query = (
        select(Alert.unit_id, Alert.measure, func.count(), func.max(Alert.day))
        .where(Alert.day >= since, Alert.fate == "nobody")
        .group_by(Alert.unit_id, Alert.measure)
        .order_by(func.count().desc(), Alert.unit_id, Alert.measure)
    )
    return [UnheardRow(*row) for row in session.execute(query)]
