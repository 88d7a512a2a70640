"""`dunghen report responsibility`: it names the planted causes of the invented year, adds up to the minute, keeps to its reader."""

import json
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, row
from tests.flows.test_cause_counting import CODE, DAY, DESK, LATE, TAX, step, tell
from tracker.synthetic.generate import GenerateResult
from tracker.types.cause_words import KIND_WORDS, UNDIVIDED_WORDS
from tracker.types.causes import StepKind, Undivided

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")
LATENESS, KINDS, UNDIVIDED = 4, slice(5, 5 + len(KIND_WORDS)), 5 + len(KIND_WORDS)


def paper(path: Path) -> tuple[str, list[list[list[str]]]]:
    """The paragraphs as one text, and the cells of each table below the head."""
    document = Document(str(path))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    tables = [[[cell.text for cell in line.cells] for line in table.rows] for table in document.tables]
    return text.replace("\xa0", " "), tables


def rows(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return [tuple(cells) for cells in load_workbook(path)[sheet].iter_rows(min_row=4, values_only=True)]


def report(office: Office, name: str, *more: str) -> Path:
    target = office.folder / name
    office.ask("report", "responsibility", *YEAR, "--out", target, *more)
    return target


# ---------------------------------------------------------------- the invented year


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, daklak: GenerateResult) -> Office:
    office = Office(tmp_path_factory.mktemp("trach-nhiem")).furnished()
    office.ask("ingest", *daklak.files)
    office.ask("ingest", *daklak.progress)
    return office


@pytest.mark.either_database("about files made of answers that others ask for")
def test_it_names_the_planted_department_step_and_month_of_each_kind(
    planted: Office, daklak: GenerateResult
) -> None:
    text, tables = paper(report(planted, "r.docx"))
    (found,) = [table for table in tables if table[0][:4] == ["STT", "Bộ phận", "Bước", "Tháng kết thúc"]]
    assert len(daklak.planted) == 4
    for cause in daklak.planted:
        word = KIND_WORDS[StepKind(cause.kind)]
        own = [cells for cells in found[1:] if cells[2] == word]
        months = {f"{month % 100:02d}/{month // 100}" for month in range(cause.first, cause.last + 1)}
        assert (own[0][1], own[0][3] in months) == (cause.holder, True), (cause, own)
    assert daklak.planted[1].holder in text  # the largest of all stands in the summary


@pytest.mark.either_database("about files made of answers that others ask for")
def test_the_lateness_of_every_dossier_adds_up_to_the_minute(planted: Office) -> None:
    found = rows(report(planted, "r.xlsx"), "Hồ sơ")
    assert len(found) > 450
    for cells in found:
        assert sum(cells[KINDS]) + cells[UNDIVIDED] == cells[LATENESS], cells
    whole = rows(planted.folder / "r.xlsx", "Bộ phận")
    assert [cells[1] for cells in whole[-2:]] == ["Không phân chia được", "Cộng thời gian quá hạn"]
    assert sum(cells[6] for cells in whole[:-1]) == whole[-1][6] == sum(cells[LATENESS] for cells in found)
    assert sum(cells[UNDIVIDED] for cells in found) == whole[-2][6] > 0


# ---------------------------------------------------------------- one dossier after the other

STEPS = (
    step(DESK, "01 08:00", "02 17:00", "02 17:00"),
    step(TAX, "03 07:00", "08 17:00", "07 17:00"),
    step(OTHER_PROVINCIAL, "10 07:00", "18 17:00", "17 17:00"),
)


@pytest.fixture
def told(office: Office) -> Office:
    second = row(2, resolving_unit=OTHER_PROVINCIAL, late_reason="Chờ bà Bịa", **LATE)
    office.ingest([row(1, **LATE), second])
    tell(office, "tien-do.json", *STEPS)
    return office


