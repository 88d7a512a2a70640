"""Which dossiers the files of a batch told of, changed or not: what a later whole export no longer tells has vanished."""

from array import array
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tracker.store.bulk import BulkWriter, Known
from tracker.store.seen import packed
from tracker.store.tellings import add_seen
from tracker.types import DossierVersion


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
            if one.received_at is not None:
                self._told_of(one.received_at)

    def added(self, ids: Sequence[int], versions: Sequence[DossierVersion]) -> None:
        """The same of new dossiers."""
        self._told.extend(
            [number * 2 + (version.ended_at is None) for number, version in zip(ids, versions, strict=True)]
        )
        received = [version.received_at for version in versions if version.received_at is not None]
        if received:
            self._told_of(min(received))
            self._told_of(max(received))

    def _told_of(self, received_at: int) -> None:
        self._first = received_at if self._first is None else min(received_at, self._first)
        self._last = received_at if self._last is None else max(received_at, self._last)

    def changed(self, dossiers: Mapping[int, bool]) -> None:
        """These dossiers were told and are open now, or not."""
        self._told.extend(number * 2 + is_open for number, is_open in dossiers.items())

    def followed(self, dossiers: Mapping[int, bool]) -> None:
        """Events say whether these are open; that they were told of is for rows to say."""
        self._followed |= dossiers

    def write(self, writer: BulkWriter, batch_id: int, *, is_full: bool) -> None:
        """Keep them."""
        told = np.array(self._told, dtype=np.int64)[::-1]
        # What was told last of a dossier is what it is.
        ids, last = np.unique(told >> 1, return_index=True)
        is_open = told[last] & 1
        followed = np.array(list(self._followed.items()), dtype=np.int64).reshape(-1, 2)
        among = followed[np.isin(followed[:, 0], ids)]
        is_open[np.searchsorted(ids, among[:, 0])] = among[:, 1]
        row = (batch_id, is_full, ids.size, int(is_open.sum()), self._first, self._last, packed(ids))
        add_seen(writer, row)
