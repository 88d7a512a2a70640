"""The numbered cases of the domain notes, answered by the real commands: counting, pauses, other programs' rules, verdicts."""

import json
from datetime import date, timedelta
from pathlib import Path

import click
import oracle
import pytest
from click.testing import CliRunner

from app.commands import time_commands
from app.context import AppContext

GROUP = click.Group("dunghen", {command.name: command for command in time_commands.COMMANDS})
LATER = "2026-11-20"


def answer(*arguments):
    result = CliRunner().invoke(GROUP, [*arguments, "--json"], obj=AppContext(Path("config.toml")))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return json.loads(result.stdout)


def deadline(*options, as_of=LATER, **given):
    named = [word for key, value in given.items() for word in (f"--{key}", value)]
    return answer("deadline", *named, *options, "--as-of", as_of)


def local(text):
    """ "2026-08-10T17:30" as answers write it."""
    return f"{text}+07:00"


# 1-23 and 27: rule hours
@pytest.mark.parametrize(
    ("case", "received", "limit", "calendars", "due"),
    [
        (1, "2026-08-10T07:30", "8 giờ", "A", "2026-08-10T17:30"),
        (2, "2026-08-10T08:00", "8 giờ", "A", "2026-08-11T08:00"),
        (3, "2026-08-10T09:20", "24 giờ", "AB", "2026-08-13T09:20"),
        (4, "2026-08-10T12:00", "8 giờ", "A", "2026-08-11T11:30"),
        (5, "2026-08-10T11:20", "1 giờ", "A", "2026-08-10T14:20"),
        (6, "2026-08-10T11:30", "1 giờ", "B", "2026-08-10T14:30"),
        (7, "2026-08-10T18:00", "8 giờ", "A", "2026-08-11T17:30"),
        (8, "2026-08-10T06:00", "8 giờ", "A", "2026-08-10T17:30"),
        (9, "2026-08-10T16:00", "4 giờ", "AB", "2026-08-11T10:00"),
        (10, "2026-08-10T16:00", "6 giờ", "B", "2026-08-11T14:00"),
        (10, "2026-08-10T16:00", "7 giờ", "B", "2026-08-11T15:00"),
        (11, "2026-08-10T10:10", "30 phút", "A", "2026-08-10T10:40"),
        (11, "2026-08-10T10:10", "nửa giờ", "A", "2026-08-10T10:40"),
        (12, "2026-08-10T09:00", "2,5 ngày làm việc", "A", "2026-08-12T15:00"),
        (13, "2026-08-10T14:00", "0,5 ngày", "A", "2026-08-11T08:00"),
        (14, "2026-08-14T16:30", "2 giờ", "A", "2026-08-17T08:30"),
        (15, "2026-08-15T09:00", "1 ngày làm việc", "A", "2026-08-17T17:30"),
        (15, "2026-08-15T09:00", "1 ngày làm việc", "B", "2026-08-17T17:00"),
        (16, "2026-08-15T09:00", "4 giờ", "B", "2026-08-17T11:00"),
        (17, "2026-08-15T09:00", "5 ngày làm việc", "A", "2026-08-21T17:30"),
        (18, "2026-08-21T10:00", "1 ngày làm việc", "AB", "2026-08-22T10:00"),
        (19, "2026-08-22T10:00", "1 ngày làm việc", "A", "2026-08-24T10:00"),
        (20, "2026-08-28T10:00", "1 ngày làm việc", "AB", "2026-09-03T10:00"),
        (21, "2026-08-28T10:00", "5 ngày làm việc", "AB", "2026-09-09T10:00"),
        (22, "2026-08-31T10:00", "1 ngày làm việc", "A", "2026-09-03T17:30"),
        (23, "2026-09-01T10:00", "1 ngày làm việc", "A", "2026-09-03T17:30"),
        (27, "2026-08-15T09:00", "0 giờ", "AB", "2026-08-15T09:00"),
    ],
)
def test_hours_counts_working_minutes_from_the_moment_of_reception(case, received, limit, calendars, due):
    for key in calendars:
        got = deadline(received=received, limit=limit, rule="hours", calendar=key)
        assert (got["due_at"], got["rule"]) == (local(due), "hours"), case
        assert ("LIMIT_ZERO" in got["flags"]) is (case == 27)


