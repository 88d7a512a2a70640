"""`pull`: another system's dossiers, page after page, each page a batch with the bookmark behind it in one transaction.

A kill loses nothing and halves nothing: the next pull goes on behind the last page that was kept.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.connectors.pages import Page, Puller
from tracker.errors import SourceFailed
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import pull_marks
from tracker.store.session import Session, Store
from tracker.types import IngestReport


@dataclass(frozen=True, slots=True)
class PullReport:
    """What one pull brought, all its pages together; read = new + changed + unchanged + stale + rejected.

    `left_out`: what has no number yet, since nobody has handed it in or taken it in.
    """

    connector: str
    source: str
    pages: int = 0
    left_out: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: int = 0
    last_batch: int | None = None

    def with_page(self, page: Page, report: IngestReport | None) -> "PullReport":
        """The report with one more page, and what became of it."""
        more = replace(self, pages=self.pages + 1, left_out=self.left_out + page.left_out)
        if report is None:
            return more
        counts = {name: getattr(self, name) + getattr(report, name) for name in COUNTS}
        return replace(more, **counts, last_batch=report.batch)


COUNTS = ("read", "new", "changed", "unchanged", "stale", "rejected")


@dataclass(frozen=True, slots=True)
class PullWatch:
    """Who looks on: `page` hears of each page that was read, `in_same_step` writes into the transaction of each batch,
    `now` is the clock.
    """

    now: Callable[[], datetime]
    page: Callable[[Page], None]
    in_same_step: Callable[[Session], None]


def pull(
    store: Store, calendar_key: str, connector: str, puller: Puller, plan: IngestPlan, watch: PullWatch
) -> PullReport:
    """Read all that a system has told since its bookmark; `plan` says how pages are taken in.

    Raises:
        SourceRefused, SourceFailed: the system could not be asked; pages that were kept stay, and so does the bookmark.
    """
    try:
        with store.read() as session:
            mark = pull_marks.find_mark(session, connector)
        report = PullReport(connector, plan.source)
        for page in puller.pages(mark):
            watch.page(page)
            report = report.with_page(page, _taken_in(store, calendar_key, connector, page, plan, watch))
    except SourceFailed as fault:
        with store.transaction() as session:
            pull_marks.note_fault(session, connector, str(fault), watch.now())
        raise
    with store.transaction() as session:
        pull_marks.note_done(session, connector, watch.now())
    return report


def _taken_in(
    store: Store, calendar_key: str, connector: str, page: Page, plan: IngestPlan, watch: PullWatch
) -> IngestReport | None:
    """Keep a page and its bookmark together; None where it holds no dossier."""
    now = watch.now()

    def keep_mark(session: Session) -> None:
        pull_marks.note_mark(session, connector, page.mark, now)
        watch.in_same_step(session)

    if not page.elements:
        with store.transaction() as session:
            keep_mark(session)
        return None
    payload = Payload(page.name, page.elements, page.sha256)
    told = replace(plan, payloads=(payload,), now=now)
    return ingest(store, calendar_key, told, lambda _words: None, in_same_step=keep_mark)
