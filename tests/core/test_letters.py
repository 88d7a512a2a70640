"""Old fonts and wrong encodings: every Vietnamese letter comes back, known sentences are read, nothing is guessed."""

import unicodedata
from pathlib import Path

import pytest

from tests.sources import in_cp1258, misread
from tracker.errors import UnusableFile
from tracker.ingest.readers.encodings import told_encoding
from tracker.ingest.readers.letters import (
    MOJIBAKE,
    MOJIBAKE_VN,
    TCVN3,
    UNICODE,
    VNI,
    Letters,
    fonts_named,
    tcvn3_table,
    told_letters,
    vni_table,
)
from tracker.ingest.readers.syllables import is_syllable

TONES = "\u0300\u0309\u0303\u0301\u0323"
VOWELS = [unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưy" for t in TONES]
LOWER = [*VOWELS, *"ăâêôơưđ"]
ALL = [*LOWER, *(letter.upper() for letter in LOWER)]
MOTTO = "Cộng hòa xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc"
HEADINGS = (
    "Mã hồ sơ; Ngày tiếp nhận; Ngày hẹn trả; Đơn vị xử lý; Chủ hồ sơ: Nguyễn Văn Bịa, thôn Ví Dụ, xã Ea Ảo"
)
# As these fonts write the motto; known from thousands of old documents.
IN_TCVN3 = "Céng hßa x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc"
IN_VNI = "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, Ñoäc laäp - Töï do - Haïnh phuùc"
NOWHERE = Path("tep.csv")


def old(text: str, key: str) -> str:
    """Text as an old font writes it, by the table turned round."""
    table = {letter: chr(written) for written, letter in tcvn3_table().items()}
    if key == VNI:
        # Where a letter has several ways, that of the same case throughout.
        table = {vni_table()[written]: written for written in reversed(vni_table())}
    return "".join(table.get(letter, table.get(letter.lower(), letter)) for letter in text)


def test_there_are_134_vietnamese_letters():
    assert len(ALL) == len(set(ALL)) == 134


@pytest.mark.parametrize("letter", ALL)
def test_every_letter_comes_back_from_vni(letter: str):
    assert Letters(VNI).unicode(old(letter, VNI)) == letter


@pytest.mark.parametrize("letter", ALL)
def test_every_letter_comes_back_from_tcvn3_a_toned_capital_as_its_small_letter(letter: str):
    # Capitals with tones are small letters in a font of capitals: the text alone does not tell.
    has_capital = letter in "ĂÂÊÔƠƯĐ"
    came = Letters(TCVN3).unicode(old(letter, TCVN3))
    assert came == (letter if has_capital else letter.lower())


@pytest.mark.parametrize("codec", ["cp1252", "cp1258"])
@pytest.mark.parametrize("letter", ALL)
def test_every_letter_comes_back_from_a_misreading(letter: str, codec: str):
    key = MOJIBAKE if codec == "cp1252" else MOJIBAKE_VN
    assert Letters(key).unicode(misread(f"x{letter}y", codec)) == f"x{letter}y"


def test_the_samples_of_the_note_on_formats_are_read():
    assert Letters(TCVN3).unicode("Hå s¬") == Letters(VNI).unicode("Hoà sô") == "Hồ sơ"
    assert Letters(MOJIBAKE).unicode("Há»“ sÆ¡") == "Hồ sơ"
    assert Letters(TCVN3).unicode(IN_TCVN3) == Letters(VNI).unicode(IN_VNI) == MOTTO


@pytest.mark.parametrize(
    ("written", "key"),
    [
        (IN_TCVN3, TCVN3),
        (IN_VNI, VNI),
        (misread(HEADINGS), MOJIBAKE),
        (misread(HEADINGS, "cp1258"), MOJIBAKE_VN),
        (HEADINGS, ""),
        (unicodedata.normalize("NFD", HEADINGS), ""),
        ("Dossier code, received at", ""),
        ("", ""),
        ("café déjà naïve Müller Straße señor", ""),
    ],
)
def test_letters_are_told_by_the_words_that_come_out(written: str, key: str):
    assert told_letters([written]) == Letters(key)


def test_ede_names_among_vietnamese_ones_are_left_as_they_are():
    text = "Y Bliêng Niê, H'Wiê Êban, Y Đhăm Kbuôr, buôn Kŏ Siêr " + HEADINGS
    assert told_letters([text]) is UNICODE


def test_a_cell_in_unicode_among_old_ones_stays():
    assert Letters(TCVN3).cells(["Hå s¬", "Hồ sơ", "ASCII"]) == ["Hồ sơ", "Hồ sơ", "ASCII"]


def test_a_font_is_a_hint_and_no_proof():
    fonts = fonts_named(b"font-family:.VnTime")
    assert fonts == {TCVN3}
    assert fonts_named(".VnArial".encode("utf-16-le")) == {TCVN3}
    assert fonts_named(b"VNI-Times") == {VNI}
    assert fonts_named(b"Times New Roman, www.Vnexpress.net") == frozenset()
    assert told_letters(["Hå s¬"]) is UNICODE, "two words prove nothing"
    assert told_letters(["Hå s¬"], fonts) == Letters(TCVN3)
    assert told_letters([HEADINGS], fonts) is UNICODE


@pytest.mark.parametrize(
    "data",
    [
        HEADINGS.encode(),
        HEADINGS.encode("utf-8-sig"),
        HEADINGS.encode("utf-16"),
        HEADINGS.encode("utf-16-le"),
        HEADINGS.encode("utf-16-be"),
        in_cp1258(HEADINGS),
        old(HEADINGS.replace("Ảo", "ảo"), TCVN3).encode("latin-1"),
        old(HEADINGS, VNI).encode("latin-1"),
        old(HEADINGS, VNI).encode(),
        misread(HEADINGS).encode(),
    ],
    ids=["utf-8", "bom", "utf-16", "le", "be", "1258", "tcvn3", "vni", "vni in utf-8", "misread"],
)
def test_an_encoding_is_told_and_what_is_unusual_is_said(data: bytes):
    encoding = told_encoding(NOWHERE, data)
    text = encoding.letters.unicode(data.decode(encoding.codec))
    assert unicodedata.normalize("NFC", text).lower() == HEADINGS.lower()
    is_usual = encoding.codec in ("utf-8", "utf-8-sig", "utf-16") and not encoding.letters.key
    assert bool(encoding.notes) is not is_usual


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("café déjà naïve".encode("latin-1"), r"byte thứ 4\).*hãy mở bằng chương trình"),
        (bytes(range(256)), "byte 0"),
        (HEADINGS.encode()[:200] + b"\xff" + HEADINGS.encode(), "byte thứ"),
    ],
)
def test_an_encoding_that_nothing_decides_is_refused_with_what_to_do(data: bytes, told: str):
    with pytest.raises(UnusableFile, match=told):
        told_encoding(NOWHERE, data)


def test_a_syllable_is_told_by_its_spelling():
    right = [
        "nghiêng",
        "khuỷu",
        "thuở",
        "quyển",
        "giếng",
        "oách",
        "ngoằn",
        "rượu",
        "yếm",
        "uống",
        "ước",
        "iếc",
        "huỳnh",
        "Đắk",
        "xoay",
        "khuya",
    ]
    wrong = ["Hå", "naïve", "Müller", "cac̀", "họac̣", "ắê", "bíc̀", "tìêń", "các̀"]
    assert [word for word in right if not is_syllable(word)] == ["Đắk"]
    assert [word for word in wrong if is_syllable(word)] == []
