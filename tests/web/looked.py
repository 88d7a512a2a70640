"""How a page lies: nothing wider than its screen or paper or its cell, no word of a button cut off, no name given twice, nothing that jumps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page
from sqlalchemy import delete, insert, inspect, select, update

from tests.web.browsing import Visit
from tracker.store.models import (
    Alert,
    AlertTold,
    Dossier,
    DueSeen,
    Letter,
    LetterStep,
    Obligation,
    ObligationStep,
    Procedure,
    Suspension,
    User,
)
from tracker.store.session import Session, Store

LONG = "Trung tâm Phục vụ hành chính công thành phố Buôn Ma Thuột và các xã, phường lân cận đang sắp xếp lại"
PERSON = "H’Nguyễn Khoa Điềm Ngọc Trường Thị Phương Thảo Bkrông Êban Niê Kdăm"
# Of the score of layout shifts while a page loads; 0.1 is what browsers call good. Most pages have none; where a chart is
# drawn its table folds, which counts 0.023 at most.
MOST_SHIFT = 0.03
# Counts what moves of its own accord from the first drawing on.
WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifted += each.value;
}).observe({ type: "layout-shift", buffered: true });
"""
LOOK = """() => {
  const seen = new Set(), twice = new Set();
  for (const { id } of document.querySelectorAll("[id]:not(input[type=hidden])")) (seen.has(id) ? twice : seen).add(id);
  const cut = [...document.querySelectorAll("button, .button, .tab, .chip, .tile, summary")]
    .filter((each) => each.checkVisibility() && each.clientWidth && each.scrollWidth > each.clientWidth + 1)
    .map((each) => each.textContent.trim().slice(0, 60));
  const isRead = (head) => !head || getComputedStyle(head).position !== "absolute";
  const spilled = [...document.querySelectorAll("td, th")]
    .filter((each) => each.checkVisibility() && isRead(each.closest("thead")) && each.scrollWidth > each.clientWidth + 2)
    .map((each) => each.textContent.trim().slice(0, 60));
  return {
    sideways: Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth - 1, 0),
    cut, spilled: spilled.slice(0, 5), twice: [...twice], shift: window.shifted,
  };
}"""
# A4 between its margins, upright and lying, in pixels of the style sheets.
PAPER = {"auto": {"width": 703, "height": 998}, "wide": {"width": 1032, "height": 688}}


@dataclass
class Found:
    """What is wrong, by the kind of screen and the address; `seen` is how many were looked at."""

    wrong: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: int = 0

    def note(self, screen: str, path: str, told: Mapping[str, Any]) -> None:
        """What one look found."""
        self.seen += 1
        wrong = {key: value for key, value in told.items() if value and key != "shift"}
        if told["shift"] >= MOST_SHIFT and screen != "paper":
            wrong["shift"] = round(told["shift"], 4)
        if wrong:
            self.wrong[f"{screen} {path}"] = wrong


def look(visit: Visit, role: str, paths: Iterable[str], screens: Iterable[str] = ("wide", "phone")) -> Found:
    """Open pages as a role on screens, the wide one also as it is printed; pages that this world has not are passed over."""
    found = Found()
    for screen in screens:
        page = visit.window(role, screen)
        page.add_init_script(WATCH)
        for path in paths:
            answer = page.goto(visit.address + path)
            if answer is None or answer.status == 404:
                continue
            _drawn(page)
            found.note(screen, path, page.evaluate(LOOK))
            if screen == "wide":
                _on_paper(page, path, found)
    return found


def _drawn(page: Page) -> None:
    """Wait for what scripts draw, and for the next two frames, in which a jump would be counted."""
    if page.evaluate("Boolean(window.Plotly)"):
        for chart in page.locator(".chart").all():
            chart.locator(".main-svg").first.wait_for()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")


def _on_paper(page: Page, path: str, found: Found) -> None:
    before = page.viewport_size
    assert before
    page.emulate_media(media="print")
    sheet = page.evaluate("getComputedStyle(document.querySelector('main')).page")
    page.set_viewport_size(PAPER[sheet])  # type: ignore[arg-type]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # as the browser tells before it prints
    found.note("paper", path, page.evaluate(LOOK))
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.set_viewport_size(before)


def make_names_long(store: Store) -> None:
    """The longest names that may come: of people, officers, steps, procedures."""
    with store.transaction() as session:
        session.execute(
            update(Dossier).values(
                applicant_name=PERSON, officer_name=PERSON, status_text=LONG, late_reason=LONG
            )
        )
        session.execute(update(Procedure).values(name=f"{LONG}; {LONG}"))
        session.execute(update(User).values(full_name=PERSON))


def leave(store: Store, dossiers: int) -> None:
    """A world with none or the first of its dossiers, and nothing that hangs on the others."""
    with store.transaction() as session:
        for model in (AlertTold, Alert, LetterStep, Letter, ObligationStep, Obligation):
            session.execute(delete(model))
        for kept in (Suspension, DueSeen):
            session.execute(delete(kept).where(kept.dossier_id > dossiers))
        session.execute(delete(Dossier).where(Dossier.id > dossiers))


def multiply(store: Store, count: int) -> None:
    """So many more dossiers like the first one, each with a letter, a duty and an alert for the desk."""
    with store.transaction() as session:
        steps = range(1, count + 1)
        _copy(
            session,
            Dossier,
            1,
            [{"id": 10_000 + n, "code": f"T01-270000-{n:06}", "row_no": 10_000 + n} for n in steps],
        )
        _copy(session, Obligation, 7, [{"dossier_id": 10_000 + n} for n in steps])
        _copy(
            session,
            Letter,
            1,
            [{"id": 10_000 + n, "dossier_id": 10_000 + n, "short_code": f"L{n:011}"} for n in steps],
        )
        _copy(session, Alert, 1, [{"id": 10_000 + n, "subject_id": 10_000 + n} for n in steps])
        told = session.scalars(select(AlertTold).where(AlertTold.alert_id == 1)).first()
        assert told is not None
        _rows(session, AlertTold, told, [{"alert_id": 10_000 + n} for n in steps])


def _copy(session: Session, model: Any, key: int, own: list[dict[str, Any]]) -> None:
    _rows(session, model, session.get_one(model, key), own)


def _rows(session: Session, model: Any, row: Any, own: list[dict[str, Any]]) -> None:
    values = {column.key: getattr(row, column.key) for column in inspect(model).mapper.column_attrs}
    session.execute(insert(model), [{**values, **each} for each in own])
