"""The state of the installation as its page shows it: the last examination in words, and what is wrong at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.admin_home import EXAMINATION
from app.context import AppContext
from app.health_words import CHECKS, CheckWords
from app.jobs_page import ProcessLine, jobs_page
from app.watchdog import look
from tracker.measures.health import Finding
from tracker.store import work
from tracker.store.leases import LeaseRow
from tracker.types.work import WorkRow, WorkState

OPEN = frozenset({WorkState.WAITING, WorkState.RUNNING})


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check as it came out, with its words."""

    name: str
    words: CheckWords
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class HealthPage:
    """`done`: the last examination that ended well; `under_way`, `failed`: a newer one that has not, or could not be made."""

    findings: tuple[Finding, ...]
    checks: tuple[CheckLine, ...]
    done: WorkRow | None
    under_way: WorkRow | None
    failed: WorkRow | None
    processes: tuple[ProcessLine, ...]
    lease: LeaseRow | None

    @property
    def wrong(self) -> tuple[CheckLine, ...]:
        """The checks that found something."""
        return tuple(each for each in self.checks if not each.ok)


def health_page(context: AppContext, now: datetime) -> HealthPage:
    """Everything the page shows."""
    with context.store.read() as session:
        asked = work.list_work(session, kinds=(EXAMINATION,), limit=10)
    done = next((row for row in asked if row.state is WorkState.DONE), None)
    newest = asked[0] if asked else None
    shown = jobs_page(context, now, before=None, limit=1)
    return HealthPage(
        look(context, now), check_lines(done.result if done else {}), done,
        newest if newest and newest.state in OPEN else None, newest if newest and newest.state is WorkState.DEAD else None,
        shown.processes, shown.lease,
    )  # fmt: skip


def check_lines(result: Mapping[str, object]) -> tuple[CheckLine, ...]:
    """What an examination found, those parts first that are not well."""
    told = result.get("checks")
    found: Sequence[Mapping[str, object]] = told if isinstance(told, list) else ()
    lines = [_line(each) for each in found]
    return tuple(sorted(lines, key=lambda line: line.ok))


def _line(told: Mapping[str, object]) -> CheckLine:
    name = str(told["name"])
    return CheckLine(name, CHECKS.get(name, CheckWords(name, "")), bool(told["ok"]), str(told["detail"]))
