"""Columns between two processes: they arrive as they were sent."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from tracker.ingest.columns import DATE_FIELDS, TEXT_FIELDS, WORD_FIELDS, RecordColumns, SourceSuspension
from tracker.ingest.reading import Identified, compressed, plain_raw, raw_block
from tracker.ingest.rows import CELL
from tracker.ingest.sending import received, sent, usable
from tracker.types import SuspensionKind

TEXTS = st.text(st.sampled_from("ab ữ\x1f\x1e\n"), max_size=4)
PAUSES = st.lists(
    st.builds(SourceSuspension, st.sampled_from(SuspensionKind), st.integers(0, 9), st.none() | st.integers(9, 20)),
    max_size=2,
).map(tuple)  # fmt: skip
FIELDS = ("address", "dossier_code", "note", "procedure_name", "status", "suspensions")


@st.composite
def chunks(draw: st.DrawFn) -> tuple[RecordColumns, Identified, list[int]]:
    """A chunk, the rows that were asked for, and their columns."""
    size = draw(st.integers(1, 400))
    some = draw(st.lists(TEXTS, min_size=1, max_size=300))
    codes = [f"{some[n % len(some)]}{n}" for n in range(size)]
    hashes = [n.to_bytes(16, "big") for n in range(size)]
    asked = (
        sorted(draw(st.sets(st.integers(0, size - 1), min_size=1))) if draw(st.booleans()) else [*range(size)]
    )
    cells = {
        name: [some[(n * 7 + len(name)) % len(some)] for n in asked]
        for name in ("address", "note", "procedure_name")
    }
    columns = RecordColumns(
        row_numbers=[n + 2 for n in asked],
        codes=[codes[n] for n in asked],
        hashes=[hashes[n] for n in asked],
        raw=[CELL.join(("x", str(n))) for n in asked],
        dates={name: [draw(st.none() | st.integers(-5, 2**33)) if n < 3 else n for n in asked] for name in DATE_FIELDS},
        texts={name: cells.get(name, [""] * len(asked)) for name in TEXT_FIELDS},
        words={name: [some[n % len(some)] for n in asked] for name in WORD_FIELDS},
        status_texts=[some[n % len(some)] for n in asked],
        suspensions=[draw(PAUSES) if n < 3 else () for n in asked],
        suspensions_told=draw(st.booleans()),
        flags={0: {"A", "B"}},
    )  # fmt: skip
    chunk = Identified(0, "tep", "", FIELDS, "Mã", False, codes, hashes, frozenset(), None)
    return columns, chunk, asked


@given(chunks())
def test_columns_arrive_as_they_were_sent(given_chunk: tuple[RecordColumns, Identified, list[int]]):
    columns, chunk, asked = given_chunk
    block = raw_block(columns, range(len(asked)), FIELDS)
    told = pickle.loads(pickle.dumps(sent(columns, FIELDS)))
    raw = compressed(plain_raw(columns, usable(columns), FIELDS))
    arrived = received(told, chunk, asked, raw)
    assert raw_block(arrived, range(len(asked)), FIELDS) == block
    for name in (
        "row_numbers",
        "codes",
        "hashes",
        "dates",
        "texts",
        "words",
        "status_texts",
        "suspensions",
        "flags",
    ):
        assert getattr(arrived, name) == getattr(columns, name), name
    assert arrived.suspensions_told is columns.suspensions_told
