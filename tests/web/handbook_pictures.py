"""The pictures of the handbook, made by the program itself: `python -m tests.web.handbook_pictures docs/so-tay/hinh`.

Makes the invented demonstration in a temporary folder, serves it on a free port, walks to each place of
`tests/web/handbook_shots.py` in Chromium at 1366x768 and writes what is told there as a small PNG. Everybody in them is
invented; what is in a picture of an earlier making and in none now is removed. Names of pictures may follow the folder:
only those are made then.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
from playwright.sync_api import Browser, BrowserContext, Page

from app.web import create_app
from tests.web.browsing import WIDE
from tests.web.handbook_shots import Shot, shots
from tests.web.handbook_world import furnished
from tests.web.server import chromium, enter, serving
from tests.web.small_png import small

MARGIN = 8


def main(arguments: Sequence[str]) -> int:
    """Make the pictures; the exit code."""
    if not arguments:
        click.echo("python -m tests.web.handbook_pictures OUT_DIR [NAME…]", err=True)
        return 2
    target, wanted = Path(arguments[0]), set(arguments[1:])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        context, passwords = furnished(Path(folder))
        listed = shots(context, passwords)
        if not wanted:
            _remove_others(target, {shot.name for shot in listed})
        chosen = [shot for shot in listed if not wanted or shot.name in wanted]
        with serving(create_app(context)) as address, chromium() as browser:
            for name, size in taken(browser, address, passwords, chosen, target):
                click.echo(f"{name}: {size // 1024} KiB")
        context.store.close()
    return 0


def taken(
    browser: Browser, address: str, passwords: Mapping[str, str], chosen: Sequence[Shot], target: Path
) -> Iterator[tuple[str, int]]:
    """Each picture as it is made: its name and its bytes. A role logs in once: log-ins of an address are counted."""
    plain, opened = browser.new_page(), dict[str, BrowserContext]()
    for shot in chosen:
        if shot.role not in opened:
            context = browser.new_context(locale="vi-VN", viewport=WIDE, reduced_motion="reduce")
            if shot.role:
                enter(context, address, shot.role, passwords[shot.role])
            opened[shot.role] = context
        made = small(plain, _taken(opened[shot.role], address, shot))
        (target / f"{shot.name}.png").write_bytes(made)
        yield shot.name, len(made)


def _taken(context: BrowserContext, address: str, shot: Shot) -> bytes:
    page = context.new_page()
    page.goto(address + shot.path)
    if shot.act:
        shot.act(page)
    page.wait_for_load_state()
    made = _cut(page, shot)
    page.close()
    return made


def _cut(page: Page, shot: Shot) -> bytes:
    """The window, or a piece of the page with a little around it."""
    if not shot.piece:
        return page.screenshot(clip={"x": 0, "y": 0, "width": WIDE["width"], "height": shot.most})
    piece = page.locator(shot.piece).first
    if not piece.evaluate("each => each.matches('dialog')"):
        # So tall that the piece stands below the bar, which stays at the top while a page is scrolled.
        page.set_viewport_size({"width": WIDE["width"], "height": 4 * WIDE["height"]})
        page.evaluate("scrollTo(0, 0)")
    box = piece.bounding_box()
    assert box, shot.name
    margin = 0 if shot.piece == "main" else MARGIN
    left, top = max(box["x"] - margin, 0), max(box["y"] - margin, 0)
    width = min(box["width"] + 2 * margin, WIDE["width"] - left)
    height = min(box["height"] + 2 * margin, shot.most)
    return page.screenshot(clip={"x": left, "y": top, "width": width, "height": height})


def _remove_others(target: Path, names: set[str]) -> None:
    for path in target.glob("*.png"):
        if path.stem not in names:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
