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
from tracker.store.models.outbox import InboxMessage, OutboxEvent, OutboxMessage
from tracker.store.models.people import AuditEntry, AuditSeal, RateCount, TwoPersonChange, User
from tracker.store.models.work import JobRun, KnownJob, Lease, Process, WorkAfter, WorkAttempt, WorkItem

__all__ = [
    "AuditEntry",
    "AuditSeal",
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
    "InboxMessage",
    "Instant",
    "JobRun",
    "KnownJob",
    "Lease",
    "Letter",
    "LetterStep",
    "Obligation",
    "OfficeCalendar",
    "OutboxEvent",
    "OutboxMessage",
    "Procedure",
    "ProcedureLimit",
    "Process",
    "ProgressEvent",
    "RateCount",
    "RawBlock",
    "Rejection",
    "Source",
    "Suspension",
    "SuspensionRevision",
    "TwoPersonChange",
    "Unit",
    "UnitAlias",
    "UnitCalendar",
    "User",
    "WorkAfter",
    "WorkAttempt",
    "WorkItem",
]
