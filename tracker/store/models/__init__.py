"""The tables, by topic. Models have types and no behaviour; rows become `tracker.types` in the store's queries."""

from tracker.store.models.base import Base, Instant
from tracker.store.models.calendars import (
    CalendarChange,
    CalendarDay,
    CalendarJournal,
    OfficeCalendar,
    UnitCalendar,
)
from tracker.store.models.catalogue import (
    Field,
    Procedure,
    ProcedureLimit,
    Source,
    Unit,
    UnitAlias,
)
from tracker.store.models.dossiers import (
    Batch,
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    ProgressEvent,
    RawBlock,
    Rejection,
    Suspension,
    SuspensionRevision,
)
from tracker.store.models.letters import Letter, LetterStep, Obligation
from tracker.store.models.people import AuditEntry, User

__all__ = [
    "AuditEntry",
    "Base",
    "Batch",
    "CalendarChange",
    "CalendarDay",
    "CalendarJournal",
    "Dossier",
    "DossierRevision",
    "DueSeen",
    "Event",
    "Field",
    "Instant",
    "Letter",
    "LetterStep",
    "Obligation",
    "OfficeCalendar",
    "Procedure",
    "ProcedureLimit",
    "ProgressEvent",
    "RawBlock",
    "Rejection",
    "Source",
    "Suspension",
    "SuspensionRevision",
    "Unit",
    "UnitAlias",
    "UnitCalendar",
    "User",
]
