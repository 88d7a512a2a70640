"""The documented due date of bulk rows: reception + the limit in force that day + told suspensions.

Null with a reason where the limit or the calendar is missing. An open suspension is left out: its end, and so the
date, is not known yet; single answers recompute with their as-of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.ingest.columns import SourceSuspension
from tracker.timekeeping.dated import holds_on, in_force
from tracker.timekeeping.deadlines import due_with_pauses, plain_due_epoch
from tracker.timekeeping.limits import BY_CASE, BY_CHANNEL, EXTRA_UNCLEAR, FieldDays, limit_for
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Channel, DossierVersion, Limit, LimitUnit, NoLimit

RECEIVED_MISSING = "RECEIVED_MISSING"
LIMIT_MISSING = "LIMIT_MISSING"
OUT_OF_CALENDAR = "CALENDAR_OUT_OF_RANGE"
VN_OFFSET = 25_200


@dataclass(frozen=True, slots=True)
class PublishedLimit:
    """The limit published for a procedure between two reception dates (both included).

    `channel` None: of every channel that has none of its own. `day_kind` None: the procedure does not say what "ngày" is.
    `case_name`: for which case (*trường hợp*) alone, "" = for all. `statutory`: what the law sets; it stands beside and
    counts nothing. `source`: the deciding document.
    """

    text: str
    day_kind: LimitUnit | None
    valid_from: date
    valid_to: date | None
    channel: Channel | None = None
    case_name: str = ""
    statutory: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class PublishedExtra:
    """What is added to published limits in communes of a class (land: +10 days in difficult ones), by reception date.

    Of one procedure by its code, or of all of a field.
    """

    text: str
    day_kind: LimitUnit | None
    commune_class: str
    valid_from: date
    valid_to: date | None
    source: str
    procedure: str = ""
    field_id: int | None = None


class CommuneExtras(NamedTuple):
    """All extras in the order in which they were entered, and the class of the commune of each unit that has one."""

    rows: Sequence[PublishedExtra] = ()
    classes: Mapping[int, str] = MappingProxyType({})


class AskedLimit(NamedTuple):
    """What a dossier says of its limit: its own text ("" = none), the word of its channel, its field, the class of the
    commune that works on it ("" = none, or no limit depends on it).
    """

    text: str
    channel: str = Channel.UNKNOWN.value
    field_id: int | None = None
    commune_class: str = ""


Asked = tuple[str, str, int | None, str]
"""An `AskedLimit`, or its values: to name them costs more than to look it up."""


class LimitBook:
    """Which limit a dossier has: its own text, else the one published for its procedure on its reception date.

    What "ngày" means comes from the procedure, else from the field (Decree 43/2014 art. 61 for land), never from a guess;
    where channels or cases have different limits and that of the dossier is unknown, it has none that can be computed.
    Extra days of communes are added to published limits, never to the text that a dossier brings along.
    """

    def __init__(
        self,
        published: Mapping[str, Sequence[PublishedLimit]],
        field_days: Mapping[int, Sequence[FieldDays]] | None = None,
        fields: Mapping[str, int] | None = None,
        extras: CommuneExtras | None = None,
    ) -> None:
        """`fields`: the ids of the fields by their folded names, for whoever has only those."""
        self._published, self._field_days, self.fields = published, field_days or {}, fields or {}
        self._extras = extras or CommuneExtras()
        self.varies_by_commune = bool(self._extras.rows and self._extras.classes)
        self._known: dict[tuple[str, AskedLimit, int], Limit | NoLimit | None] = {}

    def limit(self, procedure: str, asked: AskedLimit, received: int) -> Limit | NoLimit | None:
        """The limit in force; None where neither the dossier nor the catalogue has one."""
        key = (procedure, asked, (received + VN_OFFSET) // 86_400)
        if key not in self._known:
            self._known[key] = self._find(procedure, asked, datetime.fromtimestamp(received, VN).date())
        return self._known[key]

    def asked(self, text: str, channel: str, field_id: int | None, unit_id: int | None) -> AskedLimit:
        """What a dossier asks whose work is done by a unit."""
        return AskedLimit(text, channel, field_id, self.commune_class(unit_id))

    def commune_class(self, unit_id: int | None) -> str:
        """The class of the commune that a unit is of, where limits depend on it."""
        if unit_id is None or not self.varies_by_commune:
            return ""
        return self._extras.classes.get(unit_id, "")

    def published(self, procedure: str, channel: Channel, day: date) -> list[PublishedLimit]:
        """The published limits that may hold for a dossier received that day by that channel."""
        holding = [entry for entry in self._published.get(procedure, ()) if holds_on(entry, day)]
        own = [entry for entry in holding if entry.channel is channel]
        # An unknown channel may be any of them.
        return holding if channel is Channel.UNKNOWN else own or [e for e in holding if not e.channel]

    def _find(self, procedure: str, asked: AskedLimit, day: date) -> Limit | NoLimit | None:
        published = self.published(procedure, Channel.UNKNOWN, day)
        channel = Channel(asked.channel)
        likely = self.published(procedure, channel, day)
        kind = self._field_kind(asked.field_id, day)
        if asked.text:
            kinds = {entry.day_kind or kind for entry in likely or published}
            return limit_for(asked.text, channel, kinds.pop() if len(kinds) == 1 else kind)
        found = [limit_for(entry.text, channel, entry.day_kind or kind) for entry in likely]
        if len({_amount(limit) for limit in found}) == 1:
            return self._with_extra(found[0], procedure, asked, day)
        if not published:
            return None
        code = BY_CASE if len({entry.channel for entry in likely}) == 1 else BY_CHANNEL
        return NoLimit(code, "; ".join(entry.text for entry in published))

    def _with_extra(
        self, limit: Limit | NoLimit, procedure: str, asked: AskedLimit, day: date
    ) -> Limit | NoLimit:
        """The limit with what communes of that class get; an extra of the procedure goes before one of its field."""
        if not asked.commune_class or isinstance(limit, NoLimit):
            return limit
        holding = [
            row
            for row in self._extras.rows
            if row.commune_class == asked.commune_class and holds_on(row, day)
        ]
        extra = next((row for row in holding if row.procedure and row.procedure == procedure), None) or next(
            (row for row in holding if not row.procedure and row.field_id == asked.field_id), None
        )
        return limit if extra is None else _sum(limit, extra)

    def _field_kind(self, field_id: int | None, day: date) -> LimitUnit:
        row = in_force(self._field_days.get(field_id, ()), day) if field_id is not None else None
        return row.day_kind if row else LimitUnit.DAY


def _sum(limit: Limit, extra: PublishedExtra) -> Limit | NoLimit:
    text = f"{limit.text} + {extra.text} ({extra.source})"
    is_days = limit.unit in (LimitUnit.WORKDAY, LimitUnit.DAY)
    more = limit_for(
        extra.text, Channel.UNKNOWN, extra.day_kind or (limit.unit if is_days else LimitUnit.DAY)
    )
    if isinstance(more, NoLimit) or more.unit is not limit.unit:
        return NoLimit(EXTRA_UNCLEAR, text)
    return Limit(limit.value + more.value, limit.unit, text)


def _amount(limit: Limit | NoLimit) -> tuple[object, ...]:
    return (limit.value, limit.unit) if isinstance(limit, Limit) else (limit.code,)


class DocumentedDues:
    """Computes documented due dates row by row; (epoch seconds, None) or (None, reason)."""

    def __init__(
        self, book: LimitBook, calendar: WorkingCalendar, policy: DeadlinePolicy, *, as_of: datetime
    ) -> None:
        self._book, self._calendar, self._policy = book, calendar, policy
        self._as_of = int(as_of.timestamp())
        self._by_day: dict[tuple[str, Asked, int], tuple[int | None, str | None]] = {}

    def asked(self, version: DossierVersion) -> AskedLimit:
        """What a dossier says of its limit."""
        resolving, receiving = version.resolving_unit_id, version.receiving_unit_id
        unit = receiving if resolving is None else resolving
        return self._book.asked(version.limit_text, version.channel, version.field_id, unit)

    def column(
        self,
        procedures: Sequence[str],
        limits: Sequence[Asked],
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
                asked = AskedLimit._make(limit)
                known = self.due(procedure, asked, at, stops)
                if at is not None and not stops and self._goes_by_day(procedure, asked, at):
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
        closed = [pause for pause in pauses if pause.end is not None]
        try:
            due = due_with_pauses(
                received, limit, self._calendar, closed, policy=self._policy, as_of_epoch=self._as_of
            )
        except CalendarError:
            return None, OUT_OF_CALENDAR
        return due, None
