"""`dunghen db upgrade` as an operator does it: behind a backup, with nobody at work; afterwards the main job is done as ever."""

import json
import re
import time
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from app.web import create_app
from tests.flows.office import Office, StandingContext, row
from tests.flows.past_office import FIRST_OF_POSTGRESQL, newer_than_this_program, past, revision_of
from tests.flows.test_backup import leftovers
from tests.store.past_revisions import FIXTURES
from tracker.errors import OutdatedProgram
from tracker.store.audit import Act, append_acts
from tracker.store.migrate import ensure_current, newest_revision, revisions, upgrade
from tracker.store.session import open_store
from tracker.types import VN

pytestmark = pytest.mark.both_databases

EARLIER = revisions()[:-1]
# The oldest, the one with which old chains and sources begin, and the last; the others in `make test-long`.
SHORT = {"0003", "0005", EARLIER[-1]}
PASSWORD = "mot-hai-ba-bon-nam-sau"


def each_earlier() -> list[Any]:
    of_files = pytest.mark.sqlite_only("PostgreSQL came later")
    return [
        pytest.param(
            each,
            marks=[
                *([] if each in SHORT else [pytest.mark.long]),
                *([of_files] if each < FIRST_OF_POSTGRESQL else []),
            ],
        )
        for each in EARLIER
    ]


@pytest.fixture(params=each_earlier())
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    return past(tmp_path, request.param)


def test_every_earlier_revision_has_its_frozen_database():
    assert {path.name.partition(".")[0] for path in FIXTURES.glob("*.xz")} == set(EARLIER)


def test_what_an_earlier_program_left_is_upgraded_and_the_main_job_goes_on(old: Office):
    before = revision_of(old)
    columns = "code, received_at, source_due_at, ended_at, known_from"
    dossiers = old.query(f"SELECT {columns} FROM dossier ORDER BY code")
    told = old.ask("db", "upgrade")
    assert (told["before"], told["revision"], told["shrunk"]) == (before, newest_revision(), [])
    assert Path(told["backup"]).is_file()
    assert revision_of(old) == newest_revision()
    assert old.query(f"SELECT {columns} FROM dossier ORDER BY code") == dossiers
    assert old.is_sound()

    # Everything that is counted or looked up beside is made anew, and equals a recount.
    old.ask("summaries", "refresh")
    assert old.run("summaries", "check").status == 0
    old.ask("search", "refresh")
    assert old.run("search", "check").status == 0
    assert old.run("audit", "verify").status == 0
    late = old.ask("overdue")
    assert len(late["rows"]) >= 5
    rates = old.ask("rates", "--from", "2026-01-01", "--to", "2026-11-30")
    assert all(each["balanced"] for each in rates["rows"])
    assert sum(each["open_late"] for each in rates["rows"]) == len(late["rows"])
    assert old.ask("dossier", late["rows"][0]["code"])["code"] == late["rows"][0]["code"]

    # What comes in changes what was there, and what it makes late is owed a letter.
    code, source, procedure, received = old.query(
        "SELECT d.code, s.key, p.code, d.received_at FROM dossier d JOIN source s ON s.id = d.source_id"
        " JOIN procedure p ON p.id = d.procedure_id WHERE d.ended_at IS NULL AND d.received_at IS NOT NULL ORDER BY d.id"
    )[0]
    update = row(
        code,
        procedure_code=procedure,
        received_at=f"{datetime.fromtimestamp(received, VN):%d/%m/%Y %H:%M:%S}",
        due_at="30/12/2026 17:00:00",
        status="Đã trả kết quả",
        finished_at="30/11/2026 08:00:00",
    )
    path = old.write("moi.csv", [update, row(1)])
    report = old.ask("ingest", path, "--source", source)
    assert (report["new"], report["changed"]) == (1, 1)
    old.ask("letters", "draft")
    assert old.run("letters", "check").status in (0, 1)
    assert old.query("SELECT count(*) FROM letter")[0][0] >= 10
    assert is_opened(old)


