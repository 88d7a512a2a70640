"""Open dossiers under judgement for alerts: `lateness.classify` says where each stands, `rungs` how far it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache

from notifications.alerts.causes import Moment
from notifications.alerts.rungs import Standing, standing_of
from tracker.intake_data import load_intake_rules
from tracker.store.alert_candidates import OpenRow
from tracker.timekeeping.intake import with_intake_due
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Facts, Lateness, Limit, State

# The columns of the counts by unit and day.
COUNTED = ("open", "due_today", "due_soon", "overdue", "suspended", "not_accepted", "no_due")
_WORDS = {
    State.DUE_SOON: "due_soon",
    State.OVERDUE: "overdue",
    State.SUSPENDED: "suspended",
    State.NOT_ACCEPTED: "not_accepted",
    State.NO_DUE: "no_due",
}
_RUNNING = frozenset({State.ON_TRACK, State.DUE_SOON})
_GONE = frozenset({State.DELETED, State.WITHDRAWN, State.REFUSED})


class Judge:
    """The verdicts of one moment, each by the calendar of its unit."""

    def __init__(self, moment: Moment) -> None:
        self._calendars = moment.calendars.present
        self._as_of, self._due_soon = moment.as_of, moment.policy.due_soon
        self._rules = load_intake_rules()

    def verdict(self, row: OpenRow) -> tuple[Facts, Lateness]:
        """The facts with what limit and intake rule say, and the verdict on them."""
        calendar = self.calendar(row)
        facts = replace(row.facts, limit=_limit(row.limit_text))
        if facts.received_at is None:
            facts = with_intake_due(facts, self._rules, calendar)
        return facts, classify(facts, calendar, as_of=self._as_of, due_soon=self._due_soon)

    def standing(self, row: OpenRow, facts: Facts, verdict: Lateness, promised_on: date | None) -> Standing:
        """How it stands by the measures of alerts."""
        return standing_of(facts, verdict, self.calendar(row), self._as_of, promised_on)

    def calendar(self, row: OpenRow) -> WorkingCalendar:
        """The calendar of its unit."""
        begun = row.facts.received_at or row.facts.filed_at
        return self._calendars.of(row.unit_id, begun.astimezone(VN).date() if begun else None)


@lru_cache(maxsize=4096)
def _limit(text: str) -> Limit | None:
    found = parse_limit(text)
    return found if isinstance(found, Limit) else None


def count_words(facts: Facts, verdict: Lateness, day: date) -> Iterator[str]:
    """Under which counts of its unit a dossier stands."""
    if verdict.state in _GONE:
        return
    yield "open"
    if verdict.state in _WORDS:
        yield _WORDS[verdict.state]
    is_due = facts.due_at is not None and facts.due_at.astimezone(VN).date() == day
    if is_due and verdict.state in _RUNNING:
        yield "due_today"
