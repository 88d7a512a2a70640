"""`ingest`: files -> the store, as one batch that becomes visible in one step. A kill leaves the store as it was."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from tracker.config_data import load_policy
from tracker.errors import CalendarError
from tracker.ingest.elements import ElementFinder
from tracker.ingest.events import EventReader
from tracker.ingest.layout import Layout, Table
from tracker.ingest.normalize import Circumstances, Normalizer
from tracker.ingest.readers.opening import open_tables
from tracker.ingest.readers.payloads import Payload, PayloadTable
from tracker.ingest.readers.portal_json import PortalTable
from tracker.ingest.rows import RowFinder
from tracker.pipeline.batch import BatchCounts, BatchWork
from tracker.pipeline.limits import limit_book
from tracker.pipeline.progressing import store_events, take_in_waiting
from tracker.pipeline.seen import Seen
from tracker.pipeline.sorting import Identity
from tracker.pipeline.unit_dues import UnitDues
from tracker.pipeline.vanishing import COUNTED_AS, Vanishing
from tracker.pipeline.write_behind import WriteBehind, writing_behind
from tracker.store import batches, catalogue
from tracker.store.audit import Act, append_acts
from tracker.store.bulk import BulkWriter
from tracker.store.calendars import load_history
from tracker.store.locks import Lock
from tracker.store.session import Session, Store
from tracker.store.turns import staged_turn
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, IngestReport

YEARS_AHEAD = 5
LARGE_BATCH = 10_000
Progress = Callable[[str], None]
InSameStep = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What to read and how; `now` is the moment of knowledge, `actor` who asked for it.

    `payloads` come over the wire instead of in files. `origin`: file, push, pull, watched or replay. `is_full`: the
    files are a whole export of their source, so that what they do not tell has vanished. `mapping`: how headings are to
    be read, folded heading -> our field ("" = left out). `source_order`: whose values stand where several sources tell of
    one dossier, those placed first. `leave_out`: columns of this source that are not taken in at all.
    """

    paths: tuple[Path, ...]
    now: datetime
    source: str = "main"
    dry_run: bool = False
    chunk_rows: int = 10_000
    max_file_mib: int = 2048
    actor: str = "operator"
    payloads: tuple[Payload, ...] = ()
    origin: str = "file"
    is_full: bool = False
    mapping: Mapping[str, str] | None = None
    source_order: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()


