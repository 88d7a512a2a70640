"""Markup that a macro makes of the same values again and again, as the rows of a list that somebody reloads: drawn once.

What is kept is found by all that it is made of: the macro's name, its values, the language and the path of the program. It
is never stale, and no account sees what was drawn for another unless every value of it is the same. Whatever a macro shows
beside its values must be the same for everybody.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from flask import request
from markupsafe import Markup

from app.english.pages import language
from tracker.store.remembered import MIB, Remembered

# Rows of a board have 5 KB: some 2,500 of them in each process.
MOST, SHARE = 8_192, 12 * MIB
Macro = Callable[..., Any]


class Drawn:
    """The memory of one application; templates know it as `drawn`."""

    def __init__(self, most: int = MOST) -> None:
        self._kept = Remembered(most, share=SHARE)

    def of(self, name: str, macro: Macro, *values: Hashable) -> Markup:
        """What a macro makes of these values; `name` tells it from every other."""
        return self.each(name, macro, (values,))

    def each(self, name: str, macro: Macro, rows: Iterable[tuple[Hashable, ...]]) -> Markup:
        """The same for each tuple of values, each on lines of its own."""
        place = (name, language(), request.script_root)
        return Markup("\n".join([self._told(place, macro, row) for row in rows]))

    def _told(self, place: Hashable, macro: Macro, row: tuple[Hashable, ...]) -> str:
        text: str | None = self._kept.get((place, row))
        if text is None:
            text = str(macro(*row))
            self._kept.keep((place, row), text)
        return text
