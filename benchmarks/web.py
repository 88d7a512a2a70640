"""Pages of an office with millions of dossiers, as four people at once ask for them: board, lists, search, dossier, cockpit.

`python -m benchmarks.web [--rows N] [--database sqlite|postgresql|both] [--processes 1,2] [--seconds S] [--json FILE]
[--keep FOLDER]`
prints a table. Dossiers as in `benchmarks.rates` with names, 0.9 % open and 0.11 % overdue; counts by month and keys of
the search made. The program runs in web processes of its own (`benchmarks.web_server`), the clients (wrk, a C program:
`apt-get install wrk`) in another. Beside each page stand, in the same run, its template with ready values, and the bare
"ok" of the server. Milliseconds at 50 and 95 of a hundred requests, queries and bytes of one.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from app.accounts import new_salt
from benchmarks import rates
from benchmarks.kept import kept
from benchmarks.rates import NOW, UNITS
from tests.passwords import cheap_hash
from tests.web.conftest import TOKEN
from tracker.config import DATABASE_URL_VARIABLE
from tracker.errors import WorkFailed
from tracker.pipeline.search_keeping import rebuild
from tracker.pipeline.summaries import refresh
from tracker.store import people
from tracker.store.migrate import ensure_current
from tracker.store.people import NewAccount
from tracker.store.session import Session, Store, open_store

SHIPPED = Path(__file__).parents[1] / "config.toml"
PASSWORD = "mat-khau-do-thu-1"
CLIENTS = 4
DAY = 86_400
OVERDUE_OF_OPEN = 8  # 0.11 % of all with 0.9 % open
FAMILIES, MIDDLES, GIVENS = (
    ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "H'", "Y", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Dương"),
    ("Văn", "Thị", "Hữu", "Đức", "Ngọc", "Minh", "Thanh", "Xuân", "Quốc", "Kim", "Thu"),
    ("An", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hạnh", "Khánh", "Lan", "Long", "Mai", "Nam", "Nga", "Phúc", "Quân",
     "Sơn", "Thảo", "Trang", "Tú", "Yến"),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A page: who asks for it, and where."""

    role: str
    address: str


PAGES = {
    "board": Asked("desk", "/ban-theo-doi"),
    "late list": Asked("reform", "/qua-han"),
    "late list of a unit": Asked("head", "/qua-han"),
    "search by code": Asked("reform", "/tim?" + urlencode({"q": "BM-"})),
    "search by name": Asked("desk", "/tim?" + urlencode({"q": "Nguyễn Thị Yến"})),
    "dossier": Asked("desk", "/ho-so/{overdue}"),
    "cockpit": Asked("reform", "/tieu-chi/3.4.1?nam=2026"),
    "head's unit": Asked("head", "/don-vi"),
}
ROLES = {"desk": True, "head": True, "reform": False}  # of one unit, or of the whole province
MOST_OVERDUE = (
    "SELECT resolving_unit_id, min(code), count(*) FROM dossier"
    f" WHERE end_kind IS NULL AND source_due_at < {int(NOW.timestamp()) - DAY}"
    " GROUP BY resolving_unit_id ORDER BY 3 DESC, 1 LIMIT 1"
)


def made(rows: int) -> dict[str, str]:
    """As `benchmarks.rates` makes them, but with names, and most open dossiers not yet due."""
    usual = rates.made(rows)
    left = f"({int(NOW.timestamp())} + (1 + n % 23) * {DAY})"
    is_open = f"({usual['ended_at']}) IS NULL"
    due = f"CASE WHEN {is_open} AND (n / 111) % {OVERDUE_OF_OPEN} <> 0 THEN {left} ELSE {usual['source_due_at']} END"
    name = " || ' ' || ".join(
        f"CASE (n / {step}) % {len(words)} "
        + " ".join(f"WHEN {i} THEN '{word.replace(chr(39), chr(39) * 2)}'" for i, word in enumerate(words))
        + " END"
        for step, words in ((7, FAMILIES), (3, MIDDLES), (1, GIVENS))
    )
    phone = "'09' || (10000000 + n * 7919 % 90000000)"
    return usual | {
        "source_due_at": due, "promised_at": due, "documented_due_at": due, "applicant_name": name,
        "applicant_kind": "'citizen'", "channel": usual["channel"].replace("direct", "counter"),
        "status": usual["status"].replace("done", "returned"),
        "phone": phone,
        # Loaded the day after, so that ids are in the order in which dossiers became known, year by year.
        "known_from": f"CASE WHEN {usual['received_at']} + {DAY} < {usual['known_from']}"
                      f" THEN {usual['received_at']} + {DAY} ELSE {usual['known_from']} END",
    }  # fmt: skip


