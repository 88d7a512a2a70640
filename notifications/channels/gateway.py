"""An HTTP gateway for SMS or Zalo: a dossier's code and a date in fixed words, and nothing else.

Off until the office switches it on. A gateway is not believed to recognise repetitions: in doubt a person decides.
"""

import json
import re
import ssl
from datetime import date
from http import HTTPStatus

from notifications.channels.outcomes import Hold, Later, Outcome, Outgoing, Refused, Taken, Unclear
from notifications.channels.posting import NOT_NOW, Answer, Poster
from notifications.channels.webhook import call_id
from notifications.kinds import MESSAGE_KINDS
from notifications.outbox import CODE, LONGEST_CODE
from tracker.config import GatewayConfig
from tracker.store.outbox import OutboxRow

TOKEN_STATUS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
# By which its receipts name the message, as gateways call it; else our own reference counts.
REFERENCES = ("message_id", "id", "ref")
REFERENCE = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class GatewayChannel:
    """Posts to the gateway of the configuration."""

    recognises_repeats = False

    def __init__(self, gateway: GatewayConfig, tls: ssl.SSLContext | None = None) -> None:
        self._gateway = gateway
        self._poster = Poster(gateway.url, gateway.timeout_seconds, tls)

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Send one short text."""
        row, words = message.row, short_text(message.row)
        if words is None:
            return Refused("GATEWAY_FIELDS", "Tin nhắn chỉ được có mã hồ sơ và ngày.")
        told = {self._gateway.recipient_field: row.recipient, self._gateway.text_field: words}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Authorization": f"Bearer {self._gateway.token}",
            "Idempotency-Key": call_id(row.key),
        }
        answer = self._poster.post(body, headers, call_id(row.key), hold)
        return _judged(answer, call_id(row.key)) if isinstance(answer, Answer) else answer


def short_text(row: OutboxRow) -> str | None:
    """The words of its kind with code and date filled in; None where the message holds anything else.

    Looked at here once more, whoever wrote the row: what is no code and no date does not leave.
    """
    kind = MESSAGE_KINDS.get(row.kind)
    try:
        given = json.loads(row.text)
        code, day = given["code"], date.fromisoformat(given["date"])
        fits = len(code) <= LONGEST_CODE and CODE.fullmatch(code) is not None and len(given) == 2
    except (ValueError, TypeError, KeyError):
        return None
    if kind is None or not kind.short_text or not fits or row.attachments:
        return None
    return kind.short_text.format(code=code, date=f"{day:%d/%m/%Y}")


def _judged(answer: Answer, reference: str) -> Taken | Refused | Later | Unclear:
    status = answer.status
    told = f"Cổng nhắn tin trả lời HTTP {status}."
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Taken(_reference(answer.body) or reference)
    if status in TOKEN_STATUS:
        return Later(f"HTTP_{status}", told, is_channel_fault=True, slowly=True)
    if status in NOT_NOW:
        return Later(f"HTTP_{status}", told)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Unclear(f"HTTP_{status}", told)  # it may have failed before or after the text went out
    return Refused(f"HTTP_{status}", told)


def _reference(body: bytes) -> str:
    try:
        given = json.loads(body)
    except ValueError:
        return ""
    for name in REFERENCES if isinstance(given, dict) else ():
        if REFERENCE.fullmatch(str(given.get(name, ""))):
            return str(given[name])
    return ""
