"""Figures: counts of dossiers by month kept beside them, dated editions that offices enter, measures against faults."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt

NO_TEXT = text("''")


class RateSummary(Base):
    """How many dossiers of a group came, ended and stood open in a span (roll-up; a recount gives the same).

    `grain` says by which of the keys a row is counted; the other keys are 0 and empty. Ended ones stand in the span of
    their end, by how they stand to their due date on each basis (s source, p promised, d documented); open ones are those
    of the span's end. `same_year`: finished in time in the calendar year in which they were received.
    """

    __tablename__ = "rate_summary"

    grain: Mapped[str] = mapped_column(primary_key=True)
    span: Mapped[int] = mapped_column(
        primary_key=True
    )  # month: year * 100 + month; year: year * 100; 0 = now
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    field_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    procedure_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    last_at: Mapped[int] = mapped_column(
        BigInteger
    )  # the latest reception or end counted here, epoch seconds
    received: Mapped[int]
    withdrawn: Mapped[int]
    refused: Mapped[int]
    early_s: Mapped[int]
    on_time_s: Mapped[int]
    late_s: Mapped[int]
    no_due_s: Mapped[int]
    early_p: Mapped[int]
    on_time_p: Mapped[int]
    late_p: Mapped[int]
    no_due_p: Mapped[int]
    early_d: Mapped[int]
    on_time_d: Mapped[int]
    late_d: Mapped[int]
    no_due_d: Mapped[int]
    same_year_s: Mapped[int]
    same_year_p: Mapped[int]
    same_year_d: Mapped[int]
    open: Mapped[int]
    open_late_s: Mapped[int]
    open_no_due_s: Mapped[int]
    suspended_s: Mapped[int]
    open_late_p: Mapped[int]
    open_no_due_p: Mapped[int]
    suspended_p: Mapped[int]
    open_late_d: Mapped[int]
    open_no_due_d: Mapped[int]
    suspended_d: Mapped[int]


class RateStale(Base):
    """Months whose counts may be wrong since dossiers changed: written in the step that changed them."""

    __tablename__ = "rate_stale"

    id: Mapped[Id]
    first: Mapped[int]  # year * 100 + month
    last: Mapped[int]  # the same; 999999 = to this day


class RateStanding(Base):
    """One row: for which moments the counts of what is open "now" (span 0) hold."""

    __tablename__ = "rate_standing"

    id: Mapped[Id]
    holds_from: Mapped[At]
    holds_until: Mapped[
        At
    ]  # exclusive: the local day's end, or the next instant that a dossier already tells of
    # Another at random with each count: what was worked out of the tables under the same one need not be again.
    stamp: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class EditionEntry(Base):
    """An edition of dated data that the office entered over the shipped one, by two persons. Never edited: newest governs.

    Of kind first_day: a word of one person about the office's first day, such as from which day it owes letters.
    """

    __tablename__ = "edition_entry"
    __table_args__ = (Index("ix_edition_entry_kind", "kind", "subject"),)

    id: Mapped[Id]
    kind: Mapped[str]  # criterion, form, published, first_day
    subject: Mapped[str]  # what it is an edition of: "3.4.1", "II.06a", "par-index/2022"
    key: Mapped[str]  # of the edition
    body: Mapped[str]  # JSON of its values
    reason: Mapped[str]
    asked_by: Mapped[str]
    decided_by: Mapped[str]
    entered_at: Mapped[At]


class Remedy(Base):
    """A fault, its cause and the measure against it, as of one telling: the newest telling of a number governs."""

    __tablename__ = "remedy"
    __table_args__ = (Index("ix_remedy_unit_id", "unit_id"),)

    remedy_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id")
    )  # who is responsible; None = the province
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    year: Mapped[int]  # of the figures that showed the fault
    fault: Mapped[str]
    cause: Mapped[str]
    measure: Mapped[str]
    due_on: Mapped[date | None]
    done_on: Mapped[date | None]
    done_note: Mapped[str]
    is_dropped: Mapped[bool] = mapped_column(Boolean)
    told_by: Mapped[str]
    told_at: Mapped[At]


class SavedQuery(Base):
    """A question about dossiers that an auditor keeps under a name."""

    __tablename__ = "saved_query"
    __table_args__ = (Index("ix_saved_query_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str]
    body: Mapped[str]  # JSON of what is asked
    is_shared: Mapped[bool] = mapped_column(Boolean)  # others of the role read it as well
    created_at: Mapped[At]
    deleted_at: Mapped[MaybeAt]


class PackKey(Base):
    """The public half of a key that signs evidence packs; the private half lies in a file of the data folder."""

    __tablename__ = "pack_key"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)  # SHA-256 of the public key, hexadecimal
    public_key: Mapped[str]  # hexadecimal, 32 bytes
    made_by: Mapped[str]
    made_at: Mapped[At]
    retired_at: Mapped[MaybeAt]
    retired_by: Mapped[str] = mapped_column(server_default=NO_TEXT)


class EvidencePack(Base):
    """The register of evidence packs: what each holds and what proves it. Rows stay when the file has gone."""

    __tablename__ = "evidence_pack"

    id: Mapped[Id]
    number: Mapped[str]  # as it stands on the cover: 2026-0001
    title: Mapped[str]
    question: Mapped[str]  # JSON: period, units, basis, as-of, known, what was left out
    counts: Mapped[str]  # JSON: dossiers, files, letters
    file_name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    manifest_sha256: Mapped[str]
    signature: Mapped[str]  # hexadecimal, over the bytes of the manifest
    fingerprint: Mapped[str] = mapped_column(ForeignKey("pack_key.fingerprint"))
    made_by: Mapped[str]
    made_at: Mapped[At]
