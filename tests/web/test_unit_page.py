"""The page of a unit: who opens which unit, whose figures of officers, what it says; the page of targets."""

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, update

from app.accounts import new_salt
from app.rates_page import GROUPS
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    NAME,
    OFFICE,
    OVERDUE_A,
    OVERDUE_B,
    PASSWORD,
    StandingContext,
    at,
)
from tracker.store import audit, people, unit_targets
from tracker.store.audit import ActFilter
from tracker.store.models import AlertAck, Dossier, Letter, RateSummary
from tracker.store.people import NewAccount
from tracker.store.unit_targets import NewTarget
from tracker.types import VN

OFFICER = "Trần Văn Thử"
OFFICERS = "Ai đang giữ nhiều việc"
FRIDAY = datetime(2026, 8, 21, 9, tzinfo=VN)  # the day after the two dossiers of the 20th fell due
HERE = "/don-vi"


def of(unit_id: int) -> str:
    return f"{HERE}?don-vi={unit_id}"


def a_client(app, context: StandingContext, role: str, unit_id: int | None) -> FlaskClient:
    """A client of a new account of a role in a unit."""
    login = f"{role}-{unit_id or 0}"
    new = NewAccount(login, login, role, unit_id, cheap_hash(PASSWORD), new_salt())
    with context.store.transaction() as session:
        people.add_account(session, new, context.now())
    client = app.test_client()
    assert log_in(client, login).status_code == 302
    return client


def acts(context: StandingContext, action: str) -> list:
    with context.store.read() as session:
        return [found.act for found in audit.find_acts(session, ActFilter(action=action))]


# ---------------------------------------------------------------- who


@pytest.mark.parametrize(
    ("role", "unit_id", "expected"),
    [
        ("head", BRANCH_A, {BRANCH_A: 200, BRANCH_B: 404, OFFICE: 404, 424_242: 404}),
        ("head", OFFICE, {BRANCH_A: 200, BRANCH_B: 200, OFFICE: 200}),
        ("auditor", None, {BRANCH_A: 200, BRANCH_B: 200, OFFICE: 200, 424_242: 404}),
        ("auditor", BRANCH_B, {BRANCH_A: 404, BRANCH_B: 200}),
        ("reform", None, {BRANCH_A: 200, BRANCH_B: 200, 424_242: 404}),
        ("reform", BRANCH_B, {BRANCH_A: 404, BRANCH_B: 200}),
        ("desk", BRANCH_A, {BRANCH_A: 403, BRANCH_B: 403}),
        ("admin", None, {BRANCH_A: 403, BRANCH_B: 403}),
    ],
)
def test_a_unit_is_opened_by_its_head_and_by_who_oversees_it(app, context, role, unit_id, expected):
    client = a_client(app, context, role, unit_id)
    assert {asked: client.get(of(asked)).status_code for asked in expected} == expected


@pytest.mark.parametrize(
    ("role", "unit_id", "asked", "are_shown"),
    [
        ("head", BRANCH_A, BRANCH_A, True),
        ("head", OFFICE, BRANCH_A, True),  # a unit above
        ("head", OFFICE, OFFICE, True),
        ("head", None, BRANCH_A, False),  # of no unit: head of none
        ("auditor", None, BRANCH_A, False),
        ("auditor", BRANCH_A, BRANCH_A, False),
        ("reform", None, BRANCH_A, False),
        ("reform", BRANCH_A, BRANCH_A, False),
    ],
)
def test_officers_are_told_apart_for_the_head_of_the_unit_and_nobody_else(
    app, context, role, unit_id, asked, are_shown
):
    text = a_client(app, context, role, unit_id).get(of(asked)).text
    assert (OFFICERS in text, OFFICER in text) == (are_shown, are_shown)


def test_officers_are_not_told_apart_in_the_whole_province(app, context):
    assert OFFICER not in a_client(app, context, "head", None).get(HERE).text
    assert OFFICER not in a_client(app, context, "auditor", None).get(HERE).text


def test_looking_at_officers_is_logged_as_such(as_role, context):
    as_role("head").get(HERE)
    as_role("auditor").get(of(BRANCH_A))
    told = {(act.actor, act.subject): act.detail["officers"] for act in acts(context, "unit_home")}
    assert told == {("head", f"unit:{BRANCH_A}"): True, ("auditor", f"unit:{BRANCH_A}"): False}


def test_no_table_of_rates_is_grouped_by_officer():
    assert set(GROUPS) == {"level", "unit", "field", "procedure", "month", "channel"}


def test_the_head_begins_the_day_here(as_role):
    assert as_role("head").get("/").headers["Location"].endswith(HERE)


# ---------------------------------------------------------------- what


def test_it_says_what_is_open_and_what_fell_due_since_the_working_day_before(as_role, context):
    context.instant = FRIDAY
    text = as_role("head").get(HERE).text
    assert "Mới quá hạn từ 20/08/2026" in text
    assert f'/ho-so/{OVERDUE_A}"' in text
    assert OVERDUE_B not in text  # another branch's
    assert NAME not in text


