"""On Sundays the whole ledger is looked at after what changed; what only that finds is mended, counted and told."""

import json
from datetime import date
from typing import Any

import pytest

from tests.flows.office import Office, StandingContext, csv_text, row
from tests.flows.test_letter_jobs import context, morning  # noqa: F401 -- a fixture
from tests.letter_world import add_dossiers, at, ended
from tracker.store import ledger_marks
from tracker.store.session import Store, open_store

SATURDAY, SUNDAY, NEXT_SUNDAY = date(2022, 6, 18), date(2022, 6, 19), date(2022, 6, 26)


def checks(store: Store) -> list[dict[str, Any]]:
    """What the log says of looks at everything."""
    with store.read() as session:
        question = "SELECT detail FROM audit_entry WHERE action = 'ledger_check' ORDER BY id"
        return [json.loads(detail) for (detail,) in session.connection().exec_driver_sql(question)]


def test_sundays_tell_what_the_week_has_missed(context: StandingContext) -> None:  # noqa: F811
    morning(context, SATURDAY)
    add_dossiers(context.store, ended(9, at(17)))  # by no load, and so not noted
    morning(context, SUNDAY)
    assert checks(context.store) == [{"missed": 1}]
    morning(context, NEXT_SUNDAY)
    assert checks(context.store)[1:] == [{"missed": 0}]


@pytest.fixture
def loaded(office: Office) -> Office:
    office.ingest(office.write("1.csv", csv_text([row(1), row(2)])))
    office.ask("letters", "keep")
    return office


def ledger_of(office: Office) -> dict[str, Any]:
    """What the doctor says of the ledger."""
    return {each["name"]: each for each in office.ask("doctor")["checks"]}["ledger"]


def test_the_doctor_says_what_a_look_at_everything_mended_until_one_finds_nothing(loaded: Office) -> None:
    store = open_store(loaded.url)
    with store.transaction() as session:
        end = int(at(10, 3).timestamp())
        statement = f"UPDATE dossier SET ended_at = {end}, finished_at = {end}, end_kind = 'finished', status = 'done'"
        session.connection().exec_driver_sql(f"{statement} WHERE code = (SELECT min(code) FROM dossier)")
    assert loaded.ask("letters", "keep", "--all")["missed"] == 1
    assert not ledger_of(loaded)["ok"]
    assert loaded.ask("letters", "keep", "--all")["missed"] == 0
    assert ledger_of(loaded)["ok"]
    with store.read() as session:
        assert not ledger_marks.is_waiting(session)
    store.close()
