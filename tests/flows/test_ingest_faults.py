"""Bad input: what cannot be used is named with its place, and the store stays as it was; a bad row costs only itself."""

import pytest

from tests.flows.office import HEADINGS, Office, csv_text, row

pytestmark = pytest.mark.sqlite_only(
    "how cells are read does not depend on the database; what is stored of them is tried on both by test_main_job"
)

NAMES = list(HEADINGS)
CITIZEN_ID = "066085012345"


# ---------------------------------------------------------------- files that cannot be used


def latin(text: str) -> bytes:
    return text.encode("cp1258", "replace")


UNUSABLE = {
    "empty": (b"", "rỗng"),
    "only blanks": (b"\r\n \r\n,,,\r\n", "rỗng"),
    "binary": (bytes(range(256)) * 8, "CSV"),
    "an Excel file": (b"PK\x03\x04" + b"\0" * 200, "CSV"),
    "latin": (latin(csv_text([row(n) for n in range(1, 40)])), "UTF-8"),
    "no header": ("xin chào,các bạn\r\n1,2\r\n", "tiêu đề"),
    "no due date": (csv_text([row()], names=[n for n in NAMES if n != "due_at"]), "Ngày hẹn trả"),
    "no code": (csv_text([row()], names=[n for n in NAMES if n != "dossier_code"]), "Mã hồ sơ"),
    "no reception": (csv_text([row()], names=[n for n in NAMES if n != "received_at"]), "Ngày tiếp nhận"),
    "one column twice": (csv_text([row()], names=[*NAMES, "due_at"]), "hai cột cùng nghĩa"),
    "broken late": (
        csv_text([row(n) for n in range(1, 900)]).encode() + b"H15,\xff\xfe\xfa,x\r\n",
        "bảng mã",
    ),
}


@pytest.mark.parametrize("fault", UNUSABLE)
def test_a_file_that_cannot_be_used_is_named_and_leaves_the_store_as_it_was(office: Office, fault: str):
    content, reason = UNUSABLE[fault]
    office.ingest([row(7)])
    before = office.dump()
    path = office.write("hong.csv", content)
    answer = office.run("ingest", path, "--json")
    assert answer.status == 3
    assert answer.out == ""
    assert str(path) in answer.err
    assert reason in answer.err
    assert office.dump() == before


@pytest.mark.parametrize("fault", ["no due date", "broken late"])
def test_the_real_program_says_so_in_one_sentence_without_a_traceback(office: Office, fault: str):
    content, reason = UNUSABLE[fault]
    answer = office.program("ingest", office.write("hong.csv", content), "--json")
    assert (answer.status, answer.out) == (3, "")
    assert reason in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("cut", [1, 6])
def test_a_wrong_letter_at_the_very_end_of_a_small_file_is_no_crash(office: Office, cut: int):
    tail = b"\xe3\r\n----"[:cut]
    answer = office.run("ingest", office.write("hong.csv", csv_text([row()]).encode() + tail))
    assert answer.status == 3
    assert "hong.csv" in answer.err


def test_a_utf_16_file_cut_off_in_the_middle_of_a_letter_is_no_crash(office: Office):
    content = csv_text([row()]).encode("utf-16")[:-1]
    assert office.run("ingest", office.write("hong.csv", content)).status == 3


def test_one_bad_file_of_two_costs_both(office: Office):
    before = office.dump()
    for order in (("tot.csv", "hong.csv"), ("hong.csv", "tot.csv")):
        office.write("tot.csv", [row()])
        office.write("hong.csv", UNUSABLE["broken late"][0])
        assert office.run("ingest", *(office.folder / name for name in order)).status == 3
        assert office.dump() == before


def test_a_folder_or_a_file_that_is_not_there_is_status_3(office: Office):
    for path in (office.folder / "khong-co.csv", office.folder):
        answer = office.run("ingest", path)
        assert answer.status == 3
        assert str(path) in answer.err


def test_a_file_larger_than_the_configuration_allows_is_refused(office: Office):
    office.configure(max_file_mib="1")
    answer = office.run("ingest", office.write("to.csv", "x" * (1024 * 1024 + 1)))
    assert answer.status == 3
    assert "1 MiB" in answer.err


def test_a_header_with_no_row_below_it_is_a_batch_of_none(office: Office):
    report = office.ingest(csv_text([], names=NAMES))
    assert (report["read"], report["rejected"]) == (0, 0)
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]


# ---------------------------------------------------------------- wrong use and configuration


def test_all_faults_of_a_configuration_are_told_together_and_nothing_is_made(tmp_path):
    office = Office(tmp_path, port='"tám nghìn"', key='" "', chunk_rows="0")
    text = office.config.read_text("utf-8").replace("lock_minutes = 15\n", "khoa = 3\n")
    office.config.write_text(text, "utf-8")
    answer = office.program("ingest", office.write("tep.csv", [row()]))
    assert answer.status == 2
    for told in ("[web] port", "[calendar] key", "[ingest] chunk_rows", "[web] lock_minutes", "[web] khoa"):
        assert told in answer.err, told
    assert "Traceback" not in answer.err
    assert not office.has_tables()
    assert not (tmp_path / "var").exists()


def test_a_calendar_that_nobody_declared_is_status_2_and_the_others_are_named(tmp_path):
    office = Office(tmp_path, key='"Z"')
    answer = office.program("ingest", office.write("tep.csv", [row()]))
    assert answer.status == 2
    for told in ("không có lịch làm việc Z", "A, B"):
        assert told in answer.err, told
    assert office.query("SELECT count(*) FROM dossier") == [(0,)]


