"""The dated data of `tracker/data` -> the values that pure modules take: rules, regimes, effects.

Read once and kept; a fault in a table is a ConfigurationError that names file and place.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.measures.step_kinds import StepKindRow, StepKinds
from tracker.tables import bad_table, day_of, minute_of, read_table
from tracker.timekeeping.dated import Row, overlapping
from tracker.timekeeping.limits import FieldDays
from tracker.timekeeping.regimes import Regime
from tracker.timekeeping.rules import DeadlinePolicy, DueTime, Rule, RuleFamily, SuspensionRule
from tracker.types import LimitUnit, SuspensionEffect, SuspensionKind
from tracker.types.causes import StepKind


@lru_cache(maxsize=4)
def load_rules(path: Path | None = None) -> Mapping[str, tuple[Rule, ...]]:
    """The editions of each counting rule by key, in the order of the table."""
    try:
        rules = [_rule(entry) for entry in read_table("rules.toml", path)["rule"]]
        return {key: _one_family(editions) for key, editions in _by_key(rules).items()}
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("rules.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_regimes(path: Path | None = None) -> tuple[Regime, ...]:
    """The one-stop regimes by reception date, in the order of the table."""
    try:
        regimes = tuple(_regime(entry) for entry in read_table("regimes.toml", path)["regime"])
        return _apart("chế độ một cửa", regimes)
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("regimes.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_field_days(path: Path | None = None) -> tuple[FieldDays, ...]:
    """What a bare "ngày" means in a field of administration, by reception date."""
    try:
        return tuple(_field_days(entry) for entry in read_table("regimes.toml", path)["field_days"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("regimes.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_suspension_effects(path: Path | None = None) -> tuple[SuspensionRule, ...]:
    """What suspensions do, by kind and reception date, in the order of the table."""
    try:
        rows = tuple(_suspension_rule(entry) for entry in read_table("suspensions.toml", path)["effect"])
        for kind in SuspensionKind:
            _apart(kind.value, tuple(row for row in rows if row.kind is kind))
        return rows
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
        asked=rules[rule_key] if rule_key else (),
        civil=rules["civil"],
        hours=rules["hours"],
        suspensions=load_suspension_effects(),
        supplement_days=table["supplement_days"],
        max_supplements=table["max_supplements"],
        regimes=load_regimes(),
    )


@lru_cache(maxsize=4)
def load_step_kinds(path: Path | None = None) -> StepKinds:
    """What kind of department works on a step, by words of its name, in the order of the table."""
    try:
        return StepKinds([_step_kind(entry) for entry in read_table("step_kinds.toml", path)["kind"]])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("step_kinds.toml", path, fault) from fault


def _step_kind(entry: Mapping[str, Any]) -> StepKindRow:
    words = tuple(entry["words"])
    if not words or not all(word.strip() for word in words):
        raise ValueError(f"{entry['kind']}: words phải có chữ")
    return StepKindRow(StepKind(entry["kind"]), words, entry["source"], **_span(entry))


_RULE_KEYS = {
    *("key", "family", "name", "source", "cutoff", "count_receiving_day", "due_time", "half_days"),
    *("rounding_minutes", "comparison", "valid_from", "valid_to"),
}


def _rule(entry: Mapping[str, Any]) -> Rule:
    if unknown := entry.keys() - _RULE_KEYS:
        raise ValueError(f"quy tắc {entry.get('key')}: không có tham số {', '.join(sorted(unknown))}")
    due_time, closings = _due_time(entry)
    rounding = int(entry.get("rounding_minutes", 0))
    if rounding not in (0, 15):
        raise ValueError(f"rounding_minutes phải là 0 hoặc 15: {rounding}")
    return Rule(
        key=entry["key"],
        family=RuleFamily(entry["family"]),
        source=entry["source"],
        name=entry.get("name", ""),
        cutoff=minute_of(entry["cutoff"]) if "cutoff" in entry else None,
        count_receiving_day=bool(entry.get("count_receiving_day", False)),
        due_time=due_time,
        closings=closings,
        rounding_minutes=rounding,
        comparison=bool(entry.get("comparison", False)),
        **_span(entry),
    )


def _due_time(entry: Mapping[str, Any]) -> tuple[DueTime, tuple[int, ...]]:
    """The due time and its closings; a time such as "17:30" is a fixed closing."""
    text = entry.get("due_time", DueTime.SESSION_END.value)
    if ":" in text:
        return DueTime.CLOSING, (minute_of(text),)
    half_days = tuple(minute_of(each) for each in entry.get("half_days", ()))
    by_half_days = RuleFamily(entry["family"]) is RuleFamily.HALF_DAYS
    if by_half_days is not bool(half_days) or half_days != tuple(sorted(set(half_days))):
        raise ValueError(
            f"quy tắc {entry['key']}: half_days phải có, theo thứ tự, khi và chỉ khi tính theo buổi"
        )
    return DueTime(text), half_days


def _by_key(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    editions: dict[str, tuple[Rule, ...]] = {}
    for rule in rules:
        editions[rule.key] = (*editions.get(rule.key, ()), rule)
    return editions


def _one_family(editions: tuple[Rule, ...]) -> tuple[Rule, ...]:
    if len({rule.family for rule in editions}) > 1:
        raise ValueError(f"quy tắc {editions[0].key}: các dòng phải cùng family")
    return _apart(f"quy tắc {editions[0].key}", editions)


def _apart(what: str, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    if overlapping(rows):
        raise ValueError(f"{what}: hai dòng cùng áp dụng cho một ngày tiếp nhận")
    return rows


def _span(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: day_of(entry[name]) if name in entry else None for name in ("valid_from", "valid_to")}


def _regime(entry: Mapping[str, Any]) -> Regime:
    unknown = {"apology_lead_days": None, "max_reappointments": None}
    return Regime(**{**unknown, **entry, **_span(entry)})


def _field_days(entry: Mapping[str, Any]) -> FieldDays:
    return FieldDays(
        entry["field"], LimitUnit(entry["day_kind"]), entry["source"], bool(entry["verified"]), **_span(entry)
    )


def _suspension_rule(entry: Mapping[str, Any]) -> SuspensionRule:
    return SuspensionRule(
        SuspensionKind(entry["kind"]),
        SuspensionEffect(entry["effect"]),
        entry["source"],
        bool(entry["verified"]),
        **_span(entry),
    )
