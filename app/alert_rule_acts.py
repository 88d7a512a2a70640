"""Rules of alerts and leaves as pages and command line set them, each with its entry of the log in the same step.

An entry holds ids, numbers and days; reasons and names stay in the tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.access import Role
from app.context import AppContext
from notifications.alerts import leave_acts, rule_acts
from notifications.alerts.leave_acts import LeaveActor
from notifications.alerts.rule_acts import Actor, NewRule
from tracker.store import audit
from tracker.store.absence_store import NewAbsence
from tracker.store.audit import Act
from tracker.store.people import Account
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """Somebody at work on rules: the program, and who acts, when and for which units."""

    context: AppContext
    actor: Actor

    def set_rule(self, new: NewRule) -> int:
        """Set a rule; its id."""
        noting = _noting(self.actor, "alert_rule_set", "alert_rule", _rule_detail(new))
        return rule_acts.set_rule(self.context.store, new, self.actor, noting)

    def take_back(self, rule_id: int, reason: str) -> int:
        """Take a rule back; the id of the row that does so."""
        noting = _noting(self.actor, "alert_rule_restored", "alert_rule", {"of": f"alert_rule:{rule_id}"})
        return rule_acts.take_back(self.context.store, rule_id, reason, self.actor, noting)


def _rule_detail(new: NewRule) -> dict[str, Any]:
    told: dict[str, Any] = {
        "measure": new.measure.value, "threshold": new.threshold, "on": new.is_on,
        "who": " ".join(new.who), "urgent": new.is_urgent, "start": new.valid_from.isoformat(),
    }  # fmt: skip
    scope = {"unit": new.unit_id, "field": new.field_id, "procedure": new.procedure_id}
    return told | {name: number for name, number in scope.items() if number is not None}


@dataclass(frozen=True, slots=True)
class LeaveDesk:
    """Somebody at work on leaves, for the accounts that he may enter them for."""

    context: AppContext
    entering: LeaveActor

    def enter(self, new: NewAbsence) -> int:
        """Enter a leave; its id."""
        detail = {
            "of": f"user:{new.account_id}", "start": new.first_day.isoformat(), "end": new.last_day.isoformat(),
            "delegate": new.delegate_id,
        }  # fmt: skip
        noting = _noting(self.entering.actor, "leave_set", "absence", detail)
        return leave_acts.enter_leave(self.context.store, new, self.entering, noting)

    def end(self, absence_id: int) -> None:
        """End a leave early."""
        noting = _noting(self.entering.actor, "leave_ended", "absence", {})
        leave_acts.end_leave(self.context.store, absence_id, self.entering, noting)


def leave_actor(actor: Actor, account: Account) -> LeaveActor:
    """Whose leaves an account may enter: its own, as head those of the own units, as administrator everybody's."""
    role = account.role
    return LeaveActor(actor, account.account_id, is_head=role == Role.HEAD, is_admin=role == Role.ADMIN)


def _noting(
    actor: Actor, action: str, subject: str, detail: Mapping[str, Any]
) -> Callable[[Session, int], None]:
    def write(session: Session, number: int) -> None:
        audit.append_acts(session, [Act(actor.now, actor.login, action, f"{subject}:{number}", detail)])

    return write
