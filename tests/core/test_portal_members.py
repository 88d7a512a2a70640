"""Elements of a payload that are all alike are decoded into fixed fields: what is read is the same as from objects."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.ingest.readers import json_stream
from tracker.ingest.readers.json_stream import JsonStream
from tracker.ingest.readers.portal_json import EVENT_FIELDS, open_portal

odd = st.sampled_from([None, 7, 2.5, True, ["x"], {"a": "b"}, "\x00", "\ud800", "7", ""])
texts = st.sampled_from(["", "x", "Hồ sơ “đất”", "a\\b\n", "20220104112225"])
rounds = st.sampled_from(
    [
        [],
        None,
        "7",
        [{}],
        [{"NgayBoSung": "20220101000000", "NgayTiepNhanBoSung": ""}],
        [{"NgayHenTraTruoc": "20220102000000"}, {"NgayBoSung": 5}],
    ]
)
usual = {
    "MaHoSo": "", "MaTTHC": "1.1", "NgayTiepNhan": "20220101080000", "NgayHenTra": "", "TrangThaiHoSo": "2",
    "NgayKetThucXuLy": "20220103080000",
}  # fmt: skip


@st.composite
def dossiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Mostly alike; some with a field more, one less, or something else in it."""
    every = {**usual, **draw(st.dictionaries(st.sampled_from(["GhiChu", "MaTTHC", "ChuHoSo"]), odd | texts))}
    told = []
    for change in draw(st.lists(st.integers(0, 25), min_size=5, max_size=30)):
        one: dict[str, Any] = {**every, "MaHoSo": f"H-{draw(st.integers(0, 20))}", "Khac": [{"MaHoSo": "x"}]}
        one["TrangThaiHoSo"] = draw(st.sampled_from(["2", "10", "7"]))
        one["DanhSachHoSoBoSung"] = draw(rounds)
        if change == 1:
            one[draw(st.sampled_from([*one, "NgayTuChoi"]))] = draw(odd | texts)
        if change == 2:
            one |= draw(
                st.sampled_from([{"NgayTuChoi": "20220104112225"}, {"ThoiDiemXuLy": ""}, {"data": [1]}])
            )
        if change == 3:
            del one[draw(st.sampled_from(sorted(one)))]
        told.append(one)
    return told


events = st.builds(
    lambda code, cells, more: {"MaHoSo": code, **dict(zip(EVENT_FIELDS[1:], cells, strict=True)), **more},
    st.sampled_from(["H-1", "H-2"]),
    st.lists(texts, min_size=7, max_size=7),
    st.sampled_from([{}, {}, {}, {}, {"TrangThai": 9}, {"NguoiXuLy": None}, {"data": "x"}, {"ChucDanh": []}]),
)
many = dossiers() | st.lists(events, min_size=5, max_size=40)
others = st.sampled_from([5, {"mahoso": "h-1", "ngaynophoso": "x"}, {"MaHoSo": "H-3"}])
mixed = st.tuples(dossiers(), st.lists(events, max_size=20), st.lists(others, max_size=3)).map(
    lambda parts: [*parts[2], *parts[0], *parts[1], *parts[0]]
)


def told_by(path: Path) -> tuple[list[Any], list[Any], bool]:
    """Rows by number with the headings of their cells; events; do events come beside dossiers."""
    with open_portal(path, max_mib=1) as table:
        rows = []
        for layout, numbers, chunk in table.chunks(4):
            for number, row in zip(numbers, chunk, strict=True):
                columns = sorted(layout.columns.items())
                rows.append((number, [(name, layout.headings[at], row[at]) for name, at in columns]))
        found = [(number, list(row)) for part in table.events(4) for number, row in zip(*part, strict=True)]
        return sorted(rows), found, table.holds_events


@settings(max_examples=300, deadline=None)
@given(
    told=many | mixed,
    indent=st.sampled_from([None, 2]),
    window=st.sampled_from([200, 500, 1000, json_stream.WINDOW]),
)
def test_what_is_decoded_into_fields_is_what_is_read_from_objects(told, indent, window, tmp_path_factory):
    path = tmp_path_factory.mktemp("goi") / "goi.json"
    path.write_text(json.dumps({"data": [{"MaHoSo": "H-0"}, *told]}, indent=indent), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_stream, "WINDOW", window)
        quick = told_by(path)
        patch.setattr(JsonStream, "_lots_of_bytes", lambda _stream: iter(()))
        assert quick == told_by(path)


def test_a_long_payload_is_decoded_into_fields(tmp_path):
    path = tmp_path / "goi.json"
    path.write_text(json.dumps({"data": [{**usual, "MaHoSo": f"H-{n}"} for n in range(5000)]}), "utf-8")
    with open_portal(path, max_mib=1) as table:
        in_fields = sum(len(lot.elements) for lot in table._lots() if lot.kind)
    assert in_fields > 4000


def test_an_identity_number_is_not_even_looked_at(tmp_path):
    path = tmp_path / "goi.json"
    told = [{**usual, "MaHoSo": f"H-{n}", "SoGiayToChuHoSo": "066099000417"} for n in range(2000)]
    path.write_text(json.dumps({"data": told}), "utf-8")
    with open_portal(path, max_mib=1) as table:
        lots = [lot for lot in table._lots() if lot.kind]
    assert lots
    assert not any("066099000417" in repr(element) for lot in lots for element in lot.elements)


@pytest.mark.parametrize("is_event", [False, True])
@pytest.mark.parametrize("odd", [{"data": [{"MaHoSo": "H-99"}]}, {"ThoiDiemXuLy": "20220104112225"}])
def test_an_envelope_or_an_event_among_many_that_are_alike_is_seen(is_event, odd, tmp_path, monkeypatch):
    every = dict.fromkeys(EVENT_FIELDS, "x") if is_event else usual
    told = [{**every, "MaHoSo": f"H-{n}", **(odd if n == 1500 else {})} for n in range(3000)]
    path = tmp_path / "goi.json"
    path.write_text(json.dumps(told), "utf-8")
    quick = told_by(path)
    monkeypatch.setattr(JsonStream, "_lots_of_bytes", lambda _stream: iter(()))
    assert quick == told_by(path)
