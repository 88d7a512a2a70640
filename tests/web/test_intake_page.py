"""The intake page: counts by channel with their fractions, the list by scope and role, filters in the address, export."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.web.browsing import add_overdue
from tests.web.world import BRANCH_A, BRANCH_B, NAME, NOW, StandingContext, at
from tracker.store import audit
from tracker.store.models import Dossier, Event

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

FILED = {
    "source_due_at": None,
    "promised_at": None,
    "documented_due_at": None,
    "channel": "online",
    "status": "filed",
}
WAITING, OVERDUE, LATE, REFUSED, VANISHED = range(1, 6)


def code(number: int) -> str:
    return f"T01-260805-{number:04}"


@pytest.fixture
def filed(context: StandingContext) -> StandingContext:
    """Beside the world's own: one overdue at intake, accepted late, refused without reason, vanished; one of branch B."""
    with context.store.transaction() as session:

        def put(number: int, unit: int = BRANCH_A, **given) -> None:
            first = session.get_one(Dossier, 9)
            columns = {c.key: getattr(first, c.key) for c in Dossier.__table__.columns}
            own = {
                "id": 100 + number,
                "code": code(number),
                "row_no": 100 + number,
                "receiving_unit_id": unit,
            }
            session.add(Dossier(**{**columns, **FILED, **own, "resolving_unit_id": unit, **given}))

        put(OVERDUE, filed_at=at(18, 9))
        put(LATE, filed_at=at(18, 9), received_at=at(20, 9), status="processing")
        refused = {
            "status": "refused",
            "refused_at": at(18, 10),
            "ended_at": at(18, 10),
            "end_kind": "not_accepted",
        }
        put(REFUSED, filed_at=at(18, 9), **refused)
        put(VANISHED, filed_at=at(18, 9), channel="postal")
        put(6, BRANCH_B, filed_at=at(18, 9))
        put(7, filed_at=at(21, 9), received_at=at(21, 10), status="processing")
        session.flush()
        session.add(
            Event(dossier_id=100 + VANISHED, seq=0, at=at(20, 7), kind="vanished", text="", batch_id=1)
        )
    return context


def test_the_page_lists_what_waits_or_was_late_undecided_and_longest_first(filed, as_role):
    text = as_role("desk").get("/tiep-nhan").text
    places = [text.find(code(number)) for number in (OVERDUE, LATE, VANISHED, REFUSED)]
    assert -1 not in places
    assert places == sorted(places)
    assert places[0] < text.find("T01-260823-0009") < places[1]
    assert code(7) not in text


def test_each_channel_has_its_rate_with_its_fraction(filed, as_role):
    text = as_role("desk").get("/tiep-nhan").text
    assert "25,00\u00a0% (1/4)" in text
    assert "0,00\u00a0% (0/1)" in text
    assert "chưa đối chiếu văn bản" in text


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("?kenh=postal", {VANISHED}),
        ("?ket-qua=accepted_late", {LATE}),
        ("?ket-qua=accepted_in_time", {7}),
        ("?tu=20/08/2026", {OVERDUE, LATE, VANISHED}),
        ("?ngay=19/08/2026", {OVERDUE, LATE, REFUSED, VANISHED}),
        ("?ngay=17/08/2026", set()),
        (f"?don-vi={BRANCH_A}&ket-qua=refused_without_reason", {REFUSED}),
    ],
)
def test_the_address_holds_the_filters(filed, as_role, address, shown):
    text = as_role("desk").get(f"/tiep-nhan{address}").text
    assert {number for number in range(1, 8) if code(number) in text} == shown


def test_what_cannot_be_used_is_told_and_left_out(filed, as_role):
    answer = as_role("desk").get("/tiep-nhan?tu=31/02/2026&kenh=bo-cau&ket-qua=x&don-vi=-1")
    assert answer.status_code == 200
    assert "không phải là ngày" in answer.text
    assert code(OVERDUE) in answer.text


def test_a_unit_sees_its_own_intake_alone(filed, as_role):
    client = as_role("desk")
    assert code(6) not in client.get("/tiep-nhan").text
    assert client.get(f"/tiep-nhan?don-vi={BRANCH_B}").status_code == 404
    assert client.get(f"/tiep-nhan.xlsx?don-vi={BRANCH_B}").status_code == 404
    assert code(6) in as_role("auditor").get("/tiep-nhan").text


@pytest.mark.parametrize(("role", "visible"), [("head", True), ("auditor", False), ("reform", False)])
def test_names_are_masked_on_the_page_and_in_its_export(filed, as_role, role, visible):
    client = as_role(role)
    assert (NAME in client.get("/tiep-nhan").text) is visible
    sheet = load_workbook(BytesIO(client.get("/tiep-nhan.xlsx").data)).active
    cells = {cell for row in sheet.iter_rows(values_only=True) for cell in row}
    assert (NAME in cells) is visible
    assert code(OVERDUE) in cells


def test_the_export_holds_the_list_of_the_page_and_both_are_logged_without_names(filed, as_role):
    client = as_role("head")
    client.get("/tiep-nhan?kenh=online")
    sheet = load_workbook(BytesIO(client.get("/tiep-nhan.xlsx?kenh=online").data)).active
    codes = {row[1] for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert codes == {code(OVERDUE), code(LATE), code(REFUSED)}
    with filed.store.read() as session:
        acts = audit.recent_acts(session, 2)[::-1]
    assert [act.action for act in acts] == ["intake", "intake_export"]
    assert acts[0].detail["kenh"] == "online"
    assert NAME not in str(acts)


def test_fifty_a_page_and_a_page_beyond_the_last_is_empty(filed, as_role):
    add_overdue(filed.store, 60, **FILED, received_at=None, filed_at=at(18, 9))
    client = as_role("auditor")
    assert client.get("/tiep-nhan").text.count('class="code"') == 50
    assert "Trang 2/2" in client.get("/tiep-nhan?trang=2").text
    assert client.get("/tiep-nhan?trang=9").text.count('class="code"') == 0


def test_without_data_the_page_says_what_to_do(as_role, context: StandingContext):
    answer = as_role("desk").get("/tiep-nhan?kenh=postal")
    assert "Không có hồ sơ nào ở mục này" in answer.text
    assert context.instant == NOW


def test_a_dossier_that_others_resolve_is_listed_without_a_way_into_it(filed, as_role):
    with filed.store.transaction() as session:
        session.get_one(Dossier, 100 + OVERDUE).resolving_unit_id = BRANCH_B
    text = as_role("desk").get("/tiep-nhan").text
    assert f'<span class="code">{code(OVERDUE)}</span>' in text
    assert as_role("desk").get(f"/ho-so/{code(OVERDUE)}").status_code == 404
