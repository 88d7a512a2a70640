"""Apology letters: what is owed, what was written, and each step of its way. Steps are append-only."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt

NO_TEXT = text("''")


class Obligation(Base):
    """A dossier that is or was owed an apology (Decree 61/2018 art. 19.9; Chỉ thị 18/CT-UBND), opened once.

    `steps` is how many steps it has: who changes it says which number it saw, so that nobody undoes another's decision.
    """

    __tablename__ = "obligation"
    __table_args__ = (Index("ix_obligation_state_unit_id", "state", "unit_id"),)

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    opened_at: Mapped[At]  # the moment for which it was found
    state: Mapped[str]  # to_check, owed, waived, closed, before_start
    reason: Mapped[str]  # letters/obligations.py: DutyReason
    kind: Mapped[str] = mapped_column(server_default=NO_TEXT)  # of the letter that is owed, as last judged
    due_at: Mapped[MaybeAt]  # the date that is or will be missed
    unit_id: Mapped[int | None] = mapped_column(BigInteger)  # who owes it, as last judged
    judged_at: Mapped[At] = mapped_column(server_default=text("0"))  # no earlier moment changes it any more
    steps: Mapped[int] = mapped_column(server_default=text("0"))
    decided_by: Mapped[str] = mapped_column(
        server_default=NO_TEXT
    )  # who made it owed or waived it; empty: the rules
    note: Mapped[str] = mapped_column(server_default=NO_TEXT)  # their words
    late_reason: Mapped[str] = mapped_column(server_default=NO_TEXT)  # set by a person for this dossier
    fault_unit_id: Mapped[int | None] = mapped_column(BigInteger)  # drafts in place of the resolving unit
    escalated_at: Mapped[MaybeAt]  # the new date was missed as well and may not be moved again


class ObligationStep(Base):
    """One step of an obligation: opened, decided, waived, closed, ...; for which moment, when and by whom."""

    __tablename__ = "obligation_step"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]  # the state that it led to
    reason: Mapped[str]
    as_of: Mapped[At]
    at: Mapped[At]
    actor: Mapped[str]
    note: Mapped[str]


class LedgerStale(Base):
    """Dossiers that the ledger has to look at again: written in the step that changed them, or a letter or decision of theirs.

    Ids are drawn at random: who writes one waits for nobody, and none is ever given twice.
    """

    __tablename__ = "ledger_stale"

    id: Mapped[Id]
    dossiers: Mapped[int]  # how many
    body: Mapped[bytes] = mapped_column(LargeBinary)  # their ids, packed as in `batch_seen`


class LedgerKept(Base):
    """One row: for which moment the ledger was last kept, and by what."""

    __tablename__ = "ledger_kept"

    id: Mapped[Id]
    as_of: Mapped[At]
    rules: Mapped[
        str
    ]  # another text, and everything is looked at anew; empty: the next run looks at everything
    stamp: Mapped[int] = mapped_column(BigInteger)  # another at random each time that the row is written
    checked_at: Mapped[MaybeAt]  # when a run over everything last looked for what the narrow ones had missed
    missed: Mapped[int] = mapped_column(server_default=text("0"))  # how much it found


class Letter(Base):
    """One letter; number and date stay empty until the agency's own document system or its own series gives them."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        UniqueConstraint("short_code"),
        Index("ix_letter_state_unit_id", "state", "unit_id"),
        # The letters whose new date may still be kept or missed.
        Index(
            "ix_letter_promise",
            "new_due_at",
            sqlite_where=text("promise = 'open'"),
            postgresql_where=text("promise = 'open'"),
        ),
    )

    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int]
    kind: Mapped[str]  # advance, overdue, returned_late, late_refusal
    form: Mapped[str]  # edition of the form, data/letter_forms.toml
    state: Mapped[str]  # drafted, approved, signed, numbered, delivered, void
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    as_of: Mapped[At]
    due_at: Mapped[MaybeAt]  # the date that was promised and not kept
    new_due_at: Mapped[MaybeAt]  # a proposal until approved
    reason: Mapped[str]
    short_code: Mapped[str]
    file: Mapped[str]
    number: Mapped[str | None]
    issued_on: Mapped[date | None]
    paper: Mapped[str] = mapped_column(server_default=text("'a4'"))
    template_id: Mapped[int | None] = mapped_column(BigInteger)  # None: the shipped one
    signer_id: Mapped[int | None] = mapped_column(BigInteger)
    signed_file: Mapped[str] = mapped_column(
        server_default=NO_TEXT
    )  # what came back signed, where it was kept
    signed_sha256: Mapped[str] = mapped_column(server_default=NO_TEXT)
    delivered_at: Mapped[MaybeAt]
    delivered_by: Mapped[str] = mapped_column(server_default=NO_TEXT)  # the channel
    promise: Mapped[str] = mapped_column(
        server_default=NO_TEXT
    )  # open, kept, broken; empty: none was delivered
    desk_told_at: Mapped[MaybeAt]  # the written notice to the one-stop desk (art. 19.9)
    desk_done_at: Mapped[MaybeAt]  # the desk says that it changed the date


