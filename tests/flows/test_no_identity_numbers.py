"""A citizen id in any field of any source is found nowhere afterwards: database, its files, log, raw rows, lists, copies."""

import json
import zlib
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.flows.office import HEADINGS, Office, csv_text, row
from tests.flows.sheets import write_sheets
from tests.flows.test_ingest_portal import DOSSIER, EVENTS, envelope
from tracker.ingest.normalize import WRITTEN_BY_PEOPLE

# Two of twelve digits, one of nine as they were before: all made up.
IDS = ("066099000417", "001304999888", "240999417")
DRESSED = ("{}", "CCCD {}", "{} (CMND)", "số {}/CA", "x{}y", "066 099 000 417", "0660.9900.0417")
PLAIN = {"066099000417", "066 099 000 417", "0660.9900.0417"}


def everything(office: Office) -> bytes:
    """All that the office keeps, compressed blocks opened: tables as text, and every file below its data folder."""
    told = []
    for table, rows in office.dump().items():
        told.append(f"{table} {rows!r}".encode())
    told += [zlib.decompress(bytes(body)) for (body,) in office.query("SELECT body FROM raw_block")]
    told += [path.read_bytes() for path in (office.folder / "var").rglob("*") if path.is_file()]
    return b"\n".join(told)


def holds(kept: bytes) -> set[str]:
    """Which of the ids are there, in any of their dresses."""
    return {number for number in (*IDS, *PLAIN) if number.encode() in kept}


def table_of_ids() -> str:
    """Every field of a dossier with an id in it, one row a field and dress."""
    rows = []
    for n, name in enumerate(HEADINGS):
        for k, dress in enumerate(DRESSED):
            cell = dress.format(IDS[(n + k) % 3])
            if dress in PLAIN and name not in WRITTEN_BY_PEOPLE:
                continue
            if name == "dossier_code" and len(IDS[(n + k) % 3]) < 12:
                continue  # nine digits alone may well be the code of a dossier
            rows.append({**row(1 + n * 10 + k), name: cell})
    return csv_text(rows, names=list(HEADINGS))


def test_ids_in_every_cell_of_a_table_are_found_nowhere(office: Office):
    path = office.write("ma-dinh-danh.csv", table_of_ids())
    report = office.ask("ingest", path)
    assert report["rejected"] > 0
    assert report["new"] > 0
    path.unlink()
    assert holds(everything(office)) == set()
    out = office.folder / "bi-tu-choi.xlsx"
    office.run("rejections", "--out", out)
    assert out.exists()
    assert holds(cells_of(out)) == set()
    assert holds(office.run("rejections", "--json").out.encode()) == set()


def cells_of(path: Path) -> bytes:
    return repr([[cell.value for cell in line] for line in load_workbook(path).active.iter_rows()]).encode()


def test_ids_in_a_workbook_are_found_nowhere(office: Office):
    rows = [
        row(n, **{name: f"CCCD {IDS[0]}"})
        for n, name in enumerate(("note", "address", "phone", "officer_name"), 1)
    ]
    lines = [
        [HEADINGS[name] for name in rows[0]],
        *([each.get(name, "") for name in rows[0]] for each in rows),
    ]
    path = write_sheets(office.folder / "so.xlsx", {"Hồ sơ": lines})
    assert office.ask("ingest", path)["new"] == 4
    path.unlink()
    assert holds(everything(office)) == set()


@pytest.mark.parametrize("dress", ["{}", "số {} cấp"])
def test_ids_in_every_field_of_payloads_and_events_are_found_nowhere(office: Office, dress: str):
    told = []
    for number, name in enumerate(DOSSIER):
        element = {**DOSSIER, "MaHoSo": f"H15.03-220301-{number:04}", name: dress.format(IDS[number % 3])}
        told.append(element)
    events = [{**EVENTS[0], name: dress.format(IDS[0])} for name in EVENTS[0]]
    for name, data in (("ho-so.json", told), ("tien-do.json", events)):
        path = office.write(name, json.dumps(envelope(data)))
        office.ask("ingest", path)
        path.unlink()
    assert holds(everything(office)) == set()


@pytest.mark.sqlite_only("copies from a file into a file")
def test_a_copy_of_the_store_holds_none_either(office: Office):
    office.ask("ingest", office.write("ma-dinh-danh.csv", table_of_ids()))
    target = office.folder / "ban-sao.sqlite3"
    assert office.run("db", "copy", f"sqlite:///{office.database}", f"sqlite:///{target}").status == 0
    assert holds(target.read_bytes()) == set()
