"""Rows of text -> typed columns, rejections and flags; cells as the source wrote them, nothing guessed.

A row is rejected when it has no code, or when its reception, due, finish or withdrawal cell cannot be read as a
date: a due date that silently became blank would hide lateness. Readable but impossible values become empty and
are flagged; their text stays in the raw rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tracker.ingest.checks import ENDS, DateChecks, flag_missing_receptions, flag_untold_reasons
from tracker.ingest.columns import DATE_FIELDS, TEXT_FIELDS, WORD_FIELDS, RecordColumns
from tracker.ingest.date_order import DateOrders, ReadAgain
from tracker.ingest.dates import DateParts, DateReader
from tracker.ingest.layout import Layout
from tracker.ingest.moments import Moments
from tracker.ingest.readers.mended import MendedTable
from tracker.ingest.redaction import holds_grouped_number, holds_identity_number, redact
from tracker.ingest.rows import CELL, TableRows
from tracker.ingest.standing_alone import StandingAlone
from tracker.ingest.statuses import complete_statuses
from tracker.ingest.tidiness import holds_pair, is_untidy
from tracker.ingest.words import has_words_of_its_own, read_pauses, word_list
from tracker.text import clean, fold
from tracker.types import ApplicantKind, Channel, FileWarning, Rejection

PAUSES = "suspensions"
# Where an id may stand in groups of digits.
WRITTEN_BY_PEOPLE = ("applicant_name", "address", "phone", "late_reason", "refusal_reason", "note", "summary")
# What programs write where they have nothing to tell (formats note 5.5 no. 29); the same for the officer.
NO_TEXT = frozenset({"-", "--", "Dinhkem"})
NO_OFFICER = frozenset({"chuyen vien", "can bo mot cua"})
NO_TEXT_PAIR, NO_TEXT_WORD = f"{CELL}-".encode(), b"Dinhkem"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading depends on besides the file: now, what time a bare date stands for, whose hours the source writes."""

    now: int
    last_year: int
    opening: Callable[..., int]  # 00:00 of a date
    closing: Callable[..., int]  # end of its last session
    zone_utc: bool = False  # a source known to write UTC; else a Z is not believed


