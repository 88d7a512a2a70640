"""How values read in Vietnamese on a page: numbers, rates, dates, working time, states, masked persons. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tracker.reports import intake_list
from tracker.types import (
    Basis,
    BasisRate,
    Channel,
    Intake,
    IntakeVerdict,
    Lateness,
    Level,
    State,
    SuspensionKind,
)

NO_DATA = "Chưa có dữ liệu"
DASH = "–"
HIDDEN = "(ẩn)"
NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as a page shows it: mark (an icon's name), word, and a tone that never stands alone."""

    mark: str
    word: str
    tone: str


CHIPS: Mapping[State, Chip] = {
    State.FILED: Chip("small-circle", "Chờ tiếp nhận", "plain"),
    State.NOT_ACCEPTED: Chip("hollow-circle", "Quá hạn tiếp nhận", "late"),
    State.ON_TRACK: Chip("dot", "Trong hạn", "plain"),
    State.DUE_SOON: Chip("half-circle", "Sắp đến hạn", "soon"),
    State.OVERDUE: Chip("triangle", "Quá hạn", "late"),
    State.SUSPENDED: Chip("bars", "Tạm dừng", "paused"),
    State.FINISHED_EARLY: Chip("tick", "Đã giải quyết trước hạn", "kept"),
    State.FINISHED_ON_TIME: Chip("tick", "Đã giải quyết đúng hạn", "kept"),
    State.FINISHED_LATE: Chip("tick-triangle", "Đã giải quyết quá hạn", "late"),
    State.WITHDRAWN: Chip("dash", "Đã rút", "plain"),
    State.REFUSED: Chip("dash", "Từ chối tiếp nhận", "plain"),
    State.NO_DUE: Chip("dash", "Không có ngày hẹn trả", "plain"),
    State.DELETED: Chip("dash", "Đã xóa", "plain"),
    State.UNKNOWN: Chip("dash", "Chưa rõ", "plain"),
}

_INTAKE_LOOKS: Mapping[IntakeVerdict, tuple[str, str]] = {
    IntakeVerdict.WAITING: ("small-circle", "plain"),
    IntakeVerdict.NOT_ACCEPTED: ("hollow-circle", "late"),
    IntakeVerdict.ACCEPTED_IN_TIME: ("tick", "kept"),
    IntakeVerdict.ACCEPTED_LATE: ("tick-triangle", "late"),
    IntakeVerdict.REFUSED: ("dash", "plain"),
    IntakeVerdict.REFUSED_WITHOUT_REASON: ("flag", "late"),
    IntakeVerdict.VANISHED: ("flag", "late"),
    IntakeVerdict.UNKNOWN: ("dash", "plain"),
}
INTAKE_CHIPS: Mapping[IntakeVerdict, Chip] = {
    verdict: Chip(mark, intake_list.STATES[verdict], tone) for verdict, (mark, tone) in _INTAKE_LOOKS.items()
}

INTAKE_FLAGS: Mapping[str, str] = {
    "POST_RECEIPT_MISSING": "thiếu ngày bưu chính nhận, tính từ ngày nộp",
    "CHANNEL_UNKNOWN": "chưa rõ kênh nộp",
    "FILED_MISSING": "thiếu ngày nộp",
    "FILED_DATE_ONLY": "chỉ có ngày nộp, không có giờ",
    "FILED_FROM_RECEPTION": "nguồn ghi ngày nộp vào cột tiếp nhận",
    "INTAKE_DUE_OF_SOURCE": "hạn do nguồn ghi",
    "INTAKE_RULE_MISSING": "chưa có quy định thời gian cho kênh này",
    "CALENDAR_OUT_OF_RANGE": "ngoài các năm có lịch",
    "WITHDRAWN_AT_INTAKE": "người nộp đã rút",
    "REFUSAL_REASON_UNTOLD": "nguồn không có cột lý do",
}

BASES: Mapping[Basis, str] = {
    Basis.SOURCE: "Ngày hẹn theo hệ thống nguồn",
    Basis.PROMISED: "Ngày hẹn ban đầu",
    Basis.DOCUMENTED: "Hạn tính theo quy định",
}

LETTER_STATES: Mapping[str, str] = {
    "owed": "Phải gửi",
    "to_check": "Cần kiểm tra",
    "drafted": "Đã soạn",
    "approved": "Đã duyệt",
    "signed": "Đã ký",
    "numbered": "Đã vào sổ",
    "delivered": "Đã gửi",
    "promise_kept": "Giữ đúng hẹn",
    "promise_broken": "Lỡ hẹn",
    "void": "Đã hủy",
    "waived": "Không phải gửi",
    "before_start": "Trước khi bắt đầu",
    "closed": "Đã xong",
}

