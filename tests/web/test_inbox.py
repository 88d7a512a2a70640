"""The inbox of every account: own messages only, read marks, the count in the head of each page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from tests.web.conftest import token
from tests.web.test_access import ROLES
from tests.web.world import StandingContext
from tracker.store import inbox, people
from tracker.store.models import OutboxMessage

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

UNREAD = "2 chưa đọc"


def unread(context: StandingContext, login: str) -> int:
    with context.store.read() as session:
        account = people.find_login(session, login)
        assert account is not None
        return inbox.count_unread(session, account.account_id, cap=9)


def mark(client: FlaskClient, **form: str):
    return client.post("/thong-bao/da-doc", data={"csrf_token": token(client, "/tai-khoan"), **form})


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_own_messages_and_nobody_elses(as_role, role: str):
    text = as_role(role).get("/thong-bao").text
    assert ("Bộ lập lịch đã im lặng" in text) is (role == "admin")
    assert ("Chưa có thông báo nào cho bạn" in text) is (role != "admin")


def test_the_head_of_every_page_says_how_many_are_unread(as_role, context: StandingContext):
    admin, desk = as_role("admin"), as_role("desk")
    assert UNREAD in admin.get("/tai-khoan").text
    assert "chưa đọc" not in desk.get("/tai-khoan").text


def test_one_message_or_all_are_marked_as_read(as_role, context: StandingContext):
    client = as_role("admin")
    assert mark(client, so="1").location == "/thong-bao"
    assert unread(context, "admin") == 1
    mark(client)
    assert unread(context, "admin") == 0
    assert "chưa đọc" not in client.get("/thong-bao").text


def test_messages_of_a_kind_that_is_no_longer_sent_are_still_shown(as_role, context: StandingContext):
    """Letters that stood still were once told in messages of their own."""
    with context.store.transaction() as session:
        session.execute(update(OutboxMessage).values(kind="letter_reminder"))
    client = as_role("admin")
    for path in ("/thong-bao", "/thong-bao/hang-doi", "/thong-bao/hang-doi/1"):
        assert client.get(path).status_code == 200
    assert "Thông báo · " in client.get("/thong-bao").text


def test_nobody_marks_the_messages_of_another(as_role, context: StandingContext):
    client = as_role("desk")
    mark(client, so="1")
    mark(client)
    assert unread(context, "admin") == 2


def test_older_messages_are_on_the_next_page(as_role, context: StandingContext):
    client = as_role("admin")
    assert "Bộ lập lịch" not in client.get("/thong-bao?truoc=1").text
    older = client.get("/thong-bao?truoc=2").text
    assert "Bộ lập lịch" in older
    assert "Niêm phong ngày" not in older


def test_with_a_demonstration_account_its_inbox_goes(context: StandingContext):
    with context.store.transaction() as session:
        account = people.find_login(session, "admin")
        assert account is not None
        session.get_one(people.User, account.account_id).is_demo = True
    with context.store.transaction() as session:
        people.remove_demo_accounts(session)
        assert people.find_login(session, "admin") is None


def test_a_message_is_text_and_no_markup(as_role, context: StandingContext):
    from tracker.store.models import InboxMessage

    with context.store.transaction() as session:
        session.get_one(InboxMessage, 1).subject = "<b>đậm</b>"
    assert "&lt;b&gt;đậm" in as_role("admin").get("/thong-bao").text
