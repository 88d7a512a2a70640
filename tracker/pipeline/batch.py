"""One batch at work: chunks of typed columns in, rows of the store out, everything counted."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from tracker.ingest.changes import Verdict
from tracker.ingest.columns import RecordColumns, told_bits
from tracker.ingest.documented import AskedLimit
from tracker.ingest.endings import endings
from tracker.ingest.layout import Layout
from tracker.ingest.normalize import Normalizer
from tracker.ingest.partial import PAUSES_UNKNOWN, open_since
from tracker.ingest.rows import CELL, ROW, TableRows
from tracker.pipeline.changing import BatchMoment, Changes, Telling, pause_rows
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

ALIAS_COLUMN, CODE_ALIAS = "code_alias", "CODE_ALIAS"


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
    """A chunk that was decided and not yet written, and what it makes known."""

    write: Callable[[], None]
    known: Mapping[str, Known]


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
    block: int = 0
    waiting: "Waiting | None" = None

    @property
    def moment(self) -> BatchMoment:
        """Which batch tells, and when."""
        return BatchMoment(self.batch_id, self.now)

    def store_chunk(self, normalizer: Normalizer, table: TableRows, *, over_the_wire: bool = False) -> None:
        """Decide every row of a chunk and have it written; unchanged rows are not even read.

        A chunk of new rows alone is written while the next one is decided, for which they count as stored already.
        """
        self.behind.settle()
        self._learn_aliases(normalizer.layout, table)
        if self.identity.aliases:
            table.codes[:] = self.identity.renamed(table.codes)
        known = self.writer.known(table.codes)
        if self.waiting is not None:
            known.update(
                {code: self.waiting.known[code] for code in table.codes if code in self.waiting.known}
            )
            self._start_waiting()
        self.vanishing.told(table.codes)
        self.vanishing.told_dossiers(stored.dossier_id for stored in known.values())
        self.seen.stored(known.values())
        known = self.identity.as_told_by_us(known)
        open_questions = _not_as_stored(table, known)
        self.counts.verdicts[Verdict.UNCHANGED] += len(table.codes) - len(open_questions)
        if open_questions:
            columns = normalizer.columns(table, open_questions)
            self._decide(normalizer, columns, known, over_the_wire=over_the_wire)

    def _learn_aliases(self, layout: Layout, table: TableRows) -> None:
        at = layout.columns.get(ALIAS_COLUMN)
        if at is not None and (
            standing := self.identity.learn(
                self.writer, table.codes, [row[at] for row in table.rows], self.now
            )
        ):
            self.counts.flagged[CODE_ALIAS] += standing

    def _decide(
        self,
        normalizer: Normalizer,
        columns: RecordColumns,
        known: Mapping[str, Known],
        *,
        over_the_wire: bool,
    ) -> None:
        versions = self._versions(columns, told_bits(normalizer.fields))
        place = (normalizer.file, normalizer.sheet, normalizer.layout.heading("dossier_code"))
        sorted_rows = Sorter(self.identity, self.session, columns, versions).sort(
            known, over_the_wire=over_the_wire, place=place
        )
        self._count(sorted_rows)
        ids = self.writer.next_ids(Dossier, len(sorted_rows.new))
        self.vanishing.told_dossiers(ids)
        new = {
            columns.codes[position]: _as_known(number, columns.hashes[position], versions[position])
            for number, position in zip(ids, sorted_rows.new, strict=True)
        }
        self.seen.stored(new.values())
        self.waiting = Waiting(lambda: self._write(columns, sorted_rows, versions, ids, normalizer), new)
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

    def _write(
        self,
        columns: RecordColumns,
        rows: "SortedRows",
        versions: Sequence[DossierVersion],
        ids: range,
        normalizer: Normalizer,
    ) -> None:
        added = self._add(columns, rows.new, ids, [versions[position] for position in rows.new])
        changed = self._change(columns, rows, versions, added, frozenset(normalizer.fields))
        kept = sorted([*rows.new, *rows.stale, *changed])
        self._keep_raw(columns, kept, normalizer.file, normalizer.fields)
        self.reject(
            [(r, columns.raw[position].split(CELL)) for position, r in sorted(columns.rejected.items())],
            normalizer.fields,
        )
        self._count_flags(columns)

    # ------------------------------------------------------------ decide

    def _versions(self, columns: RecordColumns, told_here: int) -> list[DossierVersion]:
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
            codes,
            list(map(AskedLimit, texts["limit_text"], words["channel"], own_fields)),
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
            "flags": self._flag_texts(columns),
            "row_hash": columns.hashes,
            "batch_id": repeat(self.batch_id, size),
            "row_no": columns.row_numbers,
            "told": repeat(told_here, size),
        }
        told = {**dates, **texts, **words, **values}
        return list(
            map(DossierVersion._make, zip(*(told[name] for name in DossierVersion._fields), strict=True))
        )

    def _resolving_units(self, columns: RecordColumns) -> list[int | None]:
        units = self.resolver.units(columns.texts["resolving_unit"])
        if self.resolver.knows_unknown_units():
            for position, unit in enumerate(units):
                if self.resolver.is_unknown(unit):
                    columns.flag(position, "UNIT_UNKNOWN")
        return units

    def _flag_texts(self, columns: RecordColumns) -> list[str]:
        if not columns.suspensions_told:
            for position in range(len(columns.codes)):
                columns.flag(position, PAUSES_UNKNOWN)
        texts = [""] * len(columns.codes)
        for position, flags in columns.flags.items():
            texts[position] = " ".join(sorted(flags))
        return texts

    # ------------------------------------------------------------ apply

    def _add(
        self,
        columns: RecordColumns,
        positions: Sequence[int],
        ids: range,
        versions: Sequence[DossierVersion],
    ) -> Mapping[str, int]:
        """Insert new dossiers with their due dates, ends and suspensions; code -> id."""
        self.writer.add_dossiers(ids, versions, self.now)
        dues, events, pauses = [], [], []
        previous = columns.dates["previous_due_at"]
        batch, now = self.batch_id, self.now
        for dossier_id, position, version in zip(ids, positions, versions, strict=True):
            seq = 0
            if previous[position] is not None:
                dues.append((dossier_id, 0, "previous", previous[position], now, batch))
                seq = 1
            if version.source_due_at is not None:
                dues.append((dossier_id, seq, "source", version.source_due_at, now, batch))
            if version.ended_at is not None:
                events.append((dossier_id, 0, version.ended_at, version.end_kind or "", "", batch))
            if columns.suspensions[position]:
                pauses += pause_rows(dossier_id, columns.suspensions[position], self.moment)
        self.writer.append_dues(dues)
        self.writer.append_events(events)
        self.writer.add_suspensions(pauses)
        return dict(zip((version.code for version in versions), ids, strict=True))

    def _change(
        self,
        columns: RecordColumns,
        rows: SortedRows,
        versions: Sequence[DossierVersion],
        added: Mapping[str, int],
        told: frozenset[str],
    ) -> list[int]:
        """Put changed dossiers in place of what was known, with what that means to their history; which rows did."""
        if not rows.later and not rows.beside:
            return []
        ids = [number if number is not None else added[columns.codes[at]] for at, number in rows.later]
        beside_ids = [number for _, number in rows.beside]
        others = self.session if self.identity.several else None
        changes = Changes(self.writer, self.dues, self.moment, [*ids, *beside_ids], others=others)
        codes, previous = columns.texts["procedure_code"], columns.dates["previous_due_at"]

        def telling(position: int) -> Telling:
            procedure, pauses = procedure_base(codes[position]), columns.suspensions[position]
            return Telling(versions[position], told, procedure, pauses, previous[position])

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

    def _keep_raw(
        self, columns: RecordColumns, kept: Sequence[int], file: str, fields: Sequence[str]
    ) -> None:
        """The redacted raw text of rows that told something new, as one block: field names, then row by row."""
        if not kept:
            return
        numbers = columns.row_numbers
        lines = [CELL.join(("row", *fields))]
        lines += [f"{numbers[position]}{CELL}{columns.raw[position]}" for position in kept]
        text = ROW.join(lines)
        self.block += 1
        self.writer.add_raw_block(
            self.batch_id, self.block, file, (numbers[kept[0]], numbers[kept[-1]]), text
        )

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
        for position, flags in columns.flags.items():
            if position not in columns.rejected:
                self.counts.flagged.update(flags)


def _not_as_stored(table: TableRows, known: Mapping[str, Known]) -> list[int]:
    """Positions of rows that are not word by word what is stored.

    A code that stands twice in the chunk is never passed over here: its rows are decided one after the other.
    """
    twice: set[str] = set()
    if len(set(table.codes)) != len(table.codes):
        twice = {code for code, times in Counter(table.codes).items() if times > 1}
    return [
        position
        for position, (code, digest) in enumerate(zip(table.codes, table.hashes, strict=True))
        if (stored := known.get(code)) is None
        or stored.row_hash != digest
        or position in table.rejected
        or code in twice
    ]


def _as_known(number: int, digest: bytes, version: DossierVersion) -> Known:
    return Known(
        number, digest, version.updated_at, version.source_id, version.procedure_id, version.received_at,
        version.ended_at is None,
    )  # fmt: skip


def _either(first: int | None, second: int | None) -> int | None:
    return first if first is not None else second
