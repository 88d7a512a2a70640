"""A head's walk with letters in real Chromium, by keyboard from draft to delivered; without scripts the same forms work."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PICTURES, Visit, by_hand
from tests.web.letter_desk import bring, drafted, states
from tests.web.server import picture
from tests.web.world import StandingContext

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

LIST = "/thu-xin-loi?trang-thai="


def press(page: Page, name: str) -> None:
    """A button by keyboard."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def test_a_head_takes_letters_from_draft_to_delivered_by_keyboard(visit: Visit, context: StandingContext):
    *_, one, two = drafted(context, 3)
    page = visit.at(LIST + "drafted", "head")
    told = page.locator("[data-ticked]")
    # The two newest rows that the desk drafted.
    for letter in (two, one):
        page.locator(f"a.code[href='/thu-xin-loi/{letter}']").focus()
        by_hand(page, "x")
    expect(told).to_have_text("Đã đánh dấu 2 dòng.")
    picture(page, PICTURES / "letters-ticked.png")
    press(page, "Duyệt")
    expect(page.get_by_text("2 thư chuyển từ “Đã soạn” sang “Đã duyệt”.")).to_be_visible()
    picture(page, PICTURES / "letters-confirm.png")
    press(page, "Duyệt 2 thư")
    expect(page.get_by_role("status").first).to_contain_text("Đã duyệt 2 thư.")
    assert states(context, [one, two]) == ["approved", "approved"]
    visit.go(page, LIST + "approved")
    by_hand(page, "j", "Enter")
    expect(page.get_by_role("heading", name="Nội dung thư")).to_be_visible()
    page.locator(".one-act summary", has_text="Ghi đã ký").focus()
    page.keyboard.press("Enter")
    press(page, "Ghi đã ký")
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi 1 thư đã ký.")
    assert states(context, [two]) == ["signed"]
    bring(context, [two], "numbered", after="signed")
    visit.go(page, LIST + "numbered")
    page.get_by_label("Tất cả 1 thư của danh sách này").focus()
    page.keyboard.press("Space")
    expect(told).to_have_text("Đã chọn cả danh sách.")
    press(page, "Ghi đã gửi")
    page.get_by_label("Hình thức").select_option("post")
    page.get_by_label("Người thực hiện").fill("Trần Văn Thử")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi 1 thư đã gửi.")
    assert states(context, [two]) == ["delivered"]
    visit.go(page, f"/thu-xin-loi/{two}")
    expect(page.locator(".stepper [aria-current=step]")).to_have_text("Đã gửi")
    picture(page, PICTURES / "letter-delivered.png", whole=True)
    assert visit.complaints == []


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_without_scripts_rows_are_ticked_and_an_obligation_is_decided(
    visit: Visit, context: StandingContext, screen: str
):
    page = visit.at("/thu-xin-loi/nghia-vu/", "head", screen, java_script_enabled=False)
    page.get_by_label("Chọn T01-260803-0003").check()
    page.get_by_role("button", name="Không phải gửi").click()
    page.get_by_label("Lý do").fill("Giấy tiếp nhận in sai ngày hẹn")
    page.get_by_role("button", name="Không phải gửi 1 hồ sơ").click()
    expect(page.get_by_text("Đã quyết định không phải gửi thư cho 1 hồ sơ.")).to_be_visible()
    expect(page.get_by_text("Không có hồ sơ nào ở mục này.")).to_be_visible()
    picture(page, PICTURES / f"obligations-empty-{screen}.png")
