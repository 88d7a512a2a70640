"""The whole job on a hundredth of the province-year: files in, score, rates, late list, letters out."""

from collections import Counter
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from docx import Document

from tests.flows.office import HEADINGS, Office, csv_text, moment, read_rows
from tracker.synthetic.generate import GenerateResult

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")
NEW_YEAR = ("--as-of", "2023-01-01")
FIGURES = [
    ("score", "3.4.1", "--year", "2022", *NEW_YEAR),
    ("rates", *YEAR, "--by", "level,unit,field", *NEW_YEAR),
    ("rates", *YEAR, "--by", "month,channel", *NEW_YEAR),
    ("overdue", "--state", "all", *NEW_YEAR),
]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, dict[str, int]]:
    """An office that generated and ingested everything with the real program; the generator's own counts."""
    office = Office(tmp_path_factory.mktemp("job"))
    made = office.program(
        "generate", "--preset", "daklak-2022", "--scale", "0.01", "--out", office.folder / "in", "--json"
    )
    assert made.status == 0, made.err
    done = office.program("ingest", *made.json["files"], "--json")
    assert done.status == 0, done.err
    assert done.json["read"] == done.json["new"] == made.json["rows"] == sum(_sizes(made.json["counts"]))
    assert done.json["rejected"] == done.json["stale"] == done.json["changed"] == 0
    return office, made.json["counts"]


def _sizes(counts: dict[str, int]) -> list[int]:
    return [counts[name] for name in ("land", "other", "district", "commune", "open")]


@pytest.fixture(scope="module")
def rows(job: tuple[Office, dict[str, int]]) -> list[dict[str, str]]:
    """All rows of all files."""
    return [each for path in files(job[0]) for each in read_rows(path)]


def files(office: Office) -> list[Path]:
    return sorted((office.folder / "in").glob("*.csv"))


def is_late(each: dict[str, str]) -> bool:
    end, due = moment(each["finished_at"]) or moment(each["refused_at"]), moment(each["due_at"])
    return bool(end and due and not each["withdrawn_at"] and end.date() > due.date())


