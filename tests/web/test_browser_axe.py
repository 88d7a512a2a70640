"""How axe is asked, and what it is asked of beside the pages of the walk (`test_browser_pages.py`): faults, dialogs, choices.

What a role sees of a page is looked at where it has marks that no page showed before (`Shown`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Page

from app.pages import by_token, matrix
from tests.web.browsing import PAGES, PHONE, WIDE, Visit

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
# More than half of the work: every word against what lies behind it.
CONTRAST = "color-contrast"
BUT_COLOURS = {**OPTIONS, "rules": {CONTRAST: {"enabled": False}}}
# With the scheme nothing changes but the colours.
COLOURS = {**OPTIONS, "runOnly": {"type": "rule", "values": [CONTRAST]}}
TOP = "header.top"
# Not pages: files, addresses that lead elsewhere, and what anybody may open, which has tests of its own.
NO_PAGES = {
    "metrics.alive", "metrics.ready",
    "static", "auth.login", "auth.home", "auth.logout", "language.choose", "late.export", "intake.export", "letters.download", "score.plotly",
    "calendar.approve", "calendar.reject", "calendar.withdraw", "calendar.undo",
    "proof.docx", "proof.file", "desk.suggestions", "unit_home.set_target",
    "letter_templates.default", "letter_templates.own", "letter_templates.sample", "letter_templates.try_file",
    "letter_templates.use", "letter_templates.retire",
    "letter_settings.add_signer", "letter_settings.end_signer", "letter_settings.add_series", "letter_settings.close_series",
    "letter_settings.add_reason", "letter_settings.end_reason",
    "letter_numbers.own", "letter_numbers.signed_file", "letter_papers.ask", "letter_papers.tell",
    "compliance.download", "reports.download", "form_editions.ask", "letter_check.check", "letter_check.public_list",
    "alert_rules.set_rule", "alert_rules.take_back", "alert_rules.enter_leave", "alert_rules.end_leave",
    "alerts.choose", "alert_acts.act", "alert_acts.set_reason",
    "board_acts.write", "board_acts.undo", "board_acts.draft", "board_acts.export", "notes.write", "notes.withdraw",
    "api.openapi", "tokens.make", "tokens.revoke", "subscriptions.add", "subscriptions.end", "feeds.make", "feeds.revoke", "feeds.calendar", "feeds.atom",
    "inbox.read", "outbox.decision", "receipts.gateway", "receiver.login", "receiver.envelope", "receiver.operation",
    "jobs.run", "audit.verify", "audit_cases.export", "audit_cases.keep", "audit_cases.forget", "audit_cases.sample_file",
    "findings.export", "findings.explain", "findings.judge", "findings.hidden_file",
    "packs.ask", "packs.download", "packs.check", "packs.checker", "rates.download", "causes.event_log", "kept_months.download",
    "catalogue.add_limit", "catalogue.name_procedure", "catalogue.fill_unit", "catalogue.name_unit",
    "remedies.add", "remedies.edit", "remedies.end",
    "reconciling.export", "reconciling.gone_export", "reconciling.load",
    "codes.put_together", "codes.decide",
    "editions.ask", "letters.draft", "letter_steps.act", "letter_steps.decide",
    "sources.decide", "sources.forget_layout", "keys.renew", "keys.revoke",
    "rejected.export", "rejected.mend", "rejected.put_aside", "rejected.replay_batch", "rejected.replay_file",
    "work.progress", "work.cancel", "work.retry", "work.download",
    "auth.code", "account.end_others", "account_access.lost_factor", "account_access.set_subject",
    "second_factor.begin", "second_factor.confirm", "second_factor.switch_off", "second_factor.renew_codes",
    "sign_on.begin", "sign_on.back", "sign_on.allow_link", "sign_on.link", "sign_on.unlink", "sign_on.leave",
    "first_day.confirm_units", "first_day.confirm_calendar", "first_day.withdraw", "first_day.withdraw_ready",
    "first_day.set_start", "first_day.try_mail", "first_day.ready",
    "admin_home.examine", "seen_log.export", "rule_history.export",
    "catalogue.add_unit_alias", "catalogue.add_procedure_alias", "sources.name",
    "admin.close_account", "admin.open_account", "admin.approve", "admin.reject", "admin.withdraw",
}  # fmt: skip


def test_no_page_is_forgotten(app: Flask):
    assert set(PAGES) == set(matrix(app)) - NO_PAGES - by_token(app)


@dataclass(frozen=True)
class News:
    """What of a page no page showed before: marks of it or of its bar, and what a sheet of styles may give a colour to."""

    marks: bool = True
    bar: bool = True
    colours: bool = True


ALL_NEW = News()


class Shown:
    """What pages showed, as axe and the screen see them: tags with what they are told, and where words stand.

    A page is known by which marks follow which, so twenty rows or options are one where nothing but words tells them apart.
    """

    BAR = re.compile(r'<header class="top">.*?</header>', re.DOTALL)
    # Which place of the bar one is at, and the line that only paper carries.
    HERE = re.compile(
        r' aria-current="[a-z]+"| data-here|<summary>.*?</summary>|<b aria-hidden="true">.*?</b>'
    )
    ON_PAPER = re.compile(r'<p class="on-paper">.*?</p>', re.DOTALL)
    TAG = re.compile(r"(<[^>]*>)")
    # Of these the words are looked at too; of others that there are any.
    TELLING = re.compile(r'([a-z-]+)="([^"]*)"')
    BY_WORD = re.compile(
        r"class|id|for|role|type|name|hidden|style|scope|lang|aria-(?!label$|description$).*"
    )
    ORDER = re.compile(r"h[1-6]|main|nav|aside|section|form|dialog|search|header|footer")

    # What the sheets choose by, beside the kind of a tag; a chart has colours of its own.
    STYLED = re.compile(
        r'(?: (?:class|type|scope|aria-[a-z]+|data-[a-z]+|open|disabled|hidden)(?:="[^"]*")?)+'
    )
    CHART = re.compile(r'class="[^"]*\bchart\b')

    def __init__(self) -> None:
        self._marks: set[str] = set()
        self._bar: set[str] = set()
        self._colours: set[str] = set()

    def news(self, text: str) -> News:
        """What was not shown before; all of it is known from now on."""
        bar, page = self._of(text)
        colours = {self._styled(mark) for mark in page | bar}
        has_chart = self.CHART.search(text) is not None
        found = News(
            bool(page - self._marks), bool(bar - self._bar), has_chart or bool(colours - self._colours)
        )
        self._marks |= page
        self._bar |= bar
        self._colours |= colours
        return found

    def knows(self, text: str) -> bool:
        """Was all of it shown before? It is not noted."""
        bar, page = self._of(text)
        return bar <= self._bar and page <= self._marks

    def _of(self, text: str) -> tuple[set[str], set[str]]:
        """The parts of the bar, which is that of every page, and of the rest."""
        found = self.BAR.search(text)
        bar = self._parts(self.HERE.sub("", found[0])) if found else set()
        return bar, self._parts(self.ON_PAPER.sub("", self.BAR.sub("", text)))

    def _styled(self, mark: str) -> str:
        """The tags of a mark with what gives them their colours alone."""
        return "".join(self._bare(tag) for tag in self.TAG.split(mark)[1::2])

    def _bare(self, tag: str) -> str:
        kind = tag.partition(" ")[0].rstrip(">")
        return kind + "".join(self.STYLED.findall(tag))

    def _parts(self, text: str) -> set[str]:
        pieces = self.TAG.split(text)
        words = ["·" if piece.strip() else "" for piece in pieces[::2]]
        tags = [self.TELLING.sub(self._told, tag) for tag in pieces[1::2]]
        order = [found[0] for tag in tags if (found := self.ORDER.match(tag, 1))]
        beside = zip(tags, words[1:-1], tags[1:], strict=False)
        return {*map("".join, beside), *map("".join, pairwise(order))}

    def _told(self, found: re.Match[str]) -> str:
        name, value = found[1], found[2]
        return f'{name}="{re.sub("[0-9]+", "0", value) if self.BY_WORD.fullmatch(name) else bool(value)}"'


def test_a_page_is_looked_at_again_where_it_shows_what_none_showed():
    page = '<header class="top"><a{}>A</a></header><main><table>{}</table><p class="on-paper">In lúc {}</p></main>'
    late, is_open = '<tr class="late"><td>{}</td></tr>', '<tr class="open"><td>{}</td></tr>'
    many = late.format("B") + late.format("C")
    shown = Shown()
    nothing = News(marks=False, bar=False, colours=False)
    assert shown.news(page.format("", many, "desk")) == ALL_NEW
    assert shown.news(page.format(' aria-current="page"', many, "head")) == nothing
    assert shown.news(page.format("", many.replace("B", "E") + late.format("D"), "desk")) == nothing
    assert shown.knows(page.format("", many, "desk"))
    assert not shown.knows(page.format("", many + is_open.format("D"), "desk"))
    assert shown.news(page.format("", many + is_open.format("D"), "desk")) == News(bar=False)
    assert shown.news(page.format("", many + late.format(""), "desk")) == News(bar=False, colours=False)
    assert shown.news(page.format("", many.replace("<td>", '<td id="x">'), "desk")) == News(
        bar=False, colours=False
    )
    assert shown.news(page.format(' class="moi"', many, "desk")) == News(marks=False)
    chart = page.format("", many, "desk").replace("<main>", '<main><div class="chart"></div>')
    assert shown.news(chart) == News(bar=False)
    assert shown.news(chart) == News(marks=False, bar=False)  # a script draws it, in colours of its own


def test_axe_does_not_object_to_the_login_page_and_its_faults(visit: Visit):
    page = visit.page(bypass_csp=True, reduced_motion="reduce")
    assert list(_objections(visit, page, "/dang-nhap?het_phien=1")) == []
    page.get_by_label("Tên đăng nhập").fill("nobody")
    page.get_by_label("Mật khẩu").fill("wrong")
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("alert").wait_for()
    assert list(_ask(page, "log-in with a fault")) == []


def test_axe_does_not_object_to_the_open_dialog_and_the_open_choice_of_columns(visit: Visit):
    page = visit.at("/qua-han", "auditor", bypass_csp=True, reduced_motion="reduce")
    page.locator(".chooser summary").click()
    page.keyboard.press("j")
    page.locator(".cell-pick input").first.check()
    assert list(_ask(page, "columns")) == []
    page.get_by_role("link", name="Tải Excel").click()
    page.get_by_role("dialog").wait_for()
    assert list(_ask(page, "dialog")) == []


def _objections(visit: Visit, page: Page, path: str) -> Iterator[str]:
    visit.go(page, path)
    yield from objections(page, path)


def objections(page: Page, where: str, news: News = ALL_NEW, *, again: bool = False) -> Iterator[str]:
    """What axe finds on the open page, in light and dark, wide and on a phone; the screen is as it was afterwards.

    Contrast is asked for where a colour may be new. `again`: another role has had the page looked at; words and forms differ.
    """
    yield from _ask(page, f"{where} wide light", OPTIONS if news.colours or not again else BUT_COLOURS, news)
    if news.colours:
        yield from _in_the_dark(page, f"{where} wide dark", news)
    if not again:
        page.set_viewport_size(PHONE)
        yield from _ask(page, f"{where} phone light", OPTIONS if news.colours else BUT_COLOURS, news)
        if news.colours and "?" not in where:  # other states of a page have its colours
            yield from _in_the_dark(page, f"{where} phone dark", news)
        page.set_viewport_size(WIDE)


def _in_the_dark(page: Page, where: str, news: News) -> Iterator[str]:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from _ask(page, where, COLOURS, news)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def _ask(page: Page, where: str, options: Mapping[str, Any] = OPTIONS, news: News = ALL_NEW) -> Iterator[str]:
    """Of the whole page, or of all but its bar where that was looked at on another page."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    without = [] if news.bar else [[TOP]]
    found = page.evaluate("([exclude, options]) => axe.run({ exclude }, options)", [without, options])
    for violation in found["violations"]:
        for node in violation["nodes"]:
            yield f"{where}: {violation['id']} {node['target']} {node.get('failureSummary', '')}"
