"""The page of the log: filters, pages, seals to print, a check of the chain; looking at it is logged too."""

import re

import pytest

from app.log_page import detail_words
from tests.web.conftest import token
from tests.web.works import done
from tests.web.world import NAME, NOW, PHONE, StandingContext
from tracker.measures.log_chain import Seal, seal_line
from tracker.store import audit
from tracker.store.audit import Act, append_acts

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

PAGE = "/nhat-ky/"


def write(context: StandingContext, *acts: tuple[str, str, str]) -> None:
    with context.store.transaction() as session:
        append_acts(session, [Act(NOW, actor, action, subject, {}) for actor, action, subject in acts])


def shown(text: str) -> list[int]:
    """The numbers of the entries on the page."""
    return [int(number) for number in re.findall(r'data-label="Số">(\d+)<', text)]


def check(client, lines: str = ""):
    form = {"dong": lines, "luot": "", "csrf_token": token(client, PAGE)}
    return done(client, client.post("/nhat-ky/kiem-tra", data=form)).text


def lines_of(context: StandingContext) -> list[str]:
    with context.store.read() as session:
        return [row.line for row in audit.seals(session)]


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_entries_are_shown_newest_first_in_words(as_role, context: StandingContext, role: str):
    write(context, ("desk", "dossier", "dossier:7"))
    text = as_role(role).get(PAGE).text
    assert shown(text) == sorted(shown(text), reverse=True)
    assert "Xem hồ sơ" in text
    assert "dossier:7" in text


@pytest.mark.parametrize(
    ("query", "told", "hidden"),
    [
        ("nguoi=desk", "dossier:7", "letter:8"),
        ("viec=letter_download", "letter:8", "dossier:7"),
        ("doi-tuong=dossier:", "dossier:7", "letter:8"),
        ("tu=24/08/2026&den=24/08/2026", "dossier:7", "user_add"),
        ("den=23/08/2026", "user:5", "dossier:7"),
    ],
)
def test_entries_are_narrowed_by_person_act_subject_and_day(
    as_role, context: StandingContext, query: str, told: str, hidden: str
):
    write(context, ("desk", "dossier", "dossier:7"), ("head", "letter_download", "letter:8"))
    table = as_role("auditor").get(f"{PAGE}?{query}").text.partition("<tbody")[2].partition("</tbody")[0]
    assert told in table
    assert hidden not in table


def test_what_might_be_a_name_is_neither_looked_for_nor_logged(as_role, context: StandingContext):
    text = as_role("auditor").get(PAGE, query_string={"doi-tuong": NAME, "nguoi": NAME}).text
    assert "hãy viết như dossier:12" in text
    assert "hãy viết tên đăng nhập" in text
    with context.store.read() as session:
        assert NAME not in str(audit.recent_acts(session, 5))


def test_looking_at_the_log_is_an_entry_with_its_filters(as_role, context: StandingContext):
    write(context, *(("desk", "dossier", f"dossier:{number}") for number in range(3)))
    client = as_role("admin")
    third = shown(client.get(f"{PAGE}?nguoi=desk").text)[0]
    client.get(f"{PAGE}?nguoi=desk&sau={third}")
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action, act.detail) == ("admin", "audit_view", {"nguoi": "desk", "before": third})


def test_a_number_that_is_no_entrys_is_not_logged(as_role, context: StandingContext):
    assert shown(as_role("auditor").get(f"{PAGE}?sau={PHONE}").text)
    with context.store.read() as session:
        assert PHONE.lstrip("0") not in str(audit.recent_acts(session, 1))


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_the_page_leads_to_what_was_asked_about_accounts(as_role, role: str):
    client = as_role(role)
    assert 'href="/quan-tri/thay-doi"' in client.get(PAGE).text
    assert "Đề nghị cần hai người" in client.get("/quan-tri/thay-doi").text


def test_pages_follow_each_other_by_key(as_role, context: StandingContext):
    write(context, *(("desk", "dossier", f"dossier:{number}") for number in range(60)))
    client = as_role("auditor")
    first = client.get(f"{PAGE}?nguoi=desk").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = shown(client.get(following[1].replace("&amp;", "&")).text)
    assert len(shown(first)) == 50
    assert max(second) < min(shown(first))
    assert len(second) == 10


def test_seals_are_shown_with_the_lines_to_be_kept(as_role, context: StandingContext):
    text = as_role("auditor").get("/nhat-ky/niem-phong").text
    (line,) = lines_of(context)
    assert line in text


def test_a_check_by_a_worker_says_that_the_log_is_whole(as_role, context: StandingContext):
    client = as_role("auditor")
    assert "Chuỗi khớp từ đầu đến cuối" in check(client)
    assert "khớp với các dòng giữ bên ngoài" in check(client, "\n".join(lines_of(context)))


def test_a_line_of_another_log_shows_that_this_one_was_rewritten(as_role):
    forged = seal_line(Seal(NOW.date(), 1, "ab" * 32))
    text = check(as_role("admin"), forged)
    assert "KHÔNG nguyên vẹn" in text
    assert "đã bị viết lại" in text


def test_a_line_with_a_slip_of_typing_is_told_at_once(as_role, context: StandingContext):
    client = as_role("auditor")
    (line,) = lines_of(context)
    form = {"dong": line.replace("kiểm: ", "kiểm: 0")[:-1], "csrf_token": token(client, PAGE)}
    assert "chép sai" in client.post("/nhat-ky/kiem-tra", data=form, follow_redirects=True).text


@pytest.mark.parametrize("number", [1, 99])
def test_a_check_that_is_none_is_not_found(as_role, number: int):
    assert as_role("auditor").get(f"/nhat-ky/kiem-tra/{number}").status_code == 404


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ({"rows": 3, "basis": "source"}, "số dòng: 3 · căn cứ: Ngày hẹn theo hệ thống nguồn"),
        ({"ids": [1, 2]}, "số: 1, 2"),
        ({"ids": list(range(1, 51))}, "số: 1, 2, 3, 4, 5… (50)"),
        (
            {"before": {"role": "desk"}, "after": {"role": "head"}},
            "trước: vai trò Cán bộ một cửa · sau: vai trò Thủ trưởng đơn vị",
        ),
        ({"after": {"role": "head", "unit_id": None}}, "sau: vai trò Thủ trưởng đơn vị, đơn vị số không có"),
        ({"kind": "late_export", "rows": 3}, "loại: Tệp Excel: hồ sơ quá hạn · số dòng: 3"),
        ({"reason": "complaint"}, "lý do: Giải quyết khiếu nại, tố cáo, phản ánh"),
        ({"ids": [], "ngay": "2026-08-31"}, "số: không có · xét tại: 31/08/2026"),
        (
            {"as_of": "2026-08-24T09:30:00+07:00", "trang-thai": "drafted"},
            "tính đến: 24/08/2026 09:30 · trạng thái: Đã soạn",
        ),
        ({}, ""),
    ],
)
def test_details_are_told_on_one_line(detail, words: str):
    assert detail_words(detail) == words
