"""The page of causes: what it says of counted months, what a head sees, where figures lead, what stays hidden; the event log."""

import csv
import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.web.cause_sets import MONTH, REASON, SURVEYORS, TAX, add_causes, cause_rows
from tests.web.works import done, work_all
from tests.web.world import BRANCH_A, BRANCH_B, FINISHED_LATE, NAME, StandingContext
from tracker.store import audit, cause_summary

AsRole = Callable[[str], FlaskClient]
JUNE = "/nguyen-nhan/?tu=06/2026&den=06/2026"
LOG = "/nguyen-nhan/nhat-ky-su-kien?tu=06/2026&den=06/2026"


def newest(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


def test_the_page_says_how_much_lateness_there_is_and_how_much_of_it_falls_to_whom(as_role: AsRole):
    text = as_role("auditor").get(JUNE).text
    for words in (
        "Tháng 06/2026, 1 hồ sơ giải quyết quá hạn, trễ tổng cộng 5 ngày làm việc.",
        "Chia được về từng bước: 80,00 % (4/5 ngày) thời gian trễ.".replace(" %", "\u00a0%"),
        SURVEYORS,
        TAX,
        "Chờ giữa hai bước",
        "Không phân chia được",
        "Đo đạc, địa chính → Kết thúc",
        "Chờ thực hiện nghĩa vụ tài chính",
        "chưa đối chiếu văn bản",
    ):
        assert words in text
