"""What guards every answer: response headers, the secret of the session cookie, host names, idle sessions.

The content policy allows scripts and styles only from our own files: no inline script, no inline style, no outside
address. plotly's own style element is switched off (see `templates/score.html`) and its few rules stand in
`static/css/chart.css`, so the chart page needs no exception.
"""

import os
import secrets
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from app.api.faults import is_ours as is_api
from tracker.secret_files import with_files

COOKIE = "dunghen"
SECRET_VARIABLE = "DUNGHEN_SECRET_KEY"
SECRET_FILE = "web-secret.txt"
EVERYWHERE = ("0.0.0.0", "")
# What a browser may keep: files of the program itself. Anything else may hold data of somebody.
MAY_BE_KEPT = frozenset({"static", "score.plotly"})
# What a calendar keeps for whoever has its link, and asks for anew by the mark of what it has: codes and dates alone.
KEPT_BY_READERS = frozenset({"feeds.calendar", "feeds.atom"})
# Catalogues for programs, and the document of the API: what they have they ask for again by its mark.
KEPT_BY_PROGRAMS = frozenset({"api.openapi", "api.units", "api.procedures", "api.calendar"})

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


# One year; for this host name only, since neighbouring names are none of ours.
HTTPS_ONLY = "max-age=31536000"


class CookieSession(SecureCookieSessionInterface):
    """The signed session cookie; `Secure` where the request came by https, so that plain http on one machine works.

    By https its name begins with `__Host-`: a browser takes such a cookie only from this very host and by https, so
    neither a neighbouring host nor somebody on the line can plant one.
    """

    def get_cookie_name(self, app: Flask) -> str:
        """The name by the way the request came."""
        return f"__Host-{COOKIE}" if request.is_secure else COOKIE

    def get_cookie_secure(self, app: Flask) -> bool:
        """Did this request come by https?"""
        return request.is_secure

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie says; to the API it says nothing, whoever sent it."""
        if is_api(request.path):
            return self.session_class()
        return super().open_session(app, request)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Never beside what a reader keeps: whoever gets that from a cache would get the cookie with it. Nor to a program."""
        if is_api(request.path):
            return False
        return request.endpoint not in KEPT_BY_READERS and super().should_set_cookie(app, session)


def add_headers(response: Response) -> Response:
    """Put the guarding headers on an answer; what may hold data, downloads too, is kept by no browser or proxy."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    if request.endpoint in MAY_BE_KEPT | KEPT_BY_READERS | KEPT_BY_PROGRAMS:
        response.headers.setdefault("Cache-Control", "no-store")
    else:
        response.headers["Cache-Control"] = "no-store"
    response.headers["Server"] = "dunghen"
    return response


def trusted_hosts(allowed: Sequence[str], listening_on: str) -> list[str]:
    """Host names that a request may carry: this machine's own and those of the configuration (names, IPv4)."""
    own = () if listening_on in EVERYWHERE or ":" in listening_on else (listening_on,)
    return ["localhost", "127.0.0.1", *own, *allowed]


def is_loopback(host: str) -> bool:
    """Can only this machine reach the address? A name is looked up somewhere, so of names `localhost` alone can be trusted."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def session_secret(data_dir: Path) -> str:
    """The key that signs cookies: from the environment, else one made once per installation and kept in a file."""
    given = with_files(os.environ).get(SECRET_VARIABLE)
    if given:
        return given
    path = data_dir / SECRET_FILE
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(48))
    return path.read_text("utf-8").strip()


def write_secret(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file that only its owner may read; without `replace` the first writer wins.

    On Windows the folder's own rights apply instead of the mode.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    if path.exists() and not replace:
        draft.unlink()
    else:
        draft.replace(path)
