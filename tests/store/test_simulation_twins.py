"""What a simulation counts by SQL is what the one definition of lateness says of each dossier, on random data."""

from collections import Counter
from datetime import datetime
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL
from tests.store.test_budget_twins import _standing
from tests.store.test_rate_twins import (
    CALENDARS,
    MODEST,
    PROVINCE,
    Province,
    Told,
    moments,
    recount,
    told,
)
from tracker.criteria_data import load_editions
from tracker.pipeline.budget import stake_filter
from tracker.pipeline.figures import opening
from tracker.pipeline.saving import SavingQuestion, saving
from tracker.pipeline.scores import ScoreQuestion
from tracker.pipeline.simulating import ground_of
from tracker.store.simulation_queries import Choice, Which, chosen_rows, keepable_rows
from tracker.store.versions import DUE_COLUMNS
from tracker.types import VN, Basis

(EDITION,) = [e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", "resolved")]
RATED = {"early", "on_time", "late"}
YEAR_FROM = opening(datetime(2022, 1, 1, tzinfo=VN).date())


def _open_ones(every: list[Told], as_of: datetime) -> list[Told]:
    return [one for one in every if one.row.received_at <= as_of and not one.has_ended(as_of)]


def _wanted_pace(every: list[Told], basis: Basis, start: datetime, as_of: datetime) -> Counter[str]:
    """Ends, late ends and receptions of the window, one dossier after the other."""
    found: Counter[str] = Counter()
    for one in every:
        columns = set(recount(one, basis, start, as_of))
        found["received"] += "received" in columns
        found["ended"] += bool(columns & RATED)
        found["late"] += "late" in columns
    return found


@MODEST
@given(
    rows=PROVINCE,
    as_of=moments(0, 70),
    basis=st.sampled_from(Basis),
    which=st.sampled_from(Which),
    count=st.integers(1, 12),
    older=st.sampled_from([0, 0, 3]),
)
def test_what_is_open_what_ended_lately_and_what_is_chosen_are_as_the_definition_has_them(
    rows: list[dict[str, str]], as_of: datetime, basis: Basis, which: Which, count: int, older: int
):
    question = ScoreQuestion("3.4.1", 2022, as_of, "resolved", basis)
    chosen = stake_filter(question, EDITION, None)
    choice = Choice(count, which, older_than=older)
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        with province.store.read() as session:
            ground = ground_of(session, CALENDARS, question, EDITION)
            picked = chosen_rows(session, chosen, choice, year_from=YEAR_FROM)
            keepable = keepable_rows(session, chosen, year_from=YEAR_FROM)
        listed = saving(province.store, CALENDARS, SavingQuestion(question))
        every = [
            one
            for one in told(province.store)
            if one.is_counted and one.unit in (PROVINCIAL, OTHER_PROVINCIAL)
        ]
    standings = {one.row.id: _standing(one, basis, as_of) for one in _open_ones(every, as_of)}

    counted: Counter[str] = Counter()
    for row in ground.open:
        counted[row.state] += row.dossiers
    assert counted == Counter(standings.values())

    start = datetime.combine(ground.first, datetime.min.time(), VN)
    wanted = _wanted_pace(every, basis, start, as_of)
    received = sum(row.received for row in ground.ended) + sum(r.dossiers for r in ground.open if r.recent)
    assert (sum(row.ended for row in ground.ended), sum(row.late for row in ground.ended)) == (
        wanted["ended"],
        wanted["late"],
    )
    assert received == wanted["received"]

    assert {row.dossier_id for row in keepable} == {
        key for key, how in standings.items() if how == "keepable"
    }
    assert {row.stake.dossier_id for row in listed.rows} == {row.dossier_id for row in keepable}
    assert listed.ranking.total == len(keepable)

    dues = {one.row.id: getattr(one.row, DUE_COLUMNS[basis]) for one in every}
    first = sorted(
        (key for key, how in standings.items() if _fits(how, dues[key], which, older, as_of)),
        key=lambda key: (dues[key], key),
    )[:count]
    late = sum(standings[key] == "overdue" for key in first)
    assert sum(row.dossiers for row in picked) == len(first)
    assert sum(row.dossiers for row in picked if row.is_late) == late


def _fits(how: str, due: datetime | None, which: Which, older: int, as_of: datetime) -> bool:
    """Is a dossier that stands like this one of the choice?"""
    if due is None or how in ("suspended", "no_due"):
        return False
    if which is not Which.ANY and (how == "overdue") != (which is Which.OVERDUE):
        return False
    days = (as_of.astimezone(VN).date() - due.astimezone(VN).date()).days
    return not older or days >= older
