"""A proof answers from its own inputs alone: made on the whole calendar, computed again from the file, byte for byte."""

import json
import random
from dataclasses import fields, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from test_deadline_laws import Dossier, aware

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy, load_rules
from tracker.errors import CalendarError, WorkFailed
from tracker.timekeeping.calendar_definition import CalendarDefinition, ChangedDay
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.proof_document import canonical
from tracker.timekeeping.proof_file import Proof, hash_of, make_proof, recompute, verify
from tracker.timekeeping.proof_inputs import ProofInputs, in_order, inputs_document
from tracker.timekeeping.rules import DeadlinePolicy, Rule, SuspensionRule
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, Limit, LimitUnit, NoLimit, Suspension, SuspensionKind

CASES = 600
TEN_DAYS = Limit(Fraction(10), LimitUnit.WORKDAY, "10 ngày làm việc")


def inputs_of(dossier: Dossier, policy: DeadlinePolicy) -> ProofInputs:
    return ProofInputs(
        code="H15.03-220301-0001",
        received=aware(dossier.received),
        limit=dossier.limit,
        calendar=dossier.calendar,
        policy=policy,
        as_of=aware(dossier.as_of),
        suspensions=tuple(dossier.suspensions),
        restarts=tuple(aware(moment) for moment in dossier.restarts),
        channel=Channel.COUNTER,
    )


def told(inputs: ProofInputs):
    """The answer on the whole shipped calendar, without any document between."""
    return evaluate(
        inputs.received,
        inputs.limit,
        inputs.calendar,
        suspensions=in_order(inputs.suspensions),
        restarts=inputs.restarts,
        policy=inputs.policy,
        as_of=inputs.as_of,
    )


def at(day: int, hour: int = 9, month: int = 5, year: int = 2022) -> datetime:
    return datetime(year, month, day, hour, tzinfo=VN)


USUAL = ProofInputs(
    code="H15.03-220524-0001",
    received=at(24),
    limit=TEN_DAYS,
    calendar=load_calendar("B"),
    policy=load_policy(),
    as_of=at(30, month=6),
    suspensions=(
        Suspension(at(26), at(30), SuspensionKind.SUPPLEMENT),
        Suspension(at(1, month=6), at(3, month=6), SuspensionKind.FINANCIAL),
    ),
    restarts=(at(31),),
    channel=Channel.COUNTER,
)


# ---------------------------------------------------------------- the same answer


def test_a_proof_computed_from_its_file_is_the_one_made_on_the_whole_calendar():
    rng, policy = random.Random(20261122), load_policy()
    for _ in range(CASES):
        dossier = Dossier(rng)
        inputs = inputs_of(dossier, policy)
        proof = make_proof(inputs)
        assert proof.deadline == told(inputs), dossier
        assert recompute(proof.body) == proof.deadline
        assert verify(proof.body).is_equal


@pytest.mark.parametrize("key", sorted(load_rules()))
def test_every_rule_with_all_its_parameters_goes_through_the_file(key: str):
    unit = LimitUnit.WORKDAY
    for amount in (1, 3, 10, 40):
        limit = Limit(Fraction(amount), unit, f"{amount} ngày làm việc")
        inputs = replace(USUAL, limit=limit, policy=load_policy(key))
        proof = make_proof(inputs)
        assert proof.deadline == told(inputs)
        assert proof.deadline.rule == key
        assert verify(proof.body).is_equal


@pytest.mark.parametrize(
    "limit", [NoLimit("LIMIT_NOT_SET", "Không quy định"), Limit(Fraction(0), LimitUnit.WORKDAY, "0 ngày")]
)
def test_a_limit_that_is_none_or_zero_has_a_proof_too(limit):
    proof = make_proof(replace(USUAL, limit=limit))
    assert proof.deadline == told(replace(USUAL, limit=limit))
    assert verify(proof.body).is_equal


def test_half_days_of_the_office_go_through_the_file():
    half = ChangedDay(date(2022, 5, 27), ((420, 690),), "nghỉ chiều", "TB 1/TB-UBND", provisional=True)
    definition = replace(USUAL.calendar.definition, version="x+1", changed=(half,))
    inputs = replace(
        USUAL,
        calendar=WorkingCalendar(definition),
        limit=Limit(Fraction(32), LimitUnit.HOUR, "32 giờ"),
        suspensions=(),
        restarts=(),
    )
    proof = make_proof(inputs)
    assert proof.deadline == told(inputs)
    assert proof.deadline.due_at != make_proof(replace(inputs, calendar=USUAL.calendar)).deadline.due_at
    assert "CALENDAR_PROVISIONAL" in proof.deadline.flags
    assert verify(proof.body).is_equal


