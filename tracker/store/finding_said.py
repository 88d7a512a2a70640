"""What people said of findings: steps that are only added, and the state that follows from the newest."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.locks import Lock, hold
from tracker.store.models import Dossier, Finding, FindingStep, User
from tracker.types.finding_lists import FindingSaid, FindingToSettle, NewFindingStep
from tracker.types.findings import FindingKind, FindingState
from tracker.types.words import ApplicantKind

SLICE = 1_000


def lock_findings(session: Session) -> None:
    """Wait until nobody else says something of findings; to the end of the transaction."""
    hold(session, Lock.NOTES)


def said_of(session: Session, finding_id: int) -> list[FindingSaid]:
    """Everything that was said of a finding, the newest first."""
    s = FindingStep
    query = (
        select(s.seq, s.state, s.reason, s.document, s.by, func.coalesce(User.full_name, ""), s.at)
        .select_from(s)
        .outerjoin(User, User.login == s.by)
        .where(s.finding_id == finding_id)
        .order_by(s.seq.desc())
    )
    return [
        FindingSaid(seq, FindingState(state), reason, document, by, name, at)
        for seq, state, reason, document, by, name, at in session.execute(query)
    ]


def latest_said(session: Session, finding_ids: Sequence[int]) -> dict[int, FindingSaid]:
    """What was said last of each of these findings, of those of which anything was."""
    s = FindingStep
    found = dict[int, FindingSaid]()
    query = select(s.finding_id, s.seq, s.state, s.reason, s.document, s.by, s.at).order_by(
        s.finding_id, s.seq
    )
    for ids in _slices(finding_ids):
        for finding_id, seq, state, reason, document, by, at in session.execute(
            query.where(s.finding_id.in_(ids))
        ):
            found[finding_id] = FindingSaid(seq, FindingState(state), reason, document, by, "", at)
    return found


def to_settle(
    session: Session, finding_ids: Sequence[int], unit_ids: Collection[int] | None
) -> list[FindingToSettle]:
    """Those of them that are of these units (None = all), in the order in which they were named."""
    said = _said(session, finding_ids)
    found = {each[0]: each for each in _picked(session, finding_ids, unit_ids)}
    return [_to_settle(found[number], said[number]) for number in finding_ids if number in found]


def _picked(session: Session, finding_ids: Sequence[int], unit_ids: Collection[int] | None) -> Iterator[Any]:
    query = (
        select(
            Finding.id, func.coalesce(Dossier.code, ""), Finding.kind, Finding.state, Finding.gone_at,
            func.coalesce(Dossier.applicant_name, ""), func.coalesce(Dossier.applicant_kind, ""),
        )
        .select_from(Finding)
        .outerjoin(Dossier, Dossier.id == Finding.dossier_id)
    )  # fmt: skip
    if unit_ids is not None:
        query = query.where(Finding.unit_id.in_(sorted(unit_ids)))
    for ids in _slices(finding_ids):
        yield from session.execute(query.where(Finding.id.in_(ids)))


def _said(session: Session, finding_ids: Sequence[int]) -> Mapping[int, list[tuple[int, FindingState, str]]]:
    """Of each finding its steps in order: number, state, login."""
    s, found = FindingStep, defaultdict[int, list[tuple[int, FindingState, str]]](list)
    query = select(s.finding_id, s.seq, s.state, s.by).order_by(s.finding_id, s.seq)
    for ids in _slices(finding_ids):
        for finding_id, seq, state, by in session.execute(query.where(s.finding_id.in_(ids))):
            found[finding_id].append((seq, FindingState(state), by))
    return found


def _to_settle(found: Any, said: Sequence[tuple[int, FindingState, str]]) -> FindingToSettle:
    finding_id, code, kind, state, gone_at, applicant, applicant_kind = found
    explained = frozenset(by for _, told, by in said if told is FindingState.EXPLAINED)
    seq = said[-1][0] if said else 0
    return FindingToSettle(
        finding_id, code, FindingKind(kind), FindingState(state), seq, gone_at is not None, explained,
        applicant, ApplicantKind(applicant_kind) if applicant_kind else ApplicantKind.UNKNOWN,
    )  # fmt: skip


def add_steps(session: Session, steps: Mapping[int, int], new: NewFindingStep) -> None:
    """Say the same of each finding as the step of this number, and let its state follow. Call `lock_findings` before.

    Raises:
        IntegrityError: there is a step of this number already.
    """
    told = {"reason": new.reason, "document": new.document, "by": new.by, "at": new.at}
    rows = [
        {"finding_id": finding_id, "seq": seq, "state": new.state.value, **told}
        for finding_id, seq in steps.items()
    ]
    session.execute(insert(FindingStep), rows)
    for ids in _slices(list(steps)):
        session.execute(update(Finding).where(Finding.id.in_(ids)).values(state=new.state.value))


def _slices(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[start : start + SLICE] for start in range(0, len(numbers), SLICE))
