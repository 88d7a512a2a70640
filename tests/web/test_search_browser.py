"""The search box in a browser: suggestions by keyboard, scanners that type, the camera; without scripts a plain form."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PICTURES, Visit
from tests.web.server import picture
from tests.web.walking import SCAN
from tests.web.world import NAME, OVERDUE_A, StandingContext
from tracker.pipeline.search_keeping import refresh
from tracker.store import search_marks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

BY_HAND = """async (keys) => {
  for (const key of keys) {
    await new Promise((resume) => setTimeout(resume, 50));
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }
}"""
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "Mã hồ sơ: CODE" }]; }
};
Object.defineProperty(navigator, "mediaDevices", { value: {
  getUserMedia: async () => {
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    return canvas.captureStream();
  },
} });
""".replace("CODE", OVERDUE_A)


@pytest.fixture(autouse=True)
def keys(context: StandingContext) -> None:
    """The keys of the world's dossiers, as a worker makes them."""
    with context.store.transaction() as session:
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)


def opened(page: Page, code: str) -> None:
    page.wait_for_url(f"**/ho-so/{code}")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_suggestions_come_while_typing_and_are_gone_through_by_keyboard(visit: Visit, screen: str):
    page = visit.at("/tai-khoan", "desk", screen)
    box = page.locator("#q")
    box.press_sequentially("bích ngọc")
    options = page.locator("#goi-y").get_by_role("option")
    expect(options).to_have_count(8)
    expect(options.first).to_contain_text(NAME)
    expect(box).to_have_attribute("aria-expanded", "true")
    picture(page, PICTURES / f"suggestions-{screen}.png")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "goi-y-1")
    code = options.nth(1).locator(".code").inner_text()
    box.press("Enter")
    opened(page, code)
    assert visit.complaints == []


def test_escape_closes_the_suggestions_and_enter_searches(visit: Visit):
    page = visit.page("desk")
    box = page.locator("#q")
    box.press_sequentially("ngoc")
    expect(page.locator("#goi-y").get_by_role("option").first).to_be_visible()
    box.press("Escape")
    expect(page.locator("#goi-y").get_by_role("option").first).to_be_hidden()
    expect(box).to_have_value("ngoc")
    box.press("Enter")
    page.wait_for_url("**/tim?q=ngoc")
    expect(page.get_by_text("9 hồ sơ khớp")).to_be_visible()


def test_a_suggestion_is_opened_by_a_press(visit: Visit):
    page = visit.page("auditor")
    page.locator("#q").press_sequentially("t01-260803-000")
    page.locator("#goi-y").get_by_role("option").first.click()
    page.wait_for_url("**/ho-so/T01-260803-000*")


def test_a_scanner_is_heeded_wherever_the_focus_is(visit: Visit):
    page = visit.page("desk")
    page.locator(".brand").focus()
    page.evaluate(SCAN, [*OVERDUE_A, "Enter"])
    opened(page, OVERDUE_A)


def test_lines_of_a_qr_code_are_read_as_one(visit: Visit):
    page = visit.page("desk")
    text = f"Ho ten: Nguyen\nMa ho so: {OVERDUE_A}\n"
    page.evaluate(SCAN, ["Enter" if letter == "\n" else letter for letter in text])
    opened(page, OVERDUE_A)


def test_what_a_hand_types_is_no_scan(visit: Visit):
    page = visit.page("desk")
    before = page.url
    page.evaluate(BY_HAND, [*OVERDUE_A[:8], "Enter"])
    page.evaluate("new Promise((resume) => setTimeout(resume, 200))")
    assert page.url == before


def test_what_goes_into_a_field_is_left_to_it(visit: Visit):
    page = visit.at("/tai-khoan", "desk")
    before = page.url
    field = page.locator("main input:not([type=hidden])").first
    field.focus()
    page.evaluate(SCAN, [*OVERDUE_A, "Enter"])
    page.evaluate("new Promise((resume) => setTimeout(resume, 200))")
    assert page.url == before


def test_the_keys_of_a_list_do_not_heed_a_scanner(visit: Visit):
    page = visit.at("/tim?q=ngoc", "desk")
    page.evaluate(SCAN, ["1", "/", *OVERDUE_A, "Enter"])
    page.wait_for_url("**/tim?q=*")
    expect(page.locator("#q")).not_to_be_focused()


def test_the_camera_reads_a_receipt_where_the_browser_can(visit: Visit):
    page = visit.at("/tim", "desk")
    expect(page.get_by_role("button", name="Quét bằng máy ảnh")).to_be_hidden()
    page.add_init_script(CAMERA)
    visit.go(page, "/tim")
    page.get_by_role("button", name="Quét bằng máy ảnh").click()
    opened(page, OVERDUE_A)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_without_scripts_the_box_is_a_plain_form(visit: Visit, screen: str):
    page = visit.at("/tim", "desk", screen, java_script_enabled=False)
    page.locator("#tim").fill("bich ngoc")
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page.get_by_text("9 hồ sơ khớp")).to_be_visible()
    picture(page, PICTURES / f"search-{screen}.png", whole=True)
    visit.go(page, "/tim?q=khong-co")
    picture(page, PICTURES / f"search-none-{screen}.png", whole=True)
