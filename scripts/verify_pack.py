#!/usr/bin/env python3
"""Kiểm tra gói chứng cứ của chương trình Đúng Hẹn, không cần chương trình: chỉ cần Python 3.9 trở lên, không cần mạng.

    python3 verify_pack.py GOI.zip --key "DẤU VÂN TAY HOẶC TỆP KHÓA CÔNG KHAI" [--line "DUNGHEN-NK …"]

Trả về 0: gói nguyên vẹn và ký bằng đúng khóa được đưa ra. 1: gói đã bị sửa, hoặc chưa biết ai ký. 2: dùng sai.
Checks an evidence pack with nothing but the standard library, written apart from the program that makes packs
(docs/evidence.md tells the format): each byte of the zip, each file, the Ed25519 signature, the chain of the log and its
seals. Take this file from the office or from the source of the program, never from whoever hands over the pack.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections import Counter
from datetime import date, timedelta

FORMAT, VERSION = "dunghen-evidence-pack", 1
MANIFEST, SIGNATURE, COVER = "manifest.json", "manifest.sig", "bia-goi.txt"
LOG, SEALS = "nhat-ky/muc.jsonl", "nhat-ky/niem-phong.jsonl"
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4,9}")
HERE = "{{SHA-256 manifest.json}}"
CHUNK, MOST_MANIFEST, MOST_LINE = 1 << 20, 64 << 20, 8 << 20
MOST_MEMBERS, MOST_FILE, MOST_DIRECTORY, MOST_UNPACKED = 65_000, 4_100_000_000, 64 << 20, 16_000_000_000
MOST_TOLD = 50
GOOD_NAME = re.compile(r"(?!.{201})[a-z0-9][A-Za-z0-9._-]*(?:/[a-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)


class Unreadable(Exception):
    """The file cannot be judged at all; the message says why."""


# ---------------------------------------------------------------- Ed25519 (RFC 8032, section 5.1)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # a square root of -1
NEUTRAL = (0, 1, 1, 0)


def add(one, other):
    """The sum of two points in extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, xy = T/Z (section 5.1.4)."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    """A point added to itself so often."""
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def is_same(one, other):
    """Are two points one, whatever their Z?"""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def point_of(encoded):
    """The point of 32 bytes; None where they encode none, or not in the one canonical way (section 5.1.3)."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT % P
    if (v * x * x - u) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = point_of(BASE_Y.to_bytes(32, "little"))


