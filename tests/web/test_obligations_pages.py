"""The pages of obligations: dates side by side, what persons decide with a reason, by role and unit, one or a whole list."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.letter_offers import OFFERS, Subject
from tests.web.conftest import token
from tests.web.letter_desk import drafted, states
from tests.web.world import BRANCH_A, BRANCH_B, NAME, OFFICE, StandingContext
from tracker.store import audit, letter_rows, people
from tracker.store.letter_rows import ListedDuty
from tracker.store.models import Obligation

AsRole = Callable[[str], FlaskClient]
LIST = "/thu-xin-loi/nghia-vu/"
DOSSIER, CODE = 3, "T01-260803-0003"
WHY = "Giấy tiếp nhận in sai ngày hẹn"
# What each act is sent with, and what the obligation has become.
CASES: dict[str, tuple[dict[str, str], Callable[[ListedDuty], object], object]] = {
    "phai-xin-loi": ({"ly-do": WHY}, lambda row: (row.state, row.note, row.decided_by), ("owed", WHY, "head")),
    "khong-phai-gui": ({"ly-do": WHY}, lambda row: (row.state, row.note, row.decided_by), ("waived", WHY, "head")),
    "ly-do-qua-han": ({"ly-do": WHY}, lambda row: (row.state, row.late_reason), ("to_check", WHY)),
    "don-vi-gay-qua-han": (
        {"ly-do": WHY, "don-vi-loi": str(BRANCH_B)}, lambda row: (row.fault_unit_id, row.unit_id), (BRANCH_B, BRANCH_B),
    ),
}  # fmt: skip
HEADS_ALONE = {"phai-xin-loi", "khong-phai-gui", "don-vi-gay-qua-han"}


def press(client: FlaskClient, act: str, ids: list[int], **form: Any) -> Any:
    sent = {"csrf_token": token(client, "/tai-khoan"), "chon": [str(number) for number in ids], **form}
    route = "quyet-dinh" if act in HEADS_ALONE else "viec"
    return client.post(f"/thu-xin-loi/{route}/{act}", data=sent)


def duty(context: StandingContext, dossier_id: int = DOSSIER) -> ListedDuty:
    with context.store.read() as session:
        [row] = letter_rows.duties_by_id(session, [dossier_id], None)
    return row


def put_into(context: StandingContext, unit_id: int) -> None:
    """Both accounts of the office into another unit."""
    with context.store.transaction() as session:
        for login in ("head", "desk"):
            account = people.find_login(session, login)
            assert account
            session.get_one(people.User, account.account_id).unit_id = unit_id


def test_every_act_on_obligations_is_tried_here():
    assert set(CASES) == {key for key, offer in OFFERS.items() if offer.subject is Subject.DUTIES}


@pytest.mark.parametrize("act", CASES)
def test_a_decision_is_made_by_its_roles_in_their_own_unit_and_by_nobody_else(
    as_role: AsRole, context: StandingContext, act: str
):
    form, read, becomes = CASES[act]
    before = duty(context)
    for role in ("auditor", "reform", "admin", *(["desk"] if act in HEADS_ALONE else [])):
        assert press(as_role(role), act, [DOSSIER], **form).status_code == 403
    put_into(context, BRANCH_B)
    assert press(as_role("head"), act, [DOSSIER], **form).status_code == 302
    assert duty(context) == before
    put_into(context, BRANCH_A)
    assert press(as_role("head"), act, [DOSSIER], **{**form, "ly-do": " "}).status_code == 400
    role = "head" if act in HEADS_ALONE else "desk"
    assert press(as_role(role), act, [DOSSIER], ve="mot", **form).status_code == 302
    assert read(duty(context)) == becomes
    with context.store.read() as session:
        last = audit.recent_acts(session, 1)[0]
    assert (last.actor, last.detail["dossiers"], WHY in str(last.detail)) == (role, [DOSSIER], False)


def test_a_unit_that_is_none_is_not_at_fault(as_role: AsRole, context: StandingContext):
    for unit in ("", "999999", "x"):
        answer = press(as_role("head"), "don-vi-gay-qua-han", [DOSSIER], **{"ly-do": WHY, "don-vi-loi": unit})
        assert answer.status_code == 400
    assert duty(context).fault_unit_id is None


def test_what_waits_for_a_person_shows_its_dates_side_by_side_with_the_reason(as_role: AsRole):
    for address in (LIST, f"{LIST}{DOSSIER}"):
        page = as_role("desk").get(address).text
        assert "Quá hạn tính theo quy định, nhưng chưa quá ngày hẹn của hệ thống nguồn" in page
        assert "24/08/2026" in page
        assert f"/ho-so/{CODE}#phieu-tinh-han" in page


@pytest.mark.parametrize(("role", "acts"), [("head", True), ("auditor", False), ("reform", False)])
def test_who_only_reads_gets_no_forms_and_no_names(as_role: AsRole, role: str, acts: bool):
    for address in (LIST, f"{LIST}{DOSSIER}"):
        page = as_role(role).get(address).text
        assert (NAME in page, "Không phải gửi</button>" in page) == (acts, acts)


def test_an_obligation_of_another_unit_has_no_page(as_role: AsRole, context: StandingContext):
    put_into(context, BRANCH_B)
    assert as_role("head").get(f"{LIST}{DOSSIER}").status_code == 404
    assert CODE not in as_role("head").get(LIST).text


def test_waiving_voids_the_draft_and_says_how_many(as_role: AsRole, context: StandingContext):
    [letter] = drafted(context, 1)
    head = as_role("head")
    with context.store.read() as session:
        [row] = letter_rows.letters_by_id(session, [letter], None)
    press(head, "khong-phai-gui", [row.dossier_id], ve="mot", **{"ly-do": WHY})
    assert states(context, [letter]) == ["void"]
    page = head.get(f"{LIST}{row.dossier_id}").text
    assert "1 thư chưa ký đã hủy." in page
    assert "Không phải gửi" in page


def test_what_is_from_before_the_start_is_opened_by_unit_with_a_reason(
    as_role: AsRole, context: StandingContext
):
    drafted(context, 3)
    with context.store.transaction() as session:
        for number in (1001, 1002, 1003):
            row = session.get_one(Obligation, number)
            row.state, row.reason = "before_start", "before_start"
        session.get_one(Obligation, 1003).unit_id = OFFICE
    head = as_role("head")
    page = head.get(
        f"/thu-xin-loi/xac-nhan?viec=phai-xin-loi&trang-thai=before_start&don-vi={BRANCH_A}&tat-ca=1"
    )
    assert "2 hồ sơ chuyển sang “Phải gửi”" in page.text
    with context.store.read() as session:
        chosen = letter_rows.RowFilter(frozenset({BRANCH_A}), "before_start")
        assert letter_rows.duty_ids(session, chosen) == [1001, 1002]
    press(head, "phai-xin-loi", [1001, 1002, 1003], **{"ly-do": WHY})
    assert [duty(context, number).state for number in (1001, 1002, 1003)] == ["owed", "owed", "before_start"]
