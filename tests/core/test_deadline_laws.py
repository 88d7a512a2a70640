"""Random dossiers: the product equals a slow oracle that shares no code with it, and obeys the laws of a deadline."""

import os
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.ingest.columns import SourceSuspension
from tracker.timekeeping.calendar_definition import DayOff
from tracker.timekeeping.deadlines import due_only, due_with_pauses, evaluate, plain_due_epoch
from tracker.timekeeping.lateness import classify, is_late_epoch
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Facts, Limit, LimitUnit, Precision, State, Suspension, SuspensionKind

A, B = load_calendar("A"), load_calendar("B")
POLICY = load_policy()
FIRST = datetime(2018, 1, 15)  # noqa: DTZ001 -- the oracle walks naive local time
SPAN = (datetime(2026, 6, 1) - FIRST) // timedelta(minutes=1)  # noqa: DTZ001
UNITS = {
    "workday": LimitUnit.WORKDAY,
    "day": LimitUnit.DAY,
    "month": LimitUnit.MONTH,
    "minute": LimitUnit.MINUTE,
}
MOST = {"workday": 30, "day": 40, "month": 3, "minute": 900}
KINDS = [kind.value for kind in SuspensionKind]
# `make mutants` runs these tests for every mutant, with fewer cases.
ORDINARY_CASES = int(os.environ.get("DUNGHEN_RANDOM_CASES", "10000"))
LONG_CASES = 100_000


def aware(moment):
    return moment.replace(tzinfo=VN)


