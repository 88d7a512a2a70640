"""The documented due date of bulk rows: reception + the limit in force that day + told suspensions.

Null with a reason where the limit or the calendar is missing. An open suspension is left out: its end, and so the
date, is not known yet; single answers recompute with their as-of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.ingest.columns import SourceSuspension
from tracker.timekeeping.dated import holds_on, in_force
from tracker.timekeeping.deadlines import due_only, plain_due_epoch
from tracker.timekeeping.limits import BY_CHANNEL, FieldDays, limit_for
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, Limit, LimitUnit, NoLimit, Suspension

RECEIVED_MISSING = "RECEIVED_MISSING"
LIMIT_MISSING = "LIMIT_MISSING"
OUT_OF_CALENDAR = "CALENDAR_OUT_OF_RANGE"
VN_OFFSET = 25_200


@dataclass(frozen=True, slots=True)
class PublishedLimit:
    """The limit published for a procedure between two reception dates (both included).

    `channel` None: of every channel that has none of its own. `day_kind` None: the procedure does not say what "ngày" is.
    """

    text: str
    day_kind: LimitUnit | None
    valid_from: date
    valid_to: date | None
    channel: Channel | None = None


class AskedLimit(NamedTuple):
    """What a dossier says of its limit: its own text ("" = none), the word of its channel, its field."""

    text: str
    channel: str = Channel.UNKNOWN.value
    field_id: int | None = None


class LimitBook:
    """Which limit a dossier has: its own text, else the one published for its procedure on its reception date.

    What "ngày" means comes from the procedure, else from the field (Decree 43/2014 art. 61 for land), never from a guess;
    where channels have different limits and that of the dossier is unknown, it has none that can be computed.
    """

    def __init__(
        self,
        published: Mapping[str, Sequence[PublishedLimit]],
        field_days: Mapping[int, Sequence[FieldDays]] | None = None,
        fields: Mapping[str, int] | None = None,
    ) -> None:
        """`fields`: the ids of the fields by their folded names, for whoever has only those."""
        self._published, self._field_days, self.fields = published, field_days or {}, fields or {}
        self._known: dict[tuple[str, AskedLimit, int], Limit | NoLimit | None] = {}

    def limit(self, procedure: str, asked: AskedLimit, received: int) -> Limit | NoLimit | None:
        """The limit in force; None where neither the dossier nor the catalogue has one."""
        key = (procedure, asked, (received + VN_OFFSET) // 86_400)
        if key not in self._known:
            self._known[key] = self._find(procedure, asked, datetime.fromtimestamp(received, VN).date())
        return self._known[key]

    def _find(self, procedure: str, asked: AskedLimit, day: date) -> Limit | NoLimit | None:
        published = [entry for entry in self._published.get(procedure, ()) if holds_on(entry, day)]
        channel = Channel(asked.channel)
        own = [entry for entry in published if entry.channel is channel]
        # An unknown channel may be any of them.
        likely = published if channel is Channel.UNKNOWN else own or [e for e in published if not e.channel]
        kind = self._field_kind(asked.field_id, day)
        if asked.text:
            kinds = {entry.day_kind or kind for entry in likely or published}
            return limit_for(asked.text, channel, kinds.pop() if len(kinds) == 1 else kind)
        found = [limit_for(entry.text, channel, entry.day_kind or kind) for entry in likely]
        if len({_amount(limit) for limit in found}) == 1:
            return found[0]
        return NoLimit(BY_CHANNEL, "; ".join(entry.text for entry in published)) if published else None

    def _field_kind(self, field_id: int | None, day: date) -> LimitUnit:
        row = in_force(self._field_days.get(field_id, ()), day) if field_id is not None else None
        return row.day_kind if row else LimitUnit.DAY


def _amount(limit: Limit | NoLimit) -> tuple[object, ...]:
    return (limit.value, limit.unit) if isinstance(limit, Limit) else (limit.code,)


class DocumentedDues:
    """Computes documented due dates row by row; (epoch seconds, None) or (None, reason)."""

    def __init__(
        self, book: LimitBook, calendar: WorkingCalendar, policy: DeadlinePolicy, *, as_of: datetime
    ) -> None:
        self._book, self._calendar, self._policy, self._as_of = book, calendar, policy, as_of
        self._by_day: dict[tuple[str, AskedLimit, int], tuple[int | None, str | None]] = {}

    def column(
        self,
        procedures: Sequence[str],
        limits: Sequence[AskedLimit],
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

    def _goes_by_day(self, procedure: str, asked: AskedLimit, received: int) -> bool:
        limit = self._book.limit(procedure, asked, received)
        by_day = (LimitUnit.WORKDAY, LimitUnit.DAY, LimitUnit.MONTH)
        return (
            isinstance(limit, Limit)
            and limit.unit in by_day
            and limit.value > 0
            and limit.value.denominator == 1
        )

    def due(
        self, procedure: str, asked: AskedLimit, received: int | None, pauses: tuple[SourceSuspension, ...]
    ) -> tuple[int | None, str | None]:
        """The due instant of one dossier, or why there is none."""
        if received is None:
            return None, RECEIVED_MISSING
        limit = self._book.limit(procedure, asked, received)
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
