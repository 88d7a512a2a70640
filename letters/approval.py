"""Who may approve a letter: somebody who had no hand in writing it. Pure; the register's steps arrive as values."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.types.deciding import may_decide

# Steps by which a person wrote or changed what the letter says; whoever took one is an author of it.
WRITING = frozenset({"drafted", "corrected", "rewritten"})
BEFORE_APPROVAL = "drafted"


@dataclass(frozen=True, slots=True)
class LetterAct:
    """One step of a letter in the register and who took it (a login name, or `operator`)."""

    step: str
    actor: str


def authors(acts: Iterable[LetterAct]) -> frozenset[str]:
    """Everybody who had a hand in what the letter says."""
    return frozenset(act.actor for act in acts if act.step in WRITING)


def approval_fault(state: str, acts: Iterable[LetterAct], approver: str) -> str | None:
    """Why this person may not approve the letter, in the user's words; None if he may.

    Drafter is not approver, nor is anybody who corrected the draft. A letter of which nobody knows who wrote it is
    approved by nobody.
    """
    if state != BEFORE_APPROVAL:
        return "Chỉ duyệt được thư đang ở bước đã soạn."
    wrote = authors(acts)
    if not wrote:
        return "Chưa rõ ai soạn thư này nên không ai duyệt được."
    if not all(may_decide(author, approver) for author in wrote):
        return "Người soạn không được tự duyệt: cần người thứ hai."
    return None
