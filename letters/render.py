"""LetterContent -> the bytes of a .docx with python-docx, block by block; the only module that knows it.

The measure that the compiled twin (`letters.compiled`) is made from and held to.
"""

import io
from collections.abc import Iterator
from dataclasses import replace

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from letters import layout
from letters.archive import BODY_PART, PICTURE_PART, Package, as_it_is, deflated, members_of
from letters.check_mark import picture
from letters.content import LetterContent, on_paper
from letters.issuer import LetterHead
from letters.layout import Align, Look, Paper, look_on
from letters.skeleton import skeleton

ALIGNMENTS = {
    Align.LEFT: WD_ALIGN_PARAGRAPH.LEFT,
    Align.CENTRE: WD_ALIGN_PARAGRAPH.CENTER,
    Align.RIGHT: WD_ALIGN_PARAGRAPH.RIGHT,
    Align.JUSTIFY: WD_ALIGN_PARAGRAPH.JUSTIFY,
}

# What is read aloud in place of the picture.
CHECK_MARK_TOLD = "Mã QR dẫn đến trang kiểm tra văn bản này"


def build(content: LetterContent, paper: Paper = Paper.A4) -> bytes:
    """The letter, made with python-docx; the measure that `letters.compiled` is held to."""
    members = members_of(saved(content, paper))
    body = [deflated(members.pop(BODY_PART), is_last=True)]
    if not content.check_url:
        return Package(members.items(), BODY_PART).make(body)
    mark = as_it_is(members.pop(PICTURE_PART))
    return Package(members.items(), PICTURE_PART, BODY_PART).make(mark, body)


def saved(content: LetterContent, paper: Paper = Paper.A4) -> bytes:
    """The letter as python-docx saves it."""
    return laid_out(on_paper(content, paper), paper)


def laid_out(content: LetterContent, paper: Paper) -> bytes:
    """As `saved`, of a content whose indents are already those of the paper."""
    sheet = layout.SHEETS[paper]
    document = Document(io.BytesIO(skeleton(paper)))
    add_head(grid(document.add_table(2, 2), sheet.issuer_cell, sheet.nation_cell), content.head, paper)
    say(document.add_paragraph(), content.title, look_on(paper, layout.TITLE))
    if content.subject:
        say(document.add_paragraph(), content.subject, look_on(paper, layout.SUBJECT))
        if content.subject_rule:  # a template of all kinds has none: some of them have no subject
            draw_rule(document.add_paragraph(), content.subject_rule)
    say(document.add_paragraph(), content.addressee, look_on(paper, layout.ADDRESSEE))
    if content.address:
        say(document.add_paragraph(), content.address, look_on(paper, layout.ADDRESS))
    _add_body(document, content.body, paper)
    say(document.add_paragraph(), "", look_on(paper, layout.BEFORE_FOOT))
    _add_foot(grid(document.add_table(2, 2), sheet.recipient_cell, sheet.signer_cell), content, paper)
    hide(document.add_paragraph())
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def add_head(table: Table, head: LetterHead, paper: Paper = Paper.A4) -> None:
    """Agency and number | nation, motto, place and date, into a grid of two by two."""
    agency, nation = _fresh(table.cell(0, 0)), _fresh(table.cell(0, 1))
    for text in head.parent:
        say(next(agency), text, look_on(paper, layout.PARENT))
    for text in head.issuer:
        say(next(agency), text, look_on(paper, layout.ISSUER))
    draw_rule(next(agency), head.rule_indent)
    say(next(nation), layout.NATION_TEXT, look_on(paper, layout.NATION))
    say(next(nation), layout.MOTTO_TEXT, look_on(paper, layout.MOTTO))
    motto = layout.bold_width(layout.MOTTO_TEXT, look_on(paper, layout.MOTTO).size)
    draw_rule(next(nation), layout.rule_indent(motto, layout.SHEETS[paper].nation_cell, 1))
    say(next(_fresh(table.cell(1, 0))), head.number, look_on(paper, layout.NUMBER))
    say(next(_fresh(table.cell(1, 1))), head.place, look_on(paper, layout.PLACE))


