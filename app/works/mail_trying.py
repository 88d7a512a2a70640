"""One mail sent to its asker by the configured server, to see whether mail leaves: the answer in words, tried once.

Not by the outbox: a test that fails must neither be repeated behind somebody's back nor count as a message that is stuck.
"""

from collections.abc import Mapping
from typing import Any

from app.first_day import mail_mark
from app.grip import Grip
from notifications.channels.outcomes import Outcome, Outgoing, Taken, Unclear
from tracker.config import MailConfig
from tracker.errors import UsageError
from tracker.store import first_day_store, people
from tracker.store.first_day_store import MAIL, Word
from tracker.store.outbox import OutboxRow

KIND = "mail_test"
SUBJECT = "Đúng Hẹn: thư thử"
TEXT = (
    "Đây là thư thử từ chương trình Đúng Hẹn.\n\n"
    "Nhận được thư này nghĩa là máy chủ thư của cơ quan chuyển được thư do chương trình gửi. Không cần trả lời."
)
WHAT_NOW = "Sửa phần [mail] trong tệp cấu hình (máy chủ, cổng, security, user, DUNGHEN_MAIL_PASSWORD), khởi động lại, thử lại."


class _OwnHold:
    """Nobody else can take this mail: it is in no queue."""

    def __init__(self, grip: Grip) -> None:
        self._grip = grip

    def still_mine(self) -> None:
        """Ends where the work is to end."""
        self._grip.progress(0, None, "Đang nói chuyện với máy chủ thư")

    def hand_over(self, reference: str) -> None:
        """From here on nobody knows, until the server answers."""
        del reference


def try_mail(grip: Grip) -> Mapping[str, Any] | None:
    """Send the mail; a server that took it is noted as a word of the first day, in the same step as the result.

    Raises:
        UsageError: the configuration names no server, or the asker has no address.
    """
    context, now = grip.context, grip.now()
    mail = context.config.mail
    if not mail.host:
        raise UsageError("cấu hình không có máy chủ thư ([mail] host)")
    with context.store.read() as session:
        account = people.find_login(session, grip.row.asked_by)
    if account is None or not account.email:
        raise UsageError("tài khoản của bạn chưa có địa chỉ thư điện tử; đặt bằng dunghen user email")
    outcome = _sent(grip, mail, account.email)
    told = told_of(outcome, mail.host)
    result = {"ok": isinstance(outcome, Taken), "told": told, "mark": mail_mark(context)}
    if not isinstance(outcome, Taken):
        return result
    with context.store.transaction() as session:
        grip.finish_in(session, result)
        body = {"mark": mail_mark(context), "account": account.account_id}
        first_day_store.say(session, Word(MAIL, body, "first_day_mail"), account.login, now)
    return None


def _sent(grip: Grip, mail: MailConfig, address: str) -> Outcome:
    from notifications.channels.smtp import SmtpChannel

    now = grip.now()
    row = OutboxRow(
        id=0, kind=KIND, key=f"{KIND}:{grip.row.work_id}", channel="email", recipient=address, unit_id=None, cause=KIND,
        subject=SUBJECT, text=TEXT, html="", link="", attachments=(), created_at=now, not_before=now, not_after=None,
        state="sending", attempts=1, max_attempts=1, owner=None, lease_until=None, handed_over_at=None, sent_at=None,
        provider_ref="", fault="", fault_code="",
    )  # fmt: skip
    channel = SmtpChannel(mail, grip.context.config.web.public_url)
    return channel.send(Outgoing(row, (), now), _OwnHold(grip))


def told_of(outcome: Outcome, host: str) -> str:
    """What came of it, and what to do."""
    if isinstance(outcome, Taken):
        return f"Máy chủ {host} đã nhận thư. Mở hộp thư của bạn để thấy thư đến nơi."
    if isinstance(outcome, Unclear):
        return f"{outcome.told} Xem hộp thư của bạn rồi hãy thử lại."
    return f"{outcome.told} {WHAT_NOW}"
