"""The log as its page shows it: filters of the address, acts in words, details on one line. Knows no request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app import finding_filters, finding_words
from app.access import ROLE_NAMES
from app.access_history import WAYS
from app.late_filters import STATES
from app.presenters import BASES, LETTER_STATES
from app.reveal import REASONS, holds_long_number
from app.two_person_kinds import TWO_PERSON_KINDS
from app.typed_dates import day_asked
from app.work_kinds import WORK_KINDS
from tracker.store.audit import ActFilter
from tracker.types.findings import KIND_WORDS, STATE_WORDS

# What acts are called; one that is not here is shown by its own name.
ACTIONS: Mapping[str, str] = {
    "login": "Đăng nhập",
    "logout": "Đăng xuất",
    "login_locked": "Khóa tạm vì sai mật khẩu, sai mã",
    "password": "Đổi mật khẩu",
    "sessions_end": "Kết thúc các phiên khác",
    "factor_begin": "Bắt đầu cài xác thực hai bước",
    "factor_on": "Bật xác thực hai bước",
    "factor_off": "Tắt xác thực hai bước",
    "factor_codes": "Tạo bộ mã dự phòng mới",
    "user_factor_off": "Người vận hành gỡ xác thực hai bước",
    "sign_on_allow": "Chuẩn bị gắn tài khoản bên ngoài",
    "sign_on_link": "Gắn tài khoản bên ngoài",
    "sign_on_unlink": "Gỡ tài khoản bên ngoài",
    "user_sign_on": "Người vận hành đổi tài khoản bên ngoài",
    "demo_refused": "Từ chối tài khoản trình diễn",
    "demo_accounts": "Tạo tài khoản trình diễn",
    "board": "Xem bàn theo dõi",
    "board_confirm": "Chọn hồ sơ trên bàn theo dõi",
    "board_print": "In bàn theo dõi",
    "board_export": "Tải bàn theo dõi",
    "note_write": "Ghi chú hồ sơ",
    "note_withdraw": "Thu hồi ghi chú",
    "unit_home": "Xem trang của một đơn vị",
    "target_set": "Đặt chỉ tiêu của đơn vị",
    "late_list": "Xem hồ sơ quá hạn",
    "late_export": "Tải hồ sơ quá hạn",
    "late_export_asked": "Yêu cầu tệp hồ sơ quá hạn",
    "score_stakes": "Xem hồ sơ còn giữ được đúng hạn",
    "forecast": "Xem dự báo",
    "forecast_risks": "Xem hồ sơ dễ trễ",
    "simulator_list": "Xem hồ sơ nên làm trước (mô phỏng)",
    "cases": "Xem hồ sơ quá hạn để kiểm tra",
    "case_export": "Tải hồ sơ quá hạn để kiểm tra",
    "case_export_asked": "Yêu cầu tệp hồ sơ quá hạn để kiểm tra",
    "case_sample": "Rút mẫu kiểm tra",
    "case_sample_export": "Tải mẫu kiểm tra",
    "case_sample_export_asked": "Yêu cầu tệp mẫu kiểm tra",
    "event_log_export": "Tải nhật ký sự kiện của hồ sơ",
    "event_log_export_asked": "Yêu cầu tệp nhật ký sự kiện của hồ sơ",
    "case_query_keep": "Lưu truy vấn kiểm tra",
    "case_query_forget": "Xóa truy vấn kiểm tra",
    "findings": "Xem dấu hiệu cần giải trình",
    "finding": "Xem một dấu hiệu",
    "finding_confirm_page": "Chọn dấu hiệu để ghi",
    "finding_explain": "Giải trình dấu hiệu",
    "finding_dismiss": "Chấp nhận giải trình, khép lại dấu hiệu",
    "finding_confirm": "Xác nhận dấu hiệu",
    "finding_reopen": "Mở lại dấu hiệu",
    "finding_export": "Tải danh sách dấu hiệu",
    "finding_export_asked": "Yêu cầu tệp dấu hiệu",
    "hidden_lateness": "Xem độ trễ bị che",
    "hidden_lateness_export": "Tải số liệu độ trễ bị che",
    "intake": "Xem tiếp nhận",
    "intake_export": "Tải danh sách tiếp nhận",
    "intake_export_asked": "Yêu cầu tệp tiếp nhận",
    "dossier": "Xem hồ sơ",
    "search": "Tìm hồ sơ",
    "reveal": "Hiện họ tên, địa chỉ, điện thoại",
    "proof": "Xem phiếu tính hạn",
    "proof_download": "Tải phiếu tính hạn",
    "letter_download": "Tải thư xin lỗi",
    "letters": "Xem sổ thư xin lỗi",
    "compliance": "Xem tuân thủ xin lỗi",
    "compliance_export": "Tải tệp về việc xin lỗi",
    "compliance_export_asked": "Yêu cầu tệp về việc xin lỗi",
    "draft": "Soạn thư xin lỗi",
    "draft_letters_asked": "Yêu cầu soạn thư xin lỗi",
    "letter_delivery": "Đặt gửi thư xin lỗi",
    "letter": "Xem một thư xin lỗi",
    "letter_confirm": "Xem trước việc chuyển bước thư",
    "letter_approve": "Duyệt thư xin lỗi",
    "letter_return": "Trả lại thư xin lỗi",
    "letter_sign": "Ghi thư xin lỗi đã ký",
    "letter_deliver": "Ghi thư xin lỗi đã gửi",
    "letter_told": "Ghi việc báo người nộp về thư",
    "letter_desk_told": "Ghi việc báo Một cửa về thư",
    "letter_desk_done": "Ghi Một cửa đã điều chỉnh ngày",
    "letter_void": "Hủy thư xin lỗi",
    "letter_correct": "Sửa thư xin lỗi",
    "letter_number": "Vào sổ thư xin lỗi",
    "letter_signed_file": "Nhận bản đã ký của thư",
    "letter_signer": "Chọn người ký thư",
    "signed_download": "Tải bản đã ký của thư",
    "print_letters_asked": "Yêu cầu ghép thư để in",
    "letter_print": "Ghép thư để in",
    "letter_step_asked": "Yêu cầu chuyển bước nhiều thư",
    "obligations": "Xem nghĩa vụ xin lỗi",
    "obligation": "Xem một nghĩa vụ xin lỗi",
    "obligation_owe": "Quyết định phải xin lỗi",
    "obligation_waive": "Quyết định không phải gửi thư",
    "obligation_reason": "Ghi lý do quá hạn",
    "obligation_fault": "Ghi đơn vị để xảy ra quá hạn",
    "ledger_keep": "Cập nhật sổ theo dõi xin lỗi",
    "ledger_check": "Soát lại toàn bộ sổ theo dõi xin lỗi",
    "letter_template_try": "Thử một tệp mẫu thư xin lỗi",
    "letter_template_add": "Dùng mẫu thư xin lỗi mới",
    "letter_template_retire": "Thôi dùng mẫu thư xin lỗi",
    "letter_reason_add": "Đặt sẵn lý do quá hạn",
    "letter_reason_end": "Rút lý do quá hạn đặt sẵn",
    "signer_add": "Thêm người ký thư xin lỗi",
    "signer_end": "Kết thúc quyền ký thư xin lỗi",
    "series_add": "Đăng ký dãy số thư riêng",
    "series_close": "Đóng dãy số thư riêng",
    "alert_rule_set": "Đặt quy tắc cảnh báo",
    "alert_rule_restored": "Rút quy tắc cảnh báo",
    "leave_set": "Ghi nghỉ phép, người làm thay",
    "leave_ended": "Kết thúc nghỉ phép sớm",
    "ingest": "Nạp dữ liệu",
    "push_lookup": "Hệ thống gửi tra cứu hồ sơ",
    "push_refused": "Từ chối hệ thống gửi",
    "source_key_add": "Thêm khóa của hệ thống gửi",
    "source_key_passwd": "Đổi mật khẩu khóa của hệ thống gửi",
    "source_key_disable": "Thu hồi khóa của hệ thống gửi",
    "codes": "Xem mã hồ sơ cần quyết định",
    "code_candidates": "Tìm hồ sơ khớp với hồ sơ chưa có mã",
    "code_join": "Gộp hồ sơ chưa có mã",
    "code_rule": "Quyết định về mã hồ sơ",
    "pull_asked": "Yêu cầu hỏi hệ thống khác",
    "ingest_asked": "Yêu cầu nạp dữ liệu",
    "import_preview": "Xem trước tệp sẽ nạp",
    "import_preview_asked": "Tải tệp lên để xem trước",
    "layout_save": "Lưu cách hiểu cột",
    "layout_forget": "Bỏ cách hiểu cột",
    "load_watched_asked": "Tìm thấy tệp trong thư mục theo dõi",
    "watched_file": "Chuyển tệp của thư mục theo dõi",
    "file_deleted": "Xóa tệp tạm",
    "rejections": "Xem dòng không dùng được",
    "rejection": "Xem một dòng không dùng được",
    "rejection_close": "Để một dòng sang một bên",
    "rejection_export": "Tải dòng không dùng được",
    "rejection_export_asked": "Yêu cầu tệp dòng không dùng được",
    "replay_asked": "Yêu cầu nạp lại dòng đã sửa",
    "reconcile": "Xem đối chiếu",
    "reconcile_export": "Tải đối chiếu",
    "vanished": "Xem hồ sơ biến mất",
    "vanished_export": "Tải hồ sơ biến mất",
    "duplicates": "Xem hồ sơ trùng",
    "report_import": "Nạp báo cáo của nguồn",
    "report_enter": "Nhập số liệu báo cáo của nguồn",
    "view": "Xem bằng dòng lệnh",
    "export": "Xuất bằng dòng lệnh",
    "user_add": "Thêm tài khoản",
    "user_passwd": "Đặt mật khẩu",
    "user_role": "Đổi vai trò, phạm vi",
    "user_email": "Đổi thư điện tử",
    "user_disable": "Khóa tài khoản",
    "privacy_subject": "Trả lời một người về dữ liệu của họ",
    "privacy_access_log": "Xem ai đã xem dữ liệu cá nhân",
    "privacy_erase": "Xóa thông tin cá nhân hết thời hạn lưu",
    "change_propose": "Đề nghị một thay đổi",
    "change_approve": "Duyệt một thay đổi",
    "change_reject": "Từ chối một thay đổi",
    "change_withdraw": "Rút đề nghị một thay đổi",
    "calendar_preview_asked": "Yêu cầu xem trước đổi lịch",
    "calendar_propose_asked": "Yêu cầu ghi đề nghị đổi lịch",
    "calendar_approve_asked": "Yêu cầu áp dụng đổi lịch",
    "calendar_propose": "Đề nghị đổi lịch",
    "calendar_approve": "Duyệt đổi lịch",
    "calendar_reject": "Từ chối đổi lịch",
    "calendar_withdraw": "Rút đề nghị đổi lịch",
    "calendar_undo": "Đề nghị hoàn tác đổi lịch",
    "calendar_change": "Xem thay đổi lịch",
    "calendar_journal": "Xem nhật ký đổi hạn",
    "work_cancel": "Dừng một việc",
    "work_retry": "Cho làm lại một việc",
    "work_download": "Tải tệp của một việc",
    "alerts": "Xem cảnh báo",
    "alerts_look": "Xét cảnh báo",
    "alert": "Xem một cảnh báo",
    "alert_confirm": "Xem trước việc nhận, giao hồ sơ",
    "alert_take_on": "Nhận việc, hẹn ngày xong",
    "alert_take_back": "Rút lời nhận việc",
    "alert_assign": "Giao việc",
    "alert_settings": "Đổi cách nhận cảnh báo",
    "outbox_again": "Gửi lại một thông báo",
    "outbox_settle": "Coi một thông báo như đã gửi",
    "outbox_cancel": "Bỏ qua một thông báo",
    "outbox_receipts": "Đọc báo phát",
    "job_run": "Cho chạy công việc",
    "remedy_add": "Ghi tồn tại, hạn chế",
    "remedy_edit": "Ghi lại tồn tại, biện pháp",
    "remedy_done": "Ghi biện pháp khắc phục đã xong",
    "remedy_drop": "Bỏ biện pháp khắc phục",
    "remedy_reopen": "Mở lại biện pháp khắc phục",
    "snapshot_keep": "Chốt số liệu một tháng",
    "rates_export": "Tải bảng tỷ lệ",
    "report_export": "Tải một báo cáo",
    "report_export_asked": "Yêu cầu tệp báo cáo",
    "restatement": "Xem vì sao số liệu đã chốt đổi",
    "restatement_export": "Tải hồ sơ làm đổi số liệu đã chốt",
    "rules_view": "Xem lịch sử lịch và quy tắc",
    "rules_export": "Tải lịch sử lịch và quy tắc",
    "seen_view": "Xem ai đã xem, ai đã xuất",
    "seen_export": "Tải bảng ai đã xem, ai đã xuất",
    "first_day_start": "Chọn ngày bắt đầu theo dõi thư xin lỗi",
    "first_day_confirm": "Xác nhận một bước của ngày đầu",
    "first_day_withdraw": "Rút xác nhận của ngày đầu",
    "first_day_sheet": "Rút phiếu đối chiếu ngày đầu",
    "first_day_ready": "Xác nhận danh sách quá hạn đúng với nguồn",
    "first_day_mail": "Máy chủ đã nhận thư thử",
    "mail_test_asked": "Yêu cầu gửi thư thử",
    "examination_asked": "Yêu cầu kiểm tra từng phần của chương trình",
    "audit_view": "Xem nhật ký",
    "audit_verify_asked": "Kiểm tra chuỗi nhật ký",
    "audit_seal": "Niêm phong nhật ký",
    "evidence_pack_asked": "Yêu cầu gói chứng cứ",
    "pack_made": "Làm gói chứng cứ",
    "pack_download": "Tải gói chứng cứ",
    "pack_check": "Kiểm tra một gói chứng cứ",
    "pack_key_new": "Tạo khóa ký gói chứng cứ",
    "pack_key_retire": "Thôi dùng khóa ký gói chứng cứ",
    "pack_key_import": "Nhận khóa để kiểm tra gói chứng cứ",
    "procedures_import": "Nạp danh mục thủ tục",
    "units_import": "Nạp danh mục đơn vị",
    "limit_add": "Điền thời hạn của thủ tục",
    "procedure_name": "Nhập thủ tục vào thủ tục khác",
    "procedure_alias": "Thêm mã, tên khác của thủ tục",
    "unit_alias": "Thêm tên gọi khác của đơn vị",
    "source_name": "Đặt tên hiển thị của nguồn",
    "unit_fill": "Điền đơn vị",
    "unit_name": "Nhập tên đơn vị vào đơn vị khác",
    "dues_recomputed": "Tính lại hạn theo danh mục",
    "db_upgrade": "Nâng cấp cơ sở dữ liệu",
    "db_rollback": "Quay lui về trước khi nâng cấp",
    "db_partition": "Chia cơ sở dữ liệu theo năm",
    "api": "Chương trình gọi API",
    "api_token_make": "Tạo khóa API",
    "api_token_revoke": "Thu hồi khóa API",
    "subscription_add": "Đăng ký nhận sự kiện cho hệ thống",
    "subscription_end": "Thôi báo sự kiện cho hệ thống",
    "feed_made": "Tạo đường dẫn lịch hẹn trả",
    "feed_revoked": "Thu hồi đường dẫn lịch hẹn trả",
    "feed_read": "Máy đọc lịch hẹn trả qua đường dẫn",
    "backup": "Sao lưu kho dữ liệu",
    "backup_removed": "Xóa bản sao lưu cũ",
    "restore": "Khôi phục từ bản sao lưu",
}
# What details are called; one that is not here is shown by its own name.
DETAILS: Mapping[str, str] = {
    "absent": "tệp không có",
    "account": "tài khoản số",
    "after": "sau",
    "applicant": "người nộp",
    "as_of": "tính đến",
    "attempts": "số lần đã làm",
    "authority": "quyền hạn ký",
    "basis": "căn cứ",
    "batch": "lần nạp",
    "before": "trước",
    "bytes": "số byte",
    "changed": "thay đổi",
    "channel": "kênh",
    "count": "số lượng",
    "day": "ngày",
    "elements": "số phần tử",
    "end": "đến ngày",
    "figures": "số liệu",
    "faults": "số lỗi",
    "first": "số bắt đầu",
    "flagged": "có cờ",
    "form": "biểu",
    "format": "dạng tệp",
    "from": "từ trạng thái",
    "ids": "số",
    "kind": "loại",
    "last_day": "ngày cuối cùng",
    "letter_kind": "loại thư",
    "closed": "thời hạn kết thúc",
    "dossiers": "hồ sơ",
    "letters": "thư",
    "login": "tên khóa",
    "looked_at": "hồ sơ đã xem",
    "masked": "che tên",
    "message": "thông báo số",
    "minutes": "số phút",
    "moved": "hồ sơ dời hạn",
    "new": "mới",
    "note": "ghi chú",
    "of": "của",
    "page": "trang",
    "procedure": "thủ tục số",
    "promised_on": "hẹn xong",
    "read": "đã đọc",
    "reason": "lý do",
    "rejected": "không dùng được",
    "role": "vai trò",
    "rows": "số dòng",
    "run": "lần chạy",
    "scope": "phạm vi",
    "seed": "hạt giống",
    "by": "chia theo",
    "size": "cỡ mẫu",
    "shared": "dùng chung",
    "service": "dịch vụ",
    "sha256": "mã băm",
    "skipped": "bỏ qua",
    "source": "nguồn",
    "stale": "cũ hơn",
    "start": "từ ngày",
    "unchanged": "giữ nguyên",
    "undoes": "hoàn tác đề nghị",
    "tokens_ended": "khóa API đã kết thúc",
    "tokens_kept": "khóa API được giữ",
    "unit": "đơn vị",
    "digest": "mã băm",
    "manifest": "mã băm của bản kê",
    "measure": "mốc",
    "threshold": "mức",
    "way": "cách vào",
    "who": "báo cho",
    "urgent": "báo ngay",
    "on": "bật",
    "field": "lĩnh vực số",
    "delegate": "người làm thay số",
    "units": "các đơn vị",
    "unit_id": "đơn vị số",
    "work": "việc số",
    "written": "đã soạn",
    # Filters of addresses.
    "loai": "loại",
    "loc": "lọc",
    "trang-thai": "trạng thái",
    "don-vi": "đơn vị số",
    "thu-tuc": "thủ tục",
    "linh-vuc": "lĩnh vực",
    "can-bo": "cán bộ",
    "dau-hieu": "dấu hiệu",
    "buoc": "tình trạng",
    "ky": "kỳ",
    "tu": "từ ngày",
    "den": "đến ngày",
    "viec": "việc",
    "nguoi": "người",
    "ngay": "xét tại",
    "can-cu": "căn cứ",
    "theo": "chia theo",
    "quy": "quý",
    "nam": "năm",
    "xep": "xếp theo",
    "co": "lưu ý",
    "thu": "thư",
    "kenh": "kênh",
    "ket-qua": "kết quả",
    "hits": "số kết quả",
    "more": "còn nữa",
    "officers": "tên cán bộ",
    "proof": "mã phiếu",
    "cua-toi": "của tôi",
    "state": "trạng thái",
    "files": "số tệp",
    "told": "số mốc đã báo",
    "created": "mới có",
    "year": "năm",
}
SUBJECT = re.compile(r"[a-z_]{1,40}(:[A-Za-z0-9._:-]{0,60})?")
# Of a list in the details.
MOST_SHOWN = 5
# A person or a program; "key:" stands before the name of a system that pushes.
ACTOR = re.compile(r"(key:)?[a-z0-9._-]{1,50}")


@dataclass(frozen=True, slots=True)
class LogFilters:
    """What is looked at, as typed; `faults` tells what of the address could not be used."""

    wanted: ActFilter
    faults: tuple[str, ...]

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the log."""
        given = {
            "nguoi": self.wanted.actor,
            "viec": self.wanted.action,
            "doi-tuong": self.wanted.subject,
            "tu": self.wanted.first,
            "den": self.wanted.last,
        }
        return {key: str(value) for key, value in given.items() if value}


