"""Upgrade, the way back, calendar change, months that are kept, erasing: killed before any statement, all of it or nothing is done."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.flows.killing import FORK, killed_before, steps_of
from tests.flows.office import NOW, Office, row
from tests.flows.past_office import past, revision_of
from tests.flows.test_calendar_commands import DAY, REASON, furnish
from tests.flows.test_calendar_commands import PASSWORD as SECRET
from tests.flows.test_upgrade import wait_until
from tracker.errors import DiskFull, OutdatedProgram
from tracker.store.audit import Act, append_acts, append_alone
from tracker.store.in_use import is_in_use
from tracker.store.migrate import newest_revision, revisions, upgrade
from tracker.store.session import open_store

pytestmark = pytest.mark.both_databases

OLD = revisions()[-2]
# Moments by chance of each act, beside the first and the last: one each time, many in `make test-long`.
MOMENTS = (1, pytest.param(40, marks=pytest.mark.long))
ON_FILES = (
    pytest.param(1, marks=pytest.mark.sqlite_only("takes a minute on a server: among the long ones there")),
    pytest.param(15, marks=pytest.mark.long),
)


# An act of few statements has no more moments than these.
FEW = 15


class Acting:
    """An office in which one act is killed again and again, each time beginning with what a model has."""

    def __init__(self, folder: Path, model: Office) -> None:
        self.office, self.model = Office(folder), model
        self.office.now = model.now
        self.office.like(model)

    def afresh(self) -> None:
        self.office.databases.forget(self.office.url)
        self.office.like(self.model)

    def killed(self, work: Callable[[Office], object], look: Callable[[Office], Any], number: int) -> int:
        """Kill it at so many moments: it is as before or as after, and doing it again ends as after. How many kills hit."""
        before = look(self.office)
        steps = steps_of(lambda: work(self.office))
        after = look(self.office)
        assert before != after
        chance = random.Random(number)
        moments = {1, steps - 1, steps, *chance.sample(range(1, steps + 1), min(number, steps))}
        hits = 0
        for moment in sorted(moments):
            self.afresh()
            hits += killed_before(moment, lambda: work(self.office))
            wait_until(lambda: not is_in_use(self.office.url))  # a server notices the end a little later
            assert self.office.is_sound(), moment
            found = look(self.office)
            assert found in (before, after), moment
            if found == before:
                work(self.office)
            assert look(self.office) == after, moment
        return hits


@pytest.fixture
def acting(tmp_path: Path) -> Callable[[Office], Acting]:
    (tmp_path / "acting").mkdir()
    return lambda model: Acting(tmp_path / "acting", model)


def succeeded(office: Office, *command: str, typed: str = "") -> None:
    answer = office.run(*command, typed=typed)
    assert answer.status in (0, 1), answer.err


@pytest.mark.parametrize("number", MOMENTS)
def test_an_upgrade_killed_before_any_statement_left_one_revision_whole(tmp_path: Path, acting, number: int):
    (tmp_path / "model").mkdir()
    model = past(tmp_path / "model", OLD)

    def work(office: Office) -> None:
        store = open_store(office.url)
        upgrade(store)
        store.close()

    def look(office: Office) -> Any:
        return revision_of(office), office.dump(without={"alembic_version"})

    assert acting(model).killed(work, look, number) >= min(number, FEW)


@pytest.mark.parametrize("number", MOMENTS)
def test_a_calendar_change_killed_before_any_statement_moved_all_dossiers_or_none(
    tmp_path: Path, acting, number: int
):
    (tmp_path / "model").mkdir()
    model = Office(tmp_path / "model").furnished()
    furnish(model)
    new = {"received_at": "17/08/2026 08:00:00", "limit_text": "5 ngày làm việc", "due_at": ""}
    model.ingest([row(n, **new) for n in range(1, 300)])
    model.now = NOW + timedelta(hours=1)
    succeeded(model, *DAY, *REASON)

    def work(office: Office) -> None:
        answer = office.run("calendar", "approve", "1", "--login", "binh", typed=f"{SECRET}\n")
        assert answer.status == 0 or "áp dụng" in answer.err, answer.err

    def look(office: Office) -> Any:
        moved = office.query("SELECT documented_due_at, count(*) FROM dossier GROUP BY 1")
        journal = office.query("SELECT count(*) FROM calendar_journal")
        (state,) = office.query("SELECT state FROM calendar_change")
        return moved, journal, state, office.query("SELECT count(*) FROM calendar_day")

    assert acting(model).killed(work, look, number) >= min(number, FEW)


@pytest.mark.parametrize("number", ON_FILES)
def test_months_that_are_kept_are_kept_whole_or_not_at_all(tmp_path: Path, acting, number: int):
    (tmp_path / "model").mkdir()
    model = past(tmp_path / "model", OLD)
    succeeded(model, "db", "upgrade", "--no-backup")
    model.now += timedelta(days=7)

    def work(office: Office) -> None:
        succeeded(office, "jobs", "run", "snapshots", "--day", f"{date(2026, 12, 5)}")

    def look(office: Office) -> Any:
        return office.query("SELECT month FROM rate_snapshot ORDER BY month"), office.query(
            "SELECT count(*) FROM audit_entry WHERE action = 'snapshot_keep'"
        )

    assert acting(model).killed(work, look, number) >= 1


@pytest.mark.parametrize("number", ON_FILES)
def test_the_way_back_killed_before_any_statement_left_one_store_whole(tmp_path: Path, acting, number: int):
    (tmp_path / "model").mkdir()
    model = past(tmp_path / "model", OLD)
    backup = model.ask("db", "upgrade")["backup"]

    def work(office: Office) -> None:
        if revision_of(office) == newest_revision():
            succeeded(office, "db", "rollback", str(backup), "--yes")

    def look(office: Office) -> Any:
        found = office.dump(without={"alembic_version", "audit_entry.at", "audit_entry.chain"})
        return revision_of(office), {name: len(rows) for name, rows in found.items()}

    assert acting(model).killed(work, look, number) >= min(number, FEW)


def test_two_who_upgrade_at_once_do_it_once(tmp_path: Path):
    office = past(tmp_path, OLD)

    def work() -> None:
        store = open_store(office.url)
        assert upgrade(store) == newest_revision()
        store.close()

    both = [FORK.Process(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert [each.exitcode for each in both] == [0, 0]
    assert office.query("SELECT version_num FROM alembic_version") == [(newest_revision(),)]
    assert office.is_sound()


@pytest.mark.sqlite_only("its own limit of pages stands for a full disk")
def test_a_disk_that_is_full_in_the_middle_of_an_upgrade_leaves_the_old_revision(tmp_path: Path):
    office = past(tmp_path, OLD)
    before = office.dump()
    store = open_store(office.url)

    def fill(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(store.engine, "connect", fill)
    with pytest.raises(DiskFull, match="đầy"):
        upgrade(store)
    store.close()
    event.remove(store.engine, "connect", fill)
    assert (revision_of(office), office.dump()) == (OLD, before)
    assert upgrade(store) == newest_revision()
    store.close()


@pytest.mark.postgresql_only("on SQLite there is one write lock for all")
def test_an_upgrade_waits_for_a_load_that_has_begun_and_none_begins_meanwhile(tmp_path: Path):
    office = past(tmp_path, OLD)
    writer, upgrader, late = (open_store(office.url) for _ in range(3))
    for store in (writer, late):
        store.stay_at(OLD)
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'alembic_version'::regclass AND NOT granted"
    with ThreadPoolExecutor(2) as both:
        with writer.transaction() as session:
            upgraded = both.submit(upgrade, upgrader)
            wait_until(lambda: office.query(waiting) == [(1,)])
            refused = both.submit(lambda: append_alone(late, Act(office.now, "x", "view", "y", {})))
            append_acts(session, [Act(office.now, "x", "view", "y", {})])
        assert upgraded.result() == newest_revision()
        with pytest.raises(OutdatedProgram):
            refused.result()
    for store in (writer, upgrader, late):
        store.close()
    assert office.query("SELECT count(*) FROM audit_entry WHERE actor = 'x'") == [(1,)]
