"""Numbers of spreadsheets as text: many cells at once come out as each does alone."""

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
    alone = [texts.moment(raw) if raw else "" for raw in cells]
    assert texts.moments(cells) == alone


def test_seconds_of_a_whole_day_come_out_as_they_are():
    cells = [repr(44_788 + second / DAY_SECONDS) for second in range(1, DAY_SECONDS, 7)]
    assert CellTexts(is_1904=False).moments(cells) == [
        f"15/08/2022 {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        for second in range(1, DAY_SECONDS, 7)
    ]
