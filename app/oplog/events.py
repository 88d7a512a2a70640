"""The catalogue of the operating log: every event with its level, its words for people, and the fields it may have.

A field is told by name and form (`forms.FORMS`). Every line besides has `time`, `level`, `process`, `pid`, `event`, and
within a request or a piece of work what was bound to it (`BOUND`).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

DEBUG, INFO, WARNING, ERROR = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR
LEVELS = {"debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR}

FAULT = {"error": "word", "reason": "word", "place": "place", "trace": "places"}
# What is said of everything that happens within it.
BOUND = {"request": "request", "work": "number", "kind": "word"}
MESSAGE = {"message": "number", "kind": "word", "channel": "word"}
WORK = {"work": "number", "kind": "word", "attempt": "number"}


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event. `words` are for people, with fields in braces; `fields`: name -> form."""

    level: int
    words: str
    fields: Mapping[str, str]


EVENTS: Mapping[str, Event] = {
    # ------------------------------------------------------------ processes
    "process_started": Event(
        INFO, "Tiến trình {process} bắt đầu, phiên bản {version}.",
        {"version": "version", "python": "version", "database": "word", "port": "number"},
    ),
    "process_ended": Event(INFO, "Tiến trình {process} kết thúc sau {seconds} giây.", {"seconds": "number"}),
    "process_failed": Event(ERROR, "Tiến trình {process} dừng vì lỗi {error} ({reason}) tại {place}.", FAULT),
    "web_renewed": Event(
        INFO, "Tiến trình web dùng {mib} MiB sau {seconds} giây, tự bắt đầu lại lúc không có yêu cầu nào.",
        {"mib": "number", "seconds": "number"},
    ),
    "thread_failed": Event(ERROR, "Một luồng dừng vì lỗi {error} ({reason}) tại {place}.", FAULT),
    "child_ended": Event(
        WARNING, "Tiến trình “dunghen {command}” đã dừng; chạy lại sau {seconds} giây.",
        {"command": "word", "seconds": "number", "status": "number"},
    ),
    "library_said": Event(
        WARNING,
        "Thư viện {logger} báo tại {place}: {error} ({reason}).",
        {"logger": "word", **FAULT},
    ),
    "lines_lost": Event(WARNING, "Không ghi được {count} dòng nhật ký vận hành trước dòng này.", {"count": "number"}),
    # ------------------------------------------------------------ requests
    "request": Event(
        INFO, "{method} {rule}: {status}, {ms} ms, {queries} câu hỏi, vai trò {role}.",
        {
            "method": "word", "rule": "rule", "status": "number", "ms": "number", "queries": "number",
            "role": "word", "account": "number", "unit": "number", "token": "number", "kib": "number",
        },
    ),
    "request_failed": Event(
        ERROR, "Lỗi không ngờ ở {rule}: {error} ({reason}) tại {place}, mã yêu cầu {request}.",
        {"method": "word", "rule": "rule", **FAULT},
    ),
    "request_unserved": Event(
        WARNING, "Không trả lời được {rule}: {error} ({reason}) tại {place}, mã yêu cầu {request}.",
        {"method": "word", "rule": "rule", **FAULT},
    ),
    "push_refused": Event(WARNING, "Cổng nhận không nhận một gói tin: {error} ({reason}).", FAULT),
    "sign_on_failed": Event(WARNING, "Đăng nhập một lần không được: {reason}.", {"reason": "word"}),
    # ------------------------------------------------------------ long work
    "work_asked": Event(INFO, "Đặt việc số {work} ({kind}).", {"work": "number", "kind": "word"}),
    "work_begun": Event(INFO, "Việc số {work} ({kind}), lần {attempt}: bắt đầu.", {**WORK, "job": "word", "day": "day"}),
    "work_done": Event(
        INFO, "Việc số {work} ({kind}): xong sau {ms} ms.",
        {**WORK, "job": "word", "day": "day", "ms": "number", "done": "number", "batch": "number"},
    ),
    "work_failed": Event(
        WARNING, "Việc số {work} ({kind}), lần {attempt}: lỗi {error} ({reason}) tại {place}.",
        {**WORK, "ms": "number", "final": "flag", **FAULT},
    ),
    "work_cancelled": Event(INFO, "Việc số {work} ({kind}): dừng theo yêu cầu.", WORK),
    "work_given_back": Event(INFO, "Việc số {work} ({kind}): trả lại vì tiến trình kết thúc.", WORK),
    "work_lost": Event(WARNING, "Việc số {work} ({kind}): không còn giữ việc này, bỏ qua kết quả.", WORK),
    "work_reclaimed": Event(WARNING, "Việc số {work}: tiến trình giữ nó không còn báo, lấy lại.", {"work": "number"}),
    "work_beat_failed": Event(WARNING, "Nhịp báo của việc số {work} lỗi: {error} ({reason}) tại {place}.", {**WORK, **FAULT}),
    "loop_failed": Event(WARNING, "Vòng làm việc của {process} lỗi, thử lại sau: {error} ({reason}) tại {place}.", FAULT),
    "chore_failed": Event(
        WARNING, "Việc thường kỳ {chore} lỗi: {error} ({reason}) tại {place}.", {"chore": "word", **FAULT}
    ),
    # ------------------------------------------------------------ schedule
    "schedule_taken": Event(INFO, "Giữ lịch: tiến trình này cho chạy các công việc đến giờ.", {}),
    "schedule_lost": Event(WARNING, "Thôi giữ lịch: một tiến trình khác đang giữ.", {}),
    "job_asked": Event(
        INFO, "Đến giờ: {job} cho ngày {day} (việc số {work}).", {"job": "word", "day": "day", "work": "number"}
    ),
    # ------------------------------------------------------------ messages
    "message_tried": Event(
        INFO, "Thông báo số {message} ({kind}) qua {channel}: {result}, {ms} ms.",
        {**MESSAGE, "result": "word", "reason": "word", "ms": "number"},
    ),
    "message_failed": Event(
        WARNING, "Thông báo số {message} ({kind}) qua {channel}: lỗi không ngờ {error} tại {place}.",
        {**MESSAGE, **FAULT},
    ),
    "message_lost": Event(WARNING, "Thông báo số {message} ({kind}): không còn giữ, bỏ qua.", MESSAGE),
}  # fmt: skip
