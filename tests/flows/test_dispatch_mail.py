"""Mail over a real server: what it answers, when, and what becomes of the message. Nothing doubled, nothing lost."""

import ssl
from dataclasses import replace

import pytest

from notifications.kinds import MESSAGE_KINDS, WhenUnsure
from notifications.marks import LONGEST_WAIT_SECONDS, SLOW_SECONDS
from notifications.outbox import Attachment
from tests.mail_server import Certificates, Habits, free_port, scripted, serving
from tests.mailroom import (
    IMPATIENT_SECONDS,
    LEASE,
    PATIENCE_SECONDS,
    SENDER,
    TO,
    TRIES,
    Room,
    mail_room,
    repeating,
    with_login,
)
from tracker.store.outbox import MessageState
from tracker.store.session import Store

pytestmark = pytest.mark.either_database("about answers of a server; the queue has tests of its own")


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    """Made once."""
    return Certificates.make()


# ---------------------------------------------------------------- taken


def test_a_mail_leaves_encrypted_with_text_and_html_and_says_that_it_is_automatic(
    store: Store, certificates: Certificates
):
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put(html="<p>Dòng <b>niêm phong</b></p>", link="/nhat-ky")
        row = room.send()
    [mail] = server.taken
    assert server.is_encrypted == [True]
    assert server.envelopes == [("dung-hen@vi-du.vn", [TO])]
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, TO, "Niêm phong")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == room.clock.at
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain = mail.get_body(("plain",)).get_content()
    assert "Dòng niêm phong" in plain
    assert "https://dung-hen.vi-du.vn/nhat-ky" in plain
    assert 'href="https://dung-hen.vi-du.vn/nhat-ky"' in mail.get_body(("html",)).get_content()
    assert (row.state, row.provider_ref, row.sent_at) == (
        MessageState.SENT,
        mail["Message-ID"],
        room.clock.at,
    )
    assert room.steps() == ["put", "claimed", "handed_over", "sent"]


def test_tls_from_the_first_byte_works_as_well(store: Store, certificates: Certificates):
    with serving(Habits(), certificates.serving(), at_once=True) as server:
        room = mail_room(store, server, certificates, security="tls")
        room.put()
        assert room.send().state == MessageState.SENT
    assert server.is_encrypted == [True]


def test_with_user_and_password_the_sender_logs_in(store: Store, certificates: Certificates):
    with serving(Habits(asks_login=True), certificates.serving()) as server:
        room = mail_room(store, server, certificates, **with_login())
        room.put()
        assert room.send().state == MessageState.SENT


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(store: Store, certificates: Certificates):
    text = ".mot\n..hai\n.\nba"  # ASCII: written as it is, not in Base64
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put(text=text)
        room.send()
    assert server.taken[0].get_content().split() == text.split()


def test_an_attachment_goes_by_reference_and_arrives_byte_for_byte(store: Store, certificates: Certificates):
    body = bytes(range(256)) * 50
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.files = {"letter": {"letter:7": body}.get}
        room.put(attachments=(Attachment("letter:7", "thư xin lỗi.docx", sha(body)),))
        room.send()
    [file] = server.taken[0].iter_attachments()
    assert file.get_filename() == "thư xin lỗi.docx"
    assert file.get_content() == body


@pytest.mark.parametrize(
    ("there", "code"), [({}, "ATTACHMENT_MISSING"), ({"letter:7": b"other"}, "ATTACHMENT_CHANGED")]
)
def test_an_attachment_that_is_gone_or_another_is_never_sent(
    store: Store, certificates: Certificates, there: dict[str, bytes], code: str
):
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.files = {"letter": there.get}
        room.put(attachments=(Attachment("letter:7", "thu.docx", sha(b"the letter")),))
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.DEAD, code)
    assert server.attempts == 0


def sha(body: bytes) -> str:
    import hashlib

    return hashlib.sha256(body).hexdigest()


# ---------------------------------------------------------------- the moment of no return


def test_that_it_was_handed_over_is_committed_before_the_last_dot_and_not_before_the_body(
    store: Store, certificates: Certificates
):
    seen = []
    habits = Habits()
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        habits.before_data = lambda: seen.append(room.row().handed_over_at)
        habits.on_dot = lambda: seen.append(room.row().handed_over_at)
        room.put()
        room.send()
    assert seen == [None, room.clock.at]


