"""LetterContent -> the bytes of a .docx; the only module that knows python-docx.

`build` makes a letter with python-docx, block by block. `render` gives the same document much faster: for each shape
of letter (which blocks, how many lines) it builds one with marks in place of the texts and keeps the rest ready.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from operator import itemgetter

from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from letters import layout
from letters.archive import BEST, Package, Segment, deflated, members_of, stored
from letters.content import LetterContent
from letters.issuer import LetterHead
from letters.layout import Align, Look
from letters.skeleton import skeleton

BODY_PART = "word/document.xml"
MARK = "\ue000"  # a private-use letter around a number stands for a text of the letter
MARK_INDENT = 7777  # with one digit more: stands for an indent that depends on a text
ALIGNMENTS = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
    Align.JUSTIFY: WD_ALIGN_PARAGRAPH.JUSTIFY,
}


def render(content: LetterContent) -> bytes:
    """The letter, by its compiled twin; equal content gives equal bytes, and the members are those of `build`."""
    return _compiled(_shape(content)).make(content)


def build(content: LetterContent) -> bytes:
    """The letter, made with python-docx; the measure that `render` is held to."""
    members = members_of(_saved(content))
    body = members.pop(BODY_PART)
    return Package(members.items(), BODY_PART).make([deflated(body, is_last=True)])


# ---------------------------------------------------------------- the compiled twin


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides the structure of a letter, apart from its words."""

    parent: int
    issuer: int
    has_subject: bool
    has_address: bool
    body: int
    signer: int
    recipients: int


def _shape(content: LetterContent) -> _Shape:
    head = content.head
    return _Shape(
        len(head.parent),
        len(head.issuer),
        bool(content.subject),
        bool(content.address),
        len(content.body),
        len(content.signer),
        len(content.recipients),
    )


class _Compiled:
    """One shape, ready but for its texts. Texts up to the title and below the body repeat from letter to letter."""

    def __init__(self, package: Package, fixed: list[bytes], order: list[int], shape: _Shape) -> None:
        self._package, self._fixed = package, fixed
        self._in_order = itemgetter(*order)
        self._middle = len(order) - shape.recipients - shape.signer - 1 - shape.body - shape.has_address - 1
        self._foot = len(order) - shape.recipients - shape.signer - 1
        self._end = deflated(fixed[-1], BEST, is_last=True)
        self._repeated = lru_cache(maxsize=512)(self._deflate_best)

    def make(self, content: LetterContent) -> bytes:
        """One letter: head, addressee and text, foot, short code, end."""
        texts = self._in_order(_texts(content))
        middle = self._joined(self._middle, texts[self._middle : self._foot])
        segments = (
            self._repeated(0, texts[: self._middle]),
            deflated(middle),
            self._repeated(self._foot, texts[self._foot : -1]),
            stored(self._fixed[-2] + texts[-1]),
            self._end,
        )
        return self._package.make(segments)

    def _deflate_best(self, first: int, texts: tuple[bytes, ...]) -> Segment:
        return deflated(self._joined(first, texts), BEST)

    def _joined(self, first: int, texts: tuple[bytes, ...]) -> bytes:
        """The texts from the first-th on, each after the fixed piece that stands before it."""
        pieces = [b""] * (2 * len(texts))
        pieces[::2] = self._fixed[first : first + len(texts)]
        pieces[1::2] = texts
        return b"".join(pieces)


def _texts(content: LetterContent) -> list[bytes]:
    """Every text of a letter, escaped; first the two indents. No text holds a line feed: all are escaped in one go."""
    head = content.head
    texts = (
        str(head.rule_indent),
        str(content.subject_rule),
        *head.parent,
        *head.issuer,
        head.number,
        head.place,
        content.title,
        *((content.subject,) if content.subject else ()),
        content.addressee,
        *((content.address,) if content.address else ()),
        *content.body,
        *content.signer,
        *content.recipients,
        content.short_code,
    )
    joined = "\n".join(texts)
    if "&" in joined or "<" in joined or ">" in joined:
        joined = joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return joined.encode().split(b"\n")


@cache
def _compiled(shape: _Shape) -> _Compiled:
    members = members_of(_saved(_marked(shape)))
    # Between two fixed pieces stands the number of a text.
    pieces = re.split(f"{MARK}(\\d+){MARK}|{MARK_INDENT}(\\d)", members.pop(BODY_PART).decode())
    order = [int(mark or indent) for mark, indent in zip(pieces[1::3], pieces[2::3], strict=True)]
    fixed = [piece.encode() for piece in pieces[::3]]
    return _Compiled(Package(members.items(), BODY_PART), fixed, order, shape)


def _marked(shape: _Shape) -> LetterContent:
    numbers = count(2)

    def mark() -> str:
        return f"{MARK}{next(numbers)}{MARK}"

    def marks(count: int) -> tuple[str, ...]:
        return tuple(mark() for _ in range(count))

    head = LetterHead(marks(shape.parent), marks(shape.issuer), MARK_INDENT * 10, mark(), mark())
    return LetterContent(
        head=head,
        title=mark(),
        subject=mark() if shape.has_subject else "",
        subject_rule=MARK_INDENT * 10 + 1,
        addressee=mark(),
        address=mark() if shape.has_address else "",
        body=marks(shape.body),
        signer=marks(shape.signer),
        recipients=marks(shape.recipients),
        short_code=mark(),
    )


