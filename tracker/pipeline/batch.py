"""One batch at work: chunks of typed columns in, rows of the store out, everything counted."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from tracker.ingest.changes import Change, Verdict, decide, is_stale
from tracker.ingest.columns import RecordColumns, SourceSuspension
from tracker.ingest.documented import DocumentedDues
from tracker.ingest.endings import endings
from tracker.ingest.normalize import Normalizer
from tracker.ingest.rows import CELL, ROW, RowFinder, TableRows
from tracker.store.bulk import BulkWriter, Known
from tracker.store.catalogue import Resolver
from tracker.store.models import DueSeen, Event, Rejection
from tracker.types import DossierVersion, IngestReport

REJECTION_COLUMNS = (
    "id", "batch_id", "file", "sheet", "row", "column", "value", "code", "message", "cells",
)  # fmt: skip


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
            flagged=dict(self.flagged),
            seconds=round(seconds, 3),
        )


@dataclass
class BatchWork:
    """What a batch needs at hand while its chunks pass through."""

    batch_id: int
    source_id: int
    now: int
    writer: BulkWriter
    resolver: Resolver
    dues: DocumentedDues
    counts: BatchCounts
    block: int = 0

    def store_chunk(
        self, finder: RowFinder, normalizer: Normalizer, numbers: Sequence[int], rows: Sequence[list[str]]
    ) -> None:
        """Decide every row of a chunk and write what is new or changed; unchanged rows are not even read."""
        table = finder.identify(numbers, rows)
        known = self.writer.known(self.source_id, table.codes)
        open_questions = _not_as_stored(table, known)
        self.counts.verdicts[Verdict.UNCHANGED] += len(table.codes) - len(open_questions)
        if not open_questions:
            return
        columns = normalizer.columns(table, open_questions)
        new, later, kept = self._sort(columns, dict(known))
        versions = self._versions(columns)
        added = self._add(columns, new, [versions[position] for position in new])
        for position, stored in later:
            dossier_id = stored.dossier_id if stored else added[columns.codes[position]]
            self._apply(columns, position, dossier_id, versions[position])
        self._keep_raw(columns, kept, normalizer.file, normalizer.fields)
        self._reject(columns)
        self._count_flags(columns)

    # ------------------------------------------------------------ decide

    def _sort(
        self, columns: RecordColumns, known: dict[str, Known]
    ) -> tuple[list[int], list[tuple[int, Known | None]], list[int]]:
        """Positions of new rows, of rows that change something (with what is stored; None: added in this chunk),
        and of all whose raw text is kept."""
        new: list[int] = []
        later: list[tuple[int, Known | None]] = []
        kept: list[int] = []
        tally: Counter[str] = Counter()
        fresh: dict[str, tuple[bytes, int | None]] = {}
        updated = columns.dates["updated_at"]
        rejected = columns.rejected
        for position, (code, digest) in enumerate(zip(columns.codes, columns.hashes, strict=True)):
            if position in rejected:
                continue
            stored = known.get(code)
            told = (digest, updated[position])
            before, dated = (stored.row_hash, stored.updated_at) if stored else fresh.get(code, (None, None))
            if before is None:
                fresh[code] = told
                new.append(position)
                verdict = Verdict.NEW
            elif before == digest:
                tally[Verdict.UNCHANGED] += 1
                continue
            elif is_stale(dated, updated[position]):
                verdict = Verdict.STALE
            else:
                verdict = Verdict.CHANGED
                later.append((position, stored))
                if stored:
                    known[code] = Known(stored.dossier_id, *told)
                else:
                    fresh[code] = told
            kept.append(position)
            tally[verdict] += 1
        self.counts.verdicts.update(tally)
        return new, later, kept

    def _versions(self, columns: RecordColumns) -> list[DossierVersion]:
        """The rows as the store will keep them."""
        texts, dates, words = columns.texts, columns.dates, columns.words
        size = len(columns.codes)
        fields = self.resolver.fields(texts["field_name"])
        codes, names = texts["procedure_code"], texts["procedure_name"]
        procedures, own_fields = self.resolver.procedures(codes, names, fields)
        ends, kinds = endings(words["status"], dates)
        dues, reasons = self.dues.column(
            codes, texts["limit_text"], dates["received_at"], columns.suspensions
        )
        pauses = zip(columns.suspensions, ends, strict=True)
        values: dict[str, Iterable[Any]] = {
            "source_id": repeat(self.source_id, size),
            "code": columns.codes,
            "procedure_id": procedures,
            "field_id": map(_either, fields, own_fields),
            "resolving_unit_id": self._resolving_units(columns),
            "receiving_unit_id": self.resolver.units(texts["receiving_unit"]),
            "returning_unit_id": self.resolver.units(texts["returning_unit"]),
            "promised_at": map(_either, dates["previous_due_at"], dates["due_at"]),
            "source_due_at": dates["due_at"],
            "documented_due_at": dues,
            "documented_reason": reasons,
            "ended_at": ends,
            "end_kind": kinds,
            "suspended_from": [
                _open_since(stops) if stops and end is None else None for stops, end in pauses
            ],
            "status_text": columns.status_texts,
            "flags": self._flag_texts(columns),
            "row_hash": columns.hashes,
            "batch_id": repeat(self.batch_id, size),
            "row_no": columns.row_numbers,
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
                columns.flag(position, "PAUSES_UNKNOWN")
        texts = [""] * len(columns.codes)
        for position, flags in columns.flags.items():
            texts[position] = " ".join(sorted(flags))
        return texts

    # ------------------------------------------------------------ apply

    def _add(
        self, columns: RecordColumns, positions: Sequence[int], versions: Sequence[DossierVersion]
    ) -> Mapping[str, int]:
        """Insert new dossiers with their due dates, ends and suspensions; code -> id."""
        ids = self.writer.add_dossiers(versions, self.now)
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
                pauses += self._pause_rows(dossier_id, columns.suspensions[position])
        self.writer.append_dues(dues)
        self.writer.append_events(events)
        self.writer.add_suspensions(pauses)
        return dict(zip((version.code for version in versions), ids, strict=True))

    def _pause_rows(
        self, dossier_id: int, pauses: Iterable[SourceSuspension]
    ) -> list[tuple[int, int, str, int, int | None, int, int]]:
        return [
            (dossier_id, seq, pause.kind.value, pause.start, pause.end, self.batch_id, self.now)
            for seq, pause in enumerate(pauses)
        ]

    def _apply(self, columns: RecordColumns, position: int, dossier_id: int, told: DossierVersion) -> None:
        """Put a changed dossier in place of what was known, and append what that means to its history."""
        stored, _ = self.writer.load(dossier_id)
        change = decide(stored, told, told_at=self.now)
        self.writer.replace_dossier(dossier_id, change.version, self.now)
        self.writer.retire_suspensions(dossier_id, self.now)
        self.writer.add_suspensions(self._pause_rows(dossier_id, columns.suspensions[position]))
        self._append_dues(dossier_id, columns.dates["previous_due_at"][position], change)
        if change.events:
            seq = self.writer.next_seq(Event, dossier_id)
            self.writer.append_events(
                [
                    (dossier_id, seq + n, event.at, event.kind, event.text, self.batch_id)
                    for n, event in enumerate(change.events)
                ]
            )

    def _append_dues(self, dossier_id: int, previous: int | None, change: Change) -> None:
        """The due dates that this telling adds: an earlier one that it names for the first time, and its own."""
        told: list[tuple[str, int | None]] = []
        if previous is not None and previous not in self.writer.dues_seen(dossier_id):
            told.append(("previous", previous))
        if change.due_changed:
            told.append(("source", change.new_due))
        seq = self.writer.next_seq(DueSeen, dossier_id) if told else 0
        self.writer.append_dues(
            [(dossier_id, seq + n, kind, due, self.now, self.batch_id) for n, (kind, due) in enumerate(told)]
        )

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

    def _reject(self, columns: RecordColumns) -> None:
        ids = self.writer.next_ids(Rejection, len(columns.rejected))
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
                json.dumps(columns.raw[position].split(CELL), ensure_ascii=False),
            )
            for number, (position, rejection) in zip(ids, sorted(columns.rejected.items()), strict=True)
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


def _either(first: int | None, second: int | None) -> int | None:
    return first if first is not None else second


def _open_since(pauses: tuple[SourceSuspension, ...]) -> int | None:
    return next((pause.start for pause in pauses if pause.end is None), None)
