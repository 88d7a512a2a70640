"""The page of causes: what it says of counted months, what a head sees, where figures lead, what stays hidden; the event log."""

import csv
import html
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from app.accounts import new_salt
from app.works import event_logging
from tests.passwords import cheap_hash
from tests.web.cause_sets import MONTH, REASON, SURVEYORS, TAX, add_causes, cause_rows
from tests.web.conftest import log_in
from tests.web.works import work_all
from tests.web.world import BRANCH_A, BRANCH_B, FINISHED_LATE, NAME, NOW, PASSWORD, StandingContext
from tracker.pipeline.summaries import refresh
from tracker.store import audit, cause_summary, people
from tracker.store.models import Batch, CauseStale
from tracker.store.people import NewAccount

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


def test_kinds_of_steps_waiting_and_what_cannot_be_divided_add_up_to_all_lateness(as_role: AsRole):
    text = as_role("reform").get(JUNE).text
    parts = text.partition("Bảng thời gian trễ theo khâu")[2].partition("</table>")[0]
    # Of five days: three to the surveyors, one to the branch, half a day waiting, half a day undivided.
    for share in ("60,00", "20,00", "10,00"):
        assert f"{share}\u00a0%" in parts
    assert "các bước đều trong thời hạn" in parts


def test_what_stands_beyond_the_period_is_not_told(as_role: AsRole):
    text = as_role("auditor").get("/nguyen-nhan/?nam=2019").text
    assert "Không có hồ sơ giải quyết quá hạn nào, năm 2019." in text
    assert SURVEYORS not in text


def test_months_are_read_as_people_write_them_and_what_cannot_be_used_is_told(as_role: AsRole):
    client = as_role("auditor")
    for period in ("tu=6/2026&den=6/2026", "tu=2026-06&den=06.2026"):
        assert SURVEYORS in client.get(f"/nguyen-nhan/?{period}").text
    text = client.get("/nguyen-nhan/?tu=13/2026&linh-vuc=Nguyễn&thu-tuc=Trần").text
    for words in ("“13/2026” không phải là tháng", "Lĩnh vực: danh mục", "Mã thủ tục: danh mục"):
        assert words in text
    assert "Đến tháng đứng trước Từ tháng" in client.get("/nguyen-nhan/?tu=06/2026&den=01/2026").text


