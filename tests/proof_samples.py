"""Invented dossiers across the years 2018-2026 whose proofs the tests keep, print and check."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.timekeeping.calendar_definition import ChangedDay
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.proof_inputs import ProofInputs
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, Limit, LimitUnit, Suspension, SuspensionKind

A, B = load_calendar("A"), load_calendar("B")
HALF = ChangedDay(date(2025, 12, 31), ((420, 690),), "Nghỉ chiều cuối năm", "TB 12/TB-UBND (mẫu)")
OFFICE = WorkingCalendar(replace(B.definition, key="SO-MAU", version="2026-11-20+mau", changed=(HALF,)))


@dataclass(frozen=True)
class Case:
    """One dossier in words: when received, by which limit, suspended how, judged when."""

    received: str
    limit: str
    as_of: str
    calendar: WorkingCalendar = B
    suspensions: tuple[Suspension, ...] = ()
    restarts: tuple[str, ...] = ()
    rule: str | None = None
    channel: Channel = Channel.COUNTER

    def inputs(self, code: str) -> ProofInputs:
        """As the proof takes them."""
        limit = parse_limit(self.limit)
        return ProofInputs(
            code=code,
            received=at(self.received),
            limit=limit,
            calendar=self.calendar,
            policy=load_policy(self.rule),
            as_of=at(self.as_of),
            suspensions=self.suspensions,
            restarts=tuple(map(at, self.restarts)),
            channel=self.channel,
        )


def at(text: str) -> datetime:
    """A local moment."""
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def stop(start: str, end: str | None, kind: SuspensionKind) -> Suspension:
    """A suspension, open where it has no end."""
    return Suspension(at(start), at(end) if end else None, kind)


SUPPLEMENT, FINANCIAL = SuspensionKind.SUPPLEMENT, SuspensionKind.FINANCIAL
VERIFICATION, POSTING = SuspensionKind.VERIFICATION, SuspensionKind.POSTING
CASES = {
    "before-decree-61-2018": Case(
        "2018-06-20 08:00",
        "20 ngày làm việc",
        "2018-09-01 17:00",
        suspensions=(stop("2018-06-22 08:00", "2018-07-02 09:00", SUPPLEMENT),),
    ),
    "tet-2020": Case("2020-01-17 16:20", "07 ngày làm việc", "2020-03-01 17:00", calendar=A),
    "months-rolled-2021": Case("2021-01-31 09:00", "03 tháng", "2021-06-01 17:00"),
    "supplement-restarts-2022": Case(
        "2022-04-28 14:10",
        "15 ngày làm việc",
        "2022-08-30 17:00",
        suspensions=(
            stop("2022-05-04 08:00", "2022-05-16 10:00", SUPPLEMENT),
            stop("2022-05-24 08:00", "2022-05-30 10:00", FINANCIAL),
        ),
    ),
    "late-and-repeated-supplements-2023": Case(
        "2023-03-01 10:00",
        "10 ngày làm việc",
        "2023-05-30 17:00",
        suspensions=(
            stop("2023-03-03 08:00", "2023-03-08 08:00", SUPPLEMENT),
            stop("2023-03-14 08:00", "2023-03-16 08:00", SUPPLEMENT),
            stop("2023-03-15 08:00", "2023-03-20 08:00", VERIFICATION),
        ),
    ),
    "make-up-day-2024": Case("2024-04-26 09:30", "05 ngày làm việc", "2024-06-01 17:00"),
    "hours-over-a-holiday-2022": Case(
        "2022-08-31 14:10", "20 giờ làm việc", "2022-09-10 17:00", channel=Channel.ONLINE
    ),
    "half-a-day-and-a-half-day-2025": Case(
        "2025-12-30 15:30", "1/2 ngày làm việc", "2026-01-10 17:00", calendar=OFFICE
    ),
    "open-pause-2025": Case(
        "2025-08-18 08:15",
        "30 ngày",
        "2025-09-30 09:00",
        suspensions=(stop("2025-09-03 08:00", None, POSTING),),
    ),
    "recorded-restart-2026": Case(
        "2026-02-10 08:00", "12 ngày làm việc", "2026-04-01 17:00", restarts=("2026-02-24 13:45",)
    ),
    "calendar-days-2026": Case("2026-08-15 10:00", "15 ngày", "2026-09-15 17:00"),
    "no-limit-2026": Case("2026-08-24 09:00", "Không quy định", "2026-09-15 17:00", channel=Channel.POSTAL),
    "zero-2026": Case("2026-08-24 09:00", "0 ngày làm việc", "2026-09-15 17:00"),
    "provisional-2027": Case("2026-12-21 09:00", "20 ngày làm việc", "2027-02-01 17:00"),
    "another-program-2026": Case("2026-08-24 15:30", "05 ngày làm việc", "2026-09-15 17:00", rule="bkav2"),
}


def code_of(name: str) -> str:
    """The invented code of a case."""
    number = list(CASES).index(name) + 1
    return f"H15.99-{CASES[name].received[2:10].replace('-', '')}-{number:04d}"


def inputs_of(name: str) -> ProofInputs:
    """The inputs of a case."""
    return CASES[name].inputs(code_of(name))


LONG = replace(
    inputs_of("calendar-days-2026"),
    code="H15.99-210104-9999",
    received=at("2021-01-04 14:10"),
    limit=Limit(Fraction(200), LimitUnit.WORKDAY, "200 ngày làm việc"),
)
