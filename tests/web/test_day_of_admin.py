"""A morning of an administrator: what needs a person, health, a lost telephone with a second person's word, a dead message, the log."""

import pytest
from playwright.sync_api import Page, expect

from app.accounts import new_salt
from app.worker import Worker
from tests.passwords import cheap_hash
from tests.web.browsing import Visit
from tests.web.factors import account, code_of, give_factor
from tests.web.messages import DEAD
from tests.web.server import log_in
from tests.web.world import NOW, PASSWORD, StandingContext
from tracker.store import people
from tracker.store.models import OutboxMessage
from tracker.store.people import NewAccount

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

SECOND = "admin.hai"


def add_second_administrator(context: StandingContext) -> None:
    """Whose word is needed beside the first one's."""
    with context.store.transaction() as session:
        new = NewAccount(SECOND, "Quản trị viên thứ hai", "admin", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)


def log_in_with_both(page: Page, address: str, login: str) -> None:
    """Password, then what the telephone shows."""
    log_in_to_code(page, address, login)
    page.get_by_label("Mã xác thực").fill(code_of(NOW))
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/dang-nhap" not in url)


def log_in_to_code(page: Page, address: str, login: str) -> None:
    """The password alone leads to the question for the code."""
    page.goto(f"{address}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/dang-nhap/ma*")


def look_at_health(page: Page, address: str, context: StandingContext) -> None:
    """What needs a person, then every part examined by a worker."""
    expect(page.get_by_role("heading", name="Cần người xử lý")).to_be_visible()
    page.get_by_role("link", name="Tình trạng từng phần").click()
    page.get_by_role("button", name="Kiểm tra bây giờ").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    Worker(context, "w1").run_until_idle()
    page.goto(
        f"{address}/quan-tri/"
    )  # by its address: the page of the work goes on by itself when it is done
    page.get_by_role("link", name="Tình trạng từng phần").click()
    expect(page.get_by_role("table", name="Từng phần và kết quả kiểm tra")).to_be_visible()
    expect(page.get_by_role("button", name="Kiểm tra lại")).to_be_visible()


def ask_to_take_a_factor_away(page: Page) -> str:
    """A head lost the telephone: asked for, not decided by the same person; the address of the question."""
    page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Tài khoản").click()
    expect(page.get_by_role("row").filter(has_text="Tài khoản head")).to_contain_text("hai bước")
    page.get_by_role("link", name="head", exact=True).click()
    page.get_by_label("Lý do gỡ").fill("Mất điện thoại, đã gặp trực tiếp")
    page.get_by_role("button", name="Đề nghị gỡ xác thực hai bước").click()
    expect(page.get_by_role("button", name="Rút đề nghị")).to_be_visible()
    expect(page.get_by_role("button", name="Duyệt và áp dụng")).to_have_count(0)
    return page.url


def send_again(page: Page) -> None:
    """A message that was given up, sent once more after what will happen was read."""
    page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Quản trị").click()
    page.get_by_role("link", name="Thông báo kẹt").click()
    page.get_by_role("row").filter(has_text="550 5.1.1").get_by_role("link").click()
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_role("heading", name=f"Thông báo số {DEAD}")).to_be_visible()
    expect(page.get_by_role("button", name="Gửi lại")).to_have_count(0)


def read_the_log(page: Page) -> None:
    """Each of these acts with who did it."""
    page.get_by_role("navigation", name="Các trang").get_by_role("link", name="Nhật ký").click()
    page.get_by_label("Đối tượng").fill(f"message:{DEAD}")
    page.get_by_role("button", name="Lọc").click()
    line = page.get_by_role("row").filter(has_text=f"message:{DEAD}")
    expect(line.first).to_contain_text("admin")


def test_a_morning_of_an_administrator(visit: Visit, context: StandingContext):
    add_second_administrator(context)
    for login in ("admin", "head"):
        give_factor(context, login)
    page = visit.page()
    log_in_with_both(page, visit.address, "admin")
    look_at_health(page, visit.address, context)
    asked = ask_to_take_a_factor_away(page)
    other = visit.page()
    log_in(other, visit.address, SECOND, PASSWORD)
    other.goto(asked)
    other.get_by_role("button", name="Duyệt và áp dụng").click()
    expect(other.get_by_text(SECOND).first).to_be_visible()
    assert not account(context, "head").second_factor
    log_in(visit.page(), visit.address, "head", PASSWORD)  # by the password alone again
    send_again(page)
    read_the_log(page)
    with context.store.read() as session:
        assert session.get_one(OutboxMessage, DEAD).state == "waiting"
    assert visit.complaints == []