def is_signed(public, signature, message):
    """Is this the signature of the message by that key? Keys and points of small order sign anything, so they are refused."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= L:  # without the last, one signature could be written in several ways
        return False
    if is_same(times(8, key), NEUTRAL) or is_same(times(8, r), NEUTRAL):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return is_same(times(s, BASE), add(r, times(k, key)))


# ---------------------------------------------------------------- the zip

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
FIRST_DAY = (1 << 5) | 1  # 01/01/1980


def open_zip(stream):
    """The zip, if its directory is of a bearable size."""
    length = stream.seek(0, io.SEEK_END)
    reach = min(length, END.size + 0xFFFF)
    stream.seek(length - reach)
    tail = stream.read(reach)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < END.size:
        raise Unreadable("không phải tệp zip, hoặc phần cuối tệp đã bị cắt")
    count, size = END.unpack_from(tail, at)[4:6]
    if length > MOST_FILE or count > MOST_MEMBERS or size > MOST_DIRECTORY:
        raise Unreadable("quá nhiều thành phần hoặc quá lớn để là một gói chứng cứ")
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (*FAULTS, struct.error, OverflowError) as fault:
        raise Unreadable("không đọc được như tệp zip: tệp bị cắt hoặc bị hỏng") from fault
    if len(archive.infolist()) > MOST_MEMBERS:
        raise Unreadable("quá nhiều thành phần để là một gói chứng cứ")
    return archive


def strange_place(stream, archive):
    """The first member whose header or place is not as packs have it ("" = the file as a whole); None: there is none."""
    length, offset, whole, infos = stream.seek(0, io.SEEK_END), 0, bytearray(), archive.infolist()
    for info in infos:
        name = info.orig_filename.encode("utf-8", "replace")
        is_plain = info.orig_filename.isascii() and info.compress_type in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        )
        if info.header_offset != offset or not is_plain:
            return info.filename
        sizes = (info.CRC, info.compress_size, info.file_size)
        core = (20, 0, info.compress_type, 0, FIRST_DAY, *sizes, len(name), 0)
        header = LOCAL.pack(b"PK\3\4", *core) + name
        stream.seek(offset)
        if stream.read(len(header)) != header:
            return info.filename
        whole.extend(CENTRAL.pack(b"PK\1\2", 20, *core, 0, 0, 0, 0, offset) + name)
        offset += len(header) + info.compress_size
        if offset > length:
            return info.filename
    whole.extend(END.pack(b"PK\5\6", 0, 0, len(infos), len(infos), len(whole), offset, 0))
    stream.seek(offset)
    return None if stream.read(len(whole) + 1) == whole else ""


def hash_of_span(stream, start, count):
    """SHA-256 of so many bytes of the file."""
    digest = hashlib.sha256()
    stream.seek(start)
    while count > 0 and (chunk := stream.read(min(count, CHUNK))):
        digest.update(chunk)
        count -= len(chunk)
    return digest.hexdigest()


# ---------------------------------------------------------------- the manifest


def read_manifest(body):
    """The manifest, every value of the type that it has to have; ValueError where it is none."""
    try:
        told = json.loads(body)
        is_ours = told["format"] == FORMAT and told["version"] == VERSION
        key, files = told["key"], told["files"]
        packed, paths = [each["packed"] for each in files], [each["path"] for each in files]
        texts = [told["number"], told["title"], told["made_at"], told["cover"], *paths]
        hashes = [key["public"], key["fingerprint"], *(each["sha256"] for each in [*files, *packed])]
        sizes = [each["size"] for each in [*files, *packed]]
        is_typed = all(type(text) is str and text.encode() is not None for text in texts)
        is_typed = is_typed and all(type(count) is int for count in told["counts"].values())
        is_typed = is_typed and NUMBER.fullmatch(told["number"]) is not None
        is_typed = is_typed and all(type(size) is int and size >= 0 for size in sizes)
        is_typed = is_typed and all(type(one) is str and re.fullmatch("[0-9a-f]{64}", one) for one in hashes)
        is_named = is_typed and len(set(paths)) == len(paths) and all(map(GOOD_NAME.fullmatch, paths))
    except (KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise ValueError("bản kê không đúng dạng") from fault
    if not is_ours:
        raise ValueError("không phải bản kê của gói chứng cứ, hoặc của phiên bản mới hơn")
    if not is_named:
        raise ValueError("bản kê không đúng dạng")
    return told


def shown(text):
    """What others wrote, on one line and without signs that steer a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text[:200])


