"""Accounts with role and unit scope, what two persons change, counts against guessing, and the log of who saw, exported
or changed what (ids, no personal data), chained and sealed.
"""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class User(Base):
    """An account. `unit_id` limits what it sees to that unit and those below it; None = the whole province."""

    __tablename__ = "user_account"
    __table_args__ = (
        Index(
            "uq_user_account_sso_subject",
            "sso_subject",
            unique=True,
            sqlite_where=text("sso_subject <> ''"),
            postgresql_where=text("sso_subject <> ''"),
        ),
    )

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    email: Mapped[str]  # where the office's messages to this person go; empty: nowhere
    role: Mapped[str]  # desk, head, auditor, reform, admin
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    password_hash: Mapped[str]
    is_demo: Mapped[bool]
    disabled_at: Mapped[MaybeAt]
    created_at: Mapped[At]
    failed_logins: Mapped[int]
    locked_until: Mapped[MaybeAt]
    session_salt: Mapped[str]  # changes with password, role and unit: ends all sessions
    must_change_password: Mapped[bool]  # the password was told by somebody else: good for one log-in only
    # The secret of the second factor, encrypted by the key of this installation; empty: none.
    second_factor: Mapped[str] = mapped_column(server_default=text("''"))
    second_factor_since: Mapped[MaybeAt]
    second_factor_step: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0")
    )  # the last 30 seconds (RFC 6238) whose code was taken: no code is good twice
    # Who it is at the identity provider: "issuer subject"; empty: nobody.
    sso_subject: Mapped[str] = mapped_column(server_default=text("''"))


class TwoPersonChange(Base):
    """A change that one person asks for and another decides; the kinds stand in app/two_person_kinds.py."""

    __tablename__ = "two_person_change"
    __table_args__ = (Index("ix_two_person_change_state", "state"),)

    id: Mapped[Id]
    kind: Mapped[str]
    subject: Mapped[str]  # "user:12"
    payload: Mapped[str]  # JSON: what is asked for
    before: Mapped[str]  # JSON: what stood when it was asked for; if it no longer stands, nothing is applied
    reason: Mapped[str]
    state: Mapped[str]  # proposed, applied, rejected, withdrawn
    proposed_by: Mapped[str]
    proposed_at: Mapped[At]
    decided_by: Mapped[str | None]
    decided_at: Mapped[MaybeAt]
    note: Mapped[str]


class RateCount(Base):
    """How often something was tried in a window of time, for all processes together."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[At]


class AuditEntry(Base):
    """One act. Append-only, held by triggers; `detail` is JSON with ids, counts and filters, never names or addresses."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        # Who logged in when last is asked for on every page of accounts; log-ins are few among all acts.
        Index(
            "ix_audit_entry_login",
            "actor",
            "at",
            sqlite_where=text("action = 'login'"),
            postgresql_where=text("action = 'login'"),
        ),
    )

    id: Mapped[Id]
    at: Mapped[At]
    actor: Mapped[str]  # login, or "operator" for the command line
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[str]
    chain: Mapped[str]  # SHA-256 over the entry before and this one: tracker/store/audit.py


class AuditSeal(Base):
    """The head of the log at the end of a day, told to the outside: a later cut or rewriting is seen. Append-only."""

    __tablename__ = "audit_seal"

    day: Mapped[date] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)  # the last entry that it seals; 0 = the log was empty
    chain: Mapped[str]
    sealed_at: Mapped[At]
    line: Mapped[str]  # as printed and sent
