"""Limits as catalogues write them."""

import re
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trying import examples
from tracker.timekeeping.limits import limit_for, parse_limit
from tracker.timekeeping.number_words import with_digits
from tracker.types import Channel, Limit, LimitUnit, NoLimit

DAY, WORKDAY, HOUR, MINUTE, MONTH = (
    LimitUnit.DAY,
    LimitUnit.WORKDAY,
    LimitUnit.HOUR,
    LimitUnit.MINUTE,
    LimitUnit.MONTH,
)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("15 ngày làm việc", 15, WORKDAY),
        ("15 Ngày làm việc ", 15, WORKDAY),
        ("15 ngày", 15, DAY),
        ("15 ngày lịch", 15, DAY),
        ("04 giờ", 4, HOUR),
        ("04 giờ làm việc", 4, HOUR),
        ("4h", 4, HOUR),
        ("30 phút", 30, MINUTE),
        ("2 tháng", 2, MONTH),
        ("01 năm", 12, MONTH),
        ("02 tuần", 14, DAY),
        ("0 ngày làm việc", 0, WORKDAY),
        ("0,5 ngày", Fraction(1, 2), WORKDAY),
        ("2.5 ngày làm việc", Fraction(5, 2), WORKDAY),
        ("1/2 ngày làm việc", Fraction(1, 2), WORKDAY),
        ("1 1/2 ngày làm việc", Fraction(3, 2), WORKDAY),
        ("Không quá 15 ngày làm việc", 15, WORKDAY),
        ("Trong thời hạn 15 ngày làm việc", 15, WORKDAY),
        ("Thời hạn giải quyết: 15 ngày làm việc", 15, WORKDAY),
        ("15 (mười lăm) ngày làm việc", 15, WORKDAY),
        ("15 ngày làm việc kể từ ngày nhận đủ hồ sơ hợp lệ", 15, WORKDAY),
        ("15 ngày làm việc (không kể thời gian niêm yết)", 15, WORKDAY),
        ("10 ngày làm việc kể từ ngày nhận đủ hồ sơ tại Bộ phận Một cửa", 10, WORKDAY),
        ("15 (15) ngày làm việc", 15, WORKDAY),
        ("ba mươi (30) ngày", 30, DAY),
        ("một ngày", 1, DAY),
        ("năm ngày làm việc", 5, WORKDAY),
        ("mười lăm ngày làm việc", 15, WORKDAY),
        ("hai mươi tư ngày", 24, DAY),
        ("hai mươi năm", 240, MONTH),
        ("nửa ngày", Fraction(1, 2), WORKDAY),
        ("½ ngày làm việc", Fraction(1, 2), WORKDAY),
        ("nửa giờ", Fraction(1, 2), HOUR),
        ("1 giờ 30 phút", 90, MINUTE),
        ("15 ngay lam viec", 15, WORKDAY),
        ("15 ngày LV.", 15, WORKDAY),
        (unicodedata.normalize("NFD", "15 ngày làm việc"), 15, WORKDAY),
    ],
)
def test_a_limit_is_read_in_all_its_spellings(text, value, unit):
    assert parse_limit(text) == Limit(Fraction(value), unit, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "LIMIT_MISSING"),
        ("   ", "LIMIT_MISSING"),
        ("Không quy định", "LIMIT_NOT_SET"),
        ("không quy định thời hạn", "LIMIT_NOT_SET"),
        ("5-10 ngày làm việc", "LIMIT_RANGE"),
        ("từ 5 đến 10 ngày", "LIMIT_RANGE"),
        ("15 ngày hoặc 20 ngày", "LIMIT_RANGE"),
        ("15", "LIMIT_UNIT_MISSING"),
        ("theo luật", "LIMIT_UNREADABLE"),
        ("1/0 ngày", "LIMIT_UNREADABLE"),
        ("1,5 tháng", "LIMIT_UNREADABLE"),
        ("-3 ngày", "LIMIT_UNREADABLE"),
        ("3 tháng làm việc", "LIMIT_UNREADABLE"),
        ("-", "LIMIT_NOT_SET"),
        ("3 hoặc 5 ngày", "LIMIT_RANGE"),
        ("từ ba đến năm ngày", "LIMIT_UNREADABLE"),
        ("Trong ngày", "LIMIT_SAME_DAY"),
        ("Trong ngày làm việc", "LIMIT_SAME_DAY"),
        ("trong ngày làm việc kể từ khi nhận đủ hồ sơ", "LIMIT_SAME_DAY"),
        ("Ngay sau khi nhận đủ hồ sơ", "LIMIT_AT_ONCE"),
        ("2 ngày 4 giờ làm việc", "LIMIT_SEVERAL"),
        ("5 ngày làm việc, trong đó Sở 3 ngày", "LIMIT_SEVERAL"),
        ("5 ngày làm việc (trường hợp phức tạp 10 ngày)", "LIMIT_SEVERAL"),
        ("10 ngày kể từ ngày nhận đủ hồ sơ, 5 ngày tiếp theo", "LIMIT_SEVERAL"),
        ("30 (ba mươi mốt) ngày", "LIMIT_UNREADABLE"),
        ("1.500 ngày", "LIMIT_UNREADABLE"),
        ("sau ngày", "LIMIT_UNREADABLE"),
        ("nam ngay", "LIMIT_UNREADABLE"),
        ("9" * 5000 + " ngày", "LIMIT_UNREADABLE"),
    ],
)
def test_what_cannot_be_computed_says_why(text, code):
    assert parse_limit(text) == NoLimit(code, text)


