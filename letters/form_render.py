"""An official form -> the bytes of a .docx on A4 laid on its side; the same form gives the same bytes.

The head is that of Decree 30/2020, with number and date left to the document system; the table is the form's own.
"""

import io
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm
from docx.table import Table, _Cell

from letters import layout
from letters.issuer import NO_BREAK, Issuer, LetterHead, head_of
from letters.layout import Align, Look
from letters.render import add_head, grid, hide, say, set_cell_margins, set_widths
from letters.ruled_tables import borders, mark, packed, rows_of
from letters.skeleton import skeleton
from tracker.measures.form_counts import FormColumn, FormLine, group_spans
from tracker.reports.form_page import EMPTY_BLOCK, OWN_COLUMNS, FormPage, grouped

# Millimetres. NĐ 30 phụ lục I mục I.2: wide tables may lie on their side; the margins stay.
WIDE = layout.PAGE_HEIGHT - layout.MARGIN_LEFT - layout.MARGIN_RIGHT
GAP = WIDE - layout.ISSUER_CELL - layout.NATION_CELL
NUMBER_CELL, OWN_RATE_CELL, CELL_MARGIN, SIGNATURE_HEIGHT = 10.0, 36.0, 0.8, 26.0
NAME_CELL, OWN_NAME_CELL = 66.0, 50.0
OWN_RATE = 6  # which of our own columns holds a rate

FORM_NUMBER = Look(11, bold=True, align=Align.LEFT)
FORM_LINE = Look(11, align=Align.LEFT)
TITLE = Look(13, bold=True, before=6)
PERIOD = Look(12, before=2)
COUNT = Look(11, italic=True, align=Align.RIGHT, before=4, after=2, keep_next=True)
# NĐ 30 speaks of the text only (13-14); thirteen columns take the smaller print that the form itself uses.
HEADING, NUMBERING = Look(9.5, bold=True, before=1, after=1), Look(9, italic=True)
BALANCE = Look(10, bold=True, align=Align.JUSTIFY, before=6)
NOTE = Look(10, align=Align.JUSTIFY, before=2)
OWN_TITLE = Look(12, bold=True, before=10, after=4, keep_next=True)
PLACE = Look(12, italic=True, keep_next=True)
SIGNER = Look(12, bold=True, keep_next=True)
SIGN_HERE = Look(11, italic=True, keep_next=True)
BEFORE_FOOT = Look(6, keep_next=True)
MAKER = "NGƯỜI LẬP BIỂU"
NO_ISSUER = Issuer(0, "", f"Tên cơ quan,{NO_BREAK}đơn{NO_BREAK}vị", "", "", "", "")


@dataclass(frozen=True, slots=True)
class FormPaper:
    """A form as it goes on paper: what is printed, the agency's head, and the lines above its signature."""

    page: FormPage
    head: LetterHead
    signer: tuple[str, ...]


def paper_of(page: FormPage, issuer: Issuer | None, century: int) -> FormPaper:
    """A form of an agency; without one (all units together) its name is left to be filled in."""
    agency = issuer or NO_ISSUER
    return FormPaper(page, head_of(agency, "", century), agency.signer)


def render(paper: FormPaper) -> bytes:
    """The form as a file."""
    return packed(_saved(paper))


def _saved(paper: FormPaper) -> bytes:
    document = Document(io.BytesIO(skeleton()))
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(layout.PAGE_HEIGHT), Mm(layout.PAGE_WIDTH)
    _add_agency(document.add_table(2, 2), paper.head)
    _add_form(document, paper.page)
    _add_foot(grid(document.add_table(1, 2), WIDE / 2, WIDE / 2), paper)
    _add_own(document, paper.page)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _add_form(document: DocumentObject, page: FormPage) -> None:
    """Title, the form's own head, its table, and what is to be known of its numbers."""
    edition = page.table.edition
    say(document.add_paragraph(), edition.name, TITLE)
    say(document.add_paragraph(), f"{page.period} {page.days}", PERIOD)
    _add_form_head(grid(document.add_table(2, 2), WIDE - 90.0, 90.0), page)
    say(document.add_paragraph(), page.count, COUNT)
    widths = _widths(len(edition.columns), NAME_CELL)
    table = document.add_table(len(_levels(edition.columns)) + 1, len(widths))
    _add_heading(table, edition.columns, widths)
    for cell, column in zip(rows_of(table)[-1], edition.columns, strict=True):
        say(cell.paragraphs[0], f"({column.number})", NUMBERING)
    cells = [[line.cells[each.number] for each in edition.measured] for line in page.table.lines]
    _add_rows(table, [_row(line, each) for line, each in zip(page.table.lines, cells, strict=True)])
    say(document.add_paragraph(), page.balance, BALANCE)
    for number, note in enumerate(page.notes, 1):
        last = say(document.add_paragraph(), f"{number}. {note}", NOTE)
    # The signature never stands alone on a page.
    last.paragraph_format.keep_with_next = True
    say(document.add_paragraph(), "", BEFORE_FOOT)


def _add_own(document: DocumentObject, page: FormPage) -> None:
    """The same by our own rates, on a page of its own."""
    title = say(document.add_paragraph(), page.own_title, OWN_TITLE)
    title.paragraph_format.page_break_before = True
    columns = _own_columns(page.table.edition.columns)
    table = document.add_table(len(_levels(columns)), len(columns))
    _add_heading(table, columns, _own_widths(len(columns)))
    _add_rows(table, [_row(line, cells) for line, cells in page.own_rows])
    hide(document.add_paragraph())


# ---------------------------------------------------------------- head and foot


