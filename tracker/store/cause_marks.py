"""Which months' causes a change of dossiers or steps touches: gathered while a batch is written, put down in its own step.

A month is that of the end. Whatever is not plainly without effect counts: a month counted once more costs seconds.
"""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tracker.measures.months import Months, month_of, month_of_day, runs
from tracker.store.ids import next_id
from tracker.store.models import CauseMonth, CauseStale, Dossier
from tracker.store.versions import number
from tracker.text import fold
from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.lateness import is_late_epoch
from tracker.types import DossierVersion
from tracker.types.causes import STEP

SLICE, RENAMED = 10_000, -1_000_000
# What the causes of an ended dossier follow from, beside its suspensions and steps.
GROUNDS = (
    "ended_at", "end_kind", "status", "received_at", "source_due_at", "finished_at", "returned_at", "refused_at",
    "resolving_unit_id", "receiving_unit_id", "field_id", "procedure_id", "late_reason", "ended_known_at",
)  # fmt: skip
_AT = tuple(DossierVersion._fields.index(name) for name in GROUNDS)


class TouchedCauses:
    """The months of ends that a batch touches."""

    def __init__(self) -> None:
        self._months: set[int] = set()
        self._followed: set[int] = set()  # dossiers whose suspensions or steps are told anew
        self._new: range = range(0)  # the dossiers that were added last, and how they stand
        self._versions: Sequence[DossierVersion] = ()

    def added(self, ids: range, versions: Sequence[DossierVersion]) -> None:
        """New dossiers: those that ended late by the source's date; others matter only by their steps."""
        self._new, self._versions = ids, versions
        # A day tells the month, and many end on one.
        days = {
            local_day(ended)
            for version in versions
            if (ended := version.ended_at) is not None
            and (due := version.source_due_at) is not None
            and ended > due
            and is_late_epoch(due, ended)
        }
        self._months.update(map(month_of_day, days))

    def replaced(self, old: DossierVersion, new: DossierVersion) -> None:
        """A dossier that stands otherwise now."""
        if any(old[at] != new[at] for at in _AT):
            self._months.update(month_of(each.ended_at) for each in (old, new) if each.ended_at is not None)

    def followed(self, dossier_ids: Iterable[int]) -> None:
        """Dossiers whose suspensions or steps are told anew. Of those just added it is known when they ended; what changes that
        later comes by `replaced`.
        """
        told = set(dossier_ids)
        new = [number for number in told if number in self._new]
        ends = {self._versions[number - self._new.start].ended_at for number in new}
        self._months.update(month_of(at) for at in ends if at is not None)
        self._followed.update(told.difference(new))

    def write(self, session: Session) -> None:
        """Put the months down in the transaction that changes the dossiers, after all else was written."""
        ids = sorted(self._followed)
        for start in range(0, len(ids), SLICE):
            self._months.update(_months_of(session, ids[start : start + SLICE]))
        mark(session, runs(self._months))
        self._months.clear()
        self._followed.clear()


def mark(session: Session, spans: Sequence[Months]) -> None:
    """Say that the causes of months may be told wrongly."""
    if spans:
        first = next_id(session, CauseStale.id)
        rows = [
            {"id": place, "first": span[0], "last": span[1]}
            for place, span in enumerate(spans, max(first, 1))
        ]
        session.execute(insert(CauseStale), rows)


def mark_renamed(session: Session, spellings: Collection[str]) -> None:
    """The same of months in which steps bear names that lead to another unit from now on; `spellings` are folded.

    Its ids lie far below zero: who loads dossiers assigns those above, who counts those right below.
    """
    if not spellings:
        return
    named = select(CauseMonth.month, CauseMonth.name).where(CauseMonth.part.startswith(STEP)).distinct()
    spans = runs(month for month, name in session.execute(named) if fold(name) in spellings)
    if spans:
        lowest = session.scalar(select(func.min(CauseStale.id))) or 0
        first = min(lowest, RENAMED) - len(spans)
        rows = [{"id": place, "first": span[0], "last": span[1]} for place, span in enumerate(spans, first)]
        session.execute(insert(CauseStale), rows)


def _months_of(session: Session, dossier_ids: Sequence[int]) -> set[int]:
    ended = number(Dossier.__table__.c.ended_at)
    query = select(ended).where(Dossier.id.in_(dossier_ids), ended.is_not(None)).distinct()
    return {month_of(at) for at in session.scalars(query)}
