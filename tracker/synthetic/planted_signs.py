"""Planted cases: every kind of sign that lateness was made to disappear, with the truth beside each.

How each kind is done by hand in one-stop software is told in docs/integrity.md; `sign_noise` has what looks alike and is not.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from tracker.synthetic.sign_lives import DELETED, DONE, SUPPLEMENT, WITHDRAWN, WORK, Life, Registry, Step
from tracker.types.findings import FindingKind as Kind

LIMITS = (5, 7, 10, 15)
Plant = Callable[[Registry, int], Iterator[Life]]


def _limit(registry: Registry) -> int:
    return registry.clock.chance.choice(LIMITS)


def _finish(life: Life, registry: Registry, days: int) -> Life:
    """Finished so many working days after its due date (before it, where negative)."""
    at = registry.clock.at_work(registry.clock.day(life.due, days))
    if at <= life.received:
        at = life.received + timedelta(minutes=51, seconds=13)
    return life.since(at, finished_at=at, status=DONE)


def _moved(life: Life, at: datetime, registry: Registry, days: int) -> datetime:
    """The due date moved by so many working days at a moment; the new one."""
    due = datetime.combine(registry.clock.day(life.due, days), life.due.timetz())
    life.since(at, due_at=due)
    return due


def moved_after(registry: Registry, size: int) -> Iterator[Life]:
    """Moved some days after the date had passed; not by the whole term."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("moved after", Kind.MOVED_AFTER, limit=_limit(registry))
        waited, shift = clock.chance.randrange(2, 7), clock.chance.randrange(8, 14)
        if shift - waited in range(life.limit - 2, life.limit + 3):
            shift = waited + life.limit + 4
        moved = clock.at_work(clock.day(life.due, waited))
        _moved(life, moved, registry, shift)
        yield _finish(life, registry, clock.chance.randrange(waited + 1, shift))


def moved_on_last_day(registry: Registry, size: int) -> Iterator[Life]:
    """Moved on the very day on which it was due."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("moved on last day", Kind.MOVED_LAST_DAY, limit=_limit(registry))
        shift = clock.chance.choice([days for days in (3, 4, 6, 8, 9) if abs(days - life.limit) > 1])
        _moved(life, clock.at_work(life.due.date(), time(8), time(11)), registry, shift)
        yield _finish(life, registry, shift - 1)


def reset(registry: Registry, size: int) -> Iterator[Life]:
    """Given the whole term anew, half of them when the date had passed."""
    clock = registry.clock
    for number in range(size):
        is_after = number % 2 == 0
        kinds = (Kind.MOVED_FULL_TERM, Kind.MOVED_AFTER) if is_after else (Kind.MOVED_FULL_TERM,)
        life = registry.receive("reset", *kinds, limit=10)
        on = clock.day(life.due, 3 if is_after else -clock.chance.randrange(2, 6))
        moved = clock.at_work(on)
        due = datetime.combine(clock.day(on, life.limit), life.due.timetz())
        life.since(moved, due_at=due)
        at = clock.at_work(clock.day(due, -1))
        yield life.since(at, finished_at=at, status=DONE)


def in_bulk(registry: Registry, size: int) -> Iterator[Life]:
    """Dozens of one unit moved within an hour, by the same days or to the same date, in the middle of their terms."""
    clock = registry.clock
    for number in range(max(1, size // 20)):
        unit = f"{registry.units[number % len(registry.units)]}"
        on = clock.day(registry.first, 12 + 5 * number)
        for place in range(14):
            received = clock.day(on, -4 - place % 3)
            life = registry.receive("in bulk", Kind.MOVED_IN_BULK, limit=10, unit=unit, on=received)
            moved = clock.at_work(on, time(14), time(15))
            if number % 2 == 0:
                _moved(life, moved, registry, 8)
            else:
                to = clock.day(on, 14)
                life.since(moved, due_at=datetime.combine(to, life.due.timetz()))
            yield _finish(life, registry, 4)


def without_ground(registry: Registry, size: int) -> Iterator[Life]:
    """Moved in the middle of the term, with no document."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive(
            "without ground", Kind.MOVED_UNEXPLAINED, limit=clock.chance.choice((7, 10, 15))
        )
        on = clock.day(life.due, -3)
        shift = clock.chance.choice([days for days in (4, 5, 6, 8, 9, 11) if abs(days + 3 - life.limit) > 2])
        _moved(life, clock.at_work(on), registry, shift)
        yield _finish(life, registry, shift - 1)


