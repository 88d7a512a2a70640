"""`dunghen doctor` on a sound office, and on one with each fault planted into it: named, told, and what to do."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update

from app.doctor import CHECKS, WATCHED
from notifications.outbox import OutboxDraft, put
from tests.flows.office import Office, row
from tests.store.test_audit import behind_our_back
from tracker.measures.health import CODES
from tracker.store import processes, schedule, work
from tracker.store.models import RateSnapshot, RateSummary, SearchKey
from tracker.store.session import Session, open_store
from tracker.types import VN
from tracker.types.work import WorkRequest

BEGUN = datetime(2022, 4, 5, 5, tzinfo=VN)
DONE = {"finished_at": "16/03/2022 09:00:00", "status": "Đã trả kết quả"}


def changed(office: Office, change: Callable[[Session], Any]) -> None:
    """Change the database of an office past its program."""
    store = open_store(office.url)
    with store.transaction() as session:
        change(session)
    store.close()


def alive(office: Office) -> None:
    """A scheduler and a worker that were heard of just now."""
    store = open_store(office.url)
    for kind in ("scheduler", "worker"):
        processes.begin(store, f"máy-1:{kind}", kind, office.now)
    store.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that loaded a late dossier, keeps its ledger, counted its summaries, kept March and is at work."""
    office = Office(tmp_path_factory.mktemp("sound")).furnished()
    office.now = BEGUN
    office.ingest([row(1, **DONE), row(2, finished_at="10/03/2022 09:00:00", status="Đã trả kết quả")])
    assert office.run("letters", "keep").status == 0
    assert office.run("jobs", "run", "snapshots", "--day", "2022-04-05").status == 0
    assert office.run("summaries", "refresh").status == 0
    assert office.run("search", "refresh").status == 0
    alive(office)
    return office


@pytest.fixture
def sound(made: Office, tmp_path: Path) -> Office:
    """A copy of it, with the same clock."""
    office = Office(tmp_path).like(made)
    office.now = made.now
    return office


def examined(office: Office) -> dict[str, tuple[bool, str]]:
    """Name -> well, and the sentence."""
    answer = office.run("doctor", "--json")
    checks = {each["name"]: (each["ok"], each["detail"]) for each in answer.json["checks"]}
    assert answer.json["ok"] == all(ok for ok, _ in checks.values()) == (answer.status == 0)
    return checks


def wrong(office: Office) -> dict[str, str]:
    """What is not well, with its sentence."""
    return {name: detail for name, (ok, detail) in examined(office).items() if not ok}


def test_a_sound_office_is_told_part_by_part(sound: Office):
    checks = examined(sound)
    assert list(checks) == ["configuration", "database", *CHECKS]
    assert wrong(sound) == {}
    told = {name: detail for name, (_, detail) in checks.items()}
    assert "1 tháng đã chốt còn nguyên văn" in told["snapshots"]
    assert told["ledger"].startswith("Sổ theo dõi xin lỗi cân: 1 hồ sơ quá hạn")
    assert "phiên bản" in told["database"]
    assert sound.run("doctor").out.count("ĐƯỢC") == len(checks)


def test_everything_that_the_watchdog_looks_for_belongs_to_a_check():
    assert sorted(code for codes in WATCHED.values() for code in codes) == sorted(CODES)
    assert set(WATCHED) <= set(CHECKS)


def test_a_wrong_configuration_is_told_alone(sound: Office):
    sound.config.write_text(sound.config.read_text("utf-8") + "\n[them]\nx = 1\n", "utf-8")
    checks = examined(sound)
    assert list(checks) == ["configuration"]
    assert "[them] x" in checks["configuration"][1]


def test_a_database_of_another_revision_is_told_and_nothing_behind_it(sound: Office):
    changed(sound, lambda session: session.execute(text("UPDATE alembic_version SET version_num = '0001'")))
    checks = examined(sound)
    assert list(checks) == ["configuration", "database"]
    assert "dunghen db upgrade" in wrong(sound)["database"]


@pytest.mark.sqlite_only("a server is there or it is not: tests/store/test_server_faults.py")
def test_a_database_that_is_not_there_is_told_and_not_made(tmp_path: Path):
    office = Office(tmp_path)
    assert wrong(office) == {"database": "Chưa có cơ sở dữ liệu. Chạy: dunghen db upgrade."}
    assert not office.database.exists()


