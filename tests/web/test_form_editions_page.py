"""Editions of official forms: one asks, another decides, and then reports are made so; what was known before stays so."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from app.form_edition_forms import given
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.test_reports_page import cells, taken
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.forms_data import form_edition, form_values, load_form_editions
from tracker.pipeline.forms import kept_forms
from tracker.store import people
from tracker.store.people import NewAccount

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

PAGE = "/bao-cao/bieu-mau/"
EDITION = f"{PAGE}II.06b/tt-01-2020"
STANDING = load_form_editions()[1]
TYPED = {
    **{name: str(value) for name, value in given(STANDING).items() if name != "verified"},
    "reason": "Đã so với toàn văn (thử nghiệm)",
}


@pytest.fixture
def second(app: Flask, context: StandingContext) -> FlaskClient:
    """A second person of the reform office, logged in."""
    with context.store.transaction() as session:
        new = NewAccount("binh", "Bình", "reform", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    client = app.test_client()
    log_in(client, "binh")
    return client


def post(client: FlaskClient, address: str, **form: str) -> Any:
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **form})


def total(client: FlaskClient) -> tuple[Any, ...]:
    rows = cells(taken(client, "II.06b", ".xlsx"))
    return next(row for row in rows if row[1] == "Tổng cộng")


def test_every_edition_reads_again_from_its_own_values():
    for edition in load_form_editions():
        assert form_edition(form_values(edition)) == edition


def test_the_page_says_where_dossiers_without_a_column_stand_and_what_is_not_compared(as_role):
    text = as_role("desk").get(PAGE).text
    assert text.count("chưa đối chiếu văn bản") == len(load_form_editions())
    assert "Công dân đã rút: cột (9)" in text
    assert "Mở mẫu" not in as_role("auditor").get(EDITION).text


def test_one_asks_another_decides_and_then_suspended_ones_stand_elsewhere(
    as_role, second: FlaskClient, context: StandingContext
):
    asker = as_role("reform")
    before = total(asker)
    columns = TYPED["columns"].replace("Đúng hạn", "Đúng hạn (mới)")
    change = post(asker, EDITION, **{**TYPED, "suspended": "13", "columns": columns}).location
    assert total(asker) == before  # nothing changed yet
    shown = second.get(change).text
    assert "Đang tạm dừng, chưa quá hạn: cột (13)" in shown
    post(second, f"{change}/duyet")
    after = total(asker)
    moved = before[11] - after[11]
    assert moved == after[12] - before[12] > 0
    assert after[2:11] == before[2:11]
    assert any("Đúng hạn (mới)" in row for row in cells(taken(asker, "II.06b", ".xlsx")))
    assert "reform đề nghị, binh duyệt" in asker.get(EDITION).text
    with context.store.read() as session:
        assert {kept.edition.places["withdrawn"] for kept in kept_forms(session, NOW.replace(year=2025))} == {
            9
        }


def test_another_key_is_an_edition_beside_that_goes_first_for_its_periods(
    as_role, second: FlaskClient, context: StandingContext
):
    added = {**TYPED, "key": "moi-2026", "number": "Biểu số 6b mới", "valid_from": "01/01/2026"}
    change = post(as_role("reform"), EDITION, **added).location
    post(second, f"{change}/duyet")
    assert cells(taken(second, "II.06b", ".xlsx"))[0][0] == "Biểu số 6b mới"
    assert cells(taken(second, "II.06b", ".xlsx", "ky=2025"))[0][0] == STANDING.number


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"columns": "STT\nĐơn vị"}, "cần đúng 13 dòng"),
        ({"columns": TYPED["columns"].replace("Từ kỳ trước", ">")}, "còn chỗ trống"),
        ({"key": "Phiên bản"}, "chữ thường"),
        ({"valid_from": "31/02/2026"}, "không phải là ngày"),
        ({"valid_from": "01/01/2026", "valid_to": "01/01/2025"}, "ngày bắt đầu sau ngày kết thúc"),
        ({"verified": "y"}, "thì phải ghi văn bản"),
        ({"reason": "ngắn"}, "Ít nhất 10 ký tự"),
        ({}, "không đổi gì"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_what_is_wrong(as_role, form: dict[str, str], said: str):
    answer = post(as_role("admin"), EDITION, **{**TYPED, **form})
    assert answer.status_code == 400
    assert said.lower() in answer.text.lower()


@pytest.mark.parametrize("address", [f"{PAGE}II.06a/khong-co", f"{PAGE}khong-co/tt-01-2020"])
def test_an_edition_that_is_not_there_is_not_found(as_role, address: str):
    assert as_role("reform").get(address).status_code == 404
