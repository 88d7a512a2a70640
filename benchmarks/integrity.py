"""Signs of hidden lateness: precision and recall by kind on planted cases, and what looking costs.

`python -m benchmarks.integrity [--size N] [--every N] [--seed N] [--database sqlite|postgresql] [--rows N] [--json FILE]`
Exports of four months with N cases of each kind, among honest dossiers that look alike, are loaded one after the other with
the moment of each; then one whole look. `--every 5`: a source that exports once a week. Precision = planted of those
found, recall = found of those planted, both as fractions. Costs are processor time. `--rows`: beside it the cost of a look
at so many dossiers of `daklak-2022`. Generated data proves that the program works, not how often this happens anywhere.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tests import databases, postgres
from tests.databases import PostgresqlServer
from tests.sign_series import load_series, scores, sorts_of
from tracker import clock
from tracker.pipeline.findings import look
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import finding_lists
from tracker.store.calendars import load_history
from tracker.store.session import Store, open_store
from tracker.synthetic.generate import generate
from tracker.synthetic.sign_exports import write_series
from tracker.synthetic.sign_lives import Life
from tracker.synthetic.sign_noise import UNTELLABLE
from tracker.types.finding_lists import FindingQuestion

Answer = dict[str, Any]
CALENDAR = "B"


def looked(store: Store, now: Any) -> Answer:
    """One whole look, and one after it that has nothing new to see."""
    with store.read() as session:
        calendars = load_history(session, CALENDAR)
    begun = time.process_time()
    result = look(store, calendars, now, whole=True)
    whole = time.process_time() - begun
    begun = time.process_time()
    look(store, calendars, now)
    again = time.process_time() - begun
    return {"histories": result.histories, "findings": result.kept.standing, "whole": whole, "again": again}


def planted(folder: Path, seed: int, size: int, every: int) -> Answer:
    """Load a series and hold what was found against what was planted."""
    series = write_series(folder / "exports", seed, size, every=every)
    store = open_store(databases.chosen().furnished(folder / "planted"))
    begun = time.process_time()
    now = load_series(store, series)
    loaded = time.process_time() - begun
    told = looked(store, now) | {
        "exports": len(series.exports),
        "dossiers": len(series.lives),
        "load": loaded,
    }
    kinds = {
        kind.value: {
            "hits": score.hits, "found": score.found, "planted": score.planted,
            "false": sorts_of(score.false), "missed": sorts_of(score.missed),
        }
        for kind, score in scores(store, series.lives).items()
    }  # fmt: skip
    everything = any_kind(store, series.lives)
    store.close()
    return told | {"kinds": kinds | {"any of them": everything}}


def any_kind(store: Store, lives: Sequence[Life]) -> Answer:
    """Of dossiers, whatever was found of them: a rarer export may tell a planted case by another kind."""
    with store.read() as session:
        found = {row.code for row in finding_lists.all_findings(session, FindingQuestion())}
    sorts = {life.code: life.sort for life in lives}
    planted = {life.code for life in lives if life.kinds}
    return {
        "hits": len(found & planted), "found": len(found), "planted": len(planted),
        "false": sorts_of((code, sorts[code]) for code in found - planted),
        "missed": sorts_of((code, sorts[code]) for code in planted - found),
    }  # fmt: skip


def province(folder: Path, rows: int) -> Answer:
    """What a look costs where nothing was planted."""
    made = generate("daklak-2022", folder / "year", rows=rows, seed=1, as_of=date(2026, 8, 24))
    store = open_store(databases.chosen().furnished(folder / "province"))
    now = clock.now()
    tables = tuple(path for path in made.files if path.suffix == ".csv")
    ingest(store, CALENDAR, IngestPlan(tables, now, is_full=True), lambda told: None)
    told = looked(store, now) | {"dossiers": rows}
    store.close()
    return told


def _printed(told: Answer) -> None:
    print(
        f"{told['dossiers']} dossiers, {told['exports']} exports loaded in {told['load']:.1f} s of processor; whole look "
        f"{told['whole']:.2f} s ({told['histories']} histories, {told['findings']} findings), one more {told['again']:.2f} s"
    )
    print(f"{'kind':24}{'precision':>12}{'recall':>12}  found though not planted; not found")
    for kind, one in told["kinds"].items():
        wrong = ", ".join(
            f"{count} {sort}{' (untellable)' if sort in UNTELLABLE else ''}"
            for sort, count in one["false"].items()
        )
        missed = ", ".join(f"{count} {sort}" for sort, count in one["missed"].items())
        print(
            f"{kind:24}{one['hits']:>6}/{one['found']:<5}{one['hits']:>6}/{one['planted']:<5}  {wrong or '-'}; {missed or '-'}"
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    server = postgres.start() if given.database == "postgresql" else None
    if server is not None:
        databases.choose(PostgresqlServer(server.url, "integrity"))
    try:
        with tempfile.TemporaryDirectory() as name:
            told = planted(Path(name), given.seed, given.size, given.every)
            _printed(told)
            if given.rows:
                told["province"] = province(Path(name), given.rows)
                print(json.dumps(told["province"]))
    finally:
        if server is not None:
            databases.chosen().close()
            server.stop()
    if given.json:
        given.json.write_text(json.dumps(told, indent=1), "utf-8")


if __name__ == "__main__":
    main()