def test_a_procedure_may_declare_its_days_to_be_working_days():
    assert parse_limit("15 ngày", day_kind=WORKDAY).unit is WORKDAY
    assert parse_limit("15 ngày lịch", day_kind=WORKDAY).unit is DAY
    assert parse_limit("2 tháng", day_kind=WORKDAY).unit is MONTH


def test_one_text_is_one_value():
    assert parse_limit("15 ngày làm việc") is parse_limit("15 ngày làm việc")


COUNTER, ONLINE, POSTAL, UNKNOWN = Channel.COUNTER, Channel.ONLINE, Channel.POSTAL, Channel.UNKNOWN
LABELLED = "Trực tuyến: 3 ngày làm việc; Trực tiếp: 5 ngày làm việc"
IN_BRACKETS = "3 ngày làm việc (trực tuyến), 5 ngày làm việc (trực tiếp, bưu chính)"
ALL_ALIKE = "5 ngày làm việc (nộp trực tiếp, trực tuyến hoặc qua dịch vụ bưu chính công ích)"


@pytest.mark.parametrize(
    ("text", "channel", "days"),
    [
        (LABELLED, ONLINE, 3),
        (LABELLED, COUNTER, 5),
        (LABELLED, POSTAL, None),
        (LABELLED, UNKNOWN, None),
        (IN_BRACKETS, ONLINE, 3),
        (IN_BRACKETS, COUNTER, 5),
        (IN_BRACKETS, POSTAL, 5),
        (IN_BRACKETS, UNKNOWN, None),
        (ALL_ALIKE, POSTAL, 5),
        (ALL_ALIKE, UNKNOWN, 5),
        ("3 ngày làm việc (trực tuyến)", COUNTER, None),
        ("trực tuyến: 3 ngày làm việc, trực tiếp: 3 ngày làm việc", UNKNOWN, 3),
    ],
)
def test_the_limit_is_that_of_the_channel_or_none(text, channel, days):
    for spelled in (text, text.upper(), unicodedata.normalize("NFD", text)):
        wanted = (
            Limit(Fraction(days), WORKDAY, spelled)
            if days is not None
            else NoLimit("LIMIT_BY_CHANNEL", spelled)
        )
        assert limit_for(spelled, channel) == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5 ngày làm việc; trực tuyến: 3 ngày làm việc", "LIMIT_UNREADABLE"),
        ("Trực tuyến 3 ngày, trực tuyến 4 ngày", "LIMIT_UNREADABLE"),
        ("Trực tuyến: 3-5 ngày; trực tiếp: 5 ngày", "LIMIT_RANGE"),
        ("Trực tuyến: 3 ngày, nếu phức tạp thì khác; trực tiếp: 5 ngày", "LIMIT_UNREADABLE"),
    ],
)
def test_limits_by_channel_that_leave_a_doubt_are_none(text, code):
    assert {limit_for(text, channel) for channel in Channel} == {NoLimit(code, text)}


MARKS = [*"0123456789", "15", "2,5", "1/2", "½", "-", "–", "(", ")", ";", ":", ",", ".", "/", "+", " ", " "]
WORDS = """ngày giờ tháng năm phút tuần lịch một sáu mười mươi lăm nửa trong ngay đến hoặc làm_việc hành_chính
    không_quy_định kể_từ sau_khi trực_tuyến trực_tiếp bưu_chính"""
PIECES = st.sampled_from([*MARKS, *(word.replace("_", " ") for word in WORDS.split())])
TEXTS = st.lists(PIECES, max_size=9).map(" ".join) | st.text(max_size=30)


def numbers_in(text):
    """Every number that stands in a text in digits, and every half or hour with minutes made of two of them."""
    plain = with_digits(text.replace("½", "1/2"))
    found = {Fraction(each.replace(",", ".")) for each in re.findall(r"\d+(?:[.,]\d+)?", plain)}
    whole = {Fraction(int(each)) for each in re.findall(r"\d+", plain)}
    parts = {one / other for one in whole for other in whole if other}
    hours = {60 * one + other for one in whole for other in whole}
    return found | whole | parts | {one + part for one in whole for part in parts} | hours


@settings(max_examples=examples(300, 3_000), deadline=None, derandomize=True)
@given(TEXTS, st.sampled_from(Channel))
def test_no_text_is_too_odd_and_no_number_comes_from_nowhere(text, channel):
    limit = limit_for(text, channel)
    if isinstance(limit, Limit):
        assert any(limit.value / times in numbers_in(text) for times in (1, 7, 12)), text
