"""`dunghen privacy`: what is kept about a person is found, who saw it is told, and past its time nothing of her is left."""

import zlib
from datetime import datetime

import pytest

from tests.flows import someone
from tests.flows.office import NOW, Office, row
from tests.flows.someone import CODE, HER, LOST, NAME, OTHER, OTHERS, PHONE, everything, signs_in
from tests.flows.test_kill import kill_after
from tests.sources import LISTS, as_csv
from tracker.types import VN

LATER = datetime(2037, 1, 5, 9, 0, tzinfo=VN)
WHY = "Quyết định 12/QĐ-BỊA"
RATES = ("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "unit")


@pytest.fixture
def office(office: Office) -> Office:
    return someone.fed(office)


def erased(office: Office, *more: str) -> dict:
    answer = office.run("privacy", "erase", "--reason", WHY, *more, "--json")
    assert answer.status in (0, 1), answer.err
    return answer.json


# ---------------------------------------------------------------- erase


def test_past_its_time_nothing_of_a_person_is_left_in_database_files_and_a_fresh_backup(office: Office):
    assert len(signs_in(everything(office, NOW))) > 5
    assert office.query("SELECT count(*) FROM search_key WHERE key LIKE 'nhien%'") != [(0,)]
    office.now = LATER
    told = erased(office)
    assert signs_in(everything(office, LATER)) == []
    assert told["database_written_anew"]
    assert told["rows"]["cause_month"] == 1
    assert {
        "dossier",
        "dossier_revision",
        "raw_block",
        "rejection",
        "waiting_event",
        "outbox_message",
    } <= set(told["rows"])
    assert office.is_sound()
    assert office.ask("audit", "verify")["ok"]


def test_figures_dates_numbers_of_letters_and_the_neighbour_stay(office: Office):
    office.now = LATER
    before, letters = (
        office.ask(*RATES)["rows"],
        office.query("SELECT id, number, state, as_of, due_at, short_code FROM letter"),
    )
    columns = "code, received_at, source_due_at, ended_at, end_kind, resolving_unit_id, flags, row_hash"
    dossiers = office.query(f"SELECT {columns} FROM dossier ORDER BY id")
    other = office.query("SELECT applicant_name, phone, address FROM dossier WHERE code = ?", OTHER)
    erased(office)
    assert office.ask(*RATES)["rows"] == before
    assert office.query("SELECT id, number, state, as_of, due_at, short_code FROM letter") == letters
    assert office.query(f"SELECT {columns} FROM dossier ORDER BY id") == dossiers
    assert office.query("SELECT applicant_name, phone, address FROM dossier WHERE code = ?", OTHER) == other
    assert other[0][0]
    assert (office.folder / "var" / "exports" / "4" / "khac.csv").exists()


def raw_rows(office: Office) -> str:
    return "".join(
        zlib.decompress(bytes(body)).decode() for (body,) in office.query("SELECT body FROM raw_block")
    )


def test_another_in_the_same_row_of_another_file_is_neither_told_nor_erased(office: Office):
    assert raw_rows(office).count(OTHERS) == 1
    told = office.run("privacy", "subject", "--code", CODE, "--json").out
    assert NAME in told
    assert OTHERS not in told
    office.now = LATER
    erased(office)
    assert raw_rows(office).count(OTHERS) == 1


def test_a_dossier_that_came_without_a_code_goes_with_its_raw_row(office: Office):
    title, heading, hers, *_others = LISTS["j"]
    lines = [
        title,
        heading,
        [hers[0], f"{NAME}, thôn 1", *hers[2:]],
        ["2", f"{OTHERS}, thôn 2", *hers[2:6], "", "", "", ""],
    ]
    before = raw_rows(office).count(NAME)
    report = office.ingest(as_csv(lines))
    assert report["new"] == 2
    assert raw_rows(office).count(NAME) == before + 1
    for path in office.folder.glob("*.csv"):
        path.unlink()
    office.now = LATER
    erased(office)
    assert signs_in(everything(office, LATER)) == []
    assert raw_rows(office).count(OTHERS) == 2


def test_a_dry_run_counts_and_changes_nothing(office: Office):
    office.now = LATER
    before = office.dump()
    answer = office.run("privacy", "erase", "--dry-run", "--json")
    assert (answer.status, answer.json["due"], answer.json["to_erase"]) == (1, 1, 1)
    assert answer.json["examples"] == [CODE]
    assert not answer.json["rules_verified"]
    assert office.dump() == before
    assert "chưa đối chiếu" in office.run("privacy", "erase", "--dry-run").out


def test_before_its_time_nothing_is_erased(office: Office):
    answer = office.run("privacy", "erase", "--dry-run", "--json")
    assert (answer.status, answer.json["due"]) == (0, 0)
    before = office.dump(without=["audit_entry"])
    told = erased(office)
    assert (told["dossiers"], told["rows"]) == (0, {})
    assert office.dump(without=["audit_entry"]) == before


def test_it_can_be_repeated_and_finds_nothing_more(office: Office):
    office.now = LATER
    erased(office)
    before = office.dump()
    told = erased(office)
    assert (told["rows"], told["letter_files"], told["kept_files"]) == ({}, 0, 0)
    assert office.dump() == before


@pytest.mark.every_value("each moment leaves another state")
@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5])
def test_killed_at_any_moment_it_is_run_again_and_ends_the_same(office: Office, lines: int):
    office.configure(keep_years='["2000-01-01 1"]')
    kill_after(office.start("privacy", "erase", "--reason", WHY), lines)
    assert office.is_sound()
    assert office.ask("audit", "verify")["ok"]
    office.now = LATER
    erased(office)
    assert signs_in(everything(office, LATER)) == []
    assert not [
        path
        for path in (office.folder / "var" / "letters").rglob("*")
        if path.is_file() and "0001" in path.name
    ]


