"""The smallest .xlsb file: a workbook as binary records, by hand, since no program at hand writes one. Text cells alone."""

from collections.abc import Sequence
from pathlib import Path
from struct import pack
from zipfile import ZIP_DEFLATED, ZipFile

# Records of [MS-XLSB]: their numbers, of which those from 128 on take two bytes.
ROW, TEXT = 0, 6
BEGIN_SHEET, END_SHEET, BEGIN_BOOK, END_BOOK = 129, 130, 131, 132
BEGIN_SHEETS, END_SHEETS, BEGIN_ROWS, END_ROWS, SIZE, SHEET = 143, 144, 145, 146, 148, 156
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def write_xlsb(path: Path, rows: Sequence[Sequence[str]], sheet: str = "Sheet1") -> Path:
    """One sheet with these cells."""
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="bin" '
        'ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": types,
        "_rels/.rels": _relation("officeDocument", "xl/workbook.bin"),
        "xl/_rels/workbook.bin.rels": _relation("worksheet", "worksheets/sheet1.bin"),
        "xl/workbook.bin": _book(sheet),
        "xl/worksheets/sheet1.bin": _sheet(rows),
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relation(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _book(sheet: str) -> bytes:
    named = pack("<II", 0, 1) + _wide("rId1") + _wide(sheet)
    inner = _record(BEGIN_SHEETS) + _record(SHEET, named) + _record(END_SHEETS)
    return _record(BEGIN_BOOK) + inner + _record(END_BOOK)


def _sheet(rows: Sequence[Sequence[str]]) -> bytes:
    widest = max(map(len, rows))
    found = [
        _record(BEGIN_SHEET),
        _record(SIZE, pack("<IIII", 0, len(rows) - 1, 0, widest - 1)),
        _record(BEGIN_ROWS),
    ]
    for number, cells in enumerate(rows):
        found.append(_record(ROW, pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0)))
        for column, cell in enumerate(cells):
            found.append(_record(TEXT, pack("<II", column, 0) + _wide(cell)))
    return b"".join([*found, _record(END_ROWS), _record(END_SHEET)])


def _record(number: int, content: bytes = b"") -> bytes:
    name = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    size, left = b"", len(content)
    while left > 127:
        size, left = size + bytes([left & 0x7F | 0x80]), left >> 7
    return name + size + bytes([left]) + content


def _wide(text: str) -> bytes:
    return pack("<I", len(text)) + text.encode("utf-16-le")
