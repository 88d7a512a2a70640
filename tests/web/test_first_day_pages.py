"""The page of the first day: who sees and does what, where an administrator lands, what an empty page says, what mail answers."""

from pathlib import Path

import pytest
from sqlalchemy import delete, update

from app.web import create_app
from tests import mail_server
from tests.mail_server import HOST, Habits
from tests.web.conftest import log_in, token
from tests.web.test_recorded import SHOWN_CALENDAR
from tests.web.works import done
from tests.web.world import (
    BRANCH_A,
    FINISHED_LATE,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    StandingContext,
    add_people,
    add_units,
    make_context,
)
from tracker.store import audit, first_day_store
from tracker.store.first_day_store import READY, Word
from tracker.store.models import Letter, LetterNotice, LetterNumber, LetterStep, User

pytestmark = pytest.mark.sqlite_only(
    "the store functions behind it run on both: tests/flows/test_first_day.py"
)
PAGE, SHEET, START = "/bat-dau/", "/bat-dau/doi-chieu", "/bat-dau/ngay-bat-dau"


def press(client, address: str, **form: str):
    """A form of the page, with its token."""
    return client.post(address, data={"csrf_token": token(client, PAGE), **form})


def without_letters(context: StandingContext) -> None:
    """As an office that has not begun: no letter was ever drafted."""
    with context.store.transaction() as session:
        for table in (LetterNotice, LetterStep, LetterNumber, Letter):
            session.execute(delete(table))


def said(context: StandingContext) -> set[str]:
    with context.store.read() as session:
        return set(first_day_store.words(session))


def make_ready(context: StandingContext) -> None:
    with context.store.transaction() as session:
        first_day_store.say(session, Word(READY, {"seed": "x"}, "first_day_ready"), "reform", NOW)


def test_an_administrator_lands_on_the_first_steps_until_the_office_is_ready(
    as_role, context: StandingContext
):
    client = as_role("admin")
    assert client.get("/").location == "/quan-tri/"  # letters were written: this office is at work
    without_letters(context)
    assert client.get("/").location == PAGE
    assert as_role("reform").get("/").location != PAGE
    make_ready(context)
    assert client.get("/").location == "/quan-tri/"


def test_an_empty_page_says_that_the_office_is_being_set_up_and_by_whom(tmp_path: Path):
    context = make_context(tmp_path)
    add_units(context.store)
    add_people(context.store)
    app = create_app(context, RATELIMIT_ENABLED=False)
    desk, reform = app.test_client(), app.test_client()
    log_in(desk, "desk")
    log_in(reform, "reform")
    told = desk.get("/qua-han").text
    assert "Cơ quan chưa cài đặt xong; quản trị viên Tài khoản admin đang làm việc đó." in told
    assert f'href="{PAGE}"' not in told
    assert f'ở trang <a href="{PAGE}">Bắt đầu</a>' in reform.get("/qua-han").text
    make_ready(context)
    assert "cài đặt xong" not in desk.get("/qua-han").text
    context.store.close()


def test_who_only_looks_finds_no_form_on_it(as_role):
    admin, head = as_role("admin").get(PAGE).text, as_role("head").get(PAGE).text
    assert 'action="/bat-dau/xac-nhan/don-vi"' in admin
    assert 'action="/bat-dau/' not in head


@pytest.mark.parametrize("role", ["head", "reform"])
@pytest.mark.parametrize("address", ["/bat-dau/xac-nhan/don-vi", "/bat-dau/rut", START, "/bat-dau/thu-thu"])
def test_setting_up_is_for_administrators_alone(as_role, context: StandingContext, role: str, address: str):
    assert press(as_role(role), address, viec="units", chon="tat-ca").status_code == 403
    assert said(context) == set()


def test_that_the_list_is_true_says_nobody_who_sees_a_part_of_it_and_no_administrator(
    as_role, context: StandingContext
):
    for role in ("admin", "head"):  # the head of the world has one unit
        assert press(as_role(role), "/bat-dau/san-sang", khop="1").status_code == 403
    make_ready(context)
    for role in ("admin", "head"):
        assert press(as_role(role), "/bat-dau/rut-san-sang").status_code == 403
    assert said(context) == {READY}
    assert press(as_role("admin"), "/bat-dau/rut", viec=READY).status_code == 404
    assert press(as_role("reform"), "/bat-dau/rut-san-sang").status_code == 302
    assert said(context) == set()


