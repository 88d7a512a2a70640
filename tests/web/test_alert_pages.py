"""The pages of alerts: what they say is true today, each person sees their own, and what is done stays within one's units."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.alert_page import Names, subject_words
from app.alert_settings import next_digest
from notifications.alerts.rungs import Measure, Who
from tests.web import alerted
from tests.web.alerted import ENDED, LATE, LATE_B, LETTER, MOVED, PAUSED, SOURCE, TODAY, YEAR
from tests.web.browsing import add_overdue
from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, NAME, NOW, OVERDUE_A, OVERDUE_B, PHONE, StandingContext, at
from tracker.calendar_data import load_calendar
from tracker.store import alert_store, audit
from tracker.store.alert_store import NewAlert, NewTold
from tracker.store.models import (
    AlertAck,
    AlertTold,
    Assignment,
    Dossier,
    Obligation,
)
from tracker.types import VN

CODE_TODAY, CODE_MOVED, CODE_PAUSED, CODE_FAR = (f"T01-260803-000{number}" for number in (3, 4, 5, 6))
ROW = re.compile(r'<tr role="row">(.*?)</tr>', re.DOTALL)
TAG = re.compile(r"<[^>]+>|\s+")


def listed(client: FlaskClient, address: str = "/canh-bao") -> dict[int, str]:
    """The rows of a list in words, by the alert's number."""
    found = {}
    for row in ROW.findall(client.get(address).text):
        number = re.search(r'href="/canh-bao/(\d+)"', row)
        if number:
            found[int(number[1])] = " ".join(TAG.sub(" ", row).split())
    return found


def words(client: FlaskClient, address: str) -> str:
    return " ".join(TAG.sub(" ", client.get(address).text).split())


def press(client: FlaskClient, address: str, **form: Any) -> Any:
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **form})


def change(context: StandingContext, number: int, **given: Any) -> None:
    with context.store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == number).values(**given))


def count(context: StandingContext, model: Any) -> int:
    with context.store.read() as session:
        return len(session.scalars(select(model.id)).all())


