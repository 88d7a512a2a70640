"""Other names of units and procedures, and what sources are called: by hand, before the data comes, with an entry."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, STRANGE, StandingContext
from tracker.pipeline import catalogue_filling as filling
from tracker.store import audit, catalogue, loads

AsRole = Callable[[str], FlaskClient]
UNIT, PROCEDURE = f"/danh-muc/don-vi/{BRANCH_A}", "/danh-muc/thu-tuc/1"


def post(client: FlaskClient, page: str, action: str, form: dict[str, str]):
    return client.post(action, data={**form, "csrf_token": token(client, page)}, follow_redirects=True)


def newest(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


def test_a_unit_is_found_by_its_other_name_from_then_on(as_role: AsRole, context: StandingContext):
    answer = post(as_role("reform"), UNIT, f"{UNIT}/ten-khac", {"alias": "CN Thử Nghiệm số 1"})
    assert "Đã ghi vào danh mục" in answer.text
    with context.store.read() as session:
        assert catalogue.find_unit(session, "cn thu nghiem so 1") == BRANCH_A
    assert newest(context).action == "unit_alias"


@pytest.mark.parametrize(
    ("alias", "fault"),
    [
        (f"T{BRANCH_A}", "đã có tên gọi ấy"),
        (f"T{BRANCH_B}", "đã là tên của"),
        ("UBND xã Tên Lạ (thử nghiệm)", "đã có hồ sơ ghi"),
        ("", "Hãy điền"),
    ],
)
def test_a_name_that_means_something_already_is_not_given_again(
    as_role: AsRole, context: StandingContext, alias: str, fault: str
):
    answer = post(as_role("reform"), UNIT, f"{UNIT}/ten-khac", {"alias": alias})
    assert answer.status_code == 400
    assert fault.lower() in answer.text.lower()
    assert newest(context).action != "unit_alias"


def test_a_unit_that_no_catalogue_knows_gets_no_other_names(as_role: AsRole):
    page = f"/danh-muc/don-vi/{STRANGE}"
    assert post(as_role("reform"), page, f"{page}/ten-khac", {"alias": "Xã Lạ"}).status_code == 400
    assert "Thêm tên gọi khác" not in as_role("reform").get(page).text


def test_a_procedure_is_found_by_its_other_code_and_no_code_means_two(
    as_role: AsRole, context: StandingContext
):
    client = as_role("admin")
    answer = post(client, PROCEDURE, f"{PROCEDURE}/ten-khac", {"alias": "9.999999.000.00.00.H15"})
    assert "Đã ghi vào danh mục" in answer.text
    with context.store.read() as session:
        shown = filling.procedure_of(session, 1)
    assert shown
    assert any("9.999999" in each for each in shown.aliases)
    for alias, fault in (
        ("9.999999.000.00.00.H15", "đã có mã hoặc tên ấy"),
        ("T.001", "đã là mã hoặc tên của thủ tục T.001"),
    ):
        answer = post(client, PROCEDURE, f"{PROCEDURE}/ten-khac", {"alias": alias})
        assert answer.status_code == 400
        assert fault in answer.text


@pytest.mark.parametrize("role", ["desk", "head", "auditor"])
def test_who_only_reads_the_catalogues_gives_no_names(as_role: AsRole, role: str):
    client = as_role(role)
    form = {"alias": "X", "csrf_token": token(client, "/tai-khoan")}
    assert client.post(f"{UNIT}/ten-khac", data=form).status_code == 403
    assert "Thêm tên gọi khác" not in client.get(UNIT).text


def test_a_source_is_called_by_its_new_name_and_the_log_keeps_both(as_role: AsRole, context: StandingContext):
    form = {"khoa": "thu", "ten": "  Một cửa   (thử) "}
    assert "Một cửa (thử)" in post(as_role("admin"), "/nguon-du-lieu/", "/nguon-du-lieu/ten", form).text
    with context.store.read() as session:
        assert {each.key: each.name for each in loads.sources(session)}["thu"] == "Một cửa (thử)"
    assert newest(context).detail == {"before": "Nguồn thử", "after": "Một cửa (thử)"}


@pytest.mark.parametrize("form", [{"khoa": "thu", "ten": ""}, {"khoa": "thu", "ten": "Gọi 0912345678"}])
def test_an_empty_name_or_one_with_a_telephone_is_not_taken(
    as_role: AsRole, context: StandingContext, form: dict[str, str]
):
    assert (
        "Hãy đặt một tên ngắn" in post(as_role("admin"), "/nguon-du-lieu/", "/nguon-du-lieu/ten", form).text
    )
    assert newest(context).action != "source_name"


def test_an_unknown_source_has_no_name(as_role: AsRole):
    form = {"khoa": "khong-co", "ten": "Tên"}
    assert post(as_role("admin"), "/nguon-du-lieu/", "/nguon-du-lieu/ten", form).status_code == 404
