"""The ten steps of the first day in words: what each is called, why it is there, on which page and by which command it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracker.measures.first_day import Step, StepState


@dataclass(frozen=True, slots=True)
class Way:
    """A page where a step is done, and the words of its button."""

    endpoint: str
    go: str


@dataclass(frozen=True, slots=True)
class StepWords:
    """A step as people read it; `command` does the same on the server."""

    title: str
    why: str
    ways: tuple[Way, ...]
    command: str


STEPS: Mapping[str, StepWords] = {
    "accounts": StepWords(
        "Quản trị viên",
        "Ai giữ tài khoản này thì đổi được mọi quy tắc; mật khẩu thôi chưa đủ, và mật khẩu trình diễn ai cũng đọc được.",
        (Way("second_factor.page", "Cài xác thực hai bước"), Way("admin.accounts", "Xem tài khoản")),
        "dunghen user add TÊN --role admin",
    ),
    "office": StepWords(
        "Cơ quan, đơn vị và người dùng",
        "Cảnh báo đến đúng người, thư xin lỗi đứng tên đúng đơn vị chỉ khi danh mục và tài khoản đúng.",
        (Way("catalogue.units", "Danh mục đơn vị"), Way("admin.new_account", "Thêm người dùng")),
        "dunghen units import TỆP.xlsx; dunghen user add TÊN --role desk --unit MÃ",
    ),
    "calendar": StepWords(
        "Lịch và giờ làm việc",
        "Hạn trả đếm theo giờ làm việc: thiếu một ngày nghỉ hay làm bù là mọi hạn qua ngày đó lệch một ngày.",
        (Way("calendar.year", "Xem lịch"), Way("rule_history.page", "Lịch sử quy tắc")),
        "dunghen calendar check",
    ),
    "loads": StepWords(
        "Tệp đầu tiên",
        "Mọi con số của chương trình đều từ tệp này; xem trước cho biết cột nào được hiểu thế nào, dòng nào không dùng được.",
        (Way("sources.upload", "Nạp tệp"), Way("sources.page", "Nguồn dữ liệu")),
        "dunghen ingest TỆP.xlsx --dry-run, rồi dunghen ingest TỆP.xlsx",
    ),
    "catalogue": StepWords(
        "Thời hạn và tên đơn vị còn thiếu",
        "Không có thời hạn thì không tính được hạn theo quy định; tên đơn vị lạ thì hồ sơ không thuộc về ai.",
        (
            Way("catalogue.without_limit", "Thủ tục chưa có thời hạn"),
            Way("catalogue.unknown_units", "Tên đơn vị lạ"),
        ),
        "dunghen procedures check; dunghen units check",
    ),
    "start": StepWords(
        "Ngày bắt đầu",
        "Để buổi sáng đầu tiên không có hàng nghìn thư xin lỗi về hồ sơ đã trả từ nhiều năm trước.",
        (Way("first_day.start", "Xem trước, chọn ngày"),),
        "letters.letters_from trong config.toml",
    ),
    "mail": StepWords(
        "Thử gửi thư điện tử",
        "Bản tin sáng đi bằng thư: biết ngay bây giờ máy chủ có nhận hay không, không đợi đến lúc có việc khẩn.",
        (),
        "phần [mail] của config.toml; dunghen user email TÊN ĐỊA-CHỈ",
    ),
    "backup": StepWords(
        "Bản sao lưu đầu tiên",
        "Ổ đĩa nào rồi cũng hỏng. Thư mục sao lưu nên ở ổ đĩa khác, khóa mã hóa giữ ở nơi khác nữa.",
        (Way("jobs.page", "Lịch chạy"), Way("admin_home.configuration", "Cấu hình sao lưu")),
        "dunghen jobs run backup",
    ),
    "services": StepWords(
        "Các tiến trình chạy nền",
        "Không có chúng thì không ai nạp tệp, gửi cảnh báo, sao lưu ban đêm.",
        (Way("admin_home.health", "Tình trạng"),),
        "dunghen serve --all, hoặc các dịch vụ dunghen-web, dunghen-worker, dunghen-scheduler",
    ),
    "late_list": StepWords(
        "Danh sách quá hạn đầu tiên",
        "Chỉ người biết phần mềm một cửa mới nói được danh sách này đúng; từ đó mọi con số mới đáng tin.",
        (Way("late.late_list", "Mở danh sách quá hạn"), Way("first_day.sheet", "Phiếu đối chiếu mười hồ sơ")),
        "dunghen overdue",
    ),
}
# State -> mark, word, tone: never colour alone.
STATES: Mapping[StepState, tuple[str, str, str]] = {
    StepState.DONE: ("tick", "Xong", "kept"),
    StepState.TODO: ("half-circle", "Chưa xong", "soon"),
    StepState.UNUSED: ("dash", "Không dùng", "plain"),
}


def titles(steps: Iterable[Step]) -> str:
    """What steps are called, one after the other."""
    return "; ".join(STEPS[step.key].title for step in steps)
