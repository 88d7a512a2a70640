"""The proof of a dossier on its page, as a page to print, and as files: shown by unit and role, logged, reproducible."""

import json

import pytest

from tests.web.world import NAME, OVERDUE_A, OVERDUE_B, PHONE, StandingContext
from tracker.store import audit
from tracker.timekeeping.proof_file import verify

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

SHEET = f"/ho-so/{OVERDUE_A}/phieu-tinh-han"
SUSPENDED, NOT_RECEIVED = "T01-260803-0005", "T01-260823-0009"


def test_the_card_tells_the_date_at_a_glance_with_what_it_rests_on(as_role):
    text = as_role("head").get(f"/ho-so/{OVERDUE_A}").text
    for told in (
        "Thứ Ba 04/08/2026 – Thứ Sáu 07/08/2026",
        "Ngày làm việc thứ 1/15 – 4/15.",
        "Thứ Bảy 08/08/2026 – Chủ Nhật 09/08/2026",
        "Làm bù cho 31/08/2026, ngày làm việc thứ 15/15.",
        "Quy tắc tính",
        "Chế độ áp dụng",
        "Lịch làm việc",
        "Mã kiểm tra",
    ):
        assert told in text


def test_page_sheet_and_files_bear_the_same_check_code(as_role, context: StandingContext):
    client = as_role("head")
    page = client.get(f"/ho-so/{OVERDUE_A}").text
    links = [
        part.split('"')[0] for part in page.split('href="')[1:] if "phieu-tinh-han" in part.split('"')[0]
    ]
    links = [link.replace("&amp;", "&") for link in links if link.startswith("/")]
    assert [link.partition("?")[0] for link in links] == [SHEET, f"{SHEET}.docx", f"{SHEET}.json"]
    context.instant = context.instant.replace(hour=11)  # the links carry the moment that the page judged
    document = client.get(links[2])
    assert verify(document.data).is_equal
    digest = json.loads(document.data)["input_hash"]
    assert digest in page
    assert digest[:16] in client.get(links[0]).text
    assert client.get(links[1]).data == client.get(links[1]).data


def test_the_files_are_downloads_with_the_dossiers_code_in_their_names(as_role):
    client = as_role("head")
    for kind, mimetype in (("docx", "wordprocessingml"), ("json", "application/json")):
        answer = client.get(f"{SHEET}.{kind}")
        assert mimetype in answer.headers["Content-Type"]
        assert f"phieu-tinh-han-{OVERDUE_A}.{kind}" in answer.headers["Content-Disposition"]


def test_the_sheet_names_no_person_to_anybody(as_role):
    for address in (SHEET, f"{SHEET}.json"):
        text = as_role("desk").get(address).text
        assert NAME not in text
        assert PHONE not in text


@pytest.mark.parametrize("ending", ["", ".docx", ".json"])
@pytest.mark.parametrize("role", ["desk", "head"])
def test_the_sheet_of_another_unit_does_not_exist(as_role, role: str, ending: str):
    client = as_role(role)
    assert client.get(f"/ho-so/{OVERDUE_B}/phieu-tinh-han{ending}").status_code == 404
    assert client.get(f"{SHEET}{ending}").status_code == 200


def test_the_administrator_sees_no_sheet(as_role):
    assert as_role("admin").get(SHEET).status_code == 403


@pytest.mark.parametrize("moment", ["", "hôm nay", "2026-13-01T00:00:00", "2026-08-24T09:30:00+00:00"])
def test_a_moment_that_cannot_be_read_is_not_found(as_role, moment: str):
    answer = as_role("head").get(SHEET, query_string={"luc": moment})
    assert answer.status_code == (200 if not moment else 404)


def test_the_moment_of_judging_is_that_of_the_address(as_role):
    client = as_role("head")
    sheet = client.get(f"/ho-so/{SUSPENDED}/phieu-tinh-han?luc=2026-08-14T10:00:00").text
    assert "còn tiếp diễn, xét đến 10:00 ngày 14/08/2026" in sheet
    assert "10:00 ngày 14/08/2026" in sheet


def test_where_no_date_can_be_computed_the_page_says_why_in_words(as_role):
    client = as_role("head")
    card = client.get(f"/ho-so/{NOT_RECEIVED}").text
    assert "Chưa tính được hạn theo quy định: hồ sơ chưa có ngày tiếp nhận." in card
    assert "RECEIVED_MISSING" not in card
    assert "Tải .docx" not in card
    sheet = client.get(f"/ho-so/{NOT_RECEIVED}/phieu-tinh-han")
    assert sheet.status_code == 200
    assert "hồ sơ chưa có ngày tiếp nhận" in sheet.text
    assert client.get(f"/ho-so/{NOT_RECEIVED}/phieu-tinh-han.json").status_code == 404


def test_every_sheet_seen_and_taken_is_logged_with_its_hash(as_role, context: StandingContext):
    client = as_role("head")
    for ending in ("", ".docx", ".json"):
        assert client.get(f"{SHEET}{ending}").status_code == 200
    digest = json.loads(client.get(f"{SHEET}.json").data)["input_hash"]
    with context.store.read() as session:
        acts = audit.recent_acts(session, 4)[::-1]
    assert [act.action for act in acts] == ["proof", *["proof_download"] * 3]
    assert [act.detail.get("format") for act in acts] == [None, "docx", "json", "json"]
    assert {act.detail["proof"] for act in acts} == {digest}
    assert {act.subject for act in acts} == {"dossier:1"}
