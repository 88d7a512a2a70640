"""Templates of an office: what is found in them, how they are filled, and the fast way held to the one of python-docx."""

import io
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.archive import BODY_PART, members_of
from letters.compiled import render
from letters.content import LetterContent, LetterFacts, write
from letters.issuer import Authority, Signature
from letters.layout import Paper
from letters.obligations import PROMISING, LetterKind
from letters.template_check import check_template
from letters.template_compiled import compile_template
from letters.template_default import default_template
from letters.template_text import BY_NAME, PLACEHOLDERS, TemplateValues, samples, values_of
from tests.letter_samples import FORMS, OVERDUE, RETURNED, WARD
from tests.template_files import SHIPPED, own, paragraph, replaced, run, with_markup, with_text

NAMED = Signature(Authority.DEPUTY, "Phó Chủ tịch", "Chủ tịch", "Lê Thị Mẫu")
LONG = (
    "Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu & <Con> 100% " * 3
)
CASES: dict[str, LetterFacts] = {
    "overdue": OVERDUE,
    "advance": replace(OVERDUE, kind=LetterKind.ADVANCE),
    "returned late": RETURNED,
    "late refusal": replace(RETURNED, kind=LetterKind.LATE_REFUSAL),
    "a committee, named signer": replace(RETURNED, issuer=WARD, receiver="", signature=NAMED),
    "no address": replace(OVERDUE, address=""),
    "a successor": replace(OVERDUE, predecessor="Phòng cũ"),
    "long names": replace(OVERDUE, applicant_name=LONG, procedure=LONG, reason=LONG),
    "only the field": replace(RETURNED, procedure=""),
}
FULL = samples(LetterKind.OVERDUE, is_full=True)
NEEDED = ("{{kinh_gui}}", "{{noi_dung}}", "{{ma_tra_cuu}}")
MINIMAL = tuple(map(paragraph, NEEDED))
# A name cut into pieces as Word does it: any places to cut, an own look for each piece.
CUTS = st.lists(st.integers(1, len("{{ma_ho_so}}") - 1), unique=True, max_size=5).map(sorted)
LOOKS = ("<w:b/>", "<w:i/>", '<w:sz w:val="40"/>', "", '<w:lang w:val="en-US"/>', '<w:color w:val="FF0000"/>')


def content_of(facts: LetterFacts) -> LetterContent:
    content = write(facts, FORMS)
    assert isinstance(content, LetterContent)
    return content


def values_for(facts: LetterFacts) -> TemplateValues:
    return values_of(facts, content_of(facts), FORMS)


def texts(docx: bytes, part: str = BODY_PART) -> list[str]:
    """The texts of all paragraphs that have one, in their order."""
    tree = Document(io.BytesIO(docx)).part.package
    (found,) = (each for each in tree.iter_parts() if each.partname == f"/{part}")
    paragraphs = ("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in found.element.iter(qn("w:p")))
    return [text for text in paragraphs if text]


def filled(template: bytes, values: TemplateValues = FULL) -> bytes:
    return compile_template(template).render(values)


# ---------------------------------------------------------------- the table of placeholders


def test_names_are_plain_and_stand_once_in_the_table() -> None:
    assert len(BY_NAME) == len(PLACEHOLDERS)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in BY_NAME)


@pytest.mark.parametrize("name", CASES)
def test_a_letter_has_a_value_for_all_that_the_table_calls_certain(name: str) -> None:
    facts = CASES[name]
    values = values_for(facts)
    assert set(values) == set(BY_NAME)
    for placeholder in PLACEHOLDERS:
        lines = values[placeholder.name]
        assert all(lines)
        assert placeholder.is_block or len(lines) <= 1
        assert lines or facts.kind not in placeholder.certain


def test_no_agency_stands_above_a_peoples_committee() -> None:
    values = values_for(replace(RETURNED, issuer=WARD))
    assert values["co_quan_chu_quan"] == values["dau_chu_quan"] == ()
    assert values_for(RETURNED)["co_quan_chu_quan"] == ("UBND tỉnh Đắk Lắk",)


