"""Rows that cost only themselves: rejected, flagged, passed over or taken, each with its place and reason."""

import json
import os
import unicodedata
import zlib

import pytest

from tests.flows.office import HEADINGS, Office, at, csv_text, facts, row

pytestmark = pytest.mark.sqlite_only(
    "how cells are read does not depend on the database; what is stored of them is tried on both by test_main_job"
)

NAMES = list(HEADINGS)
CITIZEN_ID = "066085012345"


def test_a_row_that_is_cut_off_before_its_due_date_is_rejected(office: Office):
    names = ["dossier_code", "received_at", "due_at", "finished_at"]
    text = csv_text([row(1), row(2, finished_at="20/03/2022 08:00:00")], names=names).rstrip("\r\n")
    report = office.ingest(text.rsplit(",", 2)[0] + "\r\n")
    assert (report["new"], report["rejected"]) == (1, 1)
    (rejection,) = office.ask("rejections")["rejections"]
    assert (rejection["row"], rejection["code"]) == (3, "ROW_TOO_SHORT")


def test_a_row_without_its_last_cells_is_taken_where_no_decisive_date_is_among_them(office: Office):
    names = ["dossier_code", "received_at", "due_at", "note"]
    text = csv_text([row(1, note="x")], names=names).rstrip("\r\n")
    assert office.ingest(text.rsplit(",", 1)[0] + "\r\n")["new"] == 1


def test_a_row_with_more_cells_than_headings_is_rejected(office: Office):
    text = csv_text([row(1), row(2)]).rstrip("\r\n") + ",thừa,nữa\r\n"
    report = office.ingest(text)
    assert (report["new"], report["rejected"]) == (1, 1)
    (rejection,) = office.ask("rejections")["rejections"]
    assert (rejection["row"], rejection["code"]) == (3, "ROW_TOO_LONG")


def test_a_quote_that_is_never_closed_does_not_swallow_the_rows_below_it(office: Office):
    before = office.dump()
    for rows in (6, 200):
        lines = csv_text([row(n, address="Thôn 1") for n in range(1, rows)]).splitlines()
        lines[2] = lines[2].replace(",Nguyễn", ',"Nguyễn', 1)
        answer = office.run("ingest", office.write("tep.csv", "\r\n".join(lines)), "--json")
        assert answer.status == 3
        assert "dòng 3: dấu ngoặc kép" in answer.err
        assert office.dump() == before


def test_a_line_break_inside_quotes_is_a_space(office: Office):
    office.ingest([row(1, note="dòng một\r\ndòng hai"), row(2, note="a\nb")])
    assert facts(office, "note") == ("dòng một dòng hai",)


def test_a_row_that_repeats_an_earlier_one_is_unchanged(office: Office):
    office.configure(chunk_rows="100")
    rows = [row(n) for n in range(1, 151)]
    report = office.ingest([*rows, row(1), row(150)])
    assert (report["read"], report["new"], report["unchanged"]) == (152, 150, 2)
    report = office.ingest([row(1)], [row(1)])
    assert (report["read"], report["unchanged"]) == (2, 2)


# ---------------------------------------------------------------- values that cannot be


@pytest.mark.parametrize(
    "value",
    [
        "01/01/1900",
        "1900-01-01",
        "0001-01-01T00:00:00",
        "9999-12-31",
        "01/01/1970 07:00:00",
        "00010101000000",
    ],
)
def test_what_programs_write_for_no_date_is_stored_empty_with_a_flag(office: Office, value: str):
    report = office.ingest([row(1, due_at=value, finished_at=value)])
    assert (report["new"], report["rejected"]) == (1, 0)
    assert report["flagged"] == {"DATE_SENTINEL": 1, "DUE_MISSING": 1}
    assert facts(office, "source_due_at, finished_at, ended_at") == (None, None, None)


