"""A morning of an auditor: which are late, a question that is kept, a sample, a pack, who looked, which rules changed; nothing is changed."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.worker import Worker
from tests.web.browsing import Visit
from tests.web.server import log_in
from tests.web.test_packs_page import own_key
from tests.web.world import FINISHED_LATE, NAME, OVERDUE_A, PASSWORD, StandingContext
from tracker.store import audit
from tracker.store.models import Dossier, Letter

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

QUERY = "Quá hạn chưa giải quyết, hằng tuần"


def keep_a_question(page: Page) -> None:
    """The list narrowed, kept under a name and opened again from the kept ones."""
    page.get_by_label("Kỳ", exact=True).select_option("moi-luc")
    page.get_by_label("Tình trạng", exact=True).select_option("open")
    page.get_by_role("button", name="Lọc", exact=True).click()
    expect(page.get_by_role("row").filter(has_text=OVERDUE_A)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=FINISHED_LATE)).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(NAME)
    page.get_by_text("Lưu truy vấn này").click()
    page.get_by_label("Tên truy vấn").fill(QUERY)
    page.get_by_role("button", name="Lưu", exact=True).click()
    page.get_by_role("navigation", name="Các trang kiểm tra").get_by_role(
        "link", name="Truy vấn đã lưu"
    ).click()
    page.get_by_role("link", name=QUERY, exact=True).click()
    expect(page.get_by_role("row").filter(has_text=OVERDUE_A)).to_be_visible()


def draw_a_sample(page: Page) -> None:
    """Two of the list, drawn again by their seed to be the same two."""
    page.get_by_role("link", name="Rút mẫu từ danh sách này").click()
    drawn = []
    for _ in range(2):
        page.get_by_role("textbox", name="Cỡ mẫu", exact=True).fill("2")
        page.get_by_role("textbox", name="Hạt giống", exact=True).fill("7")
        page.get_by_role("button", name="Rút mẫu", exact=True).click()
        expect(page.get_by_role("heading", name="2 hồ sơ, hạt giống 7")).to_be_visible()
        drawn.append(page.locator("a.code").all_inner_texts())
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2


def make_a_pack(page: Page, context: StandingContext, tmp_path: Path) -> None:
    """Asked for here, made by a worker, taken to one's own machine."""
    page.get_by_role("link", name="Gói chứng cứ").first.click()
    page.get_by_label("Từ ngày").fill("01/06/2026")
    page.get_by_label("Đến ngày").fill("23/08/2026")
    page.get_by_role("button", name="Làm gói").click()
    expect(page.get_by_text("đang chờ", exact=False).first).to_be_visible()
    Worker(context, "w1").run_until_idle()
    page.get_by_role("navigation", name="Các trang").get_by_text("Thêm", exact=False).click()
    page.get_by_role("link", name="Gói chứng cứ").first.click()
    with page.expect_download() as got:
        page.get_by_role("link", name="Tải gói 2026-0003").click()
    taken = tmp_path / "goi.zip"
    got.value.save_as(taken)
    with zipfile.ZipFile(taken) as pack:
        assert pack.testzip() is None
        assert not [name for name in pack.namelist() if NAME.encode() in pack.read(name)]


def see_who_looked(page: Page) -> None:
    """Who opened that dossier: the desk before, and the auditor just now."""
    page.get_by_role("link", name="Ai đã xem").first.click()
    page.get_by_label("Mã hồ sơ", exact=True).fill(OVERDUE_A)
    page.get_by_role("button", name="Xem", exact=True).click()
    expect(page.get_by_text("Những ai đã mở hồ sơ")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Tài khoản desk").first).to_be_visible()


def read_the_history_of_rules(page: Page) -> None:
    """The change of the calendar that waits, and nothing here to decide it."""
    page.get_by_role("navigation", name="Các trang").get_by_text("Thêm", exact=False).click()
    page.get_by_role("link", name="Lịch sử quy tắc").click()
    expect(page.get_by_role("heading", name="Lịch sử lịch làm việc và quy tắc")).to_be_visible()
    line = page.get_by_role("row").filter(has_text="Nghỉ thử nghiệm")
    expect(line).to_contain_text("Chờ người thứ hai duyệt")
    line.get_by_role("link", name="Thay đổi lịch số 1").click()
    expect(page.get_by_role("heading", name="Thay đổi lịch làm việc số 1")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt và áp dụng")).to_have_count(0)


def held(context: StandingContext) -> list[object]:
    """What an auditor must leave as it was."""
    with context.store.read() as session:
        rows = [*session.query(Dossier).order_by(Dossier.id), *session.query(Letter).order_by(Letter.id)]
        return [{key: value for key, value in vars(row).items() if not key.startswith("_")} for row in rows]


def test_a_morning_of_an_auditor_changes_nothing(visit: Visit, context: StandingContext, tmp_path: Path):
    own_key(context)
    visit.at(f"/ho-so/{OVERDUE_A}", "desk")
    before = held(context)
    page = visit.page()
    log_in(page, visit.address, "auditor", PASSWORD)
    expect(page.get_by_role("heading", name="Kiểm tra hồ sơ quá hạn")).to_be_visible()
    keep_a_question(page)
    draw_a_sample(page)
    make_a_pack(page, context, tmp_path)
    see_who_looked(page)
    read_the_history_of_rules(page)
    assert held(context) == before
    with context.store.read() as session:
        done = audit.find_acts(session, audit.ActFilter(actor="auditor"), limit=50)
    told = {entry.act.action for entry in done}
    assert {"login", "evidence_pack_asked", "pack_download"} <= told, told
    assert visit.complaints == []
