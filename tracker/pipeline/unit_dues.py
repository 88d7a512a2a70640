"""Documented due dates where units work by different calendars, and where an end was judged by an earlier one."""

from collections.abc import Sequence
from datetime import date, datetime

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.documented import VN_OFFSET, Asked, AskedLimit, DocumentedDues, LimitBook
from tracker.store.versions import working_unit
from tracker.timekeeping.calendar_definition import EPOCH_ORDINAL
from tracker.timekeeping.calendars import CalendarHistory, Calendars
from tracker.timekeeping.rules import DeadlinePolicy
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import DossierVersion

DueColumns = tuple[list[int | None], list[str | None]]


class UnitDues:
    """Chooses the calendar of each dossier and computes by it; where all work by one it costs a question a column."""

    def __init__(
        self, history: CalendarHistory, book: LimitBook, policy: DeadlinePolicy, *, as_of: datetime
    ) -> None:
        self._history, self._book, self._policy, self._as_of = history, book, policy, as_of
        self._by_calendar: dict[int, DocumentedDues] = {}
        self._present = history.present

    def by(self, calendar: WorkingCalendar) -> DocumentedDues:
        """The due dates by one calendar."""
        found = self._by_calendar.get(id(calendar))
        if found is None:
            found = DocumentedDues(self._book, calendar, self._policy, as_of=self._as_of)
            self._by_calendar[id(calendar)] = found
        return found

    def of(self, version: DossierVersion, *, judged: int | None = None) -> DocumentedDues:
        """The due dates for one dossier; `judged`: by the calendar known then (UTC epoch seconds), not the present."""
        calendars = self._present if judged is None else self._history.at(judged)
        unit = working_unit(version.resolving_unit_id, version.receiving_unit_id)
        return self.by(calendar_for(calendars, unit, version.received_at))

    def column(
        self,
        units: Sequence[int | None],
        procedures: Sequence[str],
        limits: Sequence[Asked],
        received: Sequence[int | None],
        pauses: Sequence[tuple[SourceSuspension, ...]],
    ) -> DueColumns:
        """`DocumentedDues.column` with calendar and commune of each row's unit; columns of equal length."""
        if self._book.varies_by_commune:
            limits = [
                AskedLimit._make(asked)._replace(commune_class=self._book.commune_class(unit))
                for asked, unit in zip(limits, units, strict=True)
            ]
        if self._present.is_one:
            return self.by(self._present.default).column(procedures, limits, received, pauses)
        dues: list[int | None] = [None] * len(units)
        reasons: list[str | None] = [None] * len(units)
        for calendar, places in self._places(units, received):
            part = self.by(calendar).column(
                [procedures[place] for place in places],
                [limits[place] for place in places],
                [received[place] for place in places],
                [pauses[place] for place in places],
            )
            for place, due, reason in zip(places, *part, strict=True):
                dues[place], reasons[place] = due, reason
        return dues, reasons

    def _places(
        self, units: Sequence[int | None], received: Sequence[int | None]
    ) -> list[tuple[WorkingCalendar, list[int]]]:
        places: dict[int, tuple[WorkingCalendar, list[int]]] = {}
        for place, (unit, at) in enumerate(zip(units, received, strict=True)):
            calendar = calendar_for(self._present, unit, at)
            places.setdefault(id(calendar), (calendar, []))[1].append(place)
        return list(places.values())


def calendar_for(calendars: Calendars, unit: int | None, received: int | None) -> WorkingCalendar:
    """The calendar of a dossier of a unit received at an instant (UTC epoch seconds)."""
    if received is None or calendars.is_one:
        return calendars.default
    return calendars.of(unit, date.fromordinal(EPOCH_ORDINAL + (received + VN_OFFSET) // 86_400))
