"""Secret links to due dates: made, revoked, opened, their use noted. The pages and the command line do it by these alone.

Each act is in the log by the same transaction. A secret is handed back once, to whoever asked for the link; it is kept
as its hash and stands in no log.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.access import FEED_MAKERS, Role
from app.presenters import short_unit
from app.reveal import holds_long_number
from tracker.errors import UsageError
from tracker.store import audit, catalogue, feed_store, people
from tracker.store.audit import Act
from tracker.store.feed_store import PERSON, SCOPES, DueScope, FeedRow, NewFeed
from tracker.store.people import Account
from tracker.store.session import Session, Store
from tracker.types import VN

BYTES = 32
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # so `secrets` writes 32 bytes
LONGEST_NAME = 80
# One for each device and a few more: who needs so many has forgotten to revoke some.
MOST_OPEN = 20
ONLY_MAKERS = "chỉ tài khoản một cửa, thủ trưởng, cải cách hành chính có lịch hẹn trả"
NOT_YOURS = "đơn vị nằm ngoài phạm vi của tài khoản"
TOO_MANY = f"tài khoản đã có {MOST_OPEN} đường dẫn đang dùng; hãy thu hồi bớt"
NO_NUMBERS = "tên lịch không được có số điện thoại hay số định danh"
SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class FeedWanted:
    """What is asked for; `unit_id` None: the account's own unit, or the whole province; no name: a usual one."""

    scope: str
    unit_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class FeedMade:
    """The link, and its secret for the only time."""

    feed_id: int
    name: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A link that opens, and what it shows. `is_demo`: of an account that counts on this machine only."""

    feed: FeedRow
    scope: DueScope
    is_demo: bool


def make_feed(store: Store, account: Account, wanted: FeedWanted, *, actor: str, now: datetime) -> FeedMade:
    """A new link of an account, with a secret of its own.

    Raises:
        UsageError: the account has no due dates to show, not these, or enough links.
    """
    token = secrets.token_urlsafe(BYTES)
    with store.transaction() as session:
        unit_id = _checked(session, account, wanted)
        name = " ".join(wanted.name.split())[:LONGEST_NAME] or _usual_name(session, wanted.scope, unit_id)
        new = NewFeed(account.account_id, wanted.scope, unit_id, name, token)
        feed_id = feed_store.add_feed(session, new, now)
        detail = {"of": _owner(account.account_id), "scope": wanted.scope, "unit_id": unit_id}
        _log(session, Act(now, actor, "feed_made", _subject(feed_id), detail))
    return FeedMade(feed_id, name, token)


def revoke_feed(store: Store, feed: FeedRow, *, actor: str, now: datetime) -> bool:
    """The link opens nothing from now on. False: it was revoked before, and nothing was done."""
    with store.transaction() as session:
        if not feed_store.revoke(session, feed.feed_id, actor, now):
            return False
        _log(session, Act(now, actor, "feed_revoked", _subject(feed.feed_id), _detail(feed)))
    return True


def open_feed(session: Session, token: str) -> OpenFeed | None:
    """The link of a secret, as far as it opens now; None is all that is told of any other."""
    feed = feed_store.find_by_token(session, token) if TOKEN.fullmatch(token) else None
    account = people.find_account(session, feed.account_id) if feed else None
    scope = scope_of(session, feed, account) if feed and account else None
    return OpenFeed(feed, scope, account.is_demo) if feed and account and scope else None


def scope_of(session: Session, feed: FeedRow, account: Account) -> DueScope | None:
    """What a link shows by what its account may see now; None where that no longer holds the link's unit."""
    if account.disabled_at is not None or Role(account.role) not in FEED_MAKERS:
        return None
    own = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
    if own is not None and feed.unit_id not in own:
        return None
    if feed.scope == PERSON:
        return DueScope(own, account.account_id, account.full_name)
    return DueScope(None if feed.unit_id is None else catalogue.unit_subtree(session, feed.unit_id))


def note_read(store: Store, feed: FeedRow, *, count: int, form: str, now: datetime) -> None:
    """Keep that a link was used, with an entry of the log: once a day, however often a calendar asks."""
    midnight = now.astimezone(VN).replace(hour=0, minute=0, second=0, microsecond=0)
    if feed.used_at is not None and feed.used_at >= midnight:
        return
    with store.transaction() as session:
        if feed_store.note_use(session, feed.feed_id, now, midnight):
            detail = {**_detail(feed), "format": form, "count": count}
            _log(session, Act(now, SYSTEM, "feed_read", _subject(feed.feed_id), detail))


def _checked(session: Session, account: Account, wanted: FeedWanted) -> int | None:
    """The unit of the link, where it may be made."""
    if account.disabled_at is not None or Role(account.role) not in FEED_MAKERS:
        raise UsageError(ONLY_MAKERS)
    if wanted.scope not in SCOPES:
        raise UsageError(f"phạm vi là một trong: {', '.join(SCOPES)}")
    if holds_long_number(wanted.name):
        raise UsageError(NO_NUMBERS)
    unit_id = account.unit_id if wanted.scope == PERSON or wanted.unit_id is None else wanted.unit_id
    own = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
    if unit_id is not None and unit_id not in (catalogue.units(session) if own is None else own):
        raise UsageError(NOT_YOURS)
    if feed_store.count_open(session, account.account_id) >= MOST_OPEN:
        raise UsageError(TOO_MANY)
    return unit_id


def _usual_name(session: Session, scope: str, unit_id: int | None) -> str:
    if scope == PERSON:
        return "Lịch hẹn trả của tôi"
    unit = "toàn tỉnh" if unit_id is None else short_unit(catalogue.units(session)[unit_id].name)
    return f"Lịch hẹn trả: {unit}"[:LONGEST_NAME]


def _detail(feed: FeedRow) -> dict[str, Any]:
    return {"of": _owner(feed.account_id)}


def _owner(account_id: int) -> str:
    return f"user:{account_id}"


def _subject(feed_id: int) -> str:
    return f"feed:{feed_id}"


def _log(session: Session, act: Act) -> None:
    audit.append_acts(session, [act])
