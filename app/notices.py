"""Telling people of the office something by the outbox: in the program, and by mail where they have an address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from app.access import Role
from notifications.outbox import OutboxDraft, put
from tracker.config import Config
from tracker.store import people
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to several people. `key` is that of the cause: each of them is told once, whoever tells it how often."""

    kind: str
    key: str
    subject: str
    text: str
    link: str = ""


def tell_roles(
    session: Session, config: Config, notice: Notice, roles: Collection[Role], now: datetime
) -> int:
    """Put the notice into the outbox for every open account of these roles; how many messages that makes."""
    drafts = []
    for account in people.list_accounts(session):
        if account.disabled_at is not None or Role(account.role) not in roles:
            continue
        drafts.append(_draft(notice, "in_app", f"user:{account.account_id}"))
        if account.email and config.mail.host:
            drafts.append(_draft(notice, "email", account.email))
    for draft in drafts:
        put(session, draft, now)
    return len(drafts)


def tell_addresses(
    session: Session, config: Config, notice: Notice, addresses: Collection[str], now: datetime
) -> int:
    """The same for mail addresses of the configuration; none where no mail server is configured."""
    drafts = [_draft(notice, "email", address) for address in addresses if config.mail.host]
    for draft in drafts:
        put(session, draft, now)
    return len(drafts)


def _draft(notice: Notice, channel: str, recipient: str) -> OutboxDraft:
    return OutboxDraft(
        kind=notice.kind,
        key=f"{notice.key}:{channel}:{recipient}",
        channel=channel,
        recipient=recipient,
        subject=notice.subject,
        text=notice.text,
        link=notice.link,
        cause=notice.key,
    )
