"""A web process that is killed in the middle of an upload: while it arrives, and before any statement about it."""

import http.client
import io
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.datastructures import FileStorage

from app.accounts import new_salt
from app.importing import ask_about, new_import, store_files
from app.works.keeping import UPLOADS, delete_expired
from tests.flows.killing import killed_before, steps_of
from tests.flows.office import NOW, Office, StandingContext, csv_text, row
from tests.flows.test_oplog import until_open
from tests.passwords import cheap_hash
from tracker import clock
from tracker.store import people
from tracker.store.people import NewAccount
from tracker.store.session import open_store

LOGIN, PASSWORD, PATIENCE_SECONDS = "cai-cach", "mat-khau-thu-9", 30
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
BORDER = "----bien-gioi"
PLAIN = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def peopled(office: Office) -> Office:
    """An office with one who may bring files in."""
    office.ask("calendar", "check")
    store = open_store(office.url)
    with store.transaction() as session:
        person = NewAccount(LOGIN, "Người Bịa", "reform", None, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, person, NOW)
    store.close()
    return office


class Web:
    """A web process, and a person before it."""

    def __init__(self, port: int, pid: int) -> None:
        self.port, self.pid, self.cookie = port, pid, ""
        _, text = self.ask("GET", "/dang-nhap")
        token = self.token(text)
        self.ask("POST", "/dang-nhap", urlencode({"login": LOGIN, "password": PASSWORD, "csrf_token": token}))

    def ask(self, method: str, path: str, body: bytes | str | None = None, kind: str = "") -> tuple[int, str]:
        """One request."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": kind} if kind else PLAIN
        line.request(method, path, body, {"Cookie": self.cookie, **headers})
        answer = line.getresponse()
        text = answer.read().decode()
        if given := answer.headers["Set-Cookie"]:
            self.cookie = given.partition(";")[0]
        line.close()
        return answer.status, text

    def token(self, text: str) -> str:
        """The token of a form."""
        found = TOKEN.search(text)
        assert found
        return found[1]

    def upload(self, content: bytes) -> bytes:
        """The body of the form with this file."""
        _, text = self.ask("GET", "/nguon-du-lieu/nap")
        parts = [f'name="csrf_token"\r\n\r\n{self.token(text)}', 'name="tep"; filename="tuần.csv"\r\n\r\n']
        head = "".join(f"--{BORDER}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts)
        return head.removesuffix("\r\n").encode() + content + f"\r\n--{BORDER}--\r\n".encode()


@contextmanager
def served(office: Office) -> Iterator[Web]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with office.start("serve", "--port", str(port)) as process:
        try:
            until_open(port)
            yield Web(port, process.pid)
        finally:
            process.kill()
            process.communicate()


def uploads(office: Office) -> list[Path]:
    return sorted((office.folder / "var" / UPLOADS).glob("*"))


KIND = f"multipart/form-data; boundary={BORDER}"
ASKED = "SELECT count(*) FROM work_item"
KEPT = "SELECT count(*) FROM kept_file"


@pytest.mark.either_database("what has not arrived is in no database")
def test_what_had_not_arrived_is_nowhere_and_the_next_upload_is_taken(peopled: Office):
    content = csv_text([row(n) for n in range(1, 40_000)]).encode()
    with served(peopled) as web:
        body = web.upload(content)
        line = socket.create_connection(("127.0.0.1", web.port), PATIENCE_SECONDS)
        head = f"POST /nguon-du-lieu/nap HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {web.cookie}\r\nContent-Type: {KIND}\r\n"
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[: len(body) // 2])
        os.kill(web.pid, 9)
        line.close()
    assert peopled.query(ASKED) == peopled.query(KEPT) == [(0,)]
    assert uploads(peopled) == []
    with served(peopled) as web:
        status, _ = web.ask("POST", "/nguon-du-lieu/nap", web.upload(content), KIND)
    assert status == 302
    assert peopled.query(ASKED) == peopled.query(KEPT) == [(1,)]
    (path,) = uploads(peopled)
    assert path.read_bytes() == content


def test_killed_before_any_statement_an_upload_is_asked_for_as_a_whole_or_goes_with_proof(
    peopled: Office, monkeypatch: pytest.MonkeyPatch
):
    for name, value in peopled.environment.items():
        monkeypatch.setenv(name, value) if value is not None else monkeypatch.delenv(name, raising=False)
    context = StandingContext(peopled.config)
    with context.store.read() as session:
        account = people.find_login(session, LOGIN)
    assert account
    context.store.close()

    def bring_in() -> None:
        web = StandingContext(peopled.config)
        stored = store_files(web, [FileStorage(io.BytesIO(b"a;b"), "tuần.csv")])
        params = new_import(stored, "main").as_params()
        ask_about(web, "import_preview", stored, params=params, account=account, now=NOW)

    steps = steps_of(bring_in)
    killed = sum(killed_before(moment, bring_in) for moment in range(1, steps + 1))
    assert killed == steps > 3
    assert peopled.query(ASKED) == peopled.query(KEPT) == [(1,)]
    assert len(uploads(peopled)) > 1
    later = StandingContext(peopled.config, instant=clock.now() + timedelta(days=400))
    gone = list(delete_expired(later, later.now()))
    later.store.close()
    assert len(gone) == len(peopled.query("SELECT id FROM kept_file WHERE deleted_at IS NOT NULL"))
    assert uploads(peopled) == []
