"""How pages lie on the screen: dense on an office screen, heads that stay in sight, the way of the keyboard, motion, contrast."""

import pytest
from playwright.sync_api import Page

from tests.web.browsing import WIDE, Visit, add_overdue, by_hand
from tests.web.world import StandingContext

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

LONG = "Trung tâm Phục vụ hành chính công thành phố Buôn Ma Thuột và các xã, phường lân cận đang sắp xếp lại"


def test_an_office_screen_shows_the_six_counts_and_eight_rows(visit: Visit, context: StandingContext):
    add_overdue(context.store, 12, officer_name=LONG, applicant_name=LONG)
    page = visit.board("head")
    assert page.locator(".tile").count() == 6
    bottom = page.locator(".rows tbody tr").nth(7).bounding_box()
    assert bottom
    assert bottom["y"] + bottom["height"] <= WIDE["height"]


def test_the_head_of_a_long_list_stays_in_sight(visit: Visit, context: StandingContext):
    add_overdue(context.store, 30)
    page = visit.board("head")
    by_hand(page, *"j" * 25)
    top = page.locator("header.top").bounding_box()
    head = page.locator(".rows thead th").nth(1).bounding_box()
    row = page.locator(".rows tbody tr:focus-within").bounding_box()
    assert top
    assert head
    assert row
    assert page.evaluate("scrollY") > 0
    assert abs(head["y"] - (top["y"] + top["height"])) <= 1
    assert row["y"] >= head["y"] + head["height"] - 1


def test_a_region_that_scrolls_by_itself_can_be_reached_and_has_a_name(visit: Visit):
    page = visit.at("/tieu-chi/3.4.1/theo-thang?nam=2026", "reform", "phone")
    region = page.get_by_role("region", name="Tỷ lệ hồ sơ trễ theo tháng và đơn vị")
    assert region.evaluate("each => each.scrollWidth > each.clientWidth && each.tabIndex === 0")


def test_the_first_key_of_every_page_leads_to_its_content(visit: Visit):
    page = visit.window("head")
    for path in ("/ban-theo-doi", "/qua-han", "/tai-khoan"):
        visit.go(page, path)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Đến nội dung chính"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "noi-dung"


@pytest.mark.parametrize("path", ["/ban-theo-doi", "/qua-han", "/tieu-chi/3.4.1?nam=2026"])
def test_whoever_walks_with_the_keyboard_sees_where_they_are(visit: Visit, path: str):
    page = visit.at(path, "head")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert _has_ring(page), page.evaluate("document.activeElement.outerHTML")


def _has_ring(page: Page) -> bool:
    return page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
    )


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", 0), ("no-preference", 0.12)])
def test_nothing_moves_for_those_who_want_no_motion(visit: Visit, motion: str, seconds: float):
    page = visit.board("head", reduced_motion=motion)
    duration = page.evaluate("getComputedStyle(document.querySelector('.tile')).transitionDuration")
    assert {float(each.strip().removesuffix("s")) for each in duration.split(",")} == {seconds}


@pytest.mark.parametrize(
    "wish", [{"contrast": "more"}, {"forced_colors": "active"}], ids=["contrast", "forced"]
)
def test_who_asks_for_more_contrast_gets_a_thicker_focus(visit: Visit, wish):
    page = visit.board("head", **wish)
    page.keyboard.press("j")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"
