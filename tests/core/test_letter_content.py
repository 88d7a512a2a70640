"""What a letter says, and when it must not be written."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from letters.content import Lacking, LetterContent, LetterFacts, Missing, in_words, pronoun, write
from letters.issuer import Authority, Signature, head_of
from letters.obligations import (
    Duty,
    DutyReason,
    LateOn,
    LetterKind,
    Obligation,
    kind_of,
    late_on,
    obligation_for,
)
from tests.letter_samples import DEPARTMENT, FORMS, OVERDUE, RETURNED, WARD
from tracker.types import ApplicantKind, Basis, Lateness, State


def written(facts: LetterFacts) -> LetterContent:
    content = write(facts, FORMS)
    assert isinstance(content, LetterContent), content
    return content


def text_of(facts: LetterFacts) -> str:
    return "\n".join(written(facts).body)


@pytest.mark.parametrize(
    ("source", "documented", "promised", "duty", "reason"),
    [
        (True, True, True, Duty.OWED, DutyReason.LATE),
        (True, True, False, Duty.OWED, DutyReason.LATE),
        (None, True, None, Duty.OWED, DutyReason.NO_SOURCE_DATE),
        (True, None, None, Duty.OWED, DutyReason.NOT_COMPUTABLE),
        (True, None, False, Duty.OWED, DutyReason.NOT_COMPUTABLE),
        (True, False, True, Duty.TO_CHECK, DutyReason.SOURCE_ONLY),
        (False, True, True, Duty.TO_CHECK, DutyReason.DOCUMENTED_ONLY),
        (False, False, True, Duty.TO_CHECK, DutyReason.PROMISED_ONLY),
        (False, None, True, Duty.TO_CHECK, DutyReason.PROMISED_ONLY),
        (None, None, True, Duty.TO_CHECK, DutyReason.PROMISED_ONLY),
        (False, False, False, Duty.NONE, DutyReason.NOT_LATE),
        (None, None, None, Duty.NONE, DutyReason.NOT_LATE),
    ],
)
def test_the_bases_decide_who_is_owed(
    source: bool | None, documented: bool | None, promised: bool | None, duty: Duty, reason: DutyReason
) -> None:
    assert obligation_for(LateOn(source, documented, promised)) == Obligation(duty, reason)


@pytest.mark.parametrize("late", list(product((True, False, None), repeat=3)))
def test_whoever_is_late_on_any_basis_is_owed_or_to_check(late: tuple[bool | None, ...]) -> None:
    duty = obligation_for(LateOn(*late)).duty
    assert (duty is not Duty.NONE) == any(late)


def test_nothing_is_owed_while_suspended() -> None:
    suspended = Lateness(State.SUSPENDED, 0, 0, 480, is_late=False)
    late = late_on(dict.fromkeys(Basis, suspended))
    assert obligation_for(late) == Obligation(Duty.NONE, DutyReason.SUSPENDED)


def test_a_basis_without_a_due_date_has_no_say() -> None:
    none, late = Lateness(State.NO_DUE, None, None, None, False), Lateness(State.OVERDUE, 1, 480, 0, True)
    verdicts = {Basis.SOURCE: none, Basis.DOCUMENTED: late, Basis.PROMISED: none}
    assert obligation_for(late_on(verdicts)).reason is DutyReason.NO_SOURCE_DATE


@pytest.mark.parametrize(
    ("ended", "refused", "kind"),
    [
        (False, False, LetterKind.OVERDUE),
        (True, False, LetterKind.RETURNED_LATE),
        (True, True, LetterKind.LATE_REFUSAL),
    ],
)
def test_the_state_on_the_letters_day_chooses_the_kind(ended: bool, refused: bool, kind: LetterKind) -> None:
    assert kind_of(ended=ended, refused=refused) is kind


@pytest.mark.parametrize(
    ("day", "form", "title"),
    [
        (date(2016, 1, 1), "phieu-2018", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
        (date(2025, 9, 14), "phieu-2018", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"),
        (date(2025, 9, 15), "van-ban-2025", "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"),
        (date(2026, 11, 20), "van-ban-2025", "VĂN BẢN XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"),
    ],
)
def test_the_letters_date_chooses_the_form(day: date, form: str, title: str) -> None:
    assert FORMS.on(day).key == form
    assert written(replace(OVERDUE, day=day, new_due_on=date(2027, 1, 4))).title == title


def test_an_unverified_form_says_so() -> None:
    assert not any(form.is_verified for form in FORMS.editions)
    assert all(form.note and form.source for form in FORMS.editions)


def test_a_returned_dossier_gets_both_dates_and_the_reason_and_no_new_date() -> None:
    text = text_of(RETURNED)
    assert "ngày 14 tháng 6 năm 2022" in text
    assert "ngày 05 tháng 7 năm 2022" in text
    assert "Lý do: Chờ xác minh thực địa." in text
    assert "hẹn lại" not in text.lower() + written(RETURNED).title.lower()
    assert text.endswith("./.")


def test_an_open_dossier_gets_a_new_date() -> None:
    assert "vào ngày 03 tháng 02 năm 2023" in text_of(OVERDUE)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2022, 2, 5), "ngày 05 tháng 02 năm 2022"),
        (date(2022, 3, 9), "ngày 09 tháng 3 năm 2022"),
        (date(2022, 1, 10), "ngày 10 tháng 01 năm 2022"),
        (date(2022, 12, 31), "ngày 31 tháng 12 năm 2022"),
    ],
)
def test_days_below_ten_and_months_one_and_two_get_a_zero(day: date, words: str) -> None:
    assert in_words(day) == words


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"reason": " ; ."}, Missing.REASON),
        ({"issuer": None}, Missing.UNIT),
        ({"applicant_name": " "}, Missing.APPLICANT),
        ({"received_on": None}, Missing.RECEIVED),
        ({"due_on": None}, Missing.DUE),
        ({"ended_on": None}, Missing.ENDED),
        ({"procedure": "", "field": ""}, Missing.PROCEDURE),
    ],
)
def test_a_letter_that_lacks_something_is_not_written(change: dict[str, None], missing: Missing) -> None:
    assert write(replace(RETURNED, **change), FORMS) == Lacking((missing,))


@pytest.mark.parametrize("new_due", [None, date(2022, 12, 31)])
def test_no_new_date_before_the_letters_own(new_due: date | None) -> None:
    assert write(replace(OVERDUE, new_due_on=new_due), FORMS) == Lacking((Missing.NEW_DUE,))


def test_a_missing_address_drops_its_line() -> None:
    assert written(replace(RETURNED, address=" ")).address == ""
    assert written(RETURNED).address == "Địa chỉ: Thôn 3, xã Ea Kao"


def test_without_a_procedure_the_field_stands_for_it() -> None:
    assert "tiếp nhận hồ sơ thuộc lĩnh vực Đất đai của Ông/Bà" in text_of(replace(RETURNED, procedure=""))


def test_a_date_that_follows_from_the_rules_is_not_called_an_appointment() -> None:
    text = text_of(replace(RETURNED, is_due_appointed=False))
    assert "Thời hạn giải quyết hồ sơ theo quy định" in text
    assert "Thời gian hẹn trả" not in text


@pytest.mark.parametrize(
    ("kind", "name", "words", "addressee"),
    [
        (ApplicantKind.CITIZEN, "Y Mẫu Niê", "Ông/Bà", "Kính gửi: Ông/Bà Y Mẫu Niê"),
        (ApplicantKind.CITIZEN, "Hộ ông Lê Mẫu", "Ông/Bà", "Kính gửi: Hộ ông Lê Mẫu"),
        (ApplicantKind.BUSINESS, "Công ty TNHH Mẫu", "Quý công ty", "Kính gửi: Công ty TNHH Mẫu"),
        (ApplicantKind.BUSINESS, "Doanh nghiệp Mẫu", "Quý doanh nghiệp", "Kính gửi: Doanh nghiệp Mẫu"),
        (ApplicantKind.AGENCY, "Trường Mẫu", "Quý cơ quan", "Kính gửi: Trường Mẫu"),
        (ApplicantKind.ORGANISATION, "Hội Mẫu", "Quý tổ chức", "Kính gửi: Hội Mẫu"),
        (ApplicantKind.UNKNOWN, "Mẫu", "Ông/Bà/Tổ chức", "Kính gửi: Mẫu"),
    ],
)
def test_the_kind_of_applicant_decides_the_salutation(
    kind: ApplicantKind, name: str, words: str, addressee: str
) -> None:
    facts = replace(RETURNED, applicant_kind=kind, applicant_name=name)
    assert pronoun(kind, name) == words
    assert written(facts).addressee == addressee
    assert f"hồ sơ của {words}" in text_of(facts)


def test_number_and_date_are_left_blank() -> None:
    head = written(RETURNED).head
    assert not any(sign.isdigit() for sign in head.number)
    assert head.number.endswith("/PXL-STNMT")
    assert head.place.replace("\xa0", " ").split() == ["Đắk", "Lắk,", "ngày", "tháng", "năm", "20…"]


def test_the_head_drops_what_the_parent_says_already() -> None:
    head = written(RETURNED).head
    assert head.parent == ("UBND TỈNH ĐẮK LẮK",)
    assert " ".join(head.issuer) == "SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG"


def test_a_heading_breaks_before_the_place_where_that_costs_no_line() -> None:
    branch = replace(DEPARTMENT, parent="Sở Nông nghiệp và Môi trường tỉnh Đắk Lắk", name="Chi cục Mẫu")
    assert written(replace(RETURNED, issuer=branch)).head.parent == (
        "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
        "TỈNH ĐẮK LẮK",
    )


def test_a_peoples_committee_signs_collectively_and_has_no_parent_above() -> None:
    content = written(replace(RETURNED, issuer=WARD))
    assert content.head.parent == ()
    assert content.head.issuer == ("ỦY BAN NHÂN DÂN", "PHƯỜNG TÂN LẬP")
    assert content.signer == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")


def test_a_deputy_signs_below_the_heads_title() -> None:
    deputy = replace(DEPARTMENT, signer_title="KT. GIÁM ĐỐC / PHÓ GIÁM ĐỐC")
    assert deputy.signer == ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")


@pytest.mark.parametrize(
    ("authority", "title", "head_title", "of_department", "of_committee"),
    [
        (Authority.HEAD, "Giám đốc", "", ("GIÁM ĐỐC",), ("TM. ỦY BAN NHÂN DÂN", "GIÁM ĐỐC")),
        (
            Authority.DEPUTY,
            "Phó Chủ tịch",
            "Chủ tịch",
            ("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
            ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        ),
        (
            Authority.BY_ORDER,
            "Chánh Văn phòng",
            "Chủ tịch",
            ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"),
            ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"),
        ),
        (
            Authority.BY_ORDER,
            "KT. Chánh Văn phòng / Phó Chánh Văn phòng",
            "Chủ tịch",
            ("TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
            ("TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"),
        ),
        (
            Authority.BY_AUTHORISATION,
            "Trưởng phòng",
            "Chủ tịch",
            ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG"),
            ("TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG"),
        ),
        (Authority.ACTING, "Chủ tịch", "", ("Q. CHỦ TỊCH",), ("TM. ỦY BAN NHÂN DÂN", "Q. CHỦ TỊCH")),
    ],
)
def test_the_authority_decides_what_stands_above_the_signature(
    authority: Authority,
    title: str,
    head_title: str,
    of_department: tuple[str, ...],
    of_committee: tuple[str, ...],
) -> None:
    signature = Signature(authority, title, head_title, "Lê Thị Mẫu")
    assert written(replace(RETURNED, signature=signature)).signer == of_department
    assert written(replace(RETURNED, issuer=WARD, signature=signature)).signer == of_committee


@pytest.mark.parametrize(
    ("full_name", "printed"),
    [
        ("Lê Thị Mẫu", "Lê Thị Mẫu"),
        ("PGS. TS. Lê Thị Mẫu", "Lê Thị Mẫu"),
        ("ThS.Y Mẫu Niê", "Y Mẫu Niê"),
        ("Cn Mẫu", "Cn Mẫu"),
        ("", ""),
    ],
)
def test_no_learned_title_stands_before_the_signers_name(full_name: str, printed: str) -> None:
    signature = Signature(Authority.HEAD, "Giám đốc", full_name=full_name)
    assert written(replace(RETURNED, signature=signature)).signer_name == printed


@pytest.mark.parametrize(
    "signature", [Signature(Authority.DEPUTY, "Phó Giám đốc"), Signature(Authority.HEAD, " ")]
)
def test_a_letter_whose_signers_title_is_not_known_is_not_written(signature: Signature) -> None:
    assert write(replace(RETURNED, signature=signature), FORMS) == Lacking((Missing.SIGNER,))


def test_a_unit_without_abbreviation_or_place_prints_no_gap() -> None:
    bare = head_of(replace(DEPARTMENT, abbreviation="", place="", signer_title=""), "PXL", 20)
    assert bare.number.endswith("/PXL")
    assert bare.place.startswith("Ngày")


def test_the_successor_names_who_had_the_dossier_before() -> None:
    told = "Hồ sơ trước đây do Phòng cũ giải quyết, nay thuộc trách nhiệm của"
    assert told in text_of(replace(OVERDUE, predecessor="Phòng cũ"))


@pytest.mark.parametrize("sign", ["\n", "\x00", "\x1b", "\u202e", "\ud800"])
def test_a_sign_that_could_disguise_or_break_a_letter_is_taken_out(sign: str) -> None:
    content = written(replace(RETURNED, applicant_name=f"Mẫu{sign}Văn", reason=f"chờ{sign} tin"))
    assert sign not in content.addressee + "".join(content.body)


def test_the_desk_is_told_and_the_letter_filed() -> None:
    assert written(RETURNED).recipients == ("- Như trên;", "- Bộ phận Một cửa;", "- Lưu: VT.")


def test_whoever_else_is_told_stands_before_the_file_and_nobody_twice() -> None:
    extra = ("- Bộ phận Một cửa;", "Một cửa Sở Xây dựng", " ")
    assert written(replace(RETURNED, recipients_extra=extra)).recipients == (
        "- Như trên;",
        "- Bộ phận Một cửa;",
        "- Một cửa Sở Xây dựng;",
        "- Lưu: VT.",
    )
