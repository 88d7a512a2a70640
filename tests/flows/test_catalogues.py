"""The catalogues by the command line: files in, files out, what is refused, and dossiers put right afterwards."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.flows.office import Office, row
from tests.flows.sheets import write_sheets

HEAD = "Mã thủ tục,Tên thủ tục,Lĩnh vực,Cách nộp,Thời hạn công bố,Áp dụng từ,Văn bản công bố,Mã khác\n"
NEW = "9.000001"
UNCLOSED = HEAD + f'{NEW},"Cấp phép,,,5 ngày,,,\n9.000002,Thủ tục hai,,,5 ngày,,,\n'


def catalogue(office: Office, *lines: str) -> Path:
    return office.write("danh-muc.csv", HEAD + "\n".join(lines) + "\n")


def counts(answer):
    return [answer[name] for name in ("read", "new", "changed", "unchanged", "rejected")]


def without_limit(number: int, **given: str) -> dict[str, str]:
    return row(
        number,
        **{
            "procedure_code": NEW,
            "limit_text": "",
            "received_at": "01/08/2026 08:00:00",
            "due_at": "",
            **given,
        },
    )


# ---------------------------------------------------------------- files


def test_rows_that_cannot_be_used_are_named_and_the_others_go_in(office: Office):
    path = catalogue(
        office,
        f"{NEW},Cấp phép thử nghiệm,Xây dựng (thử),,15 ngày làm việc,01/01/2026,QĐ 1/QĐ-UBND,",
        "9.000002,Thủ tục hai,Xây dựng (thử),Bồ câu,15 ngày,,,",
        "9.000003,Thủ tục ba,Xây dựng (thử),,nhanh thôi,31/02/2026,,",
        ",Không có mã,,,5 ngày,,,",
        "9.000004,,Xây dựng (thử),,5 ngày,,,",
    )
    answer = office.run("procedures", "import", path, "--json")
    assert answer.status == 1
    assert counts(answer.json) == [5, 1, 0, 0, 4]
    told = [(each["row"], each["column"], each["value"]) for each in answer.json["faults"]]
    assert told == [
        (3, "Cách nộp", "Bồ câu"),
        (4, "Áp dụng từ", "31/02/2026"),
        (4, "Thời hạn công bố", "nhanh thôi"),
        (5, "Mã thủ tục", ""),
        (6, "Tên thủ tục", ""),
    ]
    assert {Path(each["file"]).name for each in answer.json["faults"]} == {"danh-muc.csv"}
    assert office.query("SELECT limit_text FROM procedure_limit l JOIN procedure p ON p.id = l.procedure_id WHERE code = ?", NEW) == [
        ("15 ngày làm việc",)
    ]  # fmt: skip
    assert counts(office.ask("procedures", "import", path)) == [5, 0, 0, 1, 4]


def test_a_dry_run_counts_and_writes_nothing(office: Office):
    path = catalogue(office, f"{NEW},Cấp phép thử nghiệm,,,15 ngày làm việc,,,")
    before = office.dump()
    assert counts(office.ask("procedures", "import", path, "--dry-run")) == [1, 1, 0, 0, 0]
    assert office.dump() == before


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("which", ["procedures", "units"])
def test_what_is_listed_to_a_file_is_imported_again_without_a_change(office: Office, which: str, form: str):
    path = office.write(
        "them.csv",
        HEAD.replace("\n", ",Trường hợp,Thời hạn theo luật,Loại xã,Cộng thêm\n")
        + f'{NEW},"Tên có dấu phẩy, và ""ngoặc""",Đất đai,Trực tuyến,5 ngày làm việc,01/01/2026,QĐ 1,=cũ.1|M2,Phải xác minh,30 ngày,,\n'
        + ",,Đất đai,,,01/08/2024,QĐ 2,,,,Đặc biệt khó khăn,10 ngày\n",
    )
    assert office.ask("procedures", "import", path)["new"] == 2
    tables = ("procedure", "procedure_limit", "procedure_alias", "limit_extra", "field", "unit", "unit_alias")
    before = {name: rows for name, rows in office.dump().items() if name in tables}
    file = office.folder / f"ra.{form}"
    office.ask(which, "list", "--out", file)
    answer = office.ask(which, "import", file)
    assert answer["unchanged"] == answer["read"] > 30
    after = {name: rows for name, rows in office.dump().items() if name in tables}
    assert after == before


