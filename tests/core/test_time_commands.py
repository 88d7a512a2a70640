"""`dunghen workdays`, `deadline` and `calendar` as the command contract words them."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.commands import calendar_commands, time_commands
from app.context import AppContext
from tracker.errors import CalendarError, UnusableFile, UsageError

GROUP = click.Group(
    "dunghen", {command.name: command for command in (*time_commands.COMMANDS, *calendar_commands.COMMANDS)}
)
DEADLINE = (
    "deadline",
    "--received",
    "2026-08-10T09:20",
    "--limit",
    "15 ngày làm việc",
    "--as-of",
    "2026-11-20",
)


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    return f"sqlite:///{(tmp_path_factory.mktemp('time') / 'dunghen.sqlite3').as_posix()}"


@pytest.fixture(autouse=True)
def _beside_what_is_kept_here(database, monkeypatch):
    monkeypatch.setenv("DUNGHEN_DATABASE_URL", database)


def run(*arguments):
    result = CliRunner().invoke(GROUP, arguments, obj=AppContext(Path("config.toml")))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (("add", "2026-08-15", "5"), "2026-08-21"),
        (("add", "2026-08-15", "0"), "2026-08-15"),
        (("count", "2026-08-28", "2026-09-04"), 2),
        (("minutes", "2026-08-14T16:00", "2026-08-17T08:30", "--calendar", "A"), 150),
        (("minutes", "2026-08-10", "2026-08-11", "--calendar", "B"), 480),
    ],
)
def test_workdays_answers_with_one_result(arguments, result):
    assert answer("workdays", *arguments) == {"result": result}


def test_a_deadline_answers_every_key_of_the_contract():
    got = answer(
        *DEADLINE, "--suspend", "2026-08-13T16:00/2026-08-17T08:00:supplement", "--finished", "2026-09-04"
    )
    assert got["due_at"] == "2026-09-09T17:00+07:00"
    assert (got["state"], got["late_days"], got["late_minutes"]) == ("finished_early", 0, 0)
    assert (got["precision"], got["rule"], got["remaining_minutes"]) == ("date", "civil", None)
    assert got["calendar_version"]
    assert {"at", "rule", "source", "text", "due_at"} == set(got["steps"][0])


def test_a_given_due_date_is_judged_and_a_promise_beside_it():
    got = answer(
        *DEADLINE, "--due", "2026-08-28", "--promised", "2026-08-14", "--finished", "2026-08-26T09:00"
    )
    assert (got["due_at"], got["state"]) == ("2026-08-28T17:00+07:00", "finished_early")
    assert (got["promised"]["due_at"], got["promised"]["state"]) == (
        "2026-08-14T17:00+07:00",
        "finished_late",
    )


def test_a_new_return_date_stands_beside_and_moves_nothing():
    got = answer(
        *DEADLINE,
        *("--reappoint", "2026-08-27/2026-09-10", "--reappoint", "2026-09-09/2026-09-20"),
        *("--finished", "2026-09-08"),
    )
    assert (got["due_at"], got["state"]) == ("2026-08-28T17:00+07:00", "finished_late")
    again = got["reappointed"]
    assert (again["due_at"], again["state"], again["late_days"]) == (
        "2026-09-10T17:00+07:00",
        "finished_early",
        0,
    )
    assert (again["made_at"], again["counts"]) == ("2026-08-27T00:00+07:00", False)
    assert got["flags"] == ["REAPPOINTMENT_REPEATED"]
    assert "reappointed" not in answer(*DEADLINE)
    assert "Theo ngày hẹn lại" in run(*DEADLINE, "--reappoint", "2026-08-27/2026-09-10").stdout


@pytest.mark.parametrize(
    ("received", "decree", "verified"),
    [("2025-06-30", "NĐ 61/2018/NĐ-CP", True), ("2025-07-01", "NĐ 118/2025/NĐ-CP", False)],
)
def test_the_answer_names_the_regime_of_the_reception(received, decree, verified):
    got = answer("deadline", "--received", received, "--limit", "5 ngày làm việc")
    assert (got["regime"]["decree"], got["regime"]["verified"]) == (decree, verified)


@pytest.mark.parametrize(
    ("options", "due"),
    [((), None), (("--channel", "online"), "2026-08-13T17:00+07:00"), (("--channel", "postal"), None)],
)
def test_a_limit_by_channel_needs_the_channel(options, due):
    limit = "Trực tuyến: 3 ngày làm việc; Trực tiếp: 5 ngày làm việc"
    got = answer("deadline", "--received", "2026-08-10", "--limit", limit, *options)
    assert (got["due_at"], got["reason"]) == (due, None if due else "LIMIT_BY_CHANNEL")


@pytest.mark.parametrize(
    ("options", "state"),
    [
        (("--suspend", "2026-08-13T16:00/"), "suspended"),
        (("--suspend", "2026-08-13T16:00/:financial"), "suspended"),
        (("--suspend", "2026-09-13/"), "overdue"),
        (("--status", "9", "--suspend", "2026-08-13/"), "suspended"),
        (("--status", "1"), "not_accepted"),
        (("--status", "Không được tiếp nhận"), "refused"),
        (("--withdrawn", "2026-08-13"), "withdrawn"),
        (("--refused", "2026-08-31"), "finished_late"),
        (("--finished", "2026-08-20", "--reopened", "2026-08-21"), "overdue"),
        (("--finished", "2026-08-20", "--suspend", "2026-08-13/"), "finished_early"),
        (("--finished", "2026-12-20"), "overdue"),
    ],
)
def test_the_state_follows_from_the_options(options, state):
    assert answer(*DEADLINE, *options)["state"] == state


def test_a_date_without_a_time_means_what_the_contract_says():
    got = answer("deadline", "--received", "2026-08-10", "--limit", "4 giờ", "--as-of", "2026-08-10")
    assert (got["due_at"], got["state"], got["remaining_minutes"]) == (
        "2026-08-10T11:00+07:00",
        "due_soon",
        0,
    )
    saturday = answer(
        "deadline", "--received", "2026-08-10", "--due", "2026-08-15", "--as-of", "2026-08-10T08:00"
    )
    assert saturday["due_at"] == "2026-08-15T23:59:59+07:00"


@pytest.mark.parametrize(
    "arguments",
    [
        ("deadline", "--limit", "5 ngày"),
        (*DEADLINE, "--finished", "20/08/2026"),
        (*DEADLINE, "--suspend", "2026-08-13"),
        (*DEADLINE, "--suspend", "2026-08-13/2026-08-12"),
        (*DEADLINE, "--suspend", "2026-08-13/2026-08-14:holiday"),
        (*DEADLINE, "--status", "99"),
        (*DEADLINE, "--reappoint", "2026-08-27"),
        (*DEADLINE, "--reappoint", "2026-08-27/2026-08-26"),
        (*DEADLINE, "--rule", "nobody"),
        (*DEADLINE, "--rule", "hours", "--limit", "5 ngày"),
        (*DEADLINE, "--calendar", "Z"),
    ],
)
def test_wrong_use_is_told_and_ends_with_status_2(arguments):
    with pytest.raises(UsageError) as error:
        run(*arguments)
    assert error.value.exit_status == 2


def test_outside_the_calendar_the_command_fails():
    with pytest.raises(CalendarError):
        run("deadline", "--received", "2031-01-01", "--limit", "5 ngày làm việc")


def test_a_file_gives_an_answer_a_line_in_order_and_errors_in_their_place(tmp_path):
    lines = [
        '{"received": "2026-08-10T09:00", "limit": "5 ngày làm việc", "as_of": "2026-08-11"}',
        "not json",
        '{"limit": "5 ngày"}',
        '{"received": "2031-01-01", "limit": "5 ngày"}',
        '{"received": "2026-08-10", "limit": "Không quy định", "suspend": [["2026-08-11", null, null]]}',
        '{"received": null, "limit": "5 ngày"}',
        '{"received": "2026-08-10", "limit": "5 ngày làm việc", "reappoint": [["2026-08-13", "2026-08-28"]]}',
        '{"received": "2026-08-10", "limit": "5 ngày làm việc", "channel": "pigeon"}',
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    result = run("deadline", "--file", str(path))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    due = "2026-08-17T17:00+07:00"
    assert [a.get("due_at") for a in answers] == [due, None, None, None, None, None, due, None]
    codes = [a["error"]["code"] if "error" in a else a["state"] for a in answers]
    assert codes[:4] == ["on_track", "JSON_INVALID", "USAGE", "CALENDAR_OUT_OF_RANGE"]
    assert codes[4:] == ["suspended", "unknown", "overdue", "USAGE"]


def test_a_file_that_cannot_be_read_fails_as_a_whole(tmp_path):
    with pytest.raises(UnusableFile):
        run("deadline", "--file", str(tmp_path / "none.jsonl"))


def test_without_json_the_proof_is_a_text():
    text = run(*DEADLINE).stdout
    assert "Phiếu tính hạn" in text
    assert "Thứ Bảy 22/08/2026: làm bù cho 31/08/2026" in text


def test_the_calendar_shows_its_days_with_their_notices():
    got = answer("calendar", "show")
    assert got["years"] == list(range(2018, 2028))
    assert {"date": "2026-11-24", "name": "Ngày Văn hóa Việt Nam", "notice": "NQ 28/2026/QH16 Điều 2"} in got[
        "off"
    ]
    assert [day["date"] for day in got["make_up"]][-1] == "2026-08-22"
    assert all(day.startswith("2027") for day in got["provisional"])


@pytest.mark.parametrize(("as_of", "warnings"), [("2025-06-01", 0), ("2026-11-20", 1), ("2027-01-01", 2)])
def test_the_check_warns_of_years_missing_or_provisional(as_of, warnings):
    result = run("calendar", "check", "--as-of", as_of, "--json")
    assert len(json.loads(result.stdout)["warnings"]) == warnings
    assert result.exit_code == (1 if warnings else 0)
