"""What the pages of keys show, in words: the units that a key may write, the units to choose from, where a sender is pointed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.catalogue_forms import KINDS
from app.presenters import Chip
from tracker.config import ReceiverConfig
from tracker.store import catalogue, reported, source_keys
from tracker.store.session import Session
from tracker.store.source_keys import Key
from tracker.types import UnitRef

# Of a key's units its line in the list names so many.
NAMED = 3
OPEN, REVOKED = Chip("tick", "Đang dùng", "kept"), Chip("dash", "Đã thu hồi", "plain")
NEVER_USED = Chip("hollow-circle", "Chưa dùng", "plain")
# In the order in which a person looks for them; kinds of other offices come after.
KINDS_FIRST = ("office", "department", "centre", "branch", "commune", "desk", "district")
OTHERS = "Đơn vị khác"


@dataclass(frozen=True, slots=True)
class KeyUnit:
    """A unit that a key was bound to; `name` is empty where the catalogue no longer knows the code."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key with its units by name; no unit at all = it may write all of them."""

    key: Key
    units: tuple[KeyUnit, ...]

    @property
    def state(self) -> Chip:
        """May it still be used, and was it?"""
        if self.key.disabled_at is not None:
            return REVOKED
        return OPEN if self.key.used_at else NEVER_USED

    @property
    def reach(self) -> str:
        """Its units on one line; empty for all units."""
        named = ", ".join(each.name or each.code for each in self.units[:NAMED])
        more = len(self.units) - NAMED
        return f"{named} và {more} đơn vị khác" if more > 0 else named


@dataclass(frozen=True, slots=True)
class UnitChoice:
    """A unit that a key may be bound to; `below` are those that it brings with it."""

    code: str
    name: str
    below: int


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """The units of one kind, by name."""

    word: str
    units: tuple[UnitChoice, ...]

    def is_among(self, codes: Iterable[str]) -> bool:
        """Is one of these units in it?"""
        return not {each.code for each in self.units}.isdisjoint(codes)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a new key may be made of."""

    sources: tuple[str, ...]
    groups: tuple[UnitGroup, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Of all units."""
        return frozenset(unit.code for group in self.groups for unit in group.units)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a sender is pointed, and what it may do there."""

    address: str
    limits: ReceiverConfig


# ---------------------------------------------------------------- gathering


def shown_keys(session: Session) -> list[ShownKey]:
    """All keys: those that count first, each by name."""
    keys, known = source_keys.list_keys(session), _by_code(session)
    shown = [_shown(session, key, known) for key in keys]
    return sorted(shown, key=lambda each: (each.key.disabled_at is not None, each.key.login))


def shown_key(session: Session, key_id: int) -> ShownKey | None:
    """One key, whether it still counts or not."""
    key = source_keys.key_by_id(session, key_id)
    return None if key is None else _shown(session, key, _by_code(session))


def choices(session: Session, day: date) -> Choices:
    """The sources there are, and the units of that day."""
    return Choices(tuple(reported.source_ids(session)), unit_groups(catalogue.units(session), day))


def _by_code(session: Session) -> Mapping[str, UnitRef]:
    return {unit.code: unit for unit in catalogue.units(session).values()}


def _shown(session: Session, key: Key, known: Mapping[str, UnitRef]) -> ShownKey:
    return ShownKey(key, tuple(KeyUnit(code, _name(session, code, known)) for code in key.units))


def _name(session: Session, code: str, known: Mapping[str, UnitRef]) -> str:
    if code in known:
        return known[code].name
    # A unit whose code was corrected since is found by the old one, as the receiver finds it.
    unit_id = catalogue.find_unit(session, code)
    return next((unit.name for unit in known.values() if unit.unit_id == unit_id), "")


# ---------------------------------------------------------------- units to choose from


def unit_groups(units: Mapping[int, UnitRef], day: date) -> tuple[UnitGroup, ...]:
    """The units of a day by kind; neither those that have ended nor names that no catalogue knows."""
    offered = [unit for unit in units.values() if _is_offered(unit, day)]
    below = _below(offered)
    by_kind: dict[str, list[UnitChoice]] = {}
    for unit in sorted(offered, key=lambda one: one.name):
        choice = UnitChoice(unit.code, unit.name, below.get(unit.unit_id, 0))
        by_kind.setdefault(unit.kind if unit.kind in KINDS_FIRST else "", []).append(choice)
    return tuple(
        UnitGroup(KINDS.get(kind, OTHERS), tuple(by_kind[kind]))
        for kind in (*KINDS_FIRST, "")
        if kind in by_kind
    )


def _is_offered(unit: UnitRef, day: date) -> bool:
    return unit.kind != "unknown" and (unit.valid_to is None or unit.valid_to >= day)


def _below(units: Sequence[UnitRef]) -> Mapping[int, int]:
    """How many of these lie below each of them; a circle of parents ends where it began."""
    parents = {unit.unit_id: unit.parent_id for unit in units}
    counts: dict[int, int] = {}
    for unit in units:
        seen, above = {unit.unit_id}, unit.parent_id
        while above is not None and above not in seen:
            counts[above] = counts.get(above, 0) + 1
            seen.add(above)
            above = parents.get(above)
    return counts
