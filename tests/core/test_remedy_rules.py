"""What may be told of a fault and its measure, what a report of a period speaks of, and how its figures read."""

from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction

import pytest

from app import remedy_rules
from app.remedy_forms import RemedyFilters
from app.remedy_page import listed, tellings
from letters.ledger_cases import Period
from letters.reform_report_words import (
    border_note,
    points_words,
    rate_change_words,
    rate_words,
    threshold_words,
)
from letters.remediation_report import of_period, result_words, summary_lines
from tracker.errors import UsageError
from tracker.types import VN, RateCounts
from tracker.types.remedies import Remedy, RemedyState, RemedyTold

TODAY = date(2026, 8, 24)
OPEN = RemedyTold(7, None, 2025, "Hồ sơ đất đai trễ hạn", due_on=date(2026, 8, 24))
DONE = replace(OPEN, done_on=date(2026, 8, 20))
DROPPED = replace(OPEN, is_dropped=True, note="đã giao đơn vị khác")


def remedy(told: RemedyTold, number: int = 1, seq: int = 1) -> Remedy:
    at = datetime(2026, 8, 20, 9, tzinfo=VN)
    return Remedy(number, seq, told, "Sở Mẫu", "T.1", "", "ai.do", at)


@pytest.mark.parametrize(
    ("told", "day", "state"),
    [
        (OPEN, date(2026, 8, 24), RemedyState.OPEN),
        (OPEN, date(2026, 8, 25), RemedyState.OVERDUE),
        (replace(OPEN, due_on=None), date(2030, 1, 1), RemedyState.OPEN),
        (DONE, date(2026, 8, 25), RemedyState.DONE),
        (DONE, date(2026, 8, 19), RemedyState.OPEN),
        (replace(DONE, due_on=date(2026, 8, 1)), date(2026, 8, 19), RemedyState.OVERDUE),
        (DROPPED, date(2026, 8, 25), RemedyState.DROPPED),
    ],
)
def test_a_measure_is_overdue_from_the_day_after_its_deadline_until_it_is_done(told, day, state):
    assert told.state_on(day) is state


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"fault": " \n "}, "cần ghi tồn tại"),
        ({"cause": "x" * 1001}, "nguyên nhân dài quá"),
        ({"year": 2011}, "một năm từ 2012 đến 2026"),
        ({"year": 2027}, "một năm từ 2012 đến 2026"),
    ],
)
def test_a_fault_without_words_or_of_no_year_is_not_kept(changed, words):
    with pytest.raises(UsageError, match=words):
        remedy_rules.checked(replace(OPEN, **changed), TODAY)


def test_words_are_kept_on_one_line_and_a_number_stays_with_its_sign():
    told = replace(OPEN, fault=" 13,06\u00a0%\n hồ sơ \t trễ ")
    assert remedy_rules.checked(told, TODAY).fault == "13,06\u00a0% hồ sơ trễ"


def test_saying_it_otherwise_leaves_what_became_of_it_and_saying_nothing_new_is_refused():
    told = remedy_rules.edited(DROPPED, replace(OPEN, cause="thiếu người"), TODAY)
    assert told == replace(DROPPED, cause="thiếu người")
    with pytest.raises(UsageError, match="chưa có gì thay đổi"):
        remedy_rules.edited(DROPPED, OPEN, TODAY)


def test_a_measure_is_done_today_at_the_latest():
    assert remedy_rules.done(OPEN, TODAY, note="", today=TODAY).done_on == TODAY
    with pytest.raises(UsageError, match="tương lai"):
        remedy_rules.done(OPEN, date(2026, 8, 25), note="", today=TODAY)


@pytest.mark.parametrize("ended", [DONE, DROPPED])
def test_what_has_ended_is_ended_again_only_after_it_was_taken_up_for_a_reason(ended):
    for again in (
        lambda told: remedy_rules.done(told, TODAY, note="", today=TODAY),
        lambda told: remedy_rules.dropped(told, "thôi", TODAY),
    ):
        with pytest.raises(UsageError, match="mở lại trước"):
            again(ended)
        taken_up = remedy_rules.reopened(ended, "ghi nhầm", TODAY)
        assert taken_up.state_on(TODAY) is RemedyState.OPEN
        again(taken_up)


def test_dropping_and_taking_up_again_ask_for_a_reason():
    with pytest.raises(UsageError, match="lý do bỏ"):
        remedy_rules.dropped(OPEN, "  ", TODAY)
    with pytest.raises(UsageError, match="lý do mở lại"):
        remedy_rules.reopened(DONE, "", TODAY)
    with pytest.raises(UsageError, match="đang thực hiện"):
        remedy_rules.reopened(OPEN, "ghi nhầm", TODAY)


