"""How far a run of the ledger has to look: at every dossier, or at those of which something may have changed since the last run.

An obligation follows from the dossier as its sources tell it, its suspensions, its letters, what persons decided, the rules,
and the moment. Of a dossier that has ended the moment changes nothing any more: such ones are looked at only if they were
marked (`tracker.store.ledger_marks`) or ended after the last run's moment. Open ones are looked at each time: they are few,
and time alone makes them late. Whatever is not plainly narrow is a run over everything.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from letters.case import LetterPolicy, Names, farthest_horizon
from letters.ledger import Held
from tracker.store import ledger_marks, letter_candidates, obligation_store, promises
from tracker.store.calendars import calendar_marks
from tracker.store.ledger_marks import Ids, KeptUntil
from tracker.store.letter_candidates import Candidate
from tracker.store.promises import PromiseRow
from tracker.store.session import Session

# Count it up when the ledger is decided otherwise than before: the next run then looks at every dossier.
EDITION = 1
# With more dossiers than these to look at one by one, reading all of them in a row is no dearer.
MOST = 200_000
ACTIVE = (Held.OWED, Held.TO_CHECK)


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment of a run: in UTC epoch seconds and as the office's date; `latest`: the end of the day on which it is asked."""

    epoch: int
    day: date
    latest: int

    def is_later(self, judged: int) -> bool:
        """Was it judged for a later moment, so that this run leaves it alone?

        What was judged for a day that has not come was so by a clock that was ahead, or to see what would be: it holds nothing up.
        """
        return self.epoch < judged <= self.latest


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run looks at. `dossiers`: besides open ones only these; None = every dossier there is.

    `marks` are answered by it, `before` is what the last run left behind, and `by` what this one goes by.
    """

    marks: tuple[int, ...]
    before: KeptUntil | None
    by: str
    dossiers: Ids | None


def reach_of(
    session: Session, as_of: datetime, policy: LetterPolicy, names: Names, *, day: date, whole: bool = False
) -> Reach:
    """How far a run for a moment, whose date is `day`, has to look; `whole` asks for everything."""
    before, marked = ledger_marks.kept_until(session), ledger_marks.marked(session)
    by = _kept_by(session, policy, names, day)
    if whole or before is None or before.rules != by or before.as_of > as_of:
        return Reach(marked.marks, before, by, None)
    ended = letter_candidates.dossiers_ended_after(session, int(before.as_of.timestamp()))
    dossiers = np.union1d(marked.dossiers, np.fromiter(ended, dtype=np.int64))
    return Reach(marked.marks, before, by, dossiers if dossiers.size <= MOST else None)


def _kept_by(session: Session, policy: LetterPolicy, names: Names, day: date) -> str:
    """Differs whenever what is not said of a single dossier may decide otherwise: the program, rules, calendars, units.

    Of units only those count for which others answer on that day: whoever is new answers for itself.
    """
    answering = sorted(
        (unit_id, charge.unit_id if charge else 0)
        for unit_id in names.catalogue.units
        if (charge := names.catalogue.in_charge(unit_id, day)) is None or charge.unit_id != unit_id
    )
    told = (EDITION, _program(), policy.rules, policy.letters_from, calendar_marks(session), answering)
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _program() -> str:
    try:
        return version("dunghen")
    except PackageNotFoundError:  # run from its sources
        return ""


# ---------------------------------------------------------------- what is looked at


def candidates(
    session: Session, reach: Reach, asked: Asked, policy: LetterPolicy
) -> Iterator[list[Candidate]]:
    """Chunks of the dossiers that may be owed a letter, those taken back among them."""
    until = farthest_horizon(policy, asked.day)
    if reach.dossiers is None:
        yield from letter_candidates.late_candidates(
            session, as_of_epoch=asked.epoch, having=(), open_until_epoch=until, withdrawn=True
        )
        return
    yield from letter_candidates.open_candidates(session, as_of_epoch=asked.epoch, open_until_epoch=until)
    yield from letter_candidates.ended_among(
        session, reach.dossiers.tolist(), as_of_epoch=asked.epoch, open_until_epoch=until
    )


def active(session: Session, reach: Reach) -> Ids:
    """The dossiers with an obligation that stands, of those that are looked at, in order."""
    if reach.dossiers is None:
        return _ids(obligation_store.dossiers_in(session, ACTIVE))
    still_open = _ids(obligation_store.open_dossiers_in(session, ACTIVE))
    changed = _ids(obligation_store.dossiers_in(session, ACTIVE, reach.dossiers.tolist()))
    return np.union1d(still_open, changed)


def due_promises(session: Session, reach: Reach, asked: Asked) -> Iterator[PromiseRow]:
    """The delivered letters of which something else may be true now than the register says."""
    if reach.dossiers is None:
        yield from promises.due_promises(session, asked.epoch)
        return
    parts = (
        reach.dossiers,
        _ids(promises.dossiers_promised(session)),
        _ids(promises.open_dossiers_promised(session)),
    )
    dossiers = np.unique(np.concatenate(parts))
    yield from promises.due_promises(session, asked.epoch, dossiers.tolist())


def _ids(numbers: Iterator[int]) -> Ids:
    return np.unique(np.fromiter(numbers, dtype=np.int64))


# ---------------------------------------------------------------- what it leaves behind


def settle(session: Session, reach: Reach, as_of: datetime, later: list[int]) -> None:
    """Say how far the ledger was kept, in the transaction that changes it.

    `later`: dossiers that were left alone because they were judged for a later moment; the next run looks at them.
    """
    ledger_marks.take_back(session, reach.marks)
    ledger_marks.mark(session, later)
    back_in_time = reach.before is not None and reach.before.as_of > as_of
    if back_in_time or not ledger_marks.put_kept(session, before=reach.before, as_of=as_of, rules=reach.by):
        ledger_marks.forget(session)
