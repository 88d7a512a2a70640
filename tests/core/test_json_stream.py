"""JSON payloads element by element: every envelope, every cut, every size of window."""

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import UnusableFile
from tracker.ingest.readers import json_stream
from tracker.ingest.readers.json_stream import JsonStream
from tracker.ingest.readers.utf8_text import Utf8Text

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
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False)
    | st.text(max_size=30),
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
        ('[{"a":1},{"a":' + "[" * 5_000 + "]" * 5_000 + '},{"a":1},{"a":1}]', "quá sâu"),
        ("[" + "1" * 5_000 + "]", "không phải JSON"),
        ('[{"a": 1}, {"a": 2}, ]', "dòng 1, ký tự 22: không phải JSON"),
        ('[{"a": 1}, "},{", ]', "dòng 1, ký tự 19: không phải JSON"),
    ],
)
def test_what_is_broken_is_named_with_its_place(text, said):
    with pytest.raises(UnusableFile, match=said):
        elements(text)


@pytest.mark.parametrize("window", [7, 100, json_stream.WINDOW])
def test_the_place_of_a_fault_is_right_however_long_the_line(monkeypatch, window):
    monkeypatch.setattr(json_stream, "WINDOW", window)
    start = '[\n{"a": 1},' + json.dumps([ONE] * 5000)[1:-1]
    with pytest.raises(UnusableFile, match=f"dòng 2, ký tự {len(start) - 1}:"):
        elements(start + "; {}]")


def test_a_number_at_the_edge_of_a_window_is_read_to_its_end():
    text = '{"a": -7.5e+3, "b": 1E-2, "c": [0.5]}'
    for window in range(1, len(text)):
        stream = JsonStream(Path("goi.json"), _Slow(text, window))
        assert list(stream.elements()) == [{"a": -7500.0, "b": 0.01, "c": [0.5]}]


@pytest.mark.parametrize(
    ("written", "is_odd"),
    [
        ("\\u0000", True),
        ("\\ud800", True),
        ("\\uDE00", True),
        ("\\u1ec5", False),
        ("\\n \\\\ u0000", False),
        ("ễ", False),
    ],
)
def test_odd_escapes_are_seen_wherever_a_window_ends(written, is_odd):
    text = f'[{{"a": "{written}"}}, {{"a": "x"}}]'
    for window in range(1, len(text)):
        stream = JsonStream(Path("goi.json"), _Slow(text, window))
        assert list(stream.elements()) == json.loads(text)
        assert stream.holds_odd_escapes is is_odd


def test_an_element_without_end_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(json_stream, "MAX_ELEMENT_CHARACTERS", 1000)
    monkeypatch.setattr(json_stream, "WINDOW", 100)
    with pytest.raises(UnusableFile, match="quá lớn"):
        elements('["' + "x" * 100_000)


# ---------------------------------------------------------------- several members by one call


class _Singly(JsonStream):
    """The same stream without any guess: each member is decoded by itself."""

    def _several(self) -> list[Any]:
        return []


class _Counted(JsonStream):
    """Counts how many characters at most were looked at by the decoder."""

    def __init__(self, text: str) -> None:
        super().__init__(Path("goi.json"), io.StringIO(text))
        self.looked_at, self.calls, plain = 0, 0, self._decode

        def counted(text: str, at: int) -> tuple[Any, int]:
            self.calls += 1
            # What is decoded from the middle of a window are single members, which end where they end.
            self.looked_at += len(text) if at == 0 else 0
            return plain(text, at)

        self._decode = counted


