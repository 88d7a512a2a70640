"""Long work keeps nobody waiting: while a load or a preview is at work, everybody else reads and writes at once.

Another process is a second store here, one that waits for nobody, or a real program; long work is stopped between two
chunks by its own messages, or before its next statement, and never by a clock.
"""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from tests.databases import SQLITE, chosen
from tests.flows.office import NOW, OTHER_PROVINCIAL, Office, row
from tests.flows.test_ingest_portal import EVENTS, dossier, envelope, payload
from tests.store.test_locks import held_elsewhere
from tracker.errors import UsageError, WorkFailed
from tracker.pipeline import calendar_changes
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import audit, batches
from tracker.store.audit import Act
from tracker.store.locks import Lock
from tracker.store.models import AuditEntry, Batch, Dossier, Suspension
from tracker.store.session import Session, Store, open_store
from tracker.store.turns import staged_turn, turn
from tracker.types import IngestReport
from tracker.types.calendars import AddDay, ChangeState

STOPPED = "Bổ sung hồ sơ: 02/03/2022 08:00:00 -"
RESUMED = "Bổ sung hồ sơ: 02/03/2022 08:00:00 - 03/03/2022 08:00:00"
HOLIDAY = AddDay("B", date(2026, 8, 19), "Lễ hội", "TB 1")


