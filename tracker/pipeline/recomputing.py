"""Dossiers after a change of the catalogues: where they belong and when they are due by the documents, anew.

Open dossiers move, and ended ones that had no documented date; those that were judged by one stay as judged. What stood
before is kept as revisions, so that `--known` answers as before.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tracker.config_data import load_policy
from tracker.ingest.columns import SourceSuspension
from tracker.pipeline.limits import limit_book
from tracker.pipeline.unit_dues import UnitDues
from tracker.store.audit import Act, append_acts
from tracker.store.bulk import BulkWriter, Stored
from tracker.store.calendars import load_history
from tracker.store.catalogue_moves import Scope, belonging, concerned
from tracker.store.locks import Lock
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.types import DossierVersion, SuspensionKind

CHUNK = 5_000
UNIT_UNKNOWN = "UNIT_UNKNOWN"


def to_look_at(store: Store, scope: Scope) -> list[Sequence[int]]:
    """The dossiers that a change may concern, some thousand at a time; waits for an ingest that is under way."""
    with turn(store, Lock.INGEST) as mine:
        ids = concerned(mine.session, scope)
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def recompute(store: Store, calendar_key: str, ids: Sequence[int], *, actor: str, now: datetime) -> int:
    """Look at some dossiers and put right those that stand differently now, as one short step; how many did.

    `now` is the moment from which on this is known. Done twice, it changes nothing more.
    """
    with turn(store, Lock.INGEST) as mine:
        looking = _Looking(mine.session, calendar_key, now)
        stored = looking.writer.load(ids)
        changed = dict(looking.changed(stored))
        mine.begin_writing()
        if changed:
            writer = BulkWriter(mine.session)
            writer.replace_dossiers(stored, changed, int(now.timestamp()))
            writer.touched.write(mine.session, writer.fill, int(now.timestamp()))
            act = Act(
                now, actor, "dues_recomputed", "catalogue", {"looked_at": len(ids), "moved": len(changed)}
            )
            append_acts(mine.session, [act])
    return len(changed)


class _Looking:
    """What is needed to see how dossiers stand by the catalogues of this moment."""

    def __init__(self, session: Session, calendar_key: str, now: datetime) -> None:
        self.writer = BulkWriter(session)
        self._belonging = belonging(session)
        history = load_history(session, calendar_key)
        self._dues = UnitDues(history, limit_book(session), load_policy(), as_of=now)

    def changed(self, stored: dict[int, Stored]) -> Iterator[tuple[int, DossierVersion]]:
        """The dossiers that stand differently now."""
        told = self.writer.suspensions(list(stored))
        for number, each in stored.items():
            pauses = [
                SourceSuspension(SuspensionKind(kind), start, end)
                for kind, start, end in told.get(number, ())
            ]
            version = self._due(self._placed(each.version), tuple(pauses))
            if version != each.version:
                yield number, version

    def _placed(self, version: DossierVersion) -> DossierVersion:
        """The version with the procedure, field and units that it has by the catalogues."""
        here = self._belonging
        procedure = here.procedures.get(version.procedure_id or 0, version.procedure_id)
        resolving = here.units.get(version.resolving_unit_id or 0, version.resolving_unit_id)
        field = version.field_id
        if field is None and procedure is not None:
            field = here.fields.get(procedure)
        flags = version.flags
        if UNIT_UNKNOWN in flags and resolving not in here.unknown_units:
            flags = " ".join(flag for flag in flags.split() if flag != UNIT_UNKNOWN)
        return version._replace(
            procedure_id=procedure,
            field_id=field,
            resolving_unit_id=resolving,
            receiving_unit_id=here.units.get(version.receiving_unit_id or 0, version.receiving_unit_id),
            returning_unit_id=here.units.get(version.returning_unit_id or 0, version.returning_unit_id),
            flags=flags,
        )

    def _due(self, version: DossierVersion, pauses: tuple[SourceSuspension, ...]) -> DossierVersion:
        """The version with its documented due date; one that ended with such a date was judged by it."""
        if version.ended_at is not None and version.documented_due_at is not None:
            return version
        # What has ended is judged by the calendar that was known then.
        judged = version.ended_known_at if version.ended_at is not None else None
        dues = self._dues.of(version, judged=judged)
        code = self._belonging.codes.get(version.procedure_id or 0, "")
        due, reason = dues.due(code, dues.asked(version), version.received_at, pauses)
        return version._replace(documented_due_at=due, documented_reason=reason)
