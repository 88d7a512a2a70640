"""Saved layouts on the command line: found by the headings of a file, named by key, refused where they contradict."""

import pytest

from app.layout_choice import layout_for
from tests.binary_sheets import write_xlsb
from tests.flows.office import NOW, Office
from tests.flows.toy_work import context_of
from tests.sources import as_html, as_mhtml, as_xml_spreadsheet, write_docx
from tracker.pipeline.layouts import signature
from tracker.store import saved_layouts
from tracker.store.saved_layouts import LayoutRow

HEADINGS = ("So bien", "Ngay vao", "Phai tra")
MEANT = {"so bien": "dossier_code", "ngay vao": "received_at", "phai tra": "due_at"}
STRANGE = "So bien,Ngay vao,Phai tra\nA-0001,01/03/2022,15/03/2022\n"


def save(office: Office, key: str = "so-xa", **given: object) -> None:
    told = {
        "name": "Sổ xã",
        "signature": signature(HEADINGS),
        "mapping": MEANT,
        "made_by": "reform",
        "made_at": NOW,
    }
    context = context_of(office, NOW)
    with context.store.transaction() as session:
        saved_layouts.save(session, LayoutRow(key=key, **{**told, **given}))  # type: ignore[arg-type]
    context.store.close()


def test_a_file_is_read_as_somebody_has_saved_it(office: Office):
    path = office.write("la.csv", STRANGE)
    assert office.run("ingest", path).status == 3
    save(office)
    assert office.ask("ingest", path)["new"] == 1
    assert office.query("SELECT code FROM dossier") == [("A-0001",)]


@pytest.mark.parametrize("kind", ["html", "mhtml", "xml", "docx", "xlsb"])
def test_a_layout_that_was_saved_for_one_kind_of_file_reads_every_other(office: Office, kind: str):
    save(office)
    rows = [line.split(",") for line in STRANGE.splitlines()]
    path = office.folder / "la.xls"
    if kind in ("docx", "xlsb"):
        {"docx": write_docx, "xlsb": write_xlsb}[kind](path, rows)
    else:
        text = {"html": as_html, "mhtml": as_mhtml, "xml": as_xml_spreadsheet}[kind](rows)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert office.ask("ingest", path)["new"] == 1


def test_the_order_and_spelling_of_headings_do_not_matter(office: Office):
    save(office)
    path = office.write("la.csv", "PHAI  TRA;Ngày vào;Số biên\n15/03/2022;01/03/2022;A-0001\n")
    assert office.ask("ingest", path)["new"] == 1


def test_a_layout_is_named_by_its_key_and_an_unknown_key_is_refused(office: Office):
    save(office, signature="0" * 32)
    path = office.write("la.csv", STRANGE)
    assert office.ask("ingest", path, "--layout", "so-xa")["new"] == 1
    answer = office.run("ingest", path, "--layout", "khac")
    assert answer.status == 2
    assert "so-xa" in answer.err


def test_a_saved_layout_counts_before_what_the_program_knows_of_a_heading(office: Office):
    text = "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Ghi chú\nA-0001,01/03/2022,15/03/2022,Sở Bịa\n"
    headings = ("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Ghi chú")
    save(office, signature=signature(headings), mapping={"ghi chu": ""})
    office.ask("ingest", office.write("co-ghi-chu.csv", text))
    assert office.query("SELECT note FROM dossier") == [("",)]


def test_files_that_want_one_heading_read_in_two_ways_are_refused_together(office: Office):
    first = office.write("a.csv", STRANGE)
    second = office.write("b.csv", "So bien,Ngay vao,Han\nA-0002,01/03/2022,15/03/2022\n")
    save(office)
    other = {"so bien": "dossier_code", "ngay vao": "filed_at", "han": "due_at"}
    save(office, "so-khac", signature=signature(("So bien", "Ngay vao", "Han")), mapping=other)
    answer = office.run("ingest", first, second)
    assert answer.status == 2
    assert "ngay vao" in answer.err


@pytest.mark.parametrize("later", [(), ("--later",)])
def test_a_worker_reads_by_saved_layouts_as_well(office: Office, later: tuple[str, ...]):
    save(office)
    path = office.write("la.csv", STRANGE)
    office.run("ingest", path, *later)
    if later:
        assert office.run("worker", "--until-idle", "--only", "work").status == 0
    assert office.query("SELECT count(*) FROM dossier") == [(1,)]


def test_without_saved_layouts_nothing_is_looked_for(office: Office):
    context = context_of(office, NOW)
    assert layout_for(context, [office.folder / "khong-co.csv"]).mapping is None
    context.store.close()
