"""Due dates that were moved later: which moves the documents explain, and what the others look like. Pure.

A move is never a sign by itself: a documented suspension, a date that the limit gives, a letter of apology with a new
date, or a typing error put right at once explain it. Where the source tells no suspensions, only a move long after the
date had passed is pointed out; of the rest nobody can say.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.measures.integrity_history import Days, DueTold, Held, History, PauseTold
from tracker.measures.integrity_rules import IntegrityRules
from tracker.timekeeping.calendar_definition import local_day
from tracker.types import SourceStatus, SuspensionKind
from tracker.types.findings import FindingKind

AT_WORK = frozenset({SourceStatus.ACCEPTED.value, SourceStatus.PROCESSING.value})
RESTARTING = SuspensionKind.SUPPLEMENT.value


class Move(NamedTuple):
    """A due date that took a later one's place; `told_row`: the date of the load that told it, by the unit's calendar."""

    dossier_id: int
    unit_id: int
    old: DueTold
    new: DueTold
    held: Held
    told_row: int
    shift: int
    term: int | None
    beyond: int | None
    pauses_known: bool

    @property
    def key(self) -> str:
        """Which move of the dossier."""
        return f"due:{self.new.seq}"


@dataclass(frozen=True, slots=True)
class JudgedMove:
    """A move that nothing explains, and what it looks like by itself."""

    move: Move
    kinds: tuple[FindingKind, ...]


def unexplained_moves(history: History, days: Days, rules: IntegrityRules) -> Iterator[JudgedMove]:
    """The moves of a dossier that nothing explains."""
    for move in _moves(history, days):
        if not _is_explained(move, history, days, rules):
            yield JudgedMove(move, tuple(_kinds(move, history, days, rules)))


def _moves(history: History, days: Days) -> Iterator[Move]:
    """Later dates told by the same source as the ones before them."""
    last: dict[int, DueTold] = {}
    first = history.first_due()
    for told in history.dues:
        if told.due is None:
            continue
        old = last.get(told.source_id)
        last[told.source_id] = told
        if old is None or old.due is None or days.row(told.due) <= days.row(old.due):
            continue
        yield Move(
            history.dossier_id, history.unit_id, old, told, told.before, days.row(told.first.at),
            days.between(old.due, told.due), _term(history.received, first, days),
            _beyond(history, told.due, first, days), history.present.pauses_known,
        )  # fmt: skip


def _term(received: int | None, first: int | None, days: Days) -> int | None:
    return None if received is None or first is None else days.between(received, first)


def _beyond(history: History, due: int, first: int | None, days: Days) -> int | None:
    """Working days beyond the documented date, less what the first date lay beyond it: that is how the source counts."""
    if history.documented is None:
        return None
    from_the_first = max(0, days.between(history.documented, first)) if first is not None else 0
    return days.between(history.documented, due) - from_the_first


# ---------------------------------------------------------------- what explains a move


def _is_explained(move: Move, history: History, days: Days, rules: IntegrityRules) -> bool:
    old, new = move.old.due or 0, move.new.due or 0
    if history.received is None:
        return True
    if _is_put_right(move, history.received, days, rules):
        return True
    if history.documented is not None and days.row(new) <= days.row(history.documented):
        return True
    if any(_stands_behind(letter.new_due, letter.made_at, move, days, rules) for letter in history.letters):
        return True
    return any(_pause_explains(pause, old, move, history, days, rules) for pause in history.pauses)


def _is_put_right(move: Move, received: int, days: Days, rules: IntegrityRules) -> bool:
    """May it have been moved soon after reception, long before anybody knew that the date would not be kept?"""
    if move.new.first.at < received or days.row(move.new.first.at) > days.row(move.old.due or 0):
        return False
    return days.minutes(received, max(received, move.held.until)) <= rules.correction_minutes


def _stands_behind(new_due: int, made_at: int, move: Move, days: Days, rules: IntegrityRules) -> bool:
    """An apology names that date or a later one, and was not written long after the move."""
    in_time = days.between(move.new.first.at, made_at) <= rules.letter_grace_days
    return in_time and days.row(new_due) >= days.row(move.new.due or 0)


def _pause_explains(
    pause: PauseTold, old: int, move: Move, history: History, days: Days, rules: IntegrityRules
) -> bool:  # fmt: skip
    """A suspension that began before the old date and reaches far enough."""
    if pause.kind == SuspensionKind.NONE.value or pause.start >= old or pause.start > move.new.first.at:
        return False
    if pause.end is None:
        return True
    if move.beyond is not None:
        return move.beyond <= rules.slack_days
    reach = days.between(pause.start, pause.end) + rules.slack_days
    if pause.kind == RESTARTING and move.term is not None:
        return days.between(pause.end, move.new.due or 0) <= move.term + rules.slack_days
    return move.shift <= reach


# ---------------------------------------------------------------- what a move looks like


def _kinds(move: Move, history: History, days: Days, rules: IntegrityRules) -> Iterator[FindingKind]:
    old = move.old.due or 0
    before = history.version_before(move.new.first.batch_id)
    is_after = days.row(move.held.until) > days.row(old) and _was_at_work(before, old, days)
    if is_after:
        yield FindingKind.MOVED_AFTER
    if not move.pauses_known:
        return
    found = is_after
    if not is_after and _is_in_last_day(move, old, days, rules):
        found = True
        yield FindingKind.MOVED_LAST_DAY
    if _is_full_term(move, days, rules):
        found = True
        yield FindingKind.MOVED_FULL_TERM
    if not found and move.beyond is not None and move.beyond > rules.slack_days:
        yield FindingKind.MOVED_UNEXPLAINED


def _was_at_work(before: object, old: int, days: Days) -> bool:
    """Was the dossier still in hand when the date had passed, as it was last told: neither waiting nor ended in time?"""
    status, ended = getattr(before, "status", ""), getattr(before, "ended", None)
    if ended is not None:
        return days.row(ended) > days.row(old)
    return status in AT_WORK


def _is_in_last_day(move: Move, old: int, days: Days, rules: IntegrityRules) -> bool:
    if (
        move.term is None
        or move.term < rules.last_day_least_term
        or days.row(move.held.until) > days.row(old)
    ):
        return False
    return days.next_worked_row(move.held.until) >= days.last_worked_row(old)


def _is_full_term(move: Move, days: Days, rules: IntegrityRules) -> bool:
    """Does the new date lie the whole term after some day on which the move may have happened?"""
    term, new = move.term, move.new.due or 0
    if term is None or term < rules.full_term_least_days or move.shift <= rules.slack_days:
        return False
    if days.between(move.held.until, move.new.first.at) > rules.full_term_window_days:
        return False
    return days.between(move.new.first.at, new) <= term <= days.between(move.held.until, new)


# ---------------------------------------------------------------- many at once


def moved_in_bulk(moves: Iterable[Move], rules: IntegrityRules) -> dict[tuple[int, int], int]:
    """(dossier, seq of the new date) -> how many moves there are of its unit, day and shift, or day and new date.

    Only where there are enough, and of dossiers whose suspensions are known.
    """
    alike: Counter[tuple[int, int, str, int]] = Counter()
    known = [move for move in moves if move.pauses_known and move.unit_id]
    for move in known:
        alike.update(_groups(move))
    found = {}
    for move in known:
        size = max(alike[group] for group in _groups(move))
        if size >= rules.bulk_least:
            found[move.dossier_id, move.new.seq] = size
    return found


def _groups(move: Move) -> Sequence[tuple[int, int, str, int]]:
    where = (move.unit_id, move.told_row)
    return (*where, "shift", move.shift), (*where, "date", local_day(move.new.due or 0))
