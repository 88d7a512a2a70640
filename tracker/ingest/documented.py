"""The documented due date of bulk rows: reception + the limit in force that day + told suspensions.

Null with a reason where the limit or the calendar is missing. An open suspension is left out: its end, and so the
date, is not known yet; single answers recompute with their as-of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.errors import CalendarError
from tracker.ingest.columns import SourceSuspension
from tracker.timekeeping.deadlines import due_only, plain_due_epoch
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Limit, LimitUnit, NoLimit, Suspension

RECEIVED_MISSING = "RECEIVED_MISSING"
LIMIT_MISSING = "LIMIT_MISSING"
OUT_OF_CALENDAR = "CALENDAR_OUT_OF_RANGE"
VN_OFFSET = 25_200


@dataclass(frozen=True, slots=True)
class PublishedLimit:
    """The limit published for a procedure between two reception dates (both included)."""

    text: str
    day_kind: LimitUnit
    valid_from: date
    valid_to: date | None


class LimitBook:
    """Which limit a dossier has: its own text, else the one published for its procedure on its reception date.

    What "ngày" means comes from the procedure (Decree 43/2014 art. 61 for land), never from a guess.
    """

    def __init__(self, published: Mapping[str, Sequence[PublishedLimit]]) -> None:
        self._published = published
        self._known: dict[tuple[str, str, int], Limit | NoLimit | None] = {}

    def limit(self, procedure: str, text: str, received: int) -> Limit | NoLimit | None:
        """The limit in force; None where neither the dossier nor the catalogue has one."""
        key = (procedure, text, (received + VN_OFFSET) // 86_400)
        if key not in self._known:
            self._known[key] = self._find(procedure, text, datetime.fromtimestamp(received, VN).date())
        return self._known[key]

    def _find(self, procedure: str, text: str, day: date) -> Limit | NoLimit | None:
        in_force = next(
            (
                entry
                for entry in self._published.get(procedure, ())
                if entry.valid_from <= day and (entry.valid_to is None or day <= entry.valid_to)
            ),
            None,
        )
        text = text or (in_force.text if in_force else "")
        if not text:
            return None
        return parse_limit(text, day_kind=in_force.day_kind if in_force else LimitUnit.DAY)


class DocumentedDues:
    """Computes documented due dates row by row; (epoch seconds, None) or (None, reason)."""

    def __init__(
        self, book: LimitBook, calendar: WorkingCalendar, policy: DeadlinePolicy, *, as_of: datetime
    ) -> None:
        self._book, self._calendar, self._policy, self._as_of = book, calendar, policy, as_of
        self._by_day: dict[tuple[str, str, int], tuple[int | None, str | None]] = {}

    def column(
        self,
        procedures: Sequence[str],
        limits: Sequence[str],
        received: Sequence[int | None],
        pauses: Sequence[tuple[SourceSuspension, ...]],
    ) -> tuple[list[int | None], list[str | None]]:
        """`due` for columns of equal length; days of one procedure and limit are computed once."""
        by_day = self._by_day
        dues: list[int | None] = []
        reasons: list[str | None] = []
        for procedure, limit, at, stops in zip(procedures, limits, received, pauses, strict=True):
            known = None
            if at is not None and not stops:
                key = (procedure, limit, (at + VN_OFFSET) // 86_400)
                known = by_day.get(key)
            if known is None:
                known = self.due(procedure, limit, at, stops)
                if at is not None and not stops and self._goes_by_day(procedure, limit, at):
                    by_day[key] = known
            dues.append(known[0])
            reasons.append(known[1])
        return dues, reasons

    def _goes_by_day(self, procedure: str, text: str, received: int) -> bool:
        limit = self._book.limit(procedure, text, received)
        by_day = (LimitUnit.WORKDAY, LimitUnit.DAY, LimitUnit.MONTH)
        return (
            isinstance(limit, Limit)
            and limit.unit in by_day
            and limit.value > 0
            and limit.value.denominator == 1
        )

    def due(
        self, procedure: str, limit_text: str, received: int | None, pauses: tuple[SourceSuspension, ...]
    ) -> tuple[int | None, str | None]:
        """The due instant of one dossier, or why there is none."""
        if received is None:
            return None, RECEIVED_MISSING
        limit = self._book.limit(procedure, limit_text, received)
        if limit is None:
            return None, LIMIT_MISSING
        if isinstance(limit, NoLimit):
            return None, limit.code
        if pauses:
            return self._with_pauses(limit, received, pauses)
        due = plain_due_epoch(received, limit, self._calendar)
        return (due, None) if due is not None else (None, OUT_OF_CALENDAR)

    def _with_pauses(
        self, limit: Limit, received: int, pauses: tuple[SourceSuspension, ...]
    ) -> tuple[int | None, str | None]:
        closed = [
            Suspension(datetime.fromtimestamp(p.start, VN), datetime.fromtimestamp(p.end, VN), p.kind)
            for p in pauses
            if p.end is not None
        ]
        start = datetime.fromtimestamp(received, VN)
        try:
            due = due_only(
                start, limit, self._calendar, suspensions=closed, policy=self._policy, as_of=self._as_of
            )
        except CalendarError:
            return None, OUT_OF_CALENDAR
        return (None, LIMIT_MISSING) if due is None else (int(due.timestamp()), None)