def prepare(store: Store, rows: int, folder: Path) -> dict[str, float]:
    """Fill, count by month, make the keys of the search, add accounts; seconds of each."""
    taken = {"fill": rates.fill(store, rows, made)}
    for name, work in (
        ("counts by month", lambda: refresh(store, NOW)),
        ("keys of the search", lambda: rebuild(store, folder, lambda _told: None)),
    ):
        started = time.perf_counter()
        work()
        taken[name] = time.perf_counter() - started
    with store.transaction() as session:
        add_accounts(session)
        session.connection().exec_driver_sql("ANALYZE")
    return {name: round(seconds, 1) for name, seconds in taken.items()}


def add_accounts(session: Session) -> None:
    """Somebody of each role; who is of a unit is of the one with most overdue."""
    unit_id = session.connection().exec_driver_sql(MOST_OVERDUE).one()[0]
    for role, is_of_unit in ROLES.items():
        unit = unit_id if is_of_unit else None
        account = NewAccount(role, f"Tài khoản {role}", role, unit, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, account, NOW)


# ---------------------------------------------------------------- web processes


@contextmanager
def served(config: Path, url: str, processes: int) -> Iterator[list[int]]:
    """So many web processes, each on a port of its own, as behind a proxy that gives to each in turn."""
    environment = {**os.environ, DATABASE_URL_VARIABLE: url}
    with ExitStack() as stack:
        ports, running = [], []
        for _number in range(processes):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
            command = [sys.executable, "-m", "benchmarks.web_server", str(config), str(listening.fileno())]
            running.append(subprocess.Popen(command, pass_fds=(listening.fileno(),), env=environment))
            ports.append(int(listening.getsockname()[1]))
        try:
            yield ports
        finally:
            for process in running:
                process.terminate()
                process.wait()