def test_the_same_row_loaded_again_does_not_bring_her_back_and_new_notes_go_with_the_next_run(office: Office):
    office.now = LATER
    erased(office)
    done = {"finished_at": "01/04/2022 10:00:00", "status": "Đã giải quyết xong"}
    late = {**HER, "late_reason": f"Chờ bà {NAME} bổ sung", "note": someone.SAID}
    path = office.write("lai.csv", [row(1, **late, **done)])
    assert office.ask("ingest", path)["unchanged"] == 1
    path.unlink()
    assert signs_in(everything(office, LATER)) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--reason"),
        (("--reason", WHY, "--early"), "--code"),
        (("--reason", WHY, "--code", OTHER), "chưa kết thúc"),
        (("--reason", WHY, "--code", CODE), "--early"),
        (("--reason", WHY, "--code", "H15.03-990101-0001"), "không có hồ sơ nào"),
        (("--reason", f"Theo đơn của bà {NAME}", "--code", CODE, "--early"), "nhật ký không xóa được"),
    ],
)
def test_what_may_not_be_erased_is_refused_and_nothing_is_changed(
    office: Office, arguments: tuple, told: str
):
    before = office.dump()
    answer = office.run("privacy", "erase", *arguments)
    assert (answer.status, told in answer.err) == (2, True), answer.err
    assert office.dump() == before


def test_the_office_may_erase_one_ended_dossier_early_and_its_people_wherever_they_are_named(office: Office):
    erased(office, "--code", CODE, "--early")
    # Rows of dossiers that nobody ever told of name no code of hers: they stay until their own time is over.
    kept = office.dump(without=["rejection.cells", "waiting_event.text", "waiting_event.officer_name"])
    assert signs_in(repr(kept).encode()) == []
    assert office.query("SELECT code FROM waiting_event WHERE text <> ''") == [(LOST,)]
    assert len(office.query("SELECT id FROM rejection WHERE cells LIKE '%Nhiên%'")) == 1
    office.now = LATER
    erased(office)
    assert signs_in(everything(office, LATER)) == []


