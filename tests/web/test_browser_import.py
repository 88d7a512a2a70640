"""Bringing a file in, as a person does it: choose, look, load, mend what could not be used; with scripts and without."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.worker import Worker
from tests.web.browsing import PICTURES, Visit
from tests.web.imports import UPLOAD, a_list, made
from tests.web.server import picture
from tests.web.world import StandingContext

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

LONG = "Danh sách hồ sơ tiếp nhận và trả kết quả của Trung tâm Phục vụ hành chính công, tháng 8 năm 2026 (bản xuất lần hai).csv"


def choose(visit: Visit, page: Page, file: Path) -> None:
    visit.go(page, UPLOAD)
    page.get_by_label("Tệp (một hoặc nhiều").set_input_files(file)
    page.get_by_role("button", name="Xem trước").click()
    page.wait_for_url("**/cong-viec/*")


def work(context: StandingContext) -> None:
    assert Worker(context, "w1").run_until_idle() > 0


def test_a_clerk_loads_a_file_and_mends_what_could_not_be_used(
    visit: Visit, context: StandingContext, tmp_path: Path
):
    file = tmp_path / LONG
    file.write_text(a_list(made(1), made(2, due_at="31/02/2026")), "utf-8", newline="")
    page = visit.page("reform")
    choose(visit, page, file)
    work(context)
    expect(page.get_by_role("heading", name="Nếu nạp bây giờ")).to_be_visible(timeout=15_000)
    picture(page, PICTURES / "import-preview.png", whole=True)
    page.get_by_role("button", name="Nạp 1 hồ sơ").click()
    page.wait_for_url("**/cong-viec/*")
    work(context)
    expect(page.get_by_role("heading", name="Lô 2")).to_be_visible(timeout=15_000)
    picture(page, PICTURES / "import-batch.png", whole=True)
    page.get_by_role("link", name="1 dòng còn phải xem").click()
    page.get_by_role("link", name="3", exact=True).click()
    page.get_by_label("Ngày hẹn trả").fill("28/08/2026")
    page.get_by_role("button", name="Nạp lại dòng này").click()
    expect(page.get_by_text("Đã nhận dòng số 3 ở lô 3.")).to_be_visible()
    picture(page, PICTURES / "import-mended.png", whole=True)
    assert visit.complaints == []


def test_without_scripts_the_same_is_reached_by_pressing_again(
    visit: Visit, context: StandingContext, tmp_path: Path
):
    file = tmp_path / "thang-8.csv"
    file.write_text(a_list(made(1)), "utf-8", newline="")
    page = visit.page("admin", "phone", java_script_enabled=False)
    choose(visit, page, file)
    work(context)
    page.get_by_role("link", name="Làm mới").click()
    page.get_by_role("link", name="Xem trước khi nạp").click()
    page.get_by_role("button", name="Nạp 1 hồ sơ").click()
    work(context)
    page.get_by_role("link", name="Làm mới").click()
    page.get_by_role("link", name="Xem lô 2").click()
    expect(page.get_by_text("1 dòng = ")).to_be_visible()
