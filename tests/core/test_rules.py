"""Rules, regimes and effects as dated data: which row holds for a reception, and tables that cannot be."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.config_data import (
    load_field_days,
    load_policy,
    load_regimes,
    load_rules,
    load_suspension_effects,
)
from tracker.errors import ConfigurationError, UsageError
from tracker.timekeeping.dated import NotInForceError
from tracker.timekeeping.deadlines import due_only, evaluate
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import DueTime
from tracker.types import VN, LimitUnit, Suspension, SuspensionEffect, SuspensionKind

A, B = load_calendar("A"), load_calendar("B")
LATER = datetime(2026, 12, 1, tzinfo=VN)
OTHERS = ("epar", "bkav2", "bkav3", "bkav4", "bkav5", "cmon")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def due(received, limit, policy, *pauses, restarts=(), calendar=B):
    answer = evaluate(
        at(received),
        parse_limit(limit),
        calendar,
        suspensions=[Suspension(at(start), at(end)) for start, end in pauses],
        restarts=[at(moment) for moment in restarts],
        policy=policy,
        as_of=LATER,
    )
    assert answer.steps[-1].due_at == answer.due_at
    return answer.due_at


# ---------------------------------------------------------------- which row holds


def test_the_edition_of_a_rule_is_that_of_the_reception_date():
    before, after = (replace(load_rules()["civil"][0], valid_from=None),) * 2
    before = replace(before, valid_to=date(2026, 8, 10))
    after = replace(after, valid_from=date(2026, 8, 11), due_time=DueTime.KEEP)
    policy = replace(load_policy(), civil=(before, after))
    for first, second in (
        ("2026-08-10T23:59:59", "2026-08-11T00:00"),
        ("2026-08-10T09:00", "2026-08-11T09:00"),
    ):
        assert due(first, "1 ngày làm việc", policy) == at("2026-08-11T17:00")
        assert due(second, "1 ngày làm việc", policy) == at(second).replace(day=12)
    answer = due_only(at("2026-08-11T09:00"), parse_limit("1 ngày làm việc"), B, policy=policy, as_of=LATER)
    assert answer == at("2026-08-12T09:00")


@pytest.mark.parametrize("limit", ["1 ngày làm việc", "4 giờ"])
def test_a_reception_before_the_first_edition_is_refused_in_words(limit):
    late = [
        replace(load_policy().rule_for(parse_limit(limit), date(2026, 1, 5)), valid_from=date(2026, 8, 11))
    ]
    policy = replace(load_policy(), asked=tuple(late))
    with pytest.raises(NotInForceError, match="10/08/2026"):
        due("2026-08-10T09:00", limit, policy)
    with pytest.raises(NotInForceError):
        due("2026-08-10T09:00", limit, policy, ("2026-08-11T09:00", "2026-08-12T09:00"))
    assert due("2026-08-11T09:00", limit, policy)


def test_an_effect_that_is_not_in_force_is_refused_and_a_kind_without_rows_pauses():
    rows = tuple(
        replace(row, valid_from=date(2026, 1, 1), valid_to=None)
        for row in load_suspension_effects()
        if row.kind is SuspensionKind.FINANCIAL
    )
    policy = replace(load_policy(), suspensions=rows)
    assert policy.effect_of(SuspensionKind.POSTING, date(2025, 1, 1)).effect is SuspensionEffect.PAUSE
    with pytest.raises(NotInForceError):
        policy.effect_of(SuspensionKind.FINANCIAL, date(2025, 12, 31))


@pytest.mark.parametrize(
    ("day", "decree", "levels", "verified"),
    [
        (date(2018, 6, 20), "QĐ 09/2015/QĐ-TTg", 3, False),
        (date(2018, 6, 21), "NĐ 61/2018/NĐ-CP", 3, True),
        (date(2025, 6, 30), "NĐ 61/2018/NĐ-CP", 3, True),
        (date(2025, 7, 1), "NĐ 118/2025/NĐ-CP", 2, False),
    ],
)
def test_the_regime_is_that_of_the_reception_date_and_stands_in_the_proof(day, decree, levels, verified):
    regime = load_policy().regime_for(day)
    assert (regime.decree, regime.local_levels, regime.verified) == (decree, levels, verified)
    assert regime.reappointment_counts is False
    received = datetime(day.year, day.month, day.day, 9, tzinfo=VN)
    for limit in ("5 ngày làm việc", "4 giờ", "5 ngày làm việc"):
        steps = evaluate(received, parse_limit(limit), B, policy=load_policy(), as_of=LATER).steps
        assert [step.rule for step in steps[:2]] == ["received", "regime"]
        assert steps[1].at == received
        assert decree in steps[1].text
        assert ("chưa đối chiếu văn bản" in steps[1].text) is not verified


def test_a_field_says_what_its_days_are_for_a_span_of_receptions():
    assert {(row.field, row.day_kind) for row in load_field_days()} == {("Đất đai", LimitUnit.WORKDAY)}
    assert [row.verified for row in load_field_days()] == [True, False]


# ---------------------------------------------------------------- tables that cannot be

RULE = '[[rule]]\nkey = "x"\nfamily = "civil"\nsource = "s"\n'


@pytest.mark.parametrize(
    "text",
    [
        RULE + "cut_off = 1\n",
        RULE + 'due_time = "noon"\n',
        RULE + "rounding_minutes = 10\n",
        RULE + 'half_days = ["11:30"]\n',
        RULE.replace("civil", "half_days"),
        RULE.replace("civil", "half_days") + 'half_days = ["16:00", "11:30"]\ndue_time = "half_day_end"\n',
        RULE + "valid_to = 2026-01-01\n" + RULE + "valid_from = 2026-01-01\n",
        RULE + "valid_to = 2026-01-01\n" + RULE.replace("civil", "hours") + "valid_from = 2026-01-02\n",
    ],
)
def test_a_rule_that_cannot_be_is_a_fault_of_the_table(tmp_path, text):
    path = tmp_path / "rules.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigurationError):
        load_rules(path)


def test_two_regimes_for_one_day_are_a_fault_of_the_table(tmp_path):
    shipped = load_regimes()
    rows = "".join(
        f'[[regime]]\nkey = "{n}"\ndecree = "d"\nforms = ""\nlocal_levels = 2\nland_law = ""\nsource = "s"\n'
        "verified = true\nreappointment_counts = false\n"
        for n in range(2)
    )
    path = tmp_path / "regimes.toml"
    path.write_text(rows, "utf-8")
    with pytest.raises(ConfigurationError):
        load_regimes(path)
    assert len(shipped) == 3


# ---------------------------------------------------------------- other programs' ways of counting


@pytest.mark.parametrize("rule", OTHERS)
@pytest.mark.parametrize("limit", ["5 ngày", "1 tháng", "4 giờ", "30 phút", "0,25 ngày"])
def test_a_comparison_refuses_what_its_program_does_not_count(rule, limit):
    with pytest.raises(UsageError):
        due("2026-08-10T09:00", limit, load_policy(rule))


@pytest.mark.parametrize("rule", OTHERS)
def test_a_comparison_says_that_it_is_one(rule):
    policy = load_policy(rule)
    assert policy.asked[0].comparison
    assert policy.asked[0].name.startswith("Chỉ để so sánh")
    answer = evaluate(at("2026-08-10T09:00"), parse_limit("1 ngày làm việc"), B, policy=policy, as_of=LATER)
    assert answer.flags == ("RULE_COMPARISON",)
    assert "Chỉ để so sánh" in answer.steps[0].text
    zero = evaluate(at("2026-08-15T09:00"), parse_limit("0 ngày làm việc"), B, policy=policy, as_of=LATER)
    assert (zero.due_at, zero.flags) == (at("2026-08-15T09:00"), ("LIMIT_ZERO",))


FROZEN = ("2026-08-11T08:00", "2026-08-13T08:00")


@pytest.mark.parametrize(
    ("rule", "received", "limit", "plain", "paused", "restarted"),
    [
        # one pause over 11/8 and 12/8, and a restart on Thu 13/8 at 16:00
        ("epar", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-14T11:30", "2026-08-18T11:30", "2026-08-19T16:00"),
        ("bkav2", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-13T17:30", "2026-08-17T17:30", "2026-08-19T17:30"),
        ("bkav3", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-14T17:30", "2026-08-18T17:30", "2026-08-20T17:30"),
        ("bkav4", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-13T17:30", "2026-08-17T17:30", "2026-08-18T17:30"),
        ("bkav5", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-14T09:00", "2026-08-18T09:00", "2026-08-19T16:00"),
        ("cmon", "2026-08-10T09:00", "4 ngày làm việc", "2026-08-14T09:00", "2026-08-18T09:00", "2026-08-19T16:00"),
    ],
)  # fmt: skip
def test_a_comparison_takes_pauses_and_restarts_like_any_rule(
    rule, received, limit, plain, paused, restarted
):
    policy = load_policy(rule)
    for calendar in (A, B):
        assert due(received, limit, policy, calendar=calendar) == at(plain)
        assert due(received, limit, policy, FROZEN, calendar=calendar) == at(paused)
        assert due(received, limit, policy, restarts=["2026-08-13T16:00"], calendar=calendar) == at(restarted)


@pytest.mark.parametrize("rule", OTHERS)
@pytest.mark.parametrize(
    "received", ["2026-08-10T06:00", "2026-08-10T12:00", "2026-08-10T17:45", "2026-08-15T23:00"]
)
def test_nothing_is_due_before_it_was_received(rule, received):
    for limit in ("1 ngày làm việc", "5 ngày làm việc"):
        assert due(received, limit, load_policy(rule)) > at(received)


@pytest.mark.parametrize(
    ("received", "why"),
    [
        ("2026-08-10T15:30", "Tiếp nhận sau 15:00: tính như tiếp nhận Thứ Ba 11/08/2026."),
        ("2026-08-15T09:00", "Tiếp nhận vào ngày nghỉ: tính như tiếp nhận Thứ Hai 17/08/2026."),
    ],
)
def test_the_proof_says_why_counting_begins_later(received, why):
    steps = evaluate(
        at(received), parse_limit("2 ngày làm việc"), B, policy=load_policy("bkav2"), as_of=LATER
    ).steps
    assert [step.text for step in steps if step.rule == "moved_start"] == [why]
    assert sum(step.rule == "counted" for step in steps) == 2
    assert [step.at for step in steps] == sorted(step.at for step in steps)


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        ("2026-08-10T09:20", "24 giờ", "2026-08-13T09:30"),
        ("2026-08-10T11:20", "1 giờ", "2026-08-10T14:30"),
        ("2026-08-10T09:30", "2 giờ", "2026-08-10T11:30"),
        ("2026-08-10T09:25", "2 giờ", "2026-08-10T11:30"),
        ("2026-08-10T07:30", "8 giờ", "2026-08-10T17:30"),
    ],
)
def test_rounding_goes_up_to_the_quarter_of_an_hour_within_the_session(received, limit, expected):
    rounded = replace(load_rules()["hours"][0], rounding_minutes=15)
    assert due(received, limit, replace(load_policy(), hours=(rounded,)), calendar=A) == at(expected)
