"""Every letter against Decree 30/2020, appendix I: a table of its rules, read from the file. No program of the machine.

The numbers here are those of the decree, not those of `letters.layout`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import cycle, groupby, pairwise, product
from typing import NamedTuple

import pytest

from letters import layout
from letters.compiled import render
from letters.content import LetterContent, LetterFacts, write
from letters.issuer import Authority, Signature
from letters.layout import Paper
from letters.obligations import LetterKind
from tests.documents.docx_blocks import Block, blocks, colours, header
from tests.documents.docx_measures import measures
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD
from tracker.types import ApplicantKind


class Rule(NamedTuple):
    """A line of the table of appendix I, part V: sizes from-to, bold, italic, all capitals, alignment."""

    sizes: tuple[float, float]
    bold: bool
    italic: bool
    capitals: bool
    align: str


RULES = {
    "parent": Rule((12, 13), False, False, True, "center"),  # ô 2: cơ quan chủ quản
    "issuer": Rule((12, 13), True, False, True, "center"),  # ô 2: cơ quan ban hành
    "nation": Rule((12, 13), True, False, True, "center"),  # ô 1: Quốc hiệu
    "motto": Rule((13, 14), True, False, False, "center"),  # ô 1: Tiêu ngữ
    "number": Rule((13, 13), False, False, False, "center"),  # ô 3
    "place": Rule((13, 14), False, True, False, "center"),  # ô 4
    "title": Rule((13, 14), True, False, True, "center"),  # ô 5a: tên loại
    "subject": Rule((13, 14), True, False, False, "center"),  # ô 5a: trích yếu
    "addressee": Rule((13, 14), False, False, False, "both"),  # ô 9a
    "address": Rule((13, 14), False, False, False, "both"),
    "body": Rule((13, 14), False, False, False, "both"),  # ô 6
    "recipients head": Rule((12, 12), True, True, False, "left"),  # ô 9b: "Nơi nhận:"
    "recipient": Rule((11, 11), False, False, False, "left"),  # ô 9b
    "signer": Rule((13, 14), True, False, True, "center"),  # ô 7a
    "signer name": Rule((13, 14), True, False, False, "center"),  # ô 7b
    "short code": Rule((8, 11), False, False, False, "left"),  # ours
}
ORDER = tuple(RULES)
MAY_BE_MISSING = {"parent", "subject", "address", "signer name"}
# mục I.4, I.7: millimetres from the edge.
MARGINS = {"top": (20, 25), "bottom": (20, 25), "left": (30, 35), "right": (15, 20)}

EDITIONS = (date(2025, 9, 14), date(2025, 9, 15))
LONG = "Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu & <Con> 100%"
APPLICANTS = (
    {"applicant_kind": ApplicantKind.CITIZEN, "applicant_name": "Y Mẫu Niê", "address": ""},
    {"applicant_kind": ApplicantKind.BUSINESS, "applicant_name": LONG, "procedure": LONG * 2},
    {"applicant_kind": ApplicantKind.AGENCY, "applicant_name": "Trường Mẫu", "receiver": ""},
)
BRANCH = replace(
    DEPARTMENT,
    name="Văn phòng Đăng ký đất đai tỉnh Đắk Lắk - Chi nhánh khu vực Buôn Ma Thuột",
    parent="Sở Nông nghiệp và Môi trường tỉnh Đắk Lắk",
)
CENTRE = replace(DEPARTMENT, name="Trung tâm Mẫu", parent="", place="", abbreviation="")
COMMITTEE = "TM. ỦY BAN NHÂN DÂN"
SIGNERS = {
    "not known": (None, DEPARTMENT, ("GIÁM ĐỐC",)),
    "head": (Signature(Authority.HEAD, "Giám đốc", "", "Lê Thị Mẫu"), CENTRE, ("GIÁM ĐỐC",)),
    "KT.": (
        Signature(Authority.DEPUTY, "Phó Giám đốc", "Giám đốc", "Lê Thị Mẫu"),
        BRANCH,
        ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    ),
    "TL.": (
        Signature(Authority.BY_ORDER, "Chánh Văn phòng", "Giám đốc", "Lê Thị Mẫu"),
        DEPARTMENT,
        ("TL. GIÁM ĐỐC", "CHÁNH VĂN PHÒNG"),
    ),
    "TUQ.": (
        Signature(Authority.BY_AUTHORISATION, "Trưởng phòng", "Giám đốc", "Lê Thị Mẫu"),
        DEPARTMENT,
        ("TUQ. GIÁM ĐỐC", "TRƯỞNG PHÒNG"),
    ),
    "Q.": (Signature(Authority.ACTING, "Giám đốc", "", "Lê Thị Mẫu"), DEPARTMENT, ("Q. GIÁM ĐỐC",)),
    "TM.": (Signature(Authority.HEAD, "Chủ tịch", "", "Lê Thị Mẫu"), WARD, (COMMITTEE, "CHỦ TỊCH")),
    "TM. KT.": (
        Signature(Authority.DEPUTY, "Phó Chủ tịch", "Chủ tịch", "Lê Thị Mẫu"),
        WARD,
        (COMMITTEE, "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
    ),
    "TM. TL.": (
        Signature(Authority.BY_ORDER, "Trưởng phòng", "Chủ tịch", "Lê Thị Mẫu"),
        WARD,
        ("TL. CHỦ TỊCH", "TRƯỞNG PHÒNG"),
    ),
}


@dataclass(frozen=True)
class Letter:
    """A letter, what it says, and its paragraphs that say something, each with what it is."""

    content: LetterContent
    docx: bytes
    parts: tuple[tuple[str, Block], ...]
    lines: dict[str, Block]

    def having(self, role: str) -> list[Block]:
        """The paragraphs of one role."""
        return [block for found, block in self.parts if found == role]


def letters_signed(signer: str, paper: Paper = Paper.A4) -> Iterator[Letter]:
    """One letter of each kind and edition; applicants in turn."""
    signature, issuer, _ = SIGNERS[signer]
    for (kind, day), applicant in zip(product(LetterKind, EDITIONS), cycle(APPLICANTS), strict=False):
        sample = OVERDUE if kind in (LetterKind.ADVANCE, LetterKind.OVERDUE) else RETURNED
        facts = replace(sample, kind=kind, day=day, issuer=issuer, signature=signature, **applicant)
        yield letter_of(replace(facts, new_due_on=date(2025, 10, 1)), paper)


def letter_of(facts: LetterFacts, paper: Paper) -> Letter:
    """A letter read back from its file."""
    content = write(facts, FORMS)
    assert isinstance(content, LetterContent)
    docx = render(content, paper)
    roles, found = _roles(content), blocks(docx)
    parts = [(roles[block.text], block) for block in found if block.text]
    # A drawn line belongs to the text above it.
    lines = {roles[above.text]: block for above, block in pairwise(found) if block.rule is not None}
    return Letter(content, docx, tuple(parts), lines)


def _roles(content: LetterContent) -> dict[str, str]:
    head = content.head
    of_role = {
        "parent": head.parent,
        "issuer": head.issuer,
        "nation": (layout.NATION_TEXT,),
        "motto": (layout.MOTTO_TEXT,),
        "number": (head.number,),
        "place": (head.place,),
        "title": (content.title,),
        "subject": (content.subject,),
        "addressee": (content.addressee,),
        "address": (content.address,),
        "body": content.body,
        "recipients head": (layout.RECIPIENTS_TEXT,),
        "recipient": content.recipients,
        "signer": content.signer,
        "signer name": (content.signer_name,),
        "short code": (content.short_code,),
    }
    return {text: role for role, texts in of_role.items() for text in texts if text}


@pytest.mark.parametrize("signer", SIGNERS)
def test_every_block_has_size_weight_slope_capitals_and_place_of_the_decree(signer: str):
    for letter in letters_signed(signer):
        for role, block in letter.parts:
            rule = RULES[role]
            assert rule.sizes[0] <= block.size <= rule.sizes[1], (role, block)
            assert (block.bold, block.italic, block.align) == (rule.bold, rule.italic, rule.align), (
                role,
                block,
            )
            if rule.capitals:
                assert block.text == block.text.upper()


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("signer", SIGNERS)
def test_the_blocks_stand_in_the_order_of_the_decree_and_none_is_missing(signer: str, paper: Paper):
    for letter in letters_signed(signer, paper):
        order = [role for role, _ in groupby(letter.parts, lambda part: part[0])]
        assert order == [role for role in ORDER if role in order]
        assert set(ORDER) - set(order) <= MAY_BE_MISSING
        assert ("signer name" in order) == (signer != "not known")


@pytest.mark.parametrize("signer", SIGNERS)
def test_paper_margins_fonts_and_colour_are_those_of_the_decree(signer: str):
    for letter in letters_signed(signer):
        found = measures(letter.docx)
        assert (round(found.width, 1), round(found.height, 1)) == (210.0, 297.0)
        for side, (low, high) in MARGINS.items():
            assert low <= round(found.margins[side], 1) <= high
        assert found.fonts == {("Times New Roman",) * 4}
        assert colours(letter.docx) == {"000000"}


@pytest.mark.parametrize("signer", SIGNERS)
def test_the_text_is_indented_spaced_and_ended_as_the_decree_says(signer: str):
    for letter in letters_signed(signer):
        body = letter.having("body")
        for block in body:
            assert round(block.first_line, 1) in (10.0, 12.7)  # 1 or 1.27 cm
            assert block.before >= 6
            assert 1 <= block.line <= 1.5
        assert [block.text.endswith("./.") for block in body] == [False] * (len(body) - 1) + [True]


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("signer", SIGNERS)
def test_the_drawn_lines_are_as_long_as_the_decree_says(signer: str, paper: Paper):
    for letter in letters_signed(signer, paper):
        issuer, motto = letter.having("issuer"), letter.having("motto")
        agency = max(layout.bold_width(block.text, block.size) for block in issuer)
        assert agency / 3 <= letter.lines["issuer"].rule <= agency / 2  # mục II.2
        as_long = layout.bold_width(motto[0].text, motto[0].size)
        assert letter.lines["motto"].rule == pytest.approx(as_long, abs=0.5)  # mục II.1
        assert set(letter.lines) == {"issuer", "motto"} | ({"subject"} if letter.content.subject else set())
        for subject in letter.having("subject"):
            whole = layout.bold_width(subject.text, subject.size)
            assert whole / 3 <= letter.lines["subject"].rule <= whole / 2  # mục II.5


@pytest.mark.parametrize("signer", SIGNERS)
def test_the_page_number_is_centred_in_the_top_margin_and_not_on_page_one(signer: str):
    for letter in letters_signed(signer):
        found = header(letter.docx)
        assert (found.instruction, found.align, found.is_on_first_page) == ("PAGE", "center", False)
        assert 13 <= found.size <= 14


@pytest.mark.parametrize("signer", SIGNERS)
def test_number_day_and_month_are_left_blank(signer: str):
    for letter in letters_signed(signer):
        ((number,), (place,)) = letter.having("number"), letter.having("place")
        assert not any(sign.isdigit() for sign in number.text + place.text.replace("20…", ""))
        assert number.text.startswith("Số:")
        assert " " not in number.text.partition("/")[2]


@pytest.mark.parametrize("signer", SIGNERS)
def test_the_signature_block_has_the_lines_of_its_authority(signer: str):
    signature, _, lines = SIGNERS[signer]
    for letter in letters_signed(signer):
        assert tuple(block.text for block in letter.having("signer")) == lines
        assert [block.text for block in letter.having("signer name")] == (
            [signature.full_name] if signature else []
        )


@pytest.mark.parametrize("signer", SIGNERS)
def test_the_recipients_begin_with_the_addressee_and_end_with_the_file(signer: str):
    for letter in letters_signed(signer):
        lines = [block.text for block in letter.having("recipient")]
        assert (lines[0], lines[-1]) == ("- Như trên;", "- Lưu: VT.")
        assert all(line.startswith("- ") and line.endswith(";") for line in lines[:-1])


@pytest.mark.parametrize("signer", SIGNERS)
def test_on_a5_everything_is_smaller_and_nothing_else_is_different(signer: str):
    for large, small in zip(letters_signed(signer), letters_signed(signer, Paper.A5), strict=True):
        found = measures(small.docx)
        assert (round(found.width, 1), round(found.height, 1)) == (148.0, 210.0)
        for (role, one), (other_role, other) in zip(large.parts, small.parts, strict=True):
            assert (role, one.text, one.bold, one.italic, one.align) == (
                other_role, other.text, other.bold, other.italic, other.align
            )  # fmt: skip
            assert 8 <= other.size < one.size
