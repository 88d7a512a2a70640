"""The pages of letters: each act by each role, of the own unit and of another; lists, refusals told, whole lists by a worker."""

import re
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import letter_picks
from app.dispatching import Dispatching
from app.grip import Ending, Grip
from app.letter_mail import settle_sent
from app.letter_offers import OFFERS, Subject
from app.works.letter_steps import take_letter_steps
from tests.mail_server import Habits, serving
from tests.mailroom import with_mail
from tests.web.conftest import token
from tests.web.letter_desk import bring, drafted, states
from tests.web.works import work_all
from tests.web.world import BRANCH_A, BRANCH_B, FINISHED_LATE, NAME, NOW, StandingContext, at
from tracker.store import audit, claims, letter_moves, letter_rows, outbox_queries, people
from tracker.store.letter_rows import RowFilter
from tracker.store.models import Letter, LetterStep, OutboxMessage

AsRole = Callable[[str], FlaskClient]
LIST = "/thu-xin-loi"
OWN = 4  # letters of the world's own dossiers, beside those that a test adds
TOLD = {"ngay": "24/08/2026", "gio": "09:00", "nguoi": "Trần Văn Thử", "ghi-chu": ""}
# What each act is sent with, and where the letter stands before and after.
CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "duyet": ("drafted", "approved", {}),
    "tra-lai": ("approved", "drafted", {"ly-do": "Sai ngày hẹn"}),
    "ghi-da-ky": ("approved", "signed", {"ngay-ky": "24/08/2026"}),
    "ghi-da-gui": ("numbered", "delivered", {"hinh-thuc-gui": "post", **TOLD}),
    "gui-thu-dien-tu": ("numbered", "numbered", {"dia-chi": "nguoi.nop@vi-du.vn"}),
    "bao-mot-cua": ("signed", "signed", {"hinh-thuc-mot-cua": "in_person", **TOLD}),
    "mot-cua-da-sua": ("signed", "signed", {"ghi-chu": ""}),
    "ghi-da-bao": ("signed", "signed", {"hinh-thuc-bao": "zalo", **TOLD}),
    "sua": ("drafted", "drafted", {"ly-do-thu": "Chờ kết quả đo đạc", "hen-moi": "10/09/2026"}),
    "huy": ("approved", "void", {"ly-do": "Soạn nhầm hồ sơ"}),
}
HEADS_ALONE = {"duyet", "tra-lai", "huy"}


def press(client: FlaskClient, act: str, ids: list[int], **form: Any) -> Any:
    sent = {"csrf_token": token(client, "/tai-khoan"), "chon": [str(number) for number in ids], **form}
    route = "quyet-dinh" if act in HEADS_ALONE else "viec"
    return client.post(f"{LIST}/{route}/{act}", data=sent)


def moved(context: StandingContext, letter_id: int) -> int:
    """How many steps a letter has."""
    with context.store.read() as session:
        return len(letter_moves.steps_of(session, [letter_id])[letter_id])


def move_head(context: StandingContext, unit_id: int) -> None:
    with context.store.transaction() as session:
        for login in ("head", "desk"):
            account = people.find_login(session, login)
            assert account
            session.get_one(people.User, account.account_id).unit_id = unit_id


