"""Who had a dossier in hand, and whose its lateness is: worked cases, and any events against an oracle that walks the minutes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.calendar_data import load_calendar
from tracker.measures.step_shares import (
    Attribution,
    Course,
    Dossier,
    Held,
    PauseTold,
    StepTold,
    attributed,
    course_of,
    divided,
)
from tracker.types import VN, SuspensionKind
from tracker.types.causes import Undivided

B = load_calendar("B")
DAY = B.day_minutes  # 8 hours: 07:00-11:30 and 13:30-17:00
DESK, BRANCH, TAX = "Bộ phận Một cửa", "Chi nhánh VPĐKĐĐ Buôn Ma Thuột", "Chi cục Thuế khu vực"


def at(day: int, hour: int = 7, minute: int = 0) -> int:
    """A moment of August 2022; the 1st is a Monday."""
    return int(datetime(2022, 8, day, hour, minute, tzinfo=VN).timestamp())


def course(
    *steps: StepTold, until: int, pauses: Sequence[PauseTold] = (), restarted: int | None = None
) -> Course:
    return course_of(Dossier(at(1), until, steps, pauses, restarted), B)


def told(found: Course) -> list[tuple[str, int, int | None, int]]:
    return [(step.department, step.minutes, step.share, step.overrun) for step in found.steps]


# ---------------------------------------------------------------- worked cases


def test_a_step_has_the_dossier_since_the_one_before_it_where_nothing_else_is_told() -> None:
    found = course(
        StepTold(at(1, 17), DESK, due_at=at(1, 17)), StepTold(at(3, 17), BRANCH, due_at=at(2, 17)), until=at(3, 17)
    )  # fmt: skip
    assert told(found) == [(DESK, DAY, DAY, 0), (BRANCH, 2 * DAY, DAY, DAY)]
    assert (found.total, found.between, found.first) == (3 * DAY, 0, 1)


def test_what_nobody_had_between_two_steps_is_told_apart() -> None:
    found = course(
        StepTold(at(1, 17), DESK, at(1), at(1, 17)), StepTold(at(4, 17), TAX, at(4), at(4, 17)), until=at(4, 17)
    )  # fmt: skip
    assert told(found) == [(DESK, DAY, DAY, 0), (TAX, DAY, DAY, 0)]
    assert (found.total, found.between) == (4 * DAY, 2 * DAY)


def test_a_step_that_opens_lasts_until_the_next_one_of_anybody() -> None:
    found = course(
        StepTold(at(1), BRANCH, at(1), at(2, 17)), StepTold(at(3, 7), TAX, at(3, 7), at(4, 17)), until=at(5, 17)
    )  # fmt: skip
    assert told(found) == [(BRANCH, 2 * DAY, 2 * DAY, 0), (TAX, 3 * DAY, 2 * DAY, DAY)]
    assert [step.is_open for step in found.steps] == [False, True]


def test_a_step_that_opens_and_is_then_told_done_is_one() -> None:
    found = course(
        StepTold(at(1), BRANCH, at(1), at(1, 17)), StepTold(at(2, 17), BRANCH), until=at(2, 17)
    )  # fmt: skip
    assert told(found) == [(BRANCH, 2 * DAY, DAY, DAY)]


def test_what_one_department_opened_is_not_also_the_time_of_another_that_tells_no_beginning() -> None:
    found = course(StepTold(at(1), BRANCH, at(1)), StepTold(at(2, 17), TAX), until=at(3, 17))
    assert told(found) == [(BRANCH, 2 * DAY, None, 0)]
    assert found.between == DAY


def test_suspensions_are_nobodys_time() -> None:
    pause = PauseTold(SuspensionKind.FINANCIAL, at(2), at(4))
    found = course(StepTold(at(5, 17), BRANCH, at(1), at(2, 17)), until=at(5, 17), pauses=[pause])
    assert told(found) == [(BRANCH, 3 * DAY, 2 * DAY, DAY)]
    assert (found.total, found.paused) == (3 * DAY, ((SuspensionKind.FINANCIAL, 2 * DAY),))


def test_work_before_the_limit_began_anew_has_no_part_in_the_lateness() -> None:
    found = course(
        StepTold(at(3, 17), DESK, at(1), at(1, 17)),
        StepTold(at(9, 17), BRANCH, at(4), at(9, 11, 30)),
        until=at(9, 17),
        restarted=at(8),
    )
    assert [(step.minutes, step.before_restart, step.overrun) for step in found.steps] == [
        (3 * DAY, 3 * DAY, 0),
        (4 * DAY, 2 * DAY, 210),  # two days since Monday the 8th, of which 750 minutes were its share
    ]
    assert found.first == 1


def test_steps_outside_reception_and_end_are_cut_to_them() -> None:
    found = course(
        StepTold(at(1) - 86_400, DESK), StepTold(at(2, 17), BRANCH), StepTold(at(9), DESK), until=at(3, 17)
    )
    assert [(step.department, step.minutes) for step in found.steps] == [(BRANCH, 2 * DAY), (DESK, DAY)]


def test_steps_that_name_no_department_are_nobodys_and_end_nobodys_time() -> None:
    found = course(
        StepTold(at(1), BRANCH, at(1)), StepTold(at(2), ""), StepTold(at(3, 17), BRANCH, due_at=at(2, 17)), until=at(3, 17)
    )  # fmt: skip
    assert told(found) == [(BRANCH, 3 * DAY, 2 * DAY, DAY)]


def test_reception_alone_does_not_say_who_had_a_dossier_until_its_end() -> None:
    opened = StepTold(at(1), DESK, at(1))
    assert told(course(opened, until=at(5, 17))) == []
    still = course_of(Dossier(at(1), at(5, 17), [opened], is_open=True), B)
    assert told(still) == [(DESK, 5 * DAY, None, 0)]


def held(*overruns: int, share: int | None = 0, between: int = 0) -> Course:
    steps = tuple(Held(BRANCH, 0, 1, over, 0, share, over, False) for over in overruns)
    return Course(steps, sum(overruns), between, (), (), None)


@pytest.mark.parametrize(
    ("late", "found", "expected"),
    [
        (100, held(), Attribution(100, (), 100, Undivided.NO_STEPS)),
        (100, held(30, 20), Attribution(100, (30, 20), 50, Undivided.REST)),
        (100, held(30, 20, share=None), Attribution(100, (30, 20), 50, Undivided.NO_SHARES)),
        (100, held(30, 20, between=50), Attribution(100, (30, 20), 50, Undivided.WAITING)),
        (100, held(60, 40), Attribution(100, (60, 40), 0, None)),
        (
            100,
            held(100, 100, 100),
            Attribution(100, (34, 33, 33), 0, None),
        ),  # of equal remainders the earlier
        (0, held(100), Attribution(0, (0,), 0, None)),
    ],
)
def test_lateness_divides_in_proportion_and_what_is_left_is_nobodys(
    late: int, found: Course, expected: Attribution
) -> None:
    assert attributed(late, found) == expected


@given(st.integers(0, 100_000), st.lists(st.integers(0, 50_000), max_size=12))
def test_shares_are_whole_in_proportion_and_add_up(late: int, overruns: list[int]) -> None:
    shares, together = divided(late, overruns), sum(overruns)
    assert sum(shares) == min(late, together)
    for share, over in zip(shares, overruns, strict=True):
        assert 0 <= share <= over
        if together > late:
            assert abs(share * together - late * over) < together


# ---------------------------------------------------------------- any events

BASE = datetime(2022, 8, 1, tzinfo=VN)
# Dates of a fortnight in minutes; mostly in it, some far before and after.
MOMENTS = st.one_of(st.integers(0, 14 * 1440), st.integers(-3000, 16 * 1440))
STEPS = st.lists(
    st.builds(
        StepTold,
        MOMENTS,
        st.sampled_from([DESK, BRANCH, TAX, ""]),
        st.one_of(st.none(), MOMENTS),
        st.one_of(st.none(), MOMENTS),
    ),
    max_size=7,
)
PAUSES = st.lists(
    st.builds(
        PauseTold,
        st.sampled_from([SuspensionKind.PAUSE, SuspensionKind.SUPPLEMENT]),
        MOMENTS,
        st.one_of(st.none(), MOMENTS),
    ),
    max_size=3,
)
WORKED = [
    day * 1440 + minute
    for day in range(-3, 17)
    for begin, end in B.sessions((BASE + timedelta(days=day)).date())
    for minute in range(begin, end)
]


def epoch(minute: int) -> int:
    return int(BASE.timestamp()) + 60 * minute


def as_epochs(step: StepTold) -> StepTold:
    begun, due = (None if minute is None else epoch(minute) for minute in (step.begun_at, step.due_at))
    return StepTold(epoch(step.at), step.department, begun, due)


def in_order(steps: Sequence[StepTold]) -> list[StepTold]:
    """By their moment; of one moment what ends something first; else as they were told."""
    named = [step for step in steps if step.department]
    return sorted(named, key=lambda step: (step.at, step.begun_at == step.at))


def stretch(place: int, steps: Sequence[StepTold], is_ended: bool) -> tuple[float, float, int | None] | None:
    """From when to when a step had it, and its due moment: read off the rule, step by step."""
    step, later = steps[place], steps[place + 1 :]
    if step.begun_at == step.at:
        end = later[0].at if later else float("inf")
        for nth, one in enumerate(later):
            own = one.department == step.department and one.begun_at != one.at
            untold = one.begun_at is None or one.begun_at > one.at
            if own and (nth == 0 if untold else (one.begun_at or 0) <= step.at):
                return None
        return None if is_ended and not later and step.due_at is None else (step.at, end, step.due_at)
    before = steps[place - 1].at if place else float("-inf")
    if place and steps[place - 1].begun_at == before and steps[place - 1].department != step.department:
        before = step.at
    begun = step.begun_at if step.begun_at is not None and step.begun_at <= step.at else before
    due = step.due_at
    if due is None:
        own = [one for one in steps[:place] if one.begun_at == one.at and one.department == step.department]
        if own and own[-1].at == begun:
            due = own[-1].due_at
    return begun, step.at, due


class Way(NamedTuple):
    """A dossier's way in minutes since `BASE`."""

    steps: list[StepTold]
    pauses: list[PauseTold]
    first: int
    length: int
    restart: int | None
    is_ended: bool

    @property
    def last(self) -> int:
        return self.first + self.length

    def free(self) -> list[int]:
        """The worked minutes from reception to the end in which nothing was suspended."""
        return [
            m
            for m in WORKED
            if self.first <= m < self.last
            and not any(p.start <= m < (self.last if p.end is None else p.end) for p in self.pauses)
        ]

    def dossier(self) -> Dossier:
        """The same in epoch seconds."""
        return Dossier(
            epoch(self.first), epoch(self.last), [as_epochs(step) for step in self.steps],
            [PauseTold(p.kind, epoch(p.start), None if p.end is None else epoch(p.end)) for p in self.pauses],
            None if self.restart is None else epoch(self.restart), not self.is_ended,
        )  # fmt: skip


