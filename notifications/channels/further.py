"""Further services (Telegram, Teams, Matrix and many more) by the library apprise, each by a name of the environment.

Only kinds whose words hold no personal data go this way. The library tells success or failure and no more, so a
failure is taken as doubt; the kind decides what is done then. It is loaded when the first such message leaves.
"""

from collections.abc import Mapping

from notifications.channels.outcomes import (
    Hold,
    Later,
    Outcome,
    Outgoing,
    Refused,
    Taken,
    Unclear,
    not_configured,
)
from notifications.channels.webhook import call_id
from notifications.kinds import MESSAGE_KINDS

SERVICE_SECONDS = 30
UNUSABLE = Later(
    "APPRISE_ADDRESS",
    "Địa chỉ của dịch vụ trong biến môi trường không dùng được.",
    is_channel_fault=True,
    slowly=True,
)
FAILED = Unclear("APPRISE_FAILED", "Dịch vụ báo lỗi; không rõ thông báo đã đến hay chưa.")


class FurtherChannel:
    """Sends by apprise to the addresses of the environment."""

    recognises_repeats = False

    def __init__(self, addresses: Mapping[str, str]) -> None:
        self._addresses = addresses

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Send one notice."""
        row = message.row
        kind = MESSAGE_KINDS.get(row.kind)
        if kind is None or not kind.is_impersonal:
            return Refused("NOT_FOR_SERVICES", "Loại thông báo này không được gửi ra dịch vụ ngoài.")
        address = self._addresses.get(row.recipient)
        if address is None:
            return not_configured(row.recipient)
        # Here and not above: it takes a second, and most offices never need it.
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(
            async_mode=False,
            http_redirects=False,
            secure_logging=True,
            service_timeout=SERVICE_SECONDS,
            app_id="Dung Hen",  # it becomes a header, which takes no letters of ours
        )
        service = Apprise(asset=asset)
        if not service.add(address):
            return UNUSABLE
        hold.hand_over(call_id(row.key))
        return Taken(call_id(row.key)) if service.notify(row.text, row.subject) else FAILED
