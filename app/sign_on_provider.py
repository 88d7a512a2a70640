"""The identity provider as it describes itself, and the one way it is called: few hosts, bounded in time and size.

What it says of itself is believed only where it names the configured issuer and stays on the issuer's hosts
(OpenID Connect Discovery 1.0, 4.3); redirects are not followed. The caller is that of the systems that are asked for
dossiers (`tracker.connectors.calling`).
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from app.security import is_loopback
from tracker.config import PullConfig, SignOnConfig
from tracker.connectors.calling import Caller, Passing, Request
from tracker.errors import SourceFailed, SourceRefused, WorkFailed

DISCOVERY = "/.well-known/openid-configuration"
# A person waits for each of these answers; none of them is larger than some kilobytes.
ANSWER_SECONDS, ANSWER_MIB = 10, 1
BOUNDS = PullConfig((), 1, ANSWER_SECONDS, ANSWER_MIB, 1, 0)
NAME = "đăng nhập một lần"


class SignOnAway(WorkFailed):
    """The identity provider could not be asked, or does not describe itself as it should."""

    code = "SIGN_ON_AWAY"

    def __init__(self) -> None:
        super().__init__(
            "Chưa hỏi được nơi cấp tài khoản bên ngoài (mất kết nối, quá chậm, hoặc trả lời không đúng chuẩn). "
            "Chưa có gì thay đổi. Hãy thử lại sau ít phút, hoặc đăng nhập bằng mật khẩu."
        )


class SignOnRefused(WorkFailed):
    """What came back does not prove who somebody is."""

    code = "SIGN_ON_REFUSED"

    def __init__(self, told: str = "") -> None:
        super().__init__(
            told
            or "Không xác nhận được lần đăng nhập bằng tài khoản bên ngoài. Hãy bấm nút và đăng nhập lại từ đầu."
        )


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the provider is asked for what; addresses are checked."""

    authorize: str
    token: str
    keys: str
    end_session: str  # empty: it has none
    takes_basic: bool  # the secret in the header, else in the body
    names_issuer: bool  # in its answers by the browser (RFC 9207)


def discover(config: SignOnConfig) -> Provider:
    """Ask the provider what it is.

    Raises:
        SignOnAway: it cannot be asked, says it is another, or points to a host that nobody named.
    """
    told = _json(config, "GET", config.issuer.rstrip("/") + DISCOVERY)
    if told.get("issuer") != config.issuer:
        raise SignOnAway
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    end_session = told.get("end_session_endpoint")
    return Provider(
        authorize=_address(config, told.get("authorization_endpoint")),
        token=_address(config, told.get("token_endpoint")),
        keys=_address(config, told.get("jwks_uri")),
        end_session=_address(config, end_session) if end_session else "",
        takes_basic="client_secret_basic" in methods,
        names_issuer=told.get("authorization_response_iss_parameter_supported") is True,
    )


def keys_of(config: SignOnConfig, provider: Provider) -> Mapping[str, Any]:
    """The public keys by which the provider signs (JWKS)."""
    return _json(config, "GET", provider.keys)


def exchange(config: SignOnConfig, provider: Provider, form: Mapping[str, str]) -> Mapping[str, Any]:
    """The tokens for a code.

    Raises:
        SignOnRefused: the provider does not know the code (any more), or not us.
        SignOnAway: it cannot be asked.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    told = {**form, "client_id": config.client_id}
    if config.secret and provider.takes_basic:
        pair = f"{quote_plus(config.client_id)}:{quote_plus(config.secret)}"  # RFC 6749, 2.3.1
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    elif config.secret:
        told["client_secret"] = config.secret
    return _json(config, "POST", provider.token, headers=headers, body=urlencode(told).encode())


def _address(config: SignOnConfig, told: object) -> str:
    """An address that the provider names, if it lies on its own hosts and speaks TLS (or never leaves this machine)."""
    parts = urlsplit(told) if isinstance(told, str) else None
    issuer = urlsplit(config.issuer)
    if parts is None or not isinstance(told, str) or "#" in told or parts.username is not None:
        raise SignOnAway
    host = (parts.hostname or "").lower()
    if host not in {(issuer.hostname or "").lower(), *config.hosts}:
        raise SignOnAway
    if parts.scheme != "https" and not (parts.scheme == issuer.scheme == "http" and is_loopback(host)):
        raise SignOnAway
    return told


def _json(
    config: SignOnConfig,
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Mapping[str, Any]:
    parts = urlsplit(_address(config, address))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        caller = Caller(NAME, f"{parts.scheme}://{parts.netloc}", BOUNDS, lambda _seconds: None)
        told = caller.ask(Request(method, path, headers or {}, body), json.loads)
    except SourceRefused as error:
        raise SignOnRefused from error
    except (SourceFailed, ValueError, RecursionError) as error:
        # 400 of the token endpoint is a code that is spent, or was never given.
        spent = (
            method == "POST" and isinstance(error, SourceFailed) and not isinstance(error.__cause__, Passing)
        )
        raise (SignOnRefused if spent else SignOnAway) from error
    if not isinstance(told, dict):
        raise SignOnAway
    return told
