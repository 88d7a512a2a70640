"""`dunghen audit cases`, `sample`, `queries`: what an auditor asks of late dossiers, answered and written to files."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from app.accounts import new_salt
from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, StandingContext, row
from tests.passwords import cheap_hash
from tracker.measures.sampling import rank
from tracker.store import people, saved_query_store
from tracker.store.people import NewAccount
from tracker.store.saved_query_store import NewQuery

MOVED, OPEN, HIDDEN, SHORT, OTHER = (f"H15.03-220301-{n:04d}" for n in range(1, 6))
APRIL = ("--as-of", "2022-04-01")
DONE = {"status": "Đã xử lý xong"}


@pytest.fixture
def late(office: Office) -> Office:
    """Late dossiers of March 2022: received on the 1st with ten working days, so until the 15th, but where told else."""
    stop = "Tạm dừng: 02/03/2022 08:00:00 - 04/03/2022 08:00:00"
    office.ingest(
        [
            row(1, previous_due_at="15/03/2022 17:00:00", due_at="25/03/2022 17:00:00", finished_at="30/03/2022 09:00:00",
                suspensions=stop, late_reason="+ chờ ý kiến", applicant_name="=HYPERLINK(1)", **DONE),
            row(2, due_at="10/03/2022 17:00:00", limit_text="Không quy định"),
            row(3, due_at="15/04/2022 17:00:00", finished_at="21/03/2022 09:00:00", **DONE),
            row(4, due_at="18/03/2022 17:00:00", finished_at="19/03/2022 09:00:00", **DONE),  # a Saturday
            row(5, due_at="10/03/2022 17:00:00", resolving_unit=OTHER_PROVINCIAL, finished_at="14/03/2022 09:00:00",
                late_reason="Thiếu người", **DONE),
            row(6, finished_at="14/03/2022 09:00:00", **DONE),
        ]
    )  # fmt: skip
    return office


def codes(office: Office, *options: str) -> list[str]:
    return [each["code"] for each in office.ask("audit", "cases", *APRIL, *options)["rows"]]


def one(office: Office, code: str, *options: str) -> Any:
    (found,) = (
        each for each in office.ask("audit", "cases", *APRIL, *options)["rows"] if each["code"] == code
    )
    return found


def test_a_moved_due_date_is_judged_by_all_three(late: Office):
    got = one(late, MOVED)
    assert {basis: told["late_days"] for basis, told in got["late"].items()} == {
        "source": 3, "promised": 11, "documented": 9,
    }  # fmt: skip
    assert got["due"]["documented"] == "2022-03-17T17:00+07:00"
    assert got["suspensions"] == {"count": 1, "workdays": 2, "kinds": ["pause"]}
    assert (got["dues_seen"], got["reason"], got["responsible_unit"]) == (2, "+ chờ ý kiến", PROVINCIAL)
    assert (got["finished_at"], got["state"]) == ("2022-03-30T09:00+07:00", "finished_late")


def test_what_nobody_can_tell_is_null_and_never_0(late: Office):
    assert one(late, OPEN)["late"]["documented"] == {"late": None, "late_days": None}
    # Ended on a Saturday after Friday's due date: late, and by no working day.
    assert one(late, SHORT)["late"]["source"] == {"late": True, "late_days": 0}


def test_ended_ones_come_by_their_end_and_then_open_ones(late: Office):
    assert codes(late) == [OTHER, SHORT, MOVED, OPEN]
    answer = late.ask("audit", "cases", *APRIL)
    assert answer["bases"]["documented"] == {"late": 2, "computed": 3, "total": 4}


@pytest.mark.every_value("each option is a condition of its own")
@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--state", "open"), [OPEN]),
        (("--state", "finished"), [OTHER, SHORT, MOVED]),
        (("--from", "2022-03-15", "--to", "2022-03-29", "--state", "finished"), [SHORT]),
        (("--basis", "documented"), [SHORT, HIDDEN, MOVED]),
        (("--hidden",), [HIDDEN]),
        (("--unit", OTHER_PROVINCIAL), [OTHER]),
        (("--days-from", "3"), [MOVED, OPEN]),
        (("--days-to", "2"), [OTHER, SHORT]),
        (("--no-reason",), [SHORT, OPEN]),
        (("--flag", "DUE_CHANGED"), []),
        (("--channel", "online"), []),
        (("--no-letter",), [OTHER, SHORT, MOVED, OPEN]),
        (("--letter", "with"), []),
    ],
)
def test_options_narrow_the_list(late: Office, options: tuple[str, ...], wanted: list[str]):
    assert codes(late, *options) == wanted


def test_what_was_known_then_is_asked_for(late: Office):
    answer = late.ask("audit", "cases", *APRIL, "--known", "2022-04-01")
    assert (answer["count"], answer["rows"]) == (None, None)


def test_a_letter_stands_beside_its_dossier(late: Office):
    late.ask("letters", "draft", *APRIL, "--out", late.folder / "thu")
    assert one(late, MOVED)["letter"]["state"] == "drafted"
    assert codes(late, "--letter", "with") == [MOVED]
    assert codes(late, "--no-letter") == [OTHER, SHORT, OPEN]
    assert codes(late, "--letter", "undelivered") == [OTHER, SHORT, MOVED, OPEN]


def test_files_hold_the_list_with_typed_dates_and_no_formulas(late: Office):
    book, table = late.folder / "ds.xlsx", late.folder / "ds.csv"
    for path in (book, table):
        answer = late.ask("audit", "cases", *APRIL, "--out", path)
        assert (answer["count"], answer["file"]) == (4, str(path))
    sheet = openpyxl.load_workbook(book).worksheets[0]
    heads = [cell.value for cell in sheet[3]]
    line = dict(zip(heads, sheet[6], strict=True))
    assert line["Mã hồ sơ"].value == MOVED
    assert line["Hạn tính theo quy định"].is_date
    assert (line["Chủ hồ sơ"].value, line["Chủ hồ sơ"].data_type) == ("=HYPERLINK(1)", "s")
    assert [line[head].value for head in heads if head.startswith("Trễ so với")] == [11, 9, 3]
    assert sheet.cell(7, heads.index("Trễ so với hạn quy định (ngày làm việc)") + 1).value is None
    with table.open(encoding="utf-8-sig", newline="") as stream:
        rows = {each["Mã hồ sơ"]: each for each in csv.DictReader(stream)}
    assert (rows[MOVED]["Chủ hồ sơ"], rows[MOVED]["Lý do quá hạn"]) == ("'=HYPERLINK(1)", "'+ chờ ý kiến")
    assert rows[OPEN]["Trễ so với hạn quy định (ngày làm việc)"] == ""
    assert rows[OPEN]["Quá hạn theo căn cứ"] == "hẹn ban đầu, theo nguồn; chưa rõ: theo quy định"


def test_masked_files_hold_no_name_and_no_free_text(late: Office):
    path = late.folder / "che.csv"
    late.ask("audit", "cases", *APRIL, "--mask", "--out", path)
    text = path.read_text("utf-8-sig")
    assert "Bịa" not in text
    assert "Thiếu người" not in text


def test_what_was_asked_is_in_the_log_without_names(late: Office):
    late.ask("audit", "cases", *APRIL, "--no-reason", "--out", late.folder / "ds.csv")
    ((detail,),) = late.query("SELECT detail FROM audit_entry WHERE action = 'case_export'")
    assert json.loads(detail) == {"ky": "moi-luc", "thieu-ly-do": "1", "rows": 2, "masked": False}


@pytest.mark.parametrize(
    "options",
    [("--unit", "không có"), ("--field", "không có"), ("--procedure", "9.9"), ("--flag", "KHONG_CO"),
     ("--query", "không có"), ("--out", "ds.docx")],
)  # fmt: skip
def test_what_there_is_not_is_wrong_use(late: Office, options: tuple[str, ...]):
    assert late.run("audit", "cases", *APRIL, *options).status == 2


# ---------------------------------------------------------------- kept questions


def keep(office: Office, name: str, **body: str) -> None:
    context = StandingContext(office.config, instant=office.now)
    with context.store.transaction() as session:
        new = NewAccount("kiemtra", "Kiểm tra", "auditor", None, cheap_hash("mat-khau-dai-1"), new_salt())
        account = people.find_login(session, "kiemtra")
        account_id = account.account_id if account else people.add_account(session, new, office.now)
        saved_query_store.add_query(session, NewQuery(account_id, name, json.dumps(body), False), office.now)
    context.store.close()


def test_a_kept_question_is_asked_by_its_name_and_options_go_before_it(late: Office, monkeypatch):
    for name, value in late.environment.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    keep(late, "Thiếu lý do", **{"thieu-ly-do": "1", "ky": "moi-luc"})
    assert codes(late, "--query", "Thiếu lý do") == [SHORT, OPEN]
    assert codes(late, "--query", "Thiếu lý do", "--state", "open") == [OPEN]
    (told,) = late.ask("audit", "queries")["queries"]
    assert (told["name"], told["owner"], told["shared"]) == ("Thiếu lý do", "kiemtra", False)
    assert codes(late, "--query", str(told["id"])) == [SHORT, OPEN]


# ---------------------------------------------------------------- samples


def test_a_sample_is_drawn_by_the_hash_of_seed_and_code(late: Office):
    answer = late.ask("audit", "sample", *APRIL, "--size", "2", "--seed", "7")
    wanted = sorted([MOVED, OPEN, SHORT, OTHER], key=lambda code: rank("7", code))[:2]
    assert [each["code"] for each in answer["rows"]] == wanted
    assert (answer["population"], answer["size"], answer["seed"]) == (4, 2, "7")


def test_a_seed_that_was_not_given_is_told_and_draws_the_same_again(late: Office):
    first = late.ask("audit", "sample", *APRIL, "--size", "2")
    again = late.ask("audit", "sample", *APRIL, "--size", "2", "--seed", first["seed"])
    assert again["rows"] == first["rows"]


@pytest.mark.parametrize(
    ("by", "strata"),
    [
        ("unit", {PROVINCIAL: 3, OTHER_PROVINCIAL: 1}),
        ("field", {"Đất đai": 4}),
        ("month", {"2022-03": 3, "chưa giải quyết": 1}),
        ("days", {"chưa đủ 1 ngày": 1, "1–5 ngày": 2, "11–30 ngày": 1}),
    ],
)
def test_every_stratum_is_in_the_sample(late: Office, by: str, strata: dict[str, int]):
    answer = late.ask("audit", "sample", *APRIL, "--size", "3", "--seed", "7", "--by", by)
    assert {each["stratum"]: each["population"] for each in answer["strata"]} == strata
    assert {each["stratum"] for each in answer["rows"]} == strata.keys()
    assert len({each["code"] for each in answer["rows"]}) == 3


def test_a_sample_smaller_than_its_strata_is_refused(late: Office):
    assert late.run("audit", "sample", *APRIL, "--size", "1", "--by", "unit").status == 2


def test_the_file_of_a_sample_says_how_it_was_drawn(late: Office):
    path: Path = late.folder / "mau.xlsx"
    late.ask("audit", "sample", *APRIL, "--size", "2", "--seed", "7", "--by", "month", "--out", path)
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["Mẫu", "Cách rút mẫu"]
    told = {str(line[0]): line[1:] for line in book.get_sheet_by_name("Cách rút mẫu").to_python()}
    assert told["Hạt giống"][0] == "7"
    assert told["2022-03"] == [3.0, 1.0, "33,33 % (1/3)"]
    assert told["Cộng"] == [4.0, 2.0, "50,00 % (2/4)"]
    assert "SHA-256" in told["Cách rút"][0]
    ((detail,),) = late.query("SELECT detail FROM audit_entry WHERE action = 'case_sample'")
    assert json.loads(detail)["seed"] == "7"
