"""What goes wrong in a call, as RFC 9457 tells it: a stable code for programs, a sentence in the office's words for people."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

import msgspec
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.presenters import sentence
from tracker.errors import CalendarError, TrackerError, WorkFailed

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"
RETRY_SECONDS = 5

# code -> (status, title). The codes are part of the API: docs/api.md and the page /api list them from here.
CODES: Mapping[str, tuple[int, str]] = {
    "TOKEN_MISSING": (401, "Thiếu khóa"),
    "TOKEN_INVALID": (401, "Khóa không dùng được"),
    "OFF": (404, "Giao diện lập trình đang tắt"),
    "PASSWORD_FIRST": (403, "Tài khoản phải đổi mật khẩu trước"),
    "ROLE_NOT_ALLOWED": (403, "Vai trò của tài khoản không được làm việc này"),
    "SCOPE_MISSING": (403, "Khóa không có quyền này"),
    "ONLY_HERE": (403, "Khóa trình diễn chỉ dùng trên máy này"),
    "NOT_FOUND": (404, "Không có, hoặc không thuộc phạm vi của tài khoản"),
    "METHOD_NOT_ALLOWED": (405, "Địa chỉ này không nhận phương thức ấy"),
    "INVALID_FIELD": (400, "Có trường không dùng được"),
    "INVALID_JSON": (400, "Không đọc được JSON"),
    "CURSOR_INVALID": (400, "Con trỏ trang không đúng"),
    "REFUSED": (400, "Không làm được việc được yêu cầu"),
    "OUT_OF_CALENDAR": (400, "Ngày nằm ngoài các năm có lịch làm việc"),
    "STATE_CONFLICT": (409, "Trạng thái hiện tại không cho phép"),
    "TOO_LARGE": (413, "Nội dung gửi quá lớn"),
    "WRONG_TYPE": (415, "Sai kiểu nội dung"),
    "TOO_MANY": (429, "Gọi quá nhanh"),
    "BAD_REQUEST": (400, "Không hiểu lời gọi"),
    "BUSY": (503, "Chương trình đang bận"),
    "FAULT": (500, "Chương trình gặp lỗi"),
}


class FieldFault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with one field; `field` as in the call ("limit", "fields.at")."""

    field: str
    told: str


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """RFC 9457. `code` is stable, `title` and `detail` are words for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldFault] = msgspec.field(default_factory=list)


class ApiFault(Exception):
    """A call that is not answered as it was asked; `code` is one of `CODES`."""

    def __init__(
        self,
        code: str,
        told: str,
        *,
        errors: Sequence[FieldFault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(told)
        self.code, self.told, self.errors, self.headers = code, told, tuple(errors), dict(headers or {})


def is_ours(path: str) -> bool:
    """Does an address lie in the API, whether there is such a one or not?"""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def problem(fault: ApiFault) -> Response:
    """A fault as an answer."""
    status, title = CODES[fault.code]
    told = Problem(f"/api#{fault.code}", title, status, sentence(fault.told), fault.code, list(fault.errors))
    answer = Response(msgspec.json.encode(told), status, content_type=PROBLEM)
    answer.headers.update(fault.headers)
    return answer


def http_error(error: HTTPException) -> Response:
    """An answer to what failed before or within a call."""
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return problem(
            ApiFault("METHOD_NOT_ALLOWED", f"Địa chỉ này nhận: {allowed}", headers={"Allow": allowed})
        )
    if isinstance(error, RequestEntityTooLarge):
        return problem(ApiFault("TOO_LARGE", "Nội dung gửi lớn hơn mức cho phép"))
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    plain = {
        HTTPStatus.NOT_FOUND: ("NOT_FOUND", "Không có địa chỉ hoặc mục này trong phạm vi của tài khoản"),
        HTTPStatus.FORBIDDEN: ("ROLE_NOT_ALLOWED", "Tài khoản của khóa không được làm việc này"),
        HTTPStatus.TOO_MANY_REQUESTS: ("TOO_MANY", "Gọi quá nhanh; hãy chờ rồi gọi lại"),
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("WRONG_TYPE", "Cần Content-Type: application/json"),
    }
    code, told = plain.get(status, ("BAD_REQUEST", "Không hiểu lời gọi này"))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        code, told = "FAULT", "Chương trình gặp lỗi; hãy báo quản trị"
    return problem(ApiFault(code, told))


def told(error: TrackerError) -> Response:
    """An error of the domain in its own words."""
    if isinstance(error, WorkFailed):
        return problem(
            ApiFault("BUSY", f"{error}. Hãy gọi lại sau", headers={"Retry-After": str(RETRY_SECONDS)})
        )
    return problem(ApiFault("OUT_OF_CALENDAR" if isinstance(error, CalendarError) else "REFUSED", str(error)))


def unexpected() -> Response:
    """Something that nobody thought of; the operating log has where it happened."""
    return problem(ApiFault("FAULT", "Chương trình gặp lỗi; hãy báo quản trị"))
