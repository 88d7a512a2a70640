"""Which dossiers a batch told of: gathered in any order, told of several times, and what events say of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracker.pipeline.seen import Seen
from tracker.store.seen import unpacked

states = st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=30)


class Kept:
    """Takes what a batch would keep."""

    def insert(self, _model: object, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
        self.row = dict(zip(columns, rows[0], strict=True))


@given(states, st.dictionaries(st.integers(1, 25), st.booleans()))
def test_the_last_word_on_each_dossier_counts_and_events_add_none(
    told: list[tuple[int, bool]], followed: dict[int, bool]
):
    seen, wanted, kept = Seen(), dict(told), Kept()
    for number, is_open in told:
        seen.changed({number: is_open})
    seen.followed(followed)
    wanted |= {number: is_open for number, is_open in followed.items() if number in wanted}
    seen.write(kept, 1, is_full=True)  # type: ignore[arg-type]
    assert list(unpacked(kept.row["body"])) == sorted(wanted)
    assert (kept.row["dossiers"], kept.row["open_dossiers"]) == (len(wanted), sum(wanted.values()))
