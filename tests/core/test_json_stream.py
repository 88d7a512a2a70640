"""JSON payloads element by element: every envelope, every cut, every size of window."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UnusableFile
from tracker.ingest.readers import json_stream
from tracker.ingest.readers.json_stream import JsonStream

ONE, TWO = {"MaHoSo": "A-1"}, {"MaHoSo": "A-2", "GhiChu": "dấu “ngoặc”, \\ và \n"}


def elements(text: str) -> list[object]:
    return list(JsonStream(Path("goi.json"), io.StringIO(text)).elements())


@pytest.mark.parametrize(
    "document",
    [
        [ONE, TWO],  # B, C
        {"service": "DongBoHoSoMC", "isUpdating": "True", "data": [ONE, TWO]},  # A
        {"data": [ONE, TWO], "service": "DongBoHoSoMC", "session": {"data": 1}},
        [{"data": [ONE]}, {"data": TWO}],
        [{"service": "x", "data": [ONE, TWO]}],
    ],
)
@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"ensure_ascii": False}])
def test_every_envelope_opens_to_the_same_elements(document, layout):
    assert elements(json.dumps(document, **layout)) == [ONE, TWO]


def test_one_object_alone_and_one_in_data_are_elements():
    assert elements(json.dumps(ONE)) == [ONE]
    assert elements(json.dumps({"service": "x", "data": ONE})) == [ONE]


def test_payloads_one_a_line_follow_each_other():
    lines = [json.dumps({"data": ONE}), json.dumps([TWO]), json.dumps(ONE)]
    assert elements("\n".join(lines) + "\n") == [ONE, TWO, ONE]


def test_an_empty_list_holds_nothing():
    assert elements("[]") == elements('{"data": []}') == elements('{"data":[ ], "x": 1}') == []


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.text(max_size=8).filter(lambda name: name.lower() != "data"), values, max_size=5)


@given(st.lists(objects, max_size=6), st.integers(1, 40), st.booleans())
def test_the_size_of_the_window_does_not_show(told, window, wrapped):
    text = json.dumps({"a": 1, "data": told, "z": [1]} if wrapped else told, ensure_ascii=False)
    stream = JsonStream(Path("goi.json"), _Slow(text, window))
    assert list(stream.elements()) == told


class _Slow(io.StringIO):
    """A stream that never gives more than a few characters at once."""

    def __init__(self, text: str, window: int) -> None:
        super().__init__(text)
        self._window = window

    def read(self, size: int | None = -1, /) -> str:
        return super().read(self._window)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"MaHoSo": "A-1"}', "giữa chừng"),
        ('[{"MaHoSo": "A-1', "giữa chừng"),
        ('{"data": [{"MaHoSo": "A-1"}', "giữa chừng"),
        ('{"MaHoSo"', "giữa chừng"),
        ("[\n {},\n {MaHoSo: 1}]", "dòng 3"),
        ('[{"MaHoSo": "A-1"} {"MaHoSo": "A-2"}]', "cần “,” hoặc “]”"),
        ("Mã hồ sơ,Ngày", "không phải JSON"),
        ("[" * 100_000, "quá sâu"),
        ("[" + "1" * 5_000 + "]", "không phải JSON"),
    ],
)
def test_what_is_broken_is_named_with_its_place(text, said):
    with pytest.raises(UnusableFile, match=said):
        elements(text)


def test_an_element_without_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(json_stream, "MAX_ELEMENT_CHARACTERS", 1000)
    monkeypatch.setattr(json_stream, "WINDOW", 100)
    with pytest.raises(UnusableFile, match="quá lớn"):
        elements('["' + "x" * 100_000)
