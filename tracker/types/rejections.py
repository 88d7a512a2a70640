"""Rows that could not be used, as they are kept: where they stood, what they held, and what became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RejectionState(StrEnum):
    """What became of a rejected row."""

    OPEN = "open"
    TAKEN_IN = "taken_in"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class KeptRejection:
    """A rejected row. `cells` are redacted, `fields` our name of each (empty: nobody wrote them down, so it cannot be
    mended); `file` as it is shown to people.
    """

    rejection_id: int
    batch_id: int
    source: str
    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str
    cells: tuple[str, ...]
    fields: tuple[str, ...]
    resolved_batch_id: int | None = None
    closed_by: str = ""
    closed_reason: str = ""
    closed_at: datetime | None = None

    @property
    def state(self) -> RejectionState:
        """Taken in by a later batch, put aside by a person, or open."""
        if self.resolved_batch_id is not None:
            return RejectionState.TAKEN_IN
        return RejectionState.OPEN if self.closed_at is None else RejectionState.CLOSED

    @property
    def told(self) -> dict[str, str]:
        """Our field -> its cell."""
        return dict(zip(self.fields, self.cells, strict=False))


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What came of feeding rejected rows back: `taken_in` are in the store, `still` were refused again, `outdated` were
    told anew by a later load, `unmendable` have no names of their columns. `batch` None: nothing was loaded.
    """

    batch: int | None
    asked: int
    read: int
    new: int
    changed: int
    unchanged: int
    stale: int
    rejected: int
    taken_in: int
    outdated: int
    unmendable: int