def _add_body(document: DocumentObject, body: tuple[str, ...], paper: Paper) -> None:
    look = look_on(paper, layout.BODY)
    first = replace(look, before=layout.FIRST_BODY_BEFORE * look.size / layout.BODY.size)
    for number, text in enumerate(body):
        paragraph = say(document.add_paragraph(), text, look if number else first)
        # The signature never stands alone on a page.
        paragraph.paragraph_format.keep_with_next = True if number == len(body) - 1 else None


def _add_foot(table: Table, content: LetterContent, paper: Paper) -> None:
    """Recipients | signature, and the short code in a row below: a paragraph after the table would be torn from it."""
    row = table.rows[0]
    row.height_rule, row.height = WD_ROW_HEIGHT_RULE.AT_LEAST, Mm(layout.SHEETS[paper].signature_height)
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    left, right = _fresh(row.cells[0]), _fresh(row.cells[1])
    below = _fresh(table.cell(1, 0).merge(table.cell(1, 1)))
    if content.check_line:
        say(next(below), content.check_line, look_on(paper, layout.CHECK_LINE))
    code = next(below)
    if content.check_url:
        _add_check_mark(code, content.check_url)
    say(code, content.short_code, look_on(paper, layout.SHORT_CODE))
    say(next(left), layout.RECIPIENTS_TEXT, look_on(paper, layout.RECIPIENTS_HEAD))
    for text in content.recipients:
        say(next(left), text, look_on(paper, layout.RECIPIENT))
    for text in content.signer:
        say(next(right), text, look_on(paper, layout.SIGNER))
    if content.signer_name:
        say(next(right), content.signer_name, look_on(paper, layout.SIGNER_NAME))


def _add_check_mark(paragraph: Paragraph, url: str) -> None:
    """The code to scan before the text of its line, which stands at half its height."""
    side = Mm(layout.CHECK_MARK_SIDE)
    shape = paragraph.add_run().add_picture(io.BytesIO(picture(url)), side, side)
    shape._inline.docPr.set("descr", CHECK_MARK_TOLD)
    for edge in "TBLR":
        shape._inline.set(f"dist{edge}", "0")  # else some programs leave 3 mm around it
    middle = OxmlElement("w:textAlignment")
    middle.set(qn("w:val"), "center")
    paragraph._p.get_or_add_pPr().append(middle)


def grid(table: Table, *widths: float) -> Table:
    """Columns of so many millimetres whose text begins at the very edge."""
    set_widths(table, *widths)
    set_cell_margins(table, 0)
    return table


def set_widths(table: Table, *widths: float) -> Table:
    """Real grid widths in millimetres: without them the national heading wraps."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return table


def set_cell_margins(table: Table, twips: int) -> None:
    """How far the text of a cell stands inside it; Word's own 1.9 mm would move it away from the page's margin."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(twips))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    # The schema wants the margins before the look.
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _fresh(cell: _Cell) -> Iterator[Paragraph]:
    """The cell's paragraphs to be filled; its first one is there from the start."""
    yield cell.paragraphs[0]
    while True:
        yield cell.add_paragraph()


def say(paragraph: Paragraph, text: str, look: Look) -> Paragraph:
    """Give a paragraph its look and its text; without text it keeps the height of its line."""
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


def hide(paragraph: Paragraph) -> None:
    """No height for the paragraph that must follow a table: it would turn a full page into two."""
    paragraph.paragraph_format.line_spacing = Pt(1)
    mark = OxmlElement("w:rPr")
    mark.append(OxmlElement("w:vanish"))
    paragraph._p.get_or_add_pPr().append(mark)


def draw_rule(paragraph: Paragraph, indent: int) -> None:
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
