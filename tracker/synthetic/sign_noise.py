"""Honest dossiers that look like planted ones: what happens in every office and is no sign of anything.

Suspensions with documents, apologies with a new date, typing errors put right, ends entered a day late, withdrawals,
reopenings that applicants asked for, dates that were counted again.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from tracker.synthetic.sign_lives import DELETED, DONE, FEE, SUPPLEMENT, WITHDRAWN, WORK, Life, Registry, Step

LIMITS = (5, 7, 10, 15)
Noise = Callable[[Registry, int], Iterator[Life]]


def _limit(registry: Registry) -> int:
    return registry.clock.chance.choice(LIMITS)


def _finish(life: Life, registry: Registry, days: int, since: datetime | None = None) -> Life:
    """Finished so many working days after (before) a due date."""
    at = registry.clock.at_work(registry.clock.day(since or life.due, days))
    if at <= life.received:
        at = life.received + timedelta(minutes=47, seconds=11)
    return life.since(at, finished_at=at, status=DONE)


def ordinary(registry: Registry, size: int) -> Iterator[Life]:
    """In time, or honestly late; seven times as many as anything else."""
    chance = registry.clock.chance
    for _ in range(7 * size):
        life = registry.receive("ordinary", limit=_limit(registry))
        life.steps.append(Step(life.received + timedelta(minutes=30), "Bộ phận Một cửa", "Chuyển xử lý"))
        yield _finish(
            life, registry, chance.randrange(1, 9) if chance.random() < 0.15 else -chance.randrange(0, 4)
        )


def every_day(registry: Registry, size: int) -> Iterator[Life]:
    """One received each day to the last, as everywhere; some of them still in hand, none of them late."""
    del size
    clock = registry.clock
    on = clock.day(registry.first, 0)
    while on <= registry.last:
        life = registry.receive("every day", limit=7, on=on)
        yield _finish(life, registry, -1)
        on = clock.day(on, 1)


def supplemented(registry: Registry, size: int) -> Iterator[Life]:
    """A supplement asked for within two days of reception; the term begins anew when it comes."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("supplemented", limit=_limit(registry))
        start = clock.at_work(clock.day(life.received, 2))
        end = clock.at_work(clock.day(start, clock.chance.randrange(2, 8)))
        life.since(start, status=SUPPLEMENT, pauses=[("Bổ sung hồ sơ", start, None)])
        due = datetime.combine(clock.day(end, life.limit), life.due.timetz())
        life.since(end, status=WORK, pauses=[("Bổ sung hồ sơ", start, end)], due_at=due)
        yield _finish(life, registry, -1, due)


def taxed(registry: Registry, size: int) -> Iterator[Life]:
    """Waiting for a tax to be paid, some beginning on the last day; the source moves the date when it goes on."""
    clock = registry.clock
    for number in range(size):
        life = registry.receive("taxed", limit=_limit(registry))
        on = life.due.date() if number % 3 == 0 else clock.day(life.due, -2)
        start = clock.at_work(
            on, time(7, 30), min(time(10), life.due.time()) if life.due.time() > time(8) else time(7, 35)
        )
        start = min(start, life.due - timedelta(minutes=2))
        paused = clock.chance.randrange(4, 9)
        end = clock.at_work(clock.day(start, paused))
        life.since(start, status=FEE, pauses=[("Nghĩa vụ tài chính", start, None)])
        due = datetime.combine(clock.day(life.due, paused), life.due.timetz())
        life.since(end, status=WORK, pauses=[("Nghĩa vụ tài chính", start, end)], due_at=due)
        yield _finish(life, registry, 0, due)


def apologised(registry: Registry, size: int) -> Iterator[Life]:
    """Late, with an apology and a new date that was approved; the source takes the new date over."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("apologised", limit=_limit(registry))
        written = clock.at_work(clock.day(life.due, 1), time(8), time(10))
        due = datetime.combine(clock.day(life.due, 8), life.due.timetz())
        life.letter = (written, due)
        life.since(clock.at_work(clock.day(life.due, 2)), due_at=due)
        yield _finish(life, registry, -1, due)


def typed_wrong(registry: Registry, size: int) -> Iterator[Life]:
    """A date typed wrong in the afternoon and put right the next morning."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("typed wrong", limit=_limit(registry))
        life.received = datetime.combine(life.received.date(), time(15, 41, 17), life.received.tzinfo)
        right = datetime.combine(life.due.date(), life.received.timetz())
        life.due = datetime.combine(clock.day(life.due, -3), life.received.timetz())
        life.since(clock.at_work(clock.day(life.received, 1), time(7, 30), time(9)), due_at=right)
        yield _finish(life, registry, -1, right)


