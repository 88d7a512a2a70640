"""The pages of keys of systems that push: made, used at the receiver, given another secret, revoked; the secret shown once."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import key_acts
from app.key_acts import KeyWanted
from app.views import keys as views
from tests.web.conftest import token
from tests.web.pushing import DOSSIERS, Sender, dossier, in_process
from tests.web.test_receiver_privacy import whole_store
from tests.web.world import BRANCH_A, BRANCH_B, NOW, OFFICE, STRANGE, StandingContext
from tracker.errors import UsageError
from tracker.store import audit, people, source_keys
from tracker.store.locks import Lock
from tracker.store.source_keys import Key
from tracker.store.turns import staged_turn

LIST, NEW, FIRST = "/nguon-du-lieu/khoa/", "/nguon-du-lieu/khoa/moi", "/nguon-du-lieu/khoa/1"
REASON = "Nhà cung cấp đổi máy chủ"
UNIT_A, UNIT_B = f"T{BRANCH_A}", f"T{BRANCH_B}"
NAME_A = "Chi nhánh Văn phòng Đăng ký đất đai khu vực Thử Nghiệm Một"
FORM = {"ten": "mot-cua-moi", "nguon": "thu", "nguon-moi": "", "pham-vi": "chon", "don-vi": [UNIT_A]}
SECRET = re.compile(r'class="once"><code>([\w-]{32})</code>')
AsRole = Callable[[str], FlaskClient]


@pytest.fixture
def context(context: StandingContext) -> StandingContext:
    """A receiver that is on."""
    receiver = replace(context.config.receiver, is_on=True)
    context.__dict__["config"] = replace(context.config, receiver=receiver)
    return context


def post(client: FlaskClient, address: str, **form: Any) -> Any:
    told = {name.replace("_", "-"): value for name, value in form.items()}
    return client.post(address, data={"csrf_token": token(client, "/tai-khoan"), **told})


def made(client: FlaskClient, **change: Any) -> str:
    """The secret of a new key, as its page shows it."""
    answer = post(client, NEW, **{**FORM, **{name.replace("_", "-"): each for name, each in change.items()}})
    assert answer.status_code == 200, answer.text
    shown = SECRET.search(answer.text)
    assert shown
    return shown[1]


def found(context: StandingContext, login: str = "mot-cua-moi") -> Key | None:
    with context.store.read() as session:
        return source_keys.find_key(session, login)


def acts(context: StandingContext) -> list[audit.Act]:
    with context.store.read() as session:
        return [act for act in audit.recent_acts(session, 20) if act.action.startswith("source_key")]


# ---------------------------------------------------------------- a key at work


def test_a_key_made_on_the_page_lets_its_system_in_until_it_is_revoked_on_the_page(
    as_role: AsRole, app: Flask, context: StandingContext
):
    admin = as_role("admin")
    sender = Sender(in_process(app), "mot-cua-moi", made(admin))
    assert sender.log_in().code == "0"
    own, other = dossier(DonViXuLy=UNIT_A), dossier(MaHoSo="A-2", DonViXuLy=UNIT_B)
    assert sender.call(DOSSIERS, [own], madonvi="").code == "0"
    assert sender.call(DOSSIERS, [other], madonvi="").code == "-2"
    key = found(context)
    assert key
    page = f"{LIST}{key.key_id}"
    assert "Đang dùng" in admin.get(page).text
    answer = post(admin, f"{page}/thu-hoi", ly_do=REASON)
    assert answer.location == page
    assert "Đã thu hồi khóa mot-cua-moi" in admin.get(page).text
    assert sender.call(DOSSIERS, [own], madonvi="").status == 401
    assert sender.log_in().status == 401
    assert sender.post("/lien-thong/CapNhat", [own], **sender.basic).status == 401


def test_another_secret_takes_the_place_of_the_first_and_opens_a_revoked_key_again(
    as_role: AsRole, app: Flask, context: StandingContext
):
    admin = as_role("admin")
    first = Sender(in_process(app), "mot-cua-moi", made(admin))
    key = found(context)
    assert key
    page = f"{LIST}{key.key_id}"
    for before in ("open", "revoked"):
        if before == "revoked":
            post(admin, f"{page}/thu-hoi", ly_do=REASON)
        shown = SECRET.search(post(admin, f"{page}/mat-khau", ly_do=REASON).text)
        assert shown
        second = replace(first, secret=shown[1])
        assert first.log_in().status == 401
        assert second.log_in().code == "0"
        first = second


def test_each_act_stands_in_the_log_with_its_person_and_reason(as_role: AsRole, context: StandingContext):
    admin = as_role("admin")
    made(admin)
    post(admin, f"{FIRST}/mat-khau", ly_do=REASON)
    post(admin, f"{FIRST}/thu-hoi", ly_do=REASON)
    post(admin, f"{FIRST}/thu-hoi", ly_do=REASON)  # nothing is left to do
    told = [(act.actor, act.action, act.subject, act.detail) for act in acts(context)[::-1]]
    given = {"login": "mot-cua-thu", "reason": REASON}
    assert told == [
        ("admin", "source_key_add", "source_key:2", {"login": "mot-cua-moi", "source": "thu", "units": [UNIT_A]}),
        ("admin", "source_key_passwd", "source_key:1", given),
        ("admin", "source_key_disable", "source_key:1", given),
    ]  # fmt: skip
    shown = as_role("auditor").get("/nhat-ky/").text
    assert "Thu hồi khóa của hệ thống gửi" in shown
    assert f"tên khóa: mot-cua-thu · lý do: {REASON}" in shown


# ---------------------------------------------------------------- the secret


def test_the_secret_is_shown_once_and_kept_as_its_hash_alone(
    as_role: AsRole,
    context: StandingContext,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
):
    caplog.set_level("DEBUG")
    admin = as_role("admin")
    answer = post(admin, NEW, **FORM)
    shown = SECRET.search(answer.text)
    assert shown
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.location is None  # no address leads back to it
    again = post(admin, NEW, **FORM)  # the page loaded anew
    assert again.status_code == 400
    assert "Đã có khóa mot-cua-moi" in again.text
    later = [admin.get(address).text for address in (LIST, f"{LIST}2", "/nhat-ky/", "/nguon-du-lieu/")]
    assert [text for text in (again.text, *later) if shown[1] in text] == []
    key = found(context)
    assert key
    assert key.secret.startswith("$argon2id$")
    everything = whole_store(context)
    assert key.secret in everything
    assert shown[1] not in everything
    assert shown[1] not in caplog.text
    assert shown[1] not in "".join(capfd.readouterr())
    assert shown[1] not in repr(key_acts.KeyMade(1, shown[1]))
    context.store.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if shown[1].encode() in path.read_bytes()] == []


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("role", ["desk", "head", "auditor", "reform"])
def test_nobody_but_an_administrator_sees_or_does_any_of_it(
    as_role: AsRole, context: StandingContext, role: str
):
    client = as_role(role)
    assert [client.get(address).status_code for address in (LIST, NEW, FIRST)] == [403] * 3
    assert post(client, NEW, **FORM).status_code == 403
    for verb in ("mat-khau", "thu-hoi"):
        assert post(client, f"{FIRST}/{verb}", ly_do=REASON).status_code == 403
    assert acts(context) == []
    assert LIST not in client.get("/nguon-du-lieu/").text
    assert LIST in as_role("admin").get("/nguon-du-lieu/").text


def test_an_administrator_of_one_unit_gives_no_system_a_way_in(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        account = people.find_login(session, "admin")
        assert account
        session.get_one(people.User, account.account_id).unit_id = BRANCH_A
    admin = as_role("admin")
    assert [admin.get(address).status_code for address in (LIST, NEW, FIRST)] == [403] * 3
    assert post(admin, NEW, **FORM).status_code == 403
    assert found(context) is None


def test_what_does_not_exist_is_not_found(as_role: AsRole):
    admin = as_role("admin")
    assert admin.get(f"{LIST}99").status_code == 404
    for verb in ("mat-khau", "thu-hoi"):
        assert post(admin, f"{LIST}99/{verb}", ly_do=REASON).status_code == 404


# ---------------------------------------------------------------- what is asked for


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        ({"don-vi": []}, "units", "Hãy đánh dấu ít nhất một đơn vị"),
        ({"pham-vi": ""}, "units", "Hãy chọn phạm vi"),
        ({"pham-vi": "tat-ca"}, "units", "bỏ hết dấu ở các đơn vị"),
        ({"don-vi": [UNIT_A, "T-KHONG-CON"]}, "units", "không còn trong danh mục"),
        ({"don-vi": [f"?{STRANGE}"]}, "units", "không còn trong danh mục"),
        ({"ten": ""}, "login", "Hãy đặt tên khóa"),
        ({"ten": "Một Cửa"}, "login", "Tên khóa gồm 2-50 chữ thường không dấu"),
        ({"ten": "mot-cua-thu"}, "login", "Đã có khóa mot-cua-thu"),
        ({"nguon": ""}, "source", "Hãy chọn nguồn có sẵn, hoặc đặt tên nguồn mới"),
        ({"nguon": "khong-co"}, "source", "Hãy chọn một nguồn trong danh sách"),
        ({"nguon-moi": "them"}, "source", "để trống ô tên nguồn mới"),
        ({"nguon": "", "nguon-moi": "thu"}, "source", "Đã có nguồn “thu”"),
        ({"nguon": "", "nguon-moi": "hai chữ"}, "source", "Tên nguồn gồm 1-40 ký tự"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_made(
    as_role: AsRole, context: StandingContext, change: dict[str, Any], field: str, told: str
):
    answer = post(as_role("admin"), NEW, **{**FORM, **change})
    assert answer.status_code == 400
    (fault,) = re.findall(rf'<p class="fault" id="{field}-fault">([^<]+)</p>', answer.text)
    assert told in fault
    assert f'aria-describedby="{field}-fault' in answer.text
    assert acts(context) == []
    assert found(context) is None


@pytest.mark.parametrize(("units", "reaches_all"), [((), False), ((UNIT_A,), True)])
def test_no_way_leads_to_a_key_for_all_units_but_saying_so(
    context: StandingContext, units: tuple[str, ...], reaches_all: bool
):
    wanted = KeyWanted("thu", "mot-cua-moi", units, reaches_all=reaches_all)
    with pytest.raises(UsageError, match="hoặc mọi đơn vị"):
        key_acts.make_key(context.store, wanted, actor="admin", now=NOW)
    assert found(context) is None


def test_a_key_for_all_units_is_one_because_somebody_said_so(
    as_role: AsRole, app: Flask, context: StandingContext
):
    admin = as_role("admin")
    secret = made(admin, pham_vi="tat-ca", don_vi=[])
    sender = Sender(in_process(app), "mot-cua-moi", secret)
    sender.log_in()
    nobody_knows = dossier(DonViXuLy="Phòng không ai biết")
    assert sender.call(DOSSIERS, [nobody_knows], madonvi="").code == "0"
    assert "Mọi đơn vị" in admin.get(f"{LIST}2").text
    assert acts(context)[0].detail["units"] == "all"
    assert "các đơn vị: mọi đơn vị" in as_role("auditor").get("/nhat-ky/?viec=source_key_add").text


def test_a_new_source_comes_with_its_key_and_what_was_typed_stays_on_the_page(
    as_role: AsRole, context: StandingContext
):
    admin = as_role("admin")
    told = {**FORM, "nguon": "", "nguon-moi": "dat-dai", "don-vi": [UNIT_A, UNIT_B]}
    text = post(admin, NEW, **{**told, "ten": "Có Dấu"}).text
    assert 'value="có dấu"' in text
    assert 'value="dat-dai"' in text
    assert len(re.findall(r'value="T\d+" checked', text)) == 2
    assert "<details open>" in text
    assert post(admin, NEW, **told).status_code == 200
    key = found(context)
    assert key
    assert (key.source, key.units, key.made_by) == ("dat-dai", (UNIT_A, UNIT_B), "admin")


def test_the_form_offers_the_catalogues_units_with_what_lies_below_them(as_role: AsRole):
    text = as_role("admin").get(NEW).text
    assert f"T{OFFICE}, cùng 2 đơn vị trực thuộc" in text
    assert "Tên Lạ" not in text  # a name that nobody knows


def test_while_a_load_is_at_work_nothing_typed_is_lost(
    as_role: AsRole, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(views, "PATIENCE_MS", 50)
    admin = as_role("admin")
    with staged_turn(context.store, Lock.INGEST):
        answer = post(admin, NEW, **FORM)
    assert answer.status_code == 503
    assert "Đang nạp dữ liệu, chưa thêm được khóa" in answer.text
    assert 'value="mot-cua-moi"' in answer.text
    assert found(context) is None
    made(admin)


@pytest.mark.parametrize("verb", ["mat-khau", "thu-hoi"])
@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("", "ít nhất 10 ký tự"),
        ("đổi máy", "ít nhất 10 ký tự"),
        ("Gọi số 0912 345 678 để biết thêm", "không giữ dữ liệu cá nhân"),
        ("x" * 201, "dài quá 200"),
    ],
)
def test_without_a_reason_that_the_log_may_hold_nothing_is_done(
    as_role: AsRole, context: StandingContext, verb: str, reason: str, told: str
):
    before = found(context, "mot-cua-thu")
    answer = post(as_role("admin"), f"{FIRST}/{verb}", ly_do=reason)
    assert answer.status_code == 400
    (fault,) = re.findall(r'<p class="fault" id="\w+-fault">([^<]+)</p>', answer.text)
    assert told in fault
    assert found(context, "mot-cua-thu") == before
    assert acts(context) == []


# ---------------------------------------------------------------- what is shown


def test_the_list_tells_of_each_key_what_it_may_and_whether_it_is_used(
    as_role: AsRole, context: StandingContext
):
    admin = as_role("admin")
    text = admin.get(LIST).text
    assert f"{NAME_A}, T-KHONG-CON" in text
    assert "Chưa dùng" in text
    assert '24/08/2026 08:00<small class="quiet">admin</small>' in text
    assert "(không còn trong danh mục) <code>T-KHONG-CON</code>" in admin.get(FIRST).text
    with context.store.transaction() as session:
        source_keys.note_use(session, 1, NOW)
    assert "24/08/2026 09:30" in admin.get(LIST).text
    post(admin, f"{FIRST}/thu-hoi", ly_do=REASON)
    assert "Đã thu hồi" in admin.get(LIST).text


def test_an_office_without_keys_is_told_what_to_do(as_role: AsRole, context: StandingContext):
    with context.store.transaction() as session:
        session.query(source_keys.SourceKey).delete()
    text = as_role("admin").get(LIST).text
    assert "Chưa có khóa nào" in text
    assert f'href="{NEW}"' in text


@pytest.mark.parametrize(("is_on", "told"), [(True, "Cổng nhận đang bật"), (False, "Cổng nhận đang tắt")])
def test_the_pages_tell_whether_the_receiver_is_on_and_where_a_sender_is_pointed(
    as_role: AsRole, context: StandingContext, is_on: bool, told: str
):
    receiver = replace(context.config.receiver, is_on=is_on)
    context.__dict__["config"] = replace(context.config, receiver=receiver)
    admin = as_role("admin")
    for address in (LIST, FIRST):
        text = admin.get(address).text
        assert told in text
        assert "<code>http://localhost/lien-thong</code>" in text
        assert ("<code>enabled = true</code>" in text) is not is_on
    assert "<code>http://localhost/lien-thong/dang-nhap</code>" in text
    assert f"<code>{UNIT_A}</code>, hay một đơn vị trực thuộc" in text
