"""Queries of pages, compiled once: asking one again costs no more than its SQL.

SQLAlchemy makes the key of a statement anew whenever it is asked, and a page's statements are long: that takes longer than
the database does; so does the result that it lays round the rows. Rows come as the database gives them: instants as epoch
seconds, a day of SQLite as text.

PostgreSQL is told a list of whole numbers as one array, whatever its length: a statement with a place for each number is too
long for what the driver remembers of statements, and its types differ with the size of each number, so that the server plans
it anew for nearly every page.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BinaryExpression,
    BindParameter,
    CompoundSelect,
    Dialect,
    Integer,
    Select,
    any_,
    bindparam,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.operators import in_op
from sqlalchemy.sql.visitors import replacement_traverse

from tracker.store.driver_rows import answered, numbered
from tracker.store.models.base import Instant
from tracker.types import VN

# How long each list is; AS_ARRAY: it is told as one value.
Lengths = tuple[tuple[str, int], ...]
AS_ARRAY = -1
Query = Select[Any] | CompoundSelect[Any]


class _Place:
    """Stands for a value that is given when the query is asked."""

    def __init__(self, name: str, at: int | None = None) -> None:
        self.name, self.at = name, at


class _Compiled:
    """The SQL of a query for one kind of database, with as many places for lists as these have values."""

    def __init__(self, query: Query, dialect: Dialect, lengths: Lengths, names: Sequence[str]) -> None:
        arrays = {name for name, length in lengths if length == AS_ARRAY}
        of_lists = {name: length for name, length in lengths if name not in arrays}
        places: dict[str, Any] = {
            name: [_Place(name, at) for at in range(of_lists[name])] if name in of_lists else _Place(name)
            for name in names
        }
        if dialect.name == "postgresql":
            query = _as_the_server_plans(query, arrays, names)
        compiled: Any = query.compile(dialect=dialect)
        state = compiled.construct_expanded_state(places)
        to_databases = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bound in compiled.binds.items()
            if name not in arrays
        } | dict(state.processors)
        if dialect.name == "postgresql":
            to_databases |= _of_one_size(compiled.binds, to_databases)
        positions: list[str] | None = state.positiontup
        told_so: tuple[str, Sequence[str]] = (
            numbered(state.statement) if positions is None else (state.statement, positions)
        )
        self.statement, names = told_so
        told = state.parameters
        self._usual: list[Any] = []
        # Where a value goes, or the first of a list; what makes a value of the database of it.
        self._places: list[tuple[int, str, bool, Any]] = []
        for place, name in enumerate(names):
            value, to_database = told[name], None if name in arrays else to_databases.get(name)
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
        return tuple(told)


class Ready:
    """A query of columns with named parameters (`bindparam`), to be asked again and again. Make it once."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._compiled: dict[tuple[str, Lengths], _Compiled] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """All rows for these values; a list is one for a parameter that expands."""
        connection = session.connection()
        values, lengths = _evened(values, has_arrays=connection.dialect.name == "postgresql")
        key = connection.dialect.name, lengths
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = _Compiled(self._query, connection.dialect, lengths, list(values))
        return answered(connection, found.statement, found.parameters(values))


def _as_the_server_plans(query: Query, arrays: Collection[str], names: Collection[str]) -> Query:
    """The query with `= ANY (array)` where it says `IN (one place each)`, for these parameters, and with what is no parameter
    written out: the server plans a statement anew for the values of its places as long as it reckons to gain by that.
    """

    def instead(element: Any, **_more: Any) -> Any:
        if isinstance(element, BindParameter):
            return None if element.key in names else element.render_literal_execute()
        if not isinstance(element, BinaryExpression) or element.operator is not in_op:
            return None
        told = element.right
        if not isinstance(told, BindParameter) or told.key not in arrays:
            return None
        return element.left == any_(bindparam(told.key, type_=ARRAY(told.type)))

    return cast(Query, replacement_traverse(query, {}, instead))


def _of_one_size(
    places: Mapping[str, BindParameter[Any]], to_databases: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What makes values of whole numbers that are always of their column's size. The driver takes the smallest that will do,
    and for each mixture of sizes the server has another statement, with changes of size in it that it reckons dear.
    """
    from psycopg.types.numeric import Int4, Int8

    def told(size: type[int], to_database: Any) -> Callable[[Any], int | None]:
        def of(value: Any) -> int | None:
            found = to_database(value) if to_database else value
            return None if found is None else size(found)

        return of

    sizes = {
        name: Int8 if isinstance(place.type, BigInteger | Instant) else Int4
        for name, place in places.items()
        if isinstance(place.type, Integer | Instant)
    }
    return {name: told(size, to_databases[name]) for name, size in sizes.items() if name in to_databases}


def _evened(values: Mapping[str, Any], *, has_arrays: bool) -> tuple[Mapping[str, Any], Lengths]:
    """Lists as long as the next power of two, their last value again and again: few lengths are few statements.

    Where there are arrays, whole numbers become one. A single one does not: of `= ANY` the server does not know that one
    value alone is meant, so that an index after it would not be in order.
    """
    lists = {name: value for name, value in values.items() if isinstance(value, list | tuple)}
    if not lists:
        return values, ()
    even: dict[str, Any] = {}
    lengths = []
    for name, found in lists.items():
        if has_arrays and len(found) > 1 and isinstance(found[0], int):
            even[name] = "{" + ",".join(map(str, found)) + "}"
            lengths.append((name, AS_ARRAY))
        else:
            even[name] = [*found, *found[-1:] * (_even(len(found)) - len(found))]
            lengths.append((name, len(even[name])))
    return {**values, **even}, tuple(lengths)


def _even(count: int) -> int:
    return 1 << (count - 1).bit_length() if count else 0


def as_day(value: date | str | None) -> date | None:
    """A day of either database."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_moment(epoch: int | None) -> datetime | None:
    """An instant in the office's zone."""
    return None if epoch is None else datetime.fromtimestamp(epoch, VN)
