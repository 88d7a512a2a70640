"""An office on its first day, in a real browser: from a data folder with nothing in it to the first true late list.

By the documented command and the buttons of the page alone; worker, scheduler and mail server are real. After each step the
page says what was really done, and `dunghen doctor --first-day` says the same.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.scheduler import Scheduler
from app.web import create_app
from app.worker import Worker
from tests import mail_server
from tests.flows.office import NOW, PROVINCIAL, Office, StandingContext, row
from tests.mail_server import HOST, Habits, MailServer
from tests.web.browsing import PICTURES, Visit
from tests.web.factors import code_of
from tests.web.server import log_in, picture
from tests.web.world import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

ADDRESS, STRANGE = "quan.tri@vi-du.vn", "Phòng Chưa Ai Biết"
OFFICE_CODE = "H15.03"
LATE = {"received_at": "03/08/2026 08:00:00", "due_at": "17/08/2026 17:00:00"}
LATE_CODES = {f"H15.03-220301-{number:04d}" for number in range(1, 7)}
STEPS = (
    "accounts",
    "office",
    "calendar",
    "loads",
    "catalogue",
    "start",
    "mail",
    "backup",
    "services",
    "late_list",
)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """The office's mail server."""
    with mail_server.serving(Habits()) as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, mail: MailServer) -> Office:
    """A folder with a configuration, and nothing else."""
    office = Office(tmp_path)
    told = {
        'host = ""': f'host = "{HOST}"', "port = 587": f"port = {mail.port}", 'security = "starttls"': 'security = "none"',
        'sender = ""': 'sender = "dung-hen@vi-du.vn"', 'data_dir = "var"': f'data_dir = "{(tmp_path / "var").as_posix()}"',
    }  # fmt: skip
    text = office.config.read_text("utf-8")
    for shipped, own in told.items():
        assert shipped in text
        text = text.replace(shipped, own)
    office.config.write_text(text, "utf-8")
    return office


@pytest.fixture
def context(office: Office) -> Iterator[StandingContext]:
    """The office from inside, made when the first command has made it."""
    told = office.run(
        "user",
        "add",
        "quantri",
        "--role",
        "admin",
        "--name",
        "Quản Trị",
        "--email",
        ADDRESS,
        typed=f"{PASSWORD}\n",
    )
    assert told.status == 0, told.err
    context = StandingContext(office.config)
    yield context
    context.store.close()


@pytest.fixture
def app(context: StandingContext) -> Flask:
    """The application as it runs, but for the limit on log-ins a minute."""
    return create_app(context, RATELIMIT_ENABLED=False)


class Walk:
    """An administrator who goes from button to button; `done` compares page and command."""

    def __init__(self, visit: Visit, office: Office, context: StandingContext) -> None:
        self.office, self.context, self.visit = office, context, visit
        self.page = visit.page()
        log_in(self.page, visit.address, "quantri", PASSWORD)

    def step(self, key: str, page: Page | None = None):
        """The place of a step on the page."""
        return (page or self.page).locator(f"#buoc-{key}")

    def press(self, key: str, name: str) -> None:
        """A link or button of a step."""
        self.home()
        self.step(key).get_by_text(name, exact=True).click()

    def home(self) -> None:
        self.visit.go(self.page, "/bat-dau/")

    def work(self) -> None:
        assert Worker(self.context, "w1").run_until_idle() > 0

    def done(self, *keys: str) -> None:
        """These steps and no others ask for nothing; page and `doctor` agree."""
        self.home()
        told = {key: self.step(key).locator(".chip").first.inner_text().strip() for key in STEPS}
        assert {key for key, word in told.items() if word != "Chưa xong"} == set(keys)
        answer = self.office.ask("doctor", "--first-day")
        assert {each["key"] for each in answer["steps"] if each["state"] != "todo"} == set(keys)
        assert answer["ok"] == (set(keys) == set(STEPS))


def second_factor(walk: Walk) -> None:
    walk.press("accounts", "Cài xác thực hai bước")
    page = walk.page
    page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    page.keyboard.press("Enter")
    secret = page.locator(".setup-key").inner_text().replace(" ", "")
    page.get_by_label(re.compile("Mã 6 số")).fill(code_of(NOW, secret))
    page.keyboard.press("Enter")
    page.locator(".recovery").wait_for()


def people(walk: Walk) -> None:
    for login, role in (("mot.cua", "desk"), ("thu.truong", "head"), ("cai.cach", "reform")):
        added = walk.office.run("user", "add", login, "--role", role, typed=f"{PASSWORD}\n")
        assert added.status == 0, added.err
    walk.home()
    walk.page.get_by_label("Cơ quan là đơn vị").fill("không có đâu")
    walk.step("office").get_by_role("button").click()
    expect(walk.page.get_by_text("Không có đơn vị nào tên hoặc mã như vậy")).to_be_visible()
    walk.page.get_by_label("Cơ quan là đơn vị").fill(OFFICE_CODE)
    walk.step("office").get_by_role("button").click()


