"""`dunghen audit`, `jobs` and `watchdog` as an operator uses them; seal lines out of what offices keep."""

from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from app.jobs import JOBS
from app.seal_files import seals_in
from tests.flows.office import Office
from tracker.errors import UsageError
from tracker.measures.log_chain import Seal, seal_line

SEAL = Seal(date(2026, 8, 24), 48_213, "3f2a" * 16)
OTHER = Seal(date(2026, 8, 25), 48_300, "1b2c" * 16)
LINE = seal_line(SEAL)


# ---------------------------------------------------------------- audit


def test_a_seal_is_made_shown_and_borne_out_by_the_log(office: Office):
    office.ask("overdue")
    made = office.ask("audit", "seal")
    assert (made["day"], made["entry"], made["new"]) == ("2026-08-24", 0, True)
    again = office.ask("audit", "seal", "--day", "2026-08-24")
    assert (again["line"], again["new"]) == (made["line"], False)
    assert office.run("audit", "show", "--line").out.strip() == made["line"]
    answer = office.run("audit", "verify", "--line", made["line"], "--json")
    assert answer.status == 0
    found = answer.json
    assert (found["ok"], found["seals"], found["lines"], found["broken"]) == (True, 1, 1, [])
    assert found["checked"] == office.query("SELECT count(*) FROM audit_entry")[0][0]


def test_a_line_that_the_log_does_not_bear_out_is_status_1_and_says_where(office: Office):
    office.ask("audit", "seal")
    forged = seal_line(Seal(date(2026, 8, 24), 1, "ab" * 32))
    answer = office.run("audit", "verify", "--line", forged, "--json")
    assert answer.status == 1
    assert not answer.json["ok"]
    assert [(each["code"], each["entry"], each["day"]) for each in answer.json["broken"]] == [
        ("line_unfounded", 1, "2026-08-24"),
        ("line_unsealed", 1, "2026-08-24"),
    ]
    told = office.run("audit", "verify", "--line", forged)
    assert told.status == 1
    assert "KHÔNG nguyên vẹn" in told.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "--key", "ab"), "cần tên tệp gói"),
        (("verify", "--line", "abc"), "không phải một dòng niêm phong"),
        (("verify", "--line", LINE[:-1] + "0"), "chép sai"),
        (("verify", "--seals", "khong-co.txt"), "không đọc được"),
        (("seal", "--day", "2026-08-25"), "chưa đến"),
    ],
)
def test_wrong_use_is_status_2(office: Office, arguments: tuple[str, ...], told: str):
    answer = office.run("audit", *arguments)
    assert answer.status == 2
    assert told in answer.err


def test_the_log_is_shown_by_filters_and_looking_is_logged(office: Office):
    office.ask("overdue", "--out", office.folder / "ra.csv")
    office.ask("audit", "seal")
    found = office.ask("audit", "show", "--action", "audit_seal")
    assert [each["action"] for each in found["entries"]] == ["audit_seal"]
    assert found["entries"][0]["subject"] == "day:2026-08-24"
    assert office.ask("audit", "show", "--limit", "1")["entries"][0]["action"] == "audit_view"
    assert office.ask("audit", "show", "--from", "2026-08-25")["entries"] == []


# ---------------------------------------------------------------- lines kept outside


def mail(**parts: str) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Niêm phong nhật ký", "a@vi-du.vn", "b@vi-du.vn"
    message.set_content(parts["plain"]) if "plain" in parts else message.set_content(
        parts["html"], subtype="html"
    )
    return message.as_bytes(policy=SMTP)


def carried() -> bytes:
    """A mail that carries another, as forwarded."""
    outer = EmailMessage()
    outer["Subject"] = "Chuyển tiếp"
    outer.set_content("Gửi lại thư cũ.")
    message = EmailMessage()
    message["Subject"] = "Thư cũ"
    message.set_content(LINE)
    outer.add_attachment(message)
    return outer.as_bytes(policy=SMTP)


KEPT: dict[str, Callable[[], bytes]] = {
    "typed into a file": lambda: f"\ufeffGiữ kỹ:\r\n{LINE}\r\n".encode(),
    "a mail": lambda: mail(plain=f"Kính gửi\n\n{LINE}\n"),
    "an answer that quotes it": lambda: mail(plain="> " + LINE.replace(" 3f2a3f2a ", " 3f2a3f2a\n> ")),
    "a mail of HTML alone": lambda: mail(html=f"<p>{LINE.replace(' 3f2a', '&nbsp;<b>3f2a</b>', 1)}</p>"),
    "a mail that carries it": carried,
    "a mailbox": lambda: b"From a@vi-du.vn Mon Aug 24 23:30:00 2026\n" + mail(plain=LINE).replace(b"\r\n", b"\n") + b"\n",
}  # fmt: skip


