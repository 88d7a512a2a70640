"""The counting rule and the dated effects of suspensions, as values that a policy carries; data stands in data/*.toml."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.errors import UsageError
from tracker.types import Limit, LimitUnit, NoLimit, SuspensionEffect, SuspensionKind


class RuleFamily(StrEnum):
    """How a rule walks: over dates or over working minutes."""

    CIVIL = "civil"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Rule:
    """A counting rule; `cutoff` (minute of the day) moves a reception after it to the next working day."""

    key: str
    family: RuleFamily
    source: str
    name: str = ""
    cutoff: int | None = None


@dataclass(frozen=True, slots=True)
class SuspensionRule:
    """What a kind of suspension does to dossiers received from `valid_from` to `valid_to` (both included)."""

    kind: SuspensionKind
    effect: SuspensionEffect
    source: str
    verified: bool = True
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Does the row hold for a dossier received that day?"""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


CIVIL = Rule("civil", RuleFamily.CIVIL, "BLDS 2015 Điều 147, 148")
HOURS = Rule("hours", RuleFamily.HOURS, "Giờ làm việc của cơ quan")
_PAUSE = SuspensionRule(SuspensionKind.PAUSE, SuspensionEffect.PAUSE, "Mặc định: tạm dừng")
_NONE = SuspensionRule(SuspensionKind.NONE, SuspensionEffect.NONE, "Không ảnh hưởng thời hạn")


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """Everything dated that a deadline depends on besides its calendar; `rule` None = by the unit of the limit.

    `supplement_days`: working dates after reception within which a supplement may be asked for (NĐ 61/2018 art. 19.4);
    `max_supplements`: how many may restart the clock (art. 11.2.c).
    """

    rule: Rule | None = None
    civil: Rule = CIVIL
    hours: Rule = HOURS
    suspensions: tuple[SuspensionRule, ...] = ()
    supplement_days: int = 3
    max_supplements: int = 1

    def effect_of(self, kind: SuspensionKind, received: date) -> SuspensionRule:
        """The dated row for a kind; a kind without one pauses (`none` does nothing)."""
        return _effect(self.suspensions, kind, received)

    def rule_for(self, limit: Limit) -> Rule:
        """The rule asked for, else by unit; UsageError where the rule refuses the limit."""
        by_unit = self.hours if _needs_minutes(limit) else self.civil
        rule = self.rule or by_unit
        if limit.value and rule.family != by_unit.family and not _both(limit):
            raise UsageError(f"quy tắc {rule.key} không tính được thời hạn “{limit.text}”")
        return rule

    def key_for(self, limit: Limit | NoLimit) -> str:
        """The key of the rule that applies, for answers without a date too."""
        if isinstance(limit, Limit):
            return self.rule_for(limit).key
        return (self.rule or self.civil).key


def _effect(rows: Sequence[SuspensionRule], kind: SuspensionKind, received: date) -> SuspensionRule:
    for row in rows:
        if row.kind is kind and row.holds_on(received):
            return row
    return _NONE if kind is SuspensionKind.NONE else _PAUSE


def _needs_minutes(limit: Limit) -> bool:
    return limit.unit in (LimitUnit.HOUR, LimitUnit.MINUTE) or limit.value.denominator > 1


def _both(limit: Limit) -> bool:
    """Whole working days can be counted by dates and by minutes."""
    return limit.unit is LimitUnit.WORKDAY and limit.value.denominator == 1
