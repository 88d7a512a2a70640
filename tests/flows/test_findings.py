"""Signs that lateness was made to disappear, through real loads and the command line; nobody is accused on thin grounds."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from app.works.finding import ask_for_findings
from tests.flows.office import Office, StandingContext, csv_text, row
from tracker.config import load_config
from tracker.pipeline.findings import look
from tracker.types import VN

CODE = "H15.03-220301-0001"


def load(office: Office, day: str, *rows: Mapping[str, str], full: bool = True, is_fresh: bool = True) -> Any:
    """One whole export at 20:00 of a day of July 2026 (or another month: "08-03")."""
    month, on = (int(part) for part in day.split("-")) if "-" in day else (7, int(day))
    office.now = datetime(2026, month, on, 20, 0, tzinfo=VN)
    fresh = row(
        f"H15.03-26{office.now:%m%d}-9999", received_at=f"{office.now:%d/%m/%Y} 09:00:00", due_at="31/12/2026 16:20:10",
        limit_text="200 ngày làm việc",
    )  # fmt: skip
    path = office.write(f"tep-{office.now:%m%d}.csv", csv_text([*rows, *([fresh] if is_fresh else [])]))
    return office.ask("ingest", path, *(["--full"] if full else []))


def july(number: int = 1, **given: str) -> dict[str, str]:
    """Received on Wednesday 1 July 2026 with ten working days; due on Wednesday 15 July; open."""
    usual = {"received_at": "01/07/2026 08:00:00", "due_at": "15/07/2026 16:20:10"}
    return row(number, **{**usual, **given})


def other(number: int = 99) -> dict[str, str]:
    """One that nobody would notice."""
    return july(number, due_at="31/08/2026 16:20:10", limit_text="43 ngày làm việc")


@contextmanager
def opened(office: Office) -> Iterator[StandingContext]:
    """What a worker of the office works with."""
    context = StandingContext(office.config, instant=office.now)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    yield context
    context.store.close()


def found(office: Office, *arguments: str) -> list[tuple[str, str]]:
    answer = office.ask("audit", "findings", *arguments)
    return sorted((one["code"][-4:], one["kind"]) for one in answer["findings"])


def test_a_date_that_was_moved_when_it_had_passed_is_pointed_out_with_what_shows_it(office: Office):
    first = load(office, "1", july(), other())
    late = load(office, "17", july(), other())
    moved = load(office, "20", july(due_at="24/07/2026 16:20:10"), other())
    (one,) = office.ask("audit", "findings")["findings"]
    assert (one["code"], one["kind"], one["state"]) == (CODE, "due_moved_after", "open")
    before, after = one["evidence"]["before"], one["evidence"]["after"]
    assert (before["at"][:10], before["batch_id"], before["last_batch_id"]) == (
        "2026-07-15",
        first["batch"],
        late["batch"],
    )
    assert (after["at"][:10], after["told_at"][:10], after["batch_id"]) == (
        "2026-07-24",
        "2026-07-20",
        moved["batch"],
    )


def test_looking_again_finds_the_same(office: Office):
    load(office, "1", july(), other())
    load(office, "17", july(), other())
    load(office, "20", july(due_at="24/07/2026 16:20:10"), other())
    first = office.ask("audit", "findings")["findings"]
    load(office, "21", july(due_at="24/07/2026 16:20:10"), other())
    assert office.ask("audit", "findings")["findings"] == first


def moved(office: Office) -> Any:
    """Three exports: told, still told when the date had passed, moved."""
    load(office, "1", july(), other())
    load(office, "17", july(), other())
    return load(office, "20", july(due_at="24/07/2026 16:20:10"), other())


def test_what_the_data_no_longer_show_is_gone_and_not_deleted_and_comes_back_with_them(office: Office):
    moved(office)
    (before,) = office.ask("audit", "findings")["findings"]
    load(
        office,
        "21",
        july(due_at="24/07/2026 16:20:10", suspensions="Nghĩa vụ tài chính: 10/07/2026 08:00:00 -"),
        other(),
    )
    assert found(office) == []
    assert office.query("SELECT id, gone_at IS NULL FROM finding") == [(before["id"], 0)]
    load(office, "22", july(due_at="24/07/2026 16:20:10", suspensions=""), other())
    (after,) = office.ask("audit", "findings")["findings"]
    assert (after["id"], after["gone_at"]) == (before["id"], None)


def test_as_of_answers_as_the_book_of_findings_stood(office: Office):
    moved(office)
    assert found(office) == [("0001", "due_moved_after")]
    load(
        office,
        "21",
        july(due_at="24/07/2026 16:20:10", suspensions="Nghĩa vụ tài chính: 10/07/2026 08:00:00 -"),
        other(),
    )
    assert found(office) == []
    assert found(office, "--as-of", "2026-07-20") == [("0001", "due_moved_after")]
    assert found(office, "--as-of", "2026-07-19") == []


def test_the_exit_status_says_whether_anything_waits_for_an_explanation(office: Office):
    load(office, "1", july(), other())
    assert office.run("audit", "findings").status == 0
    moved(office)
    answer = office.run("audit", "findings")
    assert answer.status == 1
    assert "không phải kết luận" in answer.out
    assert office.run("audit", "findings", "--kind", "reopened").status == 0
    assert office.run("audit", "findings", "--state", "confirmed").status == 0


def test_findings_are_narrowed_by_days_and_unit_and_written_to_files(office: Office):
    moved(office)
    assert found(office, "--from", "2026-07-20", "--to", "2026-07-20") == [("0001", "due_moved_after")]
    assert found(office, "--from", "2026-07-21") == []
    assert found(office, "--unit", "Sở Công Thương") == [("0001", "due_moved_after")]
    assert found(office, "--unit", "Sở Tư pháp") == []
    for ending in (".xlsx", ".csv"):
        target = office.folder / f"dau-hieu{ending}"
        assert office.ask("audit", "findings", "--out", target)["file"] == str(target)
        assert target.stat().st_size > 500
    assert office.run("audit", "findings", "--out", "x.pdf").status == 2
    told = office.ask("audit", "show")["entries"]
    assert {"finding_export", "findings"} <= {entry["action"] for entry in told}


def test_old_exports_that_are_loaded_one_after_the_other_say_nothing_of_when(office: Office):
    load(office, "08-18", july(), other(), is_fresh=False)
    load(office, "08-19", july(), other(), is_fresh=False)
    load(office, "08-20", july(due_at="24/07/2026 16:20:10"), other(), is_fresh=False)
    assert found(office) == [("0001", "due_moved_unexplained")], (
        "not that it was moved when the date had passed"
    )
    load(office, "08-21", other(), is_fresh=False)
    assert found(office) == [("0001", "due_moved_unexplained")], "nor that it was late when it vanished"


def test_the_report_tells_the_book_of_findings_once_somebody_has_looked(office: Office):
    moved(office)
    asked = (
        "report",
        "findings",
        "--from",
        "2026-07-01",
        "--to",
        "2026-07-31",
        "--out",
        office.folder / "r.csv",
    )
    assert "chưa tìm" in office.run(*asked).err
    office.run("audit", "findings")
    assert office.ask(*asked)["rows"] == 1
    assert "Nguyễn Văn Bịa" not in (office.folder / "r.csv").read_text("utf-8-sig")


def test_a_first_load_of_a_past_year_points_out_nothing_that_was_not_seen_to_happen(office: Office):
    rows = [
        july(1, finished_at="15/07/2026 10:00:00", status="Đã xử lý xong"),
        july(2, finished_at="20/07/2026 10:00:00", status="Đã xử lý xong"),
        july(
            3,
            suspensions="Bổ sung hồ sơ: 10/07/2026 08:00:00 - 20/07/2026 08:00:00",
            due_at="24/07/2026 16:20:10",
        ),
        july(4, previous_due_at="15/07/2026 16:20:10", due_at="16/07/2026 16:20:10"),
        july(5),
    ]
    load(office, "08-20", *rows)
    assert found(office) == []


def test_of_dates_that_the_source_itself_calls_moved_only_the_ground_is_asked(office: Office):
    load(office, "08-20", july(1, previous_due_at="15/07/2026 16:20:10", due_at="24/07/2026 16:20:10"))
    assert found(office) == [("0001", "due_moved_unexplained")]


def test_a_look_that_fails_leaves_everything_as_it_was(office: Office):
    moved(office)
    before = office.dump()

    def fails(told: str) -> None:
        if "bị che" in told:
            raise RuntimeError(told)

    with opened(office) as context, pytest.raises(RuntimeError):
        look(context.store, context.calendars, office.now, progress=fails)
    assert office.dump() == before
    assert found(office) == [("0001", "due_moved_after")]


def test_the_job_of_the_night_looks_at_everything_and_the_worker_after_loads(office: Office):
    moved(office)
    ran = office.ask("jobs", "run", "findings", "--day", "2026-07-20")
    assert (ran["result"]["new"], ran["result"]["standing"]) == (1, 1)
    asked = "SELECT count(*) FROM work_item WHERE kind = 'findings'"
    with opened(office) as context:
        ask_for_findings(context, office.now)
        assert office.query(asked) == [(0,)], "everything was looked at"
    load(office, "22", july(due_at="31/07/2026 16:20:10"), other())
    with opened(office) as context:
        for _ in range(2):
            ask_for_findings(context, office.now)
    assert office.query(asked) == [(1,)]


def test_the_share_of_ends_at_the_very_second_is_told_by_unit(office: Office):
    done = {"finished_at": "15/07/2026 16:20:10", "status": "Đã xử lý xong"}
    load(office, "1", july(1), july(2))
    load(office, "15", july(1, **done), july(2, **done | {"finished_at": "15/07/2026 16:20:11"}))
    answer = office.ask("audit", "findings")
    assert answer["equal_ends"] == [{"unit": "Sở Công Thương tỉnh Đắk Lắk", "equal": 1, "ended": 2}]
    assert found(office) == [("0001", "end_is_due")]


# ---------------------------------------------------------------- hidden lateness


def hidden(office: Office) -> list[Any]:
    return office.ask("audit", "findings")["hidden"]


def test_hidden_lateness_counts_only_dossiers_of_which_everything_is_known(office: Office):
    done = {"finished_at": "20/07/2026 10:00:00", "status": "Đã xử lý xong"}
    unknown = {"limit_text": "", "procedure_code": "9.999999"}
    load(
        office,
        "1",
        july(1),
        july(2),
        july(3, due_at=""),
        july(4),
        july(5, **unknown),
    )
    load(
        office, "20",
        july(1, **done), july(2, due_at="24/07/2026 16:20:10", **done), july(3, due_at="", **done),
        july(4, due_at="24/07/2026 16:20:10", suspensions="Nghĩa vụ tài chính: 10/07/2026 08:00:00 - 20/07/2026 08:00:00", **done),
        july(5, due_at="24/07/2026 16:20:10", **unknown, **done),
    )  # fmt: skip
    (line,) = hidden(office)
    # Late by the source; hidden by both dates; no date; suspended with a document (in time by it); no limit.
    assert (line["ended"], line["complete"], line["late"]) == (5, 3, 1)
    assert (line["hidden_documented"], line["hidden_promised"], line["hidden"]) == (1, 1, 1)


def test_a_reopening_takes_a_dossier_out_of_hidden_lateness_again(office: Office):
    done = {"finished_at": "20/07/2026 10:00:00", "status": "Đã xử lý xong", "due_at": "24/07/2026 16:20:10"}
    load(office, "1", july(1), july(2))
    load(office, "20", july(1, **done), july(2, **done))
    assert hidden(office)[0]["hidden"] == 2
    load(office, "21", july(1, **done), july(2, due_at="24/07/2026 16:20:10"))
    assert hidden(office)[0]["hidden"] == 1
