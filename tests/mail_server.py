"""A real SMTP server for tests, with habits good and bad, over TLS by a certificate of its own; and one that answers by script.

What it took for good stands in `taken`. Nothing waits by the clock: a server that keeps silent says so by `reached`.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "localhost"
OK = "250 2.0.0 taken"
USER, PASSWORD = "gui-thu", "mot-mat-khau-dai"


@dataclass
class Habits:
    """What the server answers; an answer may be a list, one an attempt, the last one for all further."""

    rcpt: Sequence[str] = (OK,)
    mail: Sequence[str] = (OK,)
    after_dot: Sequence[str] = (OK,)  # "hang up", "take and hang up", "keep silent", "take and keep silent"
    at_mail: Callable[[], None] = lambda: None
    at_data: Sequence[str] = ("354 go ahead",)  # or "hang up"
    before_data: Callable[[], None] = lambda: None
    on_dot: Callable[[], None] = lambda: None
    offers_tls: bool = True
    asks_login: bool = False
    silent_at_rcpt: bool = False


@dataclass
class MailServer:
    """The handler of aiosmtpd's hooks, and where it listens."""

    habits: Habits
    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    rcpts: list[str] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    reached: Event = field(default_factory=Event)
    attempts: int = 0
    dots: int = 0
    is_encrypted: list[bool] = field(default_factory=list)

    @property
    def subjects(self) -> list[str]:
        """The subjects of what was taken for good."""
        return [str(mail["Subject"]) for mail in self.taken]

    async def handle_MAIL(  # noqa: N802 - names of the hooks
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A sender is told."""
        self.attempts += 1
        self.is_encrypted.append(cast(Any, server.transport).get_extra_info("sslcontext") is not None)
        envelope.mail_from = address
        self.habits.at_mail()
        return _nth(self.habits.mail, self.attempts)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """A recipient is told."""
        self.rcpts.append(address)
        if self.habits.silent_at_rcpt:
            self.reached.set()
            await asyncio.Event().wait()
        answer = _nth(self.habits.rcpt, self.attempts)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
            self.habits.before_data()
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The last dot has come."""
        self.dots += 1
        self.habits.on_dot()
        answer = _nth(self.habits.after_dot, self.dots)
        if answer.startswith(("2", "take")):
            body = bytes(cast(bytes, envelope.original_content))
            self.taken.append(cast(EmailMessage, message_from_bytes(body, policy=default)))
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        if "hang up" in answer:
            cast(Any, server.transport).abort()
        if "keep silent" in answer:
            self.reached.set()
            await asyncio.Event().wait()
        return answer


class Server(SMTP):
    """The server of the tests: some hang up as soon as the envelope is taken."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """The envelope is told, the mail comes next."""
        handler = cast(MailServer, self.event_handler)
        if _nth(handler.habits.at_data, handler.attempts) == "hang up":
            cast(Any, self.transport).abort()
            return
        await super().smtp_DATA(arg)


def _nth(answers: Sequence[str], number: int) -> str:
    return answers[min(number, len(answers)) - 1]


def _authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, told: Any) -> AuthResult:
    right = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=told == right, handled=False)


@dataclass(frozen=True)
class Certificates:
    """An authority of the tests and a certificate for localhost by it; another authority that nobody knows."""

    authority: trustme.CA
    server: trustme.LeafCert

    @classmethod
    def make(cls) -> "Certificates":
        """New ones."""
        authority = trustme.CA()
        return cls(authority, authority.issue_cert(HOST))

    def trusting(self) -> ssl.SSLContext:
        """What a client uses that trusts this authority."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def serving(self) -> ssl.SSLContext:
        """What the server uses."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.configure_cert(context)
        return context

    def write(self, folder: Path) -> Path:
        """The authority as a file, for a program of its own."""
        path = folder / "authority.pem"
        self.authority.cert_pem.write_to_path(path)
        return path


@contextmanager
def serving(
    habits: Habits, tls: ssl.SSLContext | None = None, *, at_once: bool = False
) -> Iterator[MailServer]:
    """The server, listening; STARTTLS is asked for where there is a certificate, or TLS from the first byte."""
    server = MailServer(habits)
    loop = asyncio.new_event_loop()
    listening = socket.create_server((HOST, 0))
    server.port = listening.getsockname()[1]
    offered = tls if habits.offers_tls and not at_once else None

    def protocol() -> SMTP:
        return Server(
            server, hostname=HOST, loop=loop, tls_context=offered, require_starttls=offered is not None,
            auth_required=habits.asks_login, auth_require_tls=tls is not None, authenticator=_authenticate,
        )  # fmt: skip

    async def listen() -> asyncio.Server:
        return await loop.create_server(protocol, sock=listening, ssl=tls if at_once else None)

    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()  # before anything runs in it: this thread may have a loop of its own (playwright's)
    listener = asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(_end, loop, listener)
        thread.join()
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, listener: asyncio.Server) -> None:
    listener.close()

    async def last_words() -> None:
        tasks = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        loop.call_later(0, loop.stop)

    loop.create_task(last_words())


@contextmanager
def scripted(lines: Sequence[bytes]) -> Iterator[int]:
    """A server that says one line, hears one, says the next, and hangs up at the end of its script; its port."""
    with socket.create_server((HOST, 0)) as listening:
        thread = Thread(target=_recite, args=(listening, lines), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.close()
        thread.join()


def _recite(listening: socket.socket, lines: Sequence[bytes]) -> None:
    with suppress(OSError):
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as heard:
            for number, line in enumerate(lines):
                if number:
                    heard.readline()
                connection.sendall(line)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])
