"""A real SMTP server of bad habits, in a process of its own: away at times, slow, refusing before and after the last dot.

What becomes of a mail it writes down before it answers: one line "taken MESSAGE-ID" or "refused MESSAGE-ID".
"""

import asyncio
import os
import random
import signal
import socket
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

# What becomes of a mail once its last dot has come, and how often.
HABITS = {
    "takes it": 66,
    "takes it slowly": 8,
    "takes it and answers too late": 3,
    "takes it and hangs up without a word": 7,
    "hangs up without taking it": 7,
    "refuses it for now": 7,
    "refuses it for good": 2,
}
# Longer than `mail.timeout_seconds` of the runs.
TOO_LONG_SECONDS = 3.0
UNHEARD = 0.15  # of recipients: "come again later"
SLOW_TO_HEAR = 0.1  # of recipients: an answer that takes its time, long before the last dot
AWAY_SECONDS = (0.2, 1.0)
THERE_SECONDS = (2.0, 6.0)


class BadServer:
    """The handler of aiosmtpd's hooks."""

    def __init__(self, book: Path, luck: random.Random) -> None:
        self._book = os.open(book, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._luck = luck

    async def handle_RCPT(  # noqa: N802 - the name of the hook
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Some recipients are asked to come again, some to wait."""
        if self._luck.random() < SLOW_TO_HEAR:
            await asyncio.sleep(self._luck.uniform(0.3, 1.5))
        if self._luck.random() < UNHEARD:
            return "451 4.7.1 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The last dot has come."""
        habit = self._luck.choices(list(HABITS), list(HABITS.values()))[0]
        if habit == "takes it slowly":
            await asyncio.sleep(self._luck.uniform(0.05, 0.4))
        if habit.startswith("takes it"):
            self._write("taken", envelope)
        if habit == "takes it and answers too late":
            await asyncio.sleep(TOO_LONG_SECONDS)
        if habit == "refuses it for good":
            self._write("refused", envelope)
            return "554 5.7.1 no"
        if "hangs up" in habit:
            transport: Any = server.transport
            transport.abort()
        return "451 4.3.0 not now" if habit == "refuses it for now" else "250 OK"

    def _write(self, what: str, envelope: Envelope) -> None:
        number = message_from_bytes(bytes(envelope.content or b""))["Message-ID"]
        os.write(self._book, f"{what} {number}\n".encode())


def serve(port: int, book: Path, seed: int) -> None:
    """Serve until the process is ended; away at random moments."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(_serve(port, BadServer(book, random.Random(seed)), random.Random(seed + 1)))


async def _serve(port: int, handler: BadServer, luck: random.Random) -> None:
    loop = asyncio.get_running_loop()
    while True:
        server = await loop.create_server(
            lambda: SMTP(handler, hostname="mail.example", timeout=20), "127.0.0.1", port
        )
        await asyncio.sleep(luck.uniform(*THERE_SECONDS))
        server.close()
        await asyncio.sleep(luck.uniform(*AWAY_SECONDS))


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class Book:
    """How often each mail was taken, and refused for good, by Message-ID."""

    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


def read_book(path: Path) -> Book:
    """What the server wrote down."""
    book = Book()
    for line in path.read_text().splitlines() if path.exists() else []:
        what, _, number = line.partition(" ")
        (book.taken if what == "taken" else book.refused)[number] += 1
    return book
