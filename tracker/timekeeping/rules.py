"""The counting rules, the dated effects of suspensions and the regimes, as values that a policy carries.

The data stand in data/*.toml; each row holds for a span of reception dates.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.errors import UsageError
from tracker.timekeeping.dated import NotInForceError, in_force
from tracker.timekeeping.regimes import Regime
from tracker.types import Limit, LimitUnit, NoLimit, SuspensionEffect, SuspensionKind


class RuleFamily(StrEnum):
    """How a rule walks: over dates, over working minutes or over half-days."""

    CIVIL = "civil"
    HOURS = "hours"
    HALF_DAYS = "half_days"


class DueTime(StrEnum):
    """At what time of its last day a limit in days ends."""

    SESSION_END = "session_end"
    HALF_DAY_END = "half_day_end"
    KEEP = "keep"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Rule:
    """One edition of a counting rule, for dossiers received from `valid_from` to `valid_to` (both included).

    `cutoff` (minute of the day): a reception after it counts as one of the next working day. `count_receiving_day`: the
    day of reception is day 1; on a day off, or after its due time, the next working day is. `closings` (minutes of the
    day): the fixed time of `due_time` closing, or the ends of the half-days. `rounding_minutes`: results in working
    minutes are rounded up to it, within their session. `comparison`: counts as another program does, official nowhere.
    """

    key: str
    family: RuleFamily
    source: str
    name: str = ""
    cutoff: int | None = None
    count_receiving_day: bool = False
    due_time: DueTime = DueTime.SESSION_END
    closings: tuple[int, ...] = ()
    rounding_minutes: int = 0
    comparison: bool = False
    valid_from: date | None = None
    valid_to: date | None = None

    def takes(self, limit: Limit) -> bool:
        """Can the rule count the limit? A limit of 0 is due at reception in every rule."""
        if not limit.value:
            return True
        if self.family is RuleFamily.HOURS:
            return limit.unit in (LimitUnit.HOUR, LimitUnit.MINUTE, LimitUnit.WORKDAY)
        parts = 2 if self.family is RuleFamily.HALF_DAYS else 1
        whole = (limit.value * parts).denominator == 1
        return whole and (limit.unit is LimitUnit.WORKDAY or (limit.unit in _BY_CODE and self._by_code()))

    def _by_code(self) -> bool:
        """Calendar days and months are counted only as the Civil Code does: BLDS 2015 art. 147, 148."""
        by_date = self.family is RuleFamily.CIVIL and self.due_time is DueTime.SESSION_END
        return by_date and not self.count_receiving_day


_BY_CODE = (LimitUnit.DAY, LimitUnit.MONTH)


@dataclass(frozen=True, slots=True)
class SuspensionRule:
    """What a kind of suspension does to dossiers received from `valid_from` to `valid_to` (both included)."""

    kind: SuspensionKind
    effect: SuspensionEffect
    source: str
    verified: bool = True
    valid_from: date | None = None
    valid_to: date | None = None


CIVIL = Rule("civil", RuleFamily.CIVIL, "BLDS 2015 Điều 147, 148")
HOURS = Rule("hours", RuleFamily.HOURS, "Giờ làm việc của cơ quan")
_PAUSE = SuspensionRule(SuspensionKind.PAUSE, SuspensionEffect.PAUSE, "Mặc định: tạm dừng")
_NONE = SuspensionRule(SuspensionKind.NONE, SuspensionEffect.NONE, "Không ảnh hưởng thời hạn")


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """Everything dated that a deadline depends on besides its calendar; rules are the editions of one key each.

    `asked` is the rule asked for, () = by the unit of the limit. `supplement_days`: working dates after reception within
    which a supplement may be asked for (NĐ 61/2018 art. 19.4); `max_supplements`: how many may restart the clock
    (art. 11.2.c).
    """

    asked: tuple[Rule, ...] = ()
    civil: tuple[Rule, ...] = (CIVIL,)
    hours: tuple[Rule, ...] = (HOURS,)
    suspensions: tuple[SuspensionRule, ...] = ()
    supplement_days: int = 3
    max_supplements: int = 1
    regimes: tuple[Regime, ...] = ()

    def effect_of(self, kind: SuspensionKind, received: date) -> SuspensionRule:
        """The row of a kind for a reception date; a kind without any row pauses (`none` does nothing)."""
        return _effect(self.suspensions, kind, received)

    def regime_for(self, received: date) -> Regime | None:
        """The regime of a dossier received that day; None where the policy has no regimes."""
        if not self.regimes:
            return None
        regime = in_force(self.regimes, received)
        if regime is None:
            raise NotInForceError("bảng chế độ một cửa", received)
        return regime

    def editions_for(self, limit: Limit) -> tuple[Rule, ...]:
        """The editions of the rule asked for, else of the one by unit; UsageError where it refuses the limit."""
        editions = self.asked or (self.hours if _needs_minutes(limit) else self.civil)
        if not all(rule.takes(limit) for rule in editions):
            raise UsageError(f"quy tắc {editions[0].key} không tính được thời hạn “{limit.text}”")
        return editions

    def rule_for(self, limit: Limit, received: date) -> Rule:
        """The rule in force for a limit of a dossier received that day."""
        editions = self.editions_for(limit)
        rule = in_force(editions, received)
        if rule is None:
            raise NotInForceError(f"quy tắc {editions[0].key}", received)
        return rule

    def key_for(self, limit: Limit | NoLimit) -> str:
        """The key of the rule that applies, for answers without a date too."""
        if isinstance(limit, Limit):
            return self.editions_for(limit)[0].key
        return (self.asked or self.civil)[0].key


def _effect(rows: Sequence[SuspensionRule], kind: SuspensionKind, received: date) -> SuspensionRule:
    own = [row for row in rows if row.kind is kind]
    row = in_force(own, received)
    if row is not None:
        return row
    if own:
        raise NotInForceError(f"tác động của tạm dừng “{kind.value}”", received)
    return _NONE if kind is SuspensionKind.NONE else _PAUSE


def _needs_minutes(limit: Limit) -> bool:
    return limit.unit in (LimitUnit.HOUR, LimitUnit.MINUTE) or limit.value.denominator > 1
