"""Lateness in words: in days from one day on, shares with their fraction, nothing said of nothing."""

import pytest

from app.cause_words import in_days, mean_time, share_of

DAY = 480


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 phút"), (59, "59 phút"), (60, "1 giờ"), (479, "7 giờ"), (480, "1 ngày"), (720, "1,5 ngày"),
        (4_752, "9,9 ngày"), (4_800, "10 ngày"), (592_320, "1.234 ngày"), (592_800, "1.235 ngày"),
    ],
)  # fmt: skip
def test_working_time_is_said_in_the_largest_measure_that_is_full(minutes: int, words: str):
    assert in_days(minutes, DAY) == words


@pytest.mark.parametrize(
    ("minutes", "whole", "words"),
    [
        (2_400, 9_600, "25,00 % (5/20 ngày)"),
        (0, 9_600, "0,00 % (0/20 ngày)"),
        (60, 9_600, "0,63 % (1 giờ/20 ngày)"),
        (0, 120, "0,00 % (0 phút/2 giờ)"),
        (0, 0, "–"),
    ],
)
def test_a_share_has_its_fraction_and_says_a_common_measure_once(minutes: int, whole: int, words: str):
    assert share_of(minutes, whole, DAY) == words.replace(" %", "\u00a0%")


def test_a_mean_of_nothing_is_a_dash():
    assert (mean_time(960, 2, DAY), mean_time(0, 0, DAY)) == ("1 ngày", "–")
