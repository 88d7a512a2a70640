"""Where letters lie and what they are called; files are written whole or not at all. No SQL, no wording.

A file's name follows from the dossier alone, so a draft that was killed and is repeated meets its own files again.
"""

import os
import re
import secrets
from datetime import date
from functools import lru_cache
from pathlib import Path

# Letters and digits that nobody mixes up when reading them aloud or from paper: no 0 O, 1 I L, U.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_GROUPS, GROUP_LENGTH = 3, 4  # 30^12 codes: neither guessed nor met twice
_LETTER_OF_BYTE = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNEVEN = bytes(
    range(256 // len(ALPHABET) * len(ALPHABET), 256)
)  # left out, so that all letters are equally likely
UNSAFE = re.compile(r"[^0-9A-Za-zÀ-ỹĐđ._-]+")
LONGEST_NAME = 80
WRITING = ".part"
VERSION = "~"  # before what tells a later version of a file from the first one


def new_short_codes(count: int) -> list[str]:
    """Unguessable codes like 7KQ2-M9XD-4TRA, by which a letter is found and checked."""
    length = CODE_GROUPS * GROUP_LENGTH
    letters = _random_letters(count * length)
    return ["-".join(_groups(letters[at : at + length])) for at in range(0, len(letters), length)]


def _random_letters(count: int) -> str:
    letters = ""
    while len(letters) < count:
        drawn = secrets.token_bytes(2 * count)
        letters += drawn.translate(_LETTER_OF_BYTE, _UNEVEN).decode("ascii")
    return letters[:count]


def _groups(letters: str) -> list[str]:
    return [letters[at : at + GROUP_LENGTH] for at in range(0, len(letters), GROUP_LENGTH)]


def file_name(code: str, dossier_id: int, seq: int) -> str:
    """The dossier's code made safe for every file system; the id keeps equal codes of two sources apart."""
    later = f"_{seq}" if seq > 1 else ""
    return f"{_safe(code)[:LONGEST_NAME]}_{dossier_id}{later}.docx"


def shelf(unit_code: str, received_on: date | None) -> str:
    """The sub-folder of a letter, by unit and month of reception: none of them grows into the ten thousands."""
    return _shelf(unit_code, received_on.year, received_on.month) if received_on else _shelf(unit_code, 0, 0)


@lru_cache(maxsize=8192)
def _shelf(unit_code: str, year: int, month: int) -> str:
    return f"{_safe(unit_code) or 'don-vi'}/{year:04}-{month:02}"


def _safe(text: str) -> str:
    return UNSAFE.sub("-", text).strip(".-")


class LetterFolder:
    """A folder that letters are written into; `recorded` is what the register keeps of a file's place."""

    def __init__(self, root: Path, data_dir: Path) -> None:
        self.root = root.resolve()
        self._data_dir = data_dir.resolve()
        self._made: set[str] = set()
        inside = self.root.is_relative_to(self._data_dir)
        # Relative to the data folder where it can be, so that the whole folder may be moved or restored elsewhere.
        self._recorded = (self.root.relative_to(self._data_dir) if inside else self.root).as_posix()

    def recorded(self, shelf_name: str, name: str) -> str:
        """The place of a file as the register keeps it."""
        return f"{self._recorded}/{shelf_name}/{name}"

    def write(self, shelf_name: str, name: str, body: bytes) -> None:
        """Write a file; one that is there is replaced in one step, so that nobody ever reads half a letter."""
        folder = f"{self.root}/{shelf_name}"
        if shelf_name not in self._made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(shelf_name)
        path = f"{folder}/{name}"
        try:
            # A new file needs no detour: the register knows of it only after all files of the run are written.
            with open(path, "xb", 0) as file:
                file.write(body)
        except FileExistsError:
            replace_file(path, body)


def replace_file(path: str, body: bytes) -> None:
    """Put a new file in the place of an old one."""
    beside = path + WRITING
    with open(beside, "wb", 0) as file:
        file.write(body)
    os.replace(beside, path)


def put_beside(data_dir: Path, recorded: str, mark: str, body: bytes) -> str:
    """Write another version of a recorded file beside it, `mark` in its name; its place as the register keeps it."""
    name = f"{Path(recorded).stem.split(VERSION)[0]}{VERSION}{mark}.docx"
    path = located(data_dir, recorded).with_name(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(str(path), body)
    return Path(recorded).with_name(name).as_posix()


def located(data_dir: Path, recorded: str) -> Path:
    """The file that the register means."""
    return data_dir / recorded
