"""One batch at work: chunks of typed columns in, rows of the store out, everything counted."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.ingest.changes import Verdict, decide, is_stale
from tracker.ingest.columns import RecordColumns, SourceSuspension
from tracker.ingest.documented import DocumentedDues
from tracker.ingest.endings import Dates, ending
from tracker.ingest.normalize import CELL, ROW
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

    def store_chunk(self, columns: RecordColumns, file: str, fields: Sequence[str]) -> None:
        """Decide every row of a chunk and write what is new or changed."""
        known = dict(self.writer.known(self.source_id, columns.codes))
        new, later, kept = self._sort(columns, known)
        versions = self._versions(columns, new + [position for position, _ in later])
        added = self._add(columns, new, versions[: len(new)])
        for (position, stored), version in zip(later, versions[len(new) :], strict=True):
            dossier_id = stored.dossier_id if stored else added[columns.codes[position]]
            self._apply(columns, position, dossier_id, version)
        self._keep_raw(columns, kept, file, fields)
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
        fresh: dict[str, bytes] = {}
        updated = columns.dates["updated_at"]
        rejected = columns.rejected
        for position, (code, digest) in enumerate(zip(columns.codes, columns.hashes, strict=True)):
            if position in rejected:
                continue
            stored = known.get(code)
            before = stored.row_hash if stored else fresh.get(code)
            if before is None:
                fresh[code] = digest
                new.append(position)
                verdict = Verdict.NEW
            elif before == digest:
                tally[Verdict.UNCHANGED] += 1
                continue
            elif stored and is_stale(stored.updated_at, updated[position]):
                verdict = Verdict.STALE
            else:
                verdict = Verdict.CHANGED
                later.append((position, stored))
                self._remember(known, fresh, stored, code, digest)
            kept.append(position)
            tally[verdict] += 1
        self.counts.verdicts.update(tally)
        return new, later, kept

    def _remember(
        self,
        known: dict[str, Known],
        fresh: dict[str, bytes],
        stored: Known | None,
        code: str,
        digest: bytes,
    ) -> None:
        if stored:
            known[code] = Known(stored.dossier_id, digest, stored.updated_at)
        else:
            fresh[code] = digest

    def _versions(self, columns: RecordColumns, positions: Sequence[int]) -> list[DossierVersion]:
        """The rows at these positions as the store will keep them."""
        texts, dates, words = columns.texts, columns.dates, columns.words
        out = []
        for position in positions:
            received, due = dates["received_at"][position], dates["due_at"][position]
            pauses = columns.suspensions[position]
            status = words["status"][position]
            end, kind = ending(
                status,
                Dates(
                    received,
                    dates["finished_at"][position],
                    dates["returned_at"][position],
                    dates["withdrawn_at"][position],
                    dates["refused_at"][position],
                    dates["updated_at"][position],
                ),
            )
            field_id = self.resolver.field(texts["field_name"][position])
            procedure = texts["procedure_code"][position]
            procedure_id, own_field = self.resolver.procedure(
                procedure, texts["procedure_name"][position], field_id
            )
            unit = self.resolver.unit(texts["resolving_unit"][position])
            if self.resolver.is_unknown(unit):
                columns.flag(position, "UNIT_UNKNOWN")
            limit_text = texts["limit_text"][position]
            documented, reason = self.dues.due(procedure, limit_text, received, pauses)
            if not columns.suspensions_told:
                columns.flag(position, "PAUSES_UNKNOWN")
            previous = dates["previous_due_at"][position]
            flags = columns.flags.get(position)
            out.append(
                DossierVersion(
                    self.source_id,
                    columns.codes[position],
                    procedure_id,
                    field_id if field_id is not None else own_field,
                    unit,
                    self.resolver.unit(texts["receiving_unit"][position]),
                    self.resolver.unit(texts["returning_unit"][position]),
                    words["channel"][position],
                    words["applicant_kind"][position],
                    texts["applicant_name"][position],
                    texts["address"][position],
                    texts["phone"][position],
                    texts["officer_name"][position],
                    limit_text,
                    dates["filed_at"][position],
                    received,
                    previous if previous is not None else due,
                    due,
                    documented,
                    reason,
                    dates["finished_at"][position],
                    dates["returned_at"][position],
                    dates["withdrawn_at"][position],
                    dates["refused_at"][position],
                    end,
                    kind,
                    _open_since(pauses) if pauses and end is None else None,
                    status,
                    columns.status_texts[position],
                    texts["late_reason"][position],
                    texts["note"][position],
                    dates["updated_at"][position],
                    " ".join(sorted(flags)) if flags else "",
                    columns.hashes[position],
                    self.batch_id,
                    columns.row_numbers[position],
                )
            )
        return out

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
    ) -> list[tuple[int, int, str, int, int | None, int]]:
        return [
            (dossier_id, seq, pause.kind.value, pause.start, pause.end, self.batch_id)
            for seq, pause in enumerate(pauses)
        ]

    def _apply(
        self, columns: RecordColumns, position: int, dossier_id: int, told: DossierVersion
    ) -> None:
        """Put a changed dossier in place of what was known, and append what that means to its history."""
        stored, _ = self.writer.load(dossier_id)
        change = decide(stored, told, told_at=self.now)
        self.writer.replace_dossier(dossier_id, change.version, self.now)
        self.writer.drop_suspensions(dossier_id)
        self.writer.add_suspensions(self._pause_rows(dossier_id, columns.suspensions[position]))
        if change.due_changed:
            seq = self.writer.next_seq(DueSeen, dossier_id)
            self.writer.append_dues(
                [(dossier_id, seq, "source", change.new_due, self.now, self.batch_id)]
            )
        if change.events:
            seq = self.writer.next_seq(Event, dossier_id)
            self.writer.append_events(
                [
                    (dossier_id, seq + n, event.at, event.kind, event.text, self.batch_id)
                    for n, event in enumerate(change.events)
                ]
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


def _open_since(pauses: tuple[SourceSuspension, ...]) -> int | None:
    return next((pause.start for pause in pauses if pause.end is None), None)
