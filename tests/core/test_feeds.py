"""Due dates as a calendar and as a feed: what a reader understands of them, what stays the same, what is never in them."""

import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from notifications.alerts.feeds import ATOM, DateKind, FeedDate, FeedHead, atom_of, calendar_of
from tracker.types import VN

HOME = "https://dung-hen.vi-du.gov.vn"
ADDRESS = f"{HOME}/lich-hen/abc.ics"
MADE = datetime(2026, 8, 20, 9, tzinfo=VN)
HEAD = FeedHead("7 1787191200", "Lịch; của, bộ phận", "Ngày hẹn trả.", ADDRESS, HOME, MADE, date(2026, 8, 24))
KNOWN = datetime(2026, 8, 24, 7, tzinfo=VN)
PROCEDURE = "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất; " * 4
UNIT = "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một"
WHOLE = FeedDate(
    "T01-260803-0001",
    PROCEDURE.strip(),
    UNIT,
    datetime(2026, 8, 28, 17, tzinfo=VN),
    True,
    DateKind.DUE,
    KNOWN,
)
TIMED = replace(
    WHOLE, code="T01-260803-0002", due_at=datetime(2026, 8, 25, 0, 15, tzinfo=VN), is_whole_day=False
)
OVERDUE = replace(WHOLE, code="T01-260803-0003", kind=DateKind.OVERDUE)
SUSPENDED = replace(WHOLE, code="T01-260803-0004", kind=DateKind.SUSPENDED)
ALL = (WHOLE, TIMED, OVERDUE, SUSPENDED)


def events(*dates: FeedDate, head: FeedHead = HEAD) -> list[Event]:
    read = Calendar.from_ical(calendar_of(head, dates))
    assert read.errors == []
    assert all(event.errors == [] for event in read.events)
    return list(read.events)


def entries(*dates: FeedDate, head: FeedHead = HEAD) -> list[ET.Element]:
    return ET.fromstring(atom_of(head, dates)).findall(f"{{{ATOM}}}entry")


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{{{ATOM}}}{name}") or ""


# ---------------------------------------------------------------- the calendar


def test_a_calendar_has_its_name_its_zone_and_an_event_for_each_date():
    read = Calendar.from_ical(calendar_of(HEAD, ALL))
    assert (read["version"], read["x-wr-timezone"]) == ("2.0", "Asia/Ho_Chi_Minh")
    assert [str(event["summary"]) for event in read.events] == [
        "Đến hạn: T01-260803-0001",
        "Đến hạn: T01-260803-0002",
        "Quá hạn: T01-260803-0003",
        "Tạm dừng: T01-260803-0004",
    ]


def test_signs_that_part_values_in_a_calendar_are_escaped_in_every_text():
    lines = calendar_of(HEAD, ()).decode().split("\r\n")
    assert {"NAME:Lịch\\; của\\, bộ phận", "X-WR-CALNAME:Lịch\\; của\\, bộ phận"} <= set(lines)


def test_a_date_without_a_time_of_day_takes_the_whole_day_and_no_more():
    (event,) = events(WHOLE)
    assert (event.start, event.end) == (date(2026, 8, 28), date(2026, 8, 29))


def test_a_date_with_a_time_of_day_ends_at_that_moment_in_utc():
    (event,) = events(TIMED)
    assert event.end == datetime(2026, 8, 24, 17, 15, tzinfo=UTC)
    assert event.start == event.end - timedelta(minutes=30)
    assert b"DTEND:20260824T171500Z" in calendar_of(HEAD, [TIMED])


def test_a_date_that_moves_moves_the_same_event():
    moved = replace(
        WHOLE, due_at=WHOLE.due_at + timedelta(days=5), moves=1, changed_at=KNOWN + timedelta(days=1)
    )
    (before,), (after,) = events(WHOLE), events(moved)
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert (before.start, after.start) == (date(2026, 8, 28), date(2026, 9, 2))
    assert before.last_modified < after.last_modified


def test_a_dossier_has_the_same_event_in_every_calendar_and_another_than_any_other_dossier():
    elsewhere = replace(HEAD, key="8 1", name="Lịch khác", address=f"{HOME}/lich-hen/khac.ics")
    assert [each["uid"] for each in events(*ALL)] == [each["uid"] for each in events(*ALL, head=elsewhere)]
    assert len({str(each["uid"]) for each in events(*ALL)}) == len(ALL)


def test_the_uid_of_a_code_is_the_one_that_calendars_have_kept_since_the_first_release():
    assert str(events(WHOLE)[0]["uid"]) == "893216b3-f24f-525f-9245-5de28b20dfe9"


