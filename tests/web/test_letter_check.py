"""What anybody may know of a letter: its code tells whether it is genuine and nothing of a person; the list likewise."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import update

from app.access import CHECKS
from app.check_page import ends_of, read_code
from app.web import create_app
from letters.check_mark import picture
from letters.content import CHECK_PAGE
from tests.web.browsing import Visit
from tests.web.conftest import Client
from tests.web.server import serving
from tests.web.test_browser_axe import _objections
from tests.web.world import BRANCH_A, BRANCH_B, NAME, OVERDUE_A, PHONE, STRANGE, StandingContext, at
from tracker.store import audit
from tracker.store.models import Dossier, Letter, Obligation, Procedure, ProcedureLimit, Unit

pytest_plugins = ("tests.web.browsing",)

ADDRESS = "https://xin-loi.vi-du.gov.vn"
NUMBER, LIST = "15/PXL-THU", "/cong-khai-xin-loi"
STATES = ("drafted", "approved", "signed", "numbered", "delivered", "void")
CODES = {state: f"7KQ2-M9XD-4TR{'ABCDEF'[place]}" for place, state in enumerate(STATES)}
NOWHERE = "2222-3333-4444"


def letter(number: int, state: str, **given: Any) -> Letter:
    issued = state in ("numbered", "delivered", "void")
    usual: dict[str, Any] = {
        "id": number, "dossier_id": 1, "seq": number, "kind": "overdue", "form": "2018", "state": state,
        "unit_id": BRANCH_A, "as_of": at(21), "due_at": at(20), "new_due_at": at(27), "reason": f"{NAME} {PHONE}",
        "short_code": CODES.get(state, f"code-{number}"), "file": f"letters/{NAME}.docx",
        "number": NUMBER if issued else None, "issued_on": date(2026, 8, 21) if issued else None,
        "promise": "open" if state == "delivered" else "",
    }  # fmt: skip
    return Letter(**{**usual, **given})


@pytest.fixture
def office(context: StandingContext) -> StandingContext:
    """An office that shows its letters; every text that could name somebody does."""
    own = replace(context.config.letters, has_public_list=True, check_address=ADDRESS)
    context.config = replace(context.config, letters=own)  # type: ignore[misc]
    with context.store.transaction() as session:
        session.add_all(letter(100 + place, state) for place, state in enumerate(STATES))
        session.execute(update(Dossier).values(late_reason=NAME, note=NAME, limit_text=NAME))
        session.execute(update(Procedure).where(Procedure.id == 900_000).values(name=f"Cấp đất cho {NAME}"))
        session.execute(update(Unit).where(Unit.id == STRANGE).values(name=f"Hộ {NAME}"))
    return context


@pytest.fixture
def ask(office: StandingContext) -> Callable[[str], Any]:
    """Opens an address as anybody does."""
    app = create_app(office, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app.test_client().get


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("7KQ2-M9XD-4TRA", "7KQ2-M9XD-4TRA"),
        ("  7kq2 m9xd\u00a04tra ", "7KQ2-M9XD-4TRA"),
        ("7kq2m9xd4tra", "7KQ2-M9XD-4TRA"),
        ("7KQ2–M9XD—4TRA.", "7KQ2-M9XD-4TRA"),
        ("7KQ2-M9XD-4TR", ""),
        ("7KQ2-M9XD-4TRAA", ""),
        ("7KQ2-M9XD-4TR%", ""),
        ("7KQ2-M9XD-4TR_", ""),
        ("7KQ2-M9XD-4TR0", ""),
        ("", ""),
    ],
)
def test_a_code_is_read_however_it_is_spaced_and_only_in_full(typed: str, code: str):
    assert read_code(typed) == code


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("T01-260803-0001", "T01•••001"),
        ("000.00.18.H15-220524-0012", "000.00•••4-0012"),
        ("12345678", "12•••78"),
        ("123", "1•••3"),
        ("12", "•••"),
        ("", "•••"),
    ],
)
def test_of_a_dossiers_code_only_the_ends_are_shown_and_half_is_hidden(code: str, shown: str):
    assert ends_of(code) == shown


def test_the_address_in_the_code_to_scan_is_that_of_the_page(app: Flask):
    assert CHECK_PAGE in {rule.rule for rule in app.url_map.iter_rules()}
    assert picture(f"{ADDRESS}{CHECK_PAGE}?ma={CODES['delivered']}")


@pytest.mark.parametrize(
    ("state", "title", "told"),
    [
        ("drafted", "Thư này chưa phát hành", False),
        ("approved", "Thư này chưa phát hành", False),
        ("signed", "Thư này chưa phát hành", False),
        ("numbered", "Thư này do Chi nhánh", True),
        ("delivered", "Thư này do Chi nhánh", True),
        ("void", "Thư này đã hủy", False),
    ],
)
def test_a_code_tells_of_an_issued_letter_and_of_any_other_only_that_it_is_none(
    ask: Callable[[str], Any], state: str, title: str, told: bool
):
    page = ask(f"{CHECK_PAGE}?ma={CODES[state].lower().replace('-', ' ')}").text
    assert title in page
    for fact in (NUMBER, "21/08/2026", "27/08/2026", ends_of(OVERDUE_A), "Xin lỗi và hẹn lại"):
        assert (fact in page) is told


def test_what_became_of_the_new_date_is_told(ask: Callable[[str], Any], office: StandingContext):
    assert "Chưa đến hẹn" in ask(f"{CHECK_PAGE}?ma={CODES['delivered']}").text
    with office.store.transaction() as session:
        session.execute(update(Letter).where(Letter.state == "delivered").values(promise="broken"))
    assert "Lỡ hẹn" in ask(f"{CHECK_PAGE}?ma={CODES['delivered']}").text


def test_a_code_that_no_letter_bears_and_one_that_is_none_are_answered_alike(ask: Callable[[str], Any]):
    for typed in (NOWHERE, "7KQ2", "%", "' OR 1=1 --", "<script>alert(1)</script>", "7" * 5000):
        answer = ask(f"{CHECK_PAGE}?ma={typed}")
        assert answer.status_code == 200
        assert "Không tìm thấy" in answer.text
        assert "bộ phận Một cửa" in answer.text
        assert "<script>alert" not in answer.text


def test_nobody_is_named_to_anybody(ask: Callable[[str], Any], office: StandingContext):
    with office.store.transaction() as session:
        session.add(Obligation(dossier_id=1, opened_at=at(21), state="owed", reason="late", note=NAME))
        session.add(letter(200, "delivered", unit_id=STRANGE, short_code="y"))
    pages = [ask(f"{CHECK_PAGE}?ma={code}").text for code in CODES.values()] + [ask(LIST).text]
    assert NUMBER in pages[STATES.index("delivered")]
    for page in pages:
        assert OVERDUE_A not in page
        for part in (NAME, *NAME.split()[1:], PHONE, PHONE[-4:], "Thôn Thử", "Trần Văn Thử", "AB12CD"):
            assert part not in page


def test_asking_needs_no_cookie_leaves_none_and_no_entry(ask: Callable[[str], Any], office: StandingContext):
    with office.store.read() as session:
        before = len(audit.recent_acts(session, 1000))
    for address in (CHECK_PAGE, f"{CHECK_PAGE}?ma={CODES['delivered']}", LIST):
        answer = ask(address)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    with office.store.read() as session:
        assert len(audit.recent_acts(session, 1000)) == before


def test_one_address_guesses_only_so_many_codes_a_minute_and_the_empty_form_costs_nothing(
    office: StandingContext,
):
    client = create_app(office).test_client()
    guesses = [client.get(f"{CHECK_PAGE}?ma={NOWHERE}").status_code for _ in range(CHECKS.count + 1)]
    assert guesses == [200] * CHECKS.count + [429]
    assert client.head(f"{CHECK_PAGE}?ma={NOWHERE}").status_code == 429
    assert client.get(CHECK_PAGE).status_code == 200
    other = client.get(f"{CHECK_PAGE}?ma={NOWHERE}", environ_overrides={"REMOTE_ADDR": "198.51.100.7"})
    assert other.status_code == 200


# ---------------------------------------------------------------- the list


def test_the_public_list_is_there_only_when_the_office_decided_so(app: Flask):
    assert app.test_client().get(LIST).status_code == 404
    assert LIST not in app.test_client().get(CHECK_PAGE).text


def test_the_list_holds_issued_letters_only(ask: Callable[[str], Any]):
    page = ask(LIST).text
    assert "<b>2</b> thư" in page
    assert page.count(ends_of(OVERDUE_A)) == 2
    assert "3 ngày làm việc" in page  # Friday, the make-up Saturday of 22/08, Monday
    assert "đến nay chưa xong" in page


def test_a_procedure_is_named_as_the_catalogue_names_it_and_only_then(
    ask: Callable[[str], Any], office: StandingContext
):
    assert "Thủ tục chưa có trong danh mục" in ask(LIST).text
    with office.store.transaction() as session:
        session.execute(update(Procedure).where(Procedure.id == 900_000).values(name="Cấp giấy thử"))
        session.add(
            ProcedureLimit(
                id=900_000, procedure_id=900_000, limit_text="5 ngày", day_kind="workday", source="QĐ 1",
                valid_from=date(2020, 1, 1), valid_to=None,
            )
        )  # fmt: skip
    assert "Cấp giấy thử" in ask(LIST).text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        (f"don-vi={BRANCH_A}", 2),
        (f"don-vi={BRANCH_B}", 1),
        ("quy=2026-Q3", 2),
        ("quy=2025-Q4", 1),
        (f"quy=2025-Q4&don-vi={BRANCH_A}", 0),
        ("don-vi=900000", 3),
        ("quy=2026-Q9&don-vi=x", 3),
    ],
)
def test_the_list_is_filtered_by_unit_and_quarter_of_the_letter(
    ask: Callable[[str], Any], office: StandingContext, query: str, count: int
):
    with office.store.transaction() as session:
        session.add(letter(300, "delivered", unit_id=BRANCH_B, short_code="x", issued_on=date(2025, 12, 31)))
    assert f"<b>{count}</b> thư" in ask(f"{LIST}?{query}").text


def test_fifty_stand_on_a_page_the_newest_first(ask: Callable[[str], Any], office: StandingContext):
    with office.store.transaction() as session:
        session.add_all(
            letter(400 + n, "delivered", short_code=f"n{n}", issued_on=date(2026, 7, 1)) for n in range(60)
        )
    first, second = ask(LIST).text, ask(f"{LIST}?trang=2").text
    assert (first.count('class="cell-main"'), second.count('class="cell-main"')) == (50, 12)
    assert first.index("21/08/2026") < first.index("01/07/2026")
    assert "Trang 2/2" in second


@pytest.fixture
def anybody(office: StandingContext, browser: Browser) -> Iterator[Visit]:
    """A browser at the pages of the office that shows its letters."""
    with serving(create_app(office, RATELIMIT_ENABLED=False)) as address:
        visit = Visit(browser, address)
        yield visit
        visit.close()


@pytest.mark.browser
def test_axe_objects_to_neither_page_without_log_in(anybody: Visit):
    page = anybody.page(bypass_csp=True, reduced_motion="reduce")
    paths = [CHECK_PAGE, LIST, *(f"{CHECK_PAGE}?ma={code}" for code in (*CODES.values(), NOWHERE))]
    assert [each for path in paths for each in _objections(anybody, page, path)] == []
    assert anybody.complaints == []
