"""Numbers of spreadsheets as text: many cells at once come out as each does alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.readers.cell_text import DAY_SECONDS, MANY, CellTexts

SERIALS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(29_990, 60_010),
    st.integers(29_990, 60_010),
    st.builds(
        lambda day, second: day + second / DAY_SECONDS,
        st.integers(44_000, 46_000),
        st.integers(0, DAY_SECONDS) | st.floats(0, DAY_SECONDS),
    ),
)
CELLS = st.lists(
    st.one_of(st.just(""), SERIALS.map(repr), st.sampled_from(["x", " 44788.5 ", "4_4", "1e5"])),
    max_size=3 * MANY,
)


@given(cells=CELLS, is_1904=st.booleans())
def test_many_moments_come_out_as_each_does_alone(cells: list[str], is_1904: bool):
    texts = CellTexts(is_1904=is_1904)
    for given_cells in (cells, cells * MANY):
        alone = [texts.moment(raw) if raw else "" for raw in given_cells]
        assert texts.moments(given_cells) == alone


@pytest.mark.parametrize(
    "odd", ["44788", "44788.0", "0.5", "29999.5", "60001.5", "44788.999999", "-1", "nan", "inf", "1e300"]
)
def test_an_odd_moment_among_many_comes_out_as_alone(odd: str):
    texts = CellTexts(is_1904=False)
    usual = "44788.333333333336"
    assert texts.moments([usual] * MANY + [odd, "", usual]) == [
        *["15/08/2022 08:00:00"] * MANY, texts.moment(odd), "", "15/08/2022 08:00:00",
    ]  # fmt: skip


def test_seconds_of_a_whole_day_come_out_as_they_are():
    cells = [repr(44_788 + second / DAY_SECONDS) for second in range(1, DAY_SECONDS, 7)]
    assert CellTexts(is_1904=False).moments(cells) == [
        f"15/08/2022 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        for second in range(1, DAY_SECONDS, 7)
    ]
