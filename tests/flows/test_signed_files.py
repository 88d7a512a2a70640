"""Letters that come back signed: matched by the code in them or by their name, kept whole, hostile ones refused."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from letters.issue import draft as draft_letters
from letters.moving import Asker, approve, void
from letters.pdf import find_office, to_pdf
from letters.register import LetterFolder, located
from letters.reissue import LetterScope
from letters.signed_files import Proposal, SignedReport, codes_in, proposal_in, take_signed
from letters.signed_reading import BROKE_OFF, TOO_LONG, TextReader
from letters.signed_text import TextFault
from letters.signers import sign
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_numbers import (
    ASKER,
    DECIDED,
    DRAFTED,
    SIGNED_ON,
    WROTE,
    code_of,
    draft,
    make_signed,
)
from tests.letter_world import AS_OF, BRANCH, DEPARTMENT, add_catalogue, add_dossiers, dossier, policy
from tracker.errors import WorkFailed
from tracker.store.models import Letter, LetterStep
from tracker.store.session import Store

pytestmark = pytest.mark.either_database(
    "about files; what is written goes the way of every step of a letter"
)

CODE = code_of(1)
FOOTER = (
    b'<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:r><w:t>AAAA</w:t>'
    b"<w:noBreakHyphen/><w:t>BBBB</w:t><w:noBreakHyphen/><w:t>ZZZY</w:t></w:r></w:p></w:ftr>"
)
NUMBER_LINE = "Số: 12/PXL-MAU\tĐắk Lắk, ngày 04 tháng 01 năm 2023"


@pytest.fixture
def world(store: Store) -> Store:
    """Letters 1 to 3 signed, 4 approved, 5 a draft, 6 void; 7, of another unit, is signed."""
    add_catalogue(store)
    draft(store, range(1, 7))
    draft(store, [7], DEPARTMENT)
    make_signed(store, [1, 2, 3, 6, 7])
    approve(store, [4], Asker(DECIDED, DRAFTED))
    void(store, [6], "soạn nhầm", ASKER)
    return store


def pdf(*lines: str) -> bytes:
    """A PDF of one page with these lines; without any it is as good as a scan."""
    text = " ".join(f"BT /F1 12 Tf 50 {700 - 20 * at} Td ({line}) Tj ET" for at, line in enumerate(lines))
    return pdf_of(text.encode())


def pdf_of(content: bytes, how: str = "") -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d %s >> stream\n%s\nendstream" % (len(content), how.encode(), content),
    ]
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, each))
    start = out.tell()
    out.write(b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def locked(body: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(body)))
    writer.encrypt("", "chủ", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def take(store: Store, folder: Path, *files: tuple[str, bytes], asker: Asker = ASKER) -> SignedReport:
    return take_signed(store, folder, files, asker)


def kept(store: Store, letter_id: int) -> tuple[str, str]:
    with store.read() as session:
        row = session.execute(
            select(Letter.signed_file, Letter.signed_sha256).where(Letter.id == letter_id)
        ).one()
    return row[0], row[1]


def notes(store: Store, letter_id: int) -> list[str]:
    with store.read() as session:
        query = select(LetterStep.note).where(
            LetterStep.letter_id == letter_id, LetterStep.step == "signed_file"
        )
        return list(session.scalars(query.order_by(LetterStep.seq)))


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# ---------------------------------------------------------------- what stands in a file


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"Mã tra cứu: {CODE}", (CODE,)),
        ("Mã tra cứu: A A A A - B B\nB B - Z Z\nZ Y", ("AAAA-BBBB-ZZZY",)),
        ("mã tra cứu aaaa–bbbb–zzzy.", ("AAAA-BBBB-ZZZY",)),
        (f"{CODE} và {CODE}, {code_of(2)}", (CODE, code_of(2))),
        ("Mã hồ sơ: 000.00.18.H15-220524-0012", ()),
        ("", ()),
    ],
)
def test_a_code_is_found_through_spaces_and_line_breaks(text: str, codes: Sequence[str]):
    assert codes_in(text) == codes


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        (NUMBER_LINE, Proposal("12/PXL-MAU", date(2023, 1, 4))),
        ("Số: 12 / PXL-MAU", Proposal("12 / PXL-MAU", None)),
        ("Số:       /PXL-MAU, ngày 04 tháng 01 năm 2023", None),
        ("Số: 12/PXL-MAU" + " x" * 300 + ", ngày 04 tháng 01 năm 2023", Proposal("12/PXL-MAU", None)),
        ("Số: 12/PXL-MAU Đắk Lắk, ngày 31 tháng 02 năm 2023", Proposal("12/PXL-MAU", None)),
        ("hồ sơ hẹn trả ngày 04 tháng 01 năm 2023", None),
    ],
)
def test_number_and_date_are_proposed_from_the_head_of_the_letter_only(text: str, proposal: Proposal | None):
    assert proposal_in(text) == proposal


# ---------------------------------------------------------------- taken


@pytest.mark.parametrize(
    ("name", "body", "by_name"),
    [
        ("scan.pdf", pdf(f"Ma tra cuu: {CODE}"), False),
        ("thu.docx", word(NUMBER_LINE, "Kính gửi: Ông Bịa", f"Mã tra cứu: {CODE}"), False),
        ("thu.docx", zipped({"word/document.xml": b"<!-- x --><a/>", "word/footer1.xml": FOOTER}), False),
        (f"{CODE}.pdf", pdf(), True),
        (f"đã ký {CODE.replace('-', '').lower()}.pdf", pdf(), True),
        (f"{CODE} dau.pdf", pdf("So: 12"), True),
        ("T.18-220601-0001_1.pdf", pdf(), True),
        ("da ky (t.18-220601-0001).pdf", pdf(), True),
    ],
)
def test_a_file_goes_to_its_letter(world: Store, tmp_path: Path, name: str, body: bytes, by_name: bool):
    (taken,) = take(world, tmp_path, (name, body)).taken
    assert (taken.letter_id, taken.by_name, taken.replaced) == (1, by_name, "")
    file, digest = kept(world, 1)
    assert file.startswith("letters/signed/2023/01/")
    assert located(tmp_path, file).read_bytes() == body
    assert files_below(tmp_path / "letters") == [located(tmp_path, file)]
    assert digest == hashlib.sha256(body).hexdigest()
    assert notes(world, 1) == [f"sha256 {digest}"]


def test_number_and_date_of_a_file_are_proposed_and_not_taken(world: Store, tmp_path: Path):
    (taken,) = take(world, tmp_path, ("thu.docx", word(NUMBER_LINE, CODE))).taken
    assert taken.proposal == Proposal("12/PXL-MAU", date(2023, 1, 4))
    with world.read() as session:
        assert session.scalars(select(Letter.number).where(Letter.number.is_not(None))).all() == []


def test_the_same_file_again_is_nothing_new_and_another_one_takes_its_place(world: Store, tmp_path: Path):
    first, second = pdf(CODE), pdf(CODE, "sua")
    take(world, tmp_path, ("a.pdf", first))
    old = kept(world, 1)
    again = take(world, tmp_path, ("b.pdf", first))
    assert ([each.letter_id for each in again.known], again.taken, again.refused) == ([1], (), ())
    (taken,) = take(world, tmp_path, ("a.pdf", second)).taken
    assert taken.replaced == old[1]
    assert notes(world, 1)[1:] == [f"sha256 {kept(world, 1)[1]}; thay tệp sha256 {old[1]}"]
    # What was signed before is no draft: it stays.
    assert located(tmp_path, old[0]).read_bytes() == first


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("name", "body", "why"),
    [
        ("a.pdf", pdf(code_of(5)), "chỉ nhận bản đã ký"),
        ("a.pdf", pdf(code_of(6)), "chỉ nhận bản đã ký"),
        ("a.pdf", pdf(code_of(7)), "đơn vị khác"),
        ("a.pdf", pdf("ZZZZ-ZZZZ-ZZZZ"), "không có trong sổ"),
        ("a.pdf", pdf(CODE, code_of(2)), "nhiều thư"),
        ("T.18-220601-0001.pdf", pdf("Don xin phep"), "không có mã tra cứu"),
        ("a.pdf", pdf(), "bản quét không có chữ"),
        ("T.18-220601-0005.pdf", pdf(), "bản quét không có chữ"),
        ("T.18-220601-0001 T.18-220601-0002.pdf", pdf(), "nhiều thư"),
        ("a.pdf", b"", "rỗng"),
        (f"{CODE}.txt", b"abc", TextFault.KIND),
        (f"{CODE}.doc", bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, TextFault.OLD_OFFICE),
        (f"{CODE}.docx", zipped({"a.txt": b"abc"}), TextFault.KIND),
        (f"{CODE}.docx", word("abc")[:900], TextFault.BROKEN),
        (f"{CODE}.docx", zipped({"word/document.xml": b"<a/>", "word/vbaProject.bin": b"x"}), TextFault.MACROS),
        (f"{CODE}.docx", zipped({"word/document.xml": b"<a>" + b" " * (30 << 20)}), TextFault.TOO_MUCH),
        (f"{CODE}.pdf", b"%PDF-1.7\n" + b"x" * 5000, TextFault.BROKEN),
        (f"{CODE}.pdf", locked(pdf(CODE)), TextFault.ENCRYPTED),
        (f"{CODE}.pdf", pdf_of(zlib.compress(b" " * (60 << 20)), "/Filter /FlateDecode"), TextFault.TOO_MUCH),
        (f"{CODE}.pdf", pdf_of(b"BT (a) Tj ET " * 400_000), TextFault.TOO_MUCH),
        (f"{CODE}.pdf", pdf(CODE) + b"\0" * (20 << 20), "lớn hơn 20 MiB"),
    ],
)  # fmt: skip
def test_what_is_no_signed_letter_is_refused_with_its_reason_and_the_others_are_taken(
    world: Store, tmp_path: Path, name: str, body: bytes, why: str
):
    asker = replace(ASKER, unit_ids=frozenset({BRANCH}))
    report = take(world, tmp_path, (name, body), ("khac.pdf", pdf(code_of(3))), asker=asker)
    assert [each.letter_id for each in report.taken] == [3]
    (refused,) = report.refused
    assert refused.name == name
    assert why in refused.why
    assert len(files_below(tmp_path / "letters")) == 1


def test_a_letter_gets_one_file_at_a_time(world: Store, tmp_path: Path):
    report = take(world, tmp_path, ("a.pdf", pdf(CODE)), ("b.pdf", pdf(CODE, "khac")))
    assert [each.name for each in report.taken] == ["a.pdf"]
    assert [(each.name, "a.pdf" in each.why) for each in report.refused] == [("b.pdf", True)]


def test_a_file_that_takes_too_long_ends_its_process_and_the_next_one_is_read():
    slow = pdf_of(b"BT (a) Tj ET " * 40_000)
    with TextReader(0.02) as reader:
        assert reader.read(slow) == ("", TOO_LONG)
        reader._seconds = 20.0
        assert CODE in reader.read(pdf(CODE))[0]


def test_a_reader_that_dies_of_a_file_blames_the_file_and_one_that_does_not_begin_blames_nobody(
    monkeypatch: pytest.MonkeyPatch,
):
    with TextReader() as reader:
        assert CODE in reader.read(pdf(CODE))[0]
        assert reader._process
        reader._process.kill()
        assert reader.read(pdf(CODE)) == ("", BROKE_OFF)
        assert CODE in reader.read(pdf(CODE))[0]
    monkeypatch.setattr("letters.signed_reading.MODULE", "letters.no_such_module")
    with TextReader() as reader, pytest.raises(WorkFailed, match="báo quản trị"):
        reader.read(pdf(CODE))


def test_a_letter_of_ours_that_was_printed_as_pdf_is_known_again(store: Store, tmp_path: Path):
    """The shipped letter through LibreOffice: Vietnamese letters, fonts, and the code as it is really printed."""
    add_catalogue(store)
    add_dossiers(store, dossier(1))
    folder = LetterFolder(tmp_path / "letters" / "2023", tmp_path)
    draft_letters(store, LetterScope(AS_OF), policy(), folder, now=DRAFTED, actor=WROTE)
    approve(store, [1], Asker(DECIDED, DRAFTED))
    sign(store, [1], SIGNED_ON, ASKER)
    with store.read() as session:
        written = located(tmp_path, session.scalars(select(Letter.file)).one())
    document = Document(str(written))
    head = next(
        p for row in document.tables[0].rows for c in row.cells for p in c.paragraphs if "Số:" in p.text
    )
    head.runs[0].text, rest = "Số: 12/PXL-MAU", head.runs[1:]
    for run in rest:
        run.text = ""
    numbered = tmp_path / "co-so.docx"
    document.save(str(numbered))
    office = find_office()
    assert office, "soffice is not installed; run `make system`"
    (made,) = to_pdf(office, [numbered], tmp_path / "pdf")
    assert made.pdf, made.fault
    later = Asker("van-thu", NOW + timedelta(hours=1))
    (taken,) = take(store, tmp_path, ("scan-0001.pdf", made.pdf.read_bytes()), asker=later).taken
    assert (taken.letter_id, taken.by_name) == (1, False)
    assert taken.proposal == Proposal("12/PXL-MAU", None)
