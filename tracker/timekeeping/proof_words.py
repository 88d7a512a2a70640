"""What the codes of a deadline mean, in the words of a page or a sheet; pure."""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "RECEIVED_MISSING": "hồ sơ chưa có ngày tiếp nhận",
    "LIMIT_MISSING": "chưa biết thời hạn giải quyết: nguồn không gửi và danh mục thủ tục không có",
    "LIMIT_NOT_SET": "thủ tục không quy định thời hạn giải quyết",
    "LIMIT_RANGE": "thời hạn ghi thành khoảng (từ … đến …), không rõ lấy số nào",
    "LIMIT_UNREADABLE": "thời hạn ghi bằng lời, không đọc được thành ngày hoặc giờ",
    "LIMIT_SAME_DAY": "thời hạn ghi “trong ngày”, không rõ hồ sơ nhận muộn thì trả hôm nào",
    "LIMIT_AT_ONCE": "thời hạn ghi “ngay sau khi nhận đủ hồ sơ”, không có số ngày hay số giờ",
    "LIMIT_SEVERAL": "thời hạn ghi nhiều mốc, không rõ lấy mốc nào",
    "LIMIT_BY_CHANNEL": "thời hạn khác nhau theo cách nộp mà chưa rõ hồ sơ nộp cách nào",
    "LIMIT_BY_CASE": "thời hạn khác nhau theo trường hợp mà chưa rõ hồ sơ thuộc trường hợp nào",
    "LIMIT_EXTRA_UNCLEAR": "thời gian cộng thêm của loại xã không cộng được với thời hạn của thủ tục",
    "LIMIT_CHANGED": "thời hạn của thủ tục đã đổi sau khi hồ sơ được xét; hạn đã xét giữ nguyên",
    "LIMIT_UNIT_MISSING": "thời hạn chỉ có con số, không ghi là ngày hay giờ",
    "CALENDAR_OUT_OF_RANGE": "lịch làm việc chưa có các năm cần tính",
    "RULE_NOT_IN_FORCE": "không có quy tắc nào áp dụng cho ngày tiếp nhận này",
}
FLAGS: Mapping[str, str] = {
    "CALENDAR_PROVISIONAL": "Hạn rơi vào năm chưa có thông báo nghỉ lễ: tính theo lịch tạm.",
    "LIMIT_ZERO": "Thời hạn bằng 0: cần kiểm tra lại danh mục thủ tục.",
    "SUPPLEMENT_REPEATED": "Yêu cầu bổ sung lần thứ hai trở đi chỉ tạm dừng, không tính lại từ đầu.",
    "SUPPLEMENT_LATE": "Yêu cầu bổ sung sau ngày làm việc thứ ba chỉ tạm dừng, không tính lại từ đầu.",
    "SUSPENSION_EFFECT_UNVERIFIED": "Tác động của lần tạm dừng chưa được đối chiếu với văn bản.",
    "SUSPENSION_INVERTED": "Bỏ qua một lần tạm dừng ghi kết thúc trước khi bắt đầu.",
    "SUSPENSION_BEFORE_RECEPTION": "Bỏ qua một lần tạm dừng kết thúc trước khi tiếp nhận.",
    "RULE_COMPARISON": "Tính theo cách của phần mềm khác, chỉ để so sánh.",
    "RESTART_BEFORE_RECEPTION": "Bỏ qua một mốc tính lại ghi trước khi tiếp nhận.",
}


def reason_text(code: str | None) -> str:
    """Why there is no due date; a code without words of its own is told as it is."""
    return REASONS.get(code, f"lý do {code}") if code else "chưa rõ vì sao"


def flag_text(code: str) -> str:
    """What a flag of a deadline says."""
    return FLAGS.get(code, f"Cần xem lại: {code}.")
