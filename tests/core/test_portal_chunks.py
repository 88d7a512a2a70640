"""Dossiers of a payload come in chunks of those with the same fields; two tellings of one never overtake each other."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.readers.portal_json import WAITING_CHUNKS, open_portal

SIZE = 3
SHAPES: tuple[dict[str, Any], ...] = ({}, {"GhiChu": "x"}, {"TrangThaiHoSo": "7"}, {"KenhThucHien": "1"})
tellings = st.lists(st.tuples(st.integers(0, 9), st.integers(0, len(SHAPES) - 1)), min_size=1, max_size=60)


def read(path: Path) -> list[tuple[list[int], list[str], int]]:
    """Of each chunk the numbers of its elements, their codes, and which layout it has."""
    laid: dict[Any, int] = {}
    with open_portal(path, max_mib=1) as table:
        return [
            (
                list(numbers),
                [row[layout.columns["dossier_code"]] for row in rows],
                laid.setdefault(layout, len(laid)),
            )
            for layout, numbers, rows in table.chunks(SIZE)
        ]


@given(told=tellings)
def test_every_telling_comes_once_and_those_of_one_dossier_in_their_order(told, tmp_path_factory):
    path = tmp_path_factory.mktemp("goi") / "ho-so.json"
    path.write_text(
        json.dumps(
            {"data": [{"MaHoSo": f"H-{code}", "MaTTHC": "1.1", **SHAPES[shape]} for code, shape in told]}
        ),
        "utf-8",
    )
    chunks = read(path)
    come = [
        (number, code) for numbers, codes, _ in chunks for number, code in zip(numbers, codes, strict=True)
    ]
    assert sorted(come) == [(number, f"H-{code}") for number, (code, _) in enumerate(told, 1)]
    assert all(len(numbers) <= SIZE for numbers, _, _ in chunks)
    for wanted in {code for _, code in come}:
        numbers = [number for number, code in come if code == wanted]
        assert numbers == sorted(numbers)


def test_alternating_kinds_of_dossiers_fill_their_chunks(tmp_path):
    path = tmp_path / "ho-so.json"
    elements = [{"MaHoSo": f"H-{n}", **({"GhiChu": "x"} if n % 2 else {})} for n in range(4 * SIZE)]
    path.write_text(json.dumps(elements), "utf-8")
    assert [len(numbers) for numbers, _, _ in read(path)] == [SIZE] * 4


def test_no_more_rows_wait_than_some_chunks_have(tmp_path):
    path = tmp_path / "ho-so.json"
    names = [
        "GhiChu",
        "MaTTHC",
        "TenTTHC",
        "TenLinhVuc",
        "KenhThucHien",
        "ChuHoSo",
        "SoDienThoai",
        "DonViXuLy",
    ]
    elements = [{"MaHoSo": f"H-{n}", **dict.fromkeys(names[: n % 8], "x")} for n in range(8 * (SIZE - 1))]
    path.write_text(json.dumps(elements), "utf-8")
    chunks = read(path)
    first = [numbers for numbers, _, _ in chunks if numbers[0] <= 8]
    assert max(numbers[-1] for numbers in first) <= WAITING_CHUNKS * SIZE
