"""The administrator's first page, the state of the installation, the configuration in words, the list of accounts."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from flask.testing import FlaskClient

from app.admin_home import admin_home, is_silent
from app.admin_places import GROUPS
from app.config_words import configuration
from app.doctor import CHECKS
from app.grip import Grip
from app.health_words import CHECKS as CHECK_WORDS
from app.pages import permission_of
from app.work_kinds import WORK_KINDS
from tests.web.conftest import token
from tests.web.world import BRANCH_A, NOW, OFFICE, StandingContext
from tracker.store import account_lists, audit, claims, people, work
from tracker.store.account_lists import AccountFilter, AccountState
from tracker.store.audit import Act
from tracker.types import VN
from tracker.types.work import WorkState

AsRole = Callable[[str], FlaskClient]
ROOT = Path(__file__).parents[2]


def at(*moment: int) -> datetime:
    """A moment of the office's time: year, month, day, hour."""
    return datetime(*moment, tzinfo=VN)


def todo(context: StandingContext) -> list[str]:
    return [each.text for each in admin_home(context, NOW).todo]


# ---------------------------------------------------------------- the first page


def test_the_administrator_begins_the_day_at_what_needs_a_person(as_role: AsRole):
    answer = as_role("admin").get("/", follow_redirects=True)
    assert answer.request.path == "/quan-tri/"
    assert "Cần người xử lý" in answer.text


def test_each_line_of_what_needs_a_person_leads_to_a_page_that_an_administrator_opens(
    as_role: AsRole, context: StandingContext
):
    client, found = as_role("admin"), admin_home(context, NOW).todo
    assert len(found) >= 3
    urls = client.application.url_map.bind("localhost")
    for each in found:
        assert client.get(urls.build(each.endpoint, dict(each.values))).status_code == 200, each.text


def test_every_place_of_administration_is_a_page_that_an_administrator_opens(as_role: AsRole):
    client = as_role("admin")
    urls = client.application.url_map.bind("localhost")
    for place in (place for _, group in GROUPS for place in group):
        assert permission_of(client.application, place.endpoint), place.endpoint
        assert client.get(urls.build(place.endpoint)).status_code == 200, place.endpoint


def test_what_waits_for_a_second_person_and_what_has_stopped_is_counted(context: StandingContext):
    told = " ".join(todo(context))
    assert "1 đề nghị chờ người thứ hai duyệt" in told
    assert "1 thay đổi lịch chờ người thứ hai duyệt" in told
    assert "việc đã dừng hẳn, chờ quyết định" in told


def test_demonstration_accounts_that_are_open_are_told(context: StandingContext):
    assert not any("trình diễn" in each for each in todo(context))
    with context.store.transaction() as session:
        found = people.find_login(session, "desk")
        assert found
        session.get_one(people.User, found.account_id).is_demo = True
    assert any("1 tài khoản trình diễn còn mở" in each for each in todo(context))


@pytest.mark.parametrize(
    ("loaded", "now", "silent"),
    [
        (at(2026, 8, 24, 7), at(2026, 8, 24, 9), False),
        (at(2026, 8, 21, 17), at(2026, 8, 24, 9), False),  # over a weekend
        (at(2026, 8, 18, 17), at(2026, 8, 21, 9), False),  # two full days between
        (at(2026, 8, 18, 17), at(2026, 8, 24, 9), True),
        (at(2026, 8, 28, 17), at(2026, 9, 3, 9), False),  # the national day's holidays
        (at(1990, 1, 1), at(1990, 1, 20), True),  # a year without calendar: days as they are
    ],
)
def test_a_source_is_silent_after_more_than_two_full_working_days(
    context: StandingContext, loaded: datetime, now: datetime, silent: bool
):
    assert is_silent(context.calendar, loaded, now) is silent


# ---------------------------------------------------------------- the state of the installation


def examined(as_role: AsRole, context: StandingContext) -> FlaskClient:
    """An administrator who asked for an examination, which a worker has done."""
    client = as_role("admin")
    page = "/quan-tri/tinh-trang"
    assert client.post(f"{page}/kiem-tra", data={"csrf_token": token(client, page)}).status_code == 302
    with context.store.read() as session:
        asked = work.list_work(session, kinds=("examination",), limit=1)[0]
    row = claims.claim(
        context.store, ["examination"], owner="máy-1", now=NOW, lease_seconds=60, max_attempts=5
    )
    assert row
    assert row.work_id == asked.work_id
    grip = Grip(context, row, Event())
    result = WORK_KINDS["examination"].run(grip)
    assert grip.told
    assert result
    with context.store.transaction() as session:
        claims.finish_in(session, row, result, NOW)
    return client


def test_every_check_has_its_words():
    assert set(CHECK_WORDS) == {"configuration", "database", *CHECKS}


def test_an_examination_is_asked_for_done_by_a_worker_and_shown_with_the_faults_first(
    as_role: AsRole, context: StandingContext
):
    client = examined(as_role, context)
    text = client.get("/quan-tri/tinh-trang").text
    for words in CHECK_WORDS.values():
        assert words.title in text
    assert "do admin yêu cầu" in text
    assert text.index("<span>Cần xử lý</span>") < text.index("<span>Tốt</span>")


def test_an_examination_that_is_under_way_is_not_asked_for_again(as_role: AsRole):
    client, page = as_role("admin"), "/quan-tri/tinh-trang"
    client.post(f"{page}/kiem-tra", data={"csrf_token": token(client, page)})
    text = client.get(page).text
    assert "Đang kiểm tra: xem tiến độ" in text
    assert "Kiểm tra bây giờ" not in text


