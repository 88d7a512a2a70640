"""The .docx against Decree 30/2020 appendix I, and the compiled letter against the one python-docx makes."""

import io
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from letters import layout
from letters.archive import members_of
from letters.compiled import render
from letters.content import LetterContent, LetterFacts, write
from letters.issuer import Authority, Signature
from letters.layout import Paper
from letters.obligations import PROMISING, LetterKind
from letters.render import build
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD

BY_DEPUTY = Signature(Authority.DEPUTY, "Phó Chủ tịch", "Chủ tịch", "Lê Thị <Mẫu> & Con")
LONG = "Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu & <Con> 100% "
CASES: dict[str, LetterFacts] = {
    "returned late": RETURNED,
    "overdue": OVERDUE,
    "overdue, new form": replace(OVERDUE, day=date(2026, 3, 2), new_due_on=date(2026, 3, 20)),
    "late refusal": replace(RETURNED, kind=LetterKind.LATE_REFUSAL),
    "ward": replace(RETURNED, issuer=WARD, receiver=""),
    "no address": replace(RETURNED, address=""),
    "successor": replace(OVERDUE, predecessor="Phòng cũ"),
    "long names": replace(RETURNED, applicant_name=LONG * 3, procedure=LONG, reason=LONG * 6),
    "deputy": replace(RETURNED, issuer=replace(DEPARTMENT, signer_title="KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC")),
    "named signer": replace(RETURNED, issuer=WARD, signature=BY_DEPUTY, recipients_extra=("Một cửa Sở Mẫu",)),
}


def content_of(facts: LetterFacts) -> LetterContent:
    content = write(facts, FORMS)
    assert isinstance(content, LetterContent)
    return content


def opened(facts: LetterFacts) -> Any:
    return Document(io.BytesIO(render(content_of(facts))))


def blocks(document: Any) -> list[str]:
    """All texts in the order of the page."""
    return [text.text or "" for text in document.element.body.iter(qn("w:t"))]


def paragraph(document: Any, start: str) -> Any:
    found = [p for p in document.paragraphs if p.text.startswith(start)]
    found += [
        p
        for table in document.tables
        for row in table.rows
        for cell in row.cells
        for p in cell.paragraphs
        if p.text.startswith(start)
    ]
    return found[0]


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("name", CASES)
def test_the_compiled_letter_is_the_one_python_docx_makes(name: str, paper: Paper) -> None:
    content = content_of(CASES[name])
    assert members_of(render(content, paper)) == members_of(build(content, paper))


def test_every_shape_of_letter_is_compiled_right() -> None:
    issuers = (DEPARTMENT, WARD, replace(DEPARTMENT, parent="", name="Trung tâm Mẫu"))
    for kind, issuer, address, receiver in product(LetterKind, issuers, ("", "Thôn 1"), ("", "Bàn Một cửa")):
        facts = replace(OVERDUE if kind in PROMISING else RETURNED, kind=kind)
        content = content_of(replace(facts, issuer=issuer, address=address, receiver=receiver))
        assert members_of(render(content)) == members_of(build(content))


def test_the_same_letter_has_the_same_bytes() -> None:
    assert render(content_of(RETURNED)) == render(content_of(RETURNED))


def test_the_page_is_a4_with_the_margins_of_the_decree() -> None:
    section = opened(RETURNED).sections[0]
    assert (round(section.page_width.mm, 1), round(section.page_height.mm, 1)) == (210.0, 297.0)
    assert 20 <= round(section.top_margin.mm, 1) <= 25
    assert 20 <= round(section.bottom_margin.mm, 1) <= 25
    assert 30 <= round(section.left_margin.mm, 1) <= 35
    assert 15 <= round(section.right_margin.mm, 1) <= 20


def test_a5_is_the_paper_of_the_one_stop_forms_and_the_cells_fill_its_width() -> None:
    section = Document(io.BytesIO(render(content_of(RETURNED), Paper.A5))).sections[0]
    assert (round(section.page_width.mm, 1), round(section.page_height.mm, 1)) == (148.0, 210.0)
    sheet = layout.SHEETS[Paper.A5]
    assert (
        sheet.text_width == sheet.issuer_cell + sheet.nation_cell == sheet.recipient_cell + sheet.signer_cell
    )


def test_the_page_number_stands_in_the_top_margin_but_not_on_page_one() -> None:
    section = opened(RETURNED).sections[0]
    assert section.different_first_page_header_footer
    header = section.header.paragraphs[0]
    assert header._p.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"
    assert header.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert section.first_page_header.is_linked_to_previous
    assert section.header_distance.mm < 20