def grouped(digits):
    """A hash in groups of four."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


# ---------------------------------------------------------------- the log

SEAL_LINE = re.compile(
    r"DUNGHEN-NK\s+(\d{4}-\d{2}-\d{2})\s+#\s*(\d{1,18})\s+((?:[0-9a-f]\s*){64})ki\S{1,3}m\s*:?\s*([0-9a-f]{4})\b",
    re.I,
)


def seal_line(day, entry, chain):
    """A seal as it is printed."""
    check = hashlib.sha256(f"{day} #{entry} {chain}".encode()).hexdigest()[:4]
    groups = " ".join(chain[at : at + 8] for at in range(0, 64, 8))
    return f"DUNGHEN-NK {day} #{entry} {groups} kiểm: {check}"


def read_seal_line(text):
    """(day, entry, chain) of a line that somebody kept; Unreadable where it was copied wrongly."""
    found = SEAL_LINE.search(text)
    if found is None:
        raise Unreadable("--line không phải một dòng niêm phong (DUNGHEN-NK …)")
    day, entry, chain = found[1], int(found[2]), re.sub(r"\s", "", found[3]).lower()
    if seal_line(day, entry, chain)[-4:] != found[4].lower():
        raise Unreadable("dòng niêm phong chép sai: 4 ký tự kiểm không khớp")
    return day, entry, chain


def check_log(lines, seal_lines, outside, tell):
    """Go through the chain and hold it against its seals and the lines kept outside; the number of entries."""
    seals = list(_seals(seal_lines, tell))
    due = {}
    for day, entry, chain in seals:
        due.setdefault(entry, []).append((day, chain, "niêm phong"))
    for day, entry, chain in outside:
        due.setdefault(entry, []).append((day, chain, "dòng niêm phong giữ bên ngoài"))
        if (day, entry, chain) not in seals:
            tell(LOG, f"niêm phong ngày {day} trong gói không còn hoặc khác với dòng giữ bên ngoài")
    number, chain = 0, "0" * 64
    _keep_promises(due, number, chain, tell)
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if entry is None or entry[0] != number:
            tell(LOG, f"dòng {number} không phải mục nhật ký số {number}: có mục bị xóa, chèn hoặc đảo")
            return number
        told = json.dumps(entry[:6], ensure_ascii=False, separators=(",", ":"))
        if hashlib.sha256(f"{chain}\n{told}".encode()).hexdigest() != entry[6]:
            tell(LOG, f"mục {number} không khớp với chuỗi: mục này hoặc mục trước đó đã bị sửa, xóa hay chèn")
            return number
        chain = entry[6]
        _keep_promises(due, number, chain, tell)
    for entry, promises in sorted(due.items()):
        for day, _, whose in promises:
            tell(LOG, f"{whose} ngày {day}: mục {entry} không còn trong nhật ký, phần đuôi đã bị cắt")
    return number


def _keep_promises(due, number, chain, tell):
    for day, promised, whose in due.pop(number, ()):
        if promised != chain:
            tell(LOG, f"{whose} ngày {day}: mục {number} nay có chuỗi khác, nhật ký đã bị viết lại")


def _entry(line):
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_entry = type(told) is list and [type(one) for one in told] == [int, int, str, str, str, str, str]
    return told if is_entry else None


def _seals(lines, tell):
    before = None
    for line in lines:
        try:
            day, entry, chain, printed = json.loads(line)
            today = date.fromisoformat(day)
            is_true = printed == seal_line(day, entry, chain) and type(entry) is int
        except (ValueError, TypeError, RecursionError):
            tell(SEALS, "có dòng không phải một niêm phong")
            return
        if not is_true:
            tell(SEALS, f"dòng niêm phong ngày {day} đã bị sửa")
            return
        if before and (today != before[0] + timedelta(days=1) or entry < before[1]):
            tell(LOG, f"thiếu niêm phong giữa ngày {before[0]} và ngày {day}, hoặc niêm phong lùi về trước")
        before = today, entry
        yield day, entry, chain


# ---------------------------------------------------------------- the check


class Check:
    """One pack being looked at; `broken` holds (file, what) in the order in which they were found."""

    def __init__(self, stream, outside=()):
        self.stream, self.outside, self.broken = stream, outside, []
        self.archive = open_zip(stream)
        self.names = self.archive.namelist()
        self.manifest, self.checked, self.entries = None, 0, 0

    def tell(self, name, what):
        """Note a fault."""
        if len(self.broken) < MOST_TOLD:
            self.broken.append((shown(name), what))

    def is_broken(self, name):
        """Was something told of this member?"""
        return any(each == name for each, _ in self.broken)

    def run(self):
        """Look at everything."""
        body = self.body(MANIFEST, MOST_MANIFEST)
        if body is None:
            return
        try:
            self.manifest = read_manifest(body)
        except ValueError as fault:
            self.tell(MANIFEST, str(fault))
            return
        self.sha256 = hashlib.sha256(body).hexdigest()
        self.check_names()
        self.check_signature(body)
        self.check_files()
        self.check_shape()
        self.check_log()

    def body(self, name, most):
        """A small member; None, and told, where there is none that can be read."""
        if name not in self.names:
            self.tell(name, "không có trong gói")
            return None
        try:
            with self.archive.open(name) as stream:
                found = stream.read(most + 1)
        except FAULTS:
            found = None
        if found is None or len(found) > most:
            self.tell(name, "bị hỏng hoặc bị sửa")
            return None
        return found

    def check_names(self):
        """Is each file there that the manifest names, once and in its order, and no other?"""
        due = [each["path"] for each in self.manifest["files"]] + [MANIFEST, SIGNATURE, COVER]
        there, wanted = set(self.names), set(due)
        for name in due:
            if name not in there and name != SIGNATURE and name != COVER:
                self.tell(name, "có trong bản kê nhưng không có trong gói")
        for name in sorted(there - wanted):
            self.tell(name, "có trong gói nhưng không có trong bản kê")
        twice = sorted(name for name, count in Counter(self.names).items() if count > 1)
        for name in twice[:MOST_TOLD]:
            self.tell(name, "có nhiều thành phần cùng tên")
        if not twice and there == wanted and self.names != due:
            self.tell("", "các tệp trong gói không theo thứ tự của bản kê")

    def check_signature(self, body):
        """Is the manifest signed by the key that it names, and the cover sheet that of this manifest?"""
        public = bytes.fromhex(self.manifest["key"]["public"])
        self.fingerprint = hashlib.sha256(public).hexdigest()
        if self.fingerprint != self.manifest["key"]["fingerprint"]:
            self.tell(MANIFEST, "dấu vân tay ghi trong bản kê không phải của khóa ghi cạnh nó")
        due = self.manifest["cover"].replace(HERE, grouped(self.sha256)).encode()
        signature, cover = self.body(SIGNATURE, 64), self.body(COVER, len(due))
        if signature is not None and not is_signed(public, signature, body):
            # The cover sheet tells which of the two was changed: it holds the hash of the manifest.
            name = SIGNATURE if cover == due else MANIFEST
            self.tell(name, "chữ ký không khớp với bản kê: một trong hai đã bị sửa sau khi ký")
        elif cover is not None and cover != due:
            self.tell(COVER, "tờ bìa không phải là tờ bìa của bản kê này")

    def check_files(self):
        """Has each file the bytes that the manifest says?"""
        if sum(each["size"] for each in self.manifest["files"]) > MOST_UNPACKED:
            raise Unreadable("nội dung giải nén quá lớn để là một gói chứng cứ")
        there = set(self.names)
        for each in self.manifest["files"]:
            if each["path"] in there:
                self.check_file(each)

    def check_file(self, file):
        """Has it the size and the hash of the manifest? Reads no more than one byte over its size."""
        digest, left = hashlib.sha256(), file["size"] + 1
        try:
            with self.archive.open(file["path"]) as stream:
                while left > 0 and (chunk := stream.read(min(CHUNK, left))):
                    digest.update(chunk)
                    left -= len(chunk)
        except FAULTS:
            self.tell(file["path"], "bị hỏng hoặc bị sửa")
            return
        self.checked += 1
        if left != 1 or digest.hexdigest() != file["sha256"]:
            self.tell(file["path"], "nội dung không khớp với mã băm trong bản kê")

    def check_shape(self):
        """Is there nothing in the zip but what the manifest covers?"""
        strange = strange_place(self.stream, self.archive)
        if strange is not None:
            if not self.is_broken(strange):
                self.tell(
                    strange, "cấu trúc tệp zip không như chương trình ghi: có phần thừa, thiếu, ghi lại"
                )
            return
        infos = {info.filename: info for info in self.archive.infolist()}
        for each in self.manifest["files"]:
            info = infos.get(each["path"])
            if info is None or self.is_broken(each["path"]):
                continue
            begins = info.header_offset + LOCAL.size + len(info.orig_filename)
            packed = (info.compress_size, hash_of_span(self.stream, begins, info.compress_size))
            if packed != (each["packed"]["size"], each["packed"]["sha256"]):
                self.tell(each["path"], "cùng nội dung nhưng đã bị nén lại hoặc sửa trong tệp zip")

    def check_log(self):
        """Do the entries of the log hang together and bear out their seals?"""
        names = {each["path"] for each in self.manifest["files"]} & set(self.names)
        if not {LOG, SEALS} <= names or self.is_broken(LOG) or self.is_broken(SEALS):
            return
        before = len(self.broken)
        try:
            self.entries = check_log(self.lines(LOG), self.lines(SEALS), self.outside, self.tell)
        except UnicodeEncodeError:  # half a character can be read, but nothing can be computed over it
            self.tell(LOG, "có mục không đọc được")
        if len(self.broken) == before and self.manifest["counts"].get("log_entries") != self.entries:
            self.tell(LOG, f"có {self.entries} mục, bản kê nói {self.manifest['counts'].get('log_entries')}")

    def lines(self, name):
        """The lines of a member."""
        with self.archive.open(name) as stream:
            reader = io.BufferedReader(stream, CHUNK)
            yield from iter(lambda: reader.readline(MOST_LINE), b"")


# ---------------------------------------------------------------- the key that is expected


def key_given(text):
    """Fingerprint or public key in hexadecimal: typed, or out of a file that holds one or a public key as PEM."""
    try:
        with open(text, "rb") as stream:
            text = stream.read(65536).decode("utf-8", "replace")
    except OSError:
        pass
    if "PRIVATE KEY" in text:
        raise Unreadable("đây là khóa bí mật; để kiểm tra chỉ cần khóa công khai hoặc dấu vân tay")
    found = re.search(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----", text)
    if found:
        der = base64.b64decode(found[1])
        # SubjectPublicKeyInfo of Ed25519 (RFC 8410): twelve bytes that are always the same, then the key.
        if len(der) != 44 or der[:12] != bytes.fromhex("302a300506032b6570032100"):
            raise Unreadable("tệp khóa không chứa khóa công khai Ed25519")
        return hashlib.sha256(der[12:]).hexdigest()
    digits = re.sub(r"[\s:\u00a0]", "", text).lower()
    if not re.fullmatch("[0-9a-f]{64}", digits):
        raise Unreadable("--key cần dấu vân tay (64 chữ số thập lục phân) hoặc tệp khóa công khai")
    return digits


def report(check, key):
    """Print what came of it; the exit status."""
    manifest = check.manifest
    if manifest and key and key not in (check.fingerprint, manifest["key"]["public"]):
        check.tell(MANIFEST, f"ký bằng khóa khác; dấu vân tay của khóa đã ký: {grouped(check.fingerprint)}")
    name = f"Gói {manifest['number']}" if manifest else "Tệp"
    if check.broken:
        print(f"{name} KHÔNG nguyên vẹn:")
        for file, what in check.broken:
            print(f"  {file or '(cả tệp zip)'}: {what}")
        return 1
    print(
        f"Đã đối chiếu {check.checked} tệp và {check.entries} mục nhật ký. Tên gói: {shown(manifest['title'])}"
    )
    print(f"SHA-256 của {MANIFEST}: {grouped(check.sha256)}")
    if key is None:
        print(f"{name}: CHƯA BIẾT AI KÝ. Không biết khóa: chỉ biết gói không bị sửa sau khi ký.")
        print(f"Dấu vân tay của khóa đã ký: {grouped(check.fingerprint)}")
        print("Hãy hỏi cơ quan dấu vân tay theo đường khác, rồi chạy lại với --key.")
        return 1
    print(f"{name} NGUYÊN VẸN, ký bằng đúng khóa được đưa ra.")
    return 0


def main(arguments=None):
    """Check the pack named on the command line."""
    parser = argparse.ArgumentParser(description="Kiểm tra gói chứng cứ của chương trình Đúng Hẹn.")
    parser.add_argument("file", metavar="GOI.zip")
    parser.add_argument("--key", help="dấu vân tay của khóa, hoặc tệp có khóa công khai (PEM)")
    parser.add_argument("--line", action="append", default=[], help="dòng niêm phong giữ bên ngoài")
    asked = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    try:
        key = None if asked.key is None else key_given(asked.key)
        outside = [read_seal_line(text) for text in asked.line]
    except (Unreadable, ValueError) as fault:
        print(fault, file=sys.stderr)
        return 2
    try:
        with open(asked.file, "rb") as stream:
            check = Check(stream, outside)
            check.run()
            return report(check, key)
    except Unreadable as fault:
        print(f"Tệp KHÔNG phải gói chứng cứ dùng được: {fault}")
    except OSError as fault:
        print(f"Không đọc được tệp {asked.file}: {fault.strerror}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
