"""What the papers around the letter say: hand-over note, notice to the desk, counts in words."""

from dataclasses import replace
from datetime import date

import pytest

from letters.issuer import NO_BREAK
from letters.layout import TEXT_WIDTH
from letters.paper_texts import load_papers
from letters.papers import (
    HAND_OVER_COLUMNS,
    NOTICE_COLUMNS,
    LackingDossiers,
    PaperContent,
    desk_notice,
    hand_over_note,
)
from letters.spoken_numbers import LARGEST, spoken
from tests.paper_samples import COMPANY, DEPUTY, DESK, DOSSIER, HAND_OVER, LETTER, NEW_NOTICE, NOTICE
from tracker.errors import ConfigurationError, UsageError

TEXTS = load_papers()


def notice_of(facts=NOTICE) -> PaperContent:
    paper = desk_notice(facts, TEXTS)
    assert isinstance(paper, PaperContent)
    return paper


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (1, "một"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (55, "năm mươi lăm"),
        (99, "chín mươi chín"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (999, "chín trăm chín mươi chín"),
        (1000, "một nghìn"),
        (1005, "một nghìn không trăm linh năm"),
        (1010, "một nghìn không trăm mười"),
        (2021, "hai nghìn không trăm hai mươi mốt"),
        (46_885, "bốn mươi sáu nghìn tám trăm tám mươi lăm"),
        (100_000, "một trăm nghìn"),
        (1_000_000, "một triệu"),
        (1_000_001, "một triệu không trăm linh một"),
        (LARGEST, "chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín"),
    ],
)
def test_a_count_is_spoken_as_people_say_it(number: int, words: str):
    assert spoken(number) == words


@pytest.mark.parametrize("number", [-1, LARGEST + 1])
def test_a_count_that_cannot_be_is_refused(number: int):
    with pytest.raises(ValueError, match=str(number)):
        spoken(number)


def test_no_two_counts_are_spoken_alike():
    assert len({spoken(number) for number in range(12_000)}) == 12_000


@pytest.mark.parametrize("columns", [HAND_OVER_COLUMNS, NOTICE_COLUMNS])
def test_the_columns_are_as_wide_as_the_text(columns):
    assert sum(column.width for column in columns) == TEXT_WIDTH


def test_the_hand_over_note_lists_every_letter_in_order_and_counts_them():
    paper = hand_over_note(HAND_OVER, TEXTS)
    assert [column.heading for column in paper.columns] == [
        "STT",
        "Số văn bản",
        "Ngày",
        "Mã hồ sơ",
        "Người nhận",
        "Ghi chú",
    ]
    code = LETTER.code
    assert paper.rows == (
        ("1", "12/PXL-STNMT", "03/01/2023", code, "Nguyễn Thị Mẫu", ""),
        ("2", "", "", code, "Nguyễn Thị Mẫu", "Người nhận đến lấy tại quầy"),
        ("3", "12/PXL-STNMT", "03/01/2023", code, COMPANY, ""),
    )
    assert paper.closing[0] == "Tổng số: 03 văn bản (ba văn bản)."
    assert paper.foot.left == ("BÊN GIAO",)
    assert paper.foot.right == ("BÊN NHẬN",)
    assert any(HAND_OVER.issuer.name in text for text in paper.opening)
    assert any(DESK in text for text in paper.opening)


def test_day_and_number_of_the_hand_over_note_are_left_to_the_hand():
    paper = hand_over_note(HAND_OVER, TEXTS)
    assert (paper.head.number, paper.head.place) == ("", "")
    assert "ngày ……" in paper.opening[0]


def test_a_paper_about_nothing_is_refused():
    with pytest.raises(UsageError, match="Không có văn bản nào"):
        hand_over_note(replace(HAND_OVER, letters=()), TEXTS)
    with pytest.raises(UsageError, match="Không có hồ sơ nào"):
        desk_notice(replace(NOTICE, dossiers=()), TEXTS)


