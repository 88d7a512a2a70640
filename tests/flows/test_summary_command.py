"""`dunghen summaries` and the worker that keeps the counts by month up by itself."""

from pathlib import Path

from app.worker import Worker
from app.works.summing import ask_for_summaries
from tests.flows.office import NOW, Office, StandingContext, row
from tracker.config import load_config
from tracker.pipeline.summaries import is_behind
from tracker.store import work
from tracker.types.work import WorkRequest

DONE = row(1, finished_at="16/03/2022 09:00:00")


def test_the_counts_are_brought_up_and_compared(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([DONE])
    told = office.ask("summaries", "check")
    assert (told["behind"], told["compared"], told["ok"]) == (True, 0, True)
    told = office.ask("summaries", "refresh")
    assert (told["months"], told["causes"]) == (
        54,
        1,
    )  # from the first reception to this day; the month of the end
    assert office.ask("summaries", "refresh", "--all-causes") == {"months": 0, "causes": 1}
    told = office.ask("summaries", "check", "--months", "60")
    assert told["causes"] == {"months": 1, "behind": False, "differences": []}
    assert (told["behind"], told["ok"]) == (False, True)
    assert told["compared"] > 100


def test_a_worker_counts_by_itself_what_changed_and_asks_once(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([DONE])
    context = StandingContext(office.config, instant=NOW)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    with context.store.transaction() as session:
        work.ask(session, WorkRequest("search_keys", "keys", {}, "thử", priority=0), NOW)
    for _ in range(2):
        ask_for_summaries(context, NOW)
    kinds = [("search_keys",), ("rate_summaries",)]
    assert office.query("SELECT kind FROM work_item ORDER BY id") == kinds
    # Before what somebody asked for earlier: until it is done, pages count dossiers.
    assert Worker(context, "một").run_once(NOW)
    assert not is_behind(context.store, NOW)
    ask_for_summaries(context, NOW)
    assert len(office.query("SELECT id FROM work_item")) == 2
    context.store.close()
