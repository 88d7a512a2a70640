"""The auditor's list says of each dossier what the one definition of lateness says, on each basis, on random data."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tests.store.test_rate_twins import (
    CALENDAR,
    CALENDARS,
    FIRST_DAY,
    MODEST,
    PROVINCE,
    Province,
    Told,
    moments,
    told,
)
from tracker.pipeline import LateQuestion, overdue
from tracker.pipeline.case_sampling import draw_cases
from tracker.pipeline.late_cases import case_page, count_cases, late_cases
from tracker.store.models import Unit
from tracker.store.session import Store
from tracker.timekeeping.lateness import classify
from tracker.types import Basis, Lateness
from tracker.types.late_cases import CaseQuestion, CaseState, LateCase, SamplePlan, Stratum


@st.composite
def questions(draw: st.DrawFn) -> CaseQuestion:
    start = FIRST_DAY + timedelta(days=draw(st.integers(0, 40)))
    return CaseQuestion(
        as_of=draw(moments(0, 70)),
        basis=draw(st.sampled_from(Basis)),
        state=draw(st.sampled_from(CaseState)),
        start=draw(st.none() | st.just(start)),
        end=draw(st.none() | st.just(start + timedelta(days=20))),
    )


def listed(store: Store, question: CaseQuestion) -> list[LateCase]:
    return list(late_cases(store, CALENDARS, question))


def verdict(one: Told, basis: Basis, as_of: datetime) -> Lateness:
    return classify(one.facts(basis, as_of), CALENDAR, as_of=as_of)


@MODEST
@given(rows=PROVINCE, question=questions())
def test_the_list_is_the_late_list_of_the_same_question(rows: list[dict[str, str]], question: CaseQuestion):
    same = LateQuestion(
        question.as_of, question.basis, question.state.value, start=question.start, end=question.end
    )
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        cases = listed(province.store, question)
        answer = overdue(province.store, CALENDARS, same)
        counted = count_cases(province.store, CALENDARS, question, cap=1_000)
    assert [(one.code, one.late[question.basis].late_days) for one in cases] == [
        (row.code, row.late_days) for row in answer.rows
    ]
    assert counted.found == answer.count


@MODEST
@given(rows=PROVINCE, question=questions())
def test_days_late_on_each_basis_are_those_of_the_definition(
    rows: list[dict[str, str]], question: CaseQuestion
):
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        cases = listed(province.store, question)
        all_told = {one.row.code: one for one in told(province.store)}
    for case in cases:
        for basis in Basis:
            wanted = verdict(all_told[case.code], basis, question.as_of)
            got = case.late[basis]
            assert (got.is_late, got.late_days, got.state) == (wanted.is_late, wanted.late_days, wanted.state)
            if case.dues[basis] is None:
                assert got.late_days is None


@MODEST
@given(rows=PROVINCE, question=questions(), days=st.tuples(st.integers(0, 9), st.integers(0, 30)))
def test_filters_leave_what_they_say(
    rows: list[dict[str, str]], question: CaseQuestion, days: tuple[int, int]
):
    least, most = min(days), max(days)
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        store = province.store
        every = listed(store, question)
        within = replace(question, days_from=least, days_to=most)
        by_days = listed(store, within)
        counted = count_cases(store, CALENDARS, within, cap=1_000)
        hidden = listed(store, replace(question, is_hidden=True))
        documented = listed(store, replace(question, basis=Basis.DOCUMENTED))
        with store.read() as session:
            unit_id = session.query(Unit.id).order_by(Unit.id).limit(1).scalar()
        assert listed(store, replace(question, unit_ids=frozenset({unit_id, -1}))) == [
            case for case in every if case.unit_id == unit_id
        ]
    assert by_days == [
        c
        for c in every
        if least <= (c.late[question.basis].late_days or 0) <= most
        and c.late[question.basis].late_days is not None
    ]
    assert counted.found == len(by_days)
    assert [c.code for c in hidden] == [
        case.code
        for case in documented
        if not case.late[Basis.SOURCE].is_late
        and case.dues[Basis.SOURCE] is not None
        and "PAUSES_UNKNOWN" not in case.flags
    ]


@MODEST
@given(rows=PROVINCE, question=questions(), size=st.integers(1, 7))
def test_pages_put_together_are_the_list(rows: list[dict[str, str]], question: CaseQuestion, size: int):
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        every = listed(province.store, question)
        pages, after = [], None
        for _ in islice(iter(int, 1), len(every) + 2):
            page = case_page(province.store, CALENDARS, question, after=after, limit=size)
            pages += page.cases
            after = page.after
            if after is None:
                break
    assert after is None
    assert pages == every


@MODEST
@given(rows=PROVINCE, question=questions(), by=st.sampled_from(Stratum), size=st.integers(12, 40))
def test_a_sample_is_of_the_list_and_the_same_each_time(
    rows: list[dict[str, str]], question: CaseQuestion, by: Stratum, size: int
):
    plan = SamplePlan(size, "hạt", by)
    with TemporaryDirectory() as folder, Province(folder, rows) as province:
        every = listed(province.store, question)
        drawn = draw_cases(province.store, CALENDARS, question, plan)
        again = draw_cases(province.store, CALENDARS, question, plan)
    assert drawn == again
    assert drawn.sample.population == len(every)
    assert len({case.code for _, case in drawn.cases}) == min(size, len(every))
    assert all(case in every for _, case in drawn.cases)
    assert {stratum for stratum, _ in drawn.cases} == {share.stratum for share in drawn.sample.shares}
