"""Which limit a dossier has: its own text, its procedure's on the day and for the channel, the days of its field."""

from datetime import date, datetime

import pytest

from tracker.ingest.documented import (
    AskedLimit,
    CommuneExtras,
    LimitBook,
    PublishedExtra,
    PublishedLimit,
)
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


# ---------------------------------------------------------------- cases


@pytest.mark.parametrize(
    ("entries", "days"),
    [
        ((("5 ngày làm việc", ""), ("5 ngày làm việc", "Phải xác minh")), 5),
        ((("5 ngày làm việc", ""), ("9 ngày làm việc", "Phải xác minh")), None),
        ((("9 ngày làm việc", "Phải xác minh"),), 9),
    ],
)
def test_where_cases_have_different_limits_a_dossier_that_tells_none_has_no_limit(entries, days):
    told = [PublishedLimit(text, None, date(2018, 1, 1), None, case_name=case) for text, case in entries]
    found = LimitBook({"p": told}).limit("p", AskedLimit("", "counter"), 1_700_000_000)
    if days is None:
        assert isinstance(found, NoLimit)
        assert found.code == "LIMIT_BY_CASE"
    else:
        assert found.value == days


# ---------------------------------------------------------------- communes

DIFFICULT, EASY = 31, 32


def extra(text="10 ngày", *, procedure="", field=None, kind=None, until=None):
    return PublishedExtra(text, kind, "difficult", date(2014, 7, 1), until, "NĐ 43/2014", procedure, field)


def in_commune(*rows, unit=DIFFICULT, text="", published_text="15 ngày", field=LAND):
    limits = {"p": [published(published_text, kind=LimitUnit.WORKDAY)]}
    book = LimitBook(limits, extras=CommuneExtras(rows, {DIFFICULT: "difficult"}))
    received = int(datetime(2024, 7, 31, 8, tzinfo=VN).timestamp())
    return book.limit("p", book.asked(text, "counter", field, unit), received)


def test_a_commune_of_the_class_gets_the_extra_days_and_its_text_says_why():
    found = in_commune(extra(field=LAND))
    assert (found.value, found.unit) == (25, LimitUnit.WORKDAY)
    assert found.text == "15 ngày + 10 ngày (NĐ 43/2014)"


@pytest.mark.parametrize(
    "given",
    [
        {"unit": EASY},
        {"unit": None},
        {"field": 8},
        {"text": "15 ngày"},  # what the dossier itself says is whole
    ],
)
def test_others_do_not_get_the_extra_days(given):
    assert in_commune(extra(field=LAND), **given).value == 15


def test_an_extra_holds_in_its_own_time_and_that_of_the_procedure_goes_before():
    assert in_commune(extra(field=LAND, until=date(2024, 7, 30))).value == 15
    assert in_commune(extra(field=LAND), extra("3 ngày", procedure="p")).value == 18


def test_days_and_hours_are_not_added_up():
    found = in_commune(extra("4 giờ", field=LAND))
    assert isinstance(found, NoLimit)
    assert found.code == "LIMIT_EXTRA_UNCLEAR"
