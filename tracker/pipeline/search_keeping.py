"""The keys to find dossiers by, kept up with the dossiers: those of changed ones made anew, as short steps.

Nothing is wrong before it is done: a dossier is found by its code at once, and what a key finds is compared with the
dossier itself. Keys are written in their own order, since each at a place of its own would write the whole table many
times over; many are sorted in files, so that the memory needed does not grow with their number.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from threading import Event
from typing import IO

from tracker.store import search_keys, search_marks
from tracker.store.locks import Lock, hold
from tracker.store.search_marks import KeyRow, Span, Stale
from tracker.store.session import Session, Store
from tracker.store.turns import purpose_held

# Dossiers read in one look; keys held in memory (60 MiB); keys written in one transaction.
READ_AT_ONCE = 5_000
HELD = 300_000
WRITTEN_AT_ONCE = 5_000
# More dossiers than these are several rounds, newest first: those of today do not wait for those of ten years.
ROUND = 2_000_000
# On SQLite whoever writes next is whoever looks first: between two steps the others get their look.
BREATH_SECONDS = 0.01
Progress = Callable[[str], None]


def is_behind(store: Store) -> bool:
    """Are there dossiers that cannot be found by name or telephone yet?"""
    with store.read() as session:
        return search_marks.is_marked(session)


def refresh(store: Store, scratch: Path, progress: Progress | None = None) -> int:
    """Make the keys of the dossiers that changed; how many dossiers were looked at.

    `scratch`: a folder for files without a name, which are gone with the process. Killed at any moment, what was not
    finished is still marked. Done twice, it changes nothing more.
    """
    looked_at = 0
    with purpose_held(store, Lock.SEARCH):
        while True:
            with store.read() as session:
                marks = search_marks.stale(session)
            if not marks.ids:
                return looked_at
            part, left = _newest(marks)
            looked_at += sum(last - first + 1 for first, last in part)
            _make(store, part, scratch)
            with store.transaction() as session:
                search_marks.take_off(session, marks, left)
            if progress is not None:
                progress(f"Khóa tìm kiếm: {looked_at:,} hồ sơ".replace(",", "."))


def rebuild(store: Store, scratch: Path, progress: Progress | None = None) -> int:
    """Throw all keys away and make them anew; how many dossiers were looked at."""
    with purpose_held(store, Lock.SEARCH):
        with store.transaction() as session:
            _hold_and_mark(session)
        while _in_step(store, lambda session: search_keys.drop_some(session, WRITTEN_AT_ONCE)):
            _breathe(store)
    return refresh(store, scratch, progress)


def _hold_and_mark(session: Session) -> None:
    hold(session, Lock.INGEST)
    search_marks.mark_all(session)


def _in_step(store: Store, act: Callable[[Session], int]) -> int:
    with store.transaction() as session:
        return act(session)


def _newest(marks: Stale) -> tuple[list[Span], list[Span]]:
    """The newest dossiers, as many as one round takes, and what is left."""
    part: list[Span] = []
    left: list[Span] = []
    room = ROUND
    for first, last in reversed(marks.spans):
        begin = max(first, last - room + 1)
        if begin <= last:
            part.append((begin, last))
            room -= last - begin + 1
        if first < begin:
            left.append((first, min(last, begin - 1)))
    return part, left


# ---------------------------------------------------------------- one round


def _make(store: Store, spans: Iterable[Span], scratch: Path) -> None:
    """Make the keys of the dossiers of these spans."""
    with ExitStack() as stack:
        present, outdated = _Sorted(stack, scratch), _Sorted(stack, scratch)
        for span in _pieces(spans):
            with store.read() as session:
                wanted = search_keys.wanted(session, span)
            present.add(wanted.present)
            outdated.add(wanted.outdated)
        # What is outdated goes first: a dossier may be again what it was before.
        for rows, write in ((outdated, search_marks.remove_keys), (present, search_keys.put_keys)):
            every = rows.all()
            while part := list(islice(every, WRITTEN_AT_ONCE)):
                with store.transaction() as session:
                    write(session, part)
                _breathe(store)


def _pieces(spans: Iterable[Span]) -> Iterator[Span]:
    for first, last in spans:
        for begin in range(first, last + 1, READ_AT_ONCE):
            yield begin, min(last, begin + READ_AT_ONCE - 1)


def _breathe(store: Store) -> None:
    if not store.works_elsewhere:
        Event().wait(BREATH_SECONDS)


class _Sorted:
    """Keys in their order, however many: what memory does not hold lies in files that have no name."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self._held: list[KeyRow] = []
        self._files: list[IO[str]] = []

    def add(self, rows: Iterable[KeyRow]) -> None:
        """Take in some more."""
        self._held += rows
        if len(self._held) >= HELD:
            self._put_aside()

    def _put_aside(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        opened = TemporaryFile("w+", encoding="utf-8", newline="\n", dir=self._folder)  # noqa: SIM115 -- by the stack
        file = self._stack.enter_context(opened)
        self._held.sort()
        # No key holds a tab or a line's end: they are made of words, digits and codes.
        file.writelines(f"{unit}\t{key}\t{dossier}\n" for unit, key, dossier in self._held)
        file.seek(0)
        self._files.append(file)
        self._held = []

    def all(self) -> Iterator[KeyRow]:
        """Everything in order."""
        self._held.sort()
        if not self._files:
            return iter(self._held)
        return heapq.merge(*map(_rows, self._files), self._held)


def _rows(file: IO[str]) -> Iterator[KeyRow]:
    for line in file:
        unit, key, dossier = line.rstrip("\n").split("\t")
        yield int(unit), key, int(dossier)
