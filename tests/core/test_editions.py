"""Editions as data: formulas, rounding, the days they hold for, rankings, and what their values may not be."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.criteria_data import (
    edition_faults,
    edition_values,
    load_editions,
    load_published,
    published_values,
    read_edition,
    read_published,
)
from tracker.errors import ConfigurationError
from tracker.measures.scoring import Denominator, FormulaKind, points, ranked, valid_days
from tracker.types import Level, ScoreLine

EDITIONS = {(e.criterion, e.key): e for e in load_editions()}
RESOLVED, DISTRICT = EDITIONS["3.4.1", "resolved"], EDITIONS["3.4.2", "resolved"]
PROGRESS, RANKING = EDITIONS["766-tien-do", "open-overdue"], EDITIONS["xep-hang", "province"]


@pytest.mark.parametrize(
    ("in_time", "finished", "overdue", "wanted"),
    [
        (100, 100, 0, 20),
        (90, 100, 0, 18),
        (90, 100, 20, 15),  # open overdue dossiers lower it before they end
        (0, 0, 5, 0),
        (0, 0, 0, None),
    ],
)
def test_the_progress_group_is_in_time_over_finished_and_open_overdue_times_20(
    in_time, finished, overdue, wanted
):
    assert points(PROGRESS, in_time, finished + overdue) == wanted


@pytest.mark.parametrize(
    ("decimals", "wanted"),
    [(None, Fraction(2, 3) * Fraction(3, 2)), (0, 1), (2, 1)],
)
def test_points_are_rounded_only_where_the_edition_says_so(decimals, wanted):
    free = replace(RESOLVED, threshold=Fraction(0), decimals=decimals)
    assert points(free, 2, 3) == wanted


@pytest.mark.parametrize(
    ("rate", "decimals", "wanted"),
    [
        (Fraction(25, 100), 1, Fraction(3, 10)),
        (Fraction(24, 100), 1, Fraction(2, 10)),
        (Fraction(1, 2), 0, 1),
    ],
)
def test_rounding_is_half_up(rate, decimals, wanted):
    plain = replace(RESOLVED, threshold=Fraction(0), max_points=Fraction(1), decimals=decimals)
    assert points(plain, rate.numerator, rate.denominator) == wanted


@pytest.mark.parametrize(
    ("year", "wanted"),
    [
        (2022, (date(2022, 1, 1), date(2022, 12, 31))),
        (2025, (date(2025, 1, 1), date(2025, 6, 30))),  # districts ended on 30/06/2025
        (2026, None),
    ],
)
def test_an_edition_counts_the_days_of_a_year_for_which_it_holds(year, wanted):
    assert valid_days(DISTRICT, date(year, 1, 1), date(year, 12, 31)) == wanted


def line(unit: str, numerator: int, denominator: int) -> ScoreLine:
    return ScoreLine(unit, "Đất đai", numerator, denominator, denominator - numerator)


def test_units_are_ranked_by_exact_rates_with_equal_ones_sharing_a_place_and_small_ones_apart():
    lines = [line("A", 19, 20), line("A", 19, 20), line("B", 95, 100), line("C", 100, 100), line("D", 1, 1)]
    found = [(each.unit, each.numerator, each.denominator, each.rank) for each in ranked(lines, 30)]
    assert found == [("C", 100, 100, 1), ("B", 95, 100, 2), ("A", 38, 40, 2), ("D", 1, 1, None)]


@given(st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 50), st.integers(0, 50)), max_size=12))
def test_a_ranking_holds_every_unit_once_and_a_better_rate_never_stands_lower(drawn):
    lines = [line(unit, good, good + bad) for unit, good, bad in drawn]
    found = ranked(lines, 10)
    assert sorted(row.unit for row in found) == sorted({each.unit for each in lines})
    placed = [row for row in found if row.rank is not None]
    assert all(row.denominator >= 10 for row in placed)
    for one in placed:
        better = [r for r in placed if r.numerator * one.denominator > one.numerator * r.denominator]
        assert one.rank == len(better) + 1


def test_a_ranking_gives_no_points():
    assert points(RANKING, 1, 1) is None


@pytest.mark.parametrize("edition", load_editions(), ids=lambda e: f"{e.criterion}/{e.key}")
def test_an_edition_is_the_same_after_it_was_written_down_and_read(edition):
    assert read_edition(edition_values(edition)) == edition


@pytest.mark.parametrize("result", load_published(), ids=lambda r: r.subject)
def test_a_published_result_is_the_same_after_it_was_written_down_and_read(result):
    assert read_published(published_values(result)) == result


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": Fraction(3, 2)}, "ngưỡng"),
        ({"threshold": Fraction(0)}, "ngưỡng"),
        ({"formula_kind": FormulaKind.PROPORTIONAL}, "ngưỡng"),
        ({"denominator": Denominator.RESOLVED_AND_OVERDUE}, "mẫu số"),
        ({"max_points": Fraction(0)}, "điểm tối đa"),
        ({"levels": ()}, "cấp"),
        ({"key": ""}, "khóa"),
        ({"decimals": 7}, "thập phân"),
        ({"least": -1}, "mẫu số nhỏ nhất"),
        ({"valid_from": date(2026, 1, 1), "valid_to": date(2025, 1, 1)}, "ngày bắt đầu"),
        ({"verified": True}, "văn bản"),
        ({"verified": True, "document": "QĐ 1"}, "ngày văn bản"),
    ],
)
def test_values_that_do_not_go_together_are_said(changes, said):
    (fault,) = edition_faults(replace(RESOLVED, **changes))
    assert said in fault


def test_values_that_go_together_are_not():
    assert edition_faults(replace(RESOLVED, levels=(Level.COMMUNE, Level.DISTRICT))) == []
    compared = replace(RESOLVED, verified=True, document="QĐ 1", document_date=date(2022, 11, 10))
    assert edition_faults(compared) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rank": 3}, "thứ hạng"),
        ({"rank": 64, "of": 63}, "64/63"),
        ({"value": ""}, "giá trị"),
    ],
)
def test_a_published_result_that_cannot_be_is_said(values, said):
    first = published_values(load_published()[0])
    with pytest.raises(ValueError, match=said):
        read_published({**first, "rank": None, "of": None, **values})


def test_the_published_results_are_those_of_the_letter_and_of_the_notice():
    told = {(r.index, r.year): (r.value, r.rank, r.of) for r in load_published()}
    assert told == {
        ("par-index", 2021): ("86,52 điểm", 36, 63),
        ("sipas", 2021): ("83,65 %", 59, 63),
        ("3.4.1", 2022): ("0,0/1,5 điểm", None, None),
        ("land-late", 2022): ("46.861 hồ sơ", None, None),
        ("land-share", 2022): ("99,95 % (46.861/46.885)", None, None),
    }
    assert all(result.source for result in load_published())


def test_a_fault_in_the_table_of_results_is_named(tmp_path):
    path = tmp_path / "published.toml"
    path.write_text('[[result]]\nindex = "sipas"\nyear = 2021\n', "utf-8")
    with pytest.raises(ConfigurationError, match=r"published\.toml"):
        load_published(path)
