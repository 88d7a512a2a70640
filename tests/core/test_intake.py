"""Intake: until when a filed dossier may wait by channel, and what became of it."""

from datetime import date, datetime
from pathlib import Path

import pytest

from tracker.calendar_data import load_calendar
from tracker.errors import ConfigurationError
from tracker.intake_data import load_intake_rules
from tracker.pipeline.vanishing import vanished
from tracker.store.intake_queries import Told, Unaccepted
from tracker.timekeeping.intake import (
    IntakeRule,
    IntakeStart,
    judge_intake,
    rule_for,
    surely_in_time,
    vanished_at,
    with_intake_due,
)
from tracker.timekeeping.lateness import classify
from tracker.types import VN, Channel, Facts, IntakeVerdict, Precision, SourceStatus, State

B = load_calendar("B")
RULES = load_intake_rules()
MOMENTS = {
    "filed_at", "post_received_at", "intake_due_at", "received_at", "refused_at", "withdrawn_at", "vanished_at",
}  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def facts(**given) -> Facts:
    told = {"received_at": None, "channel": Channel.ONLINE, **given}
    return Facts(due_at=None, **{k: at(v) if k in MOMENTS and v else v for k, v in told.items()})


def judged(as_of="2026-08-24T09:30", *, rules=RULES, precision=Precision.INSTANT, **given):
    return judge_intake(facts(**given), rules, B, as_of=at(as_of), precision=precision)


# 480 working minutes are a working day of calendar B: they end at the same time of the next one.
@pytest.mark.parametrize(
    ("channel", "post", "started", "due", "flags"),
    [
        (Channel.ONLINE, None, "2026-08-18T09:00", "2026-08-19T09:00", ()),
        (Channel.COUNTER, None, "2026-08-18T09:00", "2026-08-19T09:00", ()),
        (Channel.UNKNOWN, None, "2026-08-18T09:00", "2026-08-19T09:00", ("CHANNEL_UNKNOWN",)),
        (Channel.POSTAL, "2026-08-20T09:00", "2026-08-20T09:00", "2026-08-21T09:00", ()),
        (Channel.POSTAL, None, "2026-08-18T09:00", "2026-08-19T09:00", ("POST_RECEIPT_MISSING",)),
        (Channel.ONLINE, "2026-08-20T09:00", "2026-08-18T09:00", "2026-08-19T09:00", ()),
    ],
)
def test_the_time_begins_with_the_filing_and_for_post_with_the_receipt_of_the_post(
    channel, post, started, due, flags
):
    intake = judged(filed_at="2026-08-18T09:00", channel=channel, post_received_at=post)
    assert (intake.started_at, intake.due_at, intake.flags) == (at(started), at(due), flags)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2026-08-14T20:00", "2026-08-17T17:00"),  # Friday evening: all of Monday
        ("2026-08-15T10:00", "2026-08-17T17:00"),  # Saturday
        ("2026-08-17T00:00", "2026-08-18T17:00"),  # a date without a time: from the end of that date
        ("2026-08-28T09:00", "2026-09-03T09:00"),  # Saturday to 02/09 are off
    ],
)
def test_only_working_time_of_the_office_counts(filed, due):
    assert judged("2026-10-01T00:00", filed_at=filed).due_at == at(due)


def test_a_date_without_a_time_is_flagged():
    assert judged(filed_at="2026-08-17T00:00").flags == ("FILED_DATE_ONLY",)


