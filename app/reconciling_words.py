"""How the comparison with reports of sources reads: columns, counts, causes, fields. Pure."""

from collections.abc import Mapping

from app.presenters import CHANNELS, DASH, day, moment, number
from tracker.types import Channel
from tracker.types.reconciling import Cause, ComparedCell, ComparedRow, Imbalance, Part, Reason, ReportPlace

MEASURES: Mapping[str, str] = {
    "total": "Phải giải quyết",
    "carried_over": "Kỳ trước chuyển sang",
    "received": "Tiếp nhận trong kỳ",
    "received_online": "Tiếp nhận trực tuyến",
    "received_direct": "Tiếp nhận trực tiếp",
    "received_postal": "Tiếp nhận qua bưu chính",
    "finished": "Đã giải quyết",
    "early": "Trước hạn",
    "on_time": "Đúng hạn",
    "in_time": "Trước và đúng hạn",
    "late": "Quá hạn",
    "refused": "Từ chối giải quyết",
    "returned": "Đã trả kết quả",
    "open": "Đang giải quyết",
    "open_in_time": "Đang giải quyết, trong hạn",
    "open_late": "Đang giải quyết, quá hạn",
    "suspended": "Tạm dừng",
    "withdrawn": "Đã rút",
}

# Our counts, as `dunghen rates` names them.
COUNTERS: Mapping[str, str] = {
    "received": "tiếp nhận trong kỳ",
    "carried_over": "kỳ trước chuyển sang",
    "early": "trước hạn",
    "on_time": "đúng hạn",
    "late": "quá hạn",
    "withdrawn": "đã rút",
    "refused": "từ chối giải quyết",
    "no_due": "xong mà không có ngày hẹn trả",
    "open": "chưa giải quyết xong",
    "open_late": "chưa xong và quá hạn",
    "open_no_due": "chưa xong và không có ngày hẹn trả",
    "suspended": "tạm dừng",
    **{f"received.{channel.value}": f"tiếp nhận {CHANNELS[channel].lower()}" for channel in Channel},
}

CAUSES: Mapping[Cause, str] = {
    Cause.ROW_UNKNOWN: "danh mục không có tên này nên chưa so được",
    Cause.NO_COUNTERPART: "phần mềm không có số tương ứng với cột này",
    Cause.GROUP: "dòng cộng của một nhóm: báo cáo không ghi nhóm gồm những đơn vị nào",
    Cause.NOT_REPORTED: "báo cáo không có",
    Cause.OTHER_SOURCE: "hồ sơ nguồn này không kể, nguồn khác kể",
    Cause.PROVISIONAL: "hồ sơ nạp về không có mã, đang giữ theo mã tạm",
    Cause.VANISHED: "hồ sơ chưa xong mà bản xuất toàn bộ gần nhất không còn kể",
    Cause.REJECTED: "dòng của nguồn này chưa dùng được, chờ sửa",
    Cause.UNIT_NAMES: "hồ sơ của đơn vị mà danh mục chưa biết",
    Cause.UNITS_BELOW: "hồ sơ của đơn vị bên dưới có dòng riêng trong báo cáo",
    Cause.EXCLUDED: "hồ sơ không được tính vào đâu (thiếu ngày tiếp nhận, đã xóa, không có ngày kết thúc)",
    Cause.DEFINITION: "biểu tính khác",
    Cause.UNEXPLAINED: "chưa biết vì sao",
}

EXCLUDED: Mapping[str, str] = {
    "DELETED": "đã xóa",
    "NOT_ACCEPTED": "chưa hoặc không được tiếp nhận",
    "END_UNDATED": "đã kết thúc mà không có ngày",
    "RECEIVED_MISSING": "thiếu ngày tiếp nhận",
}

FIELDS: Mapping[str, str] = {
    "received_at": "Ngày tiếp nhận",
    "source_due_at": "Ngày hẹn trả",
    "finished_at": "Ngày giải quyết xong",
    "returned_at": "Ngày trả kết quả",
    "withdrawn_at": "Ngày rút",
    "refused_at": "Ngày từ chối",
    "procedure_id": "Thủ tục",
    "resolving_unit_id": "Đơn vị giải quyết",
    "channel": "Kênh nộp",
}

NO_UNIT = "(chưa rõ đơn vị)"


def row_name(row: ComparedRow) -> str:
    """A row as people read it."""
    if row.kind == "total":
        return row.name or ("Tổng cộng" if row.is_reported else "")
    return row.name or NO_UNIT


def reason(told: Reason, notes: Mapping[str, str], measure: str = "") -> str:
    """A cause in words, with how many it may account for."""
    words = CAUSES[told.cause]
    if told.cause is Cause.DEFINITION:
        words = notes.get(measure, words)
    return words if told.count is None else f"{number(told.count)} {words}"


def reasons(cell: ComparedCell, notes: Mapping[str, str]) -> list[str]:
    """Where a difference may come from."""
    return [reason(each, notes, cell.measure) for each in cell.reasons]


def made_of(parts: tuple[Part, ...]) -> str:
    """What our figure is made of, where that is more than one count: "đúng hạn 90 + đã rút 2"."""
    counted = [one for one in parts if one.value]
    if len(counted) < 2:
        return ""
    told = [f"{'−' if one.sign < 0 else '+'} {COUNTERS[one.counter]} {number(one.value)}" for one in counted]
    return " ".join(told).removeprefix("+ ")


def imbalance(one: Imbalance) -> str:
    """A row of the report that does not add up."""
    whole = MEASURES[one.total].lower()
    return f"báo cáo tự không cân: {whole} ghi {number(one.told)}, cộng các cột con được {number(one.added)}"


def difference(value: int | None) -> str:
    """+12, −3, 0; a dash where it cannot be said."""
    if value is None:
        return DASH
    return f"+{number(value)}" if value > 0 else f"−{number(-value)}" if value < 0 else "0"


def place_name(place: ReportPlace, form_name: str = "") -> str:
    """A report in a line: its period and form."""
    form = f" · {form_name}" if form_name else f" · biểu {place.form}"
    return f"{day(place.start)} – {day(place.end)}{form}"


def value(field: str, told: object) -> str:
    """What a source tells in a field."""
    if told is None:
        return "(trống)"
    if field == "channel":
        return CHANNELS[Channel(str(told))]
    return moment(told) if hasattr(told, "tzinfo") else str(told)
