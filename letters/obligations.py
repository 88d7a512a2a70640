"""Who is owed an apology: verdicts on the three bases in, one obligation with its reason out. Pure.

It neither judges lateness (`tracker.timekeeping.lateness` does) nor knows whether a letter exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from tracker.types import Basis, Lateness, State


class Duty(StrEnum):
    """Whether a dossier is owed an apology at a moment."""

    OWED = "owed"
    TO_CHECK = "to_check"
    NONE = "none"


class DutyReason(StrEnum):
    """Why; one word each, explained in the docs and on the pages."""

    LATE = "late"  # on the documented and on the source basis
    NO_SOURCE_DATE = "no_source_date"  # late on documented; the source gives no date
    NOT_COMPUTABLE = "not_computable"  # documented cannot be computed: the source decides
    SOURCE_ONLY = "source_only"
    DOCUMENTED_ONLY = "documented_only"
    PROMISED_ONLY = "promised_only"
    FORESEEN = "foreseen"  # not due yet, and not ready when the letter would have to go out
    SUSPENDED = "suspended"
    NOT_LATE = "not_late"


class LetterKind(StrEnum):
    """What the letter has to say; chosen by the dossier's state on the letter's day."""

    ADVANCE = "advance"  # open, not yet due, and will not be ready: reason and new date
    OVERDUE = "overdue"  # open, due date passed: reason and new date
    RETURNED_LATE = "returned_late"  # finished late: promised and actual date, reason, no new date
    LATE_REFUSAL = "late_refusal"  # refused after the due date (Decree 61/2018 art. 19.8)


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is owed and why."""

    duty: Duty
    reason: DutyReason


@dataclass(frozen=True, slots=True)
class LateOn:
    """Is the dossier late, per basis? None = the basis has no due date."""

    source: bool | None
    documented: bool | None
    promised: bool | None
    suspended: bool = False


def late_on(verdicts: Mapping[Basis, Lateness]) -> LateOn:
    """The verdicts reduced to what the obligation depends on."""

    def late(basis: Basis) -> bool | None:
        verdict = verdicts.get(basis)
        return None if verdict is None or verdict.state is State.NO_DUE else verdict.is_late

    suspended = any(verdict.state is State.SUSPENDED for verdict in verdicts.values())
    return LateOn(late(Basis.SOURCE), late(Basis.DOCUMENTED), late(Basis.PROMISED), suspended)


@cache
def obligation_for(late: LateOn) -> Obligation:
    """One obligation for every combination of verdicts; a suspended basis is a basis that is not late."""
    if late.documented is None and late.source:
        return Obligation(Duty.OWED, DutyReason.NOT_COMPUTABLE)
    if late.documented and late.source is not False:
        return Obligation(Duty.OWED, DutyReason.LATE if late.source else DutyReason.NO_SOURCE_DATE)
    if late.documented or late.source:
        one_sided = DutyReason.DOCUMENTED_ONLY if late.documented else DutyReason.SOURCE_ONLY
        return Obligation(Duty.TO_CHECK, one_sided)
    if late.promised:
        return Obligation(Duty.TO_CHECK, DutyReason.PROMISED_ONLY)
    return Obligation(Duty.NONE, DutyReason.SUSPENDED if late.suspended else DutyReason.NOT_LATE)


# Letters that name a new date, and by it open a promise.
PROMISING = frozenset({LetterKind.ADVANCE, LetterKind.OVERDUE})


def kind_of(*, ended: bool, refused: bool, foreseen: bool = False) -> LetterKind:
    """The kind of letter for a dossier that is late, or (`foreseen`) that is open and will be."""
    if not ended:
        return LetterKind.ADVANCE if foreseen else LetterKind.OVERDUE
    return LetterKind.LATE_REFUSAL if refused else LetterKind.RETURNED_LATE