def test_the_shipped_tables_are_files_that_can_be_imported(office: Office):
    data = Path(__file__).parents[2] / "tracker" / "data"
    for which in ("procedures", "units"):
        answer = office.ask(which, "import", data / f"{which}.csv")
        assert answer["unchanged"] == answer["read"]


def test_a_workbook_with_titles_above_and_true_dates_is_read(office: Office):
    rows = [
        ["DANH MỤC THỦ TỤC HÀNH CHÍNH"],
        [],
        ["Mã số", "Tên TTHC", "Thời hạn giải quyết", "Từ ngày"],
        [NEW, "Cấp phép thử nghiệm", "15 ngày làm việc", date(2026, 1, 2)],
        [9.5, "Mã là con số", "04 giờ", ""],
    ]
    path = write_sheets(office.folder / "dm.xlsx", {"Bìa": [["trang bìa"]], "DM": rows})
    assert counts(office.ask("procedures", "import", path)) == [2, 2, 0, 0, 0]
    found = office.query(
        "SELECT valid_from FROM procedure_limit l JOIN procedure p ON p.id = l.procedure_id WHERE code = ?",
        NEW,
    )
    assert str(found[0][0]) == "2026-01-02"


def portal(*times, code=NEW, **more):
    ways = [{"KENH": channel, "THOIGIAN": [time]} for channel, time in times]
    return {
        "MATTHC": code, "TENTTHC": "Cấp giấy phép thử nghiệm", "LINHVUCTHUCHIEN": [{"MALINHVUC": "G1", "TENLINHVUC": "Xây dựng (thử)"}],
        "CAPTHUCHIEN": [{"TENCAP": "Cấp Tỉnh"}], "CACHTHUCTHUCHIEN": ways, **more,
    }  # fmt: skip


def time(value, unit, case=""):
    return {"THOIGIANGIAIQUYET": value, "DONVITINH": unit, "MOTA": case}


def test_the_portals_own_catalogue_gives_a_limit_a_channel_in_the_unit_that_it_names(office: Office):
    told = portal(("1", time(15, "Ngày")), ("2", time("10", "Ngày làm việc")), ("3", time(4, "Giờ")))
    path = office.write("thu-tuc.json", json.dumps({"error_code": 0, "result": [told]}))
    assert counts(office.ask("procedures", "import", path, "--from", "2026-01-01")) == [3, 3, 0, 0, 0]
    query = "SELECT channel, limit_text FROM procedure_limit l JOIN procedure p ON p.id = l.procedure_id WHERE code = ? ORDER BY 1"
    assert office.query(query, NEW) == [
        ("counter", "15 ngày"),
        ("online", "10 ngày làm việc"),
        ("postal", "4 giờ"),
    ]
    assert office.query("SELECT level FROM procedure WHERE code = ?", NEW) == [("province",)]


def test_cases_of_the_portal_are_told_apart_by_their_words_or_not_at_all(office: Office):
    clear = [time(5, "Ngày làm việc", "Không phải xác minh"), time(15, "Ngày làm việc", "Phải xác minh")]
    doubtful = [time(5, "Ngày làm việc"), time(15, "Ngày làm việc"), time(1, "Tuần trăng")]
    told = [
        portal(CACHTHUCTHUCHIEN=[{"KENH": "1", "THOIGIAN": clear}]),
        portal(code="9.000002", CACHTHUCTHUCHIEN=[{"KENH": "1", "THOIGIAN": doubtful}]),
    ]
    path = office.write("thu-tuc.json", json.dumps(told))
    answer = office.ask("procedures", "import", path)
    assert counts(answer) == [6, 3, 0, 0, 3]
    assert {each["row"] for each in answer["faults"]} == {2}


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "{}", '{"result": []}', "mã,tên\n1,2\n", "", "PK\x03\x04", UNCLOSED]
)
def test_a_file_that_is_no_catalogue_is_refused_and_nothing_changes(office: Office, content: str):
    before = office.dump()
    answer = office.run("procedures", "import", office.write("la.csv", content))
    assert answer.status == 3
    assert "la.csv" in answer.err
    assert office.dump() == before


