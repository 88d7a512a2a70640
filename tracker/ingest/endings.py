"""Which of its dates ends a dossier: the bulk twin of the order in `timekeeping.lateness` (a test holds them equal)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tracker.types import EndKind, SourceStatus


class Dates(NamedTuple):
    """The dates that can end a dossier; UTC epoch seconds."""

    received: int | None
    finished: int | None
    returned: int | None
    withdrawn: int | None
    refused: int | None
    updated: int | None


def ending(status: str, dates: Dates) -> tuple[int | None, str | None]:
    """(end, kind); (None, None) while open.

    Order of the command contract: deleted, refused at intake, withdrawn, finished, refused after acceptance, handed
    over. A withdrawal without any date has a kind but no end: it is counted as undated, never as open.
    """
    accepted = dates.received is not None and status != SourceStatus.FILED
    if status == SourceStatus.DELETED:
        return _first(dates.updated, dates.finished, dates.received), EndKind.DELETED.value
    if status == SourceStatus.REFUSED or (dates.refused is not None and not accepted):
        return _first(dates.refused, dates.finished, dates.updated), EndKind.NOT_ACCEPTED.value
    if dates.withdrawn is not None or status == SourceStatus.WITHDRAWN:
        end = _first(dates.withdrawn, dates.finished, dates.returned, dates.updated)
        return end, (EndKind.WITHDRAWN if accepted else EndKind.NOT_ACCEPTED).value
    if dates.refused is not None:
        return _first(dates.finished, dates.refused), EndKind.REFUSED.value
    end = _first(dates.finished, dates.returned)
    return end, None if end is None else EndKind.FINISHED.value


# With these words, and neither withdrawal nor refusal, only the finish (or hand-over) decides: nearly every row.
PLAIN = frozenset(
    status.value
    for status in SourceStatus
    if status not in (SourceStatus.DELETED, SourceStatus.REFUSED, SourceStatus.WITHDRAWN)
)


def endings(
    statuses: Sequence[str], dates: Mapping[str, Sequence[int | None]]
) -> tuple[list[int | None], list[str | None]]:
    """`ending` for columns of equal length; a test holds the two equal."""
    names = ("received_at", "finished_at", "returned_at", "withdrawn_at", "refused_at", "updated_at")
    ends: list[int | None] = []
    kinds: list[str | None] = []
    finished = EndKind.FINISHED.value
    for status, *row in zip(statuses, *(dates[name] for name in names), strict=True):
        if status in PLAIN and row[3] is None and row[4] is None:
            end = row[1] if row[1] is not None else row[2]
            kind = None if end is None else finished
        else:
            end, kind = ending(status, Dates(*row))
        ends.append(end)
        kinds.append(kind)
    return ends, kinds


def _first(*moments: int | None) -> int | None:
    return next((moment for moment in moments if moment is not None), None)
