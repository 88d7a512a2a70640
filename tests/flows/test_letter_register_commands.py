"""Check, figures, lists, register and report of apologies from the command line."""

import zipfile
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, USUAL, Office
from tests.flows.office import row as exported
from tracker.types import VN

NOW = datetime(2023, 1, 2, 9, tzinfo=VN)


# ---------------------------------------------------------------- the command line


@pytest.fixture
def told_office(office: Office) -> Office:
    """An office whose two dossiers were due on 15/03/2022; one letter each was drafted, one of them voided."""
    office.ingest([exported(number, late_reason="Chờ xác minh") for number in (1, 2)])
    office.ask("letters", "draft", "--as-of", "2022-03-30")
    office.ask("letters", "void", "H15.03-220301-0002", "--why", "Soạn nhầm ngày hẹn")
    return office


def test_check_ends_with_1_until_the_ledger_has_every_late_dossier(office: Office) -> None:
    office.ingest([exported(number, late_reason="Chờ xác minh") for number in (1, 2)])
    before = office.run("letters", "check", "--as-of", "2022-03-30", "--json")
    assert (before.status, before.json["ok"], len(before.json["missing"])) == (1, False, 2)
    office.ask("letters", "draft", "--as-of", "2022-03-30")
    after = office.run("letters", "check", "--as-of", "2022-03-30", "--json")
    assert (after.status, after.json["missing"], after.json["states"]) == (0, [], {"drafted": 2})


def test_figures_and_lists_answer_with_their_fractions(told_office: Office) -> None:
    found = told_office.ask(
        "letters", "compliance", "--from", "2022-03-15", "--to", "2022-03-15", "--by", "month"
    )
    (line,) = found["rows"]
    assert (line["month"], line["late"], line["apologised"]) == (
        "2022-03",
        2,
        {"numerator": 0, "denominator": 2, "rate": 0.0},
    )
    assert {name: found["total"][name] for name in line if name != "month"} == {
        name: value for name, value in line.items() if name != "month"
    }
    assert found["total"]["waiting"] == {"drafted": 1, "owed": 1}
    out = told_office.folder / "danh-sach.xlsx"
    listed = told_office.ask("letters", "list", "no-letter", "--out", out)
    assert (listed["count"], listed["denominator"], out.exists()) == (2, 2, True)
    assert told_office.ask("letters", "list", "no-letter", "--unit", OTHER_PROVINCIAL)["rate"] is None


def test_the_register_has_void_letters_too_and_hides_recipients_when_asked(told_office: Office) -> None:
    asked = ("letters", "register", "--from", "2022-03-30", "--to", "2022-03-30", "--out")
    plain, masked = told_office.folder / "so.xlsx", told_office.folder / "so-che.xlsx"
    assert told_office.ask(*asked, plain)["rows"] == 2
    assert told_office.ask(*asked, masked, "--mask")["rows"] == 2
    told = [sheet_text(path) for path in (plain, masked)]
    assert [USUAL["applicant_name"] in text for text in told] == [True, False]
    assert all("Soạn nhầm ngày hẹn" in text and "ĐÃ HỦY" in text for text in told)
    day_before = ("letters", "register", "--from", "2022-03-01", "--to", "2022-03-29", "--out")
    assert told_office.ask(*day_before, plain)["rows"] == 0


def sheet_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def test_the_report_is_written_as_a_document_and_as_a_workbook(told_office: Office) -> None:
    for name in ("bao-cao.docx", "bao-cao.xlsx"):
        out = told_office.folder / name
        told = told_office.ask(
            "letters", "report", "--quarter", "2022-Q1", "--unit", PROVINCIAL, "--out", out
        )
        assert (told["late"], told["rows"], told["unverified"]) == (2, 1, [])
        assert told["sha256"] == sha256(out.read_bytes()).hexdigest()
    with zipfile.ZipFile(told_office.folder / "bao-cao.docx") as archive:
        assert "0/2 hồ sơ, đạt 0,00%" in archive.read("word/document.xml").decode()
    with zipfile.ZipFile(told_office.folder / "bao-cao.xlsx") as archive:
        assert sum(name.startswith("xl/worksheets/sheet") for name in archive.namelist()) == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "--quarter", "2022-Q5", "--out", "x.docx"),
        ("report", "--out", "x.docx"),
        ("report", "--quarter", "2022-Q1", "--from", "2022-01-01", "--out", "x.docx"),
        ("report", "--quarter", "2022-Q1", "--out", "x.pdf"),
        ("register", "--from", "2022-02-01", "--to", "2022-01-01", "--out", "x.xlsx"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_written(
    office: Office, arguments: tuple[str, ...]
) -> None:
    answer = office.run("letters", *arguments)
    assert answer.status == 2, answer.err
    assert not Path(arguments[-1]).exists()


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(told_office: Office) -> None:
    out = told_office.folder / "khong-co" / "bao-cao.docx"
    answer = told_office.run("letters", "report", "--quarter", "2022-Q1", "--out", out)
    assert answer.status == 3
    assert "Không ghi được tệp" in answer.err


def test_every_use_stands_in_the_log_without_a_name(told_office: Office) -> None:
    told_office.ask("letters", "list", "second")
    told_office.ask(
        "letters",
        "register",
        "--from",
        "2022-01-01",
        "--to",
        "2022-12-31",
        "--out",
        told_office.folder / "s.xlsx",
    )
    logged = told_office.query("SELECT action, subject, detail FROM audit_entry ORDER BY id DESC LIMIT 2")
    assert [(action, subject) for action, subject, _ in logged] == [
        ("export", "letters_register"),
        ("view", "letters_list"),
    ]
    assert all(USUAL["applicant_name"] not in str(detail) for *_, detail in logged)
