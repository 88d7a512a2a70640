"""A morning at the desk, from log-in to log-out, by keyboard alone: somebody stands in front of it and asks."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Visit, by_hand
from tests.web.walking import (
    SCAN,
    choose,
    enter_by_keyboard,
    leave_by_keyboard,
    make_searchable,
    reach,
    write,
)
from tests.web.world import NAME, OVERDUE_A, StandingContext

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

NOTE, ROUND = "Người nộp hỏi, hẹn chiều nay gọi lại", "Đã nhắc phòng chuyên môn"


def find_who_asks(page: Page) -> None:
    """By the name as somebody in a hurry types it, then by the receipt that is scanned."""
    by_hand(page, "/")
    page.keyboard.type("nguyen thi bich ngoc")
    by_hand(page, "Enter")
    expect(page.get_by_text("9 hồ sơ khớp")).to_be_visible()
    expect(page.locator(".rows tbody tr").first).to_contain_text(NAME)
    reach(page, page.locator(".rows tbody a.code").first)
    page.evaluate(SCAN, [*OVERDUE_A, "Enter"])
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}")


def leave_a_note(page: Page) -> None:
    """On the dossier that is open: who asked and what was promised."""
    write(page, page.get_by_label("Ghi chú mới"), NOTE)
    by_hand(page, "Tab", "Enter")
    expect(page.locator(".note-text")).to_have_text(NOTE)


def print_three(page: Page) -> None:
    """Three rows of the board on paper, for the colleague who has no screen."""
    by_hand(page, "j", "x", "j", "x", "j", "x")
    expect(page.locator("[data-picked]")).to_have_text("Đã chọn 3 hồ sơ")
    by_hand(page, "p")
    expect(page.get_by_role("heading", name="Danh sách hồ sơ theo dõi")).to_be_visible()
    rows = page.locator(".print-list tbody tr")
    expect(rows).to_have_count(3)
    expect(page.locator(".print-list")).to_contain_text(NOTE)
    expect(page.get_by_role("button", name="In", exact=True)).to_be_visible()
    choose(page, page.get_by_role("link", name="Về bàn theo dõi"))
    page.wait_for_url("**/ban-theo-doi*")


def write_and_take_back(page: Page) -> None:
    """A note on two at once, wrongly chosen, and taken back."""
    page.locator(".rows").wait_for()
    by_hand(page, "j", "x", "j", "x", "n")
    expect(page.get_by_label("Nội dung")).to_be_focused()
    page.keyboard.type(ROUND)
    by_hand(page, "Tab", "Enter")
    expect(page.get_by_text("Đã ghi chú vào 2 hồ sơ.")).to_be_visible()
    choose(page, page.get_by_role("button", name="Thu hồi ghi chú"))
    expect(page.get_by_text("Đã thu hồi ghi chú ở 2 hồ sơ.")).to_be_visible()


def test_a_morning_at_the_desk_by_keyboard_alone(visit: Visit, context: StandingContext):
    make_searchable(context)
    page = visit.page()
    enter_by_keyboard(visit, page, "desk")
    expect(page.get_by_role("heading", name="Bàn theo dõi", level=1)).to_be_visible()
    find_who_asks(page)
    leave_a_note(page)
    choose(page, page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Bàn theo dõi"))
    page.wait_for_url("**/ban-theo-doi*")
    page.locator(".rows").wait_for()
    print_three(page)
    write_and_take_back(page)
    leave_by_keyboard(page)
    visit.go(page, f"/ho-so/{OVERDUE_A}")
    expect(page.get_by_role("button", name="Đăng nhập")).to_be_visible()
    page = visit.at(f"/ho-so/{OVERDUE_A}", "desk")
    expect(page.locator(".note-text")).to_have_count(1)  # what was taken back is gone, what was meant stays
    expect(page.get_by_text("Đã thu hồi ghi chú này")).to_be_visible()
    assert visit.complaints == []
