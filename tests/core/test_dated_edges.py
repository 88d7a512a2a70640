"""Dated rows: the day on which two of them meet, and what a refusal says."""

from dataclasses import dataclass, replace
from datetime import date

import pytest

from tracker.config_data import load_regimes
from tracker.errors import UsageError
from tracker.timekeeping.dated import NotInForceError, overlapping
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import CIVIL, HOURS, DeadlinePolicy

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
