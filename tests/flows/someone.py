"""A made-up woman who is told of in every place of an office: whoever erases or reports has to find her everywhere."""

import io
import json
import unicodedata
import zipfile
import zlib
from datetime import datetime, timedelta
from pathlib import Path

from openpyxl import Workbook
from sqlalchemy import insert

from tests.flows.office import NOW, Office, csv_text, row
from tests.flows.test_ingest_portal import envelope, event
from tracker.store import kept_files
from tracker.store.kept_files import NewFile
from tracker.store.models import (
    AlertAck,
    Assignment,
    CauseMonth,
    CodeAlias,
    DossierNote,
    FindingStep,
    InboxMessage,
    LetterNotice,
    ObligationStep,
    OutboxEvent,
    OutboxMessage,
    User,
)
from tracker.store.models.causes import Finding
from tracker.store.session import open_store

NAME, PHONE, STREET = "Hoàng Thị Tuyệt Nhiên", "0987123406", "Số 417 đường Trăng Bịa, xã Ea Bịa"
OTHERS = "Lê Văn Khác"
MOTHER, OFFICER = "Hoàng Thị Tuyệt Nhiễn", "Phan Cán Bịa"
HER = {"applicant_name": NAME, "phone": PHONE, "address": STREET, "officer_name": OFFICER}
CODE, LOST = "H15.03-220301-0001", "H15.03-220301-0077"
OTHER = "H15.03-220301-0002"
SAID = f"Bà {NAME} gọi từ {PHONE}"
# Any of these in what an office keeps is one too many.
WRITTEN = tuple(
    sign.encode()
    for text in (NAME, MOTHER, PHONE, "Trăng Bịa", OFFICER)
    for sign in {text, unicodedata.normalize("NFD", text), json.dumps(text)[1:-1]}
)
SIGNS = (*WRITTEN, b"tuyet nhien", b"nhien", b"trang bia", b"phan can bia")


def fed(office: Office) -> Office:
    """An office that holds her wherever something can hold her, and a neighbour whose dossier is open."""
    late = {**HER, "late_reason": f"Chờ bà {NAME} bổ sung", "note": SAID}
    office.now = NOW - timedelta(days=3)
    office.ingest([row(1, **{**late, "applicant_name": MOTHER}), row(2), row(3, late_reason="Chờ xác minh")])
    office.now = NOW - timedelta(days=2)
    # In one batch another file has somebody else in the same row.
    office.ingest([row(1, **late)], [row(4, applicant_name=OTHERS)])
    office.now = NOW
    done = {"finished_at": "01/04/2022 10:00:00", "status": "Đã giải quyết xong"}
    office.ingest([row(1, **late, **done)])
    path = office.write("khac.csv", [row(1, **late, **done)])
    office.ask("ingest", path, "--source", "cong-dvc")
    office.run("ingest", office.write("hong.csv", [row(1, **{**HER, "received_at": f"không rõ ({NAME})"}), row(20, **{**HER, "due_at": "x"})]))  # fmt: skip
    steps = [
        {**event("20220302090000", "4", SAID), "MaHoSo": code, "NguoiXuLy": OFFICER, "NoiDungXuLy": SAID}
        for code in (CODE, LOST)
    ]
    office.ask("ingest", office.write("tien-do.json", json.dumps(envelope(steps, "CapNhatTienDoHoSoMC"))))
    assert office.ask("letters", "draft", "--as-of", "2023-01-01")["written"] >= 1
    for each in (*office.folder.glob("*.csv"), *office.folder.glob("*.json")):
        each.unlink()
    office.ask("search", "refresh")
    _rows(office)
    _files(office)
    return office


