"""Tags become rows whatever their order; merged cells keep columns in their place; what is out of bounds is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources import RECEIPT, as_html
from tracker.errors import UnusableFile
from tracker.ingest.readers import markup
from tracker.ingest.readers.cell_text import PlainReading
from tracker.ingest.readers.html_reader import held_page, html_sheets
from tracker.ingest.readers.markup import MAX_TABLES, MarkupRow, RowBuilder, TooMuch, sheets_of
from tracker.ingest.readers.mhtml_reader import is_mhtml
from tracker.ingest.readers.xml_reader import SpreadsheetTags, WordTags

FILE = Path("tep.xls")
EVENTS = ("begin_table", "end_table", "begin_row", "end_row", "begin_cell", "end_cell", "end_line", "text")


def table(html: str, place: int = 0) -> list[list[str]]:
    """The rows of a table of a page."""
    sheet = html_sheets(held_page(FILE, f"<meta charset=utf-8>{html}".encode()))[place]
    return [row for _, row in sheet.rows(PlainReading(sheet.texts), 4)]


def test_cells_that_are_merged_hold_their_text_in_the_first():
    html = (
        "<table><tr><td rowspan=2>a<td colspan=2>b<td>c</tr><tr><td>d<td>e<td>f</tr>"
        "<tr><td>g<td rowspan=2 colspan=2>h<td>i</tr><tr><td>j<td>k</tr></table>"
    )
    assert table(html) == [["a", "b", "", "c"], ["", "d", "e", "f"], ["g", "h", "", "i"], ["j", "", "", "k"]]


def test_what_is_not_shown_is_not_read():
    html = (
        "<title>x</title><style>td{}</style><script>document.write('<td>x')</script><!-- <td>x -->"
        "<table><tr><td>Mã <b>hồ</b><br>sơ<td>a&amp;b &lt;c&gt;<td><script>x</script>d<td></table>"
    )
    assert table(html) == [["Mã hồ\nsơ", "a&b <c>", "d", ""]]


def test_a_table_in_a_cell_is_a_table_of_its_own():
    html = "<table><tr><td>1<td><table><tr><td>x<td>y<td>z</table><td>3<td>4</tr><tr><td>5<td>6<td>7</table>"
    assert table(html) == [["1", "", "3", "4"], ["5", "6", "7", ""]]
    assert table(html, 1) == [["x", "y", "z", ""]]


@pytest.mark.parametrize("span", ["", "0", "-1", "x", "1.5", "²"])
def test_nonsense_for_a_span_is_one(span: str):
    assert table(f'<table><tr><td colspan="{span}" rowspan="{span}">a<td>b<td>c</table>') == [
        ["a", "b", "c", ""]
    ]


def test_lines_before_a_table_and_narrow_tables_are_its_titles():
    html = "<p>Đơn vị: Sở Bịa</p><table><tr><td>Từ ngày<td>1</table><h3>DANH SÁCH</h3>"
    html += "<table><tr><td>a<td>b<td>c</table>"
    (sheet,) = html_sheets(held_page(FILE, html.encode()))
    assert sheet.above == ("Đơn vị: Sở Bịa", "Từ ngày", "1", "DANH SÁCH")


def test_a_page_without_a_list_says_so_and_a_form_for_what_it_is():
    for html, told in (
        ("<html>x", "không có bảng nào đủ rộng"),
        (as_html(RECEIPT[:2]), "biểu mẫu của một hồ sơ"),
    ):
        with pytest.raises(UnusableFile, match=told):
            html_sheets(held_page(FILE, html.encode()))


def test_bounds_hold_for_tables_columns_and_merged_cells(monkeypatch: pytest.MonkeyPatch):
    many = "<table><tr><td>1<td>2<td>3</table>"
    for html, told in (
        ("<table>" * (MAX_TABLES + 1), "hơn 1000 bảng"),
        (many * 51, "hơn 50 bảng lớn"),
        ("<table><tr>" + "<td>" * 1001, "hơn 1000 cột"),
        ("<table><tr><td colspan=1001>x", "hơn 1000 cột"),
    ):
        with pytest.raises(UnusableFile, match=told):
            html_sheets(held_page(FILE, html.encode()))
    monkeypatch.setattr(markup, "MAX_CELLS", 100_000)
    with pytest.raises(UnusableFile, match="ô, quá mức"):
        html_sheets(held_page(FILE, b"<table><tr>" + b"<td rowspan=99999>x" * 900 + b"<tr><td>" * 200))


def test_rows_of_a_number_too_large_are_refused():
    builder = RowBuilder()
    builder.begin_table()
    with pytest.raises(TooMuch):
        builder.begin_row(10**9)


@given(st.lists(st.sampled_from(EVENTS), max_size=60))
def test_tags_in_any_order_make_rows_and_no_crash(events: list[str]):
    builder = RowBuilder()
    for event in events:
        if event == "text":
            builder.text("x")
        else:
            getattr(builder, event)()
    builder.end_table()
    numbers = [row.number for row in builder.ready if row.table == 1]
    assert numbers == sorted(set(numbers))


@given(st.text("<>/tabler d=\"'colspn123&;!-xàữ", max_size=200))
def test_any_page_is_read_or_refused(html: str):
    with suppress(UnusableFile):
        assert all(len(row) == 4 for row in table(html))


def read_xml(tags: type, *events: tuple) -> list[MarkupRow]:
    builder = RowBuilder()
    reader = tags(builder)
    for name, *told in events:
        if name == "text":
            reader.text(*told)
        elif name.startswith("/"):
            reader.end(name[1:])
        else:
            reader.start(name, dict(*told))
    return list(builder.ready)


def test_a_spreadsheet_of_2003_keeps_numbers_dates_and_places():
    (row,) = read_xml(
        SpreadsheetTags, ("Worksheet", {"ss:Name": "Tháng 3"}), ("Row", {"ss:Index": "3"}),
        ("Cell",), ("Data", {"ss:Type": "Number"}), ("text", "46244.5"), ("/Data",), ("/Cell",),
        ("Cell", {"ss:Index": "3"}), ("Data", {"ss:Type": "DateTime"}), ("text", "2026-08-10T09:20:00.000"), ("/Data",), ("/Cell",),
        ("Cell",), ("Comment",), ("text", "ghi chú"), ("/Comment",), ("/Cell",), ("/Row",), ("/Worksheet",),
    )  # fmt: skip
    assert (row.number, row.name) == (3, "Tháng 3")
    assert row.cells[:2] == [46244.5, ""]
    assert str(row.cells[2]) == "2026-08-10 09:20:00"
    assert row.cells[3] == ""


def test_a_cell_of_word_may_take_several_columns_and_paragraphs():
    (row,) = read_xml(
        WordTags, ("tbl",), ("tr",), ("tc",), ("gridSpan", {"w:val": "2"}), ("p",), ("t",), ("text", "a"), ("/t",), ("/p",),
        ("p",), ("t",), ("text", "b"), ("/t",), ("/p",), ("/tc",), ("tc",), ("delText",), ("text", "xóa"), ("/delText",),
        ("t",), ("text", "c"), ("/t",), ("/tc",), ("/tr",), ("/tbl",),
    )  # fmt: skip
    assert row.cells == ["a\nb", "", "c"]


def test_a_saved_page_is_told_by_its_first_lines():
    assert is_mhtml(
        b'From: <Saved by Excel>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"'
    )
    assert not is_mhtml(b"MIME-Version: 1.0\r\nContent-Type: text/plain")
    assert not is_mhtml(b"Ma ho so,From\r\n")


def test_a_file_without_any_row_is_refused():
    with pytest.raises(UnusableFile, match="là tệp Word, trong đó không có bảng"):
        sheets_of(FILE, lambda: iter(()), what="tệp Word")
