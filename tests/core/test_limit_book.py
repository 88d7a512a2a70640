"""Which limit a dossier has: its own text, its procedure's on the day and for the channel, the days of its field."""

from datetime import date, datetime

import pytest

from tracker.ingest.documented import AskedLimit, LimitBook, PublishedLimit
from tracker.timekeeping.limits import FieldDays
from tracker.types import VN, Channel, LimitUnit, NoLimit

LAND = 7
FIELD_DAYS = {LAND: [FieldDays("Đất đai", LimitUnit.WORKDAY, "NĐ 43/2014", True, None, date(2024, 7, 31))]}


def published(text, channel=None, kind=None, since=date(2018, 1, 1), until=None):
    return PublishedLimit(text, kind, since, until, channel)


BOOK = LimitBook(
    {
        "one": [published("5 ngày làm việc")],
        "online": [published("5 ngày làm việc"), published("3 ngày làm việc", Channel.ONLINE)],
        "alike": [published("5 ngày làm việc"), published("05 ngày làm việc", Channel.ONLINE)],
        "only": [published("3 ngày làm việc", Channel.ONLINE)],
        "in text": [published("Trực tuyến: 3 ngày làm việc; Trực tiếp: 5 ngày làm việc")],
        "days": [published("15 ngày")],
        "working": [published("15 ngày", kind=LimitUnit.WORKDAY)],
        "calendar": [published("15 ngày", kind=LimitUnit.DAY)],
        "dated": [
            published("5 ngày làm việc", until=date(2023, 12, 31)),
            published("4 ngày làm việc", since=date(2024, 1, 1)),
        ],
    },
    FIELD_DAYS,
)


def limit(procedure, channel="counter", *, text="", field=None, day="2024-07-31"):
    received = int(datetime.fromisoformat(day).replace(hour=23, tzinfo=VN).timestamp())
    return BOOK.limit(procedure, AskedLimit(text, channel, field), received)


@pytest.mark.parametrize(
    ("procedure", "channel", "days"),
    [
        ("one", "unknown", 5),
        ("online", "online", 3),
        ("online", "counter", 5),
        ("online", "unknown", None),
        ("alike", "unknown", 5),
        ("only", "online", 3),
        ("only", "counter", None),
        ("only", "unknown", 3),
        ("in text", "online", 3),
        ("in text", "counter", 5),
        ("in text", "postal", None),
        ("in text", "unknown", None),
    ],
)
def test_the_published_limit_is_that_of_the_channel(procedure, channel, days):
    found = limit(procedure, channel)
    if days is None:
        assert isinstance(found, NoLimit)
        assert found.code == "LIMIT_BY_CHANNEL"
    else:
        assert (found.value, found.unit) == (days, LimitUnit.WORKDAY)


@pytest.mark.parametrize(
    ("procedure", "field", "day", "unit"),
    [
        ("days", None, "2024-07-31", LimitUnit.DAY),
        ("days", LAND, "2024-07-31", LimitUnit.WORKDAY),
        ("days", LAND, "2024-08-01", LimitUnit.DAY),
        ("working", None, "2024-08-01", LimitUnit.WORKDAY),
        ("calendar", LAND, "2024-07-31", LimitUnit.DAY),
        ("unheard of", LAND, "2024-07-31", LimitUnit.WORKDAY),
    ],
)
def test_days_are_those_of_the_procedure_else_of_the_field_else_of_the_calendar(procedure, field, day, unit):
    assert limit(procedure, field=field, day=day, text="15 ngày").unit is unit
    if procedure != "unheard of":
        assert limit(procedure, field=field, day=day).unit is unit


def test_the_limit_is_that_of_the_reception_date():
    assert [limit("dated", day=day).value for day in ("2023-12-31", "2024-01-01")] == [5, 4]


def test_a_dossiers_own_text_goes_before_and_without_any_there_is_no_limit():
    assert limit("one", text="7 ngày làm việc").value == 7
    assert limit("unheard of") is None
    assert limit("one", day="2017-12-31") is None
