"""Recipients as pages and lists show them: enough to recognise, too little to use. Pure."""

from notifications.kinds import ChannelName

SHOWN_DIGITS = 3


def masked(channel: str, recipient: str) -> str:
    """a***@example.org, ***678; names of the configuration and accounts stay as they are."""
    if channel == ChannelName.EMAIL:
        name, _, domain = recipient.rpartition("@")
        return f"{name[:1]}***@{domain}" if name else "***"
    if channel == ChannelName.GATEWAY:
        return f"***{recipient[-SHOWN_DIGITS:]}" if len(recipient) > 2 * SHOWN_DIGITS else "***"
    return recipient