def test_a_suspended_dossier_whose_date_passes_has_not_fallen_due(as_role, context):
    context.instant = datetime(2026, 8, 20, 9, tzinfo=VN)
    text = as_role("head").get(HERE).text
    assert "T01-260803-0005" not in text
    assert "Không có hồ sơ nào mới quá hạn." in text


def test_an_office_shows_the_units_below_with_all_they_have(app, context):
    text = a_client(app, context, "head", OFFICE).get(HERE).text
    assert f'href="{of(BRANCH_A)}"' in text
    assert f'href="{of(BRANCH_B)}"' in text
    assert "2 đang quá hạn" not in text.replace("1 đang quá hạn", "")
    below = a_client(app, context, "head", BRANCH_B).get(HERE).text
    assert "Đơn vị trực thuộc" not in below


def test_a_month_in_which_nothing_ended_has_no_rate(as_role):
    text = as_role("head").get(HERE).text
    assert "Chưa có hồ sơ nào giải quyết xong" in text
    assert "50,00\u00a0% (1/2)" in text  # the year so far: one late of two in June


def test_small_samples_are_said_to_be_small(as_role, context):
    context.instant = at(30, 12, month=6)
    text = as_role("head").get(HERE).text
    assert "(1/2 hồ sơ đã giải quyết), mẫu nhỏ" in text


def test_an_auditor_looks_on_and_is_offered_no_act(as_role, context):
    context.instant = FRIDAY
    text = as_role("auditor").get(of(BRANCH_A)).text
    assert OVERDUE_A in text
    assert "nhan-viec" not in text
    assert "viec=duyet" not in text


def test_the_head_gets_from_here_to_approving_all_that_waits(as_role):
    client = as_role("head")
    text = client.get(HERE).text
    assert "thư chờ duyệt" in text
    address = f"/thu-xin-loi/xac-nhan?don-vi={BRANCH_A}&trang-thai=drafted&viec=duyet&tat-ca=1"
    assert address.replace("&", "&amp;") in text
    assert "1 thư chuyển từ" in client.get(address).text


def test_what_fell_due_is_taken_on_from_here(as_role, context):
    context.instant = FRIDAY
    answer = as_role("head").get(f"/canh-bao/xac-nhan?viec=nhan-viec&chon=1&don-vi={BRANCH_A}")
    assert answer.status_code == 200
    assert OVERDUE_A in answer.text


def test_words_that_were_given_stand_here_from_their_day_on(as_role, context):
    with context.store.transaction() as session:
        highest = session.query(AlertAck).order_by(AlertAck.id.desc()).first()
        first = (highest.id if highest else 0) + 1
        for number, (dossier_id, day) in enumerate(((3, 21), (6, 28)), first):
            session.add(
                AlertAck(id=number, dossier_id=dossier_id, promised_on=at(day).date(), by_account=1, at=at(19), note="")
            )  # fmt: skip
        session.execute(
            update(Letter).where(Letter.id == 1).values(state="delivered", promise="open", new_due_at=at(24, 8), delivered_at=at(20))
        )  # fmt: skip
    text = as_role("head").get(HERE).text
    assert "T01-260803-0003" in text
    assert "21/08/2026" in text
    assert "T01-260803-0006" not in text  # its day has not come
    assert "đã qua, chưa thấy kết thúc" in text
    assert "Tài khoản desk đã nhận việc" in text
    assert "Tài khoản desk" not in as_role("auditor").get(of(BRANCH_A)).text


def test_a_name_that_a_source_wrote_as_markup_stays_text(as_role, context):
    with context.store.transaction() as session:
        session.execute(
            update(Dossier).where(Dossier.id == 1).values(officer_name="<script>alert(1)</script>")
        )
    text = as_role("head").get(HERE).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_before_any_data_it_says_what_to_do(tmp_path):
    from app.web import create_app
    from tests.web.world import add_people, add_units, make_context

    empty = make_context(tmp_path)
    add_units(empty.store)
    add_people(empty.store)
    client = create_app(empty, RATELIMIT_ENABLED=False).test_client()
    assert log_in(client, "head").status_code == 302
    assert "Đơn vị của tôi" in client.get(HERE).text
    empty.store.close()


def test_a_page_asks_the_store_no_more_for_more_units_and_officers(app, context):
    client = a_client(app, context, "head", OFFICE)
    client.get(HERE)
    asked: list[str] = []
    engine = context.store.engine

    def note(_connection, _cursor, statement, *_):
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    client.get(of(BRANCH_A))
    one = len(asked)
    with context.store.transaction() as session:
        for number in range(1, 7):
            session.execute(
                update(Dossier).where(Dossier.id == number).values(officer_name=f"Cán bộ {number}")
            )
    asked.clear()
    client.get(of(OFFICE))
    event.remove(engine, "before_cursor_execute", note)
    assert len(asked) <= one
    assert one <= 25, "\n".join(asked)  # with those of log-in, scope, calendars, log and bell


