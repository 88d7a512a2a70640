"""Finished words of Python looked up: whole, with values, put together; what is nobody's text stays as it is."""

import pytest

from app.english.catalogue import shipped
from app.english.citations import cited
from app.english.pages import markup_in_english, phrases
from app.english.phrases import Phrases
from notifications.alerts.rungs import Measure
from notifications.alerts.words import rung_words

TOLD = {
    "Đã lưu {0} dòng.": "{0} {0|row was|rows were} saved.",
    "quá {0} ngày làm việc": "{0} working {0|day|days} late",
    "còn {0} làm việc{1}": "{0} of working time left{1}",
    "{0} giờ": "{0} {0|hour|hours}",
    "khi tiếp tục": "once resumed",
    "Đơn vị": "Unit",
    "lý do: {0}": "reason: {0}",
    "Nguồn {0}": "Source {0}",
    "{0} của {1}": "{0} of {1}",
    "Thứ Hai": "Monday",
    "dòng": "rows",
    "Cấp tỉnh": "Province level",
    "Cấp xã": "Commune level",
    "nghỉ hằng tuần": "weekly day off",
    "Nguồn không ghi mã; đang dùng mã tạm.": "The source has no code; a makeshift one is used.",
}
PHRASES = Phrases(TOLD, frozenset(TOLD))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Đơn vị", "Unit"),
        ("đơn vị", "unit"),
        ("Đơn vị:", "Unit:"),
        (" Đơn vị ", " Unit "),
        ("Đã lưu 1 dòng.", "1 row was saved."),
        ("đã lưu 5 dòng", "5 rows were saved"),
        ("quá 3 ngày làm việc", "3 working days late"),
        ("còn 1 giờ làm việc", "1 hour of working time left"),
        ("còn 3 giờ làm việc khi tiếp tục", "3 hours of working time left once resumed"),
        ("Đã lưu 5 dòng. Quá 3 ngày làm việc", "5 rows were saved. 3 working days late"),
        ("Cấp tỉnh, Nguyễn An", "Province level, Nguyễn An"),
        ("Cấp tỉnh, Cấp xã", "Province level, Commune level"),
        ("Đơn vị (cấp xã)", "Unit (commune level)"),
        ("Thứ Hai 24/08/2026", "Monday 24/08/2026"),
        ("1.250 dòng", "1.250 rows"),
        ("Nguồn không ghi mã", "The source has no code"),
        ("nguồn mot-cua", "source mot-cua"),
        ("lý do: Chờ đo đạc", "reason: Chờ đo đạc"),
        ("NĐ 61/2018/NĐ-CP Điều 19 khoản 9", "Decree 61/2018/NĐ-CP, article 19, clause 9"),
    ],
)
def test_words_are_found_whole_with_values_and_put_together(text: str, told: str):
    assert PHRASES.of(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Thị Bích Ngọc",
        "Sở Y tế",
        "Nguồn nước của thôn",  # a text of few letters beside words of somebody's own
        "Giấy chứng nhận của hộ gia đình",
        "Cấp tỉnh, chờ đo đạc",  # half a list helps nobody
        "2026",
        "desk",
    ],
)
def test_names_and_words_of_people_stay_as_they_are(text: str):
    assert PHRASES.of(text) == text


def test_a_citation_says_nothing_but_the_text_and_its_place():
    assert cited("Thông tư 01/2018/TT-VPCP, Mẫu số 04") == "Circular 01/2018/TT-VPCP, form no. 04"
    assert cited("Cấp lại Giấy chứng nhận theo NĐ 43/2014/NĐ-CP") is None


def test_words_of_a_field_are_looked_up_and_its_values_are_not():
    field = (
        '<select name="a"><option value="Cấp tỉnh">Cấp tỉnh</option></select><textarea>Cấp tỉnh</textarea>'
    )
    told = (
        "Province level" if shipped().told.get("Cấp tỉnh") == "Province level" else shipped().told["Cấp tỉnh"]
    )
    assert markup_in_english(field) == field.replace(">Cấp tỉnh</option>", f">{told}</option>")


@pytest.mark.parametrize("threshold", [0, 1, 5, 1_250])
@pytest.mark.parametrize("measure", Measure)
def test_every_rung_of_alerts_is_said_whole(measure: Measure, threshold: int):
    told = phrases().of(rung_words(measure, threshold))
    assert told.isascii(), told
    if measure not in (Measure.CALENDAR, Measure.NOBODY, Measure.FLOOD) and threshold:
        assert f"{threshold:,}".replace(",", ".") in told or f"{threshold} %" in told


def test_a_rung_of_lateness_is_english():
    said = [phrases().of(rung_words(Measure.DAYS_LATE, days)) for days in (1, 5)]
    assert said == ["Overdue by 1 working day or more", "Overdue by 5 working days or more"]
