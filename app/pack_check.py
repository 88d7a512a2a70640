"""Checking an evidence pack for the command line and the page: which keys are right, what the register says, and in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app.context import AppContext
from app.pack_keys import public_key_of
from tracker.errors import UnusableFile, UsageError
from tracker.machine import why
from tracker.measures.log_chain import Seal
from tracker.measures.pack_check import Expected, PackReport, Watch, as_document, check_pack
from tracker.measures.pack_format import fingerprint_of, grouped, read_fingerprint
from tracker.store import pack_store
from tracker.store.session import Session, is_there

KEY_FILE_BYTES = 64 * 1024
# Reading so much, and computing so many proofs anew, takes some seconds: a request may.
MOST_UPLOADED, MOST_PROOFS = 1 << 30, 3_000


def key_given(text: str) -> frozenset[str]:
    """A key as it was given: a file with a public key or a fingerprint, or the fingerprint itself.

    Raises:
        UsageError: it is none of these.
    """
    path = Path(text)
    if not _is_file(path):
        return frozenset({read_fingerprint(text)})
    try:
        with path.open("rb") as stream:
            body = stream.read(KEY_FILE_BYTES)
    except OSError as error:
        raise UsageError(f"không đọc được tệp khóa {path.name}: {why(error)}") from error
    if b"PRIVATE KEY" in body:
        raise UsageError("đây là khóa bí mật; để kiểm tra chỉ cần khóa công khai hoặc dấu vân tay")
    if b"PUBLIC KEY" in body:
        return frozenset({fingerprint_of(public_key_of(body))})
    return frozenset({read_fingerprint(body.decode("utf-8", "replace"))})


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long for a name: digits that were typed
        return False


def known_keys(context: AppContext) -> frozenset[str]:
    """The fingerprints of this office's register, retired keys too; none where there is no register here."""
    if not context.config_path.is_file() or not is_there(context.config.database_url):
        return frozenset()
    with context.store.read() as session:
        return frozenset(row.fingerprint for row in pack_store.keys(session))


def check_file(path: Path, expected: Expected, watch: Watch) -> PackReport:
    """Check a pack that lies in a file.

    Raises:
        UnusableFile: there is none that could be read.
    """
    try:
        with path.open("rb") as stream:
            return check_pack(stream, expected, watch)
    except OSError as error:
        raise UnusableFile(str(path), why(error)) from error


def check_upload(context: AppContext, stream: BinaryIO, lines: tuple[Seal, ...]) -> PackReport:
    """Check an uploaded pack by the keys of the register; what is more than a request bears is left to the command line, and told."""
    expected = Expected(known_keys(context), "register", lines, MOST_UPLOADED, MOST_PROOFS)
    return check_pack(stream, expected)


def said_by_register(session: Session, report: PackReport) -> bool | None:
    """Is it the pack that the register has under its number? None: the register has none of that number."""
    if report.manifest is None:
        return None
    row = pack_store.find_number(session, report.manifest.number)
    return None if row is None else row.new.manifest_sha256 == report.manifest.sha256


def document(report: PackReport, in_register: bool | None) -> dict[str, Any]:
    """The outcome as the contract prints it, with what the register says."""
    found = {**as_document(report), "in_register": in_register}
    if in_register is False:
        broken = {"file": "manifest.json", "code": "other_pack", "what": OTHER_PACK}
        found |= {"ok": False, "broken": [*found["broken"], broken]}
    return found


OTHER_PACK = "sổ gói của cơ quan ghi một gói khác dưới cùng số này"


def told(found: Mapping[str, Any]) -> Sequence[str]:
    """The outcome in sentences; `found` as of `document`."""
    proofs = f"{found['proofs']}"
    if found["proofs_stated"] not in (None, found["proofs"]):
        proofs += f" trong {found['proofs_stated']}"
    read = (
        f"đã đối chiếu {found['checked']} tệp, tính lại {proofs} phiếu tính hạn, "
        f"{found['log_entries']} mục nhật ký, {found['seals']} niêm phong"
    )
    name = f"Gói {found['number']}" if found["number"] else "Tệp"
    if found["broken"]:
        places = (
            f"  {each['file'] or '(cả tệp zip)'}: {each['what']}".rstrip(".") for each in found["broken"]
        )
        return [f"{name} KHÔNG nguyên vẹn ({read}):", *places]
    shown = grouped(found["fingerprint"])
    if found["key"] == "unknown":
        return [
            f"{name}: CHƯA BIẾT AI KÝ. Không biết khóa: chỉ biết gói không bị sửa sau khi ký ({read}).",
            f"Hãy so dấu vân tay này với dấu vân tay cơ quan công bố: {shown}",
            "rồi kiểm tra lại kèm dấu vân tay đó (--key).",
        ]
    whose = "khóa được đưa ra" if found["key"] == "given" else "khóa trong sổ khóa của cơ quan"
    lines = [f"{name} nguyên vẹn: {read}.", f"Ký bằng {whose}, dấu vân tay {shown}."]
    if found["in_register"]:
        lines.append("Đúng là gói mà sổ gói của cơ quan ghi dưới số này.")
    return lines
