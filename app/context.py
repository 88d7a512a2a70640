"""What a command or a request works with: configuration, store, calendar, clock and the way to answer.

The store and all that belongs to it are imported when first needed: a command that is misspelt answers at once, and a
load can have its reader started before.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from tracker import clock
from tracker.config import Config, load_config
from tracker.errors import MachineFault, TrackerError

if TYPE_CHECKING:
    from tracker.store.session import Store
    from tracker.timekeeping.calendars import CalendarHistory
    from tracker.timekeeping.due_soon import DueSoon
    from tracker.timekeeping.working_calendar import WorkingCalendar

Told = TypeVar("Told")


def _nothing_to_remember() -> None:
    """Everything is asked for anew."""


@dataclass
class AppContext:
    """Built once per process; configuration and store are opened when first needed."""

    config_path: Path
    json_output: bool = False
    # Is there one command in this process, which ends with it?
    is_alone: bool = field(default=False, kw_only=True)
    # What one page remembers while it is made; None where there is none, as on the command line.
    memory: Callable[[], dict[Any, Any] | None] = field(default=_nothing_to_remember, kw_only=True)

    @cached_property
    def config(self) -> Config:
        """The checked configuration."""
        return load_config(self.config_path)

    @cached_property
    def store(self) -> "Store":
        """The store, made where there is none yet; refuses one that needs `db upgrade`."""
        from tracker.store.migrate import ensure_current
        from tracker.store.replica import ReplicaLimits
        from tracker.store.session import VANISHED, has_vanished, open_store

        url, reports = self.config.database_url, self.config.reports
        if has_vanished(url):
            raise MachineFault(VANISHED.format(name="SQLite"))
        limits = ReplicaLimits(reports.wait_seconds, reports.max_lag_seconds)
        store = open_store(url, reports_url=reports.url, limits=limits)
        ensure_current(store)
        return store

    @property
    def calendars(self) -> "CalendarHistory":
        """The working calendars of all moments, as the store has them now: a change counts without a restart.

        While a page is made they are those that it first asked for.
        """
        from tracker.store.calendars import kept_history

        kept = self.memory()
        if kept is not None and "calendars" in kept:
            return cast("CalendarHistory", kept["calendars"])
        with self.store.read() as session:
            found = kept_history(session, self.config.calendar_key)
        if kept is not None:
            kept["calendars"] = found
        return found

    @property
    def calendar(self) -> "WorkingCalendar":
        """The office's own working calendar at present; units that have another one work by that."""
        return self.calendars.present.default

    @property
    def due_soon(self) -> "DueSoon":
        """When an open dossier counts as due soon."""
        from tracker.timekeeping.due_soon import DueSoon

        return DueSoon(self.config.deadlines.due_soon_days, self.config.deadlines.due_soon_share)

    @property
    def data_dir(self) -> Path:
        """Where letters, exports and the SQLite file lie."""
        return self.config.data_dir

    def from_reports(self, read: Callable[[], Told]) -> Told:
        """What `read` reads comes from the replica where there is one (`Store.from_reports`); a word where it could not."""
        if not self.config.reports.url:
            return read()

        def told() -> Told:
            answer, source = read(), self.store.source
            if source is not None and not source.is_replica:
                self.progress(source.words)
            return answer

        return self.store.from_reports(told)

    def told_source(self) -> Mapping[str, str]:
        """Which server a report is being read from, for the log and the results of work; empty: there is no replica."""
        source = self.store.source if "store" in vars(self) else None
        return source.told if source is not None else {}

    def now(self) -> datetime:
        """The present instant."""
        return clock.now()

    def answer(self, document: Mapping[str, Any], text: str) -> None:
        """Print the answer: one JSON document with `--json`, else the text."""
        click.echo(json.dumps(document, ensure_ascii=False) if self.json_output else text)

    def progress(self, text: str) -> None:
        """Say how long work goes on; to standard error, so that it never mixes with an answer."""
        click.echo(text, err=True)


def finish(status: int) -> None:
    """End the command with an exit status of the contract (0 done, 1 something needs a person)."""
    if status:
        sys.exit(status)


def fail(error: TrackerError) -> None:
    """Tell an error in the user's words and end with its status."""
    click.echo(str(error), err=True)
    sys.exit(error.exit_status)
