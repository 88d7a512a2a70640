"""Apology letters: what is owed, what was written, and each step of its way. Steps are append-only."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class Obligation(Base):
    """A dossier that is owed an apology (Decree 61/2018 art. 19.9; Chỉ thị 18/CT-UBND), opened once."""

    __tablename__ = "obligation"

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    opened_at: Mapped[At]
    state: Mapped[str]  # owed, to_check, waived, closed
    reason: Mapped[str]


class Letter(Base):
    """One letter; number and date stay empty until the agency's own document system gives them."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("dossier_id", "seq"),
        UniqueConstraint("short_code"),
        Index("ix_letter_state_unit_id", "state", "unit_id"),
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


class LetterStep(Base):
    """One step of a letter: drafted, approved, signed, numbered, delivered, voided; who and when."""

    __tablename__ = "letter_step"

    letter_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[str]
    at: Mapped[At]
    actor: Mapped[str]
    note: Mapped[str]