# The way of a letter, step by step; a void or waived one left it.
LETTER_PATH = ("owed", "drafted", "approved", "signed", "numbered", "delivered")

LETTER_KINDS: Mapping[str, str] = {
    "advance": "Báo trước sẽ trễ hẹn",
    "overdue": "Xin lỗi và hẹn lại",
    "returned_late": "Xin lỗi đã trả trễ",
    "late_refusal": "Xin lỗi từ chối muộn",
}

CHANNELS: Mapping[Channel, str] = {
    Channel.COUNTER: "Trực tiếp",
    Channel.ONLINE: "Trực tuyến",
    Channel.POSTAL: "Bưu chính công ích",
    Channel.UNKNOWN: "Chưa rõ",
}

LEVELS: Mapping[Level, str] = {
    Level.PROVINCE: "Cấp tỉnh",
    Level.DISTRICT: "Cấp huyện",
    Level.COMMUNE: "Cấp xã",
    Level.UNKNOWN: "Chưa rõ cấp",
}

SUSPENSIONS: Mapping[SuspensionKind, str] = {
    SuspensionKind.PAUSE: "Tạm dừng",
    SuspensionKind.SUPPLEMENT: "Yêu cầu bổ sung hồ sơ",
    SuspensionKind.FINANCIAL: "Chờ thực hiện nghĩa vụ tài chính",
    SuspensionKind.VERIFICATION: "Chờ xác minh",
    SuspensionKind.POSTING: "Niêm yết công khai",
    SuspensionKind.VIOLATION: "Chờ xử lý vi phạm",
    SuspensionKind.NONE: "Ghi nhận, không dừng thời hạn",
}

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


# ---------------------------------------------------------------- numbers


def number(value: int | None) -> str:
    """46861 -> 46.861; None -> the words for no data."""
    return NO_DATA if value is None else f"{value:,}".replace(",", ".")


def signed(value: int) -> str:
    """A difference: "+1.250", "−3", "0"."""
    return number(value) if not value else f"{'+' if value > 0 else '−'}{number(abs(value))}"


def decimal(value: Fraction | float | int, places: int = 2, *, trim: bool = False) -> str:
    """1.425 -> 1,425 (places=3); rounded half up; `trim` drops zeros at the end."""
    exact = Fraction(value)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-places), ROUND_HALF_UP
    )
    text = f"{rounded:,.{places}f}".translate(str.maketrans(",.", ".,"))
    return text.rstrip("0").rstrip(",") if trim and "," in text else text


def percent(numerator: int | None, denominator: int | None, places: int = 2) -> str:
    """The rate alone, "88,84 %"; the words for no data where it cannot be said, never 0 %. Its fraction stands beside it."""
    if numerator is None or not denominator:
        return NO_DATA
    return f"{decimal(Fraction(numerator * 100, denominator), places)}{NO_BREAK}%"


def rate(numerator: int | None, denominator: int | None) -> str:
    """A rate is never without its fraction: "88,84 % (373.115/420.000)"."""
    if numerator is None or not denominator:
        return NO_DATA
    return f"{percent(numerator, denominator)} ({number(numerator)}/{number(denominator)})"


def basis_rate(value: BasisRate) -> str:
    """The rate on one basis."""
    return rate(value.numerator, value.denominator)


def capped(count: int, cap: int) -> str:
    """An honest count that was not counted further than `cap`: "hơn 10.000"."""
    return f"hơn {number(cap)}" if count > cap else number(count)


def entered(count: int | None, since: date, today: date) -> str:
    """What came under a count since the last working day: "+1.250 từ hôm qua"; empty where nobody can say."""
    if count is None:
        return ""
    when = "hôm qua" if (today - since).days == 1 else f"{since:%d/%m}"
    return f"+{number(count)} từ {when}" if count else f"không thêm từ {when}"


# ---------------------------------------------------------------- units

# As offices themselves shorten them in lists; the full name stands in the title of the cell.
SHORT_NAMES: Mapping[str, str] = {
    "Chi nhánh Văn phòng Đăng ký đất đai": "CN VPĐKĐĐ",
    "Văn phòng Đăng ký đất đai": "VPĐKĐĐ",
    "Trung tâm Phục vụ hành chính công": "TTPVHCC",
    "Ủy ban nhân dân": "UBND",
    "Bộ phận Tiếp nhận và Trả kết quả": "Bộ phận Một cửa",
}


