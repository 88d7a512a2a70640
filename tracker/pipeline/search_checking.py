"""Are the keys to find dossiers by those that the dossiers should have? Compares; mends nothing."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.store import search_keys, search_marks
from tracker.store.search_marks import Span
from tracker.store.session import Session, Store

READ_AT_ONCE = 5_000
# Examples that are told; the numbers are whole.
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a check found; `waiting` dossiers were left out, which is no fault.

    `missing` keys that dossiers should have and have not; `too_many`: rows that no dossier accounts for, None where
    only a part was looked at or some wait. `examples`: dossiers that miss keys.
    """

    compared: int
    waiting: int
    missing: int
    too_many: int | None
    examples: tuple[int, ...]

    @property
    def ok(self) -> bool:
        """Is everything as it should be?"""
        return not self.missing and not self.too_many


def check(store: Store, *, newest: int | None = None) -> KeyCheck:
    """Compare the keys with the dossiers; `newest`: only of about so many dossiers, the newest ones."""
    with store.read() as session:
        marks, waiting = search_marks.stale(session, limit=None), search_marks.waiting(session)
        spans = search_keys.spans_of_all(session, READ_AT_ONCE)
        if newest is not None:
            spans = spans[: -(-newest // READ_AT_ONCE)]
        left_out = _Within(marks.spans)
        compared, lost = 0, 0
        examples: list[int] = []
        for span in spans:
            should = [row for row in search_keys.wanted(session, span).present if row[2] not in left_out]
            compared += len(should)
            for _, _, dossier_id in search_keys.missing(session, should):
                lost += 1
                if len(examples) < EXAMPLES and dossier_id not in examples:
                    examples.append(dossier_id)
        too_many = _too_many(session, compared - lost) if newest is None and not marks.ids else None
    return KeyCheck(compared, waiting, lost, too_many, tuple(examples))


def _too_many(session: Session, accounted_for: int) -> int:
    return search_keys.count_keys(session) - accounted_for


class _Within:
    """Is a dossier in one of these spans, which are in order?"""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans, self._firsts = spans, [first for first, _ in spans]

    def __contains__(self, dossier_id: int) -> bool:
        at = bisect_right(self._firsts, dossier_id) - 1
        return at >= 0 and dossier_id <= self._spans[at][1]
