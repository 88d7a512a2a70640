"""What a backup says of itself: from which program and database, when, how many rows, and the hash of each member."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

FORMAT = 1
MANIFEST, DATABASE, FILES = "manifest.json", "store.sqlite3", "files/"
HASH_LENGTH = 64


class NotUnderstood(Exception):
    """A manifest that this program cannot read; the message says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the backup: its name there, its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup.

    `kind`: of the database it came from. `tables`: rows of each. `absent`: places of files that rows name and that were
    not there, or lie outside the data folder.
    """

    version: str
    revision: str
    made_at: datetime
    kind: str
    tables: Mapping[str, int]
    members: tuple[Member, ...]
    absent: tuple[str, ...]

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.tables.values())

    @property
    def files(self) -> tuple[Member, ...]:
        """The members that are files of the data folder."""
        return tuple(member for member in self.members if member.name.startswith(FILES))

    def member(self, name: str) -> Member:
        """A member by its name."""
        return next(member for member in self.members if member.name == name)


def place_of(member: Member) -> str:
    """Where a file belongs, below the data folder."""
    return member.name.removeprefix(FILES)


def may_be_kept(place: str) -> bool:
    """May a file lie there: in some folder below the data folder, and nowhere else?"""
    path = PurePosixPath(place)
    is_plain = not any(sign in place for sign in "\\:\0") and path.as_posix() == place
    return is_plain and not path.is_absolute() and ".." not in path.parts and len(path.parts) > 1


def written(manifest: Manifest) -> bytes:
    """The manifest as it stands in the backup."""
    told = {"format": FORMAT, **asdict(manifest), "made_at": manifest.made_at.isoformat()}
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read(body: bytes) -> Manifest:
    """The manifest of its bytes.

    Raises:
        NotUnderstood: it is none, or of a later form than this program knows.
    """
    try:
        told = json.loads(body)
        if told["format"] != FORMAT:
            raise NotUnderstood(f"dạng {told['format']}: hãy cập nhật chương trình")
        return _manifest(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotUnderstood("không phải bản kê của một bản sao lưu") from error


def _manifest(told: Mapping[str, Any]) -> Manifest:
    members = tuple(Member(str(m["name"]), int(m["size"]), str(m["sha256"])) for m in told["members"])
    made_at = datetime.fromisoformat(told["made_at"])
    names = [member.name for member in members]
    is_strange = [
        name for name in names if name != DATABASE and not (name.startswith(FILES) and _is_file(name))
    ]
    if DATABASE not in names or len({*names}) != len(names) or is_strange or made_at.tzinfo is None:
        raise NotUnderstood("bản kê có thành phần không đúng chỗ")
    return Manifest(
        version=str(told["version"]),
        revision=str(told["revision"]),
        made_at=made_at,
        kind=str(told["kind"]),
        tables={str(name): int(rows) for name, rows in told["tables"].items()},
        members=members,
        absent=tuple(map(str, told["absent"])),
    )


def _is_file(name: str) -> bool:
    return may_be_kept(name.removeprefix(FILES))
