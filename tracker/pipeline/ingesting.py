"""`ingest`: files -> the store, as one batch that becomes visible in one step. A kill leaves the store as it was."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from subprocess import Popen

from tracker.config_data import load_policy
from tracker.ingest.layout import Table
from tracker.ingest.normalize import Circumstances
from tracker.ingest.reader_start import is_worth_a_process
from tracker.ingest.readers.mended import MendedTable
from tracker.ingest.readers.opening import open_tables
from tracker.ingest.readers.payloads import Payload, PayloadTable
from tracker.ingest.reading import Closings, HowToRead, LocalReading, Midnights, Reading, TableTold
from tracker.ingest.reading_process import Request
from tracker.pipeline.admission import UnitBound, admitted
from tracker.pipeline.batch import BatchCounts, BatchWork
from tracker.pipeline.limits import limit_book
from tracker.pipeline.progressing import store_events, take_in_waiting
from tracker.pipeline.reading_elsewhere import reading_elsewhere
from tracker.pipeline.seen import Seen
from tracker.pipeline.sorting import Identity
from tracker.pipeline.unit_dues import UnitDues
from tracker.pipeline.vanishing import COUNTED_AS, Vanishing
from tracker.pipeline.write_behind import WriteBehind, writing_behind
from tracker.store import batches, catalogue, office_events, tellings
from tracker.store.audit import Act, append_acts
from tracker.store.bulk import BulkWriter
from tracker.store.calendars import load_history
from tracker.store.locks import Lock
from tracker.store.office_events import EventKind, NewEvent
from tracker.store.partitions import prepare
from tracker.store.session import Session, Store
from tracker.store.turns import staged_turn
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import FileWarning, IngestReport

YEARS_AHEAD = 5
LARGE_BATCH = 10_000
EVENTS_AT_ONCE = 10_000
CONVERTED = "ENCODING_CONVERTED"
PUSHED = "push"
Progress = Callable[[str], None]
InSameStep = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class IngestPlan:
    """What to read and how; `now` is the moment of knowledge, `actor` who asked for it.

    `payloads` come over the wire instead of in files, `mended` are rejected rows that are fed back. `origin`: file, push,
    pull, watched or replay. `is_full`: the files are a whole export of their source, so that what they do not tell has
    vanished. `mapping`: how headings are to be read, folded heading -> our field ("" = left out). `source_order`: whose
    values stand where several sources tell of one dossier, those placed first. `leave_out`: columns of this source that
    are not taken in at all. `units`: those whose dossiers may be written, None = all. `patience_ms`: how long to wait for
    another load, None = as every writer. `reader`: a process that was started to read for this load and waits.
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
    units: frozenset[int] | None = None
    patience_ms: int | None = None
    zone_utc: bool = False
    mended: tuple[MendedTable, ...] = ()
    reader: Popen[bytes] | None = None


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
    very transaction that makes the batch visible; of a dry run it sees what would be kept, which is then undone.

    Raises:
        UnusableFile: one file cannot be used at all; the store stays as it was.
    """
    started = time.perf_counter()
    with ExitStack() as stack:
        # All headers are read before anything is written: an unusable second file must not cost a first import. Large
        # files are opened by another process meanwhile.
        reading = _open(stack, plan, ahead=store.works_elsewhere)
        # Hashed beside the reading: it lets go of the interpreter.
        beside = stack.enter_context(ThreadPoolExecutor(1, "sha256"))
        proofs = [beside.submit(_sha256, path) for path in plan.paths]
        if not plan.dry_run:
            prepare(store, plan.now)
        with staged_turn(store, Lock.INGEST, patience_ms=plan.patience_ms) as turn:
            with writing_behind(in_thread=store.works_elsewhere) as behind:
                # Loaded behind the lock: a change of the calendar applied meanwhile has to count for this batch.
                history = load_history(turn.session, calendar_key)
                work = _begin(turn.session, history, plan, behind)
                reading.begin(_circumstances(plan, history.present.default))
                _read(_admitted(reading, work, plan), work, progress)
            warnings = _warnings(reading)
            act = _close(turn.session, work, plan, _Read(reading.tables, warnings, proofs))
            if plan.dry_run:
                if in_same_step is not None:
                    in_same_step(turn.session)
                turn.session.rollback()
            else:
                turn.begin_writing()
                work.writer.touched.write(turn.session, work.writer.fill, work.now)
                _tell(turn.session, work, plan)
                if in_same_step is not None:
                    in_same_step(turn.session)
                append_acts(turn.session, [act])
    report = work.counts.report(None if plan.dry_run else work.batch_id, time.perf_counter() - started)
    return replace(report, warnings=warnings)


@dataclass(frozen=True, slots=True)
class _Read:
    """What is known of the files once they have been read; `proofs`: the SHA-256 of each."""

    tables: Sequence[TableTold]
    warnings: tuple[FileWarning, ...]
    proofs: Sequence[Future[str]]


def _warnings(reading: Reading) -> tuple[FileWarning, ...]:
    """What was odd about whole files and columns, what had to be converted among it."""
    notes = [FileWarning(CONVERTED, "", note, table.name) for table in reading.tables for note in table.notes]
    return (*notes, *reading.warnings())


def _open(stack: ExitStack, plan: IngestPlan, *, ahead: bool) -> Reading:
    """The files and payloads of the plan, their headers read. `ahead`: a reader of its own need not wait to be asked; where
    the database works in our process as well, it would only fill the memory.
    """
    how = HowToRead(plan.chunk_rows, plan.leave_out)
    if not plan.payloads and is_worth_a_process(plan.paths):
        # Whose events have to be looked at one by one takes them at the end.
        request = Request(plan.paths, how, plan.max_file_mib, plan.mapping, plan.units is None, ahead)
        return stack.enter_context(reading_elsewhere(request, plan.reader))
    tables: list[Table] = [
        table
        for path in plan.paths
        for table in open_tables(stack, path, max_mib=plan.max_file_mib, mapping=plan.mapping)
    ]
    return LocalReading([*tables, *plan.mended, *map(PayloadTable, plan.payloads)], how)


def _admitted(reading: Reading, work: BatchWork, plan: IngestPlan) -> Reading:
    """The reading without what a source bound to some units may not write."""
    bound = None if plan.units is None else UnitBound(work.session, work.source_id, plan.units)
    return admitted(reading, plan.payloads, bound=bound, settle=work.behind.settle)


def _read(reading: Reading, work: BatchWork, progress: Progress) -> None:
    for table in reading.tables:
        if table.unknown:
            progress(f"{table.name}: không dùng các cột {', '.join(table.unknown)}")
        for note in table.notes:
            progress(f"{table.name}: {note}")
    for chunk in reading.chunks():
        work.store_chunk(reading, chunk)
        progress(f"{reading.tables[chunk.table].name}: {work.counts.read:,} dòng".replace(",", "."))
    work.counts.skip(reading.skipped())
    work.flush()
    take_in_waiting(work)
    # Events come after all dossiers of the batch, in whatever file these stand, but for those of new dossiers that came
    # along with them.
    for events in chain(work.left_behind(EVENTS_AT_ONCE), reading.events()):
        store_events(work, events)
        progress(f"{work.counts.read:,} dòng và sự kiện".replace(",", "."))
    work.flush()


def _begin(session: Session, history: CalendarHistory, plan: IngestPlan, behind: WriteBehind) -> BatchWork:
    source = catalogue.source_id(session, plan.source)
    return BatchWork(
        batch_id=batches.open_batch(session, source, plan.now, origin=plan.origin),
        source_id=source,
        now=int(plan.now.timestamp()),
        writer=BulkWriter(session, plan.now),
        resolver=catalogue.Resolver(session, behind.settle),
        dues=UnitDues(history, limit_book(session), load_policy(), as_of=plan.now),
        counts=BatchCounts(),
        behind=behind,
        vanishing=Vanishing(session, source, is_list=plan.origin != PUSHED),
        session=session,
        identity=Identity(session, source, plan.source_order),
        seen=Seen(),
        awaited=tellings.waiting_codes(session),
    )


def _circumstances(plan: IngestPlan, calendar: WorkingCalendar) -> Circumstances:
    last_year = plan.now.year + YEARS_AHEAD
    return Circumstances(
        int(plan.now.timestamp()), last_year, Midnights(), _closings(calendar), zone_utc=plan.zone_utc
    )


@lru_cache(maxsize=8)
def _closings(calendar: WorkingCalendar) -> Closings:
    days = map(calendar.date_of, range(calendar.size))
    return Closings({day: int(calendar.day_end(day).timestamp()) for day in days})


def _close(session: Session, work: BatchWork, plan: IngestPlan, read: _Read) -> Act:
    """Write down what became of the batch; the same for the log of acts."""
    if plan.paths:
        # What is pushed or pulled piece by piece tells nothing by what it does not tell.
        work.seen.write(work.writer, work.batch_id, is_full=plan.is_full)
        if gone := work.vanishing.write(work.writer, work.batch_id, work.now):
            work.counts.flagged[COUNTED_AS] += gone
    layouts: dict[str, list[str]] = {}
    for table in read.tables:
        layouts.setdefault(table.file, []).append(table.kind)
    files = [
        {"name": str(path), "sha256": proof.result(), "layouts": layouts.get(str(path), [])}
        for path, proof in zip(plan.paths, read.proofs, strict=True)
    ]
    files += [{"name": payload.name, "sha256": payload.sha256} for payload in plan.payloads]
    files += [{"name": str(table.path), "sha256": table.sha256} for table in plan.mended]
    report = work.counts.report(work.batch_id, 0.0)
    counts = {
        name: getattr(report, name)
        for name in ("read", "new", "changed", "unchanged", "stale", "rejected", "skipped", "flagged")
    }
    told = json.dumps([asdict(one) for one in read.warnings], ensure_ascii=False)
    batches.close_batch(session, work.batch_id, json.dumps(files), json.dumps(counts), told)
    if report.new + report.changed >= LARGE_BATCH:
        work.writer.analyze()
    # Names of files stay with the batch: the log holds counts and what proves which bytes they were.
    detail = {**counts, "sha256": [file["sha256"] for file in files]}
    return Act(plan.now, plan.actor, "ingest", f"batch:{work.batch_id}", detail)


def _tell(session: Session, work: BatchWork, plan: IngestPlan) -> None:
    """What other programs are told of the batch: counts, no names of files."""
    report = work.counts.report(work.batch_id, 0.0)
    counts = {
        name: getattr(report, name) for name in ("read", "new", "changed", "unchanged", "stale", "rejected")
    }
    body = {"batch_id": work.batch_id, "source": plan.source, "origin": plan.origin, **counts}
    event = NewEvent(EventKind.BATCH_LOADED, f"batch:{work.batch_id}", None, body)
    office_events.add(session, [event], plan.now)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
