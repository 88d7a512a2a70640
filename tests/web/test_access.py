"""Who may open what: every page by every role, units by scope, names by role; answers carry their guarding headers."""

import pytest
from flask import Flask

from app.pages import by_token
from tests.web.letter_sets import TRIAL
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    FINISHED_LATE,
    NAME,
    OVERDUE_A,
    OVERDUE_B,
    PHONE,
    StandingContext,
)
from tracker.store import audit, people

ROLES = ("desk", "head", "auditor", "reform", "admin")
# What each role gets, written out once more by hand: a slip in the matrix shows here.
EXPECTED = {
    "/tieu-chi/3.4.1": set(ROLES),  # the first, since it would open without an account, if the guard let it
    "/tieu-chi": set(ROLES),
    "/tieu-chi/phien-ban/3.4.1/resolved": set(ROLES),
    "/tieu-chi/ket-qua": {"reform", "admin"},
    "/ban-theo-doi": {"desk", "head"},
    "/ban-theo-doi/xac-nhan?viec=ghi-chu&chon=1": {"desk", "head"},
    "/ban-theo-doi/in": {"desk", "head"},
    "/ban-theo-doi/tai-ve": {"desk", "head"},
    "/tim?q=T01": {"desk", "head", "auditor", "reform"},
    "/tim/goi-y?q=T01": {"desk", "head", "auditor", "reform"},
    "/don-vi": {"head", "auditor", "reform"},
    "/don-vi/chi-tieu": {"head", "auditor", "reform"},
    "/nguyen-nhan/": {"head", "auditor", "reform"},
    "/du-bao/": {"head", "auditor", "reform"},
    "/du-bao/ho-so": {"desk", "head", "auditor", "reform"},
    "/du-bao/kiem-nghiem": {"head", "auditor", "reform"},
    "/nguyen-nhan/nhat-ky-su-kien?tu=06/2026&den=06/2026&tep=csv": {"auditor", "reform"},
    "/qua-han": {"desk", "head", "auditor", "reform"},
    "/qua-han.xlsx": {"desk", "head", "auditor", "reform"},
    "/tiep-nhan": {"desk", "head", "auditor", "reform"},
    "/tiep-nhan.xlsx": {"desk", "head", "auditor", "reform"},
    f"/ho-so/{OVERDUE_A}": {"desk", "head", "auditor", "reform"},
    f"/ho-so/{OVERDUE_A}/phieu-tinh-han": {"desk", "head", "auditor", "reform"},
    f"/ho-so/{OVERDUE_A}/phieu-tinh-han.docx": {"desk", "head", "auditor", "reform"},
    f"/ho-so/{OVERDUE_A}/phieu-tinh-han.json": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi/1": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi/nghia-vu/": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi/nghia-vu/7": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi/xac-nhan?viec=huy&chon=1": {"head"},
    "/thu-xin-loi/xac-nhan?viec=ghi-da-ky&chon=1": {"desk", "head"},
    "/thu-xin-loi/ket-qua/9": {"desk"},
    "/thu-xin-loi/1/tai-ve": {"desk", "head"},
    "/thu-xin-loi/1/ban-da-ky": {"desk", "head"},
    "/thu-xin-loi/vao-so": {"desk", "head"},
    "/thu-xin-loi/ban-da-ky": {"desk", "head"},
    "/thu-xin-loi/in": {"desk", "head"},
    "/thu-xin-loi/in/8": {"desk"},
    "/thu-xin-loi/mau/": set(ROLES),
    "/thu-xin-loi/mau/mac-dinh?mau=phieu-2018&loai=overdue": set(ROLES),
    "/thu-xin-loi/mau/1.docx": set(ROLES),
    TRIAL: {"reform"},
    f"{TRIAL}/thu-mau.pdf": {"reform"},
    "/thu-xin-loi/nguoi-ky": {"head", "reform", "admin"},
    "/thu-xin-loi/so-rieng": {"reform", "admin"},
    "/thu-xin-loi/ly-do": {"head", "reform"},
    "/thu-xin-loi/tuan-thu": {"desk", "head", "auditor", "reform"},
    "/thu-xin-loi/tuan-thu/tai-ve?tep=bao-cao": {"desk", "head", "auditor", "reform"},
    "/bao-cao/": {"desk", "head", "auditor", "reform"},
    "/bao-cao/bieu-mau/": set(ROLES),
    "/bao-cao/bieu-mau/II.06a/tt-01-2020": set(ROLES),
    "/bao-cao/tai-ve?bao-cao=II.06a&tep=.xlsx": {"desk", "head", "auditor", "reform"},
    "/lich-lam-viec/": set(ROLES),
    "/lich-lam-viec/de-nghi/nghi": {"reform", "admin"},
    "/lich-lam-viec/thay-doi/1": {"auditor", "reform", "admin"},
    "/tai-khoan": set(ROLES),
    "/tai-khoan/xac-thuc": set(ROLES),
    "/canh-bao": set(ROLES),
    "/canh-bao/quy-tac": set(ROLES),
    "/canh-bao/nghi-phep": {"desk", "head", "reform", "admin"},
    "/canh-bao/9": set(ROLES),
    "/canh-bao/cai-dat": set(ROLES),
    "/canh-bao/xac-nhan?viec=nhan-viec&chon=1": {"desk", "head", "reform"},
    "/canh-bao/luot-xet": {"auditor", "reform", "admin"},
    "/thong-bao": set(ROLES),
    "/canh-bao/dang-ky": {"desk", "head", "reform", "admin"},
    "/thong-bao/hang-doi": {"admin"},
    "/thong-bao/loai": {"admin"},
    "/thong-bao/hang-doi/1": {"admin"},
    "/bat-dau/": {"head", "reform", "admin"},
    "/bat-dau/ngay-bat-dau": {"admin"},
    "/bat-dau/doi-chieu": {"head", "reform"},
    "/quan-tri/": {"admin"},
    "/quan-tri/tinh-trang": {"admin"},
    "/quan-tri/cau-hinh": {"admin"},
    "/quan-tri/tai-khoan": {"admin"},
    "/quan-tri/tai-khoan/moi": {"admin"},
    "/quan-tri/tai-khoan/1": {"admin"},
    "/quan-tri/thay-doi": {"auditor", "reform", "admin"},
    "/quan-tri/thay-doi/1": {"auditor", "admin"},
    f"/ho-so/{OVERDUE_A}/hien-nguoi-nop": {"auditor", "reform"},
    "/tieu-chi/3.4.1/theo-thang": set(ROLES),
    "/tieu-chi/mo-phong?xong=2": {"desk", "head", "auditor", "reform", "admin"},
    "/tieu-chi/3.4.1/con-giu-duoc": {"desk", "head", "auditor", "reform"},
    "/ty-le": set(ROLES),
    "/ty-le/tai-ve?dang=csv": set(ROLES),
    "/ty-le/thang-da-chot/": {"auditor", "reform"},
    "/ty-le/thang-da-chot/2026-06": {"auditor", "reform"},
    "/ty-le/thang-da-chot/2026-06/ho-so": {"auditor", "reform"},
    "/khac-phuc/": {"head", "auditor", "reform"},
    "/khac-phuc/1": {"head", "auditor", "reform"},
    "/khac-phuc/them": {"head", "reform"},
    "/khac-phuc/de-xuat": {"head", "reform"},
    "/tro-giup": set(ROLES),
    "/kieu-dang": {"admin"},
    "/lich-chay/": {"admin"},
    "/ma-ho-so/": {"desk", "reform"},
    "/ma-ho-so/gop?ma=%3F0A1B2C3D": {"desk", "reform"},
    "/doi-chieu/": {"auditor", "reform", "admin"},
    "/doi-chieu/so-lieu.xlsx": {"auditor", "reform", "admin"},
    "/doi-chieu/bien-mat": {"auditor", "reform", "admin"},
    "/doi-chieu/bien-mat.xlsx": {"auditor", "reform", "admin"},
    "/doi-chieu/trung-lap": {"auditor", "reform", "admin"},
    "/doi-chieu/nhap": {"reform", "admin"},
    "/danh-muc/": set(ROLES),
    "/danh-muc/don-vi": set(ROLES),
    "/danh-muc/thu-tuc-chua-co-thoi-han": set(ROLES),
    "/danh-muc/don-vi-chua-co": set(ROLES),
    "/danh-muc/thu-tuc/1": set(ROLES),
    "/danh-muc/don-vi/1": set(ROLES),
    "/kiem-tra/": {"auditor", "reform"},
    "/kiem-tra/ho-so?tep=csv": {"auditor", "reform"},
    "/kiem-tra/truy-van": {"auditor", "reform"},
    "/kiem-tra/mau": {"auditor", "reform"},
    "/kiem-tra/mau/tai-ve?ky=moi-luc&co-mau=2&hat=7": {"auditor", "reform"},
    "/dau-hieu/": {"head", "auditor", "reform"},
    "/dau-hieu/tai-ve?tep=csv": {"head", "auditor", "reform"},
    "/dau-hieu/1": {"head", "auditor", "reform"},
    "/dau-hieu/xac-nhan?viec=giai-trinh&chon=1": {"head", "reform"},
    "/dau-hieu/xac-nhan?viec=xac-nhan&chon=1": {"auditor"},
    "/dau-hieu/do-tre-bi-che": {"head", "auditor", "reform"},
    "/dau-hieu/do-tre-bi-che/tai-ve": {"head", "auditor", "reform"},
    "/nhat-ky/": {"auditor", "admin"},
    "/nhat-ky/xem-va-xuat": {"auditor", "admin"},
    "/nhat-ky/xem-va-xuat.xlsx": {"auditor", "admin"},
    "/nhat-ky/niem-phong": {"auditor", "admin"},
    "/nhat-ky/kiem-tra/6": {"auditor", "admin"},
    "/kiem-tra/lich-su": {"auditor", "reform", "admin"},
    "/kiem-tra/lich-su.xlsx": {"auditor", "reform", "admin"},
    "/kiem-tra/goi/": {"auditor", "reform"},
    "/kiem-tra/goi/1/tai-ve": {"auditor", "reform"},
    "/kiem-tra/goi/verify_pack.py": {"auditor", "reform"},
    "/nguon-du-lieu/": {"auditor", "reform", "admin"},
    "/nguon-du-lieu/lo/1": {"auditor", "reform", "admin"},
    "/nguon-du-lieu/nap": {"reform", "admin"},
    "/nguon-du-lieu/nap/7": {"reform"},
    "/nguon-du-lieu/cach-hieu": {"reform", "admin"},
    "/nguon-du-lieu/khoa/": {"admin"},
    "/nguon-du-lieu/khoa/moi": {"admin"},
    "/nguon-du-lieu/khoa/1": {"admin"},
    "/nguon-du-lieu/tep-tam": {"auditor", "admin"},
    "/nguon-du-lieu/dong-loi/": {"reform", "admin"},
    "/nguon-du-lieu/dong-loi/1": {"reform", "admin"},
    "/nguon-du-lieu/dong-loi/tai-ve": {"reform", "admin"},
    "/api": set(ROLES),
    "/tai-khoan/khoa-api": set(ROLES),
    "/quan-tri/nhan-tin": {"admin"},
    "/cong-viec/": set(ROLES),
    "/cong-viec/1": {"reform", "admin"},
    "/cong-viec/1/tien-do": {"reform", "admin"},
    "/cong-viec/1/tai-ve": {"reform"},
}


