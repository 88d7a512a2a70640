"""What may be told twice: suggestions over units and sources, differing tellings side by side, codes in conflict."""

from typing import Any

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office
from tests.flows.reports import july, load

OTHER = {"resolving_unit": OTHER_PROVINCIAL}


def duplicates(office: Office, *arguments: str) -> Any:
    return office.ask("reconcile", "duplicates", "--from", "2026-07-01", "--to", "2026-07-31", *arguments)


def groups(office: Office) -> list[list[str]]:
    return [[one["code"][-4:] for one in group["dossiers"]] for group in duplicates(office)["groups"]]


def test_one_applicant_procedure_and_day_in_two_units_is_shown_however_the_name_is_written(office: Office):
    load(
        office,
        july(1),
        july(2, **OTHER, applicant_name="NGUYỄN VĂN BỊA"),
        july(3, applicant_name="Người khác"),
    )
    answer = duplicates(office)
    assert groups(office) == [["0001", "0002"]]
    assert answer["looked_at"] == 3
    assert {one["unit"] for one in answer["groups"][0]["dossiers"]} == {PROVINCIAL, OTHER_PROVINCIAL}
    assert office.query("SELECT count(*) FROM dossier") == [(3,)], "nothing is joined"


def test_several_dossiers_of_a_person_in_one_unit_and_source_are_no_doubles(office: Office):
    load(office, july(1), july(2), july(3, **OTHER, received_at="02/07/2026 08:00:00"))
    assert groups(office) == []
    assert office.run("reconcile", "duplicates", "--from", "2026-07-01", "--to", "2026-07-31").status == 0


def test_two_codes_of_two_sources_may_be_one_dossier(office: Office):
    load(office, july(1))
    load(office, july("000.00.15.H15-260701-0001"), source="cong-dvc")
    assert len(groups(office)) == 1


def test_a_dossier_received_on_another_day_or_of_another_procedure_is_another_one(office: Office):
    load(office, july(1), july(2, **OTHER, procedure_code="1.000001"))
    load(office, july(3, **OTHER, received_at="01/07/2026 23:59:59"))
    assert groups(office) == [["0001", "0003"]]
    answer = office.ask("reconcile", "duplicates", "--from", "2026-07-02", "--to", "2026-07-31")
    assert (answer["groups"], answer["looked_at"]) == ([], 0)


def test_names_are_masked_where_that_is_asked_for(office: Office):
    load(office, july(1), july(2, **OTHER))
    assert duplicates(office)["groups"][0]["applicant"] == "Nguyễn Văn Bịa"
    assert duplicates(office, "--mask")["groups"][0]["applicant"] == "•••"


def test_what_two_sources_tell_differently_stands_side_by_side(office: Office):
    load(office, july(1))
    told = {"due_at": "21/07/2026 17:00:00", "channel": "Trực tuyến", **OTHER}
    load(office, july(1, **told), source="cong-dvc")
    found = {one["field"]: one for one in duplicates(office)["disagreements"]}
    assert set(found) == {"source_due_at", "channel", "resolving_unit_id"}
    due = found["source_due_at"]
    assert (due["source"], due["other"]) == ("main", "cong-dvc")
    assert (due["value"][:10], due["other_value"][:10]) == ("2026-07-15", "2026-07-21")
    assert (found["channel"]["value"], found["channel"]["other_value"]) == ("counter", "online")
    units = found["resolving_unit_id"]
    assert (units["value"], units["other_value"]) == (PROVINCIAL, OTHER_PROVINCIAL)


def test_a_code_that_two_dossiers_bear_is_shown_until_a_person_decides(office: Office):
    load(office, july(1))
    load(office, july(1, procedure_code="1.000001", received_at="09/07/2026 08:00:00"), source="cong-dvc")
    (conflict,) = duplicates(office)["conflicts"]
    assert (conflict["source"], conflict["code"][-4:], conflict["row"]) == ("cong-dvc", "0001", 2)


def test_the_groups_are_written_as_a_workbook_and_noted(office: Office):
    load(office, july(1), july(2, **OTHER))
    path = office.folder / "trung.xlsx"
    duplicates(office, "--out", str(path))
    assert path.read_bytes()[:2] == b"PK"
    ((action, subject),) = office.query("SELECT action, subject FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert (action, subject) == ("export", "duplicates")
