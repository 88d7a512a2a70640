"""The keys of `config.toml`: the type of each value, what it may be, and what to say where it is something else."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

# section.key -> (type, check, what is expected)
Check = tuple[type, Callable[[Any], bool], str]
WHOLE = "số nguyên từ {} đến {}"


def _whole(low: int, high: int) -> Check:
    return int, lambda value: low <= value <= high, WHOLE.format(low, high)


def _text(*choices: str) -> Check:
    wanted = "một trong: " + ", ".join(choices) if choices else "chữ"
    return str, lambda value: not choices or value in choices, wanted


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_retention(value: str) -> bool:
    day, _, years = value.partition(" ")
    return _is_day(day) and years.isascii() and years.isdigit() and 1 <= int(years) <= 100


def _texts(pattern: str, wanted: str) -> Check:
    return list, lambda value: all(isinstance(v, str) and re.fullmatch(pattern, v) for v in value), wanted


NAME = r"[a-z0-9][a-z0-9-]{0,39}"
SOURCE_KEY = r"[^\s:]{1,40}"
HTTP = r"https?://[^\s]+"
# No user, query or fragment: what is secret stands in the environment.
PLAIN_HTTP = r"https?://[^\s@?#]+"
# Whom people's log-ins come from speaks TLS, but for one that is tried on this machine.
SAFE_HTTP = r"(https://[^\s@?#]+|http://(localhost|127\.0\.0\.1)(:\d{1,5})?(/[^\s@?#]*)?)"
ROLE_NAME = "desk|head|auditor|reform|admin"

KEYS: Mapping[str, Check] = {
    "store.data_dir": (str, lambda value: bool(value.strip()), "tên thư mục"),
    "store.database_url": _text(),
    "store.reports_url": _text(),
    "store.reports_wait_seconds": _whole(0, 600),
    "store.reports_max_lag_seconds": _whole(1, 86_400),
    "store.backup_dir": (str, lambda value: bool(value.strip()), "tên thư mục"),
    "store.backups_kept": _whole(1, 1000),
    "backup.key_file": _text(),
    "privacy.keep_years": (
        list,
        lambda value: all(isinstance(v, str) and _is_retention(v) for v in value),
        "danh sách dạng '2026-01-01 10' (hồ sơ kết thúc từ ngày, số năm giữ từ 1 đến 100)",
    ),
    "web.host": (str, lambda value: bool(value.strip()), "địa chỉ máy"),
    "web.port": _whole(1, 65535),
    "web.allowed_hosts": (list, lambda value: all(isinstance(v, str) for v in value), "danh sách tên máy"),
    "web.session_minutes": _whole(5, 1440),
    "web.failed_logins_before_lock": _whole(3, 100),
    "web.session_hours": _whole(1, 168),
    "web.lock_minutes": _whole(1, 1440),
    "web.trusted_proxies": _texts(
        r"[0-9a-fA-F.:]+(/\d{1,3})?", "danh sách địa chỉ IP hoặc mạng (10.0.0.5, 10.0.0.0/24)"
    ),
    "web.public_url": (
        str,
        lambda value: not value or bool(re.fullmatch(HTTP, value)),
        "địa chỉ http(s), hoặc bỏ trống",
    ),
    "web.second_factor_roles": _texts(ROLE_NAME, "danh sách vai trò: " + ROLE_NAME.replace("|", ", ")),
    "web.password_login": (bool, lambda value: True, "true hoặc false"),
    "web.remembered_mib": _whole(8, 4096),
    "web.most_mib": _whole(0, 65_536),
    "sign_on.issuer": (
        str,
        lambda value: not value or bool(re.fullmatch(SAFE_HTTP, value)),
        "địa chỉ https, hoặc bỏ trống",
    ),
    "sign_on.client_id": _text(),
    "sign_on.label": (str, lambda value: 0 < len(value.strip()) <= 60, "chữ trên nút, tối đa 60 ký tự"),
    "sign_on.hosts": _texts(r"[A-Za-z0-9.-]+", "danh sách tên máy"),
    "sign_on.trusts_second_factor": (bool, lambda value: True, "true hoặc false"),
    "calendar.key": (str, lambda value: bool(value.strip()), "khóa của một lịch làm việc, như A hoặc B"),
    "deadlines.due_soon_days": _whole(0, 30),
    "deadlines.due_soon_share": (float, lambda value: 0 <= value <= 1, "số từ 0 đến 1"),
    "ingest.chunk_rows": _whole(100, 1_000_000),
    "ingest.max_file_mib": _whole(1, 65_536),
    "ingest.max_upload_mib": _whole(1, 1000),
    "ingest.watch": _texts(rf"{SOURCE_KEY}=\S.*", "danh sách dạng 'khóa-nguồn=thư-mục'"),
    "ingest.utc_sources": _texts(SOURCE_KEY, "danh sách khóa của nguồn"),
    "sources.order": _texts(SOURCE_KEY, "danh sách khóa của nguồn, nguồn được tin trước đứng trước"),
    "sources.leave_out": _texts(
        rf"{SOURCE_KEY}:( [a-z_]+)+",
        "danh sách dạng 'khóa-nguồn: phone address' (tên trường của chương trình)",
    ),
    "pull.connectors": _texts(
        rf"{NAME} (opencps {PLAIN_HTTP} {SOURCE_KEY} \d{{1,18}}|igate {PLAIN_HTTP} {SOURCE_KEY})",
        "danh sách dạng 'tên opencps https://máy/đường-dẫn khóa-nguồn số-groupId' "
        "hoặc 'tên igate https://máy/đường-dẫn khóa-nguồn'",
    ),
    "pull.page_size": _whole(1, 10_000),
    "pull.answer_seconds": _whole(1, 3600),
    "pull.max_answer_mib": _whole(1, 1024),
    "pull.tries": _whole(1, 20),
    "pull.wait_seconds": _whole(0, 600),
    "receiver.enabled": (bool, lambda value: True, "true hoặc false"),
    "receiver.max_body_mib": _whole(1, 64),
    "receiver.per_minute": _whole(1, 100_000),
    "receiver.session_minutes": _whole(1, 1440),
    "api.enabled": (bool, lambda value: True, "true hoặc false"),
    "api.per_minute": _whole(1, 100_000),
    "api.max_page": _whole(1, 1000),
    "letters.reappointment_days": _whole(1, 120),
    "letters.by_experience": (bool, lambda value: True, "true hoặc false"),
    "letters.letters_from": (
        str,
        lambda value: not value or _is_day(value),
        "ngày dạng 2026-01-31, hoặc bỏ trống",
    ),
    "letters.paper": _text("a4", "a5"),
    "letters.stuck_days": _whole(1, 60),
    "letters.check_address": (
        str,
        lambda value: not value or bool(re.fullmatch(PLAIN_HTTP, value)),
        "địa chỉ http(s), hoặc bỏ trống",
    ),
    "letters.public_list": (bool, lambda value: True, "true hoặc false"),
    "letters.office_program": _text(),
    "alerts.basis": _text("source", "promised", "documented"),
    "alerts.digest_at": (
        str,
        lambda value: bool(re.fullmatch(r"(0[6-9]|1[01]):[0-5]\d", value)),
        "giờ dạng HH:MM, từ 06:00 đến 11:59",
    ),
    "alerts.urgent_cap": _whole(0, 100),
    "alerts.every_minutes": _whole(5, 480),
    "alerts.flood_over": _whole(1, 1_000_000),
    "score.edition": (str, lambda value: bool(value.strip()), "tên phiên bản"),
    "figures.small_denominator": _whole(0, 100_000),
    "work.lease_seconds": _whole(2, 3600),
    "work.max_attempts": _whole(1, 20),
    "work.retry_seconds": _whole(1, 3600),
    "work.keep_days": _whole(1, 3650),
    "mail.host": _text(),
    "mail.port": _whole(1, 65535),
    "mail.security": _text("starttls", "tls", "none"),
    "mail.user": _text(),
    "mail.sender": _text(),
    "mail.timeout_seconds": _whole(1, 600),
    "mail.per_minute": _whole(1, 100_000),
    "gateway.enabled": (bool, lambda value: True, "true hoặc false"),
    "gateway.url": (
        str,
        lambda value: not value or bool(re.fullmatch(HTTP, value)),
        "địa chỉ http(s), hoặc bỏ trống",
    ),
    "gateway.recipient_field": (str, lambda value: bool(value.strip()), "tên trường"),
    "gateway.text_field": (str, lambda value: bool(value.strip()), "tên trường"),
    "gateway.timeout_seconds": _whole(1, 600),
    "outbox.max_attempts": _whole(1, 50),
    "outbox.webhooks": _texts(f"{NAME}={HTTP}", "danh sách dạng ten=https://máy/đường-dẫn"),
    "schedule.times": _texts(
        r"[a-z][a-z_]{0,39} (([01]\d|2[0-3]):[0-5]\d|off)",
        "danh sách dạng 'tên-công-việc HH:MM' hoặc 'tên-công-việc off'",
    ),
    "schedule.lease_seconds": _whole(2, 3600),
    "audit.seal_to": _texts(r"[^\s@]+@[^\s@]+", "danh sách địa chỉ thư điện tử"),
    "audit.key_file": (str, lambda value: bool(value.strip()), "tên tệp"),
    "log.form": _text("auto", "json", "words"),
    "log.level": _text("debug", "info", "warning", "error"),
    "log.folder": _text(),
    "log.file_mib": _whole(1, 1024),
    "log.files_kept": _whole(1, 1000),
}
# Keys that came after offices had written their file: missing there, they hold as shipped, so that a new version of the
# program does not refuse a configuration that an earlier one took.
LATER: Mapping[str, Any] = {
    "store.reports_url": "",
    "store.reports_wait_seconds": 5,
    "store.reports_max_lag_seconds": 60,
    "web.remembered_mib": 64,
    "web.most_mib": 512,
    "log.form": "auto",
    "log.level": "info",
    "log.folder": "",
    "log.file_mib": 16,
    "log.files_kept": 10,
}