# ---------------------------------------------------------------- dossiers afterwards

DUES = "SELECT code, documented_due_at, documented_reason, procedure_id, field_id FROM dossier ORDER BY code"
LATE_BASIS = ("--basis", "documented", "--state", "all")


def dues(office: Office):
    return {code: (due, reason) for code, due, reason, *_ in office.query(DUES)}


def test_open_dossiers_get_their_due_date_and_ended_ones_that_had_none(office: Office):
    ended = {"finished_at": "05/08/2026 09:00:00", "status": "Đã xử lý xong"}
    office.ingest(
        [without_limit(1), without_limit(2, **ended), without_limit(3, limit_text="2 ngày làm việc", **ended)]
    )
    before = dues(office)
    assert [reason for _, reason in before.values()] == ["LIMIT_MISSING", "LIMIT_MISSING", None]
    office.now += timedelta(hours=1)
    answer = office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,5 ngày làm việc,01/01/2026,QĐ 1,")
    )
    assert answer["recomputed"] == 2
    first, second, judged = dues(office).values()
    assert first == second != before["H15.03-220301-0001"]
    assert first[1] is None
    assert judged == before["H15.03-220301-0003"]  # what was judged by a limit stays as judged
    acts = office.query(
        "SELECT action, detail FROM audit_entry WHERE action LIKE '%dues%' OR action LIKE '%import'"
    )
    assert [action for action, _ in acts] == ["procedures_import", "dues_recomputed"]
    assert json.loads(acts[1][1]) == {"looked_at": 2, "moved": 2}


def test_a_corrected_limit_moves_open_dossiers_and_none_that_was_judged(office: Office):
    ended = {"finished_at": "05/08/2026 09:00:00", "status": "Đã xử lý xong"}
    office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,5 ngày làm việc,01/01/2026,QĐ 1,")
    )
    office.ingest([without_limit(1), without_limit(2, **ended)])
    before = dues(office)
    office.now += timedelta(hours=1)
    answer = office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,7 ngày làm việc,01/01/2026,QĐ 1,")
    )
    assert (answer["changed"], answer["recomputed"]) == (1, 1)
    after = dues(office)
    assert after["H15.03-220301-0001"] > before["H15.03-220301-0001"]
    assert after["H15.03-220301-0002"] == before["H15.03-220301-0002"]


def test_the_proof_of_a_judged_dossier_does_not_go_by_a_limit_of_later(office: Office):
    ended = {"finished_at": "05/08/2026 09:00:00", "status": "Đã xử lý xong"}
    office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,2 ngày làm việc,01/01/2026,QĐ 1,")
    )
    office.ingest([without_limit(1, **ended)])
    before = office.ask("dossier", "H15.03-220301-0001")["due"]["documented"]
    assert office.run("proof", "H15.03-220301-0001").status == 0
    office.now += timedelta(hours=1)
    office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,7 ngày làm việc,01/01/2026,QĐ 1,")
    )
    assert office.ask("dossier", "H15.03-220301-0001")["due"]["documented"] == before
    answer = office.run("proof", "H15.03-220301-0001")
    assert answer.status == 1
    assert "thời hạn của thủ tục đã đổi sau khi hồ sơ được xét" in answer.out + answer.err


def test_what_was_known_before_the_limit_is_answered_as_before(office: Office):
    office.ingest([without_limit(1, procedure_name="Cấp phép", received_at="01/06/2026 08:00:00")])
    at = ("--as-of", "2026-08-24", "--known", office.now.isoformat())
    rates = ("rates", "--from", "2026-01-01", "--to", "2026-08-24", *at)
    before = [
        office.ask("overdue", *LATE_BASIS, *at),
        office.ask(*rates),
        office.ask("dossier", "H15.03-220301-0001", *at),
    ]
    office.now += timedelta(hours=1)
    office.ask(
        "procedures", "import", catalogue(office, f"{NEW},Cấp phép,,,5 ngày làm việc,01/01/2026,QĐ 1,")
    )
    assert office.ask("overdue", *LATE_BASIS, "--as-of", "2026-08-24")["count"] == 1
    assert [
        office.ask("overdue", *LATE_BASIS, *at),
        office.ask(*rates),
        office.ask("dossier", "H15.03-220301-0001", *at),
    ] == before


