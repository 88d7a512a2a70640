"""What was typed or scanned, what a dossier is found by: tables of cases."""

import pytest

from tracker.search_text import (
    Findable,
    asked,
    code_readings,
    code_within,
    keys_of,
    name_words,
    phone_numbers,
)

NGOC = Findable("H15.32-250812-0003", "Nguyễn Thị Bích Ngọc", "0912345678")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Nguyễn Thị Bích Ngọc", ["nguyen", "thi", "bich", "ngoc"]),
        ("ĐẶNG  Văn Đức", ["dang", "van", "duc"]),
        ("Ðoàn thị Ðào", ["doan", "thi", "dao"]),  # the Icelandic letter of old converters
        ("Nguye\u0302\u0303n", ["nguyen"]),  # marks on their own
        ("Công ty TNHH MTV 36/5 (chi nhánh)", ["cong", "ty", "tnhh", "mtv", "36", "5", "chi", "nhanh"]),
        ("H'Hen Niê", ["h", "hen", "nie"]),
        ("Y Bhiu-Ktla", ["y", "bhiu", "ktla"]),
        ("", []),
    ],
)
def test_a_name_is_taken_apart_into_words_without_marks(text: str, words: list[str]):
    assert name_words(text) == words


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("0912345678", ["0912345678"]),
        ("0912.345.678", ["0912345678"]),
        ("+84 912 345 678", ["0912345678"]),
        ("84912345678", ["0912345678"]),
        ("+84 (0)912 345 678", ["0912345678"]),
        ("0084912345678", ["0912345678"]),
        ("912345678", ["0912345678"]),  # a spreadsheet took its zero
        ("0262 3851 234", ["02623851234"]),
        ("0912345678, 0987654321", ["0912345678", "0987654321"]),
        ("0912345678 0987654321", ["0912345678", "0987654321"]),
        ("0912345678 - 0987654321", ["0912345678", "0987654321"]),
        ("0912345678/0912345678", ["0912345678"]),
        ("không có", []),
        ("", []),
    ],
)
def test_telephone_numbers_are_digits_beginning_with_zero(cell: str, numbers: list[str]):
    assert phone_numbers(cell) == numbers


def test_a_dossier_has_a_key_from_each_word_of_the_name_on():
    assert keys_of(NGOC) == {
        "nguyen thi bich ngoc", "thi bich ngoc", "bich ngoc", "ngoc",
        "+0912345678", "-8765432190", "=H15.32-250812-0003", "#3000-218052-23.51H",
    }  # fmt: skip


def test_keys_are_cut_and_codes_that_are_none_have_no_key():
    long = Findable(
        "?0A1B", "Công ty trách nhiệm hữu hạn một thành viên Xây dựng và Thương mại Thử Nghiệm", ""
    )
    keys = keys_of(long)
    assert len(keys) == 13
    assert "=?0A1B" in keys
    assert max(map(len, keys)) <= 32
    assert not any(key[0] in "+-#" for key in keys)


@pytest.mark.parametrize(
    "typed",
    [
        "bích ngọc", "ngoc", "nguyen thi bich", "Nguyễn Thị Bích Ngọc", "BICH  NGO", "0912", "345678", "5678", "+84912",
        "+84 912 345 678", "0912.345.678", "h15.32-250812-0003", "H15.32", "250812-0003", "0003", "ngọ",
    ],
)  # fmt: skip
def test_what_was_typed_fits_the_dossier_that_is_meant(typed: str):
    meant = asked(typed)
    assert meant.fits(NGOC)
    prefixes = meant.key_beginnings()
    assert any(key.startswith(each) for key in keys_of(NGOC) for each in prefixes)


@pytest.mark.parametrize(
    "typed", ["goc", "bich thi", "nguyen ngoc", "0911", "12345", "", " ", "n", "%", "001", "+"]
)
def test_what_was_typed_fits_no_other_dossier(typed: str):
    assert not asked(typed).fits(NGOC)


def test_a_name_longer_than_a_key_is_compared_whole():
    long = Findable("X-1", "Công ty trách nhiệm hữu hạn một thành viên Thử Nghiệm Một", "")
    meant = asked("công ty trách nhiệm hữu hạn một thành viên thử nghiệm h")
    assert not meant.fits(long)
    assert any(key.startswith(meant.name) for key in keys_of(long))
    assert asked("công ty trách nhiệm hữu hạn một thành viên thử nghiệm m").fits(long)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [("ngọc", "name"), ("0912345", "number"), ("H15.32-25", "code"), ("cong ty 36", "code"), ("H", "code")],
)
def test_the_log_learns_the_kind_of_what_was_typed(typed: str, kind: str):
    assert asked(typed).kind == kind


def test_by_code_alone_neither_name_nor_number_is_looked_for():
    assert asked("bích ngọc").by_code_only().key_beginnings() == ()
    assert asked("0912345678").by_code_only().key_beginnings() == ("=0912345678", "#8765432190")
    assert not asked("0912345678").by_code_only().phones
    assert asked("0912345678").by_code_only().codes == ("0912345678",)


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("https://dichvucong.gov.vn/tracuu?maHoSo=H15.32-250812-0003", "H15.32-250812-0003"),
        ("https://x.vn/#/tra-cuu?ma_ho_so=H15-250812-0003&lang=vi", "H15-250812-0003"),
        ("HTTPS://X.VN/TRACUU?MAHOSO=H15.32-250812-0003", "H15.32-250812-0003"),
        ("http://x.vn/hoso/000.00.32.H15-250812-0003", "000.00.32.H15-250812-0003"),
        ("http://x.vn/qr?d=H15%2E32-250812-0003&k=9", "H15.32-250812-0003"),
        ("http://x.vn/gioi-thieu", ""),
        ("http://[", ""),
        ("Mã hồ sơ: H15-250812-0003", "H15-250812-0003"),
        ("MA HO SO: H15-250812-0003\nHo ten: Nguyen Van A", "H15-250812-0003"),
        ("Số biên nhận : 2508-0003.", "2508-0003"),
        ("Mã số hồ sơ H15-250812-0003", "H15-250812-0003"),
        ('{"maHoSo":"h15-250812-0003","ngay":"12/08/2025"}', "h15-250812-0003"),
        ("Nguyễn Văn A|H15.32-250812-0003|12-08-2025", "H15.32-250812-0003"),
        ("12-08-2025;HS.2508/0003;A", "12-08-2025"),  # nothing says which: the first that may be one
        ("H15.32-250812-0003", ""),  # a bare code is what was typed
        ("Mã hồ sơ: chưa cấp", ""),
        ("nguyễn, thị, ngọc", ""),
        ("", ""),
    ],
)
def test_the_code_is_found_in_what_a_scanner_reads(scanned: str, code: str):
    assert code_within(scanned) == code


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("h15-250812-0003", "H15-250812-0003"),
        ("H15–250812—0003", "H15-250812-0003"),
        ("BNÍ-25", "BNI1-25"),  # VNI: I, 1
        ("BÁN-25", "BA1N-25"),
        ("BÁN-25", "BAN1-25"),  # the mark may be typed after the letters that follow
        ("Đ-25", "D9-25"),
        ("TẤ-25", "TA61-25"),
        ("ƯB-25", "U7B-25"),
        ("Đ-25", "DD-25"),  # Telex
        ("BÁ-25", "BAS-25"),
        ("TÂ-25", "TAA-25"),
        ("ƠB-25", "OWB-25"),
    ],
)
def test_a_code_is_read_as_it_was_before_a_vietnamese_keyboard_changed_it(typed: str, meant: str):
    readings = code_readings(typed)
    assert meant in readings
