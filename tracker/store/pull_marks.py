"""How far each system has been pulled, and how the last pull went; a mark is written in the transaction of what it stands for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.store.models import PullMark


@dataclass(frozen=True, slots=True)
class PullState:
    """Where the next pull of a system begins (`mark`: JSON values of its connector), and how the last one went."""

    connector: str
    mark: Mapping[str, Any]
    tried_at: datetime | None
    done_at: datetime | None
    fault: str


def pull_states(session: Session) -> Mapping[str, PullState]:
    """The state of each system that was ever pulled, by its name."""
    rows = session.scalars(select(PullMark).order_by(PullMark.connector)).all()
    return {
        row.connector: PullState(
            row.connector, json.loads(row.mark or "{}"), row.tried_at, row.done_at, row.fault
        )
        for row in rows
    }


def find_mark(session: Session, connector: str) -> Mapping[str, Any]:
    """Where the next pull begins; empty where nothing was pulled yet."""
    state = pull_states(session).get(connector)
    return state.mark if state else {}


def note_mark(session: Session, connector: str, mark: Mapping[str, Any], now: datetime) -> None:
    """So far it has been read."""
    _write(session, connector, {"mark": json.dumps(mark, sort_keys=True), "tried_at": now})


def note_done(session: Session, connector: str, now: datetime) -> None:
    """Everything that the system has told was read."""
    _write(session, connector, {"tried_at": now, "done_at": now, "fault": ""})


def note_fault(session: Session, connector: str, fault: str, now: datetime) -> None:
    """The last try failed; what was read before stays read."""
    _write(session, connector, {"tried_at": now, "fault": fault})


def _write(session: Session, connector: str, values: dict[str, Any]) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = {"mark": "{}", "tried_at": None, "done_at": None, "fault": ""} | values
    statement = insert(PullMark).values(connector=connector, **new)
    session.execute(statement.on_conflict_do_update(index_elements=[PullMark.connector], set_=values))
