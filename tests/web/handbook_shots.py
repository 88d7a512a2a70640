"""Which pictures the handbook has: whose page, what is pressed before, and which piece of it is shown."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.web.browsing import by_hand
from tests.web.handbook_world import account
from tests.web.screenshots import MOMENT
from tests.web.world import StandingContext
from tracker.pipeline.answers import LateQuestion, overdue
from tracker.store.finding_lists import ids_of
from tracker.types.finding_lists import FindingQuestion
from tracker.types.findings import FindingKind

Act = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: `piece` is a selector of what is shown (empty: the window), `most` its greatest height in pixels."""

    name: str
    role: str
    path: str
    act: Act | None = None
    piece: str = ""
    most: int = 768


def _a_sign(context: StandingContext) -> int:
    """One of a suspension that was told after the date had passed."""
    with context.store.read() as session:
        return ids_of(session, FindingQuestion(kind=FindingKind.SUSPENDED_AFTER), limit=1)[0]


def _click(name: str, role: str = "button") -> Act:
    return lambda page: page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def _type_a_name(page: Page) -> None:
    page.locator("#q").press_sequentially("nguyen thi")
    page.locator("#goi-y").get_by_role("option").first.wait_for()


def _pick_three(page: Page) -> None:
    by_hand(page, "j", "x", "j", "x", "j", "x")


def _open_keys(page: Page) -> None:
    by_hand(page, "?")
    page.get_by_role("dialog", name="Phím tắt").wait_for()


def _note_three(page: Page) -> None:
    _pick_three(page)
    by_hand(page, "n")
    page.get_by_label("Nội dung").fill("Đã nhắc phòng chuyên môn, hẹn trả lời trong chiều nay.")


def _print_three(page: Page) -> None:
    _pick_three(page)
    by_hand(page, "p")
    page.locator(".print-list").wait_for()


def _begin_factor(password: str) -> Act:
    def act(page: Page) -> None:
        page.get_by_label("Mật khẩu hiện tại").fill(password)
        page.get_by_role("button", name="Bắt đầu cài đặt").click()
        page.locator("img.qr").wait_for()

    return act


def _approve_all(page: Page) -> None:
    page.get_by_label("Chọn cả trang").check()
    page.get_by_role("button", name="Duyệt", exact=True).click()
    page.locator(".act-form").wait_for()


def _take_on(page: Page) -> None:
    for box in page.locator("tbody .cell-pick input").all()[:3]:
        box.check()
    page.get_by_role("button", name="Nhận việc, hẹn xong ngày…").click()
    page.get_by_label("Hẹn xong ngày").fill("27/08/2026")


def _save_query(page: Page) -> None:
    page.get_by_text("Lưu truy vấn này").click()
    page.get_by_label("Tên truy vấn").fill("Quá hạn chưa giải quyết, hằng tuần")


def _propose_day_off(page: Page) -> None:
    for label, words in (
        ("Ngày nghỉ", "28/08/2026"),
        ("Tên ngày", "Nghỉ bù của tỉnh"),
        ("Văn bản căn cứ (số, ngày, cơ quan)", "TB 12/TB-UBND (trình diễn)"),
        ("Lý do thay đổi (ghi vào nhật ký của từng hồ sơ)", "Theo thông báo của tỉnh"),
    ):
        page.get_by_role("textbox", name=label, exact=True).fill(words)


