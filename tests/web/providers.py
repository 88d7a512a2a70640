"""Identity providers for tests: a real one in a process of its own, and one that lies in every way it is told to."""

import hmac
import http.client
import json
import socket
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.web import create_app
from tests.web.conftest import Client
from tests.web.world import StandingContext

CLIENT, SECRET = "dung-hen", "bi-mat-cua-chuong-trinh"
SUBJECT = "0123-lan-an"
BACK = "/dang-nhap/mot-lan/tro-ve"
# Made once: they are slow to make.
KEY, STRANGE_KEY = (RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("a", "a"))
Change = Callable[[dict[str, Any]], Any]


def with_provider(context: StandingContext, issuer: str, **given: Any) -> Flask:
    """The application of an office whose people log in by this provider."""
    web = {key: given.pop(key) for key in ("has_password_login", "public_url") if key in given}
    sign_on = replace(context.config.sign_on, issuer=issuer, client_id=CLIENT, secret=SECRET, **given)
    config = replace(context.config, sign_on=sign_on, web=replace(context.config.web, **web))
    context.__dict__["config"] = config
    app = create_app(context, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def query_of(address: str) -> dict[str, str]:
    """What an address asks, one value a name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


# ---------------------------------------------------------------- a real one


@contextmanager
def real_provider() -> Iterator[str]:
    """The issuer of an OpenID provider that others wrote, in a process of its own, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert running.stderr
    reading = Thread(target=running.stderr.read, daemon=True)
    try:
        assert any("running on" in line.lower() for line in running.stderr)
        reading.start()
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(timeout=20)
        if reading.ident:
            reading.join()
        running.stderr.close()


def agree(address: str, **form: str) -> str:
    """Send the real provider's form as its page does; where it sends the browser then."""
    parts = urlsplit(address)
    line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form or {"sub": SUBJECT})
        line.request("POST", f"{parts.path}?{parts.query}", body, headers)
        return line.getresponse().headers["Location"]
    finally:
        line.close()


# ---------------------------------------------------------------- one that lies


@dataclass
class Liar:
    """A provider of our own: honest, but for what a test changes. `heard` are the forms of its token endpoint."""

    now: Callable[[], int]
    issuer: str = ""
    metadata: Change = lambda told: told
    claims: Change = lambda told: told
    header: Change = lambda told: told
    token: Change = lambda told: told
    key: Any = field(default_factory=lambda: KEY)
    status: int = 200
    slow: bool = False
    heard: list[dict[str, str]] = field(default_factory=list)
    asked: dict[str, str] = field(default_factory=dict)  # of the newest log-in, as the browser brought it
    ended: Event = field(default_factory=Event)

    def come_back(self, there: str, **changed: str) -> str:
        """Somebody was sent `there` and agreed: the address that the browser comes back to."""
        self.asked = query_of(there)
        told = {"code": "code-1", "state": self.asked["state"], **changed}
        return f"{BACK}?{urlencode(told)}"

    def answer(self, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        """What it says to a call."""
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps(self.metadata(self._itself())).encode()
        if path == "/keys":
            return 200, json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
        self.heard.append(dict(form))
        if not self._is_proven(form.get("code_verifier", "")):
            return 400, b'{"error":"invalid_grant"}'
        told = self.token({"token_type": "Bearer", "access_token": "t", "id_token": self._id_token()})
        return self.status, told if isinstance(told, bytes) else json.dumps(told).encode()

    def _itself(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/out?x=1",
        }

    def _is_proven(self, verifier: str) -> bool:
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return (
            digest == self.asked.get("code_challenge") and self.asked.get("code_challenge_method") == "S256"
        )

    def _id_token(self) -> str:
        now = self.now()
        claims = {
            "iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": self.asked.get("nonce"), "amr": ["pwd", "otp"],
        }  # fmt: skip
        head, claims = self.header({"alg": "RS256", "kid": "a"}), self.claims(claims)
        if head["alg"] in ("none", "HS256"):  # by hand: the library does not help in such things
            told = f"{_coded(json.dumps(head).encode())}.{_coded(json.dumps(claims).encode())}"
            return f"{told}.{_coded(hmac.digest(self.key, told.encode(), 'sha256')) if self.key else ''}"
        return jwt.encode(head, claims, self.key, algorithms=[head["alg"]])


def _coded(told: bytes) -> str:
    return urlsafe_b64encode(told).rstrip(b"=").decode()


@contextmanager
def lying(liar: Liar) -> Iterator[Liar]:
    """The liar, listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._tell({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._tell({name: values[0] for name, values in parse_qs(body).items()})

        def _tell(self, form: Mapping[str, str]) -> None:
            if liar.slow:
                liar.ended.wait()
                return
            status, body = liar.answer(urlsplit(self.path).path, form)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{liar.issuer}/keys")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return  # whoever asked has heard enough

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar.issuer = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield liar
    finally:
        liar.ended.set()
        listening.shutdown()
        listening.server_close()
        thread.join()
