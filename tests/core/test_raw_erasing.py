"""Raw rows are rewritten without what may name people: known fields that name nobody stay, everything else goes."""

from isal import isal_zlib

from tracker.ingest.raw_erasing import RawRow, rewritten, rows_of
from tracker.ingest.rows import CELL, ROW

FIELDS = ("dossier_code", "applicant_name", "due_at", "", "status")
ROWS = (
    ("A-1", "Hoàng Thị Bịa", "15/03/2022", "gì đó", "Đang xử lý"),
    ("A-2", "Lê Bịa", "16/03/2022", "", "chờ Hoàng Thị Bịa"),
)
BODY = isal_zlib.compress(
    ROW.join(
        [CELL.join(("row", *FIELDS)), *(CELL.join((str(n), *cells)) for n, cells in enumerate(ROWS, 2))]
    ).encode()
)


def of(code: str):
    return lambda row: code in row.codes


def test_rows_are_read_with_their_numbers_and_codes():
    assert [(row.number, row.codes) for row in rows_of(BODY)] == [(2, ("A-1",)), (3, ("A-2",))]
    assert next(rows_of(BODY)).told["cột 4"] == "gì đó"


def test_only_the_row_that_is_meant_is_emptied_and_only_of_what_may_name_somebody():
    found = rewritten(BODY, of("A-1"), lambda _text: False)
    assert found is not None
    body, changed = found
    assert changed == 1
    assert list(rows_of(body)) == [
        RawRow(2, ("A-1",), ("A-1", "", "15/03/2022", "", "Đang xử lý"), FIELDS), list(rows_of(BODY))[1]
    ]  # fmt: skip


def test_a_known_field_that_names_somebody_goes_too_but_never_the_code():
    found = rewritten(BODY, of("A-2"), lambda _text: True)
    assert found is not None
    assert list(rows_of(found[0]))[1].cells == ("A-2", "", "", "", "")


def test_a_block_without_such_a_row_or_emptied_before_stays_as_it_is():
    assert rewritten(BODY, of("A-3"), lambda _text: True) is None
    found = rewritten(BODY, of("A-1"), lambda _text: False)
    assert found is not None
    assert rewritten(found[0], of("A-1"), lambda _text: False) is None
