"""Progress events of one batch: those not known yet are kept, and the dossiers that they tell of follow them.

An event of a dossier that nobody has told of waits for it, and comes to it in the batch that brings it: events may come
in any order.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from tracker.ingest.changes import Verdict
from tracker.ingest.events import ReadEvents, StepRow
from tracker.ingest.progress import Step
from tracker.ingest.readers.portal_json import EVENT_FIELDS
from tracker.pipeline.batch import BatchWork
from tracker.pipeline.changing import Changes, step_rows
from tracker.store import tellings
from tracker.store.tellings import Waiting

EVENT_WAITING = "EVENT_WAITING"
# Of a whole year half a million events may have waited: they are taken in by so many dossiers.
DOSSIERS_AT_ONCE = 2_000


def store_events(work: BatchWork, read: ReadEvents) -> None:
    """Take some events in; those of dossiers that nobody has told of are kept until somebody does."""
    codes = work.identity.kept_as([row.code for row in read.steps])
    steps = [row._replace(code=code) for row, code in zip(read.steps, codes, strict=True)]
    work.flush()
    known = work.writer.known(sorted({row.code for row in steps}))
    work.vanishing.told(known)
    ids = {code: one.dossier_id for code, one in known.items()}
    changes, rows = _follow(work, ids, [row for row in steps if row.code in ids])
    waiting = _still_unknown(work, [row for row in steps if row.code not in ids])
    work.counts.flagged.update(read.flags)
    work.behind.start(lambda: _write(work, changes, rows, read, waiting))


def take_in_waiting(work: BatchWork) -> None:
    """Events that waited for dossiers which this batch brought go to them; they were counted when they came."""
    codes = sorted(tellings.waiting_codes(work.session))
    ids = {code: one.dossier_id for code, one in work.writer.known(codes).items()} if codes else {}
    counts = work.counts.verdicts.copy()
    brought = sorted(ids)
    for start in range(0, len(brought), DOSSIERS_AT_ONCE):
        waiting = tellings.waiting_events(work.session, brought[start : start + DOSSIERS_AT_ONCE])
        changes, rows = _follow(work, ids, [_as_step(one) for one in waiting])
        changes.write()
        work.writer.add_steps(rows)
        tellings.take_waiting(work.session, [one.id for one in waiting], work.batch_id)
    work.counts.verdicts = counts


def _follow(
    work: BatchWork, ids: Mapping[str, int], steps: Iterable[StepRow]
) -> tuple[Changes, list[tuple[object, ...]]]:
    """The changes that these events bring, and the rows of those that were not known."""
    told = _by_dossier(steps, ids)
    known = work.writer.steps(sorted(told))
    new: dict[int, list[StepRow]] = {}
    for dossier_id, rows in told.items():
        seen = {Step(*step) for step in known.get(dossier_id, ())}
        fresh = []
        for row in rows:
            if row.step not in seen:
                seen.add(row.step)
                fresh.append(row)
        work.counts.verdicts[Verdict.CHANGED] += len(fresh)
        work.counts.verdicts[Verdict.UNCHANGED] += len(rows) - len(fresh)
        if fresh:
            new[dossier_id] = fresh
    # Most events of a second load are known: their dossiers are not even looked at.
    others = work.session if work.identity.several else None
    changes = Changes(work.writer, work.dues, work.moment, new, others=others)
    out: list[tuple[object, ...]] = []
    for dossier_id, rows in new.items():
        out += step_rows(dossier_id, len(changes.steps_of(dossier_id)), rows, work.moment)
        changes.follow(dossier_id, [row.step for row in rows], rows[-1].number)
    work.seen.followed(changes.still_open())
    return changes, out


def _write(
    work: BatchWork,
    changes: Changes,
    rows: list[tuple[object, ...]],
    read: ReadEvents,
    waiting: list[Waiting],
) -> None:
    changes.write()
    work.writer.add_steps(rows)
    work.reject(read.rejected, EVENT_FIELDS)
    if waiting:
        tellings.add_waiting(work.session, work.writer, waiting)


def _by_dossier(steps: Iterable[StepRow], ids: Mapping[str, int]) -> dict[int, list[StepRow]]:
    grouped: defaultdict[int, list[StepRow]] = defaultdict(list)
    for row in steps:
        grouped[ids[row.code]].append(row)
    return grouped


# ---------------------------------------------------------------- waiting


def _still_unknown(work: BatchWork, steps: list[StepRow]) -> list[Waiting]:
    """The events to keep until their dossier comes; those that wait already say nothing new."""
    if not steps:
        return []
    codes = sorted({row.code for row in steps})
    kept = {(one.code, _step(one)) for one in tellings.waiting_events(work.session, codes)}
    new: list[Waiting] = []
    for row in steps:
        if (row.code, row.step) in kept:
            work.counts.verdicts[Verdict.UNCHANGED] += 1
            continue
        kept.add((row.code, row.step))
        step = row.step
        new.append(
            Waiting(
                0, work.source_id, row.code, step.at, step.status, step.status_text, step.officer, row.department,
                step.text, row.step_due, row.step_begun, work.now, work.batch_id, row.number,
            )
        )  # fmt: skip
    work.counts.verdicts[Verdict.NEW] += len(new)
    work.counts.flagged.update(Counter({EVENT_WAITING: len(new)}) if new else {})
    return new


def _step(one: Waiting) -> Step:
    return Step(one.at, one.status, one.status_text, one.officer_name, one.text)


def _as_step(one: Waiting) -> StepRow:
    due, begun = one.step_due_at, one.step_begun_at
    return StepRow(one.row_no, one.code, _step(one), one.department, due, begun)
