"""How a dossier stands in the measures of alerts: one boundary a row; and how a digest reads."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest

from notifications.alerts.digest import Digest, DigestGroup, DigestRow, html_of, subject_of, text_of
from notifications.alerts.rungs import PLACES, Ladder, Measure, Rung, standing_of
from tracker.calendar_data import office_calendars
from tracker.store import alert_pending, alert_standing
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.office_time import OfficeTime
from tracker.types import VN, Facts, Limit, LimitUnit, SourceStatus, Suspension

CALENDAR = office_calendars("B", OfficeTime()).default
M = Measure


def at(day: int, hour: int = 7, month: int = 8, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=VN)


# Received on a Monday with five working days: due on the Monday after.
OPEN = Facts(
    received_at=at(3, 8), due_at=at(10, 17), limit=Limit(Fraction(5), LimitUnit.WORKDAY, "5 ngày làm việc")
)
FILED = Facts(
    received_at=None, due_at=None, filed_at=at(3, 8), intake_due_at=at(4, 9), status=SourceStatus.FILED
)


def standing(facts: Facts, as_of: datetime, promised_on: date | None = None) -> dict[Measure, int]:
    return standing_of(facts, classify(facts, CALENDAR, as_of=as_of), CALENDAR, as_of, promised_on)


@pytest.mark.parametrize(
    ("facts", "as_of", "expected"),
    [
        pytest.param(OPEN, at(3, 8), {M.DAYS_LEFT: 5, M.SHARE_USED: 0}, id="just received"),
        pytest.param(OPEN, at(7, 7), {M.DAYS_LEFT: 1, M.SHARE_USED: 60}, id="a Friday before a Monday"),
        pytest.param(OPEN, at(8, 10), {M.DAYS_LEFT: 1, M.SHARE_USED: 80}, id="a Saturday counts nothing"),
        pytest.param(OPEN, at(10, 7), {M.DAYS_LEFT: 0, M.SHARE_USED: 80}, id="on the day itself"),
        pytest.param(OPEN, at(10, 17), {M.DAYS_LEFT: 0, M.SHARE_USED: 100}, id="to its last minute"),
        pytest.param(OPEN, at(10, 23), {M.DAYS_LEFT: 0, M.SHARE_USED: 100}, id="the evening is still the day"),
        pytest.param(OPEN, at(11, 0), {M.DAYS_LEFT: -1, M.SHARE_USED: 100, M.DAYS_LATE: 1}, id="the day after"),
        pytest.param(
            replace(OPEN, due_at=at(7, 17)), at(8, 9), {M.DAYS_LEFT: -1, M.SHARE_USED: 100, M.DAYS_LATE: 0},
            id="late on a Saturday, by no working day",
        ),
        pytest.param(replace(OPEN, limit=None), at(7, 7), {M.DAYS_LEFT: 1, M.SHARE_USED: 65}, id="no limit: of the span"),
        pytest.param(replace(OPEN, finished_at=at(6, 9)), at(7, 7), {}, id="done"),
        pytest.param(replace(OPEN, finished_at=at(8, 9)), at(7, 7), {M.DAYS_LEFT: 1, M.SHARE_USED: 60}, id="done later"),
        pytest.param(
            replace(OPEN, suspensions=(Suspension(at(5, 9), None),)), at(7, 7), {M.SUSPENDED: 2}, id="the clock stands"
        ),
        pytest.param(
            replace(OPEN, suspensions=(Suspension(at(11, 9), None),)), at(12, 7),
            {M.DAYS_LEFT: -1, M.SHARE_USED: 100, M.DAYS_LATE: 2}, id="suspended when it was late already",
        ),
        pytest.param(replace(OPEN, due_at=None), at(7, 7), {M.NO_DUE: 4}, id="no due date"),
        pytest.param(FILED, at(4, 9), {}, id="the intake time runs to its end"),
        pytest.param(FILED, at(4, 10), {M.INTAKE_OVER: 0}, id="and is over an hour later"),
        pytest.param(FILED, at(6, 7), {M.INTAKE_OVER: 2}, id="by two days"),
        pytest.param(replace(OPEN, status=SourceStatus.DELETED), at(11), {}, id="deleted by its source"),
        pytest.param(replace(OPEN, due_at=at(10, year=2031)), at(7, 7), {}, id="a year that the calendar lacks"),
    ],
)  # fmt: skip
def test_a_dossier_is_measured(facts: Facts, as_of: datetime, expected: dict[Measure, int]):
    assert standing(facts, as_of) == expected


@pytest.mark.parametrize(("promised", "expected"), [(6, None), (7, None), (5, 1), (4, 2)])
def test_a_promise_is_measured_when_its_day_is_over(promised: int, expected: int | None):
    as_of = at(6, 7) if promised != 7 else at(7, 7)
    assert standing(OPEN, as_of, date(2026, 8, promised)).get(M.PROMISE_PASSED) == expected


def test_the_store_knows_the_measures_of_a_due_date_and_how_bad_lateness_is_as_the_rungs_do():
    of_due = {measure for measure, (ladder, _) in PLACES.items() if ladder is Ladder.DUE}
    assert set(alert_standing.BY_DUE_DATE) == of_due
    assert set(alert_pending.BEFORE_DUE) == of_due - {M.DAYS_LATE}
    assert Rung(M.DAYS_LATE, 0, ()).rank == alert_pending.RANK_OF_LATE


GROUPS = (DigestGroup(M.DAYS_LATE, 5, 1_234), DigestGroup(M.DAYS_LEFT, 0, 2))
ROW = DigestRow(
    "H15.1-260801-0001",
    "quá hạn 5 ngày làm việc",
    "Thủ tục <b>lạ</b>",
    "Đơn vị & Mẫu",
    at(10, 17),
    "/ho-so/H15",
)
DIGEST = Digest(date(2026, 8, 24), "Chi nhánh Mẫu", GROUPS, (ROW,), 1_235, why="bộ phận Một cửa")


@pytest.mark.parametrize(
    ("digest", "subject"),
    [
        (DIGEST, "Bản tin sáng 24/08: 1.234 quá hạn từ 5 ngày làm việc; 2 đến hạn hôm nay"),
        (
            replace(DIGEST, is_urgent=True),
            "Cảnh báo khẩn: 1.234 quá hạn từ 5 ngày làm việc; 2 đến hạn hôm nay",
        ),
        (
            replace(DIGEST, groups=(), others=("Nguồn main: 3 ngày làm việc chưa nạp dữ liệu.",)),
            "Bản tin sáng 24/08: 1 việc chung",
        ),
    ],
)
def test_a_subject_says_what_it_is_and_the_worst_counts(digest: Digest, subject: str):
    assert subject_of(digest) == subject


def test_nothing_of_a_row_becomes_markup():
    html = html_of(DIGEST, "https://dung-hen.vi-du.vn")
    assert "Thủ tục &lt;b&gt;lạ&lt;/b&gt;" in html
    assert "Đơn vị &amp; Mẫu" in html
    assert 'href="https://dung-hen.vi-du.vn/ho-so/H15"' in html


def test_without_an_address_of_the_pages_there_are_no_links():
    assert "href" not in html_of(DIGEST, "")
    assert "http" not in text_of(DIGEST, "")
    assert "Và 1.235 cảnh báo nữa ở trang Cảnh báo." in text_of(DIGEST, "")


def test_text_and_html_tell_the_same_counts_and_rows():
    digest = replace(
        DIGEST, since=date(2026, 8, 24) - timedelta(days=7), totals=(("hồ sơ đang quá hạn", 77),)
    )
    for told in (text_of(digest, ""), html_of(digest, "")):
        for part in (
            "1.234",
            "Quá hạn từ 5 ngày làm việc",
            "H15.1-260801-0001",
            "10/08/2026 17:00",
            "17/08/2026",
            "77",
        ):
            assert part in told
