"""A real HTTP server for tests: what it heard stands in `calls`; it answers as told, redirects, hangs up, or keeps silent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

HANG_UP, SILENT = "hang up", "keep silent"


@dataclass(frozen=True)
class Call:
    """One call as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class HttpServer:
    """Where it listens, what it answers (one an attempt, the last for all further), what it heard."""

    answers: Sequence[Any] = (200,)
    answer_body: bytes = b"{}"
    location: str = ""
    port: int = 0
    calls: list[Call] = field(default_factory=list)
    ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """An address of it."""
        return f"http://localhost:{self.port}/nhan"

    def answer(self) -> Any:
        """To the newest call."""
        return self.answers[min(len(self.calls), len(self.answers)) - 1]


@contextmanager
def answering(server: HttpServer) -> Iterator[HttpServer]:
    """The server, listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            server.calls.append(Call(self.path, headers, body))
            answer = server.answer()
            if answer == SILENT:
                server.ended.wait()
            if answer in (HANG_UP, SILENT):
                self.close_connection = True
                return
            self.send_response(answer)
            if server.location:
                self.send_header("Location", server.location)
            self.end_headers()
            self.wfile.write(server.answer_body)

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

    listening = ThreadingHTTPServer(("localhost", 0), Handler)
    server.port = listening.server_address[1]
    thread = Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        listening.shutdown()
        listening.server_close()
        thread.join()
