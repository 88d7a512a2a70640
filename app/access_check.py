"""Do administrators have a second factor, and do all second factors open with the key that this machine has?"""

from app.access import Role
from app.context import AppContext
from app.factor_key import FactorKeyLost, factor_key
from app.presenters import number
from tracker.store import people
from tracker.store.people import Account


def access_verdict(context: AppContext) -> tuple[bool, str]:
    """Is it well, and the sentence that says so or what to do. Reads accounts alone; demonstrations do not count."""
    with context.store.read() as session:
        known = [each for each in people.list_accounts(session) if not each.is_demo]
    usable = [each for each in known if each.disabled_at is None]
    bearers = [each for each in usable if each.second_factor]
    shut = [each.login for each in bearers if not _opens(context, each)]
    if shut:
        return False, (
            f"{number(len(shut))} tài khoản có xác thực hai bước mà khóa trên máy không mở được: {', '.join(shut[:5])}. "
            "Khôi phục factor-key.txt hoặc DUNGHEN_FACTOR_KEY; không còn khóa thì gỡ để cài lại: dunghen user factor-off."
        )
    told = f"{number(len(bearers))} trong {number(len(usable))} tài khoản có xác thực hai bước."
    bare = [each.login for each in usable if each.role == Role.ADMIN and not each.second_factor]
    if bare:
        told += (
            f" Chú ý: {number(len(bare))} quản trị viên chưa có ({', '.join(bare[:5])}); nên cài ở trang Tài khoản, hoặc "
            "bắt buộc bằng [web] second_factor_roles."
        )
    return True, told


def _opens(context: AppContext, account: Account) -> bool:
    try:
        factor_key(context.data_dir).open(account.second_factor, account.account_id)
    except FactorKeyLost:
        return False
    return True
