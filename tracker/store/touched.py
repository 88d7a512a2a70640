"""What of the derived tables a batch makes wrong: counts and causes by month, keys to find dossiers by, the ledger of apologies.

Put down in the same step.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy.orm import Session

from tracker.store.cause_marks import TouchedCauses
from tracker.store.ledger_marks import LedgerMarks
from tracker.store.rate_changes import Pause, TouchedCounts
from tracker.store.rate_summary import Fill
from tracker.store.search_marks import SearchMarks
from tracker.types import DossierVersion


class Touched:
    """Collects while a batch is written; whoever knows the whole step writes it down."""

    def __init__(self) -> None:
        self._counts = TouchedCounts()
        self._keys = SearchMarks()
        self._causes = TouchedCauses()
        self._ledger = LedgerMarks()

    def added(self, ids: range, versions: Sequence[DossierVersion]) -> None:
        """New dossiers."""
        self._counts.added(ids, versions)
        self._keys.added(ids)
        self._causes.added(ids, versions)
        self._ledger.added(ids)

    def replaced(
        self, dossier_id: int, old: DossierVersion, new: DossierVersion, *, is_kept: bool = True
    ) -> None:
        """A dossier that stands otherwise now; `is_kept`: a revision keeps what stood before."""
        self._counts.replaced(dossier_id, old, new)
        self._keys.replaced(dossier_id, old, new, is_kept=is_kept)
        self._causes.replaced(old, new)
        self._ledger.changed((dossier_id,))

    @property
    def wants_pauses(self) -> bool:
        """Is it of use to be told the suspensions that dossiers had?"""
        return self._counts.wants_pauses

    def suspended(self, dossier_ids: Collection[int], pauses: Mapping[int, Sequence[Pause]]) -> None:
        """Dossiers whose suspensions are told anew, with those that they had; those that are told of by `replaced` come before."""
        self._counts.suspended(dossier_ids, pauses)
        self._causes.followed(dossier_ids)
        self._ledger.changed(dossier_ids)

    def stepped(self, dossier_ids: Iterable[int]) -> None:
        """Dossiers of which further steps are told."""
        self._causes.followed(dossier_ids)

    def moved(self, received: Iterable[int | None]) -> None:
        """Open dossiers whose due date moved, by their receptions."""
        self._counts.moved(received)
        self._ledger.everything()

    def write(self, session: Session, fill: Fill, now: int) -> None:
        """Put everything down as of `now` (UTC epoch seconds), in the transaction that changes the dossiers."""
        self._counts.write(session, fill, now)
        self._keys.write(session)
        self._causes.write(session)
        self._ledger.write(session)
