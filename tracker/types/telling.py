"""What a source tells: rejected rows, versions of dossiers, the report of an ingest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot be used: where it stood, what is wrong, in the user's words. Kept, shown, replayable."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileWarning:
    """Something odd about a whole file or column that rejects nothing by itself; `column` is empty where none is meant,
    `file` the name of the file.
    """

    code: str
    column: str
    message: str
    file: str = ""


class DossierVersion(NamedTuple):
    """One version of a dossier as the store keeps it; fields and order are those of `store.models.DossierColumns`.

    Instants are UTC epoch seconds, words are values of our enums, ids are the store's. A tuple, since a
    province-year goes into the database as 420,000 of them.
    """

    source_id: int
    code: str
    procedure_id: int | None
    field_id: int | None
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    returning_unit_id: int | None
    channel: str
    applicant_kind: str
    applicant_name: str
    address: str
    phone: str
    officer_name: str
    limit_text: str
    filed_at: int | None
    received_at: int | None
    promised_at: int | None
    source_due_at: int | None
    documented_due_at: int | None
    documented_reason: str | None
    finished_at: int | None
    returned_at: int | None
    withdrawn_at: int | None
    refused_at: int | None
    ended_at: int | None
    end_kind: str | None
    suspended_from: int | None
    status: str
    status_text: str
    late_reason: str
    note: str
    updated_at: int | None
    flags: str
    row_hash: bytes
    batch_id: int
    row_no: int
    post_received_at: int | None = None
    intake_due_at: int | None = None
    refusal_reason: str = ""
    ended_known_at: int | None = None
    told: int = -1


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest did; read = new + changed + unchanged + stale + rejected, always."""

    batch: int | None
    read: int
    new: int
    changed: int
    unchanged: int
    stale: int
    rejected: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    warnings: tuple[FileWarning, ...] = ()
