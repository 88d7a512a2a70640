"""Due dates of open dossiers -> a calendar (iCalendar, RFC 5545) or a feed (Atom, RFC 4287). Pure: values in, bytes out.

Dossiers' codes, procedures and units alone: whoever has the link of such a file reads it, and no person is in it. Equal
values give equal bytes, so that a reader which has them is told so. An event keeps its UID for as long as the dossier
keeps its code: a date that moves moves the event.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID, uuid5

from icalendar import Calendar, Event, vText

ATOM = "http://www.w3.org/2005/Atom"
ZONE = "Asia/Ho_Chi_Minh"
PROGRAM = "Đúng Hẹn"
# For UIDs and Atom ids of this program; made once, never to be changed.
NAMESPACE = UUID("6f0f8f0a-2b7e-4f0c-9a53-0f1c7f9d1e5b")
# A date with a time of day is shown as the last half hour before it.
SHOWN_BEFORE = timedelta(minutes=30)
REFRESH = timedelta(hours=6)
DAY = timedelta(days=1)
# What neither format can hold: control characters, halves of characters, and what is none.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


class DateKind(StrEnum):
    """How a due date stands, as it is titled."""

    DUE = "Đến hạn"
    OVERDUE = "Quá hạn"
    SUSPENDED = "Tạm dừng"


@dataclass(frozen=True, slots=True)
class FeedDate:
    """One open dossier's due date. `is_whole_day`: only the date counts; `moves`: how often the source changed it."""

    code: str
    procedure: str
    unit: str
    due_at: datetime
    is_whole_day: bool
    kind: DateKind
    changed_at: datetime
    moves: int = 0


@dataclass(frozen=True, slots=True)
class FeedHead:
    """What a file says of itself. `key`: what tells links apart, stable; `home`: address of the program's pages.

    `cut_at`: the number of dates beyond which nothing is shown, where there are more; None where all are shown.
    """

    key: str
    name: str
    about: str
    address: str
    home: str
    made_at: datetime
    day: date
    cut_at: int | None = None


def calendar_of(head: FeedHead, dates: Sequence[FeedDate]) -> bytes:
    """The dates as an iCalendar file: one event each, instants in UTC."""
    calendar = Calendar()
    calendar.add("prodid", "-//Dung Hen//Lich hen tra//VI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for label in ("x-wr-calname", "name"):
        calendar.add(label, vText(_plain(head.name)))  # a text, which the library cannot know of X- names
    for label in ("x-wr-caldesc", "description"):
        calendar.add(label, vText(about_words(head)))
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for each in dates:
        calendar.add_component(_event(head, each))
    if head.cut_at is not None:
        calendar.add_component(_cut_event(head))
    return bytes(calendar.to_ical())


def atom_of(head: FeedHead, dates: Sequence[FeedDate]) -> bytes:
    """The same dates as an Atom feed, one entry each."""
    ET.register_namespace("", ATOM)
    feed = ET.Element(_tag("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": "vi"})
    _add(feed, "id", _urn(f"feed {head.key}"))
    _add(feed, "title", _plain(head.name))
    _add(feed, "subtitle", about_words(head))
    _add(feed, "updated", _instant(max((each.changed_at for each in dates), default=head.made_at)))
    _add(_add(feed, "author"), "name", PROGRAM)
    _add(feed, "link", rel="self", type="application/atom+xml", href=head.address)
    for each in dates:
        _add_entry(feed, head, each)
    text: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return text


def about_words(head: FeedHead) -> str:
    """What the file holds, and where it was cut."""
    return f"{head.about} {_cut_words(head.cut_at)}" if head.cut_at is not None else head.about


def title_of(each: FeedDate) -> str:
    """Like "Quá hạn: H15.01-260803-0001"."""
    return f"{each.kind.value}: {_plain(each.code)}"


# ---------------------------------------------------------------- events


def _event(head: FeedHead, each: FeedDate) -> Event:
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE, each.code)))
    for label in ("dtstamp", "last-modified"):
        event.add(label, each.changed_at.astimezone(UTC))
    event.add("sequence", each.moves)
    if each.is_whole_day:
        _put_day(event, each.due_at.date())
    else:
        event.add("dtstart", (each.due_at - SHOWN_BEFORE).astimezone(UTC))
        event.add("dtend", each.due_at.astimezone(UTC))
    event.add("summary", title_of(each))
    event.add("description", "\n".join(_lines(each)))
    event.add("url", _page(head, each))
    event.add("status", "TENTATIVE" if each.kind is DateKind.SUSPENDED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # it keeps nobody's hours busy
    return event


def _cut_event(head: FeedHead) -> Event:
    """Hardly any calendar shows what a file says of itself, so that it is cut stands on the day itself."""
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE, f"cut {head.key}")))
    event.add("dtstamp", head.made_at.astimezone(UTC))
    _put_day(event, head.day)
    event.add("summary", "Lịch hẹn trả chưa đủ: còn hồ sơ không hiện")
    event.add("description", _cut_words(head.cut_at or 0))
    event.add("transp", "TRANSPARENT")
    return event


def _put_day(event: Event, day: date) -> None:
    event.add("dtstart", day)
    event.add("dtend", day + DAY)  # the day after the last one (RFC 5545, 3.6.1)


# ---------------------------------------------------------------- entries


def _add_entry(feed: ET.Element, head: FeedHead, each: FeedDate) -> None:
    entry = _add(feed, "entry")
    _add(entry, "id", _urn(each.code))
    _add(entry, "title", title_of(each))
    _add(entry, "updated", _instant(each.changed_at))
    _add(entry, "link", rel="alternate", type="text/html", href=_page(head, each))
    _add(entry, "content", "\n".join([_due_words(each), *_lines(each)]), type="text")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(name), attributes)
    element.text = text or None
    return element


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _urn(name: str) -> str:
    return uuid5(NAMESPACE, name).urn


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


# ---------------------------------------------------------------- words


def _lines(each: FeedDate) -> list[str]:
    """What is told beside the code; what is not known has no line."""
    known = {"Thủ tục": _plain(each.procedure), "Đơn vị": _plain(each.unit)}
    lines = [f"{word}: {text}" for word, text in known.items() if text]
    if each.kind is DateKind.SUSPENDED:
        lines.append("Hồ sơ đang tạm dừng; ngày hẹn trả có thể thay đổi.")
    return lines


def _due_words(each: FeedDate) -> str:
    return (
        f"Ngày hẹn trả: {each.due_at:%d/%m/%Y}"
        if each.is_whole_day
        else f"Hẹn trả lúc {each.due_at:%H:%M ngày %d/%m/%Y}"
    )


def _cut_words(most: int) -> str:
    shown = f"{most:,}".replace(",", ".")
    return f"Có nhiều hồ sơ hơn: ở đây chỉ có {shown} ngày hẹn trả gần hôm nay nhất, phần còn lại xem trong {PROGRAM}."


def _page(head: FeedHead, each: FeedDate) -> str:
    return f"{head.home}/ho-so/{quote(each.code)}"


def _plain(text: str) -> str:
    return UNPRINTABLE.sub(" ", text).strip()
