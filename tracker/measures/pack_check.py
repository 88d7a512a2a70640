"""Checks an evidence pack from its bytes alone: names every member that is not as it was signed, and says what kept the key.

Pure but for the stream that it reads. Its twin without our program is `scripts/verify_pack.py`; one table of tampered
packs is tried on both.
"""

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from tracker.errors import TrackerError
from tracker.measures import pack_zip
from tracker.measures.log_chain import Seal
from tracker.measures.pack_format import (
    COVER,
    LOG,
    MANIFEST,
    PROOFS,
    SEALS,
    SIGNATURE,
    SIGNATURE_BYTES,
    PackFile,
    grouped,
)
from tracker.measures.pack_log import check_log
from tracker.measures.pack_manifest import MOST_BYTES, Manifest, NotUnderstood, read_manifest, shown
from tracker.measures.pack_zip import CHUNK, NotAPack
from tracker.timekeeping.proof_file import verify

MOST_UNPACKED = 16_000_000_000
LONGEST_LINE = 8 * 1024 * 1024
MOST_TOLD = 50
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
Watch = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where a pack is not as it was signed: the member (empty: the file as a whole), and what is wrong in words."""

    file: str
    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Expected:
    """By what a pack is judged: keys that are right (fingerprint or public key in hex; empty: nobody said), who said so
    ("given", "register"), lines of seals kept outside, how much it may unpack, and how many proofs are computed anew
    (None: all).
    """

    keys: frozenset[str] = frozenset()
    told_by: str = "given"
    lines: tuple[Seal, ...] = ()
    most_unpacked: int = MOST_UNPACKED
    most_proofs: int | None = None


@dataclass(frozen=True, slots=True)
class PackReport:
    """What came of a check. `key`: "given", "register" or "unknown"; without a known key nothing proves who made it."""

    checked: int
    broken: tuple[Broken, ...]
    key: str
    manifest: Manifest | None
    log_entries: int = 0
    seals: int = 0
    proofs: int = 0

    @property
    def is_whole(self) -> bool:
        """Was nothing changed since it was signed, by whomever?"""
        return not self.broken

    @property
    def ok(self) -> bool:
        """Whole, and signed by a key that we were told to trust."""
        return self.is_whole and self.key != UNKNOWN


UNKNOWN = "unknown"


def check_pack(stream: BinaryIO, expected: Expected, watch: Watch = lambda *_: None) -> PackReport:
    """Check a pack; hostile files cost no more than the bounds allow."""
    try:
        archive = pack_zip.opened(stream)
    except NotAPack as fault:
        return PackReport(0, (Broken("", "not_a_pack", str(fault)),), UNKNOWN, None)
    with archive:
        return _Check(stream, archive, expected, watch).report()


@dataclass
class _Check:
    stream: BinaryIO
    archive: zipfile.ZipFile
    expected: Expected
    watch: Watch
    broken: dict[tuple[str, str], Broken] = field(default_factory=dict)
    log_entries: int = 0
    seals: int = 0
    proofs: int = 0

    def report(self) -> PackReport:
        names = self.archive.namelist()
        manifest = self._manifest(names)
        if manifest is None:
            return self._told(None, UNKNOWN, 0)
        self._names(names, manifest)
        key = self._signature(manifest)
        checked = self._files(manifest)
        self._contents(manifest)
        return self._told(manifest, key, checked)

    def _told(self, manifest: Manifest | None, key: str, checked: int) -> PackReport:
        found = tuple(self.broken.values())
        return PackReport(checked, found, key, manifest, self.log_entries, self.seals, self.proofs)

    def tell(self, file: str, code: str, what: str) -> None:
        """Note a fault; of one file the first of its kind, and no more of them than are told."""
        if len(self.broken) < MOST_TOLD:
            self.broken.setdefault((file, code), Broken(shown(file), code, what))

    def _is_broken(self, file: str) -> bool:
        return any(name == file for name, _ in self.broken)

    # ------------------------------------------------------------ manifest and key

    def _manifest(self, names: Sequence[str]) -> Manifest | None:
        if MANIFEST not in names:
            self.tell(MANIFEST, "missing", "không có trong gói")
            return None
        body = self._body(MANIFEST, MOST_BYTES)
        if body is None:
            return None
        try:
            return read_manifest(body)
        except NotUnderstood as fault:
            self.tell(MANIFEST, "changed", str(fault))
        return None

    def _body(self, name: str, most: int) -> bytes | None:
        """A small member; None, and told, where it cannot be read."""
        try:
            body = b"".join(self._chunks(name, most))
        except BROKEN:
            self.tell(name, "changed", "bị hỏng hoặc bị sửa")
            return None
        if len(body) > most:
            self.tell(name, "changed", "quá lớn")
            return None
        return body

    def _chunks(self, name: str, most: int) -> Iterator[bytes]:
        """A member piece by piece, no more than one piece over what it may have."""
        left = most + 1
        with self.archive.open(name) as stream:
            while left > 0 and (chunk := stream.read(min(CHUNK, left))):
                left -= len(chunk)
                yield chunk

    def _signature(self, manifest: Manifest) -> str:
        names = set(self.archive.namelist())
        signature = self._body(SIGNATURE, SIGNATURE_BYTES) if SIGNATURE in names else None
        cover = self._body(COVER, len(manifest.cover)) if COVER in names else None
        if manifest.fingerprint != manifest.stated_fingerprint:
            self.tell(
                MANIFEST, "key_fingerprint", "dấu vân tay ghi trong bản kê không phải của khóa ghi cạnh nó"
            )
        if signature is not None and not is_signed(manifest.public_key, signature, manifest.body):
            # The cover sheet tells which of the two was changed: it holds the hash of the manifest.
            file = SIGNATURE if cover == manifest.cover else MANIFEST
            self.tell(file, "signature", "chữ ký không khớp với bản kê: một trong hai đã bị sửa sau khi ký")
        elif cover is not None and cover != manifest.cover:
            self.tell(COVER, "changed", "tờ bìa không phải là tờ bìa của bản kê này")
        return self._key(manifest)

    def _key(self, manifest: Manifest) -> str:
        if not self.expected.keys:
            return UNKNOWN
        if {manifest.fingerprint, manifest.public_key.hex()} & self.expected.keys:
            return self.expected.told_by
        whose = (
            "khóa được đưa ra để đối chiếu" if self.expected.told_by == "given" else "khóa nào trong sổ khóa"
        )
        told = f"ký bằng khóa khác, không phải {whose}; dấu vân tay của khóa đã ký: {grouped(manifest.fingerprint)}"
        self.tell(MANIFEST, "other_key", told)
        return UNKNOWN

    # ------------------------------------------------------------ members

    def _names(self, names: Sequence[str], manifest: Manifest) -> None:
        due = [*(file.path for file in manifest.files), MANIFEST, SIGNATURE, COVER]
        counted, wanted = Counter(names), set(due)
        for name in due:
            if name not in counted:
                self.tell(name, "missing", "có trong bản kê nhưng không có trong gói")
        for name, times in counted.items():
            if name not in wanted:
                self.tell(name, "added", "có trong gói nhưng không có trong bản kê")
            elif times > 1:
                self.tell(name, "twice", f"có {times} thành phần cùng tên")
        if not self.broken and list(names) != due:
            self.tell("", "order", "các tệp trong gói không theo thứ tự của bản kê")

    def _files(self, manifest: Manifest) -> int:
        total, done, checked = sum(file.size for file in manifest.files), 0, 0
        if total > self.expected.most_unpacked:
            self.tell("", "too_large", "nội dung giải nén quá lớn để kiểm tra ở đây; hãy dùng dòng lệnh")
            return 0
        there = Counter(self.archive.namelist())
        for file in manifest.files:
            if there[file.path] == 1:
                self._member(file)
                checked += 1
            done += file.size
            self.watch(done, total, "Đối chiếu từng tệp trong gói")
        self._shape(manifest)
        return checked

    def _member(self, file: PackFile) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            for chunk in self._chunks(file.path, file.size):
                digest.update(chunk)
                size += len(chunk)
        except BROKEN:
            self.tell(file.path, "changed", "bị hỏng hoặc bị sửa")
            return
        if size != file.size or digest.hexdigest() != file.sha256:
            self.tell(file.path, "changed", "nội dung không khớp với mã băm trong bản kê")

    def _shape(self, manifest: Manifest) -> None:
        """What lies between the members, and each member as it is packed."""
        for name in pack_zip.strange_places(self.stream, self.archive):
            if not self._is_broken(name):
                told = "phần đầu hoặc vị trí trong tệp zip không như chương trình ghi" if name else STRANGE
                self.tell(name, "shape", told)
            return
        spans = pack_zip.places(self.archive)
        for file in manifest.files:
            if file.path not in spans or self._is_broken(file.path):
                continue
            start, count = spans[file.path]
            same = (
                count == file.packed
                and pack_zip.hash_of_span(self.stream, start, count) == file.packed_sha256
            )
            if not same:
                self.tell(file.path, "packed", "cùng nội dung nhưng đã bị nén lại hoặc sửa trong tệp zip")

    # ------------------------------------------------------------ what the members say

    def _contents(self, manifest: Manifest) -> None:
        whole = {file.path for file in manifest.files if not self._is_broken(file.path)} & {
            *self.archive.namelist()
        }
        if LOG in whole and SEALS in whole:
            self.watch(0, None, "Kiểm tra chuỗi nhật ký")
            found = check_log(self._lines(LOG), self._lines(SEALS), self.expected.lines)
            self.log_entries, self.seals = found.entries, found.seals
            for each in found.broken:
                self.tell(each.file, f"{each.code}:{each.at}", each.text)
            if not found.broken and manifest.counts.get("log_entries") != found.entries:
                self.tell(
                    LOG, "count", f"có {found.entries} mục, bản kê nói {manifest.counts.get('log_entries')}"
                )
        if PROOFS in whole:
            self._prove(manifest)

    def _lines(self, name: str) -> Iterator[bytes]:
        with self.archive.open(name) as stream:
            lines = io.BufferedReader(cast(Any, stream), CHUNK)
            while line := lines.readline(LONGEST_LINE):
                yield line

    def _prove(self, manifest: Manifest) -> None:
        """Compute each proof again from its own inputs."""
        most, wanted = self.expected.most_proofs, manifest.counts.get("proofs")
        for number, line in enumerate(self._lines(PROOFS), 1):
            if most is not None and number > most:
                return
            try:
                is_equal = verify(line).is_equal
            except TrackerError:
                is_equal = False
            if not is_equal:
                self.tell(PROOFS, "proof", f"phiếu ở dòng {number} không ra cùng kết quả khi tính lại")
            self.proofs = number
            if number % CHECKED_EVERY == 0:
                self.watch(number, None, "Tính lại từng phiếu tính hạn")
        if self.proofs != wanted:
            self.tell(PROOFS, "count", f"có {self.proofs} phiếu, bản kê nói {wanted}")


CHECKED_EVERY = 500
STRANGE = "cấu trúc tệp zip không như chương trình ghi: có phần thừa, phần thiếu hoặc đã được ghi lại"


def is_signed(public_key: bytes, signature: bytes, body: bytes) -> bool:
    """Is this the Ed25519 signature (RFC 8032) of the body by that key?"""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, body)
    except (InvalidSignature, ValueError):
        return False
    return True


def as_document(report: PackReport) -> Mapping[str, Any]:
    """The outcome as the contract prints it."""
    manifest = report.manifest
    return {
        "ok": report.ok,
        "whole": report.is_whole,
        "checked": report.checked,
        "broken": [{"file": each.file, "code": each.code, "what": each.what} for each in report.broken],
        "key": report.key,
        "number": manifest.number if manifest else None,
        "title": manifest.title if manifest else None,
        "made_at": manifest.made_at if manifest else None,
        "fingerprint": manifest.fingerprint if manifest else None,
        "manifest_sha256": manifest.sha256 if manifest else None,
        "proofs": report.proofs,
        "proofs_stated": manifest.counts.get("proofs") if manifest else None,
        "log_entries": report.log_entries,
        "seals": report.seals,
    }
