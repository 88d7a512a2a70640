"""What the browser tests share: one Chromium, the served application, the addresses of all pages, more dossiers.

A plugin of the browser tests that they import names from as well, and that asserts nothing: PYTEST_DONT_REWRITE.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response
from sqlalchemy import insert, inspect

from app.access import Role, may
from app.pages import matrix
from tests.web.letter_sets import TRIAL
from tests.web.server import chromium, enter, serving
from tests.web.world import FINISHED_LATE, OVERDUE_A, PASSWORD, RECEIVED
from tracker.store.models import Dossier
from tracker.store.session import Store

PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SCREENS: Mapping[str, Mapping[str, Any]] = {
    "wide": {"viewport": WIDE},
    "phone": {"viewport": PHONE},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
}
# Every page by its endpoint, with the states it can be in; a test holds this list complete.
PAGES: Mapping[str, tuple[str, ...]] = {
    "desk.board": (
        "/ban-theo-doi",
        "/ban-theo-doi?loc=tam-dung",
        "/ban-theo-doi?thu-tuc=dang+ky&can-bo=tran&cua-toi=1&tu=01/08/2026&xep=moi-nhan",
        "/ban-theo-doi?tu=31/02/2026",
    ),
    "board_acts.confirm": (
        "/ban-theo-doi/xac-nhan?viec=ghi-chu&chon=1&chon=3&ban=loc%3Dqua-han",
        "/ban-theo-doi/xac-nhan?viec=soan-thu&chon=1&chon=3",
    ),
    "board_acts.printed": ("/ban-theo-doi/in", "/ban-theo-doi/in?chon=1&ban="),
    "desk.search": ("/tim", "/tim?q=T01-2608", "/tim?q=khong-co"),
    "late.late_list": ("/qua-han", "/qua-han?trang-thai=finished&tu=01/07/2026", "/qua-han?ngay=31/02/2026"),
    "intake.page": ("/tiep-nhan", "/tiep-nhan?kenh=postal&ket-qua=vanished"),
    "dossier.page": (f"/ho-so/{OVERDUE_A}", f"/ho-so/{FINISHED_LATE}", "/ho-so/T01-260823-0009"),
    "proof.page": (f"/ho-so/{OVERDUE_A}/phieu-tinh-han", "/ho-so/T01-260823-0009/phieu-tinh-han"),
    "letters.register": ("/thu-xin-loi", "/thu-xin-loi?trang-thai=drafted", "/thu-xin-loi?trang-thai=signed"),
    "letters.show": ("/thu-xin-loi/1",),
    "letter_templates.page": ("/thu-xin-loi/mau/",),
    "letter_templates.trial": (TRIAL,),
    "letter_settings.signers": ("/thu-xin-loi/nguoi-ky",),
    "letter_settings.series": ("/thu-xin-loi/so-rieng",),
    "letter_settings.reasons": ("/thu-xin-loi/ly-do",),
    "letter_steps.confirm": ("/thu-xin-loi/xac-nhan?viec=ghi-da-gui&chon=1",),
    "letter_steps.result": ("/thu-xin-loi/ket-qua/9",),
    "obligations.page": ("/thu-xin-loi/nghia-vu/", "/thu-xin-loi/nghia-vu/?trang-thai=owed"),
    "obligations.show": ("/thu-xin-loi/nghia-vu/7", "/thu-xin-loi/nghia-vu/3"),
    "letter_numbers.page": ("/thu-xin-loi/vao-so",),
    "letter_numbers.signed": ("/thu-xin-loi/ban-da-ky",),
    "letter_papers.page": ("/thu-xin-loi/in", "/thu-xin-loi/in?trang-thai=drafted"),
    "letter_papers.printed": ("/thu-xin-loi/in/8",),
    "compliance.page": ("/thu-xin-loi/tuan-thu", "/thu-xin-loi/tuan-thu?theo=thang&tu=01/01/2026"),
    "reports.page": ("/bao-cao/", "/bao-cao/?tu=01/01/2026&den=31/02/2026"),
    "form_editions.page": ("/bao-cao/bieu-mau/",),
    "form_editions.edition": ("/bao-cao/bieu-mau/II.06a/tt-01-2020",),
    "codes.page": ("/ma-ho-so/",),
    "codes.choose": ("/ma-ho-so/gop?ma=%3F0A1B2C3D",),
    "remedies.page": ("/khac-phuc/", "/khac-phuc/?loc=bo"),
    "remedies.show": ("/khac-phuc/1",),
    "remedies.new": ("/khac-phuc/them",),
    "remedies.proposed": ("/khac-phuc/de-xuat?nam=2026", "/khac-phuc/de-xuat?nam=2019"),
    "unit_home.page": ("/don-vi", "/don-vi?don-vi=900001"),
    "unit_home.targets": ("/don-vi/chi-tieu",),
    "score.criterion": ("/tieu-chi/3.4.1?nam=2026", "/tieu-chi/3.4.1?nam=2019"),
    "score.stakes": (
        "/tieu-chi/3.4.1/con-giu-duoc",
        "/tieu-chi/3.4.1/con-giu-duoc?don-vi=900001&can-cu=promised",
    ),
    "simulator.page": (
        "/tieu-chi/mo-phong",
        "/tieu-chi/mo-phong?xong=4&dat=98&nhip=co&bot=1&gio=40",
        "/tieu-chi/mo-phong?nam=2019&xong=x&linh-vuc=khong-co&dat=101",
    ),
    "score.months": ("/tieu-chi/3.4.1/theo-thang?nam=2026", "/tieu-chi/3.4.1/theo-thang?nam=2019"),
    "editions.page": ("/tieu-chi", "/tieu-chi?nam=2019"),
    "editions.edition": (
        "/tieu-chi/phien-ban/3.4.1/resolved",
        "/tieu-chi/phien-ban/xep-hang/province?nam=2026",
    ),
    "editions.result": ("/tieu-chi/ket-qua",),
    "rates.page": (
        "/ty-le?tu=01/06/2026&den=31/08/2026",
        "/ty-le?ky=nam-nay&theo=month,level&bang=can-cu",
        "/ty-le?tu=31/02/2026&den=01/01/2019&biet=01/01/2020",
    ),
    "forecast.page": ("/du-bao/",),
    "forecast.risks": ("/du-bao/ho-so", "/du-bao/ho-so?don-vi=900001&sau=4130.4", "/du-bao/ho-so?sau=x"),
    "forecast.trial": ("/du-bao/kiem-nghiem",),
    "causes.page": (
        "/nguyen-nhan/",
        "/nguyen-nhan/?nam=2019",
        "/nguyen-nhan/?tu=13/2026&linh-vuc=khong-co&thu-tuc=T.001",
    ),
    "kept_months.page": ("/ty-le/thang-da-chot/", "/ty-le/thang-da-chot/?nam=2019"),
    "kept_months.month": (
        "/ty-le/thang-da-chot/2026-06",
        "/ty-le/thang-da-chot/2026-06?can-cu=promised&dem-lai=co",
    ),
    "calendar.year": ("/lich-lam-viec/?nam=2027",),
    "calendar.propose": ("/lich-lam-viec/de-nghi/hoan-doi",),
    "calendar.change": ("/lich-lam-viec/thay-doi/1",),
    "catalogue.procedures": ("/danh-muc/", "/danh-muc/?q=khong-co"),
    "catalogue.units": ("/danh-muc/don-vi?q=thu nghiem",),
    "catalogue.without_limit": ("/danh-muc/thu-tuc-chua-co-thoi-han",),
    "catalogue.unknown_units": ("/danh-muc/don-vi-chua-co",),
    "catalogue.procedure": ("/danh-muc/thu-tuc/900000", "/danh-muc/thu-tuc/1"),
    "catalogue.unit": ("/danh-muc/don-vi/900001", "/danh-muc/don-vi/900003"),
    "account.password": ("/tai-khoan",),
    "second_factor.page": ("/tai-khoan/xac-thuc",),
    "alert_rules.page": (
        "/canh-bao/quy-tac",
        "/canh-bao/quy-tac?thu-tuc=T.001&ngay=10/09/2026",
        "/canh-bao/quy-tac?thu-tuc=khong-co",
    ),
    "alert_rules.leave": ("/canh-bao/nghi-phep",),
    "alerts.page": (
        "/canh-bao",
        "/canh-bao?loc=da-nhan",
        "/canh-bao?loc=da-qua",
        "/canh-bao?loai=no_due",
    ),
    "alerts.show": ("/canh-bao/1", "/canh-bao/3", "/canh-bao/9"),
    "alerts.settings": ("/canh-bao/cai-dat",),
    "alerts.runs": ("/canh-bao/luot-xet",),
    "alert_acts.confirm": (
        "/canh-bao/xac-nhan?viec=nhan-viec&chon=1",
        "/canh-bao/xac-nhan?viec=giao&chon=1&chon=4",
    ),
    "inbox.page": ("/thong-bao",),
    "feeds.page": ("/canh-bao/dang-ky",),
    "outbox.queue": ("/thong-bao/hang-doi", "/thong-bao/hang-doi?trang-thai=delivered"),
    "outbox.kinds": ("/thong-bao/loai",),
    "outbox.message": ("/thong-bao/hang-doi/1", "/thong-bao/hang-doi/3"),
    "jobs.page": ("/lich-chay/",),
    "audit_cases.page": (
        "/kiem-tra/?ngay=31/12/2026",
        "/kiem-tra/?trang-thai=open&co=DUE_CHANGED&thu=without&tu=31/02/2026",
    ),
    "audit_cases.queries": ("/kiem-tra/truy-van",),
    "audit_cases.sample": ("/kiem-tra/mau?ky=moi-luc", "/kiem-tra/mau?ky=moi-luc&co-mau=2&nhom=unit&hat=7"),
    "findings.page": (
        "/dau-hieu/",
        "/dau-hieu/?buoc=tat-ca&dau-hieu=due_moved_after&tu=31/02/2026",
        "/dau-hieu/?buoc=gone",
        "/dau-hieu/?buoc=confirmed",
    ),
    "findings.show": ("/dau-hieu/1", "/dau-hieu/2", "/dau-hieu/4"),
    "findings.confirm": (
        "/dau-hieu/xac-nhan?viec=giai-trinh&chon=1&chon=2",
        "/dau-hieu/xac-nhan?viec=xac-nhan&chon=1&chon=2",
    ),
    "findings.hidden": ("/dau-hieu/do-tre-bi-che?nam=2026", "/dau-hieu/do-tre-bi-che?nam=2019"),
    "audit.page": ("/nhat-ky/", "/nhat-ky/?nguoi=khong-co"),
    "seen_log.page": (
        "/nhat-ky/xem-va-xuat",
        f"/nhat-ky/xem-va-xuat?ma={OVERDUE_A}",
        "/nhat-ky/xem-va-xuat?nguoi=khong-co&tu=31/02/2026",
    ),
    "audit.seals": ("/nhat-ky/niem-phong",),
    "audit.checked": ("/nhat-ky/kiem-tra/6",),
    "rule_history.page": (
        "/kiem-tra/lich-su",
        "/kiem-tra/lich-su?loai=canh-bao&ket-qua=rejected&nguoi=khong-co",
    ),
    "packs.page": ("/kiem-tra/goi/",),
    "first_day.page": ("/bat-dau/",),
    "first_day.start": ("/bat-dau/ngay-bat-dau", "/bat-dau/ngay-bat-dau?ngay=15/07/2026"),
    "first_day.sheet": ("/bat-dau/doi-chieu",),
    "admin_home.page": ("/quan-tri/",),
    "admin_home.health": ("/quan-tri/tinh-trang",),
    "admin_home.configuration": ("/quan-tri/cau-hinh",),
    "admin.accounts": (
        "/quan-tri/tai-khoan",
        "/quan-tri/tai-khoan?q=khong-co",
        "/quan-tri/tai-khoan?loc=da-khoa&vai-tro=desk",
    ),
    "admin.new_account": ("/quan-tri/tai-khoan/moi",),
    "admin.account": ("/quan-tri/tai-khoan/1",),
    "admin.changes": ("/quan-tri/thay-doi",),
    "admin.change": ("/quan-tri/thay-doi/1",),
    "reveal.ask": (f"/ho-so/{OVERDUE_A}/hien-nguoi-nop",),
    "sources.page": ("/nguon-du-lieu/",),
    "sources.batch": ("/nguon-du-lieu/lo/1",),
    "sources.upload": ("/nguon-du-lieu/nap",),
    "sources.preview": ("/nguon-du-lieu/nap/7",),
    "sources.layouts": ("/nguon-du-lieu/cach-hieu",),
    "sources.files": ("/nguon-du-lieu/tep-tam", "/nguon-du-lieu/tep-tam?loc=da-xoa"),
    "keys.page": ("/nguon-du-lieu/khoa/",),
    "keys.new": ("/nguon-du-lieu/khoa/moi",),
    "keys.show": ("/nguon-du-lieu/khoa/1",),
    "rejected.list": ("/nguon-du-lieu/dong-loi/", "/nguon-du-lieu/dong-loi/?lo=1&loc=da-nhan"),
    "rejected.show": ("/nguon-du-lieu/dong-loi/1", "/nguon-du-lieu/dong-loi/2"),
    "reconciling.page": ("/doi-chieu/", "/doi-chieu/?loc=khac&cot=tat-ca"),
    "reconciling.gone": ("/doi-chieu/bien-mat", "/doi-chieu/bien-mat?xong=co"),
    "reconciling.twice": ("/doi-chieu/trung-lap", "/doi-chieu/trung-lap?tu=01/01/2020&den=02/01/2020"),
    "reconciling.type_in": ("/doi-chieu/nhap",),
    "work.list": ("/cong-viec/", "/cong-viec/?loc=dang-lam", "/cong-viec/?loc=da-dung"),
    "work.show": ("/cong-viec/1", "/cong-viec/2", "/cong-viec/3", "/cong-viec/4"),
    "api.page": ("/api",),
    "tokens.page": ("/tai-khoan/khoa-api", "/tai-khoan/khoa-api?loc=tat-ca"),
    "subscriptions.page": ("/quan-tri/nhan-tin",),
    "help.page": ("/tro-giup", "/tro-giup?q=thu xin loi", "/tro-giup?q=khong-co-gi"),
    "style.gallery": ("/kieu-dang",),
}
# A piece of work is shown to its asker and to administrators; to others its page is 403.
OWN_PAGES: Mapping[str, frozenset[str]] = {
    "/canh-bao/1": frozenset({"desk", "head", "auditor", "reform"}),
    "/canh-bao/3": frozenset({"desk", "head", "auditor", "reform"}),
    "/dau-hieu/xac-nhan?viec=giai-trinh&chon=1&chon=2": frozenset({"head", "reform"}),
    "/dau-hieu/xac-nhan?viec=xac-nhan&chon=1&chon=2": frozenset({"auditor"}),
    "/quan-tri/thay-doi/1": frozenset({"auditor", "admin"}),
    TRIAL: frozenset({"reform"}),
    "/cong-viec/1": frozenset({"reform", "admin"}),
    "/cong-viec/2": frozenset({"admin"}),
    "/cong-viec/3": frozenset({"admin"}),
    "/cong-viec/4": frozenset({"reform", "admin"}),
    "/nguon-du-lieu/nap/7": frozenset({"reform"}),
    "/thu-xin-loi/ket-qua/9": frozenset({"desk"}),
    "/thu-xin-loi/in/8": frozenset({"desk"}),
}
ERRORS = ("/khong-co",)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the test process."""
    with chromium() as launched:
        yield launched


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The served application."""
    with serving(app) as served:
        yield served


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator["Visit"]:
    """A way to open pages; everything opened is closed afterwards."""
    visit = Visit(browser, address)
    yield visit
    visit.close()


class Visit:
    """Opens pages as a person of a role; notes what the browser complains about and where it sends requests."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._browser = browser
        self._opened: list[BrowserContext] = []
        self._answer: Response | None = None

    def page(self, role: str | None = None, screen: str = "wide", **options: Any) -> Page:
        """A new browser window of a kind of screen, where the day of a role begins (None: nobody, and nowhere)."""
        page = self.window(role, screen, **options)
        if role:
            page.goto(f"{self.address}/")
        return page

    def at(self, path: str, role: str, screen: str = "wide", **options: Any) -> Page:
        """A new window of a role at a path, which need not draw the first page of the day before."""
        return self.go(self.window(role, screen, **options), path)

    def window(self, role: str | None, screen: str = "wide", **options: Any) -> Page:
        """A new window of a role that has not been anywhere."""
        context = self._browser.new_context(**{"locale": "vi-VN", **SCREENS[screen], **options})
        self._opened.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._count)
        if role:
            enter(context, self.address, role, PASSWORD)
        return page

    def board(self, role: str, screen: str = "wide", **options: Any) -> Page:
        """A new window at the board, where a head's day does not begin."""
        return self.at("/ban-theo-doi", role, screen, **options)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _count(self, request: Request) -> None:
        self.requests.append(request.url)

    def go(self, page: Page, path: str) -> Page:
        """Open a path and wait for what scripts draw."""
        self._answer = page.goto(self.address + path)
        if page.evaluate("Boolean(window.Plotly)"):
            for chart in page.locator(".chart").all():
                chart.locator(".main-svg").first.wait_for()
        return page

    @property
    def text(self) -> str:
        """What the server sent when a page was last gone to, before scripts changed anything."""
        assert self._answer
        return self._answer.text()

    def close(self) -> None:
        """Close every window."""
        for context in self._opened:
            context.close()


