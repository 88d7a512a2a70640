"""Dossiers that a source told as filed and not accepted, and then stopped telling of: events `vanished`, `seen_again`.

Nobody is accused falsely: a file counts as telling of a dossier's place (unit, field, channel) only if it tells others
of that place filed both up to and from the missing one's filing on, and if it holds accepted and unaccepted dossiers
alike, so that it is no list of the one or the other alone. Only unaccepted dossiers are looked at; where none of them
is missing, a batch costs one look into a small set for each chunk.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence

from tracker.store import intake_queries
from tracker.store.bulk import BulkWriter
from tracker.store.intake_queries import Place, Told, Unaccepted
from tracker.store.session import Session
from tracker.timekeeping.intake import SEEN_AGAIN, VANISHED

COUNTED_AS = "INTAKE_VANISHED"


class Vanishing:
    """What one batch tells of the unaccepted dossiers of its source; ask for `told` chunk by chunk, then `write` once.

    `is_list`: of dossiers that a list leaves out something can be said. A push tells of some dossiers and of nothing else:
    none has vanished by it, and only those that it tells of are looked at.
    """

    def __init__(self, session: Session, source_id: int, *, is_list: bool = True) -> None:
        self._session, self._source_id, self._is_list = session, source_id, is_list
        waiting = intake_queries.unaccepted(session, source_id) if is_list else []
        self._waiting = {one.code: one for one in waiting}
        self._missing = set(self._waiting)
        self._ids = array("q")

    def told(self, codes: Iterable[str]) -> None:
        """These codes were told, whatever became of their rows; call before anything of theirs is written."""
        if self._is_list:
            self._missing.difference_update(codes)
            return
        for one in intake_queries.unaccepted(self._session, self._source_id, list(codes)):
            self._waiting.setdefault(one.code, one)

    def told_dossiers(self, dossier_ids: Iterable[int]) -> None:
        """These dossiers were told; nothing is kept where no unaccepted one could be missing."""
        if self._missing:
            self._ids.extend(dossier_ids)

    def write(self, writer: BulkWriter, batch_id: int, now: int) -> int:
        """Append the events of this batch; how many dossiers have vanished. Call when everything else is written."""
        back = [one for one in self._waiting.values() if one.is_gone and one.code not in self._missing]
        missing = [one for code, one in self._waiting.items() if code in self._missing and not one.is_gone]
        gone: Sequence[Unaccepted] = ()
        if missing and self._ids:
            gone = vanished(missing, intake_queries.told_of(self._session, self._ids))
        changed = sorted(
            [*((one, VANISHED) for one in gone), *((one, SEEN_AGAIN) for one in back)], key=_number
        )
        if changed:
            seqs = writer.events_counted([one.dossier_id for one, _ in changed])
            writer.append_events(
                [
                    (one.dossier_id, seqs.get(one.dossier_id, 0), now, kind, "", batch_id)
                    for one, kind in changed
                ]
            )
        return len(gone)


def vanished(missing: Iterable[Unaccepted], told: Mapping[Place, Told]) -> list[Unaccepted]:
    """Which of the missing dossiers the batch would have told of."""
    if not any(one.accepted for one in told.values()) or not any(one.unaccepted for one in told.values()):
        return []
    return [
        one
        for one in missing
        if (place := told.get(one.place)) is not None and place.first <= one.filed_at <= place.last
    ]


def _number(changed: tuple[Unaccepted, str]) -> int:
    return changed[0].dossier_id