def test_a_suspended_dossier_is_tentative_and_says_that_its_date_may_move():
    (event,) = events(SUSPENDED)
    assert event["status"] == "TENTATIVE"
    assert "ngày hẹn trả có thể thay đổi" in str(event["description"])
    assert events(WHOLE)[0]["status"] == "CONFIRMED"


def test_no_event_keeps_hours_busy_and_each_leads_to_its_dossier():
    (event,) = events(WHOLE)
    assert event["transp"] == "TRANSPARENT"
    assert event["url"] == f"{HOME}/ho-so/T01-260803-0001"


def test_long_vietnamese_lines_are_folded_within_75_octets_and_read_back_whole():
    body = calendar_of(HEAD, ALL)
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert body.count(b"\n") == body.count(b"\r\n")
    (event,) = events(WHOLE)
    assert str(event["description"]) == f"Thủ tục: {WHOLE.procedure}\nĐơn vị: {UNIT}"


# ---------------------------------------------------------------- the feed


def test_a_feed_has_what_every_reader_needs():
    feed = ET.fromstring(atom_of(HEAD, ALL))
    assert feed.tag == f"{{{ATOM}}}feed"
    assert text(feed, "id").startswith("urn:uuid:")
    assert text(feed, "title") == HEAD.name
    assert text(feed, "updated") == "2026-08-24T00:00:00Z"
    assert feed.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") == "Đúng Hẹn"
    links = [each.attrib for each in feed.findall(f"{{{ATOM}}}link")]
    assert links == [{"rel": "self", "type": "application/atom+xml", "href": ADDRESS}]
    for entry in feed.findall(f"{{{ATOM}}}entry"):
        assert all(text(entry, name) for name in ("id", "title", "updated", "content"))


def test_a_feed_says_when_each_dossier_is_due():
    whole, timed = entries(WHOLE, TIMED)
    assert text(whole, "content").splitlines()[0] == "Ngày hẹn trả: 28/08/2026"
    assert text(timed, "content").splitlines()[0] == "Hẹn trả lúc 00:15 ngày 25/08/2026"


def test_an_entry_keeps_its_id_and_is_updated_when_its_date_moves():
    moved = replace(WHOLE, due_at=WHOLE.due_at + timedelta(days=5), changed_at=KNOWN + timedelta(days=1))
    (before,), (after,) = entries(WHOLE), entries(moved)
    assert text(before, "id") == text(after, "id")
    assert text(before, "updated") < text(after, "updated")


def test_an_empty_feed_is_as_old_as_its_link():
    assert text(ET.fromstring(atom_of(HEAD, ())), "updated") == "2026-08-20T02:00:00Z"


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("write", [calendar_of, atom_of])
def test_equal_dates_give_equal_bytes(write):
    assert write(HEAD, ALL) == write(replace(HEAD), tuple(replace(each) for each in ALL))


@pytest.mark.parametrize("write", [calendar_of, atom_of])
def test_where_it_was_cut_the_file_says_so_and_how_many_it_shows(write):
    told = "Có nhiều hồ sơ hơn: ở đây chỉ có 2.000 ngày"
    unfolded = {n: write(replace(HEAD, cut_at=n), ALL).replace(b"\r\n ", b"").decode() for n in (None, 2_000)}
    assert told not in unfolded[None]
    assert told in unfolded[2_000]


def test_a_cut_calendar_says_so_on_the_day_itself_where_people_look():
    cut = replace(HEAD, cut_at=2_000)
    (told,) = [event for event in events(*ALL, head=cut) if "chưa đủ" in str(event["summary"])]
    assert told.start == HEAD.day
    tomorrow = replace(cut, day=date(2026, 8, 25))
    assert told["uid"] in [event["uid"] for event in events(*ALL, head=tomorrow)]


@pytest.mark.parametrize(
    "code", ["T01\r\nATTENDEE:x", "T01\x00\x0b\x1f", "T01<b>&\"'", "?0A1B2C3D/..", "T01;,\\n"]
)
def test_nothing_that_a_source_wrote_breaks_out_of_its_place(code: str):
    hostile = replace(WHOLE, code=code, procedure=f"{code}\nBEGIN:VEVENT", unit=code)
    (event,) = events(hostile)
    assert set(event) <= {
        "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "URL", "STATUS",
        "TRANSP",
    }  # fmt: skip
    (entry,) = entries(hostile)
    assert text(entry, "title") == str(event["summary"])


def test_there_is_no_place_for_a_person_in_a_due_date():
    assert {each.name for each in fields(FeedDate)} == {
        "code", "procedure", "unit", "due_at", "is_whole_day", "kind", "changed_at", "moves",
    }  # fmt: skip
