"""The report on apologies and the register of letters on paper: measures of Decree 30/2020, heads on every page.

Pictures are kept under build/documents: look at them when the layout changes.
"""

import io
import zipfile
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from letters import layout
from letters.compliance import ApologyCase, Compliance, compliance, of_unit
from letters.ledger import Held, LedgerState
from letters.ledger_cases import Period
from letters.quarterly import (
    UNIT_COLUMNS,
    UNVERIFIED,
    ReportContent,
    ReportFacts,
    load_bases,
    period_words,
    quarter_of,
    report_of,
)
from letters.quarterly_book import figures_sheet
from letters.quarterly_render import render
from letters.register_book import REGISTER_COLUMNS, Line, Sheet, in_order, register_line, write_book
from tests.core.test_letter_compliance import LETTER
from tests.documents.docx_measures import measures
from tests.documents.office import to_pdf
from tests.documents.pages import Paper
from tests.letter_samples import DEPARTMENT, WARD

PICTURES = Path(__file__).parents[2] / "build" / "documents"
DAY = date(2023, 1, 10)
QUARTER = Period(date(2022, 10, 1), date(2022, 12, 31))
LONG_UNIT = "Chi nhánh Văn phòng Đăng ký đất đai liên huyện Mẫu số {}"
LATE = ApologyCase("", date(2022, 10, 3), date(2022, 9, 30), Held.OWED, LedgerState.DRAFTED, days=60)


def cases(units: int) -> list[ApologyCase]:
    """In each unit one dossier told in time with its new date kept, one told late and missed, one that waits."""
    made = []
    for number in range(units):
        plain = replace(LATE, unit=LONG_UNIT.format(number))
        told = replace(plain, state=LedgerState.DELIVERED, promises=1)
        made += [plain, replace(told, delivered_on=date(2022, 9, 30), days=-1, kept=1)]
        made.append(replace(told, delivered_on=date(2022, 10, 5), days=2, broken=1, is_escalated=True))
    return made


def figures(units: int) -> Compliance:
    return compliance(cases(units), DAY, of_unit)


CONTENTS: dict[str, ReportContent] = {
    "apologies-quarter": report_of(ReportFacts(DEPARTMENT, QUARTER, DAY, figures(30)), load_bases()),
    "apologies-ward-empty": report_of(
        ReportFacts(WARD, Period(date(2025, 7, 1), date(2025, 8, 31)), date(2025, 9, 1), figures(0)),
        load_bases(),
    ),
    "apologies-no-unit": report_of(ReportFacts(None, QUARTER, DAY, figures(2)), load_bases()),
}


@dataclass(frozen=True)
class Printed:
    """A report: what it says, the file, and the paper."""

    content: ReportContent
    docx: bytes
    paper: Paper


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """Every report, printed in one call."""
    folder = tmp_path_factory.mktemp("reports")
    paths = [folder / f"{name}.docx" for name in CONTENTS]
    for path, content in zip(paths, CONTENTS.values(), strict=True):
        path.write_bytes(render(content))
    papers = map(Paper, to_pdf(paths, folder))
    return {
        name: Printed(content, path.read_bytes(), paper)
        for (name, content), path, paper in zip(CONTENTS.items(), paths, papers, strict=True)
    }


def run_together(text: str) -> str:
    return "".join(text.split())


def printed(paper: Paper) -> str:
    return "".join(word.text for word in paper.words)


# ---------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2022-Q1", date(2022, 1, 1), date(2022, 3, 31)),
        ("2022-q4", date(2022, 10, 1), date(2022, 12, 31)),
        ("9999-Q4", date(9999, 10, 1), date(9999, 12, 31)),
    ],
)
def test_a_quarter_has_its_first_and_last_day(text: str, start: date, end: date):
    assert quarter_of(text) == Period(start, end)


