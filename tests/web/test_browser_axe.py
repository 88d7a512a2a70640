"""How axe is asked, and what it is asked of beside the pages of the walk (`test_browser_pages.py`): faults, dialogs, choices.

What a role sees of a page is looked at where its marks are not those that an earlier role was shown (`Shown`).
"""

import re
from collections.abc import Iterator, Mapping
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
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# With the scheme nothing changes but the colours.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
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


class Shown:
    """The pages that roles were shown, as axe and the screen see them: tags with what they are told, and where words stand.

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

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}

    def is_new(self, path: str, text: str) -> bool:
        """Is there any part that was not shown at this path before? All are known from now on."""
        is_new = not self.knows(path, text)
        for where, parts in self._of(path, text).items():
            self._seen.setdefault(where, set()).update(parts)
        return is_new

    def knows(self, path: str, text: str) -> bool:
        """Was all of it shown before? It is not noted."""
        return all(parts <= self._seen.get(where, set()) for where, parts in self._of(path, text).items())

    def _of(self, path: str, text: str) -> dict[str, set[str]]:
        """The parts of the page, and of the bar, which is that of every page."""
        found = self.BAR.search(text)
        bar = self._parts(self.HERE.sub("", found[0])) if found else set()
        return {"bar": bar, path: self._parts(self.ON_PAPER.sub("", self.BAR.sub("", text)))}

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


def test_a_page_is_looked_at_again_where_a_role_is_shown_other_marks():
    page = '<header class="top"><a{}>A</a></header><main><table>{}</table><p class="on-paper">In lúc {}</p></main>'
    late, is_open = '<tr class="late"><td>{}</td></tr>', '<tr class="open"><td>{}</td></tr>'
    many = late.format("B") + late.format("C")
    shown = Shown()
    assert shown.is_new("/a", page.format("", many, "desk"))
    assert shown.is_new("/b", page.format("", many, "desk"))
    assert not shown.is_new("/a", page.format(' aria-current="page"', many, "head"))
    assert not shown.is_new("/a", page.format("", many.replace("B", "E") + late.format("D"), "desk"))
    assert shown.is_new("/a", page.format("", many + is_open.format("D"), "desk"))
    assert shown.is_new("/a", page.format("", many + late.format(""), "desk"))
    assert shown.is_new("/a", page.format(' class="moi"', many, "desk"))


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


def objections(page: Page, where: str, *, again: bool = False) -> Iterator[str]:
    """What axe finds on the open page, in light and dark, wide and on a phone; the screen is as it was afterwards.

    `again`: another role has had it looked at in all of them; words and forms differ, no colours.
    """
    yield from _ask(page, f"{where} wide light")
    if again:
        return
    yield from _in_the_dark(page, f"{where} wide dark")
    page.set_viewport_size(PHONE)
    yield from _ask(page, f"{where} phone light")
    if "?" not in where:  # other states of a page have its colours
        yield from _in_the_dark(page, f"{where} phone dark")
    page.set_viewport_size(WIDE)


def _in_the_dark(page: Page, where: str) -> Iterator[str]:
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from _ask(page, where, COLOURS)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")


def _ask(page: Page, where: str, options: Mapping[str, Any] = OPTIONS) -> Iterator[str]:
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    for violation in page.evaluate("options => axe.run(options)", options)["violations"]:
        for node in violation["nodes"]:
            yield f"{where}: {violation['id']} {node['target']} {node.get('failureSummary', '')}"
