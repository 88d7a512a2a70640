"""Faults of the database itself, told in the user's words and without any password; a fault of the program stays loud."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from tracker.errors import WorkFailed

CHECK_ADDRESS = "Xem lại địa chỉ, tên, mật khẩu trong DUNGHEN_DATABASE_URL hoặc [store] database_url."
BUSY = "Cơ sở dữ liệu đang bận: một tiến trình khác ghi quá lâu. Không có gì được ghi; hãy chạy lại sau."
LOST = "Mất kết nối với cơ sở dữ liệu giữa chừng. Không có gì được ghi dở dang; hãy chạy lại."
FULL = "Đĩa của cơ sở dữ liệu đã đầy. Không có gì được ghi dở dang."
NOT_ALLOWED = "Tài khoản cơ sở dữ liệu không đủ quyền ({told}). Nó cần là chủ của cơ sở dữ liệu: ALTER DATABASE … OWNER TO …"

_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: "Không có quyền ghi vào tệp cơ sở dữ liệu.",
    sqlite3.SQLITE_IOERR: "Không đọc hoặc ghi được tệp cơ sở dữ liệu ({told}).",
    sqlite3.SQLITE_CANTOPEN: "Không mở được tệp cơ sở dữ liệu ({told}).",
    sqlite3.SQLITE_NOTADB: "Tệp cơ sở dữ liệu không phải là tệp SQLite.",
    sqlite3.SQLITE_CORRUPT: "Tệp cơ sở dữ liệu đã hỏng ({told}). Hãy khôi phục từ bản sao lưu.",
}
# By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "55P03": BUSY,  # lock_not_available: lock_timeout
    "40P01": BUSY,  # deadlock_detected
    "40001": BUSY,  # serialization_failure
    "53100": FULL,
    "42501": NOT_ALLOWED,
    "25006": NOT_ALLOWED,  # read_only_sql_transaction: a standby
    "57P01": LOST,  # admin_shutdown
    "57P02": LOST,  # crash_shutdown
}


@contextmanager
def told_plainly(engine: Engine) -> Iterator[None]:
    """Turn faults that lie outside the program into a `WorkFailed`; any other goes through as it is."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        yield
    except (DBAPIError, driver.Error) as error:  # bulk paths speak to the driver itself
        told = _told(error, engine.url)
        if told is None:
            raise
        raise WorkFailed(told) from error


def _told(error: Any, url: URL) -> str | None:
    """The fault as a sentence; None where it is the program's own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _by(_SQLITE, getattr(cause, "sqlite_errorcode", 0) & 0xFF, cause)
    told = _by(_POSTGRESQL, getattr(cause, "sqlstate", None), cause)
    if told is not None:
        return told
    if _is_of_connecting(error):
        address = url.render_as_string(hide_password=True)
        return f"Không kết nối được cơ sở dữ liệu {address}: {one_line(cause)}. {CHECK_ADDRESS}"
    return f"{LOST} ({one_line(cause)})" if _is_of_losing(error, cause) else None


def _is_of_connecting(error: object) -> bool:
    return (
        isinstance(error, OperationalError) and error.statement is None and not error.connection_invalidated
    )


def _is_of_losing(error: object, cause: Any) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # Without a code it comes from the driver: the server is no longer there to give one.
    return type(cause).__name__ in ("OperationalError", "InterfaceError") and cause.sqlstate is None


def _by(table: dict[Any, str], code: object, cause: object) -> str | None:
    found = table.get(code)
    return None if found is None else found.format(told=one_line(cause))


def one_line(cause: object) -> str:
    """What the driver says, on one line."""
    return " ".join(str(cause).split()).rstrip(".")