def test_a_new_date_is_no_value_where_none_is_promised() -> None:
    for kind in LetterKind:
        for is_full in (True, False):
            assert bool(samples(kind, is_full=is_full)["ngay_hen_moi"]) == (kind in PROMISING)


# ---------------------------------------------------------------- the shipped letter as a template


@pytest.mark.parametrize(("kind", "paper"), list(product(LetterKind, Paper)))
def test_the_shipped_template_of_every_kind_and_paper_can_be_used_as_it_is(
    kind: LetterKind, paper: Paper
) -> None:
    for form in FORMS.editions:
        report = check_template(default_template(form, kind, paper), [kind])
        assert (report.faults, report.warnings) == ((), ())


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("name", CASES)
def test_the_shipped_template_filled_says_what_the_shipped_letter_says(name: str, paper: Paper) -> None:
    facts = CASES[name]
    template = default_template(FORMS.on(facts.day), facts.kind, paper)
    letter = compile_template(template, [facts.kind]).render(values_for(facts))
    assert texts(letter) == texts(render(content_of(facts), paper))


def test_a_filled_template_keeps_the_paper_and_all_other_members() -> None:
    template = default_template(FORMS.editions[0], LetterKind.OVERDUE, Paper.A5)
    letter = members_of(compile_template(template, PROMISING).render(FULL))
    before = members_of(template)
    assert set(letter) == set(before)
    assert {name for name in letter if letter[name] != before[name]} == {BODY_PART}
    assert round(Document(io.BytesIO(filled(template))).sections[0].page_width.mm) == 148


def test_the_same_template_and_values_give_the_same_bytes() -> None:
    assert filled(SHIPPED) == filled(bytes(SHIPPED))


# ---------------------------------------------------------------- what is found, what is a fault


def test_the_report_counts_what_stands_in_the_template() -> None:
    report = check_template(own(*MINIMAL, paragraph("{{ma_ho_so}} và {{ ma_ho_so }}")))
    assert report.placeholders == {"kinh_gui": 1, "noi_dung": 1, "ma_tra_cuu": 1, "ma_ho_so": 2}
    assert report.is_usable
    assert any("nói hai lần" in warning for warning in report.warnings)
    assert any("{{so_ky_hieu}}" in warning for warning in report.warnings)


