"""The pages of long work: who sees what, long lists made by a worker, the file for its asker alone, giving up, again."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from app.pages import matrix
from app.work_kinds import WORK_KINDS
from app.worker import Worker
from app.works import exporting, places
from tests.web.browsing import add_overdue
from tests.web.conftest import log_in, token
from tests.web.works import work_all
from tests.web.world import BRANCH_B, NAME, NOW, OVERDUE_A, PASSWORD
from tracker.store import audit, people, processes, work
from tracker.store.models import Dossier
from tracker.types.work import WorkRequest, WorkState

LONG = exporting.ROWS_AT_ONCE + 1
RUNNING, DEAD, WAITING = 2, 3, 4


def state_of(context, work_id: int) -> WorkState:
    with context.store.read() as session:
        row = work.find_work(session, work_id)
    assert row is not None
    return row.state


def acts(context, *actions: str) -> list[tuple[str, str, str]]:
    with context.store.read() as session:
        found = audit.recent_acts(session, 100)[::-1]
    return [(act.actor, act.action, act.subject) for act in found if act.action in actions]


def press(client, work_id: int, button: str):
    form = {"csrf_token": token(client, "/tai-khoan")}
    return client.post(f"/cong-viec/{work_id}/{button}", data=form, follow_redirects=True)


def rows_of(body: bytes) -> list[tuple]:
    return list(load_workbook(BytesIO(body)).active.iter_rows(min_row=4, values_only=True))


# ---------------------------------------------------------------- looking


@pytest.mark.parametrize(
    ("work_id", "told"),
    [
        (1, ("Đã xong", "3 dòng", "Tải tệp", "Về danh sách hồ sơ quá hạn")),
        (WAITING, ("Đang chờ", "việc số 2", "Dừng việc này", "Làm mới")),
    ],
)
def test_the_asker_reads_how_it_stands_and_what_can_be_done(as_role, work_id, told):
    with_worker(as_role)
    page = as_role("reform").get(f"/cong-viec/{work_id}").text
    for words in told:
        assert words in page, words


@pytest.mark.parametrize(
    ("work_id", "told"),
    [
        (RUNNING, ("Đang làm", "thang-8.csv: 12.000/48.000", "<progress")),
        (DEAD, ("Không làm được", "thang-7.csv: không có tệp này", "Đã thử 1 lần", "Làm lại")),
    ],
)
def test_the_administrator_reads_everybodys_work(as_role, work_id, told):
    page = as_role("admin").get(f"/cong-viec/{work_id}").text
    for words in told:
        assert words in page, words


def with_worker(as_role) -> None:
    context = as_role("admin").application.extensions["dunghen"]
    processes.begin(context.store, "w1", "worker", NOW)


def test_a_list_without_any_worker_says_what_to_do(as_role):
    missing = "Không có tiến trình làm việc nào đang chạy"
    assert missing in as_role("desk").get("/cong-viec/").text
    with_worker(as_role)
    assert missing not in as_role("desk").get("/cong-viec/").text


def test_the_list_shows_each_their_own(as_role):
    shown = {
        role: set(re.findall(r"số (\d+)", as_role(role).get("/cong-viec/").text))
        for role in ("desk", "reform", "admin")
    }
    assert (shown["desk"], shown["reform"]) == ({"8", "9"}, {"1", "4", "7"})
    assert shown["admin"] >= {"1", "2", "3", "4"}


def test_the_list_goes_on_page_by_page_and_by_state(as_role, context):
    with context.store.transaction() as session:
        for number in range(60):
            work.ask(session, WorkRequest("ingest", f"viec:{number}", {}, "operator"), NOW)
    client = as_role("admin")
    first = client.get("/cong-viec/?loc=dang-cho").text
    assert first.count('role="row"') == 1 + 50
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    assert client.get(link[1].replace("&amp;", "&")).text.count('role="row"') == 1 + 11


# ---------------------------------------------------------------- by hand


def test_waiting_work_is_given_up_by_its_asker_and_tried_again(as_role, context):
    client = as_role("reform")
    assert "Đã dừng theo yêu cầu" in press(client, WAITING, "dung").text
    assert "Đang chờ" in press(client, WAITING, "lam-lai").text
    assert acts(context, "work_cancel", "work_retry") == [
        ("reform", "work_cancel", "work:4"),
        ("reform", "work_retry", "work:4"),
    ]


def test_a_wish_to_give_up_running_work_is_shown(as_role):
    assert "Đã yêu cầu dừng" in press(as_role("admin"), RUNNING, "dung").text


@pytest.mark.parametrize(("role", "work_id"), [("desk", DEAD), ("auditor", WAITING)])
@pytest.mark.parametrize("button", ["dung", "lam-lai"])
def test_others_can_neither_see_nor_stop_nor_repeat_it(as_role, context, role, work_id, button):
    before = state_of(context, work_id)
    assert press(as_role(role), work_id, button).status_code == 403
    assert state_of(context, work_id) is before


@pytest.mark.parametrize("button", ["dung", "lam-lai"])
def test_who_looks_on_neither_stops_nor_repeats(as_role, context, button):
    with context.store.transaction() as session:
        params = {"form_kind": "nghi", "form": {}}
        number = work.ask(session, WorkRequest("calendar_propose", "viec:moi", params, "admin"), NOW)
    client = as_role("reform")
    assert client.get(f"/cong-viec/{number}").status_code == 200
    assert press(client, number, button).status_code == 403
    assert state_of(context, number) is WorkState.WAITING


def test_what_has_ended_cannot_be_stopped(as_role):
    assert "đã kết thúc" in press(as_role("reform"), 1, "dung").text


# ---------------------------------------------------------------- long lists


@pytest.mark.parametrize(("count", "by_worker"), [(LONG - 2, False), (LONG, True)])
def test_only_a_long_list_is_left_to_a_worker(as_role, context, count, by_worker):
    add_overdue(context.store, count - 2)  # two are there already
    answer = as_role("reform").get("/qua-han.xlsx?trang-thai=open")
    assert (answer.status_code == 302) is by_worker
    assert by_worker or answer.mimetype == exporting.XLSX


def test_a_long_list_is_whole_masked_for_its_asker_and_logged(as_role, context):
    codes = add_overdue(context.store, LONG)
    client = as_role("reform")
    asked = client.get("/qua-han.xlsx")
    assert work_all(client) == 1
    page = client.get(asked.location).text
    assert f"{LONG + 2:,}".replace(",", ".") + " dòng" in page
    answer = client.get(asked.location + "/tai-ve")
    assert "ho-so-qua-han-20260824.xlsx" in answer.headers["Content-Disposition"]
    rows = rows_of(answer.data)
    assert {row[1] for row in rows} >= {*codes, OVERDUE_A}
    assert len(rows) == LONG + 2
    assert NAME not in {row[5] for row in rows}
    subject = "work:" + asked.location.rpartition("/")[2]
    assert acts(context, "late_export_asked", "work_download") == [
        ("reform", "late_export_asked", subject),
        ("reform", "work_download", subject),
    ]


def test_a_unit_gets_its_own_dossiers_with_names(as_role, context):
    add_overdue(context.store, LONG)
    add_overdue_of_others(context)
    client = as_role("head")
    asked = client.get("/qua-han.xlsx").location
    work_all(client)
    rows = rows_of(client.get(asked + "/tai-ve").data)
    assert len(rows) == LONG + 1
    assert {row[5] for row in rows} == {NAME}


def add_overdue_of_others(context) -> None:
    with context.store.transaction() as session:
        session.get_one(Dossier, 2).applicant_name = "Người Của Đơn Vị Khác"


def test_nobody_but_the_asker_takes_the_file(as_role, context):
    add_overdue(context.store, LONG)
    head = as_role("head")
    asked = head.get("/qua-han.xlsx").location
    work_all(head)
    for role in ("desk", "auditor", "reform", "admin"):
        assert as_role(role).get(asked + "/tai-ve").status_code == 403, role
    assert head.get(asked + "/tai-ve").status_code == 200


def test_who_opens_no_lists_any_more_takes_none_that_was_made_before(app, as_role, context):
    address = "/cong-viec/1/tai-ve"
    assert as_role("reform").get(address).status_code == 200
    with context.store.transaction() as session:
        account = people.find_login(session, "reform")
        session.get_one(people.User, account.account_id).role = "admin"
    again = app.test_client()
    log_in(again, "reform", PASSWORD)
    assert again.get(address).status_code == 403
    assert address not in again.get("/cong-viec/1").text


@pytest.mark.parametrize("kind", WORK_KINDS)
def test_a_kind_of_work_that_no_page_asks_for_hands_out_nothing(app, kind):
    assert places.ASKED_AT.get(kind, "late.export") in matrix(app)
    assert (kind in places.ASKED_AT) is (kind.endswith("_export") or kind == "print_letters")


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"unit_id": BRANCH_B}])
def test_who_may_see_less_than_when_asking_gets_the_file_no_longer(app, as_role, context, change):
    add_overdue(context.store, LONG)
    head = as_role("head")
    asked = head.get("/qua-han.xlsx").location
    work_all(head)
    with context.store.transaction() as session:
        account = people.find_login(session, "head")
        assert account
        user = session.get_one(people.User, account.account_id)
        for name, value in change.items():
            setattr(user, name, value)
    again = app.test_client()
    log_in(again, "head", PASSWORD)
    assert again.get(asked + "/tai-ve").status_code == 403


def test_the_same_list_asked_for_twice_within_a_minute_is_made_once(as_role, context):
    add_overdue(context.store, LONG)
    client = as_role("reform")
    first = client.get("/qua-han.xlsx").location
    assert client.get("/qua-han.xlsx").location == first
    assert client.get("/qua-han.xlsx?trang-thai=all").location != first
    context.instant += timedelta(minutes=1)
    assert client.get("/qua-han.xlsx").location != first


def test_the_list_of_intakes_is_made_by_a_worker_as_well(as_role, context):
    add_overdue(context.store, LONG, received_at=None, promised_at=None, source_due_at=None, status="filed", filed_at=NOW - timedelta(days=3))  # fmt: skip
    client = as_role("head")
    asked = client.get("/tiep-nhan.xlsx")
    assert asked.status_code == 302
    work_all(client)
    rows = rows_of(client.get(asked.location + "/tai-ve").data)
    assert len(rows) >= LONG


def test_a_made_file_is_deleted_after_its_time_and_the_page_says_so(as_role, context):
    client = as_role("reform")
    path = context.data_dir / "exports"
    keep = timedelta(days=context.config.work.keep_days)
    for instant, is_there in ((NOW + keep - timedelta(hours=2), True), (NOW + keep, False)):
        context.instant = instant
        with context.store.transaction() as session:
            work.ask(session, WorkRequest("clean_exports", f"clean:{instant}", {}, "operator"), instant)
        Worker(context, "w1").run_until_idle()
        assert (path / "1").exists() is is_there
    assert client.get("/cong-viec/1/tai-ve").status_code in (302, 404)
    context.instant = NOW
    assert "đã hết hạn giữ" in as_role("reform").get("/cong-viec/1").text


@pytest.mark.parametrize("told", ["../../../config.toml", "exports/2/1/x.xlsx", "/"])
def test_no_result_leads_out_of_the_folder_of_its_work(context, told: str):
    (context.data_dir / "exports/2/1").mkdir(parents=True)
    (context.data_dir / "exports/2/1/x.xlsx").touch()
    with context.store.read() as session:
        row = work.find_work(session, 1)
    assert row is not None
    assert exporting.made_file(context, row) is not None
    assert exporting.made_file(context, replace(row, result={"file": told})) is None


def test_a_list_that_is_there_already_is_led_to_at_once(as_role, context):
    add_overdue(context.store, LONG)
    client = as_role("reform")
    first = client.get("/qua-han.xlsx").location
    work_all(client)
    assert client.get("/qua-han.xlsx").location == first + "/tai-ve"


def test_the_part_that_changes_is_told_alone_for_the_script(as_role):
    told = as_role("reform").get("/cong-viec/1/tien-do").text
    assert "<html" not in told
    assert "data-over" in told
