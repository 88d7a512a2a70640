"""What an administrator asks of the database as a whole: how large it is, what of its work and messages has stopped."""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tracker.store.models import CalendarChange, OutboxMessage, TwoPersonChange, WorkItem


@dataclass(frozen=True, slots=True)
class Stopped:
    """Work and messages that go on only if a person decides: given up after all tries, or in doubt."""

    work_dead: int
    messages_dead: int
    messages_unsure: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """Changes that wait for a second person."""

    calendar: int
    two_person: int


def database_bytes(session: Session) -> int:
    """The size of the database in bytes, with its indexes."""
    if session.get_bind().dialect.name == "sqlite":
        pages, size = (session.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
        return int(pages or 0) * int(size or 0)
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def stopped(session: Session) -> Stopped:
    """How much has stopped, of any age."""
    dead = select(func.count()).select_from(WorkItem).where(WorkItem.state == "dead")
    query = select(OutboxMessage.state, func.count()).where(OutboxMessage.state.in_(("dead", "unsure")))
    messages = {state: count for state, count in session.execute(query.group_by(OutboxMessage.state))}
    return Stopped(session.scalar(dead) or 0, messages.get("dead", 0), messages.get("unsure", 0))


def proposed(session: Session) -> Proposed:
    """How many changes wait for a second person."""
    waiting = [
        session.scalar(select(func.count()).select_from(table).where(table.state == "proposed")) or 0
        for table in (CalendarChange, TwoPersonChange)
    ]
    return Proposed(*waiting)
