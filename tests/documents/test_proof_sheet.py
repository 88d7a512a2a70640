"""The *phiếu tính hạn* on paper: measures of Decree 30/2020, heads on every page, the same bytes every time.

Pictures are kept under build/documents: look at them when the layout changes.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from letters import layout
from letters.issuer import Issuer
from letters.proof_sheet import STEP_COLUMNS, SheetContent, SheetFacts, sheet_of
from letters.proof_sheet_render import LABEL_CELL, STEP_CELLS, render
from tests.documents.docx_measures import measures
from tests.documents.office import to_pdf
from tests.documents.pages import MM_A_DOT, Paper
from tests.letter_samples import DEPARTMENT, WARD
from tests.proof_samples import LONG, at, inputs_of
from tracker.timekeeping.proof_file import make_proof
from tracker.timekeeping.proof_inputs import ProofInputs

PICTURES = Path(__file__).parents[2] / "build" / "documents"
PROCEDURE = (
    "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp chuyển nhượng, "
    "cho thuê, cho thuê lại, thừa kế, tặng cho, góp vốn & <khác> 100%"
)
CASES: dict[str, tuple[ProofInputs, Issuer | None]] = {
    "proof-usual": (inputs_of("make-up-day-2024"), DEPARTMENT),
    "proof-supplement": (inputs_of("supplement-restarts-2022"), DEPARTMENT),
    "proof-hours": (inputs_of("hours-over-a-holiday-2022"), WARD),
    "proof-no-limit": (inputs_of("no-limit-2026"), None),
    "proof-long": (LONG, DEPARTMENT),
}
SIZES = {9, 11, 12, 13, 14}  # 9 is ours: the hash


@dataclass(frozen=True)
class Printed:
    """A sheet: what it says, the file, and the paper."""

    content: SheetContent
    docx: bytes
    paper: Paper


def content_of(inputs: ProofInputs, issuer: Issuer | None) -> SheetContent:
    proof = make_proof(inputs)
    return sheet_of(
        SheetFacts(proof, issuer, PROCEDURE, "Đất đai", DEPARTMENT.name, at("2022-05-20 17:00"), None)
    )


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Every sheet, printed in one call."""
    folder = tmp_path_factory.mktemp("sheets")
    made = {name: content_of(*case) for name, case in CASES.items()}
    paths = [folder / f"{name}.docx" for name in made]
    for path, content in zip(paths, made.values(), strict=True):
        path.write_bytes(render(content))
    papers = map(Paper, to_pdf(paths, folder))
    return {
        name: Printed(content, path.read_bytes(), paper)
        for (name, content), path, paper in zip(made.items(), paths, papers, strict=True)
    }


