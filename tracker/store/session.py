"""Opening the store and its two kinds of work: reading, and one visible transaction of writing.

`with store.read() as session` is one snapshot and never blocks a writer; who answers a whole question in many steps holds
one for all of them (`Store.hold`), and what it told once (`once`) is not asked for again; reference data stay in the memory
of the process while their marks are the same (`kept`). Who makes a report says so (`from_reports`): what it reads may come from
a replica. `with store.transaction() as session` commits at its end and rolls back on any exception, so a killed process leaves nothing half-done. On SQLite it takes the one
write lock at once; on PostgreSQL writers wait for each other by purpose (`tracker.store.locks`).
"""

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import URL, BigInteger, create_engine, event, func, make_url, select
from sqlalchemy import cast as cast_to
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError
from sqlalchemy.orm import Session, sessionmaker

from tracker.errors import ConfigurationError, MachineFault, OutdatedProgram
from tracker.store.driver_rows import answered, numbered_once
from tracker.store.faults import told_plainly
from tracker.store.models import ChangeMark
from tracker.store.postgresql import BUSY_TIMEOUT_MS, opened
from tracker.store.replica import (
    PATIENCE_OF_NETWORK,
    ReadFrom,
    Replica,
    ReplicaFailed,
    ReplicaLimits,
    Reports,
    failing_over,
)

CACHE_KIB = 65_536
# A transaction that lasted longer than the first is followed by a pause as long, at most of the second: others write then.
SHORT_SECONDS, WAY_SECONDS = 0.01, 0.12
REVISION_QUERY = "SELECT version_num FROM alembic_version"
OUTDATED = (
    "Cơ sở dữ liệu đã chuyển sang phiên bản {present} trong khi tiến trình này (phiên bản {before}) đang chạy. Không có gì"
    " được ghi. Hãy khởi động lại chương trình, đúng bản của cơ sở dữ liệu."
)
FORM = "postgresql://tên:mật-khẩu@máy/cơ-sở-dữ-liệu"
NO_REPLICA = "máy đọc báo cáo ([store] reports_url) chỉ có khi cơ sở dữ liệu là PostgreSQL ở cả hai máy"
USUAL_LIMITS = ReplicaLimits(5.0, 60.0)
DRIVERS = {"sqlite": "sqlite", "sqlite+pysqlite": "sqlite"} | dict.fromkeys(
    ("postgresql", "postgresql+psycopg"), "postgresql+psycopg"
)


__all__ = [
    "BUSY_TIMEOUT_MS",
    "MARK",
    "MARK_QUERY",
    "VANISHED",
    "Session",
    "Store",
    "has_vanished",
    "is_there",
    "is_waited_for",
    "kept",
    "once",
    "open_store",
    "tell",
]

Told = TypeVar("Told")
TOLD, KEPT, WAITED_FOR = "told", "kept", "waited for"
# Differs whenever reference data do: units, fields, procedures and limits, calendars, editions, targets, rules of alerts.
MARK = "mark of the reference data"
MARK_QUERY = select(func.coalesce(cast_to(func.sum(ChangeMark.stamp), BigInteger), 0))


def once(session: Session, key: Hashable, ask: Callable[[], Told]) -> Told:
    """What `ask` answers, asked once a snapshot; each time by a session that writes, which may change it. Not to be altered."""
    told = session.info.get(TOLD)
    if told is None:
        return ask()
    if key not in told:
        told[key] = ask()
    return cast(Told, told[key])


def tell(session: Session, key: Hashable, answer: object) -> None:
    """Keep an answer for `once` that came along with another, as long as the snapshot lasts."""
    told = session.info.get(TOLD)
    if told is not None:
        told[key] = answer


def is_waited_for(session: Session) -> bool:
    """Does somebody wait for the answer in front of a page (`Store.hold`), not for a file, a report or a command?"""
    return WAITED_FOR in session.info


class _Kept:
    """What a process keeps of the reference data, all of it read under one mark."""

    def __init__(self) -> None:
        self._values: tuple[int, dict[Hashable, Any]] = (0, {})

    def under(self, mark: int) -> dict[Hashable, Any]:
        """The values of this mark; those of another one are forgotten."""
        values = self._values
        if values[0] != mark:
            self._values = values = (mark, {})
        return values[1]


