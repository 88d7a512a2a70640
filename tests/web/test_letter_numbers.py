"""Numbers by pages: a list is seen before it is taken, own numbers are told before they are given, signed files find their letters."""

import html
import io
import re
from datetime import date

import pytest
from flask.testing import FlaskClient

from letters.moving import Asker
from letters.series import register_series
from tests.web.conftest import token
from tests.web.lettered import add_letters, code_of, signed_docx
from tests.web.world import BRANCH_A, BRANCH_B, NOW, StandingContext
from tracker.store import audit
from tracker.store.models import Letter
from tracker.store.number_store import NewSeries

pytestmark = pytest.mark.sqlite_only("the pages ask the same store functions on both databases")

BOOK, OWN, SIGNED = "/thu-xin-loi/vao-so", "/thu-xin-loi/vao-so/so-rieng", "/thu-xin-loi/ban-da-ky"
NUMBER_LINE = "Số: 12/PXL-MAU\tĐắk Lắk, ngày 24 tháng 08 năm 2026"


@pytest.fixture
def lettered(context: StandingContext) -> StandingContext:
    """Of the head's unit: 11, 12 signed, 13 approved, 14 a draft; 22, of another unit, signed."""
    add_letters(context)
    return context


def post(client: FlaskClient, address: str, **form: object):
    return client.post(
        address, data={"csrf_token": token(client, BOOK), **form}, content_type="multipart/form-data"
    )


def line(letter_id: int, number: str = "12/PXL-MAU", *more: str) -> str:
    return "; ".join((code_of(letter_id), number, "24/08/2026", *more))


def numbers(context: StandingContext) -> dict[int, str | None]:
    with context.store.read() as session:
        return {letter.id: letter.number for letter in session.query(Letter) if letter.number}


def confirmed(page: str) -> str:
    """The list that the form of a preview carries."""
    found = re.search(r'<textarea name="danh-sach" hidden[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def last_acts(context: StandingContext, count: int) -> list[tuple[str, str]]:
    with context.store.read() as session:
        return [(act.action, act.subject) for act in audit.recent_acts(session, count)]


def test_a_list_is_seen_with_its_faults_before_anything_is_written(as_role, lettered: StandingContext):
    text = "\n".join((line(11), line(14, "13/PXL-MAU"), "xyz; 14; 24/08/2026", line(22, "15/PXL-MAU")))
    page = post(as_role("desk"), BOOK, **{"danh-sach": text, "lam": "xem"})
    assert page.status_code == 200
    assert "Nếu ghi bây giờ: 1 thư" in page.text
    assert "4 dòng = 1 thư sẽ vào sổ + 0 đã có đúng số và ngày này + 3 không dùng được" in page.text
    for told in ("dòng 2", "chỉ vào sổ được thư đã ký", "dòng 3", "xyz", "dòng 4", "thư của đơn vị khác"):
        assert told in page.text
    assert numbers(lettered) == {}


def test_what_was_seen_is_taken_once_and_stands_in_the_log(as_role, lettered: StandingContext):
    client = as_role("desk")
    text = confirmed(post(client, BOOK, **{"danh-sach": line(11), "lam": "xem"}).text)
    done = post(client, BOOK, **{"danh-sach": text, "lam": "ghi"})
    assert "Đã vào sổ: 1 thư" in done.text
    assert numbers(lettered) == {11: "12/PXL-MAU"}
    assert last_acts(lettered, 1) == [("letter_number", "letters")]
    again = post(client, BOOK, **{"danh-sach": text, "lam": "ghi"})
    assert "+ 1 đã có đúng số và ngày này +" in again.text


def test_an_approved_letter_gets_its_signature_with_the_number(as_role, lettered: StandingContext):
    text = line(13, "12/PXL-MAU", "Trần Văn Thử", "24/08/2026")
    client = as_role("desk")
    page = post(client, BOOK, **{"danh-sach": text, "lam": "xem"}).text
    assert "ghi cả người ký, ngày ký" in page
    post(client, BOOK, **{"danh-sach": confirmed(page), "lam": "ghi"})
    assert numbers(lettered) == {13: "12/PXL-MAU"}


def test_an_uploaded_list_is_read_by_its_headings_and_told_by_its_name(as_role, lettered: StandingContext):
    rows = (
        f"Mã tra cứu,Số ký hiệu,Ngày ban hành\n{code_of(12)},7/PXL,24/08/2026\n{code_of(11)},x,24/08/2026\n"
    )
    file = (io.BytesIO(rows.encode()), "so tháng 8.csv")
    page = post(as_role("desk"), BOOK, tep=file, lam="xem").text
    assert "7/PXL" in confirmed(page)
    assert "so tháng 8.csv, dòng 3" in page
    assert "Số ký hiệu" in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Hãy dán danh sách vào ô"),
        ("xin chào", "mã tra cứu"),
        ("\n".join([line(11)] * 2001), "mỗi lần tối đa 2000 dòng"),
    ],
)
def test_a_list_that_is_none_is_told_and_kept_on_the_page(as_role, lettered, text: str, told: str):
    page = post(as_role("desk"), BOOK, **{"danh-sach": text, "lam": "ghi"})
    assert (page.status_code, told in page.text) == (400, True)
    assert numbers(lettered) == {}


