"""The reports to the Department of Home Affairs and the evidence sheet on paper: measures of Decree 30/2020, nothing lost.

Pictures are kept under build/documents: look at them when the layout changes.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from letters import layout, parindex_sheet, reform_report, remediation_report
from letters.compliance import compliance, of_unit
from letters.ledger_cases import Period
from letters.parindex_sheet import AttachedPack, SheetFacts
from letters.quarterly import ReportContent
from letters.quarterly_render import render
from letters.reform_report import OwnShare, ReformFacts
from letters.reform_report_figures import GroupFigures, PeriodFigures
from letters.reform_report_words import ReportScope
from letters.remediation_report import RemediationFacts
from tests.documents.docx_measures import measures
from tests.documents.office import to_pdf
from tests.documents.pages import Paper
from tests.letter_samples import DEPARTMENT
from tracker.types import VN, Basis, BasisRate, RateCounts, ScoreAnswer
from tracker.types.remedies import Remedy, RemedyTold

PICTURES = Path(__file__).parents[2] / "build" / "documents"
AS_OF = datetime(2023, 1, 10, 9, tzinfo=VN)
YEAR = Period(date(2022, 1, 1), date(2022, 12, 31))
SCOPE = ReportScope(DEPARTMENT, YEAR, AS_OF, Basis.SOURCE)
# Of the notice of conclusions of 2023: 46,885 late, 46,861 of them land.
ALL = RateCounts(420_000, 0, 141_000, 232_115, 46_885)
LAND = RateCounts(received=358_800, early=100_000, on_time=211_939, late=46_861)
RATE = BasisRate(373_115, 420_000, 420_000, 420_000)
FIELDS = tuple(
    GroupFigures(
        f"Lĩnh vực có tên dài vừa phải số {number}", RateCounts(received=5_100, on_time=5_098, late=2)
    )
    for number in range(12)
)
FIGURES = PeriodFigures(
    YEAR, Basis.SOURCE, ALL, dict.fromkeys(Basis, RATE), (GroupFigures("Cấp tỉnh", ALL),),
    (GroupFigures("Đất đai", LAND), *FIELDS), (GroupFigures(DEPARTMENT.name, LAND),), {"NO_RECEPTION": 20},
)  # fmt: skip
SCORE = ScoreAnswer(
    criterion="3.4.1", edition="resolved", edition_name="Mẫu số là hồ sơ đã giải quyết trong năm",
    edition_verified=False, formula="b/a >= 95 %: b/a x 1,5; dưới 95 %: 0", edition_source="Quyết định 876/QĐ-BNV",
    year=2022, basis=Basis.SOURCE, as_of=AS_OF, numerator=373_115, denominator=420_000, points=Fraction(0),
    max_points=Fraction("1.5"), threshold=Fraction("0.95"), budget_late=21_000, late=46_885, headroom=-25_885,
    points_at_threshold=Fraction("1.425"), bases=dict.fromkeys(Basis, RATE), lines=(), left_out={},
)  # fmt: skip
LONG = "Tỷ lệ hồ sơ lĩnh vực đất đai giải quyết quá hạn còn cao, nhất là hồ sơ phải trích đo địa chính"
TOLD = RemedyTold(1, 1, 2022, LONG, due_on=date(2023, 7, 15))


def remedies(count: int) -> tuple[Remedy, ...]:
    done = replace(TOLD, cause=LONG, measure=LONG, done_on=date(2023, 1, 9))
    return tuple(
        Remedy(number, 1, done if number % 3 else TOLD, DEPARTMENT.name, "H15.18", "Đất đai", "cchc", AS_OF)
        for number in range(1, count + 1)
    )


def reform(before: PeriodFigures) -> ReportContent:
    own = OwnShare(311_939, 358_800, 46_861)
    apologies = compliance([], AS_OF.date(), of_unit).total
    return reform_report.report_of(ReformFacts(SCOPE, FIGURES, before, apologies, SCORE, own, remedies(2)))


PACK = AttachedPack("2026-0001", "Kiểm tra năm 2022", "ab" * 32, "cd" * 32, date(2023, 1, 9))
CONTENTS: dict[str, ReportContent] = {
    "reform-year": reform(replace(FIGURES, period=Period(date(2021, 1, 1), date(2021, 12, 31)))),
    "remediation-year": remediation_report.report_of(RemediationFacts(SCOPE, FIGURES, remedies(12))),
    "remediation-none": remediation_report.report_of(
        RemediationFacts(replace(SCOPE, issuer=None), FIGURES, ())
    ),
    "parindex-year": parindex_sheet.sheet_of(SheetFacts(SCOPE, SCORE, ("Ngưỡng 95 %",), "", (PACK,), "cchc")),
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
    folder = tmp_path_factory.mktemp("reform")
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


def test_the_figures_of_the_founding_notice_stand_in_the_reform_report():
    words = " ".join(text for section in CONTENTS["reform-year"].sections for text in section.paragraphs)
    for told in ("46.861 hồ sơ", "13,06\u00a0% (46.861/358.800)", "99,95\u00a0% (46.861/46.885)"):
        assert told in words
    assert "cho phép quá hạn 21.000 hồ sơ; đã quá hạn 46.885 hồ sơ; vượt 25.885 hồ sơ" in words
    assert "điểm tạm tính 0,0/1,5." in words
    assert "đạt 1,425 điểm" in words


@pytest.mark.parametrize("name", CONTENTS)
def test_fonts_sizes_paper_and_margins_are_those_of_the_decree(reports: dict[str, Printed], name: str):
    found = measures(reports[name].docx)
    assert found.fonts == {("Times New Roman",) * 4}
    assert found.sizes <= {6, 11, 12, 13, 14}  # 6: an empty line beside a table
    assert (round(found.margins["left"]), round(found.margins["right"])) == (30, 15)
    for section in CONTENTS[name].sections:
        if section.table is not None:
            assert sum(width for _, width in section.table.columns) == layout.TEXT_WIDTH


@pytest.mark.parametrize("name", CONTENTS)
def test_everything_is_printed_in_its_order_and_no_heading_stands_alone(
    reports: dict[str, Printed], name: str
):
    report = reports[name]
    words, content, at = printed(report.paper), report.content, 0
    sections = (text for each in content.sections for text in (each.heading, *each.paragraphs, *each.notes))
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
    ends = ["".join(word.text for word in page.words) for page in report.paper.pages]
    headings = {run_together(section.heading) for section in content.sections}
    assert [end for end in ends if any(end.endswith(heading) for heading in headings)] == []


def test_number_and_date_are_left_to_the_document_system():
    head = CONTENTS["remediation-year"].head
    assert run_together(head.number) == "Số:/BC-STNMT"
    assert run_together(head.place) == "ĐắkLắk,ngàythángnăm20…"


def test_a_long_table_of_faults_has_its_header_on_every_page(reports: dict[str, Printed]):
    pages = ["".join(word.text for word in page.words) for page in reports["remediation-year"].paper.pages]
    with_rows = [page for page in pages if run_together("Đã xong ngày") in page]
    assert len(with_rows) > 1
    assert all("Thờihạn" in page and "Kếtquả" in page for page in with_rows)


def test_who_reports_is_said_where_nobody_was_chosen():
    content = CONTENTS["remediation-none"]
    assert content.head.issuer == ("(CHƯA CHỌN ĐƠN VỊ BÁO CÁO)",)
    assert "(chưa chọn đơn vị báo cáo)" in content.closing
    assert content.sections[1].table is None


def test_people_find_the_pictures_in_the_build_folder(reports: dict[str, Printed]):
    for report in reports.values():
        report.paper.keep(PICTURES)
    assert {path.name for path in PICTURES.glob("re*-1.png")} >= {
        "reform-year-1.png",
        "remediation-year-1.png",
    }
