"""Progress events -> suspensions, ends, status: one rule a test, and the same course in any order of arrival."""

import random
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.progress import Step, follow, with_course, without_course
from tracker.types import VN, DossierVersion, SourceStatus, SuspensionKind

RECEIVED = int(datetime(2026, 8, 10, 9, 20, tzinfo=VN).timestamp())
HOUR = 3600
BLANK = DossierVersion._make([None] * len(DossierVersion._fields))
DOSSIER = BLANK._replace(
    received_at=RECEIVED, status="accepted", status_text="2", flags="PAUSES_UNKNOWN", officer_name=""
)


def step(hours: float, status: str, text: str = "", officer: str = "Cán bộ Bịa") -> Step:
    return Step(RECEIVED + int(hours * HOUR), status, status, officer, text)


def told(*steps: Step, dossier: DossierVersion = DOSSIER):
    return with_course(dossier, follow(steps, dossier), ())


def test_a_supplement_asked_for_and_handed_in_is_a_closed_suspension():
    version, pauses = told(step(0, "accepted"), step(5, "awaiting_supplement"), step(9, "processing"))
    assert pauses == (SourceSuspension(SuspensionKind.SUPPLEMENT, RECEIVED + 5 * HOUR, RECEIVED + 9 * HOUR),)
    assert (version.status, version.officer_name) == ("processing", "Cán bộ Bịa")
    assert version.flags == "PAUSES_FROM_EVENTS"


@pytest.mark.parametrize(
    ("status", "kind"),
    [("awaiting_supplement", "supplement"), ("awaiting_fee", "financial"), ("stopped", "pause")],
)
def test_what_waits_still_stands(status, kind):
    version, pauses = told(step(0, "accepted"), step(5, status))
    assert pauses == (SourceSuspension(SuspensionKind(kind), RECEIVED + 5 * HOUR, None),)
    assert version.status == status


def test_one_wait_after_another_is_two_suspensions_that_touch():
    _, pauses = told(step(1, "awaiting_supplement"), step(2, "awaiting_fee"), step(3, "done"))
    assert [(p.kind, p.start, p.end) for p in pauses] == [
        (SuspensionKind.SUPPLEMENT, RECEIVED + HOUR, RECEIVED + 2 * HOUR),
        (SuspensionKind.FINANCIAL, RECEIVED + 2 * HOUR, RECEIVED + 3 * HOUR),
    ]


def test_the_first_done_is_the_finish_and_the_hand_over_is_not():
    version, _ = told(step(8, "returned"), step(5, "done"), step(6, "done"))
    assert (version.finished_at, version.returned_at) == (RECEIVED + 5 * HOUR, RECEIVED + 8 * HOUR)
    assert version.status == "returned"


def test_a_hand_over_alone_ends_with_a_flag():
    version, _ = told(step(8, "returned"))
    assert version.finished_at is None
    assert "END_FROM_RETURN" in version.flags


def test_the_finish_that_the_dossier_itself_dates_goes_before_an_event():
    dossier = DOSSIER._replace(finished_at=RECEIVED + 4 * HOUR, status="done")
    version, _ = told(step(5, "done"), dossier=dossier)
    assert version.finished_at == RECEIVED + 4 * HOUR


def test_work_after_the_end_reopens():
    dossier = DOSSIER._replace(finished_at=RECEIVED + 4 * HOUR, status="done")
    version, _ = told(step(4, "done"), step(6, "processing"), dossier=dossier)
    assert (version.finished_at, version.status) == (None, "processing")
    assert "STATUS_REGRESSION" in version.flags


def test_the_programs_own_done_at_reception_is_no_end():
    version, _ = told(step(0, "accepted"), step(0, "done", "Kết thúc xử lý hồ sơ", "Cán bộ một cửa"))
    assert (version.finished_at, version.status) == (None, "accepted")
    assert "EVENT_SYNTHETIC" in version.flags


def test_a_nine_that_stands_for_a_supplement_suspends():
    version, pauses = told(step(5, "done", "Yêu cầu bổ sung bản vẽ"))
    assert (version.finished_at, version.status) == (None, "awaiting_supplement")
    assert pauses[0].end is None
    assert "STATUS_LOSSY" in version.flags


def test_a_nine_at_the_finish_that_the_dossier_dates_is_believed_whatever_its_text_says():
    dossier = DOSSIER._replace(finished_at=RECEIVED + 5 * HOUR, status="done")
    version, pauses = told(step(5, "done", "Yêu cầu bổ sung đã xong"), dossier=dossier)
    assert (version.finished_at, pauses) == (RECEIVED + 5 * HOUR, ())


@pytest.mark.parametrize("text", ["", "Yêu cầu bổ sung bản vẽ"])
def test_an_event_that_dates_the_end_or_says_what_a_nine_meant_leaves_no_missing_end(text: str):
    dossier = DOSSIER._replace(status="done", flags="END_MISSING PAUSES_UNKNOWN")
    version, _ = told(step(5, "done", text), dossier=dossier)
    assert "END_MISSING" not in version.flags


def test_suspensions_that_the_source_lists_itself_go_before_those_of_events():
    listed = (SourceSuspension(SuspensionKind.VERIFICATION, RECEIVED + HOUR, None),)
    dossier = DOSSIER._replace(flags="")
    steps = (step(5, "awaiting_supplement"), step(6, "processing"))
    _, pauses = with_course(dossier, follow(steps, dossier), listed)
    assert pauses == listed


def test_placeholders_are_no_officers():
    version, _ = told(step(1, "processing", officer="Chuyên viên"))
    assert version.officer_name == ""


def test_an_older_event_does_not_take_back_the_state_of_a_dossier_that_ended():
    dossier = DOSSIER._replace(finished_at=RECEIVED + 9 * HOUR, status="done", status_text="9")
    version, _ = told(step(5, "processing"), dossier=dossier)
    assert (version.status, version.finished_at) == ("done", RECEIVED + 9 * HOUR)


steps = st.lists(
    st.builds(
        step,
        st.integers(0, 40),
        st.sampled_from([status.value for status in SourceStatus]),
        st.sampled_from(["", "Yêu cầu bổ sung", "Từ chối giải quyết"]),
        st.sampled_from(["Cán bộ một cửa", "Cán bộ Bịa"]),
    ),
    max_size=8,
)


@given(steps, st.randoms())
def test_the_order_of_arrival_does_not_show(events: list[Step], shuffle: random.Random):
    other = list(events)
    shuffle.shuffle(other)
    assert follow(events, DOSSIER) == follow(other, DOSSIER)


@given(steps)
def test_suspensions_do_not_overlap_and_only_the_last_may_stand(events: list[Step]):
    pauses = follow(events, DOSSIER).pauses
    for earlier, later in pairwise(pauses):
        assert earlier.end is not None
        assert earlier.start <= earlier.end <= later.start


@given(steps, st.integers(0, 8))
def test_events_taken_in_two_goes_end_as_in_one(events: list[Step], cut: int):
    first, rest = events[:cut], events[cut:]
    version, pauses = with_course(DOSSIER, follow(first, DOSSIER), ())
    before = without_course(version, follow(first, version))
    two, pauses = with_course(before, follow([*first, *rest], before), pauses)
    one, _ = with_course(DOSSIER, follow(events, DOSSIER), ())
    ends = ("finished_at", "returned_at", "withdrawn_at", "refused_at")
    assert [getattr(two, name) for name in ends] == [getattr(one, name) for name in ends]
