"""A walk through every page by every role: no complaint of the browser or of axe, no other machine, no sideways scroll,
targets for fingers.

A role opens the pages that nobody before it could, and those with marks that no page showed before (`Shown`: rows and
words may differ). Each is looked at on every screen; a page whose chart is drawn for the width that it finds is opened anew
for each of them. `make test-long` opens every page as every role, and asks of each for all that may be new.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page

from app.web import create_app
from tests import databases
from tests.conftest import is_long
from tests.web.browsing import ERRORS, PHONE, WIDE, Visit, pages_of
from tests.web.server import serving
from tests.web.test_access import ROLES
from tests.web.test_browser_axe import ALL_NEW, Shown, objections
from tests.web.world import make_context

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

SIZES = {"390": PHONE, "320": {"width": 320, "height": 640}, "zoom": {"width": 683, "height": 384}}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Everything to press or fill in that is smaller than 24 x 24 px and no link within a sentence (WCAG 2.2, 2.5.8).
SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('p, dialog, .skip'))
  .map((each) => [each, (each.closest('label') ?? each).getBoundingClientRect()])
  .filter(([each, box]) => box.height < 24 && !spaced(each, box) || box.width < 24)
  .map(([each]) => each.outerHTML.slice(0, 120));
function spaced(each, box) {
  const middle = (of) => [of.x + of.width / 2, of.y + of.height / 2];
  const [x, y] = middle(box);
  return [...document.querySelectorAll('a, button, input, select, summary')].every((other) => {
    if (other === each || !other.checkVisibility()) return true;
    const near = (other.closest('label') ?? other).getBoundingClientRect();
    const dx = Math.max(near.left - x, 0, x - near.right), dy = Math.max(near.top - y, 0, y - near.bottom);
    return Math.hypot(dx, dy) >= 12;
  });
}"""


@dataclass
class Walk:
    """What one role found."""

    complaints: list[str] = field(default_factory=list)
    elsewhere: set[str] = field(default_factory=set)
    plotly: int = 0
    drawn: list[str] = field(default_factory=list)
    sideways: dict[str, dict[str, int]] = field(default_factory=lambda: {size: {} for size in SIZES})
    objections: list[str] = field(default_factory=list)
    small: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {"wide": {}, "phone": {}})


@dataclass
class Walkers:
    """Who walks through what, and what those before were shown."""

    app: Flask
    browser: Browser
    address: str
    opens_all: bool
    shown: Shown = field(default_factory=Shown)
    looked_at: set[str] = field(default_factory=set)

    def walk(self, role: str) -> Walk:
        """The pages of a role that have anything new, then the errors."""
        walk, visit = Walk(), Visit(self.browser, self.address)
        page = visit.window(role, reduced_motion="reduce")
        # Told once: handed over on each page it takes a tenth of a second of each.
        page.add_init_script(AXE_SCRIPT)
        for path in pages_of(self.app, role):
            if self._is_known(page, path):
                continue
            before = len(visit.requests)
            visit.go(page, path)
            walk.plotly += sum("plotly" in url for url in visit.requests[before:])
            self._look(walk, visit, page, path)
        walk.complaints += visit.complaints
        for path in ERRORS:  # of their status the browser complains
            self._look(walk, visit, visit.go(page, path), path)
        walk.elsewhere = {url for url in visit.requests if not url.startswith((visit.address, "data:"))}
        visit.close()
        return walk

    def _is_known(self, page: Page, path: str) -> bool:
        """Asked without drawing it: has every mark of it been looked at?"""
        if self.opens_all or path not in self.looked_at:
            return False
        answer = page.context.request.get(self.address + path)
        assert answer.ok, (path, answer.status)
        return self.shown.knows(answer.text())

    def _look(self, walk: Walk, visit: Visit, page: Page, path: str) -> None:
        news, again = self.shown.news(visit.text), path in self.looked_at
        walk.objections += objections(page, path, ALL_NEW if self.opens_all else news, again=again)
        self.looked_at.add(path)
        _measure(walk, visit, page, path)


@pytest.fixture(scope="module")
def walked(
    made_world: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[str], Walk]]:
    """The walk of a role, taken when it is first asked for."""
    folder: Path = tmp_path_factory.mktemp("walks")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    app = create_app(context, RATELIMIT_ENABLED=False)
    walks: dict[str, Walk] = {}
    with serving(app) as address:
        walkers = Walkers(app, browser, address, opens_all=is_long(request.config))

        def walk(role: str) -> Walk:
            if role not in walks:
                walks[role] = walkers.walk(role)
            return walks[role]

        yield walk
    context.store.close()


def _measure(walk: Walk, visit: Visit, page: Page, path: str) -> None:
    """The open page on every screen; the wide one, on which it was opened, first and last."""
    has_chart = page.locator(".chart").count() > 0
    if has_chart:
        walk.drawn.append(path)
    walk.small["wide"][path] = page.evaluate(SMALL)
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        if has_chart:
            visit.go(page, path)
        walk.sideways[size][path] = page.evaluate(SIDEWAYS)
        if viewport == PHONE:
            walk.small["phone"][path] = page.evaluate(SMALL)
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize("role", ROLES)
def test_a_walk_through_every_page_asks_no_other_machine_and_breaks_no_rule_of_the_browser(
    walked: Callable[[str], Walk], role: str
):
    walk = walked(role)
    assert walk.complaints == []
    assert walk.elsewhere == set()
    assert walk.plotly <= len(walk.drawn)


@pytest.mark.parametrize("role", ROLES)
def test_axe_objects_to_no_page(walked: Callable[[str], Walk], role: str):
    assert walked(role).objections == []


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("size", SIZES)
def test_no_page_scrolls_sideways_on_a_phone_or_at_twice_the_size(
    walked: Callable[[str], Walk], role: str, size: str
):
    seen = walked(role).sideways[size]
    assert seen
    assert {path: by for path, by in seen.items() if by > 0} == {}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_everything_to_press_is_large_enough_for_a_finger(
    walked: Callable[[str], Walk], role: str, screen: str
):
    seen = walked(role).small[screen]
    assert seen
    assert {path: small for path, small in seen.items() if small} == {}
