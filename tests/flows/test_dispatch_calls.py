"""Signed calls, the gateway, the inbox and further services, over real connections."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from notifications.channels.further import FurtherChannel
from notifications.channels.gateway import GatewayChannel
from notifications.channels.in_app import InAppChannel
from notifications.channels.webhook import WebhookChannel
from notifications.kinds import ChannelName
from notifications.marks import LONGEST_WAIT_SECONDS
from notifications.outbox import OutboxDraft
from tests.http_server import HANG_UP, SILENT, HttpServer, answering
from tests.mail_server import free_port
from tests.mailroom import IMPATIENT_SECONDS, NOW, PATIENCE_SECONDS, TRIES, Room, repeating
from tracker.config import GatewayConfig, WebhookTarget
from tracker.store import inbox, people
from tracker.store.models import OutboxMessage
from tracker.store.outbox import MessageState
from tracker.store.people import NewAccount
from tracker.store.session import Store

# The library's own, on the oldest Python that we run on.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
    pytest.mark.either_database("about answers of targets; the queue has tests of its own"),
]

KEY = b"mot khoa bi mat dai ba muoi hai!"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SEAL = OutboxDraft(
    "audit_seal", "k", "webhook", "cong", "Niêm phong", "Dòng niêm phong",
    cause="audit_seal:2026-08-24", link="/nhat-ky",
)  # fmt: skip
SHORT = OutboxDraft(
    "letter_delivery", "k", "gateway", "0912345678", code="H15.03-220301-0001", day=date(2026, 8, 31)
)


def webhooks(store: Store, server: HttpServer, secret: str = SECRET) -> Room:
    """A room with one target."""
    target = WebhookTarget("cong", server.url, secret)
    return Room(store, {ChannelName.WEBHOOK: WebhookChannel([target])})


def gateway(store: Store, server: HttpServer, **given: Any) -> Room:
    """A room with a gateway that is switched on."""
    values: dict[str, Any] = {
        "is_on": True, "url": server.url, "recipient_field": "to", "text_field": "text", "timeout_seconds": PATIENCE_SECONDS,
        "token": "mot-the", "receipt_secret": "",
    }  # fmt: skip
    room = Room(store, {ChannelName.GATEWAY: GatewayChannel(GatewayConfig(**{**values, **given}))})
    room.kinds = {name: kind for name, kind in room.kinds.items() if name != "letter_delivery"}
    return room


# ---------------------------------------------------------------- webhook


def test_a_call_is_signed_as_standard_webhooks_says_and_tells_what_happened(store: Store):
    with answering(HttpServer()) as server:
        room = webhooks(store, server)
        room.put(SEAL)
        row = room.send()
    [call] = server.calls
    told = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    signature = base64.b64encode(hmac.new(KEY, told, hashlib.sha256).digest()).decode()
    assert call.headers["webhook-signature"] == f"v1,{signature}"
    assert call.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert json.loads(call.body) == {
        "type": "audit_seal", "id": call.headers["webhook-id"], "at": NOW.isoformat(),
        "data": {
            "cause": "audit_seal:2026-08-24", "link": "/nhat-ky", "unit_id": None, "subject": "Niêm phong",
            "text": "Dòng niêm phong",
        },
    }  # fmt: skip
    assert (row.state, call.path) == (MessageState.SENT, "/nhan")


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [
        (204, MessageState.SENT, ""),
        (301, MessageState.DEAD, "HTTP_301"),
        (307, MessageState.DEAD, "HTTP_307"),
        (400, MessageState.DEAD, "HTTP_400"),
        (410, MessageState.DEAD, "HTTP_410"),
        (429, MessageState.WAITING, "HTTP_429"),
        (500, MessageState.WAITING, "HTTP_500"),
        (503, MessageState.WAITING, "HTTP_503"),
        (HANG_UP, MessageState.WAITING, "HTTP_ANSWER_MISSING"),
    ],
)
def test_what_a_target_answers_decides(store: Store, answer: Any, state: str, code: str):
    with answering(HttpServer([answer])) as server:
        room = webhooks(store, server)
        room.put(SEAL)
        row = room.send()
    assert (row.state, row.fault_code) == (state, code)


def test_in_doubt_a_call_is_made_again_with_the_same_id(store: Store):
    with answering(HttpServer([HANG_UP, 500, 200])) as server:
        room = webhooks(store, server)
        room.put(SEAL)
        for _ in range(3):
            room.send()
            room.clock.move(LONGEST_WAIT_SECONDS)
    assert room.row().state == MessageState.SENT
    assert len(server.calls) == 3
    assert len({call.headers["webhook-id"] for call in server.calls}) == 1
    assert room.steps().count("handed_over") == 3


def test_a_redirect_is_not_followed(store: Store):
    with answering(HttpServer()) as elsewhere, answering(HttpServer([302])) as server:
        server.location = elsewhere.url
        room = webhooks(store, server)
        room.put(SEAL)
        assert room.send().state == MessageState.DEAD
    assert (len(server.calls), len(elsewhere.calls)) == (1, 0)


@pytest.mark.parametrize(("name", "secret"), [("la", SECRET), ("cong", "")])
def test_only_configured_targets_with_a_secret_are_called(store: Store, name: str, secret: str):
    with answering(HttpServer()) as server:
        room = webhooks(store, server, secret)
        room.put(SEAL, recipient=name)
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.WAITING, "TARGET_NOT_CONFIGURED")
    assert server.calls == []


def test_that_it_was_handed_over_is_committed_before_the_body_leaves(store: Store):
    seen = []

    class Watching(HttpServer):
        def answer(self) -> Any:
            seen.append(room.row().handed_over_at)
            return 200

    with answering(Watching()) as server:
        room = webhooks(store, server)
        room.put(SEAL)
        room.send()
    assert seen == [NOW]


def test_a_target_that_is_down_costs_no_tries(store: Store):
    room = webhooks(store, HttpServer(port=free_port()))
    room.put(SEAL)
    for _ in range(TRIES + 2):
        room.send()
        room.clock.move(2 * LONGEST_WAIT_SECONDS)
    assert (room.row().state, room.row().fault_code) == (MessageState.WAITING, "HTTP_CONNECTION")


# ---------------------------------------------------------------- gateway


def test_a_gateway_is_told_code_and_date_in_fixed_words(store: Store):
    with answering(HttpServer(answer_body=b'{"message_id": "gw-77"}')) as server:
        room = gateway(store, server)
        room.put(SHORT)
        row = room.send()
    [call] = server.calls
    told = json.loads(call.body)
    assert call.headers["authorization"] == "Bearer mot-the"
    assert set(told) == {"to", "text"}
    assert told["to"] == "0912345678"
    assert "H15.03-220301-0001" in told["text"]
    assert "31/08/2026" in told["text"]
    assert (row.state, row.provider_ref) == (MessageState.SENT, "gw-77")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (400, MessageState.DEAD),
        (401, MessageState.WAITING),
        (429, MessageState.WAITING),
        (500, MessageState.UNSURE),
        (504, MessageState.UNSURE),
        (HANG_UP, MessageState.UNSURE),
        (SILENT, MessageState.UNSURE),
    ],
)
def test_a_gateway_in_doubt_is_not_asked_twice(store: Store, answer: Any, state: str):
    patience = IMPATIENT_SECONDS if answer == SILENT else PATIENCE_SECONDS
    with answering(HttpServer([answer, 200])) as server:
        room = gateway(store, server, timeout_seconds=patience)
        room.put(SHORT)
        assert room.send().state == state
        room.clock.move(LONGEST_WAIT_SECONDS)
        if state == MessageState.UNSURE:
            assert room.sender().run_once() is False
            assert len(server.calls) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"code":"Nguyễn Văn Bịa","date":"2026-08-31"}',
        '{"code":"NGUYEN VAN BIA 1","date":"2026-08-31"}',
        '{"code":"H15.03-1","date":"2026-08-31","name":"Bịa"}',
        '{"code":"H15.03-1","date":"hôm nay"}',
        '{"code":"{name}1","date":"2026-08-31"}',
        '{"code":17,"date":"2026-08-31"}',
        '["H15.03-1","2026-08-31"]',
        "Chào ông Bịa",
        "",
    ],
)
def test_nothing_but_code_and_date_leaves_by_the_gateway_whoever_wrote_the_row(store: Store, text: str):
    with answering(HttpServer()) as server:
        room = gateway(store, server)
        number = room.put(SHORT)
        with store.transaction() as session:
            session.get_one(OutboxMessage, number).text = text
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.DEAD, "GATEWAY_FIELDS")
    assert server.calls == []


@pytest.mark.parametrize(
    "given",
    [
        {"text": "Chào ông"},
        {"subject": "Thư"},
        {"html": "<p>"},
        {"link": "/ho-so/1"},
        {"code": "Nguyễn Văn A"},
        {"code": ""},
        {"day": None},
        {"kind": "audit_seal"},
    ],
    ids=str,
)
def test_more_than_code_and_date_cannot_even_be_put(store: Store, given: dict[str, Any]):
    room = Room(store, {})
    with pytest.raises(ValueError, match="gateway"):
        room.put(SHORT, **given)


# ---------------------------------------------------------------- in the program, and elsewhere


@pytest.fixture
def person(store: Store) -> int:
    """An account."""
    with store.transaction() as session:
        return people.add_account(session, NewAccount("an", "An", "desk", None, "-", "-"), NOW)


def test_a_message_in_the_program_lies_there_once_with_its_mark(store: Store, person: int):
    room = Room(store, {ChannelName.IN_APP: InAppChannel(store)})
    room.put(SEAL, channel="in_app", recipient=f"user:{person}")
    assert room.send().state == MessageState.SENT
    assert room.sender().run_once() is False
    with store.read() as session:
        [found] = inbox.inbox_of(session, person, limit=9)
    assert (found.subject, found.text, found.link, found.read_at) == (
        "Niêm phong", "Dòng niêm phong", "/nhat-ky", None,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["user:404", "user:1"])
def test_an_account_that_is_gone_or_closed_gets_nothing(store: Store, person: int, who: str):
    with store.transaction() as session:
        people.disable(session, person, now=NOW)
    room = Room(store, {ChannelName.IN_APP: InAppChannel(store)})
    room.put(SEAL, channel="in_app", recipient=who)
    assert (room.send().state, room.row().fault_code) == (MessageState.DEAD, "ACCOUNT_GONE")


def test_a_further_service_is_told_by_its_name(store: Store):
    with answering(HttpServer()) as server:
        address = f"json://localhost:{server.port}/nhan"
        room = Room(store, {ChannelName.APPRISE: FurtherChannel({"nhom-truc": address})})
        room.put(SEAL, channel="apprise", recipient="nhom-truc")
        assert room.send().state == MessageState.SENT
    told = json.loads(server.calls[0].body)
    assert (told["title"], told["message"]) == ("Niêm phong", "Dòng niêm phong")


@pytest.mark.parametrize(
    ("is_harmless", "state"), [(False, MessageState.UNSURE), (True, MessageState.WAITING)]
)
def test_a_further_service_that_fails_is_a_doubt_of_which_the_kind_decides(
    store: Store, is_harmless: bool, state: str
):
    with answering(HttpServer([500])) as server:
        channel = FurtherChannel({"nhom-truc": f"json://localhost:{server.port}/nhan"})
        room = Room(store, {ChannelName.APPRISE: channel})
        room = repeating(room) if is_harmless else room
        room.put(SEAL, channel="apprise", recipient="nhom-truc")
        assert room.send().state == state


def made_personal(room: Room) -> None:
    """The first message, as if somebody had written it past `put`."""
    with room.store.transaction() as session:
        session.get_one(OutboxMessage, 1).kind = "letter_delivery"
    room.kinds = {}


def test_words_that_may_be_personal_leave_by_no_webhook_whoever_wrote_the_row(store: Store):
    with answering(HttpServer()) as server:
        room = webhooks(store, server)
        room.put(SEAL)
        made_personal(room)
        room.send()
    assert set(json.loads(server.calls[0].body)["data"]) == {"cause", "link", "unit_id"}


def test_words_that_may_be_personal_leave_by_no_further_service_whoever_wrote_the_row(store: Store):
    with answering(HttpServer()) as server:
        channel = FurtherChannel({"nhom-truc": f"json://localhost:{server.port}/nhan"})
        room = Room(store, {ChannelName.APPRISE: channel})
        room.put(SEAL, channel="apprise", recipient="nhom-truc")
        made_personal(room)
        row = room.send()
    assert (row.state, row.fault_code, server.calls) == (MessageState.DEAD, "NOT_FOR_SERVICES", [])


def test_an_address_that_is_none_is_a_fault_of_the_channel(store: Store):
    room = Room(store, {ChannelName.APPRISE: FurtherChannel({"nhom-truc": "khong-phai-dia-chi"})})
    room.put(SEAL, channel="apprise", recipient="nhom-truc")
    assert (room.send().state, room.row().fault_code) == (MessageState.WAITING, "APPRISE_ADDRESS")


def test_the_library_of_further_services_is_loaded_only_when_it_is_needed():
    code = "import sys, app.cli, app.dispatching; print([n for n in ('apprise', 'requests') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
