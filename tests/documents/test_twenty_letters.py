"""Twenty and more letters that differ in everything that may differ, printed and read back from the paper.

Their pictures are kept under build/documents/twenty: look at them when the layout changes.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from letters import layout
from letters.compiled import render
from letters.content import LetterContent, LetterFacts, write
from letters.issuer import Authority, Signature
from letters.layout import Paper
from letters.obligations import LetterKind
from letters.template_compiled import compile_template
from letters.template_default import default_template
from letters.template_text import values_of
from tests.documents.docx_blocks import blocks
from tests.documents.office import converted, to_pdf
from tests.documents.pages import MM_A_DOT, Page, Word
from tests.documents.pages import Paper as Printed
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD
from tests.template_files import own, paragraph
from tracker.types import ApplicantKind

PICTURES = Path(__file__).parents[2] / "build" / "documents" / "twenty"
NEW_FORM, NEW_DATE = date(2026, 3, 2), date(2026, 3, 20)
COMPANY = "Công ty trách nhiệm hữu hạn một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu"
PROCEDURE = (
    "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp chuyển nhượng, "
    "cho thuê, cho thuê lại, thừa kế, tặng cho, góp vốn bằng quyền sử dụng đất"
)
NAME = "Nguyễn Hoàng Ví Dụ"
HEAD = Signature(Authority.HEAD, "Giám đốc", "", NAME)
DEPUTY = Signature(Authority.DEPUTY, "Phó Giám đốc", "Giám đốc", NAME)
BY_ORDER = Signature(Authority.BY_ORDER, "KT. Chánh Văn phòng / Phó Chánh Văn phòng", "Giám đốc", NAME)
AUTHORISED = Signature(Authority.BY_AUTHORISATION, "Trưởng phòng Đăng ký", "Giám đốc", NAME)
ACTING = Signature(Authority.ACTING, "Giám đốc", "", NAME)
CHAIR = Signature(Authority.HEAD, "Chủ tịch", "", NAME)
DEPUTY_CHAIR = Signature(Authority.DEPUTY, "Phó Chủ tịch", "Chủ tịch", NAME)
COMMUNE = replace(DEPARTMENT, name="Ủy ban nhân dân xã Ea Kao", abbreviation="UBND", place="Ea Kao")
BRANCH = replace(
    DEPARTMENT,
    name="Văn phòng Đăng ký đất đai tỉnh Đắk Lắk - Chi nhánh khu vực Buôn Ma Thuột",
    abbreviation="CNBMT",
    parent="Sở Nông nghiệp và Môi trường tỉnh Đắk Lắk",
    place="Buôn Ma Thuột",
)
CENTRE = replace(DEPARTMENT, name="Trung tâm Mẫu", parent="", place="", abbreviation="")
AGRICULTURE = replace(DEPARTMENT, name="Sở Nông nghiệp và Môi trường tỉnh Đắk Lắk", abbreviation="SNNMT")
BUSINESS = {"applicant_kind": ApplicantKind.BUSINESS, "applicant_name": COMPANY}
ADVANCE = replace(OVERDUE, kind=LetterKind.ADVANCE)
REFUSED = replace(RETURNED, kind=LetterKind.LATE_REFUSAL)
NEW = {"day": NEW_FORM, "new_due_on": NEW_DATE}
A4, A5 = Paper.A4, Paper.A5


@dataclass(frozen=True)
class Case:
    """A letter, its paper, how many pages it takes; `template`: the office's own in place of the shipped one."""

    facts: LetterFacts
    paper: Paper = A4
    pages: int = 1
    template: bytes | None = None


