"""A small evidence pack made of invented members, the many ways to tamper with one, and the two who check it."""

import contextlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from app.pack_keys import SigningKey
from tests.proof_samples import CASES
from tracker.measures import pack_format as form
from tracker.measures import pack_zip
from tracker.measures.log_chain import BEGINNING, Entry, Seal, chained, read_seal_lines, seal_line
from tracker.measures.pack_check import Expected, check_pack
from tracker.measures.pack_log import entry_line, seal_entry_line
from tracker.reports.pack_writer import PackWriter
from tracker.timekeeping.proof_file import make_proof

DAY = date(2026, 11, 20)
Members = list[tuple[str, bytes]]
SIGNING = (form.MANIFEST, form.SIGNATURE, form.COVER)


def key_of(number: int) -> SigningKey:
    """A key that is the same in each run."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    seed = bytes([number]) * 32
    return SigningKey(seed, Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())


KEY, OTHER_KEY = key_of(1), key_of(2)


def log(length: int, actor: str = "lan.an") -> list[Entry]:
    """A log whose chain holds."""
    found: list[Entry] = []
    chain = BEGINNING
    for number in range(1, length + 1):
        body = (number, 1_763_600_000 + number, actor, "dossier", f"dossier:{number}", '{"trang": 1}')
        chain = chained(chain, body)
        found.append((*body, chain))
    return found


def sealed(entries: Sequence[Entry], *heads: int) -> list[Seal]:
    """A seal a day at these entries."""
    return [Seal(DAY + timedelta(days=n), head, entries[head - 1][6]) for n, head in enumerate(heads)]


WHOLE_LOG = log(12)
SEALS = sealed(WHOLE_LOG, 5, 9)
# What a mail to somebody outside holds: a line of each day, also of one that nobody sealed any more afterwards.
OUTSIDE = sealed(WHOLE_LOG, 5, 9, 12)[2]


@dataclass(frozen=True)
class Sample:
    """What a pack is made of; everything that follows from it is made anew, by whoever holds `key`."""

    number: str = "2026-0001"
    title: str = "Gói thử"
    entries: Sequence[Entry] = field(default_factory=lambda: WHOLE_LOG)
    seals: Sequence[Seal] = field(default_factory=lambda: SEALS)
    key: SigningKey = KEY
    proofs: bytes = b""
    log_lines: bytes = b""
    seal_lines: bytes = b""

    def contents(self) -> Members:
        """The members that the manifest tells of, in order."""
        proofs = [
            make_proof(case.inputs(f"T.18-{n:04}")).body for n, case in enumerate([*CASES.values()][:3])
        ]
        return [
            (form.LATE_CSV, "Mã hồ sơ,Trạng thái\r\nT.18-0001,Quá hạn\r\n".encode() * 20),
            (form.PROOFS, self.proofs or b"".join(body + b"\n" for body in proofs)),
            (f"{form.LETTERS}00000001.docx", b"PK\3\4" + bytes(range(256))),
            (form.LOG, self.log_lines or b"".join(map(entry_line, self.entries))),
            (
                form.SEALS,
                self.seal_lines or b"".join(seal_entry_line(seal, seal_line(seal)) for seal in self.seals),
            ),
        ]

    def write(self, path: Path) -> Path:
        """The pack, as the program writes it."""
        path.unlink(missing_ok=True)
        counts = {"dossiers": 20, "proofs": 3, "log_entries": len(self.entries), "seals": len(self.seals)}
        question = {
            "from": "2026-01-01", "to": "2026-10-31", "unit": "", "basis": "source", "as_of": "2026-11-20T17:00:00+07:00",
            "known": None, "masked": False,
        }  # fmt: skip
        head = form.PackHead(
            self.number, self.title, "2026-11-20T17:00:01+07:00", "lan.an", "0", question, counts, []
        )
        with PackWriter(path) as pack:
            for name, body in self.contents():
                pack.add(name, [body], is_packed=name.endswith(".docx"))
            manifest = form.manifest_bytes(head, pack.files, self.key.public)
            signature = self.key.sign(manifest)
            cover = form.cover_of(json.loads(manifest)["cover"], manifest)
            pack.finish(manifest, signature, cover)
        return path


# ---------------------------------------------------------------- taking apart and putting together


def members_of(path: Path) -> Members:
    """Names and bodies in their order."""
    with zipfile.ZipFile(path) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def put_together(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of exactly the shape that packs have, whatever its members are: what a careful forger makes."""
    out, placed = io.BytesIO(), []
    for name, body in members:
        is_stored = name in SIGNING or name.endswith(".docx")
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = body if is_stored else packer.compress(body) + packer.flush()
        method = pack_zip.STORED if is_stored else pack_zip.DEFLATED
        one = pack_zip.Placed(name, method, zlib.crc32(body), len(packed), len(body), out.tell())
        out.write(pack_zip.local_header(one) + packed)
        placed.append(one)
    out.write(pack_zip.directory(placed, out.tell()))
    return out.getvalue()


def span_of(path: Path, name: str) -> tuple[int, int]:
    """Where the packed bytes of a member lie."""
    with zipfile.ZipFile(path) as archive:
        return pack_zip.places(archive)[name]


def flipped(body: bytes, at: int) -> bytes:
    """One bit of one byte changed."""
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def claiming(members: int, directory: int) -> bytes:
    """An end record that claims so many members and so large a directory."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, directory, 0, 0)


# ---------------------------------------------------------------- who checks


@dataclass(frozen=True)
class Found:
    """What a checker said: status 0 or 1, the files that it named ("" = the zip as a whole), and its words."""

    status: int
    named: frozenset[str]
    words: str


def by_program(path: Path, key: str = "", line: str = "") -> Found:
    """The check of the program."""
    keys = frozenset({key}) if key else frozenset()
    with path.open("rb") as stream:
        report = check_pack(stream, Expected(keys, "given", read_seal_lines(line)))
    words = "\n".join(each.what for each in report.broken) + report.key
    return Found(0 if report.ok else 1, frozenset(each.file for each in report.broken), words)


def by_script(path: Path, key: str = "", line: str = "") -> Found:
    """The stand-alone checker; it stands beside the program, not in it."""
    from scripts import verify_pack

    out = io.StringIO()
    arguments = [str(path), *(["--key", key] if key else []), *(["--line", line] if line else [])]
    with contextlib.redirect_stdout(out):
        status = verify_pack.main(arguments)
    told = out.getvalue()
    names = {row.strip().partition(": ")[0] for row in told.splitlines() if row.startswith("  ")}
    if "KHÔNG phải gói" in told:
        names.add("")
    return Found(status, frozenset("" if name == "(cả tệp zip)" else name for name in names), told)


CHECKERS = {"the program": by_program, "the script": by_script}
