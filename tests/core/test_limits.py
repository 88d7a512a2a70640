"""Limits as catalogues write them."""

import unicodedata
from fractions import Fraction

import pytest

from tracker.timekeeping.limits import parse_limit
from tracker.types import Limit, LimitUnit, NoLimit

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
        ("không quy định thời hạn", "LIMIT_UNREADABLE"),
        ("5-10 ngày làm việc", "LIMIT_RANGE"),
        ("từ 5 đến 10 ngày", "LIMIT_RANGE"),
        ("15 ngày hoặc 20 ngày", "LIMIT_RANGE"),
        ("15", "LIMIT_UNIT_MISSING"),
        ("theo luật", "LIMIT_UNREADABLE"),
        ("1/0 ngày", "LIMIT_UNREADABLE"),
        ("1,5 tháng", "LIMIT_UNREADABLE"),
        ("-3 ngày", "LIMIT_UNREADABLE"),
        ("3 tháng làm việc", "LIMIT_UNREADABLE"),
        ("Trong ngày làm việc", "LIMIT_UNREADABLE"),
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
