"""Do the rows of the causes add up, and does a recount of the dossiers give the same? Reads only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracker.pipeline.cause_counting import count_month
from tracker.store import cause_summary
from tracker.store.cause_summary import CauseRow
from tracker.store.session import Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types.causes import BETWEEN, STEP, TOTAL, UNDIVIDED


@dataclass(frozen=True, slots=True)
class CauseDifference:
    """One row of a month for which the table and a recount say otherwise, or a group that does not add up."""

    month: int
    group: tuple[str, ...]
    kept: str
    recounted: str


@dataclass(frozen=True, slots=True)
class CauseCheck:
    """What a check found; `behind`: months are still to be counted, which is no fault."""

    months: int
    behind: bool
    differences: tuple[CauseDifference, ...]


def check_causes(store: Store, calendars: CalendarHistory, *, months: int = 12) -> CauseCheck:
    """Compare the newest months with a recount; months that changed since they were counted are left out."""
    with store.read() as session:
        kept = cause_summary.months_kept(session)[-months:]
        still = [month for month in kept if not cause_summary.is_behind(session, month, month)]
        found: list[CauseDifference] = []
        for month in still:
            rows = list(cause_summary.rows_of(session, month))
            found += _unbalanced(month, rows)
            found += _differing(month, rows, count_month(session, calendars, month))
        return CauseCheck(len(still), cause_summary.is_behind(session), tuple(found))


def _differing(
    month: int, kept: Iterable[CauseRow], recounted: Iterable[CauseRow]
) -> Iterator[CauseDifference]:
    ours, real = ({row[:5]: _told(row) for row in rows} for rows in (kept, recounted))
    for key in sorted({*ours, *real}):
        if ours.get(key) != real.get(key):
            yield CauseDifference(month, tuple(map(str, key)), ours.get(key, ""), real.get(key, ""))


def _told(row: CauseRow) -> str:
    return " ".join(map(str, (row.holder_id, *row.sums)))


def _unbalanced(month: int, rows: Iterable[CauseRow]) -> Iterator[CauseDifference]:
    """Groups whose parts do not add up to the lateness of all."""
    totals: dict[tuple[int, int, int], int] = {}
    parts: dict[tuple[int, int, int], int] = {}
    for row in rows:
        group = row[1:4]
        if row.part == TOTAL:
            totals[group] = totals.get(group, 0) + row.sums.overrun
        elif row.part in (BETWEEN, UNDIVIDED) or row.part.startswith(STEP):
            parts[group] = parts.get(group, 0) + row.sums.overrun
    for group in sorted({*totals, *parts}):
        whole, together = totals.get(group, 0), parts.get(group, 0)
        if whole != together:
            yield CauseDifference(month, tuple(map(str, group)), str(whole), str(together))
