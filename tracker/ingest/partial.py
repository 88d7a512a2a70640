"""A telling that has only some of the columns: what it does not tell stays as it was known. Pure.

A list of late dossiers has no phone, the portal's payload no limit: neither says that there is none.
"""

from collections.abc import Sequence, Set
from operator import attrgetter

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.documented import DocumentedDues
from tracker.ingest.endings import Dates, ending
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import DossierVersion, SourceStatus

# Column of a source -> what it fills, where the names differ.
FILLS = {
    "due_at": ("source_due_at",),
    "procedure_code": ("procedure_id",),
    "field_name": ("field_id",),
    "resolving_unit": ("resolving_unit_id",),
    "receiving_unit": ("receiving_unit_id",),
    "returning_unit": ("returning_unit_id",),
    "status": ("status", "status_text"),
}
# Filled from whatever a source tells, or worked out: never kept from an earlier telling by name alone.
ALWAYS_NEW = frozenset(
    {
        "source_id", "code", "row_hash", "batch_id", "row_no", "promised_at", "flags", "documented_due_at",
        "documented_reason", "ended_at", "end_kind", "suspended_from", "ended_known_at", "told",
    }
)  # fmt: skip
PAUSES_UNKNOWN, PAUSES_FROM_EVENTS = "PAUSES_UNKNOWN", "PAUSES_FROM_EVENTS"
# A flag says something about a column: it stays as long as nobody tells that column anew.
FLAGGED_COLUMN = {
    PAUSES_UNKNOWN: "suspensions",
    PAUSES_FROM_EVENTS: "suspensions",
    "SUSPENSION_UNREADABLE": "suspensions",
    "UNIT_UNKNOWN": "resolving_unit",
    "STATUS_UNKNOWN": "status",
    "DUE_MISSING": "due_at",
    "RECEIVED_MISSING": "received_at",
    "FINISHED_IN_FUTURE": "finished_at",
    "END_FROM_SIGNATURE": "finished_at",
    "END_FROM_DESK": "finished_at",
    "RETURNED_IN_FUTURE": "returned_at",
    "WITHDRAWN_IN_FUTURE": "withdrawn_at",
    "REFUSED_IN_FUTURE": "refused_at",
}
# What has happened to a dossier is not undone by what is told of it later.
HISTORY = frozenset({"DUE_CHANGED", "STATUS_REGRESSION"})
ENDED = frozenset({SourceStatus.DONE.value, SourceStatus.RETURNED.value, SourceStatus.WITHDRAWN.value})


def completed(stored: DossierVersion, told: DossierVersion, columns: Set[str]) -> DossierVersion:
    """The told version with what its columns do not tell taken from the stored one; derived values come after."""
    filled = {name for column in columns for name in FILLS.get(column, (column,))}
    if stored.procedure_id is None and "procedure_name" in columns:
        filled.add("procedure_id")
    kept = {
        name: getattr(stored, name)
        for name in DossierVersion._fields
        if name not in filled and name not in ALWAYS_NEW
    }
    if "status" not in columns and (
        told.status == SourceStatus.DELETED or (told.status in ENDED and stored.status not in ENDED)
    ):
        # Without a column of its own the status follows from the dates; an end or a deletion that they tell is news.
        del kept["status"], kept["status_text"]
    version = told._replace(**kept)
    return version._replace(flags=_flags(stored, version, columns), told=stored.told | told.told)


def _flags(stored: DossierVersion, version: DossierVersion, columns: Set[str]) -> str:
    flags = {flag for flag in version.flags.split() if FLAGGED_COLUMN.get(flag) in (None, *columns)}
    flags |= {flag for flag in stored.flags.split() if FLAGGED_COLUMN.get(flag, "") in UNTOLD - columns}
    flags |= HISTORY & set(stored.flags.split())
    if version.finished_at is not None:
        flags.discard("END_FROM_RETURN")
    if version.finished_at is not None or version.returned_at is not None:
        flags -= {"END_MISSING", "STATUS_LOSSY"}
    if version.source_due_at is not None:
        flags.discard("DUE_MISSING")
    if version.received_at is not None:
        flags.discard("RECEIVED_MISSING")
    if version.refusal_reason:
        flags.discard(REASON_UNTOLD)
    elif "refusal_reason" not in columns and REASON_UNTOLD in stored.flags.split():
        flags.add(REASON_UNTOLD)
    return " ".join(sorted(flags))


UNTOLD = frozenset(FLAGGED_COLUMN.values())


def settled(
    version: DossierVersion,
    procedure: str,
    pauses: Sequence[SourceSuspension],
    dues: DocumentedDues,
) -> DossierVersion:
    """The version with everything worked out anew that follows from its other values: end, documented due date."""
    end, kind = ending(
        version.status,
        Dates(
            version.received_at,
            version.finished_at,
            version.returned_at,
            version.withdrawn_at,
            version.refused_at,
            version.updated_at,
        ),
    )
    due, reason = dues.due(procedure, dues.asked(version), version.received_at, tuple(pauses))
    return version._replace(
        ended_at=end,
        end_kind=kind,
        documented_due_at=due,
        documented_reason=reason,
        suspended_from=None if end is not None else open_since(pauses),
    )


def as_judged(
    stored: DossierVersion, version: DossierVersion, *, same_pauses: bool, now: int
) -> DossierVersion:
    """The settled version of a dossier whose end was known before keeps the documented date it was judged by.

    A calendar that changes later moves open dossiers only; what has ended stays as judged. `now`: UTC epoch seconds.
    """
    if version.ended_at is None:
        return version._replace(ended_known_at=None)
    if version.ended_at != stored.ended_at or stored.ended_known_at is None:
        return version._replace(ended_known_at=now)
    version = version._replace(ended_known_at=stored.ended_known_at)
    if not same_pauses or stored.documented_due_at is None or _asks_anew(stored, version):
        return version
    return version._replace(
        documented_due_at=stored.documented_due_at, documented_reason=stored.documented_reason
    )


def _asks_anew(stored: DossierVersion, version: DossierVersion) -> bool:
    """Does something stand differently that the documented date is worked out from?"""
    asks = attrgetter("received_at", "limit_text", "procedure_id", "channel", "field_id")
    return bool(asks(stored) != asks(version))


def open_since(pauses: Sequence[SourceSuspension]) -> int | None:
    """Since when the suspension stands that has no end."""
    return next((pause.start for pause in pauses if pause.end is None), None)


def says_nothing_new(stored: DossierVersion, version: DossierVersion) -> bool:
    """Is it what was known, but for where it was told?"""
    return (
        version._replace(
            row_hash=stored.row_hash,
            batch_id=stored.batch_id,
            row_no=stored.row_no,
            promised_at=stored.promised_at,
            told=stored.told,
        )
        == stored
    )
