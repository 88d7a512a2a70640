"""The page of a simulation: assumptions side by side with their fractions, nothing that advises to leave a dossier open, own dossiers."""

import re

import pytest

from tests.web.test_cockpit import IN_TIME_A, IN_TIME_B, _add_in_time, _add_year
from tests.web.world import BRANCH_A, BRANCH_B, OVERDUE_A, OVERDUE_B, StandingContext
from tracker.store import audit

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access; the questions behind it in tests/flows"
)

PAGE = "/tieu-chi/mo-phong"


def told(text: str) -> str:
    """A page without tags, its white space as single blanks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_every_edition_is_told_with_fractions_and_marked_unverified(as_role):
    text = as_role("reform").get(PAGE).text
    words = told(text)
    assert "Mẫu số là hồ sơ đã giải quyết trong năm" in words
    assert "Mẫu số là hồ sơ tiếp nhận trong năm" in words
    assert words.count("chưa đối chiếu văn bản") >= 2
    for line in ("Hiện nay", "Phần còn lại của năm như 30 ngày qua", "Từ nay không hồ sơ nào trễ thêm"):
        assert words.count(line) >= 2
    assert words.count("Đất đai đúng hạn 95 %; còn lại như 30 ngày qua") == 2
    assert "50,00 % (1/2)" in words
    assert "30 ngày qua không có hồ sơ nào xong" in words


def test_what_is_finished_now_is_a_line_and_together_with_others_one_more(as_role):
    words = told(as_role("reform").get(f"{PAGE}?xong=100&khong-tre-them=co").text)
    # Two overdue and three that can be kept; the suspended one is not chosen.
    assert "Xong ngay 5 hồ sơ" in words
    assert "Chỉ có 5 hồ sơ đúng điều kiện" in words
    assert "xong ngay: thêm 3 đúng hạn, 2 trễ" in words
    assert "57,14 % (4/7)" in words
    assert "Kết hợp các giả định đã chọn" in words


def test_it_says_that_overdue_ones_have_to_be_finished_and_never_to_wait(as_role):
    words = told(as_role("head").get(f"{PAGE}?xong=1&chon=overdue").text)
    assert "phải giải quyết ngay" in words
    assert "để lại không cứu được điểm" in words
    assert words.count("số cuối năm không kém đi vì xong sớm") == 2  # beside the line, in both editions


def test_the_state_is_in_the_address_and_in_the_form(as_role):
    text = (
        as_role("reform").get(f"{PAGE}?xong=1.000&dat=98,5&nhip=co&bot=3&gio=40&qua-tu=10&chon=overdue").text
    )
    for field in (
        'name="xong" inputmode="numeric" autocomplete="off" value="1000"',
        'value="98,5"',
        'value="40"',
    ):
        assert field in text
    assert '<input type="checkbox" name="nhip" value="co" checked' in text
    assert '<option value="overdue" selected>' in text


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("xong=nhieu", "Xong ngay: hãy ghi một số"),
        ("xong=99999999", "Xong ngay: hãy ghi một số"),
        ("dat=101", "Đúng hạn từ nay: hãy ghi một tỷ lệ"),
        ("dat=-1", "Đúng hạn từ nay: hãy ghi một tỷ lệ"),
        ("linh-vuc=khong-co", "Lĩnh vực: danh mục không có"),
        ("gio=mai", "Số giờ làm việc: hãy ghi một số"),
    ],
)
def test_what_cannot_be_used_is_told_and_the_rest_is_answered(as_role, query: str, fault: str):
    words = told(as_role("reform").get(f"{PAGE}?{query}").text)
    assert fault in words
    assert "Hiện nay" in words


def test_a_year_like_the_founding_one_says_what_fewer_late_ones_would_have_brought(as_role, context):
    _add_year(context, total=420, late=47)
    words = told(as_role("reform").get(f"{PAGE}?nam=2025&bot=26").text)
    assert "Kỳ tính điểm năm 2025 đã hết" in words
    assert "Nếu 26 hồ sơ đã trễ mà đúng hạn" in words
    assert "1,425" in words
    assert "95,00 % (399/420)" in words
    assert "Hồ sơ nên làm trước" not in words


def test_a_rate_that_was_taken_out_does_not_come_back(as_role):
    words = told(as_role("reform").get(f"{PAGE}?xong=1&dat=").text)
    assert "đúng hạn 95 %;" not in words
    assert "Kết hợp các giả định" not in words


def test_who_works_for_a_unit_chooses_and_sees_only_its_dossiers(as_role, context: StandingContext):
    _add_in_time(context)
    mine, everything = (
        as_role("head").get(f"{PAGE}?xong=100").text,
        as_role("reform").get(f"{PAGE}?xong=100").text,
    )
    assert IN_TIME_A in mine
    assert IN_TIME_B not in mine
    assert IN_TIME_B in everything
    assert OVERDUE_A not in everything  # what is late cannot be kept
    assert OVERDUE_B not in everything
    assert "Xong ngay 4 hồ sơ" in told(mine)
    assert "Xong ngay 6 hồ sơ" in told(everything)
    assert as_role("head").get(f"{PAGE}?don-vi={BRANCH_B}").status_code == 404
    of_b = as_role("reform").get(f"{PAGE}?don-vi={BRANCH_B}&xong=100").text
    assert IN_TIME_B in of_b
    assert IN_TIME_A not in of_b


def test_administrators_see_the_figures_and_no_dossier(as_role, context: StandingContext):
    text = as_role("admin").get(f"{PAGE}?xong=2&gio=8").text
    assert "Xong ngay 2 hồ sơ" in told(text)
    assert "T01-2608" not in text
    assert "Số giờ làm việc" not in text
    with context.store.read() as session:  # nor was any looked for
        assert "simulator_list" not in {act.action for act in audit.recent_acts(session, 5)}


def test_who_looked_at_the_list_is_logged_with_the_dossiers_shown(as_role, context: StandingContext):
    as_role("reform").get(f"{PAGE}?don-vi={BRANCH_A}&xong=5")
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.action, act.actor) == ("simulator_list", "reform")
    assert act.detail["basis"] == "source"
    assert sorted(act.detail["ids"]) == [3, 4, 6]


def test_the_page_of_the_criterion_leads_here(as_role):
    assert f'href="{PAGE}?' in as_role("reform").get("/tieu-chi/3.4.1?nam=2026").text
