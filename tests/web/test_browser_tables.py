"""Lists in a real browser: columns chosen and remembered, rows picked with the keyboard, pages of fifty."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Visit, add_overdue, by_hand
from tests.web.world import OVERDUE_A, StandingContext

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)


def _choose(page: Page, column: str) -> None:
    page.locator(".chooser summary").click()
    page.locator(".chooser").get_by_label(column).click()
    page.keyboard.press("Escape")


def test_a_column_that_was_left_out_stays_out_in_this_browser_and_list(visit: Visit):
    page = visit.page("desk")
    assert page.get_by_role("columnheader", name="Người nộp").is_visible()
    _choose(page, "Người nộp")
    expect(page.get_by_role("columnheader", name="Người nộp")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("columnheader", name="Người nộp")).to_be_hidden()
    assert page.locator("td[data-column='nguoi-nop']:visible").count() == 0
    visit.go(page, "/qua-han")
    assert page.get_by_role("columnheader", name="Người nộp").is_visible()
    visit.go(page, "/ban-theo-doi")
    _choose(page, "Người nộp")
    expect(page.get_by_role("columnheader", name="Người nộp")).to_be_visible()


def test_a_browser_without_a_store_shows_every_column(visit: Visit):
    page = visit.page("desk")
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused') } })"
    )
    visit.go(page, "/ban-theo-doi")
    _choose(page, "Thư")
    expect(page.get_by_role("columnheader", name="Thư")).to_be_hidden()
    assert visit.complaints == []


def test_rows_are_picked_with_x_counted_copied_and_let_go(visit: Visit):
    page = visit.page("desk")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    status = page.get_by_role("status")
    by_hand(page, "j", "x", "j", "x")
    expect(status).to_have_text("Đã chọn 2 hồ sơ")
    page.get_by_role("button", name="Chép mã").click()
    expect(status).to_have_text("Đã chọn 2 hồ sơ, đã chép mã")
    assert page.evaluate("navigator.clipboard.readText()").split() == [OVERDUE_A, "T01-260803-0003"]
    by_hand(page, "k", "k", "x")
    expect(status).to_have_text("Đã chọn 1 hồ sơ")
    page.get_by_role("button", name="Bỏ chọn").click()
    assert page.locator(".cell-pick :checked").count() == 0
    assert page.get_by_role("button", name="Chép mã").is_hidden()


def test_only_picked_rows_are_printed(visit: Visit):
    page = visit.at("/qua-han", "desk")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_label(f"Chọn hồ sơ {OVERDUE_A}").check()
    page.get_by_role("button", name="In các hồ sơ đã chọn").click()
    page.emulate_media(media="print")
    assert page.locator(".rows tbody tr:visible").count() == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("window.printed")


@pytest.mark.parametrize(
    ("path", "forth", "back"),
    [
        ("/ban-theo-doi?loc=qua-han", "50 hồ sơ tiếp theo", "Về đầu danh sách"),
        ("/qua-han", "Trang sau", "Trang trước"),
    ],
)
def test_a_long_list_comes_in_pages_of_fifty(visit: Visit, context: StandingContext, path, forth, back):
    codes = {OVERDUE_A, *add_overdue(context.store, 60)}
    page = visit.at(path, "desk")
    first = page.locator(".rows a.code").all_inner_texts()
    page.get_by_role("link", name=forth).click()
    page.get_by_role("link", name=back).wait_for()
    rest = page.locator(".rows a.code").all_inner_texts()
    assert len(first) == 50
    assert sorted(first + rest) == sorted(codes)
