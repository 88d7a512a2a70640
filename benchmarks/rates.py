"""Rates of millions of dossiers: read from counts by month, beside a recount of the dossiers and the bare reading of rows.

`python -m benchmarks.rates [--rows N] [--database sqlite|postgresql|both] [--rounds N] [--json FILE]` prints a table.
Dossiers over sixty months to 31/10/2026 are made inside the database: 320 units, 20 fields, 60 procedures, three
channels, 0.9 % open, every ninth late. Timed: everything counted for the first time; what an import of 1,000 dossiers
touches, counted anew; one year by one dimension, all years, the score and the cockpit's months, each against
`rate_queries` on the dossiers themselves and against the rows of the summary read by the driver alone (the floor).
"""

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from tests import postgres
from tracker.measures.months import opening
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates, score
from tracker.pipeline.summaries import refresh
from tracker.store import rate_queries
from tracker.store.locks import Lock
from tracker.store.migrate import ensure_current
from tracker.store.models import Base, Batch, Field, Procedure, Source, Unit, UnitAlias
from tracker.store.models.base import Text
from tracker.store.rate_marks import mark
from tracker.store.rate_queries import Period
from tracker.store.session import Session, Store, open_store
from tracker.store.turns import turn
from tracker.types import VN, Basis

NOW = datetime(2026, 10, 31, 16, tzinfo=VN)
LOADED = datetime(2026, 10, 30, 20, tzinfo=VN)
MONTHS, UNITS, FIELDS, PROCEDURES = 60, 320, 20, 60
FIRST_ID = 1_000_000
YEAR = (date(2025, 1, 1), date(2025, 12, 31))
EVER = (date(2021, 11, 1), date(2026, 10, 31))
DAY = 86_400


def fill(store: Store, rows: int, columns: Callable[[int], dict[str, str]] | None = None) -> float:
    """Make dossiers inside the database, by arithmetic on their numbers; seconds. `columns`: other ones than `made`."""
    started = time.perf_counter()
    with store.transaction() as session:
        levels = ("province", "district", "commune")
        _insert(session, Source, [{"id": FIRST_ID, "key": "bench"}])
        batch = {"id": FIRST_ID, "source_id": FIRST_ID, "ingested_at": LOADED, "files": "[]", "counts": "{}"}
        _insert(session, Batch, [batch])
        _insert(session, Unit, [
            {"id": FIRST_ID + n, "code": f"BM.{n:03d}", "name": f"Đơn vị thử {n:03d}", "level": levels[n % 3]}
            for n in range(UNITS)
        ])  # fmt: skip
        _insert(session, UnitAlias, [  # exports name them
            {"folded": f"don vi thu {n:03d}", "unit_id": FIRST_ID + n} for n in range(UNITS)
        ])  # fmt: skip
        _insert(session, Field, [
            {"id": FIRST_ID + n, "folded": f"linh vuc thu {n:02d}", "name": f"Lĩnh vực thử {n:02d}"}
            for n in range(FIELDS)
        ])  # fmt: skip
        _insert(session, Procedure, [
            {"id": FIRST_ID + n, "code": f"9.{n:06d}", "name": f"Thủ tục thử {n:02d}", "field_id": FIRST_ID + n % FIELDS}
            for n in range(PROCEDURES)
        ])  # fmt: skip
    with store.transaction() as session:
        connection = session.connection()
        is_lite = connection.dialect.name == "sqlite"
        series = (
            f"WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < {rows}) "
            if is_lite
            else ""
        )
        source = "g" if is_lite else f"generate_series(1, {rows}::bigint) AS g(n)"
        statement = _insertion(series, source, (columns or made)(rows))
        connection.exec_driver_sql(statement if is_lite else statement.replace("%", "%%"))
        connection.exec_driver_sql("ANALYZE")
    return time.perf_counter() - started


def _insert(session: Session, model: type[Base], rows: list[dict[str, Any]]) -> None:
    """Rows with empty text and 0 where nothing is said and something must be."""
    table: Any = model.__table__
    must = {
        column.name: "" if isinstance(column.type, Text) else 0
        for column in table.columns
        if not column.nullable and column.server_default is None
    }
    known = set(table.columns.keys())
    session.execute(insert(table), [must | {k: v for k, v in row.items() if k in known} for row in rows])


def made(rows: int) -> dict[str, str]:
    """Column -> SQL over n, received in the order of their numbers. A hash spreads what should not go in step."""
    h = "((n * 2654435761) % 4294967291)"
    start = opening(202111)
    received = f"({start} + (n * {MONTHS * 30 * DAY} / {rows}) + {h} % {DAY})"
    took = f"(CASE WHEN n % 97 = 0 THEN 200 ELSE 1 + n % 23 END * {DAY})"
    ended = f"({received} + {took})"
    is_open = f"(n % 111 = 0 OR {ended} > {int(NOW.timestamp())})"
    due = f"({received} + (CASE WHEN n % 9 = 0 THEN n % 23 ELSE 24 END) * {DAY})"
    return {
        "id": "n", "source_id": f"{FIRST_ID}", "code": "('BM-' || n)",
        "procedure_id": f"{FIRST_ID} + n % {PROCEDURES}", "field_id": f"{FIRST_ID} + n % {FIELDS}",
        "resolving_unit_id": f"{FIRST_ID} + ({h} / 7) % {UNITS}",
        "channel": "CASE n % 3 WHEN 0 THEN 'online' WHEN 1 THEN 'direct' ELSE 'postal' END",
        "received_at": received, "promised_at": due, "source_due_at": due, "documented_due_at": due,
        "ended_at": f"CASE WHEN {is_open} THEN NULL ELSE {ended} END",
        "finished_at": f"CASE WHEN {is_open} THEN NULL ELSE {ended} END",
        "end_kind": f"CASE WHEN {is_open} THEN NULL WHEN n % 50 = 1 THEN 'withdrawn' ELSE 'finished' END",
        "status": f"CASE WHEN {is_open} THEN 'processing' ELSE 'done' END",
        "known_from": f"{int(LOADED.timestamp())}", "batch_id": f"{FIRST_ID}", "row_no": "n",
        **dict.fromkeys(
            ("applicant_kind", "applicant_name", "address", "phone", "officer_name", "limit_text", "status_text",
             "late_reason", "note", "flags"), "''"),
    }  # fmt: skip


