"""Pages of a dossier, its sheet and its letters keep limits, fields, names and extra days in memory; what is changed they tell at once."""

from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, update

from tests.web.world import BRANCH_A, NOW, OVERDUE_A, StandingContext
from tracker.store.calendar_moves import MARK
from tracker.store.models import (
    Dossier,
    Field,
    LetterNotice,
    LetterStep,
    LimitExtra,
    Procedure,
    ProcedureLimit,
    Unit,
)

AsRole = Callable[[str], FlaskClient]
ADDRESS = f"/ho-so/{OVERDUE_A}"
LIMIT = {
    "id": 990_000, "procedure_id": 900_000, "channel": "", "limit_text": "5 ngày làm việc", "day_kind": "",
    "valid_from": date(2026, 1, 1), "valid_to": None, "case_name": "", "statutory_text": "", "source": "QĐ 12/QĐ-UBND",
}  # fmt: skip
EXTRA = {
    "id": 990_000, "procedure_id": 900_000, "field_id": None, "commune_class": "khu vực III", "extra_text": "2 ngày làm việc",
    "day_kind": "", "valid_from": date(2026, 1, 1), "valid_to": None, "source": "QĐ 13/QĐ-UBND",
}  # fmt: skip


def change(context: StandingContext, *statements: object) -> None:
    """Committed by somebody else than whoever looks."""
    with context.store.transaction() as session:
        for statement in statements:
            session.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
def limitless(context: StandingContext) -> StandingContext:
    """The world with a dossier whose limit only the catalogue tells."""
    change(context, update(Dossier).where(Dossier.id == 1).values(limit_text="", documented_due_at=None))
    return context


def test_a_limit_that_is_published_changed_or_taken_away_is_told_at_once(
    as_role: AsRole, limitless: StandingContext
):
    client = as_role("desk")
    assert "5 ngày làm việc" not in client.get(ADDRESS).text
    change(limitless, insert(ProcedureLimit).values(LIMIT))
    text = client.get(ADDRESS).text
    assert "5 ngày làm việc" in text
    assert "10/08/2026" in text  # five working days from the 3rd
    change(
        limitless,
        update(ProcedureLimit).where(ProcedureLimit.id == 990_000).values(limit_text="7 ngày làm việc"),
    )
    text = client.get(ADDRESS).text
    assert "5 ngày làm việc" not in text
    assert "12/08/2026" in text
    change(limitless, delete(ProcedureLimit).where(ProcedureLimit.id == 990_000))
    assert "7 ngày làm việc" not in client.get(ADDRESS).text


def test_extra_days_and_the_class_of_a_commune_count_at_once(as_role: AsRole, limitless: StandingContext):
    client = as_role("desk")
    change(limitless, insert(ProcedureLimit).values(LIMIT))
    assert "10/08/2026" in client.get(ADDRESS).text
    change(limitless, insert(LimitExtra).values(EXTRA))
    assert "12/08/2026" not in client.get(ADDRESS).text  # no commune has a class
    change(limitless, update(Unit).where(Unit.id == BRANCH_A).values(commune_class="khu vực III"))
    assert "12/08/2026" in client.get(ADDRESS).text
    change(limitless, update(LimitExtra).where(LimitExtra.id == 990_000).values(extra_text="3 ngày làm việc"))
    assert "13/08/2026" in client.get(ADDRESS).text


def test_names_of_units_and_fields_are_those_of_now(as_role: AsRole, context: StandingContext):
    client = as_role("desk")
    client.get(ADDRESS)
    change(
        context, update(Unit).where(Unit.id == BRANCH_A).values(name="Chi nhánh Đổi Tên"),
        update(Field).where(Field.id == 900_000).values(name="Đất đai đổi tên"),
    )  # fmt: skip
    text = client.get(ADDRESS).text
    assert text.count("Chi nhánh Đổi Tên") >= 3  # it resolves, receives, and is the reader's own
    assert "Đất đai đổi tên" in text


def test_sheets_and_letters_bear_the_names_of_now(as_role: AsRole, context: StandingContext):
    client = as_role("desk")
    sheet, letter = f"{ADDRESS}/phieu-tinh-han", "/thu-xin-loi/1"
    for address in (sheet, letter):
        assert "Thủ tục đổi tên" not in client.get(address).text
        assert "CHI NHÁNH ĐỔI TÊN" not in client.get(address).text.upper()
    change(
        context,
        update(Unit).where(Unit.id == BRANCH_A).values(name="Chi nhánh Đổi Tên"),
        update(Procedure).where(Procedure.id == 900_000).values(name="Thủ tục đổi tên"),
    )
    for address in (sheet, letter):
        text = client.get(address).text
        assert "Thủ tục đổi tên" in text
        assert "CHI NHÁNH ĐỔI TÊN" in text.upper()


def test_a_letter_tells_what_happened_to_it_and_to_its_date_since(as_role: AsRole, context: StandingContext):
    client = as_role("desk")
    before = client.get("/thu-xin-loi/1").text
    assert "Lịch làm việc đã đổi sau khi soạn" not in before
    marks = [
        {"letter_id": 1, "seq": number, "step": MARK, "at": NOW, "actor": "reform", "note": note}
        for number, note in ((2, "7"), (3, "8"))
    ]
    notice = {
        "id": 990_000, "letter_id": 1, "purpose": "notice", "channel": "call", "at": NOW, "actor": "desk",
        "person": "Người Nghe Máy", "note": "", "message_id": None,
    }  # fmt: skip
    change(context, insert(LetterStep).values(marks), insert(LetterNotice).values(notice))
    text = client.get("/thu-xin-loi/1").text
    assert "thay đổi số 8" in text
    assert "Người Nghe Máy" in text
