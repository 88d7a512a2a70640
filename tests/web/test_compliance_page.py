"""The page of the duty to apologise: figures with their fractions, lists, the ledger, files masked by role, own units only."""

import io
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient

from app.compliance_page import read_filters, tiles
from app.works import complying
from letters.compliance import Figures, Share
from letters.ledger_lists import ListKey
from tests.web.browsing import Visit
from tests.web.test_browser_axe import _objections
from tests.web.works import done
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    OVERDUE_A,
    OVERDUE_B,
    StandingContext,
    at,
)
from tracker.store import audit
from tracker.store.models import Letter, Obligation

pytest_plugins = ("tests.web.browsing",)

PAGE = "/thu-xin-loi/tuan-thu"
YEAR = f"{PAGE}?tu=01/01/2026"
FILES = f"{PAGE}/tai-ve"
TODAY = date(2026, 8, 24)


def letter(
    number: int, dossier_id: int, unit_id: int, due: datetime, delivered: datetime, **given: Any
) -> Letter:
    usual: dict[str, Any] = {
        "id": number, "dossier_id": dossier_id, "seq": 1, "kind": "overdue", "form": "2018", "state": "delivered",
        "unit_id": unit_id, "as_of": delivered, "due_at": due, "new_due_at": None, "reason": f"Do {NAME} nộp muộn",
        "short_code": f"code-{number}", "file": "", "number": f"{number}/PXL", "issued_on": delivered.date(),
        "delivered_at": delivered,
    }  # fmt: skip
    return Letter(**{**usual, **given})


@pytest.fixture
def ledger(context: StandingContext) -> StandingContext:
    """Branch A owes two and apologised for one, too late; branch B apologised for its one in time and kept the new date."""
    with context.store.transaction() as session:
        for number, unit_id in ((1, BRANCH_A), (2, BRANCH_B)):
            session.add(
                Obligation(
                    dossier_id=number, opened_at=at(20), state="owed", reason="late", kind="overdue", due_at=at(20),
                    unit_id=unit_id,
                )
            )  # fmt: skip
        found = session.get_one(Obligation, 7)
        found.unit_id, found.due_at, found.kind = BRANCH_A, at(22, month=6), "returned_late"
        session.delete(session.get_one(Letter, 1))
        session.flush()
        session.add(letter(11, 7, BRANCH_A, at(22, month=6), at(30, month=6)))
        session.add(letter(12, 2, BRANCH_B, at(20), at(18), new_due_at=at(28), promise="kept"))
    return context


def sheet_of(answer: Any) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]


def test_each_figure_stands_with_its_fraction_and_nothing_is_divided_by_nothing():
    none = Share(0, 0)
    empty = Figures(0, none, none, none, None, 0, None, None, {}, 0, 0, 0, 0, none, 0, 0, 0, 0)
    assert [tile.value for tile in tiles(empty)] == ["–", "–", "–", "–", "–", "0"]
    assert {tile.note for tile in tiles(empty)} == {"Chưa có dữ liệu", "ngày làm việc, trung vị"}


@pytest.mark.parametrize(
    ("address", "start", "end", "faults"),
    [
        ({}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"quy": "2025-q4"}, date(2025, 10, 1), date(2025, 12, 31), 0),
        ({"quy": "2026-Q5"}, date(2026, 7, 1), date(2026, 9, 30), 0),
        ({"quy": "2026-Q2", "tu": "01/01/2020"}, date(2026, 4, 1), date(2026, 6, 30), 0),
        ({"tu": "01/02/2025", "den": "28/02/2025"}, date(2025, 2, 1), date(2025, 2, 28), 0),
        ({"tu": "01/02/2027"}, date(2027, 2, 1), date(2027, 12, 31), 0),
        ({"den": "01/02/2027"}, date(2027, 1, 1), date(2027, 2, 1), 0),
        ({"tu": "02/02/2026", "den": "01/02/2026"}, date(2026, 2, 2), date(2026, 2, 2), 1),
        ({"tu": "31/02/2026"}, date(2026, 7, 1), date(2026, 9, 30), 1),
    ],
)
def test_the_period_is_a_quarter_or_days_or_the_quarter_of_today(
    address: dict[str, str], start: date, end: date, faults: int
):
    chosen = read_filters(address, TODAY)
    assert (chosen.period.start, chosen.period.end, len(chosen.faults)) == (start, end, faults)
    again = read_filters(chosen.as_address(), TODAY)
    assert (again.period, again.group, again.key) == (chosen.period, chosen.group, chosen.key)


def test_what_is_done_stands_over_what_is_owed(ledger: StandingContext, as_role):
    page = as_role("reform").get(YEAR).text
    assert "<b>3</b> hồ sơ phải xin lỗi" in page
    assert "<b>66,7\u00a0%</b><small>2/3 hồ sơ" in page
    assert "<b>33,3\u00a0%</b><small>1/3 hồ sơ" in page
    assert "<b>100,0\u00a0%</b><small>1/1 lượt hẹn" in page
    assert 'Chưa có thư đã ký <span><b>1</b><span class="quiet">/3</span></span>' in page
    assert 'Gửi chậm <span><b>1</b><span class="quiet">/2</span></span>' in page


