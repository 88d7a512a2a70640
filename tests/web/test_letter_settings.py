"""The pages of what an office sets for its letters: templates tried and taken, signers, series, reasons counted before they are set."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.letter_trials import TrialShelf
from letters.obligations import LetterKind
from tests.template_files import with_text
from tests.web.browsing import add_overdue
from tests.web.conftest import token
from tests.web.letter_sets import FORM, KEY, PLACE, TRIAL, template
from tests.web.world import BRANCH_A, BRANCH_B, NOW, OFFICE, StandingContext, at
from tracker.store import audit, delay_reasons, number_store, people, signer_store, template_store
from tracker.store.models import Dossier, Letter, Obligation

AsRole = Callable[[str], FlaskClient]
TEMPLATES, SIGNERS = "/thu-xin-loi/mau/", "/thu-xin-loi/nguoi-ky"
SERIES, REASONS = "/thu-xin-loi/so-rieng", "/thu-xin-loi/ly-do"
UNIT_A, UNIT_B = f"T{BRANCH_A}", f"T{BRANCH_B}"
FAULT = re.compile(r'<p class="fault" id="([\w-]+)-fault">([^<]+)</p>')


def post(client: FlaskClient, address: str, **form: Any) -> Any:
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **form})


def tell(client: FlaskClient, address: str, form: dict[str, Any], **change: Any) -> Any:
    return post(
        client, address, **{**form, **{name.replace("_", "-"): each for name, each in change.items()}}
    )


def acts(context: StandingContext) -> list[tuple[str, str, str]]:
    with context.store.read() as session:
        found = audit.recent_acts(session, 30)[::-1]
    own = ("letter_template", "letter_reason", "signer", "series")
    return [(act.actor, act.action, act.subject) for act in found if act.action.startswith(own)]


def bind(context: StandingContext, login: str, unit_id: int) -> None:
    """Let an account be one of a unit."""
    with context.store.transaction() as session:
        account = people.find_login(session, login)
        assert account
        session.get_one(people.User, account.account_id).unit_id = unit_id


# ---------------------------------------------------------------- templates


def upload(client: FlaskClient, body: bytes, **change: Any) -> Any:
    form = {"don-vi": "tat-ca", "mau": FORM, "loai": "overdue", "ghi-chu": "Bản hai"}
    return tell(client, f"{TEMPLATES}thu", form, tep=(io.BytesIO(body), "mau-moi.docx"), **change)


def versions(context: StandingContext) -> list[tuple[int | None, str, int, str]]:
    with context.store.read() as session:
        found = template_store.templates(session)
    return [(row.unit_id, row.kind, row.version, row.state) for row in found]


def test_a_file_is_tried_looked_at_and_only_then_taken_into_use(as_role: AsRole, context: StandingContext):
    reform, body = as_role("reform"), with_text("Lời riêng của cơ quan.")
    sent = upload(reform, body)
    assert sent.status_code == 302
    assert versions(context) == [(None, "overdue", 1, "active")]
    shown = reform.get(sent.location).text
    assert "Lời riêng của cơ quan." in shown
    assert "Nguyễn Thị Mẫu" in shown
    assert "Thay cho bản 1 (mau-cu.docx)" in shown
    assert "chưa đối chiếu văn bản" in shown
    assert reform.get(f"{sent.location}/thu-mau.docx").data.startswith(b"PK")
    used = post(reform, f"{sent.location}/dung")
    assert used.location == TEMPLATES
    assert versions(context) == [(None, "overdue", 2, "active"), (None, "overdue", 1, "retired")]
    listed = reform.get(TEMPLATES).text
    assert "Bản 2: mau-moi.docx, reform đưa lên lúc 24/08/2026 09:30. Bản hai" in listed
    assert reform.get(sent.location).status_code == 404  # the trial is over
    assert reform.get(f"{TEMPLATES}2.docx").data == body
    post(reform, f"{TEMPLATES}2/thoi-dung")
    assert versions(context)[0] == (None, "overdue", 2, "retired")
    assert acts(context) == [
        ("reform", "letter_template_try", "templates"),
        ("reform", "letter_template_add", "template:2"),
        ("reform", "letter_template_retire", "template:2"),
    ]


@pytest.mark.parametrize(
    ("body", "change", "told"),
    [
        (with_text("{{khong_co}}"), {}, "{{khong_co}}"),
        (with_text("một"), {"loai": ""}, "{{noi_dung}}"),
        (b"khong phai tep", {}, "không phải .docx"),
        (b"", {}, "Hãy chọn tệp mẫu .docx."),
        (template(), {"mau": "khong-co"}, "Hãy chọn mẫu theo ngày."),
        (template(), {"loai": "khong-co"}, "Hãy chọn loại thư."),
        (template(), {"don_vi": "T-KHONG-CO"}, "Hãy chọn một đơn vị trong danh sách."),
        (template(), {"ghi_chu": "x" * 301}, "Ghi chú dài nhất 300 ký tự."),
    ],
)
def test_a_file_that_cannot_be_used_is_told_why_and_changes_nothing(
    as_role: AsRole, context: StandingContext, body: bytes, change: dict[str, str], told: str
):
    answer = upload(as_role("reform"), body, **change)
    assert answer.status_code == 400
    assert told in answer.text
    assert versions(context) == [(None, "overdue", 1, "active")]


def test_a_trial_is_its_authors_own_and_lasts_a_day(as_role: AsRole, context: StandingContext):
    assert as_role("reform").get(TRIAL).status_code == 200
    assert as_role("admin").get(TRIAL).status_code == 403
    assert post(as_role("admin"), f"{TRIAL}/dung").status_code == 403
    for key in ("0" * 32, "..", "%2e%2e%2fdunghen.sqlite3", KEY.upper()):
        assert as_role("reform").get(f"{TEMPLATES}thu/{key}").status_code == 404
    shelf = TrialShelf(context.data_dir)
    shelf.sweep(NOW + timedelta(hours=24))
    assert shelf.has(KEY)
    shelf.sweep(NOW + timedelta(hours=24, seconds=1))
    assert not shelf.has(KEY)


def test_a_template_that_is_in_use_already_is_not_taken_again(as_role: AsRole, context: StandingContext):
    reform, body = as_role("reform"), with_text("một")
    for _ in range(2):
        sent = upload(reform, body)
        answer = post(reform, f"{sent.location}/dung")
    assert answer.status_code == 400
    assert "đang là mẫu dùng ở đây" in answer.text
    assert len(versions(context)) == 2


def test_an_account_of_a_unit_sees_its_own_and_the_common_templates_and_changes_its_own(
    as_role: AsRole, context: StandingContext
):
    reform = as_role("reform")
    for unit in (UNIT_A, UNIT_B):
        post(reform, f"{upload(reform, with_text(unit), don_vi=unit).location}/dung")
    bind(context, "admin", BRANCH_A)
    admin = as_role("admin")
    listed = admin.get(TEMPLATES).text
    assert "Thử Nghiệm Một" in listed
    assert "Thử Nghiệm Hai" not in listed
    assert [admin.get(f"{TEMPLATES}{number}.docx").status_code for number in (1, 2, 3)] == [200, 200, 404]
    assert upload(admin, with_text("một")).status_code == 400  # all units are not one's own
    for number, state in ((1, "active"), (3, "active"), (2, "retired")):
        post(admin, f"{TEMPLATES}{number}/thoi-dung")
        with context.store.read() as session:
            found = {row.template_id: row.state for row in template_store.templates(session)}
        assert found[number] == state


def test_readers_see_the_templates_and_no_way_to_change_them(as_role: AsRole):
    for role in ("desk", "head", "auditor"):
        client = as_role(role)
        shown = client.get(TEMPLATES).text
        assert "Tải mẫu mặc định" in shown
        assert ">Thôi dùng<" not in shown
        assert ">Kiểm tra tệp<" not in shown
        assert post(client, f"{TEMPLATES}1/thoi-dung").status_code == 403
        assert upload(client, template()).status_code == 403


@pytest.mark.parametrize("asked", ["mau=khong-co", "mau=phieu-2018&loai=x", "mau=phieu-2018&kho=a3", ""])
def test_a_file_to_begin_with_that_there_is_not_is_not_found(as_role: AsRole, asked: str):
    assert as_role("desk").get(f"{TEMPLATES}mac-dinh?{asked}").status_code == 404


# ---------------------------------------------------------------- signers

DEPUTY = {
    "don-vi": UNIT_A, "ho-ten": "Trần Thị Bịa", "quyen": "deputy", "chuc-danh": "Phó Giám đốc",
    "chuc-danh-dau": "Giám đốc", "tu": "01/01/2026", "den": "", "can-cu": "", "lam": "them",
}  # fmt: skip


def signers(context: StandingContext) -> list[tuple[str, int, date | None]]:
    with context.store.read() as session:
        return [
            (row.full_name, row.unit_id, row.valid_to) for row in signer_store.signers_of(session, {BRANCH_A})
        ]


def test_a_signer_is_looked_at_as_printed_then_entered_then_ended(as_role: AsRole, context: StandingContext):
    head = as_role("head")
    looked = tell(head, f"{SIGNERS}/them", DEPUTY, lam="xem")
    assert looked.status_code == 200
    assert "<span>KT. GIÁM ĐỐC</span><span>PHÓ GIÁM ĐỐC</span><em>Trần Thị Bịa</em>" in looked.text
    assert signers(context) == []
    assert tell(head, f"{SIGNERS}/them", DEPUTY).location == SIGNERS
    shown = head.get(SIGNERS).text
    assert "Đang được ký" in shown
    assert post(head, f"{SIGNERS}/2/ket-thuc", den="31/08/2026").location == SIGNERS
    assert signers(context) == [("Trần Thị Bịa", BRANCH_A, date(2026, 8, 31))]
    again = post(head, f"{SIGNERS}/2/ket-thuc", den="01/09/2026")
    assert again.status_code == 400
    assert "thêm dòng mới theo văn bản mới" in again.text
    assert acts(context) == [("head", "signer_add", "signer:2"), ("head", "signer_end", "signer:2")]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"don-vi": UNIT_B}, "Hãy chọn một đơn vị trong danh sách."),
        ({"don-vi": "tat-ca"}, "Hãy chọn một đơn vị trong danh sách."),
        ({"quyen": "x"}, "Hãy chọn quyền hạn ký."),
        ({"tu": "31/02/2026"}, "không phải là ngày"),
        ({"ho-ten": " "}, "Cần họ tên và chức danh người ký."),
        ({"chuc-danh-dau": ""}, "Ký KT. thì cần chức danh của người đứng đầu"),
        ({"quyen": "by_order"}, "Ký TL. thì cần ghi văn bản cho phép"),
        ({"quyen": "by_authorisation", "can-cu": "Văn bản số 1"}, "cần ngày kết thúc"),
    ],
)
def test_a_head_enters_only_complete_signers_of_the_own_unit(
    as_role: AsRole, context: StandingContext, change: dict[str, str], told: str
):
    answer = tell(as_role("head"), f"{SIGNERS}/them", {**DEPUTY, **change})
    assert answer.status_code == 400
    assert told in answer.text
    assert signers(context) == []


def test_signers_of_another_unit_are_neither_seen_nor_ended_by_a_head(as_role: AsRole):
    head = as_role("head")
    assert "Lê Văn Ví Dụ" not in head.get(SIGNERS).text
    assert "Lê Văn Ví Dụ" in as_role("reform").get(SIGNERS).text
    assert post(head, f"{SIGNERS}/1/ket-thuc", den="31/12/2019").status_code == 400
    assert "Không có người ký số 1" in post(head, f"{SIGNERS}/1/ket-thuc", den="31/12/2019").text


# ---------------------------------------------------------------- series

OWN = {"don-vi": UNIT_A, "ky-hieu": "pxl-mot", "van-ban": "Quyết định số 2", "so-dau": "", "tu": "01/01/2026"}


def test_a_series_is_registered_checked_and_closed(as_role: AsRole, context: StandingContext):
    reform = as_role("reform")
    assert tell(reform, f"{SERIES}/them", OWN).location == SERIES
    shown = reform.get(SERIES).text
    assert "PXL-MOT" in shown
    assert "Các dãy số liên tục, không thiếu, không trùng" in shown
    assert post(reform, f"{SERIES}/2/dong", den="").status_code == 400
    assert post(reform, f"{SERIES}/2/dong", den="31/12/2025").status_code == 400
    assert post(reform, f"{SERIES}/2/dong", den="31/12/2026").location == SERIES
    with context.store.read() as session:
        found = {row.unit_id: row.valid_to for row in number_store.series_of(session)}
    assert found == {OFFICE: None, BRANCH_A: date(2026, 12, 31)}
    assert acts(context) == [("reform", "series_add", "series:2"), ("reform", "series_close", "series:2")]


def test_a_number_that_is_missing_is_told_on_the_page(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        given = number_store.GivenOut(1, 2026, 2, "used", 1)
        number_store.add_numbers(session, [given], actor="reform", at=NOW)
    shown = as_role("reform").get(SERIES).text
    assert "Dãy 1, năm 2026, số 1: thiếu số này trong sổ" in shown


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"don-vi": ""}, "Hãy chọn một đơn vị trong danh sách."),
        ({"ky-hieu": ""}, "Cần ký hiệu đứng sau số"),
        ({"van-ban": ""}, "Cần ghi văn bản cho phép lấy số riêng"),
        ({"so-dau": "0"}, "Số bắt đầu là một số từ 1"),
        ({"so-dau": "x"}, "Số bắt đầu là một số từ 1"),
        ({"tu": ""}, "Hãy ghi ngày bắt đầu"),
        ({"don-vi": f"T{OFFICE}"}, "mỗi năm một dãy"),
    ],
)
def test_what_cannot_be_a_series_is_told(as_role: AsRole, change: dict[str, str], told: str):
    answer = tell(as_role("reform"), f"{SERIES}/them", {**OWN, **change})
    assert answer.status_code == 400
    assert told in answer.text


# ---------------------------------------------------------------- reasons

WAITING = {
    "don-vi": UNIT_A,
    "thu-tuc": "",
    "tu": "01/06/2026",
    "den": "31/08/2026",
    "loi": "Chờ ý kiến phối hợp",
}


@pytest.fixture
def lacking(context: StandingContext) -> None:
    """The late dossiers of both branches are owed a letter, say no reason and have no letter."""
    with context.store.transaction() as session:
        session.query(Letter).delete()
        session.query(Obligation).delete()
        for number, unit in ((1, BRANCH_A), (2, BRANCH_B), (7, BRANCH_A)):
            found = session.get_one(Dossier, number)
            found.late_reason = ""
            due = found.source_due_at
            row = Obligation(
                dossier_id=number, opened_at=NOW, state="owed", reason="late", due_at=due, unit_id=unit
            )
            session.add(row)


def mark(text: str) -> str:
    found = re.search(r'name="da-xem" value="(\w+)"', text)
    assert found
    return found[1]


def standing(context: StandingContext) -> list[tuple[int | None, int | None, str]]:
    with context.store.read() as session:
        known = delay_reasons.known_reasons(session)
    return [(row.unit_id, row.procedure_id, row.text) for row in known if row.reason_id > 1]


@pytest.mark.usefixtures("lacking")
@pytest.mark.parametrize(
    ("role", "change", "count"),
    [
        ("head", {}, 2),
        ("head", {"thu-tuc": "T.001"}, 2),
        ("head", {"thu-tuc": "T.001 chuyen nhuong"}, 2),
        ("head", {"tu": "21/08/2026"}, 0),
        ("reform", {"don-vi": "tat-ca"}, 3),
        ("reform", {"don-vi": UNIT_B}, 1),
        ("reform", {"don-vi": f"T{OFFICE}"}, 0),
    ],
)
def test_a_reason_is_set_only_after_its_author_saw_whom_it_serves(
    as_role: AsRole, context: StandingContext, role: str, change: dict[str, str], count: int
):
    client, form = as_role(role), {**WAITING, **change}
    looked = tell(client, f"{REASONS}/them", form)
    assert looked.status_code == 200
    assert f"dùng cho <b>{count}</b> hồ sơ" in looked.text
    assert standing(context) == []
    other = tell(client, f"{REASONS}/them", form, loi="Lý do khác", da_xem=mark(looked.text))
    assert other.status_code == 200  # changed since: counted again
    assert standing(context) == []
    assert tell(client, f"{REASONS}/them", form, da_xem=mark(looked.text)).location == REASONS
    assert [text for _, _, text in standing(context)] == ["Chờ ý kiến phối hợp"]
    assert acts(context) == [(role, "letter_reason_add", "reason:2")]


@pytest.mark.usefixtures("lacking")
def test_the_page_tells_what_still_lacks_a_reason_within_ones_own_units(as_role: AsRole):
    assert "<b>2</b> hồ sơ phải xin lỗi chưa soạn thư được" in as_role("head").get(REASONS).text
    assert "<b>3</b> hồ sơ phải xin lỗi chưa soạn thư được" in as_role("reform").get(REASONS).text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"don-vi": UNIT_B}, "Hãy chọn một đơn vị trong danh sách."),
        ({"don-vi": "tat-ca"}, "Hãy chọn một đơn vị trong danh sách."),
        ({"thu-tuc": "khong co thu tuc nay"}, "Không có thủ tục nào khớp"),
        ({"thu-tuc": "dang ky"}, "thủ tục khớp, hãy ghi mã"),
        ({"tu": ""}, "Hãy ghi ngày hẹn đầu tiên."),
        ({"den": "31/05/2026"}, "trước ngày hẹn đầu tiên"),
        ({"loi": ""}, "Hãy ghi lý do"),
        ({"loi": "x" * 501}, "Lý do quá hạn dài quá 500 ký tự."),
    ],
)
def test_what_cannot_be_a_reason_of_a_head_is_told(
    as_role: AsRole, context: StandingContext, change: dict[str, str], told: str
):
    answer = tell(as_role("head"), f"{REASONS}/them", {**WAITING, **change})
    assert answer.status_code == 400
    assert told in answer.text
    assert standing(context) == []


def test_a_head_takes_back_the_own_units_reasons_alone(as_role: AsRole, context: StandingContext):
    head, reform = as_role("head"), as_role("reform")
    post(head, f"{REASONS}/1/rut")
    assert "Không có lý do số 1 đang dùng" in head.get(REASONS).text
    assert "Chờ xác minh thực địa" in reform.get(REASONS).text.split("Một số cách ghi")[0]
    post(reform, f"{REASONS}/1/rut")
    with context.store.read() as session:
        assert delay_reasons.known_reasons(session) == []
    assert acts(context) == [("reform", "letter_reason_end", "reason:1")]


def test_suggestions_are_told_apart_from_rules(as_role: AsRole):
    shown = as_role("head").get(REASONS).text
    assert "Gợi ý của chương trình, chưa đối chiếu văn bản" in shown
    assert '<option value="Chờ thẩm tra, xác minh thực địa">' in shown


def test_the_trial_of_the_world_is_of_the_place_that_it_says(context: StandingContext):
    found = TrialShelf(context.data_dir).find(KEY, "reform")
    assert found
    assert (found.place, found.upload.body) == (PLACE, template())
    assert found.place.kind is LetterKind.OVERDUE
    assert Path(found.letter).is_file()


# ---------------------------------------------------------------- the proposed new date


@pytest.mark.parametrize(("count", "is_told"), [(18, False), (19, True)])  # and one of the world
def test_a_draft_tells_on_what_experience_its_new_date_rests(
    as_role: AsRole, context: StandingContext, count: int, is_told: bool
):
    due, done = at(20, month=7), at(24, month=7)
    add_overdue(
        context.store,
        count,
        source_due_at=due,
        promised_at=due,
        finished_at=done,
        ended_at=done,
        end_kind="finished",
    )
    with context.store.transaction() as session:
        letter = session.get_one(Letter, 1)
        letter.dossier_id, letter.kind, letter.form = 1, "overdue", "van-ban-2025"
        letter.due_at, letter.new_due_at, letter.seq = at(20), at(31), 7
    shown = as_role("head").get("/thu-xin-loi/1").text
    assert "chương trình đề xuất" in shown
    told = "theo 20 hồ sơ quá hạn cùng thủ tục đã xong trong 12 tháng, 75 % xong trong 4 ngày làm việc sau ngày hẹn"
    assert (told in shown) is is_told
