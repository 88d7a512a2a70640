"""The pages of criteria: editions side by side, and a change of one from the form to the second person's decision."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import new_salt
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.pipeline.editions import find_edition, published
from tracker.store import people
from tracker.store.people import NewAccount

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

PAGE = "/tieu-chi"
EDITION, RANKING = f"{PAGE}/phien-ban/3.4.1/resolved", f"{PAGE}/phien-ban/xep-hang/province"
REASON = "Đã so với toàn văn (thử nghiệm)"
CONFIRM = {
    "viec": "xac-nhan", "xac-nhan-document": "Quyết định 876/QĐ-BNV, phụ lục 2", "xac-nhan-document_date": "10/11/2022",
    "xac-nhan-reason": REASON,
}  # fmt: skip
CORRECT = {
    "viec": "sua", "sua-key": "resolved", "sua-name": "Ngưỡng 90 %", "sua-province": "y",
    "sua-formula_kind": "threshold_proportional", "sua-denominator": "resolved", "sua-threshold": "90",
    "sua-max_points": "1,5", "sua-formula": "b/a", "sua-source": "Văn bản số 9", "sua-reason": REASON,
}  # fmt: skip
RESULT = {"index": "sipas", "year": "2022", "value": "84 %", "source": "Công văn số 4", "reason": REASON}
AsRole = Callable[[str], FlaskClient]


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


def threshold(context: StandingContext) -> float:
    with context.store.read() as session:
        return float(find_edition(session, "3.4.1", "resolved").threshold)


def test_the_page_shows_editions_side_by_side_marked_with_what_has_to_be_compared(as_role: AsRole):
    text = as_role("desk").get(PAGE).text
    assert text.count("chưa đối chiếu văn bản") >= 10
    assert "Mẫu số: hồ sơ đã giải quyết hay hồ sơ tiếp nhận trong năm" in text
    for published_words in (
        "86,52 điểm",
        "36/63",
        "83,65 %",
        "59/63",
        "0,0/1,5 điểm",
        "99,95 % (46.861/46.885)",
    ):
        assert published_words in text
    assert "Thêm kết quả" not in text


def test_districts_are_not_scored_for_a_year_without_districts(as_role: AsRole):
    text = as_role("reform").get(f"{PAGE}/phien-ban/3.4.2/resolved?nam=2026").text
    assert "Không áp dụng cho năm này." in text


def test_a_ranking_is_a_table_of_units(as_role: AsRole):
    text = as_role("auditor").get(f"{RANKING}?nam=2026").text
    assert "mẫu nhỏ" in text
    assert "Xác nhận đã đối chiếu" not in text


def test_a_look_at_a_change_shows_both_points_and_changes_nothing(as_role: AsRole, context: StandingContext):
    answer = post(as_role("reform"), f"{EDITION}?nam=2026", **CORRECT, lam="xem")
    assert answer.status_code == 200
    assert "Theo các giá trị đề nghị" in answer.text
    assert "Gửi đề nghị để người thứ hai duyệt" in answer.text
    assert 'value="Ngưỡng 90 %"' in answer.text
    assert threshold(context) == 0.95


def test_one_asks_another_decides_and_then_it_governs(
    as_role: AsRole, second: FlaskClient, context: StandingContext
):
    asker = as_role("reform")
    change = post(asker, EDITION, **CORRECT, lam="gui").location
    assert "Rút đề nghị" in asker.get(change).text
    post(asker, f"{change}/duyet")
    assert threshold(context) == 0.95
    shown = second.get(change).text
    assert "Duyệt và áp dụng" in shown
    assert "90 %" in shown
    post(second, f"{change}/duyet")
    assert threshold(context) == 0.9
    assert "reform đề nghị, binh duyệt" in asker.get(EDITION).text


def test_a_confirmed_edition_says_with_which_text_it_was_compared(as_role: AsRole, second: FlaskClient):
    change = post(as_role("reform"), EDITION, **CONFIRM, lam="gui").location
    post(second, f"{change}/duyet")
    text = second.get(EDITION).text
    assert "đã đối chiếu văn bản" in text
    assert "Quyết định 876/QĐ-BNV, phụ lục 2" in text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"sua-threshold": "chín mươi"}, "không phải là số"),
        ({"sua-max_points": "1e999999999"}, "không phải là số"),
        ({"sua-max_points": "-1"}, "không phải là số"),
        ({"sua-threshold": ""}, "Ngưỡng phải có khi"),
        ({"sua-threshold": "190"}, "Ngưỡng phải từ 0 % đến 100 %"),
        ({"sua-key": "Phiên bản"}, "chữ thường"),
        ({"sua-valid_from": "31/02/2026"}, "không phải là ngày"),
        ({"sua-reason": "ngắn"}, "Ít nhất 10 ký tự"),
        ({"sua-verified": "y"}, "Đã đối chiếu thì phải có số"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_what_is_wrong(as_role: AsRole, form: dict, said: str):
    answer = post(as_role("admin"), EDITION, **{**CORRECT, **form}, lam="gui")
    assert answer.status_code == 400
    assert said in answer.text


def test_a_published_result_is_added_by_two_persons(
    as_role: AsRole, second: FlaskClient, context: StandingContext
):
    reform, other = as_role("reform"), {**RESULT, "index": "khac", "name": "Chỉ số hài lòng đất đai"}
    asked = [post(reform, f"{PAGE}/ket-qua", **form).location for form in (RESULT, other)]
    assert "84 %" not in second.get(PAGE).text
    for change in asked:
        post(second, f"{change}/duyet")
    assert "84 %" in second.get(PAGE).text
    with context.store.read() as session:
        assert ("chi-so-hai-long-dat-dai", 2022) in {(r.index, r.year) for r in published(session)}


def test_the_reform_office_sees_and_decides_editions_and_no_accounts(as_role: AsRole):
    reform = as_role("reform")
    assert reform.get("/quan-tri/thay-doi/1").status_code == 403  # an account, asked for in the world
    assert post(reform, "/quan-tri/thay-doi/1/duyet").status_code == 403
    assert "tài khoản mới" not in reform.get("/quan-tri/thay-doi").text
    change = post(reform, EDITION, **CONFIRM, lam="gui").location
    assert change in reform.get("/quan-tri/thay-doi").text
    auditor = as_role("auditor")
    assert auditor.get(change).status_code == 200
    assert post(auditor, f"{change}/duyet").status_code == 403


@pytest.mark.parametrize("address", [f"{PAGE}/phien-ban/3.4.1/khong-co", f"{PAGE}/phien-ban/9/resolved"])
def test_an_edition_that_is_not_there_is_not_found(as_role: AsRole, address: str):
    assert as_role("reform").get(address).status_code == 404
