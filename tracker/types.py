"""The frozen values that flow through the program, one type per stage; no behaviour beyond small properties.

Instants are aware `datetime`s in `VN`; dates are `date`; minutes are working minutes unless the name says else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

# Vietnam has had no other offset since 1975 and no dossier is older; a fixed zone needs no tz database (Windows).
VN = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


class Basis(StrEnum):
    """Which due date is meant: what the source says today, what was first promised, what the rules give."""

    SOURCE = "source"
    PROMISED = "promised"
    DOCUMENTED = "documented"


class Precision(StrEnum):
    """How end and due are compared: by calendar date (default) or by instant."""

    DATE = "date"
    INSTANT = "instant"


class State(StrEnum):
    """The one state of a dossier at a moment, on one basis; the order of precedence is in `lateness.classify`."""

    FILED = "filed"
    NOT_ACCEPTED = "not_accepted"
    ON_TRACK = "on_track"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    FINISHED_EARLY = "finished_early"
    FINISHED_ON_TIME = "finished_on_time"
    FINISHED_LATE = "finished_late"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    NO_DUE = "no_due"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class SourceStatus(StrEnum):
    """What a source says of a dossier; input only (portal codes 1-11, Vietnamese words)."""

    FILED = "filed"  # 1 Mới đăng ký
    ACCEPTED = "accepted"  # 2 Được tiếp nhận
    REFUSED = "refused"  # 3, 11 Không được tiếp nhận
    PROCESSING = "processing"  # 4 Đang xử lý
    AWAITING_SUPPLEMENT = "awaiting_supplement"  # 5 Yêu cầu bổ sung giấy tờ
    AWAITING_FEE = "awaiting_fee"  # 6 Yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = "withdrawn"  # 7 Công dân yêu cầu rút hồ sơ
    STOPPED = "stopped"  # 8 Dừng xử lý
    DONE = "done"  # 9 Đã xử lý xong
    RETURNED = "returned"  # 10 Đã trả kết quả
    DELETED = "deleted"
    UNKNOWN = "unknown"


class EndKind(StrEnum):
    """How a dossier ended. A refusal after acceptance counts in the rates; the last two are counted nowhere."""

    FINISHED = "finished"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_ACCEPTED = "not_accepted"  # refused or withdrawn at intake
    DELETED = "deleted"


class Channel(StrEnum):
    """How a dossier was filed; unknown stays unknown."""

    COUNTER = "counter"
    ONLINE = "online"
    POSTAL = "postal"
    UNKNOWN = "unknown"


class ApplicantKind(StrEnum):
    """Who applies (portal list LoaiDoiTuong); decides the salutation of a letter."""

    CITIZEN = "citizen"
    BUSINESS = "business"
    AGENCY = "agency"
    ORGANISATION = "organisation"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """Level of government of a unit on a day; districts end on 30/06/2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    UNKNOWN = "unknown"


class SuspensionKind(StrEnum):
    """Why the clock stands (or not); the effect of a kind is dated data, see data/suspensions.toml."""

    PAUSE = "pause"
    SUPPLEMENT = "supplement"
    FINANCIAL = "financial"
    VERIFICATION = "verification"
    POSTING = "posting"
    VIOLATION = "violation"
    NONE = "none"


class SuspensionEffect(StrEnum):
    """What a suspension does to the clock."""

    PAUSE = "pause"
    RESTART = "restart"
    NONE = "none"


class LimitUnit(StrEnum):
    """Unit of a time limit as catalogues publish it."""

    WORKDAY = "workday"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    MONTH = "month"


# ---------------------------------------------------------------- time


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit that can be computed, and the text it was read from."""

    value: Fraction
    unit: LimitUnit
    text: str


@dataclass(frozen=True, slots=True)
class NoLimit:
    """A limit that cannot be computed ("Không quy định", a range, free text): why, and the text itself."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Suspension:
    """One stretch in which the office waits for somebody else; `end` is None while it is open."""

    start: datetime
    end: datetime | None
    kind: SuspensionKind = SuspensionKind.PAUSE


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the proof (*phiếu tính hạn*): what happened, by which rule and source, and the due date then."""

    at: datetime | None
    rule: str
    source: str
    text: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Deadline:
    """A due date with its proof; `due_at` is None with a code in `reason` where no limit can be computed.

    While a suspension stands at the as-of moment, `suspended_since` is its beginning and `frozen_minutes` the working
    minutes that were left then.
    """

    due_at: datetime | None
    steps: tuple[Step, ...]
    rule: str
    calendar_version: str
    flags: tuple[str, ...] = ()
    reason: str | None = None
    suspended_since: datetime | None = None
    frozen_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one dossier up to the as-of moment, on one basis: the input of `lateness.classify`.

    `reopened_at` undoes the ends before it; `frozen_minutes` comes from a `Deadline` whose clock stands.
    """

    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    withdrawn_at: datetime | None = None
    refused_at: datetime | None = None
    filed_at: datetime | None = None
    intake_due_at: datetime | None = None
    status: SourceStatus | None = None
    suspensions: tuple[Suspension, ...] = ()
    limit: Limit | None = None
    reopened_at: datetime | None = None
    frozen_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """The verdict at one moment on one basis. Minutes and days are working time; None = cannot be said."""

    state: State
    late_days: int | None
    late_minutes: int | None
    remaining_minutes: int | None
    is_late: bool
    refused: bool = False
    flags: tuple[str, ...] = ()


# ---------------------------------------------------------------- ingestion


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot be used: where it stood, what is wrong, in the user's words. Kept, shown, replayable."""

    file: str
    sheet: str
    row: int
    column: str
    value: str
    code: str
    message: str


