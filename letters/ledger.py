"""The ledger of apologies: what a dossier's obligation is to become, and in which one state each dossier stands. Pure.

A claim is what the dates say now; what is held is what the ledger says. `decide` compares the two. What a person decided
stands until the dates contradict it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from letters.obligations import Duty, DutyReason, LetterKind
from letters.path import LetterState, Promise


class Held(StrEnum):
    """What the ledger holds of a dossier; what happens to its letter stands in the register of letters."""

    TO_CHECK = "to_check"
    OWED = "owed"
    WAIVED = "waived"
    CLOSED = "closed"
    BEFORE_START = "before_start"


class LedgerReason(StrEnum):
    """Why an obligation stands as it does, where `DutyReason` does not say it."""

    WITHDRAWN = "withdrawn"  # taken back after the due date
    BEFORE_START = "before_start"  # ended before the office began to write letters by this program
    FINISHED_IN_TIME = "finished_in_time"
    SUSPENDED = "suspended"
    NO_LONGER_LATE = "no_longer_late"  # the due date or the calendar was mended
    GONE = "gone"  # deleted by its source, or never accepted
    BY_PERSON = "by_person"
    WAIVED_UNSURE = "waived_unsure"  # by a person, while the dates did not agree
    AFTER_WAIVER = "after_waiver"  # waived while unsure, and now late on both dates


@dataclass(frozen=True, slots=True)
class Claim:
    """What the dates ask for. `closing` says why where nothing is asked for."""

    duty: Duty
    reason: DutyReason | LedgerReason
    kind: LetterKind | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Late, and taken back by the applicant: visible, and nothing is owed."""
        return self.reason is LedgerReason.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Kept:
    """An obligation as the ledger holds it; `has_signed`: a letter was signed, so an apology was made."""

    state: Held
    reason: str
    by_person: bool = False
    has_signed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an obligation becomes."""

    state: Held
    reason: str


_OF_DUTY: Mapping[Duty, Held] = {Duty.OWED: Held.OWED, Duty.TO_CHECK: Held.TO_CHECK}


def decide(kept: Kept | None, claim: Claim, *, before_start: bool = False) -> Outcome | None:
    """What the obligation is to become; None: it stays, or none is opened.

    `before_start`: the dossier ended before the office's first day of letters; it owes nothing unless a person opens it.
    That day may be chosen, or moved, after the ledger was first kept: what the rules alone opened or left aside follows it.
    """
    if kept is None or kept.state is Held.CLOSED:
        wanted = _opened(claim, before_start=before_start)
    elif before_start and _is_of_rules(kept):
        wanted = Outcome(Held.BEFORE_START, LedgerReason.BEFORE_START)
    elif kept.state is Held.BEFORE_START and not before_start:
        wanted = _opened(claim, before_start=False)
    else:
        wanted = _STANDING[kept.state](kept, claim)
    if wanted is None or (kept is not None and (kept.state, kept.reason) == (wanted.state, wanted.reason)):
        return None
    return wanted


def _is_of_rules(kept: Kept) -> bool:
    """Is a letter owed, or to be checked, because the rules alone say so, and nobody has signed one?"""
    return kept.state in (Held.OWED, Held.TO_CHECK) and not (kept.by_person or kept.has_signed)


def _opened(claim: Claim, *, before_start: bool) -> Outcome | None:
    if claim.duty is Duty.NONE and not claim.is_withdrawn:
        return None
    if before_start:
        return Outcome(Held.BEFORE_START, LedgerReason.BEFORE_START)
    return _plain(claim)


def _plain(claim: Claim) -> Outcome:
    """What the dates alone make of it."""
    if claim.is_withdrawn:
        return Outcome(Held.WAIVED, LedgerReason.WITHDRAWN)
    return Outcome(_OF_DUTY.get(claim.duty, Held.CLOSED), claim.reason)


def _from_owed(kept: Kept, claim: Claim) -> Outcome | None:
    plain = _plain(claim)
    if plain.state is Held.OWED:
        # A person's decision keeps its reason; of the rules' own the newest one counts (foreseen becomes late).
        return None if kept.by_person else plain
    if plain.state is Held.CLOSED:
        return plain
    # Doubt or a withdrawal that came later takes back neither a signed apology nor what a person decided.
    return None if kept.has_signed or (kept.by_person and plain.state is Held.TO_CHECK) else plain


def _from_waived(kept: Kept, claim: Claim) -> Outcome | None:
    if not kept.by_person:
        return _plain(claim)
    if kept.reason == LedgerReason.WAIVED_UNSURE and claim.duty is Duty.OWED:
        return Outcome(Held.TO_CHECK, LedgerReason.AFTER_WAIVER)
    return None


def _from_to_check(kept: Kept, claim: Claim) -> Outcome | None:
    # Somebody waived it while unsure: that it is late on both dates now is for a person to weigh.
    if kept.reason == LedgerReason.AFTER_WAIVER and claim.duty is not Duty.NONE:
        return None
    return _plain(claim)


def _stays(_kept: Kept, _claim: Claim) -> Outcome | None:
    return None


_STANDING = {
    Held.OWED: _from_owed,
    Held.TO_CHECK: _from_to_check,
    Held.WAIVED: _from_waived,
    Held.BEFORE_START: _stays,
}


# ---------------------------------------------------------------- by persons


def owing_fault(kept: Kept | None) -> str | None:
    """Why a person may not make it owed; None if he may."""
    if kept is None:
        return "hồ sơ này không có trong sổ theo dõi xin lỗi"
    if kept.state not in (Held.TO_CHECK, Held.BEFORE_START, Held.WAIVED):
        return "chỉ chuyển thành “phải xin lỗi” từ “cần kiểm tra”, “trước khi bắt đầu” hoặc “không phải gửi”"
    if kept.reason == LedgerReason.WITHDRAWN:
        return "người nộp đã rút hồ sơ; không phải gửi thư"
    return None


def waiving_fault(kept: Kept | None) -> str | None:
    """Why a person may not waive it; None if he may."""
    if kept is None:
        return "hồ sơ này không có trong sổ theo dõi xin lỗi"
    if kept.state not in (Held.TO_CHECK, Held.OWED):
        return "chỉ miễn được hồ sơ đang “cần kiểm tra” hoặc “phải xin lỗi”"
    if kept.has_signed:
        return "thư xin lỗi của hồ sơ này đã ký; không miễn được nữa"
    return None


def waived(kept: Kept) -> Outcome:
    """Waived by a person; whether the dates agreed then is kept, since it decides what stands when they change."""
    unsure = kept.state is Held.TO_CHECK
    return Outcome(Held.WAIVED, LedgerReason.WAIVED_UNSURE if unsure else LedgerReason.BY_PERSON)


# ---------------------------------------------------------------- one state each


class LedgerState(StrEnum):
    """Where a dossier stands in the ledger; the words of the issue's list, in the order of the way."""

    BEFORE_START = "before_start"
    TO_CHECK = "to_check"
    OWED = "owed"
    DRAFTED = "drafted"
    APPROVED = "approved"
    SIGNED = "signed"
    NUMBERED = "numbered"
    DELIVERED = "delivered"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    WAIVED = "waived"
    CLOSED = "closed"


_OF_PROMISE = {Promise.KEPT: LedgerState.PROMISE_KEPT, Promise.BROKEN: LedgerState.PROMISE_BROKEN}


def ledger_state(held: str, letter: str | None, promise: str = "") -> LedgerState:
    """The one state of a dossier: of its obligation, or where one is owed, of its newest letter that is not void."""
    if held != Held.OWED:
        return LedgerState(held)
    if letter is None or letter == LetterState.VOID or promise == Promise.RENEWED:
        return LedgerState.OWED
    return _OF_PROMISE.get(Promise(promise), LedgerState(letter))
