"""Claims of alerts and who is told of them: read for a slice of subjects, written in bulk; runs; what the office set."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from tracker.store.bulk import fill_table
from tracker.store.ids import next_id
from tracker.store.models import (
    Absence,
    Alert,
    AlertAck,
    AlertRun,
    AlertSetting,
    AlertTold,
    Assignment,
    Batch,
    Dossier,
    Unit,
    UnitDay,
    User,
)
from tracker.store.session import once
from tracker.store.upkeep import look_after
from tracker.store.versions import number
from tracker.text import storable
from tracker.types import VN

SLICE = 4_000
# In the order in which a claim, and who is told of it, are written.
ALERT_COLUMNS = (
    "id", "subject_kind", "subject_id", "measure", "threshold", "version", "run_id", "day", "unit_id", "due_at", "measured",
    "rank", "fate", "reason", "rule_id", "batch_id", "detail",
)  # fmt: skip
TOLD_COLUMNS = ("alert_id", "account_id", "why", "instead_of", "is_urgent", "by_mail", "dropped")
Row = tuple[Any, ...]
DOSSIER = "dossier"


class ClaimRow(NamedTuple):
    """A claim that stands; `due_at` in epoch seconds; `is_dropped`: some were not told, since it was untrue by then."""

    subject_id: int
    alert_id: int
    measure: str
    threshold: int
    version: int
    due_at: int | None
    rank: int
    is_dropped: bool


class AckRow(NamedTuple):
    """The newest word of somebody who took a dossier on; `promised_on` None: taken back."""

    dossier_id: int
    ack_id: int
    promised_on: date | None
    by_account: int


class AccountRow(NamedTuple):
    """An open account; `mails`: does it have an address?"""

    account_id: int
    login: str
    full_name: str
    role: str
    unit_id: int | None
    mails: bool


class LeaveRow(NamedTuple):
    """A leave that lasts on the day that was asked for."""

    account_id: int
    first_day: date
    last_day: date
    delegate_id: int | None


class SettingRow(NamedTuple):
    """What a person chose."""

    account_id: int
    digest_by_mail: bool
    urgent_by_mail: bool
    digest_at: str


class RunRow(NamedTuple):
    """A look at all that was open."""

    run_id: int
    day: date
    as_of: datetime
    at: datetime
    last_batch_id: int


@dataclass(frozen=True, slots=True)
class NewAlert:
    """A claim about to be written, with whom it tells."""

    subject_kind: str
    subject_id: int
    measure: str
    threshold: int
    version: int
    unit_id: int | None
    due_at: datetime | None
    measured: int
    rank: int
    fate: str
    reason: str = ""
    rule_id: int | None = None
    batch_id: int | None = None
    detail: str = ""
    is_urgent: bool = False
    told: tuple["NewTold", ...] = ()


class NewTold(NamedTuple):
    """One person to be told."""

    account_id: int
    why: str
    instead_of: int | None
    by_mail: bool


# ---------------------------------------------------------------- claims


def claims_of(session: Session, subject_kind: str, subject_ids: Sequence[int]) -> dict[int, list[ClaimRow]]:
    """What was claimed of these subjects."""
    dropped = exists().where(AlertTold.alert_id == Alert.id, AlertTold.dropped != "")
    found: dict[int, list[ClaimRow]] = {}
    for start in range(0, len(subject_ids), SLICE):
        query = select(
            Alert.subject_id, Alert.id, Alert.measure, Alert.threshold, Alert.version, number(Alert.due_at.expression),
            Alert.rank, dropped,
        ).where(Alert.subject_kind == subject_kind, Alert.subject_id.in_(subject_ids[start : start + SLICE]))  # fmt: skip
        for row in session.execute(query):
            found.setdefault(row[0], []).append(ClaimRow(*row))
    return found


def acks_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, AckRow]:
    """Who took these dossiers on last."""
    return {
        row[0]: AckRow(*row)
        for start in range(0, len(dossier_ids), SLICE)
        for row in session.execute(
            select(AlertAck.dossier_id, AlertAck.id, AlertAck.promised_on, AlertAck.by_account)
            .where(AlertAck.dossier_id.in_(dossier_ids[start : start + SLICE]))
            .order_by(AlertAck.id)
        )
    }


def assigned_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, int | None]:
    """Whose work these dossiers are, as the office said last."""
    return {
        dossier_id: account_id
        for start in range(0, len(dossier_ids), SLICE)
        for dossier_id, account_id in session.execute(
            select(Assignment.dossier_id, Assignment.account_id)
            .where(Assignment.dossier_id.in_(dossier_ids[start : start + SLICE]))
            .order_by(Assignment.id)
        )
    }


def add_run(
    session: Session, day: date, as_of: datetime, now: datetime, last_batch_id: int, counts: Mapping[str, int]
) -> int:
    """Write down a look; its id."""
    run_id = next_id(session, AlertRun.id)
    told = json.dumps(dict(counts), separators=(",", ":"))
    session.add(AlertRun(id=run_id, day=day, as_of=as_of, at=now, last_batch_id=last_batch_id, counts=told))
    session.flush()
    return run_id


def add_alerts(session: Session, run_id: int, day: date, alerts: Sequence[NewAlert]) -> None:
    """Claim these rungs. A rung that was claimed before is a fault of the database: nothing of the step is kept."""
    on, rows, told = day.isoformat(), list[Row](), list[Row]()
    for alert_id, new in enumerate(alerts, next_id(session, Alert.id)):
        due_at = None if new.due_at is None else int(new.due_at.timestamp())
        rows.append((
            alert_id, new.subject_kind, new.subject_id, new.measure, new.threshold, new.version, run_id, on, new.unit_id,
            due_at, new.measured, new.rank, new.fate, new.reason, new.rule_id, new.batch_id, storable(new.detail),
        ))  # fmt: skip
        told += [
            (alert_id, each.account_id, each.why, each.instead_of, new.is_urgent, each.by_mail, "")
            for each in new.told
        ]
    connection = session.connection()
    fill_table(connection, Alert.__tablename__, ALERT_COLUMNS, rows)
    fill_table(connection, AlertTold.__tablename__, TOLD_COLUMNS, told)
    look_after(session, len(rows), Alert.__tablename__, AlertTold.__tablename__)


def codes_of(session: Session, dossier_ids: Sequence[int]) -> dict[int, str]:
    """The codes of these dossiers."""
    return {
        dossier_id: code
        for start in range(0, len(dossier_ids), SLICE)
        for dossier_id, code in session.execute(
            select(Dossier.id, Dossier.code).where(Dossier.id.in_(dossier_ids[start : start + SLICE]))
        )
    }


def revive(session: Session, alert_ids: Sequence[int]) -> None:
    """What was dropped as untrue waits to be told again."""
    for start in range(0, len(alert_ids), SLICE):
        ids = alert_ids[start : start + SLICE]
        session.execute(
            update(AlertTold).where(AlertTold.alert_id.in_(ids), AlertTold.dropped != "").values(dropped="")
        )


def forget_demo_alerts(session: Session) -> None:
    """Remove what demonstration accounts were told, before the accounts go, and their leaves and choices.

    Claims that told nobody else go too: whoever takes the place of these accounts is told of them by the next look.
    """
    demo = select(User.id).where(User.is_demo)
    of_demo = AlertTold.account_id.in_(demo)
    other = aliased(AlertTold)
    is_others = exists().where(other.alert_id == AlertTold.alert_id, other.account_id.not_in(demo))
    claims = list(session.scalars(select(AlertTold.alert_id).where(of_demo, ~is_others).distinct()))
    session.execute(delete(AlertTold).where(of_demo))
    for start in range(0, len(claims), SLICE):
        session.execute(delete(Alert).where(Alert.id.in_(claims[start : start + SLICE])))
    session.execute(delete(AlertSetting).where(AlertSetting.account_id.in_(demo)))
    session.execute(delete(Absence).where(Absence.account_id.in_(demo)))
    session.execute(update(Absence).where(Absence.delegate_id.in_(demo)).values(delegate_id=None))


# ---------------------------------------------------------------- runs and loads


def last_run(session: Session) -> RunRow | None:
    """The look that was written down last."""
    row = session.scalar(select(AlertRun).order_by(AlertRun.id.desc()).limit(1))
    return RunRow(row.id, row.day, row.as_of, row.at, row.last_batch_id) if row else None


def last_day_before(session: Session, day: date) -> date | None:
    """The day before this one on which alerts were looked for last."""
    return session.scalar(select(func.max(AlertRun.day)).where(AlertRun.day < day))


def newest_batch(session: Session) -> int:
    """The newest load; 0 where nothing was loaded."""
    return int(session.scalar(select(func.max(Batch.id))) or 0)


def new_sources(session: Session, after_batch: int) -> frozenset[int]:
    """Sources whose first load came after that one."""
    first = select(Batch.source_id).group_by(Batch.source_id).having(func.min(Batch.id) > after_batch)
    return frozenset(session.scalars(first))


# ---------------------------------------------------------------- what the office set


def accounts(session: Session) -> list[AccountRow]:
    """The open accounts."""
    return once(session, "open accounts", lambda: _accounts(session))


def _accounts(session: Session) -> list[AccountRow]:
    query = select(User.id, User.login, User.full_name, User.role, User.unit_id, User.email != "")
    return [
        AccountRow(*row) for row in session.execute(query.where(User.disabled_at.is_(None)).order_by(User.id))
    ]


def units_above(session: Session) -> dict[int, int | None]:
    """The unit over each one; of a unit that has a successor, that one."""
    query = select(Unit.id, func.coalesce(Unit.successor_id, Unit.parent_id))
    return {unit: above for unit, above in session.execute(query)}


def leaves(session: Session, day: date) -> list[LeaveRow]:
    """Who is away on a day; a leave that was ended early counts for the days before that."""
    a, next_day = Absence, datetime.combine(day, time.min, VN) + timedelta(days=1)
    query = select(a.account_id, a.first_day, a.last_day, a.delegate_id).where(
        or_(a.ended_at.is_(None), a.ended_at >= next_day), a.first_day <= day, a.last_day >= day
    )
    return [LeaveRow(*row) for row in session.execute(query.order_by(a.id))]


def settings(session: Session) -> dict[int, SettingRow]:
    """What people chose, by account."""
    s = AlertSetting
    query = select(s.account_id, s.digest_by_mail, s.urgent_by_mail, s.digest_at)
    return {row[0]: SettingRow(*row) for row in session.execute(query)}


# ---------------------------------------------------------------- counts by day


def put_unit_days(session: Session, day: date, as_of: datetime, counts: Iterable[Mapping[str, int]]) -> None:
    """The counts of a day, in the place of those that were taken of it before."""
    session.execute(delete(UnitDay).where(UnitDay.day == day))
    rows = [{"day": day, "as_of": as_of, **each} for each in counts]
    if rows:
        session.execute(insert(UnitDay), rows)


def unit_day(session: Session, day: date, unit_ids: Collection[int] | None) -> Mapping[str, int] | None:
    """The counts of a day over these units (None = all); None where the day was not counted."""
    u = UnitDay
    names = ("open", "due_today", "due_soon", "overdue", "suspended", "not_accepted", "no_due")
    if session.scalar(select(u.day).where(u.day == day).limit(1)) is None:
        return None
    query = select(*(func.coalesce(func.sum(getattr(u, name)), 0) for name in names)).where(u.day == day)
    if unit_ids is not None:
        query = query.where(u.unit_id.in_(list(unit_ids)))
    return {name: int(count) for name, count in zip(names, session.execute(query).one(), strict=True)}
