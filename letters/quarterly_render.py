"""ReportContent -> the bytes of a .docx with python-docx; the same content gives the same bytes."""

import io

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.shared import Mm
from docx.table import Table

from letters import layout
from letters.layout import Align, Look
from letters.quarterly import ReportContent, ReportTable, Section
from letters.render import add_head, draw_rule, grid, hide, say, set_cell_margins, set_widths
from letters.ruled_tables import borders, packed, rows_of
from letters.skeleton import skeleton

# NĐ 30 phụ lục I speaks of the text only (13-14); tables take the size of its smallest lines (11-12).
HEADING = Look(14, bold=True, align=Align.JUSTIFY, before=8, first_line=12.7, keep_next=True)
COLUMN = Look(11, bold=True, before=2, after=2)
TEXT_CELL = Look(11, align=Align.LEFT, before=1, after=1)
NUMBER_CELL = Look(11, before=1, after=1)
TEXT_TOTAL = Look(11, bold=True, align=Align.LEFT, before=1, after=1)
NUMBER_TOTAL = Look(11, bold=True, before=1, after=1)
ABOVE_TABLE = Look(6, keep_next=True)  # a heading never stands alone below
BELOW_TABLE = Look(6)
NOTE = Look(12, italic=True, align=Align.JUSTIFY, before=2)
CELL_MARGIN = 1.0
SHORT = 8  # rows of a table that stays on one page


def render(content: ReportContent) -> bytes:
    """The report as a file."""
    return packed(_saved(content))


def _saved(content: ReportContent) -> bytes:
    document = Document(io.BytesIO(skeleton()))
    add_head(grid(document.add_table(2, 2), layout.ISSUER_CELL, layout.NATION_CELL), content.head)
    say(document.add_paragraph(), content.title, layout.TITLE)
    say(document.add_paragraph(), content.subject, layout.SUBJECT)
    draw_rule(document.add_paragraph(), content.subject_rule)
    say(document.add_paragraph(), content.addressee, layout.ADDRESSEE)
    for text in content.opening:
        say(document.add_paragraph(), text, layout.BODY)
    for section in content.sections:
        _add_section(document, section)
    # The signature never stands alone on a page.
    say(document.add_paragraph(), content.closing, layout.BODY).paragraph_format.keep_with_next = True
    say(document.add_paragraph(), "", layout.BEFORE_FOOT).paragraph_format.keep_with_next = True
    _add_foot(grid(document.add_table(1, 2), layout.RECIPIENT_CELL, layout.SIGNER_CELL), content)
    hide(document.add_paragraph())
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_section(document: DocumentObject, section: Section) -> None:
    say(document.add_paragraph(), section.heading, HEADING)
    for text in section.paragraphs:
        say(document.add_paragraph(), text, layout.BODY)
    if section.table is not None:
        say(document.add_paragraph(), "", ABOVE_TABLE)
        _add_table(document.add_table(len(section.table.rows) + 1, len(section.table.columns)), section.table)
        say(document.add_paragraph(), "", BELOW_TABLE)
    for text in section.notes:
        say(document.add_paragraph(), text, NOTE)


def _add_table(table: Table, content: ReportTable) -> None:
    """Ruled, its heading repeated on every page, no row torn in two."""
    set_widths(table, *(width for _, width in content.columns))
    # In the order of the schema: borders before the layout.
    table._tbl.tblPr.insert_element_before(borders(), "w:tblLayout")
    set_cell_margins(table, round(CELL_MARGIN * layout.TWIPS_A_MM))
    heading, *rows = rows_of(table)
    for cell, (text, _) in zip(heading, content.columns, strict=True):
        say(cell.paragraphs[0], text, COLUMN).paragraph_format.keep_with_next = True
    for number, (cells, texts) in enumerate(zip(rows, content.rows, strict=True), 1):
        is_total = content.has_total and number == len(rows)
        for at, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            is_text = at in content.texts or text[:1].isalpha()
            shape = say(cell.paragraphs[0], text, _look(is_text, is_total=is_total)).paragraph_format
            shape.keep_with_next = True if len(rows) <= SHORT and number < len(rows) else None
    for position, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if position == 0:
            properties.append(OxmlElement("w:tblHeader"))


def _look(is_text: bool, *, is_total: bool) -> Look:
    if is_text:
        return TEXT_TOTAL if is_total else TEXT_CELL
    return NUMBER_TOTAL if is_total else NUMBER_CELL


def _add_foot(table: Table, content: ReportContent) -> None:
    """Recipients beside the signature, on one page."""
    row = table.rows[0]
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(layout.SIGNATURE_HEIGHT)
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    left, right = row.cells
    say(left.paragraphs[0], layout.RECIPIENTS_TEXT, layout.RECIPIENTS_HEAD)
    for text in content.recipients:
        say(left.add_paragraph(), text, layout.RECIPIENT)
    for position, text in enumerate(content.signer):
        say(right.add_paragraph() if position else right.paragraphs[0], text, layout.SIGNER)
