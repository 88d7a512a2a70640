"""Rejected rows on their pages: seen without names, mended one by one or by workbook, put aside, and gone in time."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.grip import Grip
from app.works.asked import ask_export
from app.works.exporting import View, clean_exports
from tests.web.conftest import token
from tests.web.rejected_rows import CELLS, FIELDS, MESSAGE
from tests.web.works import done, work_all
from tests.web.world import StandingContext
from tracker.store import audit, kept_files, people, rejections, work
from tracker.store.models import Dossier
from tracker.types.rejections import KeptRejection, RejectionState
from tracker.types.work import WorkRequest

pytestmark = pytest.mark.sqlite_only("the pages ask the same store functions on both databases")

LIST, ROW = "/nguon-du-lieu/dong-loi/", "/nguon-du-lieu/dong-loi/1"
CODE = "T01-260805-0100"


def kept(context: StandingContext, number: int = 1) -> KeptRejection:
    with context.store.read() as session:
        found = rejections.find(session, number)
    assert found
    return found


def stored(context: StandingContext) -> tuple[str, str] | None:
    """Applicant and telephone of the dossier, if it is there."""
    with context.store.read() as session:
        found = session.execute(select(Dossier.applicant_name, Dossier.phone).where(Dossier.code == CODE))
        row = found.one_or_none()
    return tuple(row) if row else None


def mend(client: FlaskClient, **cells: str):
    form = {"csrf_token": token(client, ROW), **{f"o-{name}": cell for name, cell in cells.items()}}
    return client.post(f"{ROW}/sua", data=form)


def test_the_list_says_why_and_where_and_what_became_of_each_row(as_role):
    client = as_role("reform")
    page = client.get(LIST).text
    assert MESSAGE in page
    assert "thang-8.csv" in page
    assert "dòng 12" in page
    assert "dòng 13" not in page
    assert "Hồ sơ thử của hệ thống nguồn" in client.get(f"{LIST}?loc=de-ben").text


def test_a_row_shows_its_cells_but_for_those_that_may_name_a_person(as_role):
    page = as_role("reform").get(ROW).text
    told = dict(zip(FIELDS, CELLS, strict=True))
    for name in ("dossier_code", "due_at", "procedure_name", "resolving_unit"):
        assert f'value="{told[name]}"' in page
    for name in ("applicant_name", "phone"):
        assert told[name] not in page


def test_a_row_that_is_mended_is_taken_in_with_what_was_hidden(as_role, context: StandingContext):
    client = as_role("reform")
    answer = mend(client, due_at="28/08/2026", applicant_name="", phone="")
    assert answer.status_code == 302
    assert stored(context) == ("Lê Thị Bịa", "0987654321")
    assert kept(context).state is RejectionState.TAKEN_IN
    assert "Đã nhận dòng số 1" in client.get(answer.location).text
    with context.store.read() as session:
        (act,) = [each for each in audit.recent_acts(session, 3) if each.action == "ingest"]
    assert act.actor == "reform"


def test_a_row_that_is_still_wrong_says_why_and_keeps_what_was_typed(as_role, context: StandingContext):
    answer = mend(as_role("reform"), due_at="31/04/2026")
    assert answer.status_code == 400
    assert 'value="31/04/2026"' in answer.text
    assert "Lần nạp lại ở lô 2" in answer.text
    assert kept(context).state is RejectionState.OPEN
    assert stored(context) is None


def test_a_row_is_put_aside_with_a_reason_and_then_mended_no_more(as_role, context: StandingContext):
    client = as_role("admin")
    form = {"csrf_token": token(client, ROW)}
    client.post(f"{ROW}/de-sang-ben", data=form)
    assert kept(context).state is RejectionState.OPEN
    client.post(f"{ROW}/de-sang-ben", data={**form, "ly-do": "Hồ sơ thử"})
    row = kept(context)
    assert (row.state, row.closed_by, row.closed_reason) == (RejectionState.CLOSED, "admin", "Hồ sơ thử")
    refused = client.post(f"{ROW}/sua", data={**form, "o-due_at": "28/08/2026"})
    assert refused.status_code == 400
    assert "không còn mở" in refused.text
    with context.store.read() as session:
        (act,) = [each for each in audit.recent_acts(session, 5) if each.action == "rejection_close"]
    assert (act.actor, act.subject) == ("admin", "rejection:1")


def exported(client: FlaskClient) -> bytes:
    file = client.get(f"{LIST}tai-ve?lo=1")
    assert file.status_code == 200
    return file.data


def test_the_workbook_goes_out_without_names_comes_back_mended_and_is_taken_in(
    as_role, context: StandingContext
):
    client = as_role("reform")
    book = load_workbook(io.BytesIO(exported(client)))
    texts = {cell.value for line in book.active.iter_rows() for cell in line}
    assert not texts & {"Lê Thị Bịa", "0987654321"}
    assert "[đã che]" in texts
    headings = {cell.value: cell.column for cell in book.active[3]}
    book.active.cell(4, headings["Ngày hẹn trả"], "28/08/2026")
    back = io.BytesIO()
    book.save(back)
    form = {"csrf_token": token(client, LIST), "tep": (io.BytesIO(back.getvalue()), "sửa.xlsx")}
    page = done(client, client.post(f"{LIST}tep-da-sua", data=form, content_type="multipart/form-data"))
    assert page.request.path == "/nguon-du-lieu/lo/2"
    assert stored(context) == ("Lê Thị Bịa", "0987654321")


def test_a_batch_is_fed_back_as_it_was_from_its_list(as_role, context: StandingContext):
    client = as_role("reform")
    form = {"csrf_token": token(client, f"{LIST}?lo=1"), "lo": "1", "luot": "0123456789abcdef"}
    page = done(client, client.post(f"{LIST}nap-lai", data=form))
    assert page.request.path == "/nguon-du-lieu/lo/2"
    assert kept(context).state is RejectionState.OPEN


def test_what_an_export_made_is_kept_listed_and_deleted_in_time_with_proof(as_role, context: StandingContext):
    client = as_role("reform")
    with context.store.read() as session:
        account = people.find_login(session, "reform")
    assert account
    work_id = ask_export(context, "rejection_export", {}, View(context.instant, None, False), account)
    assert work_all(client) == 1
    assert client.get(f"/cong-viec/{work_id}/tai-ve").status_code == 200
    with context.store.read() as session:
        row = next(
            each for each in kept_files.listed(session, there=True) if each.path.startswith("exports/")
        )
    assert (row.kind, row.made_by) == ("rejections", "reform")
    assert (context.data_dir / row.path).is_file()
    assert row.sha256 in as_role("auditor").get("/nguon-du-lieu/tep-tam").text
    context.instant = row.expires_at + timedelta(minutes=1)
    clean(context)
    assert not (context.data_dir / row.path).exists()
    with context.store.read() as session:
        gone = kept_files.find(session, row.file_id)
        acts = [each for each in audit.recent_acts(session, 20) if each.action == "file_deleted"]
    assert gone
    assert (gone.deleted_as, gone.deleted_at) == ("expired", context.instant)
    told = {act.subject: act.detail for act in acts}
    assert told[f"file:{row.file_id}"]["sha256"] == row.sha256
    assert told["file:1"]["how"] == "missing"  # the world's upload never lay there


def test_an_upload_that_nobody_asked_anything_of_goes_as_well(context: StandingContext):
    folder = context.data_dir / "inbox" / "uploads"
    folder.mkdir(parents=True)
    orphan = folder / ("f" * 32)
    orphan.write_bytes(b"x")
    clean(context)
    assert orphan.exists()  # a request may still be at work
    context.instant += timedelta(days=400)
    set_time(orphan, context)
    clean(context)
    assert not orphan.exists()


def set_time(path: Path, context: StandingContext) -> None:
    two_days_ago = (context.instant - timedelta(days=2)).timestamp()
    os.utime(path, (two_days_ago, two_days_ago))


def clean(context: StandingContext) -> None:
    key = f"clean:{context.instant}"
    with context.store.transaction() as session:
        work_id = work.ask(session, WorkRequest("clean_exports", key, {}, "operator"), context.instant)
    with context.store.read() as session:
        row = work.find_work(session, work_id)
    assert row
    clean_exports(Grip(context, row))