def _insertion(series: str, source: str, given: dict[str, str]) -> str:
    empty = "x''" if series else "''::bytea"
    columns = {**given, "row_hash": empty}
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO dossier ({names}) {series}SELECT {', '.join(columns.values())} FROM {source}"


def timed(work: Callable[[], Any], rounds: int) -> float:
    """Median milliseconds; once before, to be warm."""
    work()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return 1000 * statistics.median(taken)


def one_database(url: str, rows: int, rounds: int) -> dict[str, Any]:
    """Everything measured on one database."""
    store = open_store(url)
    ensure_current(store)
    result: dict[str, Any] = {"rows": rows, "fill_seconds": round(fill(store, rows), 1)}
    started = time.perf_counter()
    result["first_count_months"] = refresh(store, NOW)
    result["first_count_seconds"] = round(time.perf_counter() - started, 1)
    with turn(store, Lock.INGEST) as mine:
        mine.begin_writing()
        mark(mine.session, [(202609, 999_999)])
    started = time.perf_counter()
    result["touched_months"] = refresh(store, NOW)
    result["touched_seconds"] = round(time.perf_counter() - started, 2)
    with store.read() as session:
        grouped = session.connection().exec_driver_sql(
            "SELECT grain, count(*) FROM rate_summary GROUP BY grain"
        )
        result["summary_rows"] = {grain: count for grain, count in grouped}
    result["milliseconds"] = {name: _asked(store, name, rounds) for name in ASKED}
    store.close()
    return result


ASKED: dict[str, tuple[Callable[[Store], Any], str, tuple[int, int]]] = {
    **{
        f"one year by {key}": (
            lambda store, key=key: rates(store, RatesQuestion(*YEAR, NOW, (key,))),
            key, (202500, 202500),
        )
        for key in ("level", "unit", "field", "procedure", "channel")
    },
    "this year by unit": (
        lambda store: rates(store, RatesQuestion(date(2026, 1, 1), date(2026, 12, 31), NOW, ("unit",))),
        "unit", (202601, 202610),
    ),
    "all years by unit": (lambda store: rates(store, RatesQuestion(*EVER, NOW, ("unit",))), "unit", (202111, 202610)),
    "a year by month and level": (
        lambda store: rates(store, RatesQuestion(*YEAR, NOW, ("month", "level"))), "unit", (202501, 202512),
    ),
    "score": (lambda store: score(store, ScoreQuestion("3.4.1", 2025, NOW, "resolved")), "unit_field", (202500, 202500)),
}  # fmt: skip


def _asked(store: Store, name: str, rounds: int) -> dict[str, float]:
    ask, key, spans = ASKED[name]
    grain = {"level": "unit"}.get(key, key)

    def floor() -> None:
        with store.read() as session:
            session.connection().exec_driver_sql(
                f"SELECT * FROM rate_summary WHERE grain = '{grain}' AND span BETWEEN {spans[0]} AND {spans[1]}"
            ).fetchall()

    return {
        "ours": round(timed(lambda: ask(store), rounds), 1),
        "rows_read": round(timed(floor, rounds), 1),
        "recount": round(timed(lambda: _recount(store, key), 1), 0) if name == "one year by unit" else 0.0,
    }


def _recount(store: Store, key: str) -> None:
    period = Period(opening(202501), opening(202601) - 1)
    with store.read() as session:
        rate_queries.ended_counts(session, period, (key,), Basis.SOURCE, None)
        rate_queries.open_counts(session, period, (key,), Basis.SOURCE, None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="dunghen-rates-") as folder:
        if asked.database in ("sqlite", "both"):
            url = f"sqlite:///{folder}/rates.sqlite3"
            result["sqlite"] = one_database(url, asked.rows, asked.rounds)
        if asked.database in ("postgresql", "both"):
            server = postgres.start()
            try:
                result["postgresql"] = one_database(server.url, asked.rows, asked.rounds)
            finally:
                server.stop()
    result["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(table(result))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1), "utf-8")


def table(result: dict[str, Any]) -> str:
    """The result for eyes."""
    lines = []
    for name in ("sqlite", "postgresql"):
        found = result.get(name)
        if found is None:
            continue
        lines += [
            f"{name}: {found['rows']:,} dossiers made in {found['fill_seconds']} s; all {found['first_count_months']}"
            f" months counted in {found['first_count_seconds']} s; {found['touched_months']} touched months in"
            f" {found['touched_seconds']} s",
            f"  rows of the summary: {found['summary_rows']}",
            f"  {'question':<28}{'ours ms':>10}{'rows read ms':>14}{'recount ms':>12}",
        ]
        lines += [
            f"  {question:<28}{ms['ours']:>10}{ms['rows_read']:>14}{ms['recount'] or '':>12}"
            for question, ms in found["milliseconds"].items()
        ]
    return "\n".join([*lines, f"peak {result['peak_mib']} MiB"])


if __name__ == "__main__":
    main()
