"""`calendar check`: what a person must look after, and what the `holidays` package thinks of the same dates."""

import json
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app import calendar_warnings
from app.commands import calendar_commands
from app.context import AppContext
from app.second_opinion import second_opinion
from tracker.calendar_data import load_calendar
from tracker.timekeeping.calendar_definition import DayOff
from tracker.timekeeping.working_calendar import WorkingCalendar

GROUP = click.Group("dunghen", {command.name: command for command in calendar_commands.COMMANDS})
B = load_calendar("B")


def check(*arguments):
    context = AppContext(Path("config.toml"))
    result = CliRunner().invoke(GROUP, ["calendar", "check", *arguments, "--json"], obj=context)
    return json.loads(result.stdout), result.exit_code


def changed(*, without=(), plus=(), **other):
    """Calendar B with other days off."""
    left = tuple(entry for entry in B.definition.off if entry.day not in map(date.fromisoformat, without))
    return WorkingCalendar(replace(B.definition, off=(*left, *plus), **other))


def day_off(text, notice="TB 1/TB", *, provisional=False):
    return DayOff(date.fromisoformat(text), "Nghỉ", notice, provisional)


def test_the_swap_of_january_2026_differs_and_our_notice_explains_it():
    got, status = check("--as-of", "2025-06-01")
    opinion = got["second_opinion"]
    assert (opinion["package"], opinion["unknown_years"]) == ("holidays", [])
    assert opinion["version"]
    notice = {"notice": "VB 12729/VPCP-KGVX", "explained": True, "estimated": False}
    assert opinion["differences"][:2] == [
        {"date": "2026-01-02", "ours": "off", "theirs": "worked", **notice},
        {"date": "2026-01-10", "ours": "worked", "theirs": "off", **notice},
    ]
    assert (got["warnings"], got["ok"], status) == ([], True, 0)


@pytest.mark.parametrize(
    ("calendar", "day", "explained", "estimated", "alarming"),
    [
        (changed(without=["2026-11-24"]), "2026-11-24", False, False, True),
        (changed(plus=[day_off("2026-08-10", " ")]), "2026-08-10", False, False, True),
        (changed(plus=[day_off("2026-08-10")]), "2026-08-10", True, False, False),
        (changed(plus=[day_off("2026-08-10", provisional=True)]), "2026-08-10", False, True, False),
        (changed(without=["2027-09-02"]), "2027-09-02", False, True, False),
    ],
    ids=["holiday unknown to us", "no notice", "by notice", "provisional", "year only computed"],
)
def test_a_difference_alarms_unless_a_notice_explains_it_or_the_year_is_an_estimate(
    calendar, day, explained, estimated, alarming
):
    found = {difference.day: difference for difference in second_opinion(calendar).differences}
    difference = found[date.fromisoformat(day)]
    assert (difference.explained, difference.estimated) == (explained, estimated)
    assert difference.is_alarming is alarming
    assert (difference.text in second_opinion(calendar).warnings) is alarming


def test_an_office_that_works_on_saturdays_does_not_differ_on_every_saturday():
    weekdays = {**B.definition.weekdays, 5: ((420, 690),)}
    differing = second_opinion(changed(weekdays=weekdays)).differences
    assert len(differing) < 40  # holidays on Saturdays, which no notice had to name
    assert {difference.day.weekday() for difference in differing} <= {4, 5}


def test_a_year_that_the_package_does_not_know_is_said():
    opinion = second_opinion(changed(last=date(2101, 12, 31)))
    assert opinion.unknown_years == (2101,)
    assert "2101" in opinion.text


def test_without_the_package_there_is_no_second_opinion_and_no_fault(monkeypatch):
    monkeypatch.setitem(sys.modules, "holidays", None)
    got, status = check("--as-of", "2025-06-01")
    assert (got["second_opinion"], got["ok"], status) == (None, True, 0)
    context = AppContext(Path("config.toml"))
    said = CliRunner().invoke(GROUP, ["calendar", "check", "--as-of", "2025-06-01"], obj=context).stdout
    assert "Không có ý kiến thứ hai" in said


@pytest.mark.parametrize(
    ("as_of", "warnings"),
    [
        ("2025-12-31", []),
        ("2026-01-01", ["Năm 2027: lịch tạm tính"]),
        ("2027-11-24", ["còn 1 ngày, từ 24/11/2027", "Năm 2028: chưa có lịch"]),
        ("2027-11-25", ["Năm 2028: chưa có lịch"]),
        ("2017-06-01", ["Năm 2017: chưa có lịch"]),
    ],
)
def test_the_check_warns_of_what_lies_ahead_of_its_as_of(as_of, warnings):
    got, status = check("--as-of", as_of)
    assert len(got["warnings"]) == len(warnings)
    assert all(part in said for part, said in zip(warnings, got["warnings"], strict=True))
    assert status == (1 if warnings else 0)


def test_days_off_without_a_notice_are_warned_of_in_every_loaded_year():
    bare = changed(plus=[day_off("2020-08-10", ""), day_off("2020-08-11", "  "), day_off("2020-08-12")])
    assert list(calendar_warnings.without_notice(bare)) == [(2020, "10/08/2020, 11/08/2020")]
    empty = changed(without=[e.day.isoformat() for e in B.definition.off if e.day.year == 2022])
    assert list(calendar_warnings.without_notice(empty)) == [(2022, "cả năm")]
