"""Sheets read by the learnt pattern and by the XML parser alone are the same; numbers become the text of a CSV."""

import io
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.readers.cell_text import CellTexts, PlainReading, is_date_format, number_text
from tracker.ingest.readers.sheet_rows import (
    TELLING_ROWS,
    CellWords,
    SheetRows,
    column_number,
    parse_rows,
)  # fmt: skip

STRINGS = ["một", "hai & ba", "", "ha\r\ni"]
WIDTH = 6
TEXTS = st.text("aàằ &<>'\"\n_x0041_1", max_size=8)


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, str]:
    """The attributes and the content of a cell."""
    kind = draw(st.sampled_from(["n", "date", "s", "inlineStr", "str", "b", "e", "none", "rich", "formula"]))
    text = escape(draw(TEXTS)).replace("\r", "")
    space = draw(st.sampled_from(["", ' xml:space="preserve"']))
    return {
        "n": ("", f"<v>{draw(st.integers(-5, 10**9))}</v>"),
        "date": (' s="1"', f"<v>{draw(st.floats(30_000, 60_000))!r}</v>"),
        "s": (' t="s"', f"<v>{draw(st.integers(0, len(STRINGS) - 1))}</v>"),
        "inlineStr": (' t="inlineStr"', f"<is><t{space}>{text}</t></is>"),
        "str": (' s="0" t="str"', f"<v>{text}</v>"),
        "b": (' t="b"', f"<v>{draw(st.sampled_from('01'))}</v>"),
        "e": (' t="e"', "<v>#N/A</v>"),
        "none": (' s="1"', ""),
        "rich": (
            ' t="inlineStr"',
            f"<is><r><t>{text}</t></r><rPh><t>bỏ</t></rPh><r><t{space}>b</t></r></is>",
        ),
        "formula": (' t="str"', f"<f>{text}</f><v>{text}</v>"),
    }[kind]


@st.composite
def sheets(draw: st.DrawFn) -> str:
    """A sheet of a few rows, each with some of its cells."""
    rows = []
    for number in range(1, draw(st.integers(1, 12))):
        given_cells = draw(st.dictionaries(st.sampled_from("ABCDEFG"), cells(), max_size=WIDTH))
        written = "".join(
            f'<c r="{column}{number}"{attributes}' + (f">{content}</c>" if content else "/>")
            for column, (attributes, content) in sorted(given_cells.items())
        )
        tag = draw(st.sampled_from(["", ' spans="1:7"', ' ht="15" customHeight="1"']))
        rows.append(f'<row r="{number}"{tag}>{written}</row>' if written else f'<row r="{number}"{tag}/>')
    return f'<worksheet xmlns="x"><sheetData>{"".join(rows)}</sheetData><hyperlinks/></worksheet>'


def words() -> CellWords:
    return CellWords(PlainReading(CellTexts(is_1904=False)), STRINGS, frozenset({1}))


def read(xml: str) -> list[tuple[int, list[str]]]:
    return list(SheetRows(Path("tep.xlsx"), "Trang", words(), WIDTH).read(io.BytesIO(xml.encode())))


def by_the_parser(xml: str) -> list[tuple[int, list[str]]]:
    body = xml.partition("<sheetData>")[2].partition("</sheetData>")[0]
    wanted = []
    for number, row_cells in parse_rows(body, 0):
        texts = [""] * WIDTH
        for column, kind, style, value in row_cells:
            convert = words().converter(column, kind, style)
            if column < WIDTH and value and convert:
                texts[column] = convert([value])[0]
        if row_cells:
            wanted.append((number, texts))
    return wanted


@given(sheets())
def test_both_ways_of_reading_give_the_same(xml: str):
    assert read(xml) == by_the_parser(xml)


