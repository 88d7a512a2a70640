"""Intake: what became of a dossier between its filing and its acceptance. Apart from lateness, and never mixed with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tracker.types.words import Channel


class IntakeVerdict(StrEnum):
    """How the intake of one dossier stands at a moment; each dossier has exactly one."""

    WAITING = "waiting"  # filed, the intake time is not over
    NOT_ACCEPTED = "not_accepted"  # the intake time is over, and nothing was decided
    ACCEPTED_IN_TIME = "accepted_in_time"
    ACCEPTED_LATE = "accepted_late"
    REFUSED = "refused"
    REFUSED_WITHOUT_REASON = "refused_without_reason"
    VANISHED = "vanished"  # deleted, or no longer told by its source, before anything was decided
    UNKNOWN = "unknown"  # no filing, or no time to measure against


# What the law's sentence is about: filed, and not taken in, not in time, or turned away without a word why.
NEEDS_ATTENTION = (
    IntakeVerdict.WAITING,
    IntakeVerdict.NOT_ACCEPTED,
    IntakeVerdict.ACCEPTED_LATE,
    IntakeVerdict.REFUSED_WITHOUT_REASON,
    IntakeVerdict.VANISHED,
)


@dataclass(frozen=True, slots=True)
class Intake:
    """The verdict on one intake. `late_minutes` and `late_days` are working time from `due_at` to the decision, or to
    as-of while there is none; 0 where not late, None where it cannot be said. `remaining_minutes`: working time that is left
    to decide, None once decided. `ended_at`: when it was decided.
    """

    state: IntakeVerdict
    started_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    late_minutes: int | None
    late_days: int | None
    remaining_minutes: int | None
    is_verified: bool
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """One line of the intake list; `unit` is the one that receives, else the one that resolves. Names unmasked."""

    dossier_id: int
    code: str
    procedure: str
    unit: str
    resolving_unit_id: int | None
    channel: Channel
    applicant: str
    filed_at: datetime | None
    received_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str
    intake: Intake


@dataclass(frozen=True, slots=True)
class IntakeCounts:
    """How the intakes of one channel stand; the eight counts add up to `total`."""

    channel: Channel
    counts: dict[IntakeVerdict, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def of(self, verdict: IntakeVerdict) -> int:
        """How many have this verdict."""
        return self.counts.get(verdict, 0)

    @property
    def numerator(self) -> int:
        """Accepted in time."""
        return self.of(IntakeVerdict.ACCEPTED_IN_TIME)

    @property
    def denominator(self) -> int:
        """Decided, overdue or vanished: all but those that may still wait and those that cannot be judged."""
        return self.total - self.of(IntakeVerdict.WAITING) - self.of(IntakeVerdict.UNKNOWN)

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None where nothing was to be decided."""
        return self.numerator / self.denominator if self.denominator else None