@contextmanager
def before_each_statement(store: Store, happening: Callable[..., object]) -> Iterator[None]:
    """`happening(connection, cursor, statement, …)` comes before every statement of the store."""

    def before(*told) -> None:
        happening(*told)

    event.listen(store.engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        event.remove(store.engine, "before_cursor_execute", before)


def nothing(_message: str = "") -> None:
    """Let it go on."""


@pytest.fixture
def desk(office: Office) -> Iterator[Store]:
    """The store of the office, in this process."""
    store = open_store(office.url)
    yield store
    store.close()


@pytest.fixture
def hasty(office: Office) -> Iterator[Store]:
    """The same database for somebody who waits for nobody."""
    store = impatient(office.url)
    yield store
    store.close()


def impatient(url: str) -> Store:
    """A store whose writers give up at once."""
    store = open_store(url)

    def ask(connection, _record) -> None:
        if chosen().name == SQLITE:
            connection.execute("PRAGMA busy_timeout = 0")
        else:
            connection.execute("SET lock_timeout = 1")
            connection.commit()

    event.listen(store.engine, "connect", ask)
    return store


def note(store: Store, subject: str = "") -> None:
    """Write something short."""
    with store.transaction() as session:
        audit.append_acts(session, [Act(NOW, "can-bo", "view", subject, {})])


def noted(store: Store) -> int:
    with store.read() as session:
        return session.scalar(select(func.count()).where(AuditEntry.action == "view")) or 0


def known_batches(store: Store) -> list[int]:
    with store.read() as session:
        return list(session.scalars(select(Batch.id).order_by(Batch.id)))


def load(
    store: Store, *paths: Path, meanwhile: Callable[[str], object] = nothing, in_same_step=None, **given
) -> IngestReport:
    plan = IngestPlan(paths, NOW + timedelta(days=1), chunk_rows=given.pop("chunk_rows", 10), **given)
    return ingest(store, "B", plan, meanwhile, in_same_step=in_same_step)


def of_every_kind(office: Office) -> list[Path]:
    """Files after which a load has written to every table that it ever writes to, in several chunks."""
    office.ingest([row(n, suspensions=STOPPED) for n in range(1, 41)])
    rows = [row(n, note="đổi") for n in range(1, 21)]
    rows += [row(n, suspensions=RESUMED) for n in range(21, 41)]
    rows += [row(n, resolving_unit=f"Đơn vị lạ {n}", field_name=f"Lĩnh vực {n}") for n in range(41, 61)]
    rows += [row(n, procedure_code=f"9.{n:06}", due_at="31/02/2022") for n in range(61, 71)]
    return [
        office.write("bang.csv", rows),
        payload(office, "goi.json", envelope([dossier()]), envelope(EVENTS, "CapNhatTienDoHoSoMC")),
    ]


def long_table(office: Office, more: bytes = b"") -> Path:
    """New rows in several chunks; `more` stands behind the last."""
    path = office.write("tep.csv", [row(n) for n in range(1, 101)])
    path.write_bytes(path.read_bytes() + more)
    return path


# ---------------------------------------------------------------- a load at work


def test_between_any_two_chunks_of_a_load_others_write_at_once_and_read_what_was(
    office: Office, desk: Store, hasty: Store
):
    paths = of_every_kind(office)
    seen = []

    def meanwhile(message: str) -> None:
        note(hasty, message)
        seen.append(known_batches(hasty))

    report = load(desk, *paths, meanwhile=meanwhile, source="nguon-moi")
    assert len(seen) > 7
    assert seen == [[1]] * len(seen)
    assert noted(hasty) == len(seen)
    assert known_batches(hasty) == [1, report.batch]
    assert office.is_sound()


def test_a_load_takes_the_write_lock_for_none_of_its_statements_but_the_last_ones(
    office: Office, desk: Store, hasty: Store
):
    """Whatever a load writes to, it must be kept aside; the first statement that is not is named here."""
    paths = of_every_kind(office)
    held: list[str] = []

    def before(_connection, _cursor, statement, *_more) -> None:
        if held:
            return
        try:
            note(hasty)
        except WorkFailed:
            held.append(statement)

    with before_each_statement(desk, before):
        load(desk, *paths)
    assert noted(hasty) > 50
    if chosen().name == SQLITE:
        # A statement is noticed after the one that took the lock: the first that publishes is the second at most.
        assert held[0].startswith(("PRAGMA main.schema_version", "DELETE FROM main.", "INSERT INTO main."))
    assert office.is_sound()


def test_a_program_of_its_own_opens_accounts_while_a_load_is_at_work(office: Office, desk: Store):
    ended = []

    def meanwhile(message: str) -> None:
        if not ended:
            with office.start("user", "add", "can-bo", "--role", "desk", stdin=subprocess.PIPE) as program:
                told = program.communicate("mat-khau-du-dai-9\n")
            ended.append((program.returncode, told))
            assert office.query("SELECT login FROM user_account") == [("can-bo",)], (message, ended)

    load(desk, long_table(office), meanwhile=meanwhile)
    assert [status for status, _ in ended] == [0], ended


TOLD = ("dossier", "dossier_revision", "suspension", "suspension_revision", "due_seen", "event")


def test_rows_of_one_dossier_far_apart_in_a_load_come_to_what_rows_side_by_side_come_to(tmp_path: Path):
    """A chunk reads what the chunks before it wrote: changed rows, suspensions that were told anew."""
    between = [row(n) for n in range(100, 140)]
    told = [row(1, note="một", suspensions=STOPPED), row(2, note="một"), row(1, suspensions=RESUMED), row(2)]
    apart, together = tmp_path / "apart", tmp_path / "together"
    dumps = []
    for folder, size in ((apart, 10), (together, 1_000)):
        folder.mkdir()
        office = Office(folder).furnished()
        office.ingest([row(1, suspensions=STOPPED), row(3)])
        store = open_store(office.url)
        path = office.write("tep.csv", [*told[:2], *between, *told[2:]])
        report = load(store, path, chunk_rows=size)
        store.close()
        assert (report.new, report.changed) == (41, 3)
        dumps.append({table: rows for table, rows in office.dump().items() if table in TOLD})
    assert dumps[0] == dumps[1]


def test_a_dry_run_waits_for_no_writer(office: Office, desk: Store):
    path = long_table(office)
    before = office.dump()
    with held_elsewhere(desk, Lock.AUDIT):
        assert load(desk, path, dry_run=True).new == 100
    assert office.dump() == before


def test_a_load_that_cannot_write_in_the_end_leaves_nothing_and_can_be_repeated(office: Office, hasty: Store):
    path = long_table(office)
    before = office.dump()
    with held_elsewhere(hasty, Lock.AUDIT), pytest.raises(WorkFailed, match="đang bận"):
        load(hasty, path)
    assert office.dump() == before
    assert load(hasty, path).new == 100


def test_a_second_load_waits_for_the_first(office: Office, desk: Store, hasty: Store):
    path = long_table(office)
    refused = []

    def meanwhile(_message: str) -> None:
        with pytest.raises(WorkFailed, match="đang bận") as told:
            load(hasty, path)
        refused.append(told)

    assert load(desk, path, meanwhile=meanwhile).new == 100
    assert len(refused) > 5
    assert load(hasty, path).unchanged == 100


# ---------------------------------------------------------------- what a load leaves


def files_beside(office: Office) -> set[str]:
    return {path.name.removeprefix(office.database.name) for path in office.database.parent.iterdir()}


@pytest.mark.sqlite_only("files beside the database")
@pytest.mark.parametrize("fails", [False, True])
def test_a_load_leaves_no_file_but_the_empty_one_that_is_its_lock(office: Office, fails: bool):
    office.configure(chunk_rows="100")
    path = long_table(office, b'"\xff\r\n' if fails else b"")
    assert office.run("ingest", path).status == (3 if fails else 0)
    assert files_beside(office) == {"", "-ingest.lock"}
    assert Path(f"{office.database}-ingest.lock").stat().st_size == 0


@pytest.mark.sqlite_only("files beside the database")
def test_while_a_load_is_at_work_two_files_are_its_own(office: Office, desk: Store):
    seen: set[str] = set()
    load(desk, long_table(office), meanwhile=lambda _message: seen.update(files_beside(office)))
    assert {name for name in seen if name.startswith("-ingest")} == {"-ingest.lock", "-ingest.staging"}


@pytest.mark.sqlite_only("files beside the database")
def test_what_a_killed_load_left_beside_the_database_is_removed_by_the_next(office: Office):
    left = Path(f"{office.database}-ingest.staging")
    left.write_bytes(b"of a load that was killed")
    office.ingest([row(1)])
    assert not left.exists()


@pytest.mark.sqlite_only("PostgreSQL lets nobody alter a table that a load writes to")
def test_a_load_whose_tables_were_altered_meanwhile_is_refused(office: Office, desk: Store, hasty: Store):
    def meanwhile(_message: str) -> None:
        with hasty.transaction() as session:
            session.execute(text("ALTER TABLE event ADD COLUMN more TEXT"))

    with pytest.raises(WorkFailed, match="Cấu trúc cơ sở dữ liệu đã đổi"):
        load(desk, office.write("tep.csv", [row(1)]), meanwhile=meanwhile)
    assert known_batches(hasty) == []


# ---------------------------------------------------------------- in the same step


def test_what_belongs_to_a_load_is_written_in_the_step_that_makes_it_visible(
    office: Office, desk: Store, hasty: Store
):
    visible = []

    def mark(session: Session) -> None:
        visible.append((len(list(session.scalars(select(Batch.id)))), known_batches(hasty)))
        audit.append_acts(session, [Act(NOW, "worker", "work_done", "work:1", {})])

    load(desk, office.write("tep.csv", [row(1)]), in_same_step=mark, actor="hoa")
    assert visible == [(1, [])]
    with desk.read() as session:
        newest, before = audit.recent_acts(session)
    assert (newest.actor, newest.action, newest.subject) == ("hoa", "ingest", "batch:1")
    assert (newest.detail["read"], newest.detail["new"], len(newest.detail["sha256"])) == (1, 1, 1)
    assert before.action == "work_done"


def test_a_load_whose_last_step_fails_is_none(office: Office, desk: Store):
    def mark(_session: Session) -> None:
        raise UsageError("người khác đã giành việc này")

    before = office.dump()
    with pytest.raises(UsageError, match="giành việc"):
        load(desk, office.write("tep.csv", [row(1)]), in_same_step=mark)
    assert office.dump() == before


def test_a_dry_run_shows_what_would_be_kept_and_keeps_nothing(office: Office, desk: Store):
    seen: list[int] = []

    def look(session: Session) -> None:
        seen.append(batches.newest(session)[1]["new"])

    load(desk, office.write("tep.csv", [row(1)]), in_same_step=look, dry_run=True)
    assert seen == [1]
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]
    assert office.query("SELECT count(*) FROM audit_entry") == [(0,)]