# ---------------------------------------------------------------- the letter with python-docx


def _saved(content: LetterContent) -> bytes:
    document = Document(io.BytesIO(skeleton()))
    _add_head(_grid(document.add_table(2, 2), layout.ISSUER_CELL, layout.NATION_CELL), content.head)
    _say(document.add_paragraph(), content.title, layout.TITLE)
    if content.subject:
        _say(document.add_paragraph(), content.subject, layout.SUBJECT)
        _draw_rule(document.add_paragraph(), content.subject_rule)
    _say(document.add_paragraph(), content.addressee, layout.ADDRESSEE)
    if content.address:
        _say(document.add_paragraph(), content.address, layout.ADDRESS)
    for number, text in enumerate(content.body):
        paragraph = _say(document.add_paragraph(), text, layout.BODY)
        if number == 0:
            paragraph.paragraph_format.space_before = Pt(layout.FIRST_BODY_BEFORE)
        # The signature never stands alone on a page.
        paragraph.paragraph_format.keep_with_next = True if number == len(content.body) - 1 else None
    _say(document.add_paragraph(), "", Look(6, keep_next=True))
    _add_foot(_grid(document.add_table(1, 2), layout.RECIPIENT_CELL, layout.SIGNER_CELL), content)
    _say(document.add_paragraph(), content.short_code, layout.SHORT_CODE)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_head(table: Table, head: LetterHead) -> None:
    agency, nation = _fresh(table.cell(0, 0)), _fresh(table.cell(0, 1))
    for text in head.parent:
        _say(next(agency), text, layout.PARENT)
    for text in head.issuer:
        _say(next(agency), text, layout.ISSUER)
    _draw_rule(next(agency), head.rule_indent)
    _say(next(nation), layout.NATION_TEXT, layout.NATION)
    _say(next(nation), layout.MOTTO_TEXT, layout.MOTTO)
    motto = layout.bold_width(layout.MOTTO_TEXT, layout.MOTTO.size)
    _draw_rule(next(nation), layout.rule_indent(motto, layout.NATION_CELL, 1))
    _say(next(_fresh(table.cell(1, 0))), head.number, layout.NUMBER)
    _say(next(_fresh(table.cell(1, 1))), head.place, layout.PLACE)


def _add_foot(table: Table, content: LetterContent) -> None:
    row = table.rows[0]
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(layout.SIGNATURE_HEIGHT)
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    left, right = _fresh(row.cells[0]), _fresh(row.cells[1])
    _say(next(left), layout.RECIPIENTS_TEXT, layout.RECIPIENTS_HEAD)
    for text in content.recipients:
        _say(next(left), text, layout.RECIPIENT)
    for text in content.signer:
        _say(next(right), text, layout.SIGNER)


def _grid(table: Table, left: float, right: float) -> Table:
    """Real grid widths: without them the national heading wraps."""
    table.autofit = False
    table._tbl.tblPr.append(_no_cell_margins())
    for column, width in zip(table.columns, (left, right), strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def _no_cell_margins() -> BaseOxmlElement:
    """The text of a cell begins at the page's margin, not 1.9 mm inside it."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), "0")
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    return margins


def _fresh(cell: _Cell) -> Iterator[Paragraph]:
    """The cell's paragraphs to be filled; its first one is there from the start."""
    yield cell.paragraphs[0]
    while True:
        yield cell.add_paragraph()


def _say(paragraph: Paragraph, text: str, look: Look) -> Paragraph:
    shape = paragraph.paragraph_format
    shape.alignment = ALIGNMENTS[look.align]
    shape.space_before, shape.space_after = Pt(look.before), Pt(look.after)
    shape.line_spacing = look.line
    if look.left:
        shape.left_indent = Mm(look.left)
    if look.first_line:
        shape.first_line_indent = Mm(look.first_line)
    if look.keep_next:
        shape.keep_with_next = True
    if text:
        run = paragraph.add_run(text)
        run.font.size = Pt(look.size)
        run.font.bold, run.font.italic = look.bold or None, look.italic or None
    return paragraph


def _draw_rule(paragraph: Paragraph, indent: int) -> None:
    """A solid line, centred, as the top border of an otherwise empty, thin paragraph."""
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Length(Twips(indent))
    shape.space_before, shape.space_after = Pt(layout.RULE_BELOW_TEXT), Pt(0)
    shape.line_spacing = Pt(3)
    border = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for key, value in (
        ("val", "single"),
        ("sz", str(layout.RULE_EIGHTHS_OF_POINT)),
        ("space", "0"),
        ("color", "000000"),
    ):
        top.set(qn(f"w:{key}"), value)
    border.append(top)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, "w:shd", "w:spacing", "w:ind", "w:jc", "w:rPr")
