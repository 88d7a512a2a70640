"""Which months' counts a change of dossiers touches: gathered while a batch is written, put down in its own step where
the change itself cannot bring them up to date (`tracker.store.rate_changes`).

Marking too much costs a recount of a month, marking too little a wrong figure: whatever is not plainly narrow is wide.
"""

from collections.abc import Iterable, Mapping

import numpy as np
from sqlalchemy.orm import Session

from tracker.measures.months import DAY, TO_THIS_DAY, VN_OFFSET, Months, month_of, united
from tracker.store.ids import next_id
from tracker.store.models import RateStale
from tracker.store.versions import AWAITING, NEVER_COUNTED
from tracker.types import DossierVersion, SourceStatus

# What a dossier is counted by beside its end.
STANDING = (
    "received_at", "source_due_at", "promised_at", "documented_due_at",
    "resolving_unit_id", "field_id", "procedure_id", "channel",
)  # fmt: skip
_AT = tuple(DossierVersion._fields.index(name) for name in STANDING)
_MOST_SPANS = 4_096


class TouchedMonths:
    """The months that a batch touches."""

    def __init__(self) -> None:
        self._spans: set[Months] = set()
        # Of those only the end changed, as long as nobody says that their suspensions did.
        self._narrow: dict[int, tuple[Months, Months]] = {}

    def added(self, versions: Iterable[DossierVersion]) -> None:
        """New dossiers: from reception to end, or to this day."""
        pairs = [(v.received_at, v.ended_at) for v in versions if v.received_at is not None]
        if not pairs:
            return
        never = np.iinfo(np.int64).max
        received = np.array([pair[0] for pair in pairs], dtype=np.int64)
        ended = np.array([never if pair[1] is None else pair[1] for pair in pairs], dtype=np.int64)
        last = np.where(ended == never, TO_THIS_DAY, _months(np.minimum(ended, 1 << 40)))
        packed = np.unique(_months(received) * (TO_THIS_DAY + 1) + last)
        self._spans.update((int(one) // (TO_THIS_DAY + 1), int(one) % (TO_THIS_DAY + 1)) for one in packed)
        self._keep_small()

    def replaced(self, dossier_id: int, old: DossierVersion, new: DossierVersion) -> None:
        """A dossier that stands otherwise now."""
        wide = _wide(old, new)
        if wide is None:
            return
        narrow = _narrow(old, new)
        before = self._narrow.pop(dossier_id, None)
        if narrow is None or before is not None:
            self._spans.update((wide, *(before or ())[1:]))
        else:
            self._narrow[dossier_id] = (narrow, wide)

    def suspended(self, dossier_ids: Iterable[int]) -> None:
        """Dossiers whose suspensions are told anew; those that are told of by `replaced` come before."""
        for number in dossier_ids:
            found = self._narrow.pop(number, None)
            if found is not None:
                self._spans.add(found[1])
        self._keep_small()

    def moved(self, received: Iterable[int | None]) -> None:
        """Open dossiers whose due date moved, by their receptions."""
        self._spans.update((month_of(at), TO_THIS_DAY) for at in received if at is not None)

    def take(self) -> list[Months]:
        """The months that were gathered, which are forgotten here."""
        narrow = (span for span, _ in self._narrow.values() if span[0] < TO_THIS_DAY)
        spans = united([*self._spans, *narrow])
        self._spans.clear()
        self._narrow.clear()
        return spans

    def _keep_small(self) -> None:
        if len(self._spans) > _MOST_SPANS:
            self._spans = set(united(self._spans))


def mark(session: Session, spans: Iterable[Months]) -> None:
    """Say that the counts of months may be wrong."""
    rows = list(spans)
    if rows:
        first = next_id(session, RateStale.id)
        session.add_all(
            RateStale(id=number, first=span[0], last=span[1]) for number, span in enumerate(rows, first)
        )
        session.flush()


def _months(instants: np.ndarray) -> np.ndarray:
    days = ((instants + VN_OFFSET) // DAY).astype("datetime64[D]")
    count = days.astype("datetime64[M]").astype(np.int64)
    return (count // 12 + 1970) * 100 + count % 12 + 1


def _last(version: DossierVersion) -> int:
    return TO_THIS_DAY if version.ended_at is None else month_of(version.ended_at)


def _wide(old: DossierVersion, new: DossierVersion) -> Months | None:
    """All months in which the dossier was or is counted; None: in none."""
    counted = [version for version in (old, new) if version.received_at is not None]
    if not counted:
        return None
    first = min(month_of(version.received_at) for version in counted if version.received_at is not None)
    return first, max(first, *(_last(version) for version in counted))


def _narrow(old: DossierVersion, new: DossierVersion) -> Months | None:
    """The months from the earlier to the later end where nothing else changed that counts; else None.

    Open before and after is the span from "to this day" on: no month at all.
    """
    if any(old[at] != new[at] for at in _AT):
        return None
    if not all(map(_counts_plainly, (old, new))):
        return None
    ends = (_last(old), _last(new))
    return min(ends), max(ends)


def _counts_plainly(version: DossierVersion) -> bool:
    """Is it counted, and not as waiting by its status alone?"""
    uncounted: Mapping[str, bool] = {SourceStatus.FILED.value: True, **dict.fromkeys(AWAITING, True)}
    return (
        version.received_at is not None
        and version.status not in uncounted
        and version.end_kind not in NEVER_COUNTED
        and (version.ended_at is not None or version.end_kind is None)
    )
