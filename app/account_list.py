"""The list of accounts as administrators look through it: what the address asks for, tabs with counts. Knows no request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.access import Role
from app.admin_home import UNUSED_AFTER
from app.presenters import Chip
from app.typed_numbers import row_asked
from tracker.store import account_lists, catalogue
from tracker.store.account_lists import AccountFilter, AccountState, ListedAccount
from tracker.store.session import Session

MOST_QUERY = 100
STATES: Mapping[AccountState, Chip] = {
    AccountState.OPEN: Chip("tick", "Đang dùng", "kept"),
    AccountState.FIRST_PASSWORD: Chip("clock", "Chưa đổi mật khẩu", "soon"),
    AccountState.LOCKED: Chip("clock", "Tạm khóa", "soon"),
    AccountState.CLOSED: Chip("dash", "Đã khóa", "plain"),
}
# The tabs by their address; the first one shows everybody.
TABS: Mapping[str, str] = {
    "": "Tất cả",
    "dang-dung": "Đang dùng",
    "chua-doi": "Chưa đổi mật khẩu",
    "tam-khoa": "Tạm khóa",
    "da-khoa": "Đã khóa",
    "lau-khong-vao": "90 ngày chưa đăng nhập",
    "chua-hai-buoc": "Chưa có xác thực hai bước",
    "trinh-dien": "Trình diễn",
}
_OF_STATE: Mapping[str, AccountState] = {
    "dang-dung": AccountState.OPEN,
    "chua-doi": AccountState.FIRST_PASSWORD,
    "tam-khoa": AccountState.LOCKED,
    "da-khoa": AccountState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class AccountsAsked:
    """What the address asks for; what is no role, unit or tab is left out."""

    text: str
    role: str
    unit_id: int | None
    tab: str

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the list, without the tab."""
        given = {"q": self.text, "vai-tro": self.role, "don-vi": self.unit_id or ""}
        return {key: str(value) for key, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class AccountsShown:
    """The accounts of the tab, how many lie in each tab, and the units that accounts have."""

    asked: AccountsAsked
    accounts: tuple[ListedAccount, ...]
    counts: Mapping[str, int]
    units: tuple[tuple[int, str], ...]


def read_asked(address: Mapping[str, str]) -> AccountsAsked:
    """From the query string."""
    role, tab = address.get("vai-tro", ""), address.get("loc", "")
    return AccountsAsked(
        address.get("q", "").strip()[:MOST_QUERY],
        role if role in set(Role) else "",
        row_asked(address, "don-vi"),
        tab if tab in TABS else "",
    )


def accounts_shown(session: Session, asked: AccountsAsked, now: datetime) -> AccountsShown:
    """The list; tabs are counted under the other filters, so that they say what a press on them shows."""
    unit_ids = None if asked.unit_id is None else catalogue.unit_subtree(session, asked.unit_id)
    everybody = account_lists.listed(session, AccountFilter(), now)
    narrowed = account_lists.listed(session, AccountFilter(asked.text, asked.role, unit_ids), now)
    counts = {tab: sum(_lies_in(each, tab, now) for each in narrowed) for tab in TABS}
    units = {each.unit_id: each.unit_name or "" for each in everybody if each.unit_id is not None}
    return AccountsShown(
        asked, tuple(each for each in narrowed if _lies_in(each, asked.tab, now)), counts,
        tuple(sorted(units.items(), key=lambda unit: unit[1])),
    )  # fmt: skip


def _lies_in(account: ListedAccount, tab: str, now: datetime) -> bool:
    is_open = account.state is not AccountState.CLOSED
    if tab in _OF_STATE:
        return account.state is _OF_STATE[tab]
    if tab == "lau-khong-vao":
        return (
            is_open and not account.is_demo and now - (account.seen_at or account.created_at) >= UNUSED_AFTER
        )
    if tab == "chua-hai-buoc":
        return is_open and not account.has_second_factor
    return is_open and account.is_demo if tab == "trinh-dien" else True
