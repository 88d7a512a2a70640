"""A morning of the reform office: the score, what may still be late, where it is lost, words for the report, a day off proposed."""

import pytest
from playwright.sync_api import Page, expect

from app.worker import Worker
from tests.web.browsing import Visit
from tests.web.server import log_in
from tests.web.world import PASSWORD, StandingContext
from tracker.store import audit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

DAY_OFF = {
    "Ngày nghỉ": "28/08/2026",
    "Tên ngày": "Nghỉ bù của tỉnh",
    "Văn bản căn cứ (số, ngày, cơ quan)": "TB 12/TB-UBND (thử nghiệm)",
    "Lý do thay đổi (ghi vào nhật ký của từng hồ sơ)": "Nghỉ theo thông báo của tỉnh",
}


def read_the_score(page: Page) -> None:
    """The score with its fraction, and what may still be late in month, quarter and year."""
    expect(page.get_by_role("heading", name="Tiêu chí 3.4.1 · năm 2026")).to_be_visible()
    expect(page.get_by_role("region", name="Điểm")).to_contain_text("(1/2 hồ sơ)")
    budget = page.get_by_role("region", name="Tháng, quý, năm còn được trễ bao nhiêu")
    expect(budget.locator(".gauges > li")).to_have_count(3)
    expect(budget).to_contain_text("đã trễ 1")


def look_at_a_unit(page: Page) -> None:
    """From the table of where it is lost to the page of that unit, without the names of its officers."""
    where = page.get_by_role("region", name="Hồ sơ quá hạn ở đâu")
    where.locator(".main-svg").first.wait_for()
    where.get_by_text("Xem bảng").click()
    where.get_by_role("rowheader").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thử Nghiệm Một")
    expect(page.get_by_role("heading", name="Ai đang giữ nhiều việc")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Trần Văn Thử")
    page.get_by_role("link", name="Tiêu chí 3.4.1").first.click()


def take_over_the_text(page: Page) -> str:
    """The paragraph for the report, as it comes out of the clipboard."""
    page.get_by_role("button", name="Chép đoạn văn").click()
    shown = page.locator("#doan-van").inner_text().split()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.length > 0)")
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    assert copied.split() == shown
    return copied


def propose_a_day_off(page: Page, context: StandingContext) -> None:
    """Looked at before it is asked for: how many dossiers would move."""
    page.get_by_role("navigation", name="Các trang").get_by_text("Thêm", exact=False).click()
    page.get_by_role("link", name="Lịch làm việc").click()
    page.get_by_role("link", name="Đề nghị thay đổi", exact=True).click()
    for label, words in DAY_OFF.items():
        page.get_by_role("textbox", name=label, exact=True).fill(words)
    page.get_by_role("button", name="Xem trước ảnh hưởng").click()
    expect(page.get_by_role("heading", name="Tiến độ")).to_be_visible()
    Worker(context, "w1").run_until_idle()
    expect(page.get_by_role("region", name="Ảnh hưởng")).to_contain_text("hồ sơ")
    page.get_by_role("button", name="Gửi đề nghị để người thứ hai duyệt").click()
    expect(page.get_by_role("heading", name="Tiến độ")).to_be_visible()
    Worker(context, "w1").run_until_idle()
    expect(page.get_by_role("heading", name="Thay đổi lịch làm việc số 2")).to_be_visible()
    expect(page.get_by_role("button", name="Rút đề nghị")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt và áp dụng")).to_have_count(0)


def test_a_morning_of_the_reform_office(visit: Visit, context: StandingContext):
    page = visit.page(permissions=["clipboard-read", "clipboard-write"])
    log_in(page, visit.address, "reform", PASSWORD)
    read_the_score(page)
    look_at_a_unit(page)
    assert "50,00" in take_over_the_text(page)
    propose_a_day_off(page, context)
    visit.go(page, "/lich-lam-viec/?nam=2026")
    expect(page.get_by_text("TB 12/TB-UBND (thử nghiệm)")).to_have_count(
        0
    )  # nothing holds before a second person
    with context.store.read() as session:
        done = audit.find_acts(session, audit.ActFilter(actor="reform"), limit=20)
    assert "calendar_propose" in {entry.act.action for entry in done}
    assert visit.complaints == []
