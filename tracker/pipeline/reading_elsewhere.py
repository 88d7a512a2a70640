"""Large files are read by a process of their own, beside the one that writes: two cores then do what one did."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tracker.errors import UnusableFile, WorkFailed
from tracker.ingest import reading_process as child
from tracker.ingest.columns import RecordColumns
from tracker.ingest.events import ReadEvents, StepRow
from tracker.ingest.following import Followed
from tracker.ingest.normalize import Circumstances
from tracker.ingest.reader_start import started
from tracker.ingest.reading import Identified, TableTold
from tracker.ingest.reading_process import Lines, Request
from tracker.ingest.sending import chosen, received, received_followed
from tracker.types import FileWarning

GONE = "Tiến trình đọc tệp dừng đột ngột; không có gì được ghi. Hãy nạp lại."


class RemoteReading:
    """A `Reading` whose work another process does; one pass."""

    def __init__(self, lines: Lines, request: Request) -> None:
        self._lines = lines
        self._chunk: Identified | None = None
        self._asked: Sequence[int] | None = ()
        self._followed: Mapping[int, Followed] = {}
        # What came unasked with a chunk, and events of rows that nobody asked for.
        self._whole: list[Any] = []
        self._raw = b""
        self._left: list[StepRow] = []
        self._skipped: Mapping[str, int] = {}
        self._warnings: Sequence[FileWarning] = ()
        self.tables: Sequence[TableTold] = ()
        lines.send(request)

    def begin(self, circumstances: Circumstances) -> None:
        """How cells are to be read is known now; the headers have been read meanwhile.

        Raises:
            UnusableFile: a file cannot be used at all.
        """
        (self.tables,) = self._next(child.TABLES)
        self._lines.send(circumstances)

    def chunks(self) -> Iterator[Identified]:
        """All rows of all tables, a chunk at a time."""
        while True:
            kind, *told = self._receive()
            if kind == child.END:
                self._skipped, self._warnings = told
                return
            self._chunk, self._asked, self._whole = told[0], None, told[1:]
            if kind == child.WHOLE:
                self._raw = self._block()
            yield told[0]
            if self._asked is None:
                self.ask(())

    def ask(self, positions: Sequence[int]) -> None:
        """These rows of the present chunk are wanted."""
        self._asked = positions
        if not self._whole:
            self._lines.send(list(positions))
            return
        # They are here; whether it was right to send them is all that there is to say.
        self._lines.send(self._is_whole())
        new = {position: n for n, position in enumerate(positions)}
        told = received_followed(self._whole[1])
        self._followed = {new[at]: one for at, one in told.items() if at in new}
        self._left += [row for at, one in told.items() if at not in new for row in one.steps]

    def columns(self) -> RecordColumns:
        """The rows that were asked for."""
        if self._chunk is None or self._asked is None:
            raise WorkFailed(GONE)
        if self._whole:
            every = received(self._whole[0], self._chunk, range(len(self._chunk.codes)), self._raw)
            return every if self._is_whole() else chosen(every, self._asked)
        columns, followed = self._next(child.COLUMNS)
        self._followed = received_followed(followed)
        return received(columns, self._chunk, self._asked, self._block())

    def _is_whole(self) -> bool:
        return self._chunk is not None and len(self._asked or ()) == len(self._chunk.codes)

    def followed(self) -> Mapping[int, Followed]:
        """Which of the rows just taken have met their events."""
        return self._followed

    def events(self) -> Iterator[ReadEvents]:
        """The other progress events of all tables, a chunk at a time."""
        if self._left:
            yield ReadEvents(self._left)
        while True:
            kind, *told = self._receive()
            if kind == child.END:
                return
            yield told[0]

    def skipped(self) -> Mapping[str, int]:
        """How many rows were no dossiers, by kind."""
        return self._skipped

    def warnings(self) -> Sequence[FileWarning]:
        """What is odd about whole columns."""
        return self._warnings

    def _block(self) -> bytes:
        (block,) = self._receive()
        return bytes(block)

    def _next(self, wanted: str) -> list[Any]:
        kind, *told = self._receive()
        if kind != wanted:
            raise WorkFailed(GONE)
        return told

    def _receive(self) -> tuple[Any, ...]:
        try:
            message: tuple[Any, ...] = self._lines.receive()
        except EOFError as error:
            raise WorkFailed(GONE) from error
        if message[0] == child.UNUSABLE:
            raise UnusableFile(message[1], message[2])
        return message


@contextmanager
def reading_elsewhere(request: Request, ahead: subprocess.Popen[bytes] | None) -> Iterator[RemoteReading]:
    """The reading of some files by a process that ends with the block; `ahead`: one that was started for it already.

    Raises:
        UnusableFile: one of them cannot be used at all.
        WorkFailed: the process was killed.
    """
    try:
        # Closing the pipe of a process that is gone is refused as well, where something still waits to be sent.
        with ahead or started(request.paths) as process:
            try:
                if process.stdin is None or process.stdout is None:
                    raise WorkFailed(GONE)
                yield RemoteReading(Lines(process.stdout, process.stdin), request)
            finally:
                process.kill()
    except BrokenPipeError as error:
        raise WorkFailed(GONE) from error
