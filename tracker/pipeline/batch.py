"""One batch at work: chunks of typed columns in, rows of the store out, everything counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple

from tracker.ingest.changes import Verdict
from tracker.ingest.columns import RecordColumns, told_bits
from tracker.ingest.endings import endings
from tracker.ingest.events import ReadEvents, StepRow
from tracker.ingest.following import Followed
from tracker.ingest.partial import PAUSES_UNKNOWN, open_since
from tracker.ingest.reading import Identified, Reading, raw_block, raw_line
from tracker.pipeline.changing import BatchMoment, Changes, Telling, pause_rows, step_rows
from tracker.pipeline.coming_along import UNIT_UNKNOWN, ComingAlong
from tracker.pipeline.seen import Seen
from tracker.pipeline.sorting import Identity, SortedRows, Sorter
from tracker.pipeline.unit_dues import UnitDues
from tracker.pipeline.vanishing import Vanishing
from tracker.pipeline.write_behind import WriteBehind
from tracker.store.bulk import BulkWriter, Known
from tracker.store.catalogue import Resolver
from tracker.store.models import Dossier, Rejection
from tracker.store.session import Session
from tracker.store.versions import working_unit
from tracker.text import procedure_base
from tracker.types import DossierVersion, IngestReport
from tracker.types import Rejection as RejectedRow

REJECTION_COLUMNS = (
    "id", "batch_id", "file", "sheet", "row", "column", "value", "code", "message", "cells", "fields",
)  # fmt: skip

CODE_ALIAS = "CODE_ALIAS"
# Of a version what is `Known` of it, in its order.
_KNOWN_BY = itemgetter(
    *map(
        DossierVersion._fields.index,
        ("row_hash", "updated_at", "source_id", "procedure_id", "received_at", "ended_at"),
    )
)
# What `DossierVersion._make` does, without asking again how many values there are.
_MADE = partial(tuple.__new__, DossierVersion)


@dataclass
class BatchCounts:
    """Counts of one batch; read = new + changed + unchanged + stale + rejected, always."""

    verdicts: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)

    @property
    def read(self) -> int:
        """Rows of the table that are dossiers."""
        return self.verdicts.total() + self.rejected

    def skip(self, kinds: Mapping[str, int]) -> None:
        """Add headings, totals, numbering rows."""
        self.skipped.update(kinds)

    def report(self, batch: int | None, seconds: float) -> IngestReport:
        """The counts as an answer."""
        return IngestReport(
            batch=batch,
            read=self.read,
            new=self.verdicts[Verdict.NEW],
            changed=self.verdicts[Verdict.CHANGED],
            unchanged=self.verdicts[Verdict.UNCHANGED],
            stale=self.verdicts[Verdict.STALE],
            rejected=self.rejected,
            skipped=dict(self.skipped),
            flagged=dict(sorted(self.flagged.items())),
            seconds=round(seconds, 3),
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chunk that was decided and not yet written, and the new dossiers that it makes known; `places`: code -> which of
    them.
    """

    write: Callable[[], None]
    ids: range
    versions: Sequence[DossierVersion]
    places: Mapping[str, int]

    def known(self, codes: Iterable[str]) -> dict[str, Known]:
        """Those of some codes that are among them."""
        found = {code: self.places[code] for code in codes if code in self.places}
        return {code: _as_known(self.ids[at], self.versions[at]) for code, at in found.items()}


class ChunkRows(NamedTuple):
    """The rows of a chunk, what is to become of them, and the events that came along with new ones; `new`: the versions of
    those that are new.
    """

    columns: RecordColumns
    rows: SortedRows
    new: list[DossierVersion]
    versions: list[DossierVersion]
    along: ComingAlong


