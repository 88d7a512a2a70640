"""Date cells: every form that sources use is read strictly, everything else is a fault, "no date" is none."""

from datetime import date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest import date_arrays
from tracker.ingest.dates import MANY_CELLS, DateParts, DateReader, Order, Sentinel, midnight
from tracker.types import VN

LAST_YEAR = 2031


def closing(day: date) -> int:
    return midnight(day) + 17 * 3600


def reader() -> DateReader:
    return DateReader(closing, DateParts(LAST_YEAR))


def epoch(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=VN).timestamp())


DAY = epoch(2022, 3, 5, 17)
MINUTE = epoch(2022, 3, 5, 8, 30)
SECOND = epoch(2022, 3, 5, 8, 30, 15)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("05/03/2022", DAY), ("5/3/2022", DAY), ("05-03-2022", DAY), ("5.3.2022", DAY), ("2022-03-05", DAY),
        ("20220305", DAY), (" 05/03/2022 ", DAY), ("05/03/2022 08:30", MINUTE), ("05/03/2022 8:30", MINUTE),
        ("08:30 05/03/2022", MINUTE), ("8:30 5/3/2022", MINUTE), ("2022-03-05T08:30", MINUTE),
        ("2022-03-05 08:30", MINUTE), ("05/03/2022 08:30:15", SECOND), ("08:30:15 05/03/2022", SECOND),
        ("2022-03-05T08:30:15", SECOND), ("2022-03-05T08:30:15.123", SECOND), ("05/03/2022 08:30:15.9", SECOND),
        ("20220305083015", SECOND), ("2022-03-05T08:30:15Z", SECOND), ("2022-03-05T08:30:15.000Z", SECOND),
        ("2022-03-05T08:30:15+07:00", SECOND), ("2022-03-05T01:30:15+00:00", SECOND),
        ("29/02/2024 00:00:00", epoch(2024, 2, 29)), ("31/12/2031 23:59:59", epoch(2031, 12, 31, 23, 59, 59)),
        ("01/01/2000", epoch(2000, 1, 1, 17)), ("05/03/22", DAY), ("5.3.22 8:30", MINUTE), ("08:30 05/03/22", MINUTE),
        ("2022/03/05", DAY), ("05/03/2022 8:30 SA", MINUTE), ("05/03/2022 08:30:15 am", SECOND),
        ("05/03/2022 12:30 SA", epoch(2022, 3, 5, 0, 30)), ("05/03/2022 12:30 CH", epoch(2022, 3, 5, 12, 30)),
        ("5/3/2022 4:05:00 PM", epoch(2022, 3, 5, 16, 5)), ("1646443815000", SECOND), ("1646443815999", SECOND),
        ("44625", DAY), ("44625.354166666664", MINUTE), ("44625.354340277781", SECOND), ("46262", epoch(2026, 8, 28, 17)),
        ("46244.388889", epoch(2026, 8, 10, 9, 20)), ("44624.999999", DAY),
        ("Sau 05/03/2022", DAY), ("Sau 08:30 ngày 05/03/2022", MINUTE), ("sau 8 giờ 30 ngày 5/3/2022", MINUTE),
        ("8 giờ 30 ngày 5 tháng 3 năm 2022", MINUTE), ("08 giờ 30 phút, ngày 05 tháng 03 năm 2022", MINUTE),
        ("ngày 5 tháng 3 năm 2022", DAY), ("8h30 ngày 05/03/2022", MINUTE), ("8 giờ ngày 05/03/2022", epoch(2022, 3, 5, 8)),
        ("05/03/2022 Từ 07:30 đến 08:30", MINUTE), ("05/03/2022 từ 7h00 đến 8h30", MINUTE), ("Ngày 05/03/2022", DAY),
    ],
)  # fmt: skip
def test_every_form_of_the_sources_is_read(cell: str, wanted: int):
    assert reader().read(cell) == wanted