def test_who_lost_the_message_before_the_dot_sends_nothing(store: Store, certificates: Certificates):
    """A sender that stood still longer than its lease: another has swept the message meanwhile."""
    habits = Habits()
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()

        def time_passes() -> None:
            room.clock.move(LEASE + 1)
            other = room.sender("hai", channels={})
            other.run_once()

        habits.before_data = time_passes
        room.send()
        assert (server.dots, server.taken) == (0, [])
        assert room.steps() == ["put", "claimed", "lost", "slow"]
        habits.before_data = lambda: None
        room.clock.move(LONGEST_WAIT_SECONDS)
        assert room.send().state == MessageState.SENT
    assert len(server.taken) == 1


def test_a_sender_that_wakes_up_after_the_dot_still_tells_how_it_ended(
    store: Store, certificates: Certificates
):
    habits = Habits()
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()

        def swept() -> None:
            room.clock.move(LEASE + 1)
            room.sender("hai", channels={}).run_once()

        habits.on_dot = swept
        row = room.send()
    assert room.steps() == ["put", "claimed", "handed_over", "unsure", "sent"]
    assert (row.state, len(server.taken)) == (MessageState.SENT, 1)


@pytest.mark.parametrize(
    ("habit", "taken"),
    [("hang up", 0), ("take and hang up", 1), ("keep silent", 0), ("take and keep silent", 1)],
)
def test_no_answer_after_the_dot_is_held_for_a_person_whatever_really_happened(
    store: Store, certificates: Certificates, habit: str, taken: int
):
    patience = IMPATIENT_SECONDS if "silent" in habit else PATIENCE_SECONDS
    with serving(Habits(after_dot=[habit]), certificates.serving()) as server:
        room = mail_room(store, server, certificates, timeout_seconds=patience)
        room.put()
        row = room.send()
        assert (row.state, row.fault_code) == (MessageState.UNSURE, "MAIL_ANSWER_MISSING")
        room.clock.move(LONGEST_WAIT_SECONDS)
        assert room.sender().run_once() is False
    assert len(server.taken) == taken


