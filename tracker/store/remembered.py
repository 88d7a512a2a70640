"""Answers that a process need not work out again, under marks that tell whether they still hold; the oldest make room."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Remembered:
    """At most `most` answers; those that were asked for last stay. Who takes one out does not alter it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, mark: Hashable) -> Any:
        """The answer; None where there is none."""
        with self._lock:
            if mark not in self._kept:
                return None
            self._kept.move_to_end(mark)
            return self._kept[mark]

    def keep(self, mark: Hashable, answer: object) -> None:
        """Keep an answer."""
        with self._lock:
            self._kept[mark] = answer
            self._kept.move_to_end(mark)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
