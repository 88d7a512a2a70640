"""Hand-over note, notice to the desk and post list on paper: measures of Decree 30/2020, heads on every page.

Pictures are kept under build/documents: look at them when the layout changes.
"""

import io
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

import openpyxl
import pytest

from letters import layout
from letters.paper_texts import load_papers
from letters.papers import LetterLine, PaperContent, desk_notice, hand_over_note
from letters.papers_render import render
from letters.post_list import COLUMNS, NO_ADDRESS, write_post_list
from tests.documents import pages
from tests.documents.docx_measures import measures
from tests.documents.office import to_pdf
from tests.documents.pages import MM_A_DOT, Page
from tests.letter_samples import DEPARTMENT
from tests.paper_samples import COMPANY, HAND_OVER, LETTER, NEW_NOTICE, NOTICE, UNNUMBERED, hand_over, notice

PICTURES = Path(__file__).parents[2] / "build" / "documents"
TEXTS = load_papers()
CASES: dict[str, PaperContent] = {
    "paper-hand-over": hand_over_note(HAND_OVER, TEXTS),
    "paper-hand-over-long": hand_over_note(hand_over(90), TEXTS),
    "paper-notice": desk_notice(NOTICE, TEXTS),
    "paper-notice-new": desk_notice(NEW_NOTICE, TEXTS),
    "paper-notice-long": desk_notice(notice(25), TEXTS),
}
# Row by row from one page to two: the signature moves with the closing words.
EDGE: dict[str, PaperContent] = {
    f"edge-{rows}": hand_over_note(hand_over(rows), TEXTS) for rows in range(14, 34, 3)
}
PAPERS = CASES | EDGE
SIZES = {4, 9, 11, 12, 13, 14}  # 4 and 9 are lines without text
POST = [LETTER, UNNUMBERED, replace(LETTER, recipient=f"=HYPERLINK({COMPANY})", phone="+84 900 000 000")]


