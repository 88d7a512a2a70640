"""Three hundred people at their desks: who asks for which page when is drawn beforehand, whatever the program does.

`python -m benchmarks.monday.staff PLAN` (JSON, written by `benchmarks.monday`) logs everybody in, then asks until the file
`stop` is there. The arrivals do not wait for answers, so a stall shows in every request that comes meanwhile: a
request's time counts from when it was due, not from when a thread was free to send it. One line of JSON a request.
"""

import json
import random
import re
import select
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.web import FAMILIES, GIVENS, MIDDLES
from tests.web.conftest import TOKEN

THREADS = 96
TIMEOUT = 60
FORM = "application/x-www-form-urlencoded"
# Page -> (address, weight by role). {code}: an open dossier of the own unit, {any}: any, {name}, {piece}: of a code.
MIX: dict[str, tuple[str, dict[str, int]]] = {
    "board": ("/ban-theo-doi", {"desk": 24, "head": 8}),
    "board, filtered": ("/ban-theo-doi?trang-thai=overdue", {"desk": 8, "head": 3}),
    "late list": ("/qua-han", {"desk": 6, "head": 10, "reform": 12, "auditor": 10}),
    "search by code": ("/tim?q={piece}", {"desk": 9, "head": 3, "reform": 5, "auditor": 5}),
    "search by name": ("/tim?q={name}", {"desk": 9, "head": 2}),
    "dossier": ("/ho-so/{code}", {"desk": 22, "head": 14, "reform": 12, "auditor": 20}),
    "proof of a date": ("/ho-so/{code}/phieu-tinh-han", {"desk": 2, "head": 1, "auditor": 6}),
    "note (written)": ("POST /ho-so/{code}/ghi-chu", {"desk": 4, "head": 1}),
    "notes on many (written)": ("POST /ban-theo-doi/ghi-chu", {"desk": 1}),
    "letters": ("/thu-xin-loi", {"desk": 5, "head": 8}),
    "apologies owed": ("/thu-xin-loi/nghia-vu/", {"desk": 2, "head": 3}),
    "unit on a morning": ("/don-vi", {"head": 24, "reform": 8, "auditor": 3}),
    "alerts": ("/canh-bao", {"desk": 3, "head": 8}),
    "messages": ("/thong-bao", {"desk": 3, "head": 3, "reform": 3, "admin": 4}),
    "cockpit": ("/tieu-chi/3.4.1?nam=2026", {"head": 4, "reform": 22, "auditor": 4}),
    "rates": ("/ty-le", {"head": 2, "reform": 12, "auditor": 6}),
    "causes": ("/nguyen-nhan/?nam=2026", {"reform": 5, "auditor": 4}),
    "signs": ("/dau-hieu/", {"reform": 3, "auditor": 8}),
    "cases for audit": ("/kiem-tra/ho-so", {"auditor": 10}),
    "long work": ("/cong-viec/", {"desk": 1, "head": 1, "reform": 2, "admin": 10}),
    "sources": ("/nguon-du-lieu/", {"reform": 3, "admin": 10}),
    "state of the program": ("/quan-tri/tinh-trang", {"admin": 6}),
}  # fmt: skip


@dataclass
class Desk:
    """Somebody logged in."""

    login: str
    role: str
    codes: list[str]
    ids: list[int]
    place: int
    cookie: str = ""
    token: str = ""


