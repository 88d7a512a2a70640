"""What is told of a restated month adds up to the difference of its figures exactly, on random tellings of random dossiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.databases import chosen
from tests.flows.office import NOW, csv_text, row
from tests.store.test_rate_twins import MODEST, dossiers
from tests.trying import examples
from tracker.pipeline import IngestPlan, RatesQuestion, ingest, rates
from tracker.pipeline.restating import RestatingQuestion, restatement
from tracker.store.session import Store, open_store
from tracker.types import Basis

NAMES = [*row(), "filed_at", "previous_due_at", "suspensions", "finished_at", "returned_at", "withdrawn_at", "refused_at"]  # fmt: skip
MONTHS = [
    (date(2022, 2, 1), date(2022, 2, 28)),
    (date(2022, 3, 1), date(2022, 3, 31)),
    (date(2022, 4, 1), date(2022, 4, 30)),
]
Telling = dict[int, dict[str, str]]


def tellings(least: int, most: int) -> st.SearchStrategy[Telling]:
    """Dossiers by their number; those of one number in two tellings are the same dossier, told otherwise."""
    numbered = st.dictionaries(st.integers(1, 30), dossiers(), min_size=least, max_size=most)
    return numbered.map(
        lambda told: {n: {**each, "dossier_code": f"H15.03-220301-{n:04d}"} for n, each in told.items()}
    )


@contextmanager
def told(folder: str, *batches: Telling) -> Iterator[Store]:
    """A store that was told of these, a day apart, the last one at NOW."""
    url = chosen().furnished(Path(folder))
    store = open_store(url)
    for number, batch in enumerate(batches):
        table = Path(folder) / f"tep-{number}.csv"
        table.write_text(csv_text(batch.values(), names=NAMES), "utf-8")
        ingest(store, "B", IngestPlan((table,), moment(batches, number), chunk_rows=10), lambda _: None)
    yield store
    store.close()
    chosen().forget(url)


def moment(batches: tuple[Telling, ...], number: int) -> datetime:
    """When a batch was told."""
    return NOW - timedelta(days=len(batches) - 1 - number)


@settings(MODEST, max_examples=examples(12, 60))
@given(first=tellings(8, 25), second=tellings(4, 20), third=tellings(1, 15), basis=st.sampled_from(Basis))
def test_the_moves_of_a_month_are_the_difference_of_its_figures_in_every_level(first, second, third, basis):
    batches = (first, second, third)
    known = [moment(batches, number) + timedelta(hours=1) for number in range(2)]
    with TemporaryDirectory() as folder, told(folder, *batches) as store:
        for start, end in MONTHS:
            for then, now in ((known[0], known[1]), (known[0], None), (known[1], None)):
                found = restatement(store, RestatingQuestion(start, end, basis, then, now))
                assert found.is_exact
                asked = RatesQuestion(start, end, NOW, (), basis, now)
                figures = [rates(store, each).rows for each in (replace(asked, known=then), asked)]
                was, become = ([(r.counts.numerator, r.counts.finished) for r in rows] for rows in figures)
                assert [found.then] == (was or [(0, 0)])
                assert [found.now] == (become or [(0, 0)])
                assert sum(each.dossiers for each in found.reasons) == len(found.moves)
                for part, (before, after) in enumerate(zip(found.then, found.now, strict=True)):
                    assert sum(each[part + 2] for each in found.reasons) == after - before