# What has no data: the door, the way to the first page, files of the program. What anybody may read of letters has tests
# of its own (tests/web/test_letter_check.py), as have files that open by a secret link (tests/web/test_feed_pages.py).
NOT_LISTED = {
    "auth.login", "auth.home", "static", "score.plotly", "letter_check.check", "letter_check.public_list",
    "feeds.calendar", "feeds.atom", "api.openapi",
    # The second step of a log-in and the ways by the identity provider: tests/web/test_second_factor.py, test_sign_on.py.
    # Nothing but whether it is alive, and ready: tests/web/test_metrics.py.
    "metrics.alive", "metrics.ready",
    "auth.code", "sign_on.begin", "sign_on.back", "sign_on.link", "sign_on.leave",
}  # fmt: skip


def test_no_page_is_missing_from_the_second_opinion(app: Flask):
    addresses = app.url_map.bind("localhost")
    listed = {addresses.match(address.partition("?")[0], method="GET")[0] for address in EXPECTED}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    # Operations of the API by role and unit, by token: tests/web/test_api_access.py.
    assert pages - listed - by_token(app) == NOT_LISTED


@pytest.mark.every_value("each role asks within a scope of its own")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_others(shared_role, role: str):
    client = shared_role(role)
    answers = {address: client.get(address).status_code for address in EXPECTED}
    assert answers == {address: 200 if role in roles else 403 for address, roles in EXPECTED.items()}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_begins_its_day_on_a_page_it_may_open(shared_role, role: str):
    assert shared_role(role).get("/", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("address", EXPECTED)
def test_without_log_in_no_page_tells_anything(shared_app: Flask, address: str):
    answer = shared_app.test_client().get(address)
    assert answer.status_code == 302
    assert answer.location.startswith("/dang-nhap")
    assert "het_phien" not in answer.location  # nobody was there whose session could have ended


def test_a_route_without_an_entry_is_not_found_even_for_the_administrator(app: Flask, as_role):
    app._got_first_request = False
    app.add_url_rule("/them-vao", "new.page", lambda: "secret")
    assert as_role("admin").get("/them-vao").status_code == 404


@pytest.mark.parametrize("role", ["desk", "head"])
def test_dossiers_of_another_unit_do_not_exist_for_a_unit_account(shared_role, role: str):
    client = shared_role(role)
    assert client.get(f"/ho-so/{OVERDUE_A}").status_code == 200
    assert client.get(f"/ho-so/{OVERDUE_B}").status_code == 404
    for address in ("/ban-theo-doi", "/qua-han", "/tim?q=T01-2608"):
        text = client.get(address).text
        assert OVERDUE_A in text
        assert OVERDUE_B not in text
    assert client.get(f"/qua-han?don-vi={BRANCH_B}").status_code == 404
    assert client.get(f"/qua-han?don-vi={BRANCH_A}").status_code == 200


def test_a_letter_of_another_unit_does_not_exist(as_role, context: StandingContext):
    with context.store.transaction() as session:
        account = people.find_login(session, "head")
        assert account
        session.get_one(people.User, account.account_id).unit_id = BRANCH_B
    assert as_role("head").get("/thu-xin-loi/1/tai-ve").status_code == 404
    assert as_role("desk").get("/thu-xin-loi/1/tai-ve").status_code == 200


def test_an_account_of_the_office_sees_all_its_branches(as_role, context: StandingContext):
    assert as_role("auditor").get(f"/ho-so/{OVERDUE_B}").status_code == 200


@pytest.mark.parametrize(
    ("role", "visible"), [("desk", True), ("head", True), ("auditor", False), ("reform", False)]
)
def test_names_and_phones_are_masked_for_roles_that_need_none(shared_role, role: str, visible: bool):
    client = shared_role(role)
    for address in (f"/ho-so/{OVERDUE_A}", "/qua-han"):
        assert (NAME in client.get(address).text) is visible
    assert (PHONE in client.get(f"/ho-so/{OVERDUE_A}").text) is visible


def test_what_was_seen_and_taken_is_logged_by_id_without_names(as_role, context: StandingContext):
    client = as_role("head")
    for address in (
        f"/ho-so/{OVERDUE_A}",
        "/qua-han?trang-thai=all",
        "/qua-han.xlsx",
        "/thu-xin-loi/1/tai-ve",
    ):
        assert client.get(address).status_code == 200
    with context.store.read() as session:
        acts = audit.recent_acts(session, 4)[::-1]
    assert [act.action for act in acts] == ["dossier", "late_list", "late_export", "letter_download"]
    assert acts[0].subject == "dossier:1"
    assert acts[3].subject == "letter:1"
    assert NAME not in str(acts)


def test_every_answer_carries_the_guarding_headers(app: Flask, as_role):
    client = as_role("head")
    for address in ("/tieu-chi/3.4.1", "/khong-co", "/static/js/page.js", f"/ho-so/{FINISHED_LATE}"):
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
    assert client.get(f"/ho-so/{FINISHED_LATE}").headers["Cache-Control"] == "no-store"


def test_no_page_carries_a_script_or_a_style_in_its_text_or_an_outside_address(shared_role):
    client = shared_role("head")
    for address in EXPECTED:
        answer = client.get(address)
        if answer.mimetype == "text/html":
            assert "<style" not in answer.text
            assert " style=" not in answer.text
            assert " onclick=" not in answer.text
            assert "//" not in answer.text.replace("http://www.w3.org", "")


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "localhost.example.org"])
def test_a_foreign_host_name_is_refused(shared_app: Flask, host: str):
    assert shared_app.test_client().get("/dang-nhap", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000"])
def test_this_machine_is_a_trusted_host(shared_app: Flask, host: str):
    assert shared_app.test_client().get("/dang-nhap", headers={"Host": host}).status_code == 200