# ---------------------------------------------------------------- turns


def test_a_turn_that_only_looks_so_far_keeps_short_writers_from_nothing_and_another_turn_waiting(
    desk: Store, hasty: Store
):
    with turn(desk, Lock.INGEST) as mine:
        assert batches.first_known(mine.session) is None
        note(hasty)
        with pytest.raises(WorkFailed, match="đang bận"), turn(hasty, Lock.INGEST):
            pass
        mine.begin_writing()
        batches.open_batch(mine.session, 1, NOW)
        with pytest.raises(WorkFailed, match="đang bận"), turn(hasty, Lock.INGEST):
            pass
    with turn(hasty, Lock.INGEST) as next_one:
        assert batches.first_known(next_one.session) == NOW


@pytest.mark.sqlite_only("a deferred write lock")
def test_what_others_wrote_while_a_turn_looked_is_read_anew_when_it_begins_writing(desk: Store, hasty: Store):
    with turn(desk, Lock.INGEST) as mine:
        assert noted_in(mine.session) == 0
        note(hasty)
        assert noted_in(mine.session) == 0
        mine.begin_writing()
        assert noted_in(mine.session) == 1
        with pytest.raises(WorkFailed, match="đang bận"):
            note(hasty)


def noted_in(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


@pytest.mark.sqlite_only("staging")
def test_a_staged_turn_reads_what_it_wrote_and_nobody_else_does(office: Office, desk: Store, hasty: Store):
    office.ingest([row(1, suspensions=STOPPED), row(2)])
    with staged_turn(desk, Lock.INGEST) as mine:
        execute = mine.session.connection().exec_driver_sql
        execute("UPDATE dossier SET note = 'đổi' WHERE id = 1")
        execute("DELETE FROM suspension WHERE dossier_id = 1")
        execute("INSERT INTO field (id, folded, name) VALUES (999, 'la', 'Lạ')")
        assert notes(mine.session) == {1: "đổi", 2: ""}
        assert mine.session.scalars(select(Suspension.dossier_id)).all() == []
        with hasty.read() as others:
            assert notes(others) == {1: "", 2: ""}
            assert others.scalars(select(Suspension.dossier_id)).all() == [1]
        mine.begin_writing()
        assert notes(mine.session) == {1: "đổi", 2: ""}
    with hasty.read() as others:
        assert notes(others) == {1: "đổi", 2: ""}
        assert others.scalars(select(Suspension.dossier_id)).all() == []
    assert office.query("SELECT name FROM field WHERE id = 999") == [("Lạ",)]


def notes(session: Session) -> dict[int, str]:
    return {number: said for number, said in session.execute(select(Dossier.id, Dossier.note))}


# ---------------------------------------------------------------- changes of the calendar


def open_dossiers(office: Office) -> None:
    office.ingest(
        [
            row(n, received_at="17/08/2026 08:00:00", due_at="", resolving_unit=OTHER_PROVINCIAL)
            for n in range(1, 9)
        ]
    )


def propose(store: Store, now: datetime = NOW):
    return calendar_changes.propose(
        store, (HOLIDAY,), calendar_key="B", reason="Theo thông báo", actor="hoa", now=now
    )


def approve(store: Store, change, now: datetime = NOW):
    return calendar_changes.approve(
        store, change.change_id, calendar_key="B", actor="binh", now=now, digest=change.preview.digest
    )


@pytest.mark.parametrize("decide", ["propose", "approve"])
def test_while_a_change_of_the_calendar_looks_ahead_others_write_at_once(
    office: Office, desk: Store, hasty: Store, decide: str
):
    open_dossiers(office)
    change = propose(desk)
    written = refused = 0

    def before(*_told) -> None:
        nonlocal written, refused
        try:
            note(hasty)
        except WorkFailed:
            refused += 1
        else:
            assert refused == 0, "the write lock was let go of in the middle"
            written += 1

    with before_each_statement(desk, before):
        decided = propose(desk) if decide == "propose" else approve(desk, change)
    assert decided.preview.open_moved == 8
    assert written > 10
    assert noted(hasty) == written


@pytest.mark.sqlite_only("on PostgreSQL whoever turns it down waits for whoever approves")
def test_a_change_that_was_turned_down_while_its_approver_looked_ahead_is_not_applied(
    office: Office, desk: Store, hasty: Store
):
    open_dossiers(office)
    change = propose(desk)
    turned_down = []

    def before(_connection, _cursor, statement, *_more) -> None:
        if not turned_down and "FROM dossier" in statement:
            turned_down.append(calendar_changes.withdraw(hasty, change.change_id, actor="hoa", now=NOW))

    with before_each_statement(desk, before), pytest.raises(UsageError, match="đã được quyết định"):
        approve(desk, change)
    assert turned_down
    assert calendar_changes.change(desk, change.change_id).state is ChangeState.WITHDRAWN
    assert office.query("SELECT count(*) FROM calendar_journal") == [(0,)]


@pytest.mark.sqlite_only("on PostgreSQL whoever turns it down waits for the load")
def test_a_proposal_is_turned_down_while_a_load_is_at_work(office: Office, desk: Store, hasty: Store):
    change = propose(desk)

    def meanwhile(_message: str) -> None:
        calendar_changes.reject(hasty, change.change_id, actor="binh", now=NOW, note="")

    load(desk, office.write("tep.csv", [row(1)]), meanwhile=meanwhile)
    assert calendar_changes.change(desk, change.change_id).state is ChangeState.REJECTED
