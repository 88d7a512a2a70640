"""The key of encrypted backups: 32 random bytes in a file that lies where neither the data nor the backups do.

A text file, so that it can be printed and typed in again. Its mark tells keys apart and gives nothing of them away.
"""

import os
import re
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tracker.errors import UsageError
from tracker.machine import refused, why

SECRET_BYTES, MARK_BYTES = 32, 8
PRIVATE = 0o600
LINE = re.compile(r"dunghen-backup-key-1:([0-9a-f]{64})")
MARK_INFO = b"dunghen backup key mark 1"
MOST = 4096
TEXT = """\
# Khóa mã hóa bản sao lưu của Đúng Hẹn. Ai có tệp này đọc được mọi bản sao lưu mã hóa bằng nó; mất tệp này thì không ai
# mở được chúng nữa. Hãy giữ một bản ở nơi khác (in ra giấy, trong két), không để cạnh bản sao lưu.
# Dấu của khóa: {mark}
dunghen-backup-key-1:{secret}
"""
# Others of the machine must not read it, nobody but its owner may change it.
FORBIDDEN = stat.S_IRWXO | stat.S_IWGRP


@dataclass(frozen=True, slots=True)
class BackupKey:
    """A key in memory; `mark` tells it from others."""

    secret: bytes = field(repr=False)
    mark: bytes


def key_of(secret: bytes) -> BackupKey:
    """The key of its bytes."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    mark = HKDF(SHA256(), MARK_BYTES, salt=None, info=MARK_INFO).derive(secret)
    return BackupKey(secret, mark)


def grouped(mark: bytes) -> str:
    """The mark of a key as people compare it."""
    text = mark.hex()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def new_key(path: Path) -> BackupKey:
    """Make a key and write it into a new file that its owner alone may read.

    Raises:
        UsageError: something lies there already: a key is never written over.
        WorkFailed: it cannot be written.
    """
    key = key_of(os.urandom(SECRET_BYTES))
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError as error:
        raise UsageError(f"{path} đã có; khóa không bao giờ bị ghi đè, hãy chọn tên khác") from error
    except OSError as error:
        raise refused(f"Không ghi được tệp khóa {path.name}", error) from error
    try:
        with os.fdopen(number, "wb") as out:
            out.write(TEXT.format(mark=grouped(key.mark), secret=key.secret.hex()).encode())
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)  # half a key would keep the next one from its name
        raise refused(f"Không ghi được tệp khóa {path.name}", error) from error
    return key


def read_key(path: Path, *, may_be_open: bool = False) -> BackupKey:
    """The key of a file. `may_be_open`: others may read it as well, as on a stick without rights of its own.

    Raises:
        UsageError: no such file, no key in it, or others may read it.
    """
    try:
        with path.open("rb") as stream:
            mode, body = os.fstat(stream.fileno()).st_mode, stream.read(MOST)
    except OSError as error:
        raise UsageError(f"không đọc được tệp khóa {path.name}: {why(error)}") from error
    if sys.platform != "win32" and mode & FORBIDDEN and not may_be_open:
        raise UsageError(
            f"tệp khóa {path.name} để người khác trên máy đọc hoặc sửa được; hãy đặt lại quyền: chmod 600 {path.name}"
        )
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines()]
    found = [hit for line in lines if (hit := LINE.fullmatch(line))]
    if len(found) != 1:
        raise UsageError(
            f"tệp {path.name} không phải khóa sao lưu; tạo khóa mới: dunghen backup --new-key TỆP"
        )
    return key_of(bytes.fromhex(found[0][1]))


def require_outside(path: Path, folders: dict[str, Path]) -> None:
    """A key that lies in what it locks, or beside the locked copies, locks nothing.

    Raises:
        UsageError: it lies in one of the folders, by whatever way it is reached.
    """
    if inside := folder_of(path, folders):
        raise UsageError(f"tệp khóa phải nằm ngoài {inside}: ai lấy được bản sao lưu thì không được có khóa")


def folder_of(path: Path, folders: dict[str, Path]) -> str:
    """Which of the folders (by what they are called) a file lies in; empty: none."""
    real = path.resolve()
    return next((name for name, folder in folders.items() if real.is_relative_to(folder.resolve())), "")
