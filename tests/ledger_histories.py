"""Random histories of an office for the test that the ledger's narrow run finds what a whole one finds.

One act at a time, by the program's own functions where a person acts; what a source tells is written as a load leaves it:
the dossiers and their marks in one step.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from letters.case import LetterPolicy
from letters.deciding import make_owed, set_fault_unit, waive
from letters.issue import draft
from letters.keeping import LedgerReport, keep_ledger
from letters.moving import Told, approve, deliver, void
from letters.register import LetterFolder
from letters.reissue import LetterScope
from letters.signers import sign
from tests.ledger_steps import asker, change, finish, numbered
from tests.letter_world import (
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
    suspend,
)
from tracker.store import ledger_marks
from tracker.store.models import (
    Dossier,
    LedgerKept,
    LedgerStale,
    Letter,
    LetterNotice,
    LetterNumber,
    LetterStep,
    Obligation,
    ObligationStep,
    OfficeEvent,
    Suspension,
    Unit,
)
from tracker.store.session import Store

DOSSIERS = range(1, 7)
DUES = ("source_due_at", "documented_due_at", "promised_at")
LEDGER = (Obligation, ObligationStep, Letter, LetterStep, OfficeEvent)
OTHERS = (LetterNotice, LetterNumber, Dossier, Suspension, LedgerStale, LedgerKept)


class Undone(Exception):
    """Takes back what a run was about to write, and carries what would have stood."""

    def __init__(self, stands: dict[str, list[Any]]) -> None:
        self.stands = stands


@dataclass
class World:
    """A store with its clock and its policy."""

    store: Store
    folder: Path
    now: datetime
    policy: LetterPolicy

    def stands(self, session: Session) -> dict[str, list[Any]]:
        """Everything that a run of the ledger may write, but for numbers that follow the order of writing."""
        return {
            table.__tablename__: sorted(
                map(
                    tuple,
                    session.execute(
                        select(*(c for c in table.__table__.c if c.name != "id" or table is Letter))
                    ),
                ),
                key=repr,
            )
            for table in LEDGER
        }

    def keep(self, *, whole: bool, as_of: datetime | None = None) -> LedgerReport:
        """The ledger kept up to a moment, which is now unless it is told."""
        return keep_ledger(self.store, as_of or self.now, self.policy, now=self.now, whole=whole)

    def would_stand(self) -> dict[str, list[Any]]:
        """What would stand after a run over everything, which is taken back."""

        def look(session: Session, _report: LedgerReport) -> None:
            raise Undone(self.stands(session))

        try:
            keep_ledger(self.store, self.now, self.policy, now=self.now, whole=True, in_same_step=look)
        except Undone as undone:
            return undone.stands
        raise AssertionError("the trial was not taken back")

    def now_stands(self) -> dict[str, list[Any]]:
        """What stands."""
        with self.store.read() as session:
            return self.stands(session)

    def letters(self, *states: str) -> list[int]:
        """The letters in these states."""
        with self.store.read() as session:
            return list(
                session.scalars(select(Letter.id).where(Letter.state.in_(states)).order_by(Letter.id))
            )

    def begin(self) -> None:
        """Everything away but the catalogue, and six dossiers as they came in June 2022."""
        with self.store.transaction() as session:
            for table in (*OTHERS, *reversed(LEDGER)):
                session.execute(delete(table))
            session.execute(update(Unit).values(valid_to=None, successor_id=None))
        add_dossiers(
            self.store,
            dossier(1),
            dossier(2, documented_due_at=at(20)),
            ended(3, at(17)),
            ended(4, at(16), "withdrawn"),
            ended(5, at(1, 7), documented_due_at=None),
            ended(6, at(17), documented_due_at=at(20)),
        )
        with self.store.transaction() as session:
            ledger_marks.mark(session, list(DOSSIERS))


Act = Callable[[World], None]
numbers = st.sampled_from(DOSSIERS)
hours = st.integers(-24 * 6, 24 * 12)
units = st.sampled_from((BRANCH, OLD_BRANCH, DEPARTMENT))


def _told(number: int, values: Callable[[datetime], dict[str, Any]]) -> Act:
    return lambda world: change(world.store, number, **values(world.now))


def _ends(number: int, kind: str, offset: int) -> Act:
    def told(now: datetime) -> dict[str, Any]:
        end = now + timedelta(hours=offset)
        status = {"finished": "done", "withdrawn": "withdrawn", "refused": "refused"}[kind]
        return {"ended_at": end, "end_kind": kind, f"{kind}_at": end, "status": status}

    return _told(number, told)


def _reopened(number: int) -> Act:
    nothing = dict.fromkeys(
        ("ended_at", "end_kind", "finished_at", "withdrawn_at", "refused_at", "suspended_from")
    )
    return _told(number, lambda _now: {**nothing, "status": "processing"})


def _due(number: int, column: str, offset: int | None) -> Act:
    return _told(number, lambda now: {column: None if offset is None else now + timedelta(hours=offset)})


def _suspended(number: int, offset: int, length: int | None) -> Act:
    def act(world: World) -> None:
        start = world.now + timedelta(hours=offset)
        with world.store.transaction() as session:
            session.execute(delete(Suspension).where(Suspension.dossier_id == number))
            ledger_marks.mark(session, [number])
        suspend(world.store, number, start, None if length is None else start + timedelta(hours=length))

    return act


def _status(number: int, status: str) -> Act:
    def told(_now: datetime) -> dict[str, Any]:
        return {"status": status, "end_kind": "deleted" if status == "deleted" else None}

    return _told(number, told)


def _drafted(world: World) -> None:
    place = LetterFolder(world.folder / "letters", world.folder)
    draft(world.store, LetterScope(world.now), world.policy, place, now=world.now, actor="soan")


def _sent(world: World) -> None:
    signed = sign(world.store, world.letters("approved"), world.now.date(), asker(world.now)).moved
    numbered(world.store, list(signed), world.now)
    deliver(world.store, list(signed), Told("in_person", world.now, "Lê Thị Bịa"), asker(world.now))


def _approved(world: World) -> None:
    approve(world.store, world.letters("drafted"), asker(world.now))


def _voided(which: int) -> Act:
    def act(world: World) -> None:
        ids = world.letters("drafted", "approved", "signed", "numbered")
        void(world.store, ids[which : which + 1], "soạn lại", asker(world.now))

    return act


def _decided(number: int, *, owed: bool) -> Act:
    decide = make_owed if owed else waive
    return lambda world: (decide(world.store, [number], "quyết định", asker(world.now)), None)[1]


def _at_fault(number: int, unit: int) -> Act:
    return lambda world: (
        set_fault_unit(world.store, [number], unit, "kết luận", asker(world.now)), None
    )[1]  # fmt: skip


def _unit_ends(unit: int, offset: int) -> Act:
    def act(world: World) -> None:
        values = {"valid_to": (world.now + timedelta(hours=offset)).date(), "successor_id": BRANCH}
        with world.store.transaction() as session:
            session.execute(update(Unit).where(Unit.id == unit, Unit.id != BRANCH).values(**values))

    return act


def _rules(most: int, start: int | None) -> Act:
    def act(world: World) -> None:
        begins = None if start is None else (world.now + timedelta(hours=start)).date()
        world.policy = replace(policy(max_reappointments=most), letters_from=begins)

    return act


def _later(step: int) -> Act:
    def act(world: World) -> None:
        world.now += timedelta(hours=step)

    return act


often: list[st.SearchStrategy[Act]] = [
    st.builds(_later, st.sampled_from((0, 1, 5, 20, 24, 48, 24 * 8, 24 * 20))),
    st.builds(_ends, numbers, st.sampled_from(("finished", "finished", "withdrawn", "refused")), hours),
    st.builds(_reopened, numbers),
    st.builds(_due, numbers, st.sampled_from(DUES), st.none() | hours),
    st.builds(_suspended, numbers, hours, st.none() | st.integers(1, 200)),
    st.builds(_status, numbers, st.sampled_from(("deleted", "processing", "awaiting_supplement", "filed"))),
    st.just(_drafted),
    st.just(_approved),
    st.just(_sent),
    st.builds(_voided, st.integers(0, 3)),
    st.builds(_decided, numbers, owed=st.booleans()),
    st.builds(_decided, numbers, owed=st.booleans()),
    st.builds(_at_fault, numbers, units),
]
# After these the next run is a whole one, which would hide what a narrow one misses.
seldom: list[st.SearchStrategy[Act]] = [
    st.builds(_later, st.sampled_from((-30, -24 * 5))),
    st.builds(_unit_ends, units, hours),
    st.builds(_rules, st.integers(1, 2), st.none() | hours),
]
acts: st.SearchStrategy[Act] = st.one_of(*often, *often, *seldom)
"""What an office and its sources do."""

# What every history begins with, so that most of them have letters on their way.
BEGUN: tuple[Act, ...] = (_drafted, _approved, _sent)

__all__ = ["BEGUN", "World", "acts", "finish", "text"]
