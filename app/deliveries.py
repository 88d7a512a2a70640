"""Letters that shall be delivered -> messages of the outbox, in one transaction with the log of who asked for it.

`letters` says what is to be delivered, `notifications` how it leaves; the address is taken from the caller at this
moment and stands in the outbox only. One letter goes once to one place; where that place was the wrong one and the
message is dead or was put aside, it may be asked for again with the right one.
"""

from datetime import datetime, time

from app.context import AppContext
from letters.delivery import DeliveryRequest, delivery_of
from notifications.kinds import ChannelName
from notifications.outbox import Attachment, OutboxDraft, put
from tracker.errors import UsageError
from tracker.store import audit, outbox_queries
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.outbox import MessageState
from tracker.store.session import Session
from tracker.types import VN

KIND = "letter_delivery"
SUBJECT = "Thư xin lỗi và hẹn lại ngày trả kết quả, hồ sơ {code}"
TEXT = (
    "Kính gửi ông/bà,\n\n"
    "Gửi kèm thư xin lỗi và hẹn lại ngày trả kết quả của hồ sơ {code}.{promise}\n\n"
    "Thư này được gửi tự động; xin liên hệ bộ phận Một cửa nơi nộp hồ sơ nếu cần trao đổi."
)
PROMISE = " Ngày hẹn trả mới: {day:%d/%m/%Y}."
END_OF_DAY = time(23, 59, 59)
# It reached nobody, and goes nowhere unless a person says so.
GIVEN_UP = frozenset({MessageState.DEAD, MessageState.CANCELLED})


def deliver_letter(
    context: AppContext, letter_id: int, channel: ChannelName, recipient: str, *, actor: str, now: datetime
) -> int:
    """Ask for one letter to be delivered; the id of its message.

    Asked again by the same channel it is the same message, unless that was given up and goes to another recipient now.

    Raises:
        UsageError: no such letter or none that is signed, a channel that carries no letters, or a short message for a letter without new date.
        WorkFailed: the letter's file is not there.
    """
    with context.store.transaction() as session:
        request = delivery_of(session, context.data_dir, letter_id, channel)
        message_id = put(session, draft_of(request, recipient, _key(session, request, recipient)), now)
        act = Act(
            now, actor, "letter_delivery", f"letter:{letter_id}", {"message": message_id, "channel": channel}
        )
        audit.append_acts(session, [act])
    return message_id


def _key(session: Session, request: DeliveryRequest, recipient: str) -> str:
    """The key of the letter's message to this recipient, or of the one that still stands; else the first free one."""
    hold(session, Lock.OUTBOX)  # of two who ask at once the second finds the message of the first
    key = first = f"{KIND}:{request.letter_id}:{request.channel}"
    number = 1
    while (known := outbox_queries.find_key(session, key)) is not None:
        if known.state not in GIVEN_UP or known.recipient == recipient:
            break
        number += 1
        key = f"{first}:{number}"
    return key


def draft_of(request: DeliveryRequest, recipient: str, key: str) -> OutboxDraft:
    """The message of a request.

    Raises:
        UsageError: by this channel such a letter cannot go.
    """
    cause = f"letter:{request.letter_id}"
    if request.channel == ChannelName.EMAIL:
        promise = PROMISE.format(day=request.new_due_on) if request.new_due_on else ""
        return OutboxDraft(
            KIND, key, ChannelName.EMAIL, recipient, SUBJECT.format(code=request.code),
            TEXT.format(code=request.code, promise=promise), cause=cause, unit_id=request.unit_id,
            attachments=(Attachment(request.file_ref, request.file_name, request.sha256),),
        )  # fmt: skip
    if request.channel != ChannelName.GATEWAY:
        raise UsageError(f"thư không gửi được qua kênh {request.channel}")
    if request.new_due_on is None:
        raise UsageError("tin nhắn cần ngày hẹn trả mới; thư này không có")
    # After the new date it would tell of a day that has passed.
    until = datetime.combine(request.new_due_on, END_OF_DAY, VN)
    return OutboxDraft(
        KIND, key, ChannelName.GATEWAY, recipient, cause=cause, unit_id=request.unit_id, not_after=until,
        code=request.code, day=request.new_due_on,
    )  # fmt: skip
