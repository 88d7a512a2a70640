"""A province of so many dossiers on a Friday evening, ready for its Monday: what `benchmarks.web` makes, and what an office has.

Every dossier has its due date seen, every ended one of the last two years its end as an event, one in twenty-five a
suspension; the newest 4.2 % (420,000 of ten million) came by the program's own loading, as a file that is exported every week.
The ledger of apologies stands: what ended late before the office began to write letters is told as that, 46,885 of ten
million are owed. Three hundred people have accounts and every unit its own series of numbers.
"""

import csv
import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from app.accounts import new_salt
from app.context import AppContext
from app.jobs import JOBS
from app.works import alerting
from app.works.drafting import letter_policy
from benchmarks import rates, web
from benchmarks.rates import DAY, FIRST_ID, LOADED, NOW, UNITS
from letters.keeping import keep_ledger
from tests.flows.office import HEADINGS
from tests.passwords import cheap_hash
from tracker.pipeline import cause_counting, findings, summaries
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.pipeline.search_keeping import refresh as refresh_keys
from tracker.store import batches, finding_keep, people, schedule, search_marks
from tracker.store.finding_keep import Look
from tracker.store.migrate import ensure_current
from tracker.store.models import Dossier
from tracker.store.people import NewAccount
from tracker.store.session import Store
from tracker.types import VN

MONDAY = datetime(2026, 11, 2, 7, 31, tzinfo=VN)
FRIDAY = datetime(2026, 10, 30, 7, 31, tzinfo=VN)
KEYED = 520_000
SOURCE, KEY, SECRET = "bench", "mot-cua", "mot-bi-mat-cua-he-thong-gui"
PASSWORD = web.PASSWORD
LATE_OF_TEN_MILLION = 46_885
WEEKLY_SHARE = 0.042
SUSPENDED, TWO_YEARS = 25, 730 * DAY
# One in so many of each role; 300 people of 320 units.
ROLES: Sequence[tuple[str, int, bool]] = (
    ("desk", 236, True), ("head", 44, True), ("reform", 12, False), ("auditor", 5, False), ("admin", 3, False),
)  # fmt: skip
# Who drafts, approves and numbers for the whole province: a drafter approves nothing.
CLERK, CHIEF = "van-thu", "lanh-dao"
REASON = "Hồ sơ phải xác minh nguồn gốc đất tại thực địa"
# Field -> SQL over the alias d, with the names that exports carry.
EXPORTED = {
    "dossier_code": "d.code", "procedure_code": "p.code", "field_name": "f.name", "resolving_unit": "u.name",
    "receiving_unit": "u.name", "channel": "d.channel", "applicant_name": "d.applicant_name",
    "applicant_kind": "d.applicant_kind", "phone": "d.phone", "received_at": "d.received_at", "due_at": "d.source_due_at",
    "finished_at": "d.finished_at", "withdrawn_at": "CASE WHEN d.end_kind = 'withdrawn' THEN d.ended_at END",
    "status": "d.status",
}  # fmt: skip
INSTANTS = frozenset({"received_at", "due_at", "finished_at", "withdrawn_at"})
WORDS = {
    "counter": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính", "citizen": "Công dân",
    "processing": "Đang xử lý", "returned": "Đã trả kết quả", "withdrawn": "Đã rút",
}  # fmt: skip
Row = dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody of the three hundred: a role, and the unit or None."""

    login: str
    role: str
    unit_id: int | None


def letters_from(store: Store, rows: int) -> date:
    """The office's first day of letters, chosen so that about 46,885 of ten million dossiers are owed one on Monday."""
    wanted, midnight = LATE_OF_TEN_MILLION * rows // 10_000_000, int(MONDAY.timestamp()) - 7 * 3_600 - 1_860
    late = "(ended_at + 25200) / 86400 > (source_due_at + 25200) / 86400"
    count = _one(store, f"SELECT count(*) FROM dossier WHERE ended_at IS NULL AND source_due_at < {midnight}")
    with store.read() as session:
        days = session.connection().exec_driver_sql(
            f"SELECT (ended_at + 25200) / 86400, count(*) FROM dossier WHERE {late} AND end_kind = 'finished'"
            f" AND ended_at > {midnight - 400 * DAY} GROUP BY 1 ORDER BY 1 DESC"
        )
        for day, ended in days:
            if count + ended / 2 > wanted:
                break
            count, first = count + ended, day
    return date(1970, 1, 1) + timedelta(days=int(first))


def staff() -> list[Person]:
    """The three hundred."""
    numbers = iter(range(10_000))
    return [
        Person(f"{role}-{n}", role, FIRST_ID + next(numbers) * 7 % UNITS if of_unit else None)
        for role, count, of_unit in ROLES
        for n in range(count)
    ]


def address_of(person: Person) -> str:
    """Their mail."""
    return f"{person.login}@mail.example"


# ---------------------------------------------------------------- steps of the making


