"""What several sources say of one dossier, what waits for a dossier, and how sources are read: keys, marks, layouts.

Nothing here decides: rows are what was told, asked or typed, with who and when.
"""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class Telling(Base):
    """What a source tells of a dossier whose values come from another source; the latest of each source."""

    __tablename__ = "telling"
    __table_args__ = (
        Index(
            "ix_telling_disagrees",
            "dossier_id",
            sqlite_where=text("disagrees <> ''"),
            postgresql_where=text("disagrees <> ''"),
        ),
    )

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    row_hash: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[MaybeAt]
    body: Mapped[str]  # JSON of what it tells, by our field names
    disagrees: Mapped[str]  # fields that say something else than the dossier, joined by a space
    batch_id: Mapped[int] = mapped_column(BigInteger)
    row_no: Mapped[int]
    known_from: Mapped[At]


class CodeAlias(Base):
    """Under which code a code of a source is kept: a second code of a dossier, or one that another dossier has."""

    __tablename__ = "code_alias"

    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    alias: Mapped[str] = mapped_column(primary_key=True, index=True)
    code: Mapped[str] = mapped_column(index=True)
    kind: Mapped[
        str
    ]  # same: both are one dossier; other: the code is another dossier's; told: the source says so
    reason: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[At]


class WaitingEvent(Base):
    """A progress event of a dossier that nobody has told of yet; it goes to the dossier when that comes."""

    __tablename__ = "waiting_event"
    # Those that have come to their dossiers stay; every batch asks for the others only.
    __table_args__ = (
        Index(
            "ix_waiting_event_code",
            "code",
            sqlite_where=text("taken_batch_id IS NULL"),
            postgresql_where=text("taken_batch_id IS NULL"),
        ),
    )

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(BigInteger)
    code: Mapped[str]
    at: Mapped[At]
    status: Mapped[str]
    status_text: Mapped[str]
    officer_name: Mapped[str]
    department: Mapped[str]
    text: Mapped[str]
    step_due_at: Mapped[MaybeAt]
    step_begun_at: Mapped[MaybeAt]
    known_from: Mapped[At]
    batch_id: Mapped[int] = mapped_column(BigInteger)
    row_no: Mapped[int]
    taken_batch_id: Mapped[int | None] = mapped_column(BigInteger)  # the batch that brought its dossier


class BatchSeen(Base):
    """Which dossiers a batch told of, whether it changed them or not; what a later one no longer tells has vanished."""

    __tablename__ = "batch_seen"

    batch_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    is_full: Mapped[bool]  # a whole export of its source, as its loader says
    dossiers: Mapped[int]
    open_dossiers: Mapped[int]
    first_received_at: Mapped[MaybeAt]
    last_received_at: Mapped[MaybeAt]
    body: Mapped[bytes] = mapped_column(
        LargeBinary
    )  # zlib of the ids in order, each as its distance to the one before


class SourceKey(Base):
    """With what another system logs in to push its dossiers, and for which units it may."""

    __tablename__ = "source_key"

    id: Mapped[Id]
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    login: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str]  # argon2
    units: Mapped[str]  # JSON list of unit codes (madonvi) that it may write
    made_by: Mapped[str]
    made_at: Mapped[At]
    disabled_at: Mapped[MaybeAt]
    used_at: Mapped[MaybeAt]


class SourceSession(Base):
    """A system that has logged in: the hash of its token, until when it counts."""

    __tablename__ = "source_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("source_key.id"), index=True)
    expires_at: Mapped[At]


class PullMark(Base):
    """How far a source has been pulled: where the next pull begins, and how the last one went."""

    __tablename__ = "pull_mark"

    connector: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str]  # JSON, the connector's own
    tried_at: Mapped[MaybeAt]
    done_at: Mapped[MaybeAt]
    fault: Mapped[str]


class SavedLayout(Base):
    """How the columns of a kind of file are to be read, as a person has confirmed it."""

    __tablename__ = "saved_layout"

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    signature: Mapped[str] = mapped_column(index=True)  # hash of the folded headings that it fits
    mapping: Mapped[str]  # JSON: folded heading -> our field, empty = left out
    made_by: Mapped[str]
    made_at: Mapped[At]


class KeptFile(Base):
    """A file that holds what it should not hold for ever: until when it is kept, and the proof that it is gone."""

    __tablename__ = "kept_file"

    id: Mapped[Id]
    kind: Mapped[str]  # upload, rejections, export, watched
    path: Mapped[str]  # below the data folder
    name: Mapped[str]
    subject: Mapped[str]  # work:12, batch:7
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str]
    made_at: Mapped[At]
    expires_at: Mapped[At] = mapped_column(index=True)
    deleted_at: Mapped[MaybeAt]
    deleted_as: Mapped[str]  # expired, asked, missing; empty while it is there


class ReportedTotal(Base):
    """One figure of a source's own report, from a file or typed in; compared with what we count."""

    __tablename__ = "reported_total"
    __table_args__ = (
        UniqueConstraint(
            "source_id", "form", "period_from", "period_to", "row_kind", "row_name", "measure", "report_id",
            name="uq_reported_total_place",
        ),
    )  # fmt: skip

    id: Mapped[Id]
    report_id: Mapped[int] = mapped_column(BigInteger, index=True)
    source_id: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str]
    period_from: Mapped[date]
    period_to: Mapped[date]
    row_kind: Mapped[str]  # unit, field, procedure, total
    row_name: Mapped[str]
    unit_id: Mapped[int | None] = mapped_column(BigInteger)
    measure: Mapped[str]
    value: Mapped[int] = mapped_column(BigInteger)
    file: Mapped[str]
    row_no: Mapped[int]
    entered_by: Mapped[str]
    entered_at: Mapped[At]