# ---------------------------------------------------------------- one fault each


def executed(statement: Any) -> Callable[[Session], None]:
    """A change of one statement."""

    def change(session: Session) -> None:
        session.execute(statement)

    return change


def hours_later(office: Office, change: Callable[[Session], Any], hours: int = 3) -> None:
    """Something is left lying for some hours, with a scheduler at work and no worker."""
    changed(office, change)
    changed(office, executed(text("DELETE FROM process WHERE kind = 'worker'")))
    office.now += timedelta(hours=hours)
    store = open_store(office.url)
    processes.beat(store, "máy-1:scheduler", "scheduler", office.now)
    store.close()


def no_scheduler(office: Office) -> None:
    changed(office, executed(text("DELETE FROM process WHERE kind = 'scheduler'")))


def waiting_work(office: Office) -> None:
    request = WorkRequest("ingest", "k", {}, "an")
    hours_later(office, lambda session: work.ask(session, request, BEGUN))


def waiting_message(office: Office) -> None:
    draft = OutboxDraft("watchdog", "k", "email", "an@vi-du.vn", "Thử", "Thử")
    hours_later(office, lambda session: put(session, draft, BEGUN))


def changed_entry(office: Office) -> None:
    store = open_store(office.url)
    behind_our_back(store, executed(text("UPDATE audit_entry SET actor = 'khac' WHERE id = 1")))
    store.close()


def changed_month(office: Office) -> None:
    changed(office, executed(update(RateSnapshot).values(body="{}")))


def lost_month(office: Office) -> None:
    changed(office, executed(delete(RateSnapshot)))


def changed_summary(office: Office) -> None:
    changed(office, executed(update(RateSummary).values(late_s=RateSummary.late_s + 1)))


def lost_key(office: Office) -> None:
    changed(office, executed(delete(SearchKey).where(SearchKey.dossier_id == 1)))


def late_without_entry(office: Office) -> None:
    office.ingest([row(3, **DONE)])
    office.now += timedelta(days=2)
    alive(office)


def old_backup(office: Office) -> None:
    folder = office.folder / "var" / "backups"
    folder.mkdir(parents=True)
    (folder / "dunghen-20220402-020000.zip").write_bytes(b"PK")


def no_backup_for_days(office: Office) -> None:
    changed(office, lambda session: schedule.known_jobs(session, ["backup"], BEGUN - timedelta(days=3)))


@pytest.mark.every_value("each fault is found by a question of its own")
@pytest.mark.parametrize(
    ("plant", "name", "words"),
    [
        (no_scheduler, "scheduler", "dunghen scheduler"),
        (waiting_work, "workers", "dunghen worker"),
        (waiting_message, "outbox", "Hàng đợi gửi đi"),
        (changed_entry, "log", "dunghen audit verify"),
        (changed_month, "snapshots", "2022-03"),
        (lost_month, "snapshots", "2022-03"),
        (changed_summary, "summaries", "dunghen summaries check"),
        (lost_key, "search", "dunghen search refresh --all"),
        (late_without_entry, "ledger", "dunghen letters keep"),
        (old_backup, "backups", "02/04/2022 02:00"),
        (no_backup_for_days, "backups", "dunghen backup"),
    ],
)
def test_each_planted_fault_is_found_and_named(sound: Office, plant, name: str, words: str):
    plant(sound)
    # What follows from one fault may be found beside it: an installation that is known for days has jobs that are late.
    found = wrong(sound)
    assert name in found
    assert set(found) <= {name, "scheduler"}
    assert words in found[name]


def test_a_year_without_a_calendar_is_found_before_it_begins(sound: Office):
    sound.now = datetime(2027, 1, 4, 9, tzinfo=VN)
    assert "Năm 2028: chưa có lịch" in wrong(sound)["calendar"]


def test_what_was_loaded_today_may_wait_for_the_ledger_until_tomorrow(sound: Office):
    sound.now += timedelta(hours=3)
    sound.ingest([row(3, **DONE)])
    alive(sound)
    ok, detail = examined(sound)["ledger"]
    assert ok
    assert detail.startswith("1 hồ sơ quá hạn chưa có trong sổ")


def test_an_office_that_backs_up_by_itself_is_left_alone(sound: Office):
    sound.configure(times='["backup off"]')
    no_backup_for_days(sound)
    assert "backups" not in wrong(sound)
