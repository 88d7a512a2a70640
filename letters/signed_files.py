"""Letters that came back signed: each file is matched to its letter by the short code in it, kept whole, and noted.

A scan without text is matched by its name. What can be read of number and date is proposed, never taken.
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

from letters.moving import Acts, Asker, InSameStep, MoveReport, nothing, take_step
from letters.number_lists import normal_short_code, number_fault, plain_number
from letters.path import Step, step_fault
from letters.register import ALPHABET, located
from letters.signed_reading import TextReader, kind_of
from tracker.store import letter_moves, signed_file_store
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.session import Session, Store
from tracker.text import DASHES, clean, normal_code

MIB = 1024 * 1024
LARGEST = 20 * MIB
PLACE = "letters/signed"
SHORTEST_CODE = 6  # shorter pieces of a file's name are no dossier codes
_GROUP = rf"(?:[{ALPHABET}]\s*){{4}}"
_CODE = re.compile(rf"(?=({_GROUP}-\s*{_GROUP}-\s*(?:[{ALPHABET}]\s*){{3}}[{ALPHABET}]))")
_BARE_CODE = re.compile(rf"(?<![0-9A-Z])[{ALPHABET}]{{12}}(?![0-9A-Z])")
_NUMBER = re.compile(r"Số\s*:\s*([0-9]{1,7}[A-Za-zĐđ]?\s*/\s*[^\s,;:()]{2,50})")
_DAY = re.compile(r",\s*ngày\s+([0-9]{1,2})\s+tháng\s+([0-9]{1,2})\s+năm\s+([0-9]{4})", re.IGNORECASE)
NEAR = 400  # number and date stand in the letter's head, side by side


@dataclass(frozen=True, slots=True)
class Proposal:
    """Number and date as the file seems to say them; a person confirms them."""

    number: str
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file with its letter. `by_name`: matched by its name; `replaced`: the SHA-256 of what was kept before, or ""."""

    name: str
    letter_id: int
    code: str
    short_code: str
    sha256: str
    by_name: bool
    replaced: str
    proposal: Proposal | None


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken, and why, in the user's words."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class SignedReport:
    """What became of the files: taken, known (the same file was kept already), refused."""

    taken: tuple[TakenFile, ...]
    known: tuple[TakenFile, ...]
    refused: tuple[RefusedFile, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was read; `fault` says why it was not."""

    name: str
    body: bytes
    sha256: str
    text: str
    fault: str


def take_signed(
    store: Store,
    data_dir: Path,
    files: Sequence[tuple[str, bytes]],
    asker: Asker,
    in_same_step: InSameStep = nothing,
) -> SignedReport:
    """Keep signed files (name, content) with their letters; one bad file does not stop the rest.

    A file lies below `letters/signed` before the register says so: a killed run leaves at most a file nobody knows of.
    """
    read = _read_all(files)
    with store.read() as session:
        desk = _Desk(session, asker)
        decided = [desk.decide(each) for each in read]
    kept = {
        one.letter_id: (one, _keep(data_dir, one, each.body, asker.today))
        for one, each in zip(decided, read, strict=True)
        if isinstance(one, TakenFile) and not desk.is_known(one)
    }
    report = _note(store, kept, asker, in_same_step)
    late = {each.letter_id: each.why for each in report.refused}
    return SignedReport(
        tuple(one for one, _ in kept.values() if one.letter_id not in late),
        tuple(one for one in decided if isinstance(one, TakenFile) and desk.is_known(one)),
        (
            *(one for one in decided if isinstance(one, RefusedFile)),
            *(
                RefusedFile(one.name, late[one.letter_id])
                for one, _ in kept.values()
                if one.letter_id in late
            ),
        ),
    )


def _note(
    store: Store, kept: Mapping[int, tuple[TakenFile, str]], asker: Asker, in_same_step: InSameStep
) -> MoveReport:
    def decide(session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        if (fault := step_fault(Step.SIGNED_FILE, letter.state)) is not None:
            return fault
        file, recorded = kept[letter.letter_id]
        before = signed_file_store.signed_hashes(session, [letter.letter_id]).get(letter.letter_id, "")
        note = f"sha256 {file.sha256}" + (f"; thay tệp sha256 {before}" if before else "")
        changes = {"signed_file": recorded, "signed_sha256": file.sha256}
        return Move(letter, Step.SIGNED_FILE, changes, note)

    return take_step(store, list(kept), asker, decide, in_same_step=in_same_step)


# ---------------------------------------------------------------- reading


def _read_all(files: Sequence[tuple[str, bytes]]) -> list[_Read]:
    with TextReader() as reader:
        return [_read(reader, PurePath(name.replace("\\", "/")).name, body) for name, body in files]


def _read(reader: TextReader, name: str, body: bytes) -> _Read:
    if len(body) > LARGEST:
        return _Read(name, b"", "", "", f"lớn hơn {LARGEST // MIB} MiB")
    text, fault = reader.read(body) if body else ("", "tệp rỗng")
    return _Read(name, body, hashlib.sha256(body).hexdigest(), text, fault)


def codes_in(text: str) -> tuple[str, ...]:
    """What looks like short codes in a text, also with spaces and line breaks inside; each once."""
    found = (normal_short_code(each) for each in _CODE.findall(text.translate(DASHES).upper()))
    return tuple(dict.fromkeys(code for code in found if code is not None))


def proposal_in(text: str) -> Proposal | None:
    """Number and date of a letter's head; None where no number can be read there."""
    told = clean(text)
    found = _NUMBER.search(told)
    if found is None or number_fault(found[1]) is not None:
        return None
    head = told[max(0, found.start() - NEAR) : found.end() + NEAR]
    day = _DAY.search(head)
    return Proposal(plain_number(found[1]), _date(day) if day else None)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


# ---------------------------------------------------------------- matching


class _Desk:
    """Finds the letters of files, in one snapshot of the register; each letter gets one file a time."""

    def __init__(self, session: Session, asker: Asker) -> None:
        self._session, self._asker = session, asker
        self._files: dict[int, str] = {}
        self._known: set[int] = set()

    def is_known(self, file: TakenFile) -> bool:
        """Was this very file kept before?"""
        return file.letter_id in self._known

    def decide(self, read: _Read) -> TakenFile | RefusedFile:
        """The file with its letter, or why it has none."""
        if read.fault:
            return RefusedFile(read.name, read.fault)
        letter, by_name = self._letter(read)
        if isinstance(letter, str):
            return RefusedFile(read.name, letter)
        if self._asker.unit_ids is not None and letter.unit_id not in self._asker.unit_ids:
            return RefusedFile(read.name, "thư của đơn vị khác")
        if (fault := step_fault(Step.SIGNED_FILE, letter.state)) is not None:
            return RefusedFile(read.name, fault)
        if letter.letter_id in self._files:
            return RefusedFile(
                read.name, f"cùng một thư với tệp {self._files[letter.letter_id]} trong lượt này"
            )
        self._files[letter.letter_id] = read.name
        before = signed_file_store.signed_hashes(self._session, [letter.letter_id]).get(letter.letter_id, "")
        if before == read.sha256:
            self._known.add(letter.letter_id)
        return TakenFile(
            read.name, letter.letter_id, letter.code, letter.short_code, read.sha256, by_name,
            "" if before == read.sha256 else before, proposal_in(read.text),
        )  # fmt: skip

    def _letter(self, read: _Read) -> tuple[MovingLetter | str, bool]:
        codes = codes_in(read.text)
        if codes:
            return self._of_codes(codes, "trong tệp"), False
        stem = PurePath(read.name).stem
        in_name = codes_in(stem) or tuple(
            code for each in _BARE_CODE.findall(stem.upper()) if (code := normal_short_code(each))
        )
        if in_name:
            return self._of_codes(in_name, "ở tên tệp"), True
        if read.text.strip():
            return "trong tệp không có mã tra cứu; đặt tên tệp theo mã tra cứu của thư", False
        return self._of_dossier(stem), True

    def _of_codes(self, codes: Sequence[str], where: str) -> MovingLetter | str:
        found = list(letter_moves.letters_by_short_code(self._session, codes).values())
        if len(found) > 1:
            return f"{where} có mã tra cứu của nhiều thư ({', '.join(each.short_code for each in found[:3])})"
        return found[0] if found else f"mã tra cứu {where} ({codes[0]}) không có trong sổ"

    def _of_dossier(self, stem: str) -> MovingLetter | str:
        """The one letter of the dossier that the name of a scan tells, among those that may take a signed file."""
        pieces = (stem, *re.split(r"[\s_()]+", stem))
        codes = {code for piece in pieces if len(code := normal_code(piece)) >= SHORTEST_CODE}
        ids = signed_file_store.letters_of_dossier_codes(self._session, sorted(codes))
        letters = letter_moves.letters_to_move(self._session, ids, self._asker.unit_ids)
        fitting = [each for each in letters if step_fault(Step.SIGNED_FILE, each.state) is None]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            return "tên tệp hợp với nhiều thư; đặt tên tệp theo mã tra cứu"
        return "bản quét không có chữ và tên tệp không có mã tra cứu hay mã hồ sơ của thư đã duyệt"


# ---------------------------------------------------------------- keeping


def _keep(data_dir: Path, file: TakenFile, body: bytes, day: date) -> str:
    """Write a file whole or not at all, under a name that follows from its content; its place as the register keeps it."""
    recorded = f"{PLACE}/{day:%Y/%m}/{file.short_code}_{file.sha256[:16]}{kind_of(body)}"
    path = located(data_dir, recorded)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    with beside.open("wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())  # it exists nowhere else
    beside.replace(path)
    return recorded
