"""What persons decide about obligations: owed or waived, why a dossier is late, which unit drafts in its place.

Each call is one transaction under the register's lock; one dossier that cannot be decided does not stop the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from letters.keeping import kept_of
from letters.ledger import Held, Kept, LedgerReason, Outcome, owing_fault, waived, waiving_fault
from letters.moving import Asker
from letters.path import BEFORE_SIGNATURE, Step
from tracker.errors import UsageError
from tracker.store import letter_moves, obligation_store
from tracker.store.letter_moves import Move
from tracker.store.letter_store import lock_register
from tracker.store.obligation_store import Decision, KeptRow, Moment
from tracker.store.session import Session, Store

LONGEST = 500
NOT_KNOWN = "hồ sơ này không có trong sổ theo dõi xin lỗi"


@dataclass(frozen=True, slots=True)
class NotDecided:
    """A dossier about which nothing was decided, and why, in the user's words."""

    dossier_id: int
    why: str


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """Dossiers that were decided about, those that were not, and drafts that were voided with it."""

    decided: tuple[int, ...]
    refused: tuple[NotDecided, ...]
    voided: int = 0


InSameStep = Callable[[Session, DecisionReport], None]
# What one obligation becomes, or why it does not.
Deciding = Callable[[KeptRow], Decision | str]


def _nothing(_session: Session, _report: DecisionReport) -> None:
    return None


def make_owed(
    store: Store, dossier_ids: Sequence[int], why: str, asker: Asker, in_same_step: InSameStep = _nothing
) -> DecisionReport:
    """Say that an apology is owed: of what was to be checked, came from before the start, or had been waived."""
    words = checked_words(why, "lý do phải xin lỗi")

    def decide(row: KeptRow) -> Decision | str:
        fault = owing_fault(kept_of(row))
        return fault or _decision(row, Outcome(Held.OWED, LedgerReason.BY_PERSON), words, asker)

    return _decide_all(store, dossier_ids, asker, decide, in_same_step)


def waive(
    store: Store, dossier_ids: Sequence[int], why: str, asker: Asker, in_same_step: InSameStep = _nothing
) -> DecisionReport:
    """Say that no apology is owed; a draft that was not signed is voided."""
    words = checked_words(why, "lý do không phải gửi thư")

    def decide(row: KeptRow) -> Decision | str:
        kept: Kept = kept_of(row)
        return waiving_fault(kept) or _decision(row, waived(kept), words, asker)

    return _decide_all(store, dossier_ids, asker, decide, in_same_step)


def set_reason(
    store: Store, dossier_ids: Sequence[int], reason: str, asker: Asker, in_same_step: InSameStep = _nothing
) -> DecisionReport:
    """Say why dossiers are late: their next letters give this reason; letters that are drafted keep theirs."""
    words = checked_words(reason, "lý do quá hạn")

    def decide(row: KeptRow) -> Decision:
        return Decision(row, row.state, row.reason, f"lý do quá hạn: {words}", {"late_reason": words})

    return _decide_all(store, dossier_ids, asker, decide, in_same_step)


def set_fault_unit(
    store: Store,
    dossier_ids: Sequence[int],
    unit_id: int,
    why: str,
    asker: Asker,
    in_same_step: InSameStep = _nothing,
) -> DecisionReport:
    """Say which unit is at fault where several resolve together: it drafts, and the lead unit's desk hands over."""
    words = checked_words(why, "căn cứ xác định đơn vị để quá hạn")

    def decide(row: KeptRow) -> Decision | str:
        if row.signed:
            return "thư xin lỗi của hồ sơ này đã ký"
        return Decision(row, row.state, row.reason, words, {"fault_unit_id": unit_id, "unit_id": unit_id})

    return _decide_all(store, dossier_ids, asker, decide, in_same_step, void_drafts=True)


def checked_words(text: str, what: str) -> str:
    """One line of at most 500 characters; UsageError where there is nothing, or more."""
    words = " ".join(text.split())
    if not words:
        raise UsageError(f"cần ghi {what}")
    if len(words) > LONGEST:
        raise UsageError(f"{what} dài quá {LONGEST} ký tự")
    return words


def _decision(row: KeptRow, outcome: Outcome, words: str, asker: Asker) -> Decision:
    by: Mapping[str, Any] = {"decided_by": asker.login, "note": words}
    return Decision(row, outcome.state, outcome.reason, words, by)


def _decide_all(
    store: Store,
    dossier_ids: Sequence[int],
    asker: Asker,
    decide: Deciding,
    in_same_step: InSameStep,
    *,
    void_drafts: bool = False,
) -> DecisionReport:
    moment = Moment(int(asker.now.timestamp()), asker.now, asker.login)
    with store.transaction() as session:
        lock_register(session)
        rows = obligation_store.kept_rows(session, dossier_ids)
        decisions: list[Decision] = []
        refused: list[NotDecided] = []
        for number in dict.fromkeys(dossier_ids):
            row = rows.get(number)
            is_own = row is not None and (asker.unit_ids is None or row.unit_id in asker.unit_ids)
            decided = decide(row) if row is not None and is_own else NOT_KNOWN
            if isinstance(decided, str):
                refused.append(NotDecided(number, decided))
            else:
                decisions.append(decided)
        obligation_store.write_decisions(session, decisions, moment)
        gone = [each.row for each in decisions if void_drafts or each.state != Held.OWED]
        voided = _void_drafts(session, gone, moment)
        report = DecisionReport(tuple(each.row.dossier_id for each in decisions), tuple(refused), voided)
        in_same_step(session, report)
    return report


def _void_drafts(session: Session, rows: Sequence[KeptRow], moment: Moment) -> int:
    """Drafts of what is owed no longer, or by somebody else."""
    ids = [
        row.letter_id for row in rows if row.letter_id is not None and row.letter_state in BEFORE_SIGNATURE
    ]
    letters = letter_moves.letters_to_move(session, ids)
    moves = [
        Move(letter, Step.VOIDED, {"state": "void"}, "quyết định của người phụ trách") for letter in letters
    ]
    letter_moves.move(session, moves, actor=moment.actor, at=moment.now)
    return len(moves)
