"""A morning of a head, by keyboard alone: what fell late, who has too much, letters to approve, alerts to take on."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Visit, by_hand
from tests.web.letter_desk import drafted, states
from tests.web.walking import choose, enter_by_keyboard, leave_by_keyboard, write
from tests.web.world import OVERDUE_A, StandingContext, at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)


def read_the_unit(page: Page) -> None:
    """This month, what is open, whose work it is."""
    expect(page.get_by_role("heading", name="Đơn vị của tôi", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Đang quá hạn")).to_contain_text("3")
    officers = page.get_by_role("region", name="Ai đang giữ nhiều việc")
    expect(officers.get_by_role("rowheader", name="Trần Văn Thử")).to_be_visible()


def from_newly_late_to_the_dossier(page: Page) -> None:
    """Two presses from the page of the unit: the tile, and the row."""
    choose(page, page.get_by_role("link", name="Mới quá hạn"))
    late = page.get_by_role("region", name="Mới quá hạn từ")
    choose(page, late.get_by_role("link", name="T01-260804-0001", exact=True))
    expect(page.get_by_role("heading", name="T01-260804-0001")).to_be_visible()
    expect(page.get_by_role("heading", name="Ba ngày hẹn")).to_be_visible()


def approve_letters(page: Page) -> None:
    """All that the desk drafted, after what will happen was read."""
    choose(page, page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Thư xin lỗi"))
    choose(page, page.get_by_role("navigation", name="Sổ theo dõi").get_by_role("link", name="Đã soạn"))
    choose(page, page.get_by_label("Chọn cả trang"), "Space")
    choose(page, page.get_by_role("button", name="Duyệt", exact=True))
    expect(page.get_by_role("heading", name="Duyệt: ")).to_be_visible()
    choose(page, page.get_by_role("button", name="Duyệt "))
    expect(page.get_by_text("Đã duyệt 6 thư.")).to_be_visible()


def take_on_alerts(page: Page) -> None:
    """Two of those that wait, with the day when they will be done."""
    choose(page, page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Cảnh báo"))
    expect(page.get_by_role("heading", name="Cảnh báo của bạn")).to_be_visible()
    choose(page, page.get_by_label(f"Chọn {OVERDUE_A}"), "Space")
    choose(page, page.get_by_role("button", name="Nhận việc, hẹn xong ngày…"))
    write(page, page.get_by_label("Hẹn xong ngày"), "27/08/2026")
    by_hand(page, "Enter")
    expect(page.get_by_text("Đã ghi bạn nhận 1 hồ sơ.")).to_be_visible()


def test_a_morning_of_a_head_by_keyboard_alone(visit: Visit, context: StandingContext):
    saturday = at(22)  # worked in place of the 31st: the working day before
    letters = drafted(context, 2, source_due_at=saturday, promised_at=saturday, documented_due_at=saturday)
    page = visit.page()
    enter_by_keyboard(visit, page, "head")
    read_the_unit(page)
    from_newly_late_to_the_dossier(page)
    approve_letters(page)
    take_on_alerts(page)
    leave_by_keyboard(page)
    assert states(context, letters) == ["approved", "approved"]
    page = visit.at(f"/ho-so/{OVERDUE_A}", "desk")
    taken = page.get_by_role("region", name="Cảnh báo")
    expect(taken).to_contain_text("Tài khoản head")
    expect(taken).to_contain_text("27/08/2026")
    assert visit.complaints == []