def world():
    """Dossiers by code, by another code, by name alone; by channel; of a unit under a name of its own; suspended; ended."""
    other = {"procedure_code": "X.OLD"}
    return [
        without_limit(1),
        without_limit(2, **other),
        without_limit(3, procedure_code="", procedure_name="Cấp phép thử nghiệm"),
        without_limit(4, channel="Trực tuyến"),
        without_limit(5, channel=""),
        without_limit(6, resolving_unit="UBND xã Tên Lạ", receiving_unit="UBND xã Tên Lạ"),
        without_limit(7, suspensions="tạm dừng: 04/08/2026 08:00:00 - 06/08/2026 08:00:00"),
        without_limit(8, limit_text="3 ngày làm việc"),
        without_limit(9, finished_at="20/08/2026 09:00:00", status="Đã xử lý xong"),
        without_limit(10, field_name=""),
    ]


UNIT_HEAD = "Mã đơn vị,Tên đơn vị,Cấp,Loại xã,Tên gọi khác\n"


def load_catalogues(office: Office) -> None:
    lines = (
        f"{NEW},Cấp phép thử nghiệm,Đất đai,,5 ngày làm việc,01/01/2026,QĐ 1,X.OLD",
        f"{NEW},Cấp phép thử nghiệm,Đất đai,Trực tuyến,3 ngày làm việc,01/01/2026,QĐ 1,",
    )
    extra = ",,Đất đai,,,01/01/2026,QĐ 2,,Đặc biệt khó khăn,10 ngày\n"
    told = "\n".join(f"{line},," for line in lines)
    office.write("dm.csv", HEAD.replace("\n", ",Loại xã,Cộng thêm\n") + told + "\n" + extra)
    assert office.ask("procedures", "import", office.folder / "dm.csv")["rejected"] == 0
    office.write("dv.csv", UNIT_HEAD + "T.01,UBND xã Tên Thật,Cấp xã,Đặc biệt khó khăn,UBND xã Tên Lạ\n")
    assert office.ask("units", "import", office.folder / "dv.csv")["rejected"] == 0


def standing(office: Office):
    return office.query(
        "SELECT d.code, d.documented_due_at, d.documented_reason, p.code, f.name, u.code, r.code, d.flags FROM dossier d"
        " LEFT JOIN procedure p ON p.id = d.procedure_id LEFT JOIN field f ON f.id = d.field_id"
        " LEFT JOIN unit u ON u.id = d.resolving_unit_id LEFT JOIN unit r ON r.id = d.receiving_unit_id ORDER BY d.code"
    )