def read_filters(address: Mapping[str, str]) -> LogFilters:
    """From the query string. What is no login or subject is left out: it might be a name, and looking is logged."""
    faults: list[str] = []
    first, last = (
        day_asked(address, "tu", "Từ ngày", faults),
        day_asked(address, "den", "Đến ngày", faults),
    )
    actor, subject = actor_asked(address, faults), address.get("doi-tuong", "").strip()
    action = address.get("viec", "")
    if subject and (not SUBJECT.fullmatch(subject) or holds_long_number(subject)):
        faults.append("Đối tượng: hãy viết như dossier:12 hoặc letter:5.")
        subject = ""
    return LogFilters(
        ActFilter(actor, action if action in ACTIONS else "", subject, first, last), tuple(faults)
    )


def actor_asked(address: Mapping[str, str], faults: list[str]) -> str:
    """The login of `nguoi`; what is none, or might be somebody's telephone, is left out and told, since filters are logged."""
    actor = address.get("nguoi", "").strip().lower()
    if actor and (not ACTOR.fullmatch(actor) or holds_long_number(actor)):
        faults.append("Người: hãy viết tên đăng nhập.")
        return ""
    return actor


def action_words(action: str) -> str:
    """An act in words."""
    return ACTIONS.get(action, action)


def detail_words(detail: Mapping[str, Any]) -> str:
    """The details of an entry on one line: ids, counts, filters, and what stood before and after."""
    return " · ".join(f"{DETAILS.get(key, key)}: {_value(value, key)}" for key, value in detail.items())


