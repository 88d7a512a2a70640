"""Which dossiers the files of a batch told of, changed or not: what a later whole export no longer tells has vanished."""

from array import array
from collections.abc import Iterable, Mapping

from tracker.store.bulk import BulkWriter, Known
from tracker.store.seen import packed
from tracker.store.tellings import add_seen


class Seen:
    """Gathers the dossiers of one batch; `write` once at its end."""

    def __init__(self) -> None:
        # Each dossier twice its id, plus one while it is open: half of what pairs would take.
        self._told = array("q")
        self._followed: dict[int, bool] = {}
        self._first: int | None = None
        self._last: int | None = None

    def stored(self, dossiers: Iterable[Known]) -> None:
        """These dossiers were told."""
        for one in dossiers:
            self._told.append(one.dossier_id * 2 + one.is_open)
            at = one.received_at
            if at is not None:
                self._first = at if self._first is None or at < self._first else self._first
                self._last = at if self._last is None or at > self._last else self._last

    def changed(self, dossiers: Mapping[int, bool]) -> None:
        """These dossiers were told and are open now, or not."""
        self._told.extend(number * 2 + is_open for number, is_open in dossiers.items())

    def followed(self, dossiers: Mapping[int, bool]) -> None:
        """Events say whether these are open; that they were told of is for rows to say."""
        self._followed |= dossiers

    def write(self, writer: BulkWriter, batch_id: int, *, is_full: bool) -> None:
        """Keep them."""
        # What was told last of a dossier is what it is.
        latest = {each >> 1: each & 1 for each in self._told}
        latest |= {number: is_open for number, is_open in self._followed.items() if number in latest}
        ids = sorted(latest)
        row = (batch_id, is_full, len(ids), sum(latest.values()), self._first, self._last, packed(ids))
        add_seen(writer, row)
