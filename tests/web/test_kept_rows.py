"""Rows that are drawn once of the same values: whatever they show, the next page shows it as it stands by then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from app import drawn
from tests.web.world import BRANCH_A, NAME, NOW, OVERDUE_A, StandingContext
from tracker.pipeline.search_keeping import refresh
from tracker.store import search_marks
from tracker.store.models import (
    AlertAck,
    Assignment,
    Dossier,
    DossierNote,
    Field,
    Obligation,
    Procedure,
    Suspension,
    Unit,
    User,
)
from tracker.store.session import Session

AsRole = Callable[[str], FlaskClient]
Change = Callable[[Session], object]
BOARD, SEARCH = "/ban-theo-doi", "/tim?q=T01-260803"
NEW = "Tên Mới Sửa Lúc Này"
TODAY = NOW.date()


def _row(html: str, code: str = OVERDUE_A) -> str:
    """The row of a dossier."""
    return next(row for row in html.split('<tr role="row">') if f">{code}</a>" in row).partition("</tr>")[0]


def _dossier(**values: object) -> Change:
    return lambda session: session.execute(update(Dossier).where(Dossier.id == 1).values(**values))


def _word() -> AlertAck:
    return AlertAck(id=91, dossier_id=1, promised_on=TODAY, by_account=1, at=NOW, note="")


def _duty(state: str) -> Obligation:
    return Obligation(
        dossier_id=1, opened_at=NOW, state=state, reason="source", kind="overdue", due_at=NOW, unit_id=BRANCH_A, steps=1
    )  # fmt: skip


def _note() -> DossierNote:
    return DossierNote(
        id=91, dossier_id=1, account_id=1, text="Đã gọi", written_at=NOW, withdrawn_at=None, withdrawn_by=""
    )


ON_BOTH: dict[str, tuple[Change, str]] = {
    "name": (_dossier(applicant_name=NEW), NEW),
    "due": (_dossier(source_due_at=NOW - timedelta(days=6)), "18/08/2026"),
    "days late": (_dossier(source_due_at=NOW - timedelta(days=10)), "quá 7 ngày làm việc"),
    "state": (_dossier(source_due_at=NOW + timedelta(days=30)), "Trong hạn"),
    "procedure": (lambda session: session.execute(update(Procedure).values(name=NEW)), NEW),
    "unit": (lambda session: session.execute(update(Unit).where(Unit.id == BRANCH_A).values(name=NEW)), NEW),
}
ON_BOARD: dict[str, tuple[Change, str]] = {
    "officer": (_dossier(officer_name=NEW), NEW),
    "status in words": (_dossier(status_text="Đang trình ký"), "Đang trình ký"),
    "note": (lambda session: session.add(_note()), "ghi chú"),
    "taken on": (lambda session: session.add(_word()), f"nhận, hẹn {TODAY:%d/%m}"),
    "given": (
        lambda session: session.add(Assignment(id=91, dossier_id=1, account_id=2, by_account=1, at=NOW, note="")),
        "giao Tài khoản head",
    ),
    "letter": (lambda session: session.add(_duty("owed")), "Phải gửi"),
}  # fmt: skip


@contextmanager
def changed(context: StandingContext) -> Iterator[Session]:
    with context.store.transaction() as session:
        yield session


@pytest.mark.parametrize("what", ON_BOTH)
@pytest.mark.parametrize("address", [BOARD, SEARCH])
def test_what_a_row_shows_changes_at_once(context: StandingContext, as_role: AsRole, address: str, what: str):
    change, told = ON_BOTH[what]
    _is_told_at_once(context, as_role("desk"), address, change, told)


@pytest.mark.parametrize("what", ON_BOARD)
def test_what_a_row_of_the_board_shows_changes_at_once(context: StandingContext, as_role: AsRole, what: str):
    change, told = ON_BOARD[what]
    _is_told_at_once(context, as_role("desk"), BOARD, change, told)


def _is_told_at_once(
    context: StandingContext, client: FlaskClient, address: str, change: Change, told: str
) -> None:
    before = [_row(client.get(address).text) for _twice in range(2)]
    assert before[0] == before[1]
    assert told not in before[0]
    with changed(context) as session:
        change(session)
    assert told in _row(client.get(address).text)


def test_what_is_taken_back_is_gone_at_once(context: StandingContext, as_role: AsRole):
    desk = as_role("desk")
    before = _row(desk.get(BOARD).text)
    with changed(context) as session:
        session.add_all([_note(), _word()])
    assert _row(desk.get(BOARD).text) != before
    with changed(context) as session:
        session.execute(delete(DossierNote))
        session.execute(delete(AlertAck).where(AlertAck.id == 91))
    assert _row(desk.get(BOARD).text) == before


def test_a_renamed_account_is_named_anew(context: StandingContext, as_role: AsRole):
    desk = as_role("desk")
    with changed(context) as session:
        session.add(_word())
    desk.get(BOARD)
    with changed(context) as session:
        session.execute(update(User).where(User.id == 1).values(full_name=NEW))
    assert NEW in _row(desk.get(BOARD).text)


def test_a_suspension_that_is_told_anew_is_judged_anew(context: StandingContext, as_role: AsRole):
    desk = as_role("desk")
    assert "Tạm dừng" not in _row(desk.get(SEARCH).text)
    with changed(context) as session:
        begun = NOW - timedelta(days=12)
        values = {
            "dossier_id": 1,
            "seq": 1,
            "start_at": begun,
            "end_at": None,
            "kind": "pause",
            "batch_id": 1,
        }
        session.add(Suspension(**values, known_from=NOW))
    assert "Tạm dừng" in _row(desk.get(SEARCH).text)


def test_who_reads_no_names_sees_none_that_was_drawn_for_another(context: StandingContext, as_role: AsRole):
    with changed(context) as session:
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)
    assert NAME in as_role("desk").get(SEARCH).text
    for role in ("reform", "auditor"):
        told = as_role(role).get(SEARCH).text
        assert NAME not in told
        assert "N. T. B. N." in _row(told)


def test_rows_come_in_the_language_of_the_reader(as_role: AsRole):
    desk = as_role("desk")
    for address in (BOARD, SEARCH):
        assert "hẹn" in _row(desk.get(address).text)
        desk.set_cookie("dunghen-language", "en")
        english = _row(desk.get(address).text)
        assert "hẹn" not in english
        assert "Overdue" in english
        desk.delete_cookie("dunghen-language")
        assert "hẹn" in _row(desk.get(address).text)


def test_filters_offer_units_and_fields_as_they_are_called_now(context: StandingContext, as_role: AsRole):
    desk = as_role("desk")
    desk.get(BOARD)
    with changed(context) as session:
        session.execute(update(Field).values(name=NEW))
    assert f">{NEW}</option>" in desk.get(BOARD).text


def test_counts_and_the_letters_owed_change_at_once(context: StandingContext, as_role: AsRole):
    desk = as_role("desk")
    tiles = [desk.get(BOARD).text.partition('<nav class="tiles"')[2].partition("</nav>")[0] for _ in range(2)]
    assert tiles[0] == tiles[1]
    with changed(context) as session:
        session.add(_duty("owed"))
        session.execute(update(Dossier).where(Dossier.id == 3).values(source_due_at=NOW - timedelta(days=5)))
    after = desk.get(BOARD).text.partition('<nav class="tiles"')[2].partition("</nav>")[0]
    assert "<b>2</b>" in after.partition("Quá hạn</span>")[2][:20]
    assert "<b>1</b>" in tiles[0].partition("Thư phải gửi</span>")[2][:20]
    assert "<b>2</b>" in after.partition("Thư phải gửi</span>")[2][:20]


def test_the_memory_keeps_what_was_seen_last_and_no_more(as_role: AsRole):
    kept, made = drawn.Drawn(most=2), list[str]()

    def macro(text: str) -> str:
        made.append(text)
        return f"<b>{text}</b>"

    with as_role("desk").application.test_request_context("/"):
        assert kept.each("x", macro, [("a",), ("b",)]) == "<b>a</b>\n<b>b</b>"
        assert kept.of("x", macro, "a") == "<b>a</b>"
        assert made == ["a", "b"]
        kept.of("x", macro, "c")  # b makes room
        kept.each("x", macro, [("a",), ("b",)])
        assert made == ["a", "b", "c", "b"]
        assert kept.of("another", macro, "a") == "<b>a</b>"
        assert made[-1] == "a"
