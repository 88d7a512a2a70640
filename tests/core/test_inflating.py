"""Parts of an archive come out as `zipfile` gives them, whatever is asked for at a time; damage is a fault."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.readers.inflating import Inflated, is_plainly_deflated
from tracker.ingest.readers.ooxml import DAMAGED

BODIES = st.builds(
    lambda piece, times, rest: piece * times + rest,
    st.binary(max_size=300),
    st.integers(0, 5000),
    st.binary(max_size=2000),
)


def archive(bodies: list[bytes]) -> bytes:
    """A .zip of these parts, named 0, 1, and so on."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        for number, body in enumerate(bodies):
            packed.writestr(str(number), body)
    return out.getvalue()


def parts(path: Path, sizes: list[int]) -> list[bytes]:
    """All parts, read by so many bytes in turn."""
    out = []
    with ZipFile(path) as packed:
        for info in packed.infolist():
            assert is_plainly_deflated(info)
            blocks: list[bytes] = []
            with Inflated(path, info) as stream:
                while block := stream.read(sizes[len(blocks) % len(sizes)]):
                    blocks.append(block)
            out.append(b"".join(blocks))
    return out


@given(
    bodies=st.lists(BODIES, min_size=1, max_size=3),
    sizes=st.lists(st.integers(1, 400_000), min_size=1, max_size=4),
)
def test_parts_come_out_as_they_went_in(bodies: list[bytes], sizes: list[int]):
    with TemporaryDirectory() as folder:
        path = Path(folder, "tep.xlsx")
        path.write_bytes(archive(bodies))
        assert parts(path, sizes) == bodies
        with ZipFile(path) as packed:
            buffered = io.BufferedReader(Inflated(path, packed.infolist()[0]))
            assert buffered.read() == bodies[0]


@given(body=BODIES.filter(bool), data=st.data())
def test_damage_is_a_fault_and_never_other_bytes(body: bytes, data: st.DataObject):
    whole = bytearray(archive([body]))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))
    with TemporaryDirectory() as folder:
        path = Path(folder, "tep.xlsx")
        path.write_bytes(whole)
        try:
            with ZipFile(path) as packed:
                infos = packed.infolist()
                read = [Inflated(path, info).read() for info in infos if is_plainly_deflated(info)]
        except (*DAMAGED, UnicodeDecodeError, ValueError):
            return
    assert read in ([body], [])


def test_a_part_that_is_cut_off_is_a_fault(tmp_path: Path):
    body = bytes(range(256)) * 4000
    path = tmp_path / "tep.xlsx"
    path.write_bytes(archive([body]))
    with ZipFile(path) as packed:
        (info,) = packed.infolist()
    path.write_bytes(path.read_bytes()[: info.compress_size // 2])
    with pytest.raises(EOFError), Inflated(path, info) as stream:
        stream.read()
