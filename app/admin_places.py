"""Everything that is administered, by groups, each with its page: the tiles of the administrator's first page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdminPlace:
    """A page, what it is called, and what is done there."""

    endpoint: str
    title: str
    about: str


GROUPS: tuple[tuple[str, tuple[AdminPlace, ...]], ...] = (
    (
        "Dữ liệu vào",
        (
            AdminPlace("sources.page", "Nguồn dữ liệu", "lần nạp, dòng không dùng được, nạp tệp"),
            AdminPlace("sources.layouts", "Cách hiểu cột", "bố cục đã lưu của từng loại tệp; bỏ bố cục sai"),
            AdminPlace("keys.page", "Khóa gửi dữ liệu", "hệ thống nào được gửi hồ sơ đến; thu hồi"),
            AdminPlace("reconciling.page", "Đối chiếu", "số của nguồn bên cạnh số đếm được"),
            AdminPlace("sources.files", "Tệp tạm", "tệp tải lên, tệp đã xuất, ngày xóa"),
        ),
    ),
    (
        "Danh mục và quy tắc",
        (
            AdminPlace("catalogue.units", "Đơn vị", "cấp, trực thuộc, đơn vị kế thừa, tên gọi khác"),
            AdminPlace("catalogue.procedures", "Thủ tục và thời hạn", "thời hạn công bố, mã và tên khác"),
            AdminPlace("calendar.year", "Lịch làm việc", "ngày nghỉ, làm bù; xem trước, hai người duyệt"),
            AdminPlace("alert_rules.page", "Quy tắc cảnh báo", "mốc nào báo cho ai"),
            AdminPlace("editions.page", "Phiên bản tiêu chí", "công thức chấm điểm, kết quả công bố"),
            AdminPlace("form_editions.page", "Phiên bản biểu mẫu", "biểu báo cáo theo thông tư"),
        ),
    ),
    (
        "Thư xin lỗi",
        (
            AdminPlace("letter_templates.page", "Mẫu thư", "tải mẫu, thử mẫu, thôi dùng"),
            AdminPlace("letter_settings.signers", "Người ký", "ai ký, quyền hạn, từ ngày nào"),
            AdminPlace("letter_settings.series", "Dãy số", "dãy số riêng của đơn vị"),
        ),
    ),
    (
        "Người và quyền",
        (
            AdminPlace("admin.accounts", "Tài khoản", "tìm, đề nghị, khóa, lần đăng nhập cuối"),
            AdminPlace("admin.changes", "Đề nghị cần hai người", "đang chờ duyệt, đã quyết định"),
            AdminPlace("alert_rules.leave", "Nghỉ phép", "ai làm thay khi vắng"),
            AdminPlace("tokens.page", "Khóa API", "chương trình nào đọc, ghi thay ai; thu hồi"),
            AdminPlace("feeds.page", "Đường dẫn lịch", "lịch hẹn trả mà máy khác đọc"),
        ),
    ),
    (
        "Máy móc",
        (
            AdminPlace("first_day.page", "Bắt đầu", "mười bước từ chương trình trống đến danh sách đúng"),
            AdminPlace("admin_home.health", "Tình trạng", "kiểm tra từng phần, việc nên làm"),
            AdminPlace("jobs.page", "Lịch chạy", "công việc hằng ngày, chạy lại một ngày"),
            AdminPlace("work.list", "Công việc", "việc dài: đang chờ, đang làm, đã dừng"),
            AdminPlace("outbox.queue", "Hàng đợi gửi đi", "thông báo chưa gửi, chưa rõ, hỏng"),
            AdminPlace("outbox.kinds", "Các loại thông báo", "gửi gì, bằng cách nào, khi chưa rõ thì sao"),
            AdminPlace("subscriptions.page", "Báo cho hệ thống khác", "hệ thống nào được báo việc gì"),
            AdminPlace("admin_home.configuration", "Cấu hình", "mọi giá trị bằng lời, khác bản gốc ở đâu"),
        ),
    ),
    (
        "Dấu vết",
        (
            AdminPlace("audit.page", "Nhật ký", "ai làm gì, lúc nào"),
            AdminPlace(
                "rule_history.page", "Lịch sử lịch và quy tắc", "ai đổi gì, ai duyệt, dời bao nhiêu hồ sơ"
            ),
            AdminPlace("seen_log.page", "Ai đã xem, ai đã xuất", "theo người, đơn vị, hồ sơ"),
            AdminPlace("audit.seals", "Niêm phong", "dòng niêm phong để in và giữ"),
        ),
    ),
)
