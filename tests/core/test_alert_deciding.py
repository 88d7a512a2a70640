"""What is claimed of the rungs reached: once each, the worst told, anew when the date moves; against a slow model."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.alerts.deciding import NOTHING, Claimed, Decided, Fate, decide, due_before, due_version
from notifications.alerts.rules import shipped_rungs
from notifications.alerts.rungs import FALLING, OF_DOSSIERS, PLACES, Ladder, Measure, Rung, Who, reached

RUNGS = tuple(rung for rung in shipped_rungs() if rung.measure in OF_DOSSIERS)
DUE = (Measure.SHARE_USED, Measure.DAYS_LEFT, Measure.DAYS_LATE)
ACK, PAUSE = 7, 1_780_000_000
LAWS = settings(max_examples=200, deadline=None, derandomize=True)


def due_values(day: int) -> dict[Measure, int]:
    """How a dossier stands so many working days after (or before) its due date."""
    if day > 0:
        return {Measure.SHARE_USED: 100, Measure.DAYS_LEFT: -1, Measure.DAYS_LATE: day}
    return {Measure.SHARE_USED: max(0, 100 + 5 * day), Measure.DAYS_LEFT: -day}


@dataclass
class Office:
    """One dossier and what was claimed of it, look by look."""

    seen: list[Claimed] = field(default_factory=list)

    def look(
        self,
        values: dict[Measure, int],
        due_at: int | None = 1,
        *,
        is_held: bool = False,
        is_flood: bool = False,
    ) -> Decided:
        """Decide, and write the claims down."""
        version, is_moved = due_version(self.seen, due_at)
        own = {
            Measure.PROMISE_PASSED: ACK,
            Measure.SUSPENDED: PAUSE,
            Measure.INTAKE_OVER: 0,
            Measure.NO_DUE: 0,
        }
        decided = decide(
            reached(values, RUNGS), self.seen, lambda measure: own.get(measure, version),
            is_held=is_held, is_flood=is_flood, is_moved=is_moved,
        )  # fmt: skip
        for claim in decided.claims:
            self.seen.append(
                Claimed(
                    len(self.seen) + 1,
                    claim.rung.measure,
                    claim.rung.threshold,
                    claim.version,
                    due_at,
                    claim.rung.rank,
                )
            )
        return decided

    def claimed(self) -> list[tuple[str, int, int]]:
        """What was claimed."""
        return [(each.measure, each.threshold, each.version) for each in self.seen]


def keys(decided: Decided) -> set[tuple[Measure, int]]:
    return {(claim.rung.measure, claim.rung.threshold) for claim in decided.claims}


def told(decided: Decided) -> list[tuple[Measure, int]]:
    return [(claim.rung.measure, claim.rung.threshold) for claim in decided.claims if claim.fate is Fate.TOLD]


# ---------------------------------------------------------------- rungs


@pytest.mark.parametrize(
    ("measure", "value", "threshold", "is_reached"),
    [
        (Measure.DAYS_LEFT, 3, 2, False),
        (Measure.DAYS_LEFT, 2, 2, True),
        (Measure.DAYS_LEFT, -1, 0, True),
        (Measure.DAYS_LATE, 0, 1, False),
        (Measure.DAYS_LATE, 1, 1, True),
        (Measure.SHARE_USED, 74, 75, False),
        (Measure.SHARE_USED, 75, 75, True),
        (Measure.LETTER_PROMISE, 2, 2, True),
        (Measure.LETTER_PROMISE, 3, 2, False),
    ],
)
def test_days_left_fall_to_a_rung_and_everything_else_rises_to_it(measure, value, threshold, is_reached):
    assert Rung(measure, threshold, (Who.DESK,)).is_reached_by(value) is is_reached


def test_within_a_ladder_every_later_rung_is_worse():
    due = [(Measure.SHARE_USED, 75), (Measure.DAYS_LEFT, 2), (Measure.DAYS_LEFT, 0), (Measure.DAYS_LATE, 1),
           (Measure.DAYS_LATE, 5), (Measure.DAYS_LATE, 15)]  # fmt: skip
    ranks = {rung.key: rung.rank for rung in RUNGS}
    assert [ranks[key] for key in due] == sorted(ranks[key] for key in due)
    assert len(set(ranks.values())) == len(ranks)


@LAWS
@given(st.dictionaries(st.sampled_from(sorted(OF_DOSSIERS)), st.integers(-1, 120)))
def test_what_is_reached_is_every_rung_whose_threshold_is_passed_and_the_worst_comes_first(values):
    found = reached(values, RUNGS)
    slow = {
        rung.key
        for rung in RUNGS
        for value in [values.get(rung.measure)]
        if value is not None
        and (value <= rung.threshold if rung.measure in FALLING else value >= rung.threshold)
    }
    assert {rung.key for rung, _ in found} == slow
    assert [rung.rank for rung, _ in found] == sorted((rung.rank for rung, _ in found), reverse=True)


# ---------------------------------------------------------------- laws

looks = st.lists(
    st.tuples(st.integers(-22, 18), st.sampled_from([1, 1, 1, 2, 3]), st.booleans(), st.booleans()),
    max_size=25,
)


class Model:
    """The same, told slowly: sets of rungs by due date, the steepest of each."""

    def __init__(self) -> None:
        self.dues: list[int] = []
        self.claimed: dict[int, list[tuple[Measure, int]]] = {}

    def look(self, values: dict[Measure, int], due_at: int, *, is_held: bool, is_flood: bool) -> dict:
        """Which rungs get which fate."""
        if is_held:
            return {}
        version = len(self.dues) - (bool(self.dues) and self.dues[-1] == due_at)
        before = self.claimed.get(version, [])
        steep = [rung.key for rung in sorted(RUNGS, key=lambda rung: rung.rank) if rung.measure in DUE]
        up = [key for key in steep if key in {rung.key for rung, _ in reached(values, RUNGS)}]
        fresh = [key for key in up if key not in before]
        if fresh and version == len(self.dues):
            self.dues.append(due_at)
        self.claimed[version] = before + fresh
        if is_flood:
            return {(*key, version): Fate.PASSED for key in fresh}
        worst = max((steep.index(key) for key in before), default=-1)
        return {
            (*key, version): Fate.TOLD if key == fresh[-1] and steep.index(key) > worst else Fate.OVERTAKEN
            for key in fresh
        }


@LAWS
@given(looks)
def test_every_look_claims_what_the_slow_model_says(course):
    office, model = Office(), Model()
    for day, due_at, is_held, is_flood in course:
        values = due_values(day)
        decided = office.look(values, due_at, is_held=is_held, is_flood=is_flood)
        found = {(*claim.rung.key, claim.version): claim.fate for claim in decided.claims}
        assert found == model.look(values, due_at, is_held=is_held, is_flood=is_flood)
        assert len(office.claimed()) == len(set(office.claimed()))


@LAWS
@given(looks)
def test_looking_twice_claims_nothing_new(course):
    office = Office()
    for day, due_at, is_held, is_flood in course:
        office.look(due_values(day), due_at, is_held=is_held, is_flood=is_flood)
        assert office.look(due_values(day), due_at, is_held=is_held) == NOTHING


@LAWS
@given(looks)
def test_at_most_one_rung_of_a_ladder_is_told_by_a_look_and_it_is_the_worst_so_far(course):
    office = Office()
    for day, due_at, is_held, is_flood in course:
        before = list(office.seen)
        decided = office.look(due_values(day), due_at, is_held=is_held, is_flood=is_flood)
        assert len(told(decided)) <= 1
        for claim in decided.claims:
            if claim.fate is Fate.TOLD:
                same = [each.rank for each in before if each.version == claim.version]
                assert claim.rung.rank > max(same, default=-1)
                assert claim.rung.rank == max(each.rung.rank for each in decided.claims)


@LAWS
@given(st.integers(-22, 18), st.sets(st.integers(-22, 18)))
def test_days_without_a_look_lose_no_rung(last, earlier):
    """However many days went by without a look, the last one leaves the rungs claimed that a look on each day does."""
    daily, seldom = Office(), Office()
    for day in range(-22, last + 1):
        daily.look(due_values(day))
        if day in earlier or day == last:
            seldom.look(due_values(day))
    assert sorted(seldom.claimed()) == sorted(daily.claimed())


@LAWS
@given(st.integers(-22, 18), st.integers(0, 40))
def test_what_is_held_by_a_promise_is_claimed_when_it_has_passed(begun, days):
    held, free = Office(), Office()
    for day in range(begun, begun + days):
        assert held.look(due_values(day), is_held=True) == NOTHING
        free.look(due_values(day))
    after = due_values(begun + days)
    free.look(after)
    decided = held.look({**after, Measure.PROMISE_PASSED: 1})
    assert sorted(key for key in held.claimed() if key[0] in DUE) == sorted(free.claimed())
    assert (Measure.PROMISE_PASSED, 0) in told(decided)


def test_a_promise_holds_no_other_ladder():
    decided = Office().look({**due_values(3), Measure.PROMISE_PASSED: 0, Measure.SUSPENDED: 20}, is_held=True)
    assert keys(decided) == {(Measure.PROMISE_PASSED, 0), (Measure.SUSPENDED, 20)}


@LAWS
@given(st.integers(-2, 18), st.integers(-2, 18))
def test_a_moved_date_arms_its_rungs_anew_and_says_so(before, after):
    office = Office()
    office.look(due_values(before), 1)
    decided = office.look(due_values(after), 2)
    assert keys(decided) == {rung.key for rung, _ in reached(due_values(after), RUNGS)}
    assert all(claim.version == 1 and claim.is_moved for claim in decided.claims)
    assert len(told(decided)) == 1


def test_a_date_that_moved_and_came_back_before_anything_was_claimed_of_the_new_one_arms_nothing():
    office = Office()
    office.look(due_values(1), 1)
    office.look(due_values(-20), 2)
    assert office.look(due_values(2), 1) == NOTHING


def test_every_rung_of_a_moved_date_tells_from_which_date_it_moved():
    office = Office()
    for day, due_at in ((1, 10), (-2, 20), (0, 20), (1, 20), (-2, 30)):
        office.look(due_values(day), due_at)
    office.look({Measure.SUSPENDED: 20}, 40)  # judged by another date, and claims no rung of it
    assert [due_before(office.seen, version) for version in (0, 1, 2, 3)] == [None, 10, 20, 30]
    assert due_version(office.seen, 30) == (2, True)
    assert due_version(office.seen, 40) == (3, True)


def test_who_is_told_are_all_whom_any_of_the_new_rungs_tells_each_once():
    (claim,) = [claim for claim in Office().look(due_values(5)).claims if claim.fate is Fate.TOLD]
    assert claim.rung.key == (Measure.DAYS_LATE, 5)
    assert set(claim.who) == {Who.DIVISION, Who.UNIT, Who.HANDLER, Who.DESK}
    assert len(set(claim.who)) == len(claim.who)


def test_what_was_dropped_as_untrue_is_told_when_it_is_true_again_unless_something_worse_is():
    dropped = Claimed(5, Measure.DAYS_LATE, 1, 0, 1, _rank(Measure.DAYS_LATE, 1), is_dropped=True)
    lower = [
        Claimed(number, rung.measure, rung.threshold, 0, 1, rung.rank)
        for number, rung in enumerate(RUNGS)
        if rung.ladder is Ladder.DUE and rung.rank < dropped.rank
    ]
    assert Office([*lower, dropped]).look(due_values(2)) == Decided((), (5,))
    worse = Office([*lower, dropped]).look(due_values(5))
    assert (told(worse), worse.revived) == ([(Measure.DAYS_LATE, 5)], ())
    assert Office([*lower, dropped]).look({}) == NOTHING


@LAWS
@given(st.dictionaries(st.sampled_from(sorted(OF_DOSSIERS)), st.integers(-1, 120)))
def test_ladders_do_not_meddle_with_each_other(values):
    alone = Office().look(values)
    for ladder in Ladder:
        own = {measure: value for measure, value in values.items() if PLACES[measure][0] is ladder}
        assert keys(Office().look(own)) == {
            (claim.rung.measure, claim.rung.threshold)
            for claim in alone.claims
            if claim.rung.ladder is ladder
        }


def _rank(measure: Measure, threshold: int) -> int:
    return next(rung.rank for rung in RUNGS if rung.key == (measure, threshold))
