"""SheetContent -> the bytes of a .docx with python-docx; the same content gives the same bytes."""

import io
from collections.abc import Sequence

from docx import Document
from docx.table import Table

from letters import layout
from letters.layout import Align, Look
from letters.proof_sheet import STEP_COLUMNS, SheetContent, SheetLine
from letters.render import add_head, draw_rule, grid, say, set_cell_margins, set_widths
from letters.ruled_tables import borders, mark, packed, rows_of
from letters.skeleton import skeleton

# Millimetres; both add up to the width of the text.
LABEL_CELL = 64.0
STEP_CELLS = (38.0, 81.5, 45.5)
CELL_MARGIN = 1.2

# NĐ 30 phụ lục I speaks of the text only (13-14); tables take the size of its smallest lines (11-12).
LABEL = Look(13, align=Align.LEFT, before=2, keep_next=True)
VALUE = Look(13, align=Align.LEFT, before=2, keep_next=True)
HEADING = Look(13, bold=True, align=Align.LEFT, before=8, after=4, keep_next=True)
COLUMN = Look(11, bold=True, before=2, after=2)
CELL = Look(11, align=Align.LEFT, before=1, after=1)
DECIDING = Look(11, bold=True, align=Align.LEFT, before=1, after=1)
NOTE = Look(11, italic=True, align=Align.JUSTIFY, before=4, keep_next=True)
FULL_HASH = Look(9, align=Align.LEFT, before=4)


def render(content: SheetContent) -> bytes:
    """The sheet as a file."""
    return packed(_saved(content))


def _saved(content: SheetContent) -> bytes:
    document = Document(io.BytesIO(skeleton()))
    head = grid(document.add_table(2, 2), layout.ISSUER_CELL, layout.NATION_CELL)
    add_head(head, content.head)
    head._tbl.remove(head.rows[1]._tr)  # number, place and date: the sheet has none
    say(document.add_paragraph(), content.title, layout.TITLE)
    say(document.add_paragraph(), content.subject, layout.SUBJECT)
    draw_rule(document.add_paragraph(), content.subject_rule)
    say(document.add_paragraph(), "I. Hồ sơ", HEADING)
    _add_pairs(document.add_table(len(content.facts), 2), content.facts)
    say(document.add_paragraph(), "II. Các bước tính", HEADING)
    _add_steps(document.add_table(len(content.lines) + 1, len(STEP_COLUMNS)), content.lines)
    say(document.add_paragraph(), "III. Căn cứ và mã kiểm tra", HEADING)
    _add_pairs(document.add_table(len(content.grounds), 2), content.grounds)
    for note in content.notes:
        say(document.add_paragraph(), note, NOTE)
    say(document.add_paragraph(), content.full_hash, FULL_HASH)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_pairs(table: Table, pairs: Sequence[tuple[str, str]]) -> None:
    for row, (label, value) in zip(
        rows_of(grid(table, LABEL_CELL, layout.TEXT_WIDTH - LABEL_CELL)), pairs, strict=True
    ):
        say(row[0].paragraphs[0], f"{label}:", LABEL)
        say(row[1].paragraphs[0], value, VALUE)


def _add_steps(table: Table, lines: Sequence[SheetLine]) -> None:
    """Ruled, its heading repeated on every page, no row torn in two."""
    set_widths(table, *STEP_CELLS)
    # In the order of the schema: borders before the layout.
    properties = table._tbl.tblPr
    properties.insert_element_before(borders(), "w:tblLayout")
    set_cell_margins(table, round(CELL_MARGIN * layout.TWIPS_A_MM))
    heading, *rows = rows_of(table)
    mark(table.rows[0], "w:tblHeader")
    for cell, text in zip(heading, STEP_COLUMNS, strict=True):
        say(cell.paragraphs[0], text, COLUMN)
    for row, line in zip(rows, lines, strict=True):
        look = DECIDING if line.decides else CELL
        for cell, text in zip(row, (line.when, line.what, line.source), strict=True):
            say(cell.paragraphs[0], text, look)
    for each in table.rows:
        mark(each, "w:cantSplit")
