"""Asking other systems for their dossiers: what `dunghen pull`, a worker and the daily job do alike."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from threading import Event
from typing import Any

from app.context import AppContext
from app.grip import Grip
from app.ingest_plan import ingest_plan
from tracker.config import ConnectorConfig
from tracker.connectors.calling import Wait
from tracker.connectors.configured import puller_for
from tracker.connectors.pages import Page
from tracker.errors import ConfigurationError, SourceRefused, UsageError
from tracker.pipeline.pulling import PullReport, PullWatch, pull
from tracker.store import audit, pull_marks, work
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.types.work import WorkRequest, WorkRow

LOOK_SECONDS = 0.5


def find_connector(context: AppContext, name: str) -> ConnectorConfig:
    """A connector of the configuration.

    Raises:
        UsageError: there is none of that name.
    """
    found = {one.name: one for one in context.config.pull.connectors}
    if name not in found:
        known = ", ".join(found) or "chưa khai báo hệ thống nào ở [pull] connectors"
        raise UsageError(f"không có hệ thống nguồn nào tên {name}; có: {known}")
    return found[name]


def pull_connector(context: AppContext, name: str, watch: PullWatch, wait: Wait, *, actor: str) -> PullReport:
    """Ask one system for all that is new.

    Raises:
        UsageError, ConfigurationError: it is not in the configuration, or its secret is not in the environment.
        SourceRefused, SourceFailed: it could not be asked.
    """
    connector = find_connector(context, name)
    try:
        puller = puller_for(connector, context.config.pull, wait)
    except ConfigurationError as fault:
        with context.store.transaction() as session:
            pull_marks.note_fault(session, name, str(fault), watch.now())
        raise
    plan = ingest_plan(context, connector.source, now=watch.now(), origin="pull", actor=actor)
    return pull(context.store, context.config.calendar_key, name, puller, plan, watch)


def page_words(page: Page) -> str:
    """How far a pull is, in words."""
    of = f" trên {page.total:,}".replace(",", ".") if page.total else ""
    return f"{page.name}{of}"


# ---------------------------------------------------------------- long work


def pull_source(grip: Grip) -> Mapping[str, Any]:
    """Ask the system of the params; a page is kept only while the work is still ours."""

    def tell(page: Page) -> None:
        grip.progress(page.done, page.total, page_words(page))

    def fence(session: Session) -> None:
        grip.checkpoint_in(session, {})

    try:
        report = pull_connector(
            grip.context, grip.params["connector"], PullWatch(grip.now, tell, fence), _patient(grip),
            actor=grip.row.asked_by,
        )  # fmt: skip
    except SourceRefused as fault:
        # Asking again with the same credentials may lock the account: a person has to look first.
        raise ConfigurationError([str(fault)]) from fault
    return asdict(report)


def _patient(grip: Grip) -> Callable[[float], None]:
    """Waiting that notices when the work is to end."""

    def wait(seconds: float) -> None:
        told = grip.told
        while seconds > 0:
            Event().wait(min(seconds, LOOK_SECONDS))
            seconds -= LOOK_SECONDS
            if told is None:
                grip.progress(0, None, "Hệ thống nguồn đang bận, chờ hỏi lại")
            else:
                grip.progress(told.done, told.total, "Hệ thống nguồn đang bận, chờ hỏi lại")

    return wait


def connector_of(row: WorkRow) -> str:
    """Which system the work asks."""
    return str(row.params.get("connector", ""))


def ask_all(grip: Grip, day: date) -> None:
    """Leave one piece of work for each system of the configuration; none where there is none."""
    names = [one.name for one in grip.context.config.pull.connectors]
    now, run = grip.now(), grip.row.work_id
    with grip.context.store.transaction() as session:
        asked = [
            work.ask(
                session,
                WorkRequest("pull", f"pull:{name}:{run}", {"connector": name}, grip.row.asked_by),
                now,
            )
            for name in names
        ]
        grip.finish_in(session, {"asked": len(asked), "day": day.isoformat()})
        if asked:
            detail = {"connectors": names, "work": asked}
            audit.append_acts(session, [Act(now, grip.row.asked_by, "pull_asked", f"work:{run}", detail)])
