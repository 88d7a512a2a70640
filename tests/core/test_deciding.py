"""Two persons: who asked, or had a hand in a draft, does not decide."""

import pytest

from letters.approval import LetterAct, approval_fault, authors
from tracker.types.deciding import may_decide


@pytest.mark.parametrize(
    ("proposer", "decider", "may"),
    [
        ("lan.an", "binh", True),
        ("lan.an", "lan.an", False),
        ("lan.an", "Lan.An", False),  # the same name, typed otherwise
        ("lan.an", " lan.an ", False),
        ("lan.an", "", False),
        ("lan.an", "  ", False),
        ("lan.an", "lan.an2", True),
        ("operator", "operator", False),
        ("operator", "lan.an", True),
        ("lan.an", "operator", True),
    ],
)
def test_who_asks_does_not_decide(proposer: str, decider: str, may: bool):
    assert may_decide(proposer, decider) is may


def acts(*told: str) -> list[LetterAct]:
    """`step:actor` in order."""
    return [LetterAct(*each.split(":")) for each in told]


@pytest.mark.parametrize(
    ("state", "steps", "approver", "word"),
    [
        ("drafted", ["drafted:operator"], "head", None),
        ("drafted", ["drafted:desk"], "head", None),
        ("drafted", ["drafted:head"], "head", "Người soạn"),
        ("drafted", ["drafted:head"], "HEAD", "Người soạn"),
        ("drafted", ["drafted:operator", "corrected:head"], "head", "Người soạn"),
        ("drafted", ["drafted:head", "corrected:desk"], "head", "Người soạn"),
        ("drafted", ["drafted:desk", "calendar_changed:head"], "head", None),  # wrote nothing
        ("drafted", ["calendar_changed:desk"], "head", "Chưa rõ ai soạn"),
        ("drafted", [], "head", "Chưa rõ ai soạn"),
        ("drafted", ["drafted:desk"], "", "Người soạn"),
        ("approved", ["drafted:desk"], "head", "bước đã soạn"),
        ("void", ["drafted:desk"], "head", "bước đã soạn"),
    ],
)
def test_a_letter_is_approved_by_nobody_who_had_a_hand_in_it(state, steps, approver, word):
    fault = approval_fault(state, acts(*steps), approver)
    assert (fault is None) if word is None else (fault is not None and word in fault)


def test_the_authors_are_all_who_wrote():
    assert authors(acts("drafted:a", "corrected:b", "calendar_changed:c", "approved:d")) == {"a", "b"}
