"""Pieces of pages that are drawn once, as long as everything that they show stays the same.

A template writes `{% call kept("name") %}…{% endcall %}` around a piece. What the piece shows must follow from the mark and
from the reader's part that the view gives: the mark of the store (`BudgetAnswer.mark`, `UnitAnswer.mark`) tells that the data
are the same; role, units and whatever else decides what is shown to whom belong into the reader's part, so that no reader is
ever shown what was drawn for another one. Language and the place of the program behind a proxy are added here.
"""

from collections.abc import Callable, Hashable

from flask import request

from app.english.pages import language
from tracker.store.remembered import MIB, Mark, Remembered

# Each of some thousand to a hundred thousand characters.
DRAWN = Remembered(300, share=16 * MIB)


class Pieces:
    """The pieces of one page for one reader; without a mark each is drawn anew."""

    def __init__(self, mark: Mark | None, page: str, *reader: Hashable) -> None:
        self._mark = mark.of(page, reader, language(), request.script_root) if mark else None

    def __call__(self, name: str, *shown: Hashable, caller: Callable[[], str]) -> str:
        """The piece of this name, drawn by the template only where it is not kept. `shown`: what else it shows, as words that
        follow the clock; other words take the place of those before.
        """
        if self._mark is None:
            return caller()
        key = Mark((name, self._mark.asked), (shown, self._mark.stamp))
        drawn: str | None = DRAWN.get(key)
        if drawn is None:
            drawn = caller()
            DRAWN.keep(key, drawn)
        return drawn