def test_a_head_sees_the_dossiers_of_the_own_line_alone(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        own = list(cause_rows(BRANCH_A, 900_000, 900_000))
        others = [
            each._replace(name=each.name and f"{each.name} của bên kia")
            for each in cause_rows(BRANCH_B, 900_000, 900_000, times=7)
        ]
        cause_summary.put(session, MONTH, [*own, *others])
    head = as_role("head").get(JUNE).text
    assert "1 hồ sơ giải quyết quá hạn" in head
    assert "của bên kia" not in head
    assert "8 hồ sơ giải quyết quá hạn" in as_role("auditor").get(JUNE).text


def test_a_unit_of_others_does_not_exist_for_a_head(as_role: AsRole):
    client = as_role("head")
    assert client.get(f"{JUNE}&don-vi={BRANCH_A}").status_code == 200
    assert client.get(f"{JUNE}&don-vi={BRANCH_B}").status_code == 404
    assert as_role("auditor").get(f"{JUNE}&don-vi={BRANCH_B}").status_code == 200
    assert as_role("auditor").get(f"{JUNE}&don-vi=1234567").status_code == 404


def test_a_head_is_told_what_the_own_units_did_for_others(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        rows = [
            each._replace(holder_id=BRANCH_A) if "branch" in each.part else each
            for each in cause_rows(BRANCH_B, 900_000, 900_000)
        ]
        cause_summary.put(session, MONTH, [*cause_rows(BRANCH_A, 900_000, 900_000), *rows])
    words = "Việc của các đơn vị này trong hồ sơ của đơn vị khác"
    assert words in as_role("head").get(JUNE).text
    assert words not in as_role("auditor").get(JUNE).text


def test_figures_lead_to_the_dossiers_behind_them(as_role: AsRole):
    client = as_role("auditor")
    text = client.get(JUNE).text
    found = re.findall(r'href="([^"]*kiem-tra/\?[^"]*)"', text)
    assert found
    for address in set(found):
        assert FINISHED_LATE in client.get(html.unescape(address)).text
    head = as_role("head")
    lists = re.findall(r'href="([^"]*qua-han\?[^"]*)"', head.get(JUNE).text)
    assert lists
    for address in set(lists):
        assert FINISHED_LATE in head.get(html.unescape(address)).text


def test_a_reason_of_few_dossiers_is_hidden_from_who_reads_no_names(
    as_role: AsRole, context: StandingContext
):
    assert REASON not in as_role("auditor").get(JUNE).text
    assert "Và 1 lý do khác, ở 1 hồ sơ" in as_role("auditor").get(JUNE).text
    assert REASON in as_role("head").get(JUNE).text
    add_causes(context.store, BRANCH_A, 900_000, 900_000, times=5)
    assert REASON in as_role("auditor").get(JUNE).text


def test_without_any_step_the_page_says_what_to_send(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        rows = [
            each._replace(name="no_steps") if each.part == "undivided" else each
            for each in cause_rows(BRANCH_A, 900_000, 900_000)
            if each.part in ("total", "undivided")
        ]
        cause_summary.put(session, MONTH, rows)
    text = as_role("auditor").get(JUNE).text
    assert "cần gửi CapNhatTienDoHoSoMC cho từng bước" in text
    assert "nguồn không gửi bước nào của hồ sơ" in text


def test_while_months_are_still_counted_the_page_says_so(as_role: AsRole, context: StandingContext):
    client, words = as_role("auditor"), "đang được đếm lại"
    assert words not in client.get(JUNE).text
    with context.store.transaction() as session:
        session.add(CauseStale(id=1, first=MONTH, last=MONTH))
    assert words in client.get(JUNE).text
    assert words not in client.get("/nguyen-nhan/?nam=2025").text


def test_new_counts_are_seen_at_once(as_role: AsRole, context: StandingContext):
    refresh(context.store, NOW)
    client = as_role("auditor")
    assert "1 hồ sơ giải quyết quá hạn" in client.get(JUNE).text
    with context.store.transaction() as session:
        session.add(CauseStale(id=1, first=MONTH, last=MONTH))
    client.get(JUNE)
    add_causes(context.store, BRANCH_A, 900_000, 900_000, times=3)
    with context.store.transaction() as session:
        session.add(Batch(id=77, source_id=900_000, ingested_at=NOW, files="[]", counts="{}"))
    assert "3 hồ sơ giải quyết quá hạn" in client.get(JUNE).text


# ---------------------------------------------------------------- the event log


@pytest.mark.parametrize("ending", ["xes", "csv"])
def test_an_event_log_is_taken_and_that_is_logged(as_role: AsRole, context: StandingContext, ending: str):
    answer = as_role("auditor").get(f"{LOG}&tep={ending}")
    assert answer.status_code == 200
    assert f"nhat-ky-su-kien-20260601-20260630.{ending}" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8-sig")
    assert FINISHED_LATE in text
    assert NAME not in text
    act = newest(context)
    assert (act.action, act.subject) == ("event_log_export", "list")
    assert act.detail == {"tu": "06/2026", "den": "06/2026", "theo": "ended", "tep": ending}
    if ending == "xes":
        assert etree.fromstring(answer.data).tag.endswith("log")
    else:
        assert list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("ending", ["xes", "csv"])
def test_receptions_are_looked_for_by_a_worker(as_role: AsRole, ending: str):
    client = as_role("reform")
    asked = client.get(f"/nguyen-nhan/nhat-ky-su-kien?tu=08/2026&den=08/2026&theo=received&tep={ending}")
    assert asked.status_code == 302
    assert work_all(client) == 1
    made = client.get(f"{asked.location}/tai-ve")
    assert made.status_code == 200
    assert f"nhat-ky-su-kien-20260801-20260831.{ending}" in made.headers["Content-Disposition"]
    assert "T01-260803-0001" in made.data.decode("utf-8-sig")


def test_a_long_log_is_made_by_a_worker(as_role: AsRole, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(event_logging, "CASES_AT_ONCE", 0)
    client = as_role("auditor")
    assert client.get(f"{LOG}&tep=xes").status_code == 302
    assert work_all(client) == 1


def test_a_head_takes_no_event_log_and_is_offered_none(as_role: AsRole):
    client = as_role("head")
    assert client.get(f"{LOG}&tep=csv").status_code == 403
    assert "Nhật ký sự kiện" not in client.get(JUNE).text


def test_another_site_cannot_have_a_log_made(as_role: AsRole):
    answer = as_role("auditor").get(f"{LOG}&tep=csv", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_what_is_no_word_of_the_catalogue_is_neither_looked_for_nor_logged(
    as_role: AsRole, context: StandingContext
):
    answer = as_role("auditor").get(f"{LOG}&tep=csv&linh-vuc=Nguyen+Thi&thu-tuc=0912345678")
    assert answer.status_code == 200
    assert newest(context).detail == {"tu": "06/2026", "den": "06/2026", "theo": "ended", "tep": "csv"}


def test_an_account_of_a_unit_takes_its_own_dossiers_alone(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        for login, unit_id in (("kiem-a", BRANCH_A), ("kiem-b", BRANCH_B)):
            new = NewAccount(login, "Kiểm tra", "auditor", unit_id, cheap_hash(PASSWORD), new_salt())
            people.add_account(session, new, NOW)
    for login, is_there in (("kiem-a", True), ("kiem-b", False)):
        client = app.test_client()
        log_in(client, login)
        assert (FINISHED_LATE in client.get(f"{LOG}&tep=csv").data.decode("utf-8-sig")) is is_there
        assert ("hồ sơ giải quyết quá hạn, trễ" in client.get(JUNE).text) is is_there
        assert client.get(f"{LOG}&tep=csv&don-vi={BRANCH_A}").status_code == (200 if is_there else 404)