OWN = own(
    paragraph("{{dau_co_quan}}"),
    paragraph("{{so_ky_hieu}} · {{dia_danh_ngay}}"),
    paragraph("Thư xin lỗi gửi {{kinh_gui}}"),
    paragraph("Địa chỉ: {{dia_chi}}"),
    paragraph("{{noi_dung}}"),
    paragraph("{{chuc_danh_ky}}"),
    paragraph("{{ho_ten_ky}}"),
    paragraph("{{noi_nhan}}"),
    paragraph("Mã tra cứu: {{ma_tra_cuu}}"),
)
CASES = {
    "01-advance-phieu": Case(replace(ADVANCE, signature=HEAD)),
    "02-advance-van-ban": Case(replace(ADVANCE, **NEW, issuer=AGRICULTURE, signature=DEPUTY)),
    "03-overdue-phieu": Case(replace(OVERDUE, signature=DEPUTY)),
    "04-overdue-van-ban": Case(replace(OVERDUE, **NEW, issuer=BRANCH, signature=DEPUTY)),
    "05-returned-phieu": Case(replace(RETURNED, signature=BY_ORDER)),
    "06-returned-van-ban": Case(replace(RETURNED, day=NEW_FORM, signature=AUTHORISED)),
    "07-refusal-phieu": Case(replace(REFUSED, signature=ACTING)),
    "08-refusal-van-ban": Case(replace(REFUSED, day=NEW_FORM, issuer=AGRICULTURE)),
    "09-ward-chair": Case(replace(RETURNED, issuer=WARD, receiver="", signature=CHAIR)),
    "10-commune-deputy": Case(replace(OVERDUE, **NEW, issuer=COMMUNE, signature=DEPUTY_CHAIR)),
    "11-company-long": Case(replace(RETURNED, **BUSINESS, procedure=PROCEDURE, signature=HEAD)),
    "12-organisation": Case(
        replace(OVERDUE, applicant_kind=ApplicantKind.ORGANISATION, applicant_name="Hội Nông dân xã Ea Mẫu")
    ),
    "13-unknown-applicant": Case(
        replace(OVERDUE, applicant_kind=ApplicantKind.UNKNOWN, applicant_name="Y Mẫu Niê", field="", address="")
    ),
    "14-no-place-no-parent": Case(replace(RETURNED, issuer=CENTRE, signature=HEAD)),
    "15-successor-joint": Case(
        replace(
            OVERDUE,
            issuer=BRANCH,
            predecessor="Chi nhánh Văn phòng Đăng ký đất đai thành phố Buôn Ma Thuột",
            recipients_extra=("Bộ phận Một cửa Sở Xây dựng tỉnh Đắk Lắk, nơi trao thư và kết quả",),
            signature=DEPUTY,
        )
    ),
    "16-two-pages": Case(replace(OVERDUE, **BUSINESS, reason=f"{PROCEDURE}; " * 9, signature=BY_ORDER), pages=2),
    "17-a5-advance": Case(replace(ADVANCE, signature=HEAD), A5),
    "18-a5-van-ban": Case(replace(OVERDUE, **NEW, issuer=COMMUNE, signature=DEPUTY_CHAIR), A5),
    "19-a5-returned-long": Case(replace(RETURNED, **BUSINESS, procedure=PROCEDURE, issuer=BRANCH, signature=DEPUTY), A5),
    "20-a5-two-pages": Case(replace(OVERDUE, reason=f"{PROCEDURE}; " * 9, signature=BY_ORDER), A5, pages=2),
    "21-a5-refusal-no-name": Case(replace(REFUSED, day=NEW_FORM, issuer=WARD), A5),
    "22-template-shipped": Case(
        replace(OVERDUE, **NEW, issuer=BRANCH, signature=DEPUTY),
        template=default_template(FORMS.on(NEW_FORM), LetterKind.OVERDUE),
    ),
    "23-template-shipped-a5": Case(
        replace(RETURNED, issuer=WARD, address="", signature=DEPUTY_CHAIR),
        A5,
        template=default_template(FORMS.on(RETURNED.day), LetterKind.RETURNED_LATE, A5),
    ),
    "24-template-own": Case(replace(OVERDUE, **BUSINESS, signature=HEAD), template=OWN),
}  # fmt: skip
SHIPPED = {name: case for name, case in CASES.items() if case.template is not OWN}


def content_of(case: Case) -> LetterContent:
    content = write(case.facts, FORMS)
    assert isinstance(content, LetterContent)
    return content


def rendered(case: Case) -> bytes:
    content = content_of(case)
    if case.template is None:
        return render(content, case.paper)
    template = compile_template(case.template, [case.facts.kind])
    return template.render(values_of(case.facts, content, FORMS))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Printed]:
    """All of them in one call, kept as pictures."""
    folder = tmp_path_factory.mktemp("twenty")
    paths = [folder / f"{name}.docx" for name in CASES]
    for path, case in zip(paths, CASES.values(), strict=True):
        path.write_bytes(rendered(case))
    papers = [Printed(pdf) for pdf in to_pdf(paths, folder)]
    for paper in papers:
        paper.keep(PICTURES)
    return dict(zip(CASES, papers, strict=True))


def run_together(text: str) -> str:
    return "".join(text.split())


