"""Rows as the driver of the database gives them, for questions that a page puts again and again.

The result that SQLAlchemy lays round rows costs more than most questions of a page. Faults are told, and questions are
counted, as if it had asked.
"""

import re
from functools import cache
from typing import Any

from sqlalchemy import Connection

Rows = list[tuple[Any, ...]]
_PLACE = re.compile(r"%(?:\((\w+)\)s|%)")


def numbered(statement: str) -> tuple[str, list[str]]:
    """A statement with named places as PostgreSQL itself takes it, `$1` and so on, and whose values these are.

    The driver would make the same of it, each time anew where the statement is long.
    """
    names: dict[str, int] = {}

    def instead(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

    return _PLACE.sub(instead, statement), list(names)


numbered_once = cache(numbered)


def answered(connection: Connection, statement: str, parameters: Any) -> Rows:
    """What a statement answers; of PostgreSQL's with numbered places (`numbered`)."""
    doing: Any = connection
    cursor = _cursor(doing)
    try:
        for note in doing.dispatch.before_cursor_execute:
            statement, parameters = note(connection, cursor, statement, parameters, None, False)
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        doing._handle_dbapi_exception(error, statement, parameters, cursor, None)
        raise
    finally:
        cursor.close()


def _cursor(connection: Any) -> Any:
    if connection.dialect.name != "postgresql":
        return connection.connection.cursor()
    from psycopg import RawCursor

    return RawCursor(connection.connection.driver_connection)
