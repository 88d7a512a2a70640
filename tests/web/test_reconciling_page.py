"""The pages of reconciliation: both numbers and why, who may see which units, figures that come in, what is logged."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from tests.flows.reports import form_06
from tests.web.conftest import token
from tests.web.world import BRANCH_A, BRANCH_B, NAME, OVERDUE_A, OVERDUE_B, StandingContext, at
from tracker.store import audit, reported
from tracker.store.models import Batch, BatchSeen, Dossier, Rejection, Telling
from tracker.store.seen import packed
from tracker.text import fold
from tracker.types.reconciling import ReportPlace

pytestmark = pytest.mark.sqlite_only("what the store answers is tried on both databases in tests/flows")

AUGUST = ReportPlace("thu", "e", date(2026, 8, 1), date(2026, 8, 31))
PERIOD = {"start": "01/08/2026", "end": "31/08/2026"}
ROLES = ["auditor", "reform", "admin"]
Login = Callable[[str], FlaskClient]


def acts(context: StandingContext, count: int) -> list[audit.Act]:
    with context.store.read() as session:
        return audit.recent_acts(session, count)[::-1]


def of_unit(context: StandingContext, role: str, unit_id: int) -> None:
    """From now on the role's account looks at one unit alone."""
    with context.store.transaction() as session:
        session.connection().exec_driver_sql(
            f"UPDATE user_account SET unit_id = {unit_id} WHERE login = '{role}'"
        )


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize("role", ROLES)
def test_both_numbers_and_the_difference_stand_on_the_page(as_role: Login, role: str):
    text = as_role(role).get("/doi-chieu/").text
    assert "báo cáo 0" in text
    assert "phần mềm 1" in text
    assert "+1" in text
    assert "Phòng không ai biết" in text
    assert "danh mục không có tên này nên chưa so được" in text
    assert "chưa đối chiếu văn bản" in text


def test_only_rows_that_differ_and_all_columns_are_a_matter_of_the_address(as_role: Login):
    client = as_role("auditor")
    whole = client.get("/doi-chieu/").text
    assert "Thử Nghiệm Một" in whole
    text = client.get("/doi-chieu/?loc=khac").text
    assert "Thử Nghiệm Hai" in text
    assert text.count("Thử Nghiệm Một") == 0
    assert "Tiếp nhận trực tiếp" in client.get("/doi-chieu/?cot=tat-ca").text


def test_what_cannot_be_used_is_told_and_left_out(as_role: Login):
    answer = as_role("auditor").get("/doi-chieu/?bao-cao=thu|z|x&ngay=31/02/2026&trang=0")
    assert answer.status_code == 200
    assert "Không có báo cáo này" in answer.text
    assert "không phải là ngày" in answer.text


def test_without_any_report_the_page_says_what_to_do(as_role: Login, context: StandingContext):
    with context.store.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM reported_total")
    assert "Tải lên bảng tổng hợp" in as_role("reform").get("/doi-chieu/").text
    answer = as_role("auditor").get("/doi-chieu/")
    assert "Chưa có báo cáo nào" in answer.text
    assert "/doi-chieu/nhap" not in answer.text
    assert as_role("auditor").get("/doi-chieu/so-lieu.xlsx").status_code == 404


def test_who_looks_at_one_unit_sees_its_rows_alone(as_role: Login, context: StandingContext):
    of_unit(context, "auditor", BRANCH_A)
    text = as_role("auditor").get("/doi-chieu/").text
    assert "Thử Nghiệm Một" in text
    assert "Thử Nghiệm Hai" not in text
    assert "Phòng không ai biết" not in text


def test_the_workbook_has_a_line_a_figure_and_both_are_logged(as_role: Login, context: StandingContext):
    client = as_role("auditor")
    client.get("/doi-chieu/")
    sheet = load_workbook(BytesIO(client.get("/doi-chieu/so-lieu.xlsx").data)).active
    lines = [row for row in sheet.iter_rows(min_row=4, values_only=True)]
    late = [row for row in lines if row[1] == "Thử Nghiệm Hai" and row[2] == "Đang giải quyết, quá hạn"]
    assert [row[3:6] for row in late] == [(0, 1, 1)]
    assert "hẹn trả đúng ngày cuối kỳ" in late[0][7]
    assert [act.action for act in acts(context, 2)] == ["reconcile", "reconcile_export"]


# ---------------------------------------------------------------- what comes in


def upload(client: FlaskClient, text: str, **given: Any):
    form = {
        "csrf_token": token(client, "/doi-chieu/nhap"),
        "source": "thu",
        "unit": "0",
        "file": (BytesIO(text.encode()), "bieu 06.csv"),
        **given,
    }
    return client.post("/doi-chieu/tep", data=form, content_type="multipart/form-data")


