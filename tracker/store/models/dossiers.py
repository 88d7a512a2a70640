"""Dossiers as sources tell them, and everything that was ever seen of them. No verdict is stored.

Lateness depends on the moment of judgement, so only what does not is kept: reception, due dates on three bases,
ends, suspensions, events. `known_from` (knowledge time) is apart from all of these (valid time).
"""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class Batch(Base):
    """One ingest: one transaction, one visible step."""

    __tablename__ = "batch"

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    ingested_at: Mapped[At]
    files: Mapped[str]  # JSON list of {name, sha256, layout, rows}
    counts: Mapped[
        str
    ]  # JSON of the report: read, new, changed, unchanged, stale, rejected, skipped, flagged
    warnings: Mapped[str] = mapped_column(
        server_default=text("'[]'")
    )  # JSON list of {file, code, column, message}
    origin: Mapped[str] = mapped_column(server_default=text("'file'"))  # file, push, pull, watched, replay


class RawBlock(Base):
    """Up to some thousand redacted raw rows of one file, compressed together: what a source said, word by word."""

    __tablename__ = "raw_block"

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str]
    first_row: Mapped[int]
    last_row: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)  # zlib of JSON [[row, cell, ...], ...]


class Rejection(Base):
    """A row that could not be used, with its place and the reason in the user's words."""

    __tablename__ = "rejection"
    __table_args__ = (
        Index(
            "ix_rejection_open",
            "batch_id",
            "id",
            sqlite_where=text("resolved_batch_id IS NULL"),
            postgresql_where=text("resolved_batch_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    file: Mapped[str]
    sheet: Mapped[str]
    row: Mapped[int]
    column: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
    message: Mapped[str]
    cells: Mapped[str]  # JSON of the redacted row, for mending
    fields: Mapped[str] = mapped_column(server_default=text("''"))  # JSON: our field of each of the cells
    resolved_batch_id: Mapped[int | None] = mapped_column(BigInteger)  # mended and taken in by this batch
    closed_by: Mapped[str] = mapped_column(server_default=text("''"))  # who put it aside, with
    closed_reason: Mapped[str] = mapped_column(server_default=text("''"))  # why
    closed_at: Mapped[MaybeAt]


class DossierColumns:
    """The columns of one version of a dossier; shared by the present row and by the versions it had before."""

    source_id: Mapped[int]
    code: Mapped[str]
    procedure_id: Mapped[int | None]
    field_id: Mapped[int | None]
    resolving_unit_id: Mapped[int | None]
    receiving_unit_id: Mapped[int | None]
    returning_unit_id: Mapped[int | None]
    channel: Mapped[str]
    applicant_kind: Mapped[str]
    applicant_name: Mapped[str]
    address: Mapped[str]
    phone: Mapped[str]
    officer_name: Mapped[str]
    limit_text: Mapped[str]
    filed_at: Mapped[MaybeAt]
    received_at: Mapped[MaybeAt]
    promised_at: Mapped[MaybeAt]
    source_due_at: Mapped[MaybeAt]
    documented_due_at: Mapped[MaybeAt]
    documented_reason: Mapped[str | None]  # why documented_due_at is null
    finished_at: Mapped[MaybeAt]
    returned_at: Mapped[MaybeAt]
    withdrawn_at: Mapped[MaybeAt]
    refused_at: Mapped[MaybeAt]
    ended_at: Mapped[MaybeAt]
    end_kind: Mapped[str | None]
    suspended_from: Mapped[MaybeAt]  # start of the suspension that is open
    status: Mapped[str]
    status_text: Mapped[str]
    late_reason: Mapped[str]
    note: Mapped[str]
    updated_at: Mapped[MaybeAt]  # as the source says; orders arrivals
    flags: Mapped[str]  # codes joined by a space
    row_hash: Mapped[bytes] = mapped_column(LargeBinary)
    batch_id: Mapped[int] = mapped_column(BigInteger)
    row_no: Mapped[int]
    post_received_at: Mapped[MaybeAt]  # when the post took the dossier in
    intake_due_at: Mapped[MaybeAt]  # until when it was to be accepted, as the source says
    refusal_reason: Mapped[str] = mapped_column(server_default=text("''"))
    ended_known_at: Mapped[MaybeAt]  # since when this end is known: judged by the calendar known then
    # Which columns the source that this version comes from has told: bits of `ingest.columns.TOLD`; -1 = all of them.
    told: Mapped[int] = mapped_column(BigInteger, server_default=text("-1"))


# Local calendar date of an instant as a number of days; both databases divide whole numbers the same way.
LOCAL_DAY = "(({0} + 25200) / 86400)"
LATE_WHEN_ENDED = f"{LOCAL_DAY.format('ended_at')} > {LOCAL_DAY.format('source_due_at')}"


LONG_SECONDS = 100 * 86_400
LONG = f"ended_at - received_at > {LONG_SECONDS}"
# Counted nowhere.
UNCOUNTED = (
    "received_at IS NULL OR status = 'filed' OR end_kind IN ('not_accepted', 'deleted')"
    " OR (end_kind IS NOT NULL AND ended_at IS NULL)"
)
ENDED_COUNTED = (
    "ended_at",
    "end_kind",
    "status",
    "received_at",
    "source_due_at",
    "promised_at",
    "documented_due_at",
    "resolving_unit_id",
    "field_id",
    "procedure_id",
    "channel",
)


class Dossier(DossierColumns, Base):
    """The latest version of a dossier.

    Open rows have an index per basis, and rows that ended after their source due date one more, so that a late
    list costs what it returns.
    """

    __tablename__ = "dossier"
    __table_args__ = (
        Index("uq_dossier_code", "code", unique=True),
        *(
            Index(
                f"ix_dossier_open_{column}",
                column,
                "resolving_unit_id",
                sqlite_where=text("ended_at IS NULL"),
                postgresql_where=text("ended_at IS NULL"),
            )
            for column in ("source_due_at", "promised_at", "documented_due_at")
        ),
        # A desk's own: it reads its open dossiers, whatever the others have.
        Index(
            "ix_dossier_open_unit",
            "resolving_unit_id",
            "source_due_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_dossier_ended_late",
            "ended_at",
            "resolving_unit_id",
            sqlite_where=text(LATE_WHEN_ENDED),
            postgresql_where=text(LATE_WHEN_ENDED),
        ),
        # Covers the counts of rates and scores, so that they read a tenth of what the rows themselves are.
        Index(
            "ix_dossier_ended",
            *ENDED_COUNTED,
            sqlite_where=text("ended_at IS NOT NULL"),
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
        # Those that took very long, so that what was open at a past moment is found without reading all that ended since.
        Index(
            "ix_dossier_long",
            "ended_at",
            "received_at",
            sqlite_where=text(LONG),
            postgresql_where=text(LONG),
        ),
        Index(
            "ix_dossier_uncounted",
            *("received_at", "filed_at", "ended_at", "known_from", "status", "end_kind"),
            sqlite_where=text(UNCOUNTED),
            postgresql_where=text(UNCOUNTED),
        ),
    )

    id: Mapped[Id]
    known_from: Mapped[At]


class DossierRevision(DossierColumns, Base):
    """A version of a dossier that a later batch replaced: known in [known_from, known_until)."""

    __tablename__ = "dossier_revision"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    known_from: Mapped[At] = mapped_column(primary_key=True)
    known_until: Mapped[At]


class DueSeen(Base):
    """Every due date ever seen: which, when it was said, by which batch. Append-only."""

    __tablename__ = "due_seen"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]  # source, or previous: the date that the source itself calls the earlier one
    due_at: Mapped[MaybeAt]
    seen_at: Mapped[At]
    batch_id: Mapped[int] = mapped_column(BigInteger)


class SuspensionColumns:
    """A suspension as a source told it; shared by the present telling and by those before it."""

    kind: Mapped[str]
    start_at: Mapped[At]
    end_at: Mapped[MaybeAt]
    batch_id: Mapped[int] = mapped_column(BigInteger)


class Suspension(SuspensionColumns, Base):
    """A suspension of a dossier as the source tells it now."""

    __tablename__ = "suspension"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    known_from: Mapped[At]


class SuspensionRevision(SuspensionColumns, Base):
    """A suspension as it was told before a later batch told it anew: known in [known_from, known_until)."""

    __tablename__ = "suspension_revision"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    known_from: Mapped[At] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    known_until: Mapped[At]


class Event(Base):
    """Something that happened to a dossier. Append-only; a reopening does not delete the end before it."""

    __tablename__ = "event"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[At]
    kind: Mapped[
        str
    ]  # finished, refused, withdrawn, reopened, due_changed, status_changed, vanished, seen_again
    text: Mapped[str]
    batch_id: Mapped[int] = mapped_column(BigInteger)


class ProgressEvent(Base):
    """A step of the work on a dossier as a source dates it (`CapNhatTienDoHoSoMC`). Append-only.

    Suspensions, ends and the status of a dossier follow from all of its steps, in whatever order they arrive.
    """

    __tablename__ = "progress_event"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[At]
    status: Mapped[str]
    status_text: Mapped[str]
    officer_name: Mapped[str]
    department: Mapped[str]
    text: Mapped[str]
    step_due_at: Mapped[MaybeAt]
    step_begun_at: Mapped[MaybeAt]  # when the step began, where the source says so; `at` is when it was done
    known_from: Mapped[At]
    batch_id: Mapped[int] = mapped_column(BigInteger)
