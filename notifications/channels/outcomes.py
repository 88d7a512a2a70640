"""What every channel takes and says: a message with its files, the moment of no return, and four kinds of outcome."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tracker.store.outbox import OutboxRow
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class FileBytes:
    """An attachment, read and checked."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message about to leave."""

    row: OutboxRow
    files: tuple[FileBytes, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """The channel took it. `effect` belongs to the same transaction as the mark that it was sent."""

    provider_ref: str = ""
    effect: Callable[[Session], None] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Definitely not taken, and it never will be."""

    code: str
    told: str


@dataclass(frozen=True, slots=True)
class Later:
    """Definitely not taken; worth another try.

    A fault of the channel (server away, password wrong) does not count against the message; `slowly`: it will not go
    away by itself.
    """

    code: str
    told: str
    is_channel_fault: bool = False
    slowly: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """Handed over, and nobody knows whether it was taken."""

    code: str
    told: str


Outcome = Taken | Refused | Later | Unclear


class Hold(Protocol):
    """Our hold on the message. Whatever these raise is passed on: then nothing may be sent."""

    def still_mine(self) -> None:
        """Called before each step that may keep us waiting, until the hand-over: nobody else shall take it meanwhile."""

    def hand_over(self, reference: str) -> None:
        """Called before the last byte may leave, with the reference by which receipts will find the message."""


class Channel(Protocol):
    """A way out. `recognises_repeats`: the receiver knows a message that comes twice, so it may be repeated in doubt."""

    recognises_repeats: bool

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Send it, and say what came of it; faults of the network are outcomes, not errors."""


def not_configured(name: str) -> Later:
    """What a target is told that the configuration does not know (any more)."""
    return Later(
        "TARGET_NOT_CONFIGURED",
        f"Chưa cấu hình nơi nhận {name!r}.",
        is_channel_fault=True,
        slowly=True,
    )
