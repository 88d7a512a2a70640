"""Invented values for the page that shows every piece of the interface in one place. Pure; nothing of the store."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from app.dossier_page import Moment
from app.heat_page import HeatMap, heat_map
from tracker.timekeeping.proof_lines import ProofLine
from tracker.types import VN, Basis, BasisRate, RateCounts, RateRow

DUES = (
    ("còn 3 giờ làm việc", "soon"),
    ("còn 12 ngày làm việc", "plain"),
    ("quá 336 ngày làm việc", "late"),
    ("còn 2 ngày làm việc khi tiếp tục", "paused"),
)


@dataclass(frozen=True, slots=True)
class Samples:
    """What the pieces are shown with."""

    moment: datetime
    dues: tuple[tuple[str, str], ...]
    timeline: tuple[Moment, ...]
    proof: tuple[ProofLine, ...]
    map: HeatMap


def samples() -> Samples:
    """The same values every time, so that pictures can be compared."""
    return Samples(_at(28, 17), DUES, _timeline(), _proof(), _map())


def _at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 8, day, hour, tzinfo=VN)


def _timeline() -> tuple[Moment, ...]:
    return (
        Moment(_at(3), "small-circle", "plain", "Nộp hồ sơ", "Trực tuyến"),
        Moment(_at(4), "dot", "accent", "Tiếp nhận", "Bộ phận một cửa xã Thử Nghiệm"),
        Moment(_at(12), "bars", "paused", "Tạm dừng", "Yêu cầu bổ sung hồ sơ"),
        Moment(_at(14), "dot", "soon", "Ngày hẹn bị thay đổi", "từ 20/08/2026 17:00 thành 28/08/2026 17:00"),
        Moment(_at(24), "clock", "late", "Thời điểm xét: quá hạn"),
    )


def _proof() -> tuple[ProofLine, ...]:
    civil, weekend = "BLDS 2015 Điều 147, 148", "Thứ Bảy 22/08/2026 – Chủ Nhật 23/08/2026"
    return (
        ProofLine("counted", "Thứ Sáu 21/08/2026", "Ngày làm việc thứ 1/2.", civil, None),
        ProofLine("weekend", weekend, "Nghỉ hằng tuần, không tính.", "BLLĐ 2019 Điều 111", None, 2),
        ProofLine("counted", "Thứ Hai 24/08/2026", "Ngày làm việc thứ 2/2.", civil, None),
        ProofLine("due", "17:00 24/08/2026", "Hạn trả kết quả: 17:00 ngày 24/08/2026.", civil, _at(24, 17)),
    )


def _map() -> HeatMap:
    late = {
        "Chi nhánh Văn phòng Đăng ký đất đai thành phố Buôn Ma Thuột": (
            8,
            12,
            30,
            55,
            61,
            40,
            22,
            18,
            9,
            4,
            0,
            2,
        ),
        "Sở Công Thương": (0, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0),
    }
    rows = [
        RateRow({"month": f"2026-{month:02}", "unit": unit}, RateCounts(), {Basis.SOURCE: _rate(count)})
        for unit, counts in late.items()
        for month, count in enumerate(counts, 1)
        if month != 10
    ]
    return heat_map(rows, Basis.SOURCE, Fraction(95, 100))


def _rate(late: int) -> BasisRate:
    return BasisRate(140 - late, 140, 140, 140)
