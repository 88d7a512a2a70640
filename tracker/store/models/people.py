"""Accounts with role and unit scope, and the log of who saw, exported or changed what (ids, no personal data)."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class User(Base):
    """An account. `unit_id` limits what it sees to that unit and those below it; None = the whole province."""

    __tablename__ = "user_account"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    role: Mapped[str]  # desk, head, auditor, reform, admin
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    password_hash: Mapped[str]
    is_demo: Mapped[bool]
    disabled_at: Mapped[MaybeAt]
    created_at: Mapped[At]
    failed_logins: Mapped[int]
    locked_until: Mapped[MaybeAt]
    session_salt: Mapped[str]  # changes with the password: ends all sessions


class AuditEntry(Base):
    """One act. Append-only; `detail` is JSON with ids, counts and filters, never names or addresses."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_at", "at"),)

    id: Mapped[Id]
    at: Mapped[At]
    actor: Mapped[str]  # login, or "operator" for the command line
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
