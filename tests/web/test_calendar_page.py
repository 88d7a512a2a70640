"""The calendar's pages: a year with its notices; a change is seen, proposed, decided by a second person, undone."""

import re
from datetime import date

import pytest

from tests.web.works import done, led_to, work_all
from tests.web.world import BRANCH_A, OVERDUE_A, OVERDUE_B, at
from tracker.store import audit, calendar_moves, people
from tracker.store.models import Letter

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

NEW_YEAR = "/lich-lam-viec/?nam=2027"
TOTAL = re.compile(r"\d+ hồ sơ đang giải quyết (sẽ|đã) dời hạn")
NOTICE = {"name": "Nghỉ bão", "notice": "CĐ 12/CĐ-UBND (thử nghiệm)", "reason": "Bão số 9 (thử nghiệm)"}


def token(client, address: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found, address
    return found[1]


def ask(client, kind: str, act: str, **given: str):
    address = f"/lich-lam-viec/de-nghi/{kind}"
    form = {"csrf_token": token(client, address), "calendar": "VN", "lam": act, **given}
    return client.post(address, data=form)


def propose(client, kind: str = "nghi", **given: str) -> str:
    """The address of the recorded proposal."""
    answer = done(client, ask(client, kind, "gui", **{**NOTICE, **given}))
    assert answer.status_code == 200, answer.text
    return answer.request.path


def decide(client, page: str, act: str, **given: str):
    seen = client.get(page).text
    digest = re.search(r'name="digest" value="([^"]+)"', seen)
    form = {"csrf_token": token(client, page), "digest": digest[1] if digest else "", **given}
    answer = done(client, client.post(f"{page}/{act}", data=form))
    return client.get(answer.location) if answer.status_code == 302 else answer


def test_a_year_shows_its_days_off_with_their_notices(as_role):
    page = as_role("desk").get("/lich-lam-viec/?nam=2026").text
    assert page.count('<table class="month">') == 12
    for told in ("Ngày Văn hóa Việt Nam", "12729/VPCP-KGVX", "22/08/2026", "làm bù"):
        assert told in page
    assert "Đề nghị thay đổi" not in page


def test_a_year_without_notices_says_that_it_is_provisional(as_role):
    assert "còn tạm tính" in as_role("desk").get(NEW_YEAR).text


def test_a_year_that_is_not_loaded_shows_the_nearest_one(as_role):
    assert "Lịch làm việc 2018" in as_role("desk").get("/lich-lam-viec/?nam=1999").text


def test_a_preview_tells_what_moves_and_records_nothing(as_role):
    client = as_role("admin")
    seen = done(client, ask(client, "nghi", "xem", **NOTICE, first="31/08/2026")).text
    assert "Ảnh hưởng" in seen
    assert "hồ sơ đang giải quyết" in seen
    assert "Gửi đề nghị" in seen
    assert 'value="31/08/2026"' in seen
    assert "Thay đổi số 2" not in client.get("/lich-lam-viec/").text


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("nghi", {"first": "31/02/2026"}, "không phải là ngày"),
        ("nghi", {"first": "05/01/2026", "last": "04/01/2026"}, "Khoảng nghỉ phải từ 1 đến 31 ngày"),
        ("nghi", {"first": "05/01/2030"}, "2030"),
        ("hoan-doi", {"off": "23/11/2026"}, "Hãy điền ngày làm bù"),
        ("nua-ngay", {"worked": "30/12/2026", "sessions": "bảy giờ"}, "bảy giờ"),
        ("bo", {"gone": "30/12/2026"}, "30/12/2026"),
    ],
)
def test_what_cannot_be_is_told_in_words_and_recorded_nowhere(as_role, kind, given, told):
    client = as_role("admin")
    answer = ask(client, kind, "gui", **NOTICE, **given)
    assert answer.status_code == 400
    assert told in answer.text
    assert "Thay đổi số 2" not in client.get("/lich-lam-viec/").text


def test_the_one_who_asked_cannot_approve_and_a_second_person_can(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="25/08/2026")
    assert "Chờ người thứ hai duyệt" in admin.get(page).text
    assert "Duyệt và áp dụng" not in admin.get(page).text
    assert "cần người thứ hai" in decide(admin, page, "duyet").text
    assert context.calendar.is_working(_day(25))
    assert "Đã áp dụng" in decide(reform, page, "duyet").text
    assert not context.calendar.is_working(_day(25))
    assert "Nghỉ bão" in reform.get("/lich-lam-viec/?nam=2026").text


def _day(day: int):
    return date(2026, 8, day)


def test_an_applied_change_is_undone_by_two_persons_again(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="25/08/2026")
    decide(reform, page, "duyet")
    undo = decide(reform, page, "hoan-tac", reason="Bão không vào (thử nghiệm)").request.path
    assert undo != page
    assert not context.calendar.is_working(_day(25))
    assert "Đã áp dụng" in decide(admin, undo, "duyet").text
    assert context.calendar.is_working(_day(25))
    assert "Đã được hoàn tác bởi" in admin.get(page).text


