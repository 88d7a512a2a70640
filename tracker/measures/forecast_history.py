"""Many dossiers as arrays, and what of them was known at a cut: the only door through which a forecast sees anything. Pure.

Instants are int64 UTC epoch seconds. Everything that a forecast learns or tells is made of a `Seen`, which holds nothing that
happened after its cut: no end, no step, no end of a suspension, no due date that was moved later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tracker.measures.months import DAY, VN_OFFSET
from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.deadline_array import late_array, local_day_array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEVER = 2**62
"""An end or a due date that there is not."""
# A month belongs to what a source has told once it holds so much of a usual one.
_USUAL = 0.1
# (units, begin, end) -> working minutes in [begin, end) by each unit's calendar.
Worked = Callable[[Ints, Ints, Ints], Ints]


class How(IntEnum):
    """How a dossier ended."""

    OPEN = 0
    RESULT = 1  # finished, or refused after acceptance: what rates count
    WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class Pauses:
    """Suspensions: of which dossier (its place in the history), from when, until when (NEVER = open)."""

    row: Ints
    start: Ints
    end: Ints


@dataclass(frozen=True, slots=True)
class Steps:
    """What was done: of which dossier, when, by which kind of department (from 1), until when it was to be done."""

    row: Ints
    at: Ints
    kind: Ints
    due: Ints


@dataclass(frozen=True, slots=True)
class DuesSeen:
    """Due dates of those dossiers that had several, in the order in which they were seen."""

    row: Ints
    seen_at: Ints
    due: Ints


@dataclass(frozen=True)
class History:
    """Dossiers that were accepted, in the order of their ids. Ids of units, fields and procedures: 0 = not known.

    `due` is the source's latest date, `first_due` the first that is known. `every`: of those that ended only each
    `every`-th was read, so that counts of ends have to be multiplied by it. `first`: the first second of what was read:
    who ended before is not in it.
    """

    first: int
    dossier_id: Ints
    unit: Ints
    field: Ints
    procedure: Ints
    received: Ints
    ended: Ints
    how: Ints
    due: Ints
    first_due: Ints
    pauses: Pauses
    steps: Steps
    dues: DuesSeen
    every: int = 1

    def __len__(self) -> int:
        return len(self.dossier_id)

    @cached_property
    def result(self) -> Bools:
        """Which ended with a result that has a due date to be judged by."""
        result: Bools = (self.how == How.RESULT) & (self.ended < NEVER) & (self.due < NEVER)
        return result

    @cached_property
    def late(self) -> Bools:
        """Which ended late, by date: the array twin of `lateness.classify` for what has ended."""
        late: Bools = self.result & late_array(self.due, self.ended)
        return late

    def of_units(self, unit_ids: frozenset[int]) -> "History":
        """The dossiers of some units alone; for counts of what ended and came in, not for learning."""
        chosen = np.isin(self.unit, np.array(sorted(unit_ids), dtype=np.int64))
        return self.of_rows(np.flatnonzero(chosen))

    def of_rows(self, rows: Ints) -> "History":
        """Some of the dossiers, with what belongs to them."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        own = {name: getattr(self, name)[rows] for name in COLUMNS}
        pauses, steps, dues = self.pauses, self.steps, self.dues
        kept = place[pauses.row] >= 0
        told = place[steps.row] >= 0
        seen = place[dues.row] >= 0
        return History(
            self.first,
            **own,
            pauses=Pauses(place[pauses.row[kept]], pauses.start[kept], pauses.end[kept]),
            steps=Steps(place[steps.row[told]], steps.at[told], steps.kind[told], steps.due[told]),
            dues=DuesSeen(place[dues.row[seen]], dues.seen_at[seen], dues.due[seen]),
            every=self.every,
        )