def counted_again(registry: Registry, size: int) -> Iterator[Life]:
    """Dates of a unit that were a day short, counted again all at once: they are then what the limit gives."""
    clock = registry.clock
    unit, on = registry.units[-1], clock.day(registry.first, 20)
    for place in range(max(12, size // 3)):
        life = registry.receive("counted again", limit=10, unit=unit, on=clock.day(on, -4 - place % 3))
        right = life.due
        life.due = datetime.combine(clock.day(right, -1), right.timetz())
        life.since(clock.at_work(on, time(14), time(15)), due_at=right)
        yield _finish(life, registry, -1, right)


def moved_earlier(registry: Registry, size: int) -> Iterator[Life]:
    """A date moved to an earlier one."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("moved earlier", limit=10)
        due = datetime.combine(clock.day(life.due, -2), life.due.timetz())
        life.since(clock.at_work(clock.day(life.received, 4)), due_at=due)
        yield _finish(life, registry, -1, due)


def entered_late(registry: Registry, size: int) -> Iterator[Life]:
    """Finished in time, entered on the next working day."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("entered late", limit=_limit(registry))
        finished = clock.at_work(life.due.date(), time(7, 30), max(time(8), life.due.time()))
        told = clock.at_work(clock.day(life.due, 1))
        yield life.since(told, finished_at=finished, status=DONE)


def withdrawn(registry: Registry, size: int) -> Iterator[Life]:
    """Withdrawn here and there, late or not; and many of one project on one day, none of them due."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("withdrawn", limit=_limit(registry))
        at = clock.at_work(clock.day(life.due, clock.chance.randrange(-4, 4)))
        at = max(at, life.received + timedelta(hours=1))
        yield life.since(at, withdrawn_at=at, status=WITHDRAWN)
    on = clock.day(registry.first, 30)
    for place in range(11):
        life = registry.receive(
            "project given up", limit=15, unit=registry.units[0], on=clock.day(on, -2 - place % 3)
        )
        at = clock.at_work(on, time(9), time(11))
        yield life.since(at, withdrawn_at=at, status=WITHDRAWN)


def opened_again(registry: Registry, size: int) -> Iterator[Life]:
    """Reopened for a mistake on the result: put right within the term, or long after it at the applicant's wish."""
    clock = registry.clock
    for number in range(size):
        life = registry.receive("opened again", limit=10)
        closed = clock.at_work(clock.day(life.due, -4))
        life.since(closed, finished_at=closed, status=DONE)
        on = clock.day(life.due, -2) if number % 2 else clock.day(closed, 14)
        again = clock.at_work(on, time(7, 30), time(9))
        life.since(again, finished_at=None, status=WORK)
        at = clock.at_work(on, time(14), time(16))
        yield life.since(at, finished_at=at, status=DONE)


def handed_over(registry: Registry, size: int) -> Iterator[Life]:
    """Steps after the end that are the desk's, or the last minutes of the work itself."""
    clock = registry.clock
    for number in range(size):
        life = registry.receive("handed over", limit=_limit(registry))
        _finish(life, registry, -1)
        end = life.changes[-1][0]
        if number % 2:
            at = clock.at_work(clock.day(life.due, 2))
            life.steps.append(Step(at, "Bộ phận Tiếp nhận và trả kết quả", "Mời nhận kết quả"))
        else:
            life.steps.append(Step(end + timedelta(minutes=20), "Phòng Nghiệp vụ 1", "Lưu hồ sơ"))
        yield life


def short_terms(registry: Registry, size: int) -> Iterator[Life]:
    """A supplement within a term of two days, where every day is a last day."""
    clock = registry.clock
    for _ in range(size):
        life = registry.receive("short terms", limit=2)
        start = clock.at_work(life.due.date(), time(7, 31), time(7, 40))
        start = min(start, life.due - timedelta(seconds=30))
        end = clock.at_work(clock.day(life.due, 2))
        life.since(start, status=SUPPLEMENT, pauses=[("Bổ sung hồ sơ", start, None)])
        due = datetime.combine(clock.day(end, life.limit), life.due.timetz())
        life.since(end, status=WORK, pauses=[("Bổ sung hồ sơ", start, end)], due_at=due)
        yield _finish(life, registry, 0, due)


def taken_out(registry: Registry, size: int) -> Iterator[Life]:
    """Doubles deleted, and dossiers handed to another system, long before they were due."""
    clock = registry.clock
    for number in range(size):
        life = registry.receive("taken out", limit=15)
        at = clock.at_work(clock.day(life.received, 2))
        if number % 2:
            life.since(at, status=DELETED)
        else:
            life.gone = at
        yield life


def on_paper_first(registry: Registry, size: int) -> Iterator[Life]:
    """Asked for on paper in time, entered into the software when the date had passed: nothing in the data tells it from a
    planted case.
    """
    clock = registry.clock
    for number in range(max(1, size // 6)):
        life = registry.receive("on paper first", limit=_limit(registry))
        told = clock.at_work(clock.day(life.due, 2))
        due = datetime.combine(clock.day(life.due, 8), life.due.timetz())
        if number % 2:
            start = clock.at_work(clock.day(life.due, -2))
            life.since(told, pauses=[("Bổ sung hồ sơ", start, told)])
        life.since(told, due_at=due)
        yield _finish(life, registry, -1, due)


# Sorts that look the same as planted ones in everything that a source tells: only their papers explain them.
UNTELLABLE = frozenset({"on paper first"})
NOISE: tuple[Noise, ...] = (
    ordinary, every_day, supplemented, taxed, apologised, typed_wrong, counted_again, moved_earlier, entered_late, withdrawn,
    opened_again, handed_over, short_terms, taken_out, on_paper_first,
)  # fmt: skip
