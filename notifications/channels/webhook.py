"""Signed calls to systems of the office that the configuration names; told are kind, cause and link, no personal data.

A receiver knows a call that comes twice by its `webhook-id`, so in doubt it is made again.
"""

import hashlib
import json
import ssl
from collections.abc import Sequence
from http import HTTPStatus

from notifications.channels.outcomes import (
    Hold,
    Later,
    Outcome,
    Outgoing,
    Refused,
    Taken,
    Unclear,
    not_configured,
)
from notifications.channels.posting import NOT_NOW, Answer, Poster
from notifications.channels.signing import signed_headers
from notifications.kinds import MESSAGE_KINDS, OFFICE_EVENT
from tracker.config import WebhookTarget
from tracker.store.outbox import OutboxRow

TIMEOUT_SECONDS = 20


def call_id(key: str) -> str:
    """The `webhook-id` of the message with this key: the same however often it is sent."""
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


class WebhookChannel:
    """Calls the targets of the configuration, each with its own secret."""

    recognises_repeats = True

    def __init__(self, targets: Sequence[WebhookTarget], tls: ssl.SSLContext | None = None) -> None:
        self._targets = {target.name: target for target in targets}
        self._tls = tls

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Make one call."""
        row = message.row
        target = self._targets.get(row.recipient)
        if target is None or not target.secret:  # an unsigned call could come from anybody
            return not_configured(row.recipient)
        body = payload(message)
        headers = signed_headers(call_id(row.key), body, target.secret, message.at)
        answer = Poster(target.url, TIMEOUT_SECONDS, self._tls).post(body, headers, call_id(row.key), hold)
        return _judged(answer, call_id(row.key)) if isinstance(answer, Answer) else answer


def payload(message: Outgoing) -> bytes:
    """The body of a call: what happened, and where to look; words only of kinds that hold no personal data."""
    row = message.row
    told = {
        "type": row.kind,
        "id": call_id(row.key),
        "at": row.created_at.isoformat(),
        "data": {"cause": row.cause, "link": row.link, "unit_id": row.unit_id, **_words(row)},
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _words(row: OutboxRow) -> dict[str, object]:
    if row.kind == OFFICE_EVENT:  # what happened, as the API tells it: its number is the same there
        told: dict[str, object] = json.loads(row.text)
        return told
    kind = MESSAGE_KINDS.get(row.kind)
    return {"subject": row.subject, "text": row.text} if kind is not None and kind.is_impersonal else {}


def _judged(answer: Answer, reference: str) -> Taken | Refused | Later | Unclear:
    status = answer.status
    told = f"Hệ thống nhận trả lời HTTP {status}."
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Taken(reference)
    if status in NOT_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Later(f"HTTP_{status}", told)
    return Refused(f"HTTP_{status}", told)
