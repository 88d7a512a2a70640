"""Signs that lateness was made to disappear: histories in, signs with their evidence pair out. Pure; accuses nobody.

`judge` looks at one dossier at a time; what only many dossiers together show (moves in bulk, withdrawals in waves, ends
at the very second) is counted beside it and handed in. See docs/integrity.md for each kind and what is no sign.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple

from tracker.measures.integrity_ends import (
    back_dated,
    deleted_late,
    is_end_at_due,
    reopenings,
    step_after_end,
)
from tracker.measures.integrity_history import Days, DueTold, Held, History, Telling, VersionTold
from tracker.measures.integrity_moves import JudgedMove, Move, moved_in_bulk, unexplained_moves
from tracker.measures.integrity_pauses import PauseSign, pause_key, suspicious_pauses
from tracker.measures.integrity_rules import IntegrityRules
from tracker.types import VN
from tracker.types.findings import Evidence, EvidenceSide, FindingKind, Seen


@dataclass(frozen=True, slots=True)
class Sign:
    """A finding before it is kept: of which dossier and unit (0 = not known), which one of its kind, when, and what shows it."""

    dossier_id: int
    unit_id: int
    kind: FindingKind
    key: str
    at: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Judged:
    """What a history shows by itself, and its moves, which become signs once all are counted (`move_signs`)."""

    signs: tuple[Sign, ...]
    moves: tuple[JudgedMove, ...]


class UnitEnds(NamedTuple):
    """Of a unit's dossiers that ended with a result: all, and those that did at the very second of the due date."""

    ended: int
    equal: int


@dataclass(frozen=True, slots=True)
class Around:
    """What is looked at beside a single dossier: the moment, the rules, and units whose ends fall on the second too often."""

    now: int
    rules: IntegrityRules
    ends: Mapping[int, UnitEnds] = field(default_factory=dict)
    unusual_units: frozenset[int] = frozenset()


def judge(history: History, days: Days, around: Around) -> Judged:
    """The signs of one dossier.

    Raises:
        CalendarError: a date outside the years of the calendar.
    """
    rules = around.rules
    signs = [_pause_sign(history, one) for one in suspicious_pauses(history, days, rules)]
    signs += _end_signs(history, days, around)
    return Judged(tuple(signs), tuple(unexplained_moves(history, days, rules)))


# ---------------------------------------------------------------- ends


def _end_signs(history: History, days: Days, around: Around) -> Iterator[Sign]:
    rules, present = around.rules, history.present
    found = back_dated(history, days, rules)
    if is_end_at_due(history, days, around.unusual_units, is_back_dated=found is not None):
        yield _equal_sign(history, around)
    if found:
        before = _open_side(found.before, found.ended.before)
        after = _end_side(found.ended.ended, found.ended.first)
        evidence = Evidence(before, after, facts={"lag_days": found.lag})
        yield _sign(
            history, FindingKind.END_BACKDATED, f"end:{found.ended.ended}", found.ended.first.at, evidence
        )
    if step := step_after_end(history, days, rules):
        ended = next(one for one in history.versions if one.ended == present.ended)
        after = EvidenceSide(
            Seen.STEP,
            _instant(step.step.at),
            name=step.step.department,
            told_at=_instant(step.step.first.at),
            batch_id=step.step.first.batch_id,
        )
        evidence = Evidence(_end_side(ended.ended, ended.first), after, facts={"minutes_after": step.minutes})
        yield _sign(
            history, FindingKind.END_BEFORE_STEP, f"end:{present.ended}", present.ended or 0, evidence
        )
    for one in reopenings(history, days, rules, around.now):
        before = _end_side(one.closed.at, one.closed.first)
        after = EvidenceSide(Seen.REOPENED, _instant(one.reopened.at), **_told(one.reopened.first))
        evidence = Evidence(before, after, facts={"reopened_days": one.days})
        yield _sign(history, FindingKind.REOPENED, f"end:{one.closed.at}", one.reopened.at, evidence)
    if open_before := deleted_late(history, days):
        first = next(one for one in history.versions if one.end_kind == present.end_kind)
        after = EvidenceSide(Seen.DELETED, _instant(first.ended or first.first.at), **_told(first.first))
        evidence = Evidence(_open_side(open_before, first.before), after)
        yield _sign(
            history, FindingKind.VANISHED_LATE, f"deleted:{first.first.batch_id}", first.first.at, evidence
        )


