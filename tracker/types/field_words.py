"""What our fields of a row are called for people, in the order in which a list shows them, and which may name a person."""

from collections.abc import Iterable, Mapping

FIELD_WORDS: Mapping[str, str] = {
    "dossier_code": "Mã hồ sơ",
    "code_alias": "Mã hồ sơ khác",
    "procedure_code": "Mã thủ tục",
    "procedure_name": "Tên thủ tục",
    "summary": "Trích yếu",
    "field_name": "Lĩnh vực",
    "resolving_unit": "Đơn vị giải quyết",
    "receiving_unit": "Đơn vị tiếp nhận",
    "returning_unit": "Đơn vị trả kết quả",
    "channel": "Kênh tiếp nhận",
    "applicant_name": "Chủ hồ sơ",
    "applicant_kind": "Loại đối tượng",
    "address": "Địa chỉ",
    "phone": "Số điện thoại",
    "filed_at": "Ngày nộp",
    "post_received_at": "Ngày bưu chính nhận",
    "intake_due_at": "Hạn tiếp nhận",
    "received_at": "Ngày tiếp nhận",
    "limit_text": "Thời hạn giải quyết",
    "previous_due_at": "Ngày hẹn trả ban đầu",
    "due_at": "Ngày hẹn trả",
    "finished_at": "Ngày kết thúc xử lý",
    "returned_at": "Ngày trả kết quả",
    "withdrawn_at": "Ngày rút",
    "refused_at": "Ngày từ chối",
    "supplement_requested_at": "Ngày yêu cầu bổ sung",
    "updated_at": "Ngày cập nhật",
    "suspensions": "Tạm dừng",
    "status": "Trạng thái",
    "officer_name": "Cán bộ xử lý",
    "late_reason": "Lý do trễ hạn",
    "refusal_reason": "Lý do từ chối",
    "note": "Ghi chú",
}
# Names of persons, where they live, and what a source wrote in its own words, which may name people.
PERSONAL = frozenset(
    {
        "applicant_name", "address", "phone", "officer_name", "summary", "late_reason", "refusal_reason", "note",
        "NguoiXuLy", "NoiDungXuLy",
    }
)  # fmt: skip


def field_word(field: str) -> str:
    """What a field is called; a field without a word of its own by its name."""
    return FIELD_WORDS.get(field, field)


def in_order(fields: Iterable[str]) -> list[str]:
    """Fields in the order in which a list shows them; those without a word of their own last."""
    places = {name: at for at, name in enumerate(FIELD_WORDS)}
    return sorted(fields, key=lambda name: (places.get(name, len(places)), name))