def test_a_provisional_day_anywhere_in_the_year_of_the_due_date_is_kept():
    inputs = replace(USUAL, received=at(4, month=3, year=2027), as_of=at(5, month=3, year=2027))
    assert "CALENDAR_PROVISIONAL" in make_proof(inputs).deadline.flags


def test_a_dossier_outside_the_loaded_years_has_no_proof():
    with pytest.raises(CalendarError):
        make_proof(replace(USUAL, received=at(4, month=3, year=2031), as_of=at(5, month=3, year=2031)))


# ---------------------------------------------------------------- the hash


def test_the_order_in_which_suspensions_and_restarts_are_told_changes_nothing():
    more = replace(USUAL, restarts=(at(31), at(1, month=6)))
    turned = replace(more, suspensions=more.suspensions[::-1], restarts=more.restarts[::-1])
    assert make_proof(more).body == make_proof(turned).body


def test_fractions_of_a_second_are_no_input():
    later = replace(USUAL, as_of=USUAL.as_of + timedelta(microseconds=5))
    assert make_proof(later).body == make_proof(USUAL).body


def _rule(**changed) -> DeadlinePolicy:
    return replace(USUAL.policy, asked=(replace(USUAL.policy.civil[0], **changed),))


def _calendar(**changed) -> WorkingCalendar:
    return WorkingCalendar(replace(USUAL.calendar.definition, **changed))


