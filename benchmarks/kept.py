"""Stores of millions of dossiers that stay for the next run, and the copy of one that a run may change.

SQLite: a file in the folder. PostgreSQL: a server of its own with its data in the folder and the settings of an office
(what is committed outlives a crash), started for a run and ended after it.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import postgres

NAME, LIVED = "web", "lived"
OWNER = "dunghen"
SOCKET_PORT = 5432
# As docs/operations.md tells an office with eight gigabytes to spare; everything else as the server comes.
SETTINGS = {
    "shared_buffers": "2GB", "effective_cache_size": "8GB", "work_mem": "16MB", "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB", "random_page_cost": "1.1", "max_connections": "100", "listen_addresses": "",
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """Where the stores of one database lie: the one that stays, and the one that a run lives on."""

    folder: Path
    server: str = ""  # the address of the server's own database; "" is SQLite

    @property
    def url(self) -> str:
        """The store that stays."""
        return self._url(NAME)

    @property
    def lived(self) -> str:
        """The copy."""
        return self._url(LIVED)

    def _url(self, name: str) -> str:
        if not self.server:
            return f"sqlite:///{self.folder}/{name}.sqlite3"
        return self.server.replace("/postgres?", f"/{name}?", 1)

    def make(self) -> None:
        """An empty database for the store that stays, where there is none."""
        if self.server and not self._rows(f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"):
            self._do(f"CREATE DATABASE {NAME}")

    def copy(self) -> None:
        """The store as it stays, for a run to live on; what an earlier run lived on goes."""
        self.remove_copy()
        if self.server:
            self._do(f"CREATE DATABASE {LIVED} TEMPLATE {NAME} STRATEGY FILE_COPY")
            return
        told = self.folder / f"{NAME}.sqlite3"
        for beside in ("", "-wal"):
            if (path := told.with_name(told.name + beside)).exists():
                shutil.copyfile(path, self.folder / f"{LIVED}.sqlite3{beside}")

    def remove_copy(self) -> None:
        """Give the room back."""
        if self.server:
            self._do(f"DROP DATABASE IF EXISTS {LIVED} WITH (FORCE)")
            return
        for path in self.folder.glob(f"{LIVED}.sqlite3*"):
            path.unlink()

    def bytes(self) -> int:
        """What the lived store takes, its log included."""
        if self.server:
            return int(self._rows(f"SELECT pg_database_size('{LIVED}')")[0][0])
        return sum(path.stat().st_size for path in self.folder.glob(f"{LIVED}.sqlite3*"))

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(statement.encode())

    def _rows(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.server, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()


@contextmanager
def kept(folder: Path, database: str) -> Iterator[Kept]:
    """The place of the stores, with the server running where there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    if database == "sqlite":
        yield Kept(folder)
        return
    account = postgres._account()
    os.chmod(folder, 0o755)
    place = folder / "server"
    place.mkdir(exist_ok=True)
    os.chown(place, account.user, account.group)
    programs = postgres._programs(place)
    data = place / "data"
    if not (data / "PG_VERSION").exists():
        _make(programs, data, account)
    process = _start(programs, data, account)
    try:
        address = f"postgresql://{OWNER}@/postgres?host={place}&port={SOCKET_PORT}"
        _wait(address, process)
        yield Kept(folder, address)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _make(programs: Path, data: Path, account: postgres.Account) -> None:
    command = [programs / "initdb", "-D", data, "-U", OWNER, "--auth=trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(command, cwd=data.parent, check=True, stdout=subprocess.DEVNULL, **account.as_process)


def _start(programs: Path, data: Path, account: postgres.Account) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(data.parent), "port": str(SOCKET_PORT)}
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with (data.parent / "log").open("ab") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, *given], cwd=data.parent, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, preexec_fn=postgres._die_with_parent(), **account.as_process,
        )  # fmt: skip


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
        else:
            return
    raise postgres.NoServer(f"the kept server ended at once: see its log beside {address}")