def _titles() -> Mapping[str, str]:
    """What kinds of work and of changes by two persons are called."""
    kinds = (*WORK_KINDS.values(), *TWO_PERSON_KINDS.values())
    return {kind.name: kind.title for kind in kinds}


_BASES: Mapping[str, str] = {basis.value: word for basis, word in BASES.items()}
# How values are told, by the name of the detail; others are shown as they are.
VALUES: Mapping[str, Mapping[str, str]] = {
    "role": {role.value: name for role, name in ROLE_NAMES.items()},
    "kind": _titles(),
    "reason": REASONS,
    "units": {"all": "mọi đơn vị"},
    "scope": {"person": "của một người", "unit": "của đơn vị"},
    "basis": _BASES,
    "can-cu": _BASES,
    "trang-thai": {**STATES, **LETTER_STATES},
    "way": WAYS,
    "dau-hieu": {kind.value: words.short for kind, words in KIND_WORDS.items()},
    "buoc": {
        **{state.value: words for state, words in STATE_WORDS.items()},
        finding_filters.ALL: finding_words.EVERY,
        finding_filters.GONE: finding_words.GONE_WORD,
    },
}
# A day, or a moment with its zone, as it stands in an entry.
DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)[0-9:.+-]*)?")


def _value(value: Any, key: str = "") -> str:
    if value is None or isinstance(value, bool):
        return {None: "không có", True: "có", False: "không"}[value]
    if isinstance(value, list):
        if not value:
            return "không có"
        shown = ", ".join(map(_value, value[:MOST_SHOWN]))
        return f"{shown}… ({len(value)})" if len(value) > MOST_SHOWN else shown
    if isinstance(value, dict):
        return ", ".join(
            f"{DETAILS.get(inner, inner)} {_value(each, inner)}" for inner, each in value.items()
        )
    text = VALUES.get(key, {}).get(str(value), str(value))
    return DAY.sub(r"\3/\2/\1 \4", text).strip() if DAY.fullmatch(text) else text
