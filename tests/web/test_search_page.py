"""Looking for a dossier: by code, name and telephone, each role as far as it may, logged without what was typed."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from app.access import SEARCHES
from app.web import create_app
from tests.web.conftest import log_in
from tests.web.world import (
    BRANCH_B,
    CODELESS,
    FINISHED_LATE,
    NAME,
    OFFICE,
    OVERDUE_A,
    OVERDUE_B,
    PHONE,
    StandingContext,
)
from tracker.pipeline.search_keeping import refresh
from tracker.store import audit, search_marks
from tracker.store.models import Dossier
from tracker.store.models.people import User

AsRole = Callable[[str], FlaskClient]
WITHOUT_NAMES = ("auditor", "reform")


@pytest.fixture(autouse=True)
def keys(context: StandingContext) -> None:
    """The keys of the world's dossiers, as a worker makes them."""
    with context.store.transaction() as session:
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)


def acts(context: StandingContext) -> list[audit.Act]:
    with context.store.read() as session:
        return [act for act in audit.recent_acts(session, 50) if act.action == "search"]


@pytest.mark.parametrize(
    "typed", ["bích ngọc", "NGỌC", "ngoc", "nguyen thi bich", NAME, "0912", "5678", PHONE, "+84912345678"]
)
def test_a_desk_finds_its_own_dossiers_by_name_and_telephone(as_role: AsRole, typed: str):
    text = as_role("desk").get("/tim", query_string={"q": typed}).text
    assert OVERDUE_A in text
    assert OVERDUE_B not in text  # of the other branch
    assert "9 hồ sơ khớp" in text


def test_open_dossiers_come_first_then_the_newest(as_role: AsRole):
    text = as_role("desk").get("/tim?q=ngoc").text
    places = [text.index(f">{code}</a>") for code in (OVERDUE_A, "T01-260601-0008")]
    assert places == sorted(places)
    assert text.index(f">{CODELESS}</a>") > places[0]


def test_each_hit_says_where_it_stands_and_when_it_is_due(as_role: AsRole):
    text = as_role("desk").get("/tim?q=ngoc").text
    for words in (
        "Quá hạn",
        "quá 3 ngày làm việc",
        "Tạm dừng",
        "Chờ tiếp nhận",
        "Đã giải quyết quá hạn",
        "Từ chối tiếp nhận",
    ):
        assert words in text
    assert "20/08/2026 17:00</time>" in text


def test_what_a_hit_says_is_what_the_page_of_the_dossier_says(as_role: AsRole):
    client = as_role("desk")
    told = client.get("/tim/goi-y?q=T01-26").json["hits"]
    assert len(told) == 8
    for hit in told:
        page = client.get(hit["address"]).text
        assert f"<span>{hit['state']}</span>" in page
        assert hit["left"] in page


@pytest.mark.parametrize("typed", [OVERDUE_A, OVERDUE_A.lower(), " t01-260803-0001 ", "60803-0001"])
def test_a_code_found_once_opens_the_dossier(as_role: AsRole, typed: str):
    answer = as_role("desk").get("/tim", query_string={"q": typed})
    assert answer.location == f"/ho-so/{OVERDUE_A}"


@pytest.mark.parametrize(
    "scanned",
    [
        f"https://vi-du.vn/tracuu?maHoSo={OVERDUE_A}",
        f"Mã hồ sơ: {OVERDUE_A}\nHọ tên: {NAME}",
        f"{NAME}|{OVERDUE_A}|03/08/2026",
        "T01–260803–0001",
    ],
)
def test_what_a_scanner_reads_opens_the_dossier(as_role: AsRole, scanned: str):
    answer = as_role("desk").get("/tim", query_string={"q": scanned})
    assert answer.location == f"/ho-so/{OVERDUE_A}"


def test_a_name_found_once_is_listed_and_not_opened(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        session.get_one(Dossier, 1).applicant_name = "Đặng Văn Đức"
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)
    answer = as_role("desk").get("/tim?q=dang van duc")
    assert answer.status_code == 200
    assert "1 hồ sơ khớp" in answer.text
    assert "Đặng Văn Đức" in answer.text


@pytest.mark.parametrize("role", WITHOUT_NAMES)
@pytest.mark.parametrize("typed", ["bích ngọc", NAME, PHONE, "0912"])
def test_who_reads_no_names_finds_nobody_by_name_or_telephone(as_role: AsRole, role: str, typed: str):
    client = as_role(role)
    text = client.get("/tim", query_string={"q": typed}).text
    assert "Không thấy hồ sơ nào" in text
    assert "Vai trò của bạn chỉ tìm được theo mã hồ sơ" in text
    assert client.get("/tim/goi-y", query_string={"q": typed}).json == {"hits": [], "more": False}


@pytest.mark.parametrize("role", WITHOUT_NAMES)
def test_who_reads_no_names_finds_by_code_and_reads_initials(as_role: AsRole, role: str):
    client = as_role(role)
    text = client.get("/tim?q=T01-2608").text
    assert OVERDUE_A in text
    assert OVERDUE_B in text
    assert "N. T. B. N." in text
    assert NAME not in text
    hits = client.get("/tim/goi-y?q=T01-2608").json["hits"]
    assert {hit["applicant"] for hit in hits} == {"N. T. B. N."}


