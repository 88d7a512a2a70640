"""Web pages under the name of a spreadsheet: the tables of HTML as Excel, Word and web systems save it.

Tags pass through libxml2's reader, which resolves nothing outside the file and knows no entities but those of HTML.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Any, NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.readers.encodings import Encoding, told_encoding
from tracker.ingest.readers.letters import fonts_named
from tracker.ingest.readers.markup import MarkupRow, MarkupSheet, RowBuilder, sheets_of

SAMPLE = 65_536
# A short tag may make a row as wide as the table: what one block makes must stay small.
BLOCK = 16 * 1024
# What is in them is not shown.
SILENT = frozenset({"script", "style", "title", "xml", "noscript", "template", "object"})
LINES = frozenset({"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "center", "hr"})
VOID = frozenset({"br", "hr"})
CELLS = frozenset({"td", "th"})
LARGEST_SPAN = 100_000


class Page(NamedTuple):
    """An HTML page: its file for messages, how to open it anew, and its encoding."""

    path: Path
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    encoding: Encoding


class _Tags:
    """Turns tags into rows; a target of lxml's parser, which calls these methods by name."""

    def __init__(self, builder: RowBuilder) -> None:
        self._builder = builder
        self._silent = 0

    def start(self, tag: str, attributes: Any) -> None:
        """A tag begins."""
        if tag in SILENT:
            self._silent += 1
        elif tag == "table":
            self._builder.begin_table()
        elif tag == "tr":
            self._builder.begin_row()
        elif tag in CELLS:
            if attributes:
                across, down = _span(attributes.get("colspan")), _span(attributes.get("rowspan"))
                self._builder.begin_cell(across=across, down=down)
            else:
                self._builder.begin_cell()
        elif tag in LINES:
            self._builder.end_line()

    def end(self, tag: str) -> None:
        """A tag ends."""
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "table":
            self._builder.end_table()
        elif tag == "tr":
            self._builder.end_row()
        elif tag in CELLS:
            self._builder.end_cell()
        elif tag in LINES and tag not in VOID:
            self._builder.end_line()

    def data(self, text: str) -> None:
        """Text between tags."""
        if not self._silent:
            self._builder.text(text)

    def comment(self, text: str) -> None:
        """Comments are not shown."""

    def close(self) -> None:
        """Nothing is left to do at the end."""


def html_sheets(page: Page) -> list[MarkupSheet]:
    """The tables of a page.

    Raises:
        UnusableFile: none, too many, too large.
    """
    with page.open() as stream:
        fonts = _fonts(stream)
    _, letters, notes = page.encoding
    if letters.key:
        # Told from the whole page; each table says so itself.
        fonts, notes = fonts | {letters.key}, ()
    return sheets_of(page.path, partial(_rows, page), what="trang web (HTML)", fonts=fonts, notes=notes)


def file_page(path: Path) -> Page:
    """A page that is a file."""
    with path.open("rb") as stream:
        sample = stream.read(SAMPLE)
    return Page(path, lambda: path.open("rb"), told_encoding(path, sample))


def held_page(path: Path, data: bytes) -> Page:
    """A page that is part of the file at `path`, in memory."""
    return Page(path, partial(BytesIO, data), told_encoding(path, data[:SAMPLE]))


def _rows(page: Page) -> Iterator[MarkupRow]:
    # Loaded only where it is needed: the command line has to start fast.
    from lxml import etree

    builder = RowBuilder()
    parser: Any = etree.HTMLParser(
        target=_Tags(builder), encoding="utf-8", no_network=True, remove_pis=True, huge_tree=True
    )
    with page.open() as raw:
        for text in _texts(page, raw):
            if text:
                parser.feed(text.encode("utf-8", "replace"))
            while builder.ready:
                yield builder.ready.popleft()
    if builder.is_in_table:
        # The reader would close it, and rows that are missing would not be missed.
        raise UnusableFile(
            str(page.path), "trang web (HTML) bị cắt ngang: bảng không có chỗ kết thúc; hãy xuất lại"
        )
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnusableFile(str(page.path), "trang web rỗng hoặc hỏng, không đọc được") from error
    builder.end_table()
    yield from builder.ready


def _texts(page: Page, raw: IO[bytes]) -> Iterator[str]:
    decoder = page.encoding.decoder()
    try:
        while block := raw.read(BLOCK):
            yield decoder.decode(block)
        yield decoder.decode(b"", True)
    except UnicodeDecodeError as error:
        raise UnusableFile(str(page.path), f"ký tự không đúng bảng mã {error.encoding}") from error


def _fonts(stream: IO[bytes]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    while block := stream.read(BLOCK):
        found |= fonts_named(block)
    return found


def _span(given: str | None) -> int:
    """How many columns or rows a cell takes; nonsense is one."""
    text = (given or "").strip()
    return max(1, min(int(text[:12]), LARGEST_SPAN)) if text.isascii() and text.isdigit() else 1
