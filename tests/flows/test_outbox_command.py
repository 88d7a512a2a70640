"""`dunghen outbox`: what waits and what became of it, decisions, receipts by mail; letters that are asked to be delivered."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.commands.outbox_command import LARGEST_MAIL
from app.deliveries import deliver_letter
from app.dispatching import file_sources
from app.outbox_actions import DECISIONS, decide
from notifications.kinds import ChannelName
from notifications.outbox import put
from tests.core.test_messages import report
from tests.flows.office import NOW, Office, StandingContext, row
from tests.mail_server import Certificates, Habits, free_port, serving
from tests.mailroom import SEAL, Room, mail_room, with_mail
from tests.web.messages import ADDRESS, CITIZEN, CITIZENS_TEXT, DEAD, SENT, UNSURE, add_messages
from tests.web.world import add_people, add_units
from tracker.config import Config, load_config
from tracker.errors import UsageError, WorkFailed
from tracker.store import audit
from tracker.store.models import Letter, OutboxMessage
from tracker.store.outbox import MessageState
from tracker.store.session import open_store


@pytest.fixture
def with_messages(office: Office) -> Office:
    """An office with a message in every state."""
    store = open_store(office.url)
    add_units(store)
    add_people(store)
    add_messages(store, NOW)
    store.close()
    return office


def test_the_list_counts_states_masks_recipients_and_says_that_somebody_is_needed(with_messages: Office):
    answer = with_messages.run("outbox", "list", "--json")
    assert answer.status == 1
    assert answer.json["counts"] | {"sending": 0} == answer.json["counts"]
    assert {name: answer.json["counts"][name] for name in ("unsure", "dead", "waiting")} == {
        "unsure": 1, "dead": 1, "waiting": 2,
    }  # fmt: skip
    assert answer.json["faults"] == [
        {
            "channel": "email", "code": "MAIL_LOGIN", "count": 1,
            "message": "Máy chủ thư không chấp nhận đăng nhập (535).",
        }
    ]  # fmt: skip
    assert CITIZEN not in answer.out
    assert "n***@vi-du.vn" in answer.out
    assert [each["id"] for each in with_messages.ask("outbox", "list", "--state", "dead")["rows"]] == [DEAD]


def test_what_was_put_aside_needs_nobody_any_more(with_messages: Office):
    for number in (UNSURE, DEAD):
        assert with_messages.run("outbox", "list").status == 1
        with_messages.ask("outbox", "cancel", str(number))
    assert with_messages.run("outbox", "list").status == 0
    assert [e["kind"] for e in with_messages.ask("outbox", "show", str(DEAD))["events"]][-2:] == [
        "dead", "cancelled",
    ]  # fmt: skip
    entry = ("outbox_cancel", "operator", f"message:{DEAD}")
    assert entry in with_messages.query("SELECT action, actor, subject FROM audit_entry")


def test_an_unusable_address_is_dead_at_once_can_be_put_aside_and_is_never_sent_to(office: Office):
    store = open_store(office.url)
    with store.transaction() as session:
        put(session, replace(SEAL, recipient="không phải địa chỉ"), NOW)
    store.close()
    assert [event["kind"] for event in office.ask("outbox", "show", "1")["events"]] == ["put", "dead"]
    assert office.run("outbox", "again", "1").status == 2
    office.ask("outbox", "cancel", "1")
    assert office.run("outbox", "list").status == 0
    assert office.run("outbox", "again", "1").status == 2
    assert office.ask("outbox", "show", "1")["fault_code"] == "RECIPIENT_UNUSABLE"


def test_an_office_without_messages_has_nothing_to_do(office: Office):
    assert office.run("outbox", "list").status == 0


def test_one_message_is_shown_with_its_steps_and_without_words_for_a_citizen(with_messages: Office):
    shown = with_messages.ask("outbox", "show", str(UNSURE))
    assert [event["kind"] for event in shown["events"]] == ["put", "claimed", "handed_over", "unsure"]
    assert (shown["recipient"], shown["text"]) == (CITIZEN, None)
    assert with_messages.ask("outbox", "show", str(UNSURE), "--mask")["recipient"] == "n***@vi-du.vn"
    assert with_messages.ask("outbox", "show", str(SENT))["text"] == "Dòng niêm phong"
    assert CITIZENS_TEXT not in with_messages.run("outbox", "show", str(UNSURE)).out
    assert ("view", f"message:{UNSURE}") in with_messages.query("SELECT action, subject FROM audit_entry")


@pytest.mark.parametrize(
    ("name", "after"), [("again", "waiting"), ("settle", "sent"), ("cancel", "cancelled")]
)
def test_a_decision_is_taken_once(with_messages: Office, name: str, after: str):
    assert with_messages.ask("outbox", name, str(UNSURE)) == {"id": UNSURE, "state": after}
    assert with_messages.run("outbox", "settle", str(UNSURE)).status == 2
    entry = (f"outbox_{name}", "operator", f"message:{UNSURE}")
    assert entry in with_messages.query("SELECT action, actor, subject FROM audit_entry")


@pytest.mark.parametrize("name", ["show", "again", "settle", "cancel"])
def test_a_message_that_is_not_there_is_wrong_use(with_messages: Office, name: str):
    assert with_messages.run("outbox", name, "999").status == 2


def test_the_real_command_sends_what_is_due_and_ends(office: Office):
    with serving(Habits()) as server:
        with_mail(office.config, server.port)
        store = open_store(office.url)
        with store.transaction() as session:
            put(session, SEAL, NOW)
            put(session, replace(SEAL, key="later"), NOW + timedelta(hours=1))
        store.close()
        assert office.ask("worker", "--only", "outbox", "--until-idle")["sent"] == 1
    assert server.subjects == ["Niêm phong"]
    assert office.query("SELECT state FROM outbox_message ORDER BY id") == [("sent",), ("waiting",)]


# ---------------------------------------------------------------- receipts by mail


def with_reference(office: Office, reference: str) -> None:
    """Message 3 bears the Message-ID of the reports of the tests."""
    store = open_store(office.url)
    with store.transaction() as session:
        session.get_one(OutboxMessage, SENT).provider_ref = reference
    store.close()


def state(office: Office, number: int) -> str:
    [(found,)] = office.query("SELECT state FROM outbox_message WHERE id = ?", number)
    return str(found)


def test_a_maildir_of_reports_is_read_and_reading_it_again_changes_nothing(
    with_messages: Office, tmp_path: Path
):
    office = with_messages
    with_reference(office, "<abc@vi-du.vn>")
    for folder, name, mail in (
        ("new", "1", report("delivered")),
        ("cur", "2:2,S", report("failed")),
        ("cur", "3", b"Subject: hello\n\nno report"),
        ("tmp", "4", report("failed")),
    ):
        (tmp_path / "mail" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "mail" / folder / name).write_bytes(mail)
    first = office.ask("outbox", "receipts", tmp_path / "mail")
    assert first == {"read": 3, "noted": 2, "known": 0, "no_message": 0, "unusable": 0}
    assert state(office, SENT) == "dead"
    assert office.query("SELECT fault FROM outbox_message WHERE id = ?", SENT) == [
        ("Thư bị trả lại (5.1.1).",)
    ]
    assert office.ask("outbox", "receipts", tmp_path / "mail") == {
        "read": 3, "noted": 0, "known": 2, "no_message": 0, "unusable": 0,
    }  # fmt: skip


def test_one_mail_is_read_and_a_report_of_a_strange_mail_concerns_nobody(
    with_messages: Office, tmp_path: Path
):
    file = tmp_path / "bao.eml"
    file.write_bytes(report("failed", original="mail"))
    assert with_messages.ask("outbox", "receipts", file)["no_message"] == 1
    with_reference(with_messages, "<abc@vi-du.vn>")
    assert with_messages.ask("outbox", "receipts", file)["noted"] == 1


def nested(depth: int) -> bytes:
    """A mail of parts within parts."""
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return f"Subject: rối\r\n{head}\r\nhết\r\n".encode()


@pytest.mark.parametrize(
    ("mail", "told"),
    [(b"x" * (LARGEST_MAIL + 1), "thư quá lớn"), (nested(2000), "thư lồng quá nhiều lớp")],
    ids=["too large", "too deep"],
)
def test_one_mail_that_cannot_be_read_keeps_no_report_from_being_noted(
    with_messages: Office, tmp_path: Path, mail: bytes, told: str
):
    with_reference(with_messages, "<abc@vi-du.vn>")
    folder = tmp_path / "mail" / "new"
    folder.mkdir(parents=True)
    (folder / "1").write_bytes(mail)
    (folder / "2").write_bytes(report("delivered"))
    answer = with_messages.run("outbox", "receipts", tmp_path / "mail", "--json")
    assert answer.status == 1
    assert answer.json == {"read": 2, "noted": 1, "known": 0, "no_message": 0, "unusable": 1}
    assert told in answer.err
    assert str(folder / "1") in answer.err
    assert state(with_messages, SENT) == "delivered"


def test_what_is_neither_a_mail_nor_a_maildir_is_unusable(with_messages: Office, tmp_path: Path):
    assert with_messages.run("outbox", "receipts", tmp_path / "khong-co").status == 3


# ---------------------------------------------------------------- letters


@pytest.fixture
def lettered(office: Office) -> Office:
    """An office with one letter that was signed and has its number."""
    late = row(
        received_at="03/08/2026 08:00:00", due_at="20/08/2026 17:00:00", late_reason="Khối lượng hồ sơ tăng"
    )
    office.ingest([late])
    assert office.ask("letters", "draft", "--as-of", "2026-08-24")["written"] == 1
    in_state(office, "numbered")
    return office


def in_state(office: Office, state: str) -> None:
    """As if the letter had gone that far on its way."""
    store = open_store(office.url)
    with store.transaction() as session:
        session.get_one(Letter, 1).state = state
    store.close()


@pytest.fixture
def context(lettered: Office) -> StandingContext:
    """Its context."""
    context = StandingContext(lettered.config, instant=NOW)
    context.__dict__["config"] = _config(lettered)
    return context


def _config(office: Office) -> Config:
    return load_config(office.config, {k: v for k, v in office.environment.items() if v})


def deliver(context: StandingContext, channel: ChannelName, recipient: str) -> int:
    return deliver_letter(context, 1, channel, recipient, actor="an", now=NOW)


def room_of(context: StandingContext, server, certificates: Certificates) -> Room:
    room = mail_room(context.store, server, certificates)
    room.files = dict(file_sources(context))
    return room


def test_a_letter_reaches_its_addressee_with_the_file_of_the_register(context: StandingContext):
    certificates = Certificates.make()
    with serving(Habits(), certificates.serving()) as server:
        room = room_of(context, server, certificates)
        number = deliver(context, ChannelName.EMAIL, CITIZEN)
        assert deliver(context, ChannelName.EMAIL, CITIZEN) == number
        assert room.send().state == MessageState.SENT
        assert room.sender().run_once() is False
    [mail] = server.taken
    [attached] = mail.iter_attachments()
    [file] = (context.data_dir / "letters").rglob("*.docx")
    assert attached.get_content() == file.read_bytes()
    assert attached.get_filename() == file.name
    assert "H15.03-220301-0001" in mail["Subject"]
    assert room.row().attachments[0].sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    context.store.close()


def test_the_outbox_holds_a_reference_and_no_letter_and_the_log_no_address(context: StandingContext):
    deliver(context, ChannelName.EMAIL, ADDRESS)
    with context.store.read() as session:
        [act] = audit.recent_acts(session, 1)
    assert (act.actor, act.action, act.subject) == ("an", "letter_delivery", "letter:1")
    assert ADDRESS not in str(act)
    context.store.close()


@pytest.mark.parametrize(
    ("change", "code"), [("changed", "ATTACHMENT_CHANGED"), ("gone", "ATTACHMENT_MISSING")]
)
def test_a_letter_whose_file_is_another_by_now_is_not_sent(context: StandingContext, change: str, code: str):
    certificates = Certificates.make()
    with serving(Habits(), certificates.serving()) as server:
        room = room_of(context, server, certificates)
        deliver(context, ChannelName.EMAIL, CITIZEN)
        [file] = (context.data_dir / "letters").rglob("*.docx")
        if change == "gone":
            file.unlink()
        else:
            file.write_bytes(b"PK another")
        row = room.send()
    assert (row.state, row.fault_code, server.attempts) == (MessageState.DEAD, code, 0)
    context.store.close()


def test_a_letter_that_was_voided_meanwhile_is_not_sent(context: StandingContext):
    certificates = Certificates.make()
    with serving(Habits(), certificates.serving()) as server:
        room = room_of(context, server, certificates)
        deliver(context, ChannelName.EMAIL, CITIZEN)
        with context.store.transaction() as session:
            session.get_one(Letter, 1).state = "void"
        assert room.send().state == MessageState.CANCELLED
        with pytest.raises(UsageError):
            deliver(context, ChannelName.EMAIL, "khac@vi-du.vn")
    assert server.attempts == 0
    context.store.close()


@pytest.mark.parametrize(
    ("state", "is_sendable"),
    [
        ("drafted", False),
        ("approved", False),
        ("signed", True),
        ("numbered", True),
        ("delivered", True),
        ("void", False),
    ],
)
def test_only_a_signed_letter_is_sent(
    lettered: Office, context: StandingContext, state: str, is_sendable: bool
):
    in_state(lettered, state)
    if is_sendable:
        assert deliver(context, ChannelName.EMAIL, CITIZEN) == 1
    else:
        with pytest.raises(UsageError, match="chưa ký, đã hủy"):
            deliver(context, ChannelName.EMAIL, CITIZEN)
    context.store.close()


def test_a_letter_whose_signature_was_taken_back_meanwhile_is_not_sent(
    lettered: Office, context: StandingContext
):
    deliver(context, ChannelName.EMAIL, CITIZEN)
    in_state(lettered, "drafted")
    room = mail_room(context.store, free_port(), Certificates.make())
    assert room.send().state == MessageState.CANCELLED
    context.store.close()


WRONG, RIGHT = "dia chi sai", "dung@vi-du.vn"


def test_a_letter_with_a_wrong_address_is_sent_to_the_right_one_and_once(context: StandingContext):
    certificates = Certificates.make()
    with serving(Habits(), certificates.serving()) as server:
        room = room_of(context, server, certificates)
        assert deliver(context, ChannelName.EMAIL, WRONG) == 1
        assert room.row(1).fault_code == "RECIPIENT_UNUSABLE"
        assert deliver(context, ChannelName.EMAIL, WRONG) == 1
        assert [deliver(context, ChannelName.EMAIL, RIGHT) for _ in range(3)] == [2, 2, 2]
        assert [room.sender().run_once() for _ in range(2)] == [True, False]
        assert deliver(context, ChannelName.EMAIL, "mot.nguoi.khac@vi-du.vn") == 2
    assert [envelope[1] for envelope in server.envelopes] == [[RIGHT]]
    assert room.row(2).key == "letter_delivery:1:email:2"
    context.store.close()


def test_a_letter_goes_nowhere_else_while_its_message_may_still_arrive(context: StandingContext):
    assert deliver(context, ChannelName.EMAIL, CITIZEN) == 1
    assert deliver(context, ChannelName.EMAIL, RIGHT) == 1
    decide(context.store, DECISIONS["cancel"], 1, actor="an", now=NOW)
    assert deliver(context, ChannelName.EMAIL, RIGHT) == 2
    context.store.close()


def test_a_short_message_of_a_letter_holds_code_and_new_date_until_that_date(context: StandingContext):
    number = deliver(context, ChannelName.GATEWAY, "0912345678")
    message = Room(context.store, {}).row(number)
    assert message.text.startswith('{"code":"H15.03-220301-0001","date":"2026-')
    assert (message.subject, message.html, message.attachments) == ("", "", ())
    assert message.not_after is not None
    assert timedelta(0) < message.not_after - NOW < timedelta(days=30)
    context.store.close()


def test_what_cannot_be_delivered_is_refused_and_nothing_is_put(context: StandingContext):
    with pytest.raises(UsageError):
        deliver(context, ChannelName.WEBHOOK, "cong")
    with pytest.raises(UsageError):
        deliver_letter(context, 77, ChannelName.EMAIL, CITIZEN, actor="an", now=NOW)
    [file] = (context.data_dir / "letters").rglob("*.docx")
    file.unlink()
    with pytest.raises(WorkFailed):
        deliver(context, ChannelName.EMAIL, CITIZEN)
    with context.store.read() as session:
        assert [act.action for act in audit.recent_acts(session, 9)].count("letter_delivery") == 0
    context.store.close()
