"""The page of criterion 3.4.1: budgets with their fractions, what can still be kept and by whom, what it says of the founding year."""

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from sqlalchemy import inspect

from app.cockpit_page import gauges, left_out, month_rows, rate_points
from app.cockpit_words import cost_sentences, open_sentences, period_name
from app.score_page import budget_sentences
from tests.web.answers import score_answer
from tests.web.world import BRANCH_A, BRANCH_B, FINISHED_LATE, OVERDUE_A, StandingContext, at
from tracker.criteria_data import edition_values, load_editions
from tracker.measures.budget import (
    OpenStanding,
    PeriodBudget,
    Tally,
    Window,
    allowance,
    if_all_end,
    late_cost,
    windows,
)
from tracker.pipeline.budget import BudgetAnswer
from tracker.store import audit, edition_store
from tracker.store.budget_queries import UnitStanding
from tracker.store.models import Dossier
from tracker.types import VN, Basis, BasisRate, RateCounts, RateRow
from tracker.types.editions import EditionKind, NewEntry

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

(EDITION,) = [e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", "resolved")]
IN_TIME_A, IN_TIME_B = "T01-260803-0006", "T01-260803-0016"


def answer(*, late: int, total: int, standing: OpenStanding | None = None) -> BudgetAnswer:
    """A year with its month, quarter and what is open."""
    year = Tally(total - late, total)
    budgets = {Window.MONTH: Tally(95, 100), Window.QUARTER: Tally(0, 0), Window.YEAR: year}
    return BudgetAnswer(
        score=score_answer(late=late, total=total),
        edition=EDITION,
        months=(month(3, late=1, finished=20, withdrawn=2), month(4, late=5, finished=100, no_due=3)),
        excluded={"DELETED": 7},
        periods=tuple(
            PeriodBudget(window, start, end, allowance(EDITION, budgets[window]))
            for window, start, end in windows(2022, date(2022, 8, 15))
        ),
        standings=None if standing is None else (UnitStanding(1, "Chi nhánh Một", standing),),
        if_all_end=None if standing is None else allowance(EDITION, if_all_end(EDITION, year, standing)),
        cost=late_cost(EDITION, year, standing or OpenStanding()),
        open=standing,
    )


def month(number: int, *, late: int, finished: int, **given: int) -> RateRow:
    counts = RateCounts(on_time=finished - late, late=late, **given)
    rate = BasisRate(finished - late, finished, finished, finished)
    return RateRow({"month": f"2022-{number:02}", "level": "province"}, counts, {Basis.SOURCE: rate})


# ---------------------------------------------------------------- in words


def test_the_founding_year_is_told_with_what_it_lacked():
    found = answer(
        late=46_885, total=420_000, standing=OpenStanding(overdue=100, keepable=2_000, suspended=5)
    )
    assert budget_sentences(found.score)[1] == "Bớt 25.885 hồ sơ trễ thì được 1,425 điểm."
    assert "cần 517.700 hồ sơ nữa xong đúng hạn" in cost_sentences(found)[0]
    assert cost_sentences(found)[1].startswith("Mỗi hồ sơ trễ cần 19 hồ sơ đúng hạn để bù")
    told = " ".join(open_sentences(found))
    assert "100 hồ sơ đang quá hạn" in told
    assert "2.000 hồ sơ chưa trễ" in told
    assert "88,87\u00a0% (375.115/422.100), vượt 25.880, 0 điểm" in told
    assert "Chưa tính vào đó: 5 đang tạm dừng." in told


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (21_000, "Đúng ở ngưỡng: chỉ một hồ sơ trễ thêm là dưới ngưỡng và mất cả 1,425 điểm."),
        (20_999, "Mỗi hồ sơ trễ thêm bớt 0,0000034 điểm của năm. Trễ thêm quá 1 hồ sơ"),
    ],
)
def test_near_the_threshold_the_next_late_one_is_told(late: int, words: str):
    assert cost_sentences(answer(late=late, total=420_000, standing=OpenStanding()))[0].startswith(words)


