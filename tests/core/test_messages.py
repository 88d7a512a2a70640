"""Outcome -> mark, waiting times, signatures, masks, reports: tables of pure rules."""

import base64
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from notifications.channels.outcomes import Later, Outcome, Refused, Taken, Unclear
from notifications.channels.signing import ID, SIGNATURE, TIMESTAMP, is_signed, signed_headers
from notifications.kinds import MESSAGE_KINDS, ChannelName
from notifications.marks import Doubt, RetryRules, mark_of, mark_of_lost, wait_seconds
from notifications.masking import masked
from notifications.outbox import CODE, RECIPIENTS
from notifications.receipts import UnreadableCall, call_receipt, mail_receipts
from tests.mailroom import NOW
from tracker.store.outbox import EventKind, MessageState, OutboxRow, Tries
from tracker.store.outbox_receipts import Receipt

RULES = RetryRules(max_attempts=3, retry_seconds=30)
ROW = OutboxRow(
    id=1, kind="audit_seal", key="k", channel="email", recipient="a@vi-du.vn", unit_id=None, cause="",
    subject="", text="", html="", link="", attachments=(), created_at=NOW, not_before=NOW, not_after=None,
    state="sending", attempts=1, max_attempts=0, owner="w", lease_until=NOW, handed_over_at=None,
    sent_at=None, provider_ref="", fault="", fault_code="",
)  # fmt: skip
LATER, AWAY = Later("C", "t"), Later("C", "t", is_channel_fault=True)
SLOW = Later("C", "t", is_channel_fault=True, slowly=True)


@pytest.mark.parametrize(
    ("outcome", "counted", "may_repeat", "state", "event"),
    [
        (Taken("x"), 0, False, MessageState.SENT, EventKind.SENT),
        (Taken("x"), 2, True, MessageState.SENT, EventKind.SENT),
        (Refused("C", "t"), 0, True, MessageState.DEAD, EventKind.DEAD),
        (LATER, 1, False, MessageState.WAITING, EventKind.FAILED),
        (LATER, 2, False, MessageState.DEAD, EventKind.DEAD),
        (AWAY, 2, False, MessageState.WAITING, EventKind.POSTPONED),
        (SLOW, 99, False, MessageState.WAITING, EventKind.POSTPONED),
        (Unclear("C", "t"), 0, False, MessageState.UNSURE, EventKind.UNSURE),
        (Unclear("C", "t"), 2, False, MessageState.UNSURE, EventKind.UNSURE),
        (Unclear("C", "t"), 1, True, MessageState.WAITING, EventKind.FAILED),
        (Unclear("C", "t"), 2, True, MessageState.DEAD, EventKind.DEAD),
    ],
)
def test_what_becomes_of_a_message(
    outcome: Outcome, counted: int, may_repeat: bool, state: MessageState, event: EventKind
):
    mark = mark_of(ROW, outcome, Doubt(Tries(counted, counted), may_repeat), RULES, NOW)
    assert (mark.state, mark.event) == (state, event)
    assert (mark.not_before is not None) is (state is MessageState.WAITING)


@pytest.mark.parametrize(
    ("handed_over", "may_repeat", "counted", "state", "event"),
    [
        (False, False, 0, MessageState.WAITING, EventKind.LOST),
        (False, False, 2, MessageState.DEAD, EventKind.DEAD),
        (True, False, 0, MessageState.UNSURE, EventKind.UNSURE),
        (True, True, 0, MessageState.WAITING, EventKind.FAILED),
    ],
)
def test_what_becomes_of_a_message_whose_sender_vanished(
    handed_over: bool, may_repeat: bool, counted: int, state: MessageState, event: EventKind
):
    row = replace(ROW, handed_over_at=NOW if handed_over else None)
    mark = mark_of_lost(row, Doubt(Tries(counted, counted), may_repeat), RULES, NOW)
    assert (mark.state, mark.event, mark.fault_code) == (state, event, "SENDER_LOST")


def test_the_number_of_tries_of_a_message_goes_before_the_configured_one():
    row = replace(ROW, max_attempts=1)
    assert mark_of(row, LATER, Doubt(Tries(0, 0), False), RULES, NOW).state is MessageState.DEAD


