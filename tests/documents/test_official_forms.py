"""Forms II.06a and II.06b and both appendices on paper: A4 on its side, the head on every page, every row and number there.

Pictures are kept under build/documents: look at them when the layout changes.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from letters.form_render import paper_of, render
from tests.documents.office import to_pdf
from tests.documents.pages import Paper
from tests.documents.test_late_list import LONG, SHORT, text_of
from tests.letter_samples import DEPARTMENT
from tracker.forms_data import load_form_editions
from tracker.measures.form_counts import FormGroup, filled
from tracker.reports.appendix_lists import APPENDIX_1, APPENDIX_2, write_appendix
from tracker.reports.form_book import write_form
from tracker.reports.form_page import FormFacts, form_page
from tracker.types import VN, Basis, Channel, Level, RateCounts
from tracker.types.reconciling import OurCounts

PICTURES = Path(__file__).parents[2] / "build" / "documents"
FORM_A, FORM_B = load_form_editions()
START, END = date(2026, 7, 1), date(2026, 9, 30)
BIG = OurCounts(
    RateCounts(
        received=420_000, carried_over=12_345, early=100_001, on_time=273_114, late=46_885, withdrawn=1_234, refused=56,
        no_due=78, open=11_033, open_late=910, open_no_due=12, suspended=3_456,
    ),
    {Channel.ONLINE: 120_000, Channel.COUNTER: 299_000, Channel.UNKNOWN: 1_000},
)  # fmt: skip
LONG_UNIT = "Chi nhánh Văn phòng Đăng ký đất đai liên huyện Mẫu số {}"
GROUPS = [
    *(FormGroup(Level.PROVINCE, LONG_UNIT.format(number), BIG) for number in range(1, 31)),
    *(FormGroup(Level.COMMUNE, f"UBND xã Mẫu {number}", BIG) for number in range(1, 31)),
]
NUMBERS = (
    "46.885",
    "46,885",
)  # as a document writes it, and as a spreadsheet does on a machine of no country


def page(edition, groups=GROUPS):
    table = filled(edition, groups, [Level.PROVINCE, Level.DISTRICT, Level.COMMUNE])
    moment = datetime(2026, 9, 30, 23, 59, tzinfo=VN)
    facts = FormFacts(table, START, END, moment, Basis.SOURCE, None, "", {"NOT_ACCEPTED": 20})
    return form_page(facts)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    """Everything, printed in one call."""
    folder = tmp_path_factory.mktemp("forms")
    made = {
        name: folder / name
        for name in ("bieu-b.xlsx", "bieu-b-giay.docx", "bieu-a.docx", "pl-1.xlsx", "pl-2.xlsx")
    }
    write_form(made["bieu-b.xlsx"], page(FORM_B))
    made["bieu-b-giay.docx"].write_bytes(render(paper_of(page(FORM_B), None, 20)))
    made["bieu-a.docx"].write_bytes(render(paper_of(page(FORM_A, GROUPS[:5]), DEPARTMENT, 20)))
    for name, appendix in (("pl-1.xlsx", APPENDIX_1), ("pl-2.xlsx", APPENDIX_2)):
        rows = [replace(each, unit=unit) for unit in ("Sở Mẫu", "UBND xã Mẫu") for each in (SHORT, LONG) * 10]
        assert write_appendix(made[name], appendix, rows, ("Quý III năm 2026", "40 hồ sơ")) == 40
    printed = dict(zip(made, map(Paper, to_pdf(list(made.values()), folder)), strict=True))
    for paper in printed.values():
        paper.keep(PICTURES)
    return printed


def test_each_paper_is_a4_on_its_side_in_fonts_of_its_own(papers: dict[str, Paper]):
    for name, paper in papers.items():
        assert {(round(each.width), round(each.height)) for each in paper.pages} == {(297, 210)}, name
        assert all(font.is_embedded for font in paper.fonts), name


@pytest.mark.parametrize("name", ["bieu-b.xlsx", "bieu-b-giay.docx"])
def test_every_page_of_the_form_repeats_its_thirteen_columns_and_no_row_is_missing(
    papers: dict[str, Paper], name: str
):
    printed = [text_of(each).replace(" ", "") for each in papers[name].pages]
    form = [text for text in printed if "(13)" in text]
    for text in form:
        for heading in ("Sốhồsơnhậngiảiquyết", "Sốhồsơđãgiảiquyết", "Sốhồsơđanggiảiquyết", "(1)", "(13)"):
            assert heading in text
    assert len(form) > 2
    whole = "".join(form)
    for group in GROUPS:
        assert "".join(group.name.split()) in whole
    late = sum(whole.count(number) for number in NUMBERS)
    assert late == len(GROUPS)
    assert "###" not in "".join(printed)


def test_the_head_of_the_form_is_that_of_the_circular_and_of_the_agency(papers: dict[str, Paper]):
    first = " ".join(word.text for word in papers["bieu-a.docx"].pages[0].words)
    for told in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Biểu số II.06a/VPCP/KSTT", "Thông tư số 01/2020/TT-VPCP",
        "quý III năm 2026", "Từ ngày 01/07/2026 đến ngày 30/09/2026", "Đơn vị tính: Số hồ sơ TTHC",
    ):  # fmt: skip
        assert told in first, told


@pytest.mark.parametrize("name", ["bieu-a.docx", "bieu-b-giay.docx"])
def test_notes_and_signature_stand_together_and_our_own_rates_on_pages_of_their_own(
    papers: dict[str, Paper], name: str
):
    printed = [text_of(each) for each in papers[name].pages]
    (signed,) = [number for number, text in enumerate(printed) if "NGƯỜILẬPBIỂU" in text.replace(" ", "")]
    assert "đốichiếu" in printed[signed].replace(" ", "")  # the last note goes with it
    own = [number for number, text in enumerate(printed) if "Tỷlệđúnghạn" in text.replace(" ", "")]
    assert own == list(range(signed + 1, len(printed)))


@pytest.mark.parametrize(("name", "last"), [("pl-1.xlsx", "Ghi chú"), ("pl-2.xlsx", "Cán bộ đang xử lý")])
def test_the_appendices_repeat_their_head_and_number_each_unit_anew(
    papers: dict[str, Paper], name: str, last: str
):
    paper = papers[name]
    for each in paper.pages:
        printed = text_of(each)
        assert "".join(last.split()) in printed
        assert "#" not in printed
    whole = " ".join(word.text for each in paper.pages for word in each.words)
    assert whole.count("14/06/2022") >= 80
    assert whole.count("Sở Mẫu") >= 21  # the row of the group, and each of its rows


def test_a_list_longer_than_a_sheet_goes_on_on_the_next_with_the_same_head(tmp_path: Path):
    from openpyxl import load_workbook

    rows = [replace(SHORT, received_at=SHORT.received_at + timedelta(days=n)) for n in range(25)]
    assert write_appendix(tmp_path / "x.xlsx", APPENDIX_1, rows, ("", ""), 15) == 25
    sheets = load_workbook(tmp_path / "x.xlsx").worksheets
    assert [sheet.title for sheet in sheets] == ["Phụ lục I", "Phụ lục I (2)", "Phụ lục I (3)"]
    found = [cells[0] for sheet in sheets for cells in sheet.values if isinstance(cells[0], int)]
    assert found == list(range(1, 26))
    assert {sheet["B6"].value for sheet in sheets} == {"Mã hồ sơ"}
