"""How values read in Vietnamese: numbers, rates, working time, states, masked persons."""

from fractions import Fraction

import pytest

from app import presenters
from app.late_filters import read_filters
from app.score_page import budget_sentences, shares
from tests.web.answers import score_answer
from tracker.errors import UsageError
from tracker.types import Basis, Lateness, State

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)


@pytest.mark.parametrize(
    ("value", "text"), [(46861, "46.861"), (0, "0"), (-25885, "-25.885"), (None, "Chưa có dữ liệu")]
)
def test_numbers_have_dots_and_the_unknown_is_said(value, text):
    assert presenters.number(value) == text


@pytest.mark.parametrize(
    ("value", "places", "trim", "text"),
    [
        (Fraction(1425, 1000), 3, True, "1,425"),
        (Fraction(3, 2), 3, True, "1,5"),
        (Fraction(0), 3, True, "0"),
        (Fraction(100), 2, True, "100"),
        (Fraction(1, 8), 2, False, "0,13"),
        (123456.5, 1, False, "123.456,5"),
    ],
)
def test_decimals_have_a_comma_and_round_half_up(value, places, trim, text):
    assert presenters.decimal(value, places, trim=trim) == text


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (373115, 420000, "88,84\u00a0% (373.115/420.000)"),
        (0, 5, "0,00\u00a0% (0/5)"),
        (0, 0, "Chưa có dữ liệu"),
        (None, None, "Chưa có dữ liệu"),
    ],
)
def test_a_rate_is_never_without_its_fraction_and_0_of_0_is_none(numerator, denominator, text):
    assert presenters.rate(numerator, denominator) == text


@pytest.mark.parametrize(
    ("state", "late", "days", "remaining", "text"),
    [
        (State.ON_TRACK, False, 0, 960, "còn 2 ngày làm việc"),
        (State.DUE_SOON, False, 0, 180, "còn 3 giờ làm việc"),
        (State.DUE_SOON, False, 0, 59, "còn 59 phút làm việc"),
        (State.DUE_SOON, False, 0, 0, "đã đến giờ hẹn"),
        (State.OVERDUE, True, 2, 0, "quá 2 ngày làm việc"),
        (State.OVERDUE, True, 0, 0, "quá hạn, chưa đủ 1 ngày làm việc"),
        (State.OVERDUE, True, None, None, "quá hạn, chưa tính được số ngày"),
        (State.SUSPENDED, False, 0, 480, "còn 1 ngày làm việc khi tiếp tục"),
        (State.FINISHED_EARLY, False, 0, None, ""),
        (State.FILED, False, None, None, "chưa tiếp nhận"),
    ],
)
def test_time_left_and_late_is_said_in_working_time(state, late, days, remaining, text):
    verdict = Lateness(state, days, 0 if late else None, remaining, late)
    assert presenters.time_left(verdict, 480) == text


def test_every_state_and_basis_has_its_word():
    assert set(presenters.CHIPS) == set(State)
    assert set(presenters.BASES) == set(Basis)


@pytest.mark.parametrize(
    ("full", "masked"),
    [("Nguyễn Văn An", "N. V. A."), ("Y Thanh Niê Kđăm", "Y. T. N. K."), ("", "–"), ("***", "***")],
)
def test_a_masked_name_is_its_initials(full, masked):
    assert presenters.name(full, visible=False) == masked


def test_a_masked_phone_shows_two_digits_and_an_address_its_last_part():
    assert presenters.phone("0912345678", visible=False).endswith("78")
    assert "12345" not in presenters.phone("0912345678", visible=False)
    assert presenters.address("Thôn 3, xã Thử, tỉnh Đắk Lắk", visible=False) == "…, tỉnh Đắk Lắk"
    assert presenters.address("Thôn 3", visible=False) == "(ẩn)"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("đã được quyết định", "Đã được quyết định."),
        ("Hãy viết như 31/12/2022.", "Hãy viết như 31/12/2022."),
        ("vì sao?", "Vì sao?"),
        (UsageError("thiếu lý do"), "Thiếu lý do."),
    ],
)
def test_a_fault_is_told_as_a_sentence(told, text):
    assert presenters.sentence(told) == text


def test_free_text_is_told_or_said_to_be_there():
    assert presenters.free_text("bà Ngọc đi vắng", visible=True) == "bà Ngọc đi vắng"
    assert presenters.free_text("bà Ngọc đi vắng", visible=False) == "(ẩn)"
    assert presenters.free_text(None, visible=False) == presenters.free_text("", visible=True) == ""


@pytest.mark.parametrize(("count", "text"), [(10_000, "10.000"), (10_001, "hơn 10.000")])
def test_a_count_that_stopped_says_so(count, text):
    assert presenters.capped(count, 10_000) == text


def test_the_budget_is_told_as_the_notice_would():
    assert budget_sentences(score_answer(late=46_885, total=420_000)) == [
        "Ngưỡng 95 % cho phép trễ 21.000 hồ sơ; đã trễ 46.885; vượt 25.885.",
        "Bớt 25.885 hồ sơ trễ thì được 1,425 điểm.",
    ]
    assert budget_sentences(score_answer(late=1_000, total=420_000))[0].endswith("còn được trễ 20.000.")


def test_shares_are_summed_and_sorted_by_late():
    listed = shares(score_answer(late=46_885, total=420_000), "field")
    assert [(share.name, share.late) for share in listed] == [("Đất đai", 46_861), ("Công thương", 24)]


@pytest.mark.parametrize(
    "text", ["31/02/2026", "hôm qua", "1/2", "2026-13-01", "1/2/3/4", "٣/٤/٥ x", "0001-01-01", "31/12/9999"]
)
def test_a_filter_that_is_no_date_is_told(text):
    filters = read_filters({"ngay": text}, ())
    assert filters.day is None
    assert len(filters.faults) == 1
