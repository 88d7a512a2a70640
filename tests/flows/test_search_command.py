"""`dunghen search` and the worker that keeps the keys up by itself."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from app.worker import Worker
from app.works.searching import ask_for_keys
from tests.flows.office import NOW, Office, StandingContext, row
from tracker.config import load_config
from tracker.pipeline.search_keeping import is_behind
from tracker.store.session import open_store


def loaded(folder: Path) -> Office:
    office = Office(folder).furnished()
    office.ingest([row(1), row(2)])
    return office


def test_the_keys_are_made_and_compared(tmp_path: Path):
    office = loaded(tmp_path)
    assert office.ask("search", "check") == {
        "ok": True, "compared": 0, "waiting": 2, "missing": 0, "too_many": None, "dossiers": [],
    }  # fmt: skip
    assert office.ask("search", "refresh")["dossiers"] == 2
    found = office.ask("search", "check")
    assert (found["ok"], found["waiting"], found["too_many"]) == (True, 0, 0)
    assert found["compared"] == office.query("SELECT count(*) FROM search_key")[0][0] > 2


def test_lost_keys_are_told_and_made_anew(tmp_path: Path):
    office = loaded(tmp_path)
    office.ask("search", "refresh")
    with closing(open_store(office.url)) as store, store.transaction() as session:
        session.execute(text("DELETE FROM search_key WHERE dossier_id = 2"))
    answer = office.run("search", "check")
    assert answer.status == 1
    assert "hồ sơ số: 2" in answer.out
    assert "dunghen search refresh --all" in answer.out
    assert office.ask("search", "refresh", "--all")["dossiers"] == 2
    assert office.run("search", "check").status == 0


def test_a_worker_makes_the_keys_by_itself_and_asks_once(tmp_path: Path):
    office = loaded(tmp_path)
    context = StandingContext(office.config, instant=NOW)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    for _ in range(2):
        ask_for_keys(context, NOW)
    assert office.query("SELECT kind FROM work_item") == [("search_keys",)]
    assert Worker(context, "một").run_once(NOW)
    assert not is_behind(context.store)
    ask_for_keys(context, NOW)
    assert len(office.query("SELECT id FROM work_item")) == 1
    context.store.close()