@pytest.mark.parametrize(
    ("what", "state", "minutes", "given"),
    [
        ("at the last moment", "waiting", 0, {"as_of": "2026-08-19T09:00"}),
        ("a second later", "not_accepted", 0, {"as_of": "2026-08-19T09:00:01"}),
        ("an hour later", "not_accepted", 60, {"as_of": "2026-08-19T10:00"}),
        ("accepted at the last moment", "accepted_in_time", 0, {"received_at": "2026-08-19T09:00"}),
        ("accepted a minute late", "accepted_late", 1, {"received_at": "2026-08-19T09:01"}),
        ("accepted two days late", "accepted_late", 960, {"received_at": "2026-08-21T09:00"}),
        ("entered before it was filed", "accepted_in_time", 0, {"received_at": "2026-08-18T08:00"}),
        ("accepted after as-of", "waiting", 0, {"as_of": "2026-08-18T17:00", "received_at": "2026-08-19T08:00"}),
        ("refused with a reason", "refused", 0, {"refused_at": "2026-08-18T10:00", "refusal_reason": "Thiếu giấy tờ"}),
        ("refused, dashes for a reason", "refused_without_reason", 0, {"refused_at": "2026-08-18T10:00", "refusal_reason": " - "}),
        ("refused without a word", "refused_without_reason", 0, {"refused_at": "2026-08-18T10:00", "refusal_reason": ""}),
        ("no place for reasons", "refused", 0, {"refused_at": "2026-08-18T10:00"}),
        ("refused late", "refused", 60, {"refused_at": "2026-08-19T10:00", "refusal_reason": "Sai mẫu"}),
        ("refused, undated", "refused_without_reason", None, {"status": SourceStatus.REFUSED, "refusal_reason": ""}),
        ("refused later", "waiting", 0, {"as_of": "2026-08-18T09:30", "status": SourceStatus.REFUSED, "refused_at": "2026-08-18T10:00"}),
        ("refused after acceptance", "accepted_in_time", 0, {"received_at": "2026-08-18T10:00", "refused_at": "2026-08-20T10:00"}),
        ("vanished", "vanished", 0, {"vanished_at": "2026-08-18T10:00"}),
        ("vanished when overdue", "vanished", 60, {"vanished_at": "2026-08-19T10:00"}),
        ("vanished later", "not_accepted", 60, {"as_of": "2026-08-19T10:00", "vanished_at": "2026-08-20T10:00"}),
        ("deleted", "vanished", None, {"status": SourceStatus.DELETED}),
        ("vanished, but accepted", "accepted_in_time", 0, {"received_at": "2026-08-18T10:00", "vanished_at": "2026-08-18T09:30"}),
        ("withdrawn in time", "unknown", 0, {"withdrawn_at": "2026-08-18T10:00"}),
        ("withdrawn when overdue", "not_accepted", 60, {"withdrawn_at": "2026-08-19T10:00"}),
        ("status 1 beside a reception", "not_accepted", 60, {"as_of": "2026-08-19T10:00", "status": SourceStatus.FILED, "received_at": "2026-08-18T10:00"}),
    ],
)  # fmt: skip
def test_what_became_of_an_intake(what, state, minutes, given):
    intake = judged(**{"filed_at": "2026-08-18T09:00", "as_of": "2026-08-24T08:40", **given})
    assert (intake.state, intake.late_minutes) == (state, minutes), what


@pytest.mark.parametrize(
    ("received", "given", "state"),
    [
        ("2026-08-18T16:00", {}, "accepted_in_time"),
        ("2026-08-24T08:00", {}, "unknown"),
        ("2026-08-24T08:00", {"post_received_at": "2026-08-18T09:00"}, "accepted_late"),
        ("2026-08-24T08:00", {"intake_due_at": "2026-08-20T17:00"}, "accepted_late"),
        (None, {}, "not_accepted"),
    ],
)
def test_by_post_without_its_receipt_nothing_accepted_is_called_late(received, given, state):
    told = {"filed_at": "2026-08-18T09:00", "channel": Channel.POSTAL, "as_of": "2026-08-25T08:00"}
    given = {**given, "received_at": received} if received else given
    assert judged(**told, **given).state == state


@pytest.mark.parametrize(
    ("given", "state", "flag"),
    [
        ({"received_at": "2026-08-18T10:00", "channel": Channel.COUNTER}, "unknown", "FILED_MISSING"),
        ({"received_at": "2026-08-18T10:00"}, "unknown", "FILED_MISSING"),
        ({}, "waiting", "FILED_MISSING"),
        (
            {"status": SourceStatus.FILED, "received_at": "2026-08-22T10:00"},
            "waiting",
            "FILED_FROM_RECEPTION",
        ),
        (
            {"filed_at": "2017-01-03T10:00", "received_at": "2017-01-03T11:00"},
            "unknown",
            "CALENDAR_OUT_OF_RANGE",
        ),
    ],
)
def test_nobody_is_called_late_by_a_guess(given, state, flag):
    intake = judged("2026-08-24T09:30", **given)
    assert (intake.state, intake.flags) == (state, (flag,))


def test_the_time_that_the_source_gives_goes_before_the_rule():
    intake = judged(
        filed_at="2026-08-18T09:00", intake_due_at="2026-08-20T17:00", received_at="2026-08-20T16:00"
    )
    assert (intake.state, intake.due_at) == (IntakeVerdict.ACCEPTED_IN_TIME, at("2026-08-20T17:00"))
    assert intake.flags == ("INTAKE_DUE_OF_SOURCE",)
    assert judged(intake_due_at="2026-08-20T17:00", received_at="2026-08-21T08:00").state == "accepted_late"


def test_by_date_the_whole_day_is_in_time_and_saturday_is_late_by_no_working_minute():
    given = {"filed_at": "2026-08-18T09:00", "received_at": "2026-08-19T16:00"}
    assert judged(**given).state is IntakeVerdict.ACCEPTED_LATE
    assert judged(**given, precision=Precision.DATE).state is IntakeVerdict.ACCEPTED_IN_TIME
    saturday = judged(filed_at="2026-08-13T17:00", received_at="2026-08-15T09:00")
    assert (saturday.state, saturday.late_minutes, saturday.late_days) == ("accepted_late", 0, 0)


def test_what_is_left_is_told_while_it_waits():
    assert judged("2026-08-19T08:00", filed_at="2026-08-18T09:00").remaining_minutes == 60
    assert judged("2026-08-19T10:00", filed_at="2026-08-18T09:00").remaining_minutes == 0
    assert judged(filed_at="2026-08-18T09:00", received_at="2026-08-18T10:00").remaining_minutes is None


