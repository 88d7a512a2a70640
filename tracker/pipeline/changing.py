"""What rows change in dossiers that are stored already: loaded together, decided one after the other, written together."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from tracker.ingest.changes import Change, decide
from tracker.ingest.columns import SourceSuspension
from tracker.ingest.partial import as_judged, completed, says_nothing_new, settled
from tracker.ingest.progress import Step, follow, with_course, without_course
from tracker.pipeline.unit_dues import UnitDues
from tracker.store.bulk import BulkWriter
from tracker.types import DossierVersion, SuspensionKind

PauseRow = tuple[int, int, str, int, int | None, int, int]


@dataclass(frozen=True, slots=True)
class Telling:
    """What one row tells of a dossier: its version, the columns it has, and what stands beside the version."""

    version: DossierVersion
    columns: Set[str]
    procedure: str
    pauses: tuple[SourceSuspension, ...] = ()
    previous_due: int | None = None


@dataclass(frozen=True, slots=True)
class BatchMoment:
    """Which batch tells, and when (UTC epoch seconds)."""

    batch_id: int
    now: int


def pause_rows(dossier_id: int, pauses: Iterable[SourceSuspension], moment: BatchMoment) -> list[PauseRow]:
    """Suspensions of a dossier as rows of the store."""
    return [
        (dossier_id, seq, pause.kind.value, pause.start, pause.end, moment.batch_id, moment.now)
        for seq, pause in enumerate(pauses)
    ]


class Changes:
    """The changes of one chunk to some dossiers; call `tell` or `follow` row by row, then `write` once."""

    def __init__(
        self, writer: BulkWriter, dues: UnitDues, moment: BatchMoment, dossier_ids: Iterable[int]
    ) -> None:
        ids = sorted(set(dossier_ids))
        self._writer, self._documented, self._moment = writer, dues, moment
        self._stored = writer.load(ids)
        self._dues = writer.dues_seen(ids)
        self._events = writer.events_counted(ids)
        self._steps = {number: [Step(*step) for step in steps] for number, steps in writer.steps(ids).items()}
        self._pauses = {
            number: tuple(SourceSuspension(SuspensionKind(kind), start, end) for kind, start, end in told)
            for number, told in writer.suspensions(ids).items()
        }
        self._versions: dict[int, DossierVersion] = {}
        self._paused: dict[int, tuple[SourceSuspension, ...]] = {}
        self._new_dues: list[tuple[int, int, str, int | None, int, int]] = []
        self._new_events: list[tuple[int, int, int, str, str, int]] = []

    def steps_of(self, dossier_id: int) -> Sequence[Step]:
        """The progress events known of a dossier."""
        return self._steps.get(dossier_id, ())

    def tell(self, dossier_id: int, telling: Telling) -> bool:
        """Take a row in; False if it says nothing that was not known."""
        current = self._current(dossier_id)
        version = completed(current, telling.version, telling.columns)
        pauses = telling.pauses if "suspensions" in telling.columns else self._paused_now(dossier_id)
        if steps := self.steps_of(dossier_id):
            version, pauses = with_course(version, follow(steps, version), pauses)
        names_procedure = version.procedure_id != current.procedure_id
        procedure = telling.procedure if names_procedure else self._stored[dossier_id].procedure
        version = self._settled(dossier_id, version, procedure, pauses)
        previous = telling.previous_due
        names_due = previous is not None and previous not in self._dues.get(dossier_id, ())
        if names_due:
            self._append_due(dossier_id, "previous", previous)
        is_known = says_nothing_new(current, version) and pauses == self._paused_now(dossier_id)
        if is_known and not names_due:
            return False
        self._put(dossier_id, decide(current, version, told_at=self._moment.now), pauses)
        return True

    def follow(self, dossier_id: int, steps: Sequence[Step], row_no: int) -> None:
        """Take progress events in that were not known; `row_no` is where the last of them stands."""
        current = self._current(dossier_id)
        before = without_course(current, follow(self.steps_of(dossier_id), current))
        self._steps.setdefault(dossier_id, []).extend(steps)
        course = follow(self._steps[dossier_id], before)
        version, pauses = with_course(before, course, self._paused_now(dossier_id))
        version = self._settled(dossier_id, version, self._stored[dossier_id].procedure, pauses)
        version = version._replace(batch_id=self._moment.batch_id, row_no=row_no)
        at = course.last.at if course.last else self._moment.now
        self._put(dossier_id, decide(current, version, told_at=at), pauses)

    def write(self) -> None:
        """Put everything into the store."""
        writer, now = self._writer, self._moment.now
        writer.replace_dossiers(self._stored, self._versions, now)
        writer.retire_suspensions(list(self._paused), now)
        writer.add_suspensions(
            [
                row
                for number, pauses in self._paused.items()
                for row in pause_rows(number, pauses, self._moment)
            ]
        )
        writer.append_dues(self._new_dues)
        writer.append_events(self._new_events)

    # ------------------------------------------------------------ the present

    def _settled(
        self,
        dossier_id: int,
        version: DossierVersion,
        procedure: str,
        pauses: tuple[SourceSuspension, ...],
    ) -> DossierVersion:
        same_pauses = pauses == self._paused_now(dossier_id)
        dues = self._documented.of(version)
        version = settled(version, procedure, pauses, dues)
        current = self._current(dossier_id)
        if version.ended_at is not None and version.ended_at == current.ended_at:
            # What was known to have ended is judged by the calendar known then, whatever is told of it later.
            then = self._documented.of(version, judged=current.ended_known_at)
            version = version if then is dues else settled(version, procedure, pauses, then)
        return as_judged(current, version, same_pauses=same_pauses, now=self._moment.now)

    def _current(self, dossier_id: int) -> DossierVersion:
        return self._versions.get(dossier_id) or self._stored[dossier_id].version

    def _paused_now(self, dossier_id: int) -> tuple[SourceSuspension, ...]:
        told = self._paused.get(dossier_id)
        return told if told is not None else self._pauses.get(dossier_id, ())

    def _put(self, dossier_id: int, change: Change, pauses: tuple[SourceSuspension, ...]) -> None:
        self._versions[dossier_id] = change.version
        if pauses != self._paused_now(dossier_id):
            self._paused[dossier_id] = pauses
        if change.due_changed:
            self._append_due(dossier_id, "source", change.new_due)
        for event in change.events:
            seq = self._events.get(dossier_id, 0)
            self._events[dossier_id] = seq + 1
            self._new_events.append(
                (dossier_id, seq, event.at, event.kind, event.text, self._moment.batch_id)
            )

    def _append_due(self, dossier_id: int, kind: str, due: int | None) -> None:
        seen = self._dues.setdefault(dossier_id, [])
        moment = self._moment
        self._new_dues.append((dossier_id, len(seen), kind, due, moment.now, moment.batch_id))
        seen.append(due)