# Longer than between two keys of a scanner (js/scan.js, QUICK): what comes quicker is no shortcut.
PAUSE_OF_A_HAND = 60


def by_hand(page: Page, *keys: str) -> None:
    """Press keys with a hand's pause before each."""
    for key in keys:
        page.evaluate(f"new Promise((resume) => setTimeout(resume, {PAUSE_OF_A_HAND}))")
        page.keyboard.press(key)


def pages_of(app: Flask, role: str) -> list[str]:
    """The addresses that an account of this role may open."""
    allowed = matrix(app)
    return [
        path
        for name, paths in PAGES.items()
        if may(Role(role), allowed[name])
        for path in paths
        if role in OWN_PAGES.get(path, {role})
    ]


def add_overdue(store: Store, count: int, **given: Any) -> list[str]:
    """So many more overdue dossiers like the first one, with codes of their own; the codes."""
    with store.transaction() as session:
        first = session.get_one(Dossier, 1)
        values = {column.key: getattr(first, column.key) for column in inspect(Dossier).mapper.column_attrs}
        codes = [f"T01-260804-{number:04}" for number in range(1, count + 1)]
        more = [
            {
                **values, "id": 1000 + number, "code": code, "received_at": RECEIVED + timedelta(minutes=number),
                "row_no": 1000 + number, **given,
            }
            for number, code in enumerate(codes, 1)
        ]  # fmt: skip
        session.execute(insert(Dossier), more)
    return codes
