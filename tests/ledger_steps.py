"""Steps of the tests of the ledger: the ledger kept, letters drafted and brought all the way, and what then stands."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from letters.issue import draft
from letters.keeping import LedgerReport, keep_ledger
from letters.ledger import ledger_state
from letters.moving import (
    Asker,
    MoveReport,
    Told,
    approve,
    deliver,
)
from letters.path import Step
from letters.register import LetterFolder
from letters.reissue import LetterScope
from letters.signers import sign
from tests.letter_world import (
    at,
    policy,
)
from tracker.store import ledger_marks, letter_moves, letter_store, obligation_store
from tracker.store.letter_moves import Move
from tracker.store.models import Dossier, Letter, Obligation
from tracker.store.session import Store

POLICY = policy()
TUESDAY, WEDNESDAY, THURSDAY = (
    at(14),
    at(15),
    at(16),
)  # every dossier of the world is due on Wednesday 15/06/2022


def keep(store: Store, moment: datetime, **more: Any) -> LedgerReport:
    return keep_ledger(store, moment, policy(**more) if more else POLICY, now=moment)


def states(store: Store) -> dict[int, tuple[str, str]]:
    with store.read() as session:
        rows = session.execute(select(Obligation.dossier_id, Obligation.state, Obligation.reason))
        return {number: (state, reason) for number, state, reason in rows}


def standing(store: Store) -> dict[int, str]:
    with store.read() as session:
        kept = obligation_store.whole_ledger(session)
    return {number: ledger_state(row.state, row.letter_state, row.promise) for number, row in kept.items()}


def change(store: Store, number: int, **values: Any) -> None:
    with store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == number).values(**values))
        ledger_marks.mark(session, [number])  # as every load does


def finish(store: Store, number: int, end: datetime) -> None:
    change(store, number, ended_at=end, finished_at=end, end_kind="finished", status="done")


def written(store: Store, tmp_path: Path, moment: datetime, **more: Any) -> list[Any]:
    folder = LetterFolder(tmp_path / "letters" / "2022", tmp_path)
    draft(store, LetterScope(moment, **more), POLICY, folder, now=moment, actor="soan")
    return letters(store)


def letters(store: Store) -> list[Any]:
    with store.read() as session:
        return list(session.execute(select(*Letter.__table__.columns).order_by(Letter.id)))


def asker(moment: datetime, login: str = "thutruong") -> Asker:
    return Asker(login, moment)


def numbered(store: Store, ids: list[int], moment: datetime) -> None:
    with store.transaction() as session:
        letter_store.lock_register(session)
        moves = [
            Move(
                letter,
                Step.NUMBERED,
                {"state": "numbered", "number": f"{letter.letter_id}/PXL", "issued_on": moment.date()},
            )
            for letter in letter_moves.letters_to_move(session, ids)
        ]
        letter_moves.move(session, moves, actor="vanthu", at=moment)


def all_the_way(store: Store, ids: list[int], moment: datetime) -> MoveReport:
    """Approved, signed, numbered and delivered at one moment."""
    assert approve(store, ids, asker(moment)).refused == ()
    assert sign(store, ids, moment.date(), asker(moment)).refused == ()
    numbered(store, ids, moment)
    return deliver(store, ids, Told("in_person", moment, "Lê Thị Bịa"), asker(moment))
