"""The way of a letter, step by step: which step may follow where, and why not. Pure.

    drafted -> approved -> signed -> numbered -> delivered        (then its new date is kept or missed)
       ^-- returned --'        any of them before delivered -> void

Numbering comes after signature (Decree 30/2020 art. 15). Who may take a step is the business of roles (`app`) and of
`letters.approval`; what it leaves behind in the register that of `letters.moving`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tracker.timekeeping.lateness import is_late_epoch


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SIGNED = "signed"
    NUMBERED = "numbered"
    DELIVERED = "delivered"
    VOID = "void"


class Promise(StrEnum):
    """What became of the new date of a delivered letter; NONE where it names none or was not delivered."""

    NONE = ""
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    RENEWED = "renewed"  # missed, and the rule lets the date be moved once more: another letter is owed


class Step(StrEnum):
    """What happened to a letter; the words of the register."""

    DRAFTED = "drafted"
    CORRECTED = "corrected"
    REWRITTEN = "rewritten"
    APPROVED = "approved"
    RETURNED = "returned"
    SIGNER_CHOSEN = "signer_chosen"
    SIGNED = "signed"
    SIGNED_FILE = "signed_file"
    NUMBERED = "numbered"
    DELIVERED = "delivered"
    VOIDED = "voided"
    DESK_TOLD = "desk_told"
    DESK_DONE = "desk_done"
    NOTICE = "notice"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PROMISE_OPEN = "promise_open"  # an end was taken back: kept or missed is open again
    PROMISE_ENDED = "promise_ended"  # the applicant took the dossier back: neither kept nor missed


BEFORE_SIGNATURE = frozenset({LetterState.DRAFTED, LetterState.APPROVED})
SIGNED_STATES = frozenset({LetterState.SIGNED, LetterState.NUMBERED, LetterState.DELIVERED})
LIVE_STATES = BEFORE_SIGNATURE | SIGNED_STATES


@dataclass(frozen=True, slots=True)
class Way:
    """One step: from where it may be taken, where it leads (None: the letter stays where it is), what to say else."""

    allowed: frozenset[LetterState]
    to: LetterState | None
    refusal: str


WAYS: Mapping[Step, Way] = {
    Step.CORRECTED: Way(
        frozenset({LetterState.DRAFTED}), None, "chỉ sửa được thư đang ở bước đã soạn; thư đã duyệt thì trả lại trước"
    ),
    Step.APPROVED: Way(frozenset({LetterState.DRAFTED}), LetterState.APPROVED, "chỉ duyệt được thư đang ở bước đã soạn"),
    Step.RETURNED: Way(
        frozenset({LetterState.APPROVED}), LetterState.DRAFTED, "chỉ trả lại được thư đã duyệt và chưa ký"
    ),
    Step.SIGNER_CHOSEN: Way(BEFORE_SIGNATURE, None, "chỉ chọn người ký cho thư chưa ký"),
    Step.SIGNED: Way(frozenset({LetterState.APPROVED}), LetterState.SIGNED, "chỉ ghi đã ký cho thư đã duyệt"),
    Step.NUMBERED: Way(
        frozenset({LetterState.SIGNED}), LetterState.NUMBERED, "chỉ vào sổ được thư đã ký và chưa có số"
    ),
    Step.DELIVERED: Way(
        frozenset({LetterState.NUMBERED}), LetterState.DELIVERED, "chỉ gửi được thư đã ký và đã có số, ngày"
    ),
    Step.VOIDED: Way(
        LIVE_STATES - {LetterState.DELIVERED}, LetterState.VOID, "thư đã gửi hoặc đã hủy thì không hủy được nữa"
    ),
    Step.SIGNED_FILE: Way(SIGNED_STATES | {LetterState.APPROVED}, None, "chỉ nhận bản đã ký của thư đã duyệt"),
    Step.NOTICE: Way(SIGNED_STATES, None, "chỉ ghi việc thông báo cho thư đã ký"),
    Step.DESK_TOLD: Way(SIGNED_STATES, None, "chỉ báo bộ phận Một cửa về thư đã ký"),
    Step.DESK_DONE: Way(SIGNED_STATES, None, "chỉ xác nhận cho thư đã ký"),
}  # fmt: skip


def step_fault(step: Step, state: str) -> str | None:
    """Why this step may not be taken from here, in the user's words; None if it may."""
    way = WAYS[step]
    return None if state in way.allowed else way.refusal


def promise_of(
    *, new_due_at: int, ended_at: int | None, as_of: int, is_suspended: bool, is_withdrawn: bool
) -> Promise:
    """Is the new date kept? Instants are UTC epoch seconds; `ended_at` None: the dossier is open.

    Late is what `tracker.timekeeping.lateness` calls so: a new date is a date, and what ends on it is in time. A dossier
    that its applicant took back breaks no promise; one that is suspended on the new date has an open one until it goes on.
    """
    if ended_at is not None:
        return (
            Promise.NONE
            if is_withdrawn
            else Promise.BROKEN
            if is_late_epoch(new_due_at, ended_at)
            else Promise.KEPT
        )
    return Promise.BROKEN if is_late_epoch(new_due_at, as_of) and not is_suspended else Promise.OPEN
