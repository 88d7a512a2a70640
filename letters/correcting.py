"""A draft corrected by a person: another reason, another new date. The file is written anew beside the old one first.

A killed correction leaves the register with the old file, which is still there; the new one is written again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from letters.case import LetterPolicy, Names, calendar_of
from letters.content import Lacking
from letters.deciding import checked_words
from letters.moving import Acts, Asker, InSameStep, MoveReport, take_step
from letters.obligations import PROMISING, LetterKind
from letters.path import Step, step_fault
from letters.register import LetterFolder, located
from letters.reissue import rendered
from tracker.errors import UsageError
from tracker.store import letter_candidates, letter_store
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.session import Session, Store
from tracker.types import VN


@dataclass(frozen=True, slots=True)
class Correction:
    """What a draft shall say instead; None leaves it as it is."""

    reason: str | None = None
    new_due: date | None = None


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
    old: list[Path] = []

    def decide(session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        fault = step_fault(Step.CORRECTED, letter.state) or _date_fault(
            letter, correction.new_due, asker.today
        )
        if fault is not None:
            return fault
        written = _written(session, letter, replace(correction, reason=reason), policy, data_dir)
        if not isinstance(written, str):
            old.append(located(data_dir, letter.file))
        return written

    report = take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)
    for path in old:
        path.unlink(missing_ok=True)
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


def _written(
    session: Session, letter: MovingLetter, correction: Correction, policy: LetterPolicy, data_dir: Path
) -> Move | str:
    """Write the corrected file; the step that points the register to it."""
    stored = letter_store.find_stored(session, letter.letter_id)
    if stored is None:
        return "không tìm thấy hồ sơ của thư"
    names = Names(letter_candidates.load_catalogue(session))
    new_due_at = stored.new_due_at
    if correction.new_due is not None:
        calendar = calendar_of(policy, stored.dossier)
        if letter.kind == LetterKind.ADVANCE or calendar.is_working(correction.new_due):
            new_due_at = int(calendar.day_end(correction.new_due).timestamp())
        else:
            return f"ngày hẹn mới {correction.new_due:%d/%m/%Y} là ngày nghỉ"
    reason = stored.reason if correction.reason is None else correction.reason
    changed = stored._replace(reason=reason, new_due_at=new_due_at)
    body = rendered(changed, names, policy)
    if isinstance(body, Lacking):
        return "thư còn thiếu " + ", ".join(body.missing)
    recorded = Path(letter.file)
    name = f"{recorded.stem.split('~')[0]}~{letter.steps + 1}.docx"
    folder = LetterFolder(located(data_dir, recorded.parent.parent.parent.as_posix()), data_dir)
    shelf_name = f"{recorded.parent.parent.name}/{recorded.parent.name}"
    folder.write(shelf_name, name, body)
    changes = {"reason": reason, "new_due_at": new_due_at, "file": folder.recorded(shelf_name, name)}
    return Move(letter, Step.CORRECTED, changes, _note(correction))


def _note(correction: Correction) -> str:
    said = [f"lý do: {correction.reason}"] if correction.reason is not None else []
    said += [f"hẹn mới: {correction.new_due:%d/%m/%Y}"] if correction.new_due is not None else []
    return "; ".join(said)
