"""A disk of a few MiB, to be full for real: a file system in memory, seen by one process and its children alone.

Mounting needs either the rights of root or a system that lets everybody have name spaces of their own. Where there is neither,
the system's limit on the size of a file stands in for it: writing fails as well, though with other words.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

MIB = 1 << 20
MOUNT = "mount -t tmpfs -o size={size}m,mode=1777 tmpfs {folder}"
BALLAST = "ballast"


class Room(Protocol):
    """A place that can be filled up to so many bytes, and made free again."""

    kind: str
    folder: Path

    def fill(self, left: int) -> None:
        """Leave no more than this."""

    def free(self) -> None:
        """Make room again."""


class SmallDisk:
    """A file system of its own; what fills it is a file."""

    kind = "file system"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        assert os.path.ismount(folder), folder

    def fill(self, left: int) -> None:
        """Write a file until nothing goes, then shorten it."""
        ballast = self.folder / BALLAST
        with ballast.open("wb", buffering=0) as stream:
            size = MIB
            while size:
                try:
                    stream.write(b"\0" * size)
                except OSError:
                    size //= 2
        os.truncate(ballast, max(ballast.stat().st_size - left, 0))

    def free(self) -> None:
        """Remove it."""
        (self.folder / BALLAST).unlink(missing_ok=True)


class LimitedFiles:
    """The limit of this process on the size of any file that it writes."""

    kind = "limit on files"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, left: int) -> None:
        """No file may grow beyond this."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (left, resource.RLIM_INFINITY))

    def free(self) -> None:
        """As large as they like."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def full(room: Room, left: int) -> Iterator[None]:
    """There is no more room than this meanwhile."""
    room.fill(left)
    try:
        yield
    finally:
        room.free()


def can_mount(folder: Path) -> bool:
    """Can a file system of one's own be mounted on this machine?"""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(with_disks({folder: 1}, ["true"]), capture_output=True, check=False)
    return tried.returncode == 0


def with_disks(sizes: Mapping[Path, int], command: Sequence[str]) -> list[str]:
    """The command line that runs a command with small disks at these folders, so many MiB each; they go with it."""
    mounts = " && ".join(MOUNT.format(size=size, folder=folder) for folder, size in sizes.items())
    own = ["-m"] if os.geteuid() == 0 else ["-r", "-m"]
    return ["unshare", *own, "sh", "-c", f'{mounts} && exec "$@"', "sh", *command]