def suspended_after(registry: Registry, size: int) -> Iterator[Life]:
    """Overdue for days, then a supplement that is said to have been asked for before the date."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("suspended after", Kind.SUSPENDED_AFTER, limit=_limit(registry))
        told = clock.at_work(clock.day(life.due, clock.chance.randrange(3, 6)))
        start = clock.at_work(clock.day(life.due, -1))
        life.since(told, pauses=[("Bổ sung hồ sơ", start, told)])
        _moved(life, told, registry, clock.between(start, told) + 1)
        yield _finish(life, registry, clock.between(life.due, told) + 1)


def suspended_on_last_day(registry: Registry, size: int) -> Iterator[Life]:
    """A supplement asked for on the very day on which it was due."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("suspended on last day", Kind.SUSPENDED_LAST_DAY, limit=_limit(registry))
        start = clock.at_work(life.due.date(), time(8), min(time(11), life.due.time()))
        if start >= life.due:
            start = life.due - timedelta(minutes=3)
        end = clock.at_work(clock.day(life.due, 3))
        life.since(start, status=SUPPLEMENT, pauses=[("Bổ sung hồ sơ", start, None)])
        due = datetime.combine(clock.day(life.due, 3), life.due.timetz())
        life.since(end, status=WORK, pauses=[("Bổ sung hồ sơ", start, end)], due_at=due)
        at = clock.at_work(clock.day(due, -1))
        yield life.since(at, finished_at=at, status=DONE)


def at_the_second(registry: Registry, size: int) -> Iterator[Life]:
    """The finish set to the due date by a button: on the evening itself, or days later."""
    clock = registry.clock
    for number in range(size):
        is_late = number % 2 == 0
        kinds = (Kind.END_IS_DUE, Kind.END_BACKDATED) if is_late else (Kind.END_IS_DUE,)
        life = registry.receive("at the second", *kinds, limit=_limit(registry))
        pressed = clock.at_work(clock.day(life.due, 4)) if is_late else life.due + timedelta(minutes=20)
        yield life.since(pressed, finished_at=life.due, status=DONE)


def dated_back(registry: Registry, size: int) -> Iterator[Life]:
    """Told as open long after the date, then as finished the day before it."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("dated back", Kind.END_BACKDATED, limit=_limit(registry))
        finished = clock.at_work(clock.day(life.due, -1), time(14), time(16))
        told = clock.at_work(clock.day(life.due, clock.chance.randrange(4, 8)))
        yield life.since(told, finished_at=finished, status=DONE)


def before_last_step(registry: Registry, size: int) -> Iterator[Life]:
    """Closed in time, while a department goes on working for days."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("before last step", Kind.END_BEFORE_STEP, limit=_limit(registry))
        _finish(life, registry, -1)
        after = clock.day(life.due, clock.chance.randrange(1, 5))
        life.steps.append(Step(clock.at_work(clock.day(life.due, -2)), "Phòng Nghiệp vụ 1"))
        life.steps.append(Step(clock.at_work(after), "Phòng Nghiệp vụ 2", "Trình ký kết quả"))
        yield life


def in_waves(registry: Registry, size: int) -> Iterator[Life]:
    """Overdue dossiers of one unit withdrawn on one day."""
    clock = registry.clock
    for number in range(max(1, size // 20)):
        unit = registry.units[(number + 3) % len(registry.units)]
        on = clock.day(registry.first, 25 + 4 * number)
        for place in range(9):
            received = clock.day(on, -12 - place % 4)
            life = registry.receive("in waves", Kind.WITHDRAWN_IN_WAVE, limit=10, unit=unit, on=received)
            at = clock.at_work(on, time(15), time(16))
            yield life.since(at, withdrawn_at=at, status=WITHDRAWN)


def vanished(registry: Registry, size: int) -> Iterator[Life]:
    """Overdue and open, then no longer exported, or deleted."""
    clock = registry.clock
    for number in range(size):
        life = registry.receive("vanished", Kind.VANISHED_LATE, limit=_limit(registry))
        at = clock.at_work(clock.day(life.due, clock.chance.randrange(2, 6)))
        if number % 3 == 0:
            life.since(at, status=DELETED)
        else:
            life.gone = at
        yield life


def reopened(registry: Registry, size: int) -> Iterator[Life]:
    """Closed on the last day, opened again some days later, finished late."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("reopened", Kind.REOPENED, limit=_limit(registry))
        closed = life.due - timedelta(minutes=31, seconds=5)
        again = clock.at_work(clock.day(life.due, clock.chance.randrange(2, 5)))
        life.since(closed, finished_at=closed, status=DONE)
        life.since(again, finished_at=None, status=WORK)
        at = clock.at_work(clock.day(life.due, 8))
        yield life.since(at, finished_at=at, status=DONE)


PLANTED: tuple[Plant, ...] = (
    moved_after, moved_on_last_day, reset, in_bulk, without_ground, suspended_after, suspended_on_last_day, at_the_second,
    dated_back, before_last_step, in_waves, vanished, reopened,
)  # fmt: skip
