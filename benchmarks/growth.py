"""Does the cost follow the answer, or the store? The same questions to stores of 100,000, a million and ten million dossiers.

`python -m benchmarks.growth --store FOLDER ... [--database sqlite|postgresql] [--rounds N] [--json FILE]`: folders that
`benchmarks.monday --keep` made, smallest first. Best of the rounds in milliseconds (the least that the work takes, also on a
busy machine), seconds of processor of this process beside it, how many rows the answer has; the last column is the greatest
store against the smallest.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from app.context import AppContext
from app.web import create_app
from benchmarks import rates, web
from benchmarks.kept import Kept, kept
from benchmarks.rates import NOW
from tests.quarter.living import configured
from tests.web.conftest import TOKEN
from tracker.pipeline.answers import LateQuestion, overdue
from tracker.pipeline.summaries import refresh
from tracker.store.locks import Lock
from tracker.store.rate_marks import mark
from tracker.store.session import Store
from tracker.store.turns import turn

PAGES = (
    "board",
    "late list",
    "late list of a unit",
    "dossier",
    "cockpit",
    "search by code",
    "search by name",
)
RATES = ("one year by unit", "one year by field", "all years by unit", "a year by month and level", "score")
Figures = dict[str, dict[str, float]]


class Standing(AppContext):
    """Whose clock stands at the moment for which the dossiers are made."""

    def now(self) -> datetime:
        """That moment."""
        return NOW


@dataclass(frozen=True)
class Question:
    """Something asked; the number it answers with is how much there was to tell (rows, bytes)."""

    name: str
    ask: Callable[[], float]
    most: int = 1_000


def questions(context: Standing, store: Store) -> Iterator[Question]:
    """All that is asked of a store."""
    with store.read() as session:
        unit_id, code, _count = session.connection().exec_driver_sql(web.MOST_OVERDUE).one()

    def late(units: frozenset[int] | None) -> Callable[[], float]:
        asked = LateQuestion(as_of=NOW, unit_ids=units)
        return lambda: float(sum(1 for _ in overdue(store, context.calendars, asked).rows))

    yield Question("overdue of a unit, whole", late(frozenset({unit_id})))
    yield Question("overdue of the province, whole", late(None), 3)
    for name in RATES:
        yield Question(name, lambda name=name: float(bool(rates.ASKED[name][0](store))))  # type: ignore[misc]
    application = create_app(context, RATELIMIT_ENABLED=False)
    clients = {role: logged_in(application.test_client(), role) for role in web.ROLES}
    for name in PAGES:
        page = web.PAGES[name]
        address = page.address.format(overdue=code)
        yield Question(f"page: {name}", lambda c=clients[page.role], a=address: answered(c, a))  # type: ignore[misc]
    yield Question("counts after an import (one month)", lambda: recounted(store), 2)


def answered(client: FlaskClient, address: str) -> float:
    """The bytes of a page."""
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return float(len(answer.data))


def recounted(store: Store) -> float:
    """One month counted anew, as after a load that touched it."""
    with turn(store, Lock.INGEST) as mine:
        mine.begin_writing()
        mark(mine.session, [(202609, 202609)])
    return float(refresh(store, NOW))


def logged_in(client: FlaskClient, role: str) -> FlaskClient:
    """The client of somebody."""
    found = TOKEN.search(client.get("/dang-nhap").text)
    assert found
    answer = client.post("/dang-nhap", data={"login": role, "password": web.PASSWORD, "csrf_token": found[1]})
    assert answer.status_code == 302, answer.status_code
    return client


def timed(question: Question, rounds: int) -> dict[str, float]:
    """The best of the rounds, once before to be warm."""
    answer, best, processor = question.ask(), float("inf"), float("inf")
    for _ in range(min(rounds, question.most)):
        started, own = time.perf_counter(), time.process_time()
        question.ask()
        best = min(best, time.perf_counter() - started)
        processor = min(processor, time.process_time() - own)
    return {"ms": round(1000 * best, 2), "processor_ms": round(1000 * processor, 2), "answer": answer}


def one_store(place: Kept, rounds: int) -> dict[str, Any]:
    """All questions to one store."""
    with tempfile.TemporaryDirectory(prefix="dunghen-growth-") as name:
        folder = Path(name)
        (folder / "var").mkdir()
        configured(folder / "config.toml", place.url, **{"store.data_dir": f'"{folder.as_posix()}/var"'})
        context = Standing(folder / "config.toml")
        store = context.store
        with store.read() as session:
            count = session.connection().exec_driver_sql("SELECT max(id) FROM dossier").scalar_one()
        refresh(store, NOW)
        figures = {each.name: timed(each, rounds) for each in questions(context, store)}
        store.close()
    return {"rows": count, "figures": figures}


def table(results: list[dict[str, Any]]) -> str:
    """By question and store."""
    lines = [
        f"{'milliseconds (of them processor here)':<40}" + "".join(f"{each['rows']:>22,}" for each in results)
    ]
    for name in results[-1]["figures"]:
        told = [each["figures"][name] for each in results]
        cells = "".join(f"{one['ms']:>13} ({one['processor_ms']:>6})" for one in told)
        ratio = told[-1]["ms"] / max(told[0]["ms"], 0.01)
        size = told[-1]["answer"] / max(told[0]["answer"], 1)
        lines.append(f"{name:<40}{cells}   x{ratio:.1f}, answer x{size:.1f}")
    return "\n".join(lines)


@contextmanager
def places(folders: list[Path], database: str) -> Iterator[Iterator[Kept]]:
    """The stores, one after the other."""

    def one_by_one() -> Iterator[Kept]:
        for folder in folders:
            with kept(folder, database) as place:
                yield place

    yield one_by_one()


def main() -> None:
    """Measure and print."""
    os.environ.pop("DUNGHEN_DATABASE_URL", None)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, action="append", required=True)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with places(asked.store, asked.database) as found:
        results = [one_store(place, asked.rounds) for place in found]
    print(table(results))
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1), "utf-8")


if __name__ == "__main__":
    main()
