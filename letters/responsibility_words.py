"""How lengths of working time read in the report on responsibility, and how it was counted. Pure."""

from letters.quarterly import grouped
from letters.reform_report_words import percent_words

HOUR = 60


def length_words(minutes: int, day_minutes: int) -> str:
    """1234 ngày 5 giờ; below an hour minutes: 45 phút."""
    days, rest = divmod(minutes, day_minutes)
    hours, left = divmod(rest, HOUR)
    if not days and not hours:
        return f"{left} phút"
    told = [f"{grouped(days)} ngày"] if days else []
    if hours:
        told.append(f"{hours} giờ")
    if not days and left:
        told.append(f"{left} phút")
    return " ".join(told)


def days_of(minutes: int, day_minutes: int) -> str:
    """The same for a cell: a dash where there is nothing."""
    return length_words(minutes, day_minutes) if minutes else "–"


def share_words(part: int, whole: int, day_minutes: int) -> str:
    """A share with its fraction: 86,94 % (1.234 ngày/1.420 ngày)."""
    if not whole:
        return "chưa có"
    return (
        f"{percent_words(part, whole)} ({length_words(part, day_minutes)}/{length_words(whole, day_minutes)})"
    )


METHOD: tuple[tuple[str, str], ...] = (
    (
        "Thời gian quá hạn",
        "số phút làm việc từ ngày hẹn của nguồn đến khi giải quyết xong, theo lịch làm việc của đơn vị giải quyết",
    ),
    (
        "Ai giữ hồ sơ",
        "mỗi bước mà nguồn gửi (gói CapNhatTienDoHoSoMC) cho biết bộ phận nào xong việc lúc nào. Bộ phận giữ hồ sơ từ lúc bắt đầu bước "
        "(NgayBatDau); nguồn không ghi thì từ bước liền trước, hoặc từ lúc tiếp nhận. Lúc tạm dừng không tính cho ai",
    ),
    (
        "Thời hạn của bước",
        "số phút làm việc từ lúc bắt đầu bước đến NgayKetThucTheoQuyDinh; giữ lâu hơn là vượt. Việc làm trước lần tính lại hạn (bổ sung "
        "hồ sơ) không có phần quá hạn",
    ),
    (
        "Phân chia",
        "các bước vượt cộng lại không quá số phút quá hạn thì mỗi bước chịu đúng phần vượt, phần còn lại không phân chia được; vượt "
        "nhiều hơn thì chia theo tỷ lệ. Các phần cộng lại luôn đúng bằng thời gian quá hạn của hồ sơ, đến từng phút",
    ),
    (
        "Chưa kiểm chứng",
        "cách hiểu NgayBatDau và NgayKetThucTheoQuyDinh là của chương trình, chưa đối chiếu văn bản hướng dẫn của cổng; loại bộ phận "
        "được nhận theo chữ trong tên (bảng step_kinds.toml), cần đơn vị soát lại",
    ),
)


def method_lines() -> tuple[str, ...]:
    """How it was counted, as paragraphs."""
    return tuple(f"{number}. {what}: {told}." for number, (what, told) in enumerate(METHOD, 1))
