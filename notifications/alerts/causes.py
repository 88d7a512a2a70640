"""What alerts are about beside dossiers, and what those who look for it work with. No SQL here: finders ask the store."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from notifications.alerts.rungs import Measure
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.due_soon import DueSoon
from tracker.types import Basis


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """What the office decided: basis of the due date, when due soon, how many newly overdue make a flood, and so on.

    `has_mail`: is there a mail server? `stuck_days`, `edition`: as of letters and score.
    """

    calendar_key: str
    basis: Basis = Basis.SOURCE
    due_soon: DueSoon = field(default_factory=DueSoon)
    flood_over: int = 500
    has_mail: bool = False
    stuck_days: int = 3
    edition: str = "resolved"


@dataclass(frozen=True, slots=True)
class Moment:
    """For which day and moment alerts are made, and what is at hand for it.

    `told`: what was counted for it once and is the same for every reader of a unit.
    """

    store: Store
    session: Session
    policy: AlertPolicy
    calendars: CalendarHistory
    day: date
    as_of: datetime
    told: dict[Hashable, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that is no dossier's due date: how it stands, whose it is, what makes it another one (`version`).

    `words`: what it is, where no row of the store tells it; no personal data. `officer`, `assigned`: as of a dossier.
    """

    subject_kind: str  # letter, unit, source, year, batch
    subject_id: int
    standing: Mapping[Measure, int]
    version: int
    unit_id: int | None = None
    due_at: datetime | None = None
    words: str = ""
    officer: str = ""
    assigned: int | None = None


Finder = Callable[[Moment], Iterable[Cause]]
