"""Which rungs hold for a dossier: the shipped ones with what the office set over them, by scope and day. Pure.

A rule of the office says for one measure and threshold, within a scope, whom it tells or that it is off. Of several the
closest scope governs: a procedure goes before a field, a field before a unit, a lower unit before a higher one; of the
same scope the one that holds from the later day, then the one entered later. One that was taken back leaves its scope
without a word of its own: what is set for a wider one holds there again, in the end the shipped rung.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from notifications.alerts.rungs import Measure, Rung, Who
from tracker.errors import ConfigurationError

Scope = tuple[tuple[str, int], int | None, int | None, int | None]
SHIPPED = Path(__file__).parent / "data" / "alert_rules.toml"


@dataclass(frozen=True, slots=True)
class OfficeRule:
    """What an office set; a scope of None is everything. On and telling nobody: what was set there is taken back."""

    rule_id: int
    measure: Measure
    threshold: int
    unit_id: int | None
    field_id: int | None
    procedure_id: int | None
    who: tuple[Who, ...]
    is_urgent: bool
    is_on: bool
    valid_from: date

    @property
    def is_taken_back(self) -> bool:
        """Does its scope no longer say anything of this rung?"""
        return self.is_on and not self.who

    @property
    def rung(self) -> Rung:
        """The rung as it says it."""
        return Rung(self.measure, self.threshold, self.who, self.is_urgent, self.rule_id)

    @property
    def scope(self) -> Scope:
        """Of what it says anything: rung, unit, field, procedure."""
        return self.rung.key, self.unit_id, self.field_id, self.procedure_id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a dossier lies: its unit with those above it (nearest first), its field and procedure."""

    units: tuple[int, ...] = ()
    field_id: int | None = None
    procedure_id: int | None = None


class RuleBook:
    """The rungs of every place on one day."""

    def __init__(self, shipped: Sequence[Rung], office: Sequence[OfficeRule], day: date) -> None:
        self._shipped = tuple(shipped)
        self._office = tuple(_standing(rule for rule in office if rule.valid_from <= day))
        self._known: dict[Place, tuple[Rung, ...]] = {}

    def at(self, place: Place) -> tuple[Rung, ...]:
        """The rungs that hold there, the worst first."""
        found = self._known.get(place)
        if found is None:
            found = self._known[place] = self._made(place)
        return found

    def governing(self, place: Place) -> dict[tuple[str, int], OfficeRule]:
        """What the office set that governs there, by rung: those that are switched off too."""
        closest: dict[tuple[str, int], OfficeRule] = {}
        for rule in self._office:
            key = rule.rung.key
            if _covers(rule, place) and (
                key not in closest or _closeness(rule, place) > _closeness(closest[key], place)
            ):
                closest[key] = rule
        return closest

    def _made(self, place: Place) -> tuple[Rung, ...]:
        rungs = {rung.key: rung for rung in self._shipped}
        for key, rule in self.governing(place).items():
            rungs.pop(key, None)
            if rule.is_on:
                rungs[key] = rule.rung
        return tuple(sorted(rungs.values(), key=lambda rung: -rung.rank))


def _standing(rules: Iterable[OfficeRule]) -> Iterator[OfficeRule]:
    """Of each scope the rule that came last, but for those that were taken back."""
    newest: dict[Scope, OfficeRule] = {}
    for rule in sorted(rules, key=lambda each: (each.valid_from, each.rule_id)):
        newest[rule.scope] = rule
    return (rule for rule in newest.values() if not rule.is_taken_back)


def _covers(rule: OfficeRule, place: Place) -> bool:
    return (
        (rule.unit_id is None or rule.unit_id in place.units)
        and (rule.field_id is None or rule.field_id == place.field_id)
        and (rule.procedure_id is None or rule.procedure_id == place.procedure_id)
    )


def _closeness(rule: OfficeRule, place: Place) -> tuple[bool, bool, int]:
    near = 0 if rule.unit_id is None else len(place.units) - place.units.index(rule.unit_id)
    return rule.procedure_id is not None, rule.field_id is not None, near


@cache
def shipped_rungs(path: Path = SHIPPED) -> tuple[Rung, ...]:
    """The rungs that come with the program.

    Raises:
        ConfigurationError: the table cannot be used.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))["rung"]
        return tuple(_rung(entry) for entry in told)
    except (OSError, KeyError, TypeError, ValueError) as fault:
        raise ConfigurationError([f"{path.name}: {type(fault).__name__} {fault}"]) from fault


def _rung(entry: Mapping[str, Any]) -> Rung:
    who = tuple(Who(word) for word in entry["who"])
    if not who:
        raise ValueError(f"{entry['measure']}: không có người nhận")
    return Rung(Measure(entry["measure"]), int(entry["threshold"]), who, bool(entry.get("urgent", False)))