@pytest.mark.parametrize(
    ("case", "received", "limit", "day"),
    [
        (24, "2026-08-10T10:00", "7 ngày", "2026-08-17"),
        (25, "2026-08-12T10:00", "3 ngày", "2026-08-17"),
        (26, "2026-08-28T10:00", "3 ngày", "2026-09-03"),
    ],
)
def test_calendar_days_end_on_a_working_day(case, received, limit, day):
    for key, closing in (("A", "17:30"), ("B", "17:00")):
        got = deadline(received=received, limit=limit, calendar=key)
        assert (got["due_at"], got["rule"]) == (local(f"{day}T{closing}"), "civil"), case


@pytest.mark.parametrize(
    ("case", "start", "end", "minutes"),
    [
        (28, "2026-08-14T16:00", "2026-08-17T08:30", 150),
        (29, "2026-08-10T08:00", "2026-08-10T18:30", 450),
        (30, "2026-08-15T08:00", "2026-08-16T18:30", 0),
        (31, "2026-08-28T16:30", "2026-09-03T08:30", 120),
        (32, "2026-08-10T17:45", "2026-08-11T07:00", 0),
        (33, "2026-08-10T18:00", "2026-08-11T08:30", 60),
        (34, "2026-08-10T09:00", "2026-08-11T18:30", 870),
        (35, "2026-08-10T11:00", "2026-08-10T14:00", 60),
    ],
)
def test_only_minutes_in_sessions_count(case, start, end, minutes):
    assert answer("workdays", "minutes", start, end, "--calendar", "A") == {"result": minutes}, case


PAUSED = {"received": "2026-08-07T10:00", "limit": "5 ngày làm việc", "rule": "hours", "calendar": "B"}


@pytest.mark.parametrize(
    ("case", "given", "pauses", "minutes", "due"),
    [
        (36, {}, ["2026-08-11T09:00/2026-08-13T09:00"], 960, "2026-08-18T10:00"),
        (37, {}, ["2026-08-13T16:00/2026-08-17T08:00"], 600, "2026-08-17T14:00"),
        (38, {}, ["2026-08-11T09:00/2026-08-11T11:00"], 120, "2026-08-14T14:00"),
        (
            39,
            {"received": "2026-08-21T10:00", "limit": "6 ngày làm việc"},
            ["2026-08-27T09:00/2026-09-03T09:00"],
            960,
            "2026-09-04T10:00",
        ),
        ("40 touch", {}, ["2026-08-12T09:00/2026-08-13T09:00", "2026-08-11T09:00/2026-08-12T09:00"], 960, "2026-08-18T10:00"),
        ("40 overlap", {}, ["2026-08-11T09:00/2026-08-12T16:00", "2026-08-12T08:00/2026-08-13T09:00"], 960, "2026-08-18T10:00"),
        ("40 late", {}, ["2026-08-14T10:00/2026-08-19T09:00"], None, "2026-08-14T10:00"),
    ],
)  # fmt: skip
def test_a_pause_moves_an_hours_deadline_by_its_working_minutes(case, given, pauses, minutes, due):
    options = [word for pause in pauses for word in ("--suspend", pause)]
    got = deadline(*options, **(PAUSED | given))
    assert got["due_at"] == local(due), case
    ends = [each.split("/") for each in pauses]
    if minutes is not None:
        first, last = min(start for start, _ in ends), max(end for _, end in ends)
        assert answer("workdays", "minutes", first, last, "--calendar", "B") == {"result": minutes}


def test_40_an_open_pause_freezes_and_one_after_the_due_date_cures_nothing():
    frozen = deadline("--suspend", "2026-08-11T09:00/", as_of="2026-08-12T23:59", **PAUSED)
    assert (frozen["state"], frozen["remaining_minutes"]) == ("suspended", 360 + 480 + 480 + 180)
    late = deadline("--suspend", "2026-08-14T10:00/", as_of="2026-08-20", **PAUSED)
    assert (late["state"], late["due_at"]) == ("overdue", local("2026-08-14T10:00"))