def _rows(office: Office) -> None:
    ((her,),) = office.query("SELECT id FROM dossier WHERE code = ?", CODE)
    ((letter,),) = office.query("SELECT id FROM letter WHERE dossier_id = ?", her)
    message = {
        "unit_id": None, "link": "", "created_at": NOW, "not_before": NOW, "not_after": None, "state": "sent", "attempts": 1,
        "max_attempts": 3, "owner": None, "lease_until": None, "handed_over_at": NOW, "sent_at": NOW, "provider_ref": "",
        "fault_code": "", "kind": "watchdog",
    }  # fmt: skip
    store = open_store(office.url)
    with store.transaction() as session:

        def put(model: type, **values: object) -> None:
            session.execute(insert(model).values(**values))

        put(User, id=9, login="can.bo", full_name="Cán bộ Bịa", email="", role="desk", password_hash="", is_demo=False,
            created_at=NOW, failed_logins=0, session_salt="", must_change_password=False)  # fmt: skip
        put(DossierNote, id=1, dossier_id=her, account_id=9, text=SAID, written_at=NOW, withdrawn_by="")
        put(AlertAck, id=1, dossier_id=her, by_account=9, at=NOW, note=SAID)
        put(Assignment, id=1, dossier_id=her, account_id=9, by_account=9, at=NOW, note=SAID)
        put(LetterNotice, id=1, letter_id=letter, purpose="notice", channel="call", at=NOW, actor="can.bo", person=NAME, note=SAID)  # fmt: skip
        put(ObligationStep, dossier_id=her, seq=90, state="owed", reason="manual", as_of=NOW, at=NOW, actor="can.bo", note=SAID)  # fmt: skip
        put(Finding, id=1, dossier_id=her, unit_id=0, kind="due_moved_late", key="1", at=NOW, evidence="{}", found_at=NOW, state="explained")  # fmt: skip
        put(
            FindingStep, finding_id=1, seq=1, state="explained", reason=SAID, document="", by="can.bo", at=NOW
        )
        for number, cause, text in ((1, f"letter:{letter}", SAID), (2, "x", f"Hồ sơ {CODE}: {SAID}")):
            put(OutboxMessage, id=number, key=str(number), channel="email", recipient="tuyet.nhien@example.vn" if number == 1 else "can.bo@example.vn",
                cause=cause, subject=SAID, text=text, html=f"<p>{text}</p>", attachments="[]", fault=NAME, **message)  # fmt: skip
            put(OutboxEvent, message_id=number, seq=1, at=NOW, kind="sent", detail=f"tuyet.nhien {NAME}")
        counts = (
            "holder_id", "late", "late_held", "late_share", "overrun", "overran", "first", "in_time", "in_time_held",
        )  # fmt: skip
        group = {"month": 202204, "part": "reason", "unit_id": 0, "field_id": 0, "procedure_id": 0}
        put(CauseMonth, **group, **dict.fromkeys(counts, 0), name=f"Chờ bà {NAME} bổ sung")
        put(
            InboxMessage,
            id=1,
            message_id=2,
            account_id=9,
            at=NOW,
            subject=SAID,
            text=SAID,
            link="",
            read_at=None,
        )
    store.close()


def workbook(*lines: tuple[str, ...]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for line in lines:
        book.active.append(line)
    book.save(out)
    return out.getvalue()


def _files(office: Office) -> None:
    signed = office.folder / "var" / "letters" / "signed"
    signed.mkdir(parents=True)
    (signed / "a.pdf").write_bytes(f"%PDF {NAME}".encode())
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("danh-sach.csv", csv_text([row(1, **HER)]))
    files = {
        "exports/1/ds.xlsx": workbook((CODE, NAME, PHONE)),
        "exports/2/ds.csv": csv_text([row(1, **HER)]).encode(),
        "exports/3/goi.zip": zipped.getvalue(),
        "exports/4/khac.csv": csv_text([row(2)]).encode(),
        "inbox/uploads/0123456789abcdef0123456789abcdef": json.dumps(
            [{"MaHoSo": CODE, "ChuHoSo": NAME}]
        ).encode(),
    }
    store = open_store(office.url)
    with store.transaction() as session:
        ((her,),) = office.query("SELECT id FROM dossier WHERE code = ?", CODE)
        session.execute(insert(CodeAlias).values(source_id=1, alias="CU-1", code=CODE, kind="same", reason=SAID, made_by="x", made_at=NOW))  # fmt: skip
        session.connection().exec_driver_sql(f"UPDATE letter SET signed_file = 'letters/signed/a.pdf' WHERE dossier_id = {her}")  # fmt: skip
        for path, body in files.items():
            (office.folder / "var" / path).parent.mkdir(parents=True, exist_ok=True)
            (office.folder / "var" / path).write_bytes(body)
            new = NewFile("export", path, f"{NAME} {Path(path).name}", "", "0" * 64, len(body))
            kept_files.add(session, new, by="x", now=NOW, expires_at=NOW + timedelta(days=9000))
    store.close()


def everything(office: Office, now: datetime) -> bytes:
    """All that the office keeps and a fresh backup of it, whatever is packed opened: tables, files, the bytes of the file."""
    told = [f"{table} {rows!r}".encode() for table, rows in office.dump().items()]
    told += [zlib.decompress(bytes(body)) for (body,) in office.query("SELECT body FROM raw_block")]
    for path in (office.folder / "var").rglob("*"):
        if path.is_file() and path.suffix != ".lock":
            told += _opened(path.name, path.read_bytes())
    out = office.folder / "out" / f"{now:%H%M%S%f}.zip"
    assert office.run("backup", out).status == 0
    return b"\n".join([*told, *_opened(out.name, out.read_bytes())])


def _opened(name: str, body: bytes) -> list[bytes]:
    """Where it lies is told too: a file may be named after somebody."""
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return [name.encode(), body]
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return [piece for each in archive.namelist() for piece in _opened(each, archive.read(each))]


def signs_in(kept: bytes) -> list[tuple[str, str]]:
    """Each sign of her that is there, and what stands about it."""
    folded = kept.lower()
    return [
        (sign.decode(), kept[max(0, at - 80) : at + 80].decode("utf-8", "replace"))
        for sign in SIGNS
        if (at := folded.find(sign.lower())) >= 0
    ]