def test_a_newer_rule_governs_later_ends(office: Office):
    office.configure(keep_years='["2000-01-01 10", "2022-01-01 30"]')
    office.now = LATER
    assert office.ask("privacy", "erase", "--dry-run")["due"] == 0
    office.configure(keep_years='["2000-01-01 10", "2022-04-02 30"]')
    assert office.ask("privacy", "erase", "--dry-run")["due"] == 1
    office.configure(keep_years="[]")
    assert office.ask("privacy", "erase", "--dry-run")["due"] == 0


def test_the_log_names_ids_and_reason_and_nobody(office: Office):
    office.now = LATER
    erased(office)
    acts = office.query("SELECT action, detail FROM audit_entry WHERE action LIKE 'privacy%'")
    assert {action for action, _detail in acts} == {"privacy_erase"}
    assert all("12/QĐ-BỊA" in detail for _action, detail in acts)


# ---------------------------------------------------------------- subject


def test_a_person_is_told_everything_that_is_kept_about_her(office: Office):
    told = office.ask("privacy", "subject", "--name", "hoang thi tuyet nhien", "--phone", "0987 123 406")
    assert told["count"] == 1
    tables = {section["table"] for section in told["dossiers"][0]["kept"]}
    assert tables >= {
        "dossier", "dossier_revision", "telling", "progress_event", "dossier_note", "alert_ack", "assignment",
        "obligation_step", "letter", "letter_notice", "finding_step",
    }  # fmt: skip
    assert {section["table"] for section in told["elsewhere"]} == {"raw_block", "rejection", "outbox_message"}
    assert {file["path"].split("/")[1] for file in told["files"]} == {"1", "2", "3", "uploads"}
    text = office.run("privacy", "subject", "--code", CODE).out
    assert NAME in text
    assert "Cùng tên không có nghĩa" in text


def test_what_was_asked_about_a_person_is_logged_without_her_name(office: Office):
    out = office.folder / "tra-loi.json"
    office.ask("privacy", "subject", "--name", NAME, "--out", out)
    assert out.stat().st_mode & 0o77 == 0
    ((detail,),) = office.query("SELECT detail FROM audit_entry WHERE action = 'privacy_subject'")
    assert '"by": ["name"]' in detail
    assert NAME not in detail


def test_another_of_the_same_name_and_another_number_is_not_her(office: Office):
    assert office.ask("privacy", "subject", "--name", NAME, "--phone", "0987123407")["count"] == 0
    assert office.ask("privacy", "subject", "--name", "Hoàng Thị Tuyệt")["count"] == 0
    assert office.run("privacy", "subject").status == 2


# ---------------------------------------------------------------- access log


def test_who_saw_a_dossier_and_when_is_told_with_a_prepared_report(office: Office):
    office.ask("dossier", CODE)
    office.ask("privacy", "subject", "--code", CODE)
    out = office.folder / "bao-cao.txt"
    told = office.ask("privacy", "access-log", "--code", CODE, "--report", out)
    assert told["count"] == 2
    assert {entry["action"] for entry in told["entries"]} == {"view", "privacy_subject"}
    assert told["people"][0]["login"] == "operator"
    text = out.read_text("utf-8")
    assert text == told["report"]
    assert "72 giờ" in text
    assert text.count("chưa đối chiếu với văn bản") == 2
    assert NAME not in text
    assert PHONE not in text
    assert office.ask("privacy", "access-log", "--code", OTHER)["count"] == 0


def test_all_looks_of_a_span_are_told(office: Office):
    office.ask("dossier", CODE)
    assert office.ask("privacy", "access-log", "--from", "2026-08-24")["count"] > 0
    assert office.ask("privacy", "access-log", "--from", "2026-08-01", "--to", "2026-08-23")["count"] == 0
    assert office.run("privacy", "access-log").status == 2
    assert office.run("privacy", "access-log", "--from", "2026-08-24", "--to", "2026-08-01").status == 2
    assert (
        "Nhật ký không có"
        in office.run("privacy", "access-log", "--from", "2020-01-01", "--to", "2020-01-02").out
    )