def last_act(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


# ---------------------------------------------------------------- the list


def test_each_sees_the_own_alerts_that_stand_the_worst_first(as_role):
    assert list(listed(as_role("desk"))) == [YEAR, LATE, MOVED, PAUSED]
    assert list(listed(as_role("head"))) == [YEAR, LATE, MOVED, LETTER, PAUSED]
    assert list(listed(as_role("reform"))) == [SOURCE, YEAR, LATE_B]


def test_a_row_says_what_is_so_today_and_why_one_was_told(as_role):
    rows = listed(as_role("head"))
    assert "Quá hạn 3 ngày làm việc : T01-260803-0001 hẹn 20/08/2026 17:00" in rows[LATE]
    assert "Trần Văn Thử" in rows[LATE]
    assert "Thủ trưởng đơn vị xử lý mốc “quá hạn từ 1 ngày làm việc” kèm chương trình" in rows[LATE]
    assert "giao cho Tài khoản desk" in rows[LATE]
    assert "Còn 1 ngày làm việc" in rows[MOVED]
    assert alerted.MOVED_WORDS in rows[MOVED]
    assert "Tạm dừng 9 ngày làm việc" in rows[PAUSED]
    assert "mốc “tạm dừng lâu từ 5 ngày làm việc” do cơ quan đặt" in rows[PAUSED]
    assert "Thư đứng yên 3 ngày làm việc" in rows[LETTER]


def test_the_next_day_the_same_row_says_something_else(as_role, context: StandingContext):
    context.instant = NOW + timedelta(days=1)
    rows = listed(as_role("head"))
    assert "Quá hạn 4 ngày làm việc" in rows[LATE]
    assert "Đến hạn hôm nay" in rows[MOVED]
    assert "(tính đến 24/08/2026)" in rows[LETTER]


def test_what_somebody_took_on_waits_in_a_list_of_its_own_until_the_day_has_passed(
    as_role, context: StandingContext
):
    head = as_role("head")
    assert list(listed(head, "/canh-bao?loc=da-nhan")) == [TODAY]
    row = listed(head, "/canh-bao?loc=da-nhan")[TODAY]
    assert "Đến hạn hôm nay" in row
    assert "Tài khoản desk nhận, hẹn xong 26/08/2026" in row
    context.instant = NOW + timedelta(days=3)
    assert TODAY in listed(as_role("head"))
    assert listed(as_role("head"), "/canh-bao?loc=da-nhan") == {}


@pytest.mark.parametrize(
    ("number", "given", "said"),
    [
        (1, {"source_due_at": at(31)}, "Ngày hẹn đã dời sang 31/08/2026"),
        (1, {"source_due_at": None}, "Nguồn không còn ghi ngày hẹn"),
        (1, {"suspended_from": at(19, 8), "status": "awaiting_supplement"}, "Đang tạm dừng"),
        (1, {"finished_at": at(21), "ended_at": at(21), "end_kind": "finished", "status": "done"}, "Đã giải quyết quá hạn"),
        (1, {"end_kind": "withdrawn", "status": "withdrawn"}, "Đã rút"),
        (5, {"suspended_from": None, "status": "processing"}, "Đã tiếp tục giải quyết"),
    ],
)  # fmt: skip
def test_what_no_longer_stands_is_no_open_row_and_says_why(
    as_role, context: StandingContext, number: int, given: dict[str, Any], said: str
):
    change(context, number, **given)
    alert = {1: LATE, 5: PAUSED}[number]
    client = as_role("head")
    assert alert not in listed(client)
    assert said in listed(client, "/canh-bao?loc=da-qua")[alert]
    assert said in words(client, f"/canh-bao/{alert}")


def test_an_ended_dossier_is_among_what_has_passed(as_role):
    assert "Đã giải quyết quá hạn" in listed(as_role("head"), "/canh-bao?loc=da-qua")[ENDED]


def test_of_several_rungs_of_one_ladder_a_person_sees_the_highest_that_they_were_told_of(
    as_role, context: StandingContext
):
    told = NewTold(alerted.DESK, Who.HANDLER.value, None, by_mail=False)
    higher = NewAlert(
        "dossier", 1, Measure.DAYS_LATE.value, 3, 0, BRANCH_A, at(20), 3, 40_003, "told", told=(told,)
    )
    with context.store.transaction() as session:
        alert_store.add_alerts(session, 1, alerted.DAY, [higher])
    new = alerted.UNHEARD + 1
    assert [each for each in listed(as_role("desk")) if each in (LATE, new)] == [new]
    assert [each for each in listed(as_role("head")) if each in (LATE, new)] == [LATE]


def test_the_list_is_narrowed_by_kind_and_by_unit(as_role):
    head, reform = as_role("head"), as_role("reform")
    assert list(listed(head, "/canh-bao?loai=days_late")) == [LATE]
    assert list(listed(head, f"/canh-bao?don-vi={BRANCH_A}")) == [LATE, MOVED, LETTER, PAUSED]
    assert head.get(f"/canh-bao?don-vi={BRANCH_B}").status_code == 404
    assert list(listed(reform, f"/canh-bao?don-vi={BRANCH_A}")) == []
    assert list(listed(head, "/canh-bao?loai=khong-co&loc=khong-co&sau=x.y.z")) == list(listed(head))


def test_a_long_list_comes_fifty_at_a_time_none_twice_and_none_left_out(as_role, context: StandingContext):
    add_overdue(context.store, 120)
    told = (NewTold(alerted.HEAD, Who.DIVISION.value, None, by_mail=False),)
    more = [
        NewAlert("dossier", 1000 + number, "days_late", 1, 0, BRANCH_A, at(20), 1, 40_001, "told", told=told)
        for number in range(1, 121)
    ]
    with context.store.transaction() as session:
        alert_store.add_alerts(session, 1, alerted.DAY, more)
    client, seen, address = as_role("head"), [], "/canh-bao"
    while address:
        seen.append(list(listed(client, address)))
        following = re.search(r'rel="next" href="([^"]+)"', client.get(address).text)
        address = following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in seen] == [50, 50, 25]
    assert len({each for page in seen for each in page}) == 125


def test_administrators_see_alerts_of_the_program_and_no_dossier(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.add(
            AlertTold(alert_id=LATE, account_id=alerted.ADMIN, why="admin", instead_of=None, is_urgent=False, by_mail=False)
        )  # fmt: skip
    admin = as_role("admin")
    assert list(listed(admin)) == [SOURCE, YEAR]
    assert OVERDUE_A not in admin.get("/canh-bao").text
    assert admin.get(f"/canh-bao/{LATE}").status_code == 404


def test_who_went_to_another_unit_no_longer_sees_the_alerts_of_the_old_one(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == 1).values(resolving_unit_id=BRANCH_B))
    desk = as_role("desk")
    assert LATE not in listed(desk)
    assert desk.get(f"/canh-bao/{LATE}").status_code == 404


