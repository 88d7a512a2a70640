"""Messages of the web tests' world: one in every state that a page shows, and two in the administrator's inbox."""

from dataclasses import replace
from datetime import datetime, timedelta

from notifications.kinds import ChannelName
from notifications.outbox import OutboxDraft, put
from tracker.store import inbox, outbox, people
from tracker.store.outbox import EventKind, Lease, Mark, MessageState, OutboxRow, Way
from tracker.store.session import Store

ADDRESS = "thanh.tra@vi-du.vn"
CITIZEN = "nguoi.dan@vi-du.vn"
CITIZENS_TEXT = "Kính gửi ông/bà, lời riêng của thư gửi người dân"
UNSURE, DEAD, SENT, WAITING, FAULTY = 1, 2, 3, 4, 5
EMAILS = [Way(ChannelName.EMAIL)]


def add_messages(store: Store, now: datetime) -> None:
    """Messages 1 to 5: unsure, dead, sent, waiting, waiting after a fault of the channel; 6 and 7 lie in the inbox."""
    letter = OutboxDraft(
        "letter_delivery", "thu:1", "email", CITIZEN, "Thư xin lỗi", CITIZENS_TEXT, cause="letter:1"
    )
    seal = OutboxDraft(
        "audit_seal", "seal:1", "email", ADDRESS, "Niêm phong ngày 23/08/2026", "Dòng niêm phong"
    )
    earlier = now - timedelta(hours=1)
    with store.transaction() as session:
        for number, draft in enumerate((letter, replace(letter, key="thu:2"), seal), 1):
            assert put(session, draft, earlier) == number
    unsure, dead, sent = (_claimed(store, earlier) for _ in range(3))
    outbox.mark_handed_over(store, unsure, "<1@vi-du.vn>", until=earlier, now=earlier)
    _finish(
        store, unsure,
        Mark(MessageState.UNSURE, EventKind.UNSURE, fault="Máy chủ thư không trả lời.", fault_code="MAIL_ANSWER_MISSING"),
        earlier,
    )  # fmt: skip
    _finish(
        store, dead,
        Mark(MessageState.DEAD, EventKind.DEAD, fault="Máy chủ thư trả lời 550 5.1.1.", fault_code="SMTP_550"),
        earlier,
    )  # fmt: skip
    _finish(store, sent, Mark(MessageState.SENT, EventKind.SENT, provider_ref="<3@vi-du.vn>"), earlier)
    with store.transaction() as session:
        assert put(session, replace(seal, key="seal:2"), now) == WAITING
        assert put(session, replace(seal, key="seal:3"), earlier) == FAULTY
    fault = Mark(
        MessageState.WAITING, EventKind.POSTPONED, not_before=now + timedelta(minutes=15),
        fault="Máy chủ thư không chấp nhận đăng nhập (535).", fault_code="MAIL_LOGIN",
    )  # fmt: skip
    _finish(store, _claimed(store, earlier), fault, earlier)
    _lay_in_inbox(store, now)


def _claimed(store: Store, now: datetime) -> OutboxRow:
    row = outbox.claim(store, Lease("máy-thử-1", now), now, EMAILS)
    assert row is not None
    return row


def _finish(store: Store, row: OutboxRow, mark: Mark, now: datetime) -> None:
    with store.transaction() as session:
        outbox.finish_in(session, row, mark, now)


def _lay_in_inbox(store: Store, now: datetime) -> None:
    with store.transaction() as session:
        account = people.find_login(session, "admin")
        assert account is not None
        for number, subject in ((1, "Bộ lập lịch đã im lặng 20 phút"), (2, "Niêm phong ngày 23/08/2026")):
            draft = OutboxDraft(
                "watchdog", f"tin:{number}", "in_app", f"user:{account.account_id}", subject,
                "Công việc định kỳ không chạy.\nHãy kiểm tra tiến trình lập lịch.", link="/lich-lam-viec/",
            )  # fmt: skip
            put(session, draft, now)
    for _ in range(2):
        row = outbox.claim(store, Lease("máy-thử-1", now), now, [Way(ChannelName.IN_APP)])
        assert row is not None
        with store.transaction() as session:
            outbox.finish_in(session, row, Mark(MessageState.SENT, EventKind.SENT), now)
            inbox.lay_in(session, account.account_id, row, now)
