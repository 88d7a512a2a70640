"""The page of long work in a browser: it looks again by itself, goes on when the work is done, and works without scripts."""

import pytest
from playwright.sync_api import Page, expect

from app.worker import Worker
from tests.web.browsing import Visit
from tests.web.world import StandingContext

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

FORM = "/lich-lam-viec/de-nghi/nghi"


def ask_preview(visit: Visit, **options: bool) -> Page:
    """A preview asked for by the form; nobody is at work yet."""
    page = visit.at(FORM, "admin", **options)
    for label, text in (
        ("Ngày nghỉ", "31/08/2026"),
        ("Tên ngày", "Nghỉ thử nghiệm"),
        ("Văn bản căn cứ (số, ngày, cơ quan)", "TB 1 (thử nghiệm)"),
        ("Lý do thay đổi (ghi vào nhật ký của từng hồ sơ)", "Thử nghiệm"),
    ):
        page.get_by_role("textbox", name=label, exact=True).fill(text)
    page.get_by_role("button", name="Xem trước ảnh hưởng").click()
    expect(page.get_by_role("heading", name="Xem trước thay đổi lịch")).to_be_visible()
    return page


def test_a_page_that_waits_goes_on_by_itself_when_a_worker_has_done_the_work(
    visit: Visit, context: StandingContext
):
    page = ask_preview(visit)
    expect(page.get_by_text("Không có tiến trình làm việc nào đang chạy")).to_be_visible()
    Worker(context, "w1").run_until_idle()
    expect(page.get_by_role("button", name="Gửi đề nghị để người thứ hai duyệt")).to_be_visible(
        timeout=15_000
    )
    expect(page.get_by_role("textbox", name="Ngày nghỉ", exact=True)).to_have_value("31/08/2026")
    assert visit.complaints == []


def test_without_scripts_the_same_is_reached_by_pressing_again(visit: Visit, context: StandingContext):
    page = ask_preview(visit, java_script_enabled=False)
    Worker(context, "w1").run_until_idle()
    page.get_by_role("link", name="Làm mới").click()
    page.get_by_role("link", name="Xem ảnh hưởng").click()
    expect(page.get_by_role("button", name="Gửi đề nghị để người thứ hai duyệt")).to_be_visible()


def test_work_that_is_given_up_on_its_page_says_so(visit: Visit):
    page = ask_preview(visit)
    page.get_by_role("button", name="Dừng việc này").click()
    expect(page.get_by_text("Đã dừng theo yêu cầu")).to_be_visible()
    expect(page.get_by_role("button", name="Làm lại")).to_be_visible()
