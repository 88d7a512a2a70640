"""What a flag of a dossier means to the people who work with it; a test holds the list complete."""

from collections.abc import Iterable, Mapping

FLAGS: Mapping[str, str] = {
    "CODE_MISSING": "Nguồn không ghi mã hồ sơ; đang dùng mã tạm, cần gộp vào hồ sơ có mã.",
    "DATE_SENTINEL": "Nguồn ghi một ngày có nghĩa là “không có” (như 01/01/1970); đã để trống.",
    "DATE_SWAPPED_SUSPECTED": "Có ngày bị nghi đảo ngày và tháng; đã để trống.",
    "DATE_UNREADABLE": "Có ô ngày không đọc được; đã để trống, chữ gốc vẫn giữ.",
    "DELETED": "Nguồn đã xóa hồ sơ này; không đếm vào đâu.",
    "DUE_BEFORE_RECEIVED": "Ngày hẹn trả đứng trước ngày tiếp nhận.",
    "DUE_CHANGED": "Nguồn đã đổi ngày hẹn trả; mọi ngày hẹn từng thấy đều giữ trong diễn biến.",
    "DUE_MISSING": "Nguồn không ghi ngày hẹn trả.",
    "END_BEFORE_RECEIVED": "Nguồn ghi ngày kết thúc trước ngày tiếp nhận; đã để trống.",
    "END_EQ_DUE": "Ngày xong trùng ngày hẹn đến từng giây: nên xem lại.",
    "END_FROM_DESK": "Không có ngày xong; tạm lấy ngày bàn giao kết quả về Một cửa.",
    "END_FROM_RETURN": "Không có ngày xong; tạm lấy ngày trả kết quả, nên số ngày trễ là mức cao nhất có thể.",
    "END_FROM_SIGNATURE": "Không có ngày xong; tạm lấy ngày ký kết quả.",
    "END_MISSING": "Nguồn ghi đã xong nhưng không ghi ngày nào; coi như chưa xong.",
    "EVENT_SYNTHETIC": "Có bước xử lý do phần mềm của nguồn tự sinh ra; không tính.",
    "FINISHED_IN_FUTURE": "Nguồn ghi ngày xong ở tương lai; đã để trống.",
    "JOINED": "Hồ sơ tạm này đã được gộp vào hồ sơ có mã.",
    "PAUSES_FROM_EVENTS": "Các lần tạm dừng lấy từ diễn biến xử lý của nguồn.",
    "PAUSES_UNKNOWN": "Nguồn không báo các lần tạm dừng: hạn tính theo quy định có thể sớm hơn thực tế.",
    "RECEIVED_IN_FUTURE": "Nguồn ghi ngày tiếp nhận ở tương lai; đã để trống.",
    "RECEIVED_MISSING": "Nguồn không ghi ngày tiếp nhận; hồ sơ không được đếm vào kỳ nào.",
    "REFUSAL_REASON_UNTOLD": "Nguồn không có chỗ ghi lý do từ chối.",
    "REFUSED_IN_FUTURE": "Nguồn ghi ngày từ chối ở tương lai; đã để trống.",
    "RETURNED_IN_FUTURE": "Nguồn ghi ngày trả kết quả ở tương lai; đã để trống.",
    "SOURCES_DISAGREE": "Các nguồn nói khác nhau về hồ sơ này; dùng số liệu của nguồn đứng trước.",
    "STATUS_LOSSY": "Nguồn ghi đã xong, nhưng nội dung cho thấy hồ sơ đang chờ bổ sung hoặc nghĩa vụ tài chính.",
    "STATUS_REGRESSION": "Trạng thái đã có lúc lùi lại (mở lại sau khi xong); lần kết thúc cũ nằm trong diễn biến.",
    "STATUS_UNKNOWN": "Không hiểu trạng thái mà nguồn ghi; chữ gốc vẫn giữ.",
    "SUSPENSION_UNREADABLE": "Có lần tạm dừng không đọc được.",
    "UNIT_UNKNOWN": "Tên đơn vị chưa có trong danh mục; hồ sơ chưa vào điểm của cấp nào.",
    "WITHDRAWN_IN_FUTURE": "Nguồn ghi ngày rút ở tương lai; đã để trống.",
    "YEAR_TWO_DIGITS": "Năm viết hai chữ số, hiểu là 20xx.",
}
# What a page says elsewhere, and better.
ELSEWHERE = frozenset({"PAUSES_FROM_EVENTS", "DUE_MISSING"})


def notes(flags: Iterable[str]) -> list[str]:
    """The flags of a dossier in words; one that nobody has put into words stands as it is."""
    return [FLAGS.get(flag, flag) for flag in sorted(set(flags) - ELSEWHERE)]
