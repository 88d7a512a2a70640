"""Dossiers that a source's latest whole export no longer tells of: late ones first; nobody is accused on thin grounds."""

from typing import Any

import pytest

from tests.flows.office import OTHER_PROVINCIAL, Office
from tests.flows.reports import july, load

IN_TIME = {"due_at": "31/08/2026 17:00:00"}


def done(day: int, month: int = 7) -> dict[str, str]:
    return {"finished_at": f"{day:02d}/{month:02d}/2026 10:00:00", "status": "Đã xử lý xong"}


def vanished(office: Office, *arguments: str) -> Any:
    return office.ask("reconcile", "vanished", *arguments)


def codes(answer: Any) -> list[str]:
    return [one["code"][-4:] for one in answer["rows"]]


def test_a_late_dossier_that_the_latest_whole_export_leaves_out_is_told_first_and_by_which_load_it_was_last_told(
    office: Office,
):
    first = load(office, july(1), july(2, **IN_TIME), july(3, due_at="10/07/2026 17:00:00"), july(4))
    load(office, july(4))
    answer = vanished(office)
    assert codes(answer) == ["0003", "0001", "0002"]
    assert (answer["count"], answer["late"]) == (3, 2)
    worst = answer["rows"][0]
    assert (worst["state"], worst["late"], worst["last_told"]["batch"]) == ("overdue", True, first["batch"])
    assert worst["due_at"].startswith("2026-07-10")
    assert office.run("reconcile", "vanished").status == 1


def test_of_an_export_that_nobody_called_whole_nothing_is_concluded(office: Office):
    load(office, july(1), july(2))
    load(office, july(2), full=False)
    answer = vanished(office)
    assert (answer["rows"], answer["before"]) == ([], None)
    load(office, july(2))
    assert codes(vanished(office)) == ["0001"]


def test_the_first_whole_export_accuses_nobody_even_after_partial_ones(office: Office):
    load(office, july(1), full=False)
    load(office, july(2))
    assert vanished(office)["rows"] == []
    load(office, july(2))
    assert vanished(office)["rows"] == [], "no whole export ever told of the first"


@pytest.mark.parametrize("full", [True, False])
def test_what_is_told_again_has_not_vanished(office: Office, full: bool):
    load(office, july(1), july(2))
    load(office, july(2))
    assert codes(vanished(office)) == ["0001"]
    load(office, july(1), *([july(2)] if full else []), full=full)
    assert vanished(office)["rows"] == []


def test_what_was_known_is_answered_as_it_was_known(office: Office):
    load(office, july(1), july(2))
    load(office, july(2))
    known = office.now.isoformat()
    load(office, july(1), july(2))
    assert vanished(office)["rows"] == []
    assert codes(vanished(office, "--known", known)) == ["0001"]


def test_a_dossier_that_is_deleted_by_its_source_has_not_vanished(office: Office):
    load(office, july(1), july(2))
    load(office, july(1, status="Đã xóa"), july(2))
    load(office, july(2))
    assert vanished(office)["rows"] == []


def test_an_export_of_what_is_open_and_ended_lately_accuses_nobody_of_what_ended_before(office: Office):
    load(office, july(1, **done(10)), july(2, **done(14)), july(3), july(4, **done(20)))
    load(office, july(3), july(4, **done(20)), july(5, **done(28)))
    assert vanished(office)["rows"] == []


def test_an_ended_dossier_between_others_that_are_told_has_vanished(office: Office):
    ended = [july(1, **done(10)), july(2, **done(18)), july(3, **done(28))]
    load(office, *ended)
    load(office, ended[0], ended[2])
    answer = vanished(office)
    assert codes(answer) == ["0002"]
    assert (answer["rows"][0]["state"], answer["late"]) == ("finished_late", 1)


def test_each_source_is_looked_at_by_itself(office: Office):
    load(office, july(1), july(2))
    load(office, july(3), source="cong-dvc")
    load(office, july(2))
    load(office, july(3), source="cong-dvc")
    assert vanished(office, "--source", "cong-dvc")["rows"] == []
    assert codes(vanished(office)) == ["0001"]
    assert vanished(office, "--source", "la")["latest"] is None


def test_an_export_that_tells_of_less_than_half_of_what_was_told_is_called_doubtful(office: Office):
    load(office, *map(july, range(1, 6)))
    load(office, july(1), july(2))
    assert vanished(office)["doubtful"] is True
    load(office, july(1), july(2))
    assert (vanished(office)["doubtful"], vanished(office)["count"]) == (False, 3)


def test_dossiers_that_nobody_accepted_are_counted_and_left_to_the_page_of_intake(office: Office):
    filed = july(1, received_at="", due_at="", filed_at="01/07/2026 08:00:00", status="Chờ tiếp nhận")
    load(office, filed, july(2))
    load(office, july(2))
    answer = vanished(office)
    assert (answer["rows"], answer["unaccepted"]) == ([], 1)


def test_the_list_is_written_as_a_workbook_and_noted_in_the_log(office: Office):
    load(office, july(1, resolving_unit=OTHER_PROVINCIAL), july(2))
    load(office, july(2))
    path = office.folder / "bien-mat.xlsx"
    vanished(office, "--out", str(path))
    assert path.read_bytes()[:2] == b"PK"
    noted = office.query("SELECT action, subject FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert noted == [("export", "vanished")]
    assert office.run("reconcile", "vanished", "--out", "x.csv").status == 2
