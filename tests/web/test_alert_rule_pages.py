"""The pages of alert rules and of leave: the ladder of a scope, a rule looked at before it is set, who may, who stands in."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.alert_rules_page import LADDERS
from notifications.alerts.leave_acts import LeaveActor, enter_leave
from notifications.alerts.rule_acts import Actor
from notifications.alerts.rungs import Ladder
from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, NAME, NOW, OFFICE, StandingContext
from tracker.store import absence_store, alert_rule_store, audit, people
from tracker.store.absence_store import NewAbsence
from tracker.store.audit import Act

AsRole = Callable[[str], FlaskClient]
RULES, LEAVE = "/canh-bao/quy-tac", "/canh-bao/nghi-phep"
UNIT_A, UNIT_B, UNIT_OFFICE = f"T{BRANCH_A}", f"T{BRANCH_B}", f"T{OFFICE}"
TODAY = NOW.date()
FORM = {
    "don-vi": UNIT_A, "moc": "days_left", "muc": "4", "nguoi": ["desk", "division"], "tu": "24/08/2026",
    "ly-do": "Theo quy chế",
}  # fmt: skip
MARK = re.compile(r'name="da-xem" value="(\w+)"')
FAULT = re.compile(r'<p class="fault" id="([\w-]+)-fault">([^<]+)</p>')
SHIPPED = 4 + 1  # rules and takings-back of `tests.web.alert_sets`


def post(client: FlaskClient, address: str, form: dict[str, Any], **change: Any) -> Any:
    changed = {name.replace("_", "-"): each for name, each in change.items()}
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **form, **changed})


def rules(context: StandingContext) -> list[alert_rule_store.RuleEntry]:
    with context.store.read() as session:
        return alert_rule_store.rule_entries(session)[SHIPPED:]


def acts(context: StandingContext) -> list[Act]:
    with context.store.read() as session:
        found = audit.recent_acts(session, 20)[::-1]
    return [act for act in found if act.action.startswith(("alert_rule", "leave"))]


def rows(page: str) -> list[str]:
    """The rows of the ladder, as words."""
    table = page.partition('id="bac-thang"')[2].partition("</table>")[0]
    found = re.findall(r"<tr role=\"row\"(?: class=\"rung-off\")?>(.*?)</tr>", table, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


# ---------------------------------------------------------------- the ladder


def test_the_ladder_is_that_of_the_own_unit_with_where_each_rung_comes_from(as_role: AsRole):
    page = as_role("desk").get(RULES).text
    assert "Ngày 24/08/2026: Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một" in page
    ladder = rows(page)
    assert "Còn không quá 2 ngày làm việc người xử lý, bộ phận Một cửa có sẵn" in ladder
    (own,) = [row for row in ladder if "từ 10 ngày làm việc" in row]
    assert "Văn phòng Đăng ký đất đai (thử nghiệm)" in own
    assert "reform đặt 24/08/2026 09:30, từ 24/08/2026: Quy chế phối hợp (thử nghiệm)" in own
    assert [row for row in ladder if "Còn không quá 5 ngày" in row] == []  # from 07/09 on, in one field


def test_what_is_off_is_shown_as_off(as_role: AsRole):
    ladder = rows(as_role("reform").get(f"{RULES}?don-vi={UNIT_B}").text)
    (off,) = [row for row in ladder if "Tạm dừng lâu" in row]
    assert "tắt" in off
    assert "Đã theo dõi bằng sổ riêng" in off
    assert [row for row in ladder if "Quá hạn từ 3 ngày" in row] == []  # taken back


def test_of_a_procedure_the_rules_of_its_field_hold_on_a_later_day(as_role: AsRole):
    page = as_role("desk").get(f"{RULES}?thu-tuc=T.001&ngay=07/09/2026").text
    (row,) = [row for row in rows(page) if "Còn không quá 5 ngày làm việc" in row]
    assert "báo ngay" in row
    assert "lĩnh vực Đất đai (thử)" in row
    assert "Nguồn dữ liệu im lặng" not in page  # no dossier's


@pytest.mark.parametrize(
    ("address", "field", "said"),
    [
        ("?thu-tuc=khong-co", "xem-thu-tuc", "Không có thủ tục nào khớp"),
        ("?linh-vuc=99", "xem-linh-vuc", "Hãy chọn một lĩnh vực"),
        ("?linh-vuc=900000&thu-tuc=T.001", "xem-thu-tuc", "không cả hai"),
        ("?ngay=31/02/2026", "xem-ngay", "không phải là ngày"),
        (f"?don-vi={UNIT_B}", "xem-don-vi", "Hãy chọn một đơn vị"),  # of others
        ("?don-vi=tat-ca", "xem-don-vi", "Hãy chọn một đơn vị"),
    ],
)
def test_what_cannot_be_looked_at_is_told_and_the_own_unit_shown(
    as_role: AsRole, address: str, field: str, said: str
):
    page = as_role("head").get(f"{RULES}{address}").text
    assert [(name, said in words) for name, words in FAULT.findall(page)] == [(field, True)]
    assert "khu vực Thử Nghiệm Một" in page


def test_a_unit_that_was_not_asked_for_by_right_shows_nothing_of_its_rules(as_role: AsRole):
    assert "Đã theo dõi bằng sổ riêng" not in as_role("head").get(f"{RULES}?don-vi={UNIT_B}").text
    assert "Đã theo dõi bằng sổ riêng" in as_role("auditor").get(f"{RULES}?don-vi={UNIT_B}").text


def test_every_ladder_has_its_words():
    assert set(LADDERS) == set(Ladder)


# ---------------------------------------------------------------- set


def test_a_rule_is_set_only_after_its_author_has_seen_what_it_changes(
    as_role: AsRole, context: StandingContext
):
    head = as_role("head")
    looked = post(head, f"{RULES}/dat", FORM, lam="xem")
    assert looked.status_code == 200
    assert "Còn không quá 4 ngày làm việc: báo bộ phận Một cửa, thủ trưởng đơn vị xử lý" in looked.text
    assert re.search(r"<b>\d+</b> hồ sơ đang mở nằm trong phạm vi này", looked.text)
    assert "Trong 20 ngày làm việc qua (từ 29/07/2026)" in looked.text
    assert rules(context) == []
    mark = MARK.findall(looked.text)[0]
    changed = post(head, f"{RULES}/dat", FORM, lam="dat", da_xem=mark, muc="5")
    assert changed.status_code == 200
    assert "Còn không quá 5 ngày làm việc: báo" in changed.text  # shown again: it is another rule
    assert rules(context) == []
    assert post(head, f"{RULES}/dat", FORM, lam="dat", da_xem=mark).location == f"{RULES}?don-vi={UNIT_A}"
    (rule,) = rules(context)
    assert (rule.measure, rule.threshold, rule.unit_id, rule.who) == (
        "days_left",
        4,
        BRANCH_A,
        "desk division",
    )
    (act,) = acts(context)[-1:]
    assert (act.actor, act.action, act.subject) == ("head", "alert_rule_set", "alert_rule:6")
    assert act.detail == {
        "measure": "days_left", "threshold": 4, "on": True, "who": "desk division", "urgent": False,
        "start": "2026-08-24", "unit": BRANCH_A,
    }  # fmt: skip
    page = head.get(RULES).text
    assert "Đã đặt quy tắc, có hiệu lực từ 24/08/2026" in page
    assert [row for row in rows(page) if "Còn không quá 4 ngày làm việc" in row and "head đặt" in row]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"muc": "99"}, "muc", "từ 0 đến 60"),
        ({"muc": "hai"}, "muc", "bằng một số"),
        ({"moc": ""}, "moc", "Hãy chọn mốc."),
        ({"nguoi": []}, "nguoi", "ít nhất một người"),
        ({"nguoi": ["admin"]}, "nguoi", "không báo cho quản trị"),
        ({"tu": "23/08/2026"}, "tu", "từ hôm nay trở đi"),
        ({"tu": "x"}, "tu", "không phải là ngày"),
        ({"ly_do": " "}, "ly-do", "lý do"),
    ],
)
def test_a_rule_that_cannot_be_is_told_by_its_field_and_keeps_what_was_typed(
    as_role: AsRole, context: StandingContext, change: dict[str, Any], field: str, said: str
):
    answer = post(as_role("head"), f"{RULES}/dat", FORM, lam="dat", **change)
    assert answer.status_code == 400
    assert [(name, said in words) for name, words in FAULT.findall(answer.text)] == [(field, True)]
    assert "Chưa đặt quy tắc" in answer.text
    assert rules(context) == []


@pytest.mark.parametrize("unit", [UNIT_B, UNIT_OFFICE, "tat-ca"])
def test_a_head_sets_rules_for_the_own_units_only(as_role: AsRole, context: StandingContext, unit: str):
    answer = post(as_role("head"), f"{RULES}/dat", FORM, don_vi=unit, lam="dat")
    assert answer.status_code == 400
    assert rules(context) == []


@pytest.mark.parametrize("role", ["reform", "admin"])
def test_reform_and_administrators_set_rules_everywhere(as_role: AsRole, context: StandingContext, role: str):
    client = as_role(role)
    for unit in ("tat-ca", UNIT_B):
        mark = MARK.findall(post(client, f"{RULES}/dat", FORM, don_vi=unit, lam="xem").text)[0]
        assert post(client, f"{RULES}/dat", FORM, don_vi=unit, lam="dat", da_xem=mark).status_code == 302
    assert [rule.unit_id for rule in rules(context)] == [None, BRANCH_B]


@pytest.mark.parametrize("role", ["desk", "auditor"])
def test_desks_and_inspectors_read_and_set_nothing(as_role: AsRole, context: StandingContext, role: str):
    client = as_role(role)
    assert "Đặt quy tắc" not in client.get(RULES).text
    assert post(client, f"{RULES}/dat", FORM, lam="dat").status_code == 403
    assert post(client, f"{RULES}/1/rut", {"ly-do": "x"}).status_code == 403
    assert rules(context) == []


def test_the_same_rule_twice_is_told(as_role: AsRole):
    head = as_role("head")
    mark = MARK.findall(post(head, f"{RULES}/dat", FORM, lam="xem").text)[0]
    post(head, f"{RULES}/dat", FORM, lam="dat", da_xem=mark)
    again = post(head, f"{RULES}/dat", FORM, lam="dat", da_xem=mark)
    assert again.status_code == 400
    assert "đã có quy tắc nói như vậy" in again.text


def test_a_rung_is_changed_from_its_line_with_what_it_says_now(as_role: AsRole):
    head = as_role("head")
    page = head.get(RULES).text
    link = re.search(r'href="([^"]+moc=days_left&amp;muc=0[^"]+)#dat"', page)
    assert link
    form = head.get(link[1].replace("&amp;", "&")).text
    assert '<option value="days_left" selected>' in form
    assert form.count('name="nguoi"') - form.count(" checked>Quản trị") == 6
    assert len(re.findall(r'name="nguoi" value="(?:handler|desk|division)" checked', form)) == 3
    assert 'name="bao-ngay" value="co" checked' in form


# ---------------------------------------------------------------- taken back, history


def test_a_rule_is_taken_back_with_a_reason_and_the_history_keeps_both(
    as_role: AsRole, context: StandingContext
):
    reform = as_role("reform")
    sent = post(reform, f"{RULES}/1/rut", {"ly-do": "Họp giao ban", "don-vi": UNIT_OFFICE})
    assert sent.location == f"{RULES}?don-vi={UNIT_OFFICE}"
    page = reform.get(sent.location).text
    assert "Đã rút quy tắc; ở phạm vi này dùng lại quy tắc rộng hơn" in page
    assert [row for row in rows(page) if "từ 10 ngày làm việc" in row] == []
    history = page.partition('id="da-dat"')[2]
    assert "Họp giao ban" in history
    assert "Đã rút" in history
    assert (acts(context)[-1].action, acts(context)[-1].detail) == (
        "alert_rule_restored",
        {"of": "alert_rule:1"},
    )
    post(reform, f"{RULES}/1/rut", {"ly-do": "x"})
    assert "đã được thay hoặc đã rút" in reform.get(RULES).text


def test_a_head_takes_no_rule_of_a_wider_scope_back(as_role: AsRole, context: StandingContext):
    head = as_role("head")
    assert "Quy chế phối hợp" in head.get(RULES).text
    assert "/rut" not in head.get(RULES).text
    post(head, f"{RULES}/1/rut", {"ly-do": "x"})
    assert "Không có quy tắc số 1 trong phạm vi của bạn." in head.get(RULES).text
    assert rules(context) == []


def test_a_long_history_goes_on_page_after_page(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        row = alert_rule_store.NewRow(
            "days_late", 8, BRANCH_A, None, None, "unit", False, True, TODAY, "Lần thứ"
        )
        for _ in range(55):
            alert_rule_store.add_rule(session, row, by="reform", at=NOW)
    reform = as_role("reform")
    first = reform.get(f"{RULES}?don-vi={UNIT_A}").text.partition('id="da-dat"')[2]
    older = re.search(r'href="([^"]+truoc=\d+[^"]*)#da-dat"', first)
    assert older
    second = reform.get(older[1].replace("&amp;", "&")).text.partition('id="da-dat"')[2]
    assert (first.count("Lần thứ"), second.count("Lần thứ")) == (50, 5)
    assert first.count("/rut") == 1  # only the last one speaks


# ---------------------------------------------------------------- leave


def leaves(context: StandingContext) -> list[tuple[str, str, str, str]]:
    with context.store.read() as session:
        found = absence_store.absences(session, TODAY)
    return [
        (row.login, f"{row.first_day:%d/%m}", f"{row.last_day:%d/%m}", row.delegate_login) for row in found
    ]


OWN_LEAVE = {"tu": "24/08/2026", "den": "26/08/2026", "thay": "head"}
STANDING = ("desk", "07/09", "11/09", "head")  # of `tests.web.alert_sets`


def test_a_desk_enters_its_own_leave_with_who_stands_in_and_ends_it(
    as_role: AsRole, context: StandingContext
):
    desk = as_role("desk")
    assert 'id="tai-khoan"' not in desk.get(LEAVE).text
    assert post(desk, f"{LEAVE}/ghi", OWN_LEAVE).location == LEAVE
    assert leaves(context) == [("desk", "24/08", "26/08", "head"), STANDING]
    page = desk.get(LEAVE).text
    assert "Đã ghi đợt nghỉ từ 24/08/2026 đến 26/08/2026." in page
    assert "Đang nghỉ" in page
    post(desk, f"{LEAVE}/2/ket-thuc", {})
    assert leaves(context) == [STANDING]
    assert "Kết thúc sớm" in desk.get(LEAVE).text.partition('id="da-qua"')[2]
    assert [(act.action, act.subject, act.detail) for act in acts(context)[-2:]] == [
        (
            "leave_set",
            "absence:2",
            {"of": "user:1", "start": "2026-08-24", "end": "2026-08-26", "delegate": 2},
        ),
        ("leave_ended", "absence:2", {}),
    ]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"tu": "23/08/2026"}, None, "không trước hôm nay"),
        ({"den": ""}, "den", "Hãy ghi ngày."),
        ({"den": "23/08/2026"}, None, "trước ngày đầu tiên"),
        ({"thay": "desk"}, "thay", "Hãy chọn người làm thay"),
        ({"thay": "admin"}, "thay", "Hãy chọn người làm thay"),
        ({"tu": "10/09/2026", "den": "15/09/2026"}, None, "Đã có đợt nghỉ 07/09/2026–11/09/2026"),
    ],
)
def test_a_leave_that_cannot_be_is_told(
    as_role: AsRole, context: StandingContext, change: dict[str, str], field: str | None, said: str
):
    answer = post(as_role("desk"), f"{LEAVE}/ghi", OWN_LEAVE, **change)
    assert answer.status_code == 400
    assert said in answer.text
    # A field that is not on the page is told above the form only.
    assert {name for name, _ in FAULT.findall(answer.text)} == (
        {field} if field in ("den", "thay") else set()
    )
    assert leaves(context) == [STANDING]


def test_a_head_enters_the_leave_of_the_own_unit_an_administrator_everybodys(
    as_role: AsRole, context: StandingContext
):
    head, admin = as_role("head"), as_role("admin")
    assert set(re.findall(r'<option value="(\w+)"', _choice(head.get(LEAVE).text))) == {"desk", "head"}
    assert set(re.findall(r'<option value="(\w+)"', _choice(admin.get(LEAVE).text))) == {
        "desk", "head", "reform", "admin",
    }  # fmt: skip
    assert post(head, f"{LEAVE}/ghi", OWN_LEAVE, tai_khoan="desk").status_code == 302
    assert post(head, f"{LEAVE}/ghi", OWN_LEAVE, tai_khoan="reform").status_code == 400
    assert post(admin, f"{LEAVE}/ghi", {**OWN_LEAVE, "thay": ""}, tai_khoan="reform").status_code == 302
    assert {row[0] for row in leaves(context)} == {"desk", "reform"}


def _choice(page: str) -> str:
    return page.partition('id="tai-khoan"')[2].partition("</select>")[0]


def test_reform_sees_and_ends_its_own_leave_only(as_role: AsRole, context: StandingContext):
    reform = as_role("reform")
    assert "Tài khoản desk" not in reform.get(LEAVE).text.partition('id="ghi"')[0]
    post(reform, f"{LEAVE}/1/ket-thuc", {})
    assert "Không có đợt nghỉ số 1 còn hiệu lực trong phạm vi của bạn." in reform.get(LEAVE).text
    assert leaves(context) == [STANDING]


def test_a_desk_enters_no_leave_of_others(as_role: AsRole, context: StandingContext):
    answer = post(as_role("desk"), f"{LEAVE}/ghi", OWN_LEAVE, tai_khoan="head", thay="")
    assert answer.status_code == 400
    assert "Chưa ghi đợt nghỉ" in answer.text
    assert leaves(context) == [STANDING]


def test_an_inspector_has_no_alerts_and_no_leave(as_role: AsRole):
    assert as_role("auditor").get(LEAVE).status_code == 403


def test_a_leave_that_is_over_is_shown_for_thirty_days(as_role: AsRole, context: StandingContext):
    early = NOW - timedelta(days=40)
    with context.store.read() as session:
        desk = people.find_login(session, "desk")
    assert desk
    for first, last in ((2, 8), (20, 25)):
        days = (early.date() + timedelta(days=first), early.date() + timedelta(days=last))
        entering = LeaveActor(Actor("admin", early), None, is_admin=True)
        enter_leave(context.store, NewAbsence(desk.account_id, *days, None), entering)
    past = as_role("desk").get(LEAVE).text.partition('id="da-qua"')[2]
    assert past.count("Đã hết") == 1


def test_neither_page_names_an_applicant(as_role: AsRole):
    for role in ("desk", "reform"):
        client = as_role(role)
        assert NAME not in client.get(RULES).text + client.get(LEAVE).text
