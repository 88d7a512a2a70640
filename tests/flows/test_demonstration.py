"""`dunghen demo`: a province that is whole without a worker, steps and causes of its lateness among the rest."""

import pytest

from tests.flows.office import Office
from tracker.types.findings import FindingKind
from tracker.types.work import WorkState

pytestmark = pytest.mark.either_database("made of loads, letters and counts that are tried on both")


def test_the_small_demonstration_holds_steps_and_their_causes_and_leaves_nothing_to_a_worker(
    office: Office,
) -> None:
    answer = office.run("demo", "--small", "--rows", "300", "--no-serve")
    assert answer.status == 0
    assert "bước xử lý của năm 2022" in answer.err
    ((steps,),) = office.query("SELECT count(*) FROM progress_event")
    assert steps > 3000
    late, overrun = office.query(
        "SELECT sum(late), sum(overrun) FROM cause_month WHERE part = 'total' AND month BETWEEN 202201 AND 202212"
    )[0]
    assert late > 400
    ((divided,),) = office.query(
        "SELECT sum(overrun) FROM cause_month WHERE month BETWEEN 202201 AND 202212"
        " AND (part LIKE 'step:%' OR part IN ('between', 'undivided'))"
    )
    assert divided == overrun
    assert office.query("SELECT count(*) FROM cause_stale") == [(0,)]
    # Every kind of sign can be looked at.
    ((kinds,),) = office.query("SELECT count(DISTINCT kind) FROM finding")
    assert kinds == len(FindingKind)
    waiting = office.query("SELECT kind FROM work_item WHERE state = ?", WorkState.WAITING.value)
    assert [kind for (kind,) in waiting if kind == "ingest"] == []
    # A second start finds it all there.
    assert office.run("demo", "--small", "--rows", "300", "--no-serve").status == 0
    assert office.query("SELECT count(*) FROM progress_event") == [(steps,)]
