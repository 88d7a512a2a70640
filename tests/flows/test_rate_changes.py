"""A change of few dossiers brings the counts by month up to date in its own step: the same rows as a whole count would make."""

import json
from contextlib import closing
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.flows.office import NOW, Office, row
from tests.flows.test_rate_summaries import BY, World, agree, cell, sums
from tracker.errors import BeingCounted
from tracker.measures.months import TO_THIS_DAY
from tracker.pipeline import IngestPlan, ingest
from tracker.pipeline import summaries as keeping
from tracker.pipeline.summaries import check, is_behind, refresh
from tracker.store import rate_changes, rate_queries, rate_reading
from tracker.store.models import RateSummary
from tracker.store.rate_marks import mark
from tracker.store.rate_queries import Period
from tracker.store.rate_reading import Counting, summaries
from tracker.store.session import Store, open_store
from tracker.types import VN, Basis

NAMES = [column.name for column in RateSummary.__table__.columns if column.name != "last_at"]
MORNING = datetime(2026, 8, 24, 8, tzinfo=VN)


def rows(store: Store) -> set[tuple[Any, ...]]:
    """What the tables say."""
    with store.read() as session:
        return {
            tuple(row)
            for row in session.connection().exec_driver_sql(f"SELECT {', '.join(NAMES)} FROM rate_summary")
        }


def latest(store: Store) -> dict[tuple[Any, ...], int]:
    """When something last happened of what a row counts."""
    query = "SELECT grain, span, unit_id, field_id, procedure_id, channel, last_at FROM rate_summary"
    with store.read() as session:
        return {tuple(row[:-1]): row[-1] for row in session.connection().exec_driver_sql(query)}


def count_anew(store: Store, now: datetime) -> None:
    """Everything, as if nothing had ever been counted."""
    with store.transaction() as session:
        mark(session, [(0, TO_THIS_DAY)])
    refresh(store, now)


@pytest.mark.parametrize("seed", [7, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(20, 50))])
def test_after_each_of_many_small_changes_the_tables_are_those_of_a_whole_count(
    tmp_path: Path, seed: int
) -> None:
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, seed)
        world.load(range(1, 120), 60)
        refresh(store, world.now)
        told = 0
        for _ in range(4):
            world.now += timedelta(minutes=world.chance.choice((0, 1, 20)))
            world.load(range(1, 160), world.chance.choice((1, 3, 30)))
            if world.now.date() == NOW.date():
                assert not is_behind(store, world.now)  # nobody has to count before a page can be read
            told += agree(world)
            found, seen = rows(store), latest(store)
            count_anew(store, world.now)
            assert found == rows(store)
            # Nothing later than what a row counts is ever forgotten.
            assert all(seen.get(key, 0) >= at for key, at in latest(store).items())
            assert check(store, world.now, months=18).differences == ()
        assert told > 4


def ended(number: int, hour: int, **told: str) -> dict[str, str]:
    return row(
        number, finished_at=f"24/08/2026 {hour:02}:00:00", updated_at=f"24/08/2026 {hour:02}:00:00", **told
    )


def load(office: Office, store: Store, told: list[dict[str, str]], now: datetime) -> None:
    path = office.write(f"{now:%H%M%S}.csv", told)
    ingest(store, "B", IngestPlan((path,), now), lambda _: None)


def test_a_change_of_very_many_dossiers_leaves_marks_for_whole_months(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(number) for number in range(1, 9)])
    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        monkeypatch.setattr(rate_changes, "MOST", 3)
        load(office, store, [ended(number, 8) for number in range(1, 9)], MORNING + timedelta(hours=1))
        assert office.query("SELECT count(*) FROM rate_stale")[0][0] > 0
        refresh(store, MORNING + timedelta(hours=1))
        found = rows(store)
        count_anew(store, MORNING + timedelta(hours=1))
        assert found == rows(store)


def test_of_what_lay_ahead_and_does_no_more_whole_months_are_counted(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(1), row(2)])
    evening = int((MORNING + timedelta(hours=12)).timestamp())
    with closing(open_store(office.url)) as store:
        with (
            store.transaction() as session
        ):  # no load takes such an end for true, a clock that was ahead might have
            told = f"UPDATE dossier SET ended_at = {evening}, finished_at = {evening}, end_kind = 'finished'"
            session.connection().exec_driver_sql(f"{told} WHERE id = 1")
        refresh(store, MORNING)
        assert max(latest(store).values()) == evening
        load(office, store, [ended(1, 8)], MORNING + timedelta(minutes=5))
        assert is_behind(store, MORNING + timedelta(minutes=5))
        refresh(store, MORNING + timedelta(minutes=5))
        assert max(latest(store).values()) <= MORNING.timestamp()
        assert check(store, MORNING + timedelta(minutes=5)).differences == ()


def test_what_will_happen_later_today_ends_the_time_for_which_the_counts_of_now_hold(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(1), row(2)])
    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        pause = "tạm dừng: 20/08/2026 08:00:00 - 24/08/2026 14:00:00"
        told = [row(1, suspensions=pause, updated_at="24/08/2026 08:00:00")]
        load(office, store, told, MORNING + timedelta(minutes=5))
        assert not is_behind(store, MORNING + timedelta(hours=5))
        assert is_behind(store, MORNING + timedelta(hours=7))


