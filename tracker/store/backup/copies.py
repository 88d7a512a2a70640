"""The copy of the database that a backup holds: one SQLite file, taken in one snapshot, asked by the driver alone.

It may be of an older revision than the program: a backup is made before an upgrade.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tracker.errors import DiskFull, MachineFault, WorkFailed
from tracker.machine import MAKE_ROOM, refused
from tracker.store.backup.archive import PRIVATE, Watch
from tracker.store.copying import copy_store
from tracker.store.faults import one_line
from tracker.store.session import BUSY_TIMEOUT_MS, is_there

COPY_FAILED = "Không đọc hoặc ghi được bản chép của cơ sở dữ liệu"
COPYING = "Chép cơ sở dữ liệu"
SQLITE, POSTGRESQL = "sqlite", "postgresql"
# Pages at a time: 16 MiB of the usual size.
PAGES = 4_096
REVISION_TABLE = "alembic_version"  # Alembic's own
# Where rows name files that belong to the store; exports and lists for mending can be made again.
NAMES_OF_FILES = (
    ("letter", "file", ""),
    ("letter", "signed_file", ""),
    ("kept_file", "path", "deleted_at IS NULL AND kind IN ('upload', 'watched')"),
)


def kind_of(url: str) -> str:
    """Which kind of database an address means."""
    return make_url(url).get_backend_name()


def sqlite_file(url: str) -> Path:
    """The file of a SQLite address.

    Raises:
        WorkFailed: it means the memory of a process.
    """
    database = make_url(url).database
    if not database or database == ":memory:":
        raise WorkFailed("Cơ sở dữ liệu nằm trong bộ nhớ tạm: không sao lưu hay khôi phục được.")
    return Path(database).resolve()


def copy_database(url: str, target: Path, watch: Watch) -> None:
    """Copy a database into a new SQLite file, as it is at one moment, while others go on writing to it.

    Raises:
        WorkFailed: there is none, it cannot be read, or the copy is not whole.
    """
    if not is_there(url):
        raise WorkFailed("Chưa có cơ sở dữ liệu: không có gì để sao lưu.")
    target.touch(PRIVATE)
    if kind_of(url) == SQLITE:
        with told():
            _copy_file(sqlite_file(url), target, watch)
    else:
        copy_store(url, target.as_posix(), lambda words: watch(0, None, words), as_it_is=True)
    settle(target)
    require_whole(target, watch)
    if not revision_in(target):
        raise WorkFailed("Cơ sở dữ liệu chưa có bảng của chương trình: không có gì để sao lưu.")


def _copy_file(source: Path, target: Path, watch: Watch) -> None:
    with _opened(source) as old, _opened(target) as new:
        # Reading begun here and ended at the end: what others write meanwhile does not make it begin anew.
        old.execute("BEGIN")
        old.execute("SELECT 1 FROM sqlite_schema").fetchone()
        old.backup(
            new,
            pages=PAGES,
            progress=lambda _status, left, total: watch(total - left, total, COPYING),
        )
        old.execute("ROLLBACK")


def settle(copy: Path) -> None:
    """Make one file of it, without a write-ahead log beside."""
    with told(), _opened(copy) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def require_whole(copy: Path, watch: Watch) -> None:
    """SQLite's own check of its file.

    Raises:
        WorkFailed: it finds a fault.
    """
    watch(0, None, "Kiểm tra bản chép của cơ sở dữ liệu")
    with told(), _opened(copy) as connection:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise WorkFailed(f"Bản chép của cơ sở dữ liệu không nguyên vẹn: {one_line(found)}.")


def revision_in(copy: Path) -> str:
    """Its revision; empty where it has none."""
    with told(), _opened(copy) as connection:
        if REVISION_TABLE not in _tables(connection):
            return ""
        found = connection.execute(f"SELECT version_num FROM {REVISION_TABLE}").fetchone()
    return str(found[0]) if found else ""


def rows_in(copy: Path) -> dict[str, int]:
    """The rows of each table."""
    with told(), _opened(copy) as connection:
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in _tables(connection)
            if name != REVISION_TABLE
        }


def named_files(copy: Path) -> Iterator[str]:
    """The places of all files that rows name, each once, in order."""
    with told(), _opened(copy) as connection:
        questions = [
            f"SELECT {column} FROM {table} WHERE {column} <> ''" + (f" AND {only}" if only else "")
            for table, column, only in NAMES_OF_FILES
            if column in _columns(connection, table)
        ]
        if questions:
            for (place,) in connection.execute(" UNION ".join(questions) + " ORDER BY 1"):
                yield place


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"
    )
    return [name for (name,) in found]


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A file that is there already."""
    address, seconds = f"{path.resolve().as_uri()}?mode=rw", BUSY_TIMEOUT_MS / 1000
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=seconds)) as connection:
        yield connection


@contextmanager
def told() -> Iterator[None]:
    """Faults of SQLite and of the disk, in the user's words and without the machine's path."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            raise DiskFull(f"{COPY_FAILED}: đĩa đã đầy. {MAKE_ROOM}.") from error
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_IOERR:
            raise MachineFault(
                f"{COPY_FAILED}: ổ đĩa đã đầy hoặc báo lỗi ({one_line(error)}). {MAKE_ROOM}."
            ) from error
        raise WorkFailed(f"{COPY_FAILED}: {one_line(error)}.") from error
    except OSError as error:
        name = f" tệp {Path(error.filename).name}" if isinstance(error.filename, str) else ""
        raise refused(f"Không đọc hoặc ghi được{name}", error) from error
