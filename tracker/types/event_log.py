"""What an event log for process mining is asked and holds: cases with what happened to them, no persons."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tracker.types.times import Suspension


class LogBy(StrEnum):
    """Which dossiers are cases of a period: those that ended in it, or those that were received in it."""

    ENDED = "ended"
    RECEIVED = "received"


class Transition(StrEnum):
    """What an event does to its activity: the words of the standard's lifecycle extension that are used here."""

    START = "start"
    COMPLETE = "complete"
    SUSPEND = "suspend"
    RESUME = "resume"
    ABORT = "ate_abort"


@dataclass(frozen=True, slots=True)
class EventLogQuestion:
    """Dossiers that ended or were received on these days, both included; of units (None = all), a field, a procedure.

    `as_of`: open ones are judged and told up to this moment.
    """

    start: date
    end: date
    as_of: datetime
    by: LogBy = LogBy.ENDED
    unit_ids: frozenset[int] | None = None
    field: str | None = None
    procedure: str | None = None


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step as a source told it: `department` finished it at `at`; where it began and was to be done, if told."""

    at: datetime
    begun_at: datetime | None
    due_at: datetime | None
    department: str
    status: str
    is_officer: bool = False  # what should be the department is the name of whoever did it


@dataclass(frozen=True, slots=True)
class EndTold:
    """An end or a reopening as the history of a dossier holds it."""

    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """All that was told of a dossier that can be an event. Units by name, empty where not known."""

    received_at: datetime
    receiving_unit: str
    resolving_unit: str
    steps: tuple[StepTold, ...] = ()
    suspensions: tuple[Suspension, ...] = ()
    ends: tuple[EndTold, ...] = ()
    ended_at: datetime | None = None
    end_kind: str | None = None


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Something that happened: what, when, in whose hands (a department or unit, never a person).

    `instance`: the same for the beginning and the end of one step. `step_due`: until when the step was to be done.
    """

    at: datetime
    activity: str
    transition: Transition
    resource: str = ""
    step_kind: str = ""
    step_due: datetime | None = None
    instance: str = ""


@dataclass(frozen=True, slots=True)
class LogCase:
    """A dossier as a case: its attributes, then its events in order. `late_minutes`: None where nobody can say."""

    code: str
    procedure_code: str
    procedure: str
    field: str
    unit: str
    channel: str
    state: str
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    late_minutes: int | None
    events: tuple[LogEvent, ...]
