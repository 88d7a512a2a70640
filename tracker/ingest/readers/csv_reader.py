"""CSV as office systems export it: encoding and delimiter found, rows streamed in chunks with their numbers."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from tracker.errors import UnusableFile
from tracker.ingest.headings import known_headings
from tracker.ingest.layout import HEADER_SEARCH_ROWS, Chunk, find_layout
from tracker.ingest.readers.bounds import ENCODINGS, check_size
from tracker.text import storable

DELIMITERS = ",;\t|"
SAMPLE_BYTES = 65_536
# A cell beyond this is no cell of a dossier list but a broken or hostile file.
MAX_CELL_CHARACTERS = 131_072


class CsvTable:
    """One CSV file, open for one pass: its layout, then its rows."""

    sheet = ""

    def __init__(self, path: Path, stream: IO[str], delimiter: str) -> None:
        self.path = path
        self._reader = csv.reader(_storable_lines(stream), delimiter=delimiter)
        with _faults_named(path, self._reader):
            self._head = list(islice(self._reader, HEADER_SEARCH_ROWS))
        if not any(any(cell.strip() for cell in row) for row in self._head):
            raise UnusableFile(str(path), "tệp rỗng")
        self.layout = find_layout(str(path), self._head)
        self.unknown = self.layout.unknown

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows after the header, `size` at a time; row numbers count from 1 like a spreadsheet's."""
        number = self.layout.header_row + 1
        rows = self._head[self.layout.header_row :]
        last: list[str] = []
        while True:
            with _faults_named(self.path, self._reader):
                rows += islice(self._reader, max(0, size - len(rows)))
            if not rows:
                self._check_last(number - 1, last)
                return
            last = rows[-1]
            yield Chunk(self.layout, range(number, number + len(rows)), rows)
            number += len(rows)
            rows = []

    def _check_last(self, number: int, row: list[str]) -> None:
        """A quote that is never closed makes one cell of all lines below it: no row may vanish like that."""
        if len(row) < len(self.layout.headings) and any("\n" in cell for cell in row):
            raise UnusableFile(str(self.path), f"dòng {number}: dấu ngoặc kép mở ra mà không đóng")


def _storable_lines(stream: IO[str]) -> Iterator[str]:
    """The lines of a file; a NUL among them, which no database takes, is replaced."""
    for line in stream:
        yield storable(line) if "\0" in line else line


@contextmanager
def open_csv(path: Path, *, max_mib: int) -> Iterator[CsvTable]:
    """The table of a CSV file.

    Raises:
        UnusableFile: missing, unreadable, empty, too large, of no known encoding, or without a usable header.
    """
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    sample = _sample(path, max_mib)
    encoding = _encoding(path, sample)
    with path.open(encoding=encoding, newline="") as stream:
        first = _first_line(path, stream)
        if not first.lower().startswith("sep="):
            stream.seek(0)
        else:
            sample = sample.split(b"\n", 1)[-1]
        yield CsvTable(path, stream, _delimiter(first, sample.decode(encoding, "replace")))


def _sample(path: Path, max_mib: int) -> bytes:
    try:
        with path.open("rb") as stream:
            sample = stream.read(SAMPLE_BYTES)
    except OSError as error:
        raise UnusableFile(str(path), f"không đọc được ({error.strerror})") from error
    if not sample:
        raise UnusableFile(str(path), "tệp rỗng")
    check_size(path, max_mib)
    return sample


def _encoding(path: Path, sample: bytes) -> str:
    for mark, encoding in ENCODINGS:
        if sample.startswith(mark):
            return encoding
    if b"\x00" in sample:
        raise UnusableFile(str(path), "không phải là tệp CSV (có byte 0)")
    try:
        sample[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 8:
            raise UnusableFile(str(path), f"không phải UTF-8 (byte thứ {error.start + 1})") from error
    return "utf-8"


def _first_line(path: Path, stream: IO[str]) -> str:
    try:
        return stream.readline()
    except UnicodeDecodeError as error:
        raise UnusableFile(str(path), f"ký tự không đúng bảng mã {error.encoding}") from error


def _delimiter(first: str, sample: str) -> str:
    """The one that the file names, else the one that shows most headings: cells may be full of commas."""
    if first.lower().startswith("sep=") and len(first.strip()) > 4:
        return first[4]
    lines = [line.replace('"', "") for line in sample.splitlines()[:HEADER_SEARCH_ROWS]]
    return max(DELIMITERS, key=lambda mark: max(known_headings(line.split(mark)) for line in lines))


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