def test_of_a_year_that_is_over_nothing_is_advised():
    found = answer(late=46_885, total=420_000)
    assert cost_sentences(found) == []
    assert open_sentences(found) == ["Kỳ tính điểm năm 2022 đã hết: hồ sơ kết thúc từ nay không tính vào đó."]


def test_a_gauge_is_a_guide_unless_it_is_the_year_and_says_when_nothing_ended():
    month_gauge, quarter, year = gauges(answer(late=46_885, total=420_000))
    assert (month_gauge.name, month_gauge.is_guide, month_gauge.words) == (
        "Tháng 8/2022",
        True,
        "còn được trễ 0",
    )
    assert (quarter.name, quarter.words) == ("Quý 3/2022", "chưa có hồ sơ nào giải quyết xong")
    assert (year.name, year.is_guide, year.words) == ("Năm 2022", False, "vượt 25.885")
    assert (year.fill, year.limit) == (1, Fraction(21_000, 46_885))


@pytest.mark.parametrize(
    ("day", "name"),
    [(date(2026, 1, 5), "Quý 1/2026"), (date(2026, 9, 30), "Quý 3/2026"), (date(2026, 10, 1), "Quý 4/2026")],
)
def test_a_quarter_has_its_number(day: date, name: str):
    window, start, end = windows(2026, day)[1]
    assert period_name(PeriodBudget(window, start, end, allowance(EDITION, Tally(0, 0)))) == name


def test_months_add_up_to_the_year_and_small_ones_are_marked():
    rows = month_rows(answer(late=6, total=120).months, small_below=30)
    assert [(row.month, row.late, row.is_small) for row in rows] == [(3, 1, True), (4, 5, False)]
    assert (rows[1].year_numerator, rows[1].year_denominator) == (114, 120)
    points = rate_points(rows)
    assert points[0] == ("T1", None, None, "")
    assert points[2] == ("T3", 95, 95, "19/20 (mẫu nhỏ)")


def test_what_stands_in_no_rate_is_told_with_its_reason():
    told = {code: count for count, _words, code in left_out(answer(late=6, total=120))}
    assert told == {"DELETED": 7, "NO_DUE": 3, "WITHDRAWN": 2}


# ---------------------------------------------------------------- the page


def _add_year(context: StandingContext, *, total: int, late: int) -> None:
    """So many more dossiers of branch A that ended in March 2025, the first of them late."""
    with context.store.transaction() as session:
        first = session.get_one(Dossier, 8)
        values = {column.key: getattr(first, column.key) for column in inspect(Dossier).mapper.column_attrs}
        end = datetime(2025, 3, 20, 10, tzinfo=VN)
        for number in range(total):
            due = end - timedelta(days=1) if number < late else end + timedelta(days=1)
            mine = {
                "id": 5_000 + number, "code": f"T01-250301-{number:04}", "row_no": 5_000 + number, "source_due_at": due,
                "promised_at": due, "documented_due_at": due, "received_at": datetime(2025, 3, 3, 8, tzinfo=VN),
                "finished_at": end, "returned_at": end, "ended_at": end,
            }  # fmt: skip
            session.add(Dossier(**{**values, **mine}))


def test_a_small_year_like_the_founding_one_says_what_would_have_brought_the_points(as_role, context):
    _add_year(context, total=420, late=47)
    text = as_role("reform").get("/tieu-chi/3.4.1?nam=2025").text
    assert "Ngưỡng 95 % cho phép trễ 21 hồ sơ; đã trễ 47; vượt 26." in text
    assert "Bớt 26 hồ sơ trễ thì được 1,425 điểm." in text
    assert "Kỳ tính điểm năm 2025 đã hết" in text
    assert "(373/420)" in text
    assert "hạng 36/63" in text  # what others published stands beside it
    assert "0,0/1,5 điểm" in text
    assert "Dữ liệu nạp lần cuối: 24/08/2026 07:00" in text


