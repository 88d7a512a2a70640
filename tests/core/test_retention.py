"""Whose time is over: full years after the end by the rule that held on the day of the end."""

from datetime import date, datetime

import pytest

from tracker.store.privacy.persons import spans_past, years_before
from tracker.types import VN

TODAY = date(2026, 8, 24)


def is_past(rules: list[tuple[date, int]], ended: datetime, today: date = TODAY) -> bool:
    return any(first <= ended < until for first, until in spans_past(rules, today))


@pytest.mark.parametrize(
    ("ended", "wanted"),
    [
        (datetime(2016, 8, 24, 23, 59, tzinfo=VN), True),
        (datetime(2016, 8, 25, 0, 0, tzinfo=VN), False),
        (datetime(2000, 1, 1, tzinfo=VN), True),
        (datetime(1999, 12, 31, 23, 59, tzinfo=VN), False),
    ],
)
def test_ten_full_years_after_the_end(ended: datetime, wanted: bool):
    assert is_past([(date(2000, 1, 1), 10)], ended) is wanted


@pytest.mark.parametrize(
    ("ended", "wanted"),
    [
        (datetime(2019, 12, 31, tzinfo=VN), False),  # ten years by the earlier rule
        (datetime(2020, 1, 1, tzinfo=VN), True),  # five by the later one
        (datetime(2021, 8, 24, tzinfo=VN), True),
        (datetime(2021, 8, 25, tzinfo=VN), False),
    ],
)
def test_the_rule_that_held_on_the_day_of_the_end_governs(ended: datetime, wanted: bool):
    assert is_past([(date(2000, 1, 1), 10), (date(2020, 1, 1), 5)], ended) is wanted


def test_without_a_rule_nothing_is_past():
    assert spans_past([], TODAY) == []


def test_a_leap_day_is_over_on_the_28th_of_a_common_year():
    assert years_before(date(2028, 2, 29), 10) == date(2018, 2, 28)
    assert is_past([(date(2000, 1, 1), 10)], datetime(2016, 2, 29, tzinfo=VN), date(2026, 2, 28)) is False
    assert is_past([(date(2000, 1, 1), 10)], datetime(2016, 2, 29, tzinfo=VN), date(2026, 3, 1))
