"""What a catalogue file changes in the limits of one procedure: each row its verdict, and what has to be written. Pure.

A later limit ends the open one before it on the day before its own first; limits that would hold on the same day beside
each other are refused, since nobody could say which counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from tracker.types.catalogue import KeptLimit, LimitTold

# Of a first limit that does not say since when: from before any dossier that offices still keep (Decree 61/2018).
FROM_THE_FIRST = date(2018, 1, 1)
A_DAY = timedelta(days=1)


class RowVerdict(StrEnum):
    """What a row of a catalogue file came to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on one row; a rejected one with the column (our name) and what is wrong."""

    row: int
    verdict: RowVerdict
    column: str = ""
    value: str = ""
    message: str = ""


@dataclass
class LimitChanges:
    """The limits to be written (`limit_id` 0: new ones), the outcome of each row, how many ended by a later one."""

    writes: list[KeptLimit] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    closed: int = 0


@dataclass
class _Standing:
    """A limit of a slot while rows are taken in: as stored, as it is now, and the row that told it."""

    stored: KeptLimit | None
    now: LimitTold
    row: int | None = None

    @property
    def since(self) -> date:
        assert self.now.valid_from is not None
        return self.now.valid_from

    @property
    def is_changed(self) -> bool:
        return self.stored is None or self.stored.limit != self.now


def change_limits(kept: Sequence[KeptLimit], told: Sequence[tuple[int, LimitTold]]) -> LimitChanges:
    """Take rows (number, limit) of one procedure in, in their order."""
    changes = LimitChanges()
    for slot in dict.fromkeys(limit.slot for _, limit in told):
        before = [each for each in kept if each.limit.slot == slot]
        rows = [(row, limit) for row, limit in told if limit.slot == slot]
        standing = _taken_in(before, rows, changes.outcomes)
        changes.closed += sum(
            each.row is None and each.stored is not None and each.is_changed for each in standing
        )
        changes.outcomes += [Outcome(each.row, _verdict(each)) for each in standing if each.row is not None]
        changes.writes += [
            KeptLimit(each.stored.limit_id if each.stored else 0, each.now)
            for each in standing
            if each.is_changed
        ]
    changes.outcomes.sort(key=lambda outcome: outcome.row)
    return changes


def _taken_in(
    before: Sequence[KeptLimit], rows: Sequence[tuple[int, LimitTold]], outcomes: list[Outcome]
) -> list[_Standing]:
    """The limits of a slot with all rows that fit; begun anew without each row that overlaps another limit."""
    left = list(rows)
    while True:
        standing = [_Standing(each, each.limit) for each in before]
        told = [outcome for row, limit in left for outcome in _take(standing, row, limit)]
        _close(standing)
        overlap = _overlap(standing)
        if overlap is None:
            outcomes += told
            return standing
        outcomes.append(overlap)
        left = [each for each in left if each[0] != overlap.row]


def _verdict(one: _Standing) -> RowVerdict:
    if one.stored is None:
        return RowVerdict.NEW
    return RowVerdict.CHANGED if one.is_changed else RowVerdict.UNCHANGED


def _take(standing: list[_Standing], row: int, told: LimitTold) -> Iterable[Outcome]:
    """Put a row where it belongs; an outcome at once where it is refused or says nothing new."""
    if told.valid_from is None:
        if any(_same(each.now, told) for each in standing):
            return [Outcome(row, RowVerdict.UNCHANGED)]
        earlier = [each for each in standing if told.valid_to is None or each.since <= told.valid_to]
        if earlier:
            last = max(earlier, key=lambda each: each.since)
            text = (
                f"để trống, mà thủ tục đã có thời hạn “{last.now.limit_text}” từ {last.since:%d/%m/%Y}; "
                "ghi ngày áp dụng"
            )
            return [Outcome(row, RowVerdict.REJECTED, "valid_from", "", text)]
        told = replace(told, valid_from=FROM_THE_FIRST)
    there = next((each for each in standing if each.since == told.valid_from), None)
    if there is None:
        standing.append(_Standing(None, told, row))
        return []
    merged = _merged(there.now, told)
    if there.row is not None:
        if merged == there.now:
            return [Outcome(row, RowVerdict.UNCHANGED)]
        return [
            Outcome(
                row,
                RowVerdict.REJECTED,
                "valid_from",
                f"{there.since:%d/%m/%Y}",
                f"trùng với dòng {there.row}",
            )
        ]
    there.now, there.row = merged, row
    return []


def _same(one: LimitTold, told: LimitTold) -> bool:
    """Does a row without a date say what holds already?"""
    return _merged(one, replace(told, valid_from=one.valid_from)) == one


def _merged(one: LimitTold, told: LimitTold) -> LimitTold:
    """The limit of the same slot and first day, with what the row does not tell taken from what was known."""
    return replace(
        told,
        statutory_text=told.statutory_text or one.statutory_text,
        day_kind=told.day_kind or one.day_kind,
        valid_to=told.valid_to or one.valid_to,
        source=told.source or one.source,
    )


def _close(standing: list[_Standing]) -> None:
    """End open limits before those that follow."""
    standing.sort(key=lambda each: each.since)
    for one, following in pairwise(standing):
        if one.now.valid_to is None:
            one.now = replace(one.now, valid_to=following.since - A_DAY)


def _overlap(standing: Sequence[_Standing]) -> Outcome | None:
    """The refusal of a row whose limit holds on a day of another one: of two rows the later of the file."""
    for one, following in pairwise(standing):
        until = one.now.valid_to
        other, refused = sorted((one, following), key=lambda each: each.row or 0)
        if until is not None and until >= following.since and refused.row is not None:
            end = f"{other.now.valid_to:%d/%m/%Y}" if other.now.valid_to else "nay"
            text = f"chồng lên thời hạn “{other.now.limit_text}” áp dụng từ {other.since:%d/%m/%Y} đến {end}"
            return Outcome(refused.row, RowVerdict.REJECTED, "valid_from", f"{refused.since:%d/%m/%Y}", text)
    return None
