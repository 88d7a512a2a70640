"""Showing one applicant to somebody who reads initials: for a reason, one dossier, ten minutes, logged."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import log_in, token
from tests.web.world import (
    BRANCH_B,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    PASSWORD,
    PHONE,
    StandingContext,
)
from tracker.store import audit, people
from tracker.store.models import Dossier

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

FORM = f"/ho-so/{OVERDUE_A}/hien-nguoi-nop"
NOTE = "Xác minh phản ánh theo công văn 12/UBND"
AsRole = Callable[[str], FlaskClient]


def ask(client: FlaskClient, *, code: str = OVERDUE_A, **given: str) -> Any:
    address = f"/ho-so/{code}/hien-nguoi-nop"
    form = {"reason": "complaint", "note": NOTE, "csrf_token": token(client, FORM), **given}
    return client.post(address, data=form)


def shows(client: FlaskClient, code: str = OVERDUE_A) -> bool:
    text = client.get(f"/ho-so/{code}").text
    assert (NAME in text) is (PHONE in text)
    return NAME in text


@pytest.mark.parametrize("role", ["auditor", "reform"])
def test_with_a_reason_the_page_shows_the_applicant_and_says_for_how_long(as_role: AsRole, role: str):
    client = as_role(role)
    assert not shows(client)
    assert ask(client).location == f"/ho-so/{OVERDUE_A}"
    assert shows(client)
    assert "đang hiện cho bạn đến 24/08/2026 09:40" in client.get(f"/ho-so/{OVERDUE_A}").text


def test_after_ten_minutes_it_is_masked_again(as_role: AsRole, context: StandingContext):
    client = as_role("auditor")
    ask(client)
    context.instant = NOW + timedelta(minutes=9, seconds=59)
    assert shows(client)
    context.instant = NOW + timedelta(minutes=10)
    assert not shows(client)


def test_it_is_shown_of_this_dossier_and_to_this_account_only(as_role: AsRole):
    auditor, reform = as_role("auditor"), as_role("reform")
    ask(auditor)
    assert not shows(auditor, OVERDUE_B)
    assert not shows(reform)


def test_lists_and_exports_stay_masked(as_role: AsRole):
    client = as_role("auditor")
    ask(client)
    assert NAME not in client.get("/qua-han").text
    assert NAME not in client.get(f"/ho-so/{OVERDUE_A}/phieu-tinh-han").text


def test_it_is_in_the_log_with_its_reason_and_the_dossier(as_role: AsRole, context: StandingContext):
    ask(as_role("auditor"))
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.actor, act.action, act.subject) == ("auditor", "reveal", "dossier:1")
    assert act.detail == {"reason": "complaint", "note": NOTE}


@pytest.mark.parametrize(
    "given",
    [
        {"reason": ""},
        {"reason": "because"},
        {"note": ""},
        {"note": "xem cho rõ"[:9]},
        {"note": "          "},
        {"note": f"Gọi cho bà {NAME}"},
        {"note": "Gọi cho ba nguyen thi bich ngoc"},  # the same name, typed without marks
        {"note": f"Gọi số {PHONE} để hỏi"},
        {"note": "Căn cước 001 199 012 345"},
        {"note": "Gọi số 0912/345/678 để hỏi"},
        {"note": "Gọi số (091) 234-5678 để hỏi"},
        {"note": "Gọi số 0912 – 345 _ 678 để hỏi"},
        {"note": f"Gọi số {PHONE} theo {OVERDUE_A}"},
        {"note": "Gặp bà Bích Ngọc để hỏi"},  # the end of the name
        {"note": "Gặp bà bich  ngoc, để hỏi"},
        {"note": "Gặp bà “Nguyễn Thị Bích-Ngọc” để hỏi"},
    ],
)
def test_a_reason_that_is_none_or_that_names_somebody_shows_and_logs_nothing(
    as_role: AsRole, context: StandingContext, given: dict[str, str]
):
    client = as_role("auditor")
    assert ask(client, **given).status_code == 400
    assert not shows(client)
    with context.store.read() as session:
        assert "reveal" not in {act.action for act in audit.recent_acts(session)}


@pytest.mark.parametrize(
    "note",
    [
        f"Kiểm tra hồ sơ {OVERDUE_A}",
        f"Kiểm tra hồ sơ {OVERDUE_A.lower()}",
        "Xác minh theo công văn 12/UBND ngày 24/08/2026",
        "Đoàn kiểm tra từ 24/08/2026 đến 28/08/2026",
        "Họp với đơn vị: 24/08/2026, 28/8/2026 (9:30)",
        "Quyết định 4123/QĐ-UBND, công văn 12729/VPCP-KGVX",
    ],
)
def test_numbers_of_documents_their_dates_and_the_dossiers_code_may_stand_in_the_note(
    as_role: AsRole, note: str
):
    assert ask(as_role("auditor"), note=note).status_code == 302


@pytest.mark.parametrize(
    ("name", "kind", "note", "is_taken"),
    [
        ("An", "citizen", "Xem lại văn bản đã gửi", True),  # not within a word
        ("An", "citizen", "Gặp ông An để hỏi lại", False),
        ("", "citizen", "Xem lại văn bản đã gửi", True),
        (
            "Trần Ngọc",
            "citizen",
            "Gặp bà Ngọc để hỏi lại",
            True,
        ),  # one given name alone: cannot be told from a word
        ("UBND", "agency", "Theo công văn 12 của UBND", True),
        ("UBND", "unknown", "Theo công văn 12 của UBND", True),
        ("UBND xã Thử Nghiệm", "unknown", "Đoàn kiểm tra ở xã Thử Nghiệm", True),
        ("UBND xã Thử Nghiệm", "unknown", "Gặp UBND xã Thử Nghiệm", False),
        ("Công ty TNHH Xây Dựng", "business", "Theo kế hoạch xây dựng năm nay", True),
        ("Công ty TNHH Xây Dựng", "business", "Gặp công ty TNHH xây dựng", False),
    ],
)
def test_a_name_is_found_as_whole_words_and_an_office_does_not_stop_every_reason(
    as_role: AsRole, context: StandingContext, name: str, kind: str, note: str, is_taken: bool
):
    with context.store.transaction() as session:
        dossier = session.get_one(Dossier, 1)
        dossier.applicant_name, dossier.applicant_kind = name, kind
    assert ask(as_role("auditor"), note=note).status_code == (302 if is_taken else 400)


@pytest.mark.parametrize("role", ["desk", "head", "admin"])
def test_who_reads_names_anyway_and_who_opens_no_dossiers_cannot_ask(as_role: AsRole, role: str):
    client = as_role(role)
    assert client.get(FORM).status_code == 403
    form = {"reason": "complaint", "note": NOTE, "csrf_token": token(client, "/tai-khoan")}
    assert client.post(FORM, data=form).status_code == 403


def test_a_dossier_of_another_unit_does_not_exist(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        account = people.find_login(session, "auditor")
        assert account
        session.get_one(people.User, account.account_id).unit_id = BRANCH_B
    client = app.test_client()
    log_in(client, "auditor", PASSWORD)
    assert client.get(FORM).status_code == 404
    assert client.get(f"/ho-so/{OVERDUE_B}/hien-nguoi-nop").status_code == 200


def test_the_timeline_and_the_proof_tell_no_applicant_to_a_role_without_names(as_role: AsRole):
    assert NAME not in as_role("reform").get(f"/ho-so/{OVERDUE_A}/phieu-tinh-han").text