def last_act(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


def test_every_act_on_letters_is_tried_here():
    assert set(CASES) == {key for key, offer in OFFERS.items() if offer.subject is Subject.LETTERS}


@pytest.mark.parametrize("act", CASES)
def test_an_act_is_carried_out_by_its_roles_in_their_own_unit_and_by_nobody_else(
    as_role: AsRole, context: StandingContext, act: str
):
    before, after, form = CASES[act]
    [letter] = drafted(context, 1)[-1:]
    bring(context, [letter], before)
    steps = moved(context, letter)
    for role in ("auditor", "reform", "admin", *(["desk"] if act in HEADS_ALONE else [])):
        assert press(as_role(role), act, [letter], **form).status_code == 403
    move_head(context, BRANCH_B)
    assert press(as_role("head"), act, [letter], **form).status_code == 302
    assert (states(context, [letter]), moved(context, letter)) == ([before], steps)
    move_head(context, BRANCH_A)
    answer = press(as_role("head" if act in HEADS_ALONE else "desk"), act, [letter], ve="mot", **form)
    assert answer.location == f"{LIST}/{letter}"
    assert states(context, [letter]) == [after]
    assert last_act(context).actor == ("head" if act in HEADS_ALONE else "desk")
    assert moved(context, letter) == steps + (act != "gui-thu-dien-tu")


@pytest.mark.parametrize(
    ("act", "form", "told"),
    [
        ("tra-lai", {"ly-do": ""}, "Hãy ghi lý do."),
        ("tra-lai", {"ly-do": "x" * 501}, "Lý do dài quá 500 ký tự."),
        ("ghi-da-ky", {"ngay-ky": "31/02/2026"}, "không phải là ngày"),
        ("ghi-da-gui", {"hinh-thuc-gui": "sms", **TOLD}, "Hình thức: hãy chọn trong danh sách."),
        ("ghi-da-gui", {"hinh-thuc-gui": "post", **TOLD, "gio": "25:00"}, "Giờ: hãy viết như 14:30."),
        ("gui-thu-dien-tu", {"dia-chi": "khong-phai"}, "không đúng dạng"),
    ],
)
def test_a_form_that_cannot_be_read_moves_nothing_and_says_what_to_write(
    as_role: AsRole, context: StandingContext, act: str, form: dict[str, str], told: str
):
    [letter] = drafted(context, 1)[-1:]
    bring(context, [letter], CASES[act][0])
    answer = press(as_role("head"), act, [letter], **form)
    assert (answer.status_code, told in answer.text) == (400, True)
    assert states(context, [letter]) == [CASES[act][0]]


def test_who_wrote_a_letter_does_not_approve_it_and_the_answer_tells_which_and_why(
    as_role: AsRole, context: StandingContext
):
    *_, own, other = drafted(context, 2, by="head")
    with context.store.transaction() as session:
        session.get_one(LetterStep, (other, 1)).actor = "desk"
    answer = press(as_role("head"), "duyet", [own, other])
    assert states(context, [own, other]) == ["drafted", "approved"]
    assert answer.status_code == 200
    assert "1 thư đã xong, 1 thư giữ nguyên" in answer.text
    with context.store.read() as session:
        [refused] = letter_rows.letters_by_id(session, [own], None)
    assert f'<th scope="row">{refused.code}</th><td>Người soạn không được tự duyệt' in answer.text
    assert last_act(context).detail == {"letters": [other], "count": 1}


# ---------------------------------------------------------------- a whole list


def confirmed(client: FlaskClient, act: str, state: str) -> dict[str, str]:
    """The hidden fields of the page that says what will happen to a whole list."""
    page = client.get(f"{LIST}/xac-nhan?viec={act}&trang-thai={state}&tat-ca=1").text
    return dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', page))


def test_a_whole_list_is_confirmed_in_numbers_and_moved_once_it_is_still_the_same(
    as_role: AsRole, context: StandingContext
):
    first = drafted(context, 3)
    head = as_role("head")
    page = head.get(f"{LIST}/xac-nhan?viec=duyet&trang-thai=drafted&tat-ca=1").text
    count = len(first) + OWN
    assert f"{count} thư chuyển từ “Đã soạn” sang “Đã duyệt”." in page
    fields = confirmed(head, "duyet", "drafted")
    with context.store.transaction() as session:
        session.get_one(Letter, first[0]).state = "void"
    answer = head.post(f"{LIST}/quyet-dinh/duyet", data=fields)
    assert (answer.status_code, "Danh sách đã thay đổi" in answer.text) == (409, True)
    assert states(context, first[1:]) == ["drafted"] * (len(first) - 1)
    answer = head.post(f"{LIST}/quyet-dinh/duyet", data=confirmed(head, "duyet", "drafted"))
    assert answer.location == f"{LIST}?trang-thai=drafted"
    assert states(context, first[1:]) == ["approved"] * (len(first) - 1)


def test_what_concerns_single_letters_is_never_done_to_a_whole_list(
    as_role: AsRole, context: StandingContext
):
    ids = drafted(context, 2)
    head = as_role("head")
    assert head.get(f"{LIST}/xac-nhan?viec=huy&trang-thai=drafted&tat-ca=1").status_code == 302
    form = {"csrf_token": token(head, "/tai-khoan"), "tat-ca": "1", "trang-thai": "drafted", "ly-do": "Nhầm"}
    assert head.post(f"{LIST}/quyet-dinh/huy", data=form).status_code == 302
    # Nor is an act done to a list of letters that stand somewhere else.
    assert head.get(f"{LIST}/xac-nhan?viec=duyet&trang-thai=approved&tat-ca=1").status_code == 302
    assert states(context, ids) == ["drafted"] * len(ids)


class EndsAfter(Event):
    """The process is told to end after so many slices."""

    def __init__(self, slices: int) -> None:
        super().__init__()
        self._left = slices

    def is_set(self) -> bool:
        """Asked before each slice."""
        self._left -= 1
        return self._left < 0


def test_a_long_list_is_moved_by_a_worker_that_goes_on_where_it_was_killed(
    as_role: AsRole, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    ids = drafted(context, 12)
    with context.store.transaction() as session:
        session.get_one(LetterStep, (ids[5], 1)).actor = "head"
    monkeypatch.setattr(letter_picks, "AT_ONCE", 5)
    monkeypatch.setattr("app.views.letter_steps.AT_ONCE", 5)
    monkeypatch.setattr("app.works.letter_steps.SLICE", OWN + 3)
    head = as_role("head")
    answer = head.post(f"{LIST}/quyet-dinh/duyet", data=confirmed(head, "duyet", "drafted"))
    assert states(context, ids) == ["drafted"] * len(ids)
    row = claims.claim(context.store, ["letter_step"], owner="một", now=NOW, lease_seconds=60, max_attempts=5)
    assert row is not None
    with pytest.raises(Ending):
        take_letter_steps(Grip(context, row, EndsAfter(1)))
    claims.give_back(context.store, row, now=NOW)
    assert 0 < states(context, ids).count("approved") <= OWN + 3
    work_all(head)
    assert states(context, ids) == [*["approved"] * 5, "drafted", *["approved"] * (len(ids) - 6)]
    result = head.get(answer.location.replace("/cong-viec/", f"{LIST}/ket-qua/"))
    assert result.status_code == 200
    assert f"{len(ids) - 1 + OWN} thư đã xong, 1 thư giữ nguyên" in result.text
    assert as_role("desk").get(result.request.path).status_code == 403


def test_a_worker_does_nothing_for_who_lost_the_role_since(
    as_role: AsRole, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    ids = drafted(context, 6)
    monkeypatch.setattr("app.views.letter_steps.AT_ONCE", 5)
    head = as_role("head")
    head.post(f"{LIST}/quyet-dinh/duyet", data=confirmed(head, "duyet", "drafted"))
    with context.store.transaction() as session:
        account = people.find_login(session, "head")
        assert account
        session.get_one(people.User, account.account_id).role = "desk"
    work_all(head)
    assert states(context, ids) == ["drafted"] * len(ids)


# ---------------------------------------------------------------- lists and pages


def test_a_list_is_as_long_as_its_count_and_comes_in_pages_of_fifty(
    as_role: AsRole, context: StandingContext
):
    ids = drafted(context, 60)
    bring(context, ids[:3], "delivered")
    desk = as_role("head")
    page = desk.get(f"{LIST}?trang-thai=drafted").text
    shown = re.findall(r'name="chon" value="(\d+)"', page)
    count = len(ids) - 3 + OWN
    assert len(shown) == 50
    assert f"Đã soạn <b>{count}</b>" in page
    assert f"<b>{count}</b> thư ở bước “Đã soạn”" in page
    rest = desk.get(f"{LIST}?trang-thai=drafted&sau={shown[-1]}").text
    found = {*map(int, [*shown, *re.findall(r'name="chon" value="(\d+)"', rest)])}
    assert (len(found), found >= {1, *ids[3:]}) == (count, True)
    with context.store.read() as session:
        [one] = letter_rows.letters_by_id(session, [ids[10]], None)
    found = desk.get(f"{LIST}?ma={one.short_code.lower()}").text
    assert re.findall(r'href="/thu-xin-loi/(\d+)">', found) == [str(one.letter_id)]
    assert FINISHED_LATE in desk.get(f"{LIST}?trang-thai=drafted&loai=returned_late").text
    assert FINISHED_LATE not in desk.get(f"{LIST}?trang-thai=drafted&loai=overdue").text
    assert desk.get(f"{LIST}?don-vi={BRANCH_B}").status_code == 404


def test_each_letter_stands_under_one_tab_and_the_kept_promise_under_its_own(context: StandingContext):
    ids = drafted(context, 8)
    for number, state in enumerate(("approved", "signed", "numbered", "delivered")):
        bring(context, ids[number : number + 1], state)
    bring(context, ids[4:6], "delivered")
    with context.store.transaction() as session:
        session.get_one(Letter, ids[4]).promise = "kept"
        session.get_one(Letter, ids[5]).promise = "broken"
    told = {}
    with context.store.read() as session:
        for state in ("approved", "signed", "numbered", "delivered", "promise_kept", "promise_broken"):
            told[state] = letter_rows.letter_ids(session, RowFilter(state=state))
            assert letter_rows.letter_count(session, RowFilter(state=state)) == len(told[state])
    assert list(told.values()) == [[number] for number in ids[:6]]


@pytest.mark.parametrize(
    ("role", "visible"), [("desk", True), ("head", True), ("auditor", False), ("reform", False)]
)
def test_the_text_of_a_letter_is_shown_with_names_to_those_who_read_them_alone(
    as_role: AsRole, context: StandingContext, role: str, visible: bool
):
    [letter] = drafted(context, 1, late_reason="Bà Ngọc vắng nhà")[-1:]
    page = as_role(role).get(f"{LIST}/{letter}").text
    assert "VĂN BẢN XIN LỖI" in page
    assert (NAME in page, "Bà Ngọc" in page, "Thôn Thử" in page) == (visible, visible, visible)
    assert ("N. T. B. N." in page) is not visible
    assert ("Việc làm được lúc này" in page) is visible


def test_a_letter_of_another_unit_has_no_page(as_role: AsRole, context: StandingContext):
    move_head(context, BRANCH_B)
    assert as_role("head").get(f"{LIST}/1").status_code == 404
    assert as_role("desk").get(f"{LIST}/xac-nhan?viec=ghi-da-ky&chon=1").status_code == 302


def test_the_dossier_tells_its_letter_with_its_steps(as_role: AsRole, context: StandingContext):
    [letter] = drafted(context, 1)[-1:]
    bring(context, [letter], "delivered")
    with context.store.read() as session:
        [row] = letter_rows.letters_by_id(session, [letter], None)
    page = as_role("desk").get(f"/ho-so/{row.code}").text
    assert f'href="{LIST}/{letter}"' in page
    assert f'href="{LIST}/nghia-vu/{row.dossier_id}"' in page
    assert "gửi 24/08/2026 09:30" in page
    assert re.search(r'aria-current="step"[^>]*>.{0,200}Đã gửi', page, re.DOTALL)


def test_what_is_owed_is_drafted_by_a_worker_in_the_name_of_who_asked(
    as_role: AsRole, context: StandingContext
):
    desk = as_role("desk")
    desk.post(f"{LIST}/soan", data={"csrf_token": token(desk, "/tai-khoan")})
    work_all(desk)
    with context.store.read() as session:
        made = letter_rows.letter_rows(session, RowFilter())
        first = letter_moves.steps_of(session, [made[0].letter_id])[made[0].letter_id][0]
    assert (len(made) > 1, first[0], first[2]) == (True, "drafted", "desk")


# ---------------------------------------------------------------- by mail


def test_a_letter_sent_by_mail_is_delivered_when_the_server_took_it_and_only_once(
    as_role: AsRole, context: StandingContext
):
    [letter] = drafted(context, 1)[-1:]
    bring(context, [letter], "numbered")
    with serving(Habits()) as server:
        with_mail(context.config_path, server.port)
        fresh = StandingContext(context.config_path)
        with context.store.transaction() as session:  # the world's own messages are no matter here
            for message in session.query(OutboxMessage):
                message.state = "cancelled"
        dispatching = Dispatching(fresh, "một")
        assert not dispatching.run_once()
        press(as_role("desk"), "gui-thu-dien-tu", [letter], **{"dia-chi": "nguoi.nop@vi-du.vn"})
        assert states(context, [letter]) == ["numbered"]
        assert dispatching.run_once()
        fresh.store.close()
    assert len(server.taken) == 1
    assert [part.get_filename()[-5:] for part in server.taken[0].iter_attachments()] == [".docx"]
    assert states(context, [letter]) == ["delivered"]
    with context.store.read() as session:
        [notice] = letter_moves.notices_of(session, [letter])
        message = outbox_queries.find_message(session, notice.message_id or 0)
    assert message is not None
    assert (notice.channel, notice.purpose, message.cause) == ("email", "delivery", f"letter:{letter}")
    assert last_act(context).action == "letter_deliver"
    assert settle_sent(context, NOW) == 0


def test_what_a_kill_left_between_sending_and_noting_is_noted_by_the_next_process(
    as_role: AsRole, context: StandingContext
):
    *_, first, second = drafted(context, 2)
    bring(context, [first, second], "numbered")
    for letter in (first, second):
        press(as_role("desk"), "gui-thu-dien-tu", [letter], **{"dia-chi": "nguoi.nop@vi-du.vn"})
    with context.store.transaction() as session:
        message = session.query(OutboxMessage).filter_by(cause=f"letter:{first}").one()
        message.state, message.sent_at = "sent", at(24, 9, 30)
    assert [settle_sent(context, NOW) for _ in range(2)] == [1, 0]
    assert states(context, [first, second]) == ["delivered", "numbered"]