def test_a_unit_sees_its_own_dossiers_and_no_others(ledger: StandingContext, as_role):
    for role in ("desk", "head"):
        client = as_role(role)
        page = client.get(YEAR).text
        assert "<b>2</b> hồ sơ phải xin lỗi" in page
        assert OVERDUE_A in page
        assert OVERDUE_B not in page
        assert "Thử Nghiệm Hai" not in page
        assert client.get(f"{PAGE}?don-vi={BRANCH_B}").status_code == 404
        assert client.get(f"{FILES}?tep=so-theo-doi&don-vi={BRANCH_B}").status_code == 404
        assert OVERDUE_B not in str(sheet_of(client.get(f"{FILES}?tep=so-theo-doi&tu=01/01/2026")))


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (ListKey.NO_LETTER, OVERDUE_A),
        (ListKey.DELIVERED_LATE, FINISHED_LATE),
        (ListKey.WRONG_SIGNER, OVERDUE_B),
    ],
)
def test_each_list_shows_its_rows_without_names(ledger: StandingContext, as_role, key: ListKey, code: str):
    page = as_role("auditor").get(f"{YEAR}&danh-sach={key}").text
    assert f'href="/ho-so/{code}"' in page
    assert NAME not in page


def test_the_same_is_grouped_by_month(ledger: StandingContext, as_role):
    page = as_role("reform").get(f"{YEAR}&theo=thang").text
    assert page.index("Tháng 6/2026") < page.index("Tháng 8/2026")
    quarter = as_role("reform").get(f"{PAGE}?quy=2026-Q2").text
    assert "<b>1</b> hồ sơ phải xin lỗi" in quarter


def test_the_ledger_is_checked_for_who_sees_all_of_it(ledger: StandingContext, as_role):
    asked = as_role("reform").get(f"{PAGE}?can=co").text
    assert "Không cân" in asked or "Cân:" in asked
    assert "Kiểm tra sổ có cân" not in asked
    assert "Kiểm tra sổ có cân" in as_role("reform").get(PAGE).text
    for address in (PAGE, f"{PAGE}?can=co"):
        assert "ân: " not in as_role("head").get(address).text


@pytest.mark.parametrize(
    ("role", "named"), [("head", True), ("desk", True), ("auditor", False), ("reform", False)]
)
def test_the_register_names_recipients_and_typed_texts_only_for_who_reads_names(
    ledger: StandingContext, as_role, role: str, named: bool
):
    answer = as_role(role).get(f"{FILES}?tep=so-theo-doi&tu=01/01/2026")
    cells = str(sheet_of(answer))
    assert "11/PXL" in cells
    assert (NAME in cells) is named
    with ledger.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action, act.detail["masked"]) == (role, "compliance_export", not named)


def test_list_figures_and_report_are_the_ones_of_the_page(ledger: StandingContext, as_role):
    client = as_role("reform")
    assert OVERDUE_A in str(sheet_of(client.get(f"{FILES}?tep=danh-sach&danh-sach=no-letter")))
    figures = client.get(f"{FILES}?tep=so-lieu&quy=2026-Q3")
    assert "20260701-20260930.xlsx" in figures.headers["Content-Disposition"]
    assert sheet_of(figures)[-1][1:4] == ["Tổng cộng", 2, 1]
    report = Document(io.BytesIO(client.get(f"{FILES}?tep=bao-cao&quy=2026-Q3").data))
    assert any("quý III năm 2026" in paragraph.text for paragraph in report.paragraphs)


def test_a_long_file_is_made_by_a_worker_as_its_asker_may_see_it(
    ledger: StandingContext, as_role, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.views.compliance.ROWS_AT_ONCE", 1)
    client: FlaskClient = as_role("auditor")
    asked = client.get(f"{FILES}?tep=so-theo-doi&tu=01/01/2026")
    assert asked.status_code == 302
    taken = done(client, asked)
    assert "11/PXL" in str(sheet_of(taken))
    assert NAME not in str(sheet_of(taken))
    assert complying.TITLES[complying.ComplianceFile.REGISTER] in client.get(asked.location).text


@pytest.mark.browser
def test_axe_objects_neither_to_many_rows_nor_to_none(ledger: StandingContext, visit: Visit):
    page = visit.window("auditor", bypass_csp=True, reduced_motion="reduce")
    paths = (
        f"{PAGE}?danh-sach=delivered-late",
        f"{PAGE}?theo=thang",
        f"{PAGE}?quy=2019-Q1",
        f"{PAGE}?can=co",
    )
    assert [each for path in paths for each in _objections(visit, page, path)] == []
    assert visit.complaints == []


def test_a_page_without_any_ledger_says_what_to_do(app: Flask, as_role, context: StandingContext):
    page = as_role("reform").get(f"{PAGE}?quy=2019-Q1").text
    assert "Không có hồ sơ nào phải xin lỗi trong thời gian này" in page
