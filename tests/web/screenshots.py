"""Pictures for the README: `python -m tests.web.screenshots OUT_DIR`.

Makes a small demonstration in a temporary folder, serves it on a free port, walks through the pages in Chromium at
1366x768, 390x844, dark and in print, and writes PNG and PDF files. The clock stands at the demonstration's moment.
"""

import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser

from app.accounts import create_demo_accounts
from app.commands.demo_command import load_evenings
from app.web import create_app
from letters.case import LetterPolicy
from letters.forms import load_forms
from letters.issue import draft
from letters.register import LetterFolder
from letters.reissue import LetterScope, default_folder
from tests.web.server import chromium, log_in, picture, serving
from tests.web.world import StandingContext, make_context
from tracker.pipeline.answers import LateQuestion, overdue
from tracker.pipeline.cause_counting import refresh as count_causes
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.synthetic.generate import generate
from tracker.types import VN

MOMENT = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
SCREENS: Mapping[str, Mapping[str, Any]] = {
    "wide": {"viewport": {"width": 1366, "height": 768}},
    "phone": {"viewport": {"width": 390, "height": 844}},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
}
SCORE = "/tieu-chi/3.4.1?nam=2022"


def main(arguments: list[str]) -> int:
    """Make all pictures; a second argument scales the year 2022 (1 = all 420,000 dossiers and the true score)."""
    if not arguments:
        click.echo("python -m tests.web.screenshots OUT_DIR [SCALE]", err=True)
        return 2
    target, scale = Path(arguments[0]), float(arguments[1]) if len(arguments) > 1 else 0.02
    with tempfile.TemporaryDirectory() as folder:
        context = demonstration(Path(folder), scale)
        accounts = {login: password for login, password, *_ in create_demo_accounts(context.store, MOMENT)}
        with serving(create_app(context)) as address, chromium() as browser:
            for screen in SCREENS:
                for path in walk(browser, address, screen, accounts, pages(context), target):
                    click.echo(path)
        context.store.close()
    return 0


def demonstration(folder: Path, scale: float) -> StandingContext:
    """A store with a part of the year 2022 and a living province of today."""
    context = make_context(folder)
    context.instant = MOMENT
    load_evenings(context, folder)
    for preset, size in (("daklak-2022", scale), ("today", 0.2)):
        made = generate(preset, folder / preset, rows=None, seed=1, as_of=MOMENT.date(), scale=size)
        # Without the dossiers that 2022 carried over: a board of today is not led by those of four years ago.
        files = tuple(path for path in made.files if "open" not in path.stem)
        plan = IngestPlan((*files, *made.progress), MOMENT)
        ingest(context.store, context.config.calendar_key, plan, lambda text: click.echo(text, err=True))
    count_causes(context.store, context.calendars)
    _write_letters(context)
    return context


def _write_letters(context: StandingContext) -> None:
    """The letters that are owed at the demonstration's moment."""
    policy = LetterPolicy(load_forms(), context.calendars.present, context.config.letters.reappointment_days)
    scope = LetterScope(MOMENT)
    folder = LetterFolder(default_folder(context.data_dir, scope), context.data_dir)
    draft(context.store, scope, policy, folder, now=MOMENT, actor="pictures")


def pages(context: StandingContext) -> Mapping[str, tuple[str, str]]:
    """Name -> (role, address)."""
    late = overdue(context.store, context.calendars, LateQuestion(MOMENT), limit=400).rows
    telling = next((row for row in late if row.promised_at != row.source_at), late[0])
    return {
        "board": ("head", "/ban-theo-doi"),
        "late": ("auditor", "/qua-han"),
        "dossier": ("auditor", f"/ho-so/{telling.code}"),
        "letters": ("auditor", "/thu-xin-loi"),
        "score": ("reform", SCORE),
        "months": ("reform", "/tieu-chi/3.4.1/theo-thang?nam=2022"),
        "account": ("reform", "/tai-khoan"),
        "pieces": ("admin", "/kieu-dang"),
    }


def walk(
    browser: Browser,
    address: str,
    screen: str,
    accounts: Mapping[str, str],
    listed: Mapping[str, tuple[str, str]],
    target: Path,
) -> list[Path]:
    """The pictures of one kind of screen."""
    made: list[Path] = []
    for name, (role, path) in listed.items():
        browser_context = browser.new_context(locale="vi-VN", **SCREENS[screen])
        page = browser_context.new_page()
        log_in(page, address, role, accounts[role])
        page.goto(address + path)
        if name == "score" and page.locator("#chart").count():
            page.locator("#chart .main-svg").first.wait_for()
        made.append(picture(page, target / f"{name}-{screen}.png"))
        made.append(picture(page, target / f"{name}-{screen}-whole.png", whole=True))
        if screen == "wide":
            page.pdf(path=target / f"{name}.pdf", prefer_css_page_size=True)
        browser_context.close()
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
