"""The pages of faults and measures: own units, what the figures propose, what stands and what was told before."""

from io import BytesIO

from docx import Document

from app.remedy_proposals import YearAsked, proposals
from tests.web.conftest import token
from tests.web.remedy_sets import LATE_LAND
from tests.web.world import BRANCH_A, BRANCH_B, NOW

FORM = {
    "linh-vuc": "",
    "nam": "2026",
    "ton-tai": "Chậm trả kết quả",
    "nguyen-nhan": "",
    "bien-phap": "",
    "thoi-han": "",
}


def post(client, address: str, **form: str):
    return client.post(address, data={**form, "csrf_token": token(client, "/tai-khoan")})


def test_a_head_sees_and_tells_of_the_own_units_alone(as_role):
    head = as_role("head")
    shown = head.get("/khac-phuc/").text
    assert LATE_LAND in shown
    assert "Chưa gửi đủ văn bản xin lỗi" not in shown
    assert head.get("/khac-phuc/2").status_code == 404
    assert post(head, "/khac-phuc/2/bo", loi="thôi").status_code == 404
    assert "Toàn tỉnh</option>" not in head.get("/khac-phuc/them").text
    for foreign in (f"T{BRANCH_B}", "tat-ca"):
        assert post(head, "/khac-phuc/them", **FORM, **{"don-vi": foreign}).status_code == 400
    assert post(head, "/khac-phuc/them", **FORM, **{"don-vi": f"T{BRANCH_A}"}).status_code == 302


def test_an_auditor_reads_and_is_offered_nothing_to_tell(as_role):
    page = as_role("auditor").get("/khac-phuc/1").text
    assert LATE_LAND in page
    assert "chưa xác định" in page
    assert "Ghi đã xong" not in page


def test_what_is_overdue_is_marked_and_counted(as_role):
    shown = as_role("reform").get("/khac-phuc/?loc=qua-han").text
    assert "Quá thời hạn <b>1</b>" in shown
    assert LATE_LAND in shown
    assert "Chưa gửi đủ văn bản xin lỗi" not in shown


def test_a_proposal_fills_the_fault_with_the_figures_and_leaves_the_cause_empty(context, as_role):
    client = as_role("reform")
    found = proposals(context.store, YearAsked(2026, NOW))
    first = found.by_unit[0]
    listed = client.get("/khac-phuc/de-xuat?nam=2026").text
    assert first.words in listed
    address = f"/khac-phuc/them?nam=2026&cap={first.level}&don-vi={first.unit_code}&linh-vuc={first.field_id}"
    assert address.replace("&", "&amp;") in listed
    form = client.get(address).text
    assert f">{first.words}</textarea>" in form
    assert 'name="nguyen-nhan" rows="3" maxlength="1000"></textarea>' in form


def test_a_slip_keeps_what_was_typed_and_an_older_look_is_refused(as_role):
    client = as_role("reform")
    slip = post(client, "/khac-phuc/1/sua", **{**FORM, "nam": "1999", "lan": "1", "don-vi": f"T{BRANCH_A}"})
    assert (slip.status_code, "Chậm trả kết quả" in slip.text) == (400, True)
    assert (
        post(client, "/khac-phuc/1/sua", **FORM, **{"lan": "1", "don-vi": f"T{BRANCH_A}"}).status_code == 302
    )
    stale = post(client, "/khac-phuc/1/xong", lan="1", ngay="20/08/2026")
    assert (stale.status_code, "Người khác vừa ghi thêm" in stale.text) == (400, True)
    assert post(client, "/khac-phuc/1/xong", lan="2", ngay="25/08/2026").status_code == 400  # tomorrow
    assert post(client, "/khac-phuc/1/xong", lan="2", ngay="20/08/2026", loi="đủ người").status_code == 302
    page = client.get("/khac-phuc/1").text
    for told in ("Ghi lần đầu", f"Tồn tại: trước là “{LATE_LAND}”", "Ghi đã xong ngày 20/08/2026: đủ người"):
        assert told in page


def test_the_report_on_faults_is_taken_by_those_who_may_read_them_and_says_who_asked(context, as_role):
    address = "/bao-cao/tai-ve?ky=2026&tep=.docx&bao-cao="
    answer = as_role("head").get(f"{address}remediation")
    assert answer.status_code == 200
    said = " ".join(cell.text for table in Document(BytesIO(answer.data)).tables for cell in table._cells)
    assert LATE_LAND in said
    assert "Chưa gửi đủ văn bản xin lỗi" not in said
    assert as_role("desk").get(f"{address}remediation").status_code == 404
    sheet = as_role("reform").get(f"{address}parindex")
    assert "Người lập phiếu: reform." in [each.text for each in Document(BytesIO(sheet.data)).paragraphs]
    assert as_role("head").get(f"{address}parindex").status_code in (400, 404)