def is_opened(office: Office) -> bool:
    """Does the page of the late list open for the head of that time, by the password of that time?"""
    context = StandingContext(office.config, instant=office.now)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in office.environment.items():
            if value:
                patched.setenv(name, value)
        client = create_app(context).test_client()
        form = client.get("/dang-nhap").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        values = {"login": "binh", "password": PASSWORD, "csrf_token": token[1]}
        assert client.post("/dang-nhap", data=values).status_code == 302
        page = client.get("/qua-han")
        context.store.close()
    return page.status_code == 200 and "H15" in page.get_data(as_text=True)


@pytest.fixture
def last(tmp_path: Path) -> Office:
    """An office that the program just before this one left."""
    return past(tmp_path, EARLIER[-1])


def test_the_backup_before_an_upgrade_is_of_the_old_revision_and_named_in_the_log(last: Office):
    told = last.ask("db", "upgrade")
    name = Path(told["backup"]).name
    assert name == f"dunghen-truoc-nang-cap-{EARLIER[-1]}-20261130-180000.zip"
    ((detail,),) = last.query("SELECT detail FROM audit_entry WHERE action = 'db_upgrade'")
    assert json.loads(detail) == {
        "before": EARLIER[-1], "after": newest_revision(), "backup": name, "sha256": told["sha256"],
    }  # fmt: skip
    assert last.ask("db", "upgrade")["backup"] is None  # nothing to be done, nothing backed up


@pytest.mark.either_database("what is asked, not how the database answers")
def test_without_room_for_the_backup_nothing_is_upgraded(last: Office, monkeypatch: pytest.MonkeyPatch):
    usage = type("usage", (), {"total": 1, "used": 1, "free": 1_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage)
    refused = last.run("db", "upgrade")
    assert refused.status == 3
    assert "Không đủ chỗ" in refused.err
    assert revision_of(last) == EARLIER[-1]
    assert last.ask("db", "upgrade", "--no-backup")["backup"] is None
    assert revision_of(last) == newest_revision()


@pytest.mark.either_database("what is asked, not how the database answers")
def test_a_backup_that_cannot_be_made_keeps_the_old_revision(last: Office):
    last.configure(backup_dir='"tep-nay-la-tep"')
    (last.folder / "var").mkdir(exist_ok=True)
    (last.folder / "var" / "tep-nay-la-tep").write_text("x")
    assert last.run("db", "upgrade").status == 3
    assert revision_of(last) == EARLIER[-1]
    assert leftovers(last.folder) == []


def test_an_upgrade_is_refused_while_another_process_has_the_database_open(last: Office):
    store = open_store(last.url)
    with store.read() as session:
        session.connection().exec_driver_sql("SELECT count(*) FROM unit")
    refused = last.run("db", "upgrade")
    assert refused.status == 2
    assert "serve, worker, scheduler" in refused.err
    assert revision_of(last) == EARLIER[-1]
    assert not list(last.folder.rglob("*truoc-nang-cap*"))
    store.close()
    assert last.run("db", "upgrade").status in (0, 1)


def test_who_was_begun_before_an_upgrade_writes_nothing_after_it(last: Office):
    upgrade_to = open_store(last.url)
    store = open_store(last.url)
    store.stay_at(EARLIER[-1])  # as a process of that program did
    with store.transaction() as session:
        append_acts(session, [Act(last.now, "x", "view", "y", {})])
    before = last.query("SELECT count(*) FROM audit_entry")
    upgrade(upgrade_to)
    with pytest.raises(OutdatedProgram, match="khởi động lại"), store.transaction() as session:
        append_acts(session, [Act(last.now, "x", "view", "y", {})])
    assert last.query("SELECT count(*) FROM audit_entry") == before
    store.close()
    upgrade_to.close()


@pytest.mark.parametrize("process", ["worker", pytest.param("scheduler", marks=pytest.mark.long)])
def test_a_process_that_runs_through_an_upgrade_ends_with_a_word(office: Office, process: str):
    office.furnished()
    with office.start(process) as running:
        wait_until(lambda: office.query("SELECT count(*) FROM process WHERE ended_at IS NULL") != [(0,)])
        newer_than_this_program(office)
        _out, err = running.communicate(timeout=60)
    assert running.returncode == 3
    assert "OUTDATED_PROGRAM" in err or "khởi động lại" in err


def wait_until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        Event().wait(0.05)


@pytest.mark.either_database("what is asked, not how the database answers")
def test_a_database_of_a_newer_program_is_left_alone(office: Office):
    office.furnished()
    newer_than_this_program(office)
    for command in (("db", "upgrade"), ("overdue",)):
        refused = office.run(*command)
        assert refused.status == 3
        assert "mới hơn" in refused.err


# ---------------------------------------------------------------- the way back


def test_the_way_back_puts_the_store_of_before_the_upgrade_in_place(last: Office):
    before = last.dump()
    last.ask("db", "upgrade")
    last.now += timedelta(hours=1)
    last.ask("ingest", last.write("sau.csv", [row(1)]))
    planned = last.run("db", "rollback", "--json")
    assert planned.status == 1
    assert (planned.json["done"], planned.json["lost"]["batches"]) == (False, 1)
    assert revision_of(last) == newest_revision()

    done = last.ask("db", "rollback", "--yes")
    assert (done["done"], done["revision"], revision_of(last)) == (True, EARLIER[-1], EARLIER[-1])
    after = last.dump()
    assert [entry[3] for entry in after["audit_entry"] if entry not in before["audit_entry"]] == [
        "db_rollback"
    ]
    assert {name: rows for name, rows in after.items() if name != "audit_entry"} == {
        name: rows for name, rows in before.items() if name != "audit_entry"
    }
    assert last.is_sound()
    (kept,) = map(Path, done["kept"])
    assert kept.is_file()
    # And forward again, when what was wrong has been mended.
    last.now += timedelta(hours=1)
    assert last.ask("db", "upgrade")["before"] == EARLIER[-1]
    assert last.run("audit", "verify").status == 0


@pytest.mark.either_database("what is asked, not how the database answers")
def test_the_way_back_is_refused_where_letters_were_numbered_since(last: Office):
    last.ask("db", "upgrade")
    last.now += timedelta(hours=1)
    store = open_store(last.url)
    ensure_current(store)
    with store.transaction() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO letter_step (letter_id, seq, step, at, actor, note)"
            f" SELECT min(id), 99, 'numbered', {int(last.now.timestamp())}, 'binh', '' FROM letter"
        )
    store.close()
    refused = last.run("db", "rollback", "--yes")
    assert refused.status == 2
    assert "1 thư được vào số" in refused.err
    assert revision_of(last) == newest_revision()
    assert last.ask("db", "rollback", "--yes", "--accept-loss")["lost"]["letters_numbered"] == 1
    assert revision_of(last) == EARLIER[-1]