LINK = '<w:hyperlink w:anchor="x">{}</w:hyperlink>'
BOX = '<w:p><w:r><w:pict><v:textbox xmlns:v="urn:schemas-microsoft-com:vml"><w:txbxContent>{}</w:txbxContent></v:textbox></w:pict></w:r></w:p>'
FAULTS = {
    "an unknown name": (with_text("{{ma_hoso}}"), "có phải {{ma_ho_so}}?"),
    "accents": (with_text("{{Mã hồ sơ}}"), "có phải {{ma_ho_so}}?"),
    "a name like none": (with_text("{{qwxyz}}"), "Không có tên {{qwxyz}} trong bảng tên."),
    "capitals": (with_text("{{MA_HO_SO}}"), "có phải {{ma_ho_so}}?"),
    "no end": (with_text("Mã: {{ma_ho_so"), "không thành cặp"),
    "no beginning": (with_text("ma_ho_so}}"), "không thành cặp"),
    "split over two paragraphs": (with_markup(paragraph("{{ma_") + paragraph("ho_so}}")), "không thành cặp"),
    "split by a line break": (with_markup("<w:p><w:r><w:t>{{ma_</w:t><w:br/><w:t>ho_so}}</w:t></w:r></w:p>"), "có phải {{ma_ho_so}}?"),
    "in a text box": (with_markup(BOX.format(paragraph("{{ma_ho_so}}"))), "ô chữ"),
    "in a link": (with_markup(f"<w:p>{LINK.format(run('{{ma_ho_so}}'))}</w:p>"), "nằm trong liên kết"),
    "half in a link": (with_markup(f"<w:p>{run('{{ma_')}{LINK.format(run('ho_so}}'))}</w:p>"), "nằm trong liên kết"),
    "a block beside text": (with_text("Nơi nhận: {{noi_nhan}}"), "phải đứng một mình"),
    "a block beside another": (with_text("{{noi_nhan}}{{noi_nhan}}"), "phải đứng một mình"),
    "what may be empty beside what may not": (with_text("{{ma_ho_so}}, {{dia_chi}}"), "hãy tách khỏi đoạn"),
    "no addressee": (own(*MINIMAL[1:]), "{{kinh_gui}}"),
    "no short code": (own(*MINIMAL[:2]), "{{ma_tra_cuu}}"),
    "no reason": (own(*MINIMAL[::2], paragraph("{{ma_ho_so}}"), paragraph("{{ngay_hen_moi}}")), "{{ly_do}}"),
    "no code": (own(*MINIMAL[::2], paragraph("{{ly_do}}"), paragraph("{{ngay_hen_moi}}")), "{{ma_ho_so}}"),
    "no new date": (own(*MINIMAL[::2], paragraph("{{ly_do}} {{ma_ho_so}}")), "{{ngay_hen_moi}}"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_names_the_place_and_what_to_do(name: str) -> None:
    data, told = FAULTS[name]
    faults = check_template(data, PROMISING).faults
    assert any(told in fault for fault in faults), faults


def test_thousands_of_faults_are_not_told_one_by_one() -> None:
    faults = check_template(with_markup("".join(paragraph(f"{{{{x{n}}}}}") for n in range(100)))).faults
    assert len(faults) < 40
    assert "lỗi khác" in faults[-1]


def test_a_kind_that_promises_nothing_needs_no_new_date() -> None:
    data = own(*MINIMAL[::2], paragraph("{{ly_do}} {{ma_ho_so}}"))
    assert check_template(data, [LetterKind.RETURNED_LATE]).faults == ()
    beside = own(*MINIMAL[::2], paragraph("{{ly_do}} {{ma_ho_so}} {{ngay_hen_moi}}"))
    assert check_template(beside, PROMISING).faults == ()
    assert "có khi trống" in check_template(beside).faults[0]


# ---------------------------------------------------------------- filling


@given(cuts=CUTS, looks=st.lists(st.sampled_from(LOOKS), min_size=6, max_size=6))
@settings(max_examples=25, deadline=None)
def test_a_name_that_word_cut_into_runs_is_filled_with_the_look_of_the_first(
    cuts: list[int], looks: list[str]
) -> None:
    name = "{{ma_ho_so}}"
    pieces = [name[a:b] for a, b in zip([0, *cuts], [*cuts, len(name)], strict=True)]
    marks = '<w:proofErr w:type="spellStart"/><w:bookmarkStart w:id="0" w:name="_GoBack"/>'
    runs = marks.join(run(piece, look) for piece, look in zip(pieces, looks, strict=False))
    letter = filled(own(*MINIMAL, f"<w:p>{run('Mã ')}{runs}{run(' hết')}</w:p>"))
    code = FULL["ma_ho_so"][0]
    assert f"Mã {code} hết" in texts(letter)
    (found,) = (r for p in Document(io.BytesIO(letter)).paragraphs for r in p.runs if r.text == code)
    looked = re.search(r"<w:rPr>(.*)</w:rPr>", found._r.xml.replace("\n", ""))
    assert (looked[1].strip() if looked else "") == looks[0]


def test_a_value_is_text_and_nothing_else() -> None:
    name = 'A & B <w:br/> "C" {{ly_do}} {% x %}\x00\u202e\n]]>'
    letter = filled(SHIPPED, {**FULL, "kinh_gui": (name,)})
    assert 'Kính gửi: A & B <w:br/> "C" {{ly_do}} {% x %} ]]>' in texts(letter)


def test_a_block_is_a_paragraph_for_each_line_and_keeps_its_look() -> None:
    look = '<w:p w14:paraId="1" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"><w:pPr><w:jc w:val="right"/></w:pPr>'
    letter = filled(own(*MINIMAL, f"{look}{run('{{noi_nhan}}', '<w:i/>')}</w:p>"))
    lines = [p for p in Document(io.BytesIO(letter)).paragraphs if p.text.startswith("- ")]
    assert [p.text for p in lines] == list(FULL["noi_nhan"])
    assert all(p.runs[0].italic and p.alignment == 2 for p in lines)
    assert b"paraId" not in members_of(letter)[BODY_PART]  # twice the same would be one identity of two


def test_a_paragraph_without_its_value_is_not_printed_and_a_cell_keeps_its_last() -> None:
    cell = f"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc>{paragraph('{{ho_ten_ky}}')}</w:tc></w:tr></w:tbl>"
    template = own(
        *MINIMAL, paragraph("Địa chỉ: {{dia_chi}}"), cell, paragraph("{{dau_chu_quan}}"), paragraph("x")
    )
    empty = filled(template, {**FULL, "dia_chi": (), "ho_ten_ky": (), "dau_chu_quan": ()})
    document = Document(io.BytesIO(empty))
    assert [p.text for p in document.paragraphs][-2:] == [FULL["ma_tra_cuu"][0], "x"]
    assert [p.text for p in document.tables[0].cell(0, 0).paragraphs] == [""]
    assert f"Địa chỉ: {FULL['dia_chi'][0]}" in texts(filled(template))


def test_a_header_is_filled_as_well() -> None:
    letter = filled(replaced("word/header1.xml", "</w:hdr>", f"{paragraph('Hồ sơ {{ma_ho_so}}')}</w:hdr>"))
    assert f"Hồ sơ {FULL['ma_ho_so'][0]}" in texts(letter, "word/header1.xml")
    assert texts(letter)


# ---------------------------------------------------------------- the slow twin


def filled_slowly(template: bytes, values: TemplateValues) -> Any:
    """With python-docx, paragraph by paragraph and run by run; for templates whose names are not cut."""
    document = Document(io.BytesIO(template))
    for element in list(document.element.body.iter(qn("w:p"))):
        names = re.findall(r"\{\{(\w+)\}\}", "".join(t.text or "" for t in element.iter(qn("w:t"))))
        if not names:
            continue
        if not all(values[name] for name in names):
            _take_away(element)
        elif BY_NAME[names[0]].is_block:
            for line in values[names[0]]:
                element.addprevious(_with_texts(deepcopy(element), {names[0]: line}))
            element.getparent().remove(element)
        else:
            _with_texts(element, {name: values[name][0] for name in names})
    return document


def _take_away(element: Any) -> None:
    if element.getnext() is None:
        for child in element.findall(qn("w:r")):
            element.remove(child)
    else:
        element.getparent().remove(element)


def _with_texts(element: Any, lines: dict[str, str]) -> Any:
    for text in element.iter(qn("w:t")):
        text.text = re.sub(r"\{\{(\w+)\}\}", lambda match: lines[match[1]], text.text)
    return element


def structure(root: Any) -> Iterator[tuple[Any, ...]]:
    """Every element with what it says; a run's xml:space is not looked at."""
    for element in root.iter():
        if isinstance(element.tag, str):
            kept = {key: value for key, value in element.attrib.items() if not key.endswith("}space")}
            yield element.tag, element.text, tuple(sorted(kept.items()))


@given(
    lines=st.lists(
        st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1), min_size=1, max_size=3
    ),
    text=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1),
    missing=st.sets(st.sampled_from([each.name for each in PLACEHOLDERS if not each.certain])),
)
@settings(max_examples=25, deadline=None)
def test_the_fast_way_fills_as_python_docx_does(lines: list[str], text: str, missing: set[str]) -> None:
    own_text = "".join(letter for letter in text if letter.isprintable()) or "x"
    values = {
        each.name: () if each.name in missing else tuple(lines) if each.is_block else (own_text,)
        for each in PLACEHOLDERS
    }
    letter = Document(io.BytesIO(compile_template(SHIPPED, PROMISING).render(values)))
    assert list(structure(letter.element)) == list(structure(filled_slowly(SHIPPED, values).element))
