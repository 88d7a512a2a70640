"""Why the rate of a period is another one than was said: each dossier that counts otherwise, with its one reason. Pure.

Compares what was known of a dossier at two moments; judges by the one definition of late (`timekeeping.lateness`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.lateness import is_late_epoch
from tracker.types import EndKind

FINISHING = (EndKind.FINISHED.value, EndKind.REFUSED.value)


class Reason(StrEnum):
    """Why a dossier counts otherwise; the first that fits, in `_reason`."""

    ARRIVED = "arrived"  # was not in the store
    GONE = "gone"  # is not in the store any more
    ACCEPTED = "accepted"  # was not yet counted: handed in, not accepted
    UNCOUNTED = (
        "uncounted"  # is counted nowhere now: deleted, not accepted, without reception or date of its end
    )
    FINISHED = "finished"  # was open, and is known to have been finished in the period
    REOPENED = "reopened"  # was finished, and its end was undone
    WITHDRAWN = "withdrawn"  # is withdrawn now
    NOT_WITHDRAWN = "not_withdrawn"  # was withdrawn
    END_MOVED = "end_moved"
    DUE_TOLD = "due_told"  # had no due date on this basis
    DUE_LOST = "due_lost"  # has none any more
    CALENDAR = "calendar"  # the due date moved, since the working calendar was changed
    DUE_MOVED = "due_moved"
    RECEIVED_MOVED = "received_moved"
    UNIT_MOVED = "unit_moved"
    FIELD_MOVED = "field_moved"


class Span(NamedTuple):
    """The first and last second of a period, UTC epoch seconds."""

    start: int
    end: int


class Known(NamedTuple):
    """What is known of a dossier at a moment, as far as rates go by it; instants are UTC epoch seconds.

    `is_counted`: received, accepted, not deleted.
    """

    is_counted: bool
    received: int | None
    ended: int | None
    end_kind: str | None
    due: int | None
    unit_id: int | None
    field_id: int | None


class Told(NamedTuple):
    """A dossier as it was known then and as it is known now (None: not there); what lies between."""

    dossier_id: int
    code: str
    then: Known | None
    now: Known | None
    was_reopened: bool = False
    was_recalendared: bool = False


class Count(NamedTuple):
    """What a dossier, or many, adds to numerator and denominator."""

    numerator: int
    denominator: int


NOTHING = Count(0, 0)


@dataclass(frozen=True, slots=True)
class Move:
    """A dossier that counts otherwise, with its reason."""

    told: Told
    reason: Reason
    then: Count
    now: Count


def count_of(known: Known | None, span: Span) -> Count:
    """What a dossier adds to the rate of a period."""
    if known is None or not _is_finished_in(known, span) or known.due is None or known.ended is None:
        return NOTHING
    return Count(int(not is_late_epoch(known.due, known.ended)), 1)


def _is_finished_in(known: Known, span: Span) -> bool:
    return (
        known.is_counted
        and known.end_kind in FINISHING
        and _is_within(known.ended, span)
        and known.received is not None
        and known.received <= span.end
    )


def _is_within(instant: int | None, span: Span) -> bool:
    return instant is not None and span.start <= instant <= span.end


def moves(told: Iterable[Told], span: Span) -> list[Move]:
    """The dossiers that count otherwise, or for another unit or field, in the order given."""
    return [found for each in told if (found := _move(each, span)) is not None]


def _move(told: Told, span: Span) -> Move | None:
    then, now = count_of(told.then, span), count_of(told.now, span)
    if (then, _place(told.then, then)) == (now, _place(told.now, now)):
        return None
    return Move(told, _reason(told, span, then, now), then, now)


def _place(known: Known | None, count: Count) -> tuple[int | None, int | None] | None:
    return (known.unit_id, known.field_id) if known is not None and count.denominator else None


def _reason(told: Told, span: Span, then: Count, now: Count) -> Reason:
    before, after = told.then, told.now
    if before is None:
        return Reason.ARRIVED
    if after is None:
        return Reason.GONE
    if not after.is_counted:
        return Reason.UNCOUNTED
    if not before.is_counted:
        return Reason.ACCEPTED
    if then.denominator and now.denominator:
        return _moved_within(told, before, after, then != now)
    return _left(told, after, span) if then.denominator else _came(told, before, span)


def _left(told: Told, after: Known, span: Span) -> Reason:
    """Was finished in the period, and is not now."""
    if after.ended is None:
        return Reason.REOPENED if after.end_kind is None else Reason.UNCOUNTED
    if after.end_kind not in FINISHING:
        return Reason.WITHDRAWN
    if not _is_within(after.ended, span):
        return Reason.REOPENED if told.was_reopened else Reason.END_MOVED
    return Reason.DUE_LOST if after.due is None else Reason.RECEIVED_MOVED


def _came(told: Told, before: Known, span: Span) -> Reason:
    """Was not finished in the period, and is now."""
    if before.ended is None:
        return Reason.FINISHED
    if before.end_kind not in FINISHING:
        return Reason.NOT_WITHDRAWN
    if not _is_within(before.ended, span):
        return Reason.REOPENED if told.was_reopened else Reason.END_MOVED
    return Reason.DUE_TOLD if before.due is None else Reason.RECEIVED_MOVED


def _moved_within(told: Told, before: Known, after: Known, has_turned: bool) -> Reason:
    """Counts both times: its verdict turned, or it belongs elsewhere."""
    if not has_turned:
        return Reason.UNIT_MOVED if before.unit_id != after.unit_id else Reason.FIELD_MOVED
    # The due date, where it alone would have turned the verdict; else the end.
    if _day(before.due) != _day(after.due) and _is_late(after, before.ended) == _is_late(after, after.ended):
        return Reason.CALENDAR if told.was_recalendared else Reason.DUE_MOVED
    return Reason.END_MOVED


def _day(instant: int | None) -> int | None:
    return None if instant is None else local_day(instant)


def _is_late(known: Known, ended: int | None) -> bool:
    return known.due is not None and ended is not None and is_late_epoch(known.due, ended)


# ---------------------------------------------------------------- adding up


class ReasonCount(NamedTuple):
    """A reason: how many dossiers, and by how much they changed numerator and denominator."""

    reason: Reason
    dossiers: int
    numerator: int
    denominator: int


def by_reason(found: Iterable[Move]) -> list[ReasonCount]:
    """The reasons that there are, in the order of `Reason`."""
    sums: dict[Reason, list[int]] = {}
    for move in found:
        counted = sums.setdefault(move.reason, [0, 0, 0])
        counted[0] += 1
        counted[1] += move.now.numerator - move.then.numerator
        counted[2] += move.now.denominator - move.then.denominator
    return [ReasonCount(reason, *sums[reason]) for reason in Reason if reason in sums]


def by_level(found: Iterable[Move], levels: Mapping[int, str], unknown: str) -> dict[str, Count]:
    """By how much the moves changed numerator and denominator of each level; `levels` by unit, else `unknown`."""
    sums: dict[str, list[int]] = {}
    for move in found:
        for known, count, sign in ((move.told.then, move.then, -1), (move.told.now, move.now, 1)):
            if known is None or not count.denominator:
                continue
            name = unknown if known.unit_id is None else levels.get(known.unit_id, unknown)
            level = sums.setdefault(name, [0, 0])
            level[0] += sign * count.numerator
            level[1] += sign * count.denominator
    return {level: Count(*parts) for level, parts in sums.items()}