def kept(session: Session, key: Hashable, ask: Callable[[], Told]) -> Told:
    """What `ask` reads of reference data alone (those of `MARK`), once a process until any of them change.

    Of committed rows only: a session that writes asks each time. Not to be altered; keys must be few.
    """
    if session.info.get(TOLD) is None:
        return ask()
    values = session.info[KEPT].under(once(session, MARK, lambda: session.scalars(MARK_QUERY).one()))
    if key not in values:
        values[key] = ask()
    return cast(Told, values[key])


class _Held:
    """The snapshot that a thread holds; `depth`: how many are reading from it just now."""

    def __init__(self, begin: Callable[[], Session]) -> None:
        self._begin, self._session, self.depth = begin, cast("Session | None", None), 0
        self.is_old = self.is_let_go = False

    @property
    def session(self) -> Session:
        """The snapshot, begun by who reads first."""
        if self._session is None:
            self._session = self._begin()
            self._session.info[WAITED_FOR] = True
        return self._session

    def settle(self) -> None:
        """End an old snapshot as soon as nobody reads from it: the next to read begins one of its own."""
        if not self.depth and (self.is_old or self.is_let_go):
            session, self._session, self.is_old = self._session, None, False
            if session is not None:
                try:
                    session.close()
                except DBAPIError:  # lost meanwhile: it only read, and whoever read last was told
                    session.invalidate()


