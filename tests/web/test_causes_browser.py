"""A head and an auditor look for where lateness comes from, by keyboard alone: period, table, picture, dossiers, event log."""

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Visit
from tests.web.cause_sets import SURVEYORS
from tests.web.walking import choose, reach, write
from tests.web.world import FINISHED_LATE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the page asks the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)


def narrow_to_june(page: Page) -> None:
    """The months typed, and seen."""
    write(page, page.get_by_label("Từ tháng"), "6/2026")
    write(page, page.get_by_label("Đến tháng"), "6/2026")
    choose(page, page.get_by_role("button", name="Xem", exact=True))
    expect(page.get_by_role("heading", name="Nguyên nhân quá hạn · tháng 06/2026 – 06/2026")).to_be_visible()
    for chart in page.locator(".chart").all():
        chart.locator(".main-svg").first.wait_for()


def test_an_auditor_finds_the_department_and_the_dossiers_behind_a_figure(visit: Visit):
    page = visit.at("/nguyen-nhan/", "auditor")
    narrow_to_june(page)
    expect(page.get_by_text("trễ tổng cộng 5 ngày làm việc")).to_be_visible()
    section = page.locator("section", has=page.get_by_role("heading", name="Bộ phận nào, cộng dồn (Pareto)"))
    expect(section.get_by_role("table")).to_be_hidden()  # the chart says it
    choose(page, section.get_by_text("Xem bảng"))
    expect(section.get_by_role("row").filter(has_text=SURVEYORS)).to_contain_text("75,00\u00a0%")
    choose(page, page.get_by_role("link", name="Xem 1 hồ sơ quá hạn của kỳ"))
    expect(page.get_by_role("row").filter(has_text=FINISHED_LATE)).to_be_visible()
    assert visit.complaints == []


def test_an_auditor_takes_a_picture_and_an_event_log(visit: Visit):
    page = visit.at("/nguyen-nhan/?tu=06/2026&den=06/2026", "auditor")
    with page.expect_download() as picture:
        choose(page, page.get_by_role("button", name="Tải PNG biểu đồ theo bộ phận"))
    assert picture.value.suggested_filename == "nguyen-nhan-202606-202606-theo-bo-phan.png"
    with page.expect_download() as log:
        choose(page, page.get_by_role("button", name="Tải XES"))
    assert log.value.suggested_filename == "nhat-ky-su-kien-20260601-20260630.xes"
    assert FINISHED_LATE in log.value.path().read_text("utf-8")
    assert visit.complaints == []


def test_a_head_goes_from_the_own_unit_to_its_late_dossiers(visit: Visit):
    page = visit.at("/nguyen-nhan/", "head")
    narrow_to_june(page)
    expect(page.get_by_role("heading", name="Nhật ký sự kiện để phân tích quy trình")).to_have_count(0)
    table = page.get_by_role("region", name="Bảng hồ sơ quá hạn theo đơn vị giải quyết")
    choose(page, table.get_by_role("link", name="hồ sơ quá hạn của"))
    expect(page.get_by_role("row").filter(has_text=FINISHED_LATE)).to_be_visible()
    assert visit.complaints == []


def test_the_parts_of_the_page_are_reached_by_their_names(visit: Visit):
    page = visit.at("/nguyen-nhan/?tu=06/2026&den=06/2026", "reform")
    parts = page.get_by_role("navigation", name="Các phần của trang")
    choose(page, parts.get_by_role("link", name="Lý do"))
    expect(page.get_by_role("heading", name="Lý do được ghi")).to_be_in_viewport()
    for link in parts.get_by_role("link").all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1
    reach(page, page.get_by_role("button", name="Tải CSV"))


@pytest.mark.parametrize("screen", ["phone", "dark"])
def test_charts_are_drawn_without_complaint_on_a_phone_and_in_the_dark(visit: Visit, screen: str):
    page = visit.at("/nguyen-nhan/?tu=06/2026&den=06/2026", "auditor", screen)
    assert page.locator(".chart .main-svg").count() >= 4
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert visit.complaints == []
