"""The pages in English: chosen by a switch that stays, the same pages otherwise, and no Vietnamese left in them."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.english.markup_place import Standing, follow
from app.english.texts import is_vietnamese
from app.presenters import short_unit
from app.views.language import A_YEAR
from tests.web.browsing import pages_of
from tests.web.conftest import token
from tests.web.world import StandingContext
from tracker.store.models import Base

ROLES = ("desk", "head", "auditor", "reform", "admin")
# Proper names, symbols of texts, whatever is quoted or bracketed as it stands in a file, names of the world's files.
OURS = re.compile(
    r"Đúng Hẹn|Đắk Lắk|Một cửa|[\w.]*(?:/[\wĐ-]+)+|NĐ|“[^”]*”|\[[^\]]*\]|\"[^\"]*\"|[^\s,]*\.(?:xlsx|csv|docx)"
    r"|Danh sách tháng 8|tệp \d|Cột lạ của một hệ thống rất dài tên|Thử [Nn]ghiệm[ \w]*|thử nghiệm|[Tt]hử|Bộ phận một cửa xã|[CĐ]N? ?VPĐKĐĐ"
    r"|thủ tục T\.001|[Kk]hông có tệp này|Bộ phận một cửa|Sở Công Thương|Đăng nhập bằng tài khoản của tỉnh|\{\{.*"
)
# Told by the world's own database in words that no module says, or put together by an office's rules and notes.
OF_THE_WORLD = (
    "/canh-bao/quy-tac?thu-tuc",
    "/thong-bao",
    "/kiem-tra/lich-su",
    "/danh-muc/",
    "/lich-lam-viec/thay-doi/1",
    "/nhat-ky/",
    "/thu-xin-loi/mau/thu/",
)


def choose(client: FlaskClient, language: str, back: str = "/dang-nhap", **options: object):
    form = {"csrf_token": token(client), "ngon-ngu": language, "ve": back}
    return client.post("/ngon-ngu", data=form, **options)


def test_the_switch_keeps_the_choice_for_a_year_and_goes_back(app: Flask):
    client = app.test_client()
    assert '<html lang="vi">' in client.get("/dang-nhap").text
    answer = choose(client, "en", "/dang-nhap?next=/tim")
    assert answer.location == "/dang-nhap?next=/tim"
    cookie = answer.headers.getlist("Set-Cookie")[0]
    assert cookie.startswith("dunghen-language=en;")
    assert f"Max-Age={A_YEAR}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get("/dang-nhap").text
    assert '<html lang="en">' in page
    assert "Log-in name" in page
    choose(client, "vi")
    assert "Tên đăng nhập" in client.get("/dang-nhap").text


def test_by_https_the_choice_is_bound_to_this_very_host(app: Flask):
    client = app.test_client()
    page = client.get("/dang-nhap", base_url="https://localhost").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    form = {"csrf_token": found[1], "ngon-ngu": "en", "ve": "/"}
    headers = {"Referer": "https://localhost/dang-nhap"}
    answer = client.post("/ngon-ngu", data=form, base_url="https://localhost", headers=headers)
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if "language" in each)
    assert cookie.startswith("__Host-dunghen-language=en;")
    assert "Secure" in cookie


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"]
)
def test_the_switch_leads_to_no_other_site(app: Flask, address: str):
    assert choose(app.test_client(), "en", address).location == "/"


def test_a_third_language_and_a_form_without_its_token_are_refused(app: Flask):
    client = app.test_client()
    assert choose(client, "fr").status_code == 400
    assert client.post("/ngon-ngu", data={"ngon-ngu": "en"}).status_code == 400
    client.set_cookie("dunghen-language", "fr")
    assert '<html lang="vi">' in client.get("/dang-nhap").text


def test_an_english_page_does_not_make_the_next_one_english(app: Flask):
    english, vietnamese = app.test_client(), app.test_client()
    english.set_cookie("dunghen-language", "en")
    pages = [client.get("/dang-nhap").text for client in (english, vietnamese, english, vietnamese)]
    assert ["Log-in name" in page for page in pages] == [True, False, True, False]


def test_errors_and_messages_come_in_english(app: Flask, as_role: Callable[[str], FlaskClient]):
    client = as_role("desk")
    client.set_cookie("dunghen-language", "en")
    assert "Not found" in client.get("/khong-co").text
    form = {"csrf_token": token(client, "/tai-khoan"), "present": "x", "new": "y" * 12, "again": "z"}
    assert "Hai lần nhập" not in client.post("/tai-khoan", data=form).text


@pytest.mark.parametrize("role", ROLES)
def test_no_page_says_anything_in_vietnamese_to_a_reader_of_english(
    app: Flask, context: StandingContext, as_role: Callable[[str], FlaskClient], role: str
):
    client = as_role(role)
    client.set_cookie("dunghen-language", "en")
    data, left = Data(context), set()
    for path in pages_of(app, role):
        answer = client.get(path)
        assert answer.status_code == 200, path
        if path.startswith(OF_THE_WORLD):
            continue
        left |= {f"{path}: {text}" for text in read(answer.text) if is_vietnamese(data.taken_out(text))}
    assert sorted(left) == []


def read(page: str) -> Iterator[str]:
    """What a person reads or hears of a page, but for what says that it is Vietnamese."""
    for text, standing in follow(Standing(), page):
        if standing.is_translated and is_vietnamese(text):
            yield " ".join(unescape(text).split())


class Data:
    """The words that stand in the database: names of units, procedures and people, reasons, notes, files."""

    def __init__(self, context: StandingContext) -> None:
        words: set[str] = set()
        with context.store.read() as session:
            for table in Base.metadata.sorted_tables:
                for row in session.execute(select(table)):
                    words |= {part.strip() for value in row if value for part in strings(str(value))}
        words |= {short_unit(word) for word in words} | {word.rsplit(",", 1)[-1].strip() for word in words}
        self._words = sorted((word for word in words if is_vietnamese(word)), key=len, reverse=True)

    def taken_out(self, text: str) -> str:
        """A text without them."""
        for word in self._words:
            if word in text:
                text = text.replace(word, " ")
        return OURS.sub(" ", text)


def strings(value: str) -> list[str]:
    """A value, and the strings of one that is JSON."""
    return [value, *(re.findall(r"""(?<=["'])[^"']+(?=["'])""", value) if value[:1] in "[{(" else [])]