class Dossier:
    """One random dossier, in the words of the oracle (naive) and of the product (aware)."""

    def __init__(self, rng):
        self.key = rng.choice("AB")
        self.received = FIRST + timedelta(minutes=rng.randrange(SPAN))
        self.unit = rng.choices(list(UNITS), (5, 2, 1, 2))[0]
        self.amount = rng.randint(1, MOST[self.unit])
        scale = 3 * 1440 if self.unit == "minute" else 20 * 1440
        self.suspended = [self._suspension(rng, scale) for _ in range(rng.choice((0, 0, 1, 1, 2, 3)))]
        restarts = rng.choice((0, 0, 0, 1, 2))
        self.restarts = [
            self.received + timedelta(minutes=rng.randrange(-500, scale)) for _ in range(restarts)
        ]
        self.as_of = self.received + timedelta(minutes=rng.randrange(2 * scale))

    def _suspension(self, rng, scale):
        start = self.received + timedelta(minutes=rng.randrange(-scale // 4, scale))
        end = start + timedelta(minutes=rng.choice((0, rng.randrange(600), rng.randrange(scale // 3))))
        return start, None if rng.random() < 0.2 else end, rng.choice(KINDS)

    def of_workdays(self):
        """The same dossier with a limit in working days."""
        self.unit, self.amount = "workday", self.amount % 30 + 1
        return self

    @property
    def calendar(self):
        return load_calendar(self.key)

    @property
    def limit(self):
        return Limit(Fraction(self.amount), UNITS[self.unit], f"{self.amount} {self.unit}")

    @property
    def suspensions(self):
        return [
            Suspension(aware(start), aware(end) if end else None, SuspensionKind(kind))
            for start, end, kind in self.suspended
        ]

    def expected(self):
        return oracle.due(
            self.received, self.unit, self.amount, self.suspended, sorted(self.restarts), self.as_of, self.key
        )

    def circumstances(self):
        return {
            "suspensions": self.suspensions,
            "restarts": [aware(moment) for moment in self.restarts],
            "policy": POLICY,
            "as_of": aware(self.as_of),
        }

    def __repr__(self):
        return repr(vars(self))


def compare_with_oracle(cases, seed):
    rng = random.Random(seed)
    for _ in range(cases):
        dossier = Dossier(rng)
        due = due_only(aware(dossier.received), dossier.limit, dossier.calendar, **dossier.circumstances())
        assert due == aware(dossier.expected()), dossier


def compare_other_rules_with_oracle(cases, seed):
    rng = random.Random(seed)
    rules = ["epar", *oracle.OTHER_RULES]
    for _ in range(cases):
        dossier, rule = Dossier(rng).of_workdays(), rng.choice(rules)
        around = dossier.circumstances() | {"policy": load_policy(rule)}
        received = aware(dossier.received)
        expected = oracle.due(
            *(dossier.received, dossier.unit, dossier.amount, dossier.suspended, sorted(dossier.restarts)),
            *(dossier.as_of, dossier.key, rule),
        )
        answer = evaluate(received, dossier.limit, dossier.calendar, **around)
        assert answer.due_at == aware(expected), (rule, dossier)
        assert due_only(received, dossier.limit, dossier.calendar, **around) == answer.due_at, (rule, dossier)


def compare_verdicts_with_oracle(cases, seed):
    rng = random.Random(seed)
    for _ in range(cases):
        due = FIRST + timedelta(minutes=rng.randrange(SPAN))
        end = due + timedelta(minutes=rng.randrange(-3000, 15000))
        key, precision = rng.choice("AB"), rng.choice(list(Precision))
        late = end.date() > due.date() if precision is Precision.DATE else end > due
        facts = Facts(aware(due - timedelta(days=9)), aware(due), finished_at=aware(end))
        answer = classify(facts, load_calendar(key), as_of=aware(end), precision=precision)
        days = oracle.workdays_between(due.date(), end.date()) if late else 0
        minutes = oracle.minutes_between(due, end, key) if late else 0
        assert (answer.is_late, answer.late_days, answer.late_minutes) == (late, days, minutes), (
            due,
            end,
            key,
        )


def test_ten_thousand_random_due_dates_equal_the_oracle():
    compare_with_oracle(ORDINARY_CASES, seed=20261120)


def test_random_due_dates_by_other_programs_rules_equal_the_oracle():
    compare_other_rules_with_oracle(2_000, seed=20261122)


def test_random_verdicts_equal_the_oracle():
    compare_verdicts_with_oracle(min(500, ORDINARY_CASES), seed=20261121)


@pytest.mark.long
def test_many_more_random_due_dates_and_verdicts_equal_the_oracle():
    compare_with_oracle(LONG_CASES, seed=1)
    compare_other_rules_with_oracle(20_000, seed=3)
    compare_verdicts_with_oracle(5_000, seed=2)


def test_the_fast_answers_equal_the_explained_one():
    rng = random.Random(7)
    for _ in range(min(3_000, ORDINARY_CASES)):
        dossier = Dossier(rng)
        received, limit, calendar = aware(dossier.received), dossier.limit, dossier.calendar
        around = dossier.circumstances()
        explained = evaluate(received, limit, calendar, **around)
        assert due_only(received, limit, calendar, **around) == explained.due_at, dossier
        assert explained.steps[-1].due_at == explained.due_at
        plain = evaluate(received, limit, calendar, policy=POLICY, as_of=aware(dossier.as_of)).due_at
        assert due_only(received, limit, calendar, policy=POLICY, as_of=received) == plain, dossier
        assert plain_due_epoch(int(received.timestamp()), limit, calendar) == int(plain.timestamp()), dossier


def test_due_dates_in_epoch_seconds_equal_those_in_instants():
    rng = random.Random(11)
    for _ in range(min(3_000, ORDINARY_CASES)):
        dossier = Dossier(rng)
        received, limit, calendar = aware(dossier.received), dossier.limit, dossier.calendar
        around = dossier.circumstances() | {"restarts": ()}
        told = [
            SourceSuspension(one.kind, int(one.start.timestamp()), one.end and int(one.end.timestamp()))
            for one in dossier.suspensions
        ]
        due = due_with_pauses(
            int(received.timestamp()), limit, calendar, told,
            policy=POLICY, as_of_epoch=int(around["as_of"].timestamp()),
        )  # fmt: skip
        assert due == int(due_only(received, limit, calendar, **around).timestamp()), dossier


def test_the_proof_counts_as_many_dates_as_the_limit_has():
    rng = random.Random(8)
    for _ in range(min(1_500, ORDINARY_CASES)):
        dossier = Dossier(rng)
        if dossier.unit not in ("workday", "day"):
            continue
        steps = evaluate(
            aware(dossier.received), dossier.limit, dossier.calendar, **dossier.circumstances()
        ).steps
        last = max((n for n, step in enumerate(steps) if step.rule in ("restart", "restarted")), default=0)
        told = sum(step.rule in ("counted", "make_up") for step in steps[last:])
        assert told == dossier.amount, (dossier, steps)


def test_the_array_methods_equal_the_scalar_ones():
    rng = random.Random(9)
    for calendar in (A, B):
        starts = [
            FIRST + timedelta(seconds=rng.randrange(SPAN * 60)) for _ in range(min(2_000, ORDINARY_CASES))
        ]
        ends = [start + timedelta(seconds=rng.randrange(-86400, 20 * 86400)) for start in starts]
        epochs = [np.array([int(aware(m).timestamp()) for m in moments]) for moments in (starts, ends)]
        minutes = [calendar.working_minutes(aware(a), aware(b)) for a, b in zip(starts, ends, strict=True)]
        assert calendar.working_minutes_array(*epochs).tolist() == minutes
        days = [np.array([m.toordinal() for m in moments], dtype=np.int32) for moments in (starts, ends)]
        counts = [calendar.count_workdays(a.date(), b.date()) for a, b in zip(starts, ends, strict=True)]
        assert calendar.count_workdays_array(*days).tolist() == counts
        n = np.array([rng.randrange(40) for _ in starts], dtype=np.int32)
        found = [calendar.add_workdays(a.date(), int(k)).toordinal() for a, k in zip(starts, n, strict=True)]
        assert calendar.add_workdays_array(days[0], n).tolist() == found


moments = st.integers(0, SPAN * 60).map(lambda second: aware(FIRST + timedelta(seconds=second)))
dates = st.integers(0, SPAN // 1440).map(lambda day: FIRST.date() + timedelta(day))
LAWS = settings(max_examples=min(300, ORDINARY_CASES), deadline=None, derandomize=True)


@LAWS
@given(dates, st.integers(1, 300))
def test_count_is_the_inverse_of_add(day, n):
    found = B.add_workdays(day, n)
    assert B.count_workdays(day, found) == n
    assert B.is_working(found)
    assert B.count_workdays(day, found - timedelta(1)) == n - 1


@LAWS
@given(moments, st.integers(1, 5_000))
def test_added_minutes_are_counted_again(start, minutes):
    found = B.add_minutes(start, minutes)
    assert B.working_minutes(start, found) == minutes
    assert B.working_minutes(start, found - timedelta(seconds=1)) == minutes - 1


@LAWS
@given(moments, st.integers(0, 10**6), st.integers(0, 10**6))
def test_working_time_is_additive_in_whole_seconds(start, one, two):
    middle = start + timedelta(seconds=one)
    end = middle + timedelta(seconds=two)
    parts = B.working_minutes(start, middle) + B.working_minutes(middle, end)
    assert 0 <= B.working_minutes(start, end) - parts <= 1


@LAWS
@given(st.randoms(use_true_random=False))
def test_a_further_pause_never_brings_the_due_date_forward(rng):
    dossier = Dossier(rng)
    received, around = aware(dossier.received), dossier.circumstances()
    dossier.suspended.append((*dossier._suspension(rng, 5 * 1440)[:2], "financial"))
    more = around | {"suspensions": dossier.suspensions}
    assert due_only(received, dossier.limit, dossier.calendar, **around) <= due_only(
        received, dossier.limit, dossier.calendar, **more
    )


@LAWS
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_suspensions_are_told_does_not_matter(rng):
    dossier = Dossier(rng)
    received, around = aware(dossier.received), dossier.circumstances()
    shuffled = around | {"suspensions": around["suspensions"][::-1], "restarts": around["restarts"][::-1]}
    assert due_only(received, dossier.limit, B, **around) == due_only(received, dossier.limit, B, **shuffled)


@LAWS
@given(st.randoms(use_true_random=False))
def test_suspensions_that_begin_together_may_be_told_in_any_order(rng):
    dossier = Dossier(rng)
    start = dossier.received + timedelta(minutes=rng.randrange(2 * 1440))
    for _ in range(3):
        end = start + timedelta(minutes=rng.randrange(5 * 1440))
        dossier.suspended.append((start, end, rng.choice(["supplement", "supplement", *KINDS])))
    received, around = aware(dossier.received), dossier.circumstances()
    told = evaluate(received, dossier.limit, dossier.calendar, **around)
    for _ in range(3):
        shuffled = rng.sample(around["suspensions"], len(around["suspensions"]))
        again = evaluate(received, dossier.limit, dossier.calendar, **(around | {"suspensions": shuffled}))
        assert (again.due_at, again.flags) == (told.due_at, told.flags), dossier


@LAWS
@given(st.randoms(use_true_random=False))
def test_computing_anew_gives_the_same_answer(rng):
    dossier = Dossier(rng)
    received, around = aware(dossier.received), dossier.circumstances()
    first = evaluate(received, dossier.limit, dossier.calendar, **around)
    assert evaluate(received, dossier.limit, dossier.calendar, **around) == first


@LAWS
@given(st.randoms(use_true_random=False), st.integers(0, 10 * 1440))
def test_who_comes_later_or_may_take_longer_is_due_no_earlier(rng, minutes):
    dossier = Dossier(rng)
    received, limit, calendar = aware(dossier.received), dossier.limit, dossier.calendar
    later = received + timedelta(minutes=minutes)
    longer = Limit(limit.value + rng.randrange(3), limit.unit, limit.text)
    around = {"policy": POLICY, "as_of": received}
    due = due_only(received, limit, calendar, **around)
    assert received <= due <= due_only(later, limit, calendar, **around)
    assert due <= due_only(received, longer, calendar, **around)


@LAWS
@given(st.randoms(use_true_random=False))
def test_a_pause_told_in_touching_parts_is_one_pause(rng):
    dossier = Dossier(rng)
    start = dossier.received + timedelta(minutes=rng.randrange(3 * 1440))
    end = start + timedelta(minutes=rng.randrange(2, 6 * 1440))
    middle = start + (end - start) / 2
    whole = [Suspension(aware(start), aware(end))]
    parts = [Suspension(aware(start), aware(middle)), Suspension(aware(middle), aware(end))]
    received, limit, calendar = aware(dossier.received), dossier.limit, dossier.calendar
    around = {"policy": POLICY, "as_of": aware(dossier.as_of)}
    one = due_only(received, limit, calendar, suspensions=whole, **around)
    assert one == due_only(received, limit, calendar, suspensions=parts, **around), dossier


@LAWS
@given(st.randoms(use_true_random=False))
def test_a_holiday_that_lies_within_a_pause_changes_nothing(rng):
    dossier = Dossier(rng)
    holiday = dossier.received.date() + timedelta(rng.randint(2, 8))
    if dossier.unit == "month" or not B.is_working(holiday):
        return
    definition = replace(B.definition, off=(*B.definition.off, DayOff(holiday, "lễ", "thử")))
    pause = Suspension(
        aware(dossier.received + timedelta(days=1)), aware(dossier.received + timedelta(days=9))
    )
    around = {"suspensions": [pause], "policy": POLICY, "as_of": aware(dossier.received + timedelta(days=60))}
    received = aware(dossier.received)
    plain = due_only(received, dossier.limit, B, policy=POLICY, as_of=received)
    if plain.date() >= holiday and plain > pause.start:
        moved = due_only(received, dossier.limit, WorkingCalendar(definition), **around)
        assert moved == due_only(received, dossier.limit, B, **around), dossier


@LAWS
@given(moments, st.integers(-(10**6), 10**6))
def test_lateness_by_epoch_is_the_lateness_of_the_verdict(due, seconds):
    end = due + timedelta(seconds=seconds)
    answer = classify(Facts(due, due, finished_at=end), B, as_of=max(due, end))
    assert answer.is_late is is_late_epoch(int(due.timestamp()), int(end.timestamp()))
    assert (answer.state is State.FINISHED_LATE) is answer.is_late


@LAWS
@given(dates)
def test_every_date_of_the_oracles_table_is_worked_alike(day):
    assert B.is_working(day) is oracle.worked(day)


def test_the_two_holiday_tables_are_the_same():
    days = (date.fromordinal(n) for n in range(date(2018, 1, 1).toordinal(), date(2027, 1, 1).toordinal()))
    assert [day for day in days if B.is_working(day) is not oracle.worked(day)] == []