def test_a_proposal_is_turned_down_with_a_word_why_or_withdrawn(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    first, second = propose(admin, first="25/08/2026"), propose(admin, first="26/08/2026")
    assert "Bị từ chối" in decide(reform, first, "tu-choi", note="Chưa có công điện").text
    assert "Chưa có công điện" in admin.get(first).text
    assert "Đã rút" in decide(admin, second, "rut").text
    assert context.calendar.is_working(_day(25))


def test_the_journal_and_the_dossier_say_what_moved_and_why(as_role):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="14/08/2026")
    decide(reform, page, "duyet")
    assert OVERDUE_A in reform.get(page).text
    told = as_role("auditor").get(f"/ho-so/{OVERDUE_A}").text
    assert "Lịch làm việc đổi" in told
    assert "Bão số 9 (thử nghiệm)" in told


@pytest.mark.parametrize("role", ["auditor", "reform"])
def test_a_unit_reads_the_codes_of_its_own_dossiers_and_the_totals_of_all(app, as_role, context, role):
    page = propose(as_role("admin"), first="14/08/2026")
    decide(as_role("reform"), page, "duyet")
    whole = as_role(role).get(page).text
    assert OVERDUE_A in whole
    assert OVERDUE_B in whole
    with context.store.transaction() as session:
        account = people.find_login(session, role)
        session.get_one(people.User, account.account_id).unit_id = BRANCH_A
    own = as_role(role).get(page).text
    assert OVERDUE_A in own
    assert OVERDUE_B not in own
    assert TOTAL.search(own)[0] == TOTAL.search(whole)[0]
    assert "là của cả tỉnh" in own


def test_a_preview_shows_a_unit_examples_of_its_own_and_an_administrator_none(app, as_role, context):
    with context.store.transaction() as session:
        account = people.find_login(session, "reform")
        session.get_one(people.User, account.account_id).unit_id = BRANCH_A
    reform, admin = as_role("reform"), as_role("admin")
    seen = done(reform, ask(reform, "nghi", "xem", **NOTICE, first="14/08/2026")).text
    assert OVERDUE_A in seen
    assert OVERDUE_B not in seen
    told = done(admin, ask(admin, "nghi", "xem", **NOTICE, first="14/08/2026")).text
    assert TOTAL.search(told)[0] == TOTAL.search(seen)[0]
    assert "T01-" not in told


def test_an_administrator_decides_by_the_totals_without_a_dossiers_code(as_role):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(reform, first="14/08/2026")
    assert "T01-" not in decide(admin, page, "duyet").text
    assert "Mã hồ sơ chỉ hiện cho vai trò được mở hồ sơ" in admin.get(page).text
    assert TOTAL.search(admin.get(page).text)[0] == TOTAL.search(reform.get(page).text)[0]


def test_only_codes_of_ones_own_units_are_told(context):
    with context.store.read() as session:
        own = calendar_moves.codes_of_units(session, [OVERDUE_B, "T01-260803-0003"], frozenset({BRANCH_A}))
    assert own == {"T01-260803-0003"}


def test_a_letter_written_before_stays_and_says_that_the_calendar_moved(as_role, context):
    add_letter_for_the_open_dossier(context)
    admin, reform, auditor = as_role("admin"), as_role("reform"), as_role("auditor")
    assert "Lịch làm việc đã đổi" not in auditor.get(f"/ho-so/{OVERDUE_A}").text
    page = propose(admin, first="14/08/2026")
    assert "1 thư đã soạn" in reform.get(page).text
    decide(reform, page, "duyet")
    for address in (f"/ho-so/{OVERDUE_A}", "/thu-xin-loi"):
        told = auditor.get(address).text
        assert "Lịch làm việc đã đổi sau khi soạn" in told, address
        assert "thay đổi số 2" in told, address


def add_letter_for_the_open_dossier(context) -> None:
    with context.store.transaction() as session:
        session.add(
            Letter(
                id=2, dossier_id=1, seq=1, kind="overdue", form="2025", state="drafted", unit_id=BRANCH_A,
                as_of=at(24), due_at=at(20), new_due_at=at(31), reason="Thử nghiệm", short_code="AB12CE",
                file="", number=None, issued_on=None,
            )
        )  # fmt: skip


