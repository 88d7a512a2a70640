"""Where lines go: standard error, or a folder of files with a bound. Whatever befalls them, whoever wrote goes on.

Files are never renamed: each process writes pieces of its own, begins another when one is full, and removes the oldest of
its kind beyond the number kept. So several processes need no lock, and Windows, which renames and removes no open file,
works the same.
"""

import os
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

MIB = 1024 * 1024
# How often it is looked whether the file is still where it was put.
LOOK_SECONDS = 1.0
PIECE = re.compile(r"dunghen-([a-z]+)-\d{8}T\d{6}Z-\d+-\d+\.log")


Outlet = Callable[[str, float], None]
# Windows would write other ends of lines.
AS_IT_IS = getattr(os, "O_BINARY", 0)


class Unwritable(Exception):
    """A line could not be put down."""


def to_standard_error(line: str, _at: float) -> None:
    """Write a line to standard error.

    Raises:
        Unwritable: it is closed, its reader is gone, its disk is full.
    """
    stream = sys.stderr
    if stream is None:  # a service of Windows has none
        raise Unwritable
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except (OSError, ValueError) as error:
        raise Unwritable from error


class Folder:
    """Files of one process in a folder: `dunghen-KIND-TIME-PID-NUMBER.log`, readable by their owner alone."""

    def __init__(self, folder: Path, kind: str, most_bytes: int, kept: int) -> None:
        self._folder, self._kind, self._most, self._kept = folder, kind, most_bytes, kept
        self._path: Path | None = None
        self._handle = -1
        self._size = self._number = 0
        self._looked_at = float("-inf")

    def write(self, line: str, at: float) -> None:
        """Write a line of a moment (seconds since 1970).

        Raises:
            Unwritable: the folder or the disk does not take it.
        """
        body = f"{line}\n".encode()
        try:
            if self._handle < 0 or self._size + len(body) > self._most or self._is_gone():
                self._next_piece(at)
            self._size += os.write(self._handle, body)
        except OSError as error:
            self.close()
            raise Unwritable from error

    def close(self) -> None:
        """Let go of the file."""
        if self._handle >= 0:
            handle, self._handle = self._handle, -1
            try:
                os.close(handle)
            except OSError:
                return

    def _is_gone(self) -> bool:
        """Was the file removed, by hand or by another process that keeps the number down?"""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at = time.monotonic()
        return self._path is None or not self._path.exists()

    def _next_piece(self, at: float) -> None:
        self.close()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._number += 1
        moment = datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")
        self._path = self._folder / f"dunghen-{self._kind}-{moment}-{os.getpid()}-{self._number}.log"
        self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | AS_IT_IS, 0o600)
        self._size = 0
        self._remove_oldest()

    def _remove_oldest(self) -> None:
        own = [each for each in self._folder.iterdir() if self._is_of_this_kind(each.name)]
        for piece in sorted(own)[: -self._kept]:
            try:
                piece.unlink()
            except OSError:  # Windows: another process has it open
                continue

    def _is_of_this_kind(self, name: str) -> bool:
        found = PIECE.fullmatch(name)
        return found is not None and found[1] == self._kind
