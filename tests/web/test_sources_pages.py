"""Files brought in by hand: seen before they are loaded, loaded as they were seen, their columns explained once."""

import io
import json
import re

import pytest
from flask import Flask

from tests.web.conftest import token
from tests.web.imports import BAD_DUE, UPLOAD, a_list, decided, made, previewed, said, select_of, upload
from tests.web.works import led_to, work_all
from tests.web.world import BRANCH_A, StandingContext
from tracker.store import audit, kept_files, loads, people, saved_layouts
from tracker.store.models import Dossier

pytestmark = pytest.mark.sqlite_only("the pages ask the same store functions on both databases")

ID = "066085012345"


def address_of(answer) -> str:
    return answer.request.path


def dossiers(context: StandingContext, code: str) -> int:
    with context.store.read() as session:
        return session.query(Dossier).filter(Dossier.code == code).count()


def last_load(context: StandingContext) -> loads.LoadRow:
    with context.store.read() as session:
        return loads.listed(session, limit=1)[0]


def test_a_file_is_shown_before_anything_of_it_is_stored(as_role, context: StandingContext):
    client = as_role("reform")
    page = previewed(client, a_list())
    assert page.status_code == 200
    assert "Nếu nạp bây giờ" in page.text
    assert "thang 8.csv" in page.text
    assert "không đọc được là ngày có thật" in page.text
    assert BAD_DUE in page.text
    assert dossiers(context, "H15.03-220301-0001") == 0
    assert last_load(context).batch_id == 1


def test_samples_name_nobody(as_role):
    page = previewed(as_role("reform"), a_list(made(1, note="Nộp thay Trần Thị Mẫu")))
    for told in ("Nguyễn Văn Bịa", "0912345678", "Ea Bịa", "Trần Thị Mẫu"):
        assert told not in page.text
    assert "Xxxxxx Xxx Xxx" in page.text
    assert "03/08/2026 08:00:00" in page.text


def test_what_was_seen_is_loaded_once_and_its_page_balances(as_role, context: StandingContext):
    client = as_role("reform")
    page = previewed(client, a_list())
    loaded = decided(client, address_of(page), page.text, "nap")
    assert address_of(loaded).startswith("/nguon-du-lieu/lo/")
    load = last_load(context)
    assert (load.origin, load.actor, load.balances) == ("file", "reform", True)
    assert load.figures == (2, 1, 0, 0, 0, 1)
    assert [each.name for each in load.files] == ["thang 8.csv"]
    assert "2 dòng = " in loaded.text
    assert dossiers(context, "H15.03-220301-0001") == 1
    again = decided(client, address_of(page), page.text, "nap")
    assert again.location == address_of(loaded)
    assert last_load(context).batch_id == load.batch_id


def test_what_was_changed_since_has_to_be_looked_at_before_it_is_loaded(as_role, context: StandingContext):
    client = as_role("reform")
    page = previewed(client, a_list())
    seen = decided(client, address_of(page), page.text, "nap", nguon="khac")
    assert address_of(seen) != address_of(page)
    assert last_load(context).batch_id == 1
    loaded = decided(client, address_of(seen), seen.text, "nap", nguon="khac")
    assert last_load(context).source == "khac"
    assert loaded.status_code == 200


STRANGE = "So bien,Ngay vao,Phai tra,Co quan\nA-0001,03/08/2026,20/08/2026,Sở Công Thương tỉnh Đắk Lắk\n"
MEANT = {
    "So bien": "dossier_code",
    "Ngay vao": "received_at",
    "Phai tra": "due_at",
    "Co quan": "resolving_unit",
}


def explained(client, content: str = STRANGE):
    page = previewed(client, content, "la.csv")
    assert "Chưa nạp được" in page.text
    changes = {select_of(page.text, heading): field for heading, field in MEANT.items()}
    return decided(client, address_of(page), page.text, "xem", **changes)


def test_a_file_that_nobody_recognises_is_explained_by_a_person(as_role, context: StandingContext):
    client = as_role("reform")
    page = explained(client)
    assert "Nếu nạp bây giờ" in page.text
    decided(client, address_of(page), page.text, "nap")
    assert dossiers(context, "A-0001") == 1


def test_what_was_explained_and_saved_is_understood_the_next_time(as_role, context: StandingContext):
    client = as_role("reform")
    page = explained(client)
    decided(client, address_of(page), page.text, "nap", **{"ten-cach-hieu": "Sổ xã Bịa"})
    with context.store.read() as session:
        (layout,) = saved_layouts.all_layouts(session)
    assert (layout.key, layout.name, layout.made_by) == ("so-xa-bia", "Sổ xã Bịa", "reform")
    other = STRANGE.replace("A-0001", "A-0002")
    again = previewed(client, other, "la2.csv")
    assert "so-xa-bia" in again.text
    assert "Nếu nạp bây giờ" in again.text
    listed = client.get("/nguon-du-lieu/cach-hieu").text
    assert "Sổ xã Bịa" in listed
    form = {"csrf_token": token(client, "/nguon-du-lieu/cach-hieu"), "khoa": "so-xa-bia"}
    client.post("/nguon-du-lieu/cach-hieu/xoa", data=form)
    assert "Chưa nạp được" in previewed(client, other, "la2.csv").text