def test_every_letter_of_the_alphabet_is_times_new_roman() -> None:
    fonts = opened(RETURNED).styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{kind}")) for kind in ("ascii", "hAnsi", "cs", "eastAsia")} == {
        "Times New Roman"
    }


@pytest.mark.parametrize(
    ("start", "sizes", "bold", "italic", "alignment"),
    [
        ("CỘNG HÒA XÃ HỘI", (12, 13), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Độc lập - Tự do - Hạnh phúc", (13, 14), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("UBND TỈNH", (12, 13), False, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("SỞ TÀI NGUYÊN", (12, 13), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Số:", (13, 13), False, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Đắk Lắk, ngày", (13, 14), False, True, WD_ALIGN_PARAGRAPH.CENTER),
        ("PHIẾU XIN LỖI", (13, 14), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Về việc", (13, 14), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Kính gửi:", (13, 14), False, False, WD_ALIGN_PARAGRAPH.JUSTIFY),
        ("Lý do:", (13, 14), False, False, WD_ALIGN_PARAGRAPH.JUSTIFY),
        ("GIÁM ĐỐC", (13, 14), True, False, WD_ALIGN_PARAGRAPH.CENTER),
        ("Nơi nhận:", (12, 12), True, True, WD_ALIGN_PARAGRAPH.LEFT),
        ("- Như trên;", (11, 11), False, False, WD_ALIGN_PARAGRAPH.LEFT),
    ],
)
def test_each_block_has_the_size_and_style_of_the_decree(
    start: str, sizes: tuple[int, int], bold: bool, italic: bool, alignment: WD_ALIGN_PARAGRAPH
) -> None:
    block = paragraph(opened(RETURNED), start)
    font = block.runs[0].font
    assert Pt(sizes[0]) <= font.size <= Pt(sizes[1])
    assert (bool(font.bold), bool(font.italic)) == (bold, italic)
    assert block.alignment == alignment


def test_the_signers_name_stands_bold_below_room_for_signature_and_seal() -> None:
    name = paragraph(opened(CASES["named signer"]), BY_DEPUTY.full_name)
    assert name.runs[0].font.bold
    assert Pt(13) <= name.runs[0].font.size <= Pt(14)
    assert name.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert name.paragraph_format.space_before.mm >= 25


def test_the_text_is_indented_and_spaced_as_the_decree_says() -> None:
    shape = paragraph(opened(RETURNED), "Lý do:").paragraph_format
    assert round(shape.first_line_indent.cm, 2) in (1.0, 1.27)
    assert shape.space_before >= Pt(6)
    assert 1.0 <= shape.line_spacing <= 1.5


def test_the_blocks_stand_in_the_order_of_the_decree() -> None:
    order = [
        "UBND TỈNH ĐẮK LẮK",
        "SỞ TÀI NGUYÊN",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số:",
        "Đắk Lắk, ngày",
        "PHIẾU XIN LỖI",
        "Kính gửi:",
        "Ngày 24 tháng 5",
        "Mong nhận được",
        "Nơi nhận:",
        "GIÁM ĐỐC",
        "Mã tra cứu:",
    ]
    texts = blocks(opened(RETURNED))
    places = [next(i for i, text in enumerate(texts) if text.startswith(start)) for start in order]
    assert places == sorted(places)


@pytest.mark.parametrize("paper", Paper)
def test_the_national_heading_fits_its_cell_on_one_line(paper: Paper) -> None:
    document = Document(io.BytesIO(render(content_of(RETURNED), paper)))
    cell = document.tables[0].cell(0, 1)
    heading = cell.paragraphs[0]
    assert layout.bold_width(heading.text, heading.runs[0].font.size.pt) < cell.width.mm


def test_the_lines_below_the_headings_have_their_share_of_the_text() -> None:
    document = opened(RETURNED)
    cell = document.tables[0].cell(0, 0)
    widest = max(layout.bold_width(p.text, 12) for p in cell.paragraphs if p.runs and p.runs[0].bold)
    ruled = cell.paragraphs[-1]
    length = layout.ISSUER_CELL - 2 * ruled.paragraph_format.left_indent.mm
    assert widest / 3 <= length <= widest / 2
    assert ruled._p.pPr.find(qn("w:pBdr")) is not None


@pytest.mark.parametrize("name", CASES)
def test_no_letter_prints_an_empty_field(name: str) -> None:
    texts = blocks(opened(CASES[name]))
    assert all(text.strip() for text in texts)
    assert not any(sign in text for text in texts for sign in ("{", "None", "\ue000", "()", ": ;", " ,"))


def test_signs_of_the_markup_stay_signs() -> None:
    assert any("Mẫu & <Con> 100%" in text for text in blocks(opened(CASES["long names"])))
