"""Who is told: the words of a rule -> accounts, by where they sit above the dossier's unit, with leave and delegates. Pure.

Nobody is told twice of one alert. Where a word finds nobody, the next head above is asked; where there is none either,
the answer is empty, and that is an alert of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifications.alerts.rungs import Who
from tracker.text import fold

DESK, HEAD, REFORM, ADMIN = "desk", "head", "reform", "admin"


@dataclass(frozen=True, slots=True)
class Person:
    """An open account, as alerts see it."""

    account_id: int
    login: str
    full_name: str
    role: str
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Leave:
    """A span of days, both included, in which somebody is away."""

    account_id: int
    first_day: date
    last_day: date
    delegate_id: int | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to be told, as whom, and on behalf of whom (an account that is away)."""

    account_id: int
    why: Who
    instead_of: int | None = None


class Directory:
    """The people of one day."""

    def __init__(
        self,
        people: Iterable[Person],
        above: Mapping[int, int | None],
        leaves: Iterable[Leave],
        day: date,
    ) -> None:
        """`above`: the unit over each one; of an abolished unit its successor."""
        self._people = {person.account_id: person for person in people}
        self._above = above
        self._away = {each.account_id: each for each in leaves if each.first_day <= day <= each.last_day}
        self._at: dict[tuple[str, int | None], list[Person]] = {}
        for person in self._people.values():
            self._at.setdefault((person.role, person.unit_id), []).append(person)
        names: dict[str, list[Person]] = {}
        for person in self._people.values():
            if person.role in (DESK, HEAD):
                names.setdefault(fold(person.full_name), []).append(person)
        self._named = names
        self._paths: dict[int | None, tuple[int, ...]] = {}

    def path(self, unit_id: int | None) -> tuple[int, ...]:
        """A unit and those above it, nearest first; a circle in the catalogue ends it."""
        if unit_id not in self._paths:
            found: list[int] = []
            unit = unit_id
            while unit is not None and unit not in found:
                found.append(unit)
                unit = self._above.get(unit)
            self._paths[unit_id] = tuple(found)
        return self._paths[unit_id]

    def told(
        self, who: Sequence[Who], unit_id: int | None, *, officer: str = "", assigned: int | None = None
    ) -> tuple[Recipient, ...]:
        """Whom these words mean for a dossier of a unit; `officer`: whom the source names. Empty: nobody."""
        found: dict[int, Recipient] = {}
        for word in who:
            people = self._of(word, unit_id, officer, assigned)
            if not people and word in (Who.HANDLER, Who.DESK):
                word, people = Who.DIVISION, self._of(Who.DIVISION, unit_id, officer, assigned)
            for person in _flat(people):
                recipient = self._present(person, word)
                found.setdefault(recipient.account_id, recipient)
        return tuple(found.values())

    def _of(self, word: Who, unit_id: int | None, officer: str, assigned: int | None) -> list[list[Person]]:
        if word is Who.HANDLER:
            return _one(self._handler(unit_id, officer, assigned))
        if word is Who.DESK:
            return self._nearest(DESK, unit_id)[:1]
        if word is Who.PROVINCE:
            return _one([*self._at.get((REFORM, None), ()), *self._at.get((HEAD, None), ())])
        if word is Who.ADMIN:
            return _one([person for person in self._people.values() if person.role == ADMIN])
        heads = self._nearest(HEAD, unit_id)
        above = heads[1:2] if word is Who.UNIT else []
        return above or heads[:1] or _one(self._at.get((HEAD, None), []))

    def _handler(self, unit_id: int | None, officer: str, assigned: int | None) -> list[Person]:
        """Who was given it, else the one account of the unit's line that bears the name of the source."""
        if assigned is not None and assigned in self._people:
            return [self._people[assigned]]
        path = self.path(unit_id)
        named = [
            person
            for person in (self._named.get(fold(officer), ()) if officer.strip() else ())
            if person.unit_id in path
        ]
        return named if len(named) == 1 else []

    def _nearest(self, role: str, unit_id: int | None) -> list[list[Person]]:
        return [self._at[role, unit] for unit in self.path(unit_id) if (role, unit) in self._at]

    def _present(self, person: Person, word: Who) -> Recipient:
        """The person, or who stands in; who is away without anybody to stand in is told all the same."""
        seen, now = {person.account_id}, person
        while now.account_id in self._away:
            delegate = self._people.get(self._away[now.account_id].delegate_id or 0)
            if delegate is None or delegate.account_id in seen:
                return Recipient(person.account_id, word)
            seen.add(delegate.account_id)
            now = delegate
        away = None if now is person else person.account_id
        return Recipient(now.account_id, word, away)


def _one(people: list[Person]) -> list[list[Person]]:
    return [people] if people else []


def _flat(groups: list[list[Person]]) -> list[Person]:
    return [person for group in groups for person in group]
