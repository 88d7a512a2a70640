"""The places of the top bar by role: the few of every morning in sight, the others one press away.

Whether a place may be opened says its route's permission alone; here stands only in which order a role meets them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.access import Role


@dataclass(frozen=True, slots=True)
class Place:
    """A place: its page, its word, and the blueprints whose pages belong to it as well."""

    endpoint: str
    word: str
    blueprints: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Bar:
    """What one page's top bar shows: `here` is the place that the page belongs to, None where it belongs to none."""

    main: tuple[Place, ...]
    more: tuple[Place, ...]
    here: Place | None


def _place(endpoint: str, word: str, *blueprints: str) -> Place:
    return Place(endpoint, word, frozenset(blueprints))


BOARD = _place("desk.board", "Bàn theo dõi", "desk", "board_acts", "notes")
UNIT = _place("unit_home.page", "Đơn vị của tôi", "unit_home")
UNITS = _place("unit_home.page", "Các đơn vị", "unit_home")
ALERTS = _place("alerts.page", "Cảnh báo", "alerts", "alert_acts", "alert_rules", "feeds", "inbox")
RULES = _place("alert_rules.page", "Quy tắc cảnh báo", "alert_rules")
LATE = _place("late.late_list", "Quá hạn", "late")
INTAKE = _place("intake.page", "Tiếp nhận", "intake")
LETTERS = _place(
    "letters.register", "Thư xin lỗi",
    "letters", "letter_steps", "letter_numbers", "letter_papers", "obligations", "letter_templates", "letter_settings",
    "compliance",
)  # fmt: skip
TEMPLATES = _place("letter_templates.page", "Mẫu thư", "letter_templates", "letter_settings")
SCORE = _place("score.criterion", "Tiêu chí 3.4.1", "score", "simulator", "editions", "rates", "kept_months")
FORECAST = _place("forecast.page", "Dự báo", "forecast")
RISKS = _place("forecast.risks", "Hồ sơ dễ trễ", "forecast")
RATES = _place("rates.page", "Tỷ lệ", "rates", "kept_months")
EDITIONS = _place("editions.page", "Các tiêu chí", "editions")
CAUSES = _place("causes.page", "Nguyên nhân", "causes")
REPORTS = _place("reports.page", "Báo cáo", "reports", "form_editions", "remedies")
REMEDIES = _place("remedies.page", "Khắc phục", "remedies")
CASES = _place("audit_cases.page", "Kiểm tra", "audit_cases")
FINDINGS = _place("findings.page", "Dấu hiệu", "findings")
PACKS = _place("packs.page", "Gói chứng cứ", "packs")
SEEN = _place("seen_log.page", "Ai đã xem", "seen_log")
HISTORY = _place("rule_history.page", "Lịch sử quy tắc", "rule_history")
SOURCES = _place("sources.page", "Nguồn dữ liệu", "sources", "rejected", "keys", "reconciling")
RECONCILING = _place("reconciling.page", "Đối chiếu", "reconciling")
CODES = _place("codes.page", "Mã hồ sơ", "codes")
CATALOGUE = _place("catalogue.procedures", "Danh mục", "catalogue")
CALENDAR = _place("calendar.year", "Lịch làm việc", "calendar")
ADMIN = _place("admin_home.page", "Quản trị", "admin_home")
FIRST_DAY = _place("first_day.page", "Bắt đầu", "first_day")
ACCOUNTS = _place("admin.accounts", "Tài khoản", "admin")
CHANGES = _place("admin.changes", "Chờ người thứ hai")
JOBS = _place("jobs.page", "Lịch chạy", "jobs")
OUTBOX = _place("outbox.queue", "Thông báo gửi đi", "outbox")
WORK = _place("work.list", "Công việc", "work")
LOG = _place("audit.page", "Nhật ký", "audit")
SUBSCRIPTIONS = _place("subscriptions.page", "Báo cho hệ thống khác", "subscriptions")
API = _place("api.page", "API", "tokens")
HELP = _place("help.page", "Trợ giúp", "help")

# Role -> the places in sight, and the others.
ORDER: Mapping[Role, tuple[tuple[Place, ...], tuple[Place, ...]]] = {
    Role.DESK: (
        (BOARD, ALERTS, LATE, INTAKE, LETTERS, REPORTS),
        (RISKS, SCORE, RATES, CODES, CALENDAR, CATALOGUE, WORK, HELP),
    ),
    Role.HEAD: (
        (UNIT, BOARD, ALERTS, LATE, LETTERS, REPORTS),
        (SCORE, FORECAST, RATES, CAUSES, INTAKE, FINDINGS, REMEDIES, RULES, CALENDAR, CATALOGUE, WORK, HELP),
    ),
    Role.AUDITOR: (
        (CASES, LATE, LETTERS, REPORTS, SEEN, LOG),
        (FINDINGS, CAUSES, SCORE, FORECAST, RATES, UNITS, INTAKE, PACKS, HISTORY, REMEDIES, SOURCES, RECONCILING, CALENDAR, CATALOGUE, CHANGES, ALERTS, HELP),
    ),
    Role.REFORM: (
        (SCORE, UNITS, LATE, LETTERS, REPORTS, SOURCES),
        (FORECAST, RATES, CAUSES, ALERTS, INTAKE, EDITIONS, REMEDIES, CASES, FINDINGS, PACKS, RECONCILING, CODES, TEMPLATES, CALENDAR, CATALOGUE, CHANGES, WORK, FIRST_DAY, HELP),
    ),
    Role.ADMIN: (
        (ADMIN, ACCOUNTS, SOURCES, JOBS, WORK, LOG),
        (OUTBOX, CHANGES, SUBSCRIPTIONS, SEEN, HISTORY, RECONCILING, TEMPLATES, RULES, CALENDAR, CATALOGUE, EDITIONS, SCORE, API, FIRST_DAY, HELP),
    ),
}  # fmt: skip


def bar(role: Role, endpoint: str | None, may: Callable[[str], bool]) -> Bar:
    """The bar of a page (`endpoint`) for a role that `may` open some endpoints."""
    main, more = (tuple(place for place in places if may(place.endpoint)) for places in ORDER[role])
    return Bar(main, more, next(_matching((*main, *more), endpoint or ""), None))


def _matching(places: tuple[Place, ...], endpoint: str) -> Iterator[Place]:
    """The page's own place first, then the narrowest that it belongs to."""
    yield from (place for place in places if place.endpoint == endpoint)
    blueprint = endpoint.partition(".")[0]
    belongs = [place for place in places if blueprint in place.blueprints]
    yield from sorted(belongs, key=lambda place: len(place.blueprints))
