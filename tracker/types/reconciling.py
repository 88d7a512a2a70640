"""What a source reports of itself beside what we count, cell by cell; what vanished from it; what may be told twice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tracker.types.dossiers import LateRow
from tracker.types.figures import RateCounts
from tracker.types.reported import RowKind
from tracker.types.words import Channel


class Cause(StrEnum):
    """Why a figure of ours is not that of the report, as far as we can say; `count` beside it says how many."""

    ROW_UNKNOWN = "row_unknown"  # no catalogue knows the unit, field or procedure of the report's row
    NO_COUNTERPART = "no_counterpart"  # we have no figure for this column of the form
    GROUP = "group"  # a sub-total of the report: which units it adds up is not told
    NOT_REPORTED = "not_reported"  # the report has no such row or column
    OTHER_SOURCE = "other_source"  # dossiers that this source does not tell of
    PROVISIONAL = "provisional"  # dossiers without a code of their own, kept under one of ours
    VANISHED = "vanished"  # open dossiers that the latest whole export no longer tells of
    REJECTED = "rejected"  # rows of this source that could not be used
    UNIT_NAMES = "unit_names"  # dossiers of units that no catalogue knows
    UNITS_BELOW = "units_below"  # dossiers of units below that have rows of their own
    EXCLUDED = "excluded"  # dossiers that are counted nowhere: no reception, deleted, an end without a date
    DEFINITION = "definition"  # the form is known to count otherwise; which way is told by its note
    UNEXPLAINED = "unexplained"  # nothing that we know of


@dataclass(frozen=True, slots=True)
class Reason:
    """A cause, and how many dossiers or rows it may account for; None where that cannot be counted."""

    cause: Cause
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ReportPlace:
    """Which report: of which source, by which form, for which period, of one unit alone (None: of everything)."""

    source: str
    form: str
    start: date
    end: date
    unit_id: int | None = None


class ReportedFigure(NamedTuple):
    """One figure of a report; `file` is empty where a person typed it in."""

    kind: RowKind
    name: str
    unit_id: int | None
    measure: str
    value: int
    row: int
    report_id: int
    file: str


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A report as it came in: from which file (empty: typed in), by whom, when, with how many rows and figures."""

    report_id: int
    place: ReportPlace
    file: str
    rows: int
    figures: int
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class OurCounts:
    """What we count of one group: the counts of the rates, and receptions by channel."""

    counts: RateCounts = field(default_factory=RateCounts)
    received_by: Mapping[Channel, int] = field(default_factory=dict)


class Part(NamedTuple):
    """One of our counts within a figure that is compared: +1 or -1, which count, how much."""

    sign: int
    counter: str
    value: int


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """One measure: what the report says, what we count by the form's definition, and where a difference may come from."""

    measure: str
    theirs: int | None
    ours: int | None
    parts: tuple[Part, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def difference(self) -> int | None:
        """Ours - theirs; None where one of them is not known."""
        return None if self.theirs is None or self.ours is None else self.ours - self.theirs


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A row of the report that does not add up in itself: `total` should be the sum of `parts`, as the form says."""

    total: str
    told: int
    parts: tuple[str, ...]
    added: int


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One row: a unit, field, procedure or total. `rows`: lines of the report, none where only we know it.

    `below`: units without a row of their own that are counted here.
    """

    kind: RowKind
    name: str
    unit_id: int | None
    cells: tuple[ComparedCell, ...]
    rows: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()
    imbalances: tuple[Imbalance, ...] = ()
    below: int = 0

    @property
    def is_reported(self) -> bool:
        """Does the report have this row?"""
        return bool(self.rows)

    @property
    def differs(self) -> bool:
        """Does any figure differ, or can one of the two not be said?"""
        return any(cell.difference for cell in self.cells) or (
            not self.is_reported or any(reason.cause is Cause.ROW_UNKNOWN for reason in self.reasons)
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """A whole report beside our counts. `unknown` says why ours are not known at all, if so.

    `last_told`: when the source last told us of dossiers by then; before the period's end, later dossiers are missing.
    `notes`: what the form is known to count otherwise, by measure; `unnamed`: rejected rows that name no unit.
    """

    place: ReportPlace
    form_name: str
    form_source: str
    is_verified: bool
    as_of: datetime
    known: datetime | None
    measures: tuple[str, ...]
    rows: tuple[ComparedRow, ...]
    notes: Mapping[str, str]
    reports: tuple[ReportEntry, ...]
    last_told: datetime | None
    rejected: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)
    unknown: str | None = None

    @property
    def differences(self) -> int:
        """How many figures differ."""
        return sum(1 for row in self.rows for cell in row.cells if cell.difference)


# ---------------------------------------------------------------- what vanished


class SeenBatch(NamedTuple):
    """What one batch of files told of: is it a whole export, how many dossiers, how many of them open, when received."""

    batch_id: int
    at: datetime
    is_full: bool
    dossiers: int
    open_dossiers: int


@dataclass(frozen=True, slots=True)
class VanishedRow:
    """A dossier that the latest whole export no longer tells of; `last`: the batch that last told of it."""

    row: LateRow
    is_late: bool
    last: SeenBatch | None


@dataclass(frozen=True, slots=True)
class VanishedAnswer:
    """What vanished from a source, late dossiers first, the longest overdue before others.

    `latest`: the whole export that was looked at, None where there is none to compare, so nobody is accused.
    `is_doubtful`: it tells of so few that it may be no whole export. `unaccepted`: further ones that nobody had
    accepted, which the page of intake shows.
    """

    source: str
    latest: SeenBatch | None
    before: SeenBatch | None
    rows: tuple[VanishedRow, ...]
    unaccepted: int = 0
    is_doubtful: bool = False

    @property
    def late(self) -> int:
        """How many of them were late."""
        return sum(row.is_late for row in self.rows)


@dataclass(frozen=True, slots=True)
class SeenChange:
    """A whole export beside the one before it: how many dossiers each tells of, and how many of those are open."""

    before: SeenBatch
    dossiers: int
    open_dossiers: int

    @property
    def fewer_open(self) -> int:
        """So many fewer open dossiers than last time; negative: more."""
        return self.before.open_dossiers - self.open_dossiers

    @property
    def is_suspicious(self) -> bool:
        """Are there fewer open ones than last time?"""
        return self.fewer_open > 0


# ---------------------------------------------------------------- what may be told twice


@dataclass(frozen=True, slots=True)
class DoubleRow:
    """One of several dossiers that may be one and the same."""

    dossier_id: int
    code: str
    source: str
    unit: str
    unit_id: int | None
    received_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class DoubleGroup:
    """Dossiers of one applicant, procedure and day of reception under several codes: a suggestion, nothing is joined."""

    applicant: str
    procedure: str
    day: date
    rows: tuple[DoubleRow, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field of a dossier that two sources tell differently: an instant, a name, a word of ours, or nothing at all."""

    dossier_id: int
    code: str
    unit: str
    unit_id: int | None
    field: str
    source: str
    value: datetime | str | None
    other: str
    other_value: datetime | str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row whose code belongs to another dossier: kept, until a person decides."""

    rejection_id: int
    batch_id: int
    source: str
    file: str
    row: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Doubles:
    """What may be told twice, of dossiers received in a period; `looked_at`: how many were compared."""

    start: date
    end: date
    looked_at: int
    groups: tuple[DoubleGroup, ...]
    disagreements: tuple[Disagreement, ...]
    conflicts: tuple[Conflict, ...]
