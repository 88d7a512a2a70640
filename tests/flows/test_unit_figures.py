"""A unit's figures against the definitions they rest on: rates of the rate table, states of `classify`, on random worlds."""

from collections import Counter
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.flows.office import Office
from tests.flows.test_rate_summaries import World
from tests.store.test_rate_twins import MODEST, PROVINCE, Province, moments, told
from tracker.measures.months import closing as month_end
from tracker.measures.months import opening
from tracker.pipeline.summaries import refresh
from tracker.store import catalogue, rate_queries, rate_summary, unit_open
from tracker.store.rate_queries import Period
from tracker.store.session import open_store
from tracker.store.unit_open import OpenAsked
from tracker.store.unit_rates import UnitRates
from tracker.store.versions import DUE_COLUMNS
from tracker.types import VN, Basis, State

FIRST = 202506


def recounted(session, world: World, basis: Basis) -> Counter:
    """(month, unit's code) -> (early, on time, late, without a date), as the rate table counts."""
    found: Counter = Counter()
    month, until = FIRST, int(world.now.timestamp())
    while opening(month) <= until:
        period = Period(opening(month), min(month_end(month), until))
        for one in rate_queries.ended_counts(session, period, ("unit_code",), basis, None):
            if any(one.verdicts[basis]):
                found[month, one.keys[0]] = one.verdicts[basis]
        month = month + 1 if month % 100 < 12 else month + 89
    return found


def told_of(session, world: World, basis: Basis, unit_ids: frozenset[int] | None) -> Counter:
    """The same by `UnitRates`."""
    codes = {0: "unknown"} | {key: unit.code for key, unit in catalogue.units(session).items()}
    rates = UnitRates(session, unit_ids, as_of=world.now, basis=basis)
    ended = rates.by_unit((FIRST, 999_912))
    return Counter({
        (month, codes[unit_id]): (one.early, one.on_time, one.late, one.no_due)
        for (month, unit_id), one in ended.items()
        if one.finished or one.no_due
    })  # fmt: skip


def agree(world: World) -> None:
    with world.store.read() as session:
        units = catalogue.units(session)
        for basis in Basis:
            whole = recounted(session, world, basis)
            assert told_of(session, world, basis, None) == whole
            for unit_id, unit in units.items():
                if any(code == unit.code for _month, code in whole):
                    own = Counter({key: value for key, value in whole.items() if key[1] == unit.code})
                    assert told_of(session, world, basis, frozenset({unit_id})) == own


@pytest.mark.parametrize("seed", range(2))
def test_a_unit_is_counted_as_the_rate_table_counts_it_whatever_has_been_summed_up(tmp_path: Path, seed: int):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world, was_held = World(office, store, seed), False
        for step in range(5):
            world.load(range(1, 120), 80 if step == 0 else world.chance.choice((3, 12, 30)))
            agree(world)  # some months are marked, or nothing was ever summed up
            if step % 2:
                refresh(store, world.now)
                agree(world)
                with store.read() as session:
                    was_held = was_held or not rate_summary.stale(session).spans
            world.pass_time()
            agree(world)
        assert was_held  # else the tables were never asked


def test_a_unit_is_counted_by_field_and_procedure_as_in_all(tmp_path: Path):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, 7)
        world.load(range(1, 120), 100)
        for is_summed_up in (False, True):
            if is_summed_up:
                refresh(store, world.now)
            with store.read() as session:
                rates = UnitRates(session, None, as_of=world.now, basis=Basis.SOURCE)
                by_unit, by_work = (ask((FIRST, 202612)) for ask in (rates.by_unit, rates.by_work))
            assert (
                Counter(month for month, *_ in by_work).keys()
                == Counter(month for month, *_ in by_unit).keys()
            )
            assert sum(one.finished for one in by_work.values()) == sum(
                one.finished for one in by_unit.values()
            )
            assert len(by_work) > len({month for month, *_ in by_work})


# ---------------------------------------------------------------- what is open

STATES = {
    State.SUSPENDED: unit_open.IS_SUSPENDED,
    State.NO_DUE: unit_open.HAS_NO_DUE,
    State.OVERDUE: unit_open.IS_LATE,
}


def standing(one, basis: Basis, as_of: datetime, soon: datetime) -> int:
    state = one.state(basis, as_of)
    if state in STATES:
        return STATES[state]
    due = getattr(one.row, DUE_COLUMNS[basis])
    if due.date() == as_of.date():
        return unit_open.DUE_TODAY
    return unit_open.DUE_SOON if due <= soon else unit_open.DUE_LATER


@MODEST
@given(rows=PROVINCE, as_of=moments(0, 70), basis=st.sampled_from(Basis))
def test_every_open_dossier_stands_where_the_definition_puts_it(rows, as_of: datetime, basis: Basis):
    soon = datetime.combine(as_of.date() + timedelta(days=3), time(23, 59, 59), VN)
    asked = OpenAsked(None, int(as_of.timestamp()), int(soon.timestamp()), basis)
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        with province.store.read() as session:
            groups = unit_open.open_groups(session, asked)
        wanted = Counter(
            (one.row.resolving_unit_id or 0, standing(one, basis, as_of, soon))
            for one in told(province.store)
            if one.is_counted and one.row.received_at <= as_of and not one.has_ended(as_of)
        )
    found: Counter = Counter()
    for group in groups:
        found[group.unit_id, group.state] += group.dossiers
    assert found == wanted
