"""How the outbox reads in Vietnamese: states with their marks, channels, steps. Data for pages and the command line."""

from collections.abc import Mapping

from app.presenters import Chip
from notifications.kinds import ChannelName, WhenUnsure
from notifications.masking import masked
from tracker.store.outbox import EventKind, MessageState

STATES: Mapping[MessageState, Chip] = {
    MessageState.WAITING: Chip("small-circle", "Chờ gửi", "plain"),
    MessageState.SENDING: Chip("half-circle", "Đang gửi", "plain"),
    MessageState.UNSURE: Chip("flag", "Chưa rõ đã gửi hay chưa", "soon"),
    MessageState.DEAD: Chip("triangle", "Không gửi được", "late"),
    MessageState.SENT: Chip("tick", "Đã gửi", "plain"),
    MessageState.DELIVERED: Chip("tick", "Đã đến nơi", "kept"),
    MessageState.CANCELLED: Chip("dash", "Đã hủy", "plain"),
}

CHANNELS: Mapping[ChannelName, str] = {
    ChannelName.EMAIL: "Thư điện tử",
    ChannelName.IN_APP: "Trong chương trình",
    ChannelName.WEBHOOK: "Hệ thống khác",
    ChannelName.GATEWAY: "Tin nhắn",
    ChannelName.APPRISE: "Dịch vụ ngoài",
}

STEPS: Mapping[EventKind, str] = {
    EventKind.PUT: "Đặt vào hàng đợi gửi đi",
    EventKind.CLAIMED: "Bắt đầu gửi",
    EventKind.HANDED_OVER: "Chuyển cho kênh",
    EventKind.SENT: "Kênh đã nhận",
    EventKind.FAILED: "Gửi không được, sẽ thử lại",
    EventKind.POSTPONED: "Kênh có lỗi, sẽ thử lại",
    EventKind.LOST: "Tiến trình gửi dừng trước khi chuyển đi, sẽ thử lại",
    EventKind.SLOW: "Tiến trình gửi chỉ chậm, chưa chuyển gì đi; không tính là một lần thử",
    EventKind.UNSURE: "Không rõ kênh đã nhận hay chưa",
    EventKind.DEAD: "Dừng, không gửi nữa",
    EventKind.DELIVERED: "Báo đã đến nơi",
    EventKind.BOUNCED: "Bị trả lại",
    EventKind.AGAIN: "Được yêu cầu gửi lại",
    EventKind.SETTLED: "Được xác nhận là đã gửi",
    EventKind.CANCELLED: "Hủy",
}


def recipient(channel: str, address: str) -> str:
    """Who a message goes to, as a page shows it: masked, and accounts by their number."""
    if channel == ChannelName.IN_APP:
        return f"Tài khoản số {address.removeprefix('user:')}"
    return masked(channel, address)


# What is done with a message of which nobody knows whether it was taken.
UNSURE: Mapping[WhenUnsure, str] = {
    WhenUnsure.HOLD: "Giữ lại, chờ người quyết định",
    WhenUnsure.REPEAT: "Gửi lại, nhận hai lần không sao",
}
