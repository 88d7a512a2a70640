"""Messages that go out, written in the transaction of their cause and sent after it; what became of them; the inbox."""

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class OutboxMessage(Base):
    """One message to one recipient by one channel. `attempts` is the fencing token of its sender."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("key"),
        # In this order messages are taken, channel by channel.
        Index(
            "ix_outbox_message_waiting",
            "channel",
            "not_before",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        # What is past its time is found without looking at all that waits. The state stands in it for SQLite, which
        # would choose the index by state else.
        Index(
            "ix_outbox_message_not_after",
            "state",
            "not_after",
            sqlite_where=text("state = 'waiting' AND not_after IS NOT NULL"),
            postgresql_where=text("state = 'waiting' AND not_after IS NOT NULL"),
        ),
        # A handful, looked through at every turn.
        Index(
            "ix_outbox_message_sending",
            "state",
            "lease_until",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        # Lists and counts by state, and how long the first waits.
        Index("ix_outbox_message_state_not_before", "state", "not_before", "id"),
        Index("ix_outbox_message_provider_ref", "provider_ref"),
    )

    id: Mapped[Id]
    kind: Mapped[str]  # an entry of notifications/kinds.py
    key: Mapped[str]  # put twice with one key, it is sent once
    channel: Mapped[str]  # email, in_app, webhook, gateway, apprise
    recipient: Mapped[str]  # an address, a name of the configuration, or "user:ID"
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    cause: Mapped[str]  # "letter:12", "audit_seal:2026-11-22"
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    link: Mapped[str]  # a page of ours
    attachments: Mapped[str]  # JSON [{"ref", "name", "sha256"}]: by reference, never the bytes
    created_at: Mapped[At]
    not_before: Mapped[At]
    not_after: Mapped[MaybeAt]  # no longer true by then: not sent
    state: Mapped[str]  # waiting, sending, sent, delivered, unsure, dead, cancelled
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    owner: Mapped[str | None]
    lease_until: Mapped[MaybeAt]
    handed_over_at: Mapped[
        MaybeAt
    ]  # written before the channel may have taken it: from here on a kill leaves `unsure`
    sent_at: Mapped[MaybeAt]
    provider_ref: Mapped[str]  # by which receipts find it
    fault: Mapped[str]
    fault_code: Mapped[str]


class OutboxEvent(Base):
    """One step of a message, receipts among them. Append-only."""

    __tablename__ = "outbox_event"

    message_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("outbox_message.id"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[At]
    kind: Mapped[str]  # an `EventKind` of tracker/store/outbox.py
    detail: Mapped[str]


class InboxMessage(Base):
    """A message in the program itself, for one account. One for each outbox message."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_inbox_message_account_id", "account_id"),
        # Counted at the head of every page.
        Index(
            "ix_inbox_message_unread",
            "account_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[At]
    subject: Mapped[str]
    text: Mapped[str]
    link: Mapped[str]
    read_at: Mapped[MaybeAt]
