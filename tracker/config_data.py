"""The dated data of `tracker/data` -> the values that pure modules take: rules, effects of suspensions, editions.

Read once and kept; a fault in a table is a ConfigurationError that names file and place.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.measures.scoring import Edition
from tracker.tables import bad_table, day_of, minute_of, read_table
from tracker.timekeeping.rules import DeadlinePolicy, Rule, RuleFamily, SuspensionRule
from tracker.types import SuspensionEffect, SuspensionKind


@lru_cache(maxsize=4)
def load_rules(path: Path | None = None) -> Mapping[str, Rule]:
    """The counting rules by key."""
    try:
        return {entry["key"]: _rule(entry) for entry in read_table("rules.toml", path)["rule"]}
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("rules.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_suspension_effects(path: Path | None = None) -> tuple[SuspensionRule, ...]:
    """What suspensions do, by kind and reception date, in the order of the table."""
    try:
        return tuple(_suspension_rule(entry) for entry in read_table("suspensions.toml", path)["effect"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("suspensions.toml", path, fault) from fault


@lru_cache(maxsize=32)
def load_policy(rule_key: str | None = None) -> DeadlinePolicy:
    """Everything dated that a deadline depends on; without a key the rule goes by the unit of the limit."""
    rules = load_rules()
    if rule_key is not None and rule_key not in rules:
        raise UsageError(f"không có quy tắc {rule_key}; có: {', '.join(sorted(rules))}")
    table = read_table("suspensions.toml", None)
    return DeadlinePolicy(
        rule=rules[rule_key] if rule_key else None,
        civil=rules["civil"],
        hours=rules["hours"],
        suspensions=load_suspension_effects(),
        supplement_days=table["supplement_days"],
        max_supplements=table["max_supplements"],
    )


def intake_minutes() -> int:
    """Working minutes the desk has to accept, refuse or ask for more."""
    return int(read_table("rules.toml", None)["intake_minutes"])


def _rule(entry: Mapping[str, Any]) -> Rule:
    cutoff = minute_of(entry["cutoff"]) if "cutoff" in entry else None
    return Rule(entry["key"], RuleFamily(entry["family"]), entry["source"], entry.get("name", ""), cutoff)


def _suspension_rule(entry: Mapping[str, Any]) -> SuspensionRule:
    return SuspensionRule(
        SuspensionKind(entry["kind"]),
        SuspensionEffect(entry["effect"]),
        entry["source"],
        bool(entry["verified"]),
        day_of(entry["valid_from"]) if "valid_from" in entry else None,
        day_of(entry["valid_to"]) if "valid_to" in entry else None,
    )


@lru_cache(maxsize=4)
def load_editions(path: Path | None = None) -> tuple[Edition, ...]:
    """The editions of scoring criteria, in the order of the table."""
    try:
        return tuple(_edition(entry) for entry in read_table("criteria.toml", path)["edition"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("criteria.toml", path, fault) from fault


def _edition(entry: Mapping[str, Any]) -> Edition:
    numbers = {name: Fraction(entry[name]) for name in ("max_points", "threshold")}
    return Edition(**{**entry, **numbers})
