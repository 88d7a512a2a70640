"""Targets of units as rows that are only added: the share in time that is asked for from a day on, and by which document."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Unit, UnitTarget


class TargetRow(NamedTuple):
    """One row. `unit_id` None: of every unit without its own; `rate` in hundredths of a per cent, None: none from then on."""

    target_id: int
    unit_id: int | None
    unit: str
    unit_code: str
    rate: int | None
    valid_from: date
    document: str
    set_by: str
    set_at: datetime


class NewTarget(NamedTuple):
    """What somebody sets."""

    unit_id: int | None
    rate: int | None
    valid_from: date
    document: str


def targets(session: Session) -> list[TargetRow]:
    """Every row, the newest first."""
    t = UnitTarget
    columns: tuple[Any, ...] = (
        t.id, t.unit_id, func.coalesce(Unit.name, ""), func.coalesce(Unit.code, ""), t.rate, t.valid_from, t.document,
        t.set_by, t.set_at,
    )  # fmt: skip
    query = select(*columns).outerjoin(Unit, Unit.id == t.unit_id).order_by(t.id.desc())
    return [TargetRow._make(row) for row in session.execute(query)]


def lock_targets(session: Session) -> None:
    """Wait until nobody else sets one, to the end of the transaction."""
    # As short as changing an account, and neither waits for long work.
    hold(session, Lock.ACCOUNTS)


def add_target(session: Session, new: NewTarget, *, by: str, at: datetime) -> int:
    """Keep a row; its id. Call `lock_targets` before."""
    target_id = next_id(session, UnitTarget.id)
    values = {"id": target_id, **new._asdict(), "set_by": by, "set_at": at}
    session.execute(insert(UnitTarget), [values])
    return target_id
