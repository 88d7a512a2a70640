"""The dispatcher: claims one message, hands it to its channel, and writes down what came of it.

    sweep    what is no longer true is cancelled; what a vanished sender left is decided
    claim    the next message that is due, ours by the number of the attempt
    check    is it still true? are its files there, and the same?
    send     the channel calls back: at each step the lease runs on, and that it lets go is committed first
    record   the outcome becomes a mark, in one transaction with its effect

No clock: `now` is asked from whoever runs it, since sending takes its time. What is left alone for a moment is counted
in `ticks`, which nobody puts back. Faults are told without any data.
"""

import hashlib
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from notifications.channels.outcomes import (
    Channel,
    FileBytes,
    Later,
    Outcome,
    Outgoing,
    Refused,
    Taken,
    Unclear,
)
from notifications.holding import Holding
from notifications.kinds import MESSAGE_KINDS, ChannelName, MessageKind, WhenUnsure
from notifications.marks import Doubt, RetryRules, mark_of, mark_of_lost, no_longer_true
from tracker.errors import WorkFailed
from tracker.store import outbox, tries
from tracker.store.outbox import SWEPT_AT_ONCE, AttemptLost, Mark, OutboxRow, Way
from tracker.store.session import Session, Store

PACE_SECONDS = 60
PACE_KEY = "outbox.email"
# So long a channel that was away is left alone, and one whose minute is full.
REST_SECONDS = 15
# Each target of these is a system of its own: one that is away says nothing about the others.
BY_TARGET = frozenset({ChannelName.WEBHOOK, ChannelName.APPRISE})
EVERYBODY = ""
# What is past its time is not sent anyway: that it is marked so may come later.
SWEEP_SECONDS = 30

DATABASE_AWAY = Later("DATABASE_AWAY", "Cơ sở dữ liệu bận hoặc mất; chưa gửi gì.", is_channel_fault=True)

# Reads the file of a reference ("letter:12" -> by "letter"); None where it is not there.
FileSource = Callable[[str], bytes | None]


class Note(Protocol):
    """Tells whoever runs the machine of an event, by ids, kinds and codes; `error` may be an exception."""

    def __call__(self, event: str, **fields: Any) -> None:
        """Tell it; it raises nothing."""


def _to_nobody(event: str, **fields: Any) -> None:
    """Where nobody listens."""


@dataclass(frozen=True, slots=True)
class DispatchRules:
    """How long a message is ours, how it is retried, how many mails may leave in a minute."""

    lease_seconds: int
    mails_per_minute: int
    retries: RetryRules


@dataclass(frozen=True, slots=True)
class Ended:
    """An attempt that has ended, to be written down; outcome None: the message is no longer true."""

    row: OutboxRow
    outcome: Outcome | None
    is_handed_over: bool


