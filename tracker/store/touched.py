"""What of the derived tables a batch makes wrong: counts and causes by month, keys to find dossiers by. Put down in the same step."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy.orm import Session

from tracker.store.cause_marks import TouchedCauses
from tracker.store.rate_marks import TouchedMonths
from tracker.store.search_marks import SearchMarks
from tracker.types import DossierVersion


class Touched:
    """Collects while a batch is written; whoever knows the whole step writes it down."""

    def __init__(self) -> None:
        self._months = TouchedMonths()
        self._keys = SearchMarks()
        self._causes = TouchedCauses()

    def added(self, ids: range, versions: Sequence[DossierVersion]) -> None:
        """New dossiers."""
        self._months.added(versions)
        self._keys.added(ids)
        self._causes.added(ids, versions)

    def replaced(
        self, dossier_id: int, old: DossierVersion, new: DossierVersion, *, is_kept: bool = True
    ) -> None:
        """A dossier that stands otherwise now; `is_kept`: a revision keeps what stood before."""
        self._months.replaced(dossier_id, old, new)
        self._keys.replaced(dossier_id, old, new, is_kept=is_kept)
        self._causes.replaced(old, new)

    def suspended(self, dossier_ids: Collection[int]) -> None:
        """Dossiers whose suspensions are told anew; those that are told of by `replaced` come before."""
        self._months.suspended(dossier_ids)
        self._causes.followed(dossier_ids)

    def stepped(self, dossier_ids: Iterable[int]) -> None:
        """Dossiers of which further steps are told."""
        self._causes.followed(dossier_ids)

    def moved(self, received: Iterable[int | None]) -> None:
        """Open dossiers whose due date moved, by their receptions."""
        self._months.moved(received)

    def write(self, session: Session) -> None:
        """Put everything down in the transaction that changes the dossiers."""
        self._months.write(session)
        self._keys.write(session)
        self._causes.write(session)
