"""The order of day and month: one decision a column, on the whole column, and never a guess."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UnusableFile
from tracker.ingest.date_order import DateOrders, Proofs, decide, proofs
from tracker.ingest.dates import SWAP_MARK, DateParts, DateReader, Order, midnight
from tracker.ingest.layout import Chunk, Layout
from tracker.ingest.readers.csv_reader import open_csv

DAY, MONTH, MIXED = Order.DAY_FIRST, Order.MONTH_FIRST, Order.MIXED
LAYOUT = Layout(
    1, ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả"), {"dossier_code": 0, "received_at": 1, "due_at": 2}, ()
)
NAMES = ("received_at", "due_at")


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("25/08/2026", (1, 0, 0)), ("25/08/2026 09:20", (1, 0, 0)), ("25-8-2026", (1, 0, 0)), ("25.08.26", (1, 0, 0)),
        ("08/25/2026", (0, 1, 0)), ("8/25/2026 9:20:00 AM", (0, 1, 0)), ("09:20 08/25/2026", (0, 1, 0)),
        ("10/08/2026", (0, 0, 1)), ("Sau 17:00 ngày 10/8/2026", (0, 0, 1)), ("10/08/2026 Từ 07:30 đến 11:30", (0, 0, 1)),
        ("08/08/2026", (0, 0, 0)), ("2026-08-10", (0, 0, 0)), ("2026-08-10T09:20:00.000Z", (0, 0, 0)),
        ("20260810092000", (0, 0, 0)), ("46262", (0, 0, 0)), ("", (0, 0, 0)), ("chưa rõ", (0, 0, 0)),
        ("25/13/2026", (0, 0, 0)), ("32/01/2026", (0, 0, 0)), ("000.15.28.H99-260810-00412", (0, 0, 0)),
        (f"08/10/2026{SWAP_MARK}", (0, 0, 0)), ("Bổ sung: 25/08/2026 - 10/08/2026", (1, 0, 1)),
    ],
)  # fmt: skip
def test_a_date_proves_the_order_that_it_can_only_be_read_in(cell: str, wanted: tuple[int, int, int]):
    assert proofs([cell]) == Proofs(*wanted)
    assert proofs([cell, cell]) == Proofs(*(2 * each for each in wanted))


@given(
    st.lists(
        st.sampled_from(["25/08/2026", "08/25/2026 10:00", "10/08/2026", "8/8/2026", "2026-08-10", "", "x/y"])
    )
)
def test_what_cells_prove_together_is_the_sum_of_what_each_proves(cells: list[str]):
    alone = Proofs()
    for cell in cells:
        alone += proofs([cell])
    assert proofs(cells) == alone


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        ([Proofs(0, 0, 9)], [DAY]),
        ([Proofs(1, 0, 9)], [DAY]),
        ([Proofs(0, 6, 4)], [MONTH]),
        ([Proofs(0, 3, 12)], [MONTH]),
        ([Proofs(0, 3, 13)], [MIXED]),  # too few proofs for so many open cells
        ([Proofs(0, 2, 1)], [MIXED]),  # two may be slips
        ([Proofs(60, 2, 40)], [DAY]),  # two slips
        ([Proofs(61, 3, 40)], [DAY]),
        ([Proofs(60, 3, 40)], [MIXED]),
        ([Proofs(1, 60, 40)], [MIXED]),  # never a first part above 12 in a column with the month first
        ([Proofs(0, 6, 4), Proofs(0, 0, 5)], [MONTH, MONTH]),  # a column without proofs goes with the others
        ([Proofs(0, 6, 4), Proofs(6, 0, 4), Proofs(0, 0, 5)], [MONTH, DAY, DAY]),
        ([Proofs(0, 1, 4), Proofs(6, 0, 4)], [DAY, DAY]),
        ([Proofs(6, 6, 4), Proofs(0, 0, 4)], [MIXED, DAY]),
    ],
)
def test_the_order_of_a_column_is_decided_by_what_it_proves(columns: list[Proofs], wanted: list[Order]):
    assert list(decide({str(n): told for n, told in enumerate(columns)}).values()) == wanted


# ---------------------------------------------------------------- how cells are then read


def read(order: Order, *cells: str) -> tuple[list[int | None], list[str]]:
    reader = DateReader(midnight, DateParts(2031))
    reader.order = order
    found, odd = reader.column(cells)
    return found, [what for _, what in odd]


@pytest.mark.parametrize(
    "form", ["{}/{}/2026", "{}-{}-2026", "{}.{}.2026", "{}/{}/26", "Sau {}/{}/2026", "09:20 {}/{}/2026"]
)
def test_the_order_of_its_column_says_which_day_a_date_is(form: str):
    (day,), _ = read(DAY, form.format("10", "08"))
    assert read(MONTH, form.format("08", "10"))[0] == [day]
    assert (
        read(DAY, form.format("25", "08"))[0]
        == read(MONTH, form.format("08", "25"))[0]
        == read(MIXED, form.format("25", "08"))[0]
    )
    assert "SWAPPED" in read(MIXED, form.format("10", "08"))[1]
    assert read(MIXED, form.format("08", "08"))[0] == read(DAY, form.format("08", "08"))[0]


def test_what_does_not_fit_the_order_is_no_date_of_another_order():
    assert read(DAY, "08/25/2026", "8/25/2026 09:20", "25/08/2026")[1] == ["MONTH_FIRST", "MONTH_FIRST"]
    assert read(MONTH, "25/08/2026", "08/25/2026")[1] == ["SWAPPED"]
    assert read(MIXED, "08/25/2026")[1] == ["SWAPPED"]
    assert read(DAY, "02/30/2026", "25/13/2026", "31/02/2026")[1] == ["INVALID"] * 3


@pytest.mark.parametrize("order", Order)
def test_forms_that_leave_nothing_open_need_no_order(order: Order):
    cells = [
        "2026-08-10",
        "20260810",
        "20260810092000",
        "46244",
        "ngày 10 tháng 8 năm 2026",
        "2026-08-10 09:20",
    ]
    assert read(order, *cells) == read(DAY, *cells)
    assert read(order, *cells)[1] == []


# ---------------------------------------------------------------- a table that is read in pieces


class Pieces:
    """A table of two date columns in pieces of rows, which counts how often it is read again and how far."""

    def __init__(self, *pieces: Sequence[tuple[str, str]]) -> None:
        self.pieces, self.looks, self.read = pieces, 0, 0

    def again(self) -> Iterator[Chunk]:
        self.looks += 1
        for piece in self.pieces:
            self.read += 1
            yield Chunk(LAYOUT, range(len(piece)), [["x", *row] for row in piece])

    def orders(self) -> DateOrders:
        return DateOrders("tep.csv", LAYOUT, NAMES, self.again)


def cells(piece: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {name: [row[at] for row in piece] for at, name in enumerate(NAMES)}


OPEN = [("10/08/2026", "11/08/2026")] * 5
DAY_FIRST = [("25/08/2026", "30/08/2026")] * 5
MONTH_FIRST = [("08/25/2026", "08/30/2026")] * 5


def test_a_first_piece_that_proves_the_day_first_is_enough():
    table = Pieces(DAY_FIRST, OPEN)
    orders = table.orders()
    assert set(orders.of(cells(DAY_FIRST)).values()) == {DAY}
    assert set(orders.of(cells(OPEN)).values()) == {DAY}
    assert table.looks == 0


def test_a_column_that_proves_nothing_beside_one_with_the_day_first_needs_no_second_look():
    table = Pieces([("25/08/2026", "10/09/2026")])
    assert dict(table.orders().of(cells(table.pieces[0]))) == {"received_at": DAY, "due_at": DAY}
    assert table.looks == 0


def test_an_open_first_piece_is_decided_by_the_rest_of_the_table():
    table = Pieces(OPEN, OPEN, MONTH_FIRST, OPEN)
    orders = table.orders()
    assert set(orders.of(cells(OPEN)).values()) == {MONTH}
    assert [each.code for each in orders.warnings()] == ["DATE_ORDER_MONTH_FIRST"] * 2
    assert orders.warnings()[0].column == "Ngày tiếp nhận"


def test_a_look_ends_at_the_first_proof_of_the_day_first():
    table = Pieces(OPEN, DAY_FIRST, OPEN, OPEN)
    orders = table.orders()
    assert set(orders.of(cells(OPEN)).values()) == {DAY}
    assert (table.looks, table.read, orders.warnings()) == (1, 2, [])


def test_a_table_that_proves_nothing_has_the_day_first():
    table = Pieces(OPEN)
    assert set(table.orders().of(cells(OPEN)).values()) == {DAY}


def test_a_table_with_both_orders_from_the_start_reads_neither_where_it_is_open():
    table = Pieces([*DAY_FIRST, *MONTH_FIRST, *OPEN])
    orders = table.orders()
    assert set(orders.of(cells(table.pieces[0])).values()) == {MIXED}
    assert [each.code for each in orders.warnings()] == ["DATE_SWAPPED_SUSPECTED"] * 2
    assert "5 ô chỉ có thể là ngày/tháng/năm" in orders.warnings()[0].message


def test_an_order_that_turns_out_wrong_after_rows_were_read_refuses_the_table():
    table = Pieces(DAY_FIRST, MONTH_FIRST)
    orders = table.orders()
    orders.of(cells(DAY_FIRST))
    with pytest.raises(UnusableFile, match=r"Ngày tiếp nhận.*ghép từ nhiều tệp"):
        orders.doubt("received_at")


def test_one_slip_in_a_long_table_refuses_only_itself():
    table = Pieces(DAY_FIRST * 10, [*OPEN, ("08/25/2026", "30/08/2026")])
    orders = table.orders()
    orders.of(cells(DAY_FIRST))
    orders.doubt("received_at")
    orders.doubt("received_at")
    assert table.looks == 1


def test_a_table_that_cannot_be_read_again_is_decided_by_what_is_there():
    assert set(DateOrders("x", LAYOUT, NAMES, None).of(cells(MONTH_FIRST)).values()) == {MONTH}
    assert set(DateOrders("x", LAYOUT, NAMES, None).of(cells(OPEN)).values()) == {DAY}


def test_a_csv_file_can_be_read_again_while_it_is_read(tmp_path: Path):
    path = tmp_path / "tep.csv"
    lines = [f"A-{n},25/08/2026,30/08/2026" for n in range(100)]
    path.write_text("\n".join(["Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả", *lines]), "utf-8")
    with open_csv(path, max_mib=1) as opened:
        (table,) = opened.tables
        first = table.chunks(30)
        begun = [row[0] for row in next(first).rows]
        again = [row[0] for chunk in table.chunks(30) for row in chunk.rows]
        rest = [row[0] for chunk in first for row in chunk.rows]
    assert begun + rest == again == [f"A-{n}" for n in range(100)]
