"""The program's own processes on a Monday morning: web, workers, scheduler, each as its service starts it, on a clock put ahead.

`python -m benchmarks.monday.processes KIND CONFIG [PORT]` runs one. The clock runs as fast as ever from the moment that
`DUNGHEN_BENCH_AHEAD` (seconds) puts it to, the same for all of them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from app.context import AppContext
from benchmarks.monday import holding
from tracker import clock

AHEAD = "DUNGHEN_BENCH_AHEAD"
# scripts/services/dunghen-worker@.service; the others have no priority of their own.
NICE = {"worker": 10}
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class AheadContext(AppContext):
    """The program's context on a clock put ahead."""

    def now(self) -> datetime:
        """The present instant, so many seconds ahead."""
        return clock.now() + timedelta(seconds=float(os.environ[AHEAD]))


def run(kind: str, config: Path, *more: str) -> None:
    """One process, to its end."""
    context = AheadContext(config)
    holding.record(context.store, kind)
    if kind == "web":
        from app.commands.serve_command import serve_forever

        serve_forever(context, "127.0.0.1", int(more[0]))
        return
    from app.commands.scheduler_command import scheduler
    from app.commands.worker_command import worker

    command = {"worker": worker, "scheduler": scheduler}[kind]
    command.main([*more], obj=context, standalone_mode=False)


# ---------------------------------------------------------------- started and watched


@dataclass
class Running:
    """Processes of the program by name, and what is known of them."""

    config: Path
    environment: Mapping[str, str]
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, kind: str, *more: str) -> None:
        """One more, at the priority of its service; a kind of its own name."""
        command = [sys.executable, "-m", "benchmarks.monday.processes", kind, str(self.config), *more]
        if level := NICE.get(kind):
            command = ["nice", "-n", str(level), *command]
        with (self.log / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env={**os.environ, **self.environment}, stdout=log, stderr=log
            )

    def dead(self) -> list[str]:
        """Those that ended by themselves: none may."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def usage(self) -> dict[str, tuple[float, int]]:
        """Seconds of processor so far, and MiB resident, of each with its children."""
        tree = _tree()
        return {name: _usage(process.pid, tree) for name, process in self.processes.items()}

    def stop(self) -> None:
        """End all of them, as a service manager does."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running(config: Path, url: str, ahead: float, log: Path) -> Iterator[Running]:
    """Room for processes on one store."""
    from tracker.config import DATABASE_URL_VARIABLE

    log.mkdir(parents=True, exist_ok=True)
    made = Running(config, {DATABASE_URL_VARIABLE: url, AHEAD: str(ahead), holding.FOLDER: str(log)}, log)
    try:
        yield made
    finally:
        made.stop()


def wait_until_ready(port: int, seconds: float = 60) -> None:
    """Until the web answers; the first page after a start takes longer than others."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/readyz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    raise TimeoutError(f"nothing answers at port {port}")


def _tree() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (told := _stat(int(entry.name))):
            children.setdefault(int(told[1]), []).append(int(entry.name))
    return children


def _usage(pid: int, tree: dict[int, list[int]]) -> tuple[float, int]:
    """Children that ended are in what the system keeps of them with their parent."""
    told = _stat(pid)
    if told is None:
        return 0.0, 0
    seconds = sum(int(told[place]) for place in (11, 12, 13, 14)) / TICK
    mib = int(told[21]) * os.sysconf("SC_PAGE_SIZE") // 2**20
    for child in tree.get(pid, ()):
        more, room = _usage(child, tree)
        seconds, mib = seconds + more, mib + room
    return seconds, mib


def _stat(pid: int) -> list[str] | None:
    """The fields after the name, which may hold anything."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def started(*arguments: Any) -> subprocess.Popen[bytes]:
    """A part of the benchmark itself in a process of its own."""
    return subprocess.Popen([sys.executable, "-m", *map(str, arguments)])


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
