"""Which rungs hold where: the closest scope governs, of the same scope the later day; off, and taken back."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.alerts.rule_acts import NewRule, book_with, days_back, rule_faults, rule_words, units_under
from notifications.alerts.rules import OfficeRule, Place, RuleBook, shipped_rungs
from notifications.alerts.rungs import Measure, Rung, Who
from tests.core.alert_days import CALENDAR, FRIDAY, YEAR_END
from tracker.errors import ConfigurationError

PROVINCE, OFFICE, BRANCH, OTHER = 1, 2, 3, 4
LAND, BUSINESS = 10, 11
SALE = 100
HERE = Place((BRANCH, OFFICE, PROVINCE), LAND, SALE)
DAY = date(2026, 8, 24)
KEY = ("days_left", 2)
SHIPPED = Rung(Measure.DAYS_LEFT, 2, (Who.HANDLER, Who.DESK))
BASE = OfficeRule(1, Measure.DAYS_LEFT, 2, None, None, None, (Who.PROVINCE,), False, True, DAY)


def book(*rules: OfficeRule, day: date = DAY, shipped: tuple[Rung, ...] = (SHIPPED,)) -> RuleBook:
    return RuleBook(shipped, rules, day)


def governing(*rules: OfficeRule, place: Place = HERE, day: date = DAY) -> int | None:
    """The number of the rule that the one rung follows; None: the shipped one."""
    (rung,) = book(*rules, day=day).at(place)
    return rung.rule_id


@dataclass(frozen=True)
class Pair:
    """Two rules that both cover the place, the wider one first."""

    what: str
    wider: OfficeRule
    closer: OfficeRule


PAIRS = [
    Pair("a unit before everything", BASE, replace(BASE, rule_id=2, unit_id=PROVINCE)),
    Pair("a lower unit before a higher", replace(BASE, unit_id=OFFICE), replace(BASE, rule_id=2, unit_id=BRANCH)),
    Pair("a field before a unit", replace(BASE, unit_id=BRANCH), replace(BASE, rule_id=2, field_id=LAND)),
    Pair("a procedure before a field", replace(BASE, field_id=LAND), replace(BASE, rule_id=2, procedure_id=SALE)),
    Pair(
        "a procedure before a field of the unit",
        replace(BASE, field_id=LAND, unit_id=BRANCH),
        replace(BASE, rule_id=2, procedure_id=SALE),
    ),
    Pair(
        "a field in a unit before the field",
        replace(BASE, field_id=LAND),
        replace(BASE, rule_id=2, field_id=LAND, unit_id=PROVINCE),
    ),
]  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.what)
@pytest.mark.parametrize("later", [0, 30])
def test_the_closer_scope_governs_whichever_came_last(pair: Pair, later: int):
    younger = replace(pair.wider, rule_id=9, valid_from=DAY + timedelta(days=later))
    day = DAY + timedelta(days=later)
    assert governing(pair.wider, pair.closer, younger, day=day) == pair.closer.rule_id
    assert governing(younger, pair.closer, pair.wider, day=day) == pair.closer.rule_id


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (replace(BASE, unit_id=OTHER), "another unit"),
        (replace(BASE, field_id=BUSINESS), "another field"),
        (replace(BASE, procedure_id=101), "another procedure"),
        (replace(BASE, unit_id=BRANCH, field_id=BUSINESS), "the unit, but another field"),
        (replace(BASE, valid_from=DAY + timedelta(days=1)), "it holds from tomorrow"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_rule_says_nothing_outside_its_scope_and_before_its_day(rule: OfficeRule, why: str):
    assert governing(rule) is None, why


def test_of_the_same_scope_the_later_day_governs_then_what_was_entered_later():
    rules = [
        replace(BASE, rule_id=1, valid_from=DAY),
        replace(BASE, rule_id=2, valid_from=DAY + timedelta(days=10)),
        replace(BASE, rule_id=3, valid_from=DAY + timedelta(days=5)),
        replace(BASE, rule_id=4, valid_from=DAY + timedelta(days=10)),
    ]
    days = [0, 4, 5, 9, 10, 400]
    held = [governing(*rules, day=DAY + timedelta(days=each)) for each in days]
    assert held == [1, 1, 3, 3, 4, 4]


def test_a_rung_that_is_off_is_off_below_too_but_where_a_closer_rule_has_it_on():
    off = replace(BASE, unit_id=OFFICE, is_on=False, who=())
    on = replace(BASE, rule_id=2, unit_id=BRANCH, who=(Who.UNIT,))
    assert book(off).at(HERE) == ()
    assert book(off).governing(HERE) == {KEY: off}
    assert book(off).at(Place((OTHER, PROVINCE))) == (SHIPPED,)
    assert book(off, on).at(HERE) == (replace(SHIPPED, who=(Who.UNIT,), rule_id=2),)
    assert book(off, on).at(Place((OFFICE, PROVINCE))) == ()


def test_what_is_taken_back_leaves_the_word_to_the_wider_rule_and_in_the_end_to_the_shipped_rung():
    wide = replace(BASE, rule_id=1, unit_id=PROVINCE)
    close = replace(BASE, rule_id=2, unit_id=BRANCH, is_on=False, who=())
    back = replace(close, rule_id=3, is_on=True, valid_from=DAY + timedelta(days=7))
    assert back.is_taken_back
    week = DAY + timedelta(days=7)
    assert book(wide, close, back).at(HERE) == ()
    assert governing(wide, close, back, day=week) == 1
    assert governing(close, back, day=week) is None
    again = replace(close, rule_id=4, is_on=True, who=(Who.DESK,), valid_from=week)
    assert governing(wide, close, back, again, day=week) == 4


def test_a_rule_adds_rungs_of_its_own_beside_the_shipped_ones_the_worst_first():
    early = replace(BASE, threshold=5, who=(Who.HANDLER,))
    late = OfficeRule(2, Measure.DAYS_LATE, 30, None, None, None, (Who.PROVINCE,), True, True, DAY)
    rungs = book(early, late).at(HERE)
    assert [(rung.measure, rung.threshold, rung.is_urgent, rung.rule_id) for rung in rungs] == [
        (Measure.DAYS_LATE, 30, True, 2),
        (Measure.DAYS_LEFT, 2, False, None),
        (Measure.DAYS_LEFT, 5, False, 1),
    ]


# ---------------------------------------------------------------- a second opinion

UNIT_PATHS = [(), (PROVINCE,), (OFFICE, PROVINCE), (BRANCH, OFFICE, PROVINCE), (OTHER, PROVINCE)]
PLACES = st.builds(
    Place, st.sampled_from(UNIT_PATHS), st.sampled_from([None, LAND, BUSINESS]), st.sampled_from([None, SALE])
)
WHO = st.sampled_from([(), (Who.DESK,), (Who.DIVISION, Who.UNIT)])
RULES = st.lists(
    st.builds(
        OfficeRule,
        rule_id=st.just(0),
        measure=st.just(Measure.DAYS_LEFT),
        threshold=st.sampled_from([0, 2]),
        unit_id=st.sampled_from([None, PROVINCE, OFFICE, BRANCH, OTHER]),
        field_id=st.sampled_from([None, None, LAND, BUSINESS]),
        procedure_id=st.sampled_from([None, None, SALE]),
        who=WHO,
        is_urgent=st.booleans(),
        is_on=st.booleans(),
        valid_from=st.integers(0, 3).map(lambda days: DAY + timedelta(days=days)),
    ),
    max_size=14,
)
# Scopes from the closest to the widest, written out: (is it of the procedure, of the field).
STEPS = [(True, True), (True, False), (False, True), (False, False)]


def second_opinion(
    rules: list[OfficeRule], place: Place, day: date, threshold: int
) -> tuple[int | None, bool]:
    """By walking every scope that there can be, closest first, and reading its rules in the order of time: (rule, on)."""
    for of_procedure, of_field in STEPS:
        for unit in (*place.units, None):
            said: OfficeRule | None = None
            for number in range(4):
                for rule in rules:
                    is_here = (
                        rule.threshold == threshold
                        and rule.unit_id == unit
                        and (rule.procedure_id is not None) == of_procedure
                        and (rule.field_id is not None) == of_field
                        and rule.procedure_id in (None, place.procedure_id)
                        and rule.field_id in (None, place.field_id)
                    )
                    if is_here and rule.valid_from == DAY + timedelta(days=number) <= day:
                        said = rule
            if said is not None and not (said.is_on and said.who == ()):
                return said.rule_id, said.is_on
    return None, True


@given(RULES, PLACES, st.integers(0, 4))
def test_the_book_says_what_a_walk_through_every_scope_says(drawn: list[OfficeRule], place: Place, days: int):
    rules = [replace(rule, rule_id=number) for number, rule in enumerate(drawn, 1)]
    day = DAY + timedelta(days=days)
    rungs = {rung.threshold: rung.rule_id for rung in book(*rules, day=day, shipped=()).at(place)}
    shipped = (SHIPPED, replace(SHIPPED, threshold=0))
    with_shipped = {rung.threshold: rung.rule_id for rung in book(*rules, day=day, shipped=shipped).at(place)}
    for threshold in (0, 2):
        rule_id, is_on = second_opinion(rules, place, day, threshold)
        told = {threshold: rule_id} if rule_id is not None and is_on else {}
        assert {key: each for key, each in rungs.items() if key == threshold} == told
        also = {threshold: None} if rule_id is None else told
        assert {key: each for key, each in with_shipped.items() if key == threshold} == also


@given(RULES, PLACES)
def test_the_order_in_which_rules_are_read_changes_nothing(drawn: list[OfficeRule], place: Place):
    rules = [replace(rule, rule_id=number) for number, rule in enumerate(drawn, 1)]
    assert book(*rules).at(place) == book(*rules[::-1]).at(place)


# ---------------------------------------------------------------- the shipped rungs


def test_the_shipped_ladder_has_each_rung_once_and_every_one_could_be_set_by_an_office():
    rungs = shipped_rungs()
    assert len({rung.key for rung in rungs}) == len(rungs)
    assert {rung.measure for rung in rungs} == set(Measure)
    for rung in rungs:
        assert rule_faults(NewRule(rung.measure, rung.threshold, rung.who, DAY, "như đã giao"), DAY) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[rung]]\nmeasure='khac'\nthreshold=1\nwho=['desk']",
        "[[rung]]\nmeasure='no_due'\nthreshold=1\nwho=[]",
    ],
)
def test_a_table_of_rungs_that_cannot_be_used_is_a_fault_of_the_configuration(tmp_path, text: str):
    path = tmp_path / "alert_rules.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=r"alert_rules\.toml"):
        shipped_rungs(path)


# ---------------------------------------------------------------- what may be set

GOOD = NewRule(Measure.DAYS_LEFT, 3, (Who.HANDLER,), DAY, "Theo quy chế")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, None),
        ({"threshold": 0}, None),
        ({"threshold": -1}, "threshold"),
        ({"threshold": 60}, None),
        ({"threshold": 61}, "threshold"),
        ({"measure": Measure.SHARE_USED, "threshold": 0}, "threshold"),
        ({"measure": Measure.SHARE_USED, "threshold": 100}, None),
        ({"measure": Measure.SHARE_USED, "threshold": 101}, "threshold"),
        ({"measure": Measure.CALENDAR, "threshold": 1, "who": (Who.ADMIN,)}, None),
        ({"measure": Measure.CALENDAR, "threshold": 2, "who": (Who.ADMIN,)}, "threshold"),
        ({"who": ()}, "who"),
        ({"who": (), "is_on": False}, None),
        ({"who": (Who.ADMIN,)}, "who"),
        ({"measure": Measure.SOURCE_SILENT, "who": (Who.ADMIN,)}, None),
        ({"measure": Measure.SOURCE_SILENT, "who": (Who.HANDLER,)}, "who"),
        ({"valid_from": DAY - timedelta(days=1)}, "valid_from"),
        ({"valid_from": DAY + timedelta(days=366)}, None),
        ({"valid_from": DAY + timedelta(days=367)}, "valid_from"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"unit_id": BRANCH, "field_id": LAND}, None),
        ({"field_id": LAND, "procedure_id": SALE}, "scope"),
        ({"measure": Measure.LETTER_STUCK, "unit_id": BRANCH}, None),
        ({"measure": Measure.LETTER_STUCK, "field_id": LAND}, "scope"),
        ({"measure": Measure.BUDGET, "who": (Who.PROVINCE,)}, None),
        ({"measure": Measure.BUDGET, "who": (Who.PROVINCE,), "unit_id": BRANCH}, "unit"),
    ],
)
def test_a_rule_is_checked_before_it_is_set(change: dict, field: str | None):
    assert list(rule_faults(replace(GOOD, **change), DAY)) == ([field] if field else [])


def test_a_new_rule_is_looked_at_from_its_own_day_on_over_all_that_is_kept():
    kept = replace(BASE, rule_id=1, threshold=3, valid_from=DAY + timedelta(days=5))
    new = replace(GOOD, valid_from=DAY + timedelta(days=5))
    rungs = {rung.key: rung for rung in book_with([kept], new).at(HERE)}
    assert rungs["days_left", 3].who == (Who.HANDLER,)
    assert {rung.key for rung in shipped_rungs()} <= set(rungs)


def test_a_rule_of_a_unit_concerns_those_below_it_and_those_that_went_into_it():
    old = 5
    above = {PROVINCE: None, OFFICE: PROVINCE, BRANCH: OFFICE, OTHER: PROVINCE, old: BRANCH}
    assert units_under(above, OFFICE) == {OFFICE, BRANCH, old}
    assert units_under(above, None) is None
    assert units_under({1: 2, 2: 1}, 1) == {1, 2}  # a circle in the catalogue


@pytest.mark.parametrize(
    ("today", "days", "first"),
    [
        (FRIDAY, 1, FRIDAY),
        (FRIDAY, 5, FRIDAY - timedelta(days=4)),
        (FRIDAY, 6, FRIDAY - timedelta(days=7)),
        (FRIDAY + timedelta(days=1), 1, FRIDAY),  # a Saturday looks back to the day before
        (
            YEAR_END + timedelta(days=400),
            20,
            YEAR_END + timedelta(days=372),
        ),  # outside the calendar: four weeks
    ],
)
def test_the_last_working_days_are_those_of_the_calendar(today: date, days: int, first: date):
    assert days_back(CALENDAR, today, days) == first


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (GOOD, "Còn không quá 3 ngày làm việc: báo người xử lý"),
        (replace(GOOD, is_urgent=True, threshold=0, who=(Who.DESK, Who.HANDLER)),
         "Đến hạn hôm nay: báo người xử lý, bộ phận Một cửa, báo ngay"),
        (replace(GOOD, is_on=False), "Còn không quá 3 ngày làm việc: tắt"),
    ],
)  # fmt: skip
def test_a_rule_is_said_on_one_line(rule: NewRule, said: str):
    assert rule_words(rule) == said
