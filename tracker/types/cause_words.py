"""What kinds of departments, and why lateness falls to no step, are called for people."""

from collections.abc import Mapping

from tracker.types.causes import StepKind, Undivided
from tracker.types.words import SuspensionKind

KIND_WORDS: Mapping[StepKind, str] = {
    StepKind.DESK: "Một cửa",
    StepKind.BRANCH: "Chi nhánh VPĐKĐĐ",
    StepKind.COMMUNE: "UBND cấp xã",
    StepKind.TAX: "Thuế",
    StepKind.CADASTRE: "Đo đạc, địa chính",
    StepKind.OTHER: "Bộ phận khác",
}
UNDIVIDED_WORDS: Mapping[Undivided, str] = {
    Undivided.NO_STEPS: "Nguồn không gửi bước xử lý nào của hồ sơ",
    Undivided.NO_SHARES: "Có bước mà nguồn không ghi thời hạn của bước",
    Undivided.WAITING: "Thời gian giữa hai bước, không rõ ai giữ hồ sơ",
    Undivided.REST: "Các bước đều trong thời hạn, hoặc vượt ít hơn số phút quá hạn",
}
PAUSE_WORDS: Mapping[SuspensionKind, str] = {
    SuspensionKind.PAUSE: "Tạm dừng (nguồn không ghi loại)",
    SuspensionKind.SUPPLEMENT: "Bổ sung hồ sơ",
    SuspensionKind.FINANCIAL: "Nghĩa vụ tài chính",
    SuspensionKind.VERIFICATION: "Xác minh, giám định",
    SuspensionKind.POSTING: "Niêm yết công khai",
    SuspensionKind.VIOLATION: "Xử lý vi phạm",
}
NO_REASON = "Chưa ghi lý do"