# 6.3: (received, days) -> what each program says; where its result is a fault, ours is what its parameters mean
OTHERS = {
    ("2026-08-10T09:00", 1): {
        "epar": "2026-08-11T11:30",
        "bkav2": "2026-08-10T17:30",
        "bkav3": "2026-08-11T17:30",
        "bkav4": "2026-08-10T17:30",
        "bkav5": "2026-08-11T09:00",
        "cmon": "2026-08-11T09:00",
        "hours": "2026-08-11T09:00",
    },
    ("2026-08-10T15:30", 1): {
        "epar": "2026-08-11T16:00",
        "bkav2": "2026-08-11T17:30",
        "bkav3": "2026-08-12T17:30",
        "bkav4": "2026-08-10T17:30",
        "bkav5": "2026-08-11T15:30",
        "cmon": "2026-08-11T15:30",
        "hours": "2026-08-11T15:30",
    },
    ("2026-08-10T09:00", 5): {
        "epar": "2026-08-17T11:30",
        "bkav2": "2026-08-14T17:30",
        "bkav3": "2026-08-17T17:30",
        "bkav4": "2026-08-14T17:30",
        "bkav5": "2026-08-17T09:00",
        "cmon": "2026-08-17T09:00",
        "hours": "2026-08-17T09:00",
    },
    ("2026-08-10T15:30", 5): {
        "epar": "2026-08-17T16:00",
        "bkav2": "2026-08-17T17:30",
        "bkav3": "2026-08-18T17:30",
        "bkav4": "2026-08-14T17:30",
        "bkav5": "2026-08-17T15:30",
        "cmon": "2026-08-17T15:30",
        "hours": "2026-08-17T15:30",
    },
    ("2026-08-15T09:00", 1): {
        "epar": "2026-08-18T11:30",
        "bkav2": "2026-08-17T17:30",  # theirs: on the day off itself
        "bkav3": "2026-08-17T17:30",
        "bkav4": "2026-08-17T17:30",  # theirs: on the day off itself
        "bkav5": "2026-08-17T09:00",
        "cmon": "2026-08-17T09:00",
    },
    ("2026-08-20T09:00", 3): {
        "epar": "2026-08-24T11:30",
        "bkav2": "2026-08-22T17:30",
        "bkav3": "2026-08-24T17:30",
        "bkav4": "2026-08-22T17:30",
        "bkav5": "2026-08-24T09:00",
        "cmon": "2026-08-24T09:00",  # theirs: 25/8, without the make-up Saturday
        "hours": "2026-08-24T09:00",
    },
    ("2026-08-28T10:00", 5): {
        "epar": "2026-09-09T11:30",
        "bkav2": "2026-09-08T17:30",
        "bkav3": "2026-09-09T17:30",
        "bkav4": "2026-09-08T17:30",
        "bkav5": "2026-09-09T10:00",
        "cmon": "2026-09-09T10:00",
        "hours": "2026-09-09T10:00",
    },
}


@pytest.mark.parametrize("calendar", ["A", "B"])
@pytest.mark.parametrize(("received", "days"), OTHERS)
def test_other_programs_rules_are_rebuilt_from_their_parameters(received, days, calendar):
    for rule, due in OTHERS[received, days].items():
        got = deadline(received=received, limit=f"{days} ngày làm việc", rule=rule, calendar=calendar)
        assert got["due_at"] == local(due), rule
        assert ("RULE_COMPARISON" in got["flags"]) is (rule != "hours")


@pytest.mark.parametrize("calendar", ["A", "B"])
@pytest.mark.parametrize(
    ("received", "due"),
    [("2026-08-10T09:00", "2026-08-10T16:00"), ("2026-08-10T14:00", "2026-08-11T11:30")],
)
def test_epar_counts_half_days(received, due, calendar):
    got = deadline(received=received, limit="0,5 ngày", rule="epar", calendar=calendar)
    assert got["due_at"] == local(due)


# ---------------------------------------------------------------- verdicts

GIVEN = {"received": "2026-08-10T09:20"}
END = "2026-08-28T10:00"


