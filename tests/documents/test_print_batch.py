"""Many letters in one file: each is printed as it is by itself, or is not in the file at all."""

import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from letters.archive import BODY_PART, members_of
from letters.compiled import render
from letters.content import LetterContent, LetterFacts, write
from letters.print_batch import NOBODY_LIKE_IT, LeftOut, PrintLetter, batches_by_unit, merge_letters
from letters.print_reader import COUNTS_ON, HAS_MACROS, IS_SIGNED, LINKS_OUT, NO_DOCX, OTHER_FIELD, SECTIONS
from tests.documents.docx_measures import W
from tests.documents.office import to_pdf
from tests.documents.pages import Page, Paper, png
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD

PICTURES = Path(__file__).parents[2] / "build" / "documents"
LONG = "chờ xác minh thực địa và đối chiếu hồ sơ gốc " * 40


def letter(facts: LetterFacts) -> bytes:
    content = write(facts, FORMS)
    assert isinstance(content, LetterContent)
    return render(content)


OWN = [
    letter(facts)
    for facts in (
        RETURNED,
        replace(OVERDUE, reason=LONG),  # two pages
        replace(RETURNED, issuer=WARD, receiver="", address=""),
        # Around the edge of the page, where one point too many is one page too many.
        *(replace(RETURNED, reason="chờ xác minh thực địa " * words) for words in range(24, 36, 2)),
        replace(OVERDUE, issuer=replace(DEPARTMENT, name="Trung tâm Mẫu", parent=""), code="A & <B>"),
    )
]