@pytest.mark.parametrize("kept", KEPT)
def test_a_line_is_found_in_whatever_it_was_kept_in(tmp_path: Path, kept: str):
    path = tmp_path / "giu"
    path.write_bytes(KEPT[kept]())
    assert seals_in(path) == (SEAL,)


def test_a_folder_gives_the_lines_of_all_its_files_each_once(tmp_path: Path):
    for name, seal in (("a.eml", SEAL), ("b.txt", SEAL), ("con/c.txt", OTHER)):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(mail(plain=seal_line(seal)) if name.endswith(".eml") else seal_line(seal).encode())
    assert seals_in(tmp_path) == (SEAL, OTHER)


def test_a_file_without_a_line_is_refused(tmp_path: Path):
    path = tmp_path / "trong.txt"
    path.write_text("không có gì", "utf-8")
    with pytest.raises(UsageError, match="không có dòng niêm phong"):
        seals_in(path)


def test_a_mail_kept_outside_is_compared_by_the_command(office: Office):
    line = office.ask("audit", "seal")["line"]
    path = office.write("thu.eml", mail(plain=line))
    assert office.ask("audit", "verify", "--seals", path)["lines"] == 1


# ---------------------------------------------------------------- jobs and watchdog


def test_a_job_is_run_again_for_a_past_day_and_stands_in_the_history(office: Office):
    listed = office.ask("jobs", "list")["jobs"]
    assert [job["job"] for job in listed] == [
        "backup",
        "clean_exports",
        "optimize",
        "findings",
        "snapshots",
        "pull_sources",
        "calendar_check",
        "seal",
        "ledger",
        "forecast",
        "letter_reminders",
        "evaluate",
        "digests",
        "alerts",
    ]
    assert listed[7]["next"] == "2026-08-24T23:30+07:00"
    done = office.run("jobs", "run", "seal", "--day", "2026-08-20", "--json")
    assert (done.status, done.json["state"], done.json["cause"]) == (0, "done", "by_hand")
    assert office.query("SELECT count(*) FROM audit_seal WHERE day = '2026-08-20'") == [(1,)]
    assert office.ask("jobs", "run", "seal", "--day", "2026-08-20")["seq"] == 3
    runs = office.ask("jobs", "history", "seal")["runs"]
    assert [(run["day"], run["seq"]) for run in runs] == [("2026-08-20", 3), ("2026-08-20", 2)]
    assert office.ask("jobs", "list")["jobs"][7]["last"]["state"] == "done"


def test_a_job_can_be_left_to_a_worker(office: Office):
    asked = office.run("jobs", "run", "optimize", "--later", "--json")
    assert (asked.status, asked.json["state"]) == (0, "waiting")


@pytest.mark.every_value("each job asks and writes its own")
@pytest.mark.parametrize("job", JOBS)
def test_every_job_can_be_run_for_yesterday_and_twice(office: Office, job: str):
    for _ in range(2):
        assert office.run("jobs", "run", job, "--day", "2026-08-23").status == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("khong-co",), "không có công việc"), (("seal", "--day", "2026-08-25"), "chưa đến")],
)
def test_a_job_or_day_that_is_none_is_wrong_use(office: Office, arguments: tuple[str, ...], told: str):
    answer = office.run("jobs", "run", *arguments)
    assert answer.status == 2
    assert told in answer.err


def test_the_scheduler_asks_once_for_what_is_due_and_ends(office: Office):
    asked = office.ask("scheduler", "--until-idle")
    assert [run["job"] for run in asked["asked"]] == [
        "backup",
        "clean_exports",
        "optimize",
        "findings",
        "snapshots",
        "pull_sources",
        "calendar_check",
        "ledger",
        "forecast",
        "letter_reminders",
        "evaluate",
        "digests",
        "alerts",
    ]
    assert office.ask("scheduler", "--until-idle")["asked"] == []


def test_a_job_of_the_configuration_that_is_none_is_status_2(office: Office):
    office.configure(times='["niem-phong 08:00"]')
    answer = office.run("scheduler", "--until-idle")
    assert answer.status == 2
    assert "niem-phong" in answer.err


def test_the_watchdog_tells_by_its_status_whether_all_is_well(office: Office):
    answer = office.run("watchdog", "--json")
    assert answer.status == 1
    assert [each["code"] for each in answer.json["findings"]] == ["scheduler_silent"]
    assert "dunghen scheduler" in office.run("watchdog").out
