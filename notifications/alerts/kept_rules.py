"""The rules that offices set, as they are kept -> as the book of rules takes them; the book of a day."""

from datetime import date

from notifications.alerts.rules import OfficeRule, RuleBook, shipped_rungs
from notifications.alerts.rungs import Measure, Who
from tracker.store import alert_rule_store
from tracker.store.alert_rule_store import RuleEntry
from tracker.store.session import Session


def rule_book(session: Session, day: date) -> RuleBook:
    """The rules of a day: the shipped ones and what the office set over them."""
    return RuleBook(shipped_rungs(), office_rules(session), day)


def office_rules(session: Session) -> list[OfficeRule]:
    """All rules of offices as the book takes them."""
    return [office_rule(row) for row in alert_rule_store.rule_entries(session)]


def office_rule(row: RuleEntry) -> OfficeRule:
    """A kept rule as the book takes it."""
    return OfficeRule(
        row.rule_id, Measure(row.measure), row.threshold, row.unit_id, row.field_id, row.procedure_id,
        tuple(Who(word) for word in row.who.split()), row.is_urgent, row.is_on, row.valid_from,
    )  # fmt: skip
