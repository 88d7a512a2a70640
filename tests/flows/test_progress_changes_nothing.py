"""The steps that the presets tell beside their dossiers: loading them changes nothing of any dossier, in any order."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import Office
from tracker.pipeline import progressing
from tracker.synthetic.generate import GenerateResult, generate

# Which load told of a dossier last may change; nothing else may.
OF_THE_LOAD = ("batch_id", "row_no", "known_from")
FIGURES = (
    ("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "unit"),
    ("score", "3.4.1", "--year", "2022"),
    ("overdue", "--state", "finished"),
    ("letters", "due"),
)
Rows = list[tuple[Any, ...]]


def dossiers(office: Office) -> dict[str, Rows]:
    """All that is stored of dossiers but which load it came by, numbers of dossiers replaced by their codes."""
    told = office.dump(without=OF_THE_LOAD)
    return {name: told[name] for name in ("dossier", "suspension", "due_seen", "event", "rejection")}


def figures(office: Office) -> list[Any]:
    """Rates, score and the letters owed, as of the year's end."""
    return [office.ask(*question, "--as-of", "2023-01-01") for question in FIGURES]


def loaded(office: Office, *loads: Sequence[Path]) -> Office:
    for paths in loads:
        office.ask("ingest", *paths)
    return office


def fresh(folder: Path) -> Office:
    other = folder / "other"
    other.mkdir()
    return Office(other).furnished()


@pytest.fixture(scope="module")
def province(daklak: GenerateResult) -> Path:
    return daklak.files[0]


def test_steps_that_come_after_the_dossiers_change_none(
    office: Office, daklak: GenerateResult, province: Path
):
    loaded(office, [province])
    tables = (
        "dossier",
        "dossier_revision",
        "suspension",
        "suspension_revision",
        "due_seen",
        "event",
        "rejection",
    )
    before = office.dump()
    answers = figures(office)
    report = office.ask("ingest", *daklak.progress)
    assert (report["rejected"], report["changed"]) == (0, daklak.progress_events)
    after = office.dump()
    assert all(after[table] == before[table] for table in tables)
    assert figures(office) == answers


def test_steps_that_come_first_wait_and_change_none(
    office: Office, daklak: GenerateResult, province: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(progressing, "DOSSIERS_AT_ONCE", 300)  # several turns
    loaded(office, daklak.progress, [province])
    assert office.query("SELECT count(*) FROM waiting_event WHERE taken_batch_id IS NULL") == [(0,)]
    assert office.query("SELECT count(*) FROM progress_event") == [(daklak.progress_events,)]
    other = loaded(fresh(tmp_path), [province])
    assert dossiers(office) == dossiers(other)
    assert figures(office) == figures(other)


def test_steps_that_come_along_change_none(
    office: Office, daklak: GenerateResult, province: Path, tmp_path: Path
):
    loaded(office, [province, *daklak.progress])
    other = loaded(fresh(tmp_path), [province])
    assert dossiers(office) == dossiers(other)


def test_steps_agree_with_what_the_portal_was_told_of_the_same_dossiers(
    office: Office, tmp_path: Path
) -> None:
    made = generate("daklak-2022", tmp_path / "in", rows=3000, seed=4, as_of=date(2026, 8, 24), kind="dvcqg")
    loaded(office, [path for path in made.files if "-province" in path.stem])
    # That a dossier was never suspended is known now: it had no event at all before.
    but = (*OF_THE_LOAD, "dossier.flags")
    before = office.dump(without=but)
    assert office.ask("ingest", *made.progress)["rejected"] == 0
    after = office.dump(without=but)
    for table in ("dossier", "suspension", "due_seen", "event"):
        assert after[table] == before[table]


def test_open_dossiers_of_today_keep_their_state_and_their_officers(office: Office, tmp_path: Path) -> None:
    made = generate("today", tmp_path / "in", rows=1500, seed=4, as_of=date(2026, 8, 24))
    # How the newest step spells the state stands in the dossier now; the state itself is the same.
    but = (*OF_THE_LOAD, "dossier.status_text")
    loaded(office, made.files)
    before = office.dump(without=but)
    report = office.ask("ingest", *made.progress)
    assert (report["rejected"], report["flagged"]) == (0, {})
    after = office.dump(without=but)
    assert after["dossier"] == before["dossier"]
    assert after["suspension"] == before["suspension"]
