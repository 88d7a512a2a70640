"""Word of what became of messages: delivery reports by mail (RFC 3464) and signed calls of a gateway -> receipts.

A report finds its message by the Message-ID of the mail it reports on; a call by the reference that the gateway gave,
or by ours. What is no report is no receipt: nothing is guessed from the words of a mail.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.parser import HeaderParser

from tracker.store import outbox_receipts
from tracker.store.outbox import EventKind
from tracker.store.outbox_receipts import Receipt, Received
from tracker.store.session import Session

BOUNCED_TOLD = "Thư bị trả lại{}."
# RFC 3464, 2.3.3: of the five actions only these two say how it ended.
ACTIONS = {"failed": EventKind.BOUNCED, "delivered": EventKind.DELIVERED}
STATUSES = {"failed": EventKind.BOUNCED, "delivered": EventKind.DELIVERED}
STATUS = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})\b")
ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers")
ID_LENGTH = 32


class UnreadableMail(Exception):
    """A mail whose parts lie deeper in each other than anybody can follow."""


def mail_receipts(mail: bytes) -> list[Receipt]:
    """The receipts in one mail; none where it is no delivery report of a mail of ours.

    Raises:
        UnreadableMail: nobody can say what it is.
    """
    try:
        return _receipts_in(mail)
    except RecursionError:
        raise UnreadableMail from None


def _receipts_in(mail: bytes) -> list[Receipt]:
    report = message_from_bytes(mail)
    if report.get_content_type() != "multipart/report":
        return []
    reference = next((found for part in report.walk() if (found := _original_id(part))), "")
    receipt_id = hashlib.sha256(mail).hexdigest()[:ID_LENGTH]
    return [Receipt(reference, kind, receipt_id, code) for kind, code in _outcomes(report) if reference]


def _original_id(part: Message) -> str:
    kind = part.get_content_type()
    if kind not in ORIGINALS:
        return ""
    if kind == "message/rfc822":
        inner = part.get_payload()
        original = inner[0] if isinstance(inner, list) and inner else None
    else:
        body = part.get_payload(decode=True)
        original = (
            HeaderParser().parsestr(body.decode("ascii", "replace")) if isinstance(body, bytes) else None
        )
    found = original.get("Message-ID") if isinstance(original, Message) else None
    return str(found).strip() if found else ""


def _outcomes(report: Message) -> Iterator[tuple[EventKind, str]]:
    for part in report.walk():
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                action = str(block.get("Action", "")).strip().lower() if isinstance(block, Message) else ""
                if action in ACTIONS and isinstance(block, Message):
                    found = STATUS.match(str(block.get("Status", "")))
                    yield ACTIONS[action], found[1] if found else ""


class UnreadableCall(Exception):
    """A signed call whose body is no receipt."""


def call_receipt(body: bytes, call_id: str) -> Receipt:
    """The receipt in a gateway's call: {"ref": …, "status": "delivered" or "failed"}.

    Raises:
        UnreadableCall: it holds none.
    """
    try:
        given = json.loads(body)
        reference, status = given["ref"], given["status"]
    except (ValueError, TypeError, KeyError):
        raise UnreadableCall from None
    if not isinstance(reference, str) or not isinstance(status, str) or status not in STATUSES:
        raise UnreadableCall
    receipt_id = hashlib.sha256(call_id.encode()).hexdigest()[:ID_LENGTH]
    return Receipt(reference, STATUSES[status], receipt_id)


def note_receipt(session: Session, receipt: Receipt, now: datetime) -> Received:
    """Write a receipt down; the same one twice is one."""
    told = BOUNCED_TOLD.format(f" ({receipt.code})" if receipt.code else "")
    return outbox_receipts.receive(session, receipt, told, now)
