"""Progress events of one batch: those not known yet are kept, and the dossiers that they tell of follow them."""

from collections import defaultdict

from tracker.ingest.changes import Verdict
from tracker.ingest.events import EventReader, ReadEvents, StepRow
from tracker.ingest.progress import Step
from tracker.ingest.readers.portal_json import EVENT_FIELDS, EventRows
from tracker.pipeline.batch import BatchWork
from tracker.pipeline.changing import Changes
from tracker.types import Rejection


def store_events(work: BatchWork, reader: EventReader, file: str, events: EventRows) -> None:
    """Take some events in; an event of a dossier that nobody has told of is rejected, to be replayed after it."""
    read = reader.read(events)
    work.flush()
    known = work.writer.known(work.source_id, sorted({row.code for row in read.steps}))
    work.vanishing.told(known)
    read.rejected += [_without_dossier(file, row) for row in read.steps if row.code not in known]
    changes = Changes(work.writer, work.dues, work.moment, [stored.dossier_id for stored in known.values()])
    rows: list[tuple[object, ...]] = []
    for dossier_id, told in _by_dossier(read, {code: one.dossier_id for code, one in known.items()}):
        seen = set(changes.steps_of(dossier_id))
        first = len(seen)
        new: list[Step] = []
        for row in told:
            if row.step not in seen:
                seen.add(row.step)
                rows.append(_stored(work, dossier_id, first + len(new), row))
                new.append(row.step)
        work.counts.verdicts[Verdict.CHANGED] += len(new)
        work.counts.verdicts[Verdict.UNCHANGED] += len(told) - len(new)
        if new:
            changes.follow(dossier_id, new, told[-1].number)
    work.counts.flagged.update(read.flags)
    work.behind.start(lambda: _write(work, changes, rows, read))


def _write(work: BatchWork, changes: Changes, rows: list[tuple[object, ...]], read: ReadEvents) -> None:
    changes.write()
    work.writer.add_steps(rows)
    work.reject(read.rejected, EVENT_FIELDS)


def _by_dossier(read: ReadEvents, ids: dict[str, int]) -> list[tuple[int, list[StepRow]]]:
    grouped: defaultdict[int, list[StepRow]] = defaultdict(list)
    for row in read.steps:
        if row.code in ids:
            grouped[ids[row.code]].append(row)
    return list(grouped.items())


def _stored(work: BatchWork, dossier_id: int, seq: int, row: StepRow) -> tuple[object, ...]:
    step = row.step
    told = (step.at, step.status, step.status_text, step.officer, row.department, step.text)
    return (dossier_id, seq, *told, row.step_due, work.now, work.batch_id)


def _without_dossier(file: str, row: StepRow) -> tuple[Rejection, list[str]]:
    message = "chưa có hồ sơ mang mã này: nạp hồ sơ trước, rồi nạp lại tệp tiến độ"
    rejection = Rejection(file, "", row.number, EVENT_FIELDS[0], row.code, "DOSSIER_UNKNOWN", message)
    return rejection, row.cells
