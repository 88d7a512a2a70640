"""The pages of findings: what stands there for whom, what is said of them, what is not taken, what files hold."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from app.accounts import new_salt
from app.finding_forms import mark_of_steps
from tests.passwords import cheap_hash
from tests.web.conftest import log_in, token
from tests.web.finding_sets import EQUAL, EXPLANATION, FOREIGN, GONE, MOVED, SUSPENDED
from tests.web.works import work_all
from tests.web.world import BRANCH_A, BRANCH_B, NAME, NOW, OVERDUE_A, OVERDUE_B, PASSWORD, StandingContext
from tracker.store import audit, finding_said, people
from tracker.store.models import Finding, FindingStep, User
from tracker.store.people import NewAccount

AsRole = Callable[[str], FlaskClient]
WHY = "Nguồn gửi lại cả lô, ngày hẹn cũ là lỗi nhập, có biên bản"


def post(client: FlaskClient, address: str, **form):
    return client.post(address, data={**form, "csrf_token": token(client, "/tai-khoan")})


def explain(client: FlaskClient, *ids: int, steps: dict[int, int] | None = None, why: str = WHY, **more: str):
    mark = mark_of_steps(steps or dict.fromkeys(ids, 0))
    form = {"viec": "giai-trinh", "chon": list(ids), "dau": mark, "giai-trinh": why, **more}
    return post(client, "/dau-hieu/giai-trinh", **form)


def judge(client: FlaskClient, act: str, steps: dict[int, int], **more: str):
    form = {"viec": act, "chon": list(steps), "dau": mark_of_steps(steps), "nhan-xet": WHY, **more}
    return post(client, "/dau-hieu/ket-luan", **form)


def said(context: StandingContext, finding_id: int) -> list[tuple[str, str, str, str]]:
    with context.store.read() as session:
        found = finding_said.said_of(session, finding_id)[::-1]
        assert session.get_one(Finding, finding_id).state == (found[-1].state if found else "open")
    return [(each.state.value, each.reason, each.document, each.by) for each in found]


def newest(context: StandingContext) -> audit.Act:
    with context.store.read() as session:
        return audit.recent_acts(session, 1)[0]


# ---------------------------------------------------------------- the list


def test_an_auditor_sees_the_findings_of_all_units_with_their_pairs_and_no_names(
    as_role: AsRole, context: StandingContext
):
    text = re.sub("<[^>]+>", "", as_role("auditor").get("/dau-hieu/").text)
    for words in (
        OVERDUE_A,
        OVERDUE_B,
        "Dời hạn khi đã quá hạn",
        "Hẹn trả 14/08/2026 → 20/08/2026báo ngày 15/08/2026",
    ):
        assert words in text
    assert NAME not in text
    act = newest(context)
    assert (act.action, act.subject) == ("findings", "list")
    assert act.detail == {"ids": [FOREIGN, MOVED, EQUAL]}


@pytest.mark.parametrize(
    ("address", "ids"),
    [
        ("?buoc=tat-ca", [SUSPENDED, FOREIGN, MOVED, EQUAL]),
        ("?buoc=explained", [SUSPENDED]),
        ("?buoc=gone", [GONE]),
        ("?buoc=confirmed", []),
        ("?dau-hieu=end_is_due", [EQUAL]),
        (f"?buoc=tat-ca&don-vi={BRANCH_B}", [FOREIGN]),
        ("?buoc=tat-ca&tu=23/08/2026", [SUSPENDED]),
        ("?buoc=tat-ca&den=15/08/2026", [FOREIGN, MOVED, EQUAL]),
        ("?buoc=tat-ca&den=14/08/2026", [EQUAL]),
        ("?buoc=x&dau-hieu=x", [FOREIGN, MOVED, EQUAL]),
    ],
)
def test_filters_stand_in_the_address(
    shared_role: AsRole, shared_context: StandingContext, address: str, ids: list[int]
):
    shared_role("auditor").get(f"/dau-hieu/{address}")
    assert newest(shared_context).detail["ids"] == ids


def test_what_cannot_be_used_is_told_and_counts_go_with_the_other_filters(shared_role: AsRole):
    text = shared_role("auditor").get("/dau-hieu/?buoc=tat-ca&dau-hieu=due_moved_after&tu=31/02/2026").text
    assert "“31/02/2026” không phải" in text
    assert "Chờ giải trình <b>2</b>" in text
    assert "Đã giải trình <b>0</b>" in text
    assert "Dời hạn khi đã quá hạn <b>2</b>" in text
    assert "Tạm dừng ghi lùi ngày <b>1</b>" in text


def test_a_page_goes_on_where_the_one_before_ended(as_role: AsRole, context: StandingContext, monkeypatch):
    monkeypatch.setattr("app.finding_page.PAGE", 2)  # so that four findings are two pages
    client = as_role("auditor")
    first = client.get("/dau-hieu/?buoc=tat-ca").text
    assert newest(context).detail["ids"] == [SUSPENDED, FOREIGN]
    address = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(address).text
    assert newest(context).detail["ids"] == [MOVED, EQUAL]
    assert 'rel="next"' not in second


def test_a_head_sees_the_own_line_alone(shared_role: AsRole):
    head = shared_role("head")
    text = head.get("/dau-hieu/?buoc=tat-ca").text
    assert OVERDUE_A in text
    assert OVERDUE_B not in text
    assert head.get(f"/dau-hieu/?don-vi={BRANCH_B}").status_code == 404
    assert head.get(f"/dau-hieu/{FOREIGN}").status_code == 404
    assert OVERDUE_B not in head.get("/dau-hieu/tai-ve?tep=csv&buoc=tat-ca").text
    assert "Thử Nghiệm Hai" not in head.get("/dau-hieu/do-tre-bi-che?nam=2026").text


# ---------------------------------------------------------------- one finding


def test_a_finding_shows_both_sides_with_loads_the_rule_and_what_was_said(shared_role: AsRole):
    text = shared_role("auditor").get(f"/dau-hieu/{MOVED}").text
    for words in (
        "Hẹn trả 14/08/2026 09:30", "Hẹn trả 20/08/2026 09:30", "/nguon-du-lieu/lo/1", "Dời hạn không có căn cứ",
        "Số ngày làm việc dời thêm", "Điều có thể giải thích", "Ba ngày hẹn", "Chưa ai ghi gì", "không nói về lỗi của ai",
    ):  # fmt: skip
        assert words in text, words
    said_of_it = shared_role("auditor").get(f"/dau-hieu/{SUSPENDED}").text
    assert EXPLANATION in said_of_it
    assert "12/TB-CNT" in said_of_it
    assert "Tài khoản head" in said_of_it
    # Who opens no loads reads the number alone.
    head = shared_role("head").get(f"/dau-hieu/{MOVED}").text
    assert "lần nạp số 1" in head
    assert "/nguon-du-lieu/lo/1" not in head


def test_a_dossier_says_how_many_signs_it_has_to_who_may_read_them(shared_role: AsRole):
    address = f"/ho-so/{OVERDUE_A}"
    for role, is_told in (("head", True), ("auditor", True), ("desk", False)):
        text = shared_role(role).get(address).text
        assert (f"/dau-hieu/{MOVED}" in text) is is_told
        assert ("1 chờ giải trình" in text) is is_told


def test_a_finding_of_a_dossier_that_went_to_another_unit_shows_its_evidence_alone(
    as_role: AsRole, context: StandingContext
):
    with context.store.transaction() as session:
        session.get_one(Finding, FOREIGN).unit_id = BRANCH_A
    text = as_role("head").get(f"/dau-hieu/{FOREIGN}").text
    assert "Hẹn trả 14/08/2026 09:30" in text
    assert "nay không thuộc đơn vị của bạn" in text
    assert f'href="/ho-so/{OVERDUE_B}"' not in text
    assert "Ba ngày hẹn" not in text


# ---------------------------------------------------------------- what is said


def test_a_head_explains_and_an_auditor_confirms_each_with_an_entry_without_words(
    as_role: AsRole, context: StandingContext
):
    assert explain(as_role("head"), MOVED, **{"van-ban": "15/BC"}).status_code == 302
    act = newest(context)
    assert (act.action, act.subject, act.detail) == (
        "finding_explain",
        f"finding:{MOVED}",
        {"ids": [MOVED], "count": 1},
    )
    assert judge(as_role("auditor"), "xac-nhan", {MOVED: 1}).status_code == 302
    assert newest(context).action == "finding_confirm"
    assert said(context, MOVED) == [("explained", WHY, "15/BC", "head"), ("confirmed", WHY, "", "auditor")]


def test_a_finding_is_opened_again_by_another_step_and_nothing_is_lost(
    as_role: AsRole, context: StandingContext
):
    auditor = as_role("auditor")
    assert judge(auditor, "chap-nhan", {SUSPENDED: 1}).status_code == 302
    assert judge(auditor, "mo-lai", {SUSPENDED: 2}).status_code == 302
    assert explain(as_role("reform"), SUSPENDED, steps={SUSPENDED: 3}).status_code == 302
    states = [state for state, *_ in said(context, SUSPENDED)]
    assert states == ["explained", "dismissed", "open", "explained"]


def test_a_sign_is_confirmed_only_after_the_unit_was_heard(as_role: AsRole, context: StandingContext):
    auditor = as_role("auditor")
    answer = judge(auditor, "xac-nhan", {MOVED: 0, SUSPENDED: 1})
    assert answer.status_code == 302
    told = auditor.get("/dau-hieu/").text
    assert "Đã xác nhận 1 dấu hiệu" in told
    assert f"Không ghi được cho {OVERDUE_A}: đang ở bước “chờ giải trình”" in told
    assert said(context, MOVED) == []


@pytest.mark.parametrize("act", ["xac-nhan", "chap-nhan"])
def test_nobody_concludes_about_what_he_himself_explained(
    as_role: AsRole, context: StandingContext, act: str
):
    with context.store.transaction() as session:
        account = people.find_login(session, "head")
        assert account
        user = session.get_one(User, account.account_id)
        user.role, user.unit_id = "auditor", None
    client = as_role("head")
    assert "người khác phải kết luận" in client.get(f"/dau-hieu/{SUSPENDED}").text
    assert judge(client, act, {SUSPENDED: 1}).status_code == 302
    assert "chính người kết luận đã giải trình" in client.get("/dau-hieu/").text
    assert [state for state, *_ in said(context, SUSPENDED)] == ["explained"]


def test_who_was_quicker_wins_and_the_other_is_asked_to_look_again(as_role: AsRole, context: StandingContext):
    one, other = as_role("auditor"), as_role("auditor")
    assert judge(one, "chap-nhan", {SUSPENDED: 1}).status_code == 302
    late = judge(other, "xac-nhan", {SUSPENDED: 1}, ve="mot")
    assert late.status_code == 409
    assert "Người khác vừa ghi thêm" in late.text
    assert [state for state, *_ in said(context, SUSPENDED)] == ["explained", "dismissed"]


def test_several_are_explained_at_once_after_a_look_at_their_numbers(
    as_role: AsRole, context: StandingContext
):
    head = as_role("head")
    page = head.get("/dau-hieu/xac-nhan?viec=giai-trinh&tat-ca=1").text
    assert "2 dấu hiệu được ghi là đã giải trình" in page
    assert "Của 2 hồ sơ" in page
    mark = page.partition('name="dau" value="')[2].partition('"')[0]
    form = {"viec": "giai-trinh", "tat-ca": "1", "dau": mark, "giai-trinh": WHY}
    assert post(head, "/dau-hieu/giai-trinh", **form).status_code == 302
    assert said(context, MOVED) == said(context, EQUAL) == [("explained", WHY, "", "head")]
    assert newest(context).detail == {"ids": [MOVED, EQUAL], "count": 2}
    # The list has changed by that: the same form again is another list, and is asked about once more.
    assert post(head, "/dau-hieu/giai-trinh", **form).status_code in (302, 409)
    assert len(said(context, MOVED)) == 1


def test_roles_say_what_is_theirs_and_of_the_own_units_alone(as_role: AsRole, context: StandingContext):
    head, auditor = as_role("head"), as_role("auditor")
    assert explain(head, FOREIGN).status_code == 404
    assert explain(auditor, MOVED).status_code == 403
    assert judge(head, "xac-nhan", {SUSPENDED: 1}).status_code == 403
    assert head.get(f"/dau-hieu/xac-nhan?viec=giai-trinh&chon={FOREIGN}").status_code == 404
    # An act sent to the other door is none.
    assert post(auditor, "/dau-hieu/ket-luan", viec="giai-trinh", chon=MOVED).status_code == 403
    assert said(context, FOREIGN) == said(context, MOVED) == []
    # Of what was picked the own ones are done, others do not exist.
    assert explain(head, MOVED, FOREIGN, steps={MOVED: 0}).status_code == 302
    assert said(context, FOREIGN) == []
    assert len(said(context, MOVED)) == 1


def test_a_role_does_not_see_the_form_of_another(shared_role: AsRole):
    assert shared_role("head").get(f"/dau-hieu/xac-nhan?viec=xac-nhan&chon={SUSPENDED}").status_code == 403
    assert shared_role("auditor").get(f"/dau-hieu/xac-nhan?viec=giai-trinh&chon={MOVED}").status_code == 403


def test_an_applicant_is_not_named_in_what_is_said(as_role: AsRole, context: StandingContext):
    answer = explain(as_role("head"), MOVED, why=f"Người nộp là {NAME.upper()} xin rút")
    assert answer.status_code == 400
    assert said(context, MOVED) == []


def test_a_telephone_is_not_kept_in_what_is_said(as_role: AsRole, context: StandingContext):
    answer = explain(as_role("head"), MOVED, why="Đã gọi bà ấy theo số 0912 345 678")
    assert answer.status_code == 400
    assert said(context, MOVED) == []


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("", "Hãy ghi rõ"),
        ("quá ngắn", "Hãy ghi rõ"),
        ("x" * 1_001, "dài quá 1000 ký tự"),
        ("Đã gọi bà ấy theo số 0912 345 678", "Đừng ghi số điện thoại"),
        (f"Người nộp là {NAME.upper()} xin rút", "có tên người nộp"),
    ],
)
def test_words_that_will_not_do_are_told_and_kept_on_the_page(
    as_role: AsRole, context: StandingContext, why: str, told: str
):
    for more in ({"ve": "mot"}, {}):
        answer = explain(as_role("head"), MOVED, why=why, **more)
        assert answer.status_code == 400
        assert told.lower() in answer.text.lower()
        assert why[:100] in answer.text
    assert said(context, MOVED) == []


def test_a_code_and_a_document_may_be_named(as_role: AsRole, context: StandingContext):
    why = f"Hồ sơ {OVERDUE_A} tạm dừng theo công văn 1234/TB-CT ngày 12/08/2026, từ 12/08/2026 đến 15/08/2026"
    assert explain(as_role("head"), MOVED, why=why).status_code == 302
    assert said(context, MOVED)[0][1] == why


def test_what_is_gone_takes_no_more_words(as_role: AsRole, context: StandingContext):
    head = as_role("head")
    page = head.get(f"/dau-hieu/{GONE}").text
    assert "dữ liệu không còn dấu hiệu này" in page
    assert "/dau-hieu/giai-trinh" not in page
    assert explain(head, GONE).status_code == 302
    assert said(context, GONE) == []


# ---------------------------------------------------------------- files


HOSTILE = '=HYPERLINK("http://vi-du.vn","bấm") <script>alert(1)</script> {{ 7*7 }}'


def test_words_are_text_wherever_they_are_shown(as_role: AsRole, context: StandingContext):
    head = as_role("head")
    assert explain(head, MOVED, why=HOSTILE, **{"van-ban": "@SUM(1+1)"}).status_code == 302
    page = head.get(f"/dau-hieu/{MOVED}").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page
    table = head.get("/dau-hieu/tai-ve?tep=csv&buoc=explained").data.decode("utf-8-sig")
    row = next(
        each for each in csv.DictReader(io.StringIO(table)) if each["Lời ghi gần nhất"].endswith("{{ 7*7 }}")
    )
    assert (row["Lời ghi gần nhất"], row["Văn bản"]) == (f"'{HOSTILE}", "'@SUM(1+1)")
    book = head.get("/dau-hieu/tai-ve?buoc=explained").data
    cells = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert HOSTILE in [line[14] for line in cells if len(line) > 14]
    assert b"<f>" not in book


def test_files_hold_exactly_what_is_shown_without_names_and_are_logged(
    as_role: AsRole, context: StandingContext
):
    client = as_role("auditor")
    table = client.get("/dau-hieu/tai-ve?tep=csv&buoc=tat-ca")
    rows = list(csv.DictReader(io.StringIO(table.data.decode("utf-8-sig"))))
    assert [each["Mã hồ sơ"] for each in rows] == ["T01-260803-0005", OVERDUE_B, OVERDUE_A, "T01-260601-0008"]
    assert rows[0]["Lời ghi gần nhất"] == EXPLANATION
    assert rows[2]["Trước"] == "Hẹn trả 14/08/2026 09:30"
    assert rows[2]["Sau: báo lúc"] == "15/08/2026 09:30:00"
    assert rows[3]["Số liệu kèm theo"] == "Số hồ sơ của đơn vị kết thúc đúng giây hẹn: 40/120"
    assert NAME not in table.text
    act = newest(context)
    assert (act.action, act.detail) == ("finding_export", {"buoc": "tat-ca", "tep": ".csv", "rows": 4})
    book = client.get("/dau-hieu/tai-ve?dau-hieu=end_is_due").data
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert "không phải kết luận" in sheet[0][0]
    assert [line[1] for line in sheet[3:]] == ["T01-260601-0008"]


@pytest.mark.parametrize(("more", "ending"), [("", ".xlsx"), ("&tep=csv", ".csv")])
def test_a_long_list_is_made_by_a_worker(
    as_role: AsRole, context: StandingContext, monkeypatch: pytest.MonkeyPatch, more: str, ending: str
):
    monkeypatch.setattr("app.views.findings.ROWS_AT_ONCE", 1)  # so that three findings are a long list
    client = as_role("head")
    asked = client.get(f"/dau-hieu/tai-ve?buoc=tat-ca{more}")
    assert asked.status_code == 302
    work_id = int(asked.location.split("/cong-viec/")[1].split("/")[0])
    work_all(client)
    answer = client.get(f"/cong-viec/{work_id}/tai-ve")
    assert answer.headers["Content-Disposition"].endswith(f"{ending}")
    assert OVERDUE_B.encode() not in answer.data
    if ending == ".csv":
        assert OVERDUE_A in answer.data.decode("utf-8-sig")


# ---------------------------------------------------------------- hidden lateness


def test_hidden_lateness_is_told_with_its_fractions_and_the_rest_apart(shared_role: AsRole):
    text = shared_role("auditor").get("/dau-hieu/do-tre-bi-che?nam=2026").text
    for words in (
        "25,00\u00a0% (3/12)",
        "12/19 hồ sơ đã kết thúc",
        "5 không nói được",
        "33,33\u00a0% (4/12)",
        "không đủ dữ liệu",
    ):
        assert words in text, words
    assert (
        "Chưa có số liệu của năm này" in shared_role("auditor").get("/dau-hieu/do-tre-bi-che?nam=2019").text
    )


def test_hidden_lateness_is_taken_as_a_workbook_by_unit_and_month(as_role: AsRole, context: StandingContext):
    answer = as_role("reform").get("/dau-hieu/do-tre-bi-che/tai-ve?nam=2026")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["Theo đơn vị", "Theo tháng"]
    units = book.get_sheet_by_name("Theo đơn vị").to_python()
    assert units[-1][0] == "Tổng cộng"
    assert [int(each) for each in units[-1][1:8]] == [19, 12, 7, 1, 3, 2, 3]
    assert newest(context).action == "hidden_lateness_export"


def test_an_auditor_of_a_unit_concludes_about_its_findings_alone(app: Flask, context: StandingContext):
    with context.store.transaction() as session:
        new = NewAccount("kiem", "Kiểm tra", "auditor", BRANCH_B, cheap_hash(PASSWORD), new_salt())
        people.add_account(session, new, NOW)
    client = app.test_client()
    log_in(client, "kiem")
    assert judge(client, "chap-nhan", {SUSPENDED: 1}).status_code == 404
    assert judge(client, "chap-nhan", {FOREIGN: 0}).status_code == 302
    with context.store.read() as session:
        assert session.query(FindingStep).count() == 2