@pytest.mark.parametrize(
    ("case", "given", "state", "days", "minutes"),
    [
        (41, {"due": END, "finished": END}, "finished_on_time", 0, 0),
        (42, {"due": END, "finished": "2026-08-28T16:00"}, "finished_on_time", 0, 0),
        (42, {"due": END, "finished": "2026-08-28T16:00", "precision": "instant"}, "finished_late", 0, 240),
        (43, {"due": "2026-08-28", "finished": "2026-08-28T17:40"}, "finished_on_time", 0, 0),
        (44, {"due": "2026-08-28T17:30", "finished": "2026-08-28T09:00"}, "finished_on_time", 0, 0),
        (45, {"due": "2026-08-10T15:00", "finished": "2026-08-10T13:10"}, "finished_on_time", 0, 0),
        (45, {"due": "2026-08-10T15:00", "finished": "2026-08-10T13:10", "precision": "instant"}, "finished_early", 0, 0),
        (46, {"limit": "Không quy định", "finished": END}, "no_due", None, None),
        (47, {"due": END, "as_of": END}, "due_soon", 0, 0),
        (47, {"due": END, "as_of": END, "precision": "instant"}, "due_soon", 0, 0),
        (48, {"due": "2026-08-28", "as_of": "2026-08-28"}, "due_soon", 0, 0),
        (49, {"due": END, "finished": "2026-08-27T10:00", "returned": "2026-09-12T10:00"}, "finished_early", 0, 0),
        (50, {"due": END, "status": "9", "suspend": "2026-08-13T16:00/:supplement"}, "suspended", 0, 0),
        (53, {"due": END, "withdrawn": "2026-09-04T10:00"}, "withdrawn", 2, 960),
        (54, {"due": END, "finished": "2026-08-27", "reopened": "2026-08-28", "as_of": "2026-09-04"}, "overdue", 2, None),
        (56, {"due": END, "refused": "2026-09-03T10:00", "status": "9"}, "finished_late", 1, 480),
    ],
)  # fmt: skip
@pytest.mark.parametrize("calendar", ["A", "B"])
def test_a_verdict_is_that_of_the_notes(case, given, state, days, minutes, calendar):
    got = deadline(**{**GIVEN, "calendar": calendar, **{k: v for k, v in given.items() if k != "as_of"}},
                   as_of=given.get("as_of", LATER))  # fmt: skip
    assert (got["state"], got["late_days"]) == (state, days), case
    assert minutes is None or got["late_minutes"] == minutes
    flags = {41: "END_EQ_DUE", 42: "PRECISIONS_DISAGREE", 50: "STATUS_LOSSY", 53: "LATE_AT_WITHDRAWAL"}
    assert case not in flags or flags[case] in got["flags"]
    assert got["refused"] is (case == 56)


def test_52_two_rounds_of_supplements_are_on_time_and_marked():
    got = deadline(
        "--suspend", "2026-08-11T09:00/2026-08-12T09:00:supplement",
        "--suspend", "2026-08-13T09:00/2026-08-14T09:00:supplement",
        received="2026-08-10T09:00", limit="5 ngày làm việc", finished="2026-08-19T09:00",
    )  # fmt: skip
    assert got["state"] == "finished_early"
    assert {"LATE_BY_766", "SUPPLEMENT_REPEATED"} <= set(got["flags"])


def test_55_a_moved_due_date_does_not_hide_the_first_promise():
    got = deadline(**GIVEN, due="2026-08-28", promised="2026-08-14", finished="2026-08-26T10:00")
    assert (got["state"], got["promised"]["state"]) == ("finished_early", "finished_late")
    assert got["promised"]["late_days"] == 9


def test_the_worked_check_by_pause_and_by_restart():
    given = {
        "received": "2026-08-10T09:20",
        "limit": "15 ngày làm việc",
        "finished": "2026-09-04T10:30",
        "calendar": "B",
    }
    stop = "2026-08-13T16:00/2026-08-17T08:00"
    paused = deadline("--suspend", stop, rule="hours", **given)
    assert paused["due_at"] == local("2026-09-03T11:20")
    assert (paused["state"], paused["late_days"], paused["late_minutes"]) == ("finished_late", 1, 430)
    restarted = deadline("--suspend", f"{stop}:supplement", **given)
    assert (restarted["due_at"], restarted["state"]) == (local("2026-09-09T17:00"), "finished_early")


# ---------------------------------------------------------------- the national calendar


@pytest.mark.parametrize("year", oracle.OFF)
def test_every_day_off_of_the_table_is_off(year):
    for text in oracle.OFF[year].split():
        day, month = map(int, text.split("/"))
        off = date(year, month, day)
        before = (off - timedelta(1)).isoformat()
        if before >= "2018-01-01":
            assert answer("workdays", "count", before, off.isoformat()) == {"result": 0}, text


@pytest.mark.parametrize("text", sorted(oracle.WORKED_SATURDAYS))
def test_every_make_up_saturday_of_the_table_is_worked(text):
    day, month, year = map(int, text.split("/"))
    saturday = date(year, month, day)
    friday = (saturday - timedelta(1)).isoformat()
    assert saturday.weekday() == 5
    assert answer("workdays", "add", friday, "1") == {"result": saturday.isoformat()}
