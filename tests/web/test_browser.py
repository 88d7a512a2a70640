"""A day in real Chromium: log in, board, search, late list, dossier, letter, score, account, errors; with pictures."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import ERRORS, PICTURES, SCREENS, Visit, by_hand
from tests.web.server import log_in, picture
from tests.web.world import FINISHED_LATE, OVERDUE_A, PASSWORD

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_head_walks_from_login_to_the_score_without_a_complaint_of_the_browser(visit: Visit, screen: str):
    page = visit.page(screen=screen)
    page.goto(f"{visit.address}/dang-nhap")
    picture(page, PICTURES / f"login-{screen}.png")
    log_in(page, visit.address, "head", PASSWORD)
    expect(page.get_by_role("heading", name="Đơn vị của tôi")).to_be_visible()
    picture(page, PICTURES / f"unit-{screen}.png")
    _to_place(page, screen, "Bàn theo dõi")
    expect(page.get_by_role("heading", name="Bàn theo dõi")).to_be_visible()
    picture(page, PICTURES / f"board-{screen}.png")
    _to_place(page, screen, "Quá hạn")
    expect(page.get_by_role("link", name=OVERDUE_A, exact=True)).to_be_visible()
    picture(page, PICTURES / f"late-{screen}.png")
    page.get_by_role("link", name=OVERDUE_A, exact=True).click()
    expect(page.get_by_role("heading", name="Phiếu tính hạn")).to_be_visible()
    picture(page, PICTURES / f"dossier-{screen}.png", whole=True)
    _to_place(page, screen, "Thư xin lỗi")
    expect(page.get_by_role("link", name="Tải thư cho hồ sơ")).to_be_visible()
    picture(page, PICTURES / f"letters-{screen}.png")
    _to_place(page, "phone", "Tiêu chí 3.4.1")
    page.locator("#chart .main-svg").first.wait_for()
    picture(page, PICTURES / f"score-{screen}.png", whole=True)
    page.get_by_role("link", name="Theo tháng").click()
    expect(page.get_by_role("table")).to_be_visible()
    picture(page, PICTURES / f"months-{screen}.png", whole=True)
    page.get_by_role("link", name="Thủ trưởng đơn vị").click()
    picture(page, PICTURES / f"account-{screen}.png")
    assert visit.complaints == []


def _to_place(page: Page, screen: str, name: str) -> None:
    """By the top bar; on a phone, and for what is no place of every morning, by its menu."""
    bar = page.get_by_role("navigation", name="Các trang")
    if screen == "phone":
        bar.locator("summary").click()
    bar.get_by_role("link", name=name, exact=True).click()


@pytest.mark.parametrize("screen", SCREENS)
def test_errors_are_pages_with_a_way_out(visit: Visit, screen: str):
    page = visit.page("admin", screen)
    for path, name in ((ERRORS[0], "404"), ("/ban-theo-doi", "403")):
        page.goto(visit.address + path)
        assert page.get_by_text("Đã giữ lại").is_visible()
        assert page.get_by_text("Việc nên làm").is_visible()
        picture(page, PICTURES / f"error-{name}-{screen}.png")
    page.get_by_role("link", name="Về trang đầu").click()
    expect(page.get_by_role("heading", name="Quản trị", exact=True)).to_be_visible()


def test_the_keyboard_alone_finds_a_dossier(visit: Visit):
    page = visit.page("desk")
    by_hand(page, "/", *OVERDUE_A.lower(), "Enter")
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}")
    visit.go(page, "/ban-theo-doi")
    by_hand(page, "j", "j", "k", "Enter")
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}")


def test_why_a_dossier_is_due_then_is_one_click_away(visit: Visit):
    page = visit.page("desk")
    page.get_by_role("link", name=f"vì sao hồ sơ {OVERDUE_A} hẹn ngày này").click()
    page.wait_for_url(f"**/ho-so/{OVERDUE_A}#phieu-tinh-han")
    expect(page.get_by_role("heading", name="Phiếu tính hạn")).to_be_in_viewport()


def test_the_pages_work_without_scripts(visit: Visit):
    page = visit.at("/qua-han", "head", java_script_enabled=False)
    page.get_by_label("Tình trạng").select_option("finished")
    page.get_by_role("button", name="Lọc").click()
    expect(page.get_by_role("link", name=FINISHED_LATE, exact=True)).to_be_visible()
    assert page.locator(".scripted:visible").count() == 0
    with page.expect_download() as workbook:
        page.get_by_role("link", name="Tải Excel").click()
    assert workbook.value.suggested_filename.endswith(".xlsx")
    page.goto(f"{visit.address}/tieu-chi/3.4.1?nam=2026")
    assert page.get_by_role("rowheader").first.is_visible()


def test_a_letter_is_downloaded(visit: Visit):
    page = visit.at(f"/ho-so/{FINISHED_LATE}", "head")
    with page.expect_download() as letter:
        page.get_by_role("link", name="Tải thư").click()
    assert letter.value.suggested_filename.endswith(".docx")


def test_the_excel_list_asks_first_and_says_how_many(visit: Visit, tmp_path):
    page = visit.at("/qua-han", "head")
    page.get_by_role("link", name="Tải Excel").click()
    dialog = page.get_by_role("dialog", name="Tải 1 hồ sơ ra tệp Excel?")
    expect(dialog).to_be_visible()
    assert "tên người nộp ghi đầy đủ" in dialog.inner_text()
    dialog.get_by_role("button", name="Thôi").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Tải Excel").click()
    with page.expect_download() as workbook:
        dialog.get_by_role("link", name="Tải 1 hồ sơ").click()
    target = tmp_path / workbook.value.suggested_filename
    workbook.value.save_as(target)
    assert target.read_bytes().startswith(b"PK")
    expect(dialog).to_be_hidden()
