"""Rules of a unit's figures: which target holds on a day, what it leaves, what went worse, shares as people type them."""

from datetime import date, datetime
from fractions import Fraction

import pytest

from app.target_forms import hundredths
from tracker.pipeline.unit_changes import together, worse
from tracker.pipeline.unit_home import children, subtree
from tracker.pipeline.unit_targets import Target, late_left, target_on
from tracker.store.unit_targets import TargetRow
from tracker.types import VN, Level, RateCounts, UnitRef

UNIT, OTHER = 7, 8
JANUARY, MAY = date(2026, 1, 1), date(2026, 5, 1)


def row(number: int, unit_id: int | None, rate: int | None, valid_from: date = JANUARY) -> TargetRow:
    at = datetime(2026, 1, 1, tzinfo=VN)
    return TargetRow(number, unit_id, "", "", rate, valid_from, f"QĐ {number}", "reform", at)


GENERAL, OWN = row(1, None, 9500), row(2, UNIT, 9800)


@pytest.mark.parametrize(
    ("rows", "day", "document"),
    [
        ([], MAY, None),
        ([GENERAL], MAY, "QĐ 1"),
        ([GENERAL], date(2025, 12, 31), None),  # the day before it begins
        ([GENERAL, OWN], MAY, "QĐ 2"),
        ([GENERAL, row(2, OTHER, 9800)], MAY, "QĐ 1"),  # another unit's own
        ([row(3, UNIT, 9900, MAY), OWN], date(2026, 4, 30), "QĐ 2"),
        ([row(3, UNIT, 9900, MAY), OWN], MAY, "QĐ 3"),
        ([OWN, row(3, UNIT, 9700)], MAY, "QĐ 3"),  # a slip set right: of one day the newest row
        ([row(3, UNIT, 9900, JANUARY), row(4, UNIT, 9000, date(2025, 1, 1))], MAY, "QĐ 3"),  # the later day
        ([GENERAL, OWN, row(3, UNIT, None, MAY)], MAY, "QĐ 1"),  # the own one is ended
        ([GENERAL, row(3, None, None, MAY)], MAY, None),
    ],
)
def test_the_newest_target_of_the_latest_day_holds_and_an_own_one_before_that_of_all(rows, day, document):
    found = target_on(rows, UNIT, day)
    assert (found.document if found else None) == document


def test_the_whole_province_has_the_target_of_all():
    found = target_on([GENERAL, OWN], None, MAY)
    assert found == Target(Fraction(95, 100), JANUARY, "QĐ 1", is_own=False)


@pytest.mark.parametrize(
    ("on_time", "late", "left"),
    [(95, 5, 0), (96, 4, 1), (94, 6, -1), (19, 1, 0), (10, 0, 0), (0, 0, 0), (9, 1, -1)],
)
def test_what_a_target_leaves_is_reckoned_in_whole_dossiers(on_time: int, late: int, left: int):
    target = Target(Fraction(95, 100), JANUARY, "QĐ", is_own=True)
    assert late_left(target, RateCounts(on_time=on_time, late=late)) == left


def test_worse_is_what_more_is_late_than_at_the_earlier_share_and_the_most_comes_first():
    before = {
        "A": RateCounts(on_time=9, late=1),
        "B": RateCounts(on_time=5, late=5),
        "D": RateCounts(early=4),
    }
    now = {
        "A": RateCounts(on_time=8, late=2),
        "B": RateCounts(on_time=50, late=50),  # ten times as many, the same share: not worse
        "C": RateCounts(late=3),  # nothing ended before
        "D": RateCounts(early=2),
    }
    assert [(each.name, each.excess) for each in worse(before, now, limit=9)] == [("C", 3), ("A", 1)]
    assert [each.name for each in worse(before, now, limit=1)] == ["C"]


def test_procedures_of_one_name_are_one():
    assert together([("A", RateCounts(late=1)), ("A", RateCounts(early=2, late=1))]) == {
        "A": RateCounts(early=2, late=2)
    }


def unit(unit_id: int, parent: int | None, successor: int | None = None, level=Level.PROVINCE) -> UnitRef:
    return UnitRef(unit_id, f"U{unit_id}", f"Đơn vị {unit_id}", level, "desk", parent, None, None, successor)


def test_a_unit_stands_for_all_below_it_and_for_those_it_succeeded():
    units = {each.unit_id: each for each in (unit(1, None), unit(2, 1), unit(3, 2), unit(4, None, 3))}
    assert subtree(units, 2) == {2, 3, 4}
    assert [each.unit_id for each in children(units, 1)] == [2]


def test_units_that_succeed_each_other_in_a_circle_end_somewhere():
    units = {each.unit_id: each for each in (unit(1, 2), unit(2, 1))}
    assert subtree(units, 1) == {1, 2}


def test_the_province_shows_the_units_below_its_one_committee_and_those_of_no_catalogue():
    units = {
        each.unit_id: each
        for each in (unit(1, None), unit(2, 1), unit(3, 1), unit(9, None, level=Level.UNKNOWN))
    }
    assert [each.unit_id for each in children(units, None)] == [2, 3, 9]


def test_a_province_of_several_offices_shows_these():
    units = {each.unit_id: each for each in (unit(1, None), unit(2, 1), unit(3, None))}
    assert [each.unit_id for each in children(units, None)] == [1, 3]


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("95", 9500), ("97,5", 9750), ("97.5", 9750), ("99,25 %", 9925), ("100", 10000), ("0,01", 1),
        ("0", None), ("100,01", None), ("97,555", None), ("-5", None), ("", None), ("95,", 9500), ("chín", None),
        ("1e2", None), ("９５", None), ("9 5", None),
    ],
)  # fmt: skip
def test_a_share_is_read_as_people_write_it_to_hundredths_of_a_per_cent(text: str, rate: int | None):
    assert hundredths(text) == rate