def test_a_finish_before_reception_is_stored_empty_with_a_flag(office: Office):
    report = office.ingest([row(1, finished_at="28/02/2022 10:00:00")])
    assert report["flagged"] == {"END_BEFORE_RECEIVED": 1}
    assert facts(office, "finished_at, ended_at, flags") == (None, None, "END_BEFORE_RECEIVED")


@pytest.mark.parametrize("name", ["received_at", "finished_at", "returned_at", "withdrawn_at", "refused_at"])
def test_what_has_not_happened_yet_is_stored_empty_with_a_flag(office: Office, name: str):
    report = office.ingest([row(1, **{name: "24/08/2026 09:30:01"})])
    assert report["flagged"][f"{name.removesuffix('_at').upper()}_IN_FUTURE"] == 1
    assert facts(office, f"{name}, ended_at") == (None, None)


def test_what_happens_at_this_very_second_has_happened(office: Office):
    assert office.ingest([row(1, finished_at="24/08/2026 09:30:00")])["flagged"] == {}


def test_a_finish_dated_today_is_not_in_the_future_before_closing_time(office: Office):
    report = office.ingest([row(1, finished_at="24/08/2026")])
    assert report["flagged"] == {}
    assert facts(office, "end_kind") == ("finished",)


@pytest.mark.parametrize("name", ["finished_at", "returned_at", "withdrawn_at", "refused_at"])
@pytest.mark.parametrize("hour", ["09:00:00", "17:45:00"])
def test_an_end_dated_on_the_day_of_reception_is_not_before_it(office: Office, name: str, hour: str):
    report = office.ingest([row(1, received_at=f"01/03/2022 {hour}", **{name: "01/03/2022"})])
    assert "END_BEFORE_RECEIVED" not in report["flagged"]
    assert facts(office, "ended_at IS NULL") == (0,)


def test_a_missing_due_date_is_flagged_and_stays_missing(office: Office):
    assert office.ingest([row(1, due_at="")])["flagged"] == {"DUE_MISSING": 1}
    assert facts(office, "source_due_at, promised_at") == (None, None)


def test_a_due_date_before_reception_is_kept_with_a_flag(office: Office):
    assert office.ingest([row(1, due_at="28/02/2022")])["flagged"] == {"DUE_BEFORE_RECEIVED": 1}
    assert at(office, "source_due_at") == "2022-02-28 17:00:00"


def test_a_bare_due_date_is_the_end_of_its_last_session_and_a_bare_reception_its_beginning(office: Office):
    office.ingest([row(1, received_at="01/03/2022", due_at="15/03/2022", finished_at="14/03/2022")])
    assert at(office, "received_at") == "2022-03-01 00:00:00"
    assert at(office, "source_due_at") == "2022-03-15 17:00:00"
    assert at(office, "finished_at") == "2022-03-14 17:00:00"


def test_an_unknown_status_is_unknown_kept_and_flagged(office: Office):
    report = office.ingest([row(1, status="Chờ sếp về"), row(2, status="12")])
    assert (report["new"], report["flagged"]) == (2, {"STATUS_UNKNOWN": 2})
    assert facts(office, "status, status_text, flags") == ("unknown", "Chờ sếp về", "STATUS_UNKNOWN")


def test_an_unknown_unit_is_kept_under_its_name_and_left_out_of_the_score(office: Office):
    report = office.ingest([row(1, resolving_unit="Phòng Bịa", finished_at="10/03/2022 08:00:00")])
    assert report["flagged"] == {"UNIT_UNKNOWN": 1}
    answer = office.ask("score", "3.4.1", "--year", "2022", "--as-of", "2023-01-01")
    assert (answer["denominator"], answer["left_out"]) == (0, {"UNIT_UNKNOWN": 1})


def test_a_suspension_that_cannot_be_read_is_flagged_and_the_others_are_kept(office: Office):
    cell = "Bổ sung hồ sơ: 02/03/2022 08:00:00 - 03/03/2022 08:00:00; Ngủ trưa: 04/03/2022 -"
    report = office.ingest([row(1, suspensions=cell)])
    assert report["flagged"] == {"SUSPENSION_UNREADABLE": 1}
    assert office.query("SELECT kind FROM suspension") == [("supplement",)]