def test_the_notice_tells_reason_and_proposed_date_of_each_dossier():
    paper = notice_of(replace(NOTICE, dossiers=(DOSSIER,)))
    assert paper.rows == (
        (
            "1",
            "000.00.18.H15-220524-0012",
            "Đăng ký biến động quyền sử dụng đất",
            "24/05/2022",
            "14/06/2022",
            "Chờ xác minh thực địa",
            "03/02/2023",
        ),
    )
    assert paper.addressee == f"Kính gửi: {DESK}"


def test_number_and_date_of_the_notice_are_blank():
    head = notice_of().head
    assert head.number == f"Số:{NO_BREAK * 8}/TB-STNMT"
    assert not any(sign.isdigit() for sign in head.place.replace("năm 20…", ""))


def test_the_notice_asks_the_desk_to_change_the_date_tell_the_person_and_confirm():
    paper = notice_of()
    asked = " ".join(paper.closing)
    assert f"Đề nghị {DESK} điều chỉnh lại ngày trả kết quả" in asked
    assert "thông báo đến tổ chức, cá nhân qua thư điện tử, tin nhắn, điện thoại hoặc mạng xã hội" in asked
    assert paper.slip is not None
    assert any(
        line.startswith("Đã điều chỉnh ngày trả kết quả trên hệ thống ngày") for line in paper.slip.lines
    )
    assert any(NOTICE.issuer.name in line for line in paper.slip.lines)


@pytest.mark.parametrize(
    ("day", "key", "is_verified", "names_the_clause"),
    [
        (date(2022, 1, 1), "thong-bao-2018", True, True),
        (date(2025, 6, 30), "thong-bao-2018", True, True),
        (date(2025, 7, 1), "thong-bao-2025", False, False),
        (date(2026, 3, 2), "thong-bao-2025", False, False),
    ],
)
def test_the_legal_basis_is_that_of_the_notice_s_day(day, key, is_verified, names_the_clause):
    text = TEXTS.notice_on(day)
    assert (text.key, text.is_basis_verified) == (key, is_verified)
    assert ("khoản 9 Điều 19" in text.basis) is names_the_clause
    facts = replace(NEW_NOTICE, day=day)
    assert notice_of(facts).basis == text.basis


@pytest.mark.parametrize(
    ("dossier", "missing"),
    [
        (replace(DOSSIER, reason=" . "), "lý do"),
        (replace(DOSSIER, new_due_on=None), "ngày đề nghị trả"),
        (replace(DOSSIER, new_due_on=date(2023, 1, 2)), "ngày đề nghị trả"),  # before the notice's day
        (replace(DOSSIER, due_on=None, reason=""), "ngày đã hẹn, lý do"),
    ],
)
def test_no_notice_is_written_of_a_dossier_without_reason_or_date(dossier, missing: str):
    facts = replace(NOTICE, dossiers=(DOSSIER, replace(dossier, code="B")))
    assert desk_notice(facts, TEXTS) == LackingDossiers((("B", missing),))


def test_the_notice_s_own_day_is_the_first_that_may_be_proposed():
    assert notice_of(replace(NOTICE, dossiers=(replace(DOSSIER, new_due_on=NOTICE.day),))).rows


def test_the_notice_is_signed_in_the_right_of_the_unit_s_head():
    assert notice_of().foot.right == ("GIÁM ĐỐC",)
    assert notice_of(NEW_NOTICE).foot.right == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    foot = notice_of(replace(NOTICE, signature=DEPUTY)).foot
    assert (foot.right, foot.name) == (("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"), "Trần Văn Thử")


def test_a_day_without_an_edition_and_a_file_without_words_are_faults_of_the_configuration(tmp_path):
    with pytest.raises(ConfigurationError, match="01/01/2020"):
        replace(TEXTS, hand_overs=()).hand_over_on(date(2020, 1, 1))
    broken = tmp_path / "papers.toml"
    broken.write_text("[[notice]]\nkey = 'x'", "utf-8")
    with pytest.raises(ConfigurationError, match="hand_over"):
        load_papers(broken)