@dataclass
class BatchWork:
    """What a batch needs at hand while its chunks pass through."""

    batch_id: int
    source_id: int
    now: int
    writer: BulkWriter
    resolver: Resolver
    dues: UnitDues
    counts: BatchCounts
    behind: WriteBehind
    vanishing: Vanishing
    session: Session
    identity: Identity
    seen: Seen
    # Codes for whose dossiers events wait since an earlier batch.
    awaited: frozenset[str]
    block: int = 0
    waiting: "Waiting | None" = None
    steps_left: list[StepRow] = field(default_factory=list)

    @property
    def moment(self) -> BatchMoment:
        """Which batch tells, and when."""
        return BatchMoment(self.batch_id, self.now)

    def store_chunk(self, reading: Reading, chunk: Identified) -> None:
        """Decide every row of a chunk and have it written; unchanged rows are not even read.

        A chunk of new rows alone is written while the next one is read, for which they count as stored already.
        """
        self.behind.settle()
        codes = self._codes(chunk)
        known = self.writer.known(codes)
        if self.waiting is not None:
            known.update(self.waiting.known(codes))
        self.vanishing.told(codes)
        self.vanishing.told_dossiers(stored.dossier_id for stored in known.values())
        self.seen.stored(known.values())
        as_told = self.identity.as_told_by_us(known)
        open_questions = _not_as_stored(chunk, codes, as_told)
        self.counts.verdicts[Verdict.UNCHANGED] += len(codes) - len(open_questions)
        if open_questions:
            reading.ask(open_questions)
        self._start_waiting()
        if open_questions:
            columns = reading.columns()
            columns.codes[:] = [codes[position] for position in open_questions]
            self._decide(chunk, columns, as_told, self._coming_along(reading, columns, as_told))

    def _coming_along(
        self, reading: Reading, columns: RecordColumns, known: Mapping[str, Known]
    ) -> ComingAlong:
        """The events of new dossiers. Those of known ones, of dossiers whose events have waited since an earlier batch, and
        all where codes may stand for others, are left for the end.
        """
        followed = reading.followed()
        along: dict[int, Followed] = {}
        if followed and not self.identity.has_aliases:
            apart = known.keys() | self.awaited
            along = {at: one for at, one in followed.items() if columns.codes[at] not in apart}
        for position, one in followed.items():
            if position not in along:
                self.steps_left += one.steps
        return ComingAlong(columns, along)

    def left_behind(self, size: int) -> Iterator[ReadEvents]:
        """The events that could not come along, `size` at a time."""
        steps, self.steps_left = self.steps_left, []
        for start in range(0, len(steps), size):
            yield ReadEvents(steps[start : start + size])

    def _codes(self, chunk: Identified) -> list[str]:
        """The codes under which the dossiers of a chunk are kept."""
        if chunk.further is not None:
            standing = self.identity.learn(self.writer, chunk.codes, chunk.further, self.now)
            if standing:
                self.counts.flagged[CODE_ALIAS] += standing
        return self.identity.kept_as(chunk.codes)

    def _decide(
        self, chunk: Identified, columns: RecordColumns, known: Mapping[str, Known], along: ComingAlong
    ) -> None:
        versions = self._versions(columns, told_bits(chunk.fields), along)
        along.settle(versions, self.now)
        self.counts.verdicts[Verdict.CHANGED] += along.new()
        self.counts.verdicts[Verdict.UNCHANGED] += along.told() - along.new()
        place = (chunk.file, chunk.sheet, chunk.code_heading)
        sorted_rows = Sorter(self.identity, self.session, columns, versions).sort(
            known, over_the_wire=chunk.over_the_wire, place=place
        )
        self._count(sorted_rows)
        ids = self.writer.next_ids(Dossier, len(sorted_rows.new))
        self.vanishing.told_dossiers(ids)
        new = [versions[position] for position in sorted_rows.new]
        self.seen.added(ids, new)
        rows = ChunkRows(columns, sorted_rows, new, versions, along)
        self.waiting = Waiting(
            lambda: self._write(rows, ids, chunk),
            ids,
            new,
            {version.code: n for n, version in enumerate(new)},
        )
        if sorted_rows.later or sorted_rows.beside:
            # What a change comes to is known only once it is written.
            self.flush()

    def _count(self, rows: SortedRows) -> None:
        self.counts.verdicts[Verdict.NEW] += len(rows.new)
        self.counts.verdicts[Verdict.STALE] += len(rows.stale)
        self.counts.verdicts[Verdict.UNCHANGED] += rows.unchanged

    def flush(self) -> None:
        """Everything decided so far is written."""
        self.behind.settle()
        self._start_waiting()
        self.behind.settle()

    def _start_waiting(self) -> None:
        waiting, self.waiting = self.waiting, None
        if waiting is not None:
            self.behind.start(waiting.write)

    def _write(self, told: ChunkRows, ids: range, chunk: Identified) -> None:
        columns, rows = told.columns, told.rows
        self._add(told, ids)
        changed = self._change(told, ids, frozenset(chunk.fields))
        kept = sorted([*rows.new, *rows.stale, *changed])
        self._keep_raw(columns, kept, chunk)
        rejected = sorted(columns.rejected.items())
        self.reject([(r, raw_line(columns, position)) for position, r in rejected], chunk.fields)
        self._count_flags(columns)

    # ------------------------------------------------------------ decide

    def _versions(self, columns: RecordColumns, told_here: int, along: ComingAlong) -> list[DossierVersion]:
        """The rows as the store will keep them; `told_here`: the bits of their columns."""
        texts, dates, words = columns.texts, columns.dates, columns.words
        size = len(columns.codes)
        fields = self.resolver.fields(texts["field_name"])
        codes, names = list(map(procedure_base, texts["procedure_code"])), texts["procedure_name"]
        procedures, procedure_fields = self.resolver.procedures(codes, names, fields)
        own_fields = list(map(_either, fields, procedure_fields))
        ends, kinds = endings(words["status"], dates)
        resolving = self._resolving_units(columns)
        receiving = self.resolver.units(texts["receiving_unit"])
        dues, reasons = self.dues.column(
            list(map(working_unit, resolving, receiving)),
            self.resolver.codes(procedures),
            list(zip(texts["limit_text"], words["channel"], own_fields, repeat(""), strict=False)),
            dates["received_at"],
            columns.suspensions,
        )
        pauses = zip(columns.suspensions, ends, strict=True)
        values: dict[str, Iterable[Any]] = {
            "source_id": repeat(self.source_id, size),
            "code": columns.codes,
            "procedure_id": procedures,
            "field_id": own_fields,
            "resolving_unit_id": resolving,
            "receiving_unit_id": receiving,
            "returning_unit_id": self.resolver.units(texts["returning_unit"]),
            "promised_at": map(_either, dates["previous_due_at"], dates["due_at"]),
            "source_due_at": dates["due_at"],
            "documented_due_at": dues,
            "documented_reason": reasons,
            "ended_at": ends,
            "end_kind": kinds,
            "ended_known_at": [None if end is None else self.now for end in ends],
            "suspended_from": [open_since(stops) if stops and end is None else None for stops, end in pauses],
            "status_text": columns.status_texts,
            "flags": self._flag_texts(columns, along),
            "row_hash": columns.hashes,
            "batch_id": repeat(self.batch_id, size),
            "row_no": columns.row_numbers,
            "told": repeat(told_here, size),
        }
        told = {**dates, **texts, **words, **values}
        return list(map(_MADE, zip(*(told[name] for name in DossierVersion._fields), strict=True)))

    def _resolving_units(self, columns: RecordColumns) -> list[int | None]:
        units = self.resolver.units(columns.texts["resolving_unit"])
        if self.resolver.knows_unknown_units():
            for position, unit in enumerate(units):
                if self.resolver.is_unknown(unit):
                    columns.flag(position, UNIT_UNKNOWN)
        return units

    def _flag_texts(self, columns: RecordColumns, along: ComingAlong) -> list[str]:
        flagged = columns.flags
        if not columns.suspensions_told:
            for position in range(len(columns.codes)):
                if position in flagged:
                    flagged[position].add(PAUSES_UNKNOWN)
                else:
                    flagged[position] = {PAUSES_UNKNOWN}
        texts = [""] * len(columns.codes)
        for position, flags in flagged.items():
            texts[position] = " ".join(sorted(flags) if len(flags) > 1 else flags)
        for position in along.followed:
            texts[position] = along.flags(position, columns.flags.get(position, set()))
        return texts

    # ------------------------------------------------------------ apply

    def _add(self, told: ChunkRows, ids: range) -> None:
        """Insert new dossiers with their due dates, ends, suspensions, and events that came along."""
        columns, positions, versions, along = told.columns, told.rows.new, told.new, told.along
        self.writer.add_dossiers(ids, versions, self.now)
        dues, events, pauses = [], [], []
        steps: list[tuple[object, ...]] = []
        previous = columns.dates["previous_due_at"]
        batch, now = self.batch_id, self.now
        for dossier_id, position, version in zip(ids, positions, versions, strict=True):
            seq = 0
            if previous[position] is not None:
                dues.append((dossier_id, 0, "previous", previous[position], now, batch))
                seq = 1
            if version.source_due_at is not None:
                dues.append((dossier_id, seq, "source", version.source_due_at, now, batch))
            if position in along.followed:
                history = enumerate(along.history(position))
                events += [(dossier_id, n, one.at, one.kind, one.text, batch) for n, one in history]
                steps += step_rows(dossier_id, 0, along.steps[position], self.moment)
            elif version.ended_at is not None:
                events.append((dossier_id, 0, version.ended_at, version.end_kind or "", "", batch))
            if columns.suspensions[position]:
                pauses += pause_rows(dossier_id, columns.suspensions[position], self.moment)
        self.writer.append_dues(dues)
        self.writer.append_events(events)
        self.writer.add_suspensions(pauses)
        self.writer.add_steps(steps)

    def _change(self, told: ChunkRows, ids_added: range, fields: frozenset[str]) -> list[int]:
        """Put changed dossiers in place of what was known, with what that means to their history; which rows did."""
        columns, rows, versions = told.columns, told.rows, told.versions
        if not rows.later and not rows.beside:
            return []
        added = dict(zip((version.code for version in told.new), ids_added, strict=True))
        ids = [number if number is not None else added[columns.codes[at]] for at, number in rows.later]
        beside_ids = [number for _, number in rows.beside]
        others = self.session if self.identity.several else None
        changes = Changes(self.writer, self.dues, self.moment, [*ids, *beside_ids], others=others)
        previous = columns.dates["previous_due_at"]

        def telling(position: int) -> Telling:
            version, pauses = versions[position], columns.suspensions[position]
            (procedure,) = self.resolver.codes([version.procedure_id])
            return Telling(version, fields, procedure, pauses, previous[position])

        changed = [
            position
            for (position, _), dossier_id in zip(rows.later, ids, strict=True)
            if changes.tell(dossier_id, telling(position))
        ]
        for position, dossier_id in rows.beside:
            changes.beside(dossier_id, telling(position))
        changes.write()
        self.seen.changed(changes.still_open())
        self.counts.flagged.update(changes.differing())
        self.counts.verdicts[Verdict.CHANGED] += len(changed) + len(rows.beside)
        self.counts.verdicts[Verdict.UNCHANGED] += len(rows.later) - len(changed)
        return [*changed, *(position for position, _ in rows.beside)]

    def _keep_raw(self, columns: RecordColumns, kept: Sequence[int], chunk: Identified) -> None:
        """The redacted raw text of rows that told something new, as one block: field names, then row by row."""
        if not kept:
            return
        numbers = columns.row_numbers
        self.block += 1
        self.writer.add_raw_block(
            self.batch_id, self.block, chunk.file, (numbers[kept[0]], numbers[kept[-1]]),
            raw_block(columns, kept, chunk.fields),
        )  # fmt: skip

    def reject(self, rejected: Sequence[tuple[RejectedRow, Sequence[str]]], fields: Sequence[str]) -> None:
        """Keep rows that cannot be used, each with its redacted cells; `fields`: our name of each cell."""
        named = json.dumps(list(fields))
        ids = self.writer.next_ids(Rejection, len(rejected))
        rows = [
            (
                number,
                self.batch_id,
                rejection.file,
                rejection.sheet,
                rejection.row,
                rejection.column,
                rejection.value,
                rejection.code,
                rejection.message,
                json.dumps(cells, ensure_ascii=False),
                named,
            )
            for number, (rejection, cells) in zip(ids, rejected, strict=True)
        ]
        self.writer.insert(Rejection, REJECTION_COLUMNS, rows)
        self.counts.rejected += len(rows)

    def _count_flags(self, columns: RecordColumns) -> None:
        usable = (flags for position, flags in columns.flags.items() if position not in columns.rejected)
        self.counts.flagged.update(chain.from_iterable(usable))


def _not_as_stored(chunk: Identified, codes: Sequence[str], known: Mapping[str, Known]) -> list[int]:
    """Positions of rows that are not word by word what is stored.

    A code that stands twice in the chunk is never passed over here: its rows are decided one after the other.
    """
    twice: set[str] = set()
    if len(set(codes)) != len(codes):
        twice = {code for code, times in Counter(codes).items() if times > 1}
    return [
        position
        for position, (code, digest) in enumerate(zip(codes, chunk.hashes, strict=True))
        if (stored := known.get(code)) is None
        or stored.row_hash != digest
        or position in chunk.rejected
        or code in twice
    ]


def _as_known(number: int, version: DossierVersion) -> Known:
    *told, ended_at = _KNOWN_BY(version)
    return tuple.__new__(Known, (number, *told, ended_at is None))


def _either(first: int | None, second: int | None) -> int | None:
    return first if first is not None else second