def test_who_stands_in_for_somebody_of_another_unit_sees_the_code_and_cannot_act(
    as_role, context: StandingContext
):
    with context.store.transaction() as session:
        session.add(
            AlertTold(
                alert_id=LATE_B, account_id=alerted.DESK, why="handler", instead_of=alerted.REFORM, is_urgent=False, by_mail=False,
            )
        )  # fmt: skip
    desk = as_role("desk")
    row = listed(desk)[LATE_B]
    assert OVERDUE_B in row
    assert "Người xử lý, thay Tài khoản reform khi nghỉ" in row
    assert f'href="/ho-so/{OVERDUE_B}"' not in desk.get("/canh-bao").text
    assert 'value="2"' not in desk.get("/canh-bao").text
    assert "Trần Văn Thử" not in row


@pytest.mark.parametrize("role", ["desk", "head", "auditor", "reform", "admin"])
def test_no_page_of_alerts_names_an_applicant(as_role, role: str):
    client = as_role(role)
    for address in (
        "/canh-bao",
        "/canh-bao?loc=da-nhan",
        f"/canh-bao/{LATE}",
        f"/canh-bao/{TODAY}",
        "/canh-bao/luot-xet",
    ):
        text = client.get(address).text
        assert NAME not in text
        assert PHONE not in text


def test_looking_is_logged_with_numbers(as_role, context: StandingContext):
    client = as_role("head")
    client.get("/canh-bao?loai=days_late")
    act = last_act(context)
    assert (act.action, act.detail) == ("alerts", {"loai": "days_late", "ids": [LATE]})
    client.get(f"/canh-bao/{LATE}")
    assert (last_act(context).action, last_act(context).subject) == ("alert", f"alert:{LATE}")


# ---------------------------------------------------------------- one alert


def test_an_alert_tells_its_ladder_who_was_told_by_what_and_what_was_done(as_role):
    text = words(as_role("head"), f"/canh-bao/{LATE}")
    assert (
        "Vì sao bạn nhận: Là thủ trưởng đơn vị xử lý; mốc “quá hạn từ 1 ngày làm việc” kèm chương trình."
        in text
    )
    assert "Tài khoản desk người xử lý Trong chương trình: đã gửi lúc" in text
    assert "Giao cho Tài khoản desk Tài khoản head · 24/08/2026 08:00" in text
    assert "Tài khoản desk nhận, hẹn xong 26/08/2026" in words(as_role("head"), f"/canh-bao/{TODAY}")
    of_other = words(as_role("auditor"), f"/canh-bao/{LATE_B}")
    assert "Vì sao bạn nhận" not in of_other
    assert "Không có ai để báo." in of_other
    assert "Trong chương trình: chờ bản tin" in of_other


def test_what_is_no_dossiers_leads_to_where_something_is_done_about_it(as_role):
    assert '<a class="code" href="/nguon-du-lieu/">' in as_role("reform").get("/canh-bao").text
    desk = as_role("desk").get(f"/canh-bao/{YEAR}").text
    assert 'href="/lich-lam-viec/?nam=2030">Mở nơi xử lý</a>' in desk


@pytest.mark.parametrize(
    ("kind", "number", "detail", "said"),
    [
        ("source", 9, "Cổng X: lần nạp cuối ngày 01/08/2026", "Nguồn Cổng X: lần nạp cuối ngày 01/08/2026"),
        ("source", 9, "", "Nguồn Cổng X"),
        ("source", 8, "", "Nguồn số 8"),
        ("year", 2030, "Năm 2030 chưa có lịch", "Năm 2030 chưa có lịch"),
        ("year", 2026, "3 hồ sơ quá hạn", "Năm 2026: 3 hồ sơ quá hạn"),
        ("unit", 1, "", "Sở Mẫu"),
        ("unit", 0, "", "Hồ sơ chưa rõ đơn vị"),
        ("batch", 7, "", "Lần nạp số 7"),
    ],
)
def test_what_is_no_dossiers_is_named_once(kind: str, number: int, detail: str, said: str):
    assert subject_words(kind, number, detail, Names({1: "Sở Mẫu"}, {}, {9: "Cổng X"})) == said


@pytest.mark.parametrize("alert", [LATE_B, SOURCE, 99])
def test_an_alert_of_another_unit_or_of_nobodys_business_is_not_there(as_role, alert: int):
    assert as_role("head").get(f"/canh-bao/{alert}").status_code == 404


def test_a_dossiers_page_tells_its_alerts(as_role):
    head = as_role("head")
    text = words(head, f"/ho-so/{CODE_TODAY}")
    assert "Tài khoản desk nhận, hẹn xong 26/08/2026" in text
    assert "Đến hạn hôm nay" in text
    assert f'href="/canh-bao/{TODAY}"' in head.get(f"/ho-so/{CODE_TODAY}").text
    assert "Chưa có cảnh báo nào về hồ sơ này." in words(head, f"/ho-so/{CODE_FAR}")


