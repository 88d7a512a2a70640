"""An invented history of dossiers as arrays, with a cause of lateness that can be learnt, or with none; working time is clock time."""

from dataclasses import replace

import numpy as np

from tracker.measures.forecast_history import (
    DAY,
    NEVER,
    VN_OFFSET,
    DuesSeen,
    History,
    How,
    Ints,
    Pauses,
    Steps,
)
from tracker.measures.months import opening

FIRST = opening(202401)
AS_OF = opening(202506) + 15 * DAY
NONE = np.zeros(0, dtype=np.int64)


def worked(units: Ints, start: Ints, end: Ints) -> Ints:
    """Every minute of the clock is worked."""
    return np.maximum(end - start, 0) // 60


def history(size: int = 12_000, *, has_cause: bool = True, seed: int = 7) -> History:
    """Dossiers over 18 months with a limit of 20 days. With a cause half of the units are late four times as often, and who is late is so
    because work began late: dossiers that are still open near their date are late more often. Without one a coin decides everything at once.
    """
    rng = np.random.default_rng(seed)
    received = np.sort(rng.integers(FIRST, AS_OF, size)).astype(np.int64)
    unit, procedure = rng.integers(1, 11, size), rng.integers(1, 5, size)
    chance = np.where(unit <= 5, 0.32, 0.08) if has_cause else np.full(size, 0.2)
    late = rng.random(size) < chance
    limit = 20 * DAY
    due = received + limit
    # Without a cause everybody in time ends at the very date: who is still open tells nothing.
    early = (rng.random(size) * 0.95 + 0.02 if has_cause else np.ones(size)) * limit
    ended = received + np.where(late, limit + rng.integers(2, 30, size) * DAY, early.astype(np.int64))
    is_open = ended > AS_OF
    return History(
        first=FIRST,
        dossier_id=np.arange(1, size + 1, dtype=np.int64),
        unit=unit.astype(np.int64),
        field=(procedure % 2 + 1).astype(np.int64),
        procedure=procedure.astype(np.int64),
        received=received,
        ended=np.where(is_open, NEVER, ended),
        how=np.where(is_open, How.OPEN, How.RESULT).astype(np.int64),
        due=due,
        first_due=due,
        pauses=Pauses(NONE, NONE, NONE),
        steps=Steps(NONE, NONE, NONE, NONE),
        dues=DuesSeen(NONE, NONE, NONE),
    )


def told_afterwards(of: History, cut: int, *, seed: int = 3) -> History:
    """The same as if everything that happened after a cut had gone otherwise: ends, withdrawals, moved dates, suspensions, steps."""
    rng = np.random.default_rng(seed)
    size = len(of)
    later = np.flatnonzero((of.ended > cut) & (of.received <= cut))
    ended, how, due = of.ended.copy(), of.how.copy(), of.due.copy()
    ended[later] = cut + 1 + rng.integers(0, 90, len(later)) * DAY
    how[later] = rng.choice([How.RESULT, How.WITHDRAWN], len(later))
    due[later] += rng.integers(1, 60, len(later)) * DAY
    rows = np.arange(size, dtype=np.int64)
    after = np.full(size, cut + 1, dtype=np.int64)
    return replace(
        of,
        ended=ended,
        how=how,
        due=due,
        pauses=Pauses(rows, after, np.full(size, NEVER)),
        steps=Steps(rows, after, np.full(size, 3, dtype=np.int64), np.zeros(size, dtype=np.int64)),
    )


def midnight(instant: int) -> int:
    """The first second of a local day."""
    return (instant + VN_OFFSET) // DAY * DAY - VN_OFFSET
