"""The code to scan: the picture that is put together is the one that segno draws, and leads to the page of this letter."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
import segno
from docx import Document

from letters.archive import PICTURE_PART, members_of
from letters.check_mark import ERROR_LEVEL, PIXELS, QUIET, picture
from letters.compiled import render
from letters.content import LetterContent, write
from letters.layout import Paper
from letters.register import ALPHABET, new_short_codes
from letters.render import build
from tests.letter_samples import FORMS, OVERDUE, RETURNED, WARD

OFFICE = "https://xin-loi.vi-du.gov.vn"
ADDRESSES = (
    f"{OFFICE}/kiem-tra-thu?ma=",
    "http://10.1.2.3:8080/kiem-tra-thu?ma=",
    f"https://{'mot-cua.' * 12}vi-du.gov.vn/kiem-tra-thu?ma=",
)


def modules(png: bytes) -> list[list[int]]:
    """1 for each dark module of a picture, its white edge left out; every pixel of a module is looked at."""
    width, height, *kind = struct.unpack(">2L5B", png[16:29])
    assert (width, kind) == (height, [1, 0, 0, 0, 0])
    begin = png.index(b"IDAT") + 4
    lines = zlib.decompress(png[begin : begin + struct.unpack(">L", png[begin - 8 : begin - 4])[0]])
    across = width // 8 + 1
    rows = [lines[at : at + across] for at in range(0, len(lines), across)]
    assert all(row[0] == 0 for row in rows)
    pixels = ["".join(f"{byte:08b}" for byte in row[1:]) for row in rows]
    found = []
    for at in range(0, height, PIXELS):
        assert len(set(pixels[at : at + PIXELS])) == 1
        cells = [pixels[at][start : start + PIXELS] for start in range(0, width, PIXELS)]
        assert {*cells} <= {"0" * PIXELS, "1" * PIXELS}
        found.append([int(cell[0] == "0") for cell in cells])
    edges = [*found[:QUIET], *found[-QUIET:], *(row[:QUIET] + row[-QUIET:] for row in found)]
    assert not any(map(any, edges))
    return [row[QUIET:-QUIET] for row in found[QUIET:-QUIET]]


def drawn_by_segno(text: str) -> Iterator[list[list[int]]]:
    """The code of a text under each of the eight masks."""
    for mask in range(8):
        made = segno.make(text, error=ERROR_LEVEL, mode="byte", micro=False, boost_error=False, mask=mask)
        yield [list(row) for row in made.matrix]


@pytest.mark.parametrize("start", ADDRESSES)
def test_the_picture_is_the_code_that_segno_draws_of_the_whole_address(start: str) -> None:
    every_letter_everywhere = ["-".join([letter * 4] * 3) for letter in ALPHABET]
    for code in [*new_short_codes(20), *every_letter_everywhere]:
        assert modules(picture(start + code)) in drawn_by_segno(start + code)


def content_of(facts: object = RETURNED, address: str = OFFICE) -> LetterContent:
    content = write(facts, FORMS, check_address=address)  # type: ignore[arg-type]
    assert isinstance(content, LetterContent)
    return content


def test_the_compiled_letter_with_a_code_to_scan_is_the_one_python_docx_makes() -> None:
    samples = (RETURNED, OVERDUE, replace(RETURNED, issuer=WARD, address=""))
    for facts, paper, code in product(samples, Paper, new_short_codes(2)):
        content = content_of(replace(facts, short_code=code))
        assert members_of(render(content, paper)) == members_of(build(content, paper))


def test_the_picture_in_a_letter_leads_to_the_page_of_its_own_code_and_is_eighteen_millimetres_wide() -> None:
    content = content_of()
    docx = render(content)
    assert content.check_url == f"{OFFICE}/kiem-tra-thu?ma={RETURNED.short_code}"
    assert members_of(docx)[PICTURE_PART] == picture(content.check_url)
    (shape,) = Document(io.BytesIO(docx)).element.body.iter("{*}inline")
    assert (shape.extent.cx, shape.extent.cy) == (648_000, 648_000)
    assert "kiểm tra" in shape.docPr.get("descr")


def test_an_office_that_nobody_can_reach_prints_no_code_to_scan_and_no_address() -> None:
    docx = members_of(render(content_of(address="")))
    assert PICTURE_PART not in docx
    assert b"kiem-tra-thu" not in docx["word/document.xml"]