def test_the_list_begins_with_what_is_overdue_and_counts_every_state():
    overdue = replace(OPEN, due_on=date(2026, 1, 1))
    later = replace(OPEN, due_on=None)
    found = [remedy(told, n) for n, told in enumerate((DONE, later, DROPPED, OPEN, overdue), 1)]
    shown = listed(found, RemedyFilters(None, None, "tat-ca"), TODAY)
    assert [line.remedy.remedy_id for line in shown.lines] == [5, 4, 2, 1, 3]
    assert {tab.key: tab.count for tab in shown.tabs} == {
        "tat-ca": 5, "qua-han": 1, "dang-lam": 2, "xong": 1, "bo": 1,
    }  # fmt: skip
    assert listed(found, RemedyFilters(None, 2024, "tat-ca"), TODAY).lines == ()


def test_the_history_says_what_each_telling_changed():
    told = [replace(DONE, note="đủ"), replace(OPEN, cause="thiếu người"), OPEN]
    found = tellings([remedy(each, seq=3 - n) for n, each in enumerate(told)])
    assert [each.words[0] for each in found] == [
        "Ghi đã xong ngày 20/08/2026: đủ",
        "Nguyên nhân: trước là “chưa xác định”, sửa thành “thiếu người”",
        "Ghi lần đầu",
    ]


# ---------------------------------------------------------------- in reports

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("told", "is_told"),
    [
        (OPEN, True),
        (replace(OPEN, year=2027), False),
        (replace(OPEN, done_on=date(2026, 6, 30)), False),
        (replace(OPEN, done_on=date(2026, 7, 1)), True),
        (DROPPED, True),
    ],
)
def test_a_report_speaks_of_faults_up_to_its_year_that_had_not_ended_before_its_period(told, is_told):
    assert bool(of_period([remedy(told)], QUARTER)) is is_told


def test_what_was_dropped_before_the_period_is_not_told_again():
    assert of_period([remedy(DROPPED)], Period(date(2026, 8, 21), date(2026, 9, 30))) == ()


def test_the_result_says_when_it_was_done_and_that_a_deadline_has_passed():
    assert result_words(remedy(replace(DONE, note="đủ")), TODAY) == "Đã xong ngày 20/08/2026: đủ"
    assert result_words(remedy(DROPPED), TODAY) == "Đã bỏ: đã giao đơn vị khác"
    assert result_words(remedy(OPEN), date(2026, 8, 25)) == "Chưa xong, đã quá thời hạn"


def test_the_summary_counts_what_is_not_known():
    lines = summary_lines([remedy(OPEN), remedy(replace(DONE, cause="a", measure="b"))], TODAY)
    assert lines[0] == (
        "Có 2 tồn tại, hạn chế: đã khắc phục xong 1; đang thực hiện 1; chưa xong và đã quá thời hạn 0; đã bỏ 0."
    )
    assert lines[1] == "Còn 1 mục chưa xác định nguyên nhân; 1 mục chưa xác định biện pháp."


def test_rates_stand_beside_their_fractions_rounded_half_up_and_nothing_is_no_rate():
    assert rate_words(46_861, 46_885) == "99,95\u00a0% (46.861/46.885)"
    assert rate_words(1, 32_000) == "0,00\u00a0% (1/32.000)"
    assert rate_words(3, 800) == "0,38\u00a0% (3/800)"
    assert rate_words(0, 0) == rate_words(None, 5) == "chưa có"
    assert (points_words(Fraction(0)), points_words(Fraction("1.425")), points_words(None)) == (
        "0,0", "1,425", "chưa có",
    )  # fmt: skip
    assert (threshold_words(Fraction("0.95")), threshold_words(Fraction(0))) == ("95\u00a0%", "chưa xác định")


def test_a_change_of_rates_is_told_in_points_and_only_where_both_are_known():
    now, before = RateCounts(on_time=9, late=1), RateCounts(early=1, late=1)
    assert rate_change_words(now, before) == "+40,00 điểm %"
    assert rate_change_words(now, RateCounts(open=3)) == "chưa có"


@pytest.mark.parametrize(
    ("periods", "is_told"),
    [
        ([Period(date(2025, 1, 1), date(2025, 6, 30))], False),
        ([Period(date(2025, 6, 30), date(2025, 7, 1))], True),
        ([Period(date(2025, 7, 1), date(2025, 9, 30))], False),
        ([Period(date(2025, 7, 1), date(2025, 9, 30)), Period(date(2024, 7, 1), date(2024, 9, 30))], True),
    ],
)
def test_figures_across_the_change_of_the_provinces_borders_are_marked(periods, is_told):
    assert bool(border_note(*periods)) is is_told