def foreign(number: int, change: Callable[[Document], None] = lambda document: None) -> bytes:
    """A letter of an office's own template: python-docx's styles, a footer, a picture of its own."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(148), Mm(210)
    section.footer.paragraphs[0].text = "Mẫu của cơ quan"
    document.add_heading("PHIẾU XIN LỖI", level=1)
    document.add_paragraph(f"Thư số {number}")
    picture = png(np.full((40 + number, 40), 60 * number % 250, np.uint8))
    document.add_picture(io.BytesIO(picture), width=Mm(20))
    document.add_paragraph("Mong nhận được sự thông cảm./.")
    change(document)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def texts(docx: bytes) -> list[list[str]]:
    """The texts of each section of a file."""
    found: list[list[str]] = [[]]
    (body,) = ElementTree.fromstring(members_of(docx)[BODY_PART]).iter(W + "body")
    for block in body:
        found[-1] += [text.text or "" for text in block.iter(W + "t")]
        if block.tag == W + "sectPr" or block.find(f".//{W}sectPr") is not None:
            found.append([])
    return found[:-1]


def text_of(page: Page) -> str:
    return " ".join(word.text for word in page.words)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Paper]:
    """Two batches, and each of their letters by itself."""
    folder = tmp_path_factory.mktemp("batch")
    made = {"batch-own": merge_letters(OWN).docx, "batch-foreign": merge_letters(FOREIGN).docx}
    made |= {f"own-{number:02}": docx for number, docx in enumerate(OWN)}
    made |= {f"foreign-{number:02}": docx for number, docx in enumerate(FOREIGN)}
    paths = [folder / f"{name}.docx" for name in made]
    for path, docx in zip(paths, made.values(), strict=True):
        path.write_bytes(docx)
    return dict(zip(made, map(Paper, to_pdf(paths, folder)), strict=True))


FOREIGN = [foreign(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_every_page_of_the_file_is_the_page_of_the_letter_by_itself(printed: dict[str, Paper], kind: str):
    alone = [page for name in sorted(printed) if name.startswith(f"{kind}-") for page in printed[name].pages]
    together = printed[f"batch-{kind}"].pages
    assert [text_of(page) for page in together] == [text_of(page) for page in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.grey.shape == other.grey.shape
        assert float((np.abs(one.grey.astype(int) - other.grey) > 32).mean()) < 1e-5


def test_the_letters_that_are_tried_have_one_page_and_two(printed: dict[str, Paper]):
    assert {len(paper.pages) for name, paper in printed.items() if name.startswith("own-")} == {1, 2}


def test_people_find_the_pictures_in_the_build_folder(printed: dict[str, Paper]):
    for name in ("batch-own", "batch-foreign"):
        printed[name].keep(PICTURES)
    assert (PICTURES / "batch-own-1.png").is_file()


def test_a_file_of_many_letters_has_as_many_sections_with_their_texts_in_order():
    for letters in (OWN, OWN * 5, FOREIGN, OWN[:1]):
        merged = merge_letters(letters)
        assert merged.count == len(letters)
        assert merged.left_out == ()
        assert texts(merged.docx) == [texts(docx)[0] for docx in letters]


def test_every_section_begins_on_a_new_page_that_is_page_one():
    body = ElementTree.fromstring(members_of(merge_letters(OWN).docx)[BODY_PART])
    sections = list(body.iter(W + "sectPr"))
    kinds = [section.find(W + "type").attrib[W + "val"] for section in sections]
    starts = [section.find(W + "pgNumType").attrib[W + "start"] for section in sections]
    assert kinds == ["nextPage"] * len(OWN)
    assert starts == ["1"] * len(OWN)
    order = [child.tag.removeprefix(W) for child in sections[0]]
    assert order == ["headerReference", "type", "pgSz", "pgMar", "pgNumType", "titlePg"]
    assert body.find(f".//{W}vanish/../../{W}sectPr") is None  # a hidden mark would hide the break


def test_the_same_letters_give_the_same_bytes():
    assert merge_letters(OWN).docx == merge_letters(OWN).docx


def test_no_letters_give_no_file():
    merged = merge_letters([])
    assert (merged.docx, merged.count, merged.left_out) == (b"", 0, ())


def test_a_picture_that_two_letters_share_is_kept_once_and_others_keep_their_own():
    same = merge_letters([foreign(1), foreign(1), foreign(2)])
    pictures = [name for name in members_of(same.docx) if name.startswith("word/media/")]
    assert len(pictures) == 2


# ---------------------------------------------------------------- what is printed by itself


def with_number(document: Document) -> None:
    document.add_paragraph("một", style="List Number")


def with_count_of_pages(document: Document) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " NUMPAGES ")
    document.sections[0].footer.paragraphs[0]._p.append(field)


def with_torn_field(document: Document) -> None:
    for part in (" NUM", "PAGES "):
        word = OxmlElement("w:instrText")
        word.text = part
        document.add_paragraph().add_run()._r.append(word)


def with_second_section(document: Document) -> None:
    document.add_section(WD_SECTION.NEW_PAGE)


def with_remote_picture(document: Document) -> None:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    document.part.relate_to("http://192.0.2.1/a.png", kind, is_external=True)


def plus(docx: bytes, name: str, body: bytes) -> bytes:
    """A package with one member more."""
    packed = io.BytesIO(docx)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr(name, body)
    return packed.getvalue()


def with_text(docx: bytes, old: bytes, new: bytes) -> bytes:
    """A package whose document says something else."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, body in members_of(docx).items():
            archive.writestr(name, body.replace(old, new) if name == BODY_PART else body)
    return packed.getvalue()


BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaa">]><w:document'
ALONE: dict[str, tuple[bytes, str]] = {
    "a numbered list by its style": (foreign(1, with_number), COUNTS_ON),
    "the number of all pages": (foreign(1, with_count_of_pages), OTHER_FIELD),
    "a field torn over two runs": (foreign(1, with_torn_field), OTHER_FIELD),
    "two sections": (foreign(1, with_second_section), SECTIONS),
    "a picture from elsewhere": (foreign(1, with_remote_picture), LINKS_OUT),
    "macros": (plus(OWN[0], "word/vbaProject.bin", b"x"), HAS_MACROS),
    "an electronic signature": (plus(OWN[0], "_xmlsignatures/sig1.xml", b"<a/>"), IS_SIGNED),
    "no zip": (b"%PDF-1.7", NO_DOCX),
    "half a file": (OWN[0][:2000], NO_DOCX),
    "a document type": (with_text(OWN[0], b"<w:document", BOMB), NO_DOCX),
    "no document": (plus(b"", "word/styles.xml", b"<a/>"), NO_DOCX),
    "another look": (foreign(1), NOBODY_LIKE_IT),
    "other namespaces above its text": (with_text(OWN[0], b"<w:document", b'<w:document xmlns:a="b"'), NOBODY_LIKE_IT),
    "a header of other kind": (with_text(OWN[0], b'w:type="default"', b'w:type="even"'), NOBODY_LIKE_IT),
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_a_letter_that_would_be_printed_wrongly_in_company_is_left_out_with_the_reason(name: str):
    docx, reason = ALONE[name]
    merged = merge_letters([OWN[0], docx, OWN[1]])
    assert merged.left_out == (LeftOut(1, reason),)
    assert texts(merged.docx) == [texts(OWN[0])[0], texts(OWN[1])[0]]


def test_no_damaged_file_stops_the_batch():
    for at in range(0, len(OWN[0]), 37):
        damaged = OWN[0][:at] + bytes([OWN[0][at] ^ 0x55]) + OWN[0][at + 1 :]
        merged = merge_letters([OWN[1], damaged])
        assert merged.count + len(merged.left_out) == 2


def test_word_saving_a_letter_again_does_not_make_it_another_look():
    settings = "word/settings.xml"
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        for name, body in members_of(OWN[0]).items():
            rsids = b'<w:rsids><w:rsid w:val="00AB12CD"/></w:rsids></w:settings>'
            archive.writestr(name, body.replace(b"</w:settings>", rsids) if name == settings else body)
    assert merge_letters([OWN[0], saved.getvalue()]).left_out == ()


# ---------------------------------------------------------------- files by unit


def test_each_unit_has_its_files_in_order_with_so_many_letters_at_most():
    letters = [PrintLetter(n, "A" if n < 5 else "B", OWN[n % len(OWN)]) for n in range(8)]
    files = list(batches_by_unit(letters, most=2))
    assert [(file.unit, file.part, file.letter_ids) for file in files] == [
        ("A", 1, (0, 1)),
        ("A", 2, (2, 3)),
        ("A", 3, (4,)),
        ("B", 1, (5, 6)),
        ("B", 2, (7,)),
    ]
    assert [texts(file.docx) for file in files] == [
        [texts(letters[number].docx)[0] for number in file.letter_ids] for file in files
    ]


def test_letters_of_another_look_have_files_of_their_own_and_none_is_lost():
    odd, broken = ALONE["two sections"][0], b"?"
    bodies = [OWN[0], FOREIGN[0], odd, OWN[1], FOREIGN[1], broken]
    files = list(batches_by_unit([PrintLetter(n, "A", body) for n, body in enumerate(bodies)]))
    assert [(file.letter_ids, file.alone) for file in files] == [
        ((2,), SECTIONS),
        ((5,), NO_DOCX),
        ((0, 3), ""),
        ((1, 4), ""),
    ]
    assert [file.docx for file in files[:2]] == [odd, broken]
    assert [file.part for file in files] == [1, 2, 3, 4]


def test_files_are_handed_out_before_all_letters_are_read():
    read = []

    def letters():
        for number in range(6):
            read.append(number)
            yield PrintLetter(number, "A", OWN[0])

    first = next(batches_by_unit(letters(), most=2))
    assert first.letter_ids == (0, 1)
    assert read == [0, 1]


def test_the_relations_of_a_file_name_only_members_that_it_has():
    members = members_of(merge_letters(FOREIGN).docx)
    targets = re.findall(rb'Target="([^"]+)"', members["word/_rels/document.xml.rels"])
    inside = [target.decode() for target in targets if not target.startswith((b"..", b"/"))]
    assert {f"word/{target}" for target in inside} <= set(members)
    Document(io.BytesIO(merge_letters(FOREIGN).docx))