@pytest.mark.parametrize("content", [b"[store\n", b"\xff\xfe\x00", None])
def test_a_configuration_that_cannot_be_read_is_status_2_and_named(tmp_path, content):
    office = Office(tmp_path)
    office.config.unlink() if content is None else office.config.write_bytes(content)
    answer = office.program("score", "3.4.1", "--year", "2022")
    assert answer.status == 2
    assert str(office.config) in answer.err


def test_a_database_address_that_is_none_is_status_2(tmp_path):
    office = Office(tmp_path)
    answer = office.program("db", "upgrade", environment={"DUNGHEN_DATABASE_URL": "đây không phải địa chỉ"})
    assert answer.status == 2
    assert "Traceback" not in answer.err


@pytest.mark.sqlite_only("a file; the faults of a server stand in test_server_faults.py")
def test_a_database_file_that_is_none_is_status_3(tmp_path):
    office = Office(tmp_path)
    office.database.parent.mkdir()
    office.database.write_bytes(b"day khong phai la co so du lieu" * 40)
    answer = office.program("ingest", office.write("tep.csv", [row()]))
    assert answer.status == 3
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("ingest",),
        ("ingest", "tep.csv", "--lay-out", "x"),
        ("ingest", "tep.csv", "--layout", "khong-co"),
        ("khong-co-lenh",),
        ("score", "3.4.1"),
        ("score", "9.9.9", "--year", "2022"),
        ("score", "3.4.1", "--year", "2022", "--edition", "khong-co"),
        ("score", "3.4.1", "--year", "2022", "--as-of", "31/12/2022"),
        ("rates", "--from", "2022-12-31", "--to", "2022-01-01"),
        ("rates", "--from", "2022-02-30", "--to", "2022-12-31"),
        ("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "mau_mat"),
        ("overdue", "--unit", "Sở Không Có"),
        ("overdue", "--out", "danh-sach.pdf"),
        ("overdue", "--basis", "khac"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_status_2_and_changes_nothing(office: Office, arguments):
    before = office.dump()
    answer = office.run(*arguments, "--json")
    assert answer.status == 2
    assert answer.out == ""
    assert office.dump() == before


# ---------------------------------------------------------------- rows that cannot be used


@pytest.mark.parametrize(
    "value",
    [
        "31/02/2022", "29/02/2023", "45/13/2022", "12/25/2022", "hôm qua", "2022", "10-08-22", "01/03/1999",
        "01/03/2609", "01/03/2022 25:00:00", "01/03/2022 10:61", "2022-02-30", "20220230", "29999", "01/03/2022x",
    ],
)  # fmt: skip
def test_an_impossible_date_rejects_its_row_and_no_other(office: Office, value: str):
    rows = [row(1), row(2, due_at=value), row(3)]
    report = office.ingest(rows)
    assert (report["read"], report["new"], report["rejected"]) == (3, 2, 1)
    answer = office.run("rejections", "--json")
    assert answer.status == 1
    (rejection,) = answer.json["rejections"]
    assert rejection["file"].endswith("tep-1.csv")
    assert (rejection["batch"], rejection["row"], rejection["column"]) == (1, 3, "Ngày hẹn trả")
    assert (rejection["value"], rejection["code"]) == (value, "DATE_INVALID")
    assert "ngày" in rejection["message"]
    codes = office.query("SELECT code FROM dossier ORDER BY code")
    assert codes == [("H15.03-220301-0001",), ("H15.03-220301-0003",)]


@pytest.mark.parametrize("name", ["received_at", "due_at", "finished_at", "withdrawn_at"])
def test_the_four_dates_that_decide_lateness_reject_the_others_are_flagged(office: Office, name: str):
    report = office.ingest([row(1, **{name: "31/02/2022"})])
    assert (report["rejected"], report["new"]) == (1, 0)


@pytest.mark.parametrize("name", ["filed_at", "returned_at", "refused_at", "previous_due_at", "updated_at"])
def test_the_other_dates_are_stored_empty_with_a_flag(office: Office, name: str):
    report = office.ingest([row(1, **{name: "31/02/2022"})])
    assert (report["rejected"], report["new"], report["flagged"]["DATE_UNREADABLE"]) == (0, 1, 1)


def test_ingest_ends_with_status_1_where_rows_were_rejected_and_0_where_none(office: Office):
    good, bad = office.write("tot.csv", [row(1)]), office.write("xau.csv", [row(2, due_at="x")])
    assert office.program("ingest", good).status == 0
    answer = office.program("ingest", bad)
    assert answer.status == 1
    assert "dunghen rejections --batch 2" in answer.out


def test_a_row_without_a_code_is_rejected_and_named(office: Office):
    report = office.ingest([row(1), row(" "), row("")])
    assert (report["read"], report["new"], report["rejected"]) == (3, 1, 2)
    rejections = office.ask("rejections")["rejections"]
    assert [(r["row"], r["column"], r["code"]) for r in rejections] == [
        (3, "Mã hồ sơ", "CODE_MISSING"),
        (4, "Mã hồ sơ", "CODE_MISSING"),
    ]


@pytest.mark.parametrize("name", ["Công ty TNHH Bịa Đặt", "Tống Thị Bịa", "Cộng đồng dân cư thôn 1"])
def test_a_row_without_a_code_is_no_total_because_of_its_applicants_name(office: Office, name: str):
    names = ["dossier_code", "applicant_name", "address", "received_at", "due_at"]
    report = office.ingest(csv_text([row(""), row("", applicant_name=name)], names=names))
    assert (report["rejected"], report["skipped"]) == (2, {})