def test_the_sheet_shows_a_head_his_own_units_and_nobody_a_name(as_role, context: StandingContext):
    head, reform = as_role("head").get(SHEET).text, as_role("reform").get(SHEET).text
    assert OVERDUE_A in head
    assert OVERDUE_B not in head
    assert OVERDUE_A in reform
    assert OVERDUE_B in reform
    assert FINISHED_LATE not in reform
    assert NAME not in head + reform
    with context.store.read() as session:
        assert next(each for each in audit.recent_acts(session) if each.action == "first_day_sheet").detail[
            "ids"
        ]


def test_the_list_cannot_be_confirmed_before_the_steps_it_rests_on(as_role, context: StandingContext):
    client = as_role("reform")
    answer = press(client, "/bat-dau/san-sang", khop="2")
    assert answer.location == SHEET
    assert "Chưa xác nhận được, còn thiếu: Quản trị viên" in client.get(SHEET).text
    assert said(context) == set()


def test_what_was_confirmed_is_shown_with_its_name_and_can_be_taken_back(as_role, context: StandingContext):
    client = as_role("admin")
    press(client, "/bat-dau/xac-nhan/don-vi", **{"don-vi": f"T{BRANCH_A}"})
    press(client, "/bat-dau/xac-nhan/lich", dau=SHOWN_CALENDAR)
    shown = client.get(PAGE).text
    assert "Người đã đối chiếu danh mục: admin, 24/08/2026 09:30." in shown
    assert said(context) == {"units", "calendar"}
    press(client, "/bat-dau/rut", viec="calendar")
    assert said(context) == {"units"}


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"chon": "khac", "ngay": "31/02/2026"}, "không phải là ngày"),
        ({"chon": ""}, "Hãy chọn một ngày."),
        ({"chon": "1999-01-01", "ly-do": "thử"}, "Ngày bắt đầu phải từ 01/01/2000"),
        ({"chon": "2026-08-01"}, "cần ghi lý do"),  # the world has letters: it is at work
    ],
)
def test_a_start_that_cannot_be_is_told_and_nothing_is_kept(as_role, context: StandingContext, form, told):
    answer = press(as_role("admin"), START, **form)
    assert answer.status_code == 400
    assert told in answer.text
    assert said(context) == set()


def test_a_chosen_start_is_shown_and_the_ledger_follows(as_role, context: StandingContext):
    client = as_role("admin")
    press(client, START, chon="2026-08-01", **{"ly-do": "Quyết định số 7"})
    shown = client.get(PAGE).text
    assert "Đã ghi ngày bắt đầu: 01/08/2026. Sổ theo dõi xin lỗi đang được cập nhật" in shown
    assert "Từ 01/08/2026. Người chọn: admin" in shown
    with context.store.read() as session:
        assert "job:ledger" in {each.subject for each in audit.recent_acts(session)}


@pytest.mark.parametrize(
    ("habits", "ok", "told"),
    [
        (Habits(), True, "Máy chủ đã nhận thư thử, người thử: admin"),
        (Habits(rcpt=("550 5.1.1 no such user",)), False, "Sửa phần [mail]"),
    ],
)
def test_a_test_mail_goes_to_ones_own_address_and_the_answer_is_told(
    app, context: StandingContext, habits: Habits, ok: bool, told: str
):
    with mail_server.serving(habits) as server:
        text = context.config_path.read_text("utf-8")
        own = {'host = ""': f'host = "{HOST}"', "port = 587": f"port = {server.port}", '"starttls"': '"none"', 'sender = ""': 'sender = "a@vi-du.vn"'}  # fmt: skip
        for shipped, ours in own.items():
            text = text.replace(shipped, ours, 1)
        context.config_path.write_text(text, "utf-8")
        context.__dict__.pop("config", None)
        with context.store.transaction() as session:
            session.execute(update(User).where(User.login == "admin").values(email="quan.tri@vi-du.vn"))
        client = app.test_client()
        log_in(client, "admin")
        done(client, press(client, "/bat-dau/thu-thu"))
        shown = client.get(PAGE).text
        assert [str(mail["To"]) for mail in server.taken] == (["quan.tri@vi-du.vn"] if ok else [])
    assert ("mail" in said(context)) is ok
    assert told in shown
