"""What rows change in dossiers that are stored already: loaded together, decided one after the other, written together."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from tracker.ingest.changes import Change, decide
from tracker.ingest.columns import SourceSuspension, told_columns
from tracker.ingest.events import StepRow
from tracker.ingest.partial import as_judged, completed, says_nothing_new, settled
from tracker.ingest.progress import Step, follow, with_course, without_course
from tracker.ingest.several import (
    SOURCES_DISAGREE,
    Body,
    body_of,
    disagreements,
    filled_in,
    read_body,
    with_disagreement,
)
from tracker.pipeline.unit_dues import UnitDues
from tracker.store import tellings
from tracker.store.bulk import BulkWriter, Told
from tracker.store.session import Session
from tracker.store.tellings import NewTelling
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


def step_rows(
    dossier_id: int, first: int, steps: Iterable[StepRow], moment: BatchMoment
) -> list[tuple[object, ...]]:
    """Progress events of a dossier as rows of the store; `first`: the number of the first of them."""
    return [
        (
            dossier_id, seq, row.step.at, row.step.status, row.step.status_text, row.step.officer, row.department,
            row.step.text, row.step_due, row.step_begun, moment.now, moment.batch_id,
        )
        for seq, row in enumerate(steps, first)
    ]  # fmt: skip


class Changes:
    """The changes of one chunk to some dossiers; call `tell`, `beside` or `follow` row by row, then `write` once.

    `others`: where several sources may tell of one dossier, the session by which to look for what they told.
    """

    def __init__(
        self,
        writer: BulkWriter,
        dues: UnitDues,
        moment: BatchMoment,
        dossier_ids: Iterable[int],
        *,
        others: Session | None = None,
    ) -> None:
        ids = sorted(set(dossier_ids))
        self._others = others
        self._told: Mapping[int, Mapping[int, Told]] = (
            {} if others is None else tellings.tellings(others, ids)
        )
        self._beside: dict[int, dict[int, NewTelling]] = {}
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

    def version_of(self, dossier_id: int) -> DossierVersion:
        """A dossier as it stands now."""
        return self._current(dossier_id)

    def procedure_of(self, dossier_id: int) -> str:
        """The code of its procedure, as stored."""
        return self._stored[dossier_id].procedure

    def pauses_of(self, dossier_id: int) -> tuple[SourceSuspension, ...]:
        """Its suspensions as they stand now."""
        return self._paused_now(dossier_id)

    def tell(self, dossier_id: int, telling: Telling) -> bool:
        """Take a row of the governing source in; False if it says nothing that was not known."""
        current = self._current(dossier_id)
        takes_over = current.source_id != telling.version.source_id
        version = completed(current, telling.version, telling.columns)
        if takes_over:
            self._put_aside(dossier_id, current, body_of(current, told_columns(current.told)))
            version = version._replace(told=telling.version.told)
        pauses = telling.pauses if "suspensions" in telling.columns else self._paused_now(dossier_id)
        if steps := self.steps_of(dossier_id):
            version, pauses = with_course(version, follow(steps, version), pauses)
        names_procedure = version.procedure_id != current.procedure_id
        procedure = telling.procedure if names_procedure else self._stored[dossier_id].procedure
        version = self._compared(dossier_id, self._settled(dossier_id, version, procedure, pauses))
        previous = telling.previous_due
        names_due = previous is not None and previous not in self._dues.get(dossier_id, ())
        if names_due:
            self._append_due(dossier_id, "previous", previous)
        is_known = says_nothing_new(current, version) and pauses == self._paused_now(dossier_id)
        if is_known and not names_due and not takes_over:
            return False
        self._put(dossier_id, decide(current, version, told_at=self._moment.now), pauses)
        return True

    def beside(self, dossier_id: int, telling: Telling) -> None:
        """Take in what a source tells that does not govern: it fills gaps, and where it differs that is flagged."""
        current = self._current(dossier_id)
        self._put_aside(dossier_id, telling.version, body_of(telling.version, telling.columns))
        version = filled_in(current, telling.version, telling.columns)
        free = frozenset(telling.columns) - told_columns(current.told)
        pauses = telling.pauses if "suspensions" in free else self._paused_now(dossier_id)
        if steps := self.steps_of(dossier_id):
            version, pauses = with_course(version, follow(steps, version), pauses)
        fills_procedure = version.procedure_id != current.procedure_id
        procedure = telling.procedure if fills_procedure else self._stored[dossier_id].procedure
        version = self._compared(dossier_id, self._settled(dossier_id, version, procedure, pauses))
        if not says_nothing_new(current, version) or pauses != self._paused_now(dossier_id):
            self._put(dossier_id, decide(current, version, told_at=self._moment.now), pauses)

    def follow(self, dossier_id: int, steps: Sequence[Step], row_no: int) -> None:
        """Take progress events in that were not known; `row_no` is where the last of them stands."""
        current = self._current(dossier_id)
        known = self.steps_of(dossier_id)
        before = without_course(current, follow(known, current)) if known else current
        self._steps.setdefault(dossier_id, []).extend(steps)
        course = follow(self._steps[dossier_id], before)
        version, pauses = with_course(before, course, self._paused_now(dossier_id))
        version = self._settled(dossier_id, version, self._stored[dossier_id].procedure, pauses)
        version = self._compared(dossier_id, version._replace(batch_id=self._moment.batch_id, row_no=row_no))
        if says_nothing_new(current, version) and pauses == self._paused_now(dossier_id):
            return  # most steps only say who has the dossier: it stands as it stood, and no revision is kept
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
        if self._others is not None and self._beside:
            rows = [row for told in self._beside.values() for row in told.values()]
            tellings.put_tellings(self._others, writer, rows, self._told)

    # ------------------------------------------------------------ other sources

    def still_open(self) -> Mapping[int, bool]:
        """The changed dossiers, and whether each is open now."""
        return {number: version.ended_at is None for number, version in self._versions.items()}

    def differing(self) -> Mapping[str, int]:
        """The flag of disagreeing sources with how many dossiers of this chunk bear it."""
        number = sum(SOURCES_DISAGREE in version.flags.split() for version in self._versions.values())
        return {SOURCES_DISAGREE: number} if number else {}

    def _put_aside(self, dossier_id: int, version: DossierVersion, body: Body) -> None:
        """Keep what a source tells that does not govern."""
        row = NewTelling(
            dossier_id, version.source_id, version.row_hash, version.updated_at, body.as_json(), "",
            version.batch_id, version.row_no, self._moment.now,
        )  # fmt: skip
        self._beside.setdefault(dossier_id, {})[version.source_id] = row

    def _compared(self, dossier_id: int, version: DossierVersion) -> DossierVersion:
        """The version, flagged where another source says something else; their rows say where."""
        others = {source: told.body for source, told in self._told.get(dossier_id, {}).items()}
        others |= {source: row.body for source, row in self._beside.get(dossier_id, {}).items()}
        disagrees = False
        for source, body in others.items():
            is_governing = source == version.source_id
            names = () if is_governing else disagreements(version, read_body(body))
            disagrees = disagrees or bool(names)
            self._note_difference(dossier_id, source, " ".join(names))
        return with_disagreement(version, disagrees=disagrees) if others else version

    def _note_difference(self, dossier_id: int, source: int, names: str) -> None:
        told = self._told.get(dossier_id, {}).get(source)
        beside = self._beside.setdefault(dossier_id, {})
        if source in beside:
            beside[source] = beside[source]._replace(disagrees=names)
        elif told is not None and told.disagrees != names:
            beside[source] = NewTelling(
                dossier_id, source, told.row_hash, told.updated_at, told.body, names,
                self._moment.batch_id, 0, self._moment.now,
            )  # fmt: skip

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
