"""Files made odd: bytes and pieces of the made-up samples changed by chance, and read to their end within bounds.

Whatever a reader is given, it reads it or refuses it in words (`UnusableFile`); it never fails otherwise, hangs or fills the
memory. `python -m tests.fuzzing SECONDS [SEED]` goes on for some time; what it finds goes to `tests/data/reader_corpus`: a file
for each fault, and the first one for each way of refusing that is not there yet.
"""

import gzip
import json
import random
import re
import resource
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from tests import sources
from tests.flows.office import csv_text, row
from tests.flows.sheets import write_sheets
from tests.flows.test_ingest_portal import DOSSIER, EVENTS
from tracker.errors import UnusableFile
from tracker.ingest.normalize import Circumstances
from tracker.ingest.readers.opening import open_file
from tracker.ingest.reading import Closings, HowToRead, LocalReading, Midnights
from tracker.types import VN

CORPUS = Path(__file__).parent / "data" / "reader_corpus"
NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
LONGEST_SECONDS = 20.0
MOST_MIB = (
    64  # of a file: what a mutation of a small sample may unpack to is bounded by the readers themselves
)
Mutation = Callable[[random.Random, bytes], bytes]


def samples(folder: Path) -> list[bytes]:
    """The bytes of a sample of each kind of file and layout."""
    made: list[bytes] = [csv_text([row(n) for n in range(1, 30)]).encode()]
    made += [sources.as_csv(rows).encode() for rows in _tables()]
    first = sources.LISTS["a"]
    made += [
        sources.as_html(first).encode(),
        sources.as_mhtml(first),
        sources.as_xml_spreadsheet(first).encode(),
        sources.write_docx(folder / "mau.docx", first).read_bytes(),
        sources.as_csv(first).encode("utf-16"),
        sources.in_cp1258(sources.as_csv(first)),
        sources.misread(sources.as_csv(first)).encode(),
        write_sheets(folder / "mau.xlsx", {"A": first, "B": sources.LISTS["b"]}).read_bytes(),
        _payload(),
    ]
    return made


def _tables() -> Iterator[sources.Rows]:
    yield from sources.LISTS.values()
    yield from (rows for rows, _ in sources.TOTALS.values())


def _payload() -> bytes:
    return json.dumps({"service": "DongBoHoSoMC", "data": [DOSSIER, *EVENTS]}, ensure_ascii=False).encode()


# ---------------------------------------------------------------- mutations


def _flip(chance: random.Random, data: bytes) -> bytes:
    out = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def _cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _drop(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randint(1, 400) :]


def _double(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 600)]
    return data[:start] + piece * chance.choice((2, 3, 200)) + data[start:]


ODD = (
    b"\0", b'"', b"\xff\xfe", b"<table>", b"</td>", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"&x;", b"{", b"[[[[", b"\\ud800",
    b"31/02/2022", b"99999999999999999999", b"\r", b"\x1f", b"\x1e", b",,,,,,,,", "Mã hồ sơ".encode(), b"=cmd()", b"-1E+400",
    b'colspan="999999999"', b'r="ZZZZ99999999999"', b"<row>", b"]]>", b"\xf0\x9f\x92\xa9", b"NaN", b"sep=\n",
)  # fmt: skip


def _insert(chance: random.Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        data = data[:at] + chance.choice(ODD) * chance.choice((1, 1, 2, 50)) + data[at:]
    return data


def _swap_lines(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _within_zip(chance: random.Random, data: bytes) -> bytes:
    """A part of a package changed, so that the odd bytes are behind the check sums."""
    with tempfile.TemporaryDirectory() as name:
        path, out = Path(name) / "a", Path(name) / "b"
        path.write_bytes(data)
        try:
            with zipfile.ZipFile(path) as old:
                parts = {name: old.read(name) for name in old.namelist()}
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
            return _flip(chance, data)  # broken already
        chosen = chance.choice(sorted(parts))
        if parts[chosen]:
            parts[chosen] = chance.choice(PLAIN)(chance, parts[chosen])
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for part, content in parts.items():
                new.writestr(part, content)
        return out.read_bytes()


PLAIN: tuple[Mutation, ...] = (_flip, _cut, _drop, _double, _insert, _swap_lines)
MUTATIONS: tuple[Mutation, ...] = (*PLAIN, _within_zip, _within_zip)


def mutated(chance: random.Random, made: list[bytes]) -> bytes:
    """One sample, changed once or several times."""
    data = chance.choice(made)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if data:
            data = chance.choice(MUTATIONS)(chance, data)
    return data


# ---------------------------------------------------------------- reading


def read_whole(path: Path) -> str:
    """Read a file as a load does; why it was refused, empty if it was read.

    Raises:
        AssertionError: it took too long.
    """
    began = time.monotonic()
    refused = ""
    try:
        with ExitStack() as stack:
            found = open_file(stack, path, max_mib=MOST_MIB)
            reading = LocalReading(found.tables, HowToRead(500))
            reading.begin(Circumstances(int(NOW.timestamp()), NOW.year + 5, Midnights(), Closings({})))
            for chunk in reading.chunks():
                reading.ask(range(len(chunk.codes)))
                reading.columns()
            for _ in reading.events():
                pass
    except UnusableFile as error:
        refused = error.reason
        assert refused
    assert time.monotonic() - began < LONGEST_SECONDS, "too long"
    return refused


def corpus() -> Iterator[tuple[str, bytes]]:
    """Files that were worth a thought, by name."""
    for path in sorted(CORPUS.glob("*.gz")):
        yield path.name, gzip.decompress(path.read_bytes())


def keep(kind: str, data: bytes) -> Path:
    """Put a file into the corpus, by what it is about."""
    CORPUS.mkdir(parents=True, exist_ok=True)
    path = CORPUS / f"{kind}-{zlib.crc32(data):08x}.gz"
    path.write_bytes(gzip.compress(data, mtime=0))
    return path


def way(refused: str) -> str:
    """A refusal without what is only of this file: numbers, and what stands in quotation marks."""
    return re.sub(r"“[^”]*”|\d+|\([^)]*\)", "#", refused)


def main() -> None:
    """Go on for some seconds; each fault is kept and told."""
    seconds, seed = float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    chance, ends = random.Random(seed), time.monotonic() + seconds
    tried = read = faults = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made, path = samples(folder), folder / "tep"
        ways = set()
        for _, data in corpus():
            path.write_bytes(data)
            ways.add(way(read_whole(path)))
        while time.monotonic() < ends:
            data = mutated(chance, made)
            path.write_bytes(data)
            tried += 1
            try:
                refused = read_whole(path)
            except Exception as error:
                faults += 1
                print(f"{keep(type(error).__name__.lower(), data).name}: {error!r}")  # noqa: T201
                continue
            read += not refused
            if refused and way(refused) not in ways:
                ways.add(way(refused))
                keep("refused", data)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{tried} files, {read} read, {len(ways)} ways of refusing, {faults} faults, peak {peak} MiB")  # noqa: T201


if __name__ == "__main__":
    main()