@pytest.mark.parametrize("cell", ["", " ", "-", "--", "null", "NULL"])
def test_an_empty_cell_is_no_date(cell: str):
    assert reader().read(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "31/02/2022", "29/02/2023", "31/04/2022", "45/13/2022", "12/25/2022", "00/01/2022", "01/00/2022", "2022-02-30",
        "2022-13-01", "20220230", "20221301", "05/03/2022 24:00", "05/03/2022 08:60", "05/03/2022 08:30:60",
        "2022-03-05T25:00:00", "25:00 05/03/2022", "05-03-22", "05/03/99", "05/03/32", "05/03/1999", "05/03/2032", "05/03/2609",
        "29999", "60001", "4626", "462620", "hôm qua", "tháng 3", "05/03/2022x", "x05/03/2022", "05/03/2022 sáng", "2022", "05//03/2022",
        "202203050830", "164644381500", "1899999999999999", "2022-03-05T08:30:15+99:00", "05/03/2022\x0008:30",
        "20220305083066", "05/03/2022 08:30:66", "05/03/2022 13:30 CH", "05/03/2022 0:30 SA", "-1646443815000",
        "05/03/2022 Từ 11:30 đến 07:30", "05/03/2022 Từ 08:30 đến 24:30", "31 tháng 2 năm 2022", "Sau 31/02/2022",
        "15 giờ 66 ngày 10 tháng 8 năm 2022", "Sau", "5 tháng 3", "٠٥/03/2022", "2609-01-01T00:00:00",
    ],
)  # fmt: skip
def test_what_is_no_date_is_a_fault_and_never_another_date(cell: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the caller names the place
        reader().read(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "0001-01-01", "0001-01-01T00:00:00", "01/01/0001 00:00:00", "00010101000000", "01/01/1900", "1900-01-01",
        "0", "-62135596800000", "0000-00-00 00:00:00", "00000000000000", "00/01/1900", "01/01/00", "0001-01-01T00:00:00Z",
        "30/12/1899", "1970-01-01T07:00:00", "1970-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "01/01/1970", "9999-12-31", "31/12/9999 23:59:59", "99991231",
    ],
)  # fmt: skip
def test_what_programs_write_for_no_date_is_told_apart(cell: str):
    with pytest.raises(Sentinel):
        reader().read(cell)


def test_a_column_gives_each_cell_its_instant_and_each_fault_its_place():
    cells = [
        "05/03/2022",
        "",
        "x",
        "05/03/2022 08:30",
        "01/01/1900",
        "05/03/2022 08:30:15",
        "31/02/2022 08:30",
    ]
    found, faults = reader().column(cells)
    assert found == [DAY, None, None, MINUTE, None, SECOND, None]
    assert faults == [(2, "INVALID"), (4, "SENTINEL"), (6, "INVALID")]


def test_columns_share_what_they_have_seen_without_sharing_what_a_bare_date_means():
    parts = DateParts(LAST_YEAR)
    due, received = DateReader(closing, parts), DateReader(midnight, parts)
    cells = ["05/03/2022", "05/03/2022 08:30", "05/03/2022"]
    assert due.column(cells)[0] == [DAY, MINUTE, DAY]
    assert received.column(cells)[0] == [epoch(2022, 3, 5), MINUTE, epoch(2022, 3, 5)]
    assert due.column(cells)[0] == [DAY, MINUTE, DAY]


FORMS = [
    "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%H:%M %d/%m/%Y", "%H:%M:%S %d/%m/%Y", "%d-%m-%Y %H:%M", "%d.%m.%Y %H:%M",
    "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y%m%d%H%M%S",
]  # fmt: skip


@given(
    day=st.dates(date(2000, 1, 1), date(LAST_YEAR, 12, 31)),
    at=st.times().map(lambda t: t.replace(microsecond=0)),
    form=st.sampled_from(FORMS),
)
def test_a_readable_cell_is_what_strptime_reads(day: date, at: time, form: str):
    cell = datetime.combine(day, at).strftime(form)
    wanted = datetime.strptime(cell, form).replace(tzinfo=VN)
    assert reader().read(cell) == wanted.timestamp()
    assert reader().column([cell, cell])[0] == [wanted.timestamp()] * 2


