"""What happened to an account's log-in of late, as its owner reads it: from the log of acts, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.store import account_history
from tracker.store.people import Account
from tracker.store.session import Store

SINCE = timedelta(days=90)
SHOWN = 12
ACTS: Mapping[str, str] = {
    "login": "Đăng nhập",
    "login_locked": "Tạm khóa vì nhập sai nhiều lần",
    "logout": "Đăng xuất",
    "password": "Đổi mật khẩu",
    "user_passwd": "Người vận hành đặt mật khẩu",
    "factor_on": "Bật xác thực hai bước",
    "factor_off": "Tắt xác thực hai bước",
    "factor_codes": "Tạo bộ mã dự phòng mới",
    "user_factor_off": "Người vận hành gỡ xác thực hai bước",
    "sign_on_link": "Gắn tài khoản bên ngoài",
    "sign_on_unlink": "Gỡ tài khoản bên ngoài",
    "user_sign_on": "Người vận hành đổi tài khoản bên ngoài",
    "sessions_end": "Kết thúc các phiên khác",
}
WAYS: Mapping[str, str] = {
    "password": "mật khẩu",
    "sign_on": "tài khoản bên ngoài",
    "code": "mã trên điện thoại",
    "recovery": "mã dự phòng",
}


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One thing that happened; `way` says how somebody logged in, empty elsewhere and where the log tells none."""

    at: datetime
    words: str
    way: str
    is_warning: bool


def history_of(store: Store, account: Account, now: datetime) -> Sequence[AccessLine]:
    """The last log-ins and changes of the log-in, newest first; of three months."""
    with store.read() as session:
        acts = account_history.acts_on(
            session, f"user:{account.account_id}", tuple(ACTS), since=now - SINCE, limit=SHOWN
        )
    return [
        AccessLine(act.at, ACTS[act.action], _way(act.detail.get("way")), act.action == "login_locked")
        for act in acts
    ]


def _way(told: object) -> str:
    return " và ".join(WAYS.get(each, each) for each in told.split("+")) if isinstance(told, str) else ""
