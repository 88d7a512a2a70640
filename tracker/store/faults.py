"""Faults of the database itself, told in the user's words and without any password; a fault of the program stays loud."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from tracker.errors import DiskFull, MachineFault
from tracker.machine import MAKE_ROOM

CHECK_ADDRESS = "Xem lại địa chỉ, tên, mật khẩu trong DUNGHEN_DATABASE_URL hoặc [store] database_url."
BUSY = "Cơ sở dữ liệu đang bận: một tiến trình khác ghi quá lâu. Không có gì được ghi; hãy chạy lại sau."
LOST = "Mất kết nối với cơ sở dữ liệu giữa chừng. Không có gì được ghi dở dang; hãy chạy lại."
FULL = f"Đĩa của cơ sở dữ liệu đã đầy. Không có gì được ghi dở dang. {MAKE_ROOM}."
DAMAGED = (
    "Cơ sở dữ liệu đã hỏng ({told}). Đừng ghi thêm: dừng các tiến trình, giữ bản hỏng lại, rồi khôi phục từ bản sao"
    " lưu mới nhất bằng dunghen restore."
)
CROWDED = (
    "Máy chủ cơ sở dữ liệu hết chỗ kết nối ({told}). Hãy thử lại sau; nếu vẫn thế, tăng max_connections."
)
STARTING = "Máy chủ cơ sở dữ liệu đang khởi động hoặc đang dừng ({told}). Hãy thử lại sau."
# With less than this on its disk SQLite cannot even make the files beside the database by which its readers agree.
ROOM_BYTES = 1 << 20
# What a server says that refuses to connect; there is no SQLSTATE then, and these words are in English even where
# its messages are translated, in the usual installations.
_REFUSING = {
    "too many clients": CROWDED,
    "connection slots": CROWDED,
    "too many connections": CROWDED,
    "starting up": STARTING,
    "shutting down": STARTING,
    "recovery mode": STARTING,
    "not yet accepting": STARTING,
}
NOT_ALLOWED = "Tài khoản cơ sở dữ liệu không đủ quyền ({told}). Nó cần là chủ của cơ sở dữ liệu: ALTER DATABASE … OWNER TO …"

_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: "Không có quyền ghi vào tệp cơ sở dữ liệu hoặc thư mục của nó. Không có gì được ghi; hãy trả"
    " quyền ghi cho tài khoản chạy chương trình rồi làm lại.",
    sqlite3.SQLITE_IOERR: "Không đọc hoặc ghi được tệp cơ sở dữ liệu ({told}).",
    sqlite3.SQLITE_CANTOPEN: "Không mở được tệp cơ sở dữ liệu ({told}): thư mục của nó không có, hoặc tài khoản chạy chương"
    " trình không có quyền ghi ở đó. Không có gì được ghi.",
    sqlite3.SQLITE_NOTADB: "Tệp cơ sở dữ liệu không phải là tệp SQLite, hoặc đầu tệp đã hỏng. Nếu trước đây vẫn chạy được:"
    " giữ tệp hỏng lại, rồi khôi phục từ bản sao lưu mới nhất bằng dunghen restore.",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
}
# By SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL = {
    "55P03": BUSY,  # lock_not_available: lock_timeout
    "40P01": BUSY,  # deadlock_detected
    "40001": BUSY,  # serialization_failure
    "53100": FULL,
    "53300": CROWDED,
    "53200": "Máy chủ cơ sở dữ liệu hết bộ nhớ ({told}). Không có gì được ghi dở dang; hãy làm lại sau.",
    "58030": "Máy chủ cơ sở dữ liệu không đọc hoặc ghi được đĩa của nó ({told}). Không có gì được ghi dở dang.",
    "XX001": DAMAGED,  # data_corrupted
    "XX002": DAMAGED,  # index_corrupted
    "42501": NOT_ALLOWED,
    "25006": NOT_ALLOWED,  # read_only_sql_transaction: a standby
    "57P01": LOST,  # admin_shutdown
    "57P02": LOST,  # crash_shutdown
    "57P03": STARTING,  # cannot_connect_now
    "57014": BUSY,  # query_canceled: a statement_timeout that somebody set
}


@contextmanager
def told_plainly(engine: Engine) -> Iterator[None]:
    """Turn faults that lie outside the program into a `MachineFault`; any other goes through as it is."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        yield
    except (DBAPIError, driver.Error) as error:  # bulk paths speak to the driver itself
        told = _told(error, engine.url)
        if told is None:
            raise
        raise (DiskFull if told == FULL else MachineFault)(told) from error


def _told(error: Any, url: URL) -> str | None:
    """The fault as a sentence; None where it is the program's own."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return sqlite_told(cause, Path(url.database or ""))
    told = _by(_POSTGRESQL, getattr(cause, "sqlstate", None), cause)
    if told is not None:
        return told
    if _is_of_connecting(error):
        refusing = next((words for said, words in _REFUSING.items() if said in str(cause)), None)
        if refusing is not None:
            return refusing.format(told=one_line(cause).rpartition("FATAL: ")[2].strip())
        address = url.render_as_string(hide_password=True)
        return f"Không kết nối được cơ sở dữ liệu {address}: {one_line(cause)}. {CHECK_ADDRESS}"
    return f"{LOST} ({one_line(cause)})" if _is_of_losing(error, cause) else None


def is_lost(error: Any, url: URL) -> bool:
    """Is it told as a connection that was lost?"""
    return (_told(error, url) or "").startswith(LOST)


def sqlite_told(cause: sqlite3.Error, file: Path) -> str | None:
    """A fault of a SQLite file as a sentence; on a full disk SQLite tells of input and output, too."""
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _is_full(file.parent):
        return FULL
    return _by(_SQLITE, code, cause)


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < ROOM_BYTES
    except OSError:
        return False


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
