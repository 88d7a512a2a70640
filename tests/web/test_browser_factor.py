"""The second factor in a real browser: set up, used and lost by keyboard alone; single sign-on through a real provider."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.web.browsing import PICTURES, Visit
from tests.web.factors import account, code_of, give_factor
from tests.web.providers import SUBJECT, real_provider, with_provider
from tests.web.server import picture, serving
from tests.web.test_browser_axe import OPTIONS
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker import clock
from tracker.store import second_factors

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)


def typed(page: Page, *words: str) -> None:
    """Type into the field that has the focus, each further word into the next one, and send the form."""
    for place, word in enumerate(words):
        if place:
            page.keyboard.press("Tab")
        page.keyboard.type(word)
    page.keyboard.press("Enter")


def focus(page: Page, name: str, role: str = "textbox") -> None:
    """Go on by Tab until the named thing has the focus."""
    wanted = page.get_by_role(role, name=name)
    for _ in range(80):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {name}")


def objections(page: Page) -> list[str]:
    """What axe has against the page as it stands."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    return [each["id"] for each in page.evaluate("options => axe.run(options)", OPTIONS)["violations"]]


def looked_at(page: Page, name: str, *, is_phone: bool = False) -> None:
    """Nothing for axe to object to, nothing wider than the screen, and a picture of it."""
    assert objections(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    picture(page, PICTURES / f"factor-{name}{'-phone' if is_phone else ''}.png", whole=True)


@pytest.mark.parametrize("screen", ["wide", "phone", "dark"])
def test_it_is_set_up_used_and_recovered_by_keyboard_alone(
    visit: Visit, context: StandingContext, screen: str
):
    page = visit.at("/tai-khoan/xac-thuc", "head", screen, bypass_csp=True, reduced_motion="reduce")
    looked_at(page, f"off-{screen}")
    focus(page, "Mật khẩu hiện tại")
    typed(page, PASSWORD)
    page.locator(".setup-key").wait_for()
    looked_at(page, f"setup-{screen}")
    secret = page.locator(".setup-key").inner_text().replace(" ", "")
    expect(page.get_by_label(re.compile("Mã 6 số"))).to_be_focused()
    typed(page, code_of(NOW, secret))
    page.locator(".recovery").wait_for()
    looked_at(page, f"codes-{screen}")
    codes = page.locator(".recovery code").all_inner_texts()
    assert len(codes) == 10
    visit.go(page, "/tai-khoan/xac-thuc")
    looked_at(page, f"on-{screen}")
    for code in (code_of(NOW, secret, by=1), codes[3]):
        out = visit.page(None, screen, bypass_csp=True)
        visit.go(out, "/dang-nhap")
        focus(out, "Tên đăng nhập")
        typed(out, "head", PASSWORD)
        out.wait_for_url("**/dang-nhap/ma*")
        looked_at(out, f"door-{screen}")
        expect(out.get_by_label("Mã xác thực")).to_be_focused()
        typed(out, code)
        out.wait_for_url(lambda url: "/dang-nhap" not in url)
    visit.go(page, "/tai-khoan")
    looked_at(page, f"account-{screen}")
    assert visit.complaints == []


def test_a_wrong_code_is_told_where_it_was_typed(visit: Visit, context: StandingContext):
    give_factor(context, "head")
    page = visit.page(None, bypass_csp=True)
    visit.go(page, "/dang-nhap")
    focus(page, "Tên đăng nhập")
    typed(page, "head", PASSWORD)
    page.wait_for_url("**/dang-nhap/ma*")
    typed(page, "000000")
    page.get_by_role("alert").wait_for()
    looked_at(page, "wrong")


def test_the_picture_is_shown_under_the_content_policy_and_read_by_a_machine(visit: Visit):
    page = visit.at("/tai-khoan/xac-thuc", "head")
    page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    page.get_by_role("button", name="Bắt đầu cài đặt").click()
    box = page.locator("img.qr")
    box.wait_for()
    assert box.evaluate("each => each.complete && each.naturalWidth > 100")
    assert visit.complaints == []


def test_people_log_in_through_a_real_provider_in_a_real_browser(browser, context: StandingContext):
    """Under our own content policy: no form of ours may lead to another place, so the way there is a link."""
    with real_provider() as issuer:
        context.instant = clock.now()
        with serving(with_provider(context, issuer)) as address:
            visit = Visit(browser, address)
            page = visit.page()
            with context.store.transaction() as session:
                second_factors.set_subject(
                    session, account(context, "head").account_id, f"{issuer} {SUBJECT}"
                )
            visit.go(page, f"/dang-nhap/mot-lan/tro-ve?state=of-nobody&next={address}")
            page.get_by_role("alert").wait_for()
            picture(page, PICTURES / "factor-refused.png", whole=True)
            visit.go(page, "/qua-han")
            page.get_by_role("link", name=context.config.sign_on.label).click()
            page.locator("input[name=sub]").fill(SUBJECT)
            page.get_by_role("button", name="Authorize").click()
            page.wait_for_url(f"{address}/qua-han")
            page.get_by_role("heading", level=1).wait_for()
            visit.go(page, "/tai-khoan")
            picture(page, PICTURES / "factor-account-linked.png", whole=True)
            visit.close()
            assert not [
                each for each in visit.complaints if "Content Security Policy" in each and address in each
            ]


def test_a_person_links_the_own_account_in_a_real_browser(browser, context: StandingContext):
    with real_provider() as issuer:
        context.instant = clock.now() + timedelta(seconds=1)
        with serving(with_provider(context, issuer)) as address:
            visit = Visit(browser, address)
            page = visit.at("/tai-khoan", "head")
            region = page.get_by_role("region", name="Tài khoản bên ngoài")
            region.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
            region.get_by_role("button", name="Tiếp tục").click()
            page.get_by_role("link", name="Sang nơi cấp tài khoản để gắn").click()
            page.locator("input[name=sub]").fill(SUBJECT)
            page.get_by_role("button", name="Authorize").click()
            page.wait_for_url(f"{address}/tai-khoan")
            expect(page.get_by_role("region", name="Tài khoản bên ngoài")).to_contain_text("Đã gắn")
            visit.close()
