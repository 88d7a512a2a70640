"""Letters on paper: the layout of Decree 30/2020, appendix I, measured on the page and in the file.

Pictures of all of them are kept under build/documents: look at them when the layout changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from letters import compiled, layout, render
from letters.content import LetterContent, LetterFacts, write
from letters.obligations import LetterKind
from tests.documents.docx_measures import measures
from tests.documents.office import to_pdf
from tests.documents.pages import MM_A_DOT, Paper, difference
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD
from tracker.types import ApplicantKind

PICTURES = Path(__file__).parents[2] / "build" / "documents"
COMPANY = (
    "Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu & <Con> 100%"
)
PROCEDURE = (
    "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp chuyển nhượng, "
    "cho thuê, cho thuê lại, thừa kế, tặng cho, góp vốn bằng quyền sử dụng đất"
)
EDITIONS = (date(2023, 1, 1), date(2026, 3, 2))
SAMPLES = {
    LetterKind.ADVANCE: OVERDUE,
    LetterKind.OVERDUE: OVERDUE,
    LetterKind.RETURNED_LATE: RETURNED,
    LetterKind.LATE_REFUSAL: RETURNED,
}
WIDE = replace(
    DEPARTMENT,
    name="Văn phòng Đăng ký đất đai tỉnh Đắk Lắk - Chi nhánh khu vực Buôn Ma Thuột",
    parent="Sở Nông nghiệp và Môi trường tỉnh Đắk Lắk",
    signer_title="KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC",
)
FORMS_CASES = {
    f"{kind.value}-{day.year}": replace(SAMPLES[kind], kind=kind, day=day, new_due_on=date(2026, 3, 20))
    for kind, day in product(LetterKind, EDITIONS)
}
CASES: Mapping[str, LetterFacts] = {
    **FORMS_CASES,
    "ward": replace(RETURNED, issuer=WARD, receiver=""),
    "no-parent": replace(OVERDUE, issuer=replace(DEPARTMENT, parent="", name="Trung tâm Mẫu", place="")),
    "long-office": replace(RETURNED, issuer=WIDE),
    "no-address": replace(RETURNED, address=""),
    "no-desk": replace(RETURNED, receiver=""),
    "no-field": replace(OVERDUE, field="", applicant_kind=ApplicantKind.UNKNOWN),
    "only-field": replace(OVERDUE, procedure="", is_due_appointed=False),
    "successor": replace(OVERDUE, predecessor="Chi nhánh Văn phòng Đăng ký đất đai thành phố Buôn Ma Thuột"),
    "decomposed": replace(RETURNED, applicant_name="Nguyễn Thị Mẫu", address="  Thôn 3,\n xã Ea Kao "),
    "long-names": replace(
        RETURNED, applicant_name=COMPANY, applicant_kind=ApplicantKind.BUSINESS, procedure=PROCEDURE
    ),
    "long-all": replace(
        OVERDUE,
        applicant_name=COMPANY * 2,
        address=PROCEDURE,
        procedure=PROCEDURE,
        reason=f"{PROCEDURE}; " * 12,
    ),
}
# Line by line from one page to two: the foot moves from the end of the one to the top of the other.
EDGE = {
    f"edge-{words}": replace(RETURNED, reason="chờ xác minh thực địa " * words) for words in range(21, 42, 3)
}
LETTERS = {**CASES, **EDGE}
SIZES = {9, 11, 12, 13, 14}  # 9 is ours: the short code


@dataclass(frozen=True)
class Printed:
    """A letter: what it says, the file, and the paper."""

    content: LetterContent
    docx: bytes
    paper: Paper


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Every letter by the compiled path, and as `name--measure` by python-docx; printed in one call."""
    folder = tmp_path_factory.mktemp("letters")
    made: dict[str, tuple[LetterContent, bytes]] = {}
    for name, facts in LETTERS.items():
        content = write(facts, FORMS)
        assert isinstance(content, LetterContent)
        made[name] = content, compiled.render(content)
        if name in CASES:
            made[f"{name}--measure"] = content, render.saved(content)
    paths = [folder / f"{name}.docx" for name in made]
    for path, (_, docx) in zip(paths, made.values(), strict=True):
        path.write_bytes(docx)
    papers = map(Paper, to_pdf(paths, folder))
    return {name: Printed(*pair, paper) for (name, pair), paper in zip(made.items(), papers, strict=True)}


def run_together(text: str) -> str:
    """Without spaces: lines may break anywhere."""
    return "".join(text.split())


def printed_text(paper: Paper) -> str:
    """All that is printed below the top margins, run together."""
    return run_together("".join(w.text for w in paper.words if w.top > layout.MARGIN_TOP - 2))


def texts(content: LetterContent) -> list[str]:
    """Every text below the head, whose lines are looked at one by one."""
    titles = (content.title, content.subject, content.addressee, content.address)
    return [*titles, *content.body, *content.signer, *content.recipients, content.short_code]


@pytest.mark.parametrize("name", CASES)
def test_the_file_names_times_new_roman_for_every_script_and_the_paper_of_the_decree(letters, name: str):
    for path in (name, f"{name}--measure"):
        found = measures(letters[path].docx)
        assert found.fonts == {("Times New Roman",) * 4}
        assert found.sizes <= SIZES
        assert (round(found.width, 1), round(found.height, 1)) == (210.0, 297.0)
        assert 20 <= round(found.margins["top"], 1) <= 25
        assert 20 <= round(found.margins["bottom"], 1) <= 25
        assert 30 <= round(found.margins["left"], 1) <= 35
        assert 15 <= round(found.margins["right"], 1) <= 20


