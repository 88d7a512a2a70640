"""A key for a system that pushes, as an administrator makes it: units found by typing, ticked, the secret shown; without scripts too."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import PICTURES, Visit
from tests.web.server import picture
from tests.web.world import BRANCH_B

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

NEW = "/nguon-du-lieu/khoa/moi"
SHOWN = "Mật khẩu của khóa"


def test_units_are_found_by_typing_without_marks_and_ticked_by_keyboard(visit: Visit):
    page = visit.at(NEW, "admin")
    page.get_by_label("Tên khóa").fill("mot-cua-dat-dai")
    page.get_by_label("Nguồn có sẵn").select_option("thu")
    page.get_by_label("Mọi đơn vị", exact=True).check()
    page.get_by_label("Tìm trong danh sách đơn vị").fill("dang ky dat dai nghiem hai")
    expect(page.get_by_role("status")).to_have_text("Chưa đánh dấu đơn vị nào. Tìm thấy 1.")
    page.keyboard.press("Enter")  # looks for units, sends nothing
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    # Who ticks a unit means it: the choice of all units is gone.
    expect(page.get_by_label("Mọi đơn vị", exact=True)).not_to_be_checked()
    expect(page.get_by_role("status")).to_have_text("Đã đánh dấu 1 đơn vị.")
    page.get_by_role("button", name="Thêm khóa và hiện mật khẩu").click()
    expect(page.get_by_role("heading", name=SHOWN)).to_be_visible()
    expect(page.locator(".key-units")).to_contain_text(f"T{BRANCH_B}")
    picture(page, PICTURES / "key-made.png", whole=True)
    assert visit.complaints == []


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_without_scripts_groups_are_opened_and_a_key_is_made_and_revoked(visit: Visit, screen: str):
    page = visit.at("/nguon-du-lieu/", "admin", screen, java_script_enabled=False)
    page.get_by_role("link", name="Khóa của hệ thống gửi").click()
    page.get_by_role("link", name="Thêm khóa").click()
    expect(page.get_by_label("Tìm trong danh sách đơn vị")).to_be_hidden()
    page.get_by_label("Tên khóa").fill("mot-cua-dat-dai")
    page.get_by_label("Hoặc tên nguồn mới").fill("dat-dai")
    page.get_by_text("Chi nhánh (").click()
    page.get_by_label("khu vực Thử Nghiệm Hai").check()
    page.get_by_role("button", name="Thêm khóa và hiện mật khẩu").click()
    expect(page.get_by_role("heading", name=SHOWN)).to_be_visible()
    page.locator("#ly-do-revoke").fill("Hệ thống ngừng dùng")
    page.get_by_role("button", name="Thu hồi ngay").click()
    expect(page.get_by_text("Đã thu hồi khóa mot-cua-dat-dai")).to_be_visible()
    expect(page.get_by_role("heading", name=SHOWN)).to_be_hidden()
