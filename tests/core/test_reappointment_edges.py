"""Promised new dates: the moment and the day from which a promise counts, and what an unknown regime leaves open."""

from dataclasses import replace
from datetime import datetime

import pytest

from tracker.config_data import load_regimes
from tracker.timekeeping.reappointment import LATE, REPEATED, Reappointment, reappointed
from tracker.types import VN

REGIME = replace(load_regimes()[-1], apology_lead_days=1, max_reappointments=1, reappointment_counts=True)
UNKNOWN = replace(REGIME, apology_lead_days=None, max_reappointments=None)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


DUE = at("2026-08-28T17:00")
LATER = at("2026-12-01T00:00")


def promise(made, due="2026-09-04T17:00"):
    return Reappointment(at(made), at(due))


@pytest.mark.parametrize(
    ("what", "regime", "made", "flags", "counts"),
    [
        ("the day before", REGIME, ["2026-08-27T23:59"], (), True),
        ("on the day", REGIME, ["2026-08-28T00:00"], (LATE,), True),
        ("on the day, lead unknown", UNKNOWN, ["2026-08-28T23:59"], (), True),
        ("a day late, lead unknown", UNKNOWN, ["2026-08-29T00:00"], (LATE,), True),
        ("on the day, no regime", None, ["2026-08-28T23:59"], (), False),
        ("twice", REGIME, ["2026-08-20T08:00", "2026-08-21T08:00"], (REPEATED,), True),
        ("twice, number unknown", UNKNOWN, ["2026-08-20T08:00", "2026-08-21T08:00"], (), True),
        ("twice, no regime", None, ["2026-08-20T08:00", "2026-08-21T08:00"], (), False),
    ],
)
def test_what_speaks_against_a_promise_is_what_the_regime_says(what, regime, made, flags, counts):
    found = reappointed([promise(each) for each in made], DUE, regime, as_of=LATER)
    assert (found.flags, found.counts) == (flags, counts), what
    assert found.standing.made_at == at(made[0] if REPEATED in flags else made[-1]), what


@pytest.mark.parametrize(
    ("as_of", "stands"),
    [("2026-08-20T07:59:59", False), ("2026-08-20T08:00", True)],
)
def test_a_promise_counts_from_the_moment_it_is_made(as_of, stands):
    found = reappointed([promise("2026-08-20T08:00")], DUE, REGIME, as_of=at(as_of))
    assert (found is not None) is stands


def test_of_two_promises_made_at_once_the_later_date_stands():
    both = [promise("2026-08-20T08:00", "2026-09-05T17:00"), promise("2026-08-20T08:00", "2026-09-04T17:00")]
    for told in (both, both[::-1]):
        assert reappointed(told, DUE, None, as_of=LATER).standing.due_at == at("2026-09-05T17:00")


def test_a_regime_that_allows_none_leaves_none():
    regime = replace(REGIME, max_reappointments=0)
    assert reappointed([promise("2026-08-20T08:00")], DUE, regime, as_of=LATER) is None


def test_without_a_due_date_no_promise_is_late():
    assert reappointed([promise("2026-08-29T08:00")], None, REGIME, as_of=LATER).flags == ()