def test_an_examination_that_failed_is_told_beside_the_one_before(as_role: AsRole, context: StandingContext):
    client = examined(as_role, context)
    page = "/quan-tri/tinh-trang"
    client.post(f"{page}/kiem-tra", data={"csrf_token": token(client, page)})
    with context.store.transaction() as session:
        row = work.list_work(session, kinds=("examination",), limit=1)[0]
        item = session.get_one(work.WorkItem, row.work_id)
        item.state, item.fault, item.ended_at = WorkState.DEAD.value, "đĩa đầy", NOW
    text = client.get(page).text
    assert "Lần kiểm tra gần nhất không xong: đĩa đầy" in text
    assert "do admin yêu cầu" in text


# ---------------------------------------------------------------- the configuration


def test_the_copy_of_the_shipped_configuration_is_the_shipped_configuration():
    shipped, copy = ROOT / "config.toml", ROOT / "app" / "shipped_config.toml"
    assert copy.read_bytes() == shipped.read_bytes(), "cp config.toml app/shipped_config.toml"


def test_every_key_has_its_words_and_a_changed_one_is_marked(as_role: AsRole, context: StandingContext):
    lines = [line for section in configuration(context.config_path) for line in section.lines]
    assert all(line.words for line in lines)
    changed = {line.key for line in lines if line.is_changed}
    assert {"data_dir", "database_url"} <= changed < {line.key for line in lines}
    assert as_role("admin").get("/quan-tri/cau-hinh").text.count("khác bản gốc</span>") == len(changed)


def test_no_secret_of_an_address_is_shown(as_role: AsRole, context: StandingContext):
    text = context.config_path.read_text("utf-8")
    for given, own in (
        (r"^webhooks = .*$", 'webhooks = ["kho=https://may.vi-du.vn/moc/KHOA-BI-MAT?k=TOKEN-BI-MAT"]'),
        (r'^url = ""$', 'url = "https://nguoi:MAT-KHAU-BI-MAT@sms.vi-du.vn/gui"'),
    ):
        text, count = re.subn(given, own, text, flags=re.MULTILINE)
        assert count == 1
    context.config_path.write_text(text, "utf-8")
    shown = as_role("admin").get("/quan-tri/cau-hinh").text
    assert "may.vi-du.vn" in shown
    assert "BI-MAT" not in shown


# ---------------------------------------------------------------- accounts


def logged_in(context: StandingContext, login: str, ago: int) -> None:
    with context.store.transaction() as session:
        audit.append_acts(session, [Act(NOW - timedelta(days=ago), login, "login", "user:1", {})])


def logins(context: StandingContext, wanted: AccountFilter) -> list[str]:
    with context.store.read() as session:
        return [each.login for each in account_lists.listed(session, wanted, NOW)]


def test_accounts_are_found_without_accents_by_role_and_by_unit_with_all_below(
    as_role: AsRole, context: StandingContext
):
    assert logins(context, AccountFilter(text="TAI khoan hea")) == ["head"]
    assert logins(context, AccountFilter(role="reform")) == ["reform"]
    page = "/quan-tri/tai-khoan"
    client = as_role("admin")
    text = client.get(f"{page}?don-vi={OFFICE}").text
    assert "/quan-tri/tai-khoan/1" in text  # desk, of a branch below the office
    assert ">reform<" not in text
    assert ">desk<" in client.get(f"{page}?don-vi={BRANCH_A}").text
    assert "Không có tài khoản nào khớp" in client.get(f"{page}?q=khong-co").text


def test_the_last_log_in_is_told_and_who_never_logged_in(context: StandingContext):
    logged_in(context, "desk", 200)
    logged_in(context, "desk", 3)
    with context.store.read() as session:
        found = {each.login: each for each in account_lists.listed(session, AccountFilter(), NOW)}
    assert found["desk"].seen_at == NOW - timedelta(days=3)
    assert found["reform"].seen_at is None


def test_the_tab_of_unused_accounts_holds_open_ones_without_log_in_for_ninety_days(
    as_role: AsRole, context: StandingContext
):
    client = as_role("admin")
    with context.store.transaction() as session:
        for account in people.list_accounts(session):
            session.get_one(people.User, account.account_id).created_at = NOW - timedelta(days=365)
    logged_in(context, "desk", 89)
    logged_in(context, "head", 91)
    text = client.get("/quan-tri/tai-khoan?loc=lau-khong-vao").text
    assert ">head<" in text
    assert ">desk<" not in text


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, AccountState.OPEN),
        ({"must_change_password": True}, AccountState.FIRST_PASSWORD),
        ({"locked_until": NOW + timedelta(minutes=1)}, AccountState.LOCKED),
        ({"locked_until": NOW}, AccountState.OPEN),
        ({"disabled_at": NOW, "locked_until": NOW + timedelta(minutes=1)}, AccountState.CLOSED),
    ],
)
def test_an_account_is_in_one_state(context: StandingContext, change: dict, state: AccountState):
    with context.store.transaction() as session:
        found = people.find_login(session, "desk")
        assert found
        user = session.get_one(people.User, found.account_id)
        for name, value in change.items():
            setattr(user, name, value)
    with context.store.read() as session:
        listed = account_lists.listed(session, AccountFilter(text="desk"), NOW)
    assert [each.state for each in listed] == [state]
