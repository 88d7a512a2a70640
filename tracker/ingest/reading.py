"""Files and payloads read chunk by chunk: first what identifies each row, then the typed cells of those that tell something.

The writer says which rows of a chunk it wants (`ask`), may do something else meanwhile, and takes them (`columns`). So the
reader may as well be a process of its own: `tracker.ingest.reading_process`. Nothing is stored or decided here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from isal import isal_zlib

from tracker.ingest.columns import RecordColumns
from tracker.ingest.elements import ElementFinder
from tracker.ingest.events import EventReader, ReadEvents
from tracker.ingest.events_ahead import EventsAhead, that_can_be_held, tidied
from tracker.ingest.following import Followed
from tracker.ingest.layout import Layout, Table
from tracker.ingest.normalize import Circumstances, Normalizer
from tracker.ingest.readers.mended import MendedTable
from tracker.ingest.readers.portal_json import PortalTable
from tracker.ingest.rows import CELL, ROW, RowFinder, TableRows
from tracker.types import VN, FileWarning

ALIAS_COLUMN = "code_alias"
CODE = "dossier_code"
# What zlib makes and reads, at a quarter of zlib's time; its own levels go from 0 to 3.
RAW_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class HowToRead:
    """Rows a chunk, and the columns of the source that are not taken in at all."""

    chunk_rows: int
    leave_out: frozenset[str] = frozenset()


class TableTold(NamedTuple):
    """What is known of a table once its header is read: name of its file, layout, columns not used, what was converted."""

    file: str
    name: str
    sheet: str
    kind: str
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    holds_events: bool = False


class Identified(NamedTuple):
    """The rows of one chunk as far as it takes to see which of them tell something new.

    `rejected`: positions that cannot be used; `further`: what each row says of another code, where it has such a column.
    """

    table: int
    file: str
    sheet: str
    fields: tuple[str, ...]
    code_heading: str
    over_the_wire: bool
    codes: list[str]
    hashes: list[bytes]
    rejected: frozenset[int]
    further: list[str] | None


class Reading(Protocol):
    """Open files, for one pass. `begin` once, then `chunks`; within a chunk `ask` and `columns` once each; then `events`."""

    tables: Sequence[TableTold]

    def begin(self, circumstances: Circumstances) -> None:
        """How cells are to be read is known now."""
        ...

    def chunks(self) -> Iterator[Identified]:
        """All rows of all tables, a chunk at a time."""
        ...

    def ask(self, positions: Sequence[int]) -> None:
        """These rows of the present chunk are wanted; none of them may be asked for again."""
        ...

    def columns(self) -> RecordColumns:
        """The rows that were asked for."""
        ...

    def followed(self) -> Mapping[int, Followed]:
        """Which of the rows just taken have met their progress events already; those are not among `events`."""
        ...

    def events(self) -> Iterator[ReadEvents]:
        """The other progress events of all tables, a chunk at a time; after all `chunks`."""
        ...

    def skipped(self) -> Mapping[str, int]:
        """How many rows were no dossiers, by kind; after all `chunks`."""
        ...

    def warnings(self) -> Sequence[FileWarning]:
        """What is odd about whole columns; after all `chunks`."""
        ...


class Piece(NamedTuple):
    """The rows of a chunk before their cells are typed."""

    normalizer: Normalizer
    rows: TableRows

    def columns(self, positions: Sequence[int]) -> RecordColumns:
        """Some of them, typed."""
        return self.normalizer.columns(self.rows, positions)


class LocalReading:
    """Reads in this process."""

    def __init__(
        self, tables: Sequence[Table], how: HowToRead, told_ahead: dict[Path, EventsAhead] | None = None
    ) -> None:
        """`told_ahead`: events that are read already; let go of as they are used."""
        self._open, self._how, self._told_ahead = tables, how, told_ahead or {}
        self.tables: Sequence[TableTold] = [_told(table) for table in tables]
        self._skipped: Counter[str] = Counter()
        self._warnings: list[FileWarning] = []
        self._circumstances: Circumstances | None = None
        self._present: Piece | None = None
        # Tables whose events have been read before all chunks.
        self._ahead: list[PortalTable] = []
        self._asked: Sequence[int] = ()

    def begin(self, circumstances: Circumstances) -> None:
        """As of `Reading`."""
        self._circumstances = circumstances

    def chunks(self) -> Iterator[Identified]:
        """As of `Reading`."""
        for chunk, piece in self.pieces():
            self._present = piece
            yield chunk

    def pieces(self) -> Iterator[tuple[Identified, Piece]]:
        """The chunks, each with what its columns can be had from later, by `Piece.columns`."""
        for number, table in enumerate(self._open):
            if not isinstance(table, PortalTable) or table not in self._ahead or table.holds_dossiers:
                yield from self._of(number, table)

    def _of(self, number: int, table: Table) -> Iterator[tuple[Identified, Piece]]:
        circumstances = self._given()
        file, over_the_wire = str(table.path), isinstance(table, PortalTable)
        kind = ElementFinder if isinstance(table, PortalTable | MendedTable) else RowFinder
        readers: dict[Layout, tuple[RowFinder, Normalizer]] = {}
        again = partial(table.chunks, self._how.chunk_rows)
        for layout, row_numbers, rows in table.chunks(self._how.chunk_rows):
            if layout not in readers:
                taken = _taken(layout, self._how.leave_out)
                finder = kind(file, table.sheet, taken)
                readers[layout] = (
                    finder,
                    Normalizer(file, table.sheet, taken, circumstances, again=again),
                )
            finder, normalizer = readers[layout]
            found = finder.identify(row_numbers, rows)
            chunk = Identified(
                number, file, table.sheet, normalizer.fields, normalizer.layout.heading(CODE), over_the_wire,
                found.codes, found.hashes, frozenset(found.rejected), _further(normalizer.layout, found),
            )  # fmt: skip
            yield chunk, Piece(normalizer, found)
        for finder, normalizer in readers.values():
            self._skipped.update(finder.skipped)
            self._warnings += (replace(one, file=table.path.name) for one in normalizer.warnings)

    def ask(self, positions: Sequence[int]) -> None:
        """As of `Reading`."""
        self._asked = positions

    def columns(self) -> RecordColumns:
        """As of `Reading`."""
        if self._present is None:
            raise RuntimeError("no chunk")
        return self._present.columns(self._asked)

    def followed(self) -> Mapping[int, Followed]:
        """As of `Reading`; here all events come at the end."""
        return {}

    def events(self) -> Iterator[ReadEvents]:
        """As of `Reading`, without those of `events_ahead`."""
        for table in self._open:
            if isinstance(table, PortalTable) and table not in self._ahead and table.holds_events:
                yield from self._events_of(table)

    def events_ahead(self) -> Iterator[ReadEvents]:
        """The progress events of files that begin with one and are not too large to be held; before any chunk is read."""
        for table in that_can_be_held(table for table in self._open if isinstance(table, PortalTable)):
            self._ahead.append(table)
            yield from self._events_of(table)

    def _events_of(self, table: PortalTable) -> Iterator[ReadEvents]:
        reader = EventReader(str(table.path), self._given())
        ahead = self._told_ahead.pop(table.path, None)
        if ahead is not None:
            table.holds_dossiers = ahead.holds_dossiers
        for cells in tidied(table, self._how.chunk_rows) if ahead is None else ahead.events:
            yield reader.read(cells)

    def skipped(self) -> Mapping[str, int]:
        """As of `Reading`."""
        return self._skipped

    def warnings(self) -> Sequence[FileWarning]:
        """As of `Reading`."""
        return self._warnings

    def _given(self) -> Circumstances:
        if self._circumstances is None:
            raise RuntimeError("not begun")
        return self._circumstances


def _told(table: Table) -> TableTold:
    return TableTold(str(table.path), table.path.name, table.sheet, table.kind, table.unknown, table.notes)


def _taken(layout: Layout, leave_out: frozenset[str]) -> Layout:
    """The layout without columns that the configuration keeps out of the store."""
    if leave_out.isdisjoint(layout.columns):
        return layout
    columns = {name: at for name, at in layout.columns.items() if name not in leave_out}
    return replace(layout, columns=columns)


def _further(layout: Layout, found: TableRows) -> list[str] | None:
    at = layout.columns.get(ALIAS_COLUMN)
    return None if at is None else [row[at] for row in found.rows]


# ---------------------------------------------------------------- raw rows


def raw_block(columns: RecordColumns, positions: Sequence[int], fields: Sequence[str]) -> bytes:
    """The redacted raw text of some rows, compressed: field names, then row by row."""
    packed = columns.packed
    if packed is not None and tuple(positions) == packed.positions:
        return packed.body
    return compressed(plain_raw(columns, positions, fields))


def raw_line(columns: RecordColumns, position: int) -> list[str]:
    """The redacted cells of one row that cannot be used."""
    packed = columns.packed
    line = packed.rejected[position] if packed and position in packed.rejected else None
    return (line if line is not None else _line(columns, position)).split(CELL)


def plain_raw(columns: RecordColumns, positions: Sequence[int], fields: Sequence[str]) -> bytes:
    """`raw_block` before it is compressed."""
    named = CELL.join(("row", *fields)).encode()
    return ROW.encode().join([named, *_encoded_lines(columns, positions)])


def compressed(plain: bytes) -> bytes:
    """A block of raw rows as it is stored; lets go of the interpreter meanwhile."""
    return isal_zlib.compress(plain, RAW_COMPRESSION)


def _encoded_lines(columns: RecordColumns, positions: Sequence[int]) -> list[bytes]:
    if columns.encoded is None or not columns.rejected.keys().isdisjoint(positions):
        return [line.encode() for line in _lines(columns, positions)]
    numbers, encoded = columns.row_numbers, columns.encoded
    return [b"%d\x1f%b" % (numbers[position], encoded[position]) for position in positions]


def _lines(columns: RecordColumns, positions: Sequence[int]) -> list[str]:
    packed, numbers = columns.packed, columns.row_numbers
    if packed is None:
        return [f"{numbers[position]}{CELL}{columns.raw[position]}" for position in positions]
    lines = isal_zlib.decompress(packed.body).decode().split(ROW)[1:]
    by_position = dict(zip(packed.positions, lines, strict=True))
    rejected = {n: f"{numbers[n]}{CELL}{line}" for n, line in packed.rejected.items()}
    return [by_position[n] if n in by_position else rejected[n] for n in positions]


def raw_lines(columns: RecordColumns, positions: Sequence[int]) -> list[str]:
    """The redacted cells of some rows, each row as one text."""
    return [line.partition(CELL)[2] for line in _lines(columns, positions)]


def _line(columns: RecordColumns, position: int) -> str:
    (line,) = raw_lines(columns, [position])
    return line


# ---------------------------------------------------------------- times of day


@dataclass(frozen=True)
class Midnights:
    """00:00 of a local date in UTC epoch seconds; goes from process to process."""

    def __call__(self, day: date) -> int:
        """The instant."""
        return int(datetime(day.year, day.month, day.day, tzinfo=VN).timestamp())


@dataclass(frozen=True)
class Closings:
    """The end of the last session of a local date in UTC epoch seconds; of days that the calendar does not hold, 23:59:59."""

    ends: Mapping[date, int]

    def __call__(self, day: date) -> int:
        """The instant."""
        end = self.ends.get(day)
        return end if end is not None else Midnights()(day) + 86_399
