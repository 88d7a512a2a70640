"""How alerts are said, everywhere alike: what is measured, which rung it is, as whom somebody is told."""

from collections.abc import Mapping

from notifications.alerts.rungs import Measure, Who

WHO_WORDS: Mapping[Who, str] = {
    Who.HANDLER: "người xử lý",
    Who.DESK: "bộ phận Một cửa",
    Who.DIVISION: "thủ trưởng đơn vị xử lý",
    Who.UNIT: "thủ trưởng đơn vị cấp trên",
    Who.PROVINCE: "cấp tỉnh",
    Who.ADMIN: "quản trị hệ thống",
}
# The kind of a rung, for filters and headings.
MEASURE_WORDS: Mapping[Measure, str] = {
    Measure.SHARE_USED: "Đã dùng phần lớn thời hạn",
    Measure.DAYS_LEFT: "Sắp đến hạn",
    Measure.DAYS_LATE: "Quá hạn",
    Measure.INTAKE_OVER: "Quá hạn tiếp nhận",
    Measure.SUSPENDED: "Tạm dừng lâu",
    Measure.NO_DUE: "Chưa có ngày hẹn trả",
    Measure.PROMISE_PASSED: "Đã nhận việc nhưng lỡ ngày hẹn xong",
    Measure.LETTER_STUCK: "Thư xin lỗi đứng yên",
    Measure.LETTER_PROMISE: "Ngày hẹn mới sắp đến",
    Measure.BUDGET: "Mức hồ sơ quá hạn còn chấp nhận được",
    Measure.SOURCE_SILENT: "Nguồn dữ liệu im lặng",
    Measure.CALENDAR: "Thiếu lịch làm việc",
    Measure.NOBODY: "Cảnh báo không có người nhận",
    Measure.FLOOD: "Lần nạp mang vào nhiều hồ sơ đã qua mốc",
}
DAYS = "{} ngày làm việc"


def measured_words(measure: Measure, value: int) -> str:
    """What is measured of one subject, as a person says it: "quá hạn 5 ngày làm việc"."""
    if measure is Measure.DAYS_LEFT:
        return _left(value)
    if value == 0 and measure in _BEGUN:
        return f"{_BEGUN[measure]}, chưa đủ 1 ngày làm việc"
    if measure is Measure.DAYS_LATE:
        return f"quá hạn {_days(value)}"
    return _OTHERS[measure].format(value=_number(value), days=_days(value))


_BEGUN: Mapping[Measure, str] = {
    Measure.DAYS_LATE: "quá hạn",
    Measure.INTAKE_OVER: "quá hạn tiếp nhận",
    Measure.PROMISE_PASSED: "lỡ ngày hẹn xong",
}
_OTHERS: Mapping[Measure, str] = {
    Measure.SHARE_USED: "đã dùng {value} % thời hạn",
    Measure.INTAKE_OVER: "quá hạn tiếp nhận {days}",
    Measure.SUSPENDED: "tạm dừng {days}",
    Measure.NO_DUE: "chưa có ngày hẹn trả sau {days}",
    Measure.PROMISE_PASSED: "lỡ ngày hẹn xong {days}",
    Measure.LETTER_STUCK: "thư đứng yên {days}",
    Measure.LETTER_PROMISE: "ngày hẹn mới còn {days}",
    Measure.BUDGET: "đã dùng {value} % mức hồ sơ quá hạn của năm",
    Measure.SOURCE_SILENT: "{days} chưa nạp dữ liệu",
    Measure.CALENDAR: "chưa có lịch làm việc",
    Measure.NOBODY: "{value} cảnh báo không có người nhận",
    Measure.FLOOD: "{value} hồ sơ",
}
# Each whole, so that each can be said whole in another language.
_FROM: Mapping[Measure, str] = {
    Measure.DAYS_LATE: "Quá hạn từ {number} ngày làm việc",
    Measure.INTAKE_OVER: "Quá hạn tiếp nhận từ {number} ngày làm việc",
    Measure.SUSPENDED: "Tạm dừng lâu từ {number} ngày làm việc",
    Measure.NO_DUE: "Chưa có ngày hẹn trả từ {number} ngày làm việc",
    Measure.PROMISE_PASSED: "Đã nhận việc nhưng lỡ ngày hẹn xong từ {number} ngày làm việc",
    Measure.LETTER_STUCK: "Thư xin lỗi đứng yên từ {number} ngày làm việc",
    Measure.SOURCE_SILENT: "Nguồn dữ liệu im lặng từ {number} ngày làm việc",
}


def rung_words(measure: Measure, threshold: int) -> str:
    """A rung as a heading: "Quá hạn từ 5 ngày làm việc"."""
    if measure is Measure.DAYS_LEFT:
        return "Đến hạn hôm nay" if threshold == 0 else f"Còn không quá {_number(threshold)} ngày làm việc"
    if measure is Measure.LETTER_PROMISE:
        return (
            "Ngày hẹn mới đến hạn hôm nay"
            if threshold == 0
            else f"Ngày hẹn mới còn không quá {_number(threshold)} ngày làm việc"
        )
    if measure is Measure.SHARE_USED:
        return f"Đã dùng từ {threshold} % thời hạn"
    if measure is Measure.BUDGET:
        return f"Đã dùng từ {threshold} % mức hồ sơ quá hạn của năm"
    if measure in (Measure.CALENDAR, Measure.NOBODY, Measure.FLOOD) or threshold == 0:
        return MEASURE_WORDS[measure]
    return _FROM[measure].format(number=_number(threshold))


def who_words(who: tuple[Who, ...]) -> str:
    """As whom people are told, one after the other."""
    return ", ".join(WHO_WORDS[word] for word in who)


def _left(value: int) -> str:
    if value < 0:
        return "đã qua ngày hẹn"
    return "đến hạn hôm nay" if value == 0 else f"còn {_days(value)}"


def _days(value: int) -> str:
    return DAYS.format(_number(value))


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
