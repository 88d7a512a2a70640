"""Progress events told in one go with new dossiers: followed where the files are read, before anything is stored.

Files of events that are not too large are read before the lists of dossiers, so that each dossier meets its events when
it is read, and a new one is stored once, as it stands after them. What meets no dossier comes at the end, as ever.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tracker.ingest.columns import RecordColumns, SourceSuspension
from tracker.ingest.events import ReadEvents, StepRow
from tracker.ingest.partial import PAUSES_UNKNOWN
from tracker.ingest.progress import Standing, follow, with_course

DATED = ("received_at", "finished_at", "returned_at", "withdrawn_at", "refused_at")
NO_FLAGS: frozenset[str] = frozenset()


class Followed(NamedTuple):
    """The events of one dossier as they were told, and how the row stands after them; instants in UTC epoch seconds.

    `last_at`: when the last of them happened that says anything; None where none does. `says_new`: the row stands otherwise
    after them than it did alone; most steps only say who has the dossier.
    """

    steps: Sequence[StepRow]
    finished_at: int | None
    returned_at: int | None
    withdrawn_at: int | None
    refused_at: int | None
    status: str
    status_text: str
    officer_name: str
    flags: str
    says_new: bool
    pauses: tuple[SourceSuspension, ...]
    last_at: int | None


def _standing(columns: RecordColumns) -> list[Sequence[Any]]:
    """The columns that `Standing` is made of, but for the flags."""
    dated = (columns.dates[name] for name in DATED)
    texts = columns.texts
    return [
        *dated, columns.words["status"], columns.status_texts, texts["officer_name"], texts["refusal_reason"],
    ]  # fmt: skip


def _followed(
    columns: RecordColumns, standing: Sequence[Sequence[Any]], position: int, steps: Sequence[StepRow]
) -> Followed:
    """One row of a chunk after all of these events, as if it had been stored before them."""
    flags: set[str] | frozenset[str] = columns.flags.get(position, NO_FLAGS)
    flags = flags if columns.suspensions_told else flags | {PAUSES_UNKNOWN}
    told = Standing._make([*[column[position] for column in standing], " ".join(flags)])
    course = follow(dict.fromkeys(row.step for row in steps), told)
    version, pauses = with_course(told, course, columns.suspensions[position])
    return Followed(
        steps,
        version.finished_at,
        version.returned_at,
        version.withdrawn_at,
        version.refused_at,
        version.status,
        version.status_text,
        version.officer_name,
        version.flags,
        # The flags are the last of both.
        version[:-1] != told[:-1]
        or set(version.flags.split()) != flags
        or tuple(pauses) != tuple(columns.suspensions[position]),
        pauses,
        course.last.at if course.last else None,
    )


class HeldEvents:
    """Events that have been read and wait for their dossiers, in the order in which they were told."""

    def __init__(self, read: Iterable[ReadEvents]) -> None:
        self._in_order: list[StepRow] = []
        self._by_code: dict[str, list[StepRow]] = {}
        self._rejected = ReadEvents()
        for events in read:
            self._rejected.rejected += events.rejected
            self._rejected.flags.update(events.flags)
            self._in_order += events.steps
        for row in self._in_order:
            self._by_code.setdefault(row.code, []).append(row)

    def meet(self, columns: RecordColumns) -> dict[int, Followed]:
        """The events of the rows of a chunk, followed; a row that is faulty, or not alone with its code, meets none."""
        held = self._by_code
        if not held or held.keys().isdisjoint(columns.codes):
            return {}
        times = Counter(code for code in columns.codes if code in held)
        standing = _standing(columns)
        return {
            position: _followed(columns, standing, position, held.pop(code))
            for position, code in enumerate(columns.codes)
            if times.get(code) == 1 and position not in columns.rejected
        }

    def rest(self, size: int) -> Iterator[ReadEvents]:
        """What met no dossier, about `size` at a time; first what was rejected when it was read, and the flags."""
        yield self._rejected
        left = [row for row in self._in_order if row.code in self._by_code]
        for start in range(0, len(left), size):
            yield ReadEvents(left[start : start + size])
