"""What a process keeps of a year's budget, of its list and of a unit's figures is what it would work out anew, whatever changed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, csv_text, row
from tests.flows.test_rate_summaries import World, cell
from tracker.pipeline import IngestPlan, budget, ingest, scores, unit_home
from tracker.pipeline.scores import ScoreQuestion
from tracker.pipeline.summaries import refresh
from tracker.pipeline.unit_home import Surroundings, UnitQuestion
from tracker.store import board, catalogue, rate_reading, unit_targets
from tracker.store.calendars import kept_history
from tracker.store.models import Field, Unit
from tracker.store.session import Store, open_store
from tracker.store.unit_open import GROUPS
from tracker.store.unit_targets import NewTarget
from tracker.types import VN

MEMORIES = (
    budget.BUDGETS,
    budget.STAKES,
    unit_home.FIGURES,
    scores.REMEMBERED,
    rate_reading.REMEMBERED,
    GROUPS,
)
MORNING = datetime(2026, 8, 24, 9, tzinfo=VN)


@contextmanager
def nothing_kept() -> Iterator[None]:
    """As a process that has just begun; afterwards it knows again what it knew."""
    with ExitStack() as stack:
        for memory in MEMORIES:
            stack.enter_context(memory.emptied())
        yield


def told(store: Store, now: datetime) -> tuple[Any, ...]:
    """What the page of the criterion and those of the units rest on."""
    store.hold()
    try:
        with store.read() as session:
            units, calendars = catalogue.units(session), kept_history(session, "B")
            answers: list[Any] = [board.end_years(session)]
            for unit in (None, min(key for key, each in units.items() if each.name == PROVINCIAL)):
                inside = None if unit is None else catalogue.unit_subtree(session, unit)
                for with_officers in (False, True):
                    asked = UnitQuestion(
                        unit, inside, now, now.date() - timedelta(days=1), now.date() + timedelta(days=3), with_officers
                    )  # fmt: skip
                    around = Surroundings(units, calendars.present)
                    answers.append(unit_home.unit_home(session, asked, around))
        for year in (now.year, now.year - 1):
            question = ScoreQuestion("3.4.1", year, now, "resolved")
            answers.append(budget.budget(store, question))
            for inside in (None, frozenset(list(units)[:3])):
                answers.append(budget.at_stake(store, calendars, question, unit_ids=inside, limit=20))
        return tuple(answers)
    finally:
        store.let_go()


def agree(world: World) -> None:
    kept = told(world.store, world.now)
    with nothing_kept(), closing(open_store(world.office.url)) as anew:
        assert kept == told(anew, world.now)


def unnoticed(world: World, number: int) -> None:
    """A batch that no count is touched by: another officer of an open dossier, and one more that was not accepted yet."""
    world.batches += 1
    day = "24/08/2026"
    open_one = row(80_001, received_at="17/08/2026 08:00:00", due_at="03/09/2026 17:00:00", status="Đang xử lý",
                   officer_name=f"Cán bộ số {number}", updated_at=f"{day} 08:{number:02}:00")  # fmt: skip
    waiting = row(
        90_000 + number,
        received_at="",
        filed_at=f"{day} 07:00:00",
        status="Mới đăng ký",
        updated_at=f"{day} 08:00:00",
    )
    path = world.office.write(f"lo-{world.batches}.csv", csv_text([open_one, waiting]))
    ingest(world.store, "B", IngestPlan((path,), world.now), lambda _: None)


def settled(office: Office, store: Store, seed: int) -> World:
    """A world whose months are counted."""
    world = World(office, store, seed)
    world.load(range(1, 120), 90)
    unnoticed(world, 0)
    refresh(store, world.now)
    return world


def renamed(world: World, number: int) -> None:
    with world.store.transaction() as session:
        other = Unit.name.startswith(OTHER_PROVINCIAL)
        session.execute(update(Unit).where(other).values(name=f"{OTHER_PROVINCIAL} {number}"))
        session.execute(update(Field).where(Field.name.like("Đất đai%")).values(name=f"Đất đai {number}"))


def aimed(world: World, number: int) -> None:
    with world.store.transaction() as session:
        new = NewTarget(None, 9_000 + number, date(2025, 1, 1), f"văn bản {number}")
        unit_targets.add_target(session, new, by="hoa", at=world.now)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_would_be_worked_out_anew(tmp_path: Path, seed: int):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = settled(office, store, seed)
        acts: tuple[Callable[[World, int], None], ...] = (
            unnoticed, renamed, aimed,
            lambda world, _number: world.load(range(1, 120), 7),
            lambda world, _number: world.change_calendar(),
            lambda world, _number: world.pass_time(),
            lambda world, _number: setattr(world, "now", world.now + timedelta(minutes=50)),
        )  # fmt: skip
        for number in range(1, 15):
            agree(world)
            world.chance.choice(acts)(world, number)
            agree(world)  # the tables are behind, or hold all the same
            refresh(store, world.now)


@pytest.mark.parametrize(
    "change", [unnoticed, renamed, aimed, lambda world, _number: world.load(range(1, 120), 7)]
)
def test_each_change_is_seen_at_once(tmp_path: Path, change: Callable[[World, int], None]):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = settled(office, store, 5)
        before = told(store, world.now)
        assert told(store, world.now) == before
        change(world, 1)
        assert told(store, world.now) != before
        agree(world)


def test_what_is_kept_is_asked_for_by_its_marks_alone(tmp_path: Path):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = settled(office, store, 5)
        before = told(store, world.now)
        said: list[str] = []
        event.listen(store.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
        assert told(store, world.now) == before
    questions = [each for each in said if not each.startswith(("BEGIN", "COMMIT", "ROLLBACK"))]
    waits_and_promises = 2 * 4
    assert len(questions) == waits_and_promises + 3, (
        questions
    )  # the counts' marks, the reference data's, the last batch


def test_no_dossier_of_another_day_is_taken_for_one_of_today(tmp_path: Path):
    """Within a day nothing moves by itself; what a source dates ahead does, and then nothing is kept."""
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, 3)
        world.now = MORNING
        ahead = {"received_at": cell(MORNING + timedelta(hours=1)), "due_at": cell(MORNING + timedelta(days=4)),
                 "updated_at": cell(MORNING)}  # fmt: skip
        suspended = {"received_at": cell(MORNING - timedelta(days=3)), "due_at": cell(MORNING + timedelta(days=4)),
                     "suspensions": f"tạm dừng: {cell(MORNING + timedelta(hours=2))} - ", "updated_at": cell(MORNING)}  # fmt: skip
        path = office.write("lo.csv", csv_text([row(1, **ahead), row(2, **suspended)]))
        ingest(store, "B", IngestPlan((path,), world.now), lambda _: None)
        unnoticed_later = row(
            3, received_at="", filed_at=cell(MORNING + timedelta(hours=3)), status="Mới đăng ký"
        )
        path = office.write("lo-2.csv", csv_text([unnoticed_later]))
        refresh(store, world.now)
        ingest(store, "B", IngestPlan((path,), world.now), lambda _: None)
        for _hour in range(9):
            agree(world)
            world.now += timedelta(minutes=30)
