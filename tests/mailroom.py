"""A sender for tests: messages put and dispatched over real connections, with a clock that is moved by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.oplog.entries import entry_of
from notifications.channels.outcomes import Channel
from notifications.channels.smtp import SmtpChannel
from notifications.dispatch import Dispatcher, DispatchRules
from notifications.kinds import MESSAGE_KINDS, ChannelName, MessageKind, WhenUnsure
from notifications.marks import RetryRules
from notifications.outbox import OutboxDraft, put
from tests.mail_server import HOST, PASSWORD, USER, Certificates, MailServer
from tracker.config import MailConfig
from tracker.store import outbox_queries
from tracker.store.outbox import OutboxRow
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
LEASE, RETRY, TRIES = 60, 30, 3
PATIENCE_SECONDS = 60  # for whom answers
IMPATIENT_SECONDS = 2  # for whom never does
SENDER = "Đúng Hẹn <dung-hen@vi-du.vn>"
TO = "nguoi.nhan@vi-du.vn"
SEAL = OutboxDraft("audit_seal", "k", "email", TO, "Niêm phong", "Dòng niêm phong")


@dataclass
class Clock:
    """A clock that stands until a test moves it; `ticks` are the seconds that really passed."""

    at: datetime = NOW
    ticks: float = 0

    def now(self) -> datetime:
        """The moment."""
        return self.at

    def move(self, seconds: float) -> None:
        """Later."""
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def put(self, seconds: float) -> None:
        """Somebody puts it forward, or back: no time has passed."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Room:
    """A store with an outbox, and senders."""

    store: Store
    channels: Mapping[ChannelName, Channel]
    clock: Clock = field(default_factory=Clock)
    kinds: Mapping[str, MessageKind] = field(default_factory=lambda: MESSAGE_KINDS)
    files: Mapping[str, Callable[[str], bytes | None]] = field(default_factory=dict)
    mails_per_minute: int = 1000
    said: list[str] = field(default_factory=list)

    def noted(self, event: str, **fields: Any) -> None:
        """What the operating log would hold."""
        self.said.append(str(entry_of(event, {}, fields)))

    def put(self, draft: OutboxDraft = SEAL, **given: Any) -> int:
        """Put a message; the usual one, but for what is given."""
        with self.store.transaction() as session:
            return put(session, replace(draft, **given), self.clock.now())

    def sender(self, owner: str = "một", **given: Any) -> Dispatcher:
        """A dispatcher of its own."""
        rules = DispatchRules(LEASE, self.mails_per_minute, RetryRules(TRIES, RETRY))
        return Dispatcher(
            self.store, owner, given.get("channels", self.channels), rules, self.clock.now,
            files=self.files, kinds=self.kinds, note=self.noted, ticks=lambda: self.clock.ticks,
        )  # fmt: skip

    def send(self) -> OutboxRow:
        """Dispatch one message; how the first one stands then."""
        self.sender().run_once()
        return self.row()

    def row(self, message_id: int = 1) -> OutboxRow:
        """A message as it stands."""
        with self.store.read() as session:
            found = outbox_queries.find_message(session, message_id)
        assert found is not None
        return found

    def steps(self, message_id: int = 1) -> list[str]:
        """The kinds of its steps, in order."""
        with self.store.read() as session:
            return [event.kind for event in outbox_queries.events_of(session, message_id)]


def mail_config(port: int, **given: Any) -> MailConfig:
    """A configuration for the server of the tests."""
    values: dict[str, Any] = {
        "host": HOST, "port": port, "security": "starttls", "user": "", "sender": SENDER,
        "timeout_seconds": PATIENCE_SECONDS, "per_minute": 1000, "password": "",
    }  # fmt: skip
    return MailConfig(**{**values, **given})


def mail_room(store: Store, server: MailServer | int, certificates: Certificates, **given: Any) -> Room:
    """A room whose e-mail goes to this server (or port)."""
    port = server if isinstance(server, int) else server.port
    channel = SmtpChannel(mail_config(port, **given), "https://dung-hen.vi-du.vn", certificates.trusting())
    return Room(store, {ChannelName.EMAIL: channel})


def with_mail(config: Path, port: int) -> None:
    """The office's mail goes to a port of this machine, without TLS; the server has a minute to answer."""
    head, tail = config.read_text("utf-8").split("[mail]", 1)
    for shipped, own in (
        ('host = ""', f'host = "{HOST}"'),
        ("port = 587", f"port = {port}"),
        ('"starttls"', '"none"'),
        ('sender = ""', 'sender = "dung-hen@vi-du.vn"'),
    ):
        assert shipped in tail
        tail = tail.replace(shipped, own, 1)
    config.write_text(f"{head}[mail]{tail}", "utf-8")


def with_login(**given: Any) -> dict[str, Any]:
    """The settings of somebody who may log in."""
    return {"user": USER, "password": PASSWORD, **given}


def states(room: Room, ids: Sequence[int]) -> list[str]:
    """How messages stand."""
    return [str(room.row(number).state) for number in ids]


def repeating(room: Room, kind: str = "audit_seal") -> Room:
    """The room, where this kind may be sent twice in doubt."""
    harmless = replace(MESSAGE_KINDS[kind], when_unsure=WhenUnsure.REPEAT)
    return replace(room, kinds={**MESSAGE_KINDS, kind: harmless})