def body_words(page: Page, sheet: layout.Sheet) -> list[Word]:
    """Without the page number in the top margin."""
    return [word for word in page.words if word.top > sheet.top - 2]


@pytest.mark.parametrize("name", CASES)
def test_each_has_the_pages_and_the_paper_it_should(printed, name: str):
    case, sheet = CASES[name], layout.SHEETS[CASES[name].paper]
    pages = printed[name].pages
    assert len(pages) == case.pages
    assert {(round(page.width), round(page.height)) for page in pages} == {(sheet.width, sheet.height)}


@pytest.mark.parametrize("name", SHIPPED)
def test_each_reads_from_top_to_bottom_as_it_was_written(printed, name: str):
    case = CASES[name]
    content, sheet = content_of(case), layout.SHEETS[case.paper]
    middle = sheet.left + sheet.issuer_cell
    first = printed[name].pages[0]
    agency = [*content.head.parent, *content.head.issuer, " ".join(content.head.number.split())]
    assert first.lines(0, middle)[: len(agency)] == agency
    nation = [layout.NATION_TEXT, layout.MOTTO_TEXT, " ".join(content.head.place.split())]
    assert first.lines(middle, first.width)[:3] == nation
    words = [word.text for page in printed[name].pages for word in body_words(page, sheet)]
    text, at = run_together("".join(words)), 0
    for block in (content.title, content.subject, content.addressee, content.address, *content.body):
        found = text.find(run_together(block), at)
        assert found >= at, block
        at = found + len(run_together(block))


@pytest.mark.parametrize("name", SHIPPED)
def test_each_ends_with_recipients_signature_and_code_on_one_page(printed, name: str):
    case = CASES[name]
    content, sheet = content_of(case), layout.SHEETS[case.paper]
    last = printed[name].pages[-1]
    words = body_words(last, sheet)
    text = run_together("".join(word.text for word in words))
    ends = [
        content.body[-1],
        layout.RECIPIENTS_TEXT,
        *content.recipients,
        *content.signer,
        content.signer_name,
    ]
    assert [block for block in (*ends, content.short_code) if run_together(block) not in text] == []
    right = sheet.left + sheet.recipient_cell
    (code,) = (word for word in words if word.text == content.short_code.split()[-1])
    titles = [word for word in words if word.left >= right and word.text == content.signer[-1].split()[-1]]
    # Room for the signature: to the name, or where it is not known yet to the code below.
    below = min((word.top for word in words if word.text == NAME.split()[-1]), default=code.top)
    assert below - max(word.bottom for word in titles) >= 18
    assert code.top >= below


@pytest.mark.parametrize("name", SHIPPED)
def test_the_ink_stays_inside_the_margins(printed, name: str):
    sheet = layout.SHEETS[CASES[name].paper]
    for number, page in enumerate(printed[name].pages):
        borders = page.borders(below=sheet.top - 2 if number else 0)
        assert borders.top >= sheet.top - MM_A_DOT
        assert borders.bottom >= sheet.bottom - MM_A_DOT
        assert borders.left >= sheet.left - 2 * MM_A_DOT
        assert borders.right >= sheet.right - 2 * MM_A_DOT


def test_an_own_template_prints_what_its_places_stand_for(printed):
    text = run_together(" ".join(word.text for word in printed["24-template-own"].words))
    content = content_of(CASES["24-template-own"])
    for block in (*content.body, *content.signer, NAME, *content.recipients, content.short_code, COMPANY):
        assert run_together(block) in text
    assert "{" not in text


def test_a_template_that_was_opened_and_saved_elsewhere_prints_the_same_text(tmp_path: Path):
    shipped = tmp_path / "shipped.docx"
    shipped.write_bytes(default_template(FORMS.on(OVERDUE.day), LetterKind.OVERDUE))
    (saved,) = converted([shipped], tmp_path / "saved", "docx")
    content = write(OVERDUE, FORMS)
    assert isinstance(content, LetterContent)
    template = compile_template(saved.read_bytes(), [LetterKind.OVERDUE])
    letter = template.render(values_of(OVERDUE, content, FORMS))
    texts = [block.text for block in blocks(render(content)) if block.text]
    assert [block.text for block in blocks(letter) if block.text] == texts


def test_at_least_twenty_were_printed_and_kept(printed):
    assert len({rendered(case) for case in CASES.values()}) >= 20
    assert {path.name for path in PICTURES.glob("*.png")} >= {f"{name}-1.png" for name in CASES}
