"""The mail server of a quarter: what goes wrong with it on which day, and what it took when."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum
from itertools import count
from typing import overload

from tests.mail_server import OK, Habits, MailServer, free_port, serving
from tracker.config import Config

REFUSED = "khong-co"  # addresses that begin so are refused for good
IMPATIENT_SECONDS = 1
PATIENT_SECONDS = 60


class Fault(StrEnum):
    """What is wrong with the mail server."""

    NONE = "none"
    DOWN = "down"  # nobody listens
    RCPT_LATER = "rcpt_later"  # 451 to the recipient
    DOT_LATER = "dot_later"  # 451 once it has the whole mail
    CUT_OFF = "cut_off"  # every second connection ends before the mail
    LOST_REPLY = "lost_reply"  # of three mails one is dropped and one taken, and it hangs up on both
    SLOW = "slow"  # the first takes longer than anybody waits: once before the mail, once after it


class Told(Sequence[str]):
    """Answers of which each is asked for when it is needed."""

    def __init__(self, say: Callable[[], str]) -> None:
        self._say = say

    def __len__(self) -> int:
        return 1

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        return self._say()


@dataclass(frozen=True)
class Taken:
    """A mail that the server took for good, and when."""

    at: datetime
    mail: EmailMessage

    @property
    def number(self) -> str:
        """Its Message-ID."""
        return str(self.mail["Message-ID"])

    @property
    def to(self) -> str:
        """To whom it went."""
        return str(self.mail["To"])

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.mail["Subject"])

    @property
    def whole(self) -> str:
        """Everything that can be read in it: subject, text and HTML."""
        html = self.mail.get_body(("html",))
        return "\n".join([self.subject, self.text, str(html.get_content()) if html else ""])

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.mail.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@dataclass
class Post:
    """The server and what it took; the clock stands while anything is sent, so each mail has its moment."""

    server: MailServer
    closed_port: int
    fault: Fault = Fault.NONE
    taken: list[Taken] = field(default_factory=list)
    turns: Iterator[int] = field(default_factory=count)

    def have(self, fault: Fault) -> None:
        """From now on this is wrong."""
        self.fault = fault
        self.turns = count()
        self.server.habits.silent_at_rcpt = fault is Fault.SLOW

    def note(self, now: datetime) -> None:
        """What came since the last look came at this moment."""
        new = self.server.taken[len(self.taken) :]
        self.taken += [Taken(now, mail) for mail in new]

    def config(self, config: Config) -> Config:
        """The configuration as it is while this is wrong."""
        port = self.closed_port if self.fault is Fault.DOWN else self.server.port
        wait = IMPATIENT_SECONDS if self.fault is Fault.SLOW else PATIENT_SECONDS
        return replace(config, mail=replace(config.mail, port=port, timeout_seconds=wait))

    def rcpt(self) -> str:
        """The answer to a recipient."""
        if self.server.rcpts[-1].startswith(REFUSED):
            return "550 5.1.1 no such user"
        return "451 4.7.1 later" if self.fault is Fault.RCPT_LATER else OK

    def data(self) -> str:
        """The answer to DATA."""
        return "hang up" if self.fault is Fault.CUT_OFF and next(self.turns) % 2 == 0 else "354 go ahead"

    def dot(self) -> str:
        """The answer to the last dot."""
        if self.fault is Fault.DOT_LATER:
            return "451 4.3.0 not now"
        if self.fault is Fault.LOST_REPLY:
            return ("take and hang up", OK, "hang up")[next(self.turns) % 3]
        return "take and keep silent" if self.fault is Fault.SLOW and next(self.turns) == 0 else OK


@contextmanager
def post() -> Iterator[Post]:
    """A server, listening."""
    habits = Habits()
    with serving(habits) as server:
        made = Post(server, free_port())
        habits.rcpt, habits.at_data, habits.after_dot = Told(made.rcpt), Told(made.data), Told(made.dot)
        yield made