def test_what_cannot_be_divided_is_told_with_its_reason(told: Office) -> None:
    text, tables = paper(report(told, "r.docx"))
    assert "50,00 % (1/2) hồ sơ quá hạn" in text
    (found,) = [table for table in tables if table[0][0] == "Lý do" and len(table[0]) == 4]
    assert [cells[:3] for cells in found[1:]] == [
        [UNDIVIDED_WORDS[Undivided.NO_STEPS], "1", "3 ngày"],
        [UNDIVIDED_WORDS[Undivided.WAITING], "1", "1 ngày"],
        ["Cộng", "", "4 ngày"],
    ]


def test_of_a_unit_come_its_dossiers_and_its_own_steps_in_those_of_others(told: Office) -> None:
    found = rows(report(told, "r.xlsx", "--unit", OTHER_PROVINCIAL), "Hồ sơ")
    assert [cells[1] for cells in found] == [CODE, "H15.03-220301-0002"]
    others, own = found
    assert (own[LATENESS], own[UNDIVIDED]) == (3 * DAY, 3 * DAY)
    # Of the other's dossier only what the unit did itself: its part, and nothing of desk, tax or the whole.
    assert (others[LATENESS], sum(others[KINDS]), others[UNDIVIDED]) == (None, DAY, 0)
    assert DESK not in str(others)
    assert TAX not in str(others)
    elsewhere = rows(told.folder / "r.xlsx", "Trong hồ sơ đơn vị khác")
    assert [(cells[1], cells[6]) for cells in elsewhere] == [(OTHER_PROVINCIAL, DAY)]


def test_by_what_was_known_then_steps_told_later_are_not_there(told: Office) -> None:
    told.now = told.now.replace(day=25)
    later = step(PROVINCIAL, "18 07:00", "18 16:00", "18 09:00", code="H15.03-220301-0002")
    tell(told, "them.json", later)
    assert "100,00 % (2/2) hồ sơ quá hạn" in paper(report(told, "r.docx"))[0]
    text, _ = paper(report(told, "r.docx", "--known", "2026-08-24T12:00:00+07:00"))
    assert "50,00 % (1/2) hồ sơ quá hạn" in text
    assert "theo dữ liệu đã nạp đến 24/08/2026 12:00" in text


def test_as_of_an_earlier_day_later_ends_do_not_count(told: Office) -> None:
    text, _ = paper(report(told, "r.docx", "--as-of", "2022-03-17T12:00:00+07:00"))
    assert "không có hồ sơ nào giải quyết xong quá hạn" in text


@pytest.mark.parametrize(("more", "is_shown"), [((), True), (("--mask",), False)])
def test_reasons_in_free_words_are_for_readers_of_names(
    told: Office, more: tuple[str, ...], is_shown: bool
) -> None:
    text, tables = paper(report(told, "r.docx", *more))
    assert ("Chờ bà Bịa" in f"{text}{tables}") is is_shown
    report(told, "r.xlsx", *more)
    shown = [
        cells for name in ("Hồ sơ", "Phần khác, cách tính") for cells in rows(told.folder / "r.xlsx", name)
    ]
    assert ("Chờ bà Bịa" in str(shown)) is is_shown


def test_another_basis_is_refused_in_words(told: Office) -> None:
    answer = told.run(
        "report", "responsibility", *YEAR, "--basis", "promised", "--out", told.folder / "r.docx"
    )
    assert answer.status == 2
    assert "chỉ lập theo ngày hẹn của nguồn" in answer.err


def test_before_anything_was_loaded_nothing_is_said(office: Office) -> None:
    answer = office.run("report", "responsibility", *YEAR, "--out", office.folder / "r.docx")
    assert (answer.status, (office.folder / "r.docx").exists()) == (2, False)


def test_no_officer_is_named(told: Office) -> None:
    report(told, "r.xlsx")
    assert "Cán bộ Bịa" not in json.dumps(
        [rows(told.folder / "r.xlsx", sheet) for sheet in load_workbook(told.folder / "r.xlsx").sheetnames],
        default=str,
        ensure_ascii=False,
    )