def short_unit(name: str) -> str:
    """A unit's name with its long, common beginning shortened, so that the part that tells it apart is read first."""
    for long, short in SHORT_NAMES.items():
        if name.startswith(long + " "):
            return short + name[len(long) :]
    return name


# ---------------------------------------------------------------- time


def day(value: date | None) -> str:
    """28/08/2026."""
    return DASH if value is None else f"{value:%d/%m/%Y}"


def moment(value: datetime | None) -> str:
    """28/08/2026 17:00."""
    return DASH if value is None else f"{value:%d/%m/%Y %H:%M}"


def step_moment(value: datetime | None) -> str:
    """The moment of a step: whole days of the proof begin at 00:00 and need no time."""
    return day(value) if value is not None and not (value.hour or value.minute) else moment(value)


def long_day(value: datetime) -> str:
    """thứ Hai, 24/08/2026."""
    return f"{WEEKDAYS[value.weekday()]}, {value:%d/%m/%Y}"


def working_time(minutes: int, day_minutes: int) -> str:
    """Working minutes in the largest unit that stays honest: "2 ngày", "3 giờ", "45 phút" (rounded down)."""
    if minutes >= day_minutes:
        return f"{number(minutes // day_minutes)} ngày"
    return f"{minutes // 60} giờ" if minutes >= 60 else f"{minutes} phút"


def time_still(minutes: int, day_minutes: int) -> str:
    """How much working time there still is, in whole sentences, which another language says in another order."""
    if minutes >= day_minutes:
        return f"còn {number(minutes // day_minutes)} ngày làm việc"
    return f"còn {minutes // 60} giờ làm việc" if minutes >= 60 else f"còn {minutes} phút làm việc"


def late_days(days: int | None) -> str:
    """How late in working days; 0 working days late (ended on a day off) is late all the same."""
    if days is None:
        return "quá hạn, chưa tính được số ngày"
    return f"quá {number(days)} ngày làm việc" if days else "quá hạn, chưa đủ 1 ngày làm việc"


def intake_time(intake: Intake, day_minutes: int) -> str:
    """How late an intake was or is, or how long it may still wait, in working time; empty where nobody can say."""
    if intake.remaining_minutes:
        return time_still(intake.remaining_minutes, day_minutes)
    if intake.late_minutes:
        return f"quá {working_time(intake.late_minutes, day_minutes)} làm việc"
    if intake.late_minutes == 0 and intake.state in (IntakeVerdict.NOT_ACCEPTED, IntakeVerdict.ACCEPTED_LATE):
        return "quá hạn, ngoài giờ làm việc"
    return ""


def time_left(verdict: Lateness, day_minutes: int) -> str:
    """What the due cell says in words: time left, time late, or what became of it."""
    if verdict.is_late:
        return late_days(verdict.late_days)
    if verdict.remaining_minutes is None:
        return "" if verdict.state is not State.FILED else "chưa tiếp nhận"
    if verdict.remaining_minutes <= 0:
        return "đã đến giờ hẹn" if verdict.state is not State.SUSPENDED else "đã hết thời hạn"
    left = time_still(verdict.remaining_minutes, day_minutes)
    return f"{left} khi tiếp tục" if verdict.state is State.SUSPENDED else left


# ---------------------------------------------------------------- faults


def sentence(told: object) -> str:
    """A fault as a page says it: with a capital letter and a full stop."""
    text = str(told).strip()
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


# ---------------------------------------------------------------- persons


def name(full_name: str, *, visible: bool) -> str:
    """A person's name, or initials for roles that need none: "Nguyễn Văn An" -> "N. V. A."."""
    if visible or not full_name:
        return full_name or DASH
    return " ".join(f"{part[0].upper()}." for part in full_name.split() if part[0].isalpha()) or "***"


def phone(digits: str, *, visible: bool) -> str:
    """A telephone number, or only its last two digits."""
    if visible or not digits:
        return digits or DASH
    return f"••• ••• •{digits[-2:]}"


def free_text(text: str | None, *, visible: bool) -> str:
    """What a source wrote in its own words: it may name people, so roles without names learn only that it is there."""
    return (text or "") if visible or not text else HIDDEN


def address(text: str, *, visible: bool) -> str:
    """An address, or only its last part (the province or commune)."""
    if visible or not text:
        return text or DASH
    return f"…, {text.rsplit(',', 1)[-1].strip()}" if "," in text else HIDDEN
