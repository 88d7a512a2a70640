"""What came of a Monday: how long pages took with and without the load, and whether everything is as it has to be."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from benchmarks.monday.batch import Pusher, letters_by_state
from benchmarks.monday.province import MONDAY
from letters.series import series_check
from tracker.pipeline.summaries import check, refresh
from tracker.store.session import Store, open_store

Figures = dict[str, Any]
MUST, AIM = 300, 100
ACCEPTED = frozenset({200, 302, 303})


def pages(path: Path, spans: Mapping[str, tuple[float, float]]) -> Figures:
    """Milliseconds by span and page; the ratio of the last span to the first where both have it."""
    found: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in spans}
    faults: Counter[str] = Counter()
    for line in path.read_text("utf-8").splitlines():
        told = json.loads(line)
        for name, (begin, end) in spans.items():
            if begin <= told["due"] < end:
                for page in (told["page"], "all pages"):
                    found[name][page].append(1000 * told["seconds"])
                if told["status"] not in ACCEPTED:
                    faults[f"{name}: {told['page']} answered {told['status']}"] += 1
    figures = {name: {page: _spread(each) for page, each in by.items()} for name, by in found.items()}
    first, last = (figures[name] for name in (next(iter(spans)), list(spans)[-1]))
    for page, spread in last.items():
        if page in first:
            spread["to_quiet"] = round(spread["p95"] / max(first[page]["p95"], 0.1), 1)
    return {**figures, "faults": dict(faults)}


def _spread(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return {
        "count": len(ordered),
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
        "max": round(ordered[-1], 1),
    }


# ---------------------------------------------------------------- is all as it has to be


def faults(
    url: str, now: datetime, mails: Iterable[EmailMessage], pusher: Pusher
) -> tuple[list[str], Figures]:
    """What is not as it has to be, and the figures that were looked at."""
    store = open_store(url)
    with closing(store):
        wrong = [*_works(store), *_letters(store), *_mails(store, mails), *pusher.failed]
        refresh(store, now)
        found = check(store, now, months=3)
        wrong += [f"counts: {difference}" for difference in found.differences[:5]]
        with store.read() as session:
            states = letters_by_state(session)
    return wrong, {"dossiers by state of the ledger": states, "sums compared with a recount": found.compared}


def _works(store: Store) -> Iterator[str]:
    for kind, state, fault, count in rows(
        store,
        "SELECT kind, state, fault, count(*) FROM work_item WHERE state <> 'done' GROUP BY kind, state, fault",
    ):
        yield f"work {kind}: {count} {state} {fault}"
    for state, count in rows(
        store,
        "SELECT state, count(*) FROM outbox_message WHERE state NOT IN ('sent', 'delivered') GROUP BY state",
    ):
        yield f"messages: {count} {state}"


def _letters(store: Store) -> Iterator[str]:
    with store.read() as session:
        for fault in series_check(session)[:5]:
            yield f"number {fault.number} of series {fault.series_id}: {fault.kind} {fault.why}"
    for (doubled,) in rows(
        store,
        "SELECT count(*) FROM (SELECT dossier_id FROM letter WHERE state <> 'void' GROUP BY dossier_id"
        " HAVING count(*) > 1) AS twice",
    ):
        if doubled:
            yield f"letters: {doubled} dossiers have two"
    for state, count in rows(store, "SELECT state, count(*) FROM letter GROUP BY state"):
        if state not in ("numbered", "void"):
            yield f"letters: {count} stand at {state}"
    for (lost,) in rows(
        store,
        "SELECT count(*) FROM letter l WHERE l.state = 'numbered' AND NOT EXISTS"
        " (SELECT 1 FROM letter_number n WHERE n.letter_id = l.id AND n.state = 'used')",
    ):
        if lost:
            yield f"letters: {lost} numbered without a number of a series"


def _mails(store: Store, taken: Iterable[EmailMessage]) -> Iterator[str]:
    """Each mail that the program says is sent was taken by the server once."""
    numbers = Counter(str(mail["Message-ID"]) for mail in taken)
    doubled = [number for number, times in numbers.items() if times > 1]
    if doubled:
        yield f"mails: {len(doubled)} were taken twice"
    of_monday = f"channel = 'email' AND state = 'sent' AND created_at >= {int(MONDAY.timestamp())}"
    for (sent,) in rows(store, f"SELECT count(*) FROM outbox_message WHERE {of_monday}"):
        if sent != len(numbers):
            yield f"mails: {sent} are told as sent, {len(numbers)} were taken"


def rows(store: Store, question: str) -> list[tuple[Any, ...]]:
    """The answer to a question in the database's own words."""
    with store.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(question)]


# ---------------------------------------------------------------- for eyes


def table(result: Figures) -> str:
    """The result as lines."""
    lines = [
        f"{result['database']}: {result['rows']:,} dossiers, {result['store_gib']} GiB; {result['people']} people, one page in"
        f" {result['think']} s each; load {result['load_seconds']} s",
        f"  {'page':<26}{'asked':>6}{'quiet p50':>11}{'p95':>8}{'load p50':>10}{'p95':>8}{'p99':>8}{'max':>9}{'p95 ratio':>11}",
    ]
    quiet, load = result["pages"]["quiet"], result["pages"]["load"]
    for page in sorted(load, key=lambda name: (name != "all pages", -load[name]["p95"])):
        before, with_load = quiet.get(page, {"p50": "", "p95": ""}), load[page]
        lines.append(
            f"  {page:<26}{with_load['count']:>6}{before['p50']:>11}{before['p95']:>8}{with_load['p50']:>10}"
            f"{with_load['p95']:>8}{with_load['p99']:>8}{with_load['max']:>9}{with_load.get('to_quiet', ''):>11}"
        )
    lines.append(f"  must: p95 <= {MUST} ms; aim: {AIM} ms")
    lines += [f"  {name}: {told}" for name, told in result["works"].items()]
    lines += [
        f"  {name}: {result[name]}"
        for name in ("jobs", "mails", "pushes", "processor_seconds", "most_mib", "after")
    ]
    lines += [f"  held {where}: {told}" for where, told in result["held"].items()]
    lines += [f"  FAULT {fault}" for fault in [*result["pages"]["faults"].items(), *result["faults"]]]
    return "\n".join(lines)
