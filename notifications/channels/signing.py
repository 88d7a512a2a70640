"""Signed calls in the form of Standard Webhooks: HMAC-SHA256 over "id.timestamp.body", for those we make and receive.

The form is described at standardwebhooks.com; a secret is "whsec_" and Base64, or any text.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX, VERSION = "whsec_", "v1,"
# How far the clocks of two systems may be apart; an older call is taken for one that somebody kept and repeats.
TOLERANCE_SECONDS = 300
LONGEST_ID = 200


def signed_headers(call_id: str, body: bytes, secret: str, at: datetime) -> Mapping[str, str]:
    """The three headers of a call made at this moment."""
    stamp = str(int(at.timestamp()))
    return {ID: call_id, TIMESTAMP: stamp, SIGNATURE: VERSION + _signature(call_id, stamp, body, secret)}


def is_signed(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> bool:
    """Was the call signed with this secret, within the last minutes? Without a secret nothing is."""
    call_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not secret or not 0 < len(call_id) <= LONGEST_ID or not (stamp.isascii() and stamp.isdecimal()):
        return False
    if len(stamp) > 12 or abs(int(stamp) - int(now.timestamp())) > TOLERANCE_SECONDS:
        return False
    wanted = (VERSION + _signature(call_id, stamp, body, secret)).encode()
    given = headers.get(SIGNATURE, "").encode().split()  # several while a secret is being changed
    return any(hmac.compare_digest(wanted, each) for each in given)


def _signature(call_id: str, stamp: str, body: bytes, secret: str) -> str:
    told = f"{call_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(_key(secret), told, hashlib.sha256)).decode()


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()