@given(
    parts=st.tuples(st.integers(0, 33), st.integers(0, 14), st.integers(1990, 2040)),
    clock=st.none() | st.tuples(st.integers(0, 26), st.integers(0, 63)),
)
def test_a_cell_of_the_usual_form_is_read_exactly_where_strptime_reads_it(parts, clock):
    cell = "{:02d}/{:02d}/{}".format(*parts) + (" {:02d}:{:02d}".format(*clock) if clock else "")
    form = "%d/%m/%Y %H:%M" if clock else "%d/%m/%Y"
    try:
        wanted = datetime.strptime(cell, form).replace(tzinfo=VN)
    except ValueError:
        wanted = None
    if wanted is not None and not 2000 <= wanted.year <= LAST_YEAR:
        wanted = None
    found, faults = reader().column([cell])
    if wanted is None:
        assert (found, [place for place, _ in faults]) == ([None], [0])
    else:
        assert found == [int((wanted if clock else wanted + timedelta(hours=17)).timestamp())]


# ---------------------------------------------------------------- the compact form as a column


def test_a_column_of_the_compact_form_is_read_with_its_faults_and_other_forms():
    cells = [
        "", "20220305083015", "20220305083015", "20220305", "05/03/2022 08:30", "20220305083060", "20220230083015",
        "2022030508301", "202203050830155", "00010101000000", "20220305 83015", "20220305083015",
    ]  # fmt: skip
    found, faults = reader().column(cells)
    assert found == [None, SECOND, SECOND, DAY, MINUTE, *[None] * 6, SECOND]
    assert faults == [(n, "SENTINEL" if n == 9 else "INVALID") for n in range(5, 11)]


@given(
    cells=st.lists(st.text("0123456789/ :", min_size=12, max_size=19) | st.just("20220305083015"), max_size=5)
)
def test_known_halves_make_no_date_of_a_cell_that_is_none(cells: list[str]):
    known = ["20220305083015", "05/03/2022 08:30", "20220306235959"]
    for order in (known, known[1:] + known[:1]):
        found, _ = reader().column([*order, *cells])
        for cell, seconds in zip(cells, found[len(order) :], strict=True):
            try:
                alone = reader().read(cell)
            except (ValueError, Sentinel):
                alone = None
            assert seconds == alone


@pytest.mark.parametrize("cell", ["08/10/2026 ⇄", "08/10/2026 08:30:00 ⇄"])
def test_a_date_marked_as_swapped_is_a_fault_of_its_own(cell: str):
    assert reader().column([cell, "08/10/2026 08:30:00", cell])[1] == [(0, "SWAPPED"), (2, "SWAPPED")]


FORMS = (
    "{0:%d/%m/%Y %H:%M:%S}",
    "{0:%m/%d/%Y %H:%M:%S}",
    "{0:%Y-%m-%d %H:%M:%S}",
    "{0:%Y-%m-%dT%H:%M:%S}",
    "{0:%Y%m%d%H%M%S}",
)
YEARS = datetime(1999, 1, 1), datetime(2033, 1, 1)  # noqa: DTZ001 - as Hypothesis wants them
ODD = st.sampled_from(
    [
        "", "-", "31/02/2022 08:00:00", "29/02/2024 23:59:59", "29/02/2023 00:00:00", "01/01/1900 00:00:00",
        "31/12/9999 23:59:59", "15/08/2022", "15/08/22 08:00:00", "2022-08-15T08:00:00Z", "2022-08-15 08:00:00.123",
        "15/08/2022 24:00:00", "15/08/2022 08:60:00", "00/08/2022 08:00:00", "15/13/2022 08:00:00", "15-08-2022 08:00:00",
        "20220815080000", "20221315080000", "2022081508000x", "15/08/2022T08:00:00", "15/08/2O22 08:00:00",
        "15/08/2022 08;00:00", "٣1/08/2022 08:00:0", "15/08/2032 08:00:00", "44788.5", "1660525200000", "x" * 19, "ữ" * 19,
    ]
)  # fmt: skip


