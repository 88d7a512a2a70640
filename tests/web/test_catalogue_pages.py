"""The pages of the catalogues: found without accents, filled in by hand, dossiers put right by a worker, all of it logged."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient

from app.access import Role
from app.worker import Worker
from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, NOW, OVERDUE_A, STRANGE, StandingContext
from tracker.pipeline import catalogue_filling as filling
from tracker.store import audit
from tracker.store.bulk import BulkWriter
from tracker.store.models import Dossier, Unit, UnitAlias
from tracker.types import VN, DossierVersion
from tracker.types.catalogue import LimitTold

PROCEDURE = 900_000
GAPS, STRANGERS = "/danh-muc/thu-tuc-chua-co-thoi-han", "/danh-muc/don-vi-chua-co"
LIMIT = {
    "limit_text": "5 ngày làm việc",
    "channel": "",
    "valid_from": "01/01/2026",
    "source": "QĐ 12/QĐ-UBND",
    "statutory_text": "10 ngày làm việc",
    "case_name": "",
    "day_kind": "",
}
UNIT = {
    "code": "T99", "name": "UBND xã Thử", "level": "commune", "kind": "commune", "parent": "", "valid_to": "",
    "successor": "", "commune_class": "",
}  # fmt: skip
AsRole = Callable[[str], FlaskClient]


@pytest.fixture
def strange(context: StandingContext) -> StandingContext:
    """The world with a unit that nobody knows, which resolves two dossiers, and receives a third."""
    with context.store.transaction() as session:
        for number in (1, 7):
            session.get_one(Dossier, number).resolving_unit_id = STRANGE
            session.get_one(Dossier, number).flags = "UNIT_UNKNOWN"
        session.get_one(Dossier, 2).receiving_unit_id = STRANGE
    return context


def post(client: FlaskClient, page: str, action: str, form: dict[str, str]):
    return client.post(action, data={**form, "csrf_token": token(client, page)}, follow_redirects=True)


def limits(context: StandingContext) -> list[LimitTold]:
    with context.store.read() as session:
        procedure = filling.procedure_of(session, PROCEDURE)
    assert procedure
    return [each.limit for each in procedure.limits]


def dossier(context: StandingContext, number: int) -> DossierVersion:
    with context.store.read() as session:
        return BulkWriter(session).load([number])[number].version


def day(epoch: int | None) -> str:
    return f"{datetime.fromtimestamp(epoch or 0, VN):%d/%m/%Y}"


def last_acts(context: StandingContext, count: int) -> list[tuple[str, str, str, dict]]:
    with context.store.read() as session:
        return [(a.actor, a.action, a.subject, dict(a.detail)) for a in audit.recent_acts(session, count)]


# ---------------------------------------------------------------- looking


def test_procedures_and_units_are_found_without_accents(as_role: AsRole):
    client = as_role("auditor")
    page = client.get("/danh-muc/?q=chung thuc ban sao").text
    assert "Chứng thực" in page
    assert "Đất đai" not in page.split("<tbody")[1].split("</tbody>")[0]
    page = client.get("/danh-muc/don-vi?q=SO CONG thuong").text
    assert "Sở Công Thương tỉnh Đắk Lắk" in page
    assert "Không tìm thấy thủ tục nào" in client.get("/danh-muc/?q=khong co gi het").text


def test_gaps_come_with_their_counts_those_of_most_dossiers_first(as_role: AsRole, strange: StandingContext):
    client = as_role("reform")
    page = client.get(GAPS).text
    assert "Đăng ký biến động" in page
    assert "Điền thời hạn" in page
    page = client.get(STRANGERS).text
    assert ">2</td>" in page.replace("\\n", "")
    assert "UBND xã Tên Lạ (thử nghiệm)" in page


@pytest.mark.parametrize("role", [Role.DESK, Role.HEAD, Role.AUDITOR])
def test_who_does_not_fill_in_reads_without_forms(as_role: AsRole, strange: StandingContext, role: Role):
    client = as_role(role.value)
    for page in (f"/danh-muc/thu-tuc/{PROCEDURE}", f"/danh-muc/don-vi/{STRANGE}", GAPS, STRANGERS):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "/danh-muc/thu-tuc/900000/thoi-han" not in answer.text
    form = {**LIMIT, "csrf_token": token(client, "/tai-khoan")}
    assert client.post(f"/danh-muc/thu-tuc/{PROCEDURE}/thoi-han", data=form).status_code == 403
    assert client.post(f"/danh-muc/don-vi/{STRANGE}/la-don-vi", data=form).status_code == 403


def test_what_is_not_there_is_404(as_role: AsRole):
    client = as_role("admin")
    for page in ("/danh-muc/thu-tuc/123456", "/danh-muc/don-vi/123456"):
        assert client.get(page).status_code == 404


# ---------------------------------------------------------------- limits


def test_a_limit_filled_in_moves_the_dossiers_that_depend_on_it(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        for number in (1, 3):
            session.get_one(Dossier, number).limit_text = ""
        session.get_one(Dossier, 3).documented_due_at = None
        session.get_one(Dossier, 3).documented_reason = "LIMIT_MISSING"
    page = f"/danh-muc/thu-tuc/{PROCEDURE}"
    answer = post(as_role("reform"), page, f"{page}/thoi-han", LIMIT)
    assert "Đã ghi vào danh mục" in answer.text
    (found,) = limits(context)
    assert (found.limit_text, found.statutory_text, found.valid_from) == (
        "5 ngày làm việc",
        "10 ngày làm việc",
        date(2026, 1, 1),
    )
    (act,) = last_acts(context, 1)
    assert act[:3] == ("reform", "limit_add", f"procedure:{PROCEDURE}")
    assert act[3] | {"work": 0} == {
        "channel": "all",
        "from": "2026-01-01",
        "before": None,
        "after": "5 workday",
        "work": 0,
    }
    Worker(context, "w").run_until_idle()
    assert day(dossier(context, 3).documented_due_at) == "10/08/2026"
    assert dossier(context, 1).documented_due_at == dossier(context, 3).documented_due_at
    assert last_acts(context, 1)[0][:2] == ("reform", "dues_recomputed")
    text = as_role("auditor").get("/nhat-ky/").text
    assert "Điền thời hạn của thủ tục" in text
    assert "Tính lại hạn theo danh mục" in text
    text = as_role("desk").get(f"/ho-so/{OVERDUE_A}").text
    assert "công bố 5 ngày làm việc, theo luật 10 ngày làm việc" in text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("limit_text", "nhanh thôi", "Không đọc được thời hạn"),
        ("limit_text", "", "Hãy điền thời hạn"),
        ("valid_from", "31/02/2026", "Không có ngày này trong lịch"),
        ("source", "", "Hãy điền văn bản"),
    ],
)
def test_a_limit_that_cannot_be_is_told_beside_its_field_and_kept_in_the_form(
    as_role: AsRole, context: StandingContext, field: str, value: str, told: str
):
    page = f"/danh-muc/thu-tuc/{PROCEDURE}"
    answer = post(as_role("admin"), page, f"{page}/thoi-han", {**LIMIT, field: value})
    assert answer.status_code == 400
    assert told in answer.text
    assert 'value="10 ngày làm việc"' in answer.text
    assert limits(context) == []


def test_a_second_limit_ends_the_first_and_one_that_overlaps_is_refused(
    as_role: AsRole, context: StandingContext
):
    client, page = as_role("admin"), f"/danh-muc/thu-tuc/{PROCEDURE}"
    for given in ({}, {"limit_text": "3 ngày làm việc", "valid_from": "01/07/2026"}):
        post(client, page, f"{page}/thoi-han", {**LIMIT, **given})
    assert [each.valid_to for each in limits(context)] == [date(2026, 6, 30), None]
    assert last_acts(context, 1)[0][3]["before"] == "5 workday"
    answer = post(
        client,
        page,
        f"{page}/thoi-han",
        {**LIMIT, "limit_text": "3 ngày làm việc", "valid_from": "01/07/2026"},
    )
    assert "Danh mục đã có đúng thời hạn này" in answer.text


def test_a_procedure_of_the_data_may_be_another_one_of_the_catalogue(
    as_role: AsRole, context: StandingContext
):
    client, page = as_role("reform"), f"/danh-muc/thu-tuc/{PROCEDURE}"
    assert "Không có thủ tục nào" in post(client, page, f"{page}/la-thu-tuc", {"target": "9.999999"}).text
    assert "Đã ghi vào danh mục" in post(client, page, f"{page}/la-thu-tuc", {"target": "1.090101"}).text
    Worker(context, "w").run_until_idle()
    with context.store.read() as session:
        assert session.query(Dossier).filter_by(procedure_id=PROCEDURE).count() == 0
    assert "Thủ tục nào có hồ sơ cũng đã có thời hạn" in client.get(GAPS).text


# ---------------------------------------------------------------- units


def test_dossiers_of_a_strange_name_go_to_the_unit_that_it_is(as_role: AsRole, strange: StandingContext):
    client, page = as_role("reform"), f"/danh-muc/don-vi/{STRANGE}"
    assert "Không có đơn vị nào" in post(client, page, f"{page}/la-don-vi", {"target": "Sở Không Có"}).text
    assert "Đã ghi vào danh mục" in post(client, page, f"{page}/la-don-vi", {"target": f"T{BRANCH_B}"}).text
    Worker(strange, "w").run_until_idle()
    assert [dossier(strange, number).resolving_unit_id for number in (1, 2, 7)] == [BRANCH_B] * 3
    assert dossier(strange, 2).receiving_unit_id == BRANCH_B
    assert dossier(strange, 1).flags == ""
    assert "Mọi đơn vị ghi trong hồ sơ đều có trong danh mục" in client.get(STRANGERS).text
    assert [act[1] for act in last_acts(strange, 2)] == ["dues_recomputed", "unit_name"]
    # The finished one keeps the date by which it was judged.
    assert dossier(strange, 7).documented_due_at == dossier(strange, 8).documented_due_at


def test_a_strange_name_may_become_a_unit_of_its_own(as_role: AsRole, strange: StandingContext):
    client, page = as_role("admin"), f"/danh-muc/don-vi/{STRANGE}"
    for given, told in (
        ({"level": ""}, "Hãy chọn cấp"),
        ({"code": f"T{BRANCH_A}"}, "đã là của một đơn vị khác"),
        ({"parent": "Sở Không Có"}, "Trực thuộc: không có đơn vị nào"),
        ({"parent": "T99"}, "Trực thuộc: không có đơn vị nào"),
        ({"valid_to": "hôm qua"}, "Không phải ngày"),
    ):
        answer = post(client, page, f"{page}/dien", {**UNIT, **given})
        assert (answer.status_code, told in answer.text) == (400, True), told
    answer = post(client, page, f"{page}/dien", {**UNIT, "parent": "H15", "commune_class": "difficult"})
    assert "Đã ghi vào danh mục" in answer.text
    Worker(strange, "w").run_until_idle()
    with strange.store.read() as session:
        unit = session.get_one(Unit, STRANGE)
        assert (unit.code, unit.level, unit.kind, unit.commune_class) == (
            "T99",
            "commune",
            "commune",
            "difficult",
        )
        assert session.get_one(Unit, unit.parent_id).code == "H15"
        assert session.get_one(UnitAlias, "t99").unit_id == STRANGE
    assert dossier(strange, 1).flags == ""
    assert last_acts(strange, 2)[1][3] | {"work": 0} == {"before": "unknown", "after": "commune", "work": 0}


def test_a_known_unit_gets_its_successor_and_not_itself(as_role: AsRole, context: StandingContext):
    client, page = as_role("admin"), f"/danh-muc/don-vi/{BRANCH_A}"
    form = {**UNIT, "code": f"T{BRANCH_A}", "name": "Chi nhánh Một", "level": "province", "kind": "branch"}
    answer = post(client, page, f"{page}/dien", {**form, "successor": f"T{BRANCH_A}"})
    assert "là chính đơn vị này" in answer.text
    answer = post(
        client, page, f"{page}/dien", {**form, "valid_to": "30/06/2026", "successor": f"T{BRANCH_B}"}
    )
    assert "Đã ghi vào danh mục" in answer.text
    with context.store.read() as session:
        assert session.get_one(Unit, BRANCH_A).successor_id == BRANCH_B
    post(client, page, f"{page}/dien", form)  # what is emptied in the form is meant so
    with context.store.read() as session:
        unit = session.get_one(Unit, BRANCH_A)
        assert (unit.successor_id, unit.valid_to) == (None, None)
    assert NOW.year == 2026
