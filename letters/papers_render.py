"""PaperContent -> the bytes of a .docx with python-docx; the same paper gives the same bytes."""

import io
from collections.abc import Sequence
from copy import deepcopy

from docx import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table, _Cell, _Row

from letters import layout
from letters.layout import Align, Look
from letters.papers import Column, Foot, PaperContent, Slip
from letters.render import add_head, draw_rule, grid, hide, say, set_cell_margins, set_widths
from letters.ruled_tables import borders, edge, mark, packed
from letters.skeleton import skeleton

# Millimetres.
CELL_MARGIN = 0.9
SIGNATURE_HEIGHT = 38.0
SLIP_SIGNATURE = 24.0

BASIS = Look(
    14, italic=True, align=Align.JUSTIFY, before=12, first_line=12.7, line=1.1
)  # NĐ 30 phụ lục I, II.6
TEXT = Look(14, align=Align.JUSTIFY, before=6, first_line=12.7, line=1.1)
# The signature never stands alone on a page: the closing words go with it.
CLOSING = Look(14, align=Align.JUSTIFY, before=6, first_line=12.7, line=1.1, keep_next=True)
# NĐ 30 phụ lục I speaks of the text only (13-14); tables take the size of its smallest lines (11-12).
HEADING = Look(11, bold=True, before=2, after=2)
BELOW_TABLE = Look(4, keep_next=True)
ABOVE_SLIP = Look(9)  # not kept: the slip says itself what it belongs to, and may have a page of its own
SIGN_HERE = Look(12, italic=True, keep_next=True)
NAME = Look(14, bold=True, before=64)  # họ tên người ký: 13-14, bold
SLIP_TITLE = Look(13, bold=True, before=6, keep_next=True)
SLIP_LINE = Look(13, align=Align.LEFT, before=4, keep_next=True)
SLIP_SIGNER = Look(13, bold=True, before=6, keep_next=True)


def render(paper: PaperContent) -> bytes:
    """The paper as a file."""
    return packed(_saved(paper))


def _saved(paper: PaperContent) -> bytes:
    document = Document(io.BytesIO(skeleton()))
    head = grid(document.add_table(2, 2), layout.ISSUER_CELL, layout.NATION_CELL)
    add_head(head, paper.head)
    if not paper.head.number:
        head._tbl.remove(head.rows[1]._tr)
    say(document.add_paragraph(), paper.title, layout.TITLE)
    if paper.subject:
        say(document.add_paragraph(), paper.subject, layout.SUBJECT)
        draw_rule(document.add_paragraph(), paper.subject_rule)
    if paper.addressee:
        say(document.add_paragraph(), paper.addressee, layout.ADDRESSEE)
    if paper.basis:
        say(document.add_paragraph(), paper.basis, BASIS)
    for text in paper.opening:
        say(document.add_paragraph(), text, TEXT)
    say(document.add_paragraph(), "", BELOW_TABLE)
    _add_rows(document.add_table(2, len(paper.columns)), paper.columns, paper.rows)
    for text in paper.closing:
        say(document.add_paragraph(), text, CLOSING)
    say(document.add_paragraph(), "", BELOW_TABLE)
    foot = grid(document.add_table(1, 2), layout.RECIPIENT_CELL, layout.SIGNER_CELL)
    _add_foot(foot.rows[0], paper.foot)
    if paper.slip:
        say(document.add_paragraph(), "", ABOVE_SLIP)
        _add_slip(grid(document.add_table(1, 1), layout.TEXT_WIDTH), paper.slip)
    hide(document.add_paragraph())
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_rows(table: Table, columns: Sequence[Column], rows: Sequence[tuple[str, ...]]) -> None:
    """Ruled, its heading repeated on every page, no row torn in two."""
    set_widths(table, *(column.width for column in columns))
    # In the order of the schema: borders before the layout.
    table._tbl.tblPr.insert_element_before(borders(), "w:tblLayout")
    set_cell_margins(table, round(CELL_MARGIN * layout.TWIPS_A_MM))
    heading, pattern = table.rows
    for cell, column in zip(heading.cells, columns, strict=True):
        say(cell.paragraphs[0], column.heading, HEADING)
    for cell, column in zip(pattern.cells, columns, strict=True):
        say(cell.paragraphs[0], "-", Look(11, align=column.align, before=1, after=1))
    for row in (heading, pattern):
        mark(row, "w:cantSplit")
    mark(heading, "w:tblHeader")
    # python-docx walks the whole table for each cell it makes: one row is made, the others are its copies.
    table._tbl.remove(pattern._tr)
    for row in rows:
        filled = deepcopy(pattern._tr)
        for text, value in zip(filled.iter(qn("w:t")), row, strict=True):
            text.text = value
        table._tbl.append(filled)


def _add_foot(row: _Row, foot: Foot) -> None:
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(SIGNATURE_HEIGHT)
    mark(row, "w:cantSplit")
    left, right = row.cells
    if foot.recipients:
        _say_all(left, [(layout.RECIPIENTS_TEXT, layout.RECIPIENTS_HEAD)])
        _say_all(left, [(text, layout.RECIPIENT) for text in foot.recipients])
    for cell, lines in ((left, foot.left), (right, foot.right)):
        _say_all(cell, [(text, layout.SIGNER) for text in lines])
        if lines and foot.sign_here:
            _say_all(cell, [(foot.sign_here, SIGN_HERE)])
    if foot.name:
        _say_all(right, [(foot.name, NAME)])


def _add_slip(table: Table, slip: Slip) -> None:
    """One row that is never torn, a line above."""
    row = table.rows[0]
    mark(row, "w:cantSplit")
    cell = row.cells[0]
    _say_all(cell, [(slip.title, SLIP_TITLE), *((line, SLIP_LINE) for line in slip.lines)])
    borders = OxmlElement("w:tcBorders")
    borders.append(edge("top"))
    cell._tc.get_or_add_tcPr().append(borders)
    signer = Look(
        SLIP_SIGNER.size, bold=True, before=SLIP_SIGNER.before, left=layout.RECIPIENT_CELL, keep_next=True
    )
    note = Look(
        SIGN_HERE.size, italic=True, left=layout.RECIPIENT_CELL, after=SLIP_SIGNATURE / layout.MM_A_POINT
    )
    _say_all(cell, [(slip.signer, signer), (slip.sign_here, note)])


def _say_all(cell: _Cell, texts: Sequence[tuple[str, Look]]) -> None:
    """Paragraphs at the end of a cell; its first one is there from the start."""
    for text, look in texts:
        first = cell.paragraphs[0]
        say(cell.add_paragraph() if first.text else first, text, look)
