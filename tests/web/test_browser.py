"""A morning at the desk in real Chromium: log in, board, search, late list, dossier, letter, score; with pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.web.server import chromium, log_in, picture, serving
from tests.web.world import FINISHED_LATE, OVERDUE_A, PASSWORD

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
SCREENS = {
    "wide": {"viewport": {"width": 1366, "height": 768}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the file."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The served application."""
    with serving(app) as served:
        yield served


def opened(browser: Browser, screen: str, complaints: list[str]) -> Page:
    """A page that notes every complaint of the browser: script errors, refused styles, missing files."""
    page = browser.new_context(locale="vi-VN", **SCREENS[screen]).new_page()

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


@pytest.mark.parametrize("screen", SCREENS)
def test_a_head_walks_from_login_to_the_score_without_a_complaint_of_the_browser(
    browser, address, screen: str
):
    complaints: list[str] = []
    page = opened(browser, screen, complaints)
    page.goto(f"{address}/dang-nhap")
    picture(page, PICTURES / f"login-{screen}.png")
    log_in(page, address, "head", PASSWORD)
    assert page.get_by_role("heading", name="Bàn theo dõi").is_visible()
    picture(page, PICTURES / f"board-{screen}.png")
    page.get_by_role("link", name="Hồ sơ quá hạn").click()
    assert page.get_by_role("link", name=OVERDUE_A).is_visible()
    picture(page, PICTURES / f"late-{screen}.png")
    page.get_by_role("link", name=OVERDUE_A).click()
    assert page.get_by_role("heading", name="Phiếu tính hạn").is_visible()
    picture(page, PICTURES / f"dossier-{screen}.png", whole=True)
    page.get_by_role("link", name="Tiêu chí 3.4.1").click()
    page.locator("#chart .main-svg").first.wait_for()
    picture(page, PICTURES / f"score-{screen}.png", whole=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert complaints == []
    page.context.close()


def test_the_keyboard_alone_finds_a_dossier(browser, address):
    page = opened(browser, "wide", [])
    log_in(page, address, "desk", PASSWORD)
    page.keyboard.press("/")
    page.keyboard.type(OVERDUE_A.lower())
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}")
    page.goto(f"{address}/ban-theo-doi")
    for key in ("j", "j", "k", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}")
    page.context.close()


def test_the_pages_work_without_scripts(browser, address):
    page = browser.new_context(java_script_enabled=False, locale="vi-VN").new_page()
    log_in(page, address, "head", PASSWORD)
    page.goto(f"{address}/qua-han")
    page.get_by_label("Tình trạng").select_option("finished")
    page.get_by_role("button", name="Lọc").click()
    assert page.get_by_role("link", name=FINISHED_LATE).is_visible()
    page.goto(f"{address}/tieu-chi/3.4.1?nam=2026")
    assert page.get_by_role("rowheader").first.is_visible()
    page.context.close()


def test_a_letter_and_the_excel_list_are_downloaded(browser, address, tmp_path):
    page = opened(browser, "wide", [])
    log_in(page, address, "head", PASSWORD)
    page.goto(f"{address}/ho-so/{FINISHED_LATE}")
    with page.expect_download() as letter:
        page.get_by_role("link", name="Tải thư").click()
    assert letter.value.suggested_filename.endswith(".docx")
    page.goto(f"{address}/qua-han")
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Tải Excel").click()
    target = tmp_path / workbook.value.suggested_filename
    workbook.value.save_as(target)
    assert target.suffix == ".xlsx"
    assert target.read_bytes().startswith(b"PK")
    page.context.close()


@pytest.mark.parametrize(("name", "path"), [("dossier", f"/ho-so/{OVERDUE_A}"), ("late", "/qua-han")])
def test_a_page_prints_on_white_paper_without_the_frame_of_the_screen(browser, address, name: str, path: str):
    page = opened(browser, "dark", [])
    log_in(page, address, "head", PASSWORD)
    page.goto(f"{address}{path}")
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.pdf(path=PICTURES / f"{name}.pdf", prefer_css_page_size=True)
    page.context.close()
