"""Pages with no row, one row, the longest names and 100,000 rows, on an office screen, a telephone and paper.

Every day the pages that are new and the long lists; all pages in `make test-long`.
"""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from app.web import create_app
from tests import databases
from tests.web.browsing import Visit, pages_of
from tests.web.looked import leave, look, make_names_long, multiply
from tests.web.server import serving
from tests.web.test_access import ROLES
from tests.web.walking import make_searchable
from tests.web.world import OVERDUE_A, make_context

pytestmark = [
    pytest.mark.browser,
    pytest.mark.sqlite_only("the pages ask the same store functions on both databases"),
]
pytest_plugins = ("tests.web.browsing",)

# By role, what is looked at every day.
NEW = {
    "desk": (
        "/ban-theo-doi", "/ban-theo-doi/xac-nhan?viec=ghi-chu&chon=1&chon=3&ban=", "/ban-theo-doi/in", "/tim?q=T01-2608",
        "/tro-giup", "/tai-khoan/xac-thuc", f"/ho-so/{OVERDUE_A}",
    ),
    "head": ("/don-vi", "/qua-han", "/thu-xin-loi", "/canh-bao"),
    "auditor": ("/kiem-tra/?ky=moi-luc", "/nhat-ky/xem-va-xuat", "/kiem-tra/lich-su"),
    "reform": ("/tieu-chi/3.4.1", "/tieu-chi/mo-phong?xong=4&dat=98&nhip=co&gio=40"),
    "admin": ("/quan-tri/", "/quan-tri/tinh-trang", "/quan-tri/cau-hinh", "/quan-tri/tai-khoan", "/quan-tri/nhan-tin", "/api"),
}  # fmt: skip
LISTS = {
    "desk": ("/ban-theo-doi", "/tim?q=T01-27", "/ban-theo-doi/in"),
    "head": ("/qua-han", "/thu-xin-loi", "/thu-xin-loi/nghia-vu/", "/canh-bao", "/don-vi"),
}
MANY = 100_000


@pytest.fixture(scope="module", params=["long names", "one row", "no row"])
def world(
    request: pytest.FixtureRequest,
    made_world: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
):
    """The application on a world of this kind, with a way to open its pages."""
    folder: Path = tmp_path_factory.mktemp("looks")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    if request.param == "long names":
        make_names_long(context.store)
    else:
        leave(context.store, dossiers=1 if request.param == "one row" else 0)
    make_searchable(context)
    app = create_app(context, RATELIMIT_ENABLED=False)
    with serving(app) as address:
        yield app, address
    context.store.close()


@pytest.mark.parametrize("role", NEW)
def test_new_pages_and_lists_lie_still_and_fit(world: tuple[Flask, str], browser: Browser, role: str):
    visit = Visit(browser, world[1])
    found = look(visit, role, NEW[role])
    visit.close()
    assert found.seen
    assert found.wrong == {}
    assert [text for text in visit.complaints if "404" not in text] == []


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_every_page_lies_still_and_fits(world: tuple[Flask, str], browser: Browser, role: str):
    app, address = world
    visit = Visit(browser, address)
    found = look(visit, role, pages_of(app, role))
    visit.close()
    assert found.seen > 40
    assert found.wrong == {}


@pytest.mark.long
def test_lists_of_a_hundred_thousand_rows_lie_still_and_fit(
    made_world: str, browser: Browser, tmp_path: Path
):
    context = make_context(tmp_path, databases.chosen().copy(made_world, tmp_path))
    multiply(context.store, MANY)
    make_names_long(context.store)
    make_searchable(context)
    with serving(create_app(context, RATELIMIT_ENABLED=False)) as address:
        visit = Visit(browser, address)
        found = {role: look(visit, role, paths) for role, paths in LISTS.items()}
        visit.close()
    context.store.close()
    assert {role: each.wrong for role, each in found.items() if each.wrong} == {}
    assert visit.complaints == []
