"""The board in a real browser: a morning by keyboard alone, keys told and switched off, bulk acts without scripts, paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PICTURES, WIDE, Visit, add_overdue, by_hand
from tests.web.server import picture
from tests.web.world import OVERDUE_A, StandingContext

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

LONG = "Trung tâm Phục vụ hành chính công thành phố Buôn Ma Thuột và các xã, phường lân cận đang sắp xếp lại"
SECOND = "T01-260803-0003"
CHIP = re.compile("bước xử lý: trần thử.*bỏ bộ lọc này")


def at(page: Page) -> str:
    """The code of the row that has the focus."""
    return str(
        page.evaluate("document.activeElement.closest('tr')?.querySelector('a.code')?.textContent ?? ''")
    )


def test_a_morning_by_keyboard_alone(visit: Visit):
    page = visit.at("/ban-theo-doi", "desk")
    by_hand(page, "j", "x", "j", "x")
    expect(page.get_by_role("status")).to_have_text("Đã chọn 2 hồ sơ")
    by_hand(page, "n")
    expect(page.get_by_role("heading", name="Ghi chú: 2 hồ sơ")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "noi-dung"
    page.keyboard.type("Đã gọi, hẹn chiều nay")
    by_hand(page, "Tab", "Enter")
    expect(page.get_by_text("Đã ghi chú vào 2 hồ sơ.")).to_be_visible()
    assert at(page) == OVERDUE_A  # the work goes on where it was
    by_hand(page, "j")
    assert at(page) == SECOND
    by_hand(page, "Enter")
    expect(page.get_by_role("heading", name=SECOND)).to_be_visible()
    expect(page.get_by_text("Đã gọi, hẹn chiều nay")).to_be_visible()
    page.go_back()
    page.locator(".rows").wait_for()
    assert at(page) == SECOND
    page.get_by_role("button", name="Thu hồi ghi chú").focus()
    by_hand(page, "Enter")
    expect(page.get_by_text("Đã thu hồi ghi chú ở 2 hồ sơ.")).to_be_visible()
    assert at(page) == OVERDUE_A
    by_hand(page, "p")
    expect(page.get_by_role("heading", name="Danh sách hồ sơ theo dõi")).to_be_visible()
    assert visit.complaints == []


def test_n_and_p_mean_the_row_one_is_at_and_the_whole_list_where_nothing_is_picked(visit: Visit):
    page = visit.at("/ban-theo-doi", "desk")
    by_hand(page, "n")
    assert page.url.endswith("/ban-theo-doi")  # no row yet: nothing happens
    by_hand(page, "j", "n")
    expect(page.get_by_role("heading", name=f"Ghi chú: {OVERDUE_A}")).to_be_visible()
    visit.go(page, "/ban-theo-doi?loc=qua-han")
    by_hand(page, "j", "x", "p")
    expect(page.get_by_text("Hồ sơ đã chọn", exact=True).first).to_be_visible()


def test_the_keys_are_told_in_a_dialog_that_gives_the_focus_back_and_can_be_switched_off(visit: Visit):
    page = visit.at("/ban-theo-doi", "desk")
    by_hand(page, "j", "?")
    dialog = page.get_by_role("dialog", name="Phím tắt")
    expect(dialog).to_be_visible()
    by_hand(page, "j", "Escape")
    expect(dialog).to_be_hidden()
    assert at(page) == OVERDUE_A
    page.get_by_role("button", name="Phím tắt").click()
    dialog.get_by_label("Dùng phím tắt một chữ").uncheck()
    dialog.get_by_role("button", name="Đóng").click()
    assert page.evaluate("document.activeElement.hasAttribute('data-keys')")
    for _ in range(2):
        by_hand(page, "j", "x", "?", "n")
        assert page.url.endswith("/ban-theo-doi")
        assert page.locator(".cell-pick :checked").count() == 0
        expect(dialog).to_be_hidden()
        page.reload()
    page.get_by_role("button", name="Phím tắt").click()
    expect(dialog.get_by_label("Dùng phím tắt một chữ")).not_to_be_checked()


def test_one_box_picks_the_page_and_unpicking_leaves_the_focus_in_the_list(visit: Visit):
    page = visit.at("/ban-theo-doi", "desk")
    page.get_by_label("Chọn cả trang").check()
    expect(page.get_by_role("status")).to_have_text("Đã chọn 4 hồ sơ")
    page.get_by_role("button", name="Bỏ chọn").click()
    expect(page.locator(".bulk")).to_be_hidden()
    assert at(page) == OVERDUE_A
    expect(page.get_by_label("Chọn cả trang")).not_to_be_checked()


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_without_scripts_filters_and_bulk_acts_work(visit: Visit, screen: str):
    page = visit.at("/ban-theo-doi", "desk", screen, java_script_enabled=False)
    page.get_by_text("Lọc, sắp xếp").click()
    page.get_by_label("Cán bộ, bước xử lý").fill("trần thử")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.get_by_role("link", name=CHIP)).to_be_visible()
    page.get_by_label(f"Chọn hồ sơ {OVERDUE_A}").check()
    page.get_by_role("button", name="Nhận việc").click()
    page.get_by_label("Hẹn xong ngày").fill("28/08/2026")
    page.get_by_role("button", name="Nhận việc").click()
    expect(page.get_by_text("Đã ghi bạn nhận 1 hồ sơ.")).to_be_visible()
    expect(page.get_by_text("Tài khoản desk nhận, hẹn 28/08")).to_be_visible()
    page.get_by_role("link", name=CHIP).click()
    expect(page.locator(".filter-chip")).to_have_count(0)


@pytest.mark.parametrize("screen", ["wide", "phone", "dark"])
@pytest.mark.parametrize("kind", ["none", "one", "long"])
def test_no_row_one_row_and_very_long_names_fit_the_screen(
    visit: Visit, context: StandingContext, kind: str, screen: str
):
    path = {"none": "?kenh=online", "one": "?loc=qua-han", "long": ""}[kind]
    if kind == "long":
        add_overdue(context.store, 60, officer_name=LONG, applicant_name=LONG, status_text=LONG)
    page = visit.at(f"/ban-theo-doi{path}", "desk", screen)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, PICTURES / f"board-{kind}-{screen}.png")
    if kind == "long":
        page.locator("tbody .cell-pick input").first.check()
        bar = page.locator(".bulk").bounding_box()
        assert bar
        assert bar["y"] + bar["height"] <= (WIDE["height"] if screen != "phone" else 844)
        picture(page, PICTURES / f"board-picked-{screen}.png")
    if kind == "none":
        expect(page.get_by_role("link", name="Bỏ các bộ lọc")).to_be_visible()


def test_the_list_on_paper_repeats_its_head_and_breaks_between_rows(visit: Visit, context: StandingContext):
    add_overdue(context.store, 60, officer_name=LONG, applicant_name=LONG)
    page = visit.at("/ban-theo-doi/in?loc=qua-han", "desk")
    page.emulate_media(media="print")
    assert page.get_by_role("button", name="In").is_hidden()
    assert "khu vực Thử Nghiệm Một" in page.locator(".sheet-unit").inner_text()
    assert page.get_by_text("61 hồ sơ").is_visible()
    styles = page.evaluate(
        "[getComputedStyle(document.querySelector('thead')).display,"
        " getComputedStyle(document.querySelector('tbody tr')).breakInside]"
    )
    assert styles == ["table-header-group", "avoid"]
    assert page.evaluate(
        "document.querySelector('.print-list').scrollWidth <= document.querySelector('main').clientWidth"
    )
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.pdf(path=PICTURES / "board-list.pdf", prefer_css_page_size=True)
