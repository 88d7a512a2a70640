"""On paper: white, A4, without the frame of the screen, table heads on every sheet; PDFs are kept to be looked at."""

import re

import pytest

from tests.documents.pages import Paper
from tests.web.browsing import PICTURES, Visit, add_overdue
from tests.web.world import OVERDUE_A, StandingContext

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

LONG, SHORT = 842, 595  # A4 in points
PAGES = {
    "board": ("/ban-theo-doi", (LONG, SHORT)),
    "late": ("/qua-han", (LONG, SHORT)),
    "letters": ("/thu-xin-loi", (LONG, SHORT)),
    "months": ("/tieu-chi/3.4.1/theo-thang?nam=2026", (LONG, SHORT)),
    "dossier": (f"/ho-so/{OVERDUE_A}", (SHORT, LONG)),
    "score": ("/tieu-chi/3.4.1?nam=2026", (SHORT, LONG)),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_on_white_a4_without_the_frame_of_the_screen(
    visit: Visit, context: StandingContext, name: str
):
    path, size = PAGES[name]
    add_overdue(context.store, 40)
    page = visit.at(path, "head", "dark")
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.get_by_text("In lúc 24/08/2026 09:30").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("button:visible, .button:visible, summary:visible").count() == 0
    heads = page.evaluate(
        "[...document.querySelectorAll('thead')].map((each) => getComputedStyle(each).display)"
    )
    assert set(heads) <= {"table-header-group"}
    PICTURES.mkdir(parents=True, exist_ok=True)
    made = page.pdf(path=PICTURES / f"{name}.pdf", prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", made)
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {size}


def test_what_is_folded_away_on_the_screen_is_printed(visit: Visit):
    page = visit.at("/tieu-chi/3.4.1?nam=2026", "reform")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details.table-toggle[open]").count() == 3
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.table-toggle[open]").count() == 0


def test_the_sheet_of_a_proof_prints_as_a_letter_does_with_numbers_from_page_two(visit: Visit):
    page = visit.at(f"/ho-so/{OVERDUE_A}", "head")
    page.get_by_role("link", name="In phiếu").click()
    page.get_by_role("heading", name="PHIẾU TÍNH HẠN GIẢI QUYẾT").wait_for()
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.locator("button:visible, .button:visible").count() == 0
    assert page.get_by_text("In lúc").is_hidden()
    PICTURES.mkdir(parents=True, exist_ok=True)
    made = PICTURES / "proof.pdf"
    page.pdf(path=made, prefer_css_page_size=True)
    first, *others = Paper(made).pages
    for number, sheet in enumerate([first, *others], 1):
        assert (round(sheet.width), round(sheet.height)) == (210, 297)
        borders = sheet.borders(below=18 if number > 1 else 0)
        assert min(borders.top, borders.bottom) >= 19
        assert borders.left >= 29
        assert borders.right >= 14
        assert (sheet.words[0].text == str(number)) is (number > 1)