@dataclass
class Dispatcher:
    """One sender. Several may work at once, in any number of processes."""

    store: Store
    owner: str
    channels: Mapping[ChannelName, Channel]
    rules: DispatchRules
    now: Callable[[], datetime]
    files: Mapping[str, FileSource] = field(default_factory=dict)
    kinds: Mapping[str, MessageKind] = field(default_factory=lambda: MESSAGE_KINDS)
    note: Note = _to_nobody
    ticks: Callable[[], float] = time.monotonic
    _resting: dict[tuple[str, str], float] = field(default_factory=dict)
    _past_is_swept_until: float = float("-inf")
    _unwritten: Ended | None = None

    def run_once(self) -> bool:
        """Send one message; False if none was due.

        Raises:
            WorkFailed: the database cannot be reached. What was sent is remembered and written down next time.
        """
        if self._unwritten is not None:
            self._record(self._unwritten)
        self._sweep()
        row = self._claim()
        if row is None:
            return False
        hold, begun = Holding(self.store, row, self.now, self._lease, self.ticks), self.ticks()
        try:
            outcome = self._attempt(hold)
            self._tell(row, outcome, round((self.ticks() - begun) * 1000))
        except AttemptLost:
            self._give_up(row, is_handed_over=hold.is_handed_over)
            return True
        self._record(Ended(row, outcome, hold.is_handed_over))
        return True

    # ------------------------------------------------------------ sweep and claim

    def _sweep(self) -> None:
        now, lost = self.now(), outbox.overdue_leases(self.now(), self.rules.lease_seconds)
        outbox.sweep(self.store, lost, self._mark_of_lost, now)
        if self.ticks() < self._past_is_swept_until:
            return
        past = outbox.past_their_time(now)
        swept = outbox.sweep(self.store, past, lambda _session, _row: no_longer_true("not_after"), now)
        if swept < SWEPT_AT_ONCE:
            self._past_is_swept_until = self.ticks() + SWEEP_SECONDS

    def _mark_of_lost(self, session: Session, row: OutboxRow) -> Mark:
        return mark_of_lost(row, self._doubt(session, row), self.rules.retries, self.now())

    def _doubt(self, session: Session, row: OutboxRow) -> Doubt:
        kind, channel = self.kinds.get(row.kind), self.channels.get(ChannelName(row.channel))
        harmless = kind is not None and kind.when_unsure is WhenUnsure.REPEAT
        recognised = channel is not None and channel.recognises_repeats
        return Doubt(outbox.tries(session, row.id), harmless or recognised)

    def _claim(self) -> OutboxRow | None:
        lease = outbox.Lease(self.owner, self._lease())
        return outbox.claim(self.store, lease, self.now(), self._ways(), granted=self._granted)

    def _ways(self) -> list[Way]:
        tick = self.ticks()
        self._resting = {place: until for place, until in self._resting.items() if until > tick}
        return [
            Way(name, frozenset(target for channel, target in self._resting if channel == name))
            for name in self.channels
            if (name, EVERYBODY) not in self._resting
        ]

    def _lease(self) -> datetime:
        return self.now() + timedelta(seconds=self.rules.lease_seconds)

    def _granted(self, session: Session, row: OutboxRow) -> bool:
        if row.channel != ChannelName.EMAIL:
            return True
        sent = tries.count_in(session, PACE_KEY, now=self.now(), seconds=PACE_SECONDS)
        if sent > self.rules.mails_per_minute:
            self._rest(row)
        return sent <= self.rules.mails_per_minute

    def _rest(self, row: OutboxRow) -> None:
        target = row.recipient if row.channel in BY_TARGET else EVERYBODY
        self._resting[row.channel, target] = self.ticks() + REST_SECONDS

    # ------------------------------------------------------------ one message

    def _attempt(self, hold: Holding) -> Outcome | None:
        """What came of it; None: it is no longer true.

        Raises:
            AttemptLost: another has it.
        """
        row = hold.row
        try:
            if not self._is_true(row):
                return None
            files = self._files_of(row)
            if isinstance(files, Refused):
                return files
            return self.channels[ChannelName(row.channel)].send(Outgoing(row, files, self.now()), hold)
        except AttemptLost:
            raise
        except WorkFailed:
            if not hold.is_handed_over:  # it was not committed, so nothing has left
                self._unwritten = Ended(row, DATABASE_AWAY, False)
            raise
        except Exception as error:
            told = self._unexpected(row, error)
            return Unclear("UNEXPECTED", told) if hold.is_handed_over else Later("UNEXPECTED", told)

    def _tell(self, row: OutboxRow, outcome: Outcome | None, ms: int) -> None:
        result = "NoLongerTrue" if outcome is None else type(outcome).__name__
        self.note("message_tried", **_about(row), result=result, reason=getattr(outcome, "code", None), ms=ms)

    def _is_true(self, row: OutboxRow) -> bool:
        kind = self.kinds.get(row.kind)
        if kind is None or kind.still_true is None:
            return True
        with self.store.read() as session:
            return kind.still_true(session, row, self.now())

    def _files_of(self, row: OutboxRow) -> tuple[FileBytes, ...] | Refused:
        found = []
        for attachment in row.attachments:
            source = self.files.get(attachment.ref.partition(":")[0])
            body = source(attachment.ref) if source is not None else None
            if body is None:
                return Refused("ATTACHMENT_MISSING", f"Không còn tệp đính kèm {attachment.ref}.")
            if hashlib.sha256(body).hexdigest() != attachment.sha256:
                return Refused("ATTACHMENT_CHANGED", f"Tệp đính kèm {attachment.ref} đã khác lúc đặt gửi.")
            found.append(FileBytes(attachment.name, body))
        return tuple(found)

    def _unexpected(self, row: OutboxRow, error: Exception) -> str:
        # The message of an error may hold an address; its class and its place hold none.
        self.note("message_failed", **_about(row), error=error)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} tại {Path(place.filename).name}:{place.lineno}"
        return f"Lỗi không ngờ ({where})."

    # ------------------------------------------------------------ outcome -> mark

    def _record(self, ended: Ended) -> None:
        self._unwritten = ended  # what was sent is not forgotten when the database is away
        row, outcome = ended.row, ended.outcome
        try:
            with self.store.transaction() as session:
                outbox.finish_in(session, row, self._mark_of(session, row, outcome), self.now())
                if isinstance(outcome, Taken) and outcome.effect is not None:
                    outcome.effect(session)
        except AttemptLost:
            self._give_up(row, is_handed_over=ended.is_handed_over)
        except WorkFailed:
            raise
        except Exception as error:
            # It would fail again each time and hold up every other message: the lease decides on this one.
            self._unexpected(row, error)
        self._unwritten = None
        if isinstance(outcome, Later) and outcome.is_channel_fault:
            self._rest(row)

    def _give_up(self, row: OutboxRow, *, is_handed_over: bool) -> None:
        self.note("message_lost", **_about(row))
        if not is_handed_over:
            outbox.note_slow(self.store, row, self.now())

    def _mark_of(self, session: Session, row: OutboxRow, outcome: Outcome | None) -> Mark:
        if outcome is None:
            return no_longer_true("still_true")
        return mark_of(row, outcome, self._doubt(session, row), self.rules.retries, self.now())


def _about(row: OutboxRow) -> dict[str, Any]:
    """Which message it is; neither to whom it goes nor what it says."""
    return {"message": row.id, "kind": row.kind, "channel": row.channel}
