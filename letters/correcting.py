"""A letter corrected before it is signed: another reason, another new date, another signer. Its file is written anew first.

The new file lies beside the old one until the register points to it: a killed correction leaves the register with the
old file, which is still there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from letters.case import LetterPolicy, calendar_of
from letters.content import Lacking
from letters.deciding import checked_words
from letters.moving import Acts, Asker, InSameStep, MoveReport, take_step
from letters.obligations import PROMISING
from letters.office import Office
from letters.path import Step, step_fault
from letters.register import located, put_beside
from letters.signers import signer_fault
from tracker.errors import UsageError
from tracker.store import letter_store, signer_store
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.session import Session, Store
from tracker.types import VN


@dataclass(frozen=True, slots=True)
class Correction:
    """What a draft shall say instead; None leaves it as it is."""

    reason: str | None = None
    new_due: date | None = None


@dataclass(slots=True)
class Rewriting:
    """Letters whose files are written anew within one transaction; `old` are those that nothing points to after it."""

    policy: LetterPolicy
    data_dir: Path
    old: list[Path] = field(default_factory=list)
    _office: Office | None = None

    def written(
        self, session: Session, letter: MovingLetter, changed: Mapping[str, Any]
    ) -> Mapping[str, Any] | str:
        """Write the letter with other values; what the register is to say, or why it cannot be written."""
        stored = letter_store.find_stored(session, letter.letter_id)
        if stored is None:
            return "không tìm thấy hồ sơ của thư"
        self._office = self._office or Office(session, self.policy)
        body = self._office.made_again(stored._replace(**changed))
        if isinstance(body, Lacking):
            return "thư còn thiếu " + ", ".join(body.missing)
        return {**changed, "file": self._put(letter, body)}

    def _put(self, letter: MovingLetter, body: bytes) -> str:
        self.old.append(located(self.data_dir, letter.file))
        return put_beside(self.data_dir, letter.file, str(letter.steps + 1), body)

    def clear(self) -> None:
        """Remove the files of before, after the register points to the new ones."""
        for path in self.old:
            path.unlink(missing_ok=True)


def correct(  # noqa: PLR0913 -- which, to what, by what, into where, by whom
    store: Store,
    letter_ids: Sequence[int],
    correction: Correction,
    policy: LetterPolicy,
    data_dir: Path,
    asker: Asker,
    in_same_step: InSameStep,
) -> MoveReport:
    """Change drafts and write their files anew; who corrected a draft does not approve it.

    Raises:
        UsageError: nothing is to be changed, or the reason is empty or too long.
    """
    if correction.reason is None and correction.new_due is None:
        raise UsageError("chưa có gì để sửa: cần lý do hoặc ngày hẹn mới")
    reason = None if correction.reason is None else checked_words(correction.reason, "lý do quá hạn")
    correction, rewriting = replace(correction, reason=reason), Rewriting(policy, data_dir)

    def decide(session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        fault = step_fault(Step.CORRECTED, letter.state) or _date_fault(
            letter, correction.new_due, asker.today
        )
        if fault is not None:
            return fault
        changed = _changed(session, letter, correction, policy)
        if isinstance(changed, str):
            return changed
        written = rewriting.written(session, letter, changed)
        return (
            written if isinstance(written, str) else Move(letter, Step.CORRECTED, written, _note(correction))
        )

    report = take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)
    rewriting.clear()
    return report


def _date_fault(letter: MovingLetter, new_due: date | None, today: date) -> str | None:
    """A new date lies on or after the letter's day, and after the date that it replaces (Decree 61/2018 art. 19.9)."""
    if new_due is None:
        return None
    if letter.kind not in PROMISING:
        return "loại thư này không có ngày hẹn mới"
    due = letter.due_at.astimezone(VN).date() if letter.due_at else None
    if new_due < today:
        return f"ngày hẹn mới {new_due:%d/%m/%Y} đã qua"
    if due is not None and new_due <= due:
        return f"ngày hẹn mới {new_due:%d/%m/%Y} phải sau ngày đã hẹn {due:%d/%m/%Y}"
    return None


def _changed(
    session: Session, letter: MovingLetter, correction: Correction, policy: LetterPolicy
) -> Mapping[str, Any] | str:
    """The values that a correction changes; a new date is a working day of the unit, until its last session ends."""
    changed: dict[str, Any] = {}
    if correction.reason is not None:
        changed["reason"] = correction.reason
    if correction.new_due is None:
        return changed
    stored = letter_store.find_stored(session, letter.letter_id)
    if stored is None:
        return "không tìm thấy hồ sơ của thư"
    calendar = calendar_of(policy, stored.dossier)
    if not calendar.is_working(correction.new_due):
        return f"ngày hẹn mới {correction.new_due:%d/%m/%Y} là ngày nghỉ"
    return {**changed, "new_due_at": int(calendar.day_end(correction.new_due).timestamp())}


def _note(correction: Correction) -> str:
    said = [f"lý do: {correction.reason}"] if correction.reason is not None else []
    said += [f"hẹn mới: {correction.new_due:%d/%m/%Y}"] if correction.new_due is not None else []
    return "; ".join(said)


def choose_signer(  # noqa: PLR0913 -- which, by whom signed, by what, into where, who asks
    store: Store,
    letter_ids: Sequence[int],
    signer_id: int,
    policy: LetterPolicy,
    data_dir: Path,
    asker: Asker,
    in_same_step: InSameStep,
) -> MoveReport:
    """Say who is to sign letters that nobody has signed yet: he must be allowed to today, and his name is put under them.

    Raises:
        UsageError: there is no such signer.
    """
    with store.read() as session:
        signer = signer_store.find_signer(session, signer_id)
    if signer is None:
        raise UsageError(f"không có người ký số {signer_id}; xem: dunghen letters signer list")
    rewriting = Rewriting(policy, data_dir)

    def decide(session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        fault = step_fault(Step.SIGNER_CHOSEN, letter.state)
        fault = fault or signer_fault(signer, letter.unit_id, asker.today)
        if fault is not None:
            return fault
        written = rewriting.written(session, letter, {"signer_id": signer_id})
        note = f"người ký số {signer_id}"
        return written if isinstance(written, str) else Move(letter, Step.SIGNER_CHOSEN, written, note)

    report = take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)
    rewriting.clear()
    return report