# ---------------------------------------------------------------- acting


def test_what_will_happen_is_told_in_numbers_before(as_role):
    head = as_role("head")
    text = words(head, "/canh-bao/xac-nhan?viec=nhan-viec&chon=1&chon=4")
    assert "2 hồ sơ được ghi là bạn đã nhận" in text
    assert "3 hồ sơ được giao" in words(head, "/canh-bao/xac-nhan?viec=giao&tat-ca=1")
    answer = head.get("/canh-bao/xac-nhan?viec=giao", follow_redirects=True)
    assert "Chưa chọn hồ sơ nào" in answer.text
    assert head.get("/canh-bao/xac-nhan?viec=khong-co&chon=1").status_code == 404


def test_many_are_taken_on_at_once_with_one_entry_of_the_log(as_role, context: StandingContext):
    head = as_role("head")
    answer = press(
        head, "/canh-bao/viec/nhan-viec", chon=["1", "4"], **{"hen-xong": "28/08/2026", "ghi-chu": ""}
    )
    assert answer.location == "/canh-bao"
    assert last_act(context).detail == {"dossiers": [1, 4], "count": 2, "promised_on": "2026-08-28"}
    assert "Đã ghi bạn nhận 2 hồ sơ." in head.get("/canh-bao").text
    assert list(listed(head)) == [YEAR, LETTER, PAUSED]
    assert list(listed(head, "/canh-bao?loc=da-nhan")) == [LATE, TODAY, MOVED]


def test_on_the_page_of_one_it_comes_back_there(as_role):
    answer = press(
        as_role("head"), "/canh-bao/viec/nhan-viec", chon="1", ve=str(LATE), **{"hen-xong": "28/08/2026"}
    )
    assert answer.location == f"/canh-bao/{LATE}"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Hãy ghi ngày."),
        ("31/02/2026", "không phải là ngày"),
        ("21/08/2026", "Ngày hẹn xong 21/08/2026 đã qua"),
        ("30/08/2026", "30/08/2026 là ngày nghỉ; ngày làm việc tiếp theo là"),
    ],
)
def test_a_day_that_cannot_be_is_asked_for_again_and_nothing_is_kept(
    as_role, context: StandingContext, typed: str, said: str
):
    answer = press(as_role("head"), "/canh-bao/viec/nhan-viec", chon="1", **{"hen-xong": typed})
    assert answer.status_code == 400
    assert said in answer.text
    assert count(context, AlertAck) == 1


def test_a_whole_list_is_confirmed_as_it_was_seen(as_role, context: StandingContext):
    head = as_role("head")
    asked = head.get("/canh-bao/xac-nhan?viec=giao&tat-ca=1").text
    mark = re.search(r'name="dau" value="([^"]+)"', asked)
    assert mark
    form = {"tat-ca": "1", "dau": mark[1], "tai-khoan": str(alerted.DESK)}
    change(context, 4, source_due_at=at(31))
    assert press(head, "/canh-bao/viec/giao", **form).status_code == 409
    change(context, 4, source_due_at=at(25, 11))
    assert press(head, "/canh-bao/viec/giao", **form).status_code == 302
    with context.store.read() as session:
        assert alert_store.assigned_of(session, [1, 4, 5]) == dict.fromkeys((1, 4, 5), alerted.DESK)


def test_a_promise_is_taken_back_and_the_alert_is_open_again(as_role, context: StandingContext):
    head = as_role("head")
    press(head, "/canh-bao/viec/rut-lai", chon="3", ve=str(TODAY))
    assert last_act(context).action == "alert_take_back"
    assert TODAY in listed(head)
    press(head, "/canh-bao/viec/rut-lai", chon="3", ve=str(TODAY))
    assert f"Không thực hiện được với {CODE_TODAY}: chưa ai nhận việc này." in words(head, "/canh-bao")


@pytest.mark.parametrize("act", ["nhan-viec", "giao", "rut-lai"])
def test_a_dossier_of_another_unit_is_not_there_to_be_acted_on(as_role, context: StandingContext, act: str):
    before = count(context, AlertAck), count(context, Assignment)
    form = {"hen-xong": "28/08/2026", "tai-khoan": "1"}
    head = as_role("head")
    assert head.get(f"/canh-bao/xac-nhan?viec={act}&chon=2").status_code == 404
    assert press(head, f"/canh-bao/viec/{act}", chon="2", **form).status_code == 404
    press(head, f"/canh-bao/viec/{act}", chon=["2", "3"], **form)
    with context.store.read() as session:
        assert alert_store.acks_of(session, [2]) == {}
        assert alert_store.assigned_of(session, [2]) == {}
    assert (count(context, AlertAck), count(context, Assignment)) > before


