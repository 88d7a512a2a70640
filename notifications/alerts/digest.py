"""A digest as a value -> its subject, text and HTML. Pure: counts first, then the worst ten, then where the rest is.

No person of a dossier stands in it: a code, a procedure, a unit, a date.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from notifications.alerts.rungs import Measure
from notifications.alerts.words import rung_words
from tracker.types import VN

TEMPLATES = Path(__file__).parent / "templates"
INBOX = "/canh-bao"
# Of these the subject says how many.
FIRST = 3
LATE, SOON, PLAIN = "late", "soon", "plain"
TONES = {
    Measure.DAYS_LATE: LATE,
    Measure.PROMISE_PASSED: LATE,
    Measure.INTAKE_OVER: LATE,
    Measure.DAYS_LEFT: SOON,
    Measure.SHARE_USED: SOON,
    Measure.LETTER_PROMISE: SOON,
}


@dataclass(frozen=True, slots=True)
class DigestGroup:
    """How many alerts of one rung."""

    measure: Measure
    threshold: int
    count: int

    @property
    def words(self) -> str:
        """The rung in words."""
        return rung_words(self.measure, self.threshold)

    @property
    def tone(self) -> str:
        """How it is coloured; never by colour alone."""
        return TONES.get(self.measure, PLAIN)


@dataclass(frozen=True, slots=True)
class DigestRow:
    """One alert. `what` is true of the moment of the digest; `note`: why it comes a second time."""

    code: str
    what: str
    procedure: str
    unit: str
    due_at: datetime | None
    path: str
    tone: str = PLAIN
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flood:
    """What one load brought past its rungs, counted by the highest rung of each dossier."""

    total: int
    groups: tuple[DigestGroup, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told at once. `since`: the day of the oldest claim, where days were missed; `more`: alerts that
    are not among the rows; `totals`: what stands in the own units, in words.
    """

    day: date
    place: str
    groups: tuple[DigestGroup, ...]
    rows: tuple[DigestRow, ...]
    more: int
    others: tuple[str, ...] = ()
    floods: tuple[Flood, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    letters: tuple[tuple[str, int], ...] = ()
    why: str = ""
    since: date | None = None
    is_urgent: bool = False
    is_overflow: bool = False

    @property
    def count(self) -> int:
        """All alerts that it is about."""
        return sum(group.count for group in self.groups) + len(self.others)


def subject_of(digest: Digest) -> str:
    """The line that is read in a list of mails: what it is, and the worst counts."""
    counts = [f"{_number(group.count)} {_lower(group.words)}" for group in digest.groups[:FIRST]]
    counts += [f"{_number(flood.total)} hồ sơ mới nạp đã qua mốc" for flood in digest.floods[:1]]
    counts += [f"{len(digest.others)} việc chung"] if digest.others else []
    head = "Cảnh báo khẩn" if digest.is_urgent else f"Bản tin sáng {digest.day:%d/%m}"
    if digest.is_overflow:
        head = "Còn nhiều cảnh báo khẩn hôm nay"
    return f"{head}: {'; '.join(counts)}" if counts else head


def text_of(digest: Digest, public_url: str) -> str:
    """The plain text."""
    return _render("digest.txt", digest, public_url)


def html_of(digest: Digest, public_url: str) -> str:
    """The HTML, with everything in it: no picture, no outside style."""
    return _render("digest.html", digest, public_url)


def _render(name: str, digest: Digest, public_url: str) -> str:
    return _environment().get_template(name).render(d=digest, base=public_url, inbox=INBOX)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(number=_number, day=_day, moment=_moment, lower=_lower)
    return made


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def _moment(value: datetime | None) -> str:
    return f"{value.astimezone(VN):%d/%m/%Y %H:%M}" if value else "không có ngày hẹn"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
