"""Chances of open dossiers: nothing of later is known, what is learnt is used, a model without anything to say is switched off."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.forecast_world import AS_OF, FIRST, NONE, history, told_afterwards, worked
from tracker.measures.forecast import Learning, Model, TooLittle, from_document, to_document
from tracker.measures.forecast_history import (
    DAY,
    NEVER,
    DuesSeen,
    How,
    Pauses,
    Steps,
    beginning,
    outcome,
    seen_at,
)
from tracker.measures.forecast_landmarks import FEATURES, landmark
from tracker.measures.forecast_trial import NO_LIBRARY, trial, trial_document, trial_of
from tracker.measures.months import opening

CUT = opening(202503)


def learnt(learning: Learning, cut: int) -> Model:
    found = learning.learn(cut)
    assert isinstance(found, Model)
    return found


# ---------------------------------------------------------------- what is known


def test_nothing_that_happened_after_the_cut_moves_a_chance():
    plain = history()
    altered = told_afterwards(plain, CUT)
    assert not np.array_equal(plain.ended, altered.ended)
    one, other = (Learning(each, worked) for each in (plain, altered))
    assert json.dumps(to_document(learnt(one, CUT))) == json.dumps(to_document(learnt(other, CUT)))
    told = [learnt(each, CUT).model(each.landmark(CUT)).tobytes() for each in (one, other)]
    assert told[0] == told[1]


@pytest.mark.parametrize("column", ["ended", "how", "due", "pauses", "steps"])
def test_each_leak_alone_is_refused(column: str):
    """Planted one at a time: what comes later is told only to who asks later."""
    plain = history(4000)
    altered = replace(plain, **{column: getattr(told_afterwards(plain, CUT), column)})
    here, there = seen_at(plain, CUT), seen_at(altered, CUT)
    for name in ("row", "ended", "how", "due", "paused", "was_paused", "step", "step_late"):
        assert np.array_equal(getattr(here, name), getattr(there, name)), name
    later = seen_at(altered, CUT + 200 * DAY)
    assert any(
        not np.array_equal(getattr(later, name), getattr(seen_at(plain, CUT + 200 * DAY), name))
        for name in ("ended", "how", "due", "paused", "was_paused", "step")
    )


def test_a_date_that_was_moved_later_is_not_known_before():
    plain = history(10)
    moved = CUT + 5 * DAY
    row, due = np.array([2, 2]), np.array([plain.due[2], plain.due[2] + 30 * DAY])
    several = replace(plain, due=plain.due + 30 * DAY, dues=DuesSeen(row, np.array([0, moved]), due))
    three = int(np.searchsorted(seen_at(several, AS_OF).row, 2))
    assert seen_at(several, moved).due[three] == due[1]
    assert seen_at(several, moved - 1).due[three] == due[0]


def test_of_a_date_loaded_afterwards_the_first_counts_until_a_suspension_began():
    plain = history(10)
    first, last = plain.due[0], plain.due[0] + 30 * DAY
    begun = int(plain.received[0]) + DAY
    told = replace(
        plain,
        ended=np.full(10, NEVER),
        due=plain.due + 30 * DAY,
        pauses=Pauses(np.array([0]), np.array([begun]), np.array([begun + DAY])),
    )
    assert seen_at(told, begun - 1).due[0] == first
    assert seen_at(told, begun).due[0] == last
    assert [bool(seen_at(told, at).paused[0]) for at in (begun - 1, begun, begun + DAY)] == [
        False,
        True,
        False,
    ]
    assert seen_at(told, begun + DAY).was_paused[0]


def test_the_latest_step_by_the_cut_counts_with_whether_it_was_late():
    plain = replace(history(5), ended=np.full(5, NEVER))
    at = int(plain.received[0])
    steps = Steps(np.array([0, 0]), np.array([at, at + 9]), np.array([1, 4]), np.array([at + 5, NEVER]))
    told = replace(plain, steps=steps)
    for cut, kind, late in ((at, 1, False), (at + 6, 1, True), (at + 9, 4, False)):
        seen = seen_at(told, cut)
        assert (int(seen.step[0]), bool(seen.step_late[0])) == (kind, late)


def test_who_is_late_is_known_the_day_after_the_due_date_and_the_withdrawn_are_left_out():
    plain = history(2000)
    rows = np.flatnonzero(plain.received < AS_OF - 30 * DAY)
    how = plain.how.copy()
    how[rows[0]], how[rows[1]] = How.WITHDRAWN, How.RESULT
    told = outcome(seen_at(replace(plain, how=how), AS_OF), rows)
    assert not told.told[0]
    assert told.told[1:].all()
    is_late = (plain.ended[rows] + 7 * 3600) // DAY > (plain.due[rows] + 7 * 3600) // DAY
    assert np.array_equal(told.late[1:], is_late[1:])
    assert not outcome(seen_at(plain, AS_OF), np.flatnonzero(plain.due > AS_OF + DAY)).told.any()


def test_the_history_begins_where_a_source_began_to_tell():
    month = opening(202403)
    usual = np.concatenate(
        [np.arange(month + n * 30 * DAY, month + n * 30 * DAY + 50 * DAY // 5, 3600) for n in range(8)]
    )
    stray = np.array([FIRST + DAY])
    assert beginning(np.concatenate([stray, usual]), FIRST) == month
    assert beginning(NONE, FIRST) == FIRST
    assert beginning(usual, month + 60 * DAY) >= month + 60 * DAY


def test_features_have_their_columns_and_only_running_dossiers_are_told_a_chance():
    seen = seen_at(history(3000), CUT)
    asked = landmark(seen, worked)
    assert asked.features.shape == (len(asked), len(FEATURES))
    assert np.isfinite(asked.features).all()
    assert ((asked.elapsed >= 0) & (asked.elapsed <= 1)).all()
    assert len(asked) == int(seen.running.sum()) < int(seen.open.sum())


# ---------------------------------------------------------------- what is learnt


def test_dossiers_of_late_units_and_those_near_their_date_have_higher_chances():
    learning = Learning(history(), worked)
    asked = learning.landmark(CUT)
    chance = learnt(learning, CUT).model(asked)
    assert chance[asked.unit <= 5].mean() > 2 * chance[asked.unit > 5].mean()
    assert chance[asked.elapsed > 0.8].mean() > 1.5 * chance[asked.elapsed < 0.2].mean()


def test_a_model_that_is_kept_and_read_back_says_the_same():
    learning = Learning(history(), worked)
    model, asked = learnt(learning, CUT), learning.landmark(CUT)
    back = from_document(json.loads(json.dumps(to_document(model))))
    assert np.abs(back.model(asked) - model.model(asked)).max() < 5e-4
    assert np.array_equal(back.baseline(asked), model.baseline(asked))


def test_the_same_question_has_the_same_answer():
    told = [
        json.dumps(trial_document(trial(Learning(history(), worked), AS_OF, has_library=True))) for _ in "ab"
    ]
    assert told[0] == told[1]


# ---------------------------------------------------------------- whether to believe it


def test_a_model_that_beats_the_baseline_is_on():
    found = trial(Learning(history(), worked), AS_OF, has_library=True)
    assert found.is_on
    assert found.why_off == ""
    assert found.model is not None
    assert found.baseline is not None
    assert found.model < found.baseline < (found.climate or 1)
    assert found.difference is not None
    assert found.difference.high < 0
    assert sum(month.count for month in found.months) == found.count
    assert sum(each.count for each in found.reliability) == found.count
    for each in found.reliability:
        if each.count > 300:
            assert each.foretold / each.count == pytest.approx(each.late / each.count, abs=0.08)


@pytest.mark.parametrize("seed", range(6))
def test_where_there_is_nothing_to_learn_the_model_is_off_and_says_why(seed: int):
    found = trial(Learning(history(has_cause=False, seed=seed), worked), AS_OF, has_library=True)
    assert found.model == pytest.approx(found.baseline, abs=0.01)
    assert not found.is_on
    assert "cách tính đơn giản" in found.why_off


def test_outcomes_that_are_shuffled_take_the_model_off():
    plain = history()
    rng = np.random.default_rng(11)
    # Everybody gets the length of another one's work, and nobody ends before the date.
    length = np.where(plain.ended < NEVER, plain.ended - plain.received, 0)[rng.permutation(len(plain))]
    ended = plain.received + np.maximum(length, 20 * DAY)
    shuffled = replace(
        plain, ended=np.where(ended > AS_OF, NEVER, ended), how=np.where(ended > AS_OF, How.OPEN, How.RESULT)
    )
    assert not trial(Learning(shuffled, worked), AS_OF, has_library=True).is_on


def test_without_the_library_the_baseline_stands_and_says_so():
    learning = Learning(history(), worked, with_curves=False)
    found = trial(learning, AS_OF, has_library=False)
    assert (found.is_on, found.why_off) == (False, NO_LIBRARY)
    assert found.model == found.baseline
    model, asked = learnt(learning, CUT), learning.landmark(CUT)
    assert np.array_equal(model.model(asked), model.baseline(asked))


@pytest.mark.parametrize("size", [0, 1, 40, 400])
def test_too_short_a_history_is_told_with_its_numbers(size: int):
    learning = Learning(history(size), worked)
    found = trial(learning, AS_OF, has_library=True)
    assert not found.is_on
    assert "lịch sử chưa đủ" in found.why_off
    assert isinstance(learning.learn(opening(202402)), TooLittle)


def test_the_trial_is_kept_and_read_back():
    found = trial(Learning(history(), worked), AS_OF, has_library=True)
    assert trial_of(json.loads(json.dumps(trial_document(found)))) == found