@pytest.mark.parametrize("name", CASES)
def test_the_fonts_on_paper_are_embedded_and_have_every_letter(letters, name: str):
    fonts = letters[name].paper.fonts
    assert fonts
    assert [font.name for font in fonts if not font.is_embedded] == []
    # Another font would stand in for letters that the first one lacks (fonts-liberation2 has all of Vietnamese).
    strange = {font.name for font in fonts if not font.name.startswith(("LiberationSerif", "TimesNewRoman"))}
    assert strange == set(), "install fonts-liberation2 (make system)"


@pytest.mark.parametrize("name", CASES)
def test_both_ways_of_making_a_letter_look_the_same(letters, name: str):
    assert difference(letters[name].paper, letters[f"{name}--measure"].paper) < 1e-5


@pytest.mark.parametrize("name", LETTERS)
def test_the_ink_stays_inside_the_margins(letters, name: str):
    for number, page in enumerate(letters[name].paper.pages):
        assert (round(page.width), round(page.height)) == (210, 297)
        borders = page.borders(below=layout.MARGIN_TOP - 2 if number else 0)
        assert borders.top >= layout.MARGIN_TOP - MM_A_DOT
        assert borders.bottom >= layout.MARGIN_BOTTOM - MM_A_DOT
        assert borders.left >= layout.MARGIN_LEFT - 2 * MM_A_DOT
        assert borders.right >= layout.MARGIN_RIGHT - 2 * MM_A_DOT


@pytest.mark.parametrize("name", CASES)
def test_the_text_fills_the_page_from_margin_to_margin(letters, name: str):
    borders = letters[name].paper.pages[0].borders()
    assert borders.left == pytest.approx(layout.MARGIN_LEFT, abs=1)
    assert borders.right == pytest.approx(layout.MARGIN_RIGHT, abs=1)
    assert borders.top == pytest.approx(layout.MARGIN_TOP, abs=2)


@pytest.mark.parametrize("name", LETTERS)
def test_no_line_of_the_two_heading_cells_wraps(letters, name: str):
    letter = letters[name]
    middle = layout.MARGIN_LEFT + layout.ISSUER_CELL
    head = letter.content.head
    agency = [*head.parent, *head.issuer, " ".join(head.number.split())]
    page = letter.paper.pages[0]
    assert page.lines(0, middle)[: len(agency)] == agency
    nation = [layout.NATION_TEXT, layout.MOTTO_TEXT, " ".join(head.place.split())]
    assert page.lines(middle, page.width)[:3] == nation


@pytest.mark.parametrize("name", LETTERS)
def test_nothing_that_the_letter_says_is_cut_off(letters, name: str):
    printed = printed_text(letters[name].paper)
    assert [text for text in texts(letters[name].content) if run_together(text) not in printed] == []


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_has_two_pages_at_most_and_the_second_one_its_number(letters, name: str):
    first, *others = letters[name].paper.pages
    assert len(others) <= 1
    assert min(word.top for word in first.words) > layout.MARGIN_TOP - 2  # no number on page 1
    for page in others:
        number = page.words[0]
        assert number.text == "2"
        assert number.bottom < layout.MARGIN_TOP
        middle = layout.MARGIN_LEFT + layout.TEXT_WIDTH / 2
        assert (number.left + number.right) / 2 == pytest.approx(middle, abs=0.5)


def test_usual_letters_have_one_page(letters):
    usual = set(CASES) - {"long-all"}
    assert {name for name in usual if len(letters[name].paper.pages) != 1} == set()


def test_the_edge_of_the_page_lies_among_the_letters_that_are_tried(letters):
    assert {len(letters[name].paper.pages) for name in EDGE} == {1, 2}


@pytest.mark.parametrize("name", LETTERS)
def test_end_of_the_text_recipients_signature_and_short_code_are_on_one_page(letters, name: str):
    letter = letters[name]
    *_, last = letter.paper.pages
    printed = run_together("".join(word.text for word in last.words))
    content = letter.content
    for text in (
        content.body[-1],
        layout.RECIPIENTS_TEXT,
        *content.recipients,
        *content.signer,
        content.short_code,
    ):
        assert run_together(text) in printed


@pytest.mark.parametrize("name", CASES)
def test_there_is_room_for_signature_and_seal_above_the_short_code(letters, name: str):
    letter = letters[name]
    *_, last = letter.paper.pages
    (code,) = (word for word in last.words if word.text == letter.content.short_code.split()[-1])
    signer = letter.content.signer[-1].split()[-1]
    signed = max(word.bottom for word in last.words if word.text == signer)
    # Two lines of authority and title take some of it.
    assert code.top - signed >= 30


@pytest.mark.parametrize("name", CASES)
def test_a_missing_field_leaves_no_blank_and_no_loose_sign(letters, name: str):
    printed = " ".join(word.text for word in letters[name].paper.words)
    for sign in ("None", "{", "}", "()", "“”", ": .", ": ;", " ,", " .", ": :", "của ;", "của,"):
        assert sign not in printed
    assert ("Địa chỉ:" in printed) == bool(CASES[name].address)


def test_a_long_name_wraps_under_its_beginning(letters):
    words = letters["long-all"].paper.pages[0].words
    begin = next(i for i, word in enumerate(words) if word.text == "gửi:")
    name, *others = words[begin + 1 : begin + 40]
    starts = [word.left for word in others if word.left < name.left + 3 and word.top > name.bottom - 2]
    assert len(starts) >= 2
    assert starts == pytest.approx([name.left] * len(starts), abs=1)


def test_people_find_the_pictures_in_the_build_folder(letters):
    for name in (*CASES, *EDGE):
        letters[name].paper.keep(PICTURES)
    assert {path.name for path in PICTURES.glob("*.png")} >= {f"{name}-1.png" for name in CASES}