def test_a_change_that_comes_into_a_count_is_neither_lost_nor_counted_twice(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(number) for number in range(1, 6)])
    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        with store.transaction() as session:
            mark(session, [(202601, TO_THIS_DAY)])
        now = MORNING + timedelta(minutes=1)
        with store.read() as session:
            step = keeping._look(session, now)
        pieces = list(keeping._pieces(step, now))
        for number, write in enumerate(pieces[:3]):
            with store.transaction() as session:
                assert keeping._stamp(session) == step.stamp
                write(session)
            assert is_behind(store, now), number
        load(office, store, [ended(1, 8), row(9, received_at="24/08/2026 07:00:00")], now)
        with store.read() as session:
            assert keeping._stamp(session) != step.stamp  # what is left of the step is not written
        refresh(store, now)
        assert not is_behind(store, now)
        found = rows(store)
        count_anew(store, now)
        assert found == rows(store)


def test_a_count_that_is_disturbed_again_and_again_is_done_while_nobody_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(number) for number in range(1, 9)])
    looked: list[int] = []
    real = keeping._look

    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        with store.transaction() as session:
            mark(session, [(202606, 202608)])

        def look(session: Any, now: datetime, *, months: int = 6) -> Any:
            step = real(session, now, months=months)
            looked.append(months)
            if months > 1:  # a change after each look, as from a system that pushes all the while
                load(office, store, [ended(len(looked), 8)], MORNING + timedelta(seconds=len(looked)))
            return step

        monkeypatch.setattr(keeping, "_look", look)
        now = MORNING + timedelta(minutes=1)
        refresh(store, now)
        monkeypatch.undo()
        assert 1 in looked
        assert not is_behind(store, now)
        found = rows(store)
        count_anew(store, now)
        assert found == rows(store)


def test_a_telling_that_changes_nothing_that_is_counted_leaves_the_tables_alone(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(1), row(2, finished_at="16/03/2022 09:00:00")])
    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        before = office.query("SELECT stamp FROM rate_standing")
        told = [row(number, phone="0901234567", updated_at=cell(MORNING)) for number in (1,)]
        load(office, store, told, MORNING + timedelta(minutes=3))
        assert (
            json.loads(office.query("SELECT counts FROM batch ORDER BY id DESC LIMIT 1")[0][0])["changed"]
            == 1
        )
        assert office.query("SELECT stamp FROM rate_standing") == before
        assert not is_behind(store, MORNING + timedelta(minutes=3))


def test_ends_that_were_told_as_a_date_are_not_counted_before_that_day_closes_nor_is_the_month_counted_anew(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(number, received_at="20/08/2026 08:00:00") for number in range(1, 9)])
    now = MORNING + timedelta(minutes=5)
    with closing(open_store(office.url)) as store:
        refresh(store, MORNING)
        told = [
            row(1, received_at="20/08/2026 08:00:00", finished_at="24/08/2026", updated_at=cell(MORNING)),
            row(2, received_at="20/08/2026 08:00:00", finished_at="24/08/2026", updated_at=cell(MORNING)),
            row(3, received_at="20/08/2026 08:00:00", finished_at="21/08/2026", updated_at=cell(MORNING)),
            row(9, received_at="24/08/2026", updated_at=cell(MORNING)),
        ]
        load(office, store, told, now)
        later = f"SELECT count(*) FROM dossier WHERE ended_at > {int(now.timestamp())}"
        assert office.query(later) == [(2,)]
        for moment, ended_by_then in ((now, 1), (MORNING + timedelta(hours=10), 3)):
            assert is_behind(store, moment) == (moment != now)
            refresh(store, moment)
            for start in (datetime(2026, 1, 1, tzinfo=VN), datetime(2026, 8, 1, tzinfo=VN)):
                period = Period(int(start.timestamp()), int(moment.timestamp()))
                with store.read() as session:
                    tables = summaries(session)
                    assert tables is not None
                    for by, basis in product(BY, Basis):
                        ours = tables.ended(period, by, basis)
                        assert ours is not None  # nobody counts a month of dossiers for it
                        theirs = rate_queries.ended_counts(session, period, by, basis, None)
                        assert sums(ours) == sums(theirs)
                        standing = rate_queries.open_counts(session, period, by, basis, None)
                        assert sums(tables.open(period, by, basis) or []) == sums(standing)
                    whole = tables.ended(period, (), Basis.SOURCE)
                assert whole is not None
                assert sum(whole[0].verdicts[Basis.SOURCE]) == ended_by_then


def test_a_page_of_very_many_dossiers_says_that_they_are_being_counted_and_a_report_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(number) for number in range(1, 6)])
    year = Period(int(datetime(2026, 1, 1, tzinfo=VN).timestamp()), int(MORNING.timestamp()))
    with closing(open_store(office.url)) as store:

        def counted(*, on_a_page: bool, period: Period = year) -> int:
            if on_a_page:
                store.hold()
            try:
                with store.read() as session:
                    return len(Counting(session, None).ended(period, (), Basis.SOURCE))
            finally:
                store.let_go()

        assert counted(on_a_page=True) == 1  # few
        monkeypatch.setattr(rate_reading, "MANY", 3)
        with pytest.raises(BeingCounted):
            counted(on_a_page=True)
        assert counted(on_a_page=False) == 1
        refresh(store, MORNING)
        assert counted(on_a_page=True) == 1
        with store.transaction() as session:
            mark(session, [(202603, 202603)])
        with pytest.raises(BeingCounted):
            counted(on_a_page=True)
        # What no count will ever answer is counted by whoever asks it.
        midmonth = Period(year.start + 6 * 86_400, year.end)
        assert counted(on_a_page=True, period=midmonth) == 1
