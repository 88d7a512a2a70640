"""Rows of many tables by one question: what each query finds comes as one value, a JSON list of lists.

A page that shows a little of a dozen tables would else put a dozen questions, and each costs more than what it finds. For a
handful of rows each, of whole numbers, texts, dates and instants; the only place that knows how each database writes JSON.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, Select, String, cast, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from tracker.store.models.base import Instant, Text
from tracker.store.ready import Ready, as_moment

Row = list[Any]
# How a row becomes a list, and the rows of a query a list of those.
FUNCTIONS = {
    "sqlite": (func.json_array, func.json_group_array),
    "postgresql": (func.json_build_array, func.json_agg),
}


class Gathered:
    """The rows of a query as one value, to be put among the columns of another query.

    They come in no order, whatever that of the query: whoever needs one selects what to sort by.
    """

    def __init__(self, dialect: str, query: Select[Any]) -> None:
        """`dialect`: the name of the database's kind; the query names what it selects from (`select_from`)."""
        as_list, as_lists = FUNCTIONS[dialect]
        cells = list(query.selected_columns)
        found = as_lists(as_list(*cells))
        self.column = cast(query.with_only_columns(found).scalar_subquery(), String)
        reads = [_reading(cell.type) for cell in cells]
        self._reads = [(at, read) for at, read in enumerate(reads) if read is not None]

    def rows(self, value: str | None) -> list[Row]:
        """The rows from the value of the column."""
        if value is None or value == "[]":
            return []
        found: list[Row] = json.loads(value)
        for at, read in self._reads:
            for row in found:
                if row[at] is not None:
                    row[at] = read(row[at])
        return found


class Together:
    """Several queries put as one question."""

    def __init__(self, dialect: str, queries: Mapping[str, Select[Any]]) -> None:
        """`queries` by the names under which `ask` gives their rows."""
        self._parts = {name: Gathered(dialect, query) for name, query in queries.items()}
        columns: list[Any] = [part.column for part in self._parts.values()]
        self._query = Ready(select(*columns))

    def ask(self, session: Session, given: Mapping[str, Any]) -> dict[str, list[Row]]:
        """The rows of each query, in no order; `given`: what their named parameters stand for."""
        (told,) = self._query.rows(session, given)
        return {name: part.rows(value) for (name, part), value in zip(self._parts.items(), told, strict=True)}


def _reading(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """How a value of this type is read from JSON; None: it is what it was."""
    if isinstance(kind, Instant):
        return as_moment
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Boolean):
        return bool
    # Numbers with a fraction and bytes would not come back as they were.
    assert isinstance(kind, Integer | BigInteger | String | Text), kind
    return None
