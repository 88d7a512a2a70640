"""The history of rules: every kind of change stands in it with who, what and what it moved, and leads to the change."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.log_page import ACTIONS
from app.rule_history import KINDS, LOGGED, RuleKind, history, read_filters
from tests.web.conftest import token
from tests.web.world import BRANCH_A, NOW, StandingContext
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.models import UnitTarget

AsRole = Callable[[str], FlaskClient]
PAGE = "/kiem-tra/lich-su"
LIMIT = {
    "limit_text": "5 ngày", "channel": "", "valid_from": "01/01/2026", "source": "QĐ 1", "day_kind": "",
}  # fmt: skip


@pytest.fixture
def changed(as_role: AsRole, context: StandingContext) -> StandingContext:
    """A limit that reform published, and a target."""
    client, page = as_role("reform"), "/danh-muc/thu-tuc/900000"
    form = {**LIMIT, "csrf_token": token(client, page)}
    assert client.post(f"{page}/thoi-han", data=form).status_code == 302
    with context.store.transaction() as session:
        session.add(
            UnitTarget(
                id=900, unit_id=BRANCH_A, rate=9500, valid_from=date(2026, 9, 1), document="KH 12/KH-UBND (thử nghiệm)",
                set_by="reform", set_at=NOW,
            )
        )  # fmt: skip
    return context


def lines(context: StandingContext, **address: str):
    return history(context, read_filters(address, NOW.date()))


def test_every_kind_of_rule_has_its_words_and_its_source():
    assert set(KINDS) == set(RuleKind)
    assert set(LOGGED) <= set(ACTIONS)


def test_a_calendar_change_says_what_it_moves_and_leads_to_it(as_role: AsRole, context: StandingContext):
    (line,) = lines(context, loai="lich")
    assert line.state.word == "Chờ người thứ hai duyệt"
    assert "hồ sơ đang mở đổi hạn" in line.effect
    assert (
        f'href="/lich-lam-viec/thay-doi/{line.link.values["change_id"]}"' in as_role("auditor").get(PAGE).text
    )


def test_a_published_limit_names_the_procedure_and_the_work_that_reckons_anew(changed: StandingContext):
    (line,) = [line for line in lines(changed, loai="thoi-han") if line.asked_by == "reform"]
    assert line.told[0].startswith("T.001 Đăng ký biến động")
    assert "sau: 5 " in line.told[1]
    assert "chưa xong" in line.effect  # no worker runs here
    assert line.link.values == {"procedure_id": 900_000}


def test_a_target_is_told_with_its_document(changed: StandingContext):
    (line,) = lines(changed, loai="chi-tieu")
    assert "95,00 %" in line.told[0]
    assert line.reason == "KH 12/KH-UBND (thử nghiệm)"


def test_an_alert_rule_says_whom_it_tells(context: StandingContext):
    found = lines(context, loai="canh-bao", tu="01/01/2020")
    assert found
    assert all("→" in line.told[0] for line in found)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ({"nguoi": "reform"}, True),
        ({"nguoi": "head"}, False),
        ({"ket-qua": "applied"}, True),
        ({"ket-qua": "rejected"}, False),
        ({"den": "01/01/2026"}, False),
    ],
)
def test_filters_narrow_the_history(changed: StandingContext, address: dict[str, str], kept: bool):
    assert any(line.kind is RuleKind.TARGET for line in lines(changed, **address)) is kept


def test_what_the_log_alone_tells_leads_to_the_log_for_who_may_not_open_its_page(
    as_role: AsRole, context: StandingContext
):
    act = Act(NOW, "head", "signer_add", "signer:1", {"unit": BRANCH_A})
    with context.store.transaction() as session:
        audit.append_acts(session, [act])
    assert "/nhat-ky/?doi-tuong=signer:1" in as_role("auditor").get(f"{PAGE}?loai=thu").text
    assert "/thu-xin-loi/nguoi-ky" in as_role("reform").get(f"{PAGE}?loai=thu").text


def test_the_file_holds_every_line_and_is_logged(as_role: AsRole, changed: StandingContext):
    answer = as_role("auditor").get(f"{PAGE}.xlsx?tu=01/01/2020")
    rows = list(load_workbook(BytesIO(answer.data)).active.iter_rows(min_row=4, values_only=True))
    assert len(rows) == len(lines(changed, tu="01/01/2020"))
    with changed.store.read() as session:
        newest = audit.recent_acts(session, 1)[0]
    assert (newest.action, newest.detail["rows"]) == ("rules_export", len(rows))