COLUMNS = ("dossier_id", "unit", "field", "procedure", "received", "ended", "how", "due", "first_due")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was known of the dossiers received by a cut. `row`: their places in the history, in its order.

    `due`: the date in force at the cut, for what had ended that at its end. `paused`, `was_paused`: suspended at the cut, and ever
    before it. `step`: the kind of the latest step by then, 0 = none is known; `step_late`: that step was to be done before the
    cut. `weight`: for how many dossiers each stands where only a part was read.
    """

    cut: int
    first: int
    weight: Floats
    row: Ints
    unit: Ints
    field: Ints
    procedure: Ints
    received: Ints
    ended: Ints
    how: Ints
    due: Ints
    paused: Bools
    was_paused: Bools
    step: Ints
    step_late: Bools

    @property
    def open(self) -> Bools:
        """Not ended by the cut."""
        is_open: Bools = self.ended == NEVER
        return is_open

    @property
    def result(self) -> Bools:
        """Ended by the cut with a result that has a due date."""
        result: Bools = (self.how == How.RESULT) & (self.due < NEVER)
        return result

    @property
    def late(self) -> Bools:
        """Ended late by the cut, by date."""
        late: Bools = self.result & late_array(self.due, self.ended)
        return late

    @property
    def overdue(self) -> Bools:
        """Open, and the due date was on an earlier day than the cut: it will be late whenever it ends."""
        overdue: Bools = self.open & (self.due < NEVER) & (local_day_array(self.due) < local_day(self.cut))
        return overdue

    @property
    def running(self) -> Bools:
        """Open and not late yet, with a due date: what a chance is told of."""
        return self.open & (self.due < NEVER) & ~self.overdue


def beginning(ended: Ints, asked: int) -> int:
    """From when on a source has told what ended: the first second of the first month, not before `asked`, in which about as much
    ended as usual. What had ended before is not there at all, so nobody who was received then may be looked at from his reception on.
    """
    days = local_day_array(ended[(ended >= asked) & (ended < NEVER)])
    if not days.size:
        return asked
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    found, counts = np.unique(months, return_counts=True)
    usual = found[np.argmax(counts >= _USUAL * np.median(counts))]
    start = usual.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return max(asked, int(start) * DAY - VN_OFFSET)


def seen_at(history: History, cut: int) -> Seen:
    """What was known at a moment (the cut itself included)."""
    here = np.flatnonzero(history.received <= cut)
    ended = history.ended[here]
    is_over = ended <= cut
    paused, was_paused = _paused(history, cut)
    step, step_late = _steps(history, cut)
    due = _due_in_force(history, cut, was_paused)
    return Seen(
        cut=cut,
        first=history.first,
        weight=np.where(ended < NEVER, float(history.every), 1.0),
        row=here,
        unit=history.unit[here],
        field=history.field[here],
        procedure=history.procedure[here],
        received=history.received[here],
        ended=np.where(is_over, ended, NEVER),
        how=np.where(is_over, history.how[here], How.OPEN),
        due=due[here],
        paused=paused[here] & ~is_over,
        was_paused=was_paused[here],
        step=step[here],
        step_late=step_late[here] & ~is_over,
    )


def _paused(history: History, cut: int) -> tuple[Bools, Bools]:
    pauses = history.pauses
    begun = pauses.start <= cut
    now, ever = np.zeros(len(history), dtype=np.bool_), np.zeros(len(history), dtype=np.bool_)
    ever[pauses.row[begun]] = True
    now[pauses.row[begun & (pauses.end > cut)]] = True
    return now, ever


def _steps(history: History, cut: int) -> tuple[Ints, Bools]:
    """The latest step of each dossier by the cut; steps stand in the order of dossier and time."""
    steps = history.steps
    kind, late = np.zeros(len(history), dtype=np.int64), np.zeros(len(history), dtype=np.bool_)
    told = np.flatnonzero(steps.at <= cut)
    if told.size:
        rows = steps.row[told]
        last = told[np.append(rows[1:] != rows[:-1], True)]
        kind[steps.row[last]] = steps.kind[last]
        late[steps.row[last]] = steps.due[last] < cut
    return kind, late


def _due_in_force(history: History, cut: int, was_paused: Bools) -> Ints:
    """The due date that stood at the cut.

    Of dates that were seen by then the latest. What was loaded later tells only the first and the last one: then the last where the
    dossier had ended or a suspension, which moves dates, had begun; else the first: that it would be moved, nobody knew.
    """
    told = np.where((history.ended <= cut) | was_paused, history.due, history.first_due)
    dues = history.dues
    by_then = np.flatnonzero(dues.seen_at <= cut)
    if by_then.size:
        rows = dues.row[by_then]
        last = by_then[np.append(rows[1:] != rows[:-1], True)]
        told[dues.row[last]] = dues.due[last]
    return told


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of dossiers by a moment; `told`: it can be said: the due date has passed, and nobody withdrew."""

    told: Bools
    late: Bools


def outcome(seen: Seen, rows: Ints) -> Outcome:
    """Of these places of the history, as far as it was known at the cut of `seen`; all of them received by then.

    Whether a dossier is late is known from the day after its due date on, whether it has ended or not: so nobody is left out
    because of what became of him, only because of when he was due.
    """
    at = np.searchsorted(seen.row, rows)
    due, ended, how = seen.due[at], seen.ended[at], seen.how[at]
    is_past = (due < NEVER) & (local_day_array(due) < local_day(seen.cut))
    late = late_array(due, ended)
    return Outcome(is_past & (how != How.WITHDRAWN), late & is_past)


def after_day(instants: Ints) -> Ints:
    """The first second of the day after."""
    return (local_day_array(instants) + 1) * DAY - VN_OFFSET
