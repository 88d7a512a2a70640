"""The due dates that a secret link shows at a moment: gathered from the store, each judged as alerts judge it.

gather   open dossiers due within the span, with what judging needs
decide   `Judge`, hence `lateness.classify`: due, overdue, suspended, or nothing that has a date to keep
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.alerts.causes import Moment
from notifications.alerts.feeds import DateKind, FeedDate
from notifications.alerts.judging import Judge
from tracker.errors import CalendarError
from tracker.store.alert_candidates import OpenRow, rows_of
from tracker.store.feed_store import DueLine, DueScope, DueSpan, due_lines
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, State

BACK, AHEAD = timedelta(days=90), timedelta(days=60)
MOST = 2_000
_KINDS = {
    State.ON_TRACK: DateKind.DUE,
    State.DUE_SOON: DateKind.DUE,
    State.OVERDUE: DateKind.OVERDUE,
    State.SUSPENDED: DateKind.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class FeedDates:
    """In order of date; `is_cut`: there are more than `MOST`, and these are the nearest to the moment."""

    dates: tuple[FeedDate, ...]
    is_cut: bool


def feed_dates(moment: Moment, scope: DueScope) -> FeedDates:
    """The due dates of a scope from 90 days ago to 60 days ahead."""
    as_of, basis = moment.as_of, moment.policy.basis
    span = DueSpan(basis, as_of, as_of - BACK, as_of + AHEAD, MOST)
    lines, is_cut = due_lines(moment.session, scope, span)
    rows = rows_of(moment.session, [line.dossier_id for line in lines], as_of, basis)
    judge = Judge(moment)
    found = [_date(line, rows[line.dossier_id], judge) for line in lines]
    return FeedDates(tuple(each for each in found if each is not None), is_cut)


def _date(line: DueLine, row: OpenRow, judge: Judge) -> FeedDate | None:
    _, verdict = judge.verdict(row)
    kind = _KINDS.get(verdict.state)
    if kind is None:
        return None
    is_whole = _is_whole_day(line.due_at, judge.calendar(row))
    changed = max(line.known_from, _day_after(line.due_at)) if kind is DateKind.OVERDUE else line.known_from
    return FeedDate(
        line.code, line.procedure, line.unit, line.due_at.astimezone(VN), is_whole, kind, changed, line.moves
    )


def _is_whole_day(due_at: datetime, calendar: WorkingCalendar) -> bool:
    """Is it the moment by which a date without a time of day is stored: the end of the date's last session?"""
    try:
        return due_at == calendar.day_end(due_at.astimezone(VN).date())
    except CalendarError:
        return False


def _day_after(due_at: datetime) -> datetime:
    """When a dossier that is overdue was so for the first time by the calendar date: its event is titled anew then."""
    day = due_at.astimezone(VN).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)
