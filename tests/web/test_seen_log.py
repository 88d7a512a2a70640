"""Who looked at what and who took what: totals, one dossier's trace, what stands out, and the trace of looking here."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.log_page import ACTIONS
from app.seen_kinds import SeenKind, actions_of, kind_of
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    StandingContext,
)
from tracker.measures.unusual import UnusualRule, unusual_days
from tracker.store import audit, people
from tracker.store.audit import Act

AsRole = Callable[[str], FlaskClient]
PAGE = "/nhat-ky/xem-va-xuat"


def acts(context: StandingContext, *given: tuple[int, str, str, dict]) -> None:
    """(days ago, action, subject, detail) of the head, into the log in order of time."""
    with context.store.transaction() as session:
        audit.append_acts(
            session, [Act(NOW - timedelta(days=ago), "head", action, subject, detail) for ago, action, subject, detail in given]
        )  # fmt: skip


def scoped(context: StandingContext, login: str, unit_id: int) -> None:
    with context.store.transaction() as session:
        found = people.find_login(session, login)
        assert found
        session.get_one(people.User, found.account_id).unit_id = unit_id


# ---------------------------------------------------------------- kinds


def test_every_kind_of_seeing_has_acts_and_changing_something_is_none_of_them():
    assert all(actions_of(kind) for kind in set(SeenKind) - {SeenKind.API})
    for action in ("login", "limit_add", "change_approve", "audit_view", "seen_export", "late_export_asked"):
        assert kind_of(action) is None


def test_a_new_list_or_file_is_counted_by_the_end_of_its_name():
    assert kind_of("board_of_tomorrow_export") is SeenKind.EXPORTED
    assert {action for action in ACTIONS if action.endswith("_download")} <= actions_of(SeenKind.EXPORTED)


# ---------------------------------------------------------------- one dossier


def test_of_a_dossier_it_tells_who_opened_it_and_in_whose_list_it_stood(
    as_role: AsRole, context: StandingContext
):
    acts(
        context,
        (3, "dossier", "dossier:1", {}),
        (3, "dossier", "dossier:12", {}),
        (2, "late_list", "list", {"ids": [1, 2]}),
        (2, "late_list", "list", {"ids": [11, 21]}),
        (1, "letters", "list", {"ids": [1]}),  # of letters, not of dossiers
    )
    text = as_role("auditor").get(f"{PAGE}?ma={OVERDUE_A}&nguoi=head").text
    assert text.count("Xem hồ sơ quá hạn</td>") + text.count("Xem hồ sơ quá hạn<small") == 1
    assert "mục" in text
    assert text.count('<td role="cell" class="figure" data-label="Lúc">') == 2


def test_opening_a_letter_counts_as_looking_at_its_dossier(as_role: AsRole):
    as_role("head").get("/thu-xin-loi/1")
    assert "Xem một thư xin lỗi" in as_role("auditor").get(f"{PAGE}?ma={FINISHED_LATE}").text


def test_the_page_of_a_dossier_leads_who_inspects_to_who_looked_at_it(as_role: AsRole):
    link = f"{PAGE}?ma={OVERDUE_A}"
    assert link in as_role("auditor").get(f"/ho-so/{OVERDUE_A}").text
    assert PAGE not in as_role("head").get(f"/ho-so/{OVERDUE_A}").text


# ---------------------------------------------------------------- whose units


def test_who_inspects_one_unit_is_told_of_its_people_and_dossiers_alone(
    as_role: AsRole, context: StandingContext
):
    as_role("head").get(f"/ho-so/{OVERDUE_A}")
    scoped(context, "auditor", BRANCH_B)
    client = as_role("auditor")
    text = client.get(PAGE).text
    assert ">head<" not in text
    assert OVERDUE_A not in text
    assert "Không có hồ sơ mã này" in client.get(f"{PAGE}?ma={OVERDUE_A}").text
    assert "Không có hồ sơ mã này" not in client.get(f"{PAGE}?ma={OVERDUE_B}").text
    assert client.get(f"{PAGE}?don-vi={BRANCH_A}").status_code == 404
    rows = workbook(client.get(f"{PAGE}.xlsx"))
    assert not any(row[2] == "head" for row in rows)


def test_a_person_of_another_unit_is_not_found_by_name_either(as_role: AsRole, context: StandingContext):
    as_role("head").get(f"/ho-so/{OVERDUE_A}")
    scoped(context, "auditor", BRANCH_B)
    assert "Không có lần xem hay xuất nào khớp" in as_role("auditor").get(f"{PAGE}?nguoi=head").text


# ---------------------------------------------------------------- the file, and the trace of looking


def workbook(answer) -> list[tuple]:
    assert answer.status_code == 200
    return list(load_workbook(BytesIO(answer.data)).active.iter_rows(min_row=4, values_only=True))


def test_the_file_holds_what_the_page_shows_and_is_logged_itself(as_role: AsRole, context: StandingContext):
    acts(context, (2, "late_export", "xlsx", {"rows": 7}), (1, "dossier", "dossier:1", {}))
    rows = workbook(as_role("auditor").get(f"{PAGE}.xlsx?nguoi=head"))
    assert [(row[2], row[6], row[8], row[10]) for row in rows] == [
        ("head", "Mở hồ sơ", OVERDUE_A, None),
        ("head", "Xuất, tải về", None, 7),
    ]
    with context.store.read() as session:
        newest = audit.recent_acts(session, 1)[0]
    assert (newest.action, newest.detail["rows"], newest.detail["nguoi"]) == ("seen_export", 2, "head")
    assert NAME not in str(rows)


def test_what_is_typed_is_logged_only_where_it_is_a_login_a_unit_or_a_day(
    as_role: AsRole, context: StandingContext
):
    client = as_role("auditor")
    client.get(PAGE, query_string={"nguoi": NAME, "ma": "0912345678", "tu": NAME, "loai": NAME})
    with context.store.read() as session:
        told = str(audit.recent_acts(session, 1))
    assert "seen_view" in told
    assert NAME not in told
    assert "0912345678" not in told


def test_a_span_longer_than_a_year_is_cut_and_said_so(as_role: AsRole):
    text = as_role("auditor").get(f"{PAGE}?tu=01/01/2020&den=24/08/2026").text
    assert "nhiều nhất 366 ngày" in text
    assert 'value="24/08/2025"' in text


# ---------------------------------------------------------------- what stands out


RULE = UnusualRule("opened", at_least=10, times=3, days_before=60, least_days=3)
DAY = date(2026, 8, 24)


@pytest.mark.parametrize(
    ("before", "today", "found"),
    [
        ([], 19, False),  # nothing is usual yet: twice the least
        ([], 20, True),
        ([4, 4], 19, False),  # too few days to say
        ([4, 4, 4], 10, False),  # three times four is twelve
        ([4, 4, 4], 12, True),
        ([1, 1, 1], 9, False),  # below the least, whatever the usual
        ([1, 1, 1], 10, True),
        ([30, 30, 30], 89, False),
        ([30, 30, 30], 90, True),
        ([2, 2, 200], 10, True),  # the median, not the mean
    ],
)
def test_a_day_stands_out_beside_the_persons_own_days(before: list[int], today: int, found: bool):
    counts = {DAY - timedelta(days=ago): count for ago, count in enumerate(reversed(before), 1)} | {
        DAY: today
    }
    days = unusual_days("an", counts, RULE, first=DAY, last=DAY)
    assert bool(days) is found
    assert not days or days[0].usual == (sorted(before)[len(before) // 2] if len(before) >= 3 else None)


def test_days_too_long_ago_say_nothing_of_what_is_usual():
    counts = {DAY - timedelta(days=61 + ago): 1 for ago in range(5)} | {DAY: 12}
    assert unusual_days("an", counts, RULE, first=DAY, last=DAY) == []


def test_an_unusual_day_is_told_without_an_accusation(as_role: AsRole, context: StandingContext):
    acts(context, *[(1, "reveal", f"dossier:{number}", {}) for number in range(1, 21)])
    text = as_role("auditor").get(PAGE).text
    assert "head có 20 lần hiện người nộp" in text
    assert "không phải kết luận" in text
    assert "20 lần hiện người nộp" not in as_role("auditor").get(f"{PAGE}?tu=24/08/2026&den=24/08/2026").text
