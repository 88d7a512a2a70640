"""What a person may decide about a message: send it again, take it as sent, cancel it. Each is in the log of acts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.errors import UsageError
from tracker.store import audit, outbox, outbox_queries
from tracker.store.audit import Act
from tracker.store.outbox import EventKind, Mark, MessageState, OutboxRow
from tracker.store.session import Store


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing to decide: its word on the button, what will happen, and from which states it is possible."""

    name: str
    word: str
    will: str
    allowed: Collection[MessageState]
    state: MessageState
    event: EventKind


_DECISIONS = (
    Decision(
        "again",
        "Gửi lại",
        "Thông báo được gửi thêm một lần. Nếu lần trước đã đến nơi, người nhận sẽ nhận hai lần.",
        (MessageState.UNSURE, MessageState.DEAD, MessageState.CANCELLED),
        MessageState.WAITING,
        EventKind.AGAIN,
    ),
    Decision(
        "settle",
        "Coi như đã gửi",
        "Không gửi thêm nữa; thông báo được ghi là đã gửi theo xác nhận của bạn.",
        (MessageState.UNSURE,),
        MessageState.SENT,
        EventKind.SETTLED,
    ),
    Decision(
        "cancel",
        "Bỏ qua, không gửi nữa",
        "Thông báo không được gửi nữa và không còn là việc phải xử lý. Nếu địa chỉ dùng được, sau này vẫn gửi lại được.",
        (MessageState.WAITING, MessageState.UNSURE, MessageState.DEAD),
        MessageState.CANCELLED,
        EventKind.CANCELLED,
    ),
)
DECISIONS: Mapping[str, Decision] = {decision.name: decision for decision in _DECISIONS}
UNREACHABLE = "RECIPIENT_UNUSABLE"


def possible(state: str, fault_code: str) -> list[Decision]:
    """What can be decided about a message in this state; one that no channel can reach is never sent again."""
    return [
        decision
        for decision in _DECISIONS
        if state in decision.allowed and not (decision.name == "again" and fault_code == UNREACHABLE)
    ]


def decide(store: Store, decision: Decision, message_id: int, *, actor: str, now: datetime) -> None:
    """Carry a decision out and log it.

    Raises:
        UsageError: there is no such message, or it does not stand where this can be decided (any more).
    """
    with store.transaction() as session:
        row = outbox_queries.find_message(session, message_id)
        if row is None:
            raise UsageError(f"không có thông báo số {message_id}")
        mark = _mark(decision, row, now)
        is_possible = decision in possible(row.state, row.fault_code)
        if not is_possible or not outbox.settle(session, message_id, decision.allowed, mark, now):
            raise UsageError(f"thông báo số {message_id} không còn ở trạng thái cho phép “{decision.word}”")
        act = Act(now, actor, f"outbox_{decision.name}", f"message:{message_id}", {"from": str(row.state)})
        audit.append_acts(session, [act])


def _mark(decision: Decision, row: OutboxRow, now: datetime) -> Mark:
    if decision.name == "again":
        return Mark(decision.state, decision.event, not_before=now)
    if decision.name == "cancel":  # why it was given up goes on to be known: by it an unusable address is
        return Mark(decision.state, decision.event, fault=row.fault, fault_code=row.fault_code)
    return Mark(decision.state, decision.event)
