"""The shape of a kind of change by two persons; which kinds there are stands in `app/two_person_kinds.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.access import Role
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One thing that changes, as a person reads it."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Decision:
    """By whom and why a change is applied, and when."""

    asked_by: str
    decided_by: str
    reason: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a change: of what the log says it was; `told_once` goes to the approver and is kept nowhere."""

    of: str
    told_once: str = ""


@dataclass(frozen=True, slots=True)
class TwoPersonKind:
    """A kind of change.

    `about` names in a word what changes. `before(session, payload)` says what stands now, as plain JSON values, and raises
    UsageError where the change cannot be. `apply(session, payload, decision)` does it.
    """

    name: str
    title: str
    about: str
    roles: frozenset[Role]  # who asks and who decides
    payload: type[Any]
    subject: Callable[[Any], str]
    before: Callable[[Session, Any], Mapping[str, Any]]
    apply: Callable[[Session, Any, Decision], Applied]
    told: Callable[[Session, Any, Mapping[str, Any]], Sequence[ToldLine]]

    def read(self, values: Mapping[str, Any]) -> Any:
        """The payload as it was written by `write`."""
        return self.payload(**values)
