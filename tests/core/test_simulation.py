"""What a year becomes under assumptions: worked by hand, and laws that hold for any year (finishing in time never lowers it)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.criteria_data import load_editions
from tracker.measures.budget import OpenStanding, Tally, if_all_end
from tracker.measures.scoring import Edition, points
from tracker.measures.simulation import (
    Assumptions,
    Cause,
    Caution,
    Finished,
    Horizon,
    Moved,
    Pace,
    Part,
    merged,
    one_more_in_time,
    simulated,
    wilson,
)

RESOLVED, RECEIVED = (
    next(e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", key))
    for key in ("resolved", "received")
)
YEAR = Tally(900, 1_000)
HORIZON = Horizon(20, 40)
OPEN = OpenStanding(overdue=10, keepable=80, due_later=10, suspended=5, no_due=2)
COUNTED = OpenStanding(overdue=8, keepable=67, due_later=10, suspended=5, no_due=2)
PART = Part(open=OPEN, counted=COUNTED, pace=Pace(ended=100, late=10, received=110))
EITHER = st.sampled_from((RESOLVED, RECEIVED))


def tally_of(edition: Edition, part: Part, assumed: Assumptions, year: Tally = YEAR) -> Tally:
    return simulated(edition, year, [part], HORIZON, assumed).tally


# ---------------------------------------------------------------- worked by hand


def test_the_founding_year_with_25_885_fewer_late_ones_gives_1_425():
    found = simulated(
        RESOLVED, Tally(373_115, 420_000), [Part()], Horizon(0, 0), Assumptions(fewer_late=25_885)
    )
    assert found.tally == Tally(399_000, 420_000)
    assert found.points == Fraction(1425, 1000)
    one_less = simulated(
        RESOLVED, Tally(373_115, 420_000), [Part()], Horizon(0, 0), Assumptions(fewer_late=25_884)
    )
    assert one_less.points == 0


def test_no_more_can_have_been_in_time_than_were_late():
    found = simulated(RESOLVED, YEAR, [Part()], HORIZON, Assumptions(fewer_late=5_000))
    assert found.tally == Tally(1_000, 1_000)


def test_what_is_finished_now_is_in_time_or_late_and_of_received_ones_only_those_of_the_year_count():
    part = replace(PART, finished=Finished(in_time=10, late=4, in_time_counted=8, late_counted=3))
    assert tally_of(RESOLVED, part, Assumptions(finishes=True)) == Tally(910, 1_014)
    assert tally_of(RECEIVED, part, Assumptions(finishes=True)) == Tally(908, 1_000)
    assert tally_of(RESOLVED, part, Assumptions()) == YEAR
    assert simulated(RESOLVED, YEAR, [part], HORIZON, Assumptions(finishes=True)).cautions == (
        Caution.LATE_ANYWAY,
    )
    assert simulated(RESOLVED, YEAR, [part], HORIZON, Assumptions()).cautions == ()


def test_the_pace_goes_on_for_the_working_days_that_are_left():
    # 100 in 20 days, 40 days left: 200 more, a tenth of them late.
    found = simulated(RESOLVED, YEAR, [PART], HORIZON, Assumptions(goes_on=True))
    assert found.tally == Tally(900 + 180, 1_000 + 200)
    assert found.moved == (Moved(Cause.PACE, "", 180, 20),)
    assert found.low is not None
    assert found.high is not None
    assert found.low.late > found.tally.late > found.high.late
    assert found.cautions == ()


def test_of_received_ones_receptions_go_on_too_and_those_of_earlier_years_end_first():
    # 220 more are received; of the 200 ends 15 (105 - 90 with a due date) were received earlier: 185, a tenth (half up) late.
    found = simulated(RECEIVED, YEAR, [PART], HORIZON, Assumptions(goes_on=True))
    assert found.tally == Tally(900 + 166, 1_000 + 220)


def test_a_field_that_improves_moves_its_own_dossiers_and_the_others_go_on():
    land = replace(PART, name="Đất đai", target=Fraction(99, 100))
    rest = Part(open=OPEN, counted=COUNTED, pace=Pace(50, 25, 50))
    assumed = Assumptions(goes_on=True, has_targets=True)
    found = simulated(RESOLVED, YEAR, [land, rest], HORIZON, assumed)
    # Of 200 land dossiers the target lets two be late, but ten are already.
    assert found.moved == (Moved(Cause.TARGET, "Đất đai", 190, 10), Moved(Cause.PACE, "", 50, 50))
    assert found.cautions == (Caution.OVERDUE,)
    without = replace(land, open=replace(OPEN, overdue=0, keepable=90))
    found = simulated(RESOLVED, YEAR, [without, rest], HORIZON, assumed)
    assert found.moved[0] == Moved(Cause.TARGET, "Đất đai", 198, 2)
    assert found.cautions == ()


def test_nothing_more_late_leaves_those_that_are_late_already():
    assert tally_of(RESOLVED, PART, Assumptions(goes_on=True, none_late=True)) == Tally(1_090, 1_200)
    assert tally_of(RESOLVED, PART, Assumptions(none_late=True)) == if_all_end(RESOLVED, YEAR, OPEN)
    assert tally_of(RECEIVED, PART, Assumptions(none_late=True)) == if_all_end(RECEIVED, YEAR, COUNTED)


def test_an_overdue_one_finished_now_is_one_of_the_late_ones_that_come():
    part = replace(PART, finished=Finished(late=10, late_counted=8))
    assumed = Assumptions(finishes=True, goes_on=True)
    assert tally_of(RESOLVED, part, assumed) == tally_of(RESOLVED, PART, Assumptions(goes_on=True))


def test_all_that_is_overdue_ends_in_the_year_even_if_the_pace_would_leave_some_open():
    part = replace(PART, open=replace(OPEN, overdue=30, keepable=60))
    found = simulated(RESOLVED, YEAR, [part], HORIZON, Assumptions(goes_on=True))
    assert found.moved == (Moved(Cause.PACE, "", 170, 30),)
    assert found.cautions == (Caution.OVERDUE,)


def test_no_more_can_end_than_there_is():
    few = Part(open=OpenStanding(keepable=10), counted=OpenStanding(keepable=10), pace=Pace(100, 10, 0))
    found = simulated(RESOLVED, YEAR, [few], HORIZON, Assumptions(goes_on=True))
    assert found.tally == Tally(909, 1_010)
    assert Caution.STOCK in found.cautions


@pytest.mark.parametrize(("ended", "caution"), [(0, Caution.NO_PACE), (29, Caution.SMALL)])
def test_a_window_that_says_little_is_said_to(ended: int, caution: Caution):
    part = replace(PART, pace=Pace(ended, 0, 0))
    assert caution in simulated(RESOLVED, YEAR, [part], HORIZON, Assumptions(goes_on=True)).cautions


def test_at_a_threshold_one_dossier_brings_nothing_all_or_its_share():
    assert one_more_in_time(RESOLVED, Tally(373_115, 420_000)) == 0
    assert one_more_in_time(RESOLVED, Tally(398_999, 420_000)) == Fraction(1425, 1000)
    assert one_more_in_time(RESOLVED, Tally(399_000, 420_000)) == Fraction(3, 2) / 420_000
    assert one_more_in_time(RESOLVED, Tally(10, 10)) is None
    assert one_more_in_time(replace(RESOLVED, max_points=None), YEAR) is None


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe (1998), table I: 81/263, 15/148, 0/20, 1/29.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_that_of_wilson(hits: int, of: int, low: float, high: float):
    assert [round(float(bound), 4) for bound in wilson(hits, of)] == [low, high]


# ---------------------------------------------------------------- laws

COUNTS = st.integers(0, 60)
STANDINGS = st.builds(OpenStanding, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS)


@st.composite
def parts(draw: st.DrawFn) -> Part:
    """A part whose counted dossiers and finished ones are some of those that are open."""
    standing = draw(STANDINGS)
    counted = OpenStanding(*(draw(st.integers(0, getattr(standing, n))) for n in OpenStanding.__slots__))
    ended = draw(st.integers(0, 80))
    pace = Pace(ended, draw(st.integers(0, ended)), draw(COUNTS))
    kept_counted = draw(st.integers(0, counted.keepable + counted.due_later))
    kept_before = draw(
        st.integers(0, standing.keepable + standing.due_later - counted.keepable - counted.due_later)
    )
    late_counted = draw(st.integers(0, counted.overdue))
    late_before = draw(st.integers(0, standing.overdue - counted.overdue))
    finished = Finished(kept_counted + kept_before, late_counted + late_before, kept_counted, late_counted)
    return Part(open=standing, counted=counted, pace=pace, finished=finished)


ASSUMED = st.builds(Assumptions, finishes=st.just(True), goes_on=st.booleans(), none_late=st.booleans())
YEARS = st.builds(lambda good, late: Tally(good, good + late), st.integers(0, 400), st.integers(0, 400))
HORIZONS = st.builds(Horizon, st.integers(1, 22), st.integers(0, 250))


def rate(tally: Tally) -> Fraction:
    return Fraction(tally.numerator, tally.denominator) if tally.denominator else Fraction(0)


@given(edition=EITHER, year=YEARS, part=parts(), horizon=HORIZONS, assumed=ASSUMED)
def test_finishing_one_more_in_time_never_lowers_rate_or_points(edition, year, part, horizon, assumed):
    done = part.finished
    spare = part.open.keepable + part.open.due_later - done.in_time
    spare_counted = part.counted.keepable + part.counted.due_later - done.in_time_counted
    if spare_counted > 0:
        more = replace(done, in_time=done.in_time + 1, in_time_counted=done.in_time_counted + 1)
    elif spare > 0:
        more = replace(done, in_time=done.in_time + 1)
    else:
        return
    before = simulated(edition, year, [part], horizon, assumed)
    after = simulated(edition, year, [replace(part, finished=more)], horizon, assumed)
    assert after.tally.late <= before.tally.late
    assert after.tally.numerator >= before.tally.numerator
    if before.tally.denominator:
        assert rate(after.tally) >= rate(before.tally)
        assert (after.points or 0) >= (before.points or 0)


@given(edition=EITHER, year=YEARS, part=parts(), horizon=HORIZONS, assumed=ASSUMED)
def test_overdue_ones_finished_now_change_nothing_of_a_year_thought_to_its_end(
    edition, year, part, horizon, assumed
):
    if not assumed.goes_on:
        assumed = replace(assumed, none_late=True)
    without = replace(part, finished=replace(part.finished, late=0, late_counted=0))
    assert (
        simulated(edition, year, [part], horizon, assumed).tally
        == simulated(edition, year, [without], horizon, assumed).tally
    )


@given(edition=EITHER, year=YEARS, part=parts(), horizon=HORIZONS)
def test_a_target_of_everything_is_nothing_more_late(edition, year, part, horizon):
    aimed = Assumptions(finishes=True, goes_on=True, has_targets=True)
    none_late = Assumptions(finishes=True, goes_on=True, none_late=True)
    assert (
        simulated(edition, year, [replace(part, target=Fraction(1))], horizon, aimed).tally
        == simulated(edition, year, [part], horizon, none_late).tally
    )


@given(edition=EITHER, year=YEARS, part=parts(), horizon=HORIZONS)
def test_nothing_more_late_is_never_worse_than_the_pace(edition, year, part, horizon):
    pace, best = (
        simulated(edition, year, [part], horizon, Assumptions(goes_on=True, none_late=none_late)).tally
        for none_late in (False, True)
    )
    assert pace.denominator == best.denominator
    assert pace.numerator <= best.numerator


@given(year=YEARS, part=parts(), horizon=HORIZONS, better=st.integers(0, 100), worse=st.integers(0, 100))
def test_a_better_target_never_lowers_the_year(year, part, horizon, better, worse):
    better, worse = max(better, worse), min(better, worse)
    assumed = Assumptions(finishes=True, goes_on=True, has_targets=True)
    tallies = [
        simulated(RESOLVED, year, [replace(part, target=Fraction(percent, 100))], horizon, assumed).tally
        for percent in (worse, better)
    ]
    assert tallies[0].numerator <= tallies[1].numerator
    assert rate(tallies[0]) <= rate(tallies[1]) or not tallies[0].denominator


@given(edition=EITHER, year=YEARS, part=parts(), horizon=HORIZONS, assumed=ASSUMED)
def test_the_middle_lies_within_its_interval_and_every_move_adds_up(edition, year, part, horizon, assumed):
    if edition is RECEIVED:  # the open ones stand in its denominator already
        year = Tally(year.numerator, year.denominator + part.counted.total)
    found = simulated(edition, year, [part], horizon, assumed)
    if found.low is not None and found.high is not None:
        assert found.low.numerator <= found.tally.numerator <= found.high.numerator
    assert found.tally.numerator - year.numerator == sum(each.in_time for each in found.moved)
    assert 0 <= found.tally.numerator <= found.tally.denominator
    assert found.points == points(edition, found.tally.numerator, found.tally.denominator)


@given(pieces=st.lists(parts(), min_size=1, max_size=4), year=YEARS, horizon=HORIZONS)
def test_without_targets_it_does_not_matter_how_dossiers_are_parted(pieces, year, horizon):
    assumed = Assumptions(finishes=True, goes_on=True)
    assert (
        simulated(RESOLVED, year, pieces, horizon, assumed).tally
        == simulated(RESOLVED, year, [merged(pieces)], horizon, assumed).tally
    )


@given(of=st.integers(1, 5_000), share=st.fractions(0, 1))
def test_the_interval_holds_what_was_seen_and_stays_within_0_and_1(of: int, share: Fraction):
    hits = int(of * share)
    low, high = wilson(hits, of)
    assert 0 <= low <= Fraction(hits, of) <= high <= 1
