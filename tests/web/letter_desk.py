"""Letters of the tests' world brought to any step by the program's own acts: drafted by the desk, moved on by the head."""

from collections.abc import Sequence
from datetime import timedelta

from app.letter_acts import LetterDesk, keep_ledger
from app.works.drafting import letter_policy
from letters.issue import draft
from letters.moving import Asker, Told
from letters.register import LetterFolder
from letters.reissue import LetterScope, default_folder
from tests.web.browsing import add_overdue
from tests.web.world import BRANCH_A, NOW, StandingContext
from tracker.store import letter_moves, letter_store
from tracker.store.models import Dossier, Letter
from tracker.store.session import Session

FIRST_ADDED = 1000
WAY = ("drafted", "approved", "signed", "numbered", "delivered")


def keep(context: StandingContext) -> None:
    """Bring the ledger up to the moment of the world."""
    keep_ledger(context, Asker("system", context.now()))


def drafted(context: StandingContext, count: int, by: str = "desk", **given: object) -> list[int]:
    """So many letters of overdue dossiers of the first branch, drafted by an account; their ids, oldest first.

    The letter of the world's own overdue dossier is drafted with them.
    """
    with context.store.transaction() as session:
        before = letter_store.last_letter_id(session)
    add_overdue(context.store, count, **{"late_reason": "Khối lượng hồ sơ tăng cao trong kỳ", **given})
    keep(context)
    scope = LetterScope(context.now(), frozenset({BRANCH_A}))
    folder = LetterFolder(default_folder(context.data_dir, scope), context.data_dir)
    draft(context.store, scope, letter_policy(context), folder, now=context.now(), actor=by)
    with context.store.read() as session:
        rows = letter_store.letter_list(session, limit=10_000)
        return [
            row.letter_id for row in reversed(rows) if row.letter_id > before and row.dossier_id > FIRST_ADDED
        ]


def bring(context: StandingContext, ids: Sequence[int], state: str, after: str = "drafted") -> None:
    """Letters that the desk drafted, to a step; they stand at `after`."""
    head = LetterDesk(context, Asker("head", context.now()))
    for step in WAY[WAY.index(after) + 1 : WAY.index(state) + 1]:
        if step == "approved":
            report = head.approve(ids)
        elif step == "signed":
            report = head.sign(ids, context.now().date())
        elif step == "numbered":
            with context.store.transaction() as session:
                _number(session, context, ids)
            continue
        else:
            report = head.deliver(ids, Told("post", context.now(), "Trần Văn Thử"))
        assert not report.refused, report.refused


def _number(session: Session, context: StandingContext, ids: Sequence[int]) -> None:
    letters = letter_moves.letters_to_move(session, ids)
    moves = [
        letter_moves.Move(
            letter, "numbered",
            {"state": "numbered", "number": f"{100 + letter.letter_id}/PXL-TN", "issued_on": context.now().date()},
        )
        for letter in letters
    ]  # fmt: skip
    letter_moves.move(session, moves, actor="head", at=context.now())


def states(context: StandingContext, ids: Sequence[int]) -> list[str]:
    """Where letters stand."""
    with context.store.read() as session:
        return [session.get_one(Letter, number).state for number in ids]


def finished(context: StandingContext, dossier_id: int, days: int) -> None:
    """End a dossier some days after the moment of the world."""
    with context.store.transaction() as session:
        row = session.get_one(Dossier, dossier_id)
        row.ended_at = row.finished_at = NOW + timedelta(days=days)
        row.end_kind, row.status = "finished", "returned"
