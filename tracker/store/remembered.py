"""Answers that a process need not work out again, under marks that tell whether they still hold.

Three bounds hold how much is kept: an answer of a new mark takes the place of the one before it, a memory keeps so many
answers at most, and all memories of a process share one room, which is counted in bytes. Those asked for last stay.
"""

import gc
import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakSet

MIB = 2**20
USUAL_MIB = 64
# What an answer only points to: it is there without it.
_OF_THE_PROGRAM = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
# Bytes of an entry of the memory itself: its place, its counters, its share of the table.
_PLACE = 300


@dataclass(frozen=True, slots=True)
class Mark:
    """A question, and under what its answer holds. What was kept under another stamp is garbage, and makes way at once."""

    asked: Hashable
    stamp: Hashable

    def of(self, *more: Hashable) -> "Mark":
        """The mark of an answer that is made of this one's and of something else that was asked."""
        return Mark((self.asked, *more), self.stamp)


@dataclass(slots=True)
class _Answer:
    stamp: Hashable
    value: Any
    weight: int
    used: int  # of the room's counter: when it was asked for last


class Room:
    """The bytes that the memories of a process may fill together; where they are too many, the answer that was not asked for
    longest goes, whichever memory it is in. An answer of more than a quarter of the room is not kept.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.memories: WeakSet[Remembered] = WeakSet()
        self._uses = 0

    @property
    def filled(self) -> int:
        """Bytes that are taken; a memory that is gone takes none."""
        return sum(memory.filled for memory in self.memories)

    def limit(self, most: int) -> None:
        """From here on so many bytes."""
        with self.lock:
            self.most = most
            self.clear_out()

    def tick(self) -> int:
        """The next use; under the lock."""
        self._uses += 1
        return self._uses

    def clear_out(self) -> None:
        """Down to the bytes that there may be; under the lock."""
        while self.filled > self.most:
            holding = [memory for memory in self.memories if memory.answers]
            min(holding, key=lambda memory: memory.oldest_use()).drop_oldest()


ROOM = Room(USUAL_MIB * MIB)


class Remembered:
    """At most `most` answers, and no more than `share` bytes of the room. Who takes one out does not alter it.

    A key that is a `Mark` has one answer, under the stamp that it was kept with last; any other key tells by itself all that
    its answer is made of. `each`: bytes of an answer where all are alike, so that they need not be weighed one by one.
    """

    def __init__(
        self, most: int, *, share: int | None = None, each: int | None = None, room: Room = ROOM
    ) -> None:
        self.answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self.filled = 0
        self._most, self._share, self._each, self._room = most, share, each, room
        room.memories.add(self)

    def get(self, key: Hashable) -> Any:
        """The answer; None where there is none under the stamp of the mark."""
        asked, stamp = _parted(key)
        with self._room.lock:
            held = self.answers.get(asked)
            if held is None or held.stamp != stamp:
                return None
            held.used = self._room.tick()
            self.answers.move_to_end(asked)
            return held.value

    def keep(self, key: Hashable, answer: object) -> None:
        """Keep an answer, unless it takes too much room."""
        asked, stamp = _parted(key)
        most = self._room.most // 4 if self._share is None else self._share
        told = _PLACE + (self._each or weight((asked, stamp, answer), most))
        with self._room.lock:
            self._drop(asked)
            if told > most:
                return
            self.answers[asked] = _Answer(stamp, answer, told, self._room.tick())
            self.filled += told
            while len(self.answers) > self._most or (self._share and self.filled > self._share):
                self.drop_oldest()
            self._room.clear_out()

    def oldest_use(self) -> int:
        """When that was asked for last which was not asked for longest; under the lock, of one that has answers."""
        return next(iter(self.answers.values())).used

    def drop_oldest(self) -> None:
        """The answer that was not asked for longest; under the lock."""
        self._drop(next(iter(self.answers)))

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """As in a process that has just begun; afterwards it knows again what it knew before."""
        with self._room.lock:
            known, filled = self.answers, self.filled
            self.answers, self.filled = OrderedDict(), 0
        try:
            yield
        finally:
            with self._room.lock:
                self.answers, self.filled = known, filled

    def _drop(self, asked: Hashable) -> None:
        if (held := self.answers.pop(asked, None)) is not None:
            self.filled -= held.weight


def _parted(key: Hashable) -> tuple[Hashable, Hashable]:
    return (key.asked, key.stamp) if isinstance(key, Mark) else (key, None)


def weight(told: object, most: int = sys.maxsize) -> int:
    """Bytes of an object with all that it is made of, each thing once; beyond `most` it is not looked at to its end.

    What it shares with others is counted as its own, so that this is too much rather than too little.
    """
    seen: set[int] = set()
    found, open_ones = 0, [told]
    while open_ones and found <= most:
        one = open_ones.pop()
        if id(one) in seen or isinstance(one, _OF_THE_PROGRAM):
            continue
        seen.add(id(one))
        found += sys.getsizeof(one)
        open_ones.extend(gc.get_referents(one))
    return found