def _add_agency(table: Table, head: LetterHead) -> None:
    """Agency and nation as on every paper, drawn apart to the sides of the wide page; a form has no number of its own."""
    add_head(grid(table, layout.ISSUER_CELL, layout.NATION_CELL), head)
    table._tbl.remove(table.rows[1]._tr)
    first = table.rows[0]._tr.tc_lst[0]
    between = deepcopy(first)
    for paragraph in between.p_lst[1:]:
        between.remove(paragraph)
    for run in between.p_lst[0].r_lst:
        between.p_lst[0].remove(run)
    first.addnext(between)
    column = OxmlElement("w:gridCol")
    table._tbl.tblGrid.gridCol_lst[0].addnext(column)
    width = round(GAP * layout.TWIPS_A_MM)
    column.set(qn("w:w"), str(width))
    between.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(width))


def _add_form_head(table: Table, page: FormPage) -> None:
    edition = page.table.edition
    for (left, right), (look, *texts) in zip(
        rows_of(table),
        ((FORM_NUMBER, edition.number, page.reporter), (FORM_LINE, edition.circular, page.receiver)),
        strict=True,
    ):
        say(left.paragraphs[0], texts[0], look)
        say(right.paragraphs[0], texts[1], FORM_LINE)


def _add_foot(table: Table, paper: FormPaper) -> None:
    """Who made the form beside who answers for it; never torn, never alone on a page."""
    row = table.rows[0]
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(SIGNATURE_HEIGHT)
    mark(row, "w:cantSplit")
    left, right = row.cells
    _say_all(left, [("", PLACE), (MAKER, SIGNER), ("(Ký, ghi rõ họ tên)", SIGN_HERE)])
    signer = [(text, SIGNER) for text in paper.signer]
    _say_all(right, [(paper.head.place, PLACE), *signer, ("(Ký, ghi rõ họ tên, đóng dấu)", SIGN_HERE)])


def _say_all(cell: _Cell, texts: Sequence[tuple[str, Look]]) -> None:
    for position, (text, look) in enumerate(texts):
        say(cell.add_paragraph() if position else cell.paragraphs[0], text, look)


# ---------------------------------------------------------------- tables


def _widths(columns: int, name: float) -> list[float]:
    figure = (WIDE - NUMBER_CELL - name) / (columns - 2)
    return [NUMBER_CELL, name, *(figure,) * (columns - 2)]


def _own_widths(columns: int) -> list[float]:
    figure = (WIDE - NUMBER_CELL - OWN_NAME_CELL - OWN_RATE_CELL) / (columns - 3)
    widths = [NUMBER_CELL, OWN_NAME_CELL, *(figure,) * (columns - 3)]
    widths.insert(OWN_RATE + 2, OWN_RATE_CELL)
    return widths


def _own_columns(columns: Sequence[FormColumn]) -> list[FormColumn]:
    named = [FormColumn(column.number, (), column.heading, "") for column in columns[:2]]
    return named + [FormColumn(0, (group,), heading, "") for group, each in OWN_COLUMNS for heading in each]


def _levels(columns: Sequence[FormColumn]) -> range:
    """The lines of the heading."""
    return range(1 + max(len(column.groups) for column in columns))


def _add_heading(table: Table, columns: Sequence[FormColumn], widths: Sequence[float]) -> None:
    """Ruled, with its heading, which every page repeats; rows are added afterwards."""
    set_widths(table, *widths)
    # In the order of the schema: borders before the layout.
    table._tbl.tblPr.insert_element_before(borders(), "w:tblLayout")
    set_cell_margins(table, round(CELL_MARGIN * layout.TWIPS_A_MM))
    for row in table.rows:
        mark(row, "w:cantSplit")
        mark(row, "w:tblHeader")
    cells, height = rows_of(table), len(_levels(columns))
    for level in range(height - 1):
        for first, last in group_spans(columns, level):
            _head(cells[level][first].merge(cells[level][last]), columns[first].groups[level])
    for place, column in enumerate(columns):
        _head(cells[len(column.groups)][place].merge(cells[height - 1][place]), column.heading)


def _head(cell: _Cell, text: str) -> None:
    # Merged cells keep the paragraphs of each: one line of heading is all there is to be.
    for paragraph in cell.paragraphs[1:]:
        paragraph._p.getparent().remove(paragraph._p)
    say(cell.paragraphs[0], text, HEADING)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    texts: tuple[str, ...]


def _row(line: FormLine, values: Sequence[int | str]) -> _Row:
    is_empty = line.kind == "empty"
    name = f"{line.name} ({EMPTY_BLOCK})" if is_empty else line.name
    told = ["" if is_empty else grouped(value) if isinstance(value, int) else value for value in values]
    return _Row(line.kind, (line.number, name, *told))


def _add_rows(table: Table, rows: Sequence[_Row]) -> None:
    """The rows below the heading: one of each look is made, the others are its copies, since python-docx walks the whole
    table for each cell that it makes."""
    patterns = {kind: _pattern(table, kind) for kind in {row.kind for row in rows}}
    for row in rows:
        filled = deepcopy(patterns[row.kind])
        for text, value in zip(filled.iter(qn("w:t")), row.texts, strict=True):
            text.text = value
        table._tbl.append(filled)


def _pattern(table: Table, kind: str) -> BaseOxmlElement:
    row: Any = table.add_row()  # type: ignore[no-untyped-call]
    mark(row, "w:cantSplit")
    aligned = (Align.CENTRE, Align.LEFT)
    for place, cell in enumerate(row.cells):
        align = aligned[place] if place < len(aligned) else Align.RIGHT
        # The name of a block goes over to the next page with its first row.
        look = Look(10, bold=kind != "row", align=align, before=0.5, after=0.5, keep_next=kind == "block")
        say(cell.paragraphs[0], "-", look)
    pattern: BaseOxmlElement = row._tr
    table._tbl.remove(pattern)
    return pattern
