"""Notes beside a dossier: written, read by role, taken back by their author or the head, moved where two codes are one."""

import pytest
from flask import Flask

from app.access import Role
from app.notes import AT_ONCE, NOT_YOURS, TAKEN_BACK, NoteAsker, take_back, write_note
from app.web import create_app
from tests.web.conftest import Client
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    CODELESS,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    PASSWORD,
    StandingContext,
)
from tracker.errors import UsageError
from tracker.pipeline.joining import Ruling, join
from tracker.store import audit, notes

PAGE = f"/ho-so/{OVERDUE_A}"
DESK = NoteAsker(1, "desk", Role.DESK, frozenset({BRANCH_A}))
OTHER_DESK = NoteAsker(3, "auditor", Role.DESK, frozenset({BRANCH_A}))
HEAD = NoteAsker(2, "head", Role.HEAD, frozenset({BRANCH_A}))
HEAD_OF_OTHERS = NoteAsker(2, "head", Role.HEAD, frozenset({BRANCH_B}))


@pytest.fixture
def free(context: StandingContext) -> Flask:
    """The application without the tokens of forms."""
    app = create_app(context, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def entered(app: Flask, role: str) -> Client:
    client = app.test_client()
    client.post("/dang-nhap", data={"login": role, "password": PASSWORD})
    return client


def test_a_note_stands_on_the_dossier_with_author_and_time_and_without_identity_numbers(free: Flask):
    client = entered(free, "desk")
    text = f"Đã gọi {NAME},\nsố định danh 066099000417 <b>chờ thuế</b>"
    assert client.post(f"{PAGE}/ghi-chu", data={"noi-dung": text}).location == f"{PAGE}#ghi-chu"
    page = client.get(PAGE).text
    assert f"Đã gọi {NAME},\nsố định danh [đã che] &lt;b&gt;chờ thuế&lt;/b&gt;" in page
    assert "Tài khoản desk · 24/08/2026 09:30" in page
    assert "066099000417" not in page


def test_the_log_keeps_who_wrote_where_and_not_what(free: Flask, context: StandingContext):
    entered(free, "desk").post(f"{PAGE}/ghi-chu", data={"noi-dung": f"Đã gọi {NAME}"})
    with context.store.read() as session:
        act = next(act for act in audit.recent_acts(session, 5) if act.action == "note_write")
    assert (act.actor, act.subject) == ("desk", "dossier:1")
    assert act.detail == {"dossiers": [1], "notes": [1], "count": 1}


def test_roles_without_names_learn_that_a_note_exists_and_read_it_after_a_reason(free: Flask):
    entered(free, "desk").post(f"{PAGE}/ghi-chu", data={"noi-dung": f"Đã gọi {NAME}"})
    auditor = entered(free, "auditor")
    hidden = auditor.get(PAGE).text
    assert '<p class="note-text" translate="no">(ẩn)</p>' in hidden
    assert NAME not in hidden
    assert "Tài khoản desk" in hidden
    auditor.post(f"{PAGE}/hien-nguoi-nop", data={"reason": "inspection", "note": "Kiểm tra theo kế hoạch 5"})
    assert f"Đã gọi {NAME}" in auditor.get(PAGE).text


@pytest.mark.parametrize("role", ["auditor", "reform", "admin"])
def test_only_desk_and_head_write_and_take_back(free: Flask, role: str):
    client = entered(free, role)
    assert client.post(f"{PAGE}/ghi-chu", data={"noi-dung": "x"}).status_code == 403
    assert client.post("/ghi-chu/1/thu-hoi").status_code == 403
    if role != "admin":
        assert "Ghi chú mới" not in client.get(PAGE).text


def test_dossiers_and_notes_of_other_units_do_not_exist(free: Flask, context: StandingContext):
    client = entered(free, "desk")
    assert client.post(f"/ho-so/{OVERDUE_B}/ghi-chu", data={"noi-dung": "x"}).status_code == 404
    asker = NoteAsker(1, "desk", Role.DESK)
    (number,) = write_note(context.store, [2], "của đơn vị khác", asker=asker, now=NOW).note_ids
    assert client.post(f"/ghi-chu/{number}/thu-hoi").status_code == 404
    assert entered(free, "head").post(f"/ghi-chu/{number}/thu-hoi").status_code == 404


def test_its_author_or_the_head_takes_a_note_back_and_its_text_is_shown_no_more(
    free: Flask, context: StandingContext
):
    first, second = (
        write_note(context.store, [1], f"ghi chú {n}", asker=DESK, now=NOW).note_ids[0] for n in (1, 2)
    )
    desk, head = entered(free, "desk"), entered(free, "head")
    assert desk.get(PAGE).text.count("Thu hồi<span") == 2
    desk.post(f"/ghi-chu/{first}/thu-hoi")
    head.post(f"/ghi-chu/{second}/thu-hoi")
    page = head.get(PAGE).text
    assert "Đã thu hồi ghi chú này: Tài khoản desk, 24/08/2026 09:30." in page
    assert "Đã thu hồi ghi chú này: Tài khoản head, 24/08/2026 09:30." in page
    assert "ghi chú 1" not in page
    assert "ghi chú 2" not in page
    desk.post(f"/ghi-chu/{first}/thu-hoi")
    assert "ghi chú này đã được thu hồi trước đó" in desk.get(PAGE).text


@pytest.mark.parametrize(
    ("asker", "why"),
    [(OTHER_DESK, NOT_YOURS), (HEAD_OF_OTHERS, "không có ghi chú này trong phạm vi của bạn")],
)
def test_nobody_else_takes_a_note_back(context: StandingContext, asker: NoteAsker, why: str):
    written = write_note(context.store, [1], "ghi chú", asker=DESK, now=NOW)
    report = take_back(context.store, written.note_ids, asker=asker, now=NOW)
    assert report.note_ids == ()
    assert [refused.why for refused in report.refused] == [why]
    with context.store.read() as session:
        assert notes.notes_of(session, 1)[0].withdrawn_at is None


def test_a_note_on_many_skips_those_of_others_and_names_each_once(context: StandingContext):
    report = write_note(context.store, [3, 1, 2, 3, 99_999], " một \r\n hai ", asker=DESK, now=NOW)
    assert report.dossier_ids == (3, 1)
    assert report.note_ids == (1, 2)
    assert [refused.of for refused in report.refused] == [2, 99_999]
    assert report.text == "một\n hai"
    again = take_back(context.store, [*report.note_ids, 77], asker=HEAD, now=NOW)
    assert again.note_ids == (1, 2)
    assert take_back(context.store, [1], asker=HEAD, now=NOW).refused[0].why == TAKEN_BACK


def test_too_many_at_once_are_refused_whole(context: StandingContext):
    many = list(range(1, AT_ONCE + 2))
    with pytest.raises(UsageError, match="nhiều nhất"):
        write_note(context.store, many, "x", asker=DESK, now=NOW)
    with pytest.raises(UsageError, match="nhiều nhất"):
        take_back(context.store, many, asker=DESK, now=NOW)


def test_notes_go_with_a_dossier_that_turns_out_to_be_another_one(context: StandingContext):
    write_note(context.store, [10], "chờ mã", asker=DESK, now=NOW)
    ruling = Ruling("thu", CODELESS, "cùng một hồ sơ", "reform", NOW)
    join(context.store, context.config.calendar_key, ruling, OVERDUE_A)
    with context.store.read() as session:
        assert [note.text for note in notes.notes_of(session, 1)] == ["chờ mã"]
        assert notes.notes_of(session, 10) == []