class DossierVersion(NamedTuple):
    """One version of a dossier as the store keeps it; fields and order are those of `store.models.DossierColumns`.

    Instants are UTC epoch seconds, words are values of our enums, ids are the store's. A tuple, since a
    province-year goes into the database as 420,000 of them.
    """

    source_id: int
    code: str
    procedure_id: int | None
    field_id: int | None
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    returning_unit_id: int | None
    channel: str
    applicant_kind: str
    applicant_name: str
    address: str
    phone: str
    officer_name: str
    limit_text: str
    filed_at: int | None
    received_at: int | None
    promised_at: int | None
    source_due_at: int | None
    documented_due_at: int | None
    documented_reason: str | None
    finished_at: int | None
    returned_at: int | None
    withdrawn_at: int | None
    refused_at: int | None
    ended_at: int | None
    end_kind: str | None
    suspended_from: int | None
    status: str
    status_text: str
    late_reason: str
    note: str
    updated_at: int | None
    flags: str
    row_hash: bytes
    batch_id: int
    row_no: int


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one ingest did; read = new + changed + unchanged + stale + rejected, always."""

    batch: int | None
    read: int
    new: int
    changed: int
    unchanged: int
    stale: int
    rejected: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    flagged: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class LateRow:
    """One line of the late list (`dunghen overdue`) on the basis asked for."""

    dossier_id: int
    code: str
    procedure: str
    field: str
    unit: str
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    state: State
    late_days: int | None
    letter: str | None
    applicant: str = ""
    officer: str = ""
    reason: str = ""
    channel: Channel = Channel.UNKNOWN
    promised_at: datetime | None = None
    documented_at: datetime | None = None
    source_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit as pages and letters name it."""

    unit_id: int
    code: str
    name: str
    level: Level
    kind: str
    parent_id: int | None
    valid_from: date | None
    valid_to: date | None
    successor_id: int | None


@dataclass(frozen=True, slots=True)
class BasisRate:
    """On-time share on one basis; `computed` of `total` finished dossiers have a due date on it (coverage)."""

    numerator: int | None
    denominator: int | None
    computed: int | None
    total: int | None

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None where nothing was finished or nothing is known."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None


@dataclass(frozen=True, slots=True)
class RateCounts:
    """The counts of one group in one period, as `../cli` defines them; carried_over + received = finished +
    withdrawn + no_due + open in every row."""

    received: int = 0
    carried_over: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    withdrawn: int = 0
    refused: int = 0
    no_due: int = 0
    open: int = 0
    open_late: int = 0
    open_no_due: int = 0
    suspended: int = 0
    not_accepted: int = 0

    @property
    def finished(self) -> int:
        """early + on time + late: the denominator."""
        return self.early + self.on_time + self.late

    @property
    def numerator(self) -> int:
        """early + on time."""
        return self.early + self.on_time


@dataclass(frozen=True, slots=True)
class RateRow:
    """One group of a rate table; `keys` are the group's names in the order asked for."""

    keys: Mapping[str, str]
    counts: RateCounts
    bases: Mapping[Basis, BasisRate]


@dataclass(frozen=True, slots=True)
class RatesAnswer:
    """A rate table with the question it answers. `unknown` says why every figure is null, if it is."""

    basis: Basis
    start: date
    end: date
    as_of: datetime
    rows: tuple[RateRow, ...]
    excluded: Mapping[str, int]
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One unit's and field's part in a criterion, most late first."""

    unit: str
    field: str
    numerator: int
    denominator: int
    late: int


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """Points of a criterion by one edition, with everything needed to check them.

    `budget_late` is how many late dossiers the threshold allows; `headroom` = budget_late - late (negative: too many).
    """

    criterion: str
    edition: str
    edition_name: str
    edition_verified: bool
    formula: str
    edition_source: str
    year: int
    basis: Basis
    as_of: datetime
    numerator: int | None
    denominator: int | None
    points: Fraction | None
    max_points: Fraction
    threshold: Fraction
    budget_late: int | None
    late: int | None
    headroom: int | None
    points_at_threshold: Fraction
    bases: Mapping[Basis, BasisRate]
    lines: tuple[ScoreLine, ...]
    left_out: Mapping[str, int]
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class DueSeenRow:
    """A due date that was once seen: on which telling, and when it was said to us."""

    kind: str
    due_at: datetime | None
    seen_at: datetime
    batch_id: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """One entry of a dossier's history."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class DossierRow:
    """A dossier as the store knows it at one knowledge time; personal data unmasked (mask at the edge)."""

    dossier_id: int
    code: str
    source: str
    procedure_code: str
    procedure: str
    field: str
    resolving_unit: UnitRef | None
    receiving_unit: str
    returning_unit: str
    channel: Channel
    applicant_kind: ApplicantKind
    applicant_name: str
    address: str
    phone: str
    officer_name: str
    limit_text: str
    filed_at: datetime | None
    received_at: datetime | None
    promised_at: datetime | None
    source_due_at: datetime | None
    documented_due_at: datetime | None
    documented_reason: str | None
    finished_at: datetime | None
    returned_at: datetime | None
    withdrawn_at: datetime | None
    refused_at: datetime | None
    status: SourceStatus
    status_text: str
    late_reason: str
    note: str
    flags: tuple[str, ...]
    known_from: datetime
    batch_id: int
    suspensions: tuple[Suspension, ...]
    dues_seen: tuple[DueSeenRow, ...]
    events: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class DossierAnswer:
    """One dossier with its verdict on each basis and the proof of the documented due date."""

    row: DossierRow
    as_of: datetime
    verdicts: Mapping[Basis, Lateness]
    proof: Deadline | None