def ingest(
    store: Store,
    calendar_key: str,
    plan: IngestPlan,
    progress: Progress,
    *,
    in_same_step: InSameStep | None = None,
) -> IngestReport:
    """Read all files of the plan into the store, or none of them.

    `calendar_key` names the office's calendar, for units that have none of their own. `in_same_step` writes into the
    very transaction that makes the batch visible; a dry run has none.

    Raises:
        UnusableFile: one file cannot be used at all; the store stays as it was.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        # All headers are read before anything is written: an unusable second file must not cost a first import.
        tables: list[Table] = [
            table for path in plan.paths for table in open_tables(stack, path, max_mib=plan.max_file_mib)
        ]
        tables += map(PayloadTable, plan.payloads)
        with staged_turn(store, Lock.INGEST) as turn:
            with writing_behind(in_thread=store.works_elsewhere) as behind:
                # Loaded behind the lock: a change of the calendar applied meanwhile has to count for this batch.
                history = load_history(turn.session, calendar_key)
                work = _begin(turn.session, history, plan, behind)
                _read(tables, work, plan, history.present.default, progress)
            act = _close(turn.session, work, plan)
            if plan.dry_run:
                turn.session.rollback()
            else:
                turn.begin_writing()
                if in_same_step is not None:
                    in_same_step(turn.session)
                append_acts(turn.session, [act])
    return work.counts.report(None if plan.dry_run else work.batch_id, time.perf_counter() - started)


def _read(
    tables: Sequence[Table], work: BatchWork, plan: IngestPlan, calendar: WorkingCalendar, progress: Progress
) -> None:
    for table in tables:
        _read_table(table, work, plan, calendar, progress)
    work.flush()
    take_in_waiting(work)
    # Events come after all dossiers of the batch, in whatever file these stand.
    for table in tables:
        if isinstance(table, PortalTable) and table.holds_events:
            _read_events(table, work, plan, calendar, progress)
    work.flush()


def _begin(session: Session, history: CalendarHistory, plan: IngestPlan, behind: WriteBehind) -> BatchWork:
    source = catalogue.source_id(session, plan.source)
    return BatchWork(
        batch_id=batches.open_batch(session, source, plan.now),
        source_id=source,
        now=int(plan.now.timestamp()),
        writer=BulkWriter(session),
        resolver=catalogue.Resolver(session, behind.settle),
        dues=UnitDues(history, limit_book(session), load_policy(), as_of=plan.now),
        counts=BatchCounts(),
        behind=behind,
        vanishing=Vanishing(session, source),
        session=session,
        identity=Identity(session, source, plan.source_order),
        seen=Seen(),
    )


def _read_table(
    table: Table, work: BatchWork, plan: IngestPlan, calendar: WorkingCalendar, progress: Progress
) -> None:
    if table.unknown:
        progress(f"{table.path.name}: không dùng các cột {', '.join(table.unknown)}")
    file, circumstances = str(table.path), _circumstances(plan, calendar)
    over_the_wire = isinstance(table, PortalTable)
    readers: dict[Layout, tuple[RowFinder, Normalizer]] = {}
    for layout, numbers, rows in table.chunks(plan.chunk_rows):
        if layout not in readers:
            kind = ElementFinder if over_the_wire else RowFinder
            taken = _taken(layout, plan.leave_out)
            readers[layout] = (
                kind(file, table.sheet, taken),
                Normalizer(file, table.sheet, taken, circumstances),
            )
        finder, normalizer = readers[layout]
        work.store_chunk(normalizer, finder.identify(numbers, rows), over_the_wire=over_the_wire)
        progress(f"{table.path.name}: {work.counts.read:,} dòng".replace(",", "."))
    for finder, _ in readers.values():
        work.counts.skip(finder.skipped)


def _taken(layout: Layout, leave_out: frozenset[str]) -> Layout:
    """The layout without columns that the configuration keeps out of the store."""
    if leave_out.isdisjoint(layout.columns):
        return layout
    columns = {name: at for name, at in layout.columns.items() if name not in leave_out}
    return replace(layout, columns=columns)


def _read_events(
    table: PortalTable, work: BatchWork, plan: IngestPlan, calendar: WorkingCalendar, progress: Progress
) -> None:
    file = str(table.path)
    reader = EventReader(file, _circumstances(plan, calendar))
    for events in table.events(plan.chunk_rows):
        store_events(work, reader, events)
        progress(f"{table.path.name}: {work.counts.read:,} dòng và sự kiện".replace(",", "."))


def _circumstances(plan: IngestPlan, calendar: WorkingCalendar) -> Circumstances:
    def opening(day: date) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=VN).timestamp())

    def closing(day: date) -> int:
        try:
            return int(calendar.day_end(day).timestamp())
        except CalendarError:
            return opening(day) + 86_399

    return Circumstances(int(plan.now.timestamp()), plan.now.year + YEARS_AHEAD, opening, closing)


def _close(session: Session, work: BatchWork, plan: IngestPlan) -> Act:
    """Write down what became of the batch; the same for the log of acts."""
    if plan.paths:
        # What is pushed or pulled piece by piece tells nothing by what it does not tell.
        work.seen.write(work.writer, work.batch_id, is_full=plan.is_full)
        if gone := work.vanishing.write(work.writer, work.batch_id, work.now):
            work.counts.flagged[COUNTED_AS] += gone
    files = [{"name": str(path), "sha256": _sha256(path)} for path in plan.paths]
    files += [{"name": payload.name, "sha256": payload.sha256} for payload in plan.payloads]
    report = work.counts.report(work.batch_id, 0.0)
    counts = {
        name: getattr(report, name)
        for name in ("read", "new", "changed", "unchanged", "stale", "rejected", "skipped", "flagged")
    }
    batches.close_batch(session, work.batch_id, json.dumps(files), json.dumps(counts))
    if report.new + report.changed >= LARGE_BATCH:
        work.writer.analyze()
    # Names of files stay with the batch: the log holds counts and what proves which bytes they were.
    detail = {**counts, "sha256": [file["sha256"] for file in files]}
    return Act(plan.now, plan.actor, "ingest", f"batch:{work.batch_id}", detail)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
