"""A template in English: what is a text, where its places go, and what is never touched."""

import pytest
from jinja2 import Environment

from app.english.template_strings import COUNTED, LOOKED_UP
from app.english.template_texts import Texts
from app.english.texts import by_number

TOLD = {
    "Có {0} hồ sơ quá hạn": "{0} {0|dossier is|dossiers are} overdue",
    "{0} giao {1}": "{1} was assigned by {0}",
    "Quá hạn": "Overdue",
    "Xem hồ sơ {0}": "See dossier {0}",
    "Chưa có dữ liệu cho năm {0}.": "No data for {0}.",
    "chưa bắt đầu": "not begun",
    ", chưa hết kỳ": ", not over",
    "Hãy gõ “{0}”": "Type “{0}”",
    "còn {0} làm việc": "{0} of working time left",
}
WORDS = {"3 giờ": "3 hours"}


def rendered(source: str, **values: object) -> str:
    env = Environment(extensions=[Texts], trim_blocks=True, lstrip_blocks=True, autoescape=True)
    env.translate = lambda text, template: TOLD.get(text)  # type: ignore[attr-defined]
    env.filters |= {LOOKED_UP: lambda value: WORDS.get(value, value), COUNTED: by_number}
    return env.from_string(source).render(**values)


@pytest.mark.parametrize(
    ("source", "values", "told"),
    [
        ("<p>Có {{ n }} hồ sơ quá hạn</p>", {"n": 1}, "<p>1 dossier is overdue</p>"),
        ("<p>Có {{ n }} hồ sơ quá hạn</p>", {"n": 12}, "<p>12 dossiers are overdue</p>"),
        ("<p>Có\n  {{ n }} hồ sơ\nquá hạn </p>", {"n": 2}, "<p>2 dossiers are overdue </p>"),
        ("<p>{{ a }} giao {{ b }}</p>", {"a": "An", "b": "Bình"}, "<p>Bình was assigned by An</p>"),
        ("<b title='Quá hạn'>x</b>", {}, "<b title='Overdue'>x</b>"),
        ('<a aria-label="Xem hồ sơ {{ c }}"></a>', {"c": "T-1"}, '<a aria-label="See dossier T-1"></a>'),
        ("{{ 'Chưa có dữ liệu cho năm ' ~ y ~ '.' }}", {"y": 2026}, "No data for 2026."),
        ("{{ f('còn ' ~ left ~ ' làm việc') }}", {"left": "3 giờ", "f": str}, "3 hours of working time left"),
        ("{{ 'Quá hạn' if late else '' }}", {"late": True}, "Overdue"),
        (
            "<p>{% if a %}chưa bắt đầu{% else %}, chưa hết kỳ{% endif %}</p>",
            {"a": False},
            "<p>, not over</p>",
        ),
        ('<p>{% if a %}<i title="x">{% else %}<b>{% endif %}Quá hạn', {"a": False}, "<p><b>Overdue"),
        ("<p>Hãy gõ “{{ '{0}' }}”</p>", {}, "<p>Type “{0}”</p>"),
    ],
)
def test_texts_come_in_english_with_their_places(source: str, values: dict[str, object], told: str):
    assert rendered(source, **values) == told


@pytest.mark.parametrize(
    "source",
    [
        '<input value="Quá hạn">',
        "<textarea>Quá hạn</textarea>",
        "<code>Quá hạn</code>",
        "<script>const text = 'Quá hạn';</script>",
        '<p lang="vi"><b>Quá hạn</b></p>',
        '<td translate="no" title="Quá hạn">Quá hạn</td>',
        '<a href="/Quá hạn" id="Quá hạn"></a>',
        "<!-- Quá hạn -->",
        '<div class="{% block main_class %}Quá hạn{% endblock %}"></div>',
    ],
)
def test_values_code_and_what_keeps_its_language_are_not_touched(source: str):
    assert rendered(source) == rendered(source.replace("Quá hạn", "{{ '@' }}")).replace("@", "Quá hạn")


@pytest.mark.parametrize(
    "source",
    [
        "{{ 1 if word == 'Quá hạn' else 0 }}",
        "{{ 1 if word in ('Quá hạn', 'x') else 0 }}",
        "{{ {'Quá hạn': 1}[word] }}",
        "{{ counts['Quá hạn'] }}",
    ],
)
def test_what_is_compared_or_looked_up_stays_as_python_says_it(source: str):
    assert rendered(source, word="Quá hạn", counts={"Quá hạn": 1}) == "1"


def test_the_list_of_a_loop_is_shown_and_comes_in_english():
    assert rendered("{% for word in ('Quá hạn', 'x') %}{{ word }} {% endfor %}") == "Overdue x "


def test_a_text_without_translation_stays_vietnamese():
    assert rendered("<p>Đúng hạn {{ n }}</p>", n=3) == "<p>Đúng hạn 3</p>"


def test_what_a_value_brings_is_still_escaped():
    assert rendered("<p>Xem hồ sơ {{ c }}</p>", c="<b>") == "<p>See dossier &lt;b&gt;</p>"