@pytest.mark.parametrize("text", ["2022", "2022-Q5", "2022-Q0", "0000-Q1", "22-Q1", "2022-Q12", "٢٠٢٢-Q1"])
def test_what_is_no_quarter_gives_none(text: str):
    assert quarter_of(text) is None


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (QUARTER, "quý IV năm 2022"),
        (Period(date(2022, 1, 1), date(2022, 3, 31)), "quý I năm 2022"),
        (Period(date(2022, 1, 1), date(2022, 12, 31)), "năm 2022"),
        (Period(date(2022, 1, 1), date(2022, 3, 30)), "từ ngày 01/01/2022 đến ngày 30/03/2022"),
        (Period(date(2021, 1, 1), date(2022, 3, 31)), "từ ngày 01/01/2021 đến ngày 31/03/2022"),
    ],
)
def test_a_period_is_called_by_its_name_where_it_has_one(period: Period, words: str):
    assert period_words(period) == words


@pytest.mark.parametrize(
    ("end", "verified"), [(date(2025, 6, 30), [True, True]), (date(2025, 7, 1), [False, False])]
)
def test_the_legal_bases_are_those_of_the_periods_end_and_say_where_they_are_not_verified(
    end: date, verified: list[bool]
):
    facts = ReportFacts(DEPARTMENT, Period(end - timedelta(days=30), end), end, figures(0))
    *bases, _told = report_of(facts, load_bases()).opening
    assert [UNVERIFIED not in line for line in bases] == verified


def test_every_rate_of_the_report_stands_beside_its_fraction_and_nothing_is_no_rate():
    quarter = " ".join(CONTENTS["apologies-no-unit"].sections[0].paragraphs)
    assert "4/6 hồ sơ, đạt 66,67%" in quarter
    assert "2/6 hồ sơ, đạt 33,33%" in quarter
    assert "(2/4, 50,00%)" in quarter
    empty = " ".join(CONTENTS["apologies-ward-empty"].sections[0].paragraphs)
    assert "%" not in empty
    assert "không có trường hợp nào" in empty


def test_the_sum_of_the_units_is_the_last_row():
    table = CONTENTS["apologies-no-unit"].sections[2].table
    assert table is not None
    assert [row[1:] for row in table.rows] == [
        (LONG_UNIT.format(0), "3", "2", "1", "33,33%", "1", "1", "1"),
        (LONG_UNIT.format(1), "3", "2", "1", "33,33%", "1", "1", "1"),
        ("Tổng cộng", "6", "4", "2", "33,33%", "2", "2", "2"),
    ]
    assert sum(width for _, width in UNIT_COLUMNS) == layout.TEXT_WIDTH


# ---------------------------------------------------------------- on paper


@pytest.mark.parametrize("name", CONTENTS)
def test_fonts_sizes_paper_and_margins_are_those_of_the_decree(reports: dict[str, Printed], name: str):
    found = measures(reports[name].docx)
    assert found.fonts == {("Times New Roman",) * 4}
    assert found.sizes <= {6, 11, 12, 13, 14}  # 6: an empty line beside a table
    assert (round(found.width, 1), round(found.height, 1)) == (210.0, 297.0)
    assert (round(found.margins["left"]), round(found.margins["right"])) == (30, 15)


@pytest.mark.parametrize("name", CONTENTS)
def test_everything_is_printed_in_its_order(reports: dict[str, Printed], name: str):
    report = reports[name]
    words, content, at = printed(report.paper), report.content, 0
    sections = (text for each in content.sections for text in (each.heading, *each.paragraphs))
    for text in (
        content.title,
        content.subject,
        *content.opening,
        *sections,
        content.closing,
        *content.signer,
    ):
        place = words.find(run_together(text), at)
        assert place >= 0, text
        at = place
    assert "None" not in words


def test_number_and_date_are_left_to_the_document_system(reports: dict[str, Printed]):
    head = reports["apologies-quarter"].content.head
    assert run_together(head.number) == "Số:/BC-STNMT"
    assert run_together(head.place) == "ĐắkLắk,ngàythángnăm20…"


