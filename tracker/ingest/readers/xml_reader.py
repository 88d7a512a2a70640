"""Tables in XML: spreadsheets of the form of 2003 (`<Workbook>`), and the body of a .docx file.

Tags are told by their local names. Document types, hence entities, are refused; nothing outside the file is read.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import IO
from xml.parsers import expat

from tracker.ingest.readers.markup import MarkupRow, RowBuilder
from tracker.ingest.readers.ooxml import Attributes, plain_parser

SPREADSHEET_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
BLOCK = 32 * 1024
MOMENTS = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S")


class SpreadsheetTags:
    """The tags of a spreadsheet of 2003: Worksheet, Row, Cell, Data."""

    def __init__(self, builder: RowBuilder) -> None:
        self._builder = builder
        self._type = ""
        self._held: list[str] | None = None

    def start(self, name: str, given: Attributes) -> None:
        """A tag begins."""
        local = {key.rpartition(":")[2]: value for key, value in given.items()}
        if name == "Worksheet":
            self._builder.begin_table(local.get("Name", ""))
        elif name == "Row":
            self._builder.begin_row(_number(local.get("Index")))
        elif name == "Cell":
            at = _number(local.get("Index"))
            across, down = _number(local.get("MergeAcross")) or 0, _number(local.get("MergeDown")) or 0
            self._builder.begin_cell(across=across + 1, down=down + 1, at=None if at is None else at - 1)
        elif name == "Data":
            self._type, self._held = local.get("Type", "String"), []

    def end(self, name: str) -> None:
        """A tag ends."""
        if name == "Worksheet":
            self._builder.end_table()
        elif name == "Row":
            self._builder.end_row()
        elif name == "Cell":
            self._builder.end_cell()
        elif name == "Data" and self._held is not None:
            self._take("".join(self._held))
            self._held = None

    def text(self, data: str) -> None:
        """Text; only that of Data is a cell's, comments have theirs in tags of their own."""
        if self._held is not None:
            self._held.append(data)

    def _take(self, text: str) -> None:
        value: object = text
        if self._type == "DateTime":
            value = _moment(text)
        elif self._type == "Number":
            value = _float(text)
        if isinstance(value, str):
            self._builder.text(value)
        else:
            self._builder.value(value)


class WordTags:
    """The tags of the body of a .docx file: tbl, tr, tc, p, t. What was deleted under revision marks is not read."""

    def __init__(self, builder: RowBuilder) -> None:
        self._builder = builder
        self._is_text = False

    def start(self, name: str, given: Attributes) -> None:
        """A tag begins."""
        if name == "tbl":
            self._builder.begin_table()
        elif name == "tr":
            self._builder.begin_row()
        elif name == "tc":
            self._builder.begin_cell()
        elif name == "gridSpan":
            self._builder.widen_cell(_number(next(iter(given.values()), "")) or 1)
        elif name == "t":
            self._is_text = True
        elif name in ("br", "cr", "tab"):
            self._builder.end_line()

    def end(self, name: str) -> None:
        """A tag ends."""
        if name == "tbl":
            self._builder.end_table()
        elif name == "tr":
            self._builder.end_row()
        elif name == "tc":
            self._builder.end_cell()
        elif name == "t":
            self._is_text = False
        elif name == "p":
            self._builder.end_line()

    def text(self, data: str) -> None:
        """Text; only that of `t` is shown."""
        if self._is_text:
            self._builder.text(data)


Tags = SpreadsheetTags | WordTags


def xml_rows(opened: Callable[[], IO[bytes]], tags: Callable[[RowBuilder], Tags]) -> Iterator[MarkupRow]:
    """The rows of the tables in a stream of XML.

    Raises:
        expat.ExpatError, zipfile.BadZipFile: broken, or with a document type; `ooxml.named_faults` gives them a sentence.
    """
    builder = RowBuilder()
    reader = tags(builder)
    parser: expat.XMLParserType = plain_parser(reader.start)
    parser.EndElementHandler = lambda name: reader.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = reader.text
    parser.buffer_text = True
    with opened() as stream:
        while block := stream.read(BLOCK):
            parser.Parse(block, False)
            while builder.ready:
                yield builder.ready.popleft()
        parser.Parse(b"", True)
    yield from builder.ready


def _number(text: str | None) -> int | None:
    """A small natural number; None for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _moment(text: str) -> object:
    for form in MOMENTS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a spreadsheet's dates have no zone
        except ValueError:
            continue
    return text


def _float(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text