@dataclass(frozen=True)
class Printed:
    """A paper: what it says, the file, and the pages."""

    content: PaperContent
    docx: bytes
    paper: pages.Paper


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Every paper, printed in one call."""
    folder = tmp_path_factory.mktemp("papers")
    paths = [folder / f"{name}.docx" for name in PAPERS]
    for path, content in zip(paths, PAPERS.values(), strict=True):
        path.write_bytes(render(content))
    made = map(pages.Paper, to_pdf(paths, folder))
    return {
        name: Printed(content, path.read_bytes(), paper)
        for (name, content), path, paper in zip(PAPERS.items(), paths, made, strict=True)
    }


def run_together(text: str) -> str:
    return "".join(text.split())


def text_of(page: Page) -> str:
    return run_together("".join(page.lines(0, page.width)))


def columns_of(found: Printed) -> str:
    """All that is printed in each column of the table, from top to bottom, run together."""
    edges = list(accumulate((column.width for column in found.content.columns), initial=layout.MARGIN_LEFT))
    edges[0], edges[-1] = 0.0, layout.PAGE_WIDTH
    lines = [
        line
        for left, right in pairwise(edges)
        for page in found.paper.pages
        for line in page.lines(left, right)
    ]
    return run_together("".join(lines))


def lacking(texts: list[str], printed_text: str) -> list[str]:
    return [text for text in texts if run_together(text) not in printed_text]


@pytest.mark.parametrize("name", CASES)
def test_fonts_sizes_paper_and_margins_are_those_of_the_decree(printed, name: str):
    found = measures(printed[name].docx)
    assert found.fonts == {("Times New Roman",) * 4}
    assert found.sizes <= SIZES
    assert (round(found.width, 1), round(found.height, 1)) == (210.0, 297.0)
    assert 20 <= round(found.margins["top"], 1) <= 25
    assert 20 <= round(found.margins["bottom"], 1) <= 25
    assert 30 <= round(found.margins["left"], 1) <= 35
    assert 15 <= round(found.margins["right"], 1) <= 20


@pytest.mark.parametrize("name", PAPERS)
def test_the_ink_stays_inside_the_margins(printed, name: str):
    for number, page in enumerate(printed[name].paper.pages):
        borders = page.borders(below=layout.MARGIN_TOP - 2 if number else 0)
        assert borders.top >= layout.MARGIN_TOP - 2 * MM_A_DOT
        assert borders.bottom >= layout.MARGIN_BOTTOM - MM_A_DOT
        assert borders.left >= layout.MARGIN_LEFT - 2 * MM_A_DOT
        assert borders.right >= layout.MARGIN_RIGHT - 2 * MM_A_DOT


@pytest.mark.parametrize("name", PAPERS)
def test_nothing_that_the_paper_says_is_cut_off(printed, name: str):
    found = printed[name]
    content = found.content
    whole = "".join(map(text_of, found.paper.pages))
    texts = [content.title, content.subject, content.addressee, content.basis, *content.opening]
    texts += [*content.closing, content.foot.sign_here, content.foot.name]
    texts += [content.slip.title, *content.slip.lines, content.slip.signer] if content.slip else []
    assert lacking(texts, whole) == []
    assert lacking([cell for row in content.rows for cell in row], columns_of(found)) == []
    assert lacking(list(content.foot.right), whole) == []


@pytest.mark.parametrize("name", ["paper-hand-over-long", "paper-notice-long"])
def test_a_long_table_repeats_its_head_on_every_page_and_pages_are_numbered(printed, name: str):
    content, (first, *others) = printed[name].content, printed[name].paper.pages
    assert min(word.top for word in first.words) > layout.MARGIN_TOP - 2
    with_rows = [page for page in others if "24/05/2022" in text_of(page) or "03/01/2023" in text_of(page)]
    assert len(with_rows) >= 2
    headings = set(" ".join(column.heading for column in content.columns).split())
    for page in with_rows:
        top = [word for word in page.words if layout.MARGIN_TOP - 2 < word.top < layout.MARGIN_TOP + 14]
        assert headings <= {word.text for word in top}
    for number, page in enumerate(others, 2):
        assert page.words[0].text == str(number)
        assert page.words[0].bottom < layout.MARGIN_TOP


def test_the_edge_of_the_page_lies_among_the_notes_that_are_tried(printed):
    assert {len(printed[name].paper.pages) for name in EDGE} >= {1, 2}


@pytest.mark.parametrize("name", PAPERS)
def test_the_signatures_stand_on_a_page_with_the_closing_words(printed, name: str):
    content = printed[name].content
    wanted = run_together(content.closing[-1] + "")
    (page,) = [page for page in printed[name].paper.pages if wanted in text_of(page)]
    signers = [*content.foot.left, *content.foot.right, content.foot.sign_here, content.foot.name]
    assert lacking(signers, text_of(page)) == []


@pytest.mark.parametrize("name", [name for name, paper in CASES.items() if paper.slip])
def test_the_slip_is_not_torn_and_says_which_notice_it_confirms(printed, name: str):
    content = printed[name].content
    (page,) = [
        page for page in printed[name].paper.pages if run_together(content.slip.title) in text_of(page)
    ]
    assert lacking([*content.slip.lines, content.slip.signer, content.slip.sign_here], text_of(page)) == []


@pytest.mark.parametrize("name", CASES)
def test_the_same_paper_gives_the_same_bytes(printed, name: str):
    assert render(CASES[name]) == printed[name].docx


def test_no_applicant_stands_in_the_notice(printed):
    whole = " ".join(word.text for word in printed["paper-notice"].paper.words)
    assert "Mẫu" not in whole


def test_people_find_the_pictures_in_the_build_folder(printed):
    for name in CASES:
        printed[name].paper.keep(PICTURES)
    assert {path.name for path in PICTURES.glob("paper-*.png")} >= {f"{name}-1.png" for name in CASES}


# ---------------------------------------------------------------- the post list


def written(letters: list[LetterLine]) -> list[list[object]]:
    """The cells of a list below its title."""
    packed = io.BytesIO()
    assert write_post_list(packed, letters, DEPARTMENT.name) == len(letters)
    sheet = openpyxl.load_workbook(packed).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


def test_the_post_list_has_a_row_for_each_letter_as_the_letter_says():
    head, first, second, third = written(POST)
    assert head == [heading for heading, _ in COLUMNS]
    name = "Nguyễn Thị Mẫu"
    assert first == [1, "12/PXL-STNMT", "03/01/2023", LETTER.code, name, LETTER.address, LETTER.phone, None]
    assert second[1:3] == [None, None]
    assert second[7] == f"{NO_ADDRESS}; {UNNUMBERED.note}"
    assert third[4] == f"=HYPERLINK({COMPANY})"


def test_no_text_of_the_post_list_is_run_as_a_formula():
    packed = io.BytesIO()
    write_post_list(packed, POST, DEPARTMENT.name)
    sheet = openpyxl.load_workbook(packed).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}


def test_a_post_list_without_telephones_has_no_column_for_them():
    head, row = written([replace(LETTER, phone=" ")])
    assert head == [heading for heading, _ in COLUMNS if heading != "Điện thoại"]
    assert row[5:] == [LETTER.address, None]


def test_the_post_list_is_printed_on_a4_on_its_side_with_its_head_on_every_page(tmp_path: Path):
    workbook = tmp_path / "post-list.xlsx"
    write_post_list(workbook, POST * 30, DEPARTMENT.name)
    paper = pages.Paper(to_pdf([workbook], tmp_path)[0])
    paper.keep(PICTURES)
    assert {(round(page.width), round(page.height)) for page in paper.pages} == {(297, 210)}
    assert len(paper.pages) > 2
    for number, page in enumerate(paper.pages, 1):
        whole = text_of(page)
        assert lacking([heading for heading, _ in COLUMNS], whole) == []
        assert f"{number}/{len(paper.pages)}" in whole
        assert min(page.borders()) >= 5
