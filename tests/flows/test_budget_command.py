"""`dunghen budget` on an ingested file: budgets with their fractions, what is open, and the dossiers to keep in time."""

import pytest

from tests.flows.office import OTHER_PROVINCIAL, Office, row

AT = ("--year", "2022", "--as-of", "2022-08-15")
DONE = {"received_at": "01/07/2022 08:00:00", "due_at": "15/07/2022 17:00:00", "status": "Đã xử lý xong"}
OPEN = {"received_at": "01/08/2022 08:00:00"}


@pytest.fixture
def province(office: Office) -> Office:
    """20 that ended, one of them late; one overdue, two that can be kept, one due next year, one of a district."""
    ended = [row(n, **DONE, finished_at="14/07/2022 10:00:00") for n in range(1, 20)]
    late = row(20, **DONE, finished_at="18/07/2022 10:00:00")
    still_open = [
        row(31, **OPEN, due_at="12/08/2022 17:00:00"),
        row(32, **OPEN, due_at="17/08/2022 17:00:00"),
        row(33, **OPEN, due_at="16/08/2022 17:00:00", resolving_unit=OTHER_PROVINCIAL),
        row(34, **OPEN, due_at="06/01/2023 17:00:00"),
        row(35, **OPEN, due_at="16/08/2022 17:00:00", resolving_unit="UBND thành phố Buôn Ma Thuột"),
    ]
    office.ingest([*ended, late, *still_open])
    return office


def test_each_period_has_its_fraction_budget_and_headroom(province: Office):
    answer = province.ask("budget", *AT)
    month, quarter, year = answer["periods"]
    assert (month["from"], month["denominator"], month["rate"], month["guide"]) == (
        "2022-08-01",
        0,
        None,
        True,
    )
    assert (quarter["from"], quarter["numerator"], quarter["denominator"]) == ("2022-07-01", 19, 20)
    assert (year["budget_late"], year["late"], year["headroom"], year["points"]) == (1, 1, 0, 1.425)
    assert "points" not in quarter
    assert year["guide"] is False
    score = province.ask("score", "3.4.1", *AT)
    assert all(score[name] == year[name] for name in ("numerator", "denominator", "budget_late", "headroom"))


def test_what_is_open_and_what_one_late_one_costs(province: Office):
    answer = province.ask("budget", *AT)
    assert answer["open"] == {"overdue": 1, "keepable": 2, "due_later": 1, "suspended": 0, "no_due": 0}
    ending = answer["if_all_end"]
    assert (ending["numerator"], ending["denominator"], ending["headroom"], ending["points"]) == (
        21,
        23,
        -1,
        0,
    )
    cost = answer["one_late"]
    assert (cost["points_at_stake"], cost["points_lost"], cost["late_until_lost"]) == (1.425, 1.425, 0)
    assert (cost["on_time_needed"], cost["on_time_to_offset"]) == (0, 19)


def test_the_dossiers_to_keep_stand_by_due_date(province: Office):
    listed = province.ask("budget", *AT)["at_stake"]
    assert [each["code"][-2:] for each in listed] == ["33", "32"]
    assert listed[0]["unit"] == OTHER_PROVINCIAL
    assert {each["state"] for each in listed} == {"due_soon"}
    assert listed[0]["remaining_minutes"] < listed[1]["remaining_minutes"]


def test_a_year_that_is_over_has_nothing_to_keep(province: Office):
    answer = province.ask("budget", "--year", "2022", "--as-of", "2023-01-01")
    assert (answer["open"], answer["if_all_end"], answer["at_stake"]) == (None, None, [])
    assert "Kỳ tính điểm năm 2022 đã hết" in province.run("budget", "--year", "2022").out


def test_received_dossiers_count_as_late_until_they_end_in_time(province: Office):
    answer = province.ask("budget", *AT, "--edition", "received")
    year = answer["periods"][2]
    assert (year["numerator"], year["denominator"], year["late"]) == (19, 24, 5)
    assert (answer["if_all_end"]["numerator"], answer["if_all_end"]["denominator"]) == (21, 24)


def test_before_anything_was_known_every_figure_is_null(province: Office):
    answer = province.ask("budget", *AT, "--known", "2022-01-01")
    assert (answer["periods"], answer["open"], answer["one_late"], answer["at_stake"]) == ([], None, None, [])
    assert answer["unknown"]


def test_an_edition_without_a_threshold_has_no_budget(province: Office):
    answer = province.run("budget", "766-tien-do", "--year", "2022")
    assert answer.status == 2
    assert "không có ngưỡng" in answer.err
