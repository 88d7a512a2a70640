"""The page of rates says what `rates` answers, to each account of its own units; kept months say why they differ by now."""

import csv
import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from app.rates_page import Narrowing, late_bars, rate_table, read_filters
from tests.web.world import BRANCH_A, BRANCH_B, NOW, StandingContext
from tracker.pipeline import RatesQuestion, rates
from tracker.reports.rate_table import COUNTS
from tracker.store import audit
from tracker.store.models import RateSnapshot
from tracker.types import Basis

TODAY = NOW.date()
SUMMER = "tu=01/06/2026&den=31/08/2026"
KEPT = "/ty-le/thang-da-chot/2026-06"


def filters(address: dict[str, str], *groups: str):
    """The filters of an address in a world that knows two fields."""
    return read_filters(address, groups, ("Đất đai", "Hộ tịch"), today=TODAY, year=2022)


def rows(client: FlaskClient, address: str) -> list[dict[str, str]]:
    """The rows of the file."""
    answer = client.get(f"/ty-le/tai-ve?dang=csv&{address}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("address", "start", "end", "faults"),
    [
        ({}, date(2022, 1, 1), date(2022, 12, 31), 0),
        ({"ky": "thang-nay"}, date(2026, 8, 1), date(2026, 8, 31), 0),
        ({"ky": "thang-truoc"}, date(2026, 7, 1), date(2026, 7, 31), 0),
        ({"ky": "quy-nay", "tu": "01/01/2020"}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"ky": "nam-truoc"}, date(2025, 1, 1), date(2025, 12, 31), 0),
        ({"ky": "x", "tu": "01/02/2025"}, date(2025, 2, 1), date(2025, 12, 31), 0),
        ({"den": "01/02/2025"}, date(2025, 1, 1), date(2025, 2, 1), 0),
        ({"tu": "02/02/2025", "den": "01/02/2025"}, date(2025, 2, 2), date(2025, 2, 2), 1),
        ({"tu": "31/02/2025", "linh-vuc": "0912345678"}, date(2022, 1, 1), date(2022, 12, 31), 2),
    ],
)
def test_the_period_is_a_usual_one_or_days_or_the_newest_year(address, start, end, faults):
    chosen = filters(address)
    assert (chosen.start, chosen.end, len(chosen.faults)) == (start, end, faults)
    again = filters(chosen.as_address(), chosen.as_address()["theo"])
    assert (again.start, again.end, again.by, again.order) == (start, end, chosen.by, chosen.order)


def test_the_month_before_january_is_december():
    chosen = read_filters({"ky": "thang-truoc"}, (), (), today=date(2027, 1, 31), year=2022)
    assert (chosen.start, chosen.end) == (date(2026, 12, 1), date(2026, 12, 31))


def test_at_most_three_groups_in_a_fixed_order():
    assert filters({}, "month", "unit,level").by == ("level", "unit", "month")
    chosen = filters({}, "month", "unit", "level", "channel", "khong-co")
    assert (chosen.by, len(chosen.faults)) == (("level", "unit", "month"), 1)


@pytest.mark.parametrize("by", [("unit",), ("level", "month"), ("field", "channel", "procedure")])
def test_the_table_is_the_answer_of_rates(context: StandingContext, by: tuple[str, ...]):
    chosen = filters({"tu": "01/06/2026", "den": "31/08/2026"}, *by)
    table = rate_table(context.store, chosen, Narrowing(), now=NOW, small=30)
    answer = rates(context.store, RatesQuestion(chosen.start, chosen.end, NOW, by))
    assert sorted(map(str, (line.counts for line in table.lines))) == sorted(
        str(row.counts) for row in answer.rows
    )
    whole = rates(context.store, RatesQuestion(chosen.start, chosen.end, NOW, ()))
    assert [table.total.counts] == [row.counts for row in whole.rows]
    assert [dict(table.total.bases)] == [dict(row.bases) for row in whole.rows]
    assert (table.excluded, table.unbalanced) == (answer.excluded, ())


@pytest.mark.parametrize("by", ["unit", "level", "month"])
def test_a_unit_sees_its_own_dossiers_and_no_others(as_role, by: str):
    whole = rows(as_role("reform"), f"{SUMMER}&theo={by}")
    for role in ("desk", "head"):
        own = rows(as_role(role), f"{SUMMER}&theo={by}")
        assert own == rows(as_role("reform"), f"{SUMMER}&theo={by}&don-vi={BRANCH_A}")
        counted, of_all = (int(found[-1]["Đang giải quyết"]) for found in (own, whole))
        assert 0 < counted < of_all
        page = as_role(role).get(f"/ty-le?{SUMMER}&theo={by}").text
        assert "Thử Nghiệm Hai" not in page
        assert as_role(role).get(f"/ty-le?{SUMMER}&don-vi={BRANCH_B}").status_code == 404


