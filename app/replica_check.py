"""How the replica that reports are read from stands: for the watchdog, `doctor` and `/metrics`."""

from app.context import AppContext
from app.presenters import number
from tracker.store.replica import Standing, State

NONE = "Không dùng máy đọc báo cáo ([store] reports_url để trống); báo cáo đọc từ cơ sở dữ liệu chính."


def standing(context: AppContext) -> Standing | None:
    """How it stands at this moment; None: there is none."""
    replica = context.store.replica
    return None if replica is None else replica.standing()


def ill(context: AppContext) -> str:
    """Why it is not read from, in words; empty: it is, there is none, or it is only a moment behind."""
    found, limit = standing(context), context.config.reports.max_lag_seconds
    if found is None or found.state is State.STREAMING:
        return ""
    if found.state is State.BEHIND and (found.lag_seconds or 0) <= limit:
        return ""
    return found.why


def replica_verdict(context: AppContext) -> tuple[bool, str]:
    """For `doctor`: is it well, and the sentence that says so or what is wrong."""
    found = standing(context)
    if found is None:
        return True, NONE
    if found.state is State.STREAMING:
        return True, "Máy đọc báo cáo theo kịp máy chủ chính."
    behind = f" Còn {number(found.lag_bytes)} byte nhật ký ghi chưa nạp." if found.lag_bytes else ""
    said = f" Máy báo: {found.said}." if found.said else ""
    if not ill(context):
        return True, f"Trong mức cho phép: {found.why}.{behind}"
    return False, f"Báo cáo đọc từ máy chủ chính: {found.why}.{behind}{said}"
