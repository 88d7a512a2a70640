"""A real server and a real browser for tests and pictures: waitress on a free port in a thread, Chromium by playwright."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import waitress
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
# Debian's Chromium without a window of its own does the same pages with a third less work; where it is not, the whole one.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
# Pages are drawn by the processor, with no stand-in for a graphics card; threads of scripts have no core of their own to run on.
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-gpu-compositing", "--disable-gpu-rasterization",
    "--disable-background-networking", "--no-first-run", "--js-flags=--single-threaded",
]  # fmt: skip


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of the application, served until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = waitress.create_server(app, sockets=[listener], threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        # Closed by its own loop, which would not notice before its next second if we did it here.
        server.trigger.pull_trigger(server.close)
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser, headless; never a downloaded one."""
    with sync_playwright() as playwright:
        there = next((path for path in BROWSERS if Path(path).exists()), BROWSERS[-1])
        browser = playwright.chromium.launch(executable_path=there, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def log_in(page: Page, address: str, login: str, password: str) -> None:
    """Log in as a person does."""
    page.goto(f"{address}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(login)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url(lambda url: "/dang-nhap" not in url)


def enter(context: BrowserContext, address: str, login: str, password: str) -> None:
    """Be logged in without having seen a page: the same form, sent by the window's own cookies."""
    form = FORM_TOKEN.search(context.request.get(f"{address}/dang-nhap").text())
    assert form
    told = {"login": login, "password": password, "csrf_token": form[1]}
    answer = context.request.post(f"{address}/dang-nhap", form=told, max_redirects=0)
    assert answer.status == 302


def picture(page: Page, path: Path, *, whole: bool = False) -> Path:
    """A screenshot as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)
    return path
