"""Dossiers, units and lists as answers give them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tracker.types.intake import Intake
from tracker.types.times import Deadline, HandOver, Lateness, Suspension
from tracker.types.words import ApplicantKind, Basis, Channel, Level, SourceStatus, State


@dataclass(frozen=True, slots=True)
class LateRow:
    """One line of the late list (`dunghen overdue`) on the basis asked for."""

    dossier_id: int
    code: str
    procedure: str
    field: str
    unit: str
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    state: State
    late_days: int | None
    letter: str | None
    applicant: str = ""
    officer: str = ""
    reason: str = ""
    channel: Channel = Channel.UNKNOWN
    promised_at: datetime | None = None
    documented_at: datetime | None = None
    source_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as pages and letters name it."""

    unit_id: int
    code: str
    name: str
    level: Level
    kind: str
    parent_id: int | None
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None


@dataclass(frozen=True, slots=True)
class DueSeenRow:
    """A due date that was once seen: on which telling, and when it was said to us."""

    kind: str
    due_at: datetime | None
    seen_at: datetime
    batch_id: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One entry of a dossier's history: what we saw change, or a step (`step_` and its status) that the source dates.

    `text` of a step is free text of the source and may hold personal data; `begun_at` is when the step began and `due_at`
    when it was to be done, where the source tells them.
    """

    at: datetime
    kind: str
    text: str
    department: str = ""
    begun_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DossierRow:
    """A dossier as the store knows it at one knowledge time; personal data unmasked (mask at the edge)."""

    dossier_id: int
    code: str
    source: str
    procedure_code: str
    procedure: str
    field: str
    resolving_unit: UnitRef | None
    receiving_unit: str
    returning_unit: str
    channel: Channel
    applicant_kind: ApplicantKind
    applicant_name: str
    address: str
    phone: str
    officer_name: str
    limit_text: str
    filed_at: datetime | None
    received_at: datetime | None
    promised_at: datetime | None
    source_due_at: datetime | None
    documented_due_at: datetime | None
    documented_reason: str | None
    finished_at: datetime | None
    returned_at: datetime | None
    withdrawn_at: datetime | None
    refused_at: datetime | None
    status: SourceStatus
    status_text: str
    late_reason: str
    note: str
    flags: tuple[str, ...]
    known_from: datetime
    batch_id: int
    suspensions: tuple[Suspension, ...]
    dues_seen: tuple[DueSeenRow, ...]
    events: tuple[EventRow, ...]
    post_received_at: datetime | None = None
    intake_due_at: datetime | None = None
    refusal_reason: str | None = None
    working_unit_id: int | None = None  # by whose calendar it goes
    ended_known_at: datetime | None = None  # judged by the calendar known then


@dataclass(frozen=True, slots=True)
class DossierAnswer:
    """One dossier with its verdict on each basis, the proof of the documented due date, and apart from these its
    intake and the delay of its hand-over (None: not handed over, or no finish told).
    """

    row: DossierRow
    as_of: datetime
    verdicts: Mapping[Basis, Lateness]
    proof: Deadline | None
    intake: Intake | None = None
    hand_over: HandOver | None = None
