"""The events of a case for process mining: in order, of departments alone, each step with its beginning and end where told."""

from datetime import datetime

import pytest

from tracker.measures.event_log import events_of
from tracker.types import VN, Suspension, SuspensionKind
from tracker.types.event_log import CaseHistory, EndTold, LogEvent, StepTold, Transition

LATER = datetime(2023, 1, 1, tzinfo=VN)
BRANCH = "Chi nhánh Bịa"


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2022, 3, day, hour, tzinfo=VN)


def kind_of(department: str, moment: datetime) -> tuple[str, str]:
    del moment
    return ("branch", "Chi nhánh") if department == BRANCH else ("other", "Bộ phận khác")


def told(*events: LogEvent) -> list[tuple[str, str, str]]:
    return [(event.activity, event.transition.value, event.resource) for event in events]


def events(*, until: datetime = LATER, **given) -> tuple[LogEvent, ...]:
    return events_of(CaseHistory(at(1), "Một cửa Bịa", "Sở Bịa", **given), kind_of, until)


def step(end: datetime, begun: datetime | None = None, status: str = "processing", **given) -> StepTold:
    return StepTold(end, begun, None, BRANCH, status, **given)


def test_reception_comes_first_in_the_hands_of_the_unit_that_received():
    assert told(*events()) == [("Tiếp nhận hồ sơ", "complete", "Một cửa Bịa")]


def test_a_step_is_its_beginning_and_its_end_of_one_instance():
    _, start, end = events(steps=(step(at(4), at(2)),))
    assert told(start, end) == [("Chi nhánh", "start", BRANCH), ("Chi nhánh", "complete", BRANCH)]
    assert (start.at, end.at, start.instance, start.step_kind) == (at(2), at(4), end.instance, "branch")


def test_a_step_without_a_beginning_is_an_end_and_one_that_opens_is_a_beginning():
    found = events(steps=(step(at(4)), step(at(5), at(5))))
    assert [event.transition for event in found[1:]] == [Transition.COMPLETE, Transition.START]


def test_a_beginning_after_the_end_is_not_believed():
    assert [event.transition for event in events(steps=(step(at(4), at(6)),))[1:]] == [Transition.COMPLETE]


def test_what_a_step_did_is_told_where_it_is_more_than_working_on():
    assert (
        events(steps=(step(at(4), status="awaiting_supplement"),))[1].activity == "Chi nhánh: yêu cầu bổ sung"
    )


def test_a_department_that_is_the_name_of_an_officer_is_left_out():
    found = events(steps=(step(at(4), is_officer=True),))[1]
    assert (found.resource, found.activity) == ("", "Bộ phận khác")


def test_a_suspension_is_suspended_and_resumed_and_one_that_stands_only_suspended():
    pauses = (
        Suspension(at(3), at(5), SuspensionKind.SUPPLEMENT),
        Suspension(at(6), None, SuspensionKind.FINANCIAL),
        Suspension(at(7), at(8), SuspensionKind.NONE),
    )
    assert told(*events(suspensions=pauses))[1:] == [
        ("Chờ bổ sung hồ sơ", "suspend", "Sở Bịa"),
        ("Chờ bổ sung hồ sơ", "resume", "Sở Bịa"),
        ("Chờ nghĩa vụ tài chính", "suspend", "Sở Bịa"),
    ]


@pytest.mark.parametrize(
    ("kind", "activity", "transition"),
    [
        ("finished", "Xử lý xong", "complete"),
        ("refused", "Từ chối giải quyết", "complete"),
        ("withdrawn", "Người nộp rút hồ sơ", "ate_abort"),
    ],
)
def test_the_end_is_the_last_event(kind: str, activity: str, transition: str):
    found = events(steps=(step(at(9), at(2)),), ended_at=at(9), end_kind=kind)
    assert told(found[-1]) == [(activity, transition, "Sở Bịa")]


def test_an_end_that_a_reopening_undid_stays_and_one_that_was_corrected_does_not():
    ends = (
        EndTold(at(4), "finished"),
        EndTold(at(5), "finished"),
        EndTold(at(6), "reopened"),
        EndTold(at(9), "finished"),
    )
    found = events(ends=ends, ended_at=at(10), end_kind="finished")
    assert [(event.activity, event.at) for event in found[1:]] == [
        ("Xử lý xong", at(5)),
        ("Mở lại hồ sơ", at(6)),
        ("Xử lý xong", at(10)),
    ]


def test_what_happens_in_one_second_stands_in_the_order_of_work():
    steps = (step(at(5), at(2)), step(at(7), at(5)))
    found = events(steps=steps, suspensions=(Suspension(at(5), at(7)),), ended_at=at(7), end_kind="finished")
    assert [(event.at.day, event.transition.value) for event in found] == [
        (1, "complete"), (2, "start"), (5, "complete"), (5, "start"), (5, "suspend"), (7, "complete"), (7, "resume"),
        (7, "complete"),
    ]  # fmt: skip


def test_what_comes_after_the_moment_of_judging_has_not_happened():
    found = events(until=at(4), steps=(step(at(6), at(3)),), ended_at=at(9), end_kind="finished")
    assert [event.transition.value for event in found] == ["complete", "start"]
