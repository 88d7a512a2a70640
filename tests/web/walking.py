"""How the walks of the audiences move: keys as a person presses them, Tab to a named thing, the log-in by typing."""

from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import Visit, by_hand
from tests.web.world import PASSWORD, StandingContext
from tracker.pipeline.search_keeping import refresh
from tracker.store import search_marks

# A walk waits for pages as a person does; a machine that does much else takes longer than the usual five seconds.
expect.set_options(timeout=20_000)
# The bar, a page's filters and tools, and a list of some rows.
MOST_TABS = 150
# Keys as a scanner sends them: one after the other, without a pause, to whatever has the focus.
SCAN = """(keys) => {
  for (const key of keys)
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}"""


def reach(page: Page, wanted: Locator) -> Locator:
    """Go on by Tab until the wanted thing has the focus."""
    wanted.wait_for()
    for _ in range(MOST_TABS):
        if wanted.evaluate("each => each === document.activeElement"):
            return wanted
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {wanted}")


def choose(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Reach a link, button or box by Tab and press it."""
    reach(page, wanted)
    by_hand(page, key)


def write(page: Page, wanted: Locator, words: str) -> None:
    """Reach a field by Tab and type into it, in place of what stands there."""
    reach(page, wanted)
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def enter_by_keyboard(visit: Visit, page: Page, login: str, password: str = PASSWORD) -> None:
    """Log in by typing, from the start page."""
    visit.go(page, "/")
    write(page, page.get_by_label("Tên đăng nhập"), login)
    write(page, page.get_by_label("Mật khẩu"), password)
    by_hand(page, "Enter")
    page.wait_for_url(lambda url: "/dang-nhap" not in url)


def leave_by_keyboard(page: Page) -> None:
    """Log out by the page of the own account."""
    choose(page, page.locator("a.who"))
    choose(page, page.get_by_role("button", name="Đăng xuất"))
    page.wait_for_url("**/dang-nhap*")


def make_searchable(context: StandingContext) -> None:
    """The keys of the world's dossiers, as a worker makes them."""
    with context.store.transaction() as session:
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)
