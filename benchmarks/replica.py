"""A desk's page on the primary while a heavy report runs over and over: from the primary itself, and from a replica beside it.

`python -m benchmarks.replica [--rows N] [--rounds N] [--seconds S] [--json FILE]`: two PostgreSQL servers of the tests on one
machine. In each round the page is asked for alone, beside a report that is read from the primary, and beside one that is read
from the replica. Milliseconds of the page at 50 and 95 of a hundred, seconds of processor that each server spent a report, and
what the waiting for the replica costs a small report. Both servers share the processors here, so the page gains only what
the primary's locks, memory and plans are spared; on two machines it gains the processors as well.
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask.testing import FlaskClient

from app.context import AppContext
from app.web import create_app
from benchmarks import web
from benchmarks.rates import NOW, YEAR
from tests.postgres import Server
from tests.replica_world import PATIENT, Pair
from tests.web.conftest import TOKEN
from tracker.pipeline import RatesQuestion
from tracker.pipeline import rates as rates_of
from tracker.store.session import Store, open_store

SHIPPED = Path(__file__).parents[1] / "config.toml"
PAGE = "/ban-theo-doi"
HZ = os.sysconf("SC_CLK_TCK")


def report(store: Store) -> None:
    """Rates by procedure as they were known an hour ago: counted from the dossiers themselves."""
    rates_of(store, RatesQuestion(*YEAR, NOW, ("procedure",), known=NOW - timedelta(hours=1)))


def reporting(url: str, reports_url: str, told: Any, begun: Any, stop: Any) -> None:
    """A process that makes the report until it is told to stop; tells how many it made after the first."""
    store = open_store(url, reports_url=reports_url, limits=PATIENT)
    store.from_reports(lambda: report(store))
    begun.set()
    made = 0
    while not stop.is_set():
        store.from_reports(lambda: report(store))
        made += 1
    told.put(made)
    store.close()


def processor(server: Server) -> float:
    """Seconds of processor of a server and all its processes so far, those that ended counted with their parent."""
    assert server.process is not None
    parent, ticks = server.process.pid, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        fields = rest.split()
        if int(fields[1]) == parent or int(name.split()[0]) == parent:
            ticks += sum(map(int, fields[11:15] if int(name.split()[0]) == parent else fields[11:13]))
    return ticks / HZ


@contextmanager
def beside(pair: Pair, reports_url: str | None) -> Iterator[dict[str, Any]]:
    """A report that runs over and over from the server of an address (empty: the primary; None: none runs)."""
    found: dict[str, Any] = {"reports": 0}
    if reports_url is None:
        yield found
        return
    spawn = multiprocessing.get_context("spawn")
    told, begun, stop = spawn.Queue(), spawn.Event(), spawn.Event()
    process = spawn.Process(target=reporting, args=(pair.url(pair.primary), reports_url, told, begun, stop))
    process.start()
    begun.wait()
    before = [processor(each) for each in (pair.primary, pair.replica)]
    yield found
    found["processor"] = [
        processor(each) - spent for each, spent in zip((pair.primary, pair.replica), before, strict=True)
    ]
    stop.set()
    found["reports"] = told.get(timeout=600)
    process.join()


def asked(client: FlaskClient, seconds: float) -> list[float]:
    """Milliseconds of each page within so many seconds, ten at least."""
    taken: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken) < 10:
        begun = time.perf_counter()
        assert client.get(PAGE).status_code == 200
        taken.append((time.perf_counter() - begun) * 1000)
    return taken


def share(values: Sequence[float], part: float) -> float:
    """The value that so large a part does not exceed."""
    return round(sorted(values)[min(len(values) - 1, int(len(values) * part))], 1)


def logged_in(context: AppContext) -> FlaskClient:
    """Somebody at a desk."""
    client = create_app(context, RATELIMIT_ENABLED=False).test_client()
    token = TOKEN.search(client.get("/dang-nhap").text)
    assert token
    form = {"login": "desk", "password": web.PASSWORD, "csrf_token": token[1]}
    assert client.post("/dang-nhap", data=form).status_code == 302
    return client


def small_reports(store: Store, ask: Callable[[], None]) -> float:
    """Milliseconds of a report that asks next to nothing, the middle of two hundred."""
    taken = []
    for _ in range(200):
        begun = time.perf_counter()
        store.from_reports(ask)
        taken.append((time.perf_counter() - begun) * 1000)
    return round(median(taken), 2)


def measure(pair: Pair, folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    """Everything, on servers that are filled."""
    settings = SHIPPED.read_text("utf-8").replace('data_dir = "var"', f'data_dir = "{folder.as_posix()}"')
    config = folder / "config.toml"
    config.write_text(
        settings.replace('database_url = ""', f'database_url = "{pair.url(pair.primary)}"'), "utf-8"
    )
    client = logged_in(AppContext(config))
    ways = {"alone": None, "report from the primary": "", "report from the replica": pair.url(pair.replica)}
    pages: dict[str, list[float]] = {way: [] for way in ways}
    costs: dict[str, list[float]] = {way: [0, 0, 0] for way in ways}
    asked(client, 1)
    for _ in range(given.rounds):
        for way, url in ways.items():
            with beside(pair, url) as found:
                pages[way] += asked(client, given.seconds)
            spent = found.get("processor", [0, 0])
            costs[way] = [a + b for a, b in zip(costs[way], (*spent, found["reports"]), strict=True)]
    return {
        way: {
            "pages": len(pages[way]), "p50": share(pages[way], 0.5), "p95": share(pages[way], 0.95),
            "primary_seconds": round(costs[way][0], 2), "replica_seconds": round(costs[way][1], 2), "reports": costs[way][2],
        }
        for way in ways
    }  # fmt: skip


def waiting(pair: Pair) -> dict[str, float]:
    """What it costs to make sure that the replica has all: a small report from either server."""

    def ask(store: Store) -> Callable[[], None]:
        def look() -> None:
            with store.read() as session:
                session.connection().exec_driver_sql("SELECT 1")

        return look

    with pair.store() as store, pair.store(reports_url=pair.url(pair.primary)) as plain:
        plain.replica = None
        return {"replica": small_reports(store, ask(store)), "primary": small_reports(plain, ask(plain))}


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    pair = Pair()
    try:
        with tempfile.TemporaryDirectory() as name, pair.store() as store:
            web.prepare(store, given.rows, Path(name))
            store.from_reports(lambda: report(store))
            result = {
                "rows": given.rows,
                "small report, ms": waiting(pair),
                **measure(pair, Path(name), given),
            }
    finally:
        pair.stop()
    text = json.dumps(result, ensure_ascii=False, indent=2)
    print(text)
    if given.json:
        given.json.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