# ---------------------------------------------------------------- rows that are none


def test_blank_group_total_and_numbering_rows_are_skipped_and_not_read(office: Office):
    lines = csv_text([row(1), row(2)]).splitlines()
    width = lines[0].count(",")
    blank, group = "," * width, "I. Lĩnh vực Đất đai" + "," * width
    total = "Tổng cộng" + "," * width
    total = ",Tổng cộng,2,x" + "," * (width - 3)
    numbering = ",".join(f"({n})" for n in range(1, width + 2))
    group = ",I. Lĩnh vực Đất đai" + "," * (width - 1)
    text = "\r\n".join(["BÁO CÁO" + "," * width, blank, lines[0], numbering, group, *lines[1:], blank, total])
    report = office.ingest(text)
    assert (report["read"], report["new"], report["rejected"]) == (2, 2, 0)
    assert report["skipped"] == {"numbering": 1, "group": 1, "blank": 1, "total": 1}


def test_row_numbers_are_those_of_a_spreadsheet(office: Office):
    office.configure(chunk_rows="100")
    rows = [row(n) for n in range(1, 250)]
    rows[207]["due_at"] = "31/02/2022"
    office.ingest("Danh sách hồ sơ\r\n\r\n" + csv_text(rows))
    (rejection,) = office.ask("rejections")["rejections"]
    assert rejection["row"] == 2 + 1 + 208


# ---------------------------------------------------------------- shapes of a file


