"""The closed lists of the field: one enum a list, its values as stored and as printed in JSON."""

from datetime import timedelta, timezone
from enum import StrEnum

# Vietnam has had no other offset since 1975 and no dossier is older; a fixed zone needs no tz database (Windows).
VN = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


class Basis(StrEnum):
    """Which due date is meant: what the source says today, what was first promised, what the rules give."""

    SOURCE = "source"
    PROMISED = "promised"
    DOCUMENTED = "documented"


class Precision(StrEnum):
    """How end and due are compared: by calendar date (default) or by instant."""

    DATE = "date"
    INSTANT = "instant"


class State(StrEnum):
    """The one state of a dossier at a moment, on one basis; the order of precedence is in `lateness.classify`."""

    FILED = "filed"
    NOT_ACCEPTED = "not_accepted"
    ON_TRACK = "on_track"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"
    FINISHED_EARLY = "finished_early"
    FINISHED_ON_TIME = "finished_on_time"
    FINISHED_LATE = "finished_late"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    NO_DUE = "no_due"
    DELETED = "deleted"
    UNKNOWN = "unknown"


class SourceStatus(StrEnum):
    """What a source says of a dossier; input only (portal codes 1-11, Vietnamese words)."""

    FILED = "filed"  # 1 Mới đăng ký
    ACCEPTED = "accepted"  # 2 Được tiếp nhận
    REFUSED = "refused"  # 3, 11 Không được tiếp nhận
    PROCESSING = "processing"  # 4 Đang xử lý
    AWAITING_SUPPLEMENT = "awaiting_supplement"  # 5 Yêu cầu bổ sung giấy tờ
    AWAITING_FEE = "awaiting_fee"  # 6 Yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = "withdrawn"  # 7 Công dân yêu cầu rút hồ sơ
    STOPPED = "stopped"  # 8 Dừng xử lý
    DONE = "done"  # 9 Đã xử lý xong
    RETURNED = "returned"  # 10 Đã trả kết quả
    DELETED = "deleted"
    UNKNOWN = "unknown"


class EndKind(StrEnum):
    """How a dossier ended. A refusal after acceptance counts in the rates; the last two are counted nowhere."""

    FINISHED = "finished"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOT_ACCEPTED = "not_accepted"  # refused or withdrawn at intake
    DELETED = "deleted"


class Channel(StrEnum):
    """How a dossier was filed; unknown stays unknown."""

    COUNTER = "counter"
    ONLINE = "online"
    POSTAL = "postal"
    UNKNOWN = "unknown"


class ApplicantKind(StrEnum):
    """Who applies (portal list LoaiDoiTuong); decides the salutation of a letter."""

    CITIZEN = "citizen"
    BUSINESS = "business"
    AGENCY = "agency"
    ORGANISATION = "organisation"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """Level of government of a unit on a day; districts end on 30/06/2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    UNKNOWN = "unknown"


class SuspensionKind(StrEnum):
    """Why the clock stands (or not); the effect of a kind is dated data, see data/suspensions.toml."""

    PAUSE = "pause"
    SUPPLEMENT = "supplement"
    FINANCIAL = "financial"
    VERIFICATION = "verification"
    POSTING = "posting"
    VIOLATION = "violation"
    NONE = "none"


class SuspensionEffect(StrEnum):
    """What a suspension does to the clock."""

    PAUSE = "pause"
    RESTART = "restart"
    NONE = "none"


class LimitUnit(StrEnum):
    """Unit of a time limit as catalogues publish it."""

    WORKDAY = "workday"
    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    MONTH = "month"