def test_a_file_of_totals_is_read_compared_and_not_kept(as_role: Login, context: StandingContext):
    client = as_role("reform")
    text = form_06(
        {f"T{BRANCH_A}": {"total": 5, "open": 5, "open_late": 1, "open_in_time": 4}},
        start="01/08/2026",
        end="31/08/2026",
    )
    answer = upload(client, text)
    assert answer.status_code == 302
    assert "Báo cáo số 2: 4 số liệu" in client.get(answer.location).text
    assert [path for path in context.data_dir.iterdir() if path.name.startswith("doi-chieu")] == []
    act = acts(context, 2)[0]
    assert (act.action, act.subject, act.detail["figures"]) == ("report_import", "report:2", 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mã hồ sơ;Ngày tiếp nhận;Ngày hẹn trả\nA-1;01/08/2026;02/08/2026\n", "không có bảng tổng hợp"),
        ("", "Không dùng được tệp bieu 06.csv"),
        (
            form_06({"Phòng lạ": {"total": 1}}).replace("Từ ngày 01/07/2026 đến ngày 31/07/2026", ""),
            "không ghi kỳ",
        ),
    ],
)
def test_a_file_that_is_no_report_is_refused_by_its_own_name(
    as_role: Login, context: StandingContext, text: str, words: str
):
    answer = upload(as_role("reform"), text)
    assert answer.status_code == 400
    assert words in answer.text
    with context.store.read() as session:
        assert len(reported.reports(session)) == 1


def test_a_file_that_is_too_large_for_a_page_is_refused_in_words(as_role: Login):
    client = as_role("reform")
    fields = {"csrf_token": token(client, "/doi-chieu/nhap"), "source": "thu", "unit": "0"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{told}\r\n'
        for key, told in fields.items()
    ]
    file = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n' + "x" * 4_200_000
    body = "".join([*parts, file, "\r\n--x--\r\n"]).encode()
    answer = client.post("/doi-chieu/tep", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400
    assert "dunghen reconcile import" in answer.text


def test_a_file_without_the_token_of_its_form_is_not_read(as_role: Login):
    client = as_role("reform")
    answer = client.post("/doi-chieu/tep", data={"source": "thu", "file": (BytesIO(b"x"), "a.csv")})
    assert answer.status_code == 400
    assert "tệp" not in answer.text.split("<main")[1][:200]


def type_in(client: FlaskClient, **given: str):
    usual = {"source": "thu", "form": "e", "row": str(BRANCH_B), **PERIOD}
    return client.post(
        "/doi-chieu/nhap", data={"csrf_token": token(client, "/doi-chieu/nhap"), **usual, **given}
    )


def test_a_figure_that_is_typed_in_replaces_only_itself(as_role: Login, context: StandingContext):
    client = as_role("admin")
    with context.store.transaction() as session:
        session.connection().exec_driver_sql(
            f"UPDATE reported_total SET row_name = (SELECT name FROM unit WHERE id = {BRANCH_B}) WHERE unit_id = {BRANCH_B}"
        )
    answer = type_in(client, **{"figures-open_late": "1.234"})
    assert answer.status_code == 302
    with context.store.read() as session:
        told = {
            (one.unit_id, one.measure, one.value)
            for one in reported.figures(session, AUGUST)
            if one.report_id == 2
        }
    assert told == {(BRANCH_B, "open_late", 1234)}
    text = client.get(answer.location).text
    assert "báo cáo 1.234" in text
    assert "nhập tay" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"figures-late": "mười"}, "không phải là số hồ sơ"),
        ({"figures-late": "1", "start": "31/08/2026", "end": "01/08/2026"}, "sau khi kết thúc"),
        ({"figures-late": "1", "start": "31/02/2026"}, "không phải là ngày"),
        ({}, "chưa có số liệu nào"),
    ],
)
def test_what_cannot_be_typed_is_told_at_its_field(as_role: Login, given: dict[str, str], words: str):
    answer = type_in(as_role("reform"), **given)
    assert answer.status_code == 400
    assert words in answer.text.lower() or words in answer.text


def test_who_only_reads_types_nothing(as_role: Login):
    client = as_role("auditor")
    form = {"csrf_token": token(client, "/tai-khoan")}
    assert client.post("/doi-chieu/nhap", data=form).status_code == 403
    assert client.post("/doi-chieu/tep", data=form).status_code == 403


def test_who_looks_at_one_unit_types_figures_of_that_unit_alone(as_role: Login, context: StandingContext):
    of_unit(context, "reform", BRANCH_A)
    client = as_role("reform")
    assert "Thử Nghiệm Hai" not in client.get("/doi-chieu/nhap").text
    assert type_in(client, **{"figures-late": "1"}).status_code == 400
    assert type_in(client, row="0", **{"figures-late": "1"}).status_code == 400
    assert type_in(client, row=str(BRANCH_A), **{"figures-late": "1"}).status_code == 302