def furnish(store: Store, context: AppContext, rows: int, folder: Path, until: str = "") -> dict[str, float]:
    """Make what is not there yet; the seconds of each step. `until`: no further than before this one."""
    ensure_current(store)
    taken: dict[str, float] = {}
    for name, is_done, work in (
        ("dossiers", "SELECT max(id) FROM dossier", lambda: rates.fill(store, rows, web.made)),
        ("due dates, ends, suspensions", "SELECT 1 FROM due_seen LIMIT 1", lambda: _beside(store)),
        ("accounts, series, reasons", "SELECT 1 FROM number_series LIMIT 1", lambda: _office(store)),
        ("weekly export loaded", "SELECT count(*) - 1 FROM batch", lambda: _weekly(store, rows, folder)),
        ("ledger of apologies", "SELECT 1 FROM obligation LIMIT 1", lambda: _ledger(store, context)),
        ("alerts of Friday", "SELECT 1 FROM alert_run LIMIT 1", lambda: _friday(store, context)),
        ("counts, keys, signs", "", lambda: _counted(store, context, folder)),
    ):
        if name == until:
            break
        if (folder / "ready").exists() or (is_done and _one(store, is_done)):
            continue
        started = time.perf_counter()
        work()
        taken[name] = round(time.perf_counter() - started, 1)
        print(f"  {name}: {taken[name]} s", flush=True)
    return taken


def _one(store: Store, question: str) -> int:
    with store.read() as session:
        return int(session.connection().exec_driver_sql(question).scalar() or 0)


def _beside(store: Store) -> None:
    """Rows beside the dossiers, by arithmetic."""
    now, batch = int(NOW.timestamp()), FIRST_ID
    statements = (
        "INSERT INTO due_seen (dossier_id, seq, kind, due_at, seen_at, batch_id)"
        f" SELECT id, 0, 'source', source_due_at, known_from, {batch} FROM dossier ORDER BY id",
        "INSERT INTO event (dossier_id, seq, at, kind, text, batch_id)"
        f" SELECT id, 0, ended_at, end_kind, '', {batch} FROM dossier WHERE ended_at > {now - TWO_YEARS} ORDER BY id",
        "INSERT INTO suspension (dossier_id, seq, kind, start_at, end_at, batch_id, known_from)"
        f" SELECT id, 1, 'supplement', received_at + {DAY}, received_at + {3 * DAY}, {batch}, known_from FROM dossier"
        f" WHERE id % {SUSPENDED} = 3 AND ended_at > received_at + {4 * DAY} ORDER BY id",
    )
    for statement in statements:
        with store.transaction() as session:
            connection = session.connection()
            lite = connection.dialect.name == "sqlite"
            connection.exec_driver_sql(statement if lite else statement.replace("%", "%%"))


def _office(store: Store) -> None:
    """Accounts, a series of numbers for each unit, a reason for what is late, and the key of the system that pushes."""
    hashed = cheap_hash(PASSWORD)
    everybody = [*staff(), Person(CLERK, "desk", None), Person(CHIEF, "head", None)]
    with store.transaction() as session:
        connection = session.connection()
        if people.find_login(session, "desk") is None:
            web.add_accounts(session)
        schedule.known_jobs(session, list(JOBS), LOADED)  # what was due since then is caught up with
        for person in everybody:
            if people.find_login(session, person.login) is None:
                account = NewAccount(
                    person.login, f"Cán bộ {person.login}", person.role, person.unit_id, hashed, new_salt(),
                    email=address_of(person),
                )  # fmt: skip
                people.add_account(session, account, LOADED)
        at, everybody_by = int(LOADED.timestamp()), "quan-tri"
        connection.exec_driver_sql(
            "INSERT INTO number_series (id, unit_id, symbol, decision, first_number, valid_from, registered_by, registered_at)"
            f" SELECT id, id, 'PXL-' || substr(code, 4), 'QĐ 1/QĐ-UBND', 1, '2026-01-01', '{everybody_by}', {at} FROM unit"
            f" WHERE id >= {FIRST_ID}"
        )
        connection.exec_driver_sql(
            "INSERT INTO delay_reason (id, due_from, due_to, text, entered_by, entered_at) VALUES"
            f" (1, '2021-01-01', '{MONDAY:%Y-%m-%d}', '{REASON}', '{everybody_by}', {at})"
        )


def _weekly(store: Store, rows: int, folder: Path) -> None:
    path = folder / "tuan-truoc.csv"
    write_rows(path, newest(store, rows))
    ingest(store, "B", IngestPlan((path,), LOADED, source=SOURCE), lambda _words: None)


def _ledger(store: Store, context: AppContext) -> None:
    keep_ledger(store, LOADED, letter_policy(context), now=LOADED)


def _friday(store: Store, context: AppContext) -> None:
    """The first look of an office at all that is open, and its digests, which went out that day."""
    alerting.look(context, FRIDAY.date(), FRIDAY, FRIDAY)
    alerting.composer(context, FRIDAY.date(), FRIDAY, FRIDAY).digests()
    with store.transaction() as session:
        session.connection().exec_driver_sql(
            f"UPDATE outbox_message SET state = 'sent', sent_at = {int(FRIDAY.timestamp())}"
        )