def test_a_key_that_is_behind_shows_no_dossier_of_another_unit(as_role: AsRole, context: StandingContext):
    """The dossier has gone to the other branch since its keys were made."""
    with context.store.transaction() as session:
        session.get_one(Dossier, 1).resolving_unit_id = BRANCH_B
        session.get_one(Dossier, 3).applicant_name = "Người Khác"
    text = as_role("desk").get("/tim?q=ngoc").text
    assert OVERDUE_A not in text
    assert "T01-260803-0003" not in text
    assert "7 hồ sơ khớp" in text


def test_what_cannot_be_found_by_name_yet_is_said(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        search_marks.mark_all(session)
    assert "10 hồ sơ vừa nạp" in as_role("desk").get("/tim?q=ngoc").text
    assert "vừa nạp" not in as_role("auditor").get("/tim?q=T01").text


def test_more_than_the_list_holds_is_said_honestly(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        model = session.get_one(Dossier, 1)
        values = {column.name: getattr(model, column.name) for column in Dossier.__table__.columns}
        session.add_all(
            Dossier(**{**values, "id": number, "code": f"T02-260803-{number:04}"})
            for number in range(100, 145)
        )
        search_marks.mark_all(session)
    refresh(context.store, context.data_dir)
    text = as_role("desk").get("/tim?q=ngoc").text
    assert "Có hơn 50 hồ sơ khớp" in text
    assert text.count('class="code"') == 50
    assert FINISHED_LATE not in text  # it is not open


def test_a_search_is_logged_by_kind_and_hits_and_never_by_what_was_typed(
    as_role: AsRole, context: StandingContext
):
    client = as_role("desk")
    for typed in ("Bích Ngọc", PHONE, "T01-2608", "không ai cả"):
        client.get("/tim", query_string={"q": typed})
    told = acts(context)[::-1]
    assert [(act.detail["kind"], act.detail["hits"]) for act in told] == [
        ("name", 9), ("number", 9), ("code", 6), ("name", 0),
    ]  # fmt: skip
    assert sorted(told[0].detail["ids"]) == [1, 3, 4, 5, 6, 7, 8, 9, 10]
    logged = str([(act.subject, act.detail) for act in told]).lower()
    for word in ("bích", "ngọc", "ngoc", PHONE, "không ai", "T01"):
        assert word.lower() not in logged


def test_suggestions_are_logged_where_they_show_somebody(as_role: AsRole, context: StandingContext):
    client = as_role("desk")
    client.get("/tim/goi-y?q=ng")
    client.get("/tim/goi-y?q=zzzz")
    assert acts(context) == []
    assert len(client.get("/tim/goi-y?q=ngo").json["hits"]) == 8
    (act,) = acts(context)
    assert (act.subject, act.detail["hits"], act.detail["more"]) == ("suggestions", 8, True)


def test_suggestions_are_for_our_own_pages_alone(as_role: AsRole):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert as_role("desk").get("/tim/goi-y?q=ngoc", headers=headers).status_code == 403


@pytest.mark.parametrize("typed", ["", "   ", "%", "'", "\x00", "a" * 500, "\ud83d", "+", "😀", "https://["])
def test_whatever_is_typed_is_answered(as_role: AsRole, typed: str):
    client = as_role("desk")
    for address in ("/tim", "/tim/goi-y"):
        safe = typed.encode("utf-8", "surrogatepass")
        assert client.get(address, query_string={"q": safe}).status_code == 200


def test_the_camera_may_be_asked_for_on_the_page_of_the_search_alone(as_role: AsRole):
    client = as_role("desk")
    assert "camera=(self)" in client.get("/tim").headers["Permissions-Policy"]
    assert "camera=()" in client.get("/tai-khoan").headers["Permissions-Policy"]


def test_the_box_says_what_each_role_may_look_for(as_role: AsRole):
    assert "Mã hồ sơ, tên, điện thoại" in as_role("desk").get("/tai-khoan").text
    assert 'placeholder="Tìm mã hồ sơ"' in as_role("auditor").get("/tai-khoan").text


@pytest.mark.parametrize(("unit_id", "count"), [(OFFICE, 10), (None, 10), (BRANCH_B, 1)])
def test_everybody_finds_what_lies_in_their_units(
    as_role: AsRole, context: StandingContext, unit_id: int | None, count: int
):
    with context.store.transaction() as session:
        session.execute(update(User).where(User.login == "desk").values(unit_id=unit_id))
    text = as_role("desk").get("/tim?q=ngoc").text
    assert f"{count} hồ sơ khớp" in text
    assert (OVERDUE_A in text) == (count == 10)
    assert OVERDUE_B in text


@pytest.mark.parametrize("address", ["/tim?q=z", "/tim/goi-y?q=z"])
def test_a_search_is_no_way_to_read_names_through(context: StandingContext, address: str):
    client = create_app(context).test_client()
    log_in(client, "desk")
    statuses = [client.get(address).status_code for _ in range(SEARCHES.count + 1)]
    assert statuses == [*[200] * SEARCHES.count, 429]
