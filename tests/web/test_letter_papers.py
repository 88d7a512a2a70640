"""Printing by pages: how many beforehand, one zip for who asked, the desks that were told, nothing of other units."""

import io
import re
import zipfile

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import log_in, token
from tests.web.lettered import add_letters
from tests.web.works import work_all
from tests.web.world import BRANCH_A, BRANCH_B, NAME, StandingContext
from tracker.store import audit, people
from tracker.store.models import Letter

pytestmark = pytest.mark.sqlite_only("the pages ask the same store functions on both databases")

PRINT = "/thu-xin-loi/in"
PARTS = ["letters", "post", "handover", "desk"]
TOLD = {"hinh-thuc-mot-cua": "in_person", "ngay": "24/08/2026", "gio": "09:00", "nguoi": "An", "ghi-chu": ""}


@pytest.fixture
def lettered(context: StandingContext) -> StandingContext:
    """Of the head's unit: 11, 12 signed, 13 approved, 14 a draft; 22, of another unit, signed."""
    add_letters(context)
    return context


def asked(client: FlaskClient, **form: object) -> str:
    """The address of the page of what was printed."""
    answer = client.post(PRINT, data={"csrf_token": token(client, PRINT), "giay": PARTS, **form})
    assert answer.status_code == 302
    found = re.search(r"/cong-viec/(\d+)$", answer.location)
    assert found, answer.location
    assert work_all(client) == 1
    return f"{PRINT}/{found[1]}"


def archive_of(client: FlaskClient, address: str) -> zipfile.ZipFile:
    answer = client.get(f"/cong-viec/{address.rpartition('/')[2]}/tai-ve")
    assert answer.mimetype == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def told(context: StandingContext) -> set[int]:
    with context.store.read() as session:
        return {letter.id for letter in session.query(Letter) if letter.desk_told_at is not None}


def test_the_numbers_of_a_choice_are_told_before_anything_is_made(as_role, lettered: StandingContext):
    client = as_role("head")
    assert "Sẽ in 3 thư của 1 đơn vị" in client.get(PRINT).text
    assert "Sẽ in 2 thư" in client.get(f"{PRINT}?trang-thai=signed").text
    assert "Sẽ in 1 thư" in client.get(f"{PRINT}?thu=12&thu=22").text
    assert "Sẽ in 2 thư" in client.get(f"{PRINT}?chon=11&chon=12").text
    assert "Không có thư nào để in" in client.get(f"{PRINT}?thu=abc").text
    drafts = client.get(f"{PRINT}?trang-thai=drafted").text
    assert "bản soạn chưa ai duyệt" in drafts
    assert "Không có thư nào để in" in client.get(f"{PRINT}?trang-thai=delivered").text
    assert client.get(f"{PRINT}?don-vi={BRANCH_B}").status_code == 404


def test_who_asked_gets_one_zip_of_the_own_unit_and_the_log_says_whose_letters(as_role, lettered):
    client = as_role("desk")
    address = asked(client)
    page = client.get(address).text
    assert "Đã ghép 3 thư để in" in page
    with archive_of(client, address) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert {name.partition("/")[0] for name in names} == {
        f"t{BRANCH_A}_chi-nhanh-van-phong-dang-ky-dat-dai-khu-vuc-thu-nghi",
        "doc-truoc.txt",
    }
    assert any(name.endswith("thu-01.docx") for name in names)
    with lettered.store.read() as session:
        acts = {act.action: act.detail for act in audit.recent_acts(session, 6)}
    assert sorted(acts["letter_print"]["letters"]) == [11, 12, 13]
    assert {"print_letters_asked", "work_download"} <= set(acts)
    assert NAME not in str(acts)


def test_nobody_else_gets_it(as_role, lettered: StandingContext):
    address = asked(as_role("desk"))
    assert as_role("head").get(address).status_code == 403
    assert as_role("auditor").get(address).status_code == 403
    assert as_role("head").get(f"{PRINT}/1").status_code == 404  # work of another kind


def test_an_asker_who_moved_to_another_unit_gets_the_file_no_longer(as_role, lettered: StandingContext):
    client = as_role("desk")
    address = asked(client)
    with lettered.store.transaction() as session:
        account = people.find_login(session, "desk")
        assert account
        session.get_one(people.User, account.account_id).unit_id = BRANCH_B
    assert client.get(f"/cong-viec/{address.rpartition('/')[2]}/tai-ve").status_code == 403


def test_after_the_notices_one_press_notes_that_the_desk_was_told(as_role, lettered: StandingContext):
    client = as_role("head")
    address = asked(client)
    assert "Ghi đã báo Một cửa 3 thư" in client.get(address).text
    form = {"csrf_token": token(client, address), **TOLD}
    answer = client.post(f"{address}/bao-mot-cua", data=form, follow_redirects=True)
    assert told(lettered) == {11, 12}
    assert "cho 2 thư" in answer.text
    assert "1 thư chưa ghi được" in answer.text  # 13 is not signed yet
    with lettered.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.action, sorted(act.detail["letters"])) == ("letter_desk_told", [11, 12])


def test_a_time_that_is_none_is_told_at_its_field_and_nothing_is_noted(as_role, lettered: StandingContext):
    client = as_role("head")
    address = asked(client)
    form = {"csrf_token": token(client, address), **TOLD, "gio": "25:00"}
    answer = client.post(f"{address}/bao-mot-cua", data=form)
    assert (answer.status_code, "hãy viết như 14:30" in answer.text) == (400, True)
    assert told(lettered) == set()


def test_without_any_paper_nothing_is_asked_for(as_role, lettered: StandingContext):
    client = as_role("head")
    form = {"csrf_token": token(client, PRINT)}
    answer = client.post(PRINT, data=form, follow_redirects=True)
    assert "Hãy chọn ít nhất một loại giấy tờ" in answer.text
    assert work_all(client) == 0


def test_what_was_printed_lately_is_listed_for_its_asker_alone(as_role, app, lettered: StandingContext):
    client = as_role("desk")
    address = asked(client)
    assert f'href="{address}"' in client.get(PRINT).text
    other = app.test_client()
    assert log_in(other, "head").status_code == 302
    assert f'href="{address}"' not in other.get(PRINT).text
