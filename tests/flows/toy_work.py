"""Work of the tests: kinds that leave a row a step in a table of their own, so that doing anything twice is seen.

Run as a program it is a worker that knows these kinds: `python -m tests.flows.toy_work CONFIG`.
"""

import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from app.context import AppContext
from app.grip import Grip
from app.work_kinds import WorkKind
from app.worker import Worker, owner_name
from tests.flows.office import Office, StandingContext
from tracker.config import load_config
from tracker.errors import UsageError, WorkFailed
from tracker.store.session import Session, Store

TABLE = "CREATE TABLE toy_effect (work_id BIGINT NOT NULL, step BIGINT NOT NULL, owner TEXT NOT NULL)"
STEPS = 12


def context_of(office: Office, instant: datetime) -> StandingContext:
    """A context on the office's database whose clock stands."""
    context = StandingContext(office.config, instant=instant)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    return context


def make_table(store: Store) -> None:
    """The table of effects; nothing forbids a row to be there twice."""
    with store.transaction() as session:
        session.connection().exec_driver_sql(TABLE)


def put(session: Session, grip: Grip, step: int) -> None:
    """One effect."""
    values = f"({grip.row.work_id}, {step}, '{grip.row.owner}')"
    session.connection().exec_driver_sql(f"INSERT INTO toy_effect (work_id, step, owner) VALUES {values}")


def steps(grip: Grip) -> None:
    """A row a step, each in one commit with its checkpoint; the last in one commit with the end."""
    store, pause = grip.context.store, Event()
    for step in range(grip.row.checkpoint.get("step", 0), STEPS):
        grip.progress(step, STEPS, f"bước {step}")
        with store.transaction() as session:
            put(session, grip, step)
            if step + 1 == STEPS:
                grip.finish_in(session, {"steps": STEPS})
            else:
                grip.checkpoint_in(session, {"step": step + 1})
        pause.wait(grip.params.get("pause", 0))


def broken(grip: Grip) -> None:
    """Fails as its params say."""
    errors: Mapping[str, Exception] = {
        "database": WorkFailed("Cơ sở dữ liệu đang bận."),
        "usage": UsageError("không có tệp"),
        "bug": KeyError("Nguyễn Văn Bịa"),
    }
    raise errors[grip.params["how"]]


def told(grip: Grip) -> Mapping[str, Any]:
    """Finished by the worker, from what it gives back."""
    return {"told": grip.params.get("word", "")}


def until_asked(grip: Grip) -> None:
    """Goes on until somebody asks it to end, or its process is told to."""
    pause, turn = Event(), 0
    while True:
        turn += 1
        grip.progress(turn, None, "đang chờ")
        pause.wait(0.02)


TOYS: Mapping[str, WorkKind] = {
    run.__name__: WorkKind(run.__name__, f"Việc thử {run.__name__}", run)
    for run in (steps, broken, told, until_asked)
}


def main() -> None:
    """A worker process."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Worker(AppContext(Path(sys.argv[1])), owner_name(), TOYS).run_forever(stop)


if __name__ == "__main__":
    main()
