"""A web process that has grown large begins anew in its own place: nobody is turned away, and nothing is broken off."""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Timer

import pytest

from app.renewing import LISTENING_VARIABLE, Renewal, resident_mib, taken_over
from tests.flows.office import ROOT, Office, StandingContext
from tests.flows.test_oplog import until_open

PAGE = "/dang-nhap"
SAME = "sockets and processes, no question to the database"
PATIENCE_SECONDS = 60
RENEWALS = 2


class Web:
    """A web process that begins anew as often as it can."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process, self.port, self._log = process, port, log

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def ask(self) -> int:
        """One page, on a connection of its own."""
        line = self.connection()
        line.request("GET", PAGE)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status

    def events(self, name: str) -> list[dict[str, object]]:
        """What the process wrote of one kind."""
        whole, _, _ = self._log.read_text("utf-8").rpartition("\n")
        told = [json.loads(line) for line in whole.splitlines()]
        return [one for one in told if one["event"] == name]


@contextmanager
def served(office: Office) -> Iterator[Web]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = office.folder / "web.log"
    environment = {**os.environ, **office.environment}
    command = [sys.executable, "-m", "tests.flows.renewed_process", str(office.config), str(port)]
    told = {name: value for name, value in environment.items() if value is not None}
    with log.open("wb") as stream, subprocess.Popen(command, cwd=ROOT, env=told, stderr=stream) as process:
        # Who waits for what never comes sees the process end.
        patience = Timer(PATIENCE_SECONDS, process.kill)
        patience.start()
        try:
            until_open(port)
            yield Web(process, port, log)
        finally:
            patience.cancel()
            process.terminate()
            process.wait(PATIENCE_SECONDS)


@pytest.mark.either_database(SAME)
def test_nobody_is_turned_away_while_a_process_begins_anew_again_and_again(office: Office):
    office.configure(most_mib="1", form='"json"')
    with served(office) as web, ThreadPoolExecutor(3) as people:
        enough = Event()

        def person(_number: int) -> list[int]:
            told = []
            while not enough.is_set():
                told.append(web.ask())
            return told

        asking = [people.submit(person, number) for number in range(3)]
        try:
            while len(web.events("web_renewed")) < RENEWALS:
                assert web.process.poll() is None
                broken_off = [each.exception() for each in asking if each.done()]
                assert broken_off == []
                os.sched_yield()
        finally:
            enough.set()
        statuses = [status for each in asking for status in each.result()]
        begun = web.events("process_started")
        renewed = web.events("web_renewed")
    assert set(statuses) == {200}
    assert len(statuses) > RENEWALS
    assert {one["pid"] for one in [*begun, *renewed]} == {web.process.pid}
    assert len(begun) > RENEWALS
    assert web.events("process_failed") == web.events("library_said") == []


@pytest.mark.either_database(SAME)
def test_a_request_that_arrives_in_two_halves_is_waited_for(office: Office):
    office.configure(most_mib="1", form='"json"')
    with served(office) as web:
        half = socket.create_connection(("127.0.0.1", web.port), timeout=PATIENCE_SECONDS)
        half.sendall(f"POST {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\n".encode())
        # A page that was asked after it and is answered: the process has read the first half by now.
        assert web.ask() == 200
        before = len(web.events("web_renewed"))
        assert [web.ask() for _ in range(60)] == [200] * 60
        told = web.events("web_renewed")
        half.sendall(b"login=a&password=b%%")
        answer = half.recv(64)
        half.close()
        assert answer.startswith(b"HTTP/1.1 400")
        while len(web.events("web_renewed")) == len(told):
            assert web.process.poll() is None
            os.sched_yield()
    assert len(told) == before


@pytest.mark.either_database(SAME)
def test_a_connection_that_is_kept_serves_on_or_is_closed_between_two_requests(office: Office):
    office.configure(most_mib="1", form='"json"')
    with served(office) as web:
        line, told = web.connection(), []
        while len(told) < 3 or not web.events("web_renewed"):
            assert web.process.poll() is None
            try:
                line.request("GET", PAGE)
                answer = line.getresponse()
                answer.read()
                told.append(answer.status)
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                line.close()  # what browsers do with a connection that was closed while it was idle: ask again
                told.append(web.ask())
        line.close()
    assert set(told) == {200}


def test_a_process_whose_configuration_was_damaged_since_works_on(office: Office):
    office.configure(most_mib="60000", form='"json"')
    context = StandingContext(office.config)
    renewal = Renewal(context, 1)
    assert renewal._could_begin()
    office.config.write_text("[web\n", "utf-8")
    assert not renewal._could_begin()


def test_without_a_bound_nothing_is_looked_after(office: Office):
    context = StandingContext(office.config)
    create = object()
    assert Renewal(context, 0).watched(create) is create  # type: ignore[arg-type]
    assert Renewal(context, 1).watched(create) is not create  # type: ignore[arg-type]
    assert 10 < (resident_mib() or 0) < 10_000


def test_sockets_of_another_process_are_not_taken_over(monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        for told in (f"{os.getpid() + 1}:{listening.fileno()}", "", "x"):
            monkeypatch.setenv(LISTENING_VARIABLE, told)
            assert taken_over() == ()
            assert LISTENING_VARIABLE not in os.environ
        monkeypatch.setenv(LISTENING_VARIABLE, f"{os.getpid()}:{os.dup(listening.fileno())}")
        (taken,) = taken_over()
        assert taken.getsockname() == listening.getsockname()
        taken.close()
