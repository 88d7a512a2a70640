"""The typed form of a chunk of rows: one list a field, all of one length. Bulk stores take columns, not objects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.types import Rejection, SuspensionKind

DATE_FIELDS = (
    "filed_at",
    "post_received_at",
    "intake_due_at",
    "received_at",
    "previous_due_at",
    "due_at",
    "finished_at",
    "returned_at",
    "withdrawn_at",
    "refused_at",
    "updated_at",
)
# A fault in one of these hides lateness: the row is rejected. In the others it is a flag.
DECISIVE = ("received_at", "due_at", "finished_at", "withdrawn_at")
TEXT_FIELDS = (
    "procedure_code",
    "procedure_name",
    "field_name",
    "resolving_unit",
    "receiving_unit",
    "returning_unit",
    "applicant_name",
    "address",
    "phone",
    "officer_name",
    "limit_text",
    "late_reason",
    "refusal_reason",
    "note",
)
WORD_FIELDS = ("status", "channel", "applicant_kind")
# Bit of each column in `DossierVersion.told`: stored, so names are only ever added at the end.
TOLD = {
    name: 1 << bit
    for bit, name in enumerate(
        (
            "filed_at", "post_received_at", "intake_due_at", "received_at", "previous_due_at", "due_at", "finished_at",
            "returned_at", "withdrawn_at", "refused_at", "updated_at", "procedure_code", "procedure_name", "field_name",
            "resolving_unit", "receiving_unit", "returning_unit", "applicant_name", "address", "phone", "officer_name",
            "limit_text", "late_reason", "refusal_reason", "note", "status", "channel", "applicant_kind", "suspensions",
        )
    )
}  # fmt: skip


def told_bits(columns: Iterable[str]) -> int:
    """The columns as one number; those that have no bit are left out."""
    bits = 0
    for name in columns:
        bits |= TOLD.get(name, 0)
    return bits


def told_columns(bits: int) -> frozenset[str]:
    """The columns of such a number; -1 = all of them."""
    return frozenset(name for name, bit in TOLD.items() if bits & bit)


@dataclass(frozen=True, slots=True)
class SourceSuspension:
    """A suspension as a source told it; UTC epoch seconds, `end` None while open."""

    kind: SuspensionKind
    start: int
    end: int | None


class PackedRaw(NamedTuple):
    """Redacted raw lines of the usable rows as one compressed block, and those of the rejected ones apart."""

    positions: tuple[int, ...]
    body: bytes
    rejected: Mapping[int, str]


@dataclass(slots=True)
class RecordColumns:
    """Typed rows of one chunk. Instants are UTC epoch seconds or None; words are values of our enums."""

    row_numbers: list[int]
    codes: list[str]
    hashes: list[bytes]
    raw: list[str]
    dates: dict[str, list[int | None]]
    texts: dict[str, Sequence[str]]
    words: dict[str, list[str]]
    status_texts: Sequence[str]
    suspensions: list[tuple[SourceSuspension, ...]]
    suspensions_told: bool
    # Raw rows as they came from another process; then `raw` is empty.
    packed: PackedRaw | None = None
    # The raw lines in UTF-8, where those of the usable rows are needed as they are in the file.
    encoded: Sequence[bytes] | None = None
    flags: dict[int, set[str]] = field(default_factory=dict)
    rejected: dict[int, Rejection] = field(default_factory=dict)

    def flag(self, position: int, code: str) -> None:
        """Mark one row with a flag."""
        self.flags.setdefault(position, set()).add(code)