def _equal_sign(history: History, around: Around) -> Sign:
    present = history.present
    due = next((one for one in history.dues if one.due == present.due), None)
    ended = next(one for one in history.versions if one.ended == present.ended)
    before = _due_side(due) if due else EvidenceSide(Seen.DUE, _instant(present.due))
    # Counts that change with every load are told only where they are what makes it a sign.
    counts = around.ends.get(history.unit_id) if history.unit_id in around.unusual_units else None
    facts = {"equal": counts.equal, "ended": counts.ended} if counts else {}
    evidence = Evidence(before, _end_side(ended.ended, ended.first), facts=facts)
    return _sign(history, FindingKind.END_IS_DUE, f"end:{present.ended}", present.ended or 0, evidence)


def units_with_unusual_ends(ends: Mapping[int, UnitEnds], rules: IntegrityRules) -> frozenset[int]:
    """Units whose ends fall on the very moment of the due date far more often than those of all others together."""
    equal, ended = sum(one.equal for one in ends.values()), sum(one.ended for one in ends.values())
    found = set()
    for unit_id, one in ends.items():
        others_equal, others_ended = equal - one.equal, ended - one.ended
        is_many = one.equal >= rules.equal_least and one.equal * 100 >= rules.equal_percent * one.ended
        if is_many and one.equal * max(others_ended, 1) >= rules.equal_times * others_equal * one.ended:
            found.add(unit_id)
    return frozenset(found)


# ---------------------------------------------------------------- moves


def move_signs(moves: Sequence[JudgedMove], rules: IntegrityRules) -> Iterator[Sign]:
    """The signs of all moves that nothing explains, counted together."""
    bulk = moved_in_bulk((one.move for one in moves), rules)
    for one in moves:
        move, size = one.move, bulk.get((one.move.dossier_id, one.move.new.seq))
        kinds = one.kinds if size is None else (*one.kinds, FindingKind.MOVED_IN_BULK)
        if size is not None:
            kinds = tuple(kind for kind in kinds if kind is not FindingKind.MOVED_UNEXPLAINED)
        for kind in kinds:
            yield _move_sign(move, kind, kinds, size)


def _move_sign(move: Move, kind: FindingKind, kinds: Iterable[FindingKind], size: int | None) -> Sign:
    facts = {"shift_days": move.shift}
    if move.term is not None:
        facts["term_days"] = move.term
    if move.beyond is not None:
        facts["beyond_days"] = move.beyond
    if kind is FindingKind.MOVED_IN_BULK and size is not None:
        facts["group"] = size
    also = tuple(sorted(other for other in kinds if other is not kind))
    evidence = Evidence(_due_side(move.old, move.held), _due_side(move.new), also, facts)
    return Sign(move.dossier_id, move.unit_id, kind, move.key, move.new.first.at, evidence)


# ---------------------------------------------------------------- suspensions


def _pause_sign(history: History, found: PauseSign) -> Sign:
    kind, pause, before, due = found
    held = pause.before
    if kind is FindingKind.SUSPENDED_AFTER and held is not None:
        shown = EvidenceSide(Seen.UNSUSPENDED, _instant(due), **_told(before.first), **_last(held))
        at = pause.first.at
    else:
        told = next((one for one in history.dues if one.due == due), None)
        shown = _due_side(told) if told else EvidenceSide(Seen.DUE, _instant(due))
        at = pause.start
    after = EvidenceSide(
        Seen.SUSPENSION, _instant(pause.start), _instant(pause.end), pause.kind, **_told(pause.first)
    )
    return _sign(history, kind, pause_key(pause), at, Evidence(shown, after))


# ---------------------------------------------------------------- withdrawals in waves


