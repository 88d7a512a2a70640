"""The kinds of messages: where each may go, what it may carry, when it is no longer true, and what is done in doubt.

One entry of `MESSAGE_KINDS` registers a kind; nothing else in the product has to change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notifications import standing
from tracker.store import office_events
from tracker.store.outbox import OutboxRow
from tracker.store.session import Session


class ChannelName(StrEnum):
    """A way for messages to leave; `recipient` is an address, "user:ID", a phone, or a name of the configuration."""

    EMAIL = "email"
    IN_APP = "in_app"
    WEBHOOK = "webhook"
    GATEWAY = "gateway"
    APPRISE = "apprise"


class WhenUnsure(StrEnum):
    """What is done with a message of which nobody knows whether it was taken."""

    HOLD = "hold"  # a person decides: nothing is doubled
    REPEAT = "repeat"  # sent again: twice does no harm, never does


# Is what the message says still so? Asked just before it is sent; if not, it is cancelled.
StillTrue = Callable[[Session, OutboxRow, datetime], bool]
PERSONAL_CHANNELS = frozenset({ChannelName.EMAIL, ChannelName.IN_APP})
OFFICE_CHANNELS = frozenset({ChannelName.EMAIL, ChannelName.IN_APP, ChannelName.WEBHOOK, ChannelName.APPRISE})


@dataclass(frozen=True, slots=True)
class MessageKind:
    """A kind of message.

    `is_impersonal`: its words hold no personal data, so that webhooks and other services may be told them and
    administrators read them. `short_text` is all that a gateway sends: {code} and {date} are filled in, nothing else.
    """

    name: str
    title: str
    channels: frozenset[ChannelName]
    is_impersonal: bool = False
    when_unsure: WhenUnsure = WhenUnsure.HOLD
    max_attempts: int = 0  # 0: outbox.max_attempts of the configuration
    short_text: str = ""
    still_true: StillTrue | None = None


# What subscribed systems are told of; put where it happens (tracker/store/office_events.py).
OFFICE_EVENT = office_events.MESSAGE
ALERT_DIGEST, ALERT_URGENT = "alert_digest", "alert_urgent"
# Messages that carry alerts: what they carried waits again where they come to nothing.
ALERT_KINDS = (ALERT_DIGEST, ALERT_URGENT)

_KINDS = (
    MessageKind("audit_seal", "Niêm phong nhật ký", OFFICE_CHANNELS, is_impersonal=True),
    MessageKind("watchdog", "Cảnh báo hệ thống", OFFICE_CHANNELS, is_impersonal=True),
    MessageKind("letter_escalated", "Lỡ hẹn lần thứ hai", OFFICE_CHANNELS, is_impersonal=True),
    MessageKind(
        "office_event",
        "Sự kiện cho hệ thống khác",
        frozenset({ChannelName.WEBHOOK}),
        is_impersonal=True,
        when_unsure=WhenUnsure.REPEAT,
    ),
    MessageKind("alert_digest", "Bản tin sáng", PERSONAL_CHANNELS, still_true=standing.alerts_stand),
    MessageKind("alert_urgent", "Cảnh báo khẩn", PERSONAL_CHANNELS, still_true=standing.alerts_stand),
    MessageKind("alert_assigned", "Giao việc", frozenset({ChannelName.IN_APP})),
    MessageKind("access_changed", "Thay đổi cách đăng nhập", PERSONAL_CHANNELS),
    MessageKind(
        "letter_delivery",
        "Gửi thư xin lỗi",
        frozenset({ChannelName.EMAIL, ChannelName.GATEWAY}),
        short_text="Hồ sơ {code} chậm hẹn, ngày hẹn trả mới: {date}. Mong ông/bà thông cảm. Xin xem thư xin lỗi tại bộ phận Một cửa.",
        still_true=standing.letter_stands,
    ),
)
MESSAGE_KINDS: Mapping[str, MessageKind] = {kind.name: kind for kind in _KINDS}
