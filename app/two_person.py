"""Changes by two persons: one asks, another decides; applied once, in one transaction with the decision and its log.

Whatever the kind (`app/two_person_kinds.py`): a change is applied only if what stood when it was asked for still
stands, and only by a person who may decide by role now, not when the page was opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.access import Role
from app.accounts import require_role
from app.two_person_kinds import KIND_OF, TWO_PERSON_KINDS, Payload, write
from app.two_person_types import Decision, ToldLine, TwoPersonKind
from tracker.errors import UsageError
from tracker.store import audit
from tracker.store import two_person as kept
from tracker.store.audit import Act
from tracker.store.bound import ASKING, DIGEST
from tracker.store.locks import Lock, hold
from tracker.store.session import Session, Store
from tracker.store.two_person import TwoPersonAsked, TwoPersonRow
from tracker.types.calendars import ChangeState
from tracker.types.deciding import may_decide

LISTED = 200
SHORTEST_REASON = 10
# What of a payload is no personal data.
LOGGED = ("role", "unit_id")
NAMELESS = ("user:", "edition:")  # subjects in which nobody's name stands


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: an account, or the operator of the machine on the command line."""

    login: str
    is_operator: bool = False


OPERATOR = Person("operator", is_operator=True)


@dataclass(frozen=True, slots=True)
class Approved:
    """An applied change; `told_once` is for the approver's eyes (a first password) and stands nowhere else."""

    change: TwoPersonRow
    told_once: str


def propose(store: Store, payload: Payload, *, person: Person, reason: str, now: datetime) -> TwoPersonRow:
    """Record what is asked for, beside what stands now.

    Raises:
        UsageError: it cannot be, changes nothing, has no reason, or something is asked of the same subject already.
    """
    kind = KIND_OF[type(payload)]
    if len(reason.strip()) < SHORTEST_REASON:
        raise UsageError(f"hãy ghi lý do, ít nhất {SHORTEST_REASON} ký tự")
    with store.transaction() as session:
        hold(session, Lock.ACCOUNTS)
        _check_role(session, kind, person)
        before, subject = kind.before(session, payload), kind.subject(payload)
        if (waiting := kept.find_proposed(session, subject)) is not None:
            raise UsageError(f"đề nghị số {waiting} về cùng {kind.about} đang chờ quyết định")
        asked = TwoPersonAsked(kind.name, subject, write(payload), before, reason.strip(), person.login)
        change_id = kept.add_change(session, asked, now)
        row = _found(session, change_id)
        _log(session, "propose", row, person, now)
    return row


def approve(store: Store, change_id: int, *, person: Person, now: datetime) -> Approved:
    """Apply what was asked for, once.

    Raises:
        UsageError: the proposer, somebody without the role, decided before, or what stood then stands no more.
    """
    with store.transaction() as session:
        row, kind = _to_decide(session, change_id, person)
        payload = kind.read(row.asked.payload)
        if kind.before(session, payload) != row.asked.before:
            raise UsageError(
                f"{kind.about} đã thay đổi từ khi có đề nghị nên chưa áp dụng gì; hãy từ chối và đề nghị lại"
            )
        decision = Decision(row.asked.proposed_by, person.login, row.asked.reason, now)
        done = kind.apply(session, payload, decision)
        row = _decided(session, row, ChangeState.APPLIED, person, now)
        _log(session, "approve", row, person, now, of=done.of)
    return Approved(row, done.told_once)


def reject(store: Store, change_id: int, *, person: Person, now: datetime, note: str) -> TwoPersonRow:
    """Turn it down; not by its proposer, who may withdraw it."""
    if not note.strip():
        raise UsageError("hãy ghi lý do từ chối")
    with store.transaction() as session:
        row, _kind = _to_decide(session, change_id, person)
        row = _decided(session, row, ChangeState.REJECTED, person, now, note.strip())
        _log(session, "reject", row, person, now)
    return row