def test_a_way_of_writing_that_the_first_rows_do_not_have_is_read_where_it_comes():
    rows = ['<row r="1"><c r="A1" s="3" t="str"><v>Mã</v></c><c r="B1" s="3" t="str"><v>Ngày</v></c></row>']
    for number in range(2, 3 * TELLING_ROWS):
        code = f'<c r="A{number}" t="inlineStr"><is><t>mã {number}</t></is></c>'
        # After the way of the heading is forgotten it comes once more, then a number stands where texts did.
        if number > 2 * TELLING_ROWS:
            kind = number % 3
            code = (
                code,
                f'<c r="A{number}" s="3" t="str"><v>a &amp; b</v></c>',
                f'<c r="A{number}"><v>7</v></c>',
            )[kind]
        day = (
            f'<c r="B{number}" s="1"><v>{40_000 + number / 7!r}</v></c>'
            if number % 5
            else f'<c r="B{number}" s="1"/>'
        )
        rows.append(f'<row r="{number}">{code}{day}</row>')
    sheet = f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>"
    assert read(sheet) == by_the_parser(sheet)


def test_a_cell_that_bears_the_number_of_another_row_belongs_to_the_one_it_stands_in():
    row = '<row r="{n}"><c r="A{n}"><v>1</v></c><c r="B{m}"><v>2</v></c></row>'
    sheet = f"<sheetData>{row.format(n=1, m=1)}{row.format(n=2, m=7)}{row.format(n=3, m=3)}</sheetData>"
    assert [(number, row[:2]) for number, row in read(sheet)] == [(n, ["1", "2"]) for n in (1, 2, 3)]


def test_rows_and_cells_without_references_follow_one_another():
    xml = (
        "<sheetData><row><c><v>1</v></c><c/><c><v>3</v></c></row><row r='5'><c><v>5</v></c></row></sheetData>"
    )
    assert [(number, row[:3]) for number, row in read(xml)] == [(1, ["1", "", "3"]), (5, ["5", "", ""])]


def test_cells_out_of_order_are_read_in_their_places():
    row = '<row r="{n}"><c r="B{n}"><v>2</v></c><c r="A{n}"><v>1</v></c></row>'
    xml = f"<sheetData>{row.format(n=1)}{row.format(n=2)}</sheetData>"
    assert [row[:2] for _, row in read(xml)] == [["1", "2"]] * 2


@pytest.mark.parametrize(
    ("letters", "number"), [("A", 0), ("Z", 25), ("AA", 26), ("ALL", 999), ("XFD", 16_383)]
)
def test_columns_are_counted_from_their_letters(letters: str, number: int):
    assert column_number(letters) == number


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("12", "12"), ("12.0", "12"), ("1E3", "1000"), ("0.1", "0.1"), ("0.30000000000000004", "0.3"), ("-4", "-4"),
        ("100123456", "100123456"), ("1234567890123456", "1.23456789012346E+15"), ("2.6081E+18", "2.6081E+18"),
        ("260810000000", "260810000000"), ("x", "x"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_a_person_would(raw: str, text: str):
    assert number_text(raw) == text


@pytest.mark.parametrize(
    ("serial", "text"),
    [
        ("46262", "28/08/2026"), ("46244.388889", "10/08/2026 09:20:00"), ("46244.999999999", "11/08/2026"),
        ("44620", "28/02/2022"), ("0", "30/12/1899"), ("0.5", "12:00:00"), ("-1", "-1"), ("9E9", "9000000000"),
        ("2958465.99999999", "2958465.99999999"), ("nan", "NAN"), ("x", "x"),
    ],
)  # fmt: skip
def test_the_number_of_a_date_is_its_text_to_the_second(serial: str, text: str):
    texts = CellTexts(is_1904=False)
    for _ in range(2):
        assert texts.moments([serial, "", serial]) == [text, "", text]


def test_the_other_calendar_begins_four_years_later():
    assert CellTexts(is_1904=True).moments(["44800"]) == CellTexts(is_1904=False).moments(["46262"])


@pytest.mark.parametrize(
    "code", ["dd/mm/yyyy", "[$-42A]dd mmmm yyyy", "h:mm", "[h]:mm", "yyyy;@", "m/d/yy h:mm"]
)
def test_formats_with_days_or_hours_are_dates(code: str):
    assert is_date_format(code)


@pytest.mark.parametrize(
    "code", ["General", "0.00", '#,##0 "đồng/ngày dd"', "[Red]0", "0.00E+00", "@", "_-* #,##0_d", "\\d0"]
)
def test_other_formats_are_none(code: str):
    assert not is_date_format(code)
