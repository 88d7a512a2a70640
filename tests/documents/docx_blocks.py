"""A .docx paragraph by paragraph as its XML says: text, type, spacing, lines drawn. Read without python-docx."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MM_A_TWIP = 25.4 / 1440
POINTS_A_TWIP = 1 / 20
SINGLE_LINE = 240


@dataclass(frozen=True)
class Block:
    """A paragraph; sizes and spacing in points, widths and indents in millimetres. `rule`: length of its drawn line."""

    text: str
    size: float
    bold: bool
    italic: bool
    align: str
    before: float
    line: float
    first_line: float
    rule: float | None


@dataclass(frozen=True)
class Header:
    """What stands in the header of all pages but the first."""

    instruction: str
    align: str
    size: float
    is_on_first_page: bool


def blocks(docx: bytes) -> list[Block]:
    """The body's paragraphs in their order; of a table cell after cell."""
    parts = _parts(docx)
    default = _number(parts["word/styles.xml"].find(f".//{W}rPrDefault//{W}sz")) / 2
    body = parts["word/document.xml"].find(f"{W}body")
    assert body is not None
    section = body.find(f"{W}sectPr")
    assert section is not None
    return list(_blocks(body, _text_width(section), default))


def header(docx: bytes) -> Header:
    """The header."""
    parts = _parts(docx)
    (paragraph,) = parts["word/header1.xml"]
    field = paragraph.find(f"{W}fldSimple")
    assert field is not None
    first = parts["word/document.xml"].find(f".//{W}headerReference[@{W}type='first']")
    titled = parts["word/document.xml"].find(f".//{W}titlePg")
    return Header(
        field.attrib[f"{W}instr"].strip(),
        _value(paragraph, "pPr/jc"),
        _number(paragraph.find(f".//{W}sz")) / 2,
        titled is None or first is not None,
    )


def colours(docx: bytes) -> set[str]:
    """All colours of letters."""
    return {found.attrib[f"{W}val"] for part in _parts(docx).values() for found in part.iter(f"{W}color")}


def _parts(docx: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return {n: ElementTree.fromstring(archive.read(n)) for n in archive.namelist() if n.endswith(".xml")}


def _blocks(parent: ElementTree.Element, width: float, default: float) -> Iterator[Block]:
    for child in parent:
        if child.tag == f"{W}p":
            yield _block(child, width, default)
        elif child.tag == f"{W}tc":
            yield from _blocks(child, _number(child.find(f"{W}tcPr/{W}tcW"), "w") * MM_A_TWIP, default)
        elif child.tag in (f"{W}tbl", f"{W}tr"):
            yield from _blocks(child, width, default)


def _block(paragraph: ElementTree.Element, width: float, default: float) -> Block:
    runs = paragraph.findall(f"{W}r")
    sizes = {_number(run.find(f"{W}rPr/{W}sz"), default=default * 2) / 2 for run in runs} or {default}
    looks = {(run.find(f"{W}rPr/{W}b") is not None, run.find(f"{W}rPr/{W}i") is not None) for run in runs}
    assert len(sizes) == 1
    assert len(looks) <= 1
    ((bold, italic),) = looks or {(False, False)}
    spacing = paragraph.find(f"{W}pPr/{W}spacing")
    indent = paragraph.find(f"{W}pPr/{W}ind")
    is_exact = spacing is not None and spacing.get(f"{W}lineRule") in ("exact", "atLeast")
    drawn = paragraph.find(f"{W}pPr/{W}pBdr/{W}top[@{W}val='single']")
    sides = _number(indent, "left") + _number(indent, "right")
    return Block(
        text="".join(text.text or "" for text in paragraph.iter(f"{W}t")),
        size=sizes.pop(),
        bold=bold,
        italic=italic,
        align=_value(paragraph, "pPr/jc"),
        before=_number(spacing, "before") * POINTS_A_TWIP,
        line=0 if is_exact else _number(spacing, "line", SINGLE_LINE) / SINGLE_LINE,
        first_line=(_number(indent, "firstLine") - _number(indent, "hanging")) * MM_A_TWIP,
        rule=None if drawn is None else width - sides * MM_A_TWIP,
    )


def _text_width(section: ElementTree.Element) -> float:
    margins = section.find(f"{W}pgMar")
    paper = _number(section.find(f"{W}pgSz"), "w")
    return (paper - _number(margins, "left") - _number(margins, "right")) * MM_A_TWIP


def _value(element: ElementTree.Element, path: str) -> str:
    found = element.find("/".join(f"{W}{step}" for step in path.split("/")))
    return "" if found is None else found.attrib[f"{W}val"]


def _number(element: ElementTree.Element | None, key: str = "val", default: float = 0) -> float:
    return default if element is None else float(element.get(f"{W}{key}", default))