def test_the_file_has_every_count_of_every_row_and_their_sum(as_role, context: StandingContext):
    found = rows(as_role("auditor"), f"{SUMMER}&theo=unit")
    assert set(COUNTS.values()) <= set(found[0])
    for words in COUNTS.values():
        assert sum(int(each[words]) for each in found[:-1]) == int(found[-1][words])
    finished = next(each for each in found if each["Đã giải quyết"] == "2")
    assert (finished["Ngày hẹn theo hệ thống nguồn: tỷ lệ (%)"], finished["Ghi chú"]) == ("50.0", "mẫu nhỏ")
    assert as_role("auditor").get(f"/ty-le/tai-ve?{SUMMER}").data[:2] == b"PK"
    with context.store.read() as session:
        (entry, *_) = audit.find_acts(session, audit.ActFilter("auditor", "rates_export"))
    assert entry.act.detail["rows"] == len(found) - 1


def test_the_page_says_fraction_bar_balance_and_small_samples(as_role):
    page = as_role("reform").get(f"/ty-le?{SUMMER}").text
    assert "50,00\u00a0% (1/2)" in page
    assert "mẫu nhỏ</span>" in page
    assert "Mọi dòng đều cân" in page
    assert "hồ sơ chưa hoặc không được tiếp nhận" in page
    assert re.search(r'<svg class="bar', page)
    by_basis = as_role("reform").get(f"/ty-le?{SUMMER}&bang=can-cu").text
    assert by_basis.count('<th scope="col">Tính được</th>') == len(Basis)


def test_before_anything_was_known_there_is_no_figure(as_role):
    page = as_role("reform").get(f"/ty-le?{SUMMER}&biet=01/01/2020").text
    assert "Chưa biết gì vào ngày ấy" in page
    assert " 0,00" not in page


# ---------------------------------------------------------------- kept months


def test_a_kept_month_stands_beside_what_is_counted_now(as_role):
    page = as_role("reform").get("/ty-le/thang-da-chot/").text
    assert "0,00\u00a0% (0/2)" in page
    assert "50,00\u00a0% (1/2)" in page
    assert "khớp nhật ký" in page


def test_a_month_says_why_it_is_counted_otherwise_and_which_dossier(as_role, context: StandingContext):
    page = as_role("auditor").get(KEPT).text
    assert "Ngày hẹn được ghi lại khác" in page
    assert "T01-260601-0008" in page
    assert "T01-260601-0007" not in page
    assert as_role("auditor").get(f"{KEPT}/ho-so").data[:2] == b"PK"
    assert "Không có hồ sơ nào được tính khác đi" in as_role("auditor").get(f"{KEPT}?can-cu=promised").text
    with context.store.read() as session:
        acts = audit.find_acts(session, audit.ActFilter("auditor", subject="month:2026-06"))
    assert [each.act.action for each in acts] == ["restatement", "restatement_export", "restatement"]
    assert acts[-1].act.detail == {"basis": "source", "ids": [8]}


def test_it_is_counted_anew_by_what_was_known_when_asked(as_role):
    assert "ra đúng từng con số đã chốt" in as_role("reform").get(f"{KEPT}?dem-lai=co").text


def test_a_text_that_somebody_changed_and_one_that_is_gone_are_told(as_role, context: StandingContext):
    with context.store.transaction() as session:
        row = session.get_one(RateSnapshot, "2026-06")
        row.body = row.body.replace('"late":', '"late": ')
    assert "không phải là văn bản mà nhật ký ghi" in as_role("reform").get(KEPT).text
    assert "không khớp" in as_role("reform").get("/ty-le/thang-da-chot/").text
    with context.store.transaction() as session:
        session.execute(delete(RateSnapshot))
    assert as_role("reform").get(KEPT).status_code == 404
    assert "văn bản đã mất" in as_role("reform").get("/ty-le/thang-da-chot/").text


@pytest.mark.parametrize("month", ["2026-13", "2026-05", "abc"])
def test_what_was_not_kept_is_not_found(as_role, month: str):
    assert as_role("reform").get(f"/ty-le/thang-da-chot/{month}").status_code == 404


def test_the_chart_goes_by_month_where_there_are_months_else_by_the_rows_with_most_late(
    context: StandingContext,
):
    asked = {"tu": "01/01/2026", "den": "31/08/2026"}
    tables = {
        by: rate_table(context.store, filters(asked, by), Narrowing(), now=NOW, small=30)
        for by in ("unit", "month,unit")
    }
    by_unit = late_bars(tables["unit"], ("unit",))
    assert [count for _, count in by_unit.bars] == [1]
    months = late_bars(tables["month,unit"], ("unit", "month"))
    assert months.words == "theo tháng"
    assert [each for each in months.bars if each[1]] == [("Tháng 6/2026", 1)]
    assert [name for name, _ in months.bars] == sorted(name for name, _ in months.bars)