def withdraw(store: Store, change_id: int, *, person: Person, now: datetime) -> TwoPersonRow:
    """Take the own proposal back."""
    with store.transaction() as session:
        row = _undecided(session, change_id)
        if may_decide(row.asked.proposed_by, person.login):
            raise UsageError("chỉ người đề nghị được rút đề nghị của mình")
        row = _decided(session, row, ChangeState.WITHDRAWN, person, now)
        _log(session, "withdraw", row, person, now)
    return row


def _to_decide(session: Session, change_id: int, person: Person) -> tuple[TwoPersonRow, TwoPersonKind]:
    row = _undecided(session, change_id)
    kind = TWO_PERSON_KINDS[row.asked.kind]
    if not may_decide(row.asked.proposed_by, person.login):
        raise UsageError("người đề nghị không được tự quyết định: cần người thứ hai")
    _check_role(session, kind, person)
    return row, kind


def _undecided(session: Session, change_id: int) -> TwoPersonRow:
    """The change, kept from everybody else; whoever comes later finds it decided."""
    hold(session, Lock.ACCOUNTS)
    row = kept.find_change(session, change_id, to_decide=True)
    if row is None:
        raise UsageError(f"không có đề nghị số {change_id}")
    if row.state is not ChangeState.PROPOSED:
        raise UsageError(f"đề nghị số {change_id} đã được quyết định trước đó")
    return row


def _check_role(session: Session, kind: TwoPersonKind, person: Person) -> None:
    if person.is_operator:
        return
    require_role(session, person.login, kind.roles)


def _decided(
    session: Session, row: TwoPersonRow, state: ChangeState, person: Person, now: datetime, note: str = ""
) -> TwoPersonRow:
    kept.decide(session, row.change_id, state, actor=person.login, now=now, note=note)
    return _found(session, row.change_id)


def _found(session: Session, change_id: int) -> TwoPersonRow:
    row = kept.find_change(session, change_id)
    if row is None:
        raise UsageError(f"không có đề nghị số {change_id}")
    return row


def _log(
    session: Session, verb: str, row: TwoPersonRow, person: Person, now: datetime, of: str | None = None
) -> None:
    """Ids, roles and units as they were and shall be, and the fingerprint of the change, in which names stand."""
    action = f"change_{verb}"
    asked, decided = kept.fingerprints_of(row)
    detail: dict[str, Any] = {"kind": row.asked.kind, DIGEST: asked if action in ASKING else decided}
    for when, values in (("before", row.asked.before), ("after", row.asked.payload)):
        told = {key: values[key] for key in LOGGED if key in values}
        detail |= {when: told} if told else {}
    if of or row.asked.subject.startswith(NAMELESS):
        detail["of"] = of or row.asked.subject
    act = Act(now, person.login, action, f"change:{row.change_id}", detail)
    audit.append_acts(session, [act])


# ---------------------------------------------------------------- reading


def changes(store: Store) -> list[TwoPersonRow]:
    """The changes, those that wait first."""
    with store.read() as session:
        return kept.list_changes(session, limit=LISTED)


def change(store: Store, change_id: int) -> TwoPersonRow:
    """One change; UsageError where there is none."""
    with store.read() as session:
        return _found(session, change_id)


def told(store: Store, row: TwoPersonRow) -> Sequence[ToldLine]:
    """What it changes, line by line, as a person reads it."""
    kind = TWO_PERSON_KINDS[row.asked.kind]
    with store.read() as session:
        return kind.told(session, kind.read(row.asked.payload), row.asked.before)


def title(row: TwoPersonRow) -> str:
    """The kind in words."""
    return TWO_PERSON_KINDS[row.asked.kind].title


def deciders(row: TwoPersonRow) -> frozenset[Role]:
    """The roles that ask for changes of this kind and decide on them."""
    return TWO_PERSON_KINDS[row.asked.kind].roles