SHAPES = {
    "semicolon": csv_text([row(1), row(2)], delimiter=";").encode(),
    "tab": csv_text([row(1), row(2)], delimiter="\t").encode(),
    "bar": csv_text([row(1), row(2)], delimiter="|").encode(),
    "sep": ("sep=;\r\n" + csv_text([row(1), row(2)], delimiter=";")).encode(),
    "sep and BOM": ("\ufeffsep=;\r\n" + csv_text([row(1), row(2)], delimiter=";")).encode(),
    "BOM": csv_text([row(1), row(2)]).encode("utf-8-sig"),
    "UTF-16": csv_text([row(1), row(2)], delimiter="\t").encode("utf-16"),
    "UTF-16 big end first": b"\xfe\xff" + csv_text([row(1), row(2)]).encode("utf-16-be"),
    "NFD": unicodedata.normalize("NFD", csv_text([row(1), row(2)])).encode(),
    "Unix lines": csv_text([row(1), row(2)]).replace("\r\n", "\n").encode(),
    "no last line end": csv_text([row(1), row(2)]).rstrip("\r\n").encode(),
    "spaces everywhere": csv_text([row(1), row(2)]).replace("Nguyễn Văn", " Nguyễn \u00a0 Văn ").encode(),
}
SHAPELESS = (
    "row_hash", "raw_block.body", "batch.files", "raw_block.file", "audit_entry.detail", "audit_entry.chain",
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_shape_of_a_file_does_not_matter_to_what_is_stored(tmp_path, shape: str):
    dumps = []
    for name, content in (("mot", csv_text([row(1), row(2)]).encode()), ("hai", SHAPES[shape])):
        folder = tmp_path / name
        folder.mkdir()
        office = Office(folder).furnished()
        report = office.ingest(content)
        assert (report["read"], report["new"], report["flagged"]) == (2, 2, {})
        dumps.append(office.dump(without=SHAPELESS))
    if "sep" in shape:  # the line of its own moves the rows down by one, or not: both are right
        dumps = [_without_rows(dump) for dump in dumps]
    assert dumps[0] == dumps[1]


def _without_rows(dump: dict) -> dict:
    return {table: [tuple(c for c in r if c not in (2, 3)) for r in rows] for table, rows in dump.items()}


def test_many_commas_in_the_cells_do_not_hide_a_semicolon(office: Office):
    names = ["dossier_code", "address", "received_at", "due_at"]
    address = "Số 1, hẻm 2, ngõ 3, đường 4, tổ 5, phường 6, thành phố 7"
    report = office.ingest(csv_text([row(1, address=address)], names=names, delimiter=";"))
    assert (report["read"], report["new"]) == (1, 1)


def test_codes_are_one_whatever_their_case_spaces_and_dashes(office: Office):
    office.ingest([row("H15.03-220301-0001")])
    report = office.ingest([row("h15.03 – 220301_0001", note="đổi")])
    assert (report["new"], report["changed"]) == (0, 1)
    assert office.query("SELECT code FROM dossier") == [("H15.03-220301-0001",)]


# ---------------------------------------------------------------- citizen ids


def everything(office: Office) -> str:
    """Every cell of every table as text, compressed raw rows unpacked."""
    texts = []
    for rows in office.dump().values():
        for cells in rows:
            texts += [zlib.decompress(c).decode() if _is_packed(c) else str(c) for c in cells]
    return "\n".join(texts)


def _is_packed(cell: object) -> bool:
    return isinstance(cell, bytes) and cell[:1] == b"x" and len(cell) != 16


@pytest.mark.parametrize("name", [n for n in NAMES if n != "dossier_code"])
@pytest.mark.parametrize("number", [CITIZEN_ID, "240123456"])
def test_a_citizens_id_in_any_column_is_in_no_table(office: Office, name: str, number: str):
    cell = f"xx {number} yy" if not name.endswith("_at") else number
    office.ingest(
        [row(1, **{name: cell}), row(2, due_at="31/02/2022", **{name: cell} if name != "due_at" else {})]
    )
    text = everything(office)
    assert "H15.03" in text
    assert number not in text
    answers = [
        office.run("rejections", "--json").out,
        office.run("dossier", "H15.03-220301-0001", "--json").out,
    ]
    assert not any(number in answer for answer in answers)


def test_a_citizens_id_in_the_place_of_a_code_rejects_its_row_and_is_in_no_table(office: Office):
    office.configure(chunk_rows="100")
    others = (row(n) for n in range(2, 200))
    report = office.ingest([row(1), row(CITIZEN_ID), row(f"CCCD-{CITIZEN_ID}"), *others, row("066085012346")])
    assert (report["rejected"], report["new"]) == (3, 199)
    assert office.query("SELECT DISTINCT code FROM rejection") == [("CODE_IS_IDENTITY",)]
    assert CITIZEN_ID[:-1] not in everything(office)


def test_nine_digits_in_the_place_of_a_code_are_a_serial_number(office: Office):
    assert office.ingest([row("240123456"), row("240123457")])["new"] == 2


def test_a_citizens_id_in_a_surplus_cell_is_in_no_table(office: Office):
    office.ingest(csv_text([row(1)]).rstrip("\r\n") + f",{CITIZEN_ID}\r\n")
    assert office.query("SELECT code FROM rejection") == [("ROW_TOO_LONG",)]
    assert CITIZEN_ID not in everything(office)


def test_a_citizens_id_in_a_column_that_nobody_knows_is_in_no_table(office: Office):
    lines = csv_text([row(1)]).splitlines()
    office.ingest(f"{lines[0]},Số CCCD\r\n{lines[1]},{CITIZEN_ID}\r\n")
    assert CITIZEN_ID not in everything(office)


def test_phones_codes_and_dates_are_no_citizens_ids(office: Office):
    office.ingest([row(1, phone="0912345678", note="số 1234567890 và 20220301093000")])
    assert facts(office, "phone, note") == ("0912345678", "số 1234567890 và 20220301093000")


def test_the_batch_remembers_its_files_by_name_and_digest(office: Office):
    office.ingest([row(1)])
    ((files,),) = office.query("SELECT files FROM batch")
    (only,) = json.loads(files)
    assert os.path.basename(only["name"]) == "tep-1.csv"
    assert len(only["sha256"]) == 64
