"""A real server and a real browser for tests and pictures: waitress on a free port in a thread, Chromium by playwright."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import waitress
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of the application, served until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = waitress.create_server(app, sockets=[listener], threads=8)
    closing = threading.Event()

    def run() -> None:
        try:
            server.run()
        except OSError:
            # Its loop may be waiting on the very socket that `close` takes away.
            if not closing.is_set():
                raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        closing.set()
        server.close()
        thread.join(timeout=10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser, headless; never a downloaded one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
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


def picture(page: Page, path: Path, *, whole: bool = False) -> Path:
    """A screenshot as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole)
    return path
