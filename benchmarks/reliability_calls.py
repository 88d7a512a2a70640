"""A receiver of signed calls with bad habits, in a process of its own: away at times, busy, or hanging up after it took one.

What it took it writes down before it answers: one line "taken WEBHOOK-ID" a call. The same call may come again; a real
receiver drops an id that it knows.
"""

import os
import random
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from notifications.channels.signing import ID

HABITS = {
    "takes it": 75,
    "is busy": 10,
    "takes it and hangs up without a word": 8,
    "hangs up without taking it": 7,
}


def serve(listening: socket.socket, book: Path, seed: int) -> None:
    """Serve at a socket that listens until the process is ended."""
    luck, written = random.Random(seed), os.open(book, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    class Handler(BaseHTTPRequestHandler):
        """One call."""

        def do_POST(self) -> None:
            """Take it or not, as luck will have it."""
            self.rfile.read(int(self.headers["Content-Length"]))
            habit = luck.choices(list(HABITS), list(HABITS.values()))[0]
            if habit.startswith("takes it"):
                os.write(written, f"taken {self.headers[ID]}\n".encode())
            if "hangs up" in habit:
                self.close_connection = True
                return
            self.send_response(503 if habit == "is busy" else 204)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(listening.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever()