def test_a_kind_whose_repetition_harms_nobody_is_repeated_in_doubt_as_the_same_mail(
    store: Store, certificates: Certificates
):
    with serving(Habits(after_dot=["take and hang up", "250 OK"]), certificates.serving()) as server:
        room = repeating(mail_room(store, server, certificates))
        room.put()
        assert room.send().state == MessageState.WAITING
        room.clock.move(LONGEST_WAIT_SECONDS)
        assert room.send().state == MessageState.SENT
    assert len({mail["Message-ID"] for mail in server.taken}) == 1
    # An event bears its number: whoever is told twice sees that it is the same.
    repeated = {name for name, kind in MESSAGE_KINDS.items() if kind.when_unsure is not WhenUnsure.HOLD}
    assert repeated == {"office_event"}


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("habits", "state", "code"),
    [
        (Habits(rcpt=["550 5.1.1 no such user"]), MessageState.DEAD, "SMTP_550"),
        (Habits(rcpt=["451 4.7.1 come again later"]), MessageState.WAITING, "SMTP_451"),
        (Habits(rcpt=["452 4.2.2 mailbox full"]), MessageState.WAITING, "SMTP_452"),
        (Habits(mail=["552 5.3.4 too large"]), MessageState.DEAD, "SMTP_552"),
        (Habits(mail=["550 5.7.1 who are you"]), MessageState.WAITING, "MAIL_SENDER"),
        (Habits(mail=["530 5.7.0 log in first"]), MessageState.WAITING, "MAIL_LOGIN"),
        (Habits(after_dot=["554 5.7.1 not wanted"]), MessageState.DEAD, "SMTP_554"),
        (Habits(after_dot=["451 4.3.0 not now"]), MessageState.WAITING, "SMTP_451"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_what_the_server_answers_decides(
    store: Store, certificates: Certificates, habits: Habits, state: str, code: str
):
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        row = room.send()
    assert (row.state, row.fault_code, server.taken) == (state, code, [])


def test_the_fault_names_the_servers_numbers_and_nobodys_address(store: Store, certificates: Certificates):
    refusal = f"550 5.1.1 <{TO}>: no such user"
    with serving(Habits(rcpt=[refusal]), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        row = room.send()
    assert row.fault == "Máy chủ thư trả lời 550 5.1.1."
    assert TO not in " ".join(room.said)


def test_a_server_that_takes_every_other_recipient_loses_and_doubles_none(
    store: Store, certificates: Certificates
):
    answers = ["250 OK", "550 5.1.1 no such user"] * 3
    with serving(Habits(rcpt=answers), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        ids = [room.put(key=f"k{n}", recipient=f"n{n}@vi-du.vn") for n in range(6)]
        sender = room.sender()
        while sender.run_once():
            pass
    assert [room.row(number).state for number in ids] == [MessageState.SENT, MessageState.DEAD] * 3
    assert [to for _, [to] in server.envelopes] == ["n0@vi-du.vn", "n2@vi-du.vn", "n4@vi-du.vn"]


def test_greylisting_is_waited_out(store: Store, certificates: Certificates):
    with serving(Habits(rcpt=["451 4.7.1 later", "250 OK"]), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        row = room.send()
        assert row.not_before > room.clock.at
        assert room.sender().run_once() is False
        room.clock.at = row.not_before
        assert room.send().state == MessageState.SENT


def test_after_its_tries_a_message_is_dead_and_tried_no_more(store: Store, certificates: Certificates):
    with serving(Habits(rcpt=["451 4.7.1 later"]), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        for _ in range(TRIES + 2):
            room.send()
            room.clock.move(LONGEST_WAIT_SECONDS + 60)
    assert server.attempts == TRIES
    assert room.row().state == MessageState.DEAD


# ---------------------------------------------------------------- faults of the channel


def test_a_server_that_is_down_costs_no_message_its_tries_and_is_left_alone_for_a_moment(
    store: Store, certificates: Certificates
):
    room = mail_room(store, free_port(), certificates)
    room.put()
    room.put(key="k2")
    sender = room.sender()
    assert sender.run_once() is True
    assert sender.run_once() is False  # the second message does not even try
    for _ in range(TRIES + 3):
        room.clock.move(2 * LONGEST_WAIT_SECONDS)
        room.sender().run_once()
    row = room.row()
    assert (row.state, row.fault_code) == (MessageState.WAITING, "MAIL_CONNECTION")
    assert {step for step in room.steps()} == {"put", "claimed", "postponed"}


def test_a_wrong_password_is_a_fault_of_the_channel_and_tried_slowly(
    store: Store, certificates: Certificates
):
    with serving(Habits(asks_login=True), certificates.serving()) as server:
        room = mail_room(store, server, certificates, **with_login(password="sai"))
        room.put()
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.WAITING, "MAIL_LOGIN")
    assert (row.not_before - room.clock.at).total_seconds() >= SLOW_SECONDS
    assert server.attempts == 0


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(store: Store, certificates: Certificates):
    other = Certificates.make()
    with serving(Habits(), other.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        row = room.send()
    assert (row.state, row.fault_code, server.taken) == (MessageState.WAITING, "MAIL_TLS", [])


def test_a_certificate_of_another_name_is_not_accepted(store: Store, certificates: Certificates):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificates.authority.issue_cert("khac.vi-du.vn").configure_cert(context)
    with serving(Habits(), context) as server:
        room = mail_room(store, server, certificates)
        room.put()
        assert room.send().fault_code == "MAIL_TLS"


def test_a_server_without_starttls_gets_nothing_in_the_clear(store: Store, certificates: Certificates):
    with serving(Habits(offers_tls=False)) as server:
        room = mail_room(store, server, certificates, **with_login())
        room.put()
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.WAITING, "MAIL_TLS")
    assert (server.attempts, server.taken) == (0, [])


HELLO = b"220 localhost\r\n"
EXTENDED = b"250 localhost\r\n"
OK = b"250 OK\r\n"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([b"554 no service\r\n"], "MAIL_CONNECTION"),
        ([b"421 too busy\r\n"], "MAIL_CONNECTION"),
        ([HELLO], "MAIL_CONNECTION"),
        ([HELLO, EXTENDED, OK], "MAIL_CONNECTION"),
        ([HELLO, EXTENDED, OK, b"421 4.3.2 closing\r\n"], "SMTP_421"),
    ],
    ids=["no service", "busy", "gone after hello", "gone at RCPT", "closing at RCPT"],
)
def test_a_connection_lost_before_the_envelope_was_taken_is_no_doubt_and_no_try(
    store: Store, certificates: Certificates, script: list[bytes], code: str
):
    with scripted(script) as port:
        room = mail_room(store, port, certificates, security="none")
        room.put()
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.WAITING, code)
    assert room.steps() == ["put", "claimed", "postponed"]


GO_AHEAD = b"354 go ahead\r\n"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ([HELLO, EXTENDED, OK, OK], "MAIL_CUT_OFF"),
        ([HELLO, EXTENDED, OK, OK, b"250 what now\r\n"], "MAIL_CUT_OFF"),
        ([HELLO, EXTENDED, OK, OK, b"421 4.3.2 closing\r\n"], "SMTP_421"),
    ],
    ids=["gone at DATA", "no answer to DATA", "closing at DATA"],
)
def test_a_connection_lost_after_the_envelope_was_taken_counts_as_a_try_of_this_mail(
    store: Store, certificates: Certificates, script: list[bytes], code: str
):
    with scripted(script) as port:
        room = mail_room(store, port, certificates, security="none")
        room.put()
        row = room.send()
    assert (row.state, row.fault_code) == (MessageState.WAITING, code)
    assert room.steps() == ["put", "claimed", "failed"]