@pytest.mark.parametrize("as_of", ["2026-08-19T09:00", "2026-08-19T09:00:01", "2026-08-18T09:00"])
def test_the_state_of_a_dossier_and_its_intake_never_disagree(as_of):
    told = facts(filed_at="2026-08-18T09:00")
    state = classify(with_intake_due(told, RULES, B), B, as_of=at(as_of)).state
    intake = judge_intake(told, RULES, B, as_of=at(as_of)).state
    assert (state, intake) in [
        (State.FILED, IntakeVerdict.WAITING),
        (State.NOT_ACCEPTED, IntakeVerdict.NOT_ACCEPTED),
    ]


# ---------------------------------------------------------------- the rules as data


def rule(minutes: int | None = 480, channel=Channel.ONLINE, **span) -> IntakeRule:
    return IntakeRule(channel, IntakeStart.FILED, minutes, "thử", True, **span)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2026-08-18T09:00", "2026-08-18T17:00"),
        ("2026-08-18T17:00", "2026-08-18T17:00"),
        ("2026-08-18T17:01", "2026-08-19T17:00"),
        ("2026-08-15T09:00", "2026-08-17T17:00"),
    ],
)
def test_a_rule_may_end_with_the_working_day(filed, due):
    assert judged("2026-08-24T09:30", rules=[rule(None)], filed_at=filed).due_at == at(due)


def test_the_rule_of_the_day_of_filing_counts():
    rules = [rule(480, valid_to=date(2026, 8, 17)), rule(240, valid_from=date(2026, 8, 18))]
    assert rule_for(rules, Channel.ONLINE, date(2026, 8, 17)) is rules[0]
    assert rule_for(rules, Channel.ONLINE, date(2026, 8, 18)) is rules[1]
    assert rule_for(rules, Channel.POSTAL, date(2026, 8, 18)) is None
    assert judged(rules=rules, filed_at="2026-08-18T07:30", channel=Channel.POSTAL).flags == (
        "INTAKE_RULE_MISSING",
    )


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        (RULES, 480 * 60),
        ([rule(480, one) for one in Channel], 480 * 60),
        ([rule(480, one) for one in list(Channel)[1:]], -1),
        ([rule(None if one is Channel.POSTAL else 480, one) for one in Channel], -1),
        ([rule(480, one, valid_from=date(2026, 1, 1)) for one in Channel], -1),
    ],
)
def test_what_is_surely_in_time_is_said_only_where_every_rule_allows_it(rules, seconds):
    assert surely_in_time(rules) == seconds


def test_the_shipped_rules_are_marked_as_not_compared_with_the_law():
    assert {one.channel for one in RULES} == set(Channel)
    assert not any(one.verified for one in RULES)
    assert judged(filed_at="2026-08-18T09:00").is_verified is False


@pytest.mark.parametrize("minutes", ["0", "-480", "true", '"480"'])
def test_a_table_with_a_fault_is_refused(tmp_path: Path, minutes):
    path = tmp_path / "intake.toml"
    path.write_text(
        f'[[rule]]\nchannel = "online"\nstarts = "filed"\nworking_minutes = {minutes}\nsource = "x"\nverified = false\n'
    )
    with pytest.raises(ConfigurationError, match=r"intake\.toml"):
        load_intake_rules(path)


# ---------------------------------------------------------------- what a source stopped telling of

HERE, THERE = (1, 1, "online"), (2, 1, "online")


def told(first=10, last=30, accepted=True, unaccepted=True) -> Told:
    return Told(first, last, accepted, unaccepted)


@pytest.mark.parametrize(
    ("what", "claimed", "batch"),
    [
        ("told on both sides", True, {HERE: told()}),
        ("filed at the first one told", True, {HERE: told(first=20)}),
        ("filed at the last one told", True, {HERE: told(last=20)}),
        ("only later ones told", False, {HERE: told(first=21)}),
        ("only earlier ones told", False, {HERE: told(last=19)}),
        ("another unit", False, {THERE: told()}),
        ("a list of accepted ones", False, {HERE: told(unaccepted=False)}),
        ("a list of waiting ones", False, {HERE: told(accepted=False)}),
        ("accepted ones told elsewhere", True, {HERE: told(accepted=False), THERE: told()}),
        ("nothing told", False, {}),
    ],
)
def test_a_dossier_has_vanished_only_if_the_file_would_have_told_of_it(what, claimed, batch):
    missing = [Unaccepted(7, "A", 20, HERE, False)]
    assert (vanished(missing, batch) == missing) is claimed, what


def test_a_dossier_that_is_seen_again_has_not_vanished():
    first, second, third = at("2026-08-18T07:00"), at("2026-08-19T07:00"), at("2026-08-20T07:00")
    assert vanished_at([(first, "vanished"), (second, "vanished")]) == first
    assert vanished_at([(first, "vanished"), (second, "seen_again")]) is None
    assert vanished_at([(first, "vanished"), (second, "seen_again"), (third, "vanished")]) == third
    assert vanished_at([(first, "reopened")]) is None
