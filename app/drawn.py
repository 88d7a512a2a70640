"""Markup that a macro makes of the same values again and again, as the rows of a list that somebody reloads: drawn once.

What is kept is found by all that it is made of: the macro's name, its values, the language and the path of the program. It
is never stale, and no account sees what was drawn for another unless every value of it is the same. Whatever a macro shows
beside its values must be the same for everybody.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from flask import request
from markupsafe import Markup

from app.english.pages import language

# Rows of a board are 1.5 KB: 12 MB in each process.
MOST = 8_192
Macro = Callable[..., Any]


class Drawn:
    """The memory of one application; templates know it as `drawn`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, str] = OrderedDict()

    def of(self, name: str, macro: Macro, *values: Hashable) -> Markup:
        """What a macro makes of these values; `name` tells it from every other."""
        return self.each(name, macro, (values,))

    def each(self, name: str, macro: Macro, rows: Iterable[tuple[Hashable, ...]]) -> Markup:
        """The same for each tuple of values, each on lines of its own."""
        place = (name, language(), request.script_root)
        keys = [(place, row) for row in rows]
        with self._lock:
            found = [self._seen(key) for key in keys]
        told = [
            self._draw(macro, key) if text is None else text for key, text in zip(keys, found, strict=True)
        ]
        return Markup("\n".join(told))

    def _seen(self, key: Hashable) -> str | None:
        text = self._kept.get(key)
        if text is not None:
            self._kept.move_to_end(key)
        return text

    def _draw(self, macro: Macro, key: tuple[Hashable, tuple[Hashable, ...]]) -> str:
        text = str(macro(*key[1]))
        with self._lock:
            self._kept[key] = text
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return text
