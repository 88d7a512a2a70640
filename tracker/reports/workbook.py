"""Lists as a workbook (.xlsx) in constant memory: each row goes straight into the archive. One look for every office list.

Written by hand instead of by a library, which takes several times as long; held to openpyxl, calamine and LibreOffice by
tests. The same rows give the same bytes: nothing in the file tells when it was made.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from tracker.reports import workbook_parts as parts
from tracker.reports.sheet_xml import (
    HEAD,
    LINE_POINTS,
    TITLE,
    Cells,
    Column,
    RowWriter,
    column_letters,
    text_element,
)

# A spreadsheet has no more rows; a longer list goes on in another sheet.
MOST_ROWS = 1_048_576
HEAD_ROW = 3
TOGETHER = 100
FAST = 1  # as small as the highest level within a third, in a fraction of its time


@dataclass(frozen=True, slots=True)
class Table:
    """One list: what its sheet is called, its columns, its rows, and what stands above them."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Cells]
    title: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    columns: int
    last_row: int


def write_tables(target: Path | BinaryIO, tables: Iterable[Table], *, as_text: bool = False) -> list[int]:
    """Write lists, one a sheet; how many rows each has. A file appears whole or not at all.

    `as_text`: what somebody types into a cell of text stays text, lest a spreadsheet swaps day and month of a date.
    """
    counts, sheets = [], list[_Sheet]()
    with _whole(target) as stream, ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=FAST) as archive:
        for table in tables:
            written = list(_write_table(archive, table, len(sheets)))
            sheets += written
            counts.append(sum(sheet.last_row - HEAD_ROW for sheet in written))
        _write_frame(archive, sheets, as_text=as_text)
    return counts


@contextmanager
def _whole(target: Path | BinaryIO) -> Iterator[BinaryIO]:
    """The stream to write to; of a path one beside it, which takes its place when all is written."""
    if not isinstance(target, Path):
        yield target
        return
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as stream:
            yield stream
        os.replace(beside, target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _write_table(archive: ZipFile, table: Table, before: int) -> Iterator[_Sheet]:
    """The sheets of a list: one, or as many as its rows need."""
    rows, number = iter(table.rows), 0
    while True:
        number += 1
        name = table.name if number == 1 else f"{table.name} {number}"
        last = _write_sheet(archive, table, islice(rows, MOST_ROWS - HEAD_ROW), before + number)
        yield _Sheet(name, len(table.columns), last)
        more = next(rows, None) if last == MOST_ROWS else None
        if more is None:
            return
        rows = chain((more,), rows)


def _write_sheet(archive: ZipFile, table: Table, rows: Iterable[Cells], position: int) -> int:
    """One sheet; the number of its last row."""
    writer, line = RowWriter(table.columns), HEAD_ROW
    with archive.open(f"xl/worksheets/sheet{position}.xml", "w") as sheet:
        sheet.write(_top(table, is_first=position == 1).encode())
        waiting: list[str] = []
        for line, cells in enumerate(rows, HEAD_ROW + 1):
            waiting.append(writer.row(line, cells))
            if len(waiting) == TOGETHER:
                sheet.write("".join(waiting).encode())
                waiting.clear()
        sheet.write("".join(waiting).encode())
        sheet.write(parts.SHEET_END.format(ref=_filtered(len(table.columns), line)).encode())
    return line


def _top(table: Table, *, is_first: bool) -> str:
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width + parts.PADDING}" customWidth="1"/>'
        for n, (_, width) in enumerate(table.columns, 1)
    )
    title = f'<row r="1" ht="{LINE_POINTS + 4}" customHeight="1"><c r="A1" s="{TITLE}" t="inlineStr"><is>{text_element(table.title)}</is></c></row>'
    head = RowWriter(table.columns, look=HEAD).row(HEAD_ROW, [heading for heading, _ in table.columns])
    selected = ' tabSelected="1"' if is_first else ""
    return parts.SHEET_BEGIN.format(selected=selected, columns=columns) + title + head


def _filtered(columns: int, last_row: int) -> str:
    """The cells that the filter of the header holds: at least one row of them."""
    return f"A{HEAD_ROW}:{column_letters(columns - 1)}{max(last_row, HEAD_ROW + 1)}"


def _write_frame(archive: ZipFile, sheets: Sequence[_Sheet], *, as_text: bool) -> None:
    """The parts that say what the sheets are and how their cells look."""
    names = "".join(
        f'<sheet name={quoteattr(sheet.name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, sheet in enumerate(sheets, 1)
    )
    defined = "".join(_defined(n, sheet) for n, sheet in enumerate(sheets))
    kinds = "".join(parts.SHEET_KIND.format(number=n) for n in range(1, len(sheets) + 1))
    links = "".join(parts.SHEET_LINK.format(number=n) for n in range(1, len(sheets) + 1))
    files = {
        "xl/workbook.xml": parts.WORKBOOK.format(sheets=names, defined=defined),
        "xl/styles.xml": parts.STYLES.format(text_format=49 if as_text else 0),
        "xl/_rels/workbook.xml.rels": parts.LINKS.format(sheets=links, styles=len(sheets) + 1),
        "_rels/.rels": parts.TOP_LINKS,
        "[Content_Types].xml": parts.KINDS.format(sheets=kinds),
    }
    for name, content in files.items():
        with archive.open(name, "w") as part:  # by its name alone: then it is of no moment
            part.write(content.encode())


def _defined(position: int, sheet: _Sheet) -> str:
    quoted = "'" + escape(sheet.name.replace("'", "''")) + "'"
    first, last = _filtered(sheet.columns, sheet.last_row).split(":")
    area = f"{quoted}!{_fixed(first)}:{_fixed(last)}"
    return parts.DEFINED.format(position=position, area=area, titles=f"{quoted}!${HEAD_ROW}:${HEAD_ROW}")


def _fixed(address: str) -> str:
    letters = address.rstrip("0123456789")
    return f"${letters}${address[len(letters) :]}"