def shots(context: StandingContext, passwords: dict[str, str]) -> tuple[Shot, ...]:
    """All of them, in the order of the handbook."""
    late = overdue(context.store, context.calendars, LateQuestion(MOMENT), limit=400).rows
    telling = next((row for row in late if row.promised_at != row.source_at), late[0]).code
    unit_id = account(context, "desk").unit_id
    own = overdue(
        context.store, context.calendars, LateQuestion(MOMENT, unit_ids=frozenset({unit_id or 0})), limit=1
    )
    code = own.rows[0].code if own.rows else telling
    return (
        Shot("dang-nhap", "", "/dang-nhap", piece=".door"),
        Shot("xac-thuc", "reform", "/tai-khoan/xac-thuc", _begin_factor(passwords["reform"]), "main", 480),
        Shot("tim", "desk", "/ban-theo-doi", _type_a_name, most=420),
        Shot("phim-tat", "desk", "/ban-theo-doi", _open_keys, "#phim-tat"),
        Shot("tro-giup", "desk", "/ban-theo-doi", lambda page: page.locator("details.help summary").click(), most=520),
        Shot("ban-theo-doi", "desk", "/ban-theo-doi"),
        Shot("chon-nhieu", "desk", "/ban-theo-doi", _pick_three),
        Shot("ghi-chu", "desk", "/ban-theo-doi", _note_three, "main", 560),
        Shot("in-danh-sach", "desk", "/ban-theo-doi", _print_three, "main", 520),
        Shot("ho-so", "desk", f"/ho-so/{code}"),
        Shot("phieu-tinh-han", "auditor", f"/ho-so/{telling}", piece="#phieu", most=700),
        Shot("tiep-nhan", "desk", "/tiep-nhan"),
        Shot("phai-gui", "desk", "/thu-xin-loi/nghia-vu/?trang-thai=owed", most=560),
        Shot("thu-xin-loi", "head", "/thu-xin-loi"),
        Shot("duyet-thu", "head", "/thu-xin-loi?trang-thai=drafted", _approve_all, "main", 420),
        Shot("canh-bao", "desk", "/canh-bao"),
        Shot("don-vi", "head", "/don-vi"),
        Shot("moi-qua-han", "head", "/don-vi", piece="section[aria-labelledby=moi-qua-han]", most=520),
        Shot("ai-giu-nhieu-viec", "head", "/don-vi", piece="section[aria-labelledby=ai-qua-tai]", most=520),
        Shot("nhan-viec", "head", "/canh-bao", _take_on, "main", 560),
        Shot("kiem-tra", "auditor", "/kiem-tra/?ky=moi-luc", _save_query),
        Shot("rut-mau", "auditor", "/kiem-tra/mau?ky=moi-luc&co-mau=30&nhom=field&hat=7"),
        Shot("goi-chung-cu", "auditor", "/kiem-tra/goi/", piece="main", most=560),
        Shot("ai-da-xem", "auditor", f"/ho-so/{telling}", lambda page: page.get_by_role("link", name="Những ai đã xem hồ sơ này").click()),
        Shot("lich-su-quy-tac", "auditor", "/kiem-tra/lich-su", most=560),
        Shot("nhat-ky", "auditor", "/nhat-ky/"),
        Shot("tieu-chi", "reform", "/tieu-chi/3.4.1?nam=2022", piece=".score"),
        Shot("con-duoc-tre", "reform", "/tieu-chi/3.4.1", piece="section[aria-labelledby=con-duoc-tre]", most=620),
        Shot("doan-van", "reform", "/tieu-chi/3.4.1?nam=2022", piece="section[aria-labelledby=bao-cao-san]", most=480),
        Shot("nguyen-nhan", "reform", "/nguyen-nhan/?nam=2022"),
        Shot("nang-nhat", "reform", "/nguyen-nhan/?nam=2022", piece="section[aria-labelledby=nang-nhat]", most=640),
        Shot("dau-hieu", "auditor", "/dau-hieu/", most=700),
        Shot("mot-dau-hieu", "auditor", f"/dau-hieu/{_a_sign(context)}", piece="main", most=700),
        Shot("do-tre-bi-che", "auditor", "/dau-hieu/do-tre-bi-che", piece="main", most=760),
        Shot("mo-phong", "reform", "/tieu-chi/mo-phong", piece="main", most=760),
        Shot("du-bao", "reform", "/du-bao/", piece="main", most=760),
        Shot("kiem-nghiem", "reform", "/du-bao/kiem-nghiem", piece="main", most=760),
        Shot("ty-le", "reform", "/ty-le?ky=nam-nay", most=700),
        Shot("bao-cao", "reform", "/bao-cao/", most=620),
        Shot("de-nghi-lich", "reform", "/lich-lam-viec/de-nghi/nghi", _propose_day_off, "main", 700),
        Shot("nap-tep", "reform", "/nguon-du-lieu/nap", most=460),
        Shot("quan-tri", "admin", "/quan-tri/", piece="section[aria-labelledby=can-nguoi]", most=420),
        Shot("tai-khoan", "admin", "/quan-tri/tai-khoan", most=620),
        Shot("de-nghi", "admin", "/quan-tri/thay-doi/1", piece="main", most=720),
        Shot("thong-bao-hong", "admin", "/thong-bao/hang-doi/2", piece="main", most=620),
    )  # fmt: skip