class Withdrawals(NamedTuple):
    """The withdrawals of a unit on a local day (days since 1970): all, and those that were due or late."""

    unit_id: int
    day: int
    withdrawn: int
    late: int


class Wave(NamedTuple):
    """A day on which a unit has far more withdrawals than usual, most of them of what was due or late."""

    unit_id: int
    day: int
    withdrawn: int
    late: int
    usual: int


def waves(withdrawals: Iterable[Withdrawals], rules: IntegrityRules) -> Iterator[Wave]:
    """The days that stand out; the usual is the median of the unit's days with any in the days before."""
    by_unit: dict[int, list[Withdrawals]] = {}
    for one in withdrawals:
        by_unit.setdefault(one.unit_id, []).append(one)
    for unit_id, days in by_unit.items():
        for one in days:
            before = [other.withdrawn for other in days if 0 < one.day - other.day <= rules.wave_days_before]
            usual = int(median(before)) if before else 1
            is_many = one.withdrawn >= max(rules.wave_least, rules.wave_times * usual)
            if is_many and one.late * 100 >= rules.wave_percent * one.withdrawn:
                yield Wave(unit_id, one.day, one.withdrawn, one.late, usual)


class Withdrawn(NamedTuple):
    """A dossier that was withdrawn when it was due or late; `told`: the load that said so."""

    dossier_id: int
    unit_id: int
    withdrawn_at: int
    told: Telling


def wave_sign(one: Withdrawn, wave: Wave) -> Sign:
    """The sign of a dossier withdrawn in a wave."""
    before = EvidenceSide(Seen.USUAL, count=wave.usual)
    after = EvidenceSide(
        Seen.WITHDRAWN,
        _instant(one.withdrawn_at),
        count=wave.withdrawn,
        late=wave.late,
        **_told(one.told),
    )
    key = f"day:{wave.day}"
    return Sign(
        one.dossier_id,
        one.unit_id,
        FindingKind.WITHDRAWN_IN_WAVE,
        key,
        one.withdrawn_at,
        Evidence(before, after),
    )


# ---------------------------------------------------------------- what is no longer told


class Vanished(NamedTuple):
    """An open overdue dossier that whole exports no longer tell of: last told by one load, left out first by another."""

    dossier_id: int
    unit_id: int
    due: int
    last: Telling
    left_out: Telling


def vanished_sign(one: Vanished) -> Sign:
    """The sign of a dossier that vanished while it was late."""
    before = EvidenceSide(
        Seen.OPEN,
        _instant(one.due),
        last_told_at=_instant(one.last.at),
        last_batch_id=one.last.batch_id,
    )
    after = EvidenceSide(Seen.GONE, **_told(one.left_out))
    key = f"last:{one.last.batch_id}"
    return Sign(
        one.dossier_id, one.unit_id, FindingKind.VANISHED_LATE, key, one.left_out.at, Evidence(before, after)
    )


# ---------------------------------------------------------------- sides


def _sign(history: History, kind: FindingKind, key: str, at: int, evidence: Evidence) -> Sign:
    return Sign(history.dossier_id, history.unit_id, kind, key, at, evidence)


def _due_side(told: DueTold, held: Held | None = None) -> EvidenceSide:
    return EvidenceSide(Seen.DUE, _instant(told.due), **_told(told.first), **(_last(held) if held else {}))


def _open_side(version: VersionTold, held: Held) -> EvidenceSide:
    return EvidenceSide(Seen.OPEN, _instant(version.due), **_told(version.first), **_last(held))


def _end_side(at: int | None, first: Telling) -> EvidenceSide:
    return EvidenceSide(Seen.END, _instant(at), **_told(first))


def _told(telling: Telling) -> dict[str, Any]:
    return {"told_at": _instant(telling.at), "batch_id": telling.batch_id}


def _last(held: Held) -> dict[str, Any]:
    if held.last is None:
        return {}
    return {"last_told_at": _instant(held.last.at), "last_batch_id": held.last.batch_id}


def _instant(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, VN)
