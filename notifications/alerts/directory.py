"""Who is told: the words of a rule -> accounts, by where they sit above the dossier's unit, with leave and delegates. Pure.

Nobody is told twice of one alert. Who is on leave without anybody to stand in is passed over. Where a word finds nobody
who is there, the next head above is asked; where there is none either, those who are away are told all the same, and
where there is nobody at all the answer is empty, and that is an alert of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifications.alerts.rungs import Who
from tracker.text import fold

DESK, HEAD, REFORM, ADMIN = "desk", "head", "reform", "admin"
# Who works on the dossier; where neither is known, who is told instead.
FIRST_HAND = frozenset({Who.HANDLER, Who.DESK})
INSTEAD = (Who.DESK, Who.DIVISION)


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
        """A unit and those above it, nearest first."""
        if unit_id not in self._paths:
            self._paths[unit_id] = path_of(self._above, unit_id)
        return self._paths[unit_id]

    def told(
        self, who: Sequence[Who], unit_id: int | None, *, officer: str = "", assigned: int | None = None
    ) -> tuple[Recipient, ...]:
        """Whom these words mean for a dossier of a unit; `officer`: whom the source names. Empty: nobody.

        Where none of them finds anybody, the desk is told in the place of a handler, and the nearest head in that of both.
        """
        found: dict[int, Recipient] = {}
        for word in who:
            for recipient in self._heard(word, unit_id, officer, assigned):
                found.setdefault(recipient.account_id, recipient)
        for instead in INSTEAD if not found and set(who) & FIRST_HAND else ():
            found = {each.account_id: each for each in self._heard(instead, unit_id, officer, assigned)}
            if found:
                break
        return tuple(found.values())

    def _heard(
        self, word: Who, unit_id: int | None, officer: str, assigned: int | None
    ) -> Sequence[Recipient]:
        """Of the people whom a word means, nearest first, those who are there or have somebody who stands in.

        Where nobody is, all the same the first of them: they read it when they are back.
        """
        asked = [(word, group) for group in self._of(word, unit_id, officer, assigned)]
        if word in FIRST_HAND and asked:  # away without anybody to stand in: the head has to know
            asked += [(Who.DIVISION, group) for group in self._of(Who.DIVISION, unit_id, officer, assigned)]
        for meant, group in asked:
            if present := [each for person in group if (each := self._present(person, meant))]:
                return present
        return [Recipient(person.account_id, meant) for meant, group in asked[:1] for person in group]

    def _of(self, word: Who, unit_id: int | None, officer: str, assigned: int | None) -> list[list[Person]]:
        """Who is meant, in groups of which the first is asked first."""
        if word is Who.HANDLER:
            return _one(self._handler(unit_id, officer, assigned))
        if word is Who.DESK:
            return self._nearest(DESK, unit_id)[:1]
        if word is Who.PROVINCE:
            return _one([*self._at.get((REFORM, None), ()), *self._at.get((HEAD, None), ())])
        if word is Who.ADMIN:
            return _one([person for person in self._people.values() if person.role == ADMIN])
        heads = self._nearest(HEAD, unit_id)
        above = heads[1:] if word is Who.UNIT else []
        return [*(above or heads), *_one(self._at.get((HEAD, None), []))]

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

    def _present(self, person: Person, word: Who) -> Recipient | None:
        """The person, or who stands in; None where all of them are away, be it in a circle."""
        seen, now = {person.account_id}, person
        while now.account_id in self._away:
            delegate = self._people.get(self._away[now.account_id].delegate_id or 0)
            if delegate is None or delegate.account_id in seen:
                return None
            seen.add(delegate.account_id)
            now = delegate
        away = None if now is person else person.account_id
        return Recipient(now.account_id, word, away)


def _one(people: list[Person]) -> list[list[Person]]:
    return [people] if people else []


def path_of(above: Mapping[int, int | None], unit_id: int | None) -> tuple[int, ...]:
    """A unit and those above it, nearest first; a circle in the catalogue ends it."""
    found: list[int] = []
    while unit_id is not None and unit_id not in found:
        found.append(unit_id)
        unit_id = above.get(unit_id)
    return tuple(found)
