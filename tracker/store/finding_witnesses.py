"""The last load that told of a dossier before another load changed it: until then the old value surely stood.

Loads of files keep which dossiers they told of, changed or not (`seen`). Each of these lists is unpacked at most once,
for all dossiers together, the newest first.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from tracker.measures.integrity_history import Telling
from tracker.store import seen

Ids = NDArray[np.int64]
# A source that skipped a dossier in so many files before a change tells nothing that would help.
LOOKED_BACK = 60


class Changed(NamedTuple):
    """Loads that told something new: of which dossier, by which load, of which source; columns of equal length."""

    dossiers: Ids
    batches: Ids
    sources: Ids


class Witnesses:
    """Answers for the changes that it was made for."""

    def __init__(self, session: Session, changed: Changed) -> None:
        self._found: dict[tuple[int, int], int] = {}
        self._at: dict[int, int] = {}
        for source in np.unique(changed.sources).tolist():
            here = changed.sources == source
            self._look(session, source, changed.dossiers[here], changed.batches[here])

    def before(self, dossier_id: int, batch_id: int) -> Telling | None:
        """The last load of the same source that told of the dossier before this one did; None: none is known."""
        last = self._found.get((dossier_id, batch_id))
        return None if last is None else Telling(self._at[last], last)

    def batches(self) -> set[int]:
        """All loads that any answer names."""
        return set(self._found.values())

    def _look(self, session: Session, source_id: int, dossiers: Ids, batches: Ids) -> None:
        told = list(reversed(seen.batches_of(session, source_id, None)))
        if not told or not dossiers.size:
            return
        self._at |= {one.batch_id: int(one.at.timestamp()) for one in told}
        places = np.searchsorted(np.array([one.batch_id for one in told]), batches)
        last = np.zeros(dossiers.size, dtype=np.int64)
        for place in range(int(places.max()) - 1, -1, -1):
            asked = np.flatnonzero((last == 0) & (places > place) & (places - place <= LOOKED_BACK))
            if asked.size:
                ids = seen.told_in(session, told[place].batch_id)
                last[asked[np.isin(dossiers[asked], ids)]] = told[place].batch_id
        known = np.flatnonzero(last)
        pairs = zip(dossiers[known].tolist(), batches[known].tolist(), last[known].tolist(), strict=True)
        self._found |= {(dossier, batch): witness for dossier, batch, witness in pairs}
