"""Limits, suspensions, due dates with their proof, and verdicts."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from tracker.types.words import Channel, LimitUnit, SourceStatus, State, SuspensionKind


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit that can be computed, and the text it was read from."""

    value: Fraction
    unit: LimitUnit
    text: str


@dataclass(frozen=True, slots=True)
class NoLimit:
    """A limit that cannot be computed ("Không quy định", a range, free text): why, and the text itself."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Suspension:
    """One stretch in which the office waits for somebody else; `end` is None while it is open."""

    start: datetime
    end: datetime | None
    kind: SuspensionKind = SuspensionKind.PAUSE


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the proof (*phiếu tính hạn*): what happened, by which rule and source, and the due date then."""

    at: datetime | None
    rule: str
    source: str
    text: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date with its proof; `due_at` is None with a code in `reason` where no limit can be computed.

    While a suspension stands at the as-of moment, `suspended_since` is its beginning and `frozen_minutes` the working
    minutes that were left then.
    """

    due_at: datetime | None
    steps: tuple[Step, ...]
    rule: str
    calendar_version: str
    flags: tuple[str, ...] = ()
    reason: str | None = None
    suspended_since: datetime | None = None
    frozen_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one dossier up to the as-of moment, on one basis: the input of `lateness.classify`.

    `reopened_at` undoes the ends before it; `frozen_minutes` comes from a `Deadline` whose clock stands. The last four
    matter to the intake alone; a `refusal_reason` of None: the source does not tell reasons.
    """

    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    withdrawn_at: datetime | None = None
    refused_at: datetime | None = None
    filed_at: datetime | None = None
    intake_due_at: datetime | None = None
    status: SourceStatus | None = None
    suspensions: tuple[Suspension, ...] = ()
    limit: Limit | None = None
    reopened_at: datetime | None = None
    frozen_minutes: int | None = None
    channel: Channel = Channel.UNKNOWN
    post_received_at: datetime | None = None
    refusal_reason: str | None = None
    vanished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """How long a finished result lay before it was handed over: working dates and minutes. Never part of lateness."""

    days: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """The verdict at one moment on one basis. Minutes and days are working time; None = cannot be said."""

    state: State
    late_days: int | None
    late_minutes: int | None
    remaining_minutes: int | None
    is_late: bool
    refused: bool = False
    flags: tuple[str, ...] = ()
