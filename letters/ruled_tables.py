"""Ruled tables of printed papers with python-docx: borders, rows that stay whole, and the finished document packed."""

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.table import Table, _Cell, _Row

from letters.archive import BODY_PART, Package, deflated, members_of

BORDER_EIGHTHS_OF_POINT = 4
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")


def packed(docx: bytes) -> bytes:
    """A document as python-docx saved it, packed so that the same content gives the same bytes."""
    members = members_of(docx)
    body = members.pop(BODY_PART)
    return Package(members.items(), BODY_PART).make([deflated(body, is_last=True)])


def rows_of(table: Table) -> list[list[_Cell]]:
    """The cells row by row, looked up once: python-docx walks the whole table for each `cell`."""
    cells, width = table._cells, len(table.columns)
    return [cells[start : start + width] for start in range(0, len(cells), width)]


def mark(row: _Row, name: str) -> None:
    """Give a row a property: `w:cantSplit`, `w:tblHeader`."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def borders() -> BaseOxmlElement:
    """A line around every cell."""
    drawn = OxmlElement("w:tblBorders")
    for side in SIDES:
        drawn.append(edge(side))
    return drawn


def edge(side: str) -> BaseOxmlElement:
    """A line at one side."""
    line = OxmlElement(f"w:{side}")
    for key, value in (
        ("val", "single"),
        ("sz", str(BORDER_EIGHTHS_OF_POINT)),
        ("space", "0"),
        ("color", "000000"),
    ):
        line.set(qn(f"w:{key}"), value)
    return line
