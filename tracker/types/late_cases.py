"""What an auditor asks about late dossiers, and one of them with everything that speaks for or against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tracker.types.times import Lateness
from tracker.types.words import Basis, Channel, Level, State, SuspensionKind


class CaseState(StrEnum):
    """Which late dossiers: still open at as-of, ended late in the period, or both."""

    OPEN = "open"
    FINISHED = "finished"
    ALL = "all"


class LetterWish(StrEnum):
    """Dossiers with or without a letter of apology; a voided one is none."""

    ANY = ""
    WITH = "with"
    WITHOUT = "without"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class CaseQuestion:
    """Which late dossiers, judged at `as_of` on `basis`; ends from `start` to `end`, both included (open ones have none).

    `days_from`, `days_to`: working days late on that basis, both included. `is_hidden`: late by what is documented and
    not by what the source says, whatever `basis` is; only where both can be told.
    """

    as_of: datetime
    basis: Basis = Basis.SOURCE
    state: CaseState = CaseState.ALL
    start: date | None = None
    end: date | None = None
    unit_ids: frozenset[int] | None = None
    field: str | None = None
    procedure: str | None = None
    channel: Channel | None = None
    days_from: int | None = None
    days_to: int | None = None
    letter: LetterWish = LetterWish.ANY
    flag: str | None = None
    is_reason_missing: bool = False
    is_hidden: bool = False
    known: datetime | None = None

    @property
    def judged_on(self) -> Basis:
        """The basis on which the listed dossiers are late."""
        return Basis.DOCUMENTED if self.is_hidden else self.basis


class CaseSpot(NamedTuple):
    """Where a dossier stands in the list: ended ones by their end, then open ones by their due date (epoch seconds)."""

    is_open: bool
    at: int
    dossier_id: int


class CaseLetter(NamedTuple):
    """The apology: its state in the ledger, number and date, the new date and what became of it; "" = nothing."""

    state: str
    number: str | None = None
    issued_on: date | None = None
    new_due_at: datetime | None = None
    promise: str = ""


class CaseStops(NamedTuple):
    """The suspensions up to the end: how many, of which kinds, and the working days that they froze (None: untold)."""

    times: int
    kinds: tuple[SuspensionKind, ...]
    days: int | None


@dataclass(frozen=True, slots=True)
class LateCase:
    """One late dossier; personal data unmasked. `late`: the verdict on each basis, `dues_seen`: different dates told."""

    spot: CaseSpot
    code: str
    procedure_code: str
    procedure: str
    field: str
    unit_id: int | None
    unit: str
    level: Level
    receiving_unit: str
    channel: Channel
    applicant: str
    received_at: datetime | None
    ended_at: datetime | None
    state: State
    dues: Mapping[Basis, datetime | None]
    late: Mapping[Basis, Lateness]
    stops: CaseStops
    letter: CaseLetter
    reason: str
    responsible_unit: str
    flags: tuple[str, ...]
    dues_seen: int

    @property
    def dossier_id(self) -> int:
        """Its number in the store."""
        return self.spot.dossier_id


class CasePage(NamedTuple):
    """Some cases in order of the list; `after`: where the next page begins, None at the end."""

    cases: tuple[LateCase, ...]
    after: CaseSpot | None


class CaseCount(NamedTuple):
    """How many; `is_more`: the counting stopped there."""

    found: int
    is_more: bool


class Stratum(StrEnum):
    """By what the population of a sample is divided."""

    NONE = ""
    UNIT = "unit"
    FIELD = "field"
    MONTH = "month"
    DAYS = "days"


class SamplePlan(NamedTuple):
    """How a sample is drawn: how many, with which seed, divided by what."""

    size: int
    seed: str
    by: Stratum = Stratum.NONE
