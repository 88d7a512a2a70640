"""The dispatcher as a process runs it: channels of the configuration, files by reference, the clock.

Its loop is that of `dunghen worker`, which keeps one of these while it runs: it remembers what it could not write down.
"""

from collections.abc import Mapping
from datetime import timedelta

from app import oplog
from app.context import AppContext
from app.letter_mail import settle_sent
from letters.delivery import letter_bytes
from notifications.channels import further, webhook
from notifications.channels.configured import channels_of, configured
from notifications.dispatch import Dispatcher, DispatchRules, FileSource
from notifications.kinds import ChannelName
from notifications.marks import RetryRules
from tracker.config import Config

IDLE_SECONDS = 1.0
DATABASE_WAIT_SECONDS = 2.0
# So often the time-out of a connection may pass before a channel says again that it is at work: the connection itself,
# its encryption, the first word of the other side.
WAITS_IN_A_ROW = 3
# A reply may come a little after the time-out of its connection.
MARGIN_SECONDS = 5
# A message leaves soon after it is due; what a person took as sent later is found when the process starts.
LOOKED_BACK = timedelta(days=7)


class Dispatching:
    """Sends what lies in the outbox, one message at a time, and notes letters that left by mail as delivered."""

    def __init__(self, context: AppContext, owner: str) -> None:
        config = context.config
        self._context = context
        self._is_settled = False  # what another process, or a person, left since it looked last
        self._dispatcher = Dispatcher(
            store=context.store,
            owner=owner,
            channels=channels_of(config, context.store),
            rules=rules_of(config),
            now=context.now,
            files=file_sources(context),
            note=oplog.write,
        )

    def run_once(self) -> bool:
        """Send one message; False if none was due.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        is_sent = self._dispatcher.run_once()
        now, was_settled = self._context.now(), self._is_settled
        self._is_settled = False  # where it fails, everything is looked at next time
        if not was_settled:
            settle_sent(self._context, now)
        elif is_sent:
            settle_sent(self._context, now, since=now - LOOKED_BACK)
        self._is_settled = True
        return is_sent

    def run_until_idle(self) -> int:
        """Send all that is due now; how many messages were tried."""
        tried = 0
        while self.run_once():
            tried += 1
        return tried


def rules_of(config: Config) -> DispatchRules:
    """The dispatcher's rules; a message is ours at least as long as a channel may keep us waiting at one of its steps."""
    time_outs = {
        ChannelName.EMAIL: config.mail.timeout_seconds,
        ChannelName.IN_APP: 0,
        ChannelName.WEBHOOK: webhook.TIMEOUT_SECONDS,
        ChannelName.GATEWAY: config.gateway.timeout_seconds,
        ChannelName.APPRISE: further.SERVICE_SECONDS,
    }
    longest = WAITS_IN_A_ROW * max(time_outs[name] for name in configured(config))
    return DispatchRules(
        lease_seconds=max(config.work.lease_seconds, longest + MARGIN_SECONDS),
        mails_per_minute=config.mail.per_minute,
        retries=RetryRules(config.outbox.max_attempts, config.work.retry_seconds),
    )


def file_sources(context: AppContext) -> Mapping[str, FileSource]:
    """Who reads which kind of reference."""
    return {"letter": lambda ref: letter_bytes(context.store, context.data_dir, ref)}