def walked(way: Way) -> Iterator[tuple[str, int, int, int | None, int]]:
    """(department, minutes, those before the restart, share, overrun) of each step, minute by minute."""
    free, first, last, restart = way.free(), way.first, way.last, way.restart
    order = in_order(way.steps)
    found = []
    for place in range(len(order)):
        span = stretch(place, order, way.is_ended)
        if span is None:
            continue
        begun, ended, due = max(span[0], first), min(span[1], last), span[2]
        if begun >= ended:
            continue
        minutes = [m for m in free if begun <= m < ended]
        early = [m for m in minutes if restart is not None and m < restart]
        counts_from = begun if restart is None or restart >= ended else max(begun, restart)
        if restart is not None and begun < restart < ended and due is not None and due <= restart:
            due = None
        share = None if due is None else len([m for m in WORKED if counts_from <= m < due])
        over = 0 if share is None or len(early) == len(minutes) else max(0, len(minutes) - len(early) - share)
        found.append((begun, ended, place, order[place].department, len(minutes), len(early), share, over))
    yield from (each[3:] for each in sorted(found, key=lambda each: each[:3]))


WAYS = st.builds(
    Way, STEPS, PAUSES, st.integers(0, 5 * 1440), st.integers(0, 10 * 1440), st.one_of(st.none(), st.integers(0, 14 * 1440)),
    st.booleans(),
)  # fmt: skip


@given(WAYS, st.lists(st.booleans(), min_size=7, max_size=7), st.integers(0, 20_000))
def test_any_events_give_what_walking_the_minutes_gives_and_lateness_adds_up(
    way: Way, opens: list[bool], late: int
) -> None:
    opened = [
        step._replace(begun_at=step.at) if o else step for step, o in zip(way.steps, opens, strict=False)
    ]
    way = way._replace(steps=opened)
    found = course_of(way.dossier(), B)
    ours = [(s.department, s.minutes, s.before_restart, s.share, s.overrun) for s in found.steps]
    assert ours == list(walked(way))
    assert found.total == len(way.free())
    spans = [(step.begun, step.ended) for step in found.steps]
    nobody = [m for m in way.free() if not any(begun <= epoch(m) < ended for begun, ended in spans)]
    assert found.between == (len(nobody) if spans else 0)
    part = attributed(late, found)
    assert sum(part.shares) + part.undivided == late
    assert (part.why is None) == (part.undivided == 0)
