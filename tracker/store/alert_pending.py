"""What waits to be told, person by person and way by way; put into messages, given back by messages that came to nothing.

A row waits for a way while it names no message of that way. `in_app` and `mail` are the ways; each has its column.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session

from tracker.store.alert_standing import BY_DUE_DATE, stands
from tracker.store.alert_store import SLICE
from tracker.store.models import Alert, AlertTold, OutboxMessage
from tracker.store.versions import local_day
from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL
from tracker.types import Basis

# A message that came to nothing so long ago is not looked for any more.
LOOKED_BACK = timedelta(days=60)
UNTRUE, OVERTAKEN = "untrue", "overtaken"
BEFORE_DUE = ("share_used", "days_left")
RANK_OF_LATE = 40_000  # of `notifications.alerts.rungs`: days_late from 0 days on


class Way(StrEnum):
    """How somebody is told."""

    IN_APP = "in_app"
    MAIL = "mail"


class Group(NamedTuple):
    """How many alerts of one rung wait for a person."""

    measure: str
    threshold: int
    alerts: int


class PendingRow(NamedTuple):
    """One alert that waits, as a digest shows it."""

    alert_id: int
    subject_kind: str
    subject_id: int
    measure: str
    threshold: int
    measured: int
    unit_id: int | None
    due_at: datetime | None
    reason: str
    detail: str


class Kept(NamedTuple):
    """Of the alerts that a message carries: how many, and how many still stand."""

    carried: int
    standing: int


def _waits(way: Way, *, only_urgent: bool = False) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [AlertTold.dropped == ""]
    if way is Way.IN_APP:
        tests.append(AlertTold.in_app_id.is_(None))
    else:
        tests += [AlertTold.by_mail.expression, AlertTold.mail_id.is_(None)]
    return [*tests, AlertTold.is_urgent.expression] if only_urgent else tests


def waiting_accounts(session: Session, way: Way, *, only_urgent: bool = False) -> list[int]:
    """For whom something waits by this way."""
    query = select(AlertTold.account_id).where(*_waits(way, only_urgent=only_urgent)).distinct()
    return sorted(session.scalars(query))


def untrue(session: Session, account_id: int, way: Way, basis: Basis, day: date) -> dict[str, list[int]]:
    """Of what waits, the alerts that are no longer so, and those of which the same person is told worse, by why."""
    still = exists().where(Alert.id == AlertTold.alert_id, stands(basis, day))
    mine = select(AlertTold.alert_id).where(AlertTold.account_id == account_id, *_waits(way))
    gone = list(session.scalars(mine.where(~still)))
    worse = list(session.scalars(mine.where(still, _told_worse())))
    return {why: ids for why, ids in ((UNTRUE, gone), (OVERTAKEN, worse)) if ids}


def drop(session: Session, account_id: int, gone: Mapping[str, Sequence[int]]) -> int:
    """These are not told to this person, by any way; how many there were."""
    for why, ids in gone.items():
        for start in range(0, len(ids), SLICE):
            dropped = update(AlertTold).where(
                AlertTold.account_id == account_id, AlertTold.alert_id.in_(ids[start : start + SLICE])
            )
            session.execute(dropped.values(dropped=why).execution_options(synchronize_session=False))
    return sum(map(len, gone.values()))


def _told_worse() -> ColumnElement[bool]:
    """Is there a higher rung of the same due date, of which the same person is told?"""
    mine, worse, also = (
        Alert.__table__.alias("mine"),
        Alert.__table__.alias("worse"),
        AlertTold.__table__.alias("also"),
    )
    same = and_(
        worse.c.subject_kind == mine.c.subject_kind, worse.c.subject_id == mine.c.subject_id,
        worse.c.version == mine.c.version, worse.c.rank > mine.c.rank, worse.c.measure.in_(BY_DUE_DATE),
    )  # fmt: skip
    return exists().where(
        mine.c.id == AlertTold.alert_id, mine.c.measure.in_(BY_DUE_DATE), same,
        also.c.alert_id == worse.c.id, also.c.account_id == AlertTold.account_id,
    )  # fmt: skip


def groups(
    session: Session, account_id: int, way: Way, day: date, *, only_urgent: bool = False
) -> list[Group]:
    """How many of each rung wait, the worst first; as `_as_of_day`."""
    waiting = (
        select(*_as_of_day(day))
        .join(AlertTold, AlertTold.alert_id == Alert.id)
        .where(AlertTold.account_id == account_id, *_waits(way, only_urgent=only_urgent))
    ).subquery()
    c = waiting.c
    query = select(c.measure, c.threshold, func.count()).group_by(c.measure, c.threshold, c.rank)
    found = session.execute(query.order_by(c.rank.desc(), c.measure, c.threshold))
    return [Group(*row) for row in found]


def _as_of_day(day: date) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """Measure, threshold and rank of alerts. What was to be due and is overdue by that day counts as such: the twin of
    `lateness.is_late_epoch` for dossiers of which nothing else is told.
    """
    today = literal(day.toordinal() - EPOCH_ORDINAL)
    is_late = and_(Alert.measure.in_(BEFORE_DUE), local_day(Alert.due_at.expression) < today)
    return (
        case((is_late, "days_late"), else_=Alert.measure).label("measure"),
        case((is_late, 0), else_=Alert.threshold).label("threshold"),
        case((is_late, RANK_OF_LATE), else_=Alert.rank).label("rank"),
    )


def worst(  # noqa: PLR0913 -- whose, by which way, as of which day: all but these by keyword
    session: Session,
    account_id: int,
    way: Way,
    day: date,
    *,
    limit: int,
    only_urgent: bool = False,
    leaving_out: Collection[str] = (),
) -> list[PendingRow]:
    """The worst that wait, but for some measures: by rung (as `_as_of_day`), then the longest overdue or the first to be
    due.
    """
    a, (measure, threshold, rank) = Alert, _as_of_day(day)
    query = (
        select(
            a.id, a.subject_kind, a.subject_id, measure, threshold, a.measured, a.unit_id, a.due_at, a.reason, a.detail
        )
        .join(AlertTold, AlertTold.alert_id == a.id)
        .where(AlertTold.account_id == account_id, *_waits(way, only_urgent=only_urgent))
        .where(a.measure.not_in(list(leaving_out)))
        .order_by(rank.desc(), a.due_at, a.id)
        .limit(limit)
    )  # fmt: skip
    found: Any = session.execute(query)
    return [PendingRow(*row) for row in found]


def of_measures(session: Session, account_id: int, way: Way, measures: Collection[str]) -> list[PendingRow]:
    """All that waits of these measures, in order of their claims."""
    a = Alert
    query = (
        select(
            a.id, a.subject_kind, a.subject_id, a.measure, a.threshold, a.measured, a.unit_id, a.due_at, a.reason, a.detail
        )
        .join(AlertTold, AlertTold.alert_id == a.id)
        .where(AlertTold.account_id == account_id, *_waits(way), a.measure.in_(list(measures)))
        .order_by(a.id)
    )  # fmt: skip
    found: Any = session.execute(query)
    return [PendingRow(*row) for row in found]


def reasons_told(
    session: Session, account_id: int, way: Way, *, only_urgent: bool = False
) -> list[tuple[str, int | None]]:
    """As whom the person is told of what waits, and instead of whom."""
    query = select(AlertTold.why, AlertTold.instead_of).where(
        AlertTold.account_id == account_id, *_waits(way, only_urgent=only_urgent)
    )
    return sorted({(why, instead) for why, instead in session.execute(query.distinct())}, key=str)


def first_day(session: Session, account_id: int, way: Way) -> date | None:
    """The day of the oldest claim that waits."""
    query = select(func.min(Alert.day)).join(AlertTold, AlertTold.alert_id == Alert.id)
    return session.scalar(query.where(AlertTold.account_id == account_id, *_waits(way)))


def passed_by_measure(session: Session, batch_id: int, unit_ids: frozenset[int] | None) -> list[Group]:
    """How many dossiers one load brought past which highest rung, over these units (None = all), the worst first."""
    mine = [Alert.batch_id == batch_id]
    if unit_ids is not None:
        mine.append(Alert.unit_id.in_(list(unit_ids)))
    highest = (
        select(func.max(Alert.rank).label("rank")).where(*mine).group_by(Alert.subject_kind, Alert.subject_id)
    ).subquery()
    rungs = {
        rank: (measure, threshold)
        for rank, measure, threshold in session.execute(
            select(Alert.rank, Alert.measure, Alert.threshold).where(*mine).distinct()
        )
    }
    counted = select(highest.c.rank, func.count()).group_by(highest.c.rank).order_by(highest.c.rank.desc())
    return [Group(*rungs[rank], count) for rank, count in session.execute(counted)]


def carry(session: Session, account_id: int, way: Way, message_id: int, *, only_urgent: bool = False) -> int:
    """What waits is carried by this message from here on; how many rows."""
    column = "in_app_id" if way is Way.IN_APP else "mail_id"
    carried = update(AlertTold).where(
        AlertTold.account_id == account_id, *_waits(way, only_urgent=only_urgent)
    )
    done: Any = session.execute(
        carried.values({column: message_id}).execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def not_by_mail(session: Session, account_id: int) -> None:
    """What was to go by mail is told in the program alone: the person chose so."""
    session.execute(
        update(AlertTold)
        .where(AlertTold.account_id == account_id, *_waits(Way.MAIL))
        .values(by_mail=False)
        .execution_options(synchronize_session=False)
    )


# ---------------------------------------------------------------- messages that came to nothing


def came_to_nothing(session: Session, kinds: Collection[str], untrue: str, now: datetime) -> list[int]:
    """Messages that came to nothing before they were sent, and carry something all the same.

    `untrue`: the fault of messages that the program itself cancelled. One that a person cancelled, that a server refused
    for good or of which nobody knows is not repeated.
    """
    m = OutboxMessage
    of_no_use = or_(and_(m.state == "cancelled", m.fault == untrue), and_(m.state == "dead", _is_temporary()))
    carries = or_(exists().where(AlertTold.in_app_id == m.id), exists().where(AlertTold.mail_id == m.id))
    gone = select(m.id).where(
        m.kind.in_(list(kinds)), m.created_at >= now - LOOKED_BACK, m.state.in_(("cancelled", "dead")), of_no_use, carries
    )  # fmt: skip
    return list(session.scalars(gone))


def release(session: Session, message_ids: Collection[int]) -> int:
    """What these messages carried waits again; how many rows."""
    released = 0
    for column in (AlertTold.mail_id, AlertTold.in_app_id) if message_ids else ():
        done: Any = session.execute(
            update(AlertTold)
            .where(column.in_(list(message_ids)))
            .values({column.key: None})
            .execution_options(synchronize_session=False)
        )
        released += int(done.rowcount)
    return released


def left_waiting(session: Session, digest: str, urgent: str, midnight: datetime, now: datetime) -> list[int]:
    """Digests put before today, and urgent messages whose hours are over, that wait all the same."""
    m = OutboxMessage
    old = or_(and_(m.kind == digest, m.created_at < midnight), and_(m.kind == urgent, m.not_after < now))
    return list(session.scalars(select(m.id).where(m.state == "waiting", old).order_by(m.id)))


def kept(session: Session, message_id: int, basis: Basis, day: date) -> Kept:
    """What a message carries, and how much of it still stands."""
    mine = or_(AlertTold.in_app_id == message_id, AlertTold.mail_id == message_id)
    count = (
        select(func.count()).select_from(AlertTold).join(Alert, Alert.id == AlertTold.alert_id).where(mine)
    )
    return Kept(int(session.scalar(count) or 0), int(session.scalar(count.where(stands(basis, day))) or 0))


def put_before(session: Session, keys: Sequence[str]) -> dict[str, bool]:
    """Which of these keys have a message, and whether it came to nothing in a way that a later one makes good."""
    m = OutboxMessage
    query = select(m.key, or_(m.state == "cancelled", and_(m.state == "dead", _is_temporary())))
    return {key: bool(is_nothing) for key, is_nothing in session.execute(query.where(m.key.in_(list(keys))))}


def _is_temporary() -> ColumnElement[bool]:
    """Given up after many tries, though the server never said no for good, nor had the mail."""
    code = OutboxMessage.fault_code
    return or_(code.like("SMTP\\_4%", escape="\\"), code == "MAIL_CUT_OFF")
