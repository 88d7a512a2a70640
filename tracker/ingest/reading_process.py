"""Reading as a process of its own: `python -m tracker.ingest.reading_process`, spoken to over its standard streams.

Its parent writes which files there are, a request as soon as it has one, then one message a step; everything is pickled,
since both are this very program. It ends when its parent does: a closed stream is the end of its work. It has no database
and stores nothing.
"""

import gc
import pickle
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.columns import RecordColumns
from tracker.ingest.events_ahead import events_ahead
from tracker.ingest.following import HeldEvents
from tracker.ingest.readers.opening import open_tables
from tracker.ingest.reading import HowToRead, Identified, LocalReading, compressed, plain_raw
from tracker.ingest.sending import sent, sent_followed, usable
from tracker.machine import whole_output

YOUNG_OBJECTS = 200_000
# What is said while the other side writes.
MOST_UNDER_WAY = 8
TABLES, CHUNK, COLUMNS, WHOLE = "tables", "chunk", "columns", "whole"
EVENTS, END, UNUSABLE = "events", "end", "unusable"
# So many chunks are sent whole before it is known whether the first of them was wanted so: those whose dossiers have events
# take both sides several times as long as others, and not at the same time.
MOST_AHEAD = 6


class Request(NamedTuple):
    """Which files are to be read, and how; `follows`: events may be followed here, where they meet their dossiers; `ahead`:
    chunks may be sent whole unasked, after one of which everything was wanted.
    """

    paths: tuple[Path, ...]
    how: HowToRead
    max_mib: int
    mapping: Mapping[str, str] | None
    follows: bool = False
    ahead: bool = False


class Lines:
    """Pickled messages over two streams."""

    def __init__(self, inward: IO[bytes], outward: IO[bytes]) -> None:
        self._inward, self._outward = inward, outward

    def send(self, *message: Any) -> None:
        """Send one message."""
        pickle.dump(message, self._outward, pickle.HIGHEST_PROTOCOL)
        self._outward.flush()

    def receive(self) -> Any:
        """The next message.

        Raises:
            EOFError: the other side has gone.
        """
        try:
            return pickle.load(self._inward)
        except pickle.UnpicklingError as error:
            raise EOFError("in the middle of a message") from error


class LinesBeside(Lines):
    """The same, sent by a thread of its own: a message is larger than a pipe holds, so that sending it would last until the
    other side has time to take it.
    """

    def __init__(self, inward: IO[bytes], outward: IO[bytes], pool: Executor) -> None:
        super().__init__(inward, outward)
        self._pool, self._under_way = pool, deque[Future[None]]()

    def send(self, *message: Any, raw: bytes | None = None) -> None:
        """Send one message as soon as those before it are sent, and after it a block of raw rows if there is one, which is
        compressed meanwhile; waits where many are under way.

        Raises:
            BrokenPipeError: the other side has gone.
        """
        while len(self._under_way) >= MOST_UNDER_WAY:
            self._under_way.popleft().result()
        body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._under_way.append(self._pool.submit(self._write, body, raw))

    def finish(self) -> None:
        """Wait until everything is sent.

        Raises:
            BrokenPipeError: the other side has gone.
        """
        while self._under_way:
            self._under_way.popleft().result()

    def _write(self, body: bytes, raw: bytes | None) -> None:
        self._outward.write(body)
        if raw is not None:
            self._outward.write(pickle.dumps((compressed(raw),), pickle.HIGHEST_PROTOCOL))
        self._outward.flush()


class Said(NamedTuple):
    """One message, and the raw rows that go after it."""

    message: tuple[Any, ...]
    raw: bytes | None = None


def serve(lines: LinesBeside) -> None:
    """Read what the parent asks for, to the end."""
    # Events that are held stay to the end: looking through them for garbage, again and again, would cost a seventh of it.
    gc.disable()
    (paths,) = lines.receive()
    told_ahead = events_ahead(paths)
    (request,) = lines.receive()
    with ExitStack() as stack:
        try:
            tables = [
                table
                for path in request.paths
                for table in open_tables(stack, path, max_mib=request.max_mib, mapping=request.mapping)
            ]
            reading = LocalReading(tables, request.how, told_ahead if request.follows else None)
            lines.send(TABLES, reading.tables)
            (circumstances,) = lines.receive()
            reading.begin(circumstances)
            for said in _told(reading, request, lines):
                lines.send(*said.message, raw=said.raw)
        except UnusableFile as error:
            lines.send(UNUSABLE, error.file, error.reason)


def _told(reading: LocalReading, request: Request, lines: Lines) -> Iterator[Said]:
    held = HeldEvents(reading.events_ahead() if request.follows else ())
    gc.freeze()
    gc.enable()
    pieces = reading.pieces()
    following = next(pieces, None)
    is_wanted, unanswered = False, 0
    while following is not None:
        chunk, piece = following
        if is_wanted:
            columns = piece.columns(range(len(chunk.codes)))
            followed = sent_followed(held.meet(columns))
            yield Said((WHOLE, chunk, sent(columns, chunk.fields), followed), _raw(columns, chunk))
            unanswered += 1
            if unanswered >= MOST_AHEAD:
                (is_wanted,) = lines.receive()
                unanswered -= 1
            following = next(pieces, None)
            continue
        unanswered = _answered(lines, unanswered)
        yield Said((CHUNK, chunk))
        # While the parent looks what it knows of this chunk, the next one is read.
        following = next(pieces, None)
        (positions,) = lines.receive()
        if positions:
            columns = piece.columns(positions)
            followed = sent_followed(held.meet(columns))
            yield Said((COLUMNS, sent(columns, chunk.fields), followed), _raw(columns, chunk))
        is_wanted = request.ahead and len(positions) == len(chunk.codes)
    _answered(lines, unanswered)
    yield Said((END, reading.skipped(), reading.warnings()))
    for events in chain(held.rest(request.how.chunk_rows), reading.events()):
        yield Said((EVENTS, events))
    yield Said((END,))


def _raw(columns: RecordColumns, chunk: Identified) -> bytes:
    return plain_raw(columns, usable(columns), chunk.fields)


def _answered(lines: Lines, unanswered: int) -> int:
    """Hear what is still to be said of chunks that were sent whole; how many are left."""
    for _ in range(unanswered):
        lines.receive()
    return 0


def main() -> None:
    """Serve the parent; what goes wrong beyond a bad file is told on standard error, and the parent sees the end."""
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    try:
        with ThreadPoolExecutor(1, "sending") as pool, whole_output() as outward:
            lines = LinesBeside(sys.stdin.buffer, outward, pool)
            serve(lines)
            lines.finish()
    except (EOFError, BrokenPipeError):
        sys.exit(1)


if __name__ == "__main__":
    main()
