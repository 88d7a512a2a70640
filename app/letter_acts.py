"""What people do with letters and obligations, for pages and command line alike: the step and its entry of the log at once.

An entry holds ids and counts; reasons that people type stay in the register, where names may stand in them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.context import AppContext
from app.works.drafting import letter_policy
from letters import correcting, deciding, keeping, moving, signers
from letters.correcting import Correction
from letters.deciding import DecisionReport
from letters.keeping import LedgerReport
from letters.moving import Asker, MoveReport, Told
from tracker.store import audit, ledger_marks
from tracker.store.audit import Act
from tracker.store.ledger_marks import Checked
from tracker.store.session import Session

# An entry of the log names no more ids than this; how many there were it always says.
NAMED = 200


def _nothing_more(_session: Session, _report: MoveReport | DecisionReport) -> None:
    return None


@dataclass(frozen=True, slots=True)
class LetterDesk:
    """Somebody at work on letters: the program, and who asks, when and for which units.

    `also` is called in the transaction of each step, before its entry of the log.
    """

    context: AppContext
    asker: Asker
    also: Callable[[Session, MoveReport | DecisionReport], None] = _nothing_more

    def approve(self, ids: Sequence[int]) -> MoveReport:
        """Approve drafts that others wrote."""
        return moving.approve(self.context.store, ids, self.asker, self._noting("letter_approve"))

    def give_back(self, ids: Sequence[int], why: str) -> MoveReport:
        """Return approved letters to be corrected."""
        words = deciding.checked_words(why, "lý do trả lại")
        return moving.give_back(self.context.store, ids, words, self.asker, self._noting("letter_return"))

    def sign(self, ids: Sequence[int], signed_on: date) -> MoveReport:
        """Note that letters were signed."""
        return signers.sign(self.context.store, ids, signed_on, self.asker, self._noting("letter_sign"))

    def deliver(self, ids: Sequence[int], told: Told) -> MoveReport:
        """Note that letters were delivered."""
        noting = self._noting("letter_deliver", channel=told.channel)
        return moving.deliver(self.context.store, ids, told, self.asker, noting)

    def note_told(self, ids: Sequence[int], told: Told) -> MoveReport:
        """Note that persons were told of their letters."""
        noting = self._noting("letter_told", channel=told.channel)
        return moving.note_told(self.context.store, ids, told, self.asker, noting)

    def tell_desk(self, ids: Sequence[int], told: Told) -> MoveReport:
        """Note that the one-stop desk was told in writing."""
        return moving.tell_desk(self.context.store, ids, told, self.asker, self._noting("letter_desk_told"))

    def desk_did(self, ids: Sequence[int], note: str = "") -> MoveReport:
        """Note that the desk changed the date."""
        return moving.desk_did(self.context.store, ids, self.asker, note, self._noting("letter_desk_done"))

    def void(self, ids: Sequence[int], why: str) -> MoveReport:
        """Void letters that were not delivered."""
        words = deciding.checked_words(why, "lý do hủy")
        return moving.void(self.context.store, ids, words, self.asker, self._noting("letter_void"))

    def correct(self, ids: Sequence[int], correction: Correction) -> MoveReport:
        """Change reason or new date of drafts."""
        context, noting = self.context, self._noting("letter_correct")
        policy = letter_policy(context)
        return correcting.correct(
            context.store, ids, correction, policy, context.data_dir, self.asker, noting
        )

    # ------------------------------------------------------------ obligations

    def make_owed(self, ids: Sequence[int], why: str) -> DecisionReport:
        """Say that apologies are owed."""
        noting = self._deciding("obligation_owe")
        return deciding.make_owed(self.context.store, ids, why, self.asker, noting)

    def waive(self, ids: Sequence[int], why: str) -> DecisionReport:
        """Say that none are owed."""
        return deciding.waive(self.context.store, ids, why, self.asker, self._deciding("obligation_waive"))

    def set_reason(self, ids: Sequence[int], reason: str) -> DecisionReport:
        """Say why dossiers are late."""
        noting = self._deciding("obligation_reason")
        return deciding.set_reason(self.context.store, ids, reason, self.asker, noting)

    def set_fault_unit(self, ids: Sequence[int], unit_id: int, why: str) -> DecisionReport:
        """Say which of several units is at fault."""
        noting = self._deciding("obligation_fault", unit=unit_id)
        return deciding.set_fault_unit(self.context.store, ids, unit_id, why, self.asker, noting)

    # ------------------------------------------------------------ the log

    def _noting(self, action: str, **more: Any) -> Callable[[Session, MoveReport], None]:
        def write(session: Session, report: MoveReport) -> None:
            self.also(session, report)
            if report.moved:
                detail = {"letters": list(report.moved[:NAMED]), "count": len(report.moved), **more}
                self._write(session, action, "letters", detail)

        return write

    def _deciding(self, action: str, **more: Any) -> Callable[[Session, DecisionReport], None]:
        def write(session: Session, report: DecisionReport) -> None:
            self.also(session, report)
            if report.decided:
                detail = {"dossiers": list(report.decided[:NAMED]), "count": len(report.decided), **more}
                self._write(session, action, "obligations", detail)

        return write

    def _write(self, session: Session, action: str, subject: str, detail: Mapping[str, Any]) -> None:
        audit.append_acts(session, [Act(self.asker.now, self.asker.login, action, subject, detail)])


def keep_ledger(context: AppContext, asker: Asker, *, whole: bool = False) -> tuple[LedgerReport, int | None]:
    """Bring the ledger up to now; an entry of the log where something changed.

    `whole`: after what may have changed every dossier is looked at, and the second figure says how much only that found;
    None where nothing is known of it.
    """
    policy = letter_policy(context)

    def write(session: Session, report: LedgerReport) -> None:
        if report.total:
            detail = ledger_detail(report)
            audit.append_acts(session, [Act(asker.now, asker.login, "ledger_keep", "obligations", detail)])

    def keep(*, of_all: bool, note: Callable[[Session, LedgerReport], None]) -> LedgerReport:
        return keeping.keep_ledger(
            context.store, asker.now, policy, now=asker.now, whole=of_all, in_same_step=note
        )

    kept = keep(of_all=False, note=write)
    if not whole or kept.is_whole:
        return kept, None

    def compare(session: Session, report: LedgerReport) -> None:
        write(session, report)
        note_check(session, report, asker)

    return kept, keep(of_all=True, note=compare).found


def note_check(session: Session, whole: LedgerReport, asker: Asker) -> None:
    """Write down what a run over everything found just after one that looked at what may have changed."""
    ledger_marks.put_checked(session, Checked(asker.now, whole.found))
    detail = {"missed": whole.found}
    audit.append_acts(session, [Act(asker.now, asker.login, "ledger_check", "obligations", detail)])


def ledger_detail(report: LedgerReport) -> dict[str, Any]:
    """What a run changed, as JSON values."""
    return {
        "opened": {str(state): count for state, count in report.opened.items()},
        "changed": {str(state): count for state, count in report.changed.items()},
        "voided": report.voided,
        "promises": {str(what): count for what, count in report.promises.items()},
        "escalated": len(report.escalated),
    }
