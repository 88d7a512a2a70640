"""Telling people of the office something by the outbox, in the program and by mail; and systems that the configuration names."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.access import Role
from notifications.kinds import MESSAGE_KINDS, ChannelName
from notifications.outbox import OutboxDraft, put
from tracker.config import Config
from tracker.store import people
from tracker.store.people import Account
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told to several people. `key` is that of the cause: each of them is told once, whoever tells it how often."""

    kind: str
    key: str
    subject: str
    text: str
    link: str = ""


def tell(
    session: Session,
    config: Config,
    notice: Notice,
    now: datetime,
    *,
    roles: Collection[Role],
    addresses: Collection[str] = (),
) -> int:
    """Put the notice into the outbox: for every open account of these roles, these mail addresses, and, where its kind
    holds no personal data, for every webhook and further service of the configuration. How many messages that makes.
    """
    recipients = [*_people(session, config, roles)]
    recipients += [(ChannelName.EMAIL, address) for address in addresses]
    if MESSAGE_KINDS[notice.kind].is_impersonal:
        recipients += _systems(config)
    for channel, recipient in dict.fromkeys(recipients):
        put(session, _draft(notice, channel, recipient), now)
    return len(dict.fromkeys(recipients))


def tell_account(session: Session, config: Config, account: Account, notice: Notice, now: datetime) -> int:
    """Put the notice into the outbox for one person, in the program and by mail; how many messages that makes."""
    recipients = list(_ways(config, account))
    for channel, recipient in recipients:
        put(session, _draft(notice, channel, recipient), now)
    return len(recipients)


def _people(session: Session, config: Config, roles: Collection[Role]) -> Iterator[tuple[ChannelName, str]]:
    for account in people.list_accounts(session):
        if account.disabled_at is not None or Role(account.role) not in roles:
            continue
        yield from _ways(config, account)


def _ways(config: Config, account: Account) -> Iterator[tuple[ChannelName, str]]:
    yield ChannelName.IN_APP, f"user:{account.account_id}"
    if account.email and config.mail.host:
        yield ChannelName.EMAIL, account.email


def _systems(config: Config) -> Iterator[tuple[ChannelName, str]]:
    for target in config.outbox.webhooks:
        yield ChannelName.WEBHOOK, target.name
    for name in config.outbox.apprise:
        yield ChannelName.APPRISE, name


def _draft(notice: Notice, channel: ChannelName, recipient: str) -> OutboxDraft:
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
