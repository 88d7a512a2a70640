"""What pages ask about findings and what they are told: a question, a row of the list, what somebody said, hidden lateness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from tracker.types.findings import Evidence, FindingKind, FindingState
from tracker.types.words import ApplicantKind


@dataclass(frozen=True, slots=True)
class FindingQuestion:
    """Which findings: of these units (None = all), of a kind, at a state; `start`, `end`: first and last day of `at`.

    `is_gone`: those that a later look found no more, instead of those that stand.
    """

    unit_ids: frozenset[int] | None = None
    kind: FindingKind | None = None
    state: FindingState | None = None
    start: date | None = None
    end: date | None = None
    is_gone: bool = False


class FindingSpot(NamedTuple):
    """Where a page of the list ended: the moment (UTC epoch seconds) and the number of its last finding."""

    at: int
    finding_id: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding with the words of its dossier; `unit_id` 0: not known. Names of applicants are none of it.

    `now_unit_id`: the unit that resolves the dossier today; None where none is known.
    """

    finding_id: int
    dossier_id: int
    code: str
    procedure: str
    unit_id: int
    unit: str
    now_unit_id: int | None
    kind: FindingKind
    at: datetime
    evidence: Evidence
    found_at: datetime
    gone_at: datetime | None
    state: FindingState

    @property
    def spot(self) -> FindingSpot:
        """Where a page that ends with it goes on."""
        return FindingSpot(int(self.at.timestamp()), self.finding_id)


@dataclass(frozen=True, slots=True)
class FindingSaid:
    """One step: what somebody said of a finding. `by` is a login, `name` whose it is (empty: no such account any more)."""

    seq: int
    state: FindingState
    reason: str
    document: str
    by: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How many findings of a kind stand at a state."""

    kind: FindingKind
    state: FindingState
    is_gone: bool
    count: int


@dataclass(frozen=True, slots=True)
class FindingToSettle:
    """A finding that somebody wants to say something of: its latest step, everybody who ever explained it.

    `applicant` and its kind: so that the words can be held against them, shown to nobody.
    """

    finding_id: int
    code: str
    kind: FindingKind
    state: FindingState
    seq: int
    is_gone: bool
    explained_by: frozenset[str]
    applicant: str
    applicant_kind: ApplicantKind


@dataclass(frozen=True, slots=True)
class NewFindingStep:
    """What somebody says of some findings at once."""

    state: FindingState
    reason: str
    document: str
    by: str
    at: datetime


class HiddenCount(NamedTuple):
    """Dossiers that ended in a time: all, those with complete data, and of these late by the source's date and otherwise.

    `documented`, `promised`: in time by the source, late by that date; `hidden`: either of the two.
    """

    ended: int = 0
    complete: int = 0
    late: int = 0
    documented: int = 0
    promised: int = 0
    hidden: int = 0

    @property
    def incomplete(self) -> int:
        """Of these nobody can say anything."""
        return self.ended - self.complete

    @property
    def truly_late(self) -> int:
        """Late by any of the three dates."""
        return self.late + self.hidden


def added(counts: Sequence[HiddenCount]) -> HiddenCount:
    """The sum of counts."""
    return HiddenCount(*(sum(part) for part in zip(*counts, strict=True))) if counts else HiddenCount()


@dataclass(frozen=True, slots=True)
class HiddenRow:
    """What is hidden of a unit in a month (year * 100 + month)."""

    month: int
    unit_id: int
    count: HiddenCount
