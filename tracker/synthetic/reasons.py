"""Reasons for lateness and remarks, as sentences that can stand in a letter. An own list: no official codes exist for it."""

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.spreads import weighted

Ints = NDArray[np.int64]

# (sentence, weight for land, weight for other fields); place 0 = no reason.
_REASONS = (
    ("", 0.0, 0.0),
    (
        "Số lượng hồ sơ tiếp nhận trong kỳ tăng đột biến, dẫn đến quá tải, đơn vị chưa kịp thời giải quyết đúng thời gian quy định",
        30.0,
        10.0,
    ),
    (
        "Số lượng hồ sơ trích đo trên địa bàn tăng cao nên công tác kiểm tra thực địa và biên tập hồ sơ kỹ thuật bị chậm",
        14.0,
        0.0,
    ),
    (
        "Hồ sơ phải thẩm tra, xác minh thực địa về nguồn gốc và hiện trạng nên kéo dài thời gian giải quyết",
        14.0,
        8.0,
    ),
    ("Cơ quan phối hợp chậm có văn bản trả lời ý kiến đối với nội dung được lấy ý kiến", 8.0, 25.0),
    (
        "Việc luân chuyển thông tin xác định nghĩa vụ tài chính với cơ quan thuế bị chậm so với quy định",
        11.0,
        2.0,
    ),
    ("Việc ký giáp ranh và niêm yết công khai tại nơi có đất kéo dài hơn dự kiến", 6.0, 0.0),
    (
        "Hệ thống thông tin giải quyết thủ tục hành chính gặp lỗi kết nối, gián đoạn trong quá trình xử lý hồ sơ",
        5.0,
        15.0,
    ),
    (
        "Đơn vị thiếu nhân sự do công chức, viên chức nghỉ chế độ và biệt phái trong thời gian giải quyết hồ sơ",
        6.0,
        15.0,
    ),
    ("Công chức thụ lý có sai sót trong khâu thẩm định nên hồ sơ phải kiểm tra và trình ký lại", 3.0, 10.0),
    (
        "Thành phần hồ sơ còn thiếu, đơn vị chậm phát hiện để hướng dẫn bổ sung ngay từ khi tiếp nhận",
        3.0,
        10.0,
    ),
    ("Lãnh đạo có thẩm quyền ký đi công tác, hồ sơ được trình ký chậm", 2.0, 5.0),
)
REASONS = tuple(sentence for sentence, _, _ in _REASONS)

NOTES = (
    "",
    "Đã gia hạn thời gian giải quyết theo đề nghị của đơn vị",
    "Hồ sơ không đủ điều kiện giải quyết theo quy định",
    "Thành phần hồ sơ nộp trực tuyến không hợp lệ",
    "Công dân đề nghị rút hồ sơ để bổ sung giấy tờ",
    "Hồ sơ của đơn vị cũ chuyển giao theo mô hình chính quyền địa phương 2 cấp",
    "Thủ tục không quy định thời hạn giải quyết",
)
NO_NOTE, EXTENDED, NOT_ELIGIBLE, NOT_VALID, TAKEN_BACK, HANDED_OVER, WITHOUT_LIMIT = range(7)


def draw_reasons(rng: np.random.Generator, land: NDArray[np.bool_]) -> Ints:
    """A reason for each late dossier, by field."""
    for_land = weighted(rng, np.array([weight for _, weight, _ in _REASONS]), len(land))
    for_others = weighted(rng, np.array([weight for _, _, weight in _REASONS]), len(land))
    return np.where(land, for_land, for_others)
