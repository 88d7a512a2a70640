"""Reasons for lateness that persons set for a unit, a procedure and a span of due dates. Taken back, never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.models import DelayReason


@dataclass(frozen=True, slots=True)
class KnownReason:
    """One reason; `unit_id` None = every unit, `procedure_id` None = every procedure; both days included."""

    reason_id: int
    unit_id: int | None
    procedure_id: int | None
    due_from: date
    due_to: date
    text: str
    entered_by: str
    entered_at: datetime


def known_reasons(session: Session) -> list[KnownReason]:
    """The reasons that stand, newest first."""
    r = DelayReason
    columns = (r.id, r.unit_id, r.procedure_id, r.due_from, r.due_to, r.text, r.entered_by, r.entered_at)
    query = select(*columns).where(r.ended_at.is_(None)).order_by(r.id.desc())
    return [KnownReason(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class NewReason:
    """A reason about to be set."""

    unit_id: int | None
    procedure_id: int | None
    due_from: date
    due_to: date
    text: str


def add_reason(session: Session, new: NewReason, *, by: str, at: datetime) -> int:
    """Set a reason; its id. Call `letter_store.lock_register` before."""
    number = (session.scalar(select(func.max(DelayReason.id))) or 0) + 1
    values = {
        "id": number, "unit_id": new.unit_id, "procedure_id": new.procedure_id, "due_from": new.due_from,
        "due_to": new.due_to, "text": new.text, "entered_by": by, "entered_at": at,
    }  # fmt: skip
    session.execute(insert(DelayReason), [values])
    return number


def end_reasons(session: Session, reason_ids: Sequence[int], *, by: str, at: datetime) -> int:
    """Take reasons back; letters that were drafted by them keep their words. How many stood until now."""
    standing = DelayReason.id.in_(reason_ids) & DelayReason.ended_at.is_(None)
    found = list(session.scalars(select(DelayReason.id).where(standing)))
    session.execute(update(DelayReason).where(DelayReason.id.in_(found)).values(ended_at=at, ended_by=by))
    return len(found)