@given(
    form=st.sampled_from(FORMS),
    order=st.sampled_from(Order),
    is_utc=st.booleans(),
    moments=st.lists(st.datetimes(*YEARS), min_size=1, max_size=60),
    odd=st.lists(ODD, max_size=8),
    seed=st.randoms(use_true_random=False),
)
def test_a_large_column_is_read_as_its_cells_are_one_by_one(
    form: str, order: Order, is_utc: bool, moments: list[datetime], odd: list[str], seed: Random
):
    several = [form.format(moment) for moment in moments] + odd
    cells = [seed.choice(several) for _ in range(MANY_CELLS)]
    large, small = (DateReader(midnight, DateParts(2031, is_utc=is_utc)) for _ in range(2))
    large.order = small.order = order
    alone = [small.column([cell]) for cell in cells]
    moments_read, told = large.column(cells)
    assert moments_read == [values[0] for values, _ in alone]
    assert told == [(position, what) for position, (_, each) in enumerate(alone) for _, what in each]


EDGES = (
    "2024-02-29 23:59:59", "2023-02-29 08:00:00", "2022-04-31 08:00:00", "2022-01-00 08:00:00", "2022-00-01 08:00:00",
    "2022-13-01 08:00:00", "2022-12-32 08:00:00", "1999-12-31 08:00:00", "2000-01-01 00:00:00", "2031-12-31 08:00:00",
    "2032-01-01 08:00:00", "2022-08-15 24:00:00", "2022-08-15 08:60:00", "2022-08-15 08:59:60", "2022-08-15 0x:00:00",
    "202/-08-15 08:00:00",
)  # fmt: skip


@pytest.mark.parametrize(
    "writing", ["{2}/{1}/{0} {3}", "{1}/{2}/{0} {3}", "{0}-{1}-{2} {3}", "{0}-{1}-{2}T{3}", "{0}{1}{2}{3}"]
)
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("edge", EDGES)
def test_the_edges_of_a_large_column_are_read_as_alone(writing: str, order: Order, edge: str):
    def written(text: str) -> str:
        day, clock = text.split(" ")
        cell = writing.format(*day.split("-"), clock)
        return cell.replace(":", "") if writing == "{0}{1}{2}{3}" else cell

    large, small = (DateReader(midnight, DateParts(LAST_YEAR)) for _ in range(2))
    large.order = small.order = order
    cells = [written("2022-08-15 08:00:00"), *[written("2022-08-25 08:00:00")] * MANY_CELLS, written(edge)]
    (values, odd), (value, told) = large.column(cells), small.column(cells[-1:])
    assert values[-1:] == value
    assert [what for position, what in odd if position == len(cells) - 1] == [what for _, what in told]


@pytest.mark.parametrize(
    ("form", "writing"),
    [
        (date_arrays.DAY_FIRST, FORMS[0]),
        (date_arrays.MONTH_FIRST, FORMS[1]),
        (date_arrays.ISO, FORMS[2]),
        (date_arrays.ISO, FORMS[3]),
        (date_arrays.COMPACT, FORMS[4]),
    ],
)
def test_cells_of_a_usual_form_are_certain(form: date_arrays.Form, writing: str):
    moments = [datetime(2000 + n % 32, 1 + n % 12, 28, n % 24, n % 60, n % 59, tzinfo=VN) for n in range(600)]
    read = date_arrays.moments([writing.format(moment) for moment in moments], form, (2000, LAST_YEAR))
    assert read is not None
    assert read.values == [int(moment.timestamp()) for moment in moments]
    assert all(read.is_certain)
