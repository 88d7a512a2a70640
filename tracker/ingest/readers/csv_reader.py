"""CSV as office systems export it: encoding and delimiter found, rows streamed in chunks with their numbers."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO

from tracker.errors import UnusableFile
from tracker.ingest.headings import known_headings
from tracker.ingest.layout import HEADER_SEARCH_ROWS, Chunk, NoTable, find_layout
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.encodings import LETTERS_LOST, Encoding, has_lost_letters, told_encoding
from tracker.ingest.readers.letters import Letters
from tracker.ingest.readers.sheet_table import OpenedFile
from tracker.ingest.totals import LARGEST_TABLE, find_totals
from tracker.machine import why
from tracker.text import storable

DELIMITERS = ",;\t|"
SAMPLE_BYTES = 65_536
BLOCK = 1024 * 1024
# A cell beyond this is no cell of a dossier list but a broken or hostile file.
MAX_CELL_CHARACTERS = 131_072
# The size of a file is checked when it is opened first.
MAX_MIB_AGAIN = 1 << 30


class CsvTable:
    """One CSV file: its layout, then its rows."""

    sheet = ""

    def __init__(
        self, path: Path, rows: "CsvRows", encoding: Encoding, mapping: Mapping[str, str] | None
    ) -> None:
        self.path = path
        self._rows, self._mapping, self._is_begun = rows, mapping, False
        self.layout = find_layout(str(path), rows.head, mapping=mapping)
        self.unknown = self.layout.unknown
        self.kind = self.layout.kind
        self.notes = encoding.notes

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows after the header, `size` at a time; row numbers count from 1 like a spreadsheet's.

        Asked again, it reads the file from its beginning.
        """
        if self._is_begun:
            with open_csv(self.path, max_mib=MAX_MIB_AGAIN, mapping=self._mapping) as opened:
                yield from opened.tables[0].chunks(size)
            return
        self._is_begun = True
        number = self.layout.header_row + 1
        rows = self._rows.head[self.layout.header_row :]
        last: list[str] = []
        while True:
            rows += self._rows.more(max(0, size - len(rows)))
            if not rows:
                self._check_last(number - 1, last)
                return
            last = rows[-1]
            yield Chunk(self.layout, range(number, number + len(rows)), rows)
            number += len(rows)
            rows = []

    def _check_last(self, number: int, row: list[str]) -> None:
        """A quote that is never closed makes one cell of all lines below it: no row may vanish like that."""
        if len(row) < self.layout.width and any("\n" in cell for cell in row):
            raise UnusableFile(str(self.path), f"dòng {number}: dấu ngoặc kép mở ra mà không đóng")


class CsvRows:
    """The rows of one CSV file: the first ones, then the others in pieces.

    Raises:
        UnusableFile: broken, or nothing in it.
    """

    def __init__(self, path: Path, lines: Iterator[str], delimiter: str) -> None:
        self.path = path
        self._reader = csv.reader(lines, delimiter=delimiter)
        self.head = self.more(HEADER_SEARCH_ROWS)
        if not any(any(cell.strip() for cell in row) for row in self.head):
            raise UnusableFile(str(path), "tệp rỗng")

    def more(self, size: int) -> list[list[str]]:
        """The next rows, up to so many."""
        with _faults_named(self.path, self._reader):
            return list(islice(self._reader, size))


def _lines(path: Path, stream: IO[str], encoding: Encoding) -> Iterator[str]:
    """The lines of a file in Unicode; a NUL among them, which no database takes, is replaced."""
    letters = encoding.letters
    if not letters.key and encoding.codec.startswith("utf-8") and not _holds_nul(path):
        return iter(stream)  # as the driver of CSV likes it best
    return _changed_lines(stream, letters)


def _holds_nul(path: Path) -> bool:
    with path.open("rb") as stream:
        return any(b"\0" in block for block in iter(partial(stream.read, BLOCK), b""))


def _changed_lines(stream: IO[str], letters: Letters) -> Iterator[str]:
    if letters.key:
        for line in stream:
            yield storable(letters.unicode(line))
        return
    for line in stream:
        yield storable(line) if "\0" in line else line


