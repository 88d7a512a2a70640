"""When rules changed and by whom: acts of the log of some names within a span of days, what their work moved, targets."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.audit import Act, Logged, read_detail
from tracker.store.models import AuditEntry, Procedure, Unit, UnitTarget
from tracker.store.models import WorkItem as Item
from tracker.store.work import row_of
from tracker.types import VN
from tracker.types.work import WorkRow


class TargetRow(NamedTuple):
    """A target as it was set: hundredths of a per cent, None = no target from that day on."""

    target_id: int
    unit: str | None
    rate: int | None
    valid_from: date
    document: str
    set_by: str
    set_at: datetime


def rule_acts(session: Session, actions: Collection[str], first: date, last: date) -> list[Logged]:
    """Acts of these names from one day to another, both included, newest first."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.at >= _midnight(first), AuditEntry.at < _midnight(last + timedelta(days=1)))
        .where(AuditEntry.action.in_(sorted(actions)))
        .order_by(AuditEntry.id.desc())
    )
    return [
        Logged(row.id, Act(row.at, row.actor, row.action, row.subject, read_detail(row.detail)))
        for row in session.scalars(query)
    ]


def works_of(session: Session, work_ids: Collection[int]) -> Mapping[int, WorkRow]:
    """The work that acts asked for, by its number."""
    found = session.scalars(select(Item).where(Item.id.in_(sorted(work_ids))))
    return {item.id: row_of(item) for item in found}


def targets(session: Session, first: date, last: date) -> list[TargetRow]:
    """Targets that were set from one day to another, both included, newest first."""
    t = UnitTarget
    query = (
        select(t.id, Unit.name, t.rate, t.valid_from, t.document, t.set_by, t.set_at)
        .outerjoin(Unit, Unit.id == t.unit_id)
        .where(t.set_at >= _midnight(first), t.set_at < _midnight(last + timedelta(days=1)))
        .order_by(t.id.desc())
    )
    return [TargetRow(*row) for row in session.execute(query)]


def names_of(
    session: Session, procedure_ids: Collection[int], unit_ids: Collection[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """What procedures and units are called now, by their numbers."""
    procedures = select(Procedure.id, Procedure.code, Procedure.name).where(
        Procedure.id.in_(sorted(procedure_ids))
    )
    units = select(Unit.id, Unit.name).where(Unit.id.in_(sorted(unit_ids)))
    return (
        {number: f"{code} {name}" for number, code, name in session.execute(procedures)},
        {number: name for number, name in session.execute(units)},
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VN)
