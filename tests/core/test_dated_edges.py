"""Dated rows: the day on which two of them meet, and what a refusal says."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from tracker.config_data import load_regimes
from tracker.errors import UsageError
from tracker.timekeeping.dated import NotInForceError, holds_on, overlapping
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import CIVIL, HOURS, DeadlinePolicy, Rule, RuleFamily, SuspensionRule
from tracker.types import SuspensionEffect, SuspensionKind

EARLIER, TURN, LATER = date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)


@dataclass(frozen=True)
class Row:
    valid_from: date | None = None
    valid_to: date | None = None


@pytest.mark.parametrize(
    ("what", "one", "other", "overlap"),
    [
        ("meeting on a day", Row(valid_to=TURN), Row(valid_from=TURN), True),
        ("following upon each other", Row(valid_to=EARLIER), Row(valid_from=TURN), False),
        ("with a gap", Row(valid_to=EARLIER), Row(valid_from=LATER), False),
        ("one day within always", Row(TURN, TURN), Row(), True),
        ("the same day twice", Row(TURN, TURN), Row(TURN, TURN), True),
        ("open towards each other", Row(valid_from=EARLIER), Row(valid_to=LATER), True),
    ],
)
def test_rows_overlap_if_one_day_is_in_both_in_whichever_order_they_stand(what, one, other, overlap):
    assert overlapping([one, other]) is overlap, what
    assert overlapping([other, one]) is overlap, what


@pytest.mark.parametrize(
    ("limit", "rule"),
    [("5 ngày làm việc", "civil"), ("4 giờ", "hours"), ("0,5 ngày", "hours")],
)
def test_a_rule_not_yet_in_force_is_named_with_the_day(limit, rule):
    policy = DeadlinePolicy(
        civil=(replace(CIVIL, valid_from=TURN),), hours=(replace(HOURS, valid_from=TURN),)
    )
    assert policy.rule_for(parse_limit(limit), TURN).key == rule
    with pytest.raises(NotInForceError) as refused:
        policy.rule_for(parse_limit(limit), EARLIER)
    assert str(refused.value) == (
        f"quy tắc {rule} không có dòng nào áp dụng cho hồ sơ tiếp nhận ngày 30/06/2026"
    )


def test_a_rule_that_cannot_count_a_limit_says_which():
    with pytest.raises(UsageError, match=r"^quy tắc civil không tính được thời hạn “4 giờ”$"):
        DeadlinePolicy(asked=(CIVIL,)).editions_for(parse_limit("4 giờ"))


@pytest.mark.parametrize(
    ("first", "last", "span"),
    [
        (EARLIER, TURN, "30/06/2026–01/07/2026"),
        (TURN, None, "từ 01/07/2026"),
        (None, EARLIER, "đến 30/06/2026"),
        (None, None, "mọi ngày"),
    ],
)
@pytest.mark.parametrize(("verified", "doubt"), [(True, ""), (False, "; chưa đối chiếu văn bản")])
def test_a_regime_tells_its_decree_and_for_which_receptions(first, last, span, verified, doubt):
    regime = replace(
        load_regimes()[0], decree="NĐ 1/2026", valid_from=first, valid_to=last, verified=verified
    )
    assert regime.text == f"Áp dụng NĐ 1/2026 (hồ sơ tiếp nhận {span}{doubt})."


@pytest.mark.parametrize(("day", "holds"), [(EARLIER, False), (TURN, True), (LATER, False)])
def test_a_row_holds_on_its_first_and_its_last_day(day, holds):
    assert holds_on(Row(TURN, TURN), day) is holds


def test_without_a_row_a_suspension_pauses_and_one_without_effect_does_nothing():
    effects = {kind: DeadlinePolicy().effect_of(kind, TURN).effect for kind in SuspensionKind}
    assert effects.pop(SuspensionKind.NONE) is SuspensionEffect.NONE
    assert set(effects.values()) == {SuspensionEffect.PAUSE}


def test_tables_that_begin_later_are_named_with_the_day():
    row = SuspensionRule(SuspensionKind.FINANCIAL, SuspensionEffect.PAUSE, "s", valid_from=TURN)
    regime = replace(load_regimes()[0], valid_from=TURN, valid_to=None)
    policy = DeadlinePolicy(suspensions=(row,), regimes=(regime,))
    for ask, table in (
        (
            lambda: policy.effect_of(SuspensionKind.FINANCIAL, EARLIER),
            f"tác động của tạm dừng “{row.kind.value}”",
        ),
        (lambda: policy.regime_for(EARLIER), "bảng chế độ một cửa"),
    ):
        with pytest.raises(NotInForceError) as refused:
            ask()
        said = "không có dòng nào áp dụng cho hồ sơ tiếp nhận ngày 30/06/2026"
        assert str(refused.value) == f"{table} {said}"


@pytest.mark.parametrize(
    ("limit", "by_dates", "by_half_days"),
    [
        ("1 ngày làm việc", True, True),
        ("0,5 ngày", False, True),
        ("1/3 ngày", False, False),
        ("4 giờ", False, False),
    ],
)
def test_a_part_of_a_day_is_counted_by_half_days_if_it_is_a_half(limit, by_dates, by_half_days):
    half_days = Rule("h", RuleFamily.HALF_DAYS, "s", closings=(690, 1020))
    assert (CIVIL.takes(parse_limit(limit)), half_days.takes(parse_limit(limit))) == (by_dates, by_half_days)
