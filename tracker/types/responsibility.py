"""Late dossiers with who had them in hand, as the report on responsibility lists them. Minutes are working minutes."""

from dataclasses import dataclass
from datetime import datetime

from tracker.types.causes import StepKind


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of a late dossier: its place, department, working minutes and its part in the lateness."""

    place: int
    department: str
    kind: StepKind
    begun_at: datetime
    ended_at: datetime
    minutes: int
    share: int | None
    overrun: int
    part: int
    is_first: bool
    is_own: bool  # of a unit that was asked for
    is_open: bool = False  # nobody has told its end


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A late dossier with its steps. `is_own`: of the units that were asked for; of others only what these units did is told.

    `late` None: its minutes cannot be told, or are not this reader's.
    """

    code: str
    unit: str
    is_own: bool
    ended_at: datetime
    late: int | None
    between: int
    paused: int
    undivided: int
    why: str
    reason: str
    steps: tuple[StepLine, ...]