def test_who_may_not_see_all_that_is_picked_is_not_offered(as_role):
    reform = as_role("reform")
    assert "(desk)" in reform.get("/canh-bao/xac-nhan?viec=giao&chon=1").text
    assert "(desk)" not in reform.get("/canh-bao/xac-nhan?viec=giao&chon=1&chon=2").text


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_only_looks_takes_nothing_on(as_role, context: StandingContext, role: str):
    client = as_role(role)
    assert (
        press(client, "/canh-bao/viec/nhan-viec", chon="1", **{"hen-xong": "28/08/2026"}).status_code == 403
    )
    assert "Nhận việc, hẹn xong ngày…" not in client.get("/canh-bao").text
    assert count(context, AlertAck) == 1


def test_the_reason_for_lateness_is_given_on_the_page_of_the_alert(as_role, context: StandingContext):
    desk = as_role("desk")
    assert "Ghi lý do quá hạn" in desk.get(f"/canh-bao/{TODAY}").text
    assert "Ghi lý do quá hạn" not in desk.get(f"/canh-bao/{LATE}").text
    answer = press(desk, f"/canh-bao/{TODAY}/ly-do", **{"ly-do": "Chờ ý kiến cơ quan phối hợp"})
    assert answer.location == f"/canh-bao/{TODAY}"
    with context.store.read() as session:
        assert session.get_one(Obligation, 3).late_reason == "Chờ ý kiến cơ quan phối hợp"
    assert press(desk, f"/canh-bao/{LATE}/ly-do", **{"ly-do": "x"}).status_code == 404
    press(desk, f"/canh-bao/{TODAY}/ly-do", **{"ly-do": " "})
    assert "Cần ghi lý do quá hạn." in desk.get("/canh-bao").text


# ---------------------------------------------------------------- settings and looks


def test_what_somebody_chose_is_kept_and_shown(as_role, context: StandingContext):
    desk = as_role("desk")
    assert 'name="ban-tin" value="1" checked' in desk.get("/canh-bao/cai-dat").text
    assert press(desk, "/canh-bao/cai-dat", khan="1", gio="08:30").location == "/canh-bao/cai-dat"
    text = desk.get("/canh-bao/cai-dat").text
    assert 'name="ban-tin" value="1">' in text
    assert '<option value="08:30" selected>' in text
    assert "Bản tin tiếp theo: thứ Ba, 25/08/2026, lúc 08:30" in words(desk, "/canh-bao/cai-dat")
    with context.store.read() as session:
        assert alert_store.settings(session) == {
            alerted.DESK: alert_store.SettingRow(alerted.DESK, False, True, "08:30")
        }
    assert press(desk, "/canh-bao/cai-dat", gio="05:00").status_code == 400


@pytest.mark.parametrize(
    ("now", "wished", "expected"),
    [
        ("2026-08-24 06:30", "07:15", "2026-08-24 07:15"),
        ("2026-08-24 07:15", "07:15", "2026-08-25 07:15"),
        ("2026-08-24 06:30", "06:00", "2026-08-24 07:00"),
        ("2026-08-28 18:00", "08:00", "2026-09-03 08:00"),
    ],
    ids=["before it", "at it", "no earlier than the office opens", "over the days of the National Day"],
)
def test_the_next_digest_comes_in_office_hours_of_a_working_day(now: str, wished: str, expected: str):
    moment, answer = (datetime.fromisoformat(text).replace(tzinfo=VN) for text in (now, expected))
    hour = datetime.fromisoformat(f"2026-01-01 {wished}").time()
    assert next_digest(load_calendar("B"), moment, hour) == answer


def test_looks_tell_their_counts_messages_and_whom_nobody_could_be_told(as_role):
    text = words(as_role("auditor"), "/canh-bao/luot-xet")
    assert "24/08/2026 06:50 24/08/2026 7 9 0 0 1" in text
    assert "Thử Nghiệm Hai Quá hạn 1 24/08/2026" in text
    assert "24/08/2026 Thư điện tử Đã gửi 1" in text


def test_the_bell_leads_to_the_alerts_and_the_messages_stand_beside(as_role):
    text = as_role("admin").get("/canh-bao").text
    assert '<a class="bell" href="/canh-bao" aria-current="page">' in text
    assert "Thông báo <b>2" in text