def _counted(store: Store, context: AppContext, folder: Path) -> None:
    """What workers keep up behind loads, so that Monday counts what Monday brings. Keys and signs of what was made inside the
    database alone are left out: an hour of work done once.
    """
    summaries.refresh(store, LOADED)
    with store.transaction() as session:
        newest = session.scalar(select(func.max(Dossier.id)))
        assert newest is not None
        search_marks.mark(session, [(max(1, newest - KEYED), newest)])
        rules = findings.current_rules(LOADED).version
        finding_keep.put_look(session, Look(LOADED, batches.newest_id(session), rules))
    refresh_keys(store, folder)
    cause_counting.refresh(store, context.calendars)
    with store.transaction() as session:
        session.connection().exec_driver_sql("ANALYZE")
    (folder / "ready").touch()


# ---------------------------------------------------------------- exports


def newest(store: Store, rows: int) -> Iterator[Row]:
    """The dossiers of the weekly export, as its cells, oldest first."""
    first = rows - int(rows * WEEKLY_SHARE)
    columns = ", ".join(EXPORTED.values())
    with store.read() as session:
        found = session.connection().exec_driver_sql(
            f"SELECT {columns} FROM dossier d JOIN procedure p ON p.id = d.procedure_id JOIN field f ON f.id = d.field_id"
            f" JOIN unit u ON u.id = d.resolving_unit_id WHERE d.id > {first} AND d.id <= {rows} ORDER BY d.id",
            execution_options={"stream_results": True},
        )
        for values in found:
            yield dict(
                zip(EXPORTED, (cell(*each) for each in zip(EXPORTED, values, strict=True)), strict=True)
            )


def cell(name: str, value: Any) -> str:
    """A value as an export writes it."""
    if value is None:
        return ""
    if name in INSTANTS:
        return datetime.fromtimestamp(int(value), VN).strftime("%d/%m/%Y %H:%M:%S")
    return WORDS.get(str(value), str(value))


def write_rows(path: Path, rows: Iterator[Row]) -> int:
    """An export; how many rows."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([HEADINGS[name] for name in EXPORTED])
        for row in rows:
            writer.writerow([row[name] for name in EXPORTED])
            count += 1
    return count


def moved_on(rows: Iterator[Row], every: int) -> Iterator[tuple[Row, bool]]:
    """The same a working day later: one in `every` that was open is finished now, others have another due date."""
    told = MONDAY - timedelta(minutes=40)
    for row in rows:
        spread = int(hashlib.sha256(row["dossier_code"].encode()).hexdigest()[:8], 16)
        is_moved = spread % every == 0
        if is_moved and not row["finished_at"] and not row["withdrawn_at"]:
            row |= {"finished_at": cell("finished_at", told.timestamp()), "status": "Đã trả kết quả"}
        elif is_moved:
            row |= {"phone": f"09{spread % 10**8:08d}"}
        yield row, is_moved


def write_monday(folder: Path, rows: int) -> tuple[Path, Path, int, int]:
    """The morning's export of what changed (with new dossiers), and the whole of the week; how many rows each."""
    changed, whole = folder / "thu-hai.csv", folder / "tuan-nay.csv"
    fresh = list(fresh_rows(range(max(50, rows // 5_000)), MONDAY))
    headings = [HEADINGS[name] for name in EXPORTED]
    counts = [0, 0]
    with (
        (folder / "tuan-truoc.csv").open(encoding="utf-8", newline="") as old,
        changed.open("w", encoding="utf-8", newline="") as day,
        whole.open("w", encoding="utf-8", newline="") as week,
    ):
        writers = csv.writer(day), csv.writer(week)
        for writer in writers:
            writer.writerow(headings)
        table = csv.reader(old)
        next(table)
        known = (dict(zip(EXPORTED, cells, strict=True)) for cells in table)
        for row, is_moved in moved_on(known, 35):
            for place in (0, 1) if is_moved else (1,):
                writers[place].writerow(row.values())
                counts[place] += 1
        for row in fresh:
            for place in (0, 1):
                writers[place].writerow(row.values())
                counts[place] += 1
    return changed, whole, counts[0], counts[1]


def fresh_rows(numbers: Iterable[int], at: datetime) -> Iterator[Row]:
    """Dossiers that were received in the half hour before a moment."""
    blank = dict.fromkeys(EXPORTED, "")
    for number in numbers:
        received, due = at - timedelta(seconds=1 + number % 1_800), at + timedelta(days=3 + number % 20)
        unit, procedure = f"Đơn vị thử {number % UNITS:03d}", number % rates.PROCEDURES
        yield blank | {
            "dossier_code": f"BN-{number}", "procedure_code": f"9.{procedure:06d}",
            "field_name": f"Lĩnh vực thử {procedure % rates.FIELDS:02d}", "resolving_unit": unit, "receiving_unit": unit,
            "channel": "Trực tuyến", "applicant_name": f"Nguyễn Thị {web.GIVENS[number % len(web.GIVENS)]}",
            "applicant_kind": "Công dân", "phone": f"09{number:08d}", "received_at": cell("received_at", received.timestamp()),
            "due_at": cell("due_at", due.timestamp()), "status": "Đang xử lý",
        }  # fmt: skip
