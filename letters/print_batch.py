"""Letters -> files for the printer: many letters in one .docx, each on a new page that is its page one.

One file per unit, in the order in which the letters come; what cannot share a file becomes one of its own.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from letters.archive import BODY_PART
from letters.print_piece import RELATIONS_PART, Piece
from letters.print_reader import Alone, PackageReader

MOST_LETTERS = 500  # a file that an office program still opens without a wait
NOBODY_LIKE_IT = "kiểu trình bày khác các thư kia"
LEVEL = 1  # the blocks of letters are so alike that more would only cost time
_IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_RELATIONS_END = b"</Relationships>"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A letter that is not in the batch: its place among those given (from 0), and why it is printed by itself."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class Merged:
    """One file of many letters; `docx` is b"" where no letter could be taken."""

    docx: bytes
    count: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class PrintLetter:
    """A letter to be printed: its number in the register, its unit (folder or code), its file."""

    letter_id: int
    unit: str
    docx: bytes


@dataclass(frozen=True, slots=True)
class PrintFile:
    """A file for the printer; `part` counts the files of a unit from 1, `alone` says why a letter has its own, or ""."""

    unit: str
    part: int
    docx: bytes
    letter_ids: tuple[int, ...]
    alone: str = ""


def merge_letters(letters: Iterable[bytes]) -> Merged:
    """One .docx of all letters that look like the first of them, in order."""
    reader, batch = PackageReader(), None
    left_out = []
    for place, docx in enumerate(letters):
        piece = reader.open(docx)
        if isinstance(piece, Alone):
            left_out.append(LeftOut(place, piece.reason))
            continue
        batch = batch or _Batch(piece)
        if piece.kin == batch.kin:
            batch.add(piece)
        else:
            left_out.append(LeftOut(place, NOBODY_LIKE_IT))
    return Merged(batch.finish() if batch else b"", batch.count if batch else 0, tuple(left_out))


def batches_by_unit(letters: Iterable[PrintLetter], most: int = MOST_LETTERS) -> Iterator[PrintFile]:
    """The files of each unit, as soon as they are whole; letters come ordered by unit, number, date and code.

    Of a unit whose letters look differently (another template) each look has its files; in each the order is kept.
    """
    reader = PackageReader()
    desk = _Desk("", most)
    parts: dict[str, int] = {}
    for letter in letters:
        if letter.unit != desk.unit:
            yield from desk.clear(parts)
            desk = _Desk(letter.unit, most)
        yield from desk.put(letter, reader.open(letter.docx), parts)
    yield from desk.clear(parts)


class _Desk:
    """The files of one unit that are being filled, one for each look."""

    def __init__(self, unit: str, most: int) -> None:
        self.unit = unit
        self._most = most
        self._open: dict[bytes, tuple[_Batch, list[int]]] = {}

    def put(self, letter: PrintLetter, piece: Piece | Alone, parts: dict[str, int]) -> Iterator[PrintFile]:
        """Lay a letter on its pile; what is full now."""
        if isinstance(piece, Alone):
            yield self._file(parts, letter.docx, [letter.letter_id], piece.reason)
            return
        if piece.kin not in self._open:
            self._open[piece.kin] = (_Batch(piece), [])
        batch, ids = self._open[piece.kin]
        batch.add(piece)
        ids.append(letter.letter_id)
        if batch.count == self._most:
            del self._open[piece.kin]
            yield self._file(parts, batch.finish(), ids)

    def clear(self, parts: dict[str, int]) -> Iterator[PrintFile]:
        """What is left."""
        for batch, ids in self._open.values():
            yield self._file(parts, batch.finish(), ids)

    def _file(self, parts: dict[str, int], docx: bytes, ids: list[int], alone: str = "") -> PrintFile:
        parts[self.unit] = parts.get(self.unit, 0) + 1
        return PrintFile(self.unit, parts[self.unit], docx, tuple(ids), alone)


class _Batch:
    """A file that grows letter by letter; only what is packed, pictures and one letter are held."""

    def __init__(self, first: Piece) -> None:
        self.kin, self.count = first.kin, 0
        self._first = first
        self._waiting: Piece | None = None
        self._end = b""
        self._next_drawing = 1
        self._pictures: list[tuple[str, str, bytes]] = []  # relation, member, body
        self._packed = io.BytesIO()
        self._archive = zipfile.ZipFile(self._packed, "w")
        self._text = self._archive.open(_entry(BODY_PART), "w")

    def add(self, piece: Piece) -> None:
        """One more letter; it waits until it is known whether another one follows."""
        if self._waiting is not None:
            self._waiting.close_section()
            self._write(self._waiting)
        self.count += 1
        self._take_pictures(piece)
        self._next_drawing = piece.number_drawings(self._next_drawing)
        self._waiting = piece

    def finish(self) -> bytes:
        """The whole file."""
        if self._waiting is not None:
            self._write(self._waiting)
        self._text.write(self._end)
        self._text.close()
        for name, body in self._first.members():
            self._archive.writestr(_entry(name), body, compresslevel=LEVEL)
        added = b""
        for relation, name, body in self._pictures:
            self._archive.writestr(_entry(name), body, compresslevel=LEVEL)
            target = name.removeprefix("word/")
            added += f'<Relationship Id="{relation}" Type="{_IMAGE}" Target="{target}"/>'.encode()
        relations = self._first.member(RELATIONS_PART).replace(_RELATIONS_END, added + _RELATIONS_END)
        self._archive.writestr(_entry(RELATIONS_PART), relations)
        self._archive.close()
        return self._packed.getvalue()

    def _write(self, piece: Piece) -> None:
        head, blocks, self._end = piece.split()
        if piece is self._first:
            self._text.write(head)
        self._text.write(blocks)

    def _take_pictures(self, piece: Piece) -> None:
        """A picture that differs from the first letter's gets a name and a relation of its own."""
        for relation, (name, check) in piece.pictures.items():
            if self._first.pictures[relation][1] != check:
                own = f"{relation}-{self.count}"
                folder, _, file = name.rpartition("/")
                self._pictures.append((own, f"{folder}/{self.count}-{file}", piece.member(name)))
                piece.rename(relation, own)


def _entry(name: str) -> zipfile.ZipInfo:
    """The earliest date that the format knows: the same letters give the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = LEVEL  # type: ignore[attr-defined]
    return entry