# ---------------------------------------------------------------- what vanished


@pytest.fixture
def exports(context: StandingContext) -> StandingContext:
    """Two whole exports; the second leaves out an overdue dossier of each branch."""
    with context.store.transaction() as session:
        for number, ids in ((2, range(1, 10)), (3, range(3, 10))):
            session.add(
                Batch(id=number, source_id=900_000, ingested_at=at(24, 7, number), files="[]", counts="{}")
            )
            session.flush()
            session.add(
                BatchSeen(
                    batch_id=number, is_full=True, dossiers=len(ids), open_dossiers=len(ids) - 2,
                    first_received_at=None, last_received_at=None, body=packed(ids),
                )
            )  # fmt: skip
    return context


def test_vanished_dossiers_stand_with_the_load_that_last_told_of_them(
    as_role: Login, exports: StandingContext
):
    text = as_role("auditor").get("/doi-chieu/bien-mat").text
    assert OVERDUE_A in text
    assert OVERDUE_B in text
    assert "lần nạp 2" in text
    assert NAME not in text
    assert f'href="/ho-so/{OVERDUE_A}"' in text
    assert f'href="/ho-so/{OVERDUE_A}"' not in as_role("admin").get("/doi-chieu/bien-mat").text


def test_who_looks_at_one_unit_reads_no_code_of_another_one(as_role: Login, exports: StandingContext):
    of_unit(exports, "auditor", BRANCH_A)
    client = as_role("auditor")
    for address in ("/doi-chieu/bien-mat", "/doi-chieu/bien-mat.xlsx"):
        data = client.get(address).data
        cells = (
            str([*load_workbook(BytesIO(data)).active.iter_rows(values_only=True)])
            if address.endswith("xlsx")
            else data.decode()
        )
        assert OVERDUE_A in cells
        assert OVERDUE_B not in cells


def test_the_list_of_vanished_dossiers_is_logged_by_ids_and_bears_no_names(
    as_role: Login, exports: StandingContext
):
    client = as_role("reform")
    client.get("/doi-chieu/bien-mat?nguon=la")
    sheet = load_workbook(BytesIO(client.get("/doi-chieu/bien-mat.xlsx").data)).active
    assert NAME not in str([*sheet.iter_rows(values_only=True)])
    seen, taken = acts(exports, 2)
    assert (seen.action, seen.detail) == ("vanished", {"ids": [1, 2]})
    assert (taken.action, taken.detail) == ("vanished_export", {"rows": 2})


def test_without_two_whole_exports_nobody_is_accused(as_role: Login):
    text = as_role("auditor").get("/doi-chieu/bien-mat").text
    assert "Chưa có hai bản xuất toàn bộ" in text
    assert OVERDUE_A not in text


# ---------------------------------------------------------------- what may be told twice


def test_doubles_differences_and_conflicts_are_shown_without_names(as_role: Login, context: StandingContext):
    with context.store.transaction() as session:
        for number in (1, 2):
            session.get_one(Dossier, number).applicant_name = NAME if number == 1 else NAME.upper()
        session.get_one(Dossier, 1).source_id = 900_000
        telling = '{"columns": ["due_at"], "values": {"source_due_at": 1787000000}}'
        session.connection().exec_driver_sql(
            "INSERT INTO source (id, key, name, priority) VALUES (900001, 'cong', 'cong', 2)"
        )
        session.add(
            Telling(
                dossier_id=1, source_id=900_001, row_hash=b"x", updated_at=None, body=telling,
                disagrees="source_due_at", batch_id=1, row_no=2, known_from=at(24),
            )
        )  # fmt: skip
        session.add(
            Rejection(
                id=101, batch_id=1, file="a.csv", sheet="", row=7, column="Mã hồ sơ", value=OVERDUE_A, code="CODE_CONFLICT",
                message="mã trùng", cells="[]", closed_at=None, resolved_batch_id=None,
            )
        )  # fmt: skip
    text = as_role("auditor").get("/doi-chieu/trung-lap").text
    assert "nhóm trong" in text
    assert OVERDUE_B in text
    assert "20/08/2026 17:00" in text
    assert "a.csv, dòng 7" in text
    assert NAME not in text
    assert fold(NAME) not in fold(text)
    of_unit(context, "auditor", BRANCH_A)
    scoped = as_role("auditor").get("/doi-chieu/trung-lap").text
    assert OVERDUE_B not in scoped
    assert "a.csv" not in scoped


def test_three_months_at_most_are_looked_at_on_a_page(as_role: Login):
    text = as_role("auditor").get("/doi-chieu/trung-lap?tu=01/01/2026&den=24/08/2026").text
    assert "nhiều nhất ba tháng" in text
    assert "24/05/2026" in text