def test_a_column_may_be_left_out(as_role, context: StandingContext):
    client = as_role("reform")
    page = previewed(client, a_list(made(1)))
    seen = decided(client, address_of(page), page.text, "xem", **{select_of(page.text, "Số điện thoại"): ""})
    decided(client, address_of(seen), seen.text, "nap")
    with context.store.read() as session:
        stored = session.query(Dossier).filter(Dossier.code == "H15.03-220301-0001").one()
        assert (stored.phone, stored.address) == ("", "Thôn 1, xã Ea Bịa")


def test_a_whole_export_with_fewer_open_dossiers_than_the_last_is_doubted(as_role):
    client = as_role("reform")
    for rows, words in (((made(1), made(2)), ""), ((made(1),), "ít hơn 1 so với lần nạp toàn bộ trước")):
        page = previewed(client, a_list(*rows))
        seen = decided(client, address_of(page), page.text, "xem", **{"toan-bo": "1"})
        assert words in seen.text
        decided(client, address_of(seen), seen.text, "nap", **{"toan-bo": "1"})


def test_a_period_that_nobody_told_of_is_named(as_role):
    client = as_role("reform")
    first = {"received_at": "02/03/2026 08:00:00", "due_at": "20/03/2026 17:00:00"}
    page = previewed(client, a_list(made(1, **first)))
    decided(client, address_of(page), page.text, "nap")
    assert "từ 02/03/2026 đến 03/08/2026" in previewed(client, a_list(made(2))).text


def test_a_file_that_cannot_be_read_is_named_as_its_owner_knows_it(as_role):
    page = previewed(as_role("reform"), b"%PDF-1.7 x", "bang.pdf")
    assert "Chưa nạp được" in page.text
    assert "là tệp PDF" in page.text
    assert "bang.pdf" in page.text


def test_an_upload_lies_under_a_name_of_ours_and_is_written_down(as_role, context: StandingContext):
    upload(as_role("reform"), a_list(), f"../../hồ sơ {ID}.csv")
    with context.store.read() as session:
        row = kept_files.listed(session, there=True)[0]
        (act,) = [each for each in audit.recent_acts(session, 3) if each.action == "import_preview_asked"]
    assert row.name == "hồ sơ [đã che].csv"
    assert re.fullmatch(r"inbox/uploads/[0-9a-f]{32}", row.path)
    assert (context.data_dir / row.path).read_bytes() == a_list().encode()
    assert act.detail == {"sha256": [row.sha256], "bytes": [row.size]}


def test_nothing_of_an_upload_names_a_person_in_the_table_of_work_or_the_log(
    as_role, context: StandingContext
):
    client = as_role("reform")
    page = previewed(client, a_list(made(1, note=f"CCCD {ID}"), made(2, due_at="Nguyễn Văn Bịa")))
    decided(client, address_of(page), page.text, "nap")
    with context.store.read() as session:
        told = (
            session.connection()
            .exec_driver_sql("SELECT params, result, told, checkpoint FROM work_item")
            .all()
        )
        log = session.connection().exec_driver_sql("SELECT detail FROM audit_entry").all()
    for private in ("Nguyễn Văn Bịa", ID, "0912345678"):
        assert private not in json.dumps([list(map(str, each)) for each in (*told, *log)], ensure_ascii=False)


def test_without_a_file_nothing_is_asked(as_role):
    client = as_role("admin")
    answer = client.post(
        UPLOAD, data={"csrf_token": token(client, UPLOAD)}, content_type="multipart/form-data"
    )
    assert answer.status_code == 400
    assert "Hãy chọn ít nhất một tệp" in answer.text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(as_role, app: Flask):
    client = as_role("reform")
    answer = client.post(UPLOAD, environ_overrides={"CONTENT_LENGTH": str(300 * 1024 * 1024)})
    assert answer.status_code == 413


def test_a_file_without_the_token_of_its_form_is_refused(as_role, context: StandingContext):
    form = {"nguon": "main", "tep": (io.BytesIO(a_list().encode()), "thang-8.csv")}
    answer = as_role("reform").post(UPLOAD, data=form, content_type="multipart/form-data")
    assert answer.status_code == 400
    assert not (context.data_dir / "inbox" / "uploads").exists()


def test_a_look_is_its_askers_own(as_role):
    page = previewed(as_role("reform"), a_list())
    assert as_role("admin").get(address_of(page)).status_code == 403
    assert as_role("desk").get(address_of(page)).status_code == 403


@pytest.mark.parametrize(
    "address", ["/nguon-du-lieu/", "/nguon-du-lieu/lo/1", "/nguon-du-lieu/dong-loi/", UPLOAD]
)
def test_an_account_of_one_unit_sees_no_source(as_role, context: StandingContext, address: str):
    with context.store.transaction() as session:
        account = people.find_login(session, "reform")
        assert account
        session.get_one(people.User, account.account_id).unit_id = BRANCH_A
    assert as_role("reform").get(address).status_code == 403


def test_a_form_that_asks_for_what_there_is_not_is_refused(as_role):
    client = as_role("reform")
    page = previewed(client, a_list())
    address = address_of(page)
    for given in ({"nguon": "a b"}, {next(iter(said(page.text))): "passport"}):
        form = {
            "csrf_token": token(client, address),
            "nguon": "main",
            "lam": "xem",
            **said(page.text),
            **given,
        }
        answer = client.post(f"{address}/quyet-dinh", data=form)
        assert answer.status_code == 400
        assert work_all(client) == 0


def test_work_leads_on_to_what_was_made_of_it(as_role):
    client = as_role("reform")
    asked = upload(client, a_list())
    assert work_all(client) == 1
    assert re.fullmatch(r"/nguon-du-lieu/nap/\d+", led_to(client, asked.location))