@contextmanager
def open_csv(path: Path, *, max_mib: int, mapping: Mapping[str, str] | None = None) -> Iterator[OpenedFile]:
    """What a CSV file holds: a list of dossiers or a table of totals.

    Raises:
        UnusableFile: missing, unreadable, empty, too large, of no known encoding, or without a usable header.
    """
    with _csv_rows(path, max_mib) as (rows, encoding):
        yield _opened(path, rows, encoding, mapping)


def first_csv_rows(path: Path, count: int, *, max_mib: int) -> list[list[str]]:
    """The first rows of a CSV file in Unicode, whatever they mean.

    Raises:
        UnusableFile: as `open_csv`, but for the header.
    """
    with _csv_rows(path, max_mib) as (rows, _):
        return [*rows.head, *rows.more(max(0, count - len(rows.head)))]


@contextmanager
def _csv_rows(path: Path, max_mib: int) -> Iterator[tuple[CsvRows, Encoding]]:
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    sample = _sample(path, max_mib)
    encoding = told_encoding(path, sample)
    with path.open(encoding=encoding.codec, newline="") as stream:
        first = _first_line(path, stream)
        if not first.lower().startswith("sep="):
            stream.seek(0)
        else:
            sample = sample.split(b"\n", 1)[-1]
        text = encoding.letters.unicode(sample.decode(encoding.codec, "replace"))
        yield CsvRows(path, _lines(path, stream, encoding), _delimiter(first, text)), encoding


def _named_loss(path: Path, head: Sequence[Sequence[str]], error: NoTable) -> UnusableFile:
    """The fault of a file without a header, or what made it so."""
    is_lost = has_lost_letters("\n".join(cell for row in head for cell in row))
    return UnusableFile(str(path), LETTERS_LOST) if is_lost else error


def _opened(path: Path, rows: CsvRows, encoding: Encoding, mapping: Mapping[str, str] | None) -> OpenedFile:
    try:
        return OpenedFile([CsvTable(path, rows, encoding, mapping)], [])
    except NoTable as error:
        numbered = enumerate([*rows.head, *rows.more(LARGEST_TABLE)], 1)
        totals = find_totals(str(path), "", (), numbered)
        if totals is None:
            raise _named_loss(path, rows.head, error) from error
        return OpenedFile([], [totals])


def _sample(path: Path, max_mib: int) -> bytes:
    try:
        with path.open("rb") as stream:
            sample = stream.read(SAMPLE_BYTES)
    except OSError as error:
        raise UnusableFile(str(path), f"không đọc được ({why(error)})") from error
    if not sample:
        raise UnusableFile(str(path), "tệp rỗng")
    check_size(path, max_mib)
    return sample


def _first_line(path: Path, stream: IO[str]) -> str:
    try:
        return stream.readline()
    except UnicodeDecodeError as error:
        raise UnusableFile(str(path), f"ký tự không đúng bảng mã {error.encoding}") from error


def _delimiter(first: str, sample: str) -> str:
    """The one that the file names, else the one that shows most headings, since cells may be full of commas; where
    nobody knows a heading, the one that parts most lines.
    """
    if first.lower().startswith("sep=") and len(first.strip()) > 4:
        return first[4]
    lines = [line.replace('"', "") for line in sample.splitlines()[:HEADER_SEARCH_ROWS]]
    return max(DELIMITERS, key=lambda mark: (_headings(lines, mark), sum(mark in line for line in lines)))


def _headings(lines: Sequence[str], mark: str) -> int:
    return max(known_headings(line.split(mark)) for line in lines)


@contextmanager
def _faults_named(path: Path, reader: "csv.Reader") -> Iterator[None]:  # type: ignore[name-defined]
    try:
        yield
    except UnicodeDecodeError as error:
        raise UnusableFile(
            str(path), f"sau dòng {reader.line_num}: ký tự không đúng bảng mã {error.encoding}"
        ) from error
    except csv.Error as error:
        raise UnusableFile(str(path), f"dòng {reader.line_num}: {error}") from error