def test_a_long_table_has_its_header_on_every_page_and_the_signature_is_not_alone(
    reports: dict[str, Printed],
):
    report = reports["apologies-quarter"]
    pages = ["".join(word.text for word in page.words) for page in report.paper.pages]
    with_rows = [page for page in pages if run_together(LONG_UNIT.format("")) in page]
    assert len(with_rows) > 1
    assert all("Tỷlệđúngthờigian" in page or "Tỷlệ" in page for page in with_rows)
    assert run_together(report.content.closing)[-20:] in pages[-1]
    assert "Nơinhận:" in pages[-1]


def test_the_same_report_gives_the_same_bytes(reports: dict[str, Printed]):
    assert all(render(CONTENTS[name]) == each.docx for name, each in reports.items())


# ---------------------------------------------------------------- workbooks

HOSTILE = '=HYPERLINK("http://vi-du.example";"bấm")'


def register_sheet_of(count: int) -> Sheet:
    long = LETTER._replace(
        unit=LONG_UNIT.format(1), procedure=f"{HOSTILE} đăng ký biến động quyền sử dụng đất và tài sản khác gắn liền với đất",
        applicant="CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN MẪU", reason="Chờ xác minh thực địa tại nhiều nơi",
    )  # fmt: skip
    void = long._replace(
        state="void", number="12/PXL", void_note="sai ngày hẹn mới", delivered_at=None, promise=""
    )
    letters = [void if number % 5 == 4 else long for number in range(count)]
    lines = (register_line(number, each, names=True) for number, each in enumerate(letters, 1))
    return Sheet("Sổ theo dõi", "SỔ THEO DÕI VĂN BẢN XIN LỖI", ("Quý IV năm 2022",), REGISTER_COLUMNS, lines)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    """The register and the report's workbook, printed."""
    folder = tmp_path_factory.mktemp("books")
    register, report = folder / "apologies-register.xlsx", folder / "apologies-figures.xlsx"
    assert write_book(register, [register_sheet_of(40)]) == [40]
    assert write_book(report, [figures_sheet(figures(12), QUARTER, "10/01/2023", DEPARTMENT.name)]) == [13]
    return {
        path.stem: Paper(pdf)
        for path, pdf in zip((register, report), to_pdf([register, report], folder), strict=True)
    }


def test_the_register_is_a4_on_its_side_with_its_header_on_every_page_and_nothing_cut_off(
    books: dict[str, Paper],
):
    paper = books["apologies-register"]
    assert {(round(page.width), round(page.height)) for page in paper.pages} == {(297, 210)}
    assert len(paper.pages) > 1
    for page in paper.pages:
        words = "".join(word.text for word in page.words)
        assert [
            heading for heading, _ in REGISTER_COLUMNS if not all(w in words for w in heading.split())
        ] == []
        assert "#" not in words
        assert min(page.borders()) >= 5
    words = printed(paper)
    assert words.count("gắnliềnvớiđất") == 40
    assert words.count("Hủy:saingàyhẹnmới") == 8


def test_what_looks_like_a_formula_stays_text():
    body = io.BytesIO()
    write_book(body, [register_sheet_of(3)])
    with zipfile.ZipFile(body) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name.lower() for name in archive.namelist())
    assert "<f>" not in sheet
    assert "=HYPERLINK(" in sheet


def test_letters_of_a_day_stand_by_number_and_not_by_its_signs():
    numbers = ["10/PXL", "9/PXL", "09/PXL-A", None]
    letters = [LETTER._replace(letter_id=at, number=number) for at, number in enumerate(numbers)]
    assert [letter.number for letter in in_order(letters)] == [None, "9/PXL", "09/PXL-A", "10/PXL"]


def test_recipients_are_masked_unless_asked_for():
    assert LETTER.applicant not in register_line(1, LETTER, names=False).cells
    assert LETTER.applicant in register_line(1, LETTER, names=True).cells
    assert isinstance(register_line(1, LETTER._replace(state="void"), names=True), Line)


def test_people_find_the_pictures_in_the_build_folder(reports: dict[str, Printed], books: dict[str, Paper]):
    for report in reports.values():
        report.paper.keep(PICTURES)
    for book in books.values():
        book.keep(PICTURES)
    wanted = {f"{name}-1.png" for name in (*reports, *books)}
    assert {path.name for path in PICTURES.glob("apologies-*.png")} >= wanted