def test_without_summed_up_months_the_dossiers_answer(as_role, context):
    with context.store.read() as session:
        assert session.query(RateSummary).count() == 0
    assert "50,00\u00a0% (1/2)" in as_role("head").get(HERE).text


# ---------------------------------------------------------------- targets

TARGETS = f"{HERE}/chi-tieu"
TARGET = {"don-vi": f"T{BRANCH_A}", "chi-tieu": "97,5", "khong": "", "tu": "01/01/2026", "van-ban": "QĐ số 9"}


def set_target(client: FlaskClient, **given: str):
    return client.post(TARGETS, data={**TARGET, **given, "csrf_token": token(client, TARGETS)})


def test_a_target_is_set_by_reform_and_read_by_the_head(as_role, context):
    assert set_target(as_role("reform")).status_code == 302
    assert "97,5\u00a0%" in as_role("head").get(TARGETS).text
    text = as_role("head").get(HERE).text
    assert "97,5\u00a0%" in text
    assert "QĐ số 9, từ 01/01/2026" in text
    (entry,) = acts(context, "target_set")
    assert (entry.actor, entry.subject, entry.detail["rate"]) == ("reform", f"unit:{BRANCH_A}", 9750)


def test_without_a_target_it_says_so_and_names_the_threshold_as_a_guide(as_role):
    text = as_role("head").get(HERE).text
    assert "chưa đặt chỉ tiêu" in text
    assert "ngưỡng của tiêu chí 3.4.1 để tham khảo: 95\u00a0%" in text


def test_a_slip_is_set_right_by_another_row_and_both_stay(as_role, context):
    client = as_role("reform")
    set_target(client, **{"chi-tieu": "79"})
    set_target(client, **{"chi-tieu": "97"})
    text = client.get(TARGETS).text
    assert "79\u00a0%" in text
    assert text.index("97\u00a0%") < text.index("79\u00a0%")
    assert text.count("Đang áp dụng") == 1
    assert "97\u00a0%" in as_role("head").get(HERE).text


def test_an_own_target_that_is_ended_leaves_the_one_of_all(as_role):
    client = as_role("reform")
    set_target(client, **{"don-vi": "tat-ca", "chi-tieu": "90"})
    set_target(client)
    set_target(client, khong="1", tu="01/02/2026")
    assert "90\u00a0%" in as_role("head").get(HERE).text
    assert "cho mọi đơn vị" in as_role("head").get(HERE).text


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chi-tieu": "150"}, "Hãy ghi tỷ lệ từ 0,01 đến 100"),
        ({"don-vi": "khong-co"}, "Hãy chọn một đơn vị trong danh sách"),
        ({"tu": ""}, "Hãy ghi ngày bắt đầu áp dụng"),
        ({"tu": "31/02/2026"}, "không phải là ngày"),
        ({"tu": "01/01/2029"}, "xa nhất là hết năm 2028"),
        ({"van-ban": " "}, "Hãy ghi văn bản giao chỉ tiêu"),
        ({"van-ban": "x" * 301}, "Dài nhất 300 ký tự"),
    ],
)
def test_what_cannot_be_a_target_is_refused_beside_its_field(as_role, context, given, told):
    answer = set_target(as_role("reform"), **given)
    assert answer.status_code == 400
    assert told in answer.text
    with context.store.read() as session:
        assert unit_targets.targets(session) == []


def test_the_same_twice_is_said_to_be_the_same(as_role):
    set_target(as_role("reform"))
    answer = set_target(as_role("reform"))
    assert answer.status_code == 400
    assert "Đã có đúng chỉ tiêu này" in answer.text


@pytest.mark.parametrize("role", ["head", "auditor"])
def test_who_reads_targets_sets_none(as_role, role: str):
    client = as_role(role)
    assert 'name="chi-tieu"' not in client.get(TARGETS).text
    answer = client.post(TARGETS, data={**TARGET, "csrf_token": token(client, "/tai-khoan")})
    assert answer.status_code == 403


def test_reform_of_one_unit_sets_for_it_alone_and_reads_no_others(app, context):
    with context.store.transaction() as session:
        new = NewTarget(BRANCH_B, 9300, at(1).date(), "QĐ của Hai")
        unit_targets.add_target(session, new, by="reform", at=at(1))
    client = a_client(app, context, "reform", BRANCH_A)
    assert set_target(client).status_code == 302
    assert set_target(client, **{"don-vi": f"T{BRANCH_B}"}).status_code == 400
    assert set_target(client, **{"don-vi": "tat-ca"}).status_code == 400
    assert "QĐ của Hai" not in client.get(TARGETS).text
