"""Queries of pages, compiled once: asking one again costs no more than its SQL.

SQLAlchemy makes the key of a statement anew whenever it is asked, and a page's statements are long: that takes longer than
the database does. Rows come as the database gives them: instants as epoch seconds, a day of SQLite as text.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, Dialect, Select
from sqlalchemy.orm import Session

from tracker.types import VN

Lengths = tuple[tuple[str, int], ...]
Query = Select[Any] | CompoundSelect[Any]


class _Place:
    """Stands for a value that is given when the query is asked."""

    def __init__(self, name: str, at: int | None = None) -> None:
        self.name, self.at = name, at


class _Compiled:
    """The SQL of a query for one kind of database, with as many places for lists as these have values."""

    def __init__(self, query: Query, dialect: Dialect, lengths: Lengths, names: Sequence[str]) -> None:
        of_lists = dict(lengths)
        places: dict[str, Any] = {
            name: [_Place(name, at) for at in range(of_lists[name])] if name in of_lists else _Place(name)
            for name in names
        }
        compiled: Any = query.compile(dialect=dialect)
        state = compiled.construct_expanded_state(places)
        to_databases = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
        } | dict(state.processors)
        self.statement = state.statement
        told = state.parameters
        names = list(told) if state.positiontup is None else state.positiontup
        self._names = names if state.positiontup is None else None
        self._usual: list[Any] = []
        # Where a value goes, or the first of a list; what makes a value of the database of it.
        self._places: list[tuple[int, str, bool, Any]] = []
        for place, name in enumerate(names):
            value, to_database = told[name], to_databases.get(name)
            is_given = isinstance(value, _Place)
            self._usual.append(None if is_given else to_database(value) if to_database else value)
            if is_given and not value.at:
                self._places.append((place, value.name, value.at is not None, to_database))

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """As the driver takes them."""
        told = list(self._usual)
        for place, name, is_list, to_database in self._places:
            value = values[name]
            if is_list:
                value = [to_database(each) for each in value] if to_database else value
                told[place : place + len(value)] = value
            else:
                told[place] = to_database(value) if to_database else value
        return tuple(told) if self._names is None else dict(zip(self._names, told, strict=True))


class Ready:
    """A query of columns with named parameters (`bindparam`), to be asked again and again. Make it once."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._compiled: dict[tuple[str, Lengths], _Compiled] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows for these values; a list is one for a parameter that expands."""
        connection = session.connection()
        values, lengths = _evened(values)
        key = connection.dialect.name, lengths
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = _Compiled(self._query, connection.dialect, lengths, list(values))
        with connection.exec_driver_sql(found.statement, found.parameters(values)) as result:
            assert result.cursor is not None
            return list(
                result.cursor.fetchall()
            )  # plain tuples: a row that knows its names is made for nobody here


def _evened(values: Mapping[str, Any]) -> tuple[Mapping[str, Any], Lengths]:
    """Lists as long as the next power of two, their last value again and again: few lengths are few statements."""
    lists = {name: value for name, value in values.items() if isinstance(value, list | tuple)}
    if not lists:
        return values, ()
    even = {name: [*found, *found[-1:] * (_even(len(found)) - len(found))] for name, found in lists.items()}
    return {**values, **even}, tuple((name, len(found)) for name, found in even.items())


def _even(count: int) -> int:
    return 1 << (count - 1).bit_length() if count else 0


def as_day(value: date | str | None) -> date | None:
    """A day of either database."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(epoch: int | None) -> datetime | None:
    """An instant in the office's zone."""
    return None if epoch is None else datetime.fromtimestamp(epoch, VN)