def run_together(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("name", CASES)
def test_the_file_names_times_new_roman_for_every_script_and_the_paper_of_the_decree(sheets, name: str):
    found = measures(sheets[name].docx)
    assert found.fonts == {("Times New Roman",) * 4}
    assert found.sizes <= SIZES
    assert (round(found.width, 1), round(found.height, 1)) == (210.0, 297.0)
    assert 20 <= round(found.margins["top"], 1) <= 25
    assert 20 <= round(found.margins["bottom"], 1) <= 25
    assert 30 <= round(found.margins["left"], 1) <= 35
    assert 15 <= round(found.margins["right"], 1) <= 20


@pytest.mark.parametrize("name", CASES)
def test_the_fonts_on_paper_are_embedded_and_have_every_letter(sheets, name: str):
    fonts = sheets[name].paper.fonts
    assert [font.name for font in fonts if not font.is_embedded] == []
    strange = {font.name for font in fonts if not font.name.startswith(("LiberationSerif", "TimesNewRoman"))}
    assert strange == set(), "install fonts-liberation2 (make system)"


@pytest.mark.parametrize("name", CASES)
def test_the_ink_stays_inside_the_margins(sheets, name: str):
    for number, page in enumerate(sheets[name].paper.pages):
        assert (round(page.width), round(page.height)) == (210, 297)
        borders = page.borders(below=layout.MARGIN_TOP - 2 if number else 0)
        assert borders.top >= layout.MARGIN_TOP - MM_A_DOT
        assert borders.bottom >= layout.MARGIN_BOTTOM - MM_A_DOT
        assert borders.left >= layout.MARGIN_LEFT - 2 * MM_A_DOT
        assert borders.right >= layout.MARGIN_RIGHT - 2 * MM_A_DOT


def columns(paper: Paper, *edges: float) -> str:
    """All that is printed in each stretch between two edges, from top to bottom, page by page, run together."""
    found = [
        line for left, right in pairwise(edges) for page in paper.pages for line in page.lines(left, right)
    ]
    return run_together("".join(found))


def lacking(texts: list[str], printed: str) -> list[str]:
    return [text for text in texts if run_together(text) not in printed]


@pytest.mark.parametrize("name", CASES)
def test_nothing_that_the_sheet_says_is_cut_off(sheets, name: str):
    paper, content = sheets[name].paper, sheets[name].content
    left, right = layout.MARGIN_LEFT, layout.PAGE_WIDTH
    texts = [content.title, content.subject, content.full_hash, *content.notes]
    assert lacking(texts, columns(paper, 0, right)) == []
    texts = [text for pair in (*content.facts, *content.grounds) for text in pair]
    assert lacking(texts, columns(paper, 0, left + LABEL_CELL, right)) == []
    when, what, _source = STEP_CELLS
    texts = [text for line in content.lines for text in (line.when, line.what, line.source)]
    assert lacking(texts, columns(paper, 0, left + when, left + when + what, right)) == []


@pytest.mark.parametrize("name", CASES)
def test_pages_are_numbered_in_the_top_margin_from_the_second_on(sheets, name: str):
    first, *others = sheets[name].paper.pages
    assert min(word.top for word in first.words) > layout.MARGIN_TOP - 2
    for number, page in enumerate(others, 2):
        assert page.words[0].text == str(number)
        assert page.words[0].bottom < layout.MARGIN_TOP


def test_a_long_proof_runs_over_several_pages_and_repeats_the_head_of_its_table(sheets):
    *pages, _last = sheets["proof-long"].paper.pages
    assert len(pages) >= 4
    for page in pages[1:]:
        assert page.lines(0, page.width)[1] == " ".join(STEP_COLUMNS)


@pytest.mark.parametrize("name", CASES)
def test_the_national_heading_stands_on_one_line_beside_the_agency(sheets, name: str):
    sheet = sheets[name]
    split = layout.MARGIN_LEFT + layout.ISSUER_CELL
    page = sheet.paper.pages[0]
    agency = [*sheet.content.head.parent, *sheet.content.head.issuer]
    assert page.lines(0, split)[: len(agency)] == agency
    assert page.lines(split, page.width)[:2] == [layout.NATION_TEXT, layout.MOTTO_TEXT]


@pytest.mark.parametrize("name", CASES)
def test_the_check_code_and_the_last_grounds_are_on_one_page(sheets, name: str):
    sheet = sheets[name]
    *_, last = sheet.paper.pages
    printed = run_together("".join(last.lines(0, layout.PAGE_WIDTH)))
    wanted = [label for label, _ in sheet.content.grounds]
    assert lacking([*wanted, sheet.content.grounds[-1][1], sheet.content.full_hash], printed) == []


@pytest.mark.parametrize("name", CASES)
def test_no_empty_value_and_no_code_of_the_program_is_printed(sheets, name: str):
    printed = " ".join(word.text for word in sheets[name].paper.words)
    for sign in ("None", "{", "}", "()", "LIMIT_", "CALENDAR_", ": :"):
        assert sign not in printed


@pytest.mark.parametrize("name", CASES)
def test_the_same_proof_gives_the_same_bytes(sheets, name: str):
    assert render(content_of(*CASES[name])) == sheets[name].docx


def test_people_find_the_pictures_in_the_build_folder(sheets):
    for sheet in sheets.values():
        sheet.paper.keep(PICTURES)
    assert {path.name for path in PICTURES.glob("proof-*.png")} >= {f"{name}-1.png" for name in CASES}
