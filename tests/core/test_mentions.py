"""A text names somebody by a code, a telephone number, a whole name or a numbered address, and by nothing less."""

import pytest

from tracker.measures.mentions import Mentions, Person, people_of, without_tags

CODES = frozenset({"H15.03-220301-0001", "?7"})
MENTIONS = Mentions(
    CODES, *people_of([Person("Hoàng Thị Tuyệt", "Số 417 đường Bịa, xã Ea Bịa", "0987123406")])
)


@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ H15.03-220301-0001 quá hạn", "(H15.03-220301-0001).", "h15.03-220301-0001", "/ho-so/H15.03-220301-0001/",
        "bà HOÀNG THỊ TUYỆT gọi", "hoang thi tuyet", "Hoàng  Thị\nTuyệt", "0987123406", "+84 987 123 406", "0987.123.406",
        "ở số 417, đường Bịa, xã Ea Bịa",
    ],
)  # fmt: skip
def test_what_names_her(text: str):
    assert MENTIONS.in_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Hoàng Thị", "Tuyệt Hoàng Thị", "Hoàng Thị Tuyệtt", "H15.03-220301-00011", "0987123407", "417", "xã Ea Bịa",
        "Thị Tuyệt", "50987123406999",
    ],
)  # fmt: skip
def test_what_does_not(text: str):
    assert not MENTIONS.in_text(text)


def test_one_word_and_a_place_without_a_number_are_nobodys():
    phones, names = people_of([Person("Tuyệt", "Thành phố Buôn Ma Thuột", "")])
    assert (phones, names) == (frozenset(), frozenset())


def test_tags_do_not_hide_a_name():
    assert MENTIONS.in_text(without_tags("<t>Hoàng</t><t>Thị</t> <b>Tuyệt</b>"))
