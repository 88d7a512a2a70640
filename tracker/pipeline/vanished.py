"""What the latest whole export of a source no longer tells of, though an earlier one did: late dossiers first.

Nobody is accused falsely: only what a loader called a whole export is looked at, only dossiers that an earlier one told
of, and none that the source told of since in any way. Ended dossiers count only where the export tells of others received
and ended both before and after them: many systems export what is open and what ended lately.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from tracker.pipeline.answers import LateQuestion, judge, late_row
from tracker.store import late_queries, reported, seen
from tracker.store.late_queries import LateFilter
from tracker.store.seen import Missing
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import Basis
from tracker.types.reconciling import SeenBatch, VanishedAnswer, VanishedRow

# So many batches are looked through, newest first, for the one that last told of a dossier.
LOOKED_THROUGH = 400
# An export that tells of fewer than this part of what the one before told of may be no whole one.
DOUBTFUL_PART = 0.5


@dataclass(frozen=True, slots=True)
class VanishedQuestion:
    """Of which source, judged at which moment and by what was known (None: now), in which units (None: all).

    `with_ended`: ended dossiers as well, which costs a look at every one of them.
    """

    source: str
    as_of: datetime
    known: datetime | None = None
    unit_ids: frozenset[int] | None = None
    with_ended: bool = True


def vanished(store: Store, calendars: CalendarHistory, question: VanishedQuestion) -> VanishedAnswer:
    """The dossiers that vanished, late ones first, then those due first."""
    with store.read() as session:
        source_id = reported.source_ids(session).get(question.source)
        found = (
            None
            if source_id is None
            else _missing(session, source_id, question.known, with_ended=question.with_ended)
        )
        if found is None:
            return VanishedAnswer(question.source, None, None, ())
        asked = LateQuestion(question.as_of, unit_ids=question.unit_ids, known=question.known)
        chosen = LateFilter(
            int(question.as_of.timestamp()), Basis.SOURCE, unit_ids=question.unit_ids, known=question.known
        )
        ids = [one.dossier_id for one in found.missing if one.is_accepted]
        rows = []
        for one in late_queries.of_ids(session, chosen, ids):
            verdict = judge(one, one.facts, calendars, asked)
            last = found.last.get(one.dossier_id)
            rows.append(VanishedRow(late_row(one, verdict, None), verdict.is_late, last))
    unaccepted = sum(not one.is_accepted for one in found.missing)
    return VanishedAnswer(
        question.source,
        found.latest,
        found.before,
        tuple(sorted(rows, key=_worst_first)),
        unaccepted if question.unit_ids is None else 0,
        found.latest.dossiers < found.before.dossiers * DOUBTFUL_PART,
    )


def _worst_first(one: VanishedRow) -> tuple[bool, float, str]:
    due = one.row.due_at
    return not one.is_late, due.timestamp() if due else float("inf"), one.row.code


def vanished_open(session: Session, source_id: int, known: datetime | None) -> frozenset[int]:
    """The ids of accepted open dossiers that vanished from a source."""
    found = _missing(session, source_id, known, with_ended=False)
    missing = found.missing if found else ()
    return frozenset(one.dossier_id for one in missing if one.is_accepted)


class LeftOut(NamedTuple):
    """The batch that last told of a dossier, and the first whole export after it, which no longer did."""

    last: SeenBatch
    left_out: SeenBatch


def left_out(session: Session, source_id: int) -> dict[int, LeftOut]:
    """The accepted open dossiers that vanished from a source, by their ids."""
    found = _missing(session, source_id, None, with_ended=False)
    if found is None:
        return {}
    full = sorted(one.batch_id for one in found.full)
    by_id = {one.batch_id: one for one in found.full}
    told = {}
    for one in found.missing:
        last = found.last.get(one.dossier_id)
        if one.is_accepted and last is not None:
            told[one.dossier_id] = LeftOut(last, by_id[full[bisect_right(full, last.batch_id)]])
    return told


# ---------------------------------------------------------------- which ones


@dataclass(frozen=True, slots=True)
class _Found:
    """The export that was looked at, the whole one before it, what is missing, which batch last told of each, all whole
    exports.
    """

    latest: SeenBatch
    before: SeenBatch
    missing: tuple[Missing, ...]
    last: dict[int, SeenBatch]
    full: tuple[SeenBatch, ...]


def _missing(session: Session, source_id: int, known: datetime | None, *, with_ended: bool) -> _Found | None:
    batches = seen.batches_of(session, source_id, known)
    full = [one for one in batches if one.is_full]
    if len(full) < 2:
        return None
    latest, before = full[:2]
    told = seen.told_in(session, latest.batch_id)
    # Of one source alone there is nothing to ask of each dossier, which an index then answers by itself.
    asked = source_id if len(reported.loaded_sources(session)) > 1 else None
    missing = seen.open_untold(session, asked, told, known)
    if with_ended:
        missing += seen.ended_untold(session, asked, told, known)
    newer = [one for one in batches if one.batch_id > latest.batch_id]
    ids = [one.dossier_id for one in missing]
    again = seen.told_later(session, source_id, ids, latest.batch_id, known) | _told_in(session, ids, newer)
    missing = [one for one in missing if one.dossier_id not in again]
    older = [one for one in batches if one.batch_id < latest.batch_id]
    last, by_full = _last_told(session, missing, older)
    kept = tuple(one for one in missing if one.dossier_id in by_full)
    return _Found(latest, before, kept, last, tuple(full))


def _told_in(session: Session, ids: Sequence[int], batches: Iterable[SeenBatch]) -> set[int]:
    """Those of these dossiers that any of these batches told of."""
    if not ids:
        return set()
    asked = np.array(ids, dtype=np.int64)
    told = (np.intersect1d(asked, seen.told_in(session, batch.batch_id)) for batch in batches)
    return {number for found in told for number in found.tolist()}


def _last_told(
    session: Session, missing: Sequence[Missing], older: Sequence[SeenBatch]
) -> tuple[dict[int, SeenBatch], set[int]]:
    """Which batch last told of each, and which of them a whole export ever told of."""
    full = {batch.batch_id for batch in older if batch.is_full}
    by_full = {one.dossier_id for one in missing if one.batch_id in full}
    last: dict[int, SeenBatch] = {}
    waiting = {one.dossier_id for one in missing}
    for batch in older[:LOOKED_THROUGH]:
        if not waiting:
            break
        asked = np.fromiter(waiting, dtype=np.int64, count=len(waiting))
        for dossier_id in np.intersect1d(asked, seen.told_in(session, batch.batch_id)).tolist():
            last.setdefault(dossier_id, batch)
            if batch.is_full:
                by_full.add(dossier_id)
            if dossier_id in by_full:
                waiting.discard(dossier_id)
    return last, by_full