@pytest.mark.parametrize(
    ("failed", "at_least", "seconds"),
    [
        (1, 0, 30),
        (2, 0, 60),
        (3, 0, 120),
        (7, 0, 1920),
        (8, 0, 3600),
        (99, 0, 3600),
        (1, 900, 900),
        (9, 900, 3600),
    ],
)
def test_each_wait_is_twice_the_one_before_and_at_most_an_hour(failed: int, at_least: int, seconds: int):
    assert wait_seconds(0, failed, 30, at_least) == seconds


def test_messages_that_failed_together_come_back_apart():
    assert len({wait_seconds(number, 1, 30) for number in range(1, 16)}) == 15


# ---------------------------------------------------------------- signed calls

BODY = b'{"a": 1}'
PLAIN, ENCODED = "mot bi mat", "whsec_" + base64.b64encode(b"mot bi mat").decode()


def test_both_forms_of_a_secret_are_one_key():
    assert signed_headers("msg_1", BODY, PLAIN, NOW) == signed_headers("msg_1", BODY, ENCODED, NOW)


def test_the_signature_is_that_of_the_published_example():
    """From the description of Standard Webhooks: key, id, time and body of its example."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = NOW.fromtimestamp(1614265330, NOW.tzinfo)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', secret, at)
    assert headers[SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("change", "secret", "body", "seconds", "is_good"),
    [
        ({}, PLAIN, BODY, 0, True),
        ({}, PLAIN, BODY, 300, True),
        ({}, PLAIN, BODY, -300, True),
        ({}, PLAIN, BODY, 301, False),
        ({}, PLAIN, BODY, -301, False),
        ({}, "khac", BODY, 0, False),
        ({}, "", BODY, 0, False),
        ({}, PLAIN, b'{"a": 2}', 0, False),
        ({ID: "msg_2"}, PLAIN, BODY, 0, False),
        ({ID: ""}, PLAIN, BODY, 0, False),
        ({TIMESTAMP: "hôm nay"}, PLAIN, BODY, 0, False),
        ({TIMESTAMP: "9" * 400}, PLAIN, BODY, 0, False),
        ({SIGNATURE: ""}, PLAIN, BODY, 0, False),
        ({SIGNATURE: "v1,AAAA ký"}, PLAIN, BODY, 0, False),
    ],
)
def test_a_call_is_believed_only_with_its_signature_within_five_minutes(
    change: dict[str, str], secret: str, body: bytes, seconds: int, is_good: bool
):
    headers = {**signed_headers("msg_1", BODY, PLAIN, NOW), **change}
    assert is_signed(headers, body, secret, NOW + timedelta(seconds=seconds)) is is_good


def test_without_a_secret_nothing_is_signed_not_even_by_the_empty_one():
    assert not is_signed(signed_headers("msg_1", BODY, "", NOW), BODY, "", NOW)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed():
    headers = {**signed_headers("msg_1", BODY, PLAIN, NOW)}
    headers[SIGNATURE] = "v1,AAAA " + headers[SIGNATURE]
    assert is_signed(headers, BODY, PLAIN, NOW)


# ---------------------------------------------------------------- recipients


@pytest.mark.parametrize(
    ("channel", "recipient", "shown"),
    [
        ("email", "nguyen.van.a@vi-du.vn", "n***@vi-du.vn"),
        ("email", "không phải địa chỉ", "***"),
        ("gateway", "0912345678", "***678"),
        ("gateway", "12345", "***"),
        ("in_app", "user:7", "user:7"),
        ("webhook", "cong", "cong"),
    ],
)
def test_a_recipient_is_shown_so_far_that_it_can_be_recognised(channel: str, recipient: str, shown: str):
    assert masked(channel, recipient) == shown


@pytest.mark.parametrize(
    ("channel", "recipient", "fits"),
    [
        ("email", "a.b+c@vi-du.vn", True),
        ("email", "a@b@vi-du.vn", False),
        ("email", "a b@vi-du.vn", False),
        ("email", "a@vi-du.vn\n", False),
        ("email", "tên@vi-du.vn", False),
        ("email", "@vi-du.vn", False),
        ("gateway", "+84912345678", True),
        ("gateway", "0912 345 678", False),
        ("gateway", "1900", False),
        ("in_app", "user:7", True),
        ("in_app", "user:an", False),
        ("webhook", "cong-1", True),
        ("webhook", "https://vi-du.vn", False),
    ],
)
def test_an_address_is_one_or_it_is_none(channel: str, recipient: str, fits: bool):
    assert (RECIPIENTS[ChannelName(channel)].fullmatch(recipient) is not None) is fits


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("H15.03-220301-0001", True),
        ("000.00.15.H15-260801-0012", True),
        ("12/TB", True),
        ("NGUYEN", False),
        ("Nguyễn Văn 1", False),
        ("H15 03", False),
        ("H15..03", False),
        ("h15", False),
    ],
)
def test_a_code_is_letters_and_digits_in_groups_with_a_digit(code: str, fits: bool):
    assert (CODE.fullmatch(code) is not None) is fits


def test_kinds_that_leave_the_office_hold_no_personal_data_or_only_code_and_date():
    for kind in MESSAGE_KINDS.values():
        assert kind.is_impersonal or not kind.channels & {ChannelName.APPRISE, ChannelName.WEBHOOK}
        assert bool(kind.short_text) is (ChannelName.GATEWAY in kind.channels)
        filled = kind.short_text.format(code="", date="")
        assert "{" not in filled


# ---------------------------------------------------------------- receipts

MESSAGE_ID = "<abc@vi-du.vn>"


def report(action: str, status: str = "5.1.1", original: str = "headers") -> bytes:
    """A delivery report as mail servers send it."""
    whole = MIMEMultipart("report", report_type="delivery-status")
    whole["From"], whole["Subject"] = "MAILER-DAEMON@vi-du.vn", "Undelivered Mail"
    whole.attach(MIMEText("could not be delivered"))
    told = MIMEBase("message", "delivery-status")
    per_mail, per_recipient = EmailMessage(), EmailMessage()
    per_mail["Reporting-MTA"] = "dns; mx.vi-du.vn"
    per_recipient["Final-Recipient"] = "rfc822; ai.do@vi-du.vn"
    per_recipient["Action"], per_recipient["Status"] = action, status
    told.set_payload([per_mail, per_recipient])
    whole.attach(told)
    ours = EmailMessage()
    ours["Message-ID"] = MESSAGE_ID
    if original == "headers":
        whole.attach(MIMEText(f"Message-ID: {MESSAGE_ID}\nTo: ai.do@vi-du.vn\n", "rfc822-headers"))
    elif original == "mail":
        mail = MIMEBase("message", "rfc822")
        mail.set_payload([ours])
        whole.attach(mail)
    return whole.as_bytes()


@pytest.mark.parametrize("original", ["headers", "mail"])
@pytest.mark.parametrize(
    ("action", "kinds"),
    [
        ("failed", [EventKind.BOUNCED]),
        ("delivered", [EventKind.DELIVERED]),
        ("Delivered", [EventKind.DELIVERED]),
        ("delayed", []),
        ("relayed", []),
        ("expanded", []),
    ],
)
def test_a_report_says_how_it_ended_or_nothing(action: str, kinds: list[EventKind], original: str):
    found = mail_receipts(report(action, "5.1.1 (user unknown)", original))
    assert [receipt.kind for receipt in found] == kinds
    assert {(receipt.provider_ref, receipt.code) for receipt in found} <= {(MESSAGE_ID, "5.1.1")}


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"Subject: out of office\n\nI am away, Message-ID <abc@vi-du.vn> failed",
        report("failed", original="none"),
        report("failed")[:200],
        b"\xff\xfe\x00",
    ],
    ids=["empty", "no report", "of no mail", "cut", "noise"],
)
def test_what_is_no_report_of_a_mail_is_no_receipt(mail: bytes):
    assert mail_receipts(mail) == []


def test_the_same_report_has_the_same_id_another_another():
    mail = report("failed")
    assert mail_receipts(mail) == mail_receipts(mail)
    assert mail_receipts(mail)[0].receipt_id != mail_receipts(report("failed"))[0].receipt_id


def test_a_call_of_the_gateway_is_a_receipt():
    found = call_receipt(b'{"ref": "gw-7", "status": "delivered", "more": 1}', "call-1")
    assert found == Receipt("gw-7", EventKind.DELIVERED, found.receipt_id)
    assert call_receipt(b'{"ref": "gw-7", "status": "failed"}', "call-1").kind is EventKind.BOUNCED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"ref": "x"}',
        b'{"ref": 7, "status": "failed"}',
        b'{"ref": "x", "status": "?"}',
        b'{"ref": "x", "status": ["failed"]}',
        b"\xff",
    ],
)
def test_a_body_that_is_no_receipt_is_refused(body: bytes):
    with pytest.raises(UnreadableCall):
        call_receipt(body, "call-1")
