"""The channels that the configuration switches on. Messages of the others wait, and are shown as waiting."""

from collections.abc import Callable, Mapping

from notifications.channels.further import FurtherChannel
from notifications.channels.gateway import GatewayChannel
from notifications.channels.in_app import InAppChannel
from notifications.channels.outcomes import Channel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.webhook import WebhookChannel
from notifications.kinds import ChannelName
from tracker.config import Config
from tracker.store.session import Store

_MAKERS: Mapping[ChannelName, Callable[[Config, Store], Channel]] = {
    ChannelName.EMAIL: lambda config, _store: SmtpChannel(config.mail, config.web.public_url),
    ChannelName.IN_APP: lambda _config, store: InAppChannel(store),
    ChannelName.WEBHOOK: lambda config, _store: WebhookChannel(config.outbox.webhooks),
    ChannelName.GATEWAY: lambda config, _store: GatewayChannel(config.gateway),
    ChannelName.APPRISE: lambda config, _store: FurtherChannel(config.outbox.apprise),
}


def configured(config: Config) -> frozenset[ChannelName]:
    """The channels that are on; in-app always is."""
    is_on = {
        ChannelName.EMAIL: bool(config.mail.host and config.mail.sender),
        ChannelName.IN_APP: True,
        ChannelName.WEBHOOK: bool(config.outbox.webhooks),
        ChannelName.GATEWAY: bool(config.gateway.is_on and config.gateway.url),
        ChannelName.APPRISE: bool(config.outbox.apprise),
    }
    return frozenset(name for name in ChannelName if is_on[name])


def channels_of(config: Config, store: Store) -> Mapping[ChannelName, Channel]:
    """The channels that are on, ready to send."""
    return {name: _MAKERS[name](config, store) for name in ChannelName if name in configured(config)}
