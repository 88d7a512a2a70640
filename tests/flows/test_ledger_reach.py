"""The ledger's narrow run finds what a run over everything finds, and is whole wherever that cannot be known."""

from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger_histories import BEGUN, World, acts
from tests.letter_world import add_catalogue, at, policy
from tracker.store.session import Store

STEPS = st.lists(st.tuples(acts, st.sampled_from((True, True, False))), min_size=1, max_size=16)


def begun(store: Store, folder: Path) -> World:
    world = World(store, folder, at(16), policy())
    world.begin()
    world.keep(whole=True)
    return world


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(begins=st.booleans(), steps=STEPS)
def test_a_narrow_run_leaves_what_a_whole_one_would_have_left(
    store: Store, tmp_path: Path, begins: bool, steps: list
) -> None:
    with store.read() as session:
        is_new = session.connection().exec_driver_sql("SELECT count(*) FROM unit WHERE id = 900001").scalar() == 0
    if is_new:
        add_catalogue(store)
    world = begun(store, tmp_path)
    for act in BEGUN if begins else ():
        act(world)
    for act, is_kept in steps:
        act(world)
        if is_kept:
            expected = world.would_stand()
            world.keep(whole=False)
            assert world.now_stands() == expected
    world.now += timedelta(hours=1)
    expected = world.would_stand()
    world.keep(whole=False)
    assert world.now_stands() == expected
