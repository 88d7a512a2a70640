"""The thresholds of the signs, as dated values; what they mean stands beside them in `tracker/data/integrity.toml`."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from tracker.types.findings import KIND_WORDS, FindingKind


@dataclass(frozen=True, slots=True)
class IntegrityRules:
    """One edition; days are working days, minutes working minutes. Numbers of this program, of no regulation."""

    valid_from: date
    correction_minutes: int
    letter_grace_days: int
    slack_days: int
    full_term_least_days: int
    full_term_window_days: int
    bulk_least: int
    last_day_least_term: int
    last_day_kinds: tuple[str, ...]
    equal_least: int
    equal_times: int
    equal_percent: int
    backdated_days: int
    step_minutes: int
    desk_words: tuple[str, ...]
    wave_least: int
    wave_times: int
    wave_days_before: int
    wave_percent: int
    reopened_days: int

    @property
    def version(self) -> str:
        """Other rules have another version: what was found by the old ones is looked at anew."""
        return f"{KINDS_VERSION}:{sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]}"


# Raised whenever the code finds otherwise by the same thresholds.
KINDS_VERSION = 1


def rules_on(editions: Sequence[IntegrityRules], day: date) -> IntegrityRules:
    """The edition that holds on a day: the latest that has begun; before all of them the earliest."""
    begun = [one for one in editions if one.valid_from <= day]
    if begun:
        return max(begun, key=lambda one: one.valid_from)
    return min(editions, key=lambda one: one.valid_from)


def rule_text(kind: FindingKind, rules: IntegrityRules) -> str:
    """When a kind is found, with its thresholds, for people."""
    told: dict[str, Any] = asdict(rules)
    return KIND_WORDS[kind].rule.format_map(told)
