"""The page of reports: each as a file for the chosen period, own units only, names by role, long ones by a worker."""

import html
import io
import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from docx import Document
from flask.testing import FlaskClient

from app.report_page import days_of, period_name, periods_offered, read_filters
from tests.web.works import done
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    OFFICE,
    OVERDUE_A,
    OVERDUE_B,
    StandingContext,
)
from tracker.store import audit

PAGE, FILES = "/bao-cao/", "/bao-cao/tai-ve"
YEAR = "ky=2026"
TODAY = date(2026, 8, 24)


@pytest.mark.parametrize(
    ("address", "start", "end", "faults"),
    [
        ({}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"ky": "2026-02"}, date(2026, 2, 1), date(2026, 2, 28), 0),
        ({"ky": "2024-q4", "tu": "01/01/2020"}, date(2024, 10, 1), date(2024, 12, 31), 0),
        ({"ky": "2022"}, date(2022, 1, 1), date(2022, 12, 31), 0),
        ({"ky": "2026-13"}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"ky": "9999"}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"tu": "01/02/2025"}, date(2025, 2, 1), date(2025, 12, 31), 0),
        ({"tu": "02/02/2026", "den": "01/02/2026"}, date(2026, 2, 2), date(2026, 2, 2), 1),
        ({"den": "31/02/2026"}, date(2026, 7, 1), date(2026, 9, 30), 1),
    ],
)
def test_the_period_is_named_or_days_or_the_quarter_of_today(
    address: dict[str, str], start: date, end: date, faults: int
):
    chosen = read_filters(address, TODAY)
    assert (chosen.start, chosen.end, len(chosen.faults)) == (start, end, faults)
    again = read_filters(chosen.as_address(), TODAY)
    assert (again.start, again.end, again.basis) == (chosen.start, chosen.end, chosen.basis)


def test_every_period_that_is_offered_can_be_read_and_has_a_name():
    offered = periods_offered(date(2026, 2, 1), "2019-Q2")
    assert all(days_of(key) for keys in offered.values() for key in keys)
    names = [period_name(key) for keys in offered.values() for key in keys]
    assert {"Quý 1/2026", "Tháng 9/2025", "Năm 2024", "Quý 2/2019"} <= set(names)


def taken(client: FlaskClient, key: str, ending: str, more: str = YEAR) -> Any:
    """The file of a report."""
    answer = client.get(f"{FILES}?bao-cao={key}&tep={ending}&{more}")
    assert answer.status_code == 200, answer.text
    return answer


def cells(answer: Any, sheet: int = 0) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[sheet].values)


def test_the_page_offers_each_report_for_the_chosen_period_and_unit(as_role):
    page = as_role("reform").get(f"{PAGE}?ky=2026-Q2&don-vi={BRANCH_A}").text
    assert "<b>01/04/2026 – 30/06/2026</b>" in page
    assert "Biểu II.06a" in page
    links = re.findall(r'href="(/bao-cao/tai-ve[^"]+)"', page)
    told = [parse_qs(urlsplit(html.unescape(link)).query) for link in links]
    assert {"bao-cao": ["phu-luc-1"], "tep": [".xlsx"], "ky": ["2026-Q2"], "don-vi": [str(BRANCH_A)]} in told


def test_a_form_as_a_workbook_and_on_paper_holds_the_same_numbers(as_role):
    client = as_role("reform")
    book = next(row for row in cells(taken(client, "II.06b", ".xlsx")) if row[1] == "Tổng cộng")
    paper = Document(io.BytesIO(taken(client, "II.06b", ".docx").data))
    form = next(table for table in paper.tables if len(table.columns) == 13)
    (total,) = [row for row in form.rows if row.cells[1].text == "Tổng cộng"]
    assert [int(cell.text.replace(".", "")) for cell in total.cells[2:]] == list(book[2:])
    assert book[2] == book[6] + book[10] > 0
    assert paper.sections[0].page_width > paper.sections[0].page_height


def test_a_unit_takes_its_own_dossiers_and_no_others(as_role):
    for role in ("desk", "head"):
        client = as_role(role)
        codes = str(cells(taken(client, "late-list", ".xlsx")))
        assert OVERDUE_A in codes
        assert OVERDUE_B not in codes
        assert client.get(f"{PAGE}?don-vi={BRANCH_B}").status_code == 404
        assert client.get(f"{FILES}?bao-cao=late-list&tep=.xlsx&don-vi={BRANCH_B}").status_code == 404
        assert "Thử Nghiệm Hai" not in client.get(PAGE).text
        names = [row[1] for row in cells(taken(client, "II.06b", ".xlsx"))]
        assert not any(name and "Thử Nghiệm Hai" in str(name) for name in names)


def test_a_unit_is_asked_for_with_all_below_it(as_role):
    codes = str(cells(taken(as_role("auditor"), "phu-luc-2", ".xlsx", f"ky=2026-Q3&don-vi={OFFICE}")))
    assert OVERDUE_A in codes
    assert OVERDUE_B in codes
    assert FINISHED_LATE not in codes


@pytest.mark.parametrize(
    ("role", "named"), [("head", True), ("desk", True), ("auditor", False), ("reform", False)]
)
def test_lists_name_applicants_only_for_who_reads_names_and_each_taking_is_logged(
    context: StandingContext, as_role, role: str, named: bool
):
    answer = taken(as_role(role), "late-list", ".csv")
    assert (NAME in answer.text) is named
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action, act.subject) == (role, "report_export", "report:late-list")
    assert (act.detail["masked"], act.detail["file"], act.detail["start"]) == (
        not named,
        ".csv",
        "2026-01-01",
    )


@pytest.mark.parametrize(
    "asked", ["bao-cao=khong-co&tep=.xlsx", "bao-cao=II.06a&tep=.csv", "bao-cao=II.06a", ""]
)
def test_what_is_no_report_is_not_found(as_role, asked: str):
    assert as_role("reform").get(f"{FILES}?{asked}").status_code == 404


def test_a_period_without_an_edition_is_told_and_nothing_is_left_in_the_data_folder(
    context: StandingContext, as_role
):
    answer = as_role("reform").get(f"{FILES}?bao-cao=II.06a&tep=.xlsx&ky=2019")
    assert answer.status_code == 400
    assert "chưa có phiên bản cho kỳ bắt đầu ngày 01/01/2019" in answer.text
    assert [path.name for path in context.data_dir.glob(".report-*")] == []


def test_a_long_report_is_made_by_a_worker_as_its_asker_may_see_it(
    context: StandingContext, as_role, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.views.reports.ROWS_AT_ONCE", 0)
    client: FlaskClient = as_role("auditor")
    asked = client.get(f"{FILES}?bao-cao=late-list&tep=.csv&{YEAR}")
    assert asked.status_code == 302
    answer = done(client, asked)
    assert answer.headers["Content-Disposition"].endswith("late-list-20260101-20261231.csv")
    assert OVERDUE_A in answer.text
    assert NAME not in answer.text
    assert "Danh sách hồ sơ quá hạn" in client.get(asked.location).text
    assert "Về trang báo cáo" in client.get(asked.location).text
