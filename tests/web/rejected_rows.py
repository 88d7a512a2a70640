"""Rejected rows of the invented world, a look at a file before its load, and kept files: what the pages of sources show."""

import json
from datetime import datetime, timedelta

from app.context import AppContext
from app.preview_json import preview_json
from app.works.importing import Import
from tracker.store import claims, kept_files, work
from tracker.store.kept_files import NewFile
from tracker.store.models import Batch, Rejection
from tracker.types import IngestReport
from tracker.types import Rejection as Refused
from tracker.types.preview import ColumnSeen, Preview, TableSeen
from tracker.types.work import WorkRequest

FIELDS = (
    "applicant_name",
    "dossier_code",
    "due_at",
    "phone",
    "procedure_name",
    "received_at",
    "resolving_unit",
)
CELLS = (
    "Lê Thị Bịa", "T01-260805-0100", "31/02/2026 17:00:00", "0987654321", "Đăng ký biến động quyền sử dụng đất",
    "04/08/2026 08:00:00", "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một",
)  # fmt: skip
MESSAGE = "không đọc được là ngày có thật (cần dạng 31/12/2022 hoặc 31/12/2022 16:30:00)"
PREVIEW_WORK = 7


def add_rejected_rows(context: AppContext, now: datetime) -> None:
    """One open row, one that somebody put aside, in the world's batch."""
    counts = {
        "read": 11,
        "new": 9,
        "changed": 0,
        "unchanged": 0,
        "stale": 0,
        "rejected": 2,
        "skipped": {"total": 1},
    }
    files = [{"name": "/xuat/thang-8.csv", "sha256": "ab" * 32}]
    with context.store.transaction() as session:
        batch = session.get_one(Batch, 1)
        batch.counts, batch.files = json.dumps({**counts, "flagged": {"DUE_MISSING": 1}}), json.dumps(files)
        told = {
            "batch_id": 1, "file": "/xuat/thang-8.csv", "sheet": "", "column": "Ngày hẹn trả",
            "value": "31/02/2026 17:00:00", "code": "DATE_INVALID", "message": MESSAGE,
            "cells": json.dumps(CELLS), "fields": json.dumps(FIELDS),
        }  # fmt: skip
        session.add(Rejection(id=1, row=12, closed_by="", closed_reason="", **told))
        closed = {"closed_by": "reform", "closed_reason": "Hồ sơ thử của hệ thống nguồn", "closed_at": now}
        session.add(Rejection(id=2, row=13, **told, **closed))


def add_preview(context: AppContext, now: datetime) -> None:
    """A look at a file that is done: the work of `PREVIEW_WORK`."""
    asked = Import(("uploads/" + "0" * 32,), ("Danh sách tháng 8.xlsx",))
    columns = (
        ColumnSeen("Mã hồ sơ", "ma ho so", ("dossier_code",), True, ("T01-260805-0100", "T01-260805-0101")),
        ColumnSeen("Chủ hồ sơ", "chu ho so", ("applicant_name",), True, ("Xx Xxx Xxx",)),
        ColumnSeen("Cột lạ của một hệ thống rất dài tên", "cot la", (), False, ("xxx 000",)),
    )
    refused = Refused(
        "Danh sách tháng 8.xlsx", "Trang 1", 12, "Ngày hẹn trả", "31/02/2026", "DATE_INVALID", MESSAGE
    )
    seen = Preview(
        (
            TableSeen(
                "Danh sách tháng 8.xlsx", "Trang 1", "aliases", columns, ("đã chuyển từ bảng mã TCVN3 (ABC)",)
            ),
        ),
        IngestReport(None, 120, 100, 15, 3, 1, 1),
        warnings=(
            "Chưa có tệp nào cho hồ sơ tiếp nhận từ 01/07/2026 đến 01/08/2026: có thiếu một kỳ không?",
        ),
        rejections=(refused,),
        by_code={"DATE_INVALID": 1},
    )
    with context.store.transaction() as session:
        request = WorkRequest("import_preview", "import_preview:1", asked.as_params(), "reform", priority=0)
        assert work.ask(session, request, now) == PREVIEW_WORK
    row = claims.claim(
        context.store, ["import_preview"], owner="máy-thử-1", now=now, lease_seconds=60, max_attempts=5
    )
    assert row
    with context.store.transaction() as session:
        claims.finish_in(session, row, {"preview": preview_json(seen), "mapping": None}, now)


def add_kept_files(context: AppContext, now: datetime) -> None:
    """A file that is there and one that is gone."""
    with context.store.transaction() as session:
        for number, kind in ((1, "upload"), (2, "rejections")):
            new = NewFile(kind, f"inbox/uploads/{number}", f"tệp {number}.xlsx", "work:7", "cd" * 32, 20_480)
            kept_files.add(session, new, by="reform", now=now, expires_at=now + timedelta(days=7))
        kept_files.note_gone(session, 2, how=kept_files.EXPIRED, at=now)


def add_sources(context: AppContext, now: datetime) -> None:
    """All of it."""
    add_rejected_rows(context, now)
    add_preview(context, now)
    add_kept_files(context, now)
