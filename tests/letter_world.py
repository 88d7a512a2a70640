"""Invented dossiers written straight into a store, for the tests of letters."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert

from letters.case import LetterPolicy
from letters.forms import load_forms
from letters.rules import LetterRules, load_rules
from tracker.calendar_data import office_calendars
from tracker.store.models import Dossier, Procedure, Suspension, Unit
from tracker.store.session import Store
from tracker.timekeeping.office_time import OfficeTime
from tracker.types import VN

DEPARTMENT, BRANCH, OLD_BRANCH, DESK, PROVINCE = 900_001, 900_002, 900_003, 900_004, 900_000
PROCEDURE = 900_001
REASON = "Số lượng hồ sơ tăng đột biến"
AS_OF = datetime(2023, 1, 1, 23, 59, 59, tzinfo=VN)


def at(day: int, month: int = 6, hour: int = 17, year: int = 2022) -> datetime:
    """A moment of 2022."""
    return datetime(year, month, day, hour, tzinfo=VN)


def policy(*, letters_from: date | None = None, max_reappointments: int = 1) -> LetterPolicy:
    """The shipped forms and calendar, ten working days to the new date."""
    entries = load_rules().entries
    rules = LetterRules(tuple(replace(entry, max_reappointments=max_reappointments) for entry in entries))
    return LetterPolicy(load_forms(), office_calendars("B", OfficeTime()), 10, letters_from, rules=rules)


def add_catalogue(store: Store) -> None:
    """A province with a department, a branch and the branch's predecessor, and one procedure."""

    def unit(unit_id: int, name: str, parent: int | None, **more: Any) -> dict[str, Any]:
        plain = {
            "id": unit_id,
            "code": f"T{unit_id}",
            "name": name,
            "abbreviation": "MAU",
            "kind": "department",
        }
        rest = {"level": "province", "parent_id": parent, "place": "Đắk Lắk", "signer_title": "GIÁM ĐỐC"}
        ends = {"valid_from": None, "valid_to": None, "successor_id": None}
        return {**plain, **rest, **ends, **more}

    units = [
        unit(PROVINCE, "UBND tỉnh Mẫu", None),
        unit(DEPARTMENT, "Sở Mẫu tỉnh Mẫu", PROVINCE),
        unit(BRANCH, "Chi nhánh Mẫu mới", DEPARTMENT),
        unit(
            OLD_BRANCH, "Chi nhánh Mẫu cũ", DEPARTMENT, valid_to=at(30, year=2025).date(), successor_id=BRANCH
        ),
        unit(DESK, "Bộ phận Một cửa Mẫu", PROVINCE),
    ]
    with store.transaction() as session:
        session.execute(insert(Unit), units)
        procedure = {"id": PROCEDURE, "code": "9.900001", "name": "Thủ tục Mẫu", "field_id": None}
        session.execute(insert(Procedure), [procedure])


def dossier(number: int, **more: Any) -> dict[str, Any]:
    """A dossier received on 01/06/2022, due on 15/06/2022 on every basis and open, unless told otherwise."""
    empty = dict.fromkeys(column.name for column in Dossier.__table__.columns)
    texts = dict.fromkeys(("phone", "officer_name", "limit_text", "status_text", "note", "flags"), "")
    usual = {
        "id": number,
        "source_id": 1,
        "code": f"T.18-220601-{number:04}",
        "procedure_id": PROCEDURE,
        "resolving_unit_id": OLD_BRANCH,
        "receiving_unit_id": DESK,
        "channel": "counter",
        "applicant_kind": "citizen",
        "applicant_name": "Nguyễn Văn Bịa",
        "address": "Thôn 1, xã Ea Bịa",
        "received_at": at(1, hour=8),
        "promised_at": at(15),
        "source_due_at": at(15),
        "documented_due_at": at(15),
        "status": "processing",
        "late_reason": REASON,
        "row_hash": b"",
        "batch_id": 1,
        "row_no": number,
        "known_from": at(1),
    }
    row = {**empty, **texts, **usual, **more}
    if (end := row["finished_at"] or row["refused_at"] or row["withdrawn_at"]) and row["ended_at"] is None:
        row["ended_at"] = end
    return row


def ended(number: int, end: datetime, kind: str = "finished", **more: Any) -> dict[str, Any]:
    """A dossier that ended."""
    return dossier(number, ended_at=end, end_kind=kind, status="done", **{f"{kind}_at": end}, **more)


def add_dossiers(store: Store, *rows: dict[str, Any]) -> None:
    """Insert dossiers as they are."""
    with store.transaction() as session:
        session.execute(insert(Dossier), list(rows))


def suspend(store: Store, number: int, start: datetime, end: datetime | None, kind: str = "pause") -> None:
    """Insert a suspension of a dossier."""
    row = {
        "dossier_id": number,
        "seq": 1,
        "kind": kind,
        "start_at": start,
        "end_at": end,
        "batch_id": 1,
        "known_from": start,
    }
    with store.transaction() as session:
        session.execute(insert(Suspension), [row])
