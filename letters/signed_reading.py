"""The process that reads signed files (`letters.signed_text`), held from outside: a file that takes too long ends it."""

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from threading import Event, Timer
from types import TracebackType
from typing import Self

import letters
from tracker.errors import WorkFailed

LENGTH = struct.Struct(">Q")
SECONDS = 20.0
MODULE = "letters.signed_text"
PDF, ZIP = b"%PDF-", b"PK\x03\x04"
PDF_WITHIN = 1024  # readers look for the mark so far
READY = b"ready\n"
TOO_LONG = "đọc tệp quá lâu nên đã dừng; tệp có thể hỏng hoặc quá phức tạp"
BROKE_OFF = "phần đọc tệp dừng giữa chừng ở tệp này; tệp có thể hỏng hoặc quá phức tạp"
NOT_BEGUN = "Không khởi động được phần đọc tệp đã ký; báo quản trị kiểm tra cài đặt."


def kind_of(body: bytes) -> str | None:
    """The ending that a file of this content has; None for what is neither PDF nor a Word document."""
    if PDF in body[:PDF_WITHIN]:
        return ".pdf"
    return ".docx" if body.startswith(ZIP) else None


class TextReader:
    """Reads one file after the other; a new process is begun after each that did not come to its end."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, body: bytes) -> tuple[str, str]:
        """The text of a file and "", or "" and why it cannot be read, in the user's words.

        Raises:
            WorkFailed: the process cannot be begun; that is no fault of a file.
        """
        process = self._process or self._begin()
        self._process = process
        fired = Event()

        def stop() -> None:
            fired.set()
            process.kill()

        timer = Timer(self._seconds, stop)
        timer.start()
        try:
            line = _asked(process, body)
        finally:
            timer.cancel()
            timer.join()
        if fired.is_set() or not line.endswith(b"\n"):
            # It may have answered in the very moment in which it was ended: the next file needs another one.
            self._end()
        if not line.endswith(b"\n"):
            return "", TOO_LONG if fired.is_set() else BROKE_OFF
        told = json.loads(line)
        return told.get("text", ""), told.get("fault", "")

    def _begin(self) -> subprocess.Popen[bytes]:
        paths = [str(Path(letters.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        if process.stdout is None or process.stdout.readline() != READY:
            self._end()
            raise WorkFailed(NOT_BEGUN)
        return process

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        # Closes the pipes as well; what was not written any more is nobody's.
        self._process.communicate()
        self._process = None


def _asked(process: subprocess.Popen[bytes], body: bytes) -> bytes:
    """The line that it answers; cut short, or none, where it was ended."""
    if process.stdin is None or process.stdout is None:
        return b""
    try:
        process.stdin.write(LENGTH.pack(len(body)))
        process.stdin.write(body)
        process.stdin.flush()
        return process.stdout.readline()
    except (BrokenPipeError, OSError):
        return b""
