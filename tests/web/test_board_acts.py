"""The board's filters, its counts under them, and what is done with many dossiers at once: told before, done, taken back."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import event, func, select

from app.board_sheets import PRINT_MOST
from app.web import create_app
from tests.web.browsing import add_overdue
from tests.web.conftest import Client, log_in, token
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    NOW,
    OVERDUE_A,
    OVERDUE_B,
    PHONE,
    StandingContext,
)
from tracker.store import audit, notes
from tracker.store.models import Dossier, DossierNote, Letter, Obligation, WorkItem

NOTE, BOARD = "/ban-theo-doi/ghi-chu", "/ban-theo-doi"
RUNNING = [OVERDUE_A, "T01-260803-0003", "T01-260803-0004", "T01-260803-0006"]
CODES = [*RUNNING, "T01-260803-0005", "T01-260823-0009"]


@pytest.fixture
def free(context: StandingContext) -> Flask:
    """The application without the tokens of forms, which are not what this is about."""
    app = create_app(context, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def entered(app: Flask, role: str) -> Client:
    client = app.test_client()
    client.post("/dang-nhap", data={"login": role, "password": "mat-khau-cua-ban-1"})
    return client


def listed(text: str) -> list[str]:
    return [code for code in CODES if f">{code}<" in text]


def acts(context: StandingContext, action: str) -> list[audit.Act]:
    with context.store.read() as session:
        return [act for act in audit.recent_acts(session, 100) if act.action == action]


def change(context: StandingContext, dossier_id: int, **values: object) -> None:
    with context.store.transaction() as session:
        found = session.get_one(Dossier, dossier_id)
        for name, value in values.items():
            setattr(found, name, value)


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("address", "codes"),
    [
        ("", RUNNING),
        ("thu-tuc=T.001", RUNNING),
        ("thu-tuc=chuyen nhuong dang ky", RUNNING),
        ("thu-tuc=khai sinh", []),
        ("linh-vuc=900000", RUNNING),
        ("linh-vuc=1", []),
        ("can-bo=tran thu", RUNNING),
        ("can-bo=le", []),
        ("kenh=counter", RUNNING),
        ("kenh=online", []),
        ("tu=24/08/2026&den=25/08/2026", ["T01-260803-0003", "T01-260803-0004"]),
        ("den=24/08/2026", [OVERDUE_A, "T01-260803-0003"]),
        ("thu=to_check", ["T01-260803-0003"]),
        ("thu=none", [OVERDUE_A, "T01-260803-0004", "T01-260803-0006"]),
        ("loc=trong-han", ["T01-260803-0006"]),
        ("loc=khong-hen", []),
        (f"don-vi={BRANCH_A}", RUNNING),
    ],
)
def test_each_filter_of_the_address_narrows_the_list(as_role, address: str, codes: list[str]):
    assert listed(as_role("desk").get(f"{BOARD}?{address}").text) == codes


def test_counts_obey_the_filters_and_every_filter_is_a_chip_that_leads_away_from_it(as_role):
    text = as_role("desk").get(f"{BOARD}?loc=qua-han&kenh=counter&den=24/08/2026").text
    assert "Quá hạn</span><b>1</b>" in text
    assert "Sắp đến hạn</span><b>1</b>" in text  # the one of Tuesday is filtered out
    assert "Chờ tiếp nhận</span><b>0</b>" in text  # none of these has a due date
    assert 'href="/ban-theo-doi?loc=qua-han&amp;den=2026-08-24"' in text
    assert 'href="/ban-theo-doi?loc=qua-han&amp;kenh=counter"' in text
    assert "Hẹn trả: <b>đến 24/08/2026</b>" in text


def test_a_date_that_is_none_and_a_span_that_runs_backwards_are_told(as_role):
    client = as_role("desk")
    assert "“31/02/2026” không phải là ngày" in client.get(f"{BOARD}?tu=31/02/2026").text
    assert "đứng trước hẹn từ ngày" in client.get(f"{BOARD}?tu=25/08/2026&den=24/08/2026").text


def test_the_unit_of_others_cannot_be_asked_for(as_role):
    client = as_role("desk")
    for address in (BOARD, f"{BOARD}/in", f"{BOARD}/tai-ve"):
        assert client.get(f"{address}?don-vi={BRANCH_B}").status_code == 404
        assert client.get(f"{address}?ban=don-vi%3D{BRANCH_B}").status_code == (
            200 if address == BOARD else 404
        )


def test_what_is_typed_into_a_filter_is_not_logged(as_role, context: StandingContext):
    as_role("desk").get(f"{BOARD}?can-bo={NAME}&thu-tuc={PHONE}&loc=qua-han")
    detail = acts(context, "board")[0].detail
    assert detail["can-bo"] is True
    assert detail["loc"] == "qua-han"
    assert NAME not in str(detail)
    assert PHONE not in str(detail)


def test_no_filter_is_found_where_nothing_fits_and_the_page_says_what_to_do(as_role):
    text = as_role("desk").get(f"{BOARD}?kenh=online").text
    assert "Không hồ sơ nào khớp với mọi bộ lọc" in text
    assert 'href="/ban-theo-doi">Bỏ các bộ lọc</a>' in text


@pytest.mark.parametrize(
    ("order", "first"),
    [("gap-nhat", OVERDUE_A), ("han-xa", "T01-260803-0006"), ("moi-nhan", "T01-260803-0004")],
)
def test_the_list_is_ordered_as_it_is_asked_for(as_role, context: StandingContext, order: str, first: str):
    change(context, 4, received_at=NOW - timedelta(days=1))
    text = as_role("desk").get(f"{BOARD}?xep={order}").text
    assert min(RUNNING, key=lambda code: text.index(f">{code}<")) == first


def test_a_page_of_the_board_takes_few_statements_however_long_the_list(
    free: Flask, context: StandingContext
):
    add_overdue(context.store, 60)
    client = entered(free, "desk")
    client.get(BOARD)
    found: list[str] = []
    event.listen(context.store.engine, "before_cursor_execute", lambda *told: found.append(told[2]))
    assert client.get(f"{BOARD}?kenh=counter").status_code == 200
    of_board = [
        sql
        for sql in found
        if "FROM dossier" in sql or "FROM batch" in sql or "FROM obligation" in sql or "FROM field" in sql
    ]
    assert len(of_board) <= 6, found


# ---------------------------------------------------------------- notes on many


def test_a_note_on_picked_dossiers_is_told_in_numbers_written_and_taken_back(
    free: Flask, context: StandingContext
):
    client = entered(free, "desk")
    asked = client.get(f"{BOARD}/xac-nhan?viec=ghi-chu&chon=1&chon=3&chon=2&ban=loc%3Dqua-han").text
    assert "Cùng một ghi chú được viết vào 2 hồ sơ." in asked
    assert "1 hồ sơ đã chọn không thuộc phạm vi của bạn" in asked
    assert OVERDUE_B not in asked
    done = client.post(
        NOTE, data={"chon": ["1", "3", "2"], "ban": "loc=qua-han&sau=5.6", "noi-dung": "Đã gọi hai lần"}
    )
    assert done.location == "/ban-theo-doi?loc=qua-han&sau=5.6#hs-1"
    board = client.get(BOARD).text
    assert "Đã ghi chú vào 2 hồ sơ." in board
    assert "Ghi chú vừa viết vào 2 hồ sơ lúc 09:30." in board
    assert board.count("ghi chú<span") == 2
    assert listed(client.get(f"{BOARD}?ghi-chu=1").text) == RUNNING[:2]
    client.post(f"{BOARD}/thu-hoi-ghi-chu", data={"ban": ""})
    after = client.get(BOARD).text
    assert "Đã thu hồi ghi chú ở 2 hồ sơ." in after
    assert "Ghi chú vừa viết" not in after
    assert listed(client.get(f"{BOARD}?ghi-chu=1").text) == []
    written, withdrawn = acts(context, "note_write")[0], acts(context, "note_withdraw")[0]
    assert written.detail == {"dossiers": [1, 3], "notes": [1, 2], "count": 2}
    assert withdrawn.detail == {"dossiers": [1, 3], "notes": [1, 2], "count": 2}


def test_what_was_written_can_be_taken_back_together_for_half_an_hour(free: Flask, context: StandingContext):
    client = entered(free, "desk")
    client.post(NOTE, data={"chon": "1", "noi-dung": "Đã gọi"})
    context.instant = NOW + timedelta(minutes=31)
    assert "Ghi chú vừa viết" not in client.get(BOARD).text
    client.post(f"{BOARD}/thu-hoi-ghi-chu", data={"ban": ""})
    assert "Không còn ghi chú nào để thu hồi" in client.get(BOARD).text
    assert acts(context, "note_withdraw") == []


@pytest.mark.parametrize(
    ("text", "fault"), [("  \n ", "chưa có nội dung"), ("x" * 2_001, "nhiều nhất là 2000")]
)
def test_a_note_that_will_not_do_is_asked_for_again_with_what_was_typed(
    free: Flask, context, text: str, fault: str
):
    answer = entered(free, "desk").post(NOTE, data={"chon": "1", "noi-dung": text})
    assert answer.status_code == 400
    assert fault in answer.text
    with context.store.read() as session:
        assert session.scalar(select(func.count()).select_from(DossierNote)) == 0


def test_picking_nothing_says_so(free: Flask):
    client = entered(free, "desk")
    for answer in (client.get(f"{BOARD}/xac-nhan?viec=ghi-chu"), client.post(NOTE, data={"noi-dung": "x"})):
        assert answer.location == BOARD
    assert "Chưa chọn hồ sơ nào" in client.get(BOARD).text
    assert client.get(f"{BOARD}/xac-nhan?viec=xoa&chon=1").status_code == 404


def test_dossiers_of_other_units_are_neither_noted_nor_named(free: Flask, context: StandingContext):
    client = entered(free, "desk")
    assert client.get(f"{BOARD}/xac-nhan?viec=ghi-chu&chon=2").status_code == 404
    assert client.get(f"{BOARD}/xac-nhan?viec=soan-thu&chon=2").status_code == 404
    assert client.post(NOTE, data={"chon": "2", "noi-dung": "x"}).status_code == 404
    assert OVERDUE_B not in client.get(f"{BOARD}/in?chon=2&chon=1").text
    with context.store.read() as session:
        assert notes.notes_of(session, 2) == []


def test_the_way_back_leads_nowhere_but_to_the_board(free: Flask):
    client = entered(free, "desk")
    for text in ("//vi-du.vn", "https://vi-du.vn/", "loc=%2F%2Fvi-du.vn&sau=//x"):
        assert client.post(NOTE, data={"ban": text}).location == BOARD
        page = client.get("/canh-bao/xac-nhan", query_string={"viec": "giao", "chon": "1", "ban": text}).text
        assert '<input type="hidden" name="ban" value="">' in page
        assert 'href="/ban-theo-doi#hs-1"' in page


# ---------------------------------------------------------------- taking on, letters


def test_taking_picked_dossiers_on_uses_the_acts_of_alerts_and_comes_back_to_the_board(free: Flask):
    client = entered(free, "desk")
    asked = client.get("/canh-bao/xac-nhan?viec=nhan-viec&chon=1&chon=3&ban=loc%3Dqua-han").text
    assert '<input type="hidden" name="ban" value="loc=qua-han">' in asked
    done = client.post(
        "/canh-bao/viec/nhan-viec", data={"chon": ["1", "3"], "hen-xong": "28/08/2026", "ban": "loc=qua-han"}
    )
    assert done.location == "/ban-theo-doi?loc=qua-han#hs-1"
    board = client.get(f"{BOARD}?cua-toi=1").text
    assert listed(board) == RUNNING[:2]
    assert "Tài khoản desk nhận, hẹn 28/08" in board


def test_letters_are_drafted_for_the_picked_dossiers_that_are_owed_one(free: Flask, context: StandingContext):
    with context.store.transaction() as session:
        session.add(
            Obligation(
                dossier_id=1,
                opened_at=NOW,
                state="owed",
                reason="late",
                kind="overdue",
                due_at=NOW,
                unit_id=BRANCH_A,
                steps=1,
            )
        )
    client = entered(free, "desk")
    asked = client.get(f"{BOARD}/xac-nhan?viec=soan-thu&chon=1&chon=3&chon=4").text
    assert "Soạn thư xin lỗi: 1/3 hồ sơ" in asked
    assert "1 hồ sơ chỉ quá hạn theo một ngày hẹn" in asked
    assert "1 hồ sơ không có nghĩa vụ xin lỗi" in asked
    answer = client.post(f"{BOARD}/soan-thu", data={"chon": ["1", "3", "4"]})
    assert answer.location.startswith("/cong-viec/")
    with context.store.read() as session:
        params = session.scalars(
            select(WorkItem.params).where(WorkItem.asked_by == "desk").order_by(WorkItem.id.desc())
        ).first()
    assert '"dossiers":[1]' in str(params)
    assert acts(context, "draft_letters_asked")[0].detail["dossiers"] == [1]
    nothing = client.post(f"{BOARD}/soan-thu", data={"chon": ["4"]})
    assert nothing.location == BOARD


# ---------------------------------------------------------------- paper and files


def test_the_print_list_says_whose_it_is_which_filters_when_and_how_many(
    free: Flask, context: StandingContext
):
    client = entered(free, "desk")
    client.post(NOTE, data={"chon": "1", "noi-dung": "Chờ thuế\n066099000417"})
    text = client.get(f"{BOARD}/in?loc=qua-han&kenh=counter").text
    for words in (
        "khu vực Thử Nghiệm Một",
        "Hồ sơ quá hạn · Kênh nộp: Trực tiếp",
        "24/08/2026 09:30 · 1 hồ sơ",
        NAME,
        "Chờ thuế\n[đã che]",
    ):
        assert words in text
    assert listed(text) == [OVERDUE_A]
    assert acts(context, "board_print")[0].detail["ids"] == [1]
    assert listed(client.get(f"{BOARD}/in?chon=3&chon=4&ban=loc%3Dqua-han").text) == [
        "T01-260803-0003",
        "T01-260803-0004",
    ]


def test_the_file_holds_exactly_the_list_or_what_was_picked_and_no_formula(
    free: Flask, context: StandingContext
):
    change(context, 1, officer_name="=HYPERLINK(1)")
    client = entered(free, "desk")
    client.post(NOTE, data={"chon": "1", "noi-dung": "=1+1"})
    answer = client.get(f"{BOARD}/tai-ve?loc=qua-han")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ban-theo-doi-20260824-0930.xlsx"
    sheet = load_workbook(BytesIO(answer.data)).active
    assert sheet
    title, _head, row, *rest = [row for row in sheet.iter_rows(values_only=True) if any(row)]
    assert title[0] == "Bàn theo dõi – Hồ sơ quá hạn – lúc 24/08/2026 09:30"
    assert row[1] == OVERDUE_A
    assert rest == []
    kinds = {
        cell.value: cell.data_type
        for line in sheet.iter_rows()
        for cell in line
        if isinstance(cell.value, str) and cell.value.startswith("=")
    }
    assert kinds == {"=HYPERLINK(1)": "s", "=1+1": "s"}
    picked = load_workbook(BytesIO(client.get(f"{BOARD}/tai-ve?chon=3&chon=2&ban=").data)).active
    assert picked
    assert [row[1] for row in picked.iter_rows(values_only=True) if row[1]][1:] == ["T01-260803-0003"]
    assert acts(context, "board_export")[0].detail == {"rows": 1}


def test_a_list_that_is_too_long_for_paper_says_so(free: Flask, context: StandingContext):
    add_overdue(context.store, PRINT_MOST)
    text = entered(free, "desk").get(f"{BOARD}/in").text
    assert "500 hồ sơ gấp nhất; danh sách còn dài hơn 500 hồ sơ" in text


def test_a_page_of_another_site_takes_no_file(as_role):
    answer = as_role("desk").get(f"{BOARD}/tai-ve", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_a_bulk_act_needs_the_token_of_its_form(app: Flask, context: StandingContext):
    client = app.test_client()
    log_in(client, "desk")
    assert client.post(NOTE, data={"chon": "1", "noi-dung": "x"}).status_code == 400
    page = f"{BOARD}/xac-nhan?viec=ghi-chu&chon=1"
    form = {"chon": "1", "noi-dung": "x", "csrf_token": token(client, page)}
    assert client.post(NOTE, data=form).status_code == 302


def test_a_letter_that_exists_stands_on_the_board_as_the_ledger_says(as_role, context: StandingContext):
    with context.store.transaction() as session:
        session.get_one(Obligation, 7).dossier_id = 4
        session.flush()
        session.get_one(Letter, 1).dossier_id = 4
    text = as_role("desk").get(f"{BOARD}?thu=drafted").text
    assert listed(text) == ["T01-260803-0004"]
    assert FINISHED_LATE not in text
