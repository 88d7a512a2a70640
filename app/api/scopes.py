"""What a token may be good for. Never more than the role and the units of its account: a scope only narrows."""

from collections.abc import Mapping
from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token may be allowed; the words are part of the API."""

    DOSSIERS_READ = "dossiers:read"
    NAMES = "names"
    NOTES_WRITE = "notes:write"
    LETTERS_READ = "letters:read"
    LETTERS_WRITE = "letters:write"
    ALERTS_READ = "alerts:read"
    ALERTS_WRITE = "alerts:write"
    FIGURES_READ = "figures:read"
    CATALOGUE_READ = "catalogue:read"
    CALENDAR_WRITE = "calendar:write"
    SOURCES_READ = "sources:read"
    SOURCES_WRITE = "sources:write"
    REPORTS_WRITE = "reports:write"
    WORK_READ = "work:read"
    EVENTS_READ = "events:read"
    LOG_READ = "log:read"
    HEALTH_READ = "health:read"


WORDS: Mapping[Scope, str] = {
    Scope.DOSSIERS_READ: "Xem hồ sơ, danh sách quá hạn, phiếu tính hạn, ghi chú",
    Scope.NAMES: "Kèm họ tên, địa chỉ, điện thoại người nộp và lời của nguồn; không chọn thì bị che như trên trang",
    Scope.NOTES_WRITE: "Ghi và rút ghi chú của hồ sơ",
    Scope.LETTERS_READ: "Xem thư xin lỗi và nghĩa vụ xin lỗi",
    Scope.LETTERS_WRITE: "Chuyển bước thư xin lỗi, quyết định nghĩa vụ, trong quyền của vai trò",
    Scope.ALERTS_READ: "Xem cảnh báo của mình",
    Scope.ALERTS_WRITE: "Nhận việc, rút lời nhận, giao việc",
    Scope.FIGURES_READ: "Xem tỷ lệ và điểm tiêu chí",
    Scope.CATALOGUE_READ: "Xem lịch làm việc, đơn vị, thủ tục; tính hạn",
    Scope.CALENDAR_WRITE: "Đề nghị thay đổi lịch làm việc (người thứ hai vẫn phải duyệt)",
    Scope.SOURCES_READ: "Xem nguồn, lần nạp, dòng không dùng được",
    Scope.SOURCES_WRITE: "Gửi tệp để nạp",
    Scope.REPORTS_WRITE: "Yêu cầu báo cáo và danh sách thành tệp",
    Scope.WORK_READ: "Xem tiến độ việc đã yêu cầu và tải tệp của nó",
    Scope.EVENTS_READ: "Đọc sự kiện",
    Scope.LOG_READ: "Đọc nhật ký",
    Scope.HEALTH_READ: "Xem tình trạng chương trình",
}
