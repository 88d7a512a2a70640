"""What the machine refuses, in the office's words: a full disk, missing rights, a file that cannot be read or written.

The system's own text is English and differs between systems; whoever meets an `OSError` tells it by `why`.
"""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tracker.errors import DiskFull, MachineFault, WorkFailed

FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_TOO_LARGE = "tệp vượt cỡ mà hệ thống cho phép"
WHY: Mapping[int, str] = {
    **dict.fromkeys(FULL, "đĩa đã đầy"),
    errno.EFBIG: _TOO_LARGE,
    errno.EACCES: "không có quyền",
    errno.EPERM: "hệ thống không cho phép",
    errno.EROFS: "ổ đĩa hoặc thư mục chỉ cho đọc",
    errno.EIO: "ổ đĩa báo lỗi đọc hoặc ghi",
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.ENOTDIR: "đường dẫn đi qua một tệp, không phải thư mục",
    errno.EISDIR: "đây là thư mục, không phải tệp",
    errno.EEXIST: "đã có tệp hoặc thư mục cùng tên",
    errno.ENAMETOOLONG: "tên quá dài",
    errno.EMFILE: "tiến trình mở quá nhiều tệp cùng lúc",
    errno.ENFILE: "máy mở quá nhiều tệp cùng lúc",
    errno.ENOMEM: "máy hết bộ nhớ",
    errno.EPIPE: "nơi nhận đã đóng",
}
# What lies in the machine and not in what was asked for: a name that is wrong is no fault of the machine.
OF_THE_MACHINE = frozenset(
    {*FULL, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)  # fmt: skip
IN_USE = frozenset({32, 33})  # ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION of Windows
MAKE_ROOM = "Hãy giải phóng chỗ rồi làm lại"


def why(error: OSError) -> str:
    """Why the system refused, in a few words without a full stop."""
    if getattr(error, "winerror", None) in IN_USE:
        return "một chương trình khác đang mở tệp"
    return WHY.get(error.errno or 0) or error.strerror or type(error).__name__


def refused(what: str, error: OSError) -> WorkFailed:
    """What could not be done ("Không ghi được tệp a.zip") and why; `error` stands behind it."""
    told = f"{what}: {why(error)}"
    if error.errno in FULL:
        return DiskFull(f"{told}. {MAKE_ROOM}.")
    return MachineFault(f"{told}.") if error.errno in OF_THE_MACHINE else WorkFailed(f"{told}.")


def unwritable(name: object, error: OSError) -> WorkFailed:
    """A file that could not be written; `name` as its reader knows it. Whoever says so kept nothing of it."""
    return refused(f"Không ghi được tệp {name}", error)


def machine_fault(error: BaseException) -> MachineFault | None:
    """An `OSError` that nobody told yet, as one of the user's errors; None where it may be a fault of the program."""
    if not isinstance(error, OSError) or error.errno not in OF_THE_MACHINE:
        return None
    name = f" ({Path(error.filename).name})" if isinstance(error.filename, str) else ""
    if error.errno in FULL:
        return DiskFull(f"Đĩa đã đầy{name}. Không có gì được ghi dở dang. {MAKE_ROOM}.")
    return MachineFault(
        f"Hệ thống không đọc hoặc ghi được{name}: {why(error)}. Không có gì được ghi dở dang."
    )


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A place beside a file to write to; it takes the file's place when all is written, and is gone where it is not."""
    beside = path.with_name(f".{path.name}.part")
    try:
        yield beside
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def whole_output() -> BinaryIO:
    """Standard output for messages to another process: what is written to it goes out whole.

    Python's own stream does not promise that where it is told not to buffer (`PYTHONUNBUFFERED`, as services are): if the
    process is halted while it writes and goes on later, as on a PC that sleeps, what was left of the message is lost.
    """
    return open(sys.stdout.fileno(), "wb", closefd=False)