@pytest.mark.either_database("what is asked, not how the database answers")
def test_there_is_no_way_back_without_an_upgrade_or_its_backup(last: Office):
    assert last.run("db", "rollback").status == 2  # not upgraded yet
    last.ask("db", "upgrade", "--no-backup")
    refused = last.run("db", "rollback", "--yes")
    assert refused.status == 3
    assert "Không có bản sao lưu trước khi nâng cấp" in refused.err


@pytest.mark.either_database("what is asked, not how the database answers")
def test_a_damaged_backup_leads_nowhere(last: Office):
    told = last.ask("db", "upgrade")
    path = Path(told["backup"])
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    assert last.run("db", "rollback", "--yes").status == 3
    assert revision_of(last) == newest_revision()


@pytest.mark.either_database("what is asked, not how the database answers")
def test_the_way_back_from_an_encrypted_backup_asks_for_its_key(last: Office, tmp_path: Path):
    key = tmp_path / "khoa" / "sao-luu.key"
    key.parent.mkdir()
    assert last.run("backup", "--new-key", key).status == 0
    last.configure(key_file=f'"{key.as_posix()}"')
    assert Path(last.ask("db", "upgrade")["backup"]).suffix == ".enc"
    last.configure()
    assert last.run("db", "rollback", "--yes").status == 2
    assert last.ask("db", "rollback", "--yes", "--key-file", key)["done"]
    assert revision_of(last) == EARLIER[-1]
