"""What the page of leaves shows: who is away and who stands in, whose leave may be entered, whom one may choose."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from app.access import ROLE_NAMES, Role
from app.presenters import Chip
from notifications.alerts.leave_acts import LeaveActor, leave_words, may_stand_in, units_over
from tracker.store import absence_store, alert_store, catalogue
from tracker.store.absence_store import AbsenceRow
from tracker.store.alert_store import AccountRow
from tracker.store.session import Session
from tracker.types import UnitRef

LOOKED_BACK = timedelta(days=30)  # leaves that are over are shown for so long
AWAY, SOON, OVER = ("bars", "paused"), ("clock", "plain"), ("dash", "plain")


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """An account to choose from."""

    account_id: int
    login: str
    word: str


@dataclass(frozen=True, slots=True)
class ShownLeave:
    """A leave in words; `may_end`: may who looks end it early?"""

    row: AbsenceRow
    unit: str
    state: Chip
    may_end: bool


@dataclass(frozen=True, slots=True)
class LeavesShown:
    """Leaves that last or are to come, those that are over, and the accounts to choose from."""

    present: tuple[ShownLeave, ...]
    past: tuple[ShownLeave, ...]
    people: tuple[PersonChoice, ...]
    delegates: tuple[PersonChoice, ...]

    @property
    def accounts(self) -> Mapping[str, int]:
        """Whose leave may be entered, by login."""
        return {each.login: each.account_id for each in self.people}

    @property
    def standing_in(self) -> Mapping[str, int]:
        """Who may stand in for one of them at least, by login."""
        return {each.login: each.account_id for each in self.delegates}


def leaves_shown(session: Session, entering: LeaveActor) -> LeavesShown:
    """The leaves of the accounts that somebody may enter leaves for, and the choices of the form."""
    today, units = entering.actor.today, catalogue.units(session)
    accounts = alert_store.accounts(session)
    own = {each.account_id: each for each in accounts if entering.may_enter(each)}
    rows = absence_store.absences(session, today - LOOKED_BACK, list(own), ended=True)
    shown = [_shown(row, units, today) for row in rows]
    return LeavesShown(
        tuple(each for each in shown if each.may_end),
        tuple(each for each in reversed(shown) if not each.may_end),
        tuple(_choice(each, units) for each in own.values()),
        tuple(_choice(each, units) for each in _delegates(own.values(), accounts, units)),
    )


def _shown(row: AbsenceRow, units: Mapping[int, UnitRef], today: date) -> ShownLeave:
    is_over = row.ended_at is not None or row.last_day < today
    mark, tone = OVER if is_over else AWAY if row.first_day <= today else SOON
    chip = Chip(mark, leave_words(row, today), tone)
    return ShownLeave(row, _unit(row.unit_id, units), chip, not is_over)


def _delegates(
    own: Iterable[AccountRow], accounts: Iterable[AccountRow], units: Mapping[int, UnitRef]
) -> list[AccountRow]:
    """The accounts that may stand in for one of some people at least."""
    alike: dict[tuple[str, int | None], list[AccountRow]] = {}
    for away in own:
        alike.setdefault((away.role, away.unit_id), []).append(away)
    # Of people alike two are enough to ask about: nobody stands in for himself.
    asked = [away for group in alike.values() for away in group[:2]]
    over = {away.unit_id: units_over(units, away.unit_id) for away in asked}
    return [each for each in accounts if any(may_stand_in(each, away, over[away.unit_id]) for away in asked)]


def _choice(account: AccountRow, units: Mapping[int, UnitRef]) -> PersonChoice:
    place = _unit(account.unit_id, units)
    return PersonChoice(
        account.account_id, account.login, f"{account.full_name} ({ROLE_NAMES[Role(account.role)]}, {place})"
    )


def _unit(unit_id: int | None, units: Mapping[int, UnitRef]) -> str:
    return units[unit_id].name if unit_id is not None and unit_id in units else "toàn tỉnh"
