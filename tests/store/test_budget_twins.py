"""What can still be kept in time, as SQL counts it, is what the one definition of lateness says, on random data."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL
from tests.store.test_rate_twins import CALENDARS, MODEST, PROVINCE, Province, Told, moments, told
from tracker.pipeline.budget import at_stake, budget
from tracker.pipeline.scores import ScoreQuestion
from tracker.pipeline.summaries import refresh
from tracker.store.versions import DUE_COLUMNS
from tracker.types import VN, Basis, State

YEAR_END = datetime(2022, 12, 31, 23, 59, 59, tzinfo=VN)
NAMES = {State.SUSPENDED: "suspended", State.NO_DUE: "no_due", State.OVERDUE: "overdue"}


def _standing(one: Told, basis: Basis, as_of: datetime) -> str:
    named = NAMES.get(one.state(basis, as_of))
    if named:
        return named
    return "keepable" if getattr(one.row, DUE_COLUMNS[basis]) <= YEAR_END else "due_later"


@MODEST
@given(rows=PROVINCE, as_of=moments(0, 70), basis=st.sampled_from(Basis))
def test_every_open_dossier_of_the_level_stands_where_the_definition_puts_it(
    rows: list[dict[str, str]], as_of: datetime, basis: Basis
):
    question = ScoreQuestion("3.4.1", 2022, as_of, "resolved", basis)
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        answer = budget(province.store, question)
        listed = at_stake(province.store, CALENDARS, question)
        few = at_stake(province.store, CALENDARS, question, limit=2)
        refresh(province.store, as_of)
        summed = budget(province.store, question)
        open_ones = [
            one
            for one in told(province.store)
            if one.is_counted
            and one.unit in (PROVINCIAL, OTHER_PROVINCIAL)
            and one.row.received_at <= as_of
            and not one.has_ended(as_of)
        ]
    wanted = Counter(_standing(one, basis, as_of) for one in open_ones)
    assert answer.open is not None
    assert +Counter(asdict(answer.open)) == wanted
    assert summed == answer
    keepable = [one for one in open_ones if _standing(one, basis, as_of) == "keepable"]
    by_due = sorted(keepable, key=lambda one: (getattr(one.row, DUE_COLUMNS[basis]), one.row.id))
    assert [row.code for row in listed] == [one.row.code for one in by_due]
    assert few == listed[:2]
