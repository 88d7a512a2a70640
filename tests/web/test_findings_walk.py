"""From a sign to a conclusion in a real browser: an auditor finds, a head explains by keyboard alone, an auditor confirms."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Visit, by_hand
from tests.web.finding_sets import MOVED
from tests.web.test_browser_axe import objections
from tests.web.world import OVERDUE_A, StandingContext
from tracker.store import audit, finding_said

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

WHY = "Nguồn gửi lại cả lô; ngày hẹn cũ là lỗi nhập, đã có biên bản"
SEEN = "Biên bản có ngày sau khi hồ sơ đã quá hạn, chưa đủ"


def find(page: Page, visit: Visit) -> None:
    """From the auditor's own page to the sign with its pair."""
    page.get_by_role("navigation", name="Các trang kiểm tra").get_by_role(
        "link", name="Dấu hiệu cần giải trình"
    ).click()
    expect(page.get_by_role("heading", name="Dấu hiệu cần giải trình")).to_be_visible()
    page.get_by_role("navigation", name="Loại dấu hiệu").get_by_role(
        "link", name=re.compile("Dời hạn khi đã quá hạn")
    ).click()
    row = page.get_by_role("row").filter(has_text=OVERDUE_A)
    expect(row).to_contain_text("Hẹn trả 14/08/2026 → 20/08/2026")
    row.get_by_role("link", name=OVERDUE_A).click()
    expect(page.get_by_text("Hẹn trả 14/08/2026 09:30")).to_be_visible()
    page.get_by_role("link", name="lần nạp số 1").first.click()
    page.wait_for_url("**/nguon-du-lieu/lo/1")


def explain(page: Page, visit: Visit) -> None:
    """Down the list, tick, ask, write, send: no mouse."""
    visit.go(page, "/dau-hieu/?dau-hieu=due_moved_after")
    by_hand(page, "j", "x")
    expect(page.get_by_text("Đã đánh dấu 1 dòng.")).to_be_visible()
    page.get_by_role("button", name="Giải trình", exact=True).press("Enter")
    expect(page.get_by_role("heading", name=f"Giải trình: {OVERDUE_A}")).to_be_visible()
    expect(page.get_by_text("1 dấu hiệu được ghi là đã giải trình")).to_be_visible()
    page.get_by_label("Giải trình: vì sao").focus()
    page.keyboard.type(WHY)
    by_hand(page, "Tab")
    page.keyboard.type("15/BC")
    by_hand(page, "Tab", "Enter")
    expect(page.get_by_text("Đã ghi giải trình cho 1 dấu hiệu.")).to_be_visible()


def conclude(page: Page, visit: Visit) -> None:
    """The explanation read, the sign confirmed."""
    visit.go(page, f"/dau-hieu/{MOVED}")
    expect(page.get_by_text(WHY)).to_be_visible()
    page.get_by_text("Xác nhận dấu hiệu", exact=True).first.click()
    form = page.locator("details[open]").filter(has=page.get_by_role("button", name="Xác nhận dấu hiệu"))
    form.get_by_label("Lý do của kết luận").fill(SEEN)
    form.get_by_role("button", name="Xác nhận dấu hiệu").click()
    expect(page.get_by_text("Đã xác nhận 1 dấu hiệu.")).to_be_visible()
    expect(page.locator(".dossier-head").get_by_text("Xác nhận", exact=True)).to_be_visible()


def test_a_sign_is_found_explained_and_confirmed(visit: Visit, context: StandingContext):
    auditor = visit.page("auditor")
    find(auditor, visit)
    explain(visit.page("head"), visit)
    conclude(auditor, visit)
    with context.store.read() as session:
        told = [
            (each.state.value, each.reason, each.document) for each in finding_said.said_of(session, MOVED)
        ]
        acts = {act.action for act in audit.recent_acts(session, 30)}
    assert told == [("confirmed", SEEN, ""), ("explained", WHY, "15/BC")]
    assert {"findings", "finding", "finding_explain", "finding_confirm"} <= acts
    assert visit.complaints == []


@pytest.mark.parametrize("path", ["/dau-hieu/", f"/dau-hieu/{MOVED}", "/dau-hieu/do-tre-bi-che?nam=2026"])
def test_axe_does_not_object(visit: Visit, path: str):
    page = visit.at(path, "auditor", bypass_csp=True, reduced_motion="reduce")
    assert list(objections(page, path)) == []