def test_the_score_is_what_the_generator_wrote_into_its_files(job):
    office, counts = job
    answer = office.program("score", "3.4.1", "--year", "2022", *NEW_YEAR, "--json").json
    denominator = counts["land"] + counts["other"]
    late = counts["land_late"] + counts["other_late"]
    budget = denominator - -(-denominator * 95 // 100)
    assert (answer["denominator"], answer["late"]) == (denominator, late)
    assert answer["numerator"] == denominator - late
    assert (answer["budget_late"], answer["headroom"]) == (budget, budget - late)
    assert Fraction(denominator - late, denominator) < Fraction(95, 100)
    assert (answer["points"], answer["max_points"]) == (0.0, 1.5)
    assert answer["edition_verified"] is False
    assert sum(line["late"] for line in answer["lines"]) == late
    assert sum(line["denominator"] for line in answer["lines"]) == denominator


def test_on_the_provinces_own_dossiers_source_and_documented_agree(job):
    office, _ = job
    bases = office.ask("score", "3.4.1", "--year", "2022", *NEW_YEAR)["bases"]
    assert bases["documented"] == bases["source"]
    assert bases["source"]["computed"] == bases["source"]["total"]
    assert bases["promised"]["numerator"] < bases["source"]["numerator"]


def test_rates_of_the_provinces_land_dossiers_are_those_of_the_notice(job):
    office, counts = job
    table = office.program("rates", *YEAR, "--by", "level,field", *NEW_YEAR, "--json").json["rows"]
    province = [each for each in table if each["level"] == "province"]
    (land,) = [each for each in province if each["field"] == "Đất đai"]
    assert (land["denominator"], land["late"]) == (counts["land"], counts["land_late"])
    late = sum(each["late"] for each in province)
    assert Fraction(land["late"], late) == Fraction(
        counts["land_late"], counts["land_late"] + counts["other_late"]
    )


@pytest.mark.every_value("each value groups otherwise")
@pytest.mark.parametrize("by", ["level,field", "unit", "channel", "month", "procedure", "month,level,unit"])
@pytest.mark.parametrize("basis", ["source", "promised", "documented"])
def test_every_row_of_a_rate_table_balances_and_all_tables_have_the_same_sum(job, by, basis):
    office, _ = job
    table = office.ask("rates", *YEAR, "--by", by, "--basis", basis, *NEW_YEAR)["rows"]
    assert table
    for each in table:
        there = each["carried_over"] + each["received"]
        assert there == each["finished"] + each["withdrawn"] + each["no_due"] + each["open"], each
        assert each["finished"] == each["early"] + each["on_time"] + each["late"] == each["denominator"]
        assert each["open_late"] + each["suspended"] + each["open_no_due"] <= each["open"]
        assert each["bases"][basis]["numerator"] == each["numerator"]
    (whole,) = office.ask("rates", *YEAR, "--by", "", "--basis", basis, *NEW_YEAR)["rows"]
    for name in ("received", "finished", "early", "late", "withdrawn", "no_due"):
        assert sum(each[name] for each in table) == whole[name]


def test_the_list_of_finished_late_ones_holds_exactly_those_that_ended_after_their_due_date(job, rows):
    office, _ = job
    answer = office.ask("overdue", "--state", "finished", *NEW_YEAR)
    wanted = Counter(each["dossier_code"] for each in rows if is_late(each))
    assert Counter(each["code"] for each in answer["rows"]) == wanted
    assert answer["count"] == answer["bases"]["source"]["late"] == wanted.total()
    assert {each["state"] for each in answer["rows"]} == {"finished_late"}
    ends = [each["finished_at"] for each in answer["rows"]]
    assert ends == sorted(ends)


def test_the_list_of_finished_late_ones_can_be_narrowed_by_end_date(job):
    office, _ = job
    march = office.ask(
        "overdue", "--state", "finished", "--from", "2022-03-01", "--to", "2022-03-31", *NEW_YEAR
    )
    everything = office.ask("overdue", "--state", "finished", *NEW_YEAR)
    assert march["rows"] == [r for r in everything["rows"] if r["finished_at"].startswith("2022-03")] != []


def test_the_open_late_list_holds_those_past_their_due_date_that_are_not_suspended(job, rows):
    office, _ = job
    answer = office.ask("overdue", *NEW_YEAR)
    listed = {each["code"] for each in answer["rows"]}
    past = {
        each["dossier_code"]
        for each in rows
        if not any(each[name] for name in ("finished_at", "returned_at", "withdrawn_at", "refused_at"))
        and each["received_at"]
        and (due := moment(each["due_at"]))
        and due.date() < date(2023, 1, 1)
    }
    waiting = {each["dossier_code"] for each in rows if each["suspensions"].endswith("-")}
    assert past - waiting <= listed <= past
    assert listed
    assert {each["state"] for each in answer["rows"]} == {"overdue"}


def test_a_dossier_answers_with_its_three_due_dates_history_and_proof(job, rows):
    office, _ = job
    late = next(each for each in rows if is_late(each) and each["previous_due_at"] and each["suspensions"])
    answer = office.ask("dossier", late["dossier_code"].lower(), *NEW_YEAR)
    assert answer["code"] == late["dossier_code"]
    assert answer["state"] == "finished_late"
    assert answer["due"]["promised"] == moment(late["previous_due_at"]).isoformat(timespec="minutes")
    assert answer["due"]["source"] == moment(late["due_at"]).isoformat(timespec="minutes")
    assert [d["kind"] for d in answer["due_seen"]] == ["previous", "source"]
    assert [e["kind"] for e in answer["events"]] == ["finished"]
    assert answer["suspensions"]
    assert answer["proof"]
    assert answer["applicant"]["name"] == late["applicant_name"]
    masked = office.run("dossier", late["dossier_code"], "--mask", "--json", *NEW_YEAR).out
    assert late["applicant_name"] not in masked


def test_a_code_that_nobody_issued_is_said_with_status_1(job):
    assert job[0].run("dossier", "H15.99-220101-0001").status == 1


def test_letters_are_drafted_once_one_file_for_each_that_is_due(job):
    office, _ = job
    due = office.program("letters", "due", *NEW_YEAR, "--json").json
    assert due["count"] == len(due["rows"]) > 400
    assert due["lacking"] == 0
    drafted = office.program("letters", "draft", *NEW_YEAR, "--json")
    assert drafted.status == 0
    assert (drafted.json["written"], drafted.json["lacking"]) == (due["count"], 0)
    written = sorted(Path(drafted.json["out"]).rglob("*"))
    names = [path for path in written if path.is_file()]
    assert len(names) == due["count"]
    assert {path.suffix for path in names} == {".docx"}
    recorded = {office.folder / "var" / file for (file,) in office.query("SELECT file FROM letter")}
    assert recorded == set(names)
    text = "\n".join(p.text for p in Document(str(names[0])).paragraphs)
    assert "xin lỗi" in text
    again = office.program("letters", "draft", *NEW_YEAR, "--json").json
    assert (again["written"], again["files"], again["lacking"]) == (0, 0, 0)
    assert office.query("SELECT count(*) FROM letter") == [(due["count"],)]
    assert office.ask("letters", "status", *NEW_YEAR)["states"] == {"drafted": due["count"]}


def test_the_same_files_again_change_nothing(job):
    office, _ = job
    before, figures = office.dump(), [office.run(*question, "--json").out for question in FIGURES]
    again = office.program("ingest", *files(office), "--json")
    assert again.status == 0
    assert again.json["unchanged"] == again.json["read"] == len(before["dossier"])
    assert sum(again.json[name] for name in ("new", "changed", "stale", "rejected")) == 0
    after = office.dump()
    for grown in ("batch", "batch_seen", "office_event", "audit_entry"):
        assert len(after.pop(grown)) == len(before.pop(grown)) + 1
    assert after == before
    assert [office.run(*question, "--json").out for question in FIGURES] == figures


def test_a_dry_run_counts_and_writes_nothing(office, daklak: GenerateResult):
    before = office.dump()
    answer = office.ask("ingest", *daklak.files, "--dry-run")
    assert (answer["batch"], answer["new"]) == (None, daklak.rows)
    assert office.dump() == before


def test_the_order_of_the_files_does_not_matter_to_any_figure(tmp_path, daklak):
    answers = []
    for name, paths in (("mot", daklak.files), ("hai", daklak.files[::-1])):
        office = Office(_folder(tmp_path, name), chunk_rows="700")
        office.ingest(*paths)
        answers.append([_unordered(office.ask(*question)) for question in FIGURES])
    assert answers[0] == answers[1]


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


def _unordered(answer: dict) -> dict:
    """A late list breaks ties by the order of arrival: compare it as a set."""
    return {**answer, "rows": sorted(map(repr, answer.get("rows", [])))}


def test_columns_in_another_order_or_by_our_own_names_tell_nothing_new(office, daklak):
    path = daklak.files[3]
    rows = read_rows(path)
    assert office.ingest(path)["new"] == len(rows)
    before = office.dump()
    names = [name for name in HEADINGS if name != "updated_at"]
    for text in (
        csv_text(rows, names=names[::-1]),
        csv_text(rows, names=sorted(names), heading=lambda name: name),
        csv_text(rows, names=names, heading=lambda name: HEADINGS[name].upper()),
    ):
        report = office.ingest(text)
        assert (report["unchanged"], report["read"]) == (len(rows), len(rows))
    after = office.dump()
    assert {name for name in before if before[name] != after[name]} == {
        "batch",
        "batch_seen",
        "office_event",
        "audit_entry",
    }


def test_the_next_years_office_without_any_row_has_no_rate_rather_than_a_perfect_one(job):
    answer = job[0].ask("score", "3.4.1", "--year", "2031", "--as-of", "2032-01-01")
    assert (answer["denominator"], answer["rate"], answer["points"]) == (0, None, None)