class Store:
    """One database. Build it with `open_store`; it owns an engine and hands out sessions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = sessionmaker(engine, expire_on_commit=False)
        reading = engine
        if engine.dialect.name == "postgresql":
            reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._alone = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._reading = sessionmaker(reading, expire_on_commit=False)
        self._kept, self._kept_of_replica = _Kept(), _Kept()
        self.replica: Replica | None = None
        self._revision: str | None = None
        self._writer, self._gives_way = threading.Lock(), False
        self._here = threading.local()

    def stay_at(self, revision: str) -> None:
        """From here on nothing is written unless the database is still of this revision: who was begun before an upgrade and
        knows nothing of it must not go on as before.
        """
        self._revision = revision

    @property
    def revision(self) -> str | None:
        """Of which revision the database has to be for whoever writes; None: of any."""
        return self._revision

    def hold(self) -> None:
        """From here on all that this thread reads is of one snapshot, until `let_go`; one more after each transaction of
        its own, so that it reads what it wrote. Nothing is opened before somebody reads.
        """
        self.let_go()
        self._here.held = _Held(self._for_reading)

    def let_go(self) -> None:
        """The end of `hold`; who still reads, as a download that is sent bit by bit, goes on to its end."""
        held = getattr(self._here, "held", None)
        if held is not None:
            self._here.held = None
            held.is_let_go = True
            held.settle()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; one snapshot for its whole length.

        Raises:
            WorkFailed: the database cannot be reached.
        """
        held: _Held | None = getattr(self._here, "held", None)
        if held is not None:
            yield from self._read_held(held)
            return
        with told_plainly(self.engine), self._for_reading() as session, failing_over(session):
            yield session
            session.rollback()

    def _for_reading(self) -> Session:
        reports: Reports | None = getattr(self._here, "reports", None)
        if (
            reports is not None
            and (there := reports.open({TOLD: {}, KEPT: self._kept_of_replica})) is not None
        ):
            return there
        return self._reading(info={TOLD: {}, KEPT: self._kept})

    def _read_held(self, held: _Held) -> Iterator[Session]:
        with told_plainly(self.engine):
            held.depth += 1
            try:
                session = held.session
                with failing_over(session):
                    yield session
            except BaseException:
                held.is_old = True
                raise
            finally:
                held.depth -= 1
                held.settle()

    def from_reports(self, read: Callable[[], Told], *, patience: float | None = None) -> Told:
        """Do `read`; all that this thread reads meanwhile comes from the replica, if there is one, and is no older than now.

        Where the replica fails in the middle, `read` is done once more, from the primary: so what it does twice has to be as
        if done once. `patience`: seconds to wait for a replica that is behind (None: as configured). What writes goes to the
        primary, as always, and is read by what follows.
        """
        if self.replica is None or getattr(self._here, "reports", None) is not None:
            return read()
        held: _Held | None = getattr(self._here, "held", None)
        if held is not None:  # what was read so far needs no snapshot of the primary any more
            held.is_old = True
            held.settle()
        self._here.reports = reports = Reports(self.replica, patience)
        try:
            self._hold_anew(held)
            try:
                return read()
            except ReplicaFailed as failed:
                reports.give_up(failed.why)
            self._hold_anew(held)
            return read()
        finally:
            self._here.reports = None
            self.let_go()
            self._here.held = held

    def _hold_anew(self, held: "_Held | None") -> None:
        """A snapshot of the other server for one who holds one."""
        if held is not None:
            self._here.held = None if self._here.held is held else self._here.held
            self.hold()

    @property
    def source(self) -> ReadFrom | None:
        """Which server the report that this thread is reading comes from; None: it reads none, or there is no replica."""
        reports: Reports | None = getattr(self._here, "reports", None)
        return reports.source if reports is not None else None

    @contextmanager
    def transaction(self, *, lasting: bool = True) -> Iterator[Session]:
        """A session that writes: everything of it or nothing.

        Not `lasting`: it survives whatever befalls the program, but a power cut may take back the last such transactions;
        it waits for no disk. For what is told of looking alone: whoever looked has lost the page as well.

        Raises:
            WorkFailed: the database cannot be reached or was lost; nothing of the work was kept.
            OutdatedProgram: it is of another revision by now (`stay_at`).
        """
        self._renew()  # not after it alone: a snapshot that stands keeps SQLite from beginning its log of changes anew
        with told_plainly(self.engine), self._turn(), self._writing() as session:
            connection = session.connection(execution_options={"write": True, "lasting": lasting})
            begun = time.monotonic()
            try:
                self.require_revision(connection)
                yield session
            except BaseException:
                session.rollback()
                raise
            session.commit()
        self._renew()
        if self._gives_way and (lasted := time.monotonic() - begun) > SHORT_SECONDS:
            time.sleep(min(lasted, WAY_SECONDS))

    def give_way(self) -> None:
        """From here on others get SQLite's write lock between two longer transactions: who waits only looks now and then."""
        self._gives_way = self.engine.dialect.name == "sqlite"

    def at_once(self, statement: str, values: Mapping[str, Any]) -> list[Any]:
        """What one statement of PostgreSQL answers that is a transaction by itself: one way to the server and back. What writes has
        to look itself whether the database is still of `revision`.

        Raises:
            WorkFailed: as `transaction`.
        """
        told, names = numbered_once(statement)
        self._renew()
        with told_plainly(self.engine), self._alone.connect() as connection:
            return answered(connection, told, tuple(values[name] for name in names))

    def _renew(self) -> None:
        """Who holds a snapshot reads from here on what was just written."""
        held: _Held | None = getattr(self._here, "held", None)
        if held is not None:
            held.is_old = True
            held.settle()

    def require_revision(self, connection: Connection) -> None:
        """That whoever writes is of the present revision. Asked by the driver itself: on PostgreSQL the question also keeps an
        upgrade waiting until this transaction has ended (`migrations/env.py` locks that table), on SQLite the write lock does.
        """
        if self._revision is None:
            return
        driver: Any = connection.connection.dbapi_connection
        found = driver.execute(REVISION_QUERY).fetchone()
        present = found[0] if found else ""
        if present != self._revision:
            raise OutdatedProgram(OUTDATED.format(present=present, before=self._revision))

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Threads of one process write to SQLite one after the other: who finds the database locked sleeps, for longer and
        longer, while a lock of the process is handed over at once. Who waited too long is told so by the database.
        """
        is_mine = not self.works_elsewhere and self._writer.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if is_mine:
                self._writer.release()

    @property
    def works_elsewhere(self) -> bool:
        """Is the database a process of its own, which works while ours does something else?"""
        return self.engine.dialect.name != "sqlite"

    def keep_pages(self, kib: int) -> None:
        """From here on each connection to SQLite keeps so many KiB of what it has read, instead of `CACHE_KIB`."""
        if self.works_elsewhere:
            return
        event.listen(
            self.engine, "connect", lambda opened, _record: opened.execute(f"PRAGMA cache_size=-{kib}")
        )
        self.engine.dispose()

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()
        if self.replica is not None:
            self.replica.close()


def open_store(url: str, *, reports_url: str = "", limits: ReplicaLimits = USUAL_LIMITS) -> Store:
    """The store at a database URL; the folder of a SQLite file is made where it is missing. `reports_url`: its replica.

    Raises:
        ConfigurationError: a URL is none, or names a kind of database that the program does not know.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        if reports_url:
            raise ConfigurationError([NO_REPLICA])
        return _open_sqlite(address)
    store = Store(opened(address))
    if reports_url:
        there = _address(reports_url)
        if there.get_backend_name() == "sqlite":
            raise ConfigurationError([NO_REPLICA])
        engine = opened(there, isolation_level="AUTOCOMMIT", network=PATIENCE_OF_NETWORK)
        store.replica = Replica(engine, store.engine, limits)
    return store