# Whatever may be taken for the border between two members, or hides it.
traps = st.sampled_from(
    ["},{", '},{"a', "]", "}]", '"', "\\", "[{", "\n", '"},\n{"MaHoSo":', "data", "\x00", "\ud800", "ễ"]
)
texts = st.lists(traps | st.text(max_size=4), max_size=3).map("".join)
leaves = st.none() | st.booleans() | st.integers(-99, 10**6) | st.floats() | texts
names = st.sampled_from(["MaHoSo", "a", "data", "DATA", "},{", 'b"']) | texts
nested = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=8,
)
dossiers = st.builds(
    lambda code, more: {"MaHoSo": code, **more}, texts, st.dictionaries(names, nested, max_size=4)
)
lists = st.lists(dossiers | dossiers | dossiers | nested, max_size=12)
documents = st.one_of(
    lists,
    lists.map(lambda data: {"service": "x", "data": data, "z": [{}, {}]}),
    lists.map(lambda data: [{"data": data}, {"data": data}]),
    st.builds(lambda data: {"data": data, "isUpdating": 1.5}, nested),
    dossiers,
)
forms = st.fixed_dictionaries(
    {
        "ensure_ascii": st.booleans(),
        "indent": st.sampled_from([None, None, 0, 2, "\t"]),
        "separators": st.sampled_from([None, (",", ":"), (" , ", " : "), (",\n", ": ")]),
    }
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Payloads after each other, whole, cut off somewhere, or with some bytes changed."""
    form, told = draw(forms), draw(st.lists(documents, min_size=1, max_size=3))
    data = "\n".join(json.dumps(document, **form) for document in told).encode("utf-8", "replace")
    if draw(st.booleans()):
        data = data[: draw(st.integers(0, len(data)))]
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        at = draw(st.integers(0, len(data)))
        odd = draw(
            st.sampled_from(
                [b"", b"{", b"}", b"[", b"]", b",", b'"', b"\\", b" \n", b"},{", b"1", b"\xff", b"\xe1"]
            )
        )
        data = data[:at] + odd + data[at + draw(st.integers(0, 2)) :]
    return data


def outcome(kind: type[JsonStream], data: bytes) -> tuple[list[str], str, bool]:
    """What was told before the end or a fault, as text (no number is itself where it is none), and the fault."""
    source = kind(Path("goi.json"), io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    told: list[str] = []
    try:
        for element in source.elements():
            told.append(repr(element))
    except UnusableFile as fault:
        return told, str(fault), source.holds_odd_escapes
    return told, "", source.holds_odd_escapes


@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from([3, 20, 60, 200, 1000, json_stream.WINDOW]))
def test_members_decoded_together_are_those_decoded_singly_and_so_are_faults(data: bytes, window: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "WINDOW", window)
        assert outcome(JsonStream, data) == outcome(_Singly, data)


@pytest.mark.parametrize(
    "layout", [{}, {"indent": 2}, {"separators": (",", ":")}, {"separators": (" ,\n", ":")}]
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_long_list_is_decoded_in_few_calls(layout, wrapped):
    told = [{"MaHoSo": f"A-{n}", "TaiLieuNop": [{"Ten": "x"}, {"Ten": "},{"}]} for n in range(5000)]
    source = _Counted(json.dumps({"session": "x", "data": told} if wrapped else told, **layout))
    assert list(source.elements()) == told
    assert source.calls < 150


def test_wrong_guesses_are_given_up(monkeypatch):
    monkeypatch.setattr(json_stream, "WINDOW", 2000)
    # Every late border is one of a list within.
    text = json.dumps([{"a": [{"a": 1}] * 100}] * 1000)
    source = _Counted(text)
    assert list(source.elements()) == json.loads(text)
    assert source.looked_at < 2 * len(text)


@pytest.mark.parametrize("alike", [1, 2])
def test_borders_that_do_not_come_again_are_not_looked_for_at_every_member(monkeypatch, alike):
    looked_for = []
    monkeypatch.setattr(json_stream, "WINDOW", 2000)
    monkeypatch.setattr(json_stream, "BORDER", _Border(looked_for))
    text = json.dumps([{f"k{n // alike}": n} for n in range(10_000)])
    assert elements(text) == json.loads(text)
    assert len(looked_for) <= 3 * len(text) / 2000


class _Border:
    """The pattern of a border; notes each use."""

    def __init__(self, used: list[int]) -> None:
        self._used, self._pattern = used, json_stream.BORDER

    def match(self, text: str, at: int) -> Any:
        self._used.append(at)
        return self._pattern.match(text, at)


def test_a_long_element_is_not_begun_anew_for_every_window(monkeypatch):
    monkeypatch.setattr(json_stream, "WINDOW", 100)
    text = json.dumps([ONE, {"MaHoSo": "x" * 100_000}, TWO])
    source = _Counted(text)
    assert list(source.elements()) == json.loads(text)
    assert source.calls < 30


# ---------------------------------------------------------------- members made of bytes


def by_bytes(kind: type[JsonStream], data: bytes) -> tuple[list[str], str, bool]:
    """As `outcome`, where members are made of bytes wherever they can be."""
    source = kind(Path("goi.json"), Utf8Text(io.BytesIO(data)))
    source.quick = msgspec.json.decode
    told: list[str] = []
    try:
        for element in source.elements():
            told.append(repr(element))
    except UnusableFile as fault:
        return told, str(fault), source.holds_odd_escapes
    return told, "", source.holds_odd_escapes


@settings(max_examples=400, deadline=None)
@given(files(), st.sampled_from([3, 20, 60, 200, 1000, json_stream.WINDOW]))
def test_members_made_of_bytes_are_those_read_as_text_and_so_are_faults(data: bytes, window: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "WINDOW", window)
        quick, plain = by_bytes(JsonStream, data), outcome(_Singly, data)
    if "bảng mã" in plain[1] or "bảng mã" in quick[1]:
        # How far a text is read before its bytes are seen to be wrong depends on how many are read at once.
        fewer = min(len(quick[0]), len(plain[0]))
        assert quick[0][:fewer] == plain[0][:fewer]
    else:
        assert quick == plain


@pytest.mark.parametrize("layout", [{}, {"separators": (",", ":")}, {"separators": (" ,\n", ":")}])
def test_a_long_list_is_made_of_bytes(layout):
    told = [{"MaHoSo": f"A-{n}", "GhiChu": "đã trả"} for n in range(5000)]
    data = json.dumps({"session": "x", "data": told}, ensure_ascii=False, **layout).encode()
    source, lots = JsonStream(Path("goi.json"), Utf8Text(io.BytesIO(data))), []

    def quick(members: bytes) -> list[Any]:
        lots.append(msgspec.json.decode(members))
        return lots[-1]

    source.quick = quick
    assert list(source.elements()) == told
    assert sum(map(len, lots)) > 4500


def test_what_refuses_to_be_made_of_bytes_is_given_up():
    told = [{"MaHoSo": f"A-{n}"} for n in range(100_000)]
    source, asked = JsonStream(Path("goi.json"), Utf8Text(io.BytesIO(json.dumps(told).encode()))), []

    def quick(members: bytes) -> list[Any]:
        asked.append(members)
        raise ValueError

    source.quick = quick
    assert list(source.elements()) == told
    assert len(asked) == json_stream.MOST_FAILURES


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_text_and_bytes_of_one_file_take_turns_without_losing_a_letter(size):
    text = "Hồ sơ\r\nđã trả\rkết quả — 𝄞\n" * 5
    stream, got = Utf8Text(io.BytesIO(text.encode())), b""
    while piece := stream.read(size):
        got += piece.encode()
        unread = stream.read_bytes(size)
        whole = unread.decode(errors="ignore").encode()
        got += whole
        stream.give_back(unread[len(whole) :])
    assert got.decode().replace("\r\n", "\n").replace("\r", "\n") == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


def test_a_file_that_is_not_in_utf8_is_refused_as_text():
    with pytest.raises(UnicodeDecodeError):
        Utf8Text(io.BytesIO(b"[1, \xe1]")).read(100)
    cut = Utf8Text(io.BytesIO("trả".encode()[:-1]))
    assert cut.read(100) == "tr"
    with pytest.raises(UnicodeDecodeError):
        cut.read(100)
