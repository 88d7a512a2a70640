"""Single sign-on by OpenID Connect: the code flow with PKCE, state and nonce; what comes back is checked, used, forgotten.

Whoever the provider names has to be an account here already: role and unit are ours alone. No token is kept.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from app.sign_on_provider import Provider, SignOnRefused, discover, exchange, keys_of
from tracker.config import SignOnConfig

SCOPE = "openid"  # who it is, and nothing about the person
LASTS = timedelta(minutes=10)
# Signed by a key that only the provider has: never "none", never by the secret that we share with it.
ALGORITHMS = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA",
]  # fmt: skip
LEEWAY = 60  # seconds that two machines' clocks may be apart
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2
# Methods that are a second factor, or stand for one (RFC 8176).
STRONG = frozenset({"mfa", "otp", "hwk", "sc", "swk", "fpt", "face"})
DENIED = "Bạn đã không đồng ý, hoặc nơi cấp tài khoản từ chối. Chưa có gì thay đổi; có thể đăng nhập bằng mật khẩu."


@dataclass(frozen=True, slots=True)
class Pending:
    """A log-in that is under way at the provider; kept in the session of the browser that began it."""

    state: str
    nonce: str
    verifier: str
    at: int  # seconds since 1970
    wanted: str  # the page somebody wanted
    link_to: int  # the account that is to be linked; 0: somebody logs in


@dataclass(frozen=True, slots=True)
class Identity:
    """Who it is by the provider's word."""

    subject: str  # "issuer subject", as accounts bear it
    is_strong: bool  # the provider asked for a second factor, and is trusted in that


def begin(
    config: SignOnConfig, back: str, now: datetime, *, wanted: str = "", link_to: int = 0
) -> tuple[str, Mapping[str, Any]]:
    """The provider's address to send a browser to, and what its session has to keep until it comes back.

    `back` is our address that it comes back to.

    Raises:
        SignOnAway: the provider cannot be asked.
    """
    provider = discover(config)
    pending = Pending(_random(), _random(), _random(), int(now.timestamp()), wanted, link_to)
    asked = {
        "response_type": "code",
        "client_id": config.client_id,
        "redirect_uri": back,
        "scope": SCOPE,
        "state": pending.state,
        "nonce": pending.nonce,
        "code_challenge": _challenge(pending.verifier),
        "code_challenge_method": "S256",
    }
    return _with(provider.authorize, asked), asdict(pending)


def pending_of(kept: object, state: str, now: datetime) -> Pending:
    """What the session kept, if the answer belongs to it.

    Raises:
        SignOnRefused: nothing was begun here, something else was, or too long ago.
    """
    try:
        pending = Pending(**kept) if isinstance(kept, dict) else None
    except TypeError:
        pending = None
    if pending is None or not hmac.compare_digest(pending.state.encode(), state.encode()):
        raise SignOnRefused
    if not 0 <= now.timestamp() - pending.at + 1 <= LASTS.total_seconds():
        raise SignOnRefused
    return pending


def finish(
    config: SignOnConfig, pending: Pending, answer: Mapping[str, str], back: str, now: datetime
) -> Identity:
    """Who came back with this answer.

    Raises:
        SignOnRefused: the answer proves nobody.
        SignOnAway: the provider cannot be asked.
    """
    provider = discover(config)
    _check_issuer(config, provider, answer.get("iss"))
    if answer.get("error"):
        raise SignOnRefused(DENIED)
    form = {
        "grant_type": "authorization_code",
        "code": answer.get("code", ""),
        "redirect_uri": back,
        "code_verifier": pending.verifier,
    }
    token = exchange(config, provider, form).get("id_token")
    if not isinstance(token, str):
        raise SignOnRefused
    claims = checked(token, keys_of(config, provider), config, pending.nonce, now)
    methods = {each for each in claims.get("amr") or () if isinstance(each, str)}
    return Identity(
        f"{config.issuer} {claims['sub']}",
        is_strong=config.trusts_second_factor and not STRONG.isdisjoint(methods),
    )


def _check_issuer(config: SignOnConfig, provider: Provider, told: str | None) -> None:
    """An answer of another provider must not be taken for one of ours (RFC 9207)."""
    if told != config.issuer and (told is not None or provider.names_issuer):
        raise SignOnRefused


def checked(
    token: str, keys: Mapping[str, Any], config: SignOnConfig, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """The claims of an ID token: signed by the provider, for us, for this log-in, now (OpenID Connect Core 1.0, 3.1.3.7).

    Raises:
        SignOnRefused: it is not.
    """
    from authlib.oidc.core import IDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        signed = jwt.decode(token, KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        wanted = {
            "iss": {"essential": True, "value": config.issuer},
            "aud": {"essential": True, "value": config.client_id},
            "sub": {"essential": True},
        }
        told = {"nonce": nonce, "client_id": config.client_id}
        claims = IDToken(signed.claims, signed.header, wanted, told)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SignOnRefused from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise SignOnRefused
    return dict(claims)


def leaving(config: SignOnConfig, back: str) -> str:
    """The provider's address where somebody logs out there as well; empty: it has none (RP-Initiated Logout 1.0)."""
    provider = discover(config)
    told = {"client_id": config.client_id, "post_logout_redirect_uri": back}
    return _with(provider.end_session, told) if provider.end_session else ""


def _random() -> str:
    return secrets.token_urlsafe(32)


def _challenge(verifier: str) -> str:
    """Proves to the provider, once the code is exchanged, that it was we who began (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(address: str, told: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(told)}"