def test_a_mail_at_which_the_server_always_hangs_up_holds_up_no_other_and_is_dead_after_its_tries(
    store: Store, certificates: Certificates
):
    habits = Habits(at_data=["hang up", "250 OK"])
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        other = room.put(key="k2", not_before=room.clock.at)
        sender = room.sender()
        assert [sender.run_once() for _ in range(3)] == [True, True, False]
        assert room.row(other).state == MessageState.SENT
        habits.at_data = ["hang up"]
        for _ in range(TRIES):
            room.clock.move(2 * LONGEST_WAIT_SECONDS)
            sender.run_once()
    assert (room.row().state, room.row().fault_code) == (MessageState.DEAD, "MAIL_CUT_OFF")


def test_a_mail_that_cannot_be_composed_is_dead_and_injects_no_header(
    store: Store, certificates: Certificates
):
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put(subject="Niêm phong\r\nBcc: ai-do@vi-du.vn")
        bad = room.put(key="k2", recipient="a@vi-du.vn\r\nRCPT TO:<b@vi-du.vn>")
        sender = room.sender()
        while sender.run_once():
            pass
    [mail] = server.taken
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Niêm phong Bcc: ai-do@vi-du.vn"
    assert (room.row(bad).state, room.row(bad).fault_code) == (MessageState.DEAD, "RECIPIENT_UNUSABLE")
    assert room.steps(bad) == ["put", "dead"]


def test_the_body_is_seven_bit_whatever_language_it_speaks(store: Store, certificates: Certificates):
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put(text="Quá hạn " * 300)
        room.send()
    [mail] = server.taken
    assert mail["Content-Transfer-Encoding"] in ("base64", "quoted-printable")
    assert mail.get_content().startswith("Quá hạn Quá hạn")


# ---------------------------------------------------------------- how many, and when


def test_no_more_mails_leave_in_a_minute_than_agreed_however_many_senders_there_are(
    store: Store, certificates: Certificates
):
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.mails_per_minute = 3
        for number in range(5):
            room.put(key=f"k{number}")
        senders = [room.sender(name) for name in ("một", "hai")]
        assert [sender.run_once() for sender in senders * 3] == [True, True, True, False, False, False]
        room.clock.move(61)
        assert [sender.run_once() for sender in senders * 2] == [True, True, False, False]
    assert len(server.taken) == 5


def test_a_full_minute_of_mails_does_not_hold_up_other_channels(room_with_inbox: Room):
    room = room_with_inbox
    room.mails_per_minute = 0
    room.put()
    room.put(key="k2", channel="in_app", recipient="user:1")
    assert room.sender().run_once() is True
    assert room.row(2).state == MessageState.SENT
    assert room.row(1).state == MessageState.WAITING


@pytest.fixture
def room_with_inbox(store: Store, certificates: Certificates) -> Room:
    """E-mail to a port where nobody listens, and the inbox of one account."""
    from notifications.channels.in_app import InAppChannel
    from notifications.kinds import ChannelName
    from tests.web.world import NOW as THEN
    from tracker.store import people
    from tracker.store.people import NewAccount

    with store.transaction() as session:
        people.add_account(session, NewAccount("an", "An", "desk", None, "-", "-"), THEN)
    room = mail_room(store, free_port(), certificates)
    return replace(room, channels={**room.channels, ChannelName.IN_APP: InAppChannel(store)})