def test_a_unit_gets_a_calendar_of_its_own(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    own = {"calendar": "B", "key": "THU7", "name": "Làm cả sáng thứ Bảy", "source": "QĐ 5/QĐ (thử nghiệm)"}
    hours = {"sessions": "07:00-11:30 13:30-17:00", "saturday": "07:00-11:30", "reason": "Đông hồ sơ"}
    decide(reform, propose(admin, "lich-moi", **own, **hours), "duyet")
    assigned = {"calendar": "THU7", "unit": "900001", "since": "01/09/2026", "source": "QĐ 6/QĐ (thử nghiệm)"}
    decide(reform, propose(admin, "don-vi", **assigned, reason="Đông hồ sơ"), "duyet")
    seen = admin.get("/lich-lam-viec/?lich=THU7").text
    assert "Thứ Bảy: 07:00–11:30" in seen
    assert "từ 01/09/2026" in seen


@pytest.mark.parametrize("role", ["desk", "head", "auditor"])
def test_other_roles_see_the_calendar_and_change_nothing(as_role, role):
    client = as_role(role)
    assert client.get("/lich-lam-viec/").status_code == 200
    assert client.get("/lich-lam-viec/de-nghi/nghi").status_code == 403


# ---------------------------------------------------------------- what workers reckon


def test_nothing_is_reckoned_before_a_worker_does_it_and_the_page_says_what_is_missing(as_role):
    client = as_role("admin")
    answer = ask(client, "nghi", "gui", **NOTICE, first="25/08/2026")
    waiting = client.get(answer.location).text
    assert "Không có tiến trình làm việc nào đang chạy" in waiting
    assert "dunghen worker" in waiting
    assert "Thay đổi số 2" not in client.get("/lich-lam-viec/").text
    work_all(client)
    assert "Xem thay đổi số 2" in client.get(answer.location).text


def test_a_second_click_on_the_same_form_asks_for_nothing_new(as_role):
    client = as_role("admin")
    given = {**NOTICE, "first": "25/08/2026", "luot": "0123456789abcdef"}
    first, second = ask(client, "nghi", "gui", **given), ask(client, "nghi", "gui", **given)
    assert first.location == second.location
    assert work_all(client) == 1
    assert "Thay đổi số 3" not in client.get("/lich-lam-viec/").text


def test_a_preview_is_shown_to_nobody_but_its_asker(as_role):
    admin, reform = as_role("admin"), as_role("reform")
    asked = ask(admin, "nghi", "xem", **NOTICE, first="31/08/2026").location
    work_all(admin)
    page = led_to(admin, asked)
    assert admin.get(page).status_code == 200
    assert reform.get(page).status_code == 404
    assert reform.get(asked).status_code == 403


def test_an_approval_of_figures_that_moved_since_applies_nothing_and_says_so(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="25/08/2026")
    form = {"csrf_token": token(reform, page), "digest": "khac"}
    answer = reform.post(f"{page}/duyet", data=form)
    work_all(reform)
    assert "số liệu đã thay đổi từ khi xem trước" in reform.get(answer.location).text
    assert "Chờ người thứ hai duyệt" in reform.get(page).text
    assert context.calendar.is_working(_day(25))


def asked_to_approve(client, page: str) -> str:
    """The address of the work that is to apply it."""
    digest = re.search(r'name="digest" value="([^"]+)"', client.get(page).text)
    assert digest
    form = {"csrf_token": token(client, page), "digest": digest[1]}
    return client.post(f"{page}/duyet", data=form).location


@pytest.mark.parametrize(
    "change",
    [
        lambda session, number: people.disable(session, number, now=at(24)),
        lambda session, number: people.set_role(session, number, role="desk", unit_id=None, session_salt="x"),
    ],
    ids=["closed", "another role"],
)
def test_an_approval_of_somebody_who_may_decide_no_more_applies_nothing(as_role, context, change):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="25/08/2026")
    asked_to_approve(reform, page)
    with context.store.transaction() as session:
        account = people.find_login(session, "reform")
        assert account
        change(session, account.account_id)
    assert work_all(admin) == 1
    assert "Chờ người thứ hai duyệt" in admin.get(page).text
    assert context.calendar.is_working(_day(25))


def test_an_approval_that_was_given_up_is_revived_by_nobody_but_who_gave_it(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    page = propose(admin, first="25/08/2026")
    asked = asked_to_approve(reform, page)
    reform.post(f"{asked}/dung", data={"csrf_token": token(reform, "/tai-khoan")})
    assert ">Làm lại<" not in admin.get(asked).text
    assert admin.post(f"{asked}/lam-lai", data={"csrf_token": token(admin, "/tai-khoan")}).status_code == 403
    assert work_all(admin) == 0
    assert context.calendar.is_working(_day(25))
    assert ">Làm lại<" in reform.get(asked).text


def test_asking_approving_and_applying_stand_in_the_log(as_role, context):
    admin, reform = as_role("admin"), as_role("reform")
    decide(reform, propose(admin, first="25/08/2026"), "duyet")
    with context.store.read() as session:
        acts = [(act.actor, act.action) for act in audit.recent_acts(session, 50)]
    for act in (
        ("admin", "calendar_propose_asked"),
        ("admin", "calendar_propose"),
        ("reform", "calendar_approve_asked"),
        ("reform", "calendar_approve"),
    ):
        assert acts.count(act) == 1, act
