"""All deadline vectors, answered through the same functions as `dunghen deadline --file`."""

import json
from datetime import datetime
from pathlib import Path

from app.commands.time_cases import Circumstances, answer_case, read_case
from tracker.timekeeping.due_soon import DueSoon
from tracker.types import VN

VECTORS = Path(__file__).parents[1] / "data" / "deadlines.jsonl"
AROUND = Circumstances("B", datetime(2026, 11, 20, 12, tzinfo=VN), DueSoon())


def _vectors():
    return [json.loads(line) for line in VECTORS.read_text("utf-8").splitlines()]


def _ends_after_as_of(case):
    """One vector finishes five days after its as-of; the contract looks at events up to as-of only."""
    return case.get("finished", "")[:10] > case["as_of"]


def test_every_vector_gets_its_due_date():
    wrong = [
        (vector, answer["due_at"])
        for vector in _vectors()
        if (answer := answer_case(read_case(vector["case"], AROUND)))["due_at"] != vector["want"]["due_at"]
    ]
    assert len(_vectors()) == 600
    assert wrong == []


def test_every_vector_that_has_ended_by_its_as_of_gets_its_verdict():
    wrong = []
    for vector in _vectors():
        if not _ends_after_as_of(vector["case"]):
            answer = answer_case(read_case(vector["case"], AROUND))
            got = {key: answer[key] for key in vector["want"]}
            wrong += [(vector, got)] if got != vector["want"] else []
    assert wrong == []


def test_a_vector_that_ends_after_its_as_of_is_open_at_as_of_and_as_wanted_once_it_has_ended():
    later = [vector for vector in _vectors() if _ends_after_as_of(vector["case"])]
    assert len(later) == 1
    for vector in later:
        case = vector["case"]
        assert answer_case(read_case(case, AROUND))["state"] in ("on_track", "due_soon", "overdue")
        answer = answer_case(read_case({**case, "as_of": case["finished"]}, AROUND))
        assert {key: answer[key] for key in vector["want"]} == vector["want"]
