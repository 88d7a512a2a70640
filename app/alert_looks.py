"""What the page of looks shows: each with its counts, what became of the messages by day, what nobody could be told of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app import alert_words, outbox_words
from app.presenters import Chip
from notifications.kinds import ChannelName
from tracker.store import alert_lists, catalogue
from tracker.store.alert_lists import LookRow
from tracker.store.outbox import MessageState
from tracker.store.session import Session
from tracker.types import VN

PAGE = 30
# So far back alerts that nobody was told of are shown.
LOOKED_BACK = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ShownLook:
    """One look; a count that it does not tell is None."""

    look: LookRow
    counts: Mapping[str, int]

    def count(self, name: str) -> int | None:
        """One of its counts."""
        return self.counts.get(name)


@dataclass(frozen=True, slots=True)
class SentLine:
    """How many messages with alerts of a day stand in one state, by channel."""

    day: date
    channel: str
    chip: Chip
    messages: int


@dataclass(frozen=True, slots=True)
class UnheardLine:
    """What nobody could be told of in a unit."""

    unit: str
    kind: str
    alerts: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Looks:
    """The page."""

    looks: tuple[ShownLook, ...]
    more: bool
    sent: tuple[SentLine, ...]
    unheard: tuple[UnheardLine, ...]
    since: date


def looks_of(session: Session, now: datetime, *, before: int | None) -> Looks:
    """One page of looks, the newest first, with the messages of their days."""
    found = alert_lists.looks(session, before=before, limit=PAGE + 1)
    since = now.astimezone(VN).date() - LOOKED_BACK
    return Looks(
        tuple(ShownLook(row, json.loads(row.counts)) for row in found[:PAGE]),
        len(found) > PAGE,
        _sent(session, {row.day for row in found[:PAGE]}),
        _unheard(session, since),
        since,
    )


def _sent(session: Session, days: set[date]) -> tuple[SentLine, ...]:
    rows = alert_lists.sent_by_day(session, days)
    lines = [
        SentLine(row.day, outbox_words.CHANNELS[ChannelName(row.channel)], outbox_words.STATES[MessageState(row.state)], row.messages)
        for row in rows
    ]  # fmt: skip
    return tuple(sorted(lines, key=lambda line: line.day, reverse=True))


def _unheard(session: Session, since: date) -> tuple[UnheardLine, ...]:
    units = catalogue.units(session)
    return tuple(
        UnheardLine(
            units[row.unit_id].name if row.unit_id in units else "", alert_words.kind_words(row.measure), row.alerts, row.last_day
        )
        for row in alert_lists.unheard(session, since)
    )  # fmt: skip