class LetterStep(Base):
    """One step of a letter: drafted, approved, signed, numbered, delivered, voided, ...; who and when."""

    __tablename__ = "letter_step"

    letter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    at: Mapped[At]
    actor: Mapped[str]
    note: Mapped[str]


class LetterNotice(Base):
    """How the person or the desk was told of a letter: channel, time, who told it. Append-only; holds no address."""

    __tablename__ = "letter_notice"
    __table_args__ = (Index("ix_letter_notice_letter_id", "letter_id"),)

    id: Mapped[Id]
    letter_id: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str]  # delivery, notice, desk
    channel: Mapped[str]  # email, sms, call, zalo, post, in_person, handover
    at: Mapped[At]
    actor: Mapped[str]  # who wrote it down
    person: Mapped[str]  # who told it, as written down
    note: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(BigInteger)  # of the outbox, where it left by it


class LetterTemplate(Base):
    """One version of a template that an office uploaded; never edited, each letter points to its version."""

    __tablename__ = "letter_template"
    __table_args__ = (Index("ix_letter_template_chosen", "form", "unit_id", "state"),)

    id: Mapped[Id]
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id")
    )  # None: every unit without one of its own
    form: Mapped[str]
    kind: Mapped[str]  # empty: every kind
    version: Mapped[int]
    state: Mapped[str]  # active, retired
    name: Mapped[str]
    sha256: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[str]
    uploaded_at: Mapped[At]
    note: Mapped[str]


class Signer(Base):
    """Who may sign letters of a unit, with what authority and since when (Decree 30/2020 art. 13)."""

    __tablename__ = "signer"

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    full_name: Mapped[str]
    authority: Mapped[str]  # head, deputy, by_order, by_authorisation, acting
    title: Mapped[str]
    head_title: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    basis: Mapped[str]  # the document that gives the authority
    entered_by: Mapped[str]
    entered_at: Mapped[At]


class NumberSeries(Base):
    """A series of numbers of its own that a unit has registered; every other unit takes numbers from outside."""

    __tablename__ = "number_series"

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    symbol: Mapped[str]  # "PXL-STNMT": what stands behind the number
    decision: Mapped[str]  # the deciding document
    first_number: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    registered_by: Mapped[str]
    registered_at: Mapped[At]


class LetterNumber(Base):
    """A number given out of a series; one that is voided stays, with its reason: no gap, no double (Decree 30/2020 art. 15)."""

    __tablename__ = "letter_number"
    __table_args__ = (Index("ix_letter_number_letter_id", "letter_id"),)

    series_id: Mapped[int] = mapped_column(
        ForeignKey("number_series.id"), primary_key=True, autoincrement=False
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    letter_id: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]  # used, void
    reason: Mapped[str]
    at: Mapped[At]
    actor: Mapped[str]


class DelayReason(Base):
    """Why dossiers of a unit, procedure and span of due dates are late, as a person set it; used where a dossier says none."""

    __tablename__ = "delay_reason"

    id: Mapped[Id]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id"))
    due_from: Mapped[date]
    due_to: Mapped[date]
    text: Mapped[str]
    entered_by: Mapped[str]
    entered_at: Mapped[At]
    ended_at: Mapped[MaybeAt]  # taken back: used by no later draft
    ended_by: Mapped[str] = mapped_column(server_default=NO_TEXT)
