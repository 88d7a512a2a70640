"""An outcome -> what becomes of the message: the one place that decides on retries, doubt and giving up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.channels.outcomes import Later, Outcome, Refused, Taken, Unclear
from tracker.store.outbox import EventKind, Mark, MessageState, OutboxRow, Tries

LONGEST_WAIT_SECONDS = 3600
SLOW_SECONDS = 900  # a wrong password or certificate: somebody has to mend it first
NO_LONGER_TRUE = "Nội dung không còn đúng, không gửi nữa."
LOST_SENDER = "Tiến trình gửi dừng giữa chừng."


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How often a message is tried, and how long after the first failure it is tried again (then twice as long each)."""

    max_attempts: int
    retry_seconds: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known when an outcome is judged: the tries so far, and whether the message may be sent twice."""

    tries: Tries
    may_repeat: bool


def no_longer_true(why: str) -> Mark:
    """The message is not sent any more; `why` is not_after or still_true."""
    return Mark(MessageState.CANCELLED, EventKind.CANCELLED, why, fault=NO_LONGER_TRUE)


def mark_of(row: OutboxRow, outcome: Outcome, known: Doubt, rules: RetryRules, now: datetime) -> Mark:
    """What becomes of a message after this outcome."""
    if isinstance(outcome, Taken):
        return Mark(MessageState.SENT, EventKind.SENT, provider_ref=outcome.provider_ref)
    if isinstance(outcome, Refused):
        return Mark(MessageState.DEAD, EventKind.DEAD, fault=outcome.told, fault_code=outcome.code)
    if isinstance(outcome, Unclear) and not known.may_repeat:
        return Mark(MessageState.UNSURE, EventKind.UNSURE, fault=outcome.told, fault_code=outcome.code)
    return _again_or_dead(row, outcome, known.tries, rules, now)


def mark_of_lost(row: OutboxRow, known: Doubt, rules: RetryRules, now: datetime) -> Mark:
    """What becomes of a message whose sender was heard of no more."""
    if row.handed_over_at is not None:
        return mark_of(row, Unclear("SENDER_LOST", LOST_SENDER), known, rules, now)
    return _again_or_dead(row, Later("SENDER_LOST", LOST_SENDER), known.tries, rules, now, EventKind.LOST)


def _again_or_dead(
    row: OutboxRow,
    outcome: Later | Unclear,
    tried: Tries,
    rules: RetryRules,
    now: datetime,
    event: EventKind = EventKind.FAILED,
) -> Mark:
    postponed = isinstance(outcome, Later) and outcome.is_channel_fault
    if not postponed and tried.counted + 1 >= (row.max_attempts or rules.max_attempts):
        return Mark(MessageState.DEAD, EventKind.DEAD, fault=outcome.told, fault_code=outcome.code)
    slowly = isinstance(outcome, Later) and outcome.slowly
    seconds = wait_seconds(row.id, tried.in_all + 1, rules.retry_seconds, at_least=SLOW_SECONDS * slowly)
    return Mark(
        MessageState.WAITING,
        EventKind.POSTPONED if postponed else event,
        not_before=now + timedelta(seconds=seconds),
        fault=outcome.told,
        fault_code=outcome.code,
    )


def wait_seconds(message_id: int, failed: int, retry_seconds: int, at_least: int = 0) -> int:
    """Seconds until the next try after so many failures: twice as long each time, at most an hour.

    Neighbours come a little apart, so that messages that failed together do not come back together.
    """
    usual = max(retry_seconds << min(failed - 1, 12), at_least)
    apart = message_id * 7 % max(retry_seconds // 2, 1)
    return min(usual, LONGEST_WAIT_SECONDS) + apart
