"""Figures of the pages: what came under a count since the last working day, the heat map, short names of units."""

import json
import re
from datetime import date, datetime
from fractions import Fraction

import pytest

from app import presenters
from app.board import BoardQuestion, Count, Slot, Standpoint, counts, day_before, judge_at
from app.charts import late_bars
from app.heat_page import heat_map
from tests.web.world import BRANCH_A, NOW, StandingContext
from tracker.types import VN, Basis, BasisRate, RateCounts, RateRow

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

MONDAY, TUESDAY = date(2026, 8, 24), date(2026, 8, 25)


@pytest.mark.parametrize(
    ("count", "since", "text"),
    [
        (1250, MONDAY, "+1.250 từ hôm qua"),
        (0, MONDAY, "không thêm từ hôm qua"),
        (3, date(2026, 8, 22), "+3 từ 22/08"),
        (None, MONDAY, ""),
    ],
)
def test_what_came_since_the_last_working_day_is_said(count, since, text):
    assert presenters.entered(count, since, TUESDAY) == text


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Chi nhánh Văn phòng Đăng ký đất đai huyện Krông Pắc", "CN VPĐKĐĐ huyện Krông Pắc"),
        ("Văn phòng Đăng ký đất đai tỉnh Đắk Lắk", "VPĐKĐĐ tỉnh Đắk Lắk"),
        ("Văn phòng Đăng ký đất đai", "Văn phòng Đăng ký đất đai"),
        ("Sở Công Thương", "Sở Công Thương"),
        ("", ""),
    ],
)
def test_a_long_common_beginning_is_shortened_where_something_follows(name, short):
    assert presenters.short_unit(name) == short


def test_a_monday_is_compared_with_the_working_day_before_even_a_make_up_saturday(context: StandingContext):
    assert day_before(context, NOW) == datetime(2026, 8, 22, 9, 30, tzinfo=VN)


@pytest.mark.parametrize(
    ("slot", "counted"),
    [
        (Slot.FILED, Count(1, 1)),  # filed this Monday at 8
        (Slot.TODAY, Count(1, None)),
        (Slot.SOON, Count(2, 1)),  # on Saturday the one due on Tuesday was not yet due soon
        (Slot.OVERDUE, Count(1, 0)),
        (Slot.PAUSED, Count(1, 0)),  # suspended since the 12th
    ],
)
def test_a_count_tells_how_many_came_under_it(context: StandingContext, slot: Slot, counted: Count):
    now = Standpoint(NOW, judge_at(context, NOW))
    since = day_before(context, NOW)
    with context.store.read() as session:
        asked = BoardQuestion(unit_ids=frozenset({BRANCH_A}))
        found = counts(session, now, Standpoint(since, judge_at(context, since)), asked)
    assert found[slot] == counted


def test_a_dossier_that_fell_overdue_since_then_is_new_under_that_count(context: StandingContext):
    now, before = datetime(2026, 8, 21, 9, tzinfo=VN), datetime(2026, 8, 20, 9, tzinfo=VN)
    with context.store.read() as session:
        found = counts(
            session,
            Standpoint(now, judge_at(context, now)),
            Standpoint(before, judge_at(context, before)),
            BoardQuestion(unit_ids=frozenset({BRANCH_A})),
        )
    assert found[Slot.OVERDUE] == Count(1, 1)


# ---------------------------------------------------------------- heat map


def _rows(unit: str, **months: tuple[int, int]) -> list[RateRow]:
    return [
        RateRow(
            {"month": f"2022-{month[1:]}", "unit": unit},
            RateCounts(),
            {Basis.SOURCE: BasisRate(finished - late, finished, finished, finished)},
        )
        for month, (late, finished) in months.items()
    ]


@pytest.mark.parametrize(
    ("late", "finished", "level"),
    [(0, 100, 0), (1, 100, 1), (5, 100, 1), (6, 100, 2), (20, 100, 2), (21, 100, 3)],
)
def test_a_cell_is_shaded_by_the_threshold(late: int, finished: int, level: int):
    rows = [*_rows("A", m01=(late, finished)), *_rows("A", m02=(1, 100))]
    cell = heat_map(rows, Basis.SOURCE, Fraction(95, 100)).rows[0].cells[0]
    assert (cell.late, cell.finished, cell.level) == (late, finished, level)


def test_units_stand_by_how_many_are_late_and_those_with_none_are_only_counted():
    rows = [
        *_rows("Ít", m01=(1, 10)),
        *_rows("Nhiều", m01=(2, 20), m12=(30, 100)),
        *_rows("Không", m03=(0, 50)),
        *_rows("Trống", m03=(0, 0)),
    ]
    found = heat_map(rows, Basis.SOURCE, Fraction(95, 100))
    assert [row.name for row in found.rows] == ["Nhiều", "Ít"]
    assert (found.kept, found.left_out) == (1, 0)
    assert (found.rows[0].total.late, found.rows[0].total.finished) == (32, 120)
    assert found.rows[0].peak.late == 30


def test_the_small_line_breaks_where_a_month_has_no_data():
    found = heat_map(_rows("A", m01=(1, 10), m02=(2, 10), m05=(1, 10)), Basis.SOURCE, Fraction(95, 100))
    first, second = found.rows[0].spark.runs
    assert first.startswith("0.0,")
    assert len(first.split()) == 2
    assert second.split()[0] == second.split()[1]


def test_the_page_says_rate_and_fraction_of_every_cell(as_role):
    text = as_role("reform").get("/tieu-chi/3.4.1/theo-thang?nam=2026").text
    assert "<b>50,0\u00a0%</b>1/2" in text
    assert "Tháng 6" in text
    nothing = as_role("reform").get("/tieu-chi/3.4.1/theo-thang?nam=2019").text
    assert "Chưa có dữ liệu cho năm 2019" in nothing


@pytest.mark.parametrize(
    "path", ["/tieu-chi/3.4.1?nam=2026", "/tieu-chi/3.4.1/theo-thang?nam=2026", "/qua-han"]
)
def test_a_rate_is_never_without_its_fraction(as_role, path: str):
    text = re.sub(r"<[^>]+>", " ", as_role("reform").get(path).text)
    for found in re.finditer(r"\d\u00a0%", text):
        assert re.match(r"\s*(đúng hạn)?\s*\(?[\d.]+/[\d.]+", text[found.end() :]), text[
            found.start() - 30 : found.end() + 30
        ]


@pytest.mark.parametrize(("most", "is_whole"), [(1, True), (5, True), (6, False), (46_861, False)])
def test_an_axis_of_few_dossiers_counts_whole_ones(most: int, is_whole: bool):
    axis = json.loads(late_bars([("Buôn Ma Thuột", most), ("Krông Búk", 0)]))["layout"]["xaxis"]
    assert (axis.get("dtick") == 1) is is_whole
    assert ("nticks" in axis) is not is_whole
