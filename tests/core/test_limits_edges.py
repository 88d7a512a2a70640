"""Limits: where one spelling more or less changes what is read."""

from fractions import Fraction

import pytest

from tracker.timekeeping.limits import limit_for, parse_limit
from tracker.types import Channel, Limit, LimitUnit, NoLimit

COUNTER, ONLINE, POSTAL, UNKNOWN = Channel.COUNTER, Channel.ONLINE, Channel.POSTAL, Channel.UNKNOWN
DAY, WORKDAY = LimitUnit.DAY, LimitUnit.WORKDAY


def test_a_number_told_twice_is_read_as_it_stands_before_the_bracket():
    text = "1234567890 (123456789) ngày"  # alike as far as a limit may be long, and too long for one
    assert parse_limit(text) == NoLimit("LIMIT_UNREADABLE", text)


@pytest.mark.parametrize("text", ["(15) ngày làm việc", "(15 ngày làm việc)"])
def test_a_number_in_brackets_alone_is_no_limit(text):
    assert parse_limit(text) == NoLimit("LIMIT_UNREADABLE", text)


@pytest.mark.parametrize("text", ["4h làm việc", "4 giờ hành chính", "4 h lv"])
def test_hours_may_be_called_working_hours(text):
    assert parse_limit(text) == Limit(Fraction(4), LimitUnit.HOUR, text)


def test_hours_with_minutes_are_minutes():
    text = "2 giờ 30 phút"
    assert parse_limit(text) == Limit(Fraction(150), LimitUnit.MINUTE, text)


def test_without_a_channel_a_text_that_tells_them_apart_has_no_limit():
    text = "Trực tuyến: 3 ngày; trực tiếp: 5 ngày"
    assert parse_limit(text) == NoLimit("LIMIT_BY_CHANNEL", text)


@pytest.mark.parametrize(
    ("text", "channel", "wanted"),
    [
        ("Trực tuyến, trực tiếp: 3 ngày", ONLINE, 3),
        ("Trực tuyến, trực tiếp: 3 ngày", UNKNOWN, 3),
        ("Trực tuyến, trực tiếp: 3 ngày; bưu chính: 5 ngày", COUNTER, 3),
        ("3 ngày (trực tuyến)", ONLINE, 3),
        ("3 ngày (trực tuyến)", UNKNOWN, "LIMIT_BY_CHANNEL"),  # what holds for the others is not said
        ("Trực tuyến", ONLINE, "LIMIT_UNREADABLE"),
        ("Trực tuyến: 3 ngày, trực tiếp", COUNTER, "LIMIT_UNREADABLE"),
    ],
)
def test_channels_share_an_amount_only_where_all_have_one(text, channel, wanted):
    for kind in (DAY, WORKDAY):
        found = limit_for(text, channel, kind)
        assert found == (
            NoLimit(wanted, text) if isinstance(wanted, str) else Limit(Fraction(wanted), kind, text)
        )
