"""Putting a message into the outbox, in the transaction of its cause; nothing is sent before that is committed."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime

from notifications.kinds import MESSAGE_KINDS, ChannelName, MessageKind
from tracker.store import outbox
from tracker.store.outbox import Attachment, MessageState, NewMessage
from tracker.store.session import Session

__all__ = ["Attachment", "OutboxDraft", "put"]

# What an address of a kind of recipient looks like. Others are kept, dead, and shown: the cause goes on without them.
RECIPIENTS = {
    ChannelName.EMAIL: re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}"),
    ChannelName.IN_APP: re.compile(r"user:\d{1,18}"),
    ChannelName.WEBHOOK: re.compile(r"[a-z0-9][a-z0-9-]{0,39}"),
    ChannelName.GATEWAY: re.compile(r"\+?\d{8,15}"),
    ChannelName.APPRISE: re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"),
}
# A dossier's code, and nothing that could be a name: letters and digits in groups, at least one digit.
CODE = re.compile(r"(?=.*\d)[A-Z0-9]+(?:[./-][A-Z0-9]+)*")
LONGEST_CODE = 60


@dataclass(frozen=True, slots=True)
class OutboxDraft:
    """A message somebody wants sent. By gateway only `code` and `day` go out, in the words of its kind."""

    kind: str
    key: str
    channel: str
    recipient: str
    subject: str = ""
    text: str = ""
    html: str = ""
    link: str = ""
    attachments: tuple[Attachment, ...] = ()
    cause: str = ""
    unit_id: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None
    code: str = ""
    day: date | None = None


def put(session: Session, draft: OutboxDraft, now: datetime) -> int:
    """Enter the message; its id, or that of the one that was put with the same key before.

    A recipient that no channel could reach is entered as `dead`, so that the cause is not held up and somebody sees it.

    Raises:
        ValueError: a kind that is not registered, a channel that the kind does not go by, or a text where only code and
            date may go out: faults of the program.
    """
    kind, channel = _kind(draft), ChannelName(draft.channel)
    fits = RECIPIENTS[channel].fullmatch(draft.recipient) is not None
    message = NewMessage(
        kind=kind.name,
        key=draft.key,
        channel=channel.value,
        recipient=draft.recipient,
        subject=" ".join(draft.subject.split()),
        text=_short(draft, kind) if channel is ChannelName.GATEWAY else draft.text,
        html=draft.html,
        link=draft.link,
        attachments=draft.attachments,
        cause=draft.cause,
        unit_id=draft.unit_id,
        not_before=draft.not_before or now,
        not_after=draft.not_after,
        state=(MessageState.WAITING if fits else MessageState.DEAD).value,
        max_attempts=kind.max_attempts,
        fault="" if fits else "Địa chỉ người nhận không dùng được.",
        fault_code="" if fits else "RECIPIENT_UNUSABLE",
    )
    return outbox.insert(session, message, now)


def _kind(draft: OutboxDraft) -> MessageKind:
    kind = MESSAGE_KINDS.get(draft.kind)
    if kind is None:
        raise ValueError(f"no kind of message {draft.kind!r}")
    if draft.channel not in kind.channels:
        raise ValueError(f"{kind.name} does not go by {draft.channel}")
    return kind


def _short(draft: OutboxDraft, kind: MessageKind) -> str:
    # The gateway fills these into the words of the kind, and takes nothing else.
    if draft.subject or draft.text or draft.html or draft.link or draft.attachments:
        raise ValueError(f"{kind.name}: a gateway takes code and date only")
    if draft.day is None or len(draft.code) > LONGEST_CODE or not CODE.fullmatch(draft.code):
        raise ValueError(f"{kind.name}: a gateway needs a dossier's code and a date")
    return json.dumps({"code": draft.code, "date": draft.day.isoformat()}, separators=(",", ":"))