def test_the_running_year_tells_month_quarter_and_year_and_what_is_open(as_role):
    text = as_role("reform").get("/tieu-chi/3.4.1?nam=2026").text
    for words in ("Tháng 8/2026", "Quý 3/2026", "Năm 2026", "2 hồ sơ đang quá hạn", "3 hồ sơ chưa trễ"):
        assert words in text
    assert text.index("T01-260803-0003") < text.index("T01-260803-0004") < text.index(IN_TIME_A)
    assert OVERDUE_A not in text
    assert "mẫu nhỏ" in text


def _add_in_time(context: StandingContext) -> None:
    """One more of branch B that is due in September."""
    with context.store.transaction() as session:
        first = session.get_one(Dossier, 6)
        values = {column.key: getattr(first, column.key) for column in inspect(Dossier).mapper.column_attrs}
        mine = {
            "id": 16,
            "code": IN_TIME_B,
            "row_no": 16,
            "resolving_unit_id": BRANCH_B,
            "source_due_at": at(15, month=9),
        }
        session.add(Dossier(**{**values, **mine}))


def test_who_works_for_a_unit_sees_only_its_dossiers_among_those_to_keep(as_role, context: StandingContext):
    _add_in_time(context)
    for path in ("/tieu-chi/3.4.1?nam=2026", "/tieu-chi/3.4.1/con-giu-duoc"):
        mine, all_of_them = as_role("head").get(path).text, as_role("reform").get(path).text
        assert IN_TIME_A in mine
        assert IN_TIME_B not in mine
        assert all_of_them.index(IN_TIME_B) < all_of_them.index(IN_TIME_A)
    assert as_role("head").get(f"/tieu-chi/3.4.1/con-giu-duoc?don-vi={BRANCH_B}").status_code == 404
    of_b = as_role("reform").get(f"/tieu-chi/3.4.1/con-giu-duoc?don-vi={BRANCH_B}").text
    assert IN_TIME_B in of_b
    assert IN_TIME_A not in of_b


def _enter(context: StandingContext, **values: object) -> None:
    """Let an edition of the office govern with other values."""
    body = {**edition_values(EDITION), **values}
    new = NewEntry(EditionKind.CRITERION, "3.4.1", "resolved", body, "thử", "reform", "admin")
    with context.store.transaction() as session:
        edition_store.add_entry(session, new, at(1))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"formula_kind": "proportional", "threshold": None}, ("0,75", "/ 1,5 điểm", "1/2")),
        (
            {"max_points": None},
            ("Chưa biết điểm tối đa", "Ngưỡng 95 % cho phép trễ 0 hồ sơ", "thì đạt ngưỡng"),
        ),
        (
            {"valid_to": "2026-06-30"},
            ("Phiên bản này chỉ áp dụng 01/01/2026–30/06/2026", "Kỳ tính điểm năm 2026 đã hết"),
        ),
    ],
)
def test_the_page_stands_whatever_edition_the_office_enters(
    as_role, context: StandingContext, values: dict[str, object], told: tuple[str, ...]
):
    _enter(context, **values)
    text = as_role("reform").get("/tieu-chi/3.4.1?nam=2026").text
    assert [words for words in told if words not in text] == []


def test_administrators_see_the_points_and_no_dossier(as_role):
    text = as_role("admin").get("/tieu-chi/3.4.1?nam=2026").text
    assert "3 hồ sơ chưa trễ" in text
    assert "T01-2608" not in text
    assert FINISHED_LATE not in text


def test_who_looked_at_the_list_is_logged_with_the_dossiers_shown(as_role, context: StandingContext):
    as_role("reform").get(f"/tieu-chi/3.4.1/con-giu-duoc?don-vi={BRANCH_A}")
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.action, act.actor) == ("score_stakes", "reform")
    assert act.detail == {"basis": "source", "ids": [3, 4, 6]}
