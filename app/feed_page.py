"""What the page of secret links shows: the links in words, the units to choose from, where a new link lies."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app import feed_acts
from app.feed_acts import FeedWanted
from app.key_page import UnitGroup, unit_groups
from app.presenters import Chip, sentence, short_unit
from tracker.errors import UsageError
from tracker.store import catalogue, feed_store, people
from tracker.store.feed_store import PERSON, SCOPES, UNIT, FeedRow
from tracker.store.people import Account
from tracker.store.session import Session

IN_USE, UNUSED = Chip("tick", "Đang dùng", "kept"), Chip("hollow-circle", "Chưa dùng", "plain")
LONGEST_CODE = 60
CLOSED, REVOKED = Chip("flag", "Không mở được", "soon"), Chip("dash", "Đã thu hồi", "plain")


@dataclass(frozen=True, slots=True)
class ShownFeed:
    """A link as its line shows it; `opens`: does the owner's account still see what it shows?"""

    feed: FeedRow
    opens: bool

    @property
    def state(self) -> Chip:
        """Does it open, and did it?"""
        if self.feed.revoked_at is not None:
            return REVOKED
        if not self.opens:
            return CLOSED
        return IN_USE if self.feed.used_at else UNUSED

    @property
    def shows(self) -> str:
        """Whose unit's dossiers are in it, where it is no person's."""
        return short_unit(self.feed.unit) if self.feed.unit else "Toàn tỉnh"


@dataclass(frozen=True, slots=True)
class NewFeedForm:
    """The form of a new link as it stands on the page; `unit`: a code, "" = the account's own; `fault`: what is wrong."""

    scope: str = PERSON
    unit: str = ""
    name: str = ""
    fault: str = ""

    def wanted(self, session: Session) -> FeedWanted:
        """What it asks for.

        Raises:
            UsageError: there is no such unit.
        """
        if self.scope != UNIT or not self.unit:
            return FeedWanted(self.scope, None, self.name)
        unit_id = catalogue.find_unit(session, self.unit)
        if unit_id is None:
            raise UsageError("không có đơn vị này")
        return FeedWanted(self.scope, unit_id, self.name)

    def with_fault(self, fault: object) -> "NewFeedForm":
        """The same with what was found wrong."""
        return replace(self, fault=sentence(fault))


@dataclass(frozen=True, slots=True)
class NewLink:
    """The addresses of a link that was just made, for the only time."""

    name: str
    calendar: str
    atom: str


def read_new_feed(typed: Mapping[str, str]) -> NewFeedForm:
    """The form as it was sent."""
    scope = typed.get("pham-vi", "")
    form = NewFeedForm(
        scope, typed.get("don-vi", "")[:LONGEST_CODE], typed.get("ten", "")[: feed_acts.LONGEST_NAME]
    )
    return form if scope in SCOPES else form.with_fault("Hãy chọn lịch có những hồ sơ nào.")


def shown_feeds(session: Session, account_id: int | None) -> list[ShownFeed]:
    """The links of an account (None: of all)."""
    return [ShownFeed(feed, _opens(session, feed)) for feed in feed_store.list_feeds(session, account_id)]


def _opens(session: Session, feed: FeedRow) -> bool:
    if feed.revoked_at is not None:
        return False
    account = people.find_account(session, feed.account_id)
    return account is not None and feed_acts.scope_of(session, feed, account) is not None


def units_below(session: Session, account: Account, now: datetime) -> tuple[UnitGroup, ...]:
    """The units of today that lie below the account's own; of an account without one all of them."""
    units = catalogue.units(session)
    if account.unit_id is not None:
        own = catalogue.unit_subtree(session, account.unit_id)
        units = {unit_id: unit for unit_id, unit in units.items() if unit_id in own - {account.unit_id}}
    return unit_groups(units, now.date())