class Normalizer:
    """Turns the chunks of one file into typed columns; keeps caches of what repeats.

    `again` gives all rows of the table once more, where it can be read again: for what must be decided on whole columns.
    """

    def __init__(
        self,
        file: str,
        sheet: str,
        layout: Layout,
        circumstances: Circumstances,
        *,
        again: ReadAgain | None = None,
    ) -> None:
        self.file, self.sheet, self.layout = file, sheet, layout
        self._width = len(layout.headings)
        self.fields = tuple(sorted(layout.columns))
        opening, closing = circumstances.opening, circumstances.closing
        at_date = dict.fromkeys(("due_at", "previous_due_at", "intake_due_at", *ENDS), closing)
        parts = DateParts(circumstances.last_year, is_utc=circumstances.zone_utc)
        readers = {name: DateReader(at_date.get(name, opening), parts) for name in DATE_FIELDS}
        self._pauses = DateReader(opening, parts)
        # A mended row stands for itself, whatever others stand beside it.
        decided = () if layout.kind == MendedTable.kind else (*DATE_FIELDS, PAUSES)
        orders = DateOrders(file, layout, decided, again)
        self._moments = Moments(layout, readers, self._pauses, orders)
        self._checks = DateChecks(circumstances.now, closing)
        self._seen_words = {name: Remembered(partial(_word, word_list(layout, name))) for name in WORD_FIELDS}
        self._seen_officers = Remembered(_officer)
        own_words: dict[str, dict[str, str]] = {
            name: seen for name, seen in self._seen_words.items() if has_words_of_its_own(layout, name)
        }
        self._alone = StandingAlone(self.fields, readers, self._pauses, own_words)

    @property
    def warnings(self) -> list[FileWarning]:
        """What is odd about whole columns, by what was read so far."""
        return self._moments.warnings()

    # ------------------------------------------------------------ a chunk

    def columns(self, table: TableRows, positions: Sequence[int]) -> RecordColumns:
        """The typed columns of some rows of a chunk; what cannot be used is among them, in `rejected`.

        Raises:
            UnusableFile: a column turns out to write day and month in another order than it was read by.
        """
        chosen = table.only(positions)
        # Searching bytes is several times as fast as searching Vietnamese text.
        encoded = CELL.encode().join(chosen.encoded)
        columns = list(zip(*chosen.rows, strict=True)) if chosen.rows else [()] * self._width
        cells = {name: columns[at] for name, at in self.layout.columns.items()}
        holds_number = holds_identity_number(encoded) or _holds_grouped_number(cells)
        care = Care(is_untidy(encoded), holds_number, _holds_no_text(encoded))
        self._moments.settle(cells)
        out = self._columns(chosen, cells, care)
        self._moments.read(out, cells, self._rejection)
        self._checks.check(out, cells)
        self._complete(out, cells)
        return out

    def _columns(self, table: TableRows, cells: Mapping[str, Sequence[str]], care: "Care") -> RecordColumns:
        blank = ("",) * len(table.codes)
        given = {name: cells.get(name) or blank for name in (*TEXT_FIELDS, *WORD_FIELDS)}
        texts = {name: _tidy(given[name], care) for name in TEXT_FIELDS}
        texts["officer_name"] = list(map(self._seen_officers.__getitem__, texts["officer_name"]))
        out = RecordColumns(
            row_numbers=table.numbers,
            codes=table.codes,
            hashes=table.hashes,
            raw=[redact(line) for line in table.raw] if care.redact else table.raw,
            dates={},
            texts=texts,
            words={name: list(map(seen.__getitem__, given[name])) for name, seen in self._seen_words.items()},
            status_texts=_tidy(given["status"], care),
            suspensions=[()] * len(blank),
            suspensions_told=PAUSES in cells,
            encoded=None if care.redact else table.encoded,
            flags={position: set(flags) for position, flags in table.flagged.items()},
            rejected=dict(table.rejected),
        )
        if out.suspensions_told:
            self._read_pauses(out, cells[PAUSES])
        return out

    def _rejection(self, number: int, heading: str, value: str, code: str, message: str) -> Rejection:
        return Rejection(self.file, self.sheet, number, heading, value, code, message)

    # ------------------------------------------------------------ suspensions

    def _read_pauses(self, out: RecordColumns, cells: Sequence[str]) -> None:
        filled = [position for position, cell in enumerate(cells) if cell]
        read = read_pauses([cells[position] for position in filled], self._pauses)
        for position, (pauses, is_sound) in zip(filled, read, strict=True):
            out.suspensions[position] = pauses
            if not is_sound:
                out.flag(position, "SUSPENSION_UNREADABLE")

    # ------------------------------------------------------------ what follows

    def _complete(self, out: RecordColumns, cells: Mapping[str, Sequence[str]]) -> None:
        """Fill in what the row does not say itself, and flag what it should have said."""
        if "finished_at" in self.layout.weak:
            self._flag_weak_finish(out)
        complete_statuses(out, cells, self._pauses)
        flag_missing_receptions(out)
        for column, unknown in (("channel", Channel.UNKNOWN), ("applicant_kind", ApplicantKind.UNKNOWN)):
            if "" in out.words[column]:
                out.words[column] = [word or unknown.value for word in out.words[column]]
        if "refusal_reason" not in cells:
            flag_untold_reasons(out)
        if out.rejected and not self._alone.changes_nothing:
            out.raw = [
                self._alone.line(line) if position in out.rejected else line
                for position, line in enumerate(out.raw)
            ]

    def _flag_weak_finish(self, out: RecordColumns) -> None:
        """A result may be signed before it is ready, or reach the desk later: used for want of a better date."""
        is_signed = fold(self.layout.heading("finished_at")).startswith("ngay ky")
        flag = "END_FROM_SIGNATURE" if is_signed else "END_FROM_DESK"
        for position, finished in enumerate(out.dates["finished_at"]):
            if finished is not None:
                out.flag(position, flag)


class Remembered(dict[str, str]):
    """What cells come to, each worked out once."""

    def __init__(self, work_out: Callable[[str], str]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, cell: str) -> str:
        self[cell] = found = self._work_out(cell)
        return found


def _word(words: Mapping[str, str], cell: str) -> str:
    """The enum value of a cell; empty where the word is unknown or there is none."""
    return words.get(fold(cell), "") if cell.strip() else ""


def _officer(name: str) -> str:
    return "" if fold(name) in NO_OFFICER else name


class Care(NamedTuple):
    """What the cells of a chunk need before they are used; most chunks need nothing."""

    clean: bool
    redact: bool
    empty: bool


def _holds_no_text(encoded: bytes) -> bool:
    """Is there a cell that says "nothing" in words? The first one has no neighbour to be told by."""
    return NO_TEXT_WORD in encoded or encoded[:1] == b"-" or holds_pair(encoded, (NO_TEXT_PAIR,))


def _holds_grouped_number(cells: Mapping[str, Sequence[str]]) -> bool:
    written = (CELL.join(cells[name]) for name in WRITTEN_BY_PEOPLE if name in cells)
    return any(holds_grouped_number(text.encode("utf-8", "surrogatepass")) for text in written)


def _tidy(cells: Sequence[str], care: Care) -> Sequence[str]:
    """Cells in one Unicode form, spaces collapsed, citizen ids dropped, "nothing" made nothing, where the chunk needs it."""
    if care.clean:
        cells = [clean(cell) for cell in cells]
    if care.empty:
        cells = ["" if cell in NO_TEXT else cell for cell in cells]
    return [redact(cell) for cell in cells] if care.redact else cells
