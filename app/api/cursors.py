"""Where a page of a list ended, as an opaque word that only this program can have written, for one question alone.

By key, not by number of lines: what is added or taken away meanwhile neither doubles nor hides a line.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from flask import current_app

from app.api.faults import ApiFault

SIGNED = 16  # bytes of the signature
LONGEST = 400


def written(question: str, key: Sequence[int | str | bool]) -> str:
    """The cursor after `key` of a list; `question`: the operation with its filters, so that it fits no other."""
    body = json.dumps(list(key), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(question, body) + body).decode().rstrip("=")


def read(question: str, cursor: str | None, kinds: Sequence[type]) -> tuple[Any, ...] | None:
    """The key of a cursor; None for the first page.

    Raises:
        ApiFault: it was not written here, or for another question.
    """
    if cursor is None:
        return None
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, body = told[:SIGNED], told[SIGNED:]
        if not hmac.compare_digest(signature, _signature(question, body)):
            raise ValueError
        key = json.loads(body)
    except ValueError:
        raise not_ours() from None
    if [type(each) for each in key] != list(kinds):
        raise not_ours()
    return tuple(key)


def not_ours() -> ApiFault:
    """A cursor of somebody's own making."""
    return ApiFault(
        "CURSOR_INVALID",
        "Con trỏ không đúng, hoặc thuộc câu hỏi khác; hãy dùng nguyên `next` của trang trước",
    )


def _signature(question: str, body: bytes) -> bytes:
    secret = f"cursor {current_app.config['SECRET_KEY']}".encode()
    return hmac.digest(secret, question.encode() + b"\0" + body, hashlib.sha256)[:SIGNED]