def test_a_file_that_is_no_list_is_told_under_its_own_name(as_role, lettered):
    page = post(as_role("desk"), BOOK, tep=(io.BytesIO(b"PK\x03\x04 hong"), "hong.xlsx"), lam="xem")
    assert page.status_code == 400
    assert "hong.xlsx" in page.text
    assert "/tmp" not in page.text


# ---------------------------------------------------------------- own series


def series(context: StandingContext, unit_id: int = BRANCH_A) -> None:
    new = NewSeries(unit_id, "PXL-CN1", "QĐ 1/QĐ-MAU (thử nghiệm)", 5, date(2026, 1, 1))
    register_series(context.store, new, Asker("reform", NOW))


def test_own_numbers_are_told_in_numbers_before_they_are_given(as_role, lettered: StandingContext):
    series(lettered)
    client = as_role("head")
    assert "số tiếp theo <b>05/PXL-CN1</b>; 2 thư đã ký chờ lấy số" in client.get(BOOK).text
    form = {
        "don-vi": str(BRANCH_A),
        "ngay": "24/08/2026",
        "chon": "ma",
        "ma": f"{code_of(12)}, {code_of(11)}",
    }
    page = post(client, OWN, **form, lam="xem")
    assert "2 thư, từ 05/PXL-CN1 đến 06/PXL-CN1, ngày 24/08/2026" in page.text
    assert numbers(lettered) == {}
    ids = re.search(r'name="thu" value="([0-9,]+)"', page.text)
    assert ids
    done = post(client, OWN, **{"ngay": "24/08/2026", "thu": ids[1], "lam": "ghi"})
    assert "Đã lấy số: 2 thư" in done.text
    assert numbers(lettered) == {12: "05/PXL-CN1", 11: "06/PXL-CN1"}
    assert last_acts(lettered, 1) == [("letter_number", "letters")]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"ngay": "31/02/2026"}, "không phải là ngày"),
        ({"chon": "ma", "ma": ""}, "Hãy ghi mã tra cứu"),
        ({"chon": "ma", "ma": "XXXX"}, "Không có văn bản xin lỗi nào của: XXXX"),
    ],
)
def test_an_own_number_that_cannot_be_given_is_told_at_its_field(as_role, lettered, form, told: str):
    series(lettered)
    page = post(as_role("head"), OWN, **{"don-vi": str(BRANCH_A), **form})
    assert (page.status_code, told in page.text) == (400, True)


def test_the_series_and_letters_of_another_unit_are_out_of_reach(as_role, lettered: StandingContext):
    series(lettered, BRANCH_B)
    client = as_role("head")
    assert "Lấy số từ sổ riêng</h2>" not in client.get(BOOK).text
    post(client, OWN, **{"ngay": "24/08/2026", "thu": "22", "lam": "ghi"})
    assert numbers(lettered) == {}


# ---------------------------------------------------------------- signed files


def sent(client: FlaskClient, *files: tuple[str, bytes]):
    return post(client, SIGNED, tep=[(io.BytesIO(body), name) for name, body in files])


def test_signed_files_find_their_letters_and_propose_what_one_press_takes(as_role, lettered: StandingContext):
    client = as_role("desk")
    page = sent(
        client, ("11.docx", signed_docx(NUMBER_LINE, code_of(11))), ("khac.docx", signed_docx("không có mã"))
    ).text
    assert "1 bản đã nhận, 1 không nhận" in page
    assert "khac.docx" in page
    assert last_acts(lettered, 1) == [("letter_signed_file", "letters")]
    proposed = re.search(r'id="danh-sach"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert proposed
    assert proposed[1] == f"{code_of(11)}; 12/PXL-MAU; 24/08/2026"
    assert numbers(lettered) == {}
    post(client, BOOK, **{"danh-sach": proposed[1], "lam": "ghi"})
    assert numbers(lettered) == {11: "12/PXL-MAU"}


def test_a_signed_file_is_handed_out_to_who_reads_names_and_logged(as_role, lettered: StandingContext):
    body = signed_docx(code_of(11))
    sent(as_role("desk"), ("11.docx", body))
    address = "/thu-xin-loi/11/ban-da-ky"
    assert f'href="{address}"' in as_role("head").get("/thu-xin-loi/11").text
    assert f'href="{address}"' not in as_role("auditor").get("/thu-xin-loi/11").text
    assert f'href="{address}"' not in as_role("head").get("/thu-xin-loi/12").text
    answer = as_role("head").get(address)
    assert (answer.data, answer.headers["Content-Disposition"].startswith("attachment")) == (body, True)
    assert last_acts(lettered, 1) == [("signed_download", "letter:11")]
    assert as_role("auditor").get(address).status_code == 403
    assert as_role("head").get("/thu-xin-loi/12/ban-da-ky").status_code == 404
    assert as_role("head").get(address, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_signed_file_of_another_unit_is_neither_taken_nor_handed_out(as_role, lettered: StandingContext):
    page = sent(as_role("desk"), ("22.docx", signed_docx(code_of(22)))).text
    assert "thư của đơn vị khác" in page
    with lettered.store.transaction() as session:
        session.get_one(Letter, 22).signed_file = "letters/22.docx"
    assert as_role("desk").get("/thu-xin-loi/22/ban-da-ky").status_code == 404


def test_no_file_at_all_is_told(as_role, lettered):
    page = post(as_role("desk"), SIGNED)
    assert (page.status_code, "Hãy chọn ít nhất một tệp" in page.text) == (400, True)