def is_there(url: str) -> bool:
    """Is there a database to be opened? A SQLite file may not have been made yet; a server is taken to be there."""
    address = _address(url)
    if address.get_backend_name() != "sqlite":
        return True
    return bool(address.database) and Path(address.database or "").exists()


def has_vanished(url: str) -> bool:
    """Is a SQLite file missing beside which its loads left their locks? Then it was there, and must not be begun anew."""
    file = Path(_address(url).database or "")
    return not is_there(url) and any(file.parent.glob(f"{file.name}-*.lock"))


def _address(url: str) -> URL:
    # The text of the URL stays out of every message: it may hold a password, and not always where one expects it.
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError([f"địa chỉ cơ sở dữ liệu không đúng dạng {FORM}"]) from None
    if address.drivername not in DRIVERS:
        raise ConfigurationError([f"địa chỉ cơ sở dữ liệu phải bắt đầu bằng sqlite:// hoặc {FORM}"])
    if "@" in (address.host or ""):
        raise ConfigurationError(["mật khẩu trong địa chỉ cơ sở dữ liệu: hãy viết %40 thay cho @"])
    return address.set(drivername=DRIVERS[address.drivername])


# ---------------------------------------------------------------- SQLite


FILE = "file"
VANISHED = (
    "Tệp cơ sở dữ liệu {name} không còn ở chỗ của nó. Không có gì được ghi. Hãy đưa tệp về chỗ cũ, gắn lại ổ đĩa, hoặc khôi"
    " phục từ bản sao lưu bằng dunghen restore."
)
# A power cut must not take back that a mail was handed over: a millisecond a commit, and many on a busy disk.
LASTING, PASSING = "PRAGMA synchronous=FULL", "PRAGMA synchronous=NORMAL"


def _open_sqlite(address: URL) -> Store:
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        pool_use_lifo=True,  # a connection that writes keeps the pages that it has read; all others read them anew
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    if address.database and address.database != ":memory:":
        _SameFile(Path(address.database)).watch(engine)
    event.listen(engine, "begin", _begin_sqlite)
    return Store(engine)


class _SameFile:
    """That connections go on speaking to the file that lies there. One that was removed or replaced lives on for those who
    have it open, and everything written into it would be lost; a missing one would be made anew, and be empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._was_there = False

    def watch(self, engine: Engine) -> None:
        """After the connection was prepared, which makes the file where there is none yet."""
        event.listen(engine, "do_connect", self._may_open)
        event.listen(engine, "connect", self._note)
        event.listen(engine, "checkout", self._compare)

    def _may_open(self, *_of: Any) -> None:
        if self._was_there and not self._path.exists():
            raise MachineFault(VANISHED.format(name=self._path.name))

    def _note(self, _connection: Any, record: Any) -> None:
        record.info[FILE] = self._identity()
        self._was_there = True

    def _compare(self, _connection: Any, record: Any, _proxy: Any) -> None:
        if self._identity() != record.info[FILE]:
            raise DisconnectionError  # the pool opens the file that lies there now

    def _identity(self) -> tuple[int, int]:
        try:
            told = os.stat(self._path)
        except FileNotFoundError:
            raise MachineFault(VANISHED.format(name=self._path.name)) from None
        return told.st_dev, told.st_ino


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own implicit BEGIN would come too late and take no lock: transactions are begun below.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("write", False):
        connection.exec_driver_sql("BEGIN")
        return
    connection.exec_driver_sql(LASTING if options.get("lasting", True) else PASSING)
    connection.exec_driver_sql("BEGIN IMMEDIATE")
