"""The page of codes that need a person: who sees and decides what; a joined dossier is counted once."""

import pytest

from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, StandingContext
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline import IngestPlan, ingest

pytestmark = pytest.mark.sqlite_only(
    "what the page asks for is tried on both databases by tests/flows/test_several_sources.py"
)

KNOWN = "T02-260810-0001"


def told(code: str, unit: str, **more: str) -> dict[str, str]:
    usual = {"ChuHoSo": "Phạm Thị Bịa", "NgayTiepNhan": "20260810080000", "NgayHenTra": "20260825170000"}
    return {"MaHoSo": code, "DonViXuLy": unit, "TrangThaiHoSo": "4", "MaTTHC": "1.000001", **usual, **more}


@pytest.fixture
def codeless(context: StandingContext) -> StandingContext:
    """Two dossiers without a code, one of each branch; the dossier that the first one is; a conflict."""
    strange = told(KNOWN, f"T{BRANCH_A}", MaTTHC="1.000002", NgayTiepNhan="20260701080000")
    rows = [
        told("?abc1", f"T{BRANCH_A}"),
        told("?abc2", f"T{BRANCH_B}"),
        told(KNOWN, f"T{BRANCH_A}"),
        strange,
    ]
    plan = IngestPlan((), context.now(), payloads=(Payload("goi", rows, "0"),), origin="push")
    ingest(context.store, context.config.calendar_key, plan, lambda _: None)
    return context


@pytest.mark.parametrize(
    ("role", "first", "second", "rules"),
    [("desk", True, False, False), ("reform", True, True, True)],
)
def test_each_role_sees_the_dossiers_of_its_units_and_only_those_of_all_units_rule(
    as_role, codeless, role: str, first: bool, second: bool, rules: bool
):
    text = as_role(role).get("/ma-ho-so/").text
    assert ("?ABC1" in text, "?ABC2" in text, "Mã đã là của hồ sơ khác" in text) == (first, second, rules)
    assert ("Phạm Thị Bịa" in text) is (role == "desk")


@pytest.mark.parametrize("role", ["head", "auditor", "admin"])
def test_others_do_not_come_here(as_role, codeless, role: str):
    assert as_role(role).get("/ma-ho-so/").status_code == 403


def test_a_suggestion_is_of_the_same_applicant_and_day_and_joining_takes_it_off_the_list(as_role, codeless):
    client = as_role("desk")
    page = client.get("/ma-ho-so/gop?ma=?abc1").text
    assert KNOWN in page
    form = {
        "csrf_token": token(client, "/ma-ho-so/gop?ma=?abc1"),
        "ma": "?abc1",
        "vao": KNOWN,
        "ly_do": "cùng người nộp",
    }
    client.post("/ma-ho-so/gop", data=form)
    assert "?ABC1" not in client.get("/ma-ho-so/").text


@pytest.mark.parametrize("change", [{"vao": "X-1"}, {"ly_do": " "}, {"ma": "?abc2"}])
def test_what_cannot_be_joined_is_said_and_nothing_changes(as_role, codeless, change: dict[str, str]):
    client = as_role("desk")
    form = {"ma": "?abc1", "vao": KNOWN, "ly_do": "cùng người nộp", **change}
    answer = client.post(
        "/ma-ho-so/gop", data=form | {"csrf_token": token(client, "/tai-khoan")}, follow_redirects=True
    )
    assert "Không" in answer.text or "Cần ghi lý do" in answer.text
    assert "?ABC1" in client.get("/ma-ho-so/").text


def test_a_conflict_is_decided_with_a_reason_and_stands_among_the_decisions(as_role, codeless):
    client = as_role("reform")
    form = {"ma": KNOWN, "nguon": "main", "cach": "hai", "ly_do": "hai người khác nhau"}
    client.post("/ma-ho-so/quyet-dinh", data=form | {"csrf_token": token(client, "/ma-ho-so/")})
    page = client.get("/ma-ho-so/").text
    assert f"{KNOWN}@MAIN" in page
    assert "Không có mã nào trùng" in page
