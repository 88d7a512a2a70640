"""Editions of criteria and published results in the words of the office. Pure."""

from collections.abc import Mapping
from typing import Any

from app.presenters import LEVELS, day, decimal, number, rate
from tracker.criteria_data import read_edition, read_published
from tracker.measures.scoring import Denominator, Edition, FormulaKind
from tracker.types import ScoreAnswer

NAMES: Mapping[str, str] = {
    "3.4.1": "Tiến độ giải quyết hồ sơ TTHC cấp tỉnh",
    "3.4.2": "Tiến độ giải quyết hồ sơ TTHC cấp huyện",
    "3.4.3": "Tiến độ giải quyết hồ sơ TTHC cấp xã",
    "766-tien-do": "Nhóm tiến độ giải quyết, Bộ chỉ số theo Quyết định 766/QĐ-TTg",
    "xep-hang": "Xếp hạng đơn vị của tỉnh theo tỷ lệ đúng hạn",
}
FORMULA_KINDS: Mapping[FormulaKind, str] = {
    FormulaKind.THRESHOLD_PROPORTIONAL: "Theo tỷ lệ, từ ngưỡng trở lên mới có điểm",
    FormulaKind.PROPORTIONAL: "Theo tỷ lệ, không có ngưỡng",
    FormulaKind.OPEN_OVERDUE_PROPORTIONAL: "Theo tỷ lệ, mẫu số gồm cả hồ sơ đang quá hạn",
    FormulaKind.RANKING: "Xếp hạng đơn vị, không có điểm",
}
DENOMINATORS: Mapping[Denominator, str] = {
    Denominator.RESOLVED: "Hồ sơ đã giải quyết trong kỳ",
    Denominator.RECEIVED: "Hồ sơ tiếp nhận trong kỳ",
    Denominator.RESOLVED_AND_OVERDUE: "Hồ sơ đã giải quyết và hồ sơ đang quá hạn",
}
VERIFIED, UNVERIFIED = "Đã đối chiếu văn bản", "Chưa đối chiếu văn bản"
UNKNOWN = "chưa rõ"


def title(criterion: str) -> str:
    """What a criterion is called: its number with its name, or the name alone where the key is only ours."""
    name = NAMES.get(criterion, "")
    return (
        f"{criterion} {name}".strip()
        if criterion[:1].isdigit() and "-" not in criterion
        else name or criterion
    )


def levels(edition: Edition) -> str:
    """ "Cấp tỉnh, Cấp xã"."""
    return ", ".join(LEVELS[level] for level in edition.levels)


def threshold(edition: Edition) -> str:
    """ "95 %"."""
    return f"{decimal(edition.threshold * 100, 4, trim=True)} %" if edition.threshold else "không có"


def most(edition: Edition) -> str:
    """ "1,5", or that nobody knows."""
    if edition.formula_kind is FormulaKind.RANKING:
        return "không có"
    return UNKNOWN if edition.max_points is None else decimal(edition.max_points, 4, trim=True)


def span(edition: Edition) -> str:
    """For which days it holds."""
    since = f"từ {day(edition.valid_from)}" if edition.valid_from else ""
    until = f"đến {day(edition.valid_to)}" if edition.valid_to else ""
    return " ".join(filter(None, (since, until))) or "chưa giới hạn"


def compared(edition: Edition) -> str:
    """Compared with which text, or not yet."""
    if not edition.verified:
        return UNVERIFIED
    return f"{VERIFIED}: {edition.document} ngày {day(edition.document_date)}"


def edition_words(values: Mapping[str, Any]) -> dict[str, str]:
    """The values of an edition, label by label."""
    edition = read_edition(values)
    return {
        "Tiêu chí": edition.criterion,
        "Khóa": edition.key,
        "Tên": edition.name,
        "Cấp": levels(edition),
        "Cách tính": FORMULA_KINDS[edition.formula_kind],
        "Mẫu số": DENOMINATORS[edition.denominator],
        "Ngưỡng": threshold(edition),
        "Điểm tối đa": most(edition),
        "Làm tròn điểm": "không" if edition.decimals is None else f"{edition.decimals} chữ số thập phân",
        "Áp dụng": span(edition),
        "Mẫu số nhỏ nhất để xếp hạng": number(edition.least) if edition.least else "",
        "Công thức": edition.formula,
        "Nguồn": edition.source,
        "Đối chiếu": compared(edition),
        "Mức chắc chắn": edition.confidence,
        "Cần đối chiếu": "; ".join(edition.to_check),
    }


def published_words(values: Mapping[str, Any]) -> dict[str, str]:
    """The values of a published result, label by label."""
    result = read_published(values)
    return {
        "Chỉ số": result.name,
        "Năm": str(result.year),
        "Kết quả": result.value,
        "Thứ hạng": f"{result.rank}/{result.of}" if result.rank else "",
        "Ghi chú": result.note,
        "Nguồn": result.source,
    }


def points_words(answer: ScoreAnswer | None) -> str:
    """ "0/1,5 điểm; 88,84 % (373.115/420.000)"; what cannot be told is said."""
    if answer is None:
        return "không áp dụng cho năm này"
    if answer.numerator is None or not answer.denominator:
        return "chưa có dữ liệu"
    told = rate(answer.numerator, answer.denominator)
    if answer.part_of_year:
        first, last = answer.part_of_year
        told += f", tính từ {day(first)} đến {day(last)}"
    if answer.points is None or answer.max_points is None:
        return f"không có điểm; {told}"
    return f"{decimal(answer.points, 4, trim=True)}/{decimal(answer.max_points, 4, trim=True)} điểm; {told}"
