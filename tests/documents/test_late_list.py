"""The late list on paper: A4 on its side, every column on every page, the header again, nothing cut off."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.documents.office import to_pdf
from tests.documents.pages import Page, Paper, Word
from tracker.reports.late_list import COLUMNS, write_xlsx
from tracker.types import VN, LateRow, State

PICTURES = Path(__file__).parents[2] / "build" / "documents"
TITLE = "Hồ sơ quá hạn – căn cứ ngày hẹn theo hệ thống nguồn – xét tại 23:59 01/01/2023"
ROWS = 60
# Every Vietnamese vowel with every tone, and đ.
ALPHABET = "aàảãáạ ăằẳẵắặ âầẩẫấậ eèẻẽéẹ êềểễếệ iìỉĩíị oòỏõóọ ôồổỗốộ ơờởỡớợ uùủũúụ ưừửữứự yỳỷỹýỵ đ"
AT = datetime(2022, 6, 14, 17, tzinfo=VN)
SHORT = LateRow(
    dossier_id=1,
    code="000.00.18.H15-220524-0012",
    procedure="Đăng ký biến động quyền sử dụng đất",
    field="Đất đai",
    unit="Sở Tài nguyên và Môi trường tỉnh Đắk Lắk",
    received_at=AT,
    due_at=AT,
    finished_at=None,
    state=State.OVERDUE,
    late_days=1143,
    letter="drafted",
    applicant="Nguyễn Thị Mẫu",
    officer="Trần Văn Thử",
    reason="Chờ xác minh thực địa",
    promised_at=AT,
    documented_at=AT,
    source_at=AT,
)
LONG = replace(
    SHORT,
    code="H15.18.99-231124-000001",
    procedure="Cấp Giấy chứng nhận quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác gắn liền với đất cho người nhận "
    "chuyển nhượng quyền sử dụng đất ở trong các dự án phát triển nhà ở thương mại",
    applicant="CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN ĐẦU TƯ XÂY DỰNG VÀ PHÁT TRIỂN NÔNG THÔN MẪU",
    unit="Văn phòng Đăng ký đất đai tỉnh Đắk Lắk – Chi nhánh thành phố Buôn Ma Thuột",
    reason=f"{ALPHABET} {ALPHABET.upper()}",
    finished_at=AT,
    state=State.FINISHED_LATE,
    letter="delivered",
    field="Nông nghiệp và Môi trường",
)


def rows() -> list[LateRow]:
    """Short and long rows in turn; each column has its turn of being the longest."""
    marked = [
        replace(SHORT, procedure=f"{LONG.procedure} cùng"),
        replace(SHORT, applicant=f"{LONG.applicant} cùng"),
        replace(SHORT, unit=f"{LONG.unit} cùng"),
        replace(SHORT, reason=f"{LONG.reason} cùng"),
        replace(LONG, officer="Trần Văn Thử Việc Lâu Năm cùng"),
    ]
    return [marked[number % len(marked)] for number in range(ROWS)]


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """The list, printed."""
    folder = tmp_path_factory.mktemp("list")
    workbook = folder / "late-list.xlsx"
    assert write_xlsx(workbook, rows(), TITLE) == ROWS
    return Paper(to_pdf([workbook], folder)[0])


def text_of(page: Page) -> str:
    """The words of a page without the spaces between them."""
    return "".join(word.text for word in page.words)


def numbers(page: Page) -> list[Word]:
    """The row numbers of a page, from top to bottom; they stand in the first column."""
    edge = min(word.left for word in page.words if word.text == "STT") + 8
    found = (word for word in page.words if word.left < edge and word.text.isdigit())
    return sorted(found, key=lambda word: word.top)


def test_the_paper_is_a4_on_its_side(paper: Paper):
    assert {(round(page.width), round(page.height)) for page in paper.pages} == {(297, 210)}
    assert len(paper.pages) > 2


def test_every_page_has_the_whole_header_and_its_number(paper: Paper):
    for number, page in enumerate(paper.pages, 1):
        printed = text_of(page)
        for heading, _ in COLUMNS:
            assert all(word in printed for word in heading.split()), heading
        assert f"{number}/{len(paper.pages)}" in printed
    assert TITLE in " ".join(word.text for word in paper.pages[0].words)


def test_every_row_is_printed_once_and_in_order(paper: Paper):
    assert [word.text for page in paper.pages for word in numbers(page)] == [
        str(n) for n in range(1, ROWS + 1)
    ]


def test_no_column_is_cut_off_and_no_date_too_wide(paper: Paper):
    for page in paper.pages:
        count = len(numbers(page))
        printed = text_of(page)
        assert "#" not in printed
        assert printed.count("14/06/2022") >= 4 * count
        assert printed.count("Đã") >= count  # the last column
        borders = page.borders()
        assert min(borders) >= 5
        assert borders.left == pytest.approx(borders.right, abs=8)


def test_no_line_of_a_cell_is_hidden_below_its_row(paper: Paper):
    for page in paper.pages:
        starts = numbers(page)
        ends = [word.bottom for word in page.words if word.text == "cùng"]
        assert len(ends) == len(starts)
        floors = [word.top for word in starts[1:]] + [page.height - 12]
        for end, start, floor in zip(sorted(ends), starts, floors, strict=True):
            assert start.top < end < floor + 0.5


def test_the_letters_can_be_read(paper: Paper):
    heights = [
        word.bottom - word.top for page in paper.pages for word in page.words if word.text == "14/06/2022"
    ]
    assert min(heights) > 2.4  # millimetres of a line: 6 points


def test_vietnamese_is_whole_and_in_one_font(paper: Paper):
    printed = "".join(map(text_of, paper.pages))
    assert "".join(ALPHABET.split()) in printed
    assert "".join(ALPHABET.upper().split()) in printed
    assert all(font.is_embedded for font in paper.fonts)
    strange = {f.name for f in paper.fonts if not f.name.startswith(("LiberationSerif", "TimesNewRoman"))}
    assert strange == set(), "install fonts-liberation2 (make system)"


def test_people_find_its_pictures_in_the_build_folder(paper: Paper):
    paper.keep(PICTURES)
    assert (PICTURES / "late-list-1.png").is_file()