def ask(port: int, method: str, address: str, body: str | None = None, **headers: str) -> Any:
    """One request; the answer with its text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request(method, address, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def log_in(port: int, role: str) -> str:
    """The cookie of a session."""
    answer, text = ask(port, "GET", "/dang-nhap")
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    found = TOKEN.search(text)
    assert found
    form = urlencode({"login": role, "password": PASSWORD, "csrf_token": found[1]})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer, _text = ask(port, "POST", "/dang-nhap", form, Cookie=cookie, **kind)
    assert answer.status == 302, answer.status
    return str(answer.headers["Set-Cookie"].partition(";")[0])


REPORT = """done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('JSON {"p50": %.2f, "p95": %.2f, "requests": %d, "faults": %d}\\n', latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, summary.requests, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def press(
    ports: list[int], address: str, folder: Path, seconds: float, headers: dict[str, str]
) -> dict[str, float]:
    """Four clients for a while, as many at each port: milliseconds (of several ports the mean of the middles, and the
    worst 95th), and what failed.
    """
    script = folder / "report.lua"
    script.write_text(REPORT)
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    pressing = [
        subprocess.Popen(
            ["wrk", "-t1", f"-c{CLIENTS // len(ports)}", f"-d{max(1, round(seconds))}s", "--timeout", "60s", "-s",
             script, *given, f"http://127.0.0.1:{port}{address}"], stdout=subprocess.PIPE, text=True,
        )
        for port in ports
    ]  # fmt: skip
    told = [each.communicate()[0] for each in pressing]
    found = [json.loads(line[5:]) for text in told for line in text.splitlines() if line.startswith("JSON ")]
    if len(found) != len(ports):
        raise WorkFailed("wrk told nothing")
    return {
        "p50": round(sum(each["p50"] for each in found) / len(found), 2),
        "p95": max(each["p95"] for each in found),
        "requests": sum(each["requests"] for each in found),
        "faults": sum(each["faults"] for each in found),
    }


def one_page(ports: list[int], asked: Asked, cookie: str, folder: Path, seconds: float) -> dict[str, Any]:
    """A page beside its template and the bare answer."""
    mine = {"Cookie": cookie}
    for port in ports * 3:  # what a process reads once is no cost of a page
        ask(port, "GET", asked.address, **mine)
    _answer, text = ask(ports[0], "GET", asked.address, **mine, **{"X-Bench": "count"})
    counted: dict[str, Any] = json.loads(text)
    if counted["status"] != 200:
        return counted
    for port in ports:  # each process keeps the values of the template for itself
        ask(port, "GET", asked.address, **mine, **{"X-Bench": "template"})
    timed = {
        "page": press(ports, asked.address, folder, seconds, mine),
        "template": press(ports, asked.address, folder, seconds, {**mine, "X-Bench": "template"}),
        "ok": press(ports, asked.address, folder, 1, {"X-Bench": "ok"}),
    }
    ratio = timed["page"]["p50"] / timed["template"]["p50"] if timed["template"]["p50"] else 0.0
    return counted | timed | {"to_template": round(ratio, 2)}


def one_database(url: str, asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All pages on one database."""
    config = folder / "config.toml"
    text = SHIPPED.read_text("utf-8")
    assert 'data_dir = "var"' in text
    config.write_text(text.replace('data_dir = "var"', f'data_dir = "{folder.as_posix()}/var"'), "utf-8")
    (folder / "var").mkdir(exist_ok=True)
    store = open_store(url)
    ensure_current(store)
    with store.read() as session:
        is_ready = people.find_login(session, "desk") is not None
    prepared = {} if is_ready else prepare(store, asked.rows, folder)  # kept from an earlier run
    if is_ready:
        refresh(store, NOW)  # a store that was made for another day stands otherwise by now
    result: dict[str, Any] = {"rows": asked.rows, "prepared": prepared}
    with store.read() as session:
        overdue = session.connection().exec_driver_sql(MOST_OVERDUE).one()[1]
    store.close()
    for processes in asked.processes:
        with served(config, url, processes) as ports:
            cookies = {role: log_in(ports[0], role) for role in ROLES}
            result[f"{processes} web"] = {
                name: one_page(ports, Asked(page.role, page.address.format(overdue=overdue)), cookies[page.role], folder,
                               asked.seconds)
                for name, page in PAGES.items()
                if name in (asked.pages or PAGES)
            }  # fmt: skip
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--processes", type=lambda text: [int(n) for n in text.split(",")], default=[1, 2])
    parser.add_argument("--pages", type=lambda text: text.split(","))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="folder where the stores stay for the next run")
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        raise WorkFailed("needs wrk, a client that does not share our interpreter: apt-get install wrk")
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="dunghen-web-") as passing:
        folder = asked.keep or passing
        for database in ("sqlite", "postgresql") if asked.database == "both" else (asked.database,):
            with kept(Path(folder), database) as place:
                place.make()
                result[database] = one_database(place.url, asked, Path(folder))
    print(table(result))
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=1), "utf-8")


def table(result: dict[str, Any]) -> str:
    """The result for eyes."""
    lines = []
    for database, found in result.items():
        lines.append(
            f"{database}: {found['rows']:,} dossiers of {UNITS} units; prepared in {found['prepared']}"
        )
        for name, pages in found.items():
            if not name.endswith(" web"):
                continue
            lines.append(
                f"  {name + ' process(es)':<22}{'p50':>8}{'p95 ms':>8}{'template p50':>14}{'p95':>8}{'ok':>6}"
                f"{'ratio':>7}{'queries':>9}{'bytes':>9}{'gzipped':>9}"
            )
            for page, told in pages.items():
                if told["status"] != 200:
                    lines.append(f"  {page:<22}answered {told['status']}")
                    continue
                lines.append(
                    f"  {page:<22}{told['page']['p50']:>8}{told['page']['p95']:>8}{told['template']['p50']:>14}"
                    f"{told['template']['p95']:>8}{told['ok']['p50']:>6}{told['to_template']:>7}{told['queries']:>9}"
                    f"{told['bytes']:>9}{told['gzipped']:>9}" + (" FAULTS" if told["page"]["faults"] else "")
                )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
