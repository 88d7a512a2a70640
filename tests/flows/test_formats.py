"""The year 2022 on a hundredth of its size: the same figures out of CSV, workbooks and the portal's payloads."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.flows.office import Office

pytestmark = pytest.mark.sqlite_only(
    "how cells are read does not depend on the database; what is stored of them is tried on both by test_main_job"
)

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31", "--as-of", "2023-01-01")
BASES = ("source", "promised", "documented")
FIGURES = [
    *(("score", "3.4.1", "--year", "2022", "--as-of", "2023-01-01", "--basis", basis) for basis in BASES),
    *(("rates", *YEAR, "--by", "level,unit,field,channel", "--basis", basis) for basis in BASES),
    ("rates", *YEAR, "--by", "month,procedure"),
]
# The portal's payload has no desk, officer or reason: what every form tells of a late dossier.
TOLD = ("code", "procedure", "field", "unit", "received_at", "due_at", "finished_at", "state", "late_days")
FORMS = {"csv": (), "xlsx": ("--format", "xlsx"), "dvcqg": ("--format", "dvcqg")}


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Office]:
    """An office for each form, with everything of that form loaded in one batch by the real program."""
    made: dict[str, Office] = {}
    for form, options in FORMS.items():
        office = made[form] = Office(tmp_path_factory.mktemp(form))
        scale = ("--scale", "0.01", "--out", office.folder / "in")
        told = office.program("generate", "--preset", "daklak-2022", *options, *scale, "--json")
        assert told.status == 0, told.err
        done = office.program("ingest", *told.json["files"], "--json")
        assert done.status == 0, done.err
        assert done.json["new"] == told.json["rows"]
        assert done.json["read"] == told.json["rows"] + told.json.get("events", 0)
        assert done.json["rejected"] == 0
    return made


@pytest.mark.parametrize("form", ["xlsx", "dvcqg"])
@pytest.mark.parametrize("question", FIGURES, ids=lambda words: " ".join(words[-4:]))
def test_every_form_gives_the_figures_of_the_csv(offices: Mapping[str, Office], form: str, question: Any):
    assert offices[form].ask(*question) == offices["csv"].ask(*question)


@pytest.mark.parametrize("form", ["xlsx", "dvcqg"])
@pytest.mark.parametrize("state", ["open", "finished"])
def test_every_form_gives_the_late_list_of_the_csv(offices: Mapping[str, Office], form: str, state: str):
    def late(office: Office) -> tuple[int, set[tuple[Any, ...]]]:
        answer = office.ask("overdue", "--state", state, "--as-of", "2023-01-01")
        return answer["count"], {tuple(row[name] for name in TOLD) for row in answer["rows"]}

    count, rows = late(offices["csv"])
    assert count == len(rows) > 0
    assert late(offices[form]) == (count, rows)


def test_a_workbook_told_over_the_csv_is_unchanged(offices: Mapping[str, Office]):
    files = sorted((offices["xlsx"].folder / "in").glob("*.xlsx"))
    report = offices["csv"].ask("ingest", *files)
    assert report["unchanged"] == report["read"] > 0


def test_payloads_told_over_the_csv_take_nothing_away(offices: Mapping[str, Office]):
    files = sorted((offices["dvcqg"].folder / "in").glob("*.json"))
    office = offices["xlsx"]
    before = [office.ask(*question) for question in FIGURES]
    report = office.ask("ingest", *files)
    assert report["new"] == report["rejected"] == 0
    assert [office.ask(*question) for question in FIGURES] == before
    ((emptied,),) = office.query("SELECT count(*) FROM dossier WHERE limit_text = '' OR address = ''")
    assert emptied == 0
