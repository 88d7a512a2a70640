"""What all readers share: how large a file may be, and the marks by which a text file names its encoding."""

from pathlib import Path

from tracker.errors import UnusableFile

MIB = 1024 * 1024
ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def check_size(path: Path, max_mib: int) -> None:
    """Refuse a file beyond the bound of the configuration.

    Raises:
        UnusableFile: it is larger.
    """
    if path.stat().st_size > max_mib * MIB:
        raise UnusableFile(str(path), f"lớn hơn {max_mib} MiB, mức cho phép trong cấu hình")