def first_file(walk: Walk, folder: Path) -> None:
    rows = [
        row(number, **LATE, **({"resolving_unit": STRANGE} if number == 6 else {})) for number in range(1, 7)
    ]
    rows += [row(7, received_at="20/08/2026 08:00:00", due_at="03/09/2026 17:00:00")]
    rows += [
        row(8, **LATE, finished_at="20/08/2026 10:00:00"),
        row(9, **LATE, finished_at="17/08/2026 10:00:00"),
    ]
    file = walk.office.write("mot-cua.csv", rows)
    page = walk.page
    walk.press("loads", "Nạp tệp")
    page.get_by_label("Tệp (một hoặc nhiều").set_input_files(file)
    page.get_by_role("button", name="Xem trước").click()
    page.wait_for_url("**/cong-viec/*")
    walk.work()
    page.get_by_role("button", name="Nạp 9 hồ sơ").click(timeout=15_000)
    page.wait_for_url("**/cong-viec/*")
    walk.work()
    expect(page.get_by_role("heading", name="Lô 1")).to_be_visible(timeout=15_000)


def strange_unit(walk: Walk) -> None:
    walk.press("catalogue", "Tên đơn vị lạ")
    walk.page.get_by_role("link", name=STRANGE).click()
    walk.page.locator("#la-don-vi").fill(PROVINCIAL)
    walk.page.get_by_role("button", name="Là đơn vị này").click()


def start_date(walk: Walk) -> None:
    walk.press("start", "Xem trước, chọn ngày")
    page = walk.page
    chosen = page.get_by_role("row").filter(has_text="Đầu tháng này")
    expect(chosen).to_contain_text(re.compile(r"Đầu tháng này\s*01/08/2026\s*1\s*6\s*7"))
    picture(page, PICTURES / "first-day-start.png", whole=True)
    chosen.get_by_role("radio").check()
    page.get_by_role("button", name="Dùng ngày đã chọn").click()
    expect(page.get_by_text("Đã ghi ngày bắt đầu: 01/08/2026.")).to_be_visible()


def try_mail(walk: Walk, mail: MailServer) -> None:
    walk.press("mail", f"Gửi thư thử đến {ADDRESS}")
    walk.page.wait_for_url("**/cong-viec/*")
    walk.work()
    assert [str(each["To"]) for each in mail.taken] == [ADDRESS]


def backup_and_services(walk: Walk) -> None:
    walk.press("backup", "Làm bản sao lưu ngay")
    walk.work()


@contextmanager
def services(context: StandingContext) -> Iterator[None]:
    """The loop of `dunghen worker` and a turn of `dunghen scheduler`, both heard of."""
    stop, heard = Event(), Event()
    Scheduler(context, "lich-1").turn(context.now())
    worker = Worker(context, "w2", chores=(lambda _context, _now: heard.set(),))
    thread = Thread(target=worker.run_forever, args=(stop,))
    thread.start()
    try:
        assert heard.wait(30)
        yield
    finally:
        stop.set()
        thread.join()


def lists_what_is_late(page: Page, codes: str) -> None:
    """Every late dossier once, however long the page takes to come."""
    expect(page.locator(codes)).to_have_count(len(LATE_CODES))
    assert set(page.locator(codes).all_inner_texts()) == LATE_CODES


def compare(walk: Walk) -> None:
    page = walk.visit.page()
    log_in(page, walk.visit.address, "cai.cach", PASSWORD)
    walk.visit.go(page, "/bat-dau/")
    walk.step("late_list", page).get_by_text("Phiếu đối chiếu mười hồ sơ").click()
    lists_what_is_late(page, ".check-sheet .code")
    picture(page, PICTURES / "first-day-sheet.png", whole=True)
    page.get_by_label("Số hồ sơ khớp với nguồn").fill("5")
    page.get_by_role("button", name="Tôi đã so, danh sách đúng").click()
    expect(page.get_by_text("1 hồ sơ chưa khớp với nguồn")).to_be_visible()
    page.get_by_label("Số hồ sơ khớp với nguồn").fill("6")
    page.get_by_role("button", name="Tôi đã so, danh sách đúng").click()
    expect(page.get_by_text("Cơ quan đã sẵn sàng.", exact=False).first).to_be_visible()
    walk.step("late_list", page).get_by_text("Mở danh sách quá hạn").click()
    page.wait_for_url("**/qua-han*")
    lists_what_is_late(page, "main .code")


def test_an_empty_program_becomes_an_office_with_a_true_late_list_by_the_buttons_of_one_page(
    visit: Visit, office: Office, context: StandingContext, mail: MailServer, tmp_path: Path
):
    walk = Walk(visit, office, context)
    assert walk.page.url.endswith("/bat-dau/")
    picture(walk.page, PICTURES / "first-day-empty.png", whole=True)
    walk.done()
    second_factor(walk)
    walk.done("accounts")
    people(walk)
    walk.done("accounts", "office")
    walk.press("calendar", "Đã so giờ và ngày nghỉ với văn bản")
    walk.done("accounts", "office", "calendar")
    first_file(walk, tmp_path)
    walk.done(*STEPS[:4])
    strange_unit(walk)
    walk.done(*STEPS[:5])
    start_date(walk)
    walk.done(*STEPS[:6])
    try_mail(walk, mail)
    walk.done(*STEPS[:7])
    backup_and_services(walk)
    walk.done(*STEPS[:8])
    with services(context):
        walk.done(*STEPS[:9])
        compare(walk)
        walk.done(*STEPS)
        visit.go(walk.page, "/")
        assert walk.page.url.endswith("/quan-tri/")
    assert visit.complaints == []
