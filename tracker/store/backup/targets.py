"""The store that a backup is to take the place of: is there anything in it, is it in use, and how it is exchanged."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, inspect, text, update

from tracker.errors import UsageError, WorkFailed
from tracker.store.backup.copies import REVISION_TABLE, SQLITE, kind_of, sqlite_file
from tracker.store.copying import Say, fill_tables, tables_of
from tracker.store.faults import one_line
from tracker.store.locks import Lock, hold
from tracker.store.migrate import rebuild_tables
from tracker.store.models import (
    ChangeMark,
    Field,
    LimitExtra,
    Procedure,
    ProcedureAlias,
    ProcedureLimit,
    Source,
    Unit,
    UnitAlias,
)
from tracker.store.session import Store, is_there, open_store

# What any command fills into an empty store, and would fill in again; who points comes first.
SHIPPED = (ProcedureLimit, LimitExtra, ProcedureAlias, Procedure, Field, UnitAlias, Unit, Source)
# Somebody who ends just now is waited for so long.
PATIENCE_SECONDS = 2
IN_USE = (
    "Cơ sở dữ liệu đang được dùng: hãy dừng dunghen serve, worker, scheduler và mọi lệnh khác rồi chạy lại. "
    "Không có gì bị thay đổi."
)
SAY_REPLACE = "Thêm --replace để thay; cơ sở dữ liệu cũ được giữ lại bên cạnh."
NEW_DATABASE = (
    "Cơ sở dữ liệu PostgreSQL đã có dữ liệu (bảng {tables}); chương trình không thay nó. Hãy tạo một cơ sở dữ liệu mới: "
    "createdb --owner TÀI_KHOẢN --encoding UTF8 --template template0 TÊN_MỚI, cho DUNGHEN_DATABASE_URL chỉ đến đó rồi "
    "chạy lại lệnh khôi phục."
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the store shall be: the SQLite file (None: a PostgreSQL database), and whether one with content is there."""

    file: Path | None
    is_full: bool


def look_at(url: str, *, may_replace: bool) -> Target:
    """What is there now; changes nothing but that an empty PostgreSQL database is asked.

    Raises:
        UsageError: a store with content that was not to be replaced.
        WorkFailed: a PostgreSQL database with content.
    """
    file = sqlite_file(url) if kind_of(url) == SQLITE else None
    filled: list[str] = []
    if is_there(url):
        try:
            with closing(open_store(url)) as store:
                filled = _filled(store)
        except WorkFailed as fault:
            if file is None:
                raise
            if not may_replace:
                raise UsageError(f"{fault} {SAY_REPLACE}") from fault
            filled = [file.name]  # damaged: one more reason to keep it beside and put another in its place
    if filled and file is None:
        raise WorkFailed(NEW_DATABASE.format(tables=", ".join(filled)))
    if filled and not may_replace:
        raise UsageError(f"Kho dữ liệu đã có nội dung. {SAY_REPLACE}")
    return Target(file, bool(filled))


def _filled(store: Store) -> list[str]:
    """Tables with rows, but for the shipped catalogues."""
    shipped = {model.__tablename__ for model in SHIPPED} | {REVISION_TABLE, ChangeMark.__tablename__}
    with store.read() as session:
        names = set(inspect(session.connection()).get_table_names()) - shipped
        return [
            name for name in sorted(names) if session.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1')).first()
        ]


def clear_catalogues(url: str) -> None:
    """Take the shipped catalogues out of a database that holds nothing else; any command would fill them in again."""
    with closing(open_store(url)) as store:
        with store.read() as session:
            present = set(inspect(session.connection()).get_table_names())
        if not present.issuperset(model.__tablename__ for model in SHIPPED):
            return
        with store.transaction() as session:
            session.execute(update(Unit).values(parent_id=None, successor_id=None))
            for model in SHIPPED:
                session.execute(delete(model))


def exchange_on_server(url: str, copy: Path, revision: str, say: Say) -> None:
    """In one transaction: our tables away, made anew as that revision had them, and filled from the copy, each row compared.

    Raises:
        WorkFailed: something could not be written; everything is as it was.
    """
    with (
        closing(open_store(f"sqlite:///{copy.as_posix()}")) as old,
        closing(open_store(url)) as store,
        old.read() as reading,
        store.transaction() as writing,
    ):
        connection = writing.connection()
        hold(connection, Lock.SCHEMA)
        connection.exec_driver_sql(f"LOCK TABLE {REVISION_TABLE} IN ACCESS EXCLUSIVE MODE")
        rebuild_tables(connection, revision)
        fill_tables(reading.connection(), connection, tables_of(connection, revision), say)


# ---------------------------------------------------------------- SQLite


def dated(file: Path, now: datetime) -> Path:
    """The name under which an old database is kept beside; nothing lies there yet."""
    stem, number = f"{file.stem}-truoc-khoi-phuc-{now:%Y%m%d-%H%M%S}", 1
    while (named := file.with_name(f"{stem}{_more(number)}.sqlite3")).exists() or files_of(named).exists():
        number += 1
    return named


def _more(number: int) -> str:
    return f"-{number}" if number > 1 else ""


def files_of(kept: Path) -> Path:
    """The folder beside it for its files that were replaced."""
    return kept.with_suffix(".files")


def swap(copy: Path, file: Path, kept: Path | None) -> None:
    """Put the copy in the place of the database in one step; `kept`: the name under which the old one stays.

    Raises:
        WorkFailed: somebody uses the old one; it is as it was.
    """
    _settle(copy)
    if file.exists():
        _require_alone(file)
        shutil.copymode(file, copy)
    try:
        _exchange(copy, file, kept if file.exists() else None)
    except OSError:
        if kept is not None and file.exists():
            kept.unlink(missing_ok=True)
        raise


def _exchange(copy: Path, file: Path, kept: Path | None) -> None:
    if kept is not None:
        _keep(file, kept)
    for ending in ("-wal", "-shm"):  # of a damaged database; another's must not get into the new one
        log = file.with_name(file.name + ending)
        if kept is not None and log.exists():
            _keep(log, kept.with_name(kept.name + ending))
        log.unlink(missing_ok=True)
    os.replace(copy, file)


def _settle(copy: Path) -> None:
    """Onto the disk with it, and with the files that were moved in before: for thousands of them one call for all."""
    with copy.open("r+b") as stream:
        os.fsync(stream.fileno())
    if hasattr(os, "sync"):  # not on Windows
        os.sync()


def _require_alone(file: Path) -> None:
    """Nobody has it open, and nothing of it stands in a write-ahead log: SQLite leaves that mode to the last alone."""
    try:
        with closing(sqlite3.connect(file, timeout=PATIENCE_SECONDS, isolation_level=None)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode = DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        code = error.sqlite_errorcode & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return  # whoever has it open can do nothing with it either
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise WorkFailed(IN_USE) from error
        raise WorkFailed(f"Không dời được cơ sở dữ liệu cũ: {one_line(error)}.") from error
    if mode != "delete":
        raise WorkFailed(IN_USE)


def _keep(file: Path, kept: Path) -> None:
    """A second name for the old file, so that there is a database at every moment."""
    try:
        os.link(file, kept)
    except OSError:  # a file system without links
        beside = kept.with_name(kept.name + ".part")
        shutil.copyfile(file, beside)
        os.replace(beside, kept)