def test_limits_loaded_after_the_dossiers_give_what_limits_loaded_before_them_give(
    office: Office, tmp_path: Path
):
    (tmp_path / "other").mkdir()
    other = Office(tmp_path / "other").furnished()
    load_catalogues(other)
    other.ingest(world())
    office.ingest(world())
    assert standing(office) != standing(other)
    office.now += timedelta(hours=1)
    load_catalogues(office)
    assert standing(office) == standing(other)
    by_code = {code[-2:]: (due, reason) for code, due, reason, *_ in standing(office)}
    assert by_code["01"] == by_code["02"] == by_code["03"] == by_code["10"]
    assert by_code["04"][0] < by_code["01"][0] < by_code["06"][0]  # online; counter; a difficult commune
    assert by_code["05"] == (None, "LIMIT_BY_CHANNEL")
    # And once more changes nothing at all, nor does loading the dossiers again.
    before = office.dump(without=("audit_entry", "batch", "batch_seen", "office_event"))
    load_catalogues(office)
    assert office.ingest(world())["unchanged"] == 10
    after = office.dump(without=("audit_entry", "batch", "batch_seen", "office_event"))
    same = set(before) - {"audit_entry", "batch", "batch_seen", "office_event"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


def test_a_dossier_told_anew_under_the_old_name_goes_to_the_known_unit(office: Office):
    office.ingest([without_limit(6, resolving_unit="UBND xã Tên Lạ")])
    load_catalogues(office)
    office.now += timedelta(hours=1)
    office.ingest(
        [
            without_limit(6, resolving_unit="UBND xã tên lạ", note="đã xem"),
            without_limit(7, resolving_unit="UBND xã Tên Thật"),
        ]
    )
    assert {(unit, flags) for *_, unit, _, flags in standing(office)} == {("T.01", "DUE_MISSING")}


# ---------------------------------------------------------------- units, checks


def test_units_that_do_not_fit_are_named_and_those_that_hang_on_them_too(office: Office):
    text = (
        "Mã đơn vị,Tên đơn vị,Cấp,Mã đơn vị cấp trên,Tên gọi khác\n"
        "T.01,Sở Một,Cấp tỉnh,H15,\n"
        "T.02,Phòng Hai,,H15,\n"  # a new unit has to have a level
        "T.03,Phòng Ba,Cấp tỉnh,T.02,\n"
        "T.04,Phòng Bốn,Cấp tỉnh,T.05,\n"
        "T.05,Phòng Năm,Cấp tỉnh,T.04,\n"
        "T.06,Phòng Sáu,Cấp tỉnh,T.01,Sở Công Thương\n"
        "T.07,Phòng Bảy,Cấp tỉnh,T.01,P7|Phòng 7\n"
    )
    answer = office.ask("units", "import", office.write("dv.csv", text))
    assert counts(answer) == [7, 2, 0, 0, 5]
    assert [(each["row"], each["column"]) for each in answer["faults"]] == [
        (3, "Cấp"),
        (4, "Mã đơn vị cấp trên"),
        (5, "Mã đơn vị cấp trên"),
        (6, "Mã đơn vị cấp trên"),
        (7, "Tên gọi khác"),
    ]
    assert office.ask("units", "import", office.folder / "dv.csv")["unchanged"] == 2


def test_the_check_says_what_is_missing_and_those_of_most_dossiers_first(office: Office):
    ended = "01/01/2026,31/01/2026"
    lines = (
        f"{NEW},Cấp phép thử nghiệm,Đất đai,,5 ngày làm việc,{ended},QĐ 1",
        f"{NEW},Cấp phép thử nghiệm,Đất đai,,5 ngày làm việc,01/04/2026,,QĐ 1",
        "9.000002,Thủ tục hai,,,từ 5 đến 7 ngày,,,",
    )
    head = (
        "Mã thủ tục,Tên thủ tục,Lĩnh vực,Cách nộp,Thời hạn công bố,Áp dụng từ,Áp dụng đến,Văn bản công bố\n"
    )
    office.ask("procedures", "import", office.write("dm.csv", head + "\n".join(lines)))
    office.ingest(
        [without_limit(n, procedure_code="7.777777") for n in (1, 2)]
        + [without_limit(3, procedure_code="6.666666", resolving_unit="Phòng Lạ")]
    )
    answer = office.run("procedures", "check", "--json")
    assert answer.status == 1
    found = [(each["code"], each["subject"], each["dossiers"]) for each in answer.json["findings"]]
    assert found[:2] == [
        ("PROCEDURE_WITHOUT_LIMIT", "7.777777", 2),
        ("PROCEDURE_WITHOUT_LIMIT", "6.666666", 1),
    ]
    assert set(found[2:]) >= {("LIMITS_GAP", NEW, 0), ("LIMIT_UNCLEAR", "9.000002", 0)}
    answer = office.run("units", "check", "--json")
    assert answer.status == 1
    assert answer.json["findings"][0] == {
        "code": "UNIT_UNKNOWN", "subject": "Phòng Lạ", "message": "đơn vị chưa có trong danh mục", "dossiers": 1,
    }  # fmt: skip


def test_the_check_of_the_shipped_catalogues_is_told_without_dossiers(office: Office):
    for which in ("procedures", "units"):
        answer = office.run(which, "check", "--json")
        assert answer.json["ok"] is (answer.status == 0)
