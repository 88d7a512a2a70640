"""The parts of an installation in the words of the page of its state: what each is, and where it is mended."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckWords:
    """A check: its title, what it looks at, and the page on which one acts (empty: the server's command line)."""

    title: str
    looks_at: str
    endpoint: str = ""
    go: str = ""


CHECKS: Mapping[str, CheckWords] = {
    "configuration": CheckWords(
        "Cấu hình", "Tệp cấu hình đọc được, mọi giá trị hợp lệ.", "admin_home.configuration", "Xem cấu hình"
    ),
    "database": CheckWords("Cơ sở dữ liệu", "Mở được, bảng đúng phiên bản của chương trình."),
    "catalogue": CheckWords(
        "Danh mục", "Tên đơn vị, thủ tục trong hồ sơ có trong danh mục.", "catalogue.procedures", "Danh mục"
    ),
    "access": CheckWords(
        "Cách đăng nhập",
        "Khóa của xác thực hai bước còn; quản trị viên đã cài.",
        "admin.accounts",
        "Tài khoản",
    ),
    "calendar": CheckWords(
        "Lịch làm việc", "Có lịch của năm nay và năm tới.", "calendar.year", "Lịch làm việc"
    ),
    "scheduler": CheckWords(
        "Tiến trình lịch", "Còn chạy; công việc hằng ngày xong đúng giờ.", "jobs.page", "Lịch chạy"
    ),
    "workers": CheckWords(
        "Tiến trình làm việc", "Có ai làm việc đang chờ; không việc nào dừng hẳn.", "work.list", "Công việc"
    ),
    "outbox": CheckWords(
        "Hàng đợi gửi đi", "Không thông báo nào chờ lâu, chưa rõ hay hỏng.", "outbox.queue", "Hàng đợi"
    ),
    "disk": CheckWords("Chỗ trên đĩa", "Còn đủ chỗ ở thư mục dữ liệu."),
    "partitions": CheckWords("Phân vùng theo năm", "Năm nay và, từ tháng 12, năm sau đã có chỗ."),
    "log": CheckWords("Nhật ký", "Chuỗi mã băm khớp, niêm phong đủ ngày.", "audit.page", "Nhật ký"),
    "snapshots": CheckWords("Số liệu đã chốt", "Văn bản số liệu từng tháng còn nguyên."),
    "summaries": CheckWords("Bảng tổng hợp", "Bằng số đếm lại từ hồ sơ."),
    "search": CheckWords("Khóa tìm kiếm", "Hồ sơ mới nhất tìm được theo tên, điện thoại, mã."),
    "ledger": CheckWords("Sổ theo dõi xin lỗi", "Hồ sơ quá hạn nào cũng có trong sổ."),
    "replica": CheckWords("Máy đọc báo cáo", "Theo kịp máy chủ chính, nếu có dùng."),
    "first_day": CheckWords(
        "Cài đặt ban đầu", "Mười bước của ngày đầu, đến danh sách quá hạn đúng.", "first_day.page", "Bắt đầu"
    ),
    "backups": CheckWords("Sao lưu", "Có bản sao lưu trong hai ngày qua.", "jobs.page", "Lịch chạy"),
}


def check_title(name: str) -> str:
    """What a check is called; one that has no words here, by its own name."""
    return CHECKS[name].title if name in CHECKS else name