_OFF = USUAL.calendar.definition.off
OTHERS = {
    "code": replace(USUAL, code="H15.03-220524-0002"),
    "received": replace(USUAL, received=USUAL.received + timedelta(seconds=1)),
    "as-of": replace(USUAL, as_of=USUAL.as_of + timedelta(seconds=1)),
    "channel": replace(USUAL, channel=None),
    "limit's amount": replace(USUAL, limit=replace(TEN_DAYS, value=Fraction(11))),
    "limit's unit": replace(USUAL, limit=replace(TEN_DAYS, unit=LimitUnit.DAY)),
    "limit's text": replace(USUAL, limit=replace(TEN_DAYS, text="10 ngay lam viec")),
    "kind of a suspension": replace(
        USUAL, suspensions=(replace(USUAL.suspensions[0], kind=SuspensionKind.PAUSE),)
    ),
    "end of a suspension": replace(USUAL, suspensions=(replace(USUAL.suspensions[0], end=None),)),
    "a suspension": replace(USUAL, suspensions=()),
    "a restart": replace(USUAL, restarts=()),
    "rule's cut-off": replace(USUAL, policy=_rule(cutoff=900)),
    "rule's source": replace(USUAL, policy=_rule(source="x")),
    "days for a supplement": replace(USUAL, policy=replace(USUAL.policy, supplement_days=4)),
    "number of supplements": replace(USUAL, policy=replace(USUAL.policy, max_supplements=2)),
    "effects": replace(USUAL, policy=replace(USUAL.policy, suspensions=())),
    "regime": replace(USUAL, policy=replace(USUAL.policy, regimes=())),
    "calendar's key": replace(USUAL, calendar=_calendar(key="C")),
    "calendar's version": replace(USUAL, calendar=_calendar(version="x")),
    "sessions": replace(USUAL, calendar=load_calendar("A")),
    "standard day": replace(USUAL, calendar=_calendar(day_minutes=450)),
    "loaded years": replace(USUAL, calendar=_calendar(last=date(2027, 12, 30))),
    "a day off in the window": replace(
        USUAL, calendar=_calendar(off=tuple(day for day in _OFF if day.day != date(2022, 9, 1)))
    ),
    "its notice": replace(
        USUAL,
        calendar=_calendar(
            off=tuple(replace(day, notice="x") if day.day.year == 2022 else day for day in _OFF)
        ),
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_any_other_input_gives_another_hash(what: str):
    assert make_proof(OTHERS[what]).input_hash != make_proof(USUAL).input_hash


def test_the_hash_stands_over_the_canonical_bytes_of_the_inputs_alone():
    proof = make_proof(USUAL)
    document = json.loads(proof.body)
    assert proof.input_hash == document["input_hash"] == hash_of(document["inputs"])
    assert proof.check_code == proof.input_hash[:16]
    assert canonical(document) == proof.body


def test_every_parameter_of_rule_effect_and_calendar_stands_in_the_document():
    document = inputs_document(USUAL, None)
    assert set(document["rule"]) == {field.name for field in fields(Rule)}
    assert set(document["suspension_effects"][0]) == {field.name for field in fields(SuspensionRule)}
    others = {"off", "make_up", "changed"}  # told together, in order, as `days`
    others |= {"name"}  # what people call it moves no date
    assert {field.name for field in fields(CalendarDefinition)} - others <= {
        *document["calendar"],
        *document["calendar"]["window"],
    }
    # `asked`, `civil` and `hours` become the one rule that applies.
    assert {field.name for field in fields(DeadlinePolicy)} == {
        *("asked", "civil", "hours", "suspensions", "supplement_days", "max_supplements", "regimes"),
    }


def test_no_person_stands_in_a_proof():
    assert {field.name for field in fields(ProofInputs)} == {
        *("code", "received", "limit", "calendar", "policy", "as_of", "suspensions", "restarts", "channel"),
    }


# ---------------------------------------------------------------- the check


def document() -> dict:
    return json.loads(make_proof(USUAL).body)


def written(changed: dict) -> bytes:
    return canonical(changed)


def test_a_line_end_after_the_document_is_not_looked_at():
    body = make_proof(USUAL).body
    assert verify(body + b"\n").is_equal
    assert verify(body + b"\r\n").is_equal


def test_a_changed_answer_is_named_with_what_it_should_be():
    changed = document()
    changed["answer"]["due_at"] = "2022-06-30T17:00:00+07:00"
    (found,) = verify(written(changed)).differences
    assert (found.place, found.stated) == ("answer.due_at", "2022-06-30T17:00:00+07:00")
    assert found.recomputed == make_proof(USUAL).deadline.due_at.isoformat()


def test_a_changed_step_is_named_by_its_number():
    changed = document()
    changed["steps"][3]["text"] = "khác"
    assert [each.place for each in verify(written(changed)).differences] == ["steps[3].text"]


def test_a_step_left_out_is_noticed():
    changed = document()
    del changed["steps"][3]
    assert [each.place for each in verify(written(changed)).differences] == ["steps"]


def test_a_changed_input_gives_another_hash_and_another_answer():
    changed = document()
    changed["inputs"]["limit"]["value"] = "12"
    places = {each.place for each in verify(written(changed)).differences}
    assert {"input_hash", "answer.due_at"} <= places


def test_the_same_content_written_otherwise_is_not_the_same_bytes():
    assert [each.place for each in verify(json.dumps(document(), indent=1).encode()).differences] == ["bytes"]


def test_a_computation_that_leaves_the_years_of_the_file_is_refused():
    changed = document()
    changed["inputs"]["limit"]["value"] = "400"
    body = written(changed)
    with pytest.raises(CalendarError):
        recompute(body)
    (found,) = verify(body).differences
    assert found.place == "answer"
    assert "nằm ngoài lịch" in found.recomputed


def spoilt(*path, value=None, drop=False) -> bytes:
    changed = document()
    place = changed
    for key in path[:-1]:
        place = place[key]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return canonical(changed) if not isinstance(value, float) else json.dumps(changed).encode()


UNREADABLE = {
    "nothing": b"",
    "no JSON": b"{",
    "no object": b"[]",
    "no UTF-8": b'{"a":"\xff"}',
    "half a surrogate pair": b'{"a":"\\ud800"}',
    "a key twice": b'{"a":1,"a":1}',
    "another kind": spoilt("kind", value="khác"),
    "no inputs": spoilt("inputs", drop=True),
    "a later format": spoilt("inputs", "format", value=2),
    "an input that nobody reads": spoilt("inputs", "x", value=1),
    "a parameter that nobody reads": spoilt("inputs", "rule", "x", value=1),
    "a missing input": spoilt("inputs", "restarts", drop=True),
    "a fraction as a float": spoilt("inputs", "limit", "value", value=1.5),
    "a limit of a billion digits": spoilt("inputs", "limit", "value", value="1e999999999"),
    "a truth for a number": spoilt("inputs", "supplement_days", value=True),
    "no instant": spoilt("inputs", "received", value="24/05/2022"),
    "an instant without a zone": spoilt("inputs", "received", value="2022-05-24T09:30:00"),
    "no list": spoilt("inputs", "suspensions", value={}),
    "an unknown kind of day": spoilt("inputs", "calendar", "days", 0, "kind", value="x"),
    "a day outside the window": spoilt("inputs", "calendar", "days", 0, "date", value="2018-01-01"),
    "a calendar of millennia": spoilt("inputs", "calendar", "window", "last", value="9999-12-31"),
    "sessions that overlap": spoilt("inputs", "calendar", "weekdays", "0", value="07:00-11:30 11:00-17:00"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_is_not_ours_is_refused_and_never_guessed(what: str):
    with pytest.raises(WorkFailed, match="không đọc được"):
        verify(UNREADABLE[what])


def test_nested_too_deep_is_refused():
    with pytest.raises(WorkFailed):
        verify(b'{"a":' * 100_000)


def test_the_proof_of_a_long_limit_is_bounded_by_its_years():
    long = replace(USUAL, limit=replace(TEN_DAYS, value=Fraction(1_000)))
    proof: Proof = make_proof(long)
    assert len(proof.deadline.steps) > 1_000
    assert verify(proof.body).is_equal
