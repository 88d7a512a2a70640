"""The outbox for administrators: what is wrong is on top, recipients are masked, decisions are taken once and logged."""

import pytest

from tests.web.conftest import token
from tests.web.messages import ADDRESS, CITIZEN, CITIZENS_TEXT, DEAD, FAULTY, SENT, UNSURE, WAITING
from tests.web.world import StandingContext
from tracker.store import audit, outbox_queries
from tracker.store.outbox import MessageState

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

QUEUE = "/thong-bao/hang-doi"


def state(context: StandingContext, number: int) -> str:
    with context.store.read() as session:
        row = outbox_queries.find_message(session, number)
    assert row is not None
    return row.state


def decide(client, number: int, name: str):
    data = {"csrf_token": token(client, f"{QUEUE}/{UNSURE}")}
    return client.post(f"{QUEUE}/{number}/{name}", data=data, follow_redirects=True)


def test_the_queue_shows_states_masked_recipients_and_what_is_wrong_with_a_channel(as_role):
    text = as_role("admin").get(QUEUE).text
    for word in (
        "Chưa rõ đã gửi hay chưa",
        "Không gửi được",
        "Đã gửi",
        "Chờ gửi",
        "n***@vi-du.vn",
        "t***@vi-du.vn",
    ):
        assert word in text
    assert "Thư điện tử: Máy chủ thư không chấp nhận đăng nhập (535)." in text
    assert "kênh chưa được cấu hình: Thư điện tử" in text


def test_no_page_of_the_outbox_shows_an_address_or_the_words_for_a_citizen(as_role):
    client = as_role("admin")
    for address in (QUEUE, *(f"{QUEUE}/{number}" for number in (UNSURE, DEAD, SENT, WAITING, FAULTY))):
        text = client.get(address).text
        assert ADDRESS not in text
        assert CITIZEN not in text
        assert CITIZENS_TEXT not in text
    assert "Dòng niêm phong" in client.get(f"{QUEUE}/{SENT}").text
    assert "Kênh đã nhận" in client.get(f"{QUEUE}/{SENT}").text


def test_the_queue_is_narrowed_by_state_in_the_address(as_role):
    client = as_role("admin")
    assert f"{QUEUE}/{UNSURE}" in client.get(f"{QUEUE}?trang-thai=unsure").text
    assert f"{QUEUE}/{SENT}" not in client.get(f"{QUEUE}?trang-thai=unsure").text
    assert client.get(f"{QUEUE}?trang-thai=la").status_code == 200
    assert f"{QUEUE}/{SENT}" not in client.get(f"{QUEUE}?truoc={SENT}").text


@pytest.mark.parametrize(
    ("number", "name", "after"),
    [
        (UNSURE, "again", MessageState.WAITING),
        (UNSURE, "settle", MessageState.SENT),
        (UNSURE, "cancel", MessageState.CANCELLED),
        (DEAD, "again", MessageState.WAITING),
        (WAITING, "cancel", MessageState.CANCELLED),
        (DEAD, "cancel", MessageState.CANCELLED),
    ],
)
def test_a_decision_moves_the_message_and_is_logged(
    as_role, context: StandingContext, number: int, name: str, after: str
):
    client = as_role("admin")
    assert "đã ghi quyết định" in decide(client, number, name).text
    assert state(context, number) == after
    with context.store.read() as session:
        [act] = audit.recent_acts(session, 1)
    assert (act.actor, act.action, act.subject) == ("admin", f"outbox_{name}", f"message:{number}")
    assert CITIZEN not in str(act)


@pytest.mark.parametrize(
    ("number", "name"), [(SENT, "again"), (SENT, "cancel"), (DEAD, "settle"), (WAITING, "again")]
)
def test_what_cannot_be_decided_changes_nothing_and_says_so(
    as_role, context: StandingContext, number: int, name: str
):
    before = state(context, number)
    assert "không còn ở trạng thái cho phép" in decide(as_role("admin"), number, name).text
    assert state(context, number) == before


def test_of_two_who_decide_at_once_the_second_is_told(as_role, context: StandingContext):
    client = as_role("admin")
    decide(client, UNSURE, "again")
    assert "không còn ở trạng thái cho phép" in decide(client, UNSURE, "settle").text
    assert state(context, UNSURE) == MessageState.WAITING


def test_a_decision_needs_the_token_of_the_form_and_a_known_word(as_role, context: StandingContext):
    client = as_role("admin")
    assert client.post(f"{QUEUE}/{UNSURE}/again").status_code == 400
    assert state(context, UNSURE) == MessageState.UNSURE
    assert decide(client, UNSURE, "khac").status_code == 404
    assert client.get(f"{QUEUE}/999").status_code == 404


@pytest.mark.parametrize("role", ["desk", "head", "auditor", "reform"])
def test_only_administrators_decide(as_role, context: StandingContext, role: str):
    client = as_role(role)
    data = {"csrf_token": token(client, "/tai-khoan")}
    assert client.post(f"{QUEUE}/{UNSURE}/again", data=data).status_code == 403
    assert state(context, UNSURE) == MessageState.UNSURE
