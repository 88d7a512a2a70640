"""The operating log of real processes: whatever is sent to them or loaded, each line is JSON and none of it is anybody's."""

import http.client
import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from urllib.parse import quote

import pytest

from tests.flows.office import Office, row
from tests.flows.test_no_identity_numbers import IDS, table_of_ids

NAME, PHONE = "Nguyễn Văn Bịa", "0912345678"
CODE = "H15.03-220301-0001"
TYPED = (*IDS, NAME, PHONE, CODE, "Ea Bịa", "tim-kiem-rieng")
PATIENCE_SECONDS = 60


class Served:
    """`dunghen serve --all` of an office, and what its processes say."""

    def __init__(self, office: Office, process: subprocess.Popen[str], port: int) -> None:
        self.office, self.process, self.port = office, process, port
        self.said: list[str] = []
        assert process.stderr
        self._reading = Thread(target=lambda: self.said.extend(process.stderr or ()))
        self._reading.start()

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        """One request; its answer, read whole."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        line.request(method, path, body="x=1" if method == "POST" else None, headers=headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer

    def send(self, body: bytes) -> None:
        """Bytes that are no request."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS) as line:
            line.sendall(body)
            line.recv(4096)

    def until(self, event: str) -> None:
        """Wait for a line of an event."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not any(f'"event":"{event}"' in line for line in self.said):
            assert time.monotonic() < end, event
            Event().wait(0.05)

    def end(self) -> None:
        """As the service manager ends it."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_SECONDS)
        self._reading.join()

    def lines(self) -> list[dict[str, Any]]:
        """All lines; each has to be an object."""
        return [json.loads(line) for line in self.said]


@contextmanager
def served(office: Office) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with office.start("serve", "--all", "--port", str(port)) as process:
        running = Served(office, process, port)
        try:
            running.until("process_started")
            until_open(port)
            yield running
        finally:
            running.end()


def until_open(port: int) -> None:
    for _turn in range(PATIENCE_SECONDS * 20):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            Event().wait(0.05)
        else:
            return
    raise AssertionError("never open")


@pytest.mark.either_database("what the processes say of it is the same")
def test_whatever_is_sent_or_loaded_each_line_is_json_and_holds_none_of_it(office: Office):
    office.configure(level='"debug"')
    table = office.write(f"{NAME} {IDS[0]}.csv", table_of_ids() + f"{CODE},{NAME}\n")
    office.ask("ingest", table, "--later")
    gone = office.write(f"{NAME} {PHONE}.csv", [row(1)])
    office.ask("ingest", gone, "--later")
    gone.unlink()
    with served(office) as running:
        for typed in TYPED:
            running.ask(f"/ho-so/{quote(typed)}?q={quote(typed)}", Referer=f"http://a/{quote(typed)}")
            running.ask(f"/{quote(typed)}", **{"X-Request-Id": quote(typed), "User-Agent": quote(typed)})
            running.ask(f"/dang-nhap?next=/{quote(typed)}", "POST", Cookie=f"dunghen={quote(typed)}")
        running.ask("/ho-so/a%0A%7B%22event%22%3A%22x%22%7D%1B%5B31m")
        running.send(f"GET /{IDS[0]} {NAME}\r\n\r\n".encode())
        running.send(b"\x16\x03\x01\x00" + NAME.encode() + b"\r\n\r\n")
        running.ask("/healthz", f"{IDS[0]}")
        for event in ("work_done", "work_failed", "schedule_taken"):
            running.until(event)
    lines = running.lines()
    said = "".join(running.said)
    assert [typed for typed in TYPED if typed in said or quote(typed) in said] == []
    assert {line["process"] for line in lines} == {"web", "worker", "scheduler"}
    asked = [line for line in lines if line["event"] == "request"]
    assert len(asked) >= 3 * len(TYPED)
    assert all(line["role"] == "nobody" and line["ms"] >= 0 for line in asked)
    assert len({line["request"] for line in asked}) == len(asked)
    assert "?" not in {value for line in lines for value in line.values() if isinstance(value, str)}


@pytest.mark.either_database("the pipe is the same")
def test_a_service_whose_reader_is_gone_goes_on_answering(office: Office):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with office.start("serve", "--port", str(port)) as process:
        assert process.stderr
        process.stderr.readline()
        process.stderr.close()
        until_open(port)
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        for _turn in range(3):
            line.request("GET", "/dang-nhap")
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200
        line.close()
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)