@dataclass
class Office:
    """Everybody, and the ports of the web processes, which take turns as behind a proxy."""

    ports: list[int]
    desks: list[Desk]
    out: Any
    _here: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _turn: int = 0

    def call(
        self, desk: Desk, method: str, address: str, body: str | None = None
    ) -> tuple[HTTPResponse, str]:
        """One request over a connection that this thread keeps."""
        port = self._next_port()
        kept: dict[int, HTTPConnection] = self._here.__dict__.setdefault("kept", {})
        connection = kept.setdefault(port, HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))
        if connection.sock and select.select([connection.sock], [], [], 0)[0]:
            # Nothing is asked, so what came is the end of it: as proxies and browsers do, one does not ask on it.
            connection.close()
        headers = {
            "Cookie": desk.cookie, "X-Forwarded-For": f"10.1.{desk.place // 250}.{desk.place % 250 + 1}",
            **({"Content-Type": FORM} if body is not None else {}),
        }  # fmt: skip
        try:
            connection.request(method, address, body, headers)
            answer = connection.getresponse()
            return answer, answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            kept.pop(port).close()
            raise

    def _next_port(self) -> int:
        with self._lock:
            self._turn += 1
            return self.ports[self._turn % len(self.ports)]

    def log_in(self, desk: Desk, password: str) -> None:
        """As a browser does it."""
        answer, text = self.call(desk, "GET", "/dang-nhap")
        desk.cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        form = {"login": desk.login, "password": password, "csrf_token": _token(text)}
        answer, _text = self.call(desk, "POST", "/dang-nhap", urlencode(form))
        if answer.status != 302:
            raise RuntimeError(f"{desk.login} was not let in: {answer.status}")
        desk.cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        answer, text = self.call(desk, "GET", "/thong-bao")
        if told := answer.headers["Set-Cookie"]:  # the session keeps what the token is held against
            desk.cookie = str(told).partition(";")[0]
        desk.token = _token(text)

    def one(self, desk: Desk, page: str, address: str, due: float) -> None:
        """One request, noted down."""
        method, _, path = address.rpartition(" ")
        body = _form(desk, page) if method else None
        try:
            answer, _text = self.call(desk, method or "GET", path, body)
            status = answer.status
        except (OSError, HTTPException):
            status = 0
        told = {"page": page, "due": due, "seconds": time.monotonic() - due, "status": status}
        with self._lock:
            self.out.write(json.dumps(told) + "\n")


def _token(text: str) -> str:
    found = TOKEN.search(text) or re.search(r'name="csrf-token" content="([^"]+)"', text)
    if found is None:
        raise RuntimeError("a page without a token")
    return found[1]


def _form(desk: Desk, page: str) -> str:
    given: dict[str, Any] = {"csrf_token": desk.token, "noi-dung": "Đã gọi điện cho người nộp sáng nay."}
    if page.startswith("notes on many"):
        given["chon"] = desk.ids[:12]
    return urlencode(given, doseq=True)


# ---------------------------------------------------------------- who asks for what


def drawn(desks: list[Desk], a_second: float, last: int, seed: int) -> Iterator[tuple[float, Desk, str, str]]:
    """Seconds from the beginning, who, which page, its address: at random times, without end."""
    chance, at = random.Random(seed), 0.0
    pages = {role: [page for page in MIX if role in MIX[page][1]] for role in {desk.role for desk in desks}}
    while True:
        at += chance.expovariate(a_second)
        desk = chance.choice(desks)
        own = pages[desk.role]
        page = chance.choices(own, [MIX[each][1][desk.role] for each in own])[0]
        number = chance.randint(1, last)
        if not desk.codes and "{code}" in MIX[page][0]:
            page = "board" if "board" in own else "late list"
        code = chance.choice(desk.codes or [""])
        name = " ".join(chance.choice(words) for words in (FAMILIES, MIDDLES, GIVENS))
        address = MIX[page][0].format(code=quote(code), piece=f"BM-{number // 100}", name=quote(name))
        yield at, desk, page, address


def main() -> None:
    """Log in, then ask until told to stop."""
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    folder = Path(sys.argv[1]).parent
    with (folder / "requests.jsonl").open("w", encoding="utf-8") as out:
        office = Office(plan["ports"], [Desk(**each) for each in plan["desks"]], out)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda desk: office.log_in(desk, plan["password"]), office.desks))
        (folder / "logged-in").touch()
        began, stop = time.monotonic(), folder / "stop"
        with ThreadPoolExecutor(THREADS) as pool:
            for at, desk, page, address in drawn(office.desks, plan["a_second"], plan["last"], plan["seed"]):
                while (left := began + at - time.monotonic()) > 0:
                    time.sleep(min(left, 0.2))
                    if stop.exists():
                        break
                if stop.exists():
                    break
                pool.submit(office.one, desk, page, address, began + at)


if __name__ == "__main__":
    main()
