"""The parts of an .xlsx file: which sheets, where, with what strings and date formats. Reads no cells.

Sizes are checked before anything is unpacked; XML is read without document types, so without entities of its own.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath
from typing import IO, cast
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from tracker.errors import UnusableFile
from tracker.ingest.readers.bounds import MIB
from tracker.ingest.readers.cell_text import BUILT_IN_DATES, is_date_format
from tracker.ingest.readers.inflating import Garbled, Inflated, is_plainly_deflated
from tracker.ingest.readers.letters import fonts_named
from tracker.text import storable

MAX_PARTS = 10_000
# Lists of sheets, relations and formats: far smaller in any real file.
MAX_SMALL_PART = 16 * MIB
BLOCK = 256 * 1024
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
OTHER_FILES = {
    "ppt/presentation.xml": "là tệp PowerPoint (.pptx), không phải bảng tính",
}
Attributes = dict[str, str]
DAMAGED = (
    BadZipFile, zlib.error, Garbled, EOFError, NotImplementedError, RuntimeError, OSError, expat.ExpatError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet by its name and the part that holds it."""

    name: str
    part: str


class Package:
    """An open .xlsx file."""

    def __init__(self, path: Path, archive: ZipFile) -> None:
        self.path = path
        self._archive = archive
        self._parts = {_part_name(info.filename): info for info in archive.infolist()}

    def has(self, part: str) -> bool:
        """Is there such a part?"""
        return part.lower() in self._parts

    def open(self, part: str) -> IO[bytes]:
        """One part as a stream of bytes."""
        info = self._parts[part.lower()]
        if is_plainly_deflated(info):
            return cast(IO[bytes], Inflated(self.path, info))
        return self._archive.open(info)

    def workbook(self) -> "Workbook":
        """What the workbook part and its relations say.

        Raises:
            UnusableFile: damaged, or no workbook in it.
        """
        with named_faults(self.path, "sổ tính"):
            root = self._related("_rels/.rels", "").get("officeDocument", ["xl/workbook.xml"])[0]
            if not self.has(root) or not root.startswith("xl/"):
                raise UnusableFile(str(self.path), self._what_it_is())
            folder = root.rpartition("/")[0]
            relations = join(folder, "_rels", root.rpartition("/")[2] + ".rels")
            related = self._related(relations, folder)
            by_id = self._relation_ids(relations, folder)
            sheets: list[SheetPart] = []
            is_1904 = False
            for name, given in self._elements(root):
                if name == "workbookPr":
                    is_1904 = given.get("date1904", "0") in ("1", "true", "on")
                elif name == "sheet":
                    key = next((value for key, value in given.items() if key.endswith(":id")), "")
                    part = by_id.get(key, "")
                    # Chart and macro sheets have no rows.
                    if self.has(part) and "worksheet" in part.lower():
                        sheets.append(SheetPart(given.get("name", ""), part))
            strings = related.get("sharedStrings", [""])[0]
            styles = related.get("styles", [""])[0]
            dates, fonts = self._styles(styles) if self.has(styles) else (frozenset[int](), frozenset[str]())
            return Workbook(tuple(sheets), is_1904, strings if self.has(strings) else "", dates, fonts)

    def _what_it_is(self) -> str:
        for part, sentence in OTHER_FILES.items():
            if self.has(part):
                return sentence
        return "là tệp nén ZIP, bên trong không có bảng tính"

    def _related(self, part: str, folder: str) -> dict[str, list[str]]:
        """Parts by the last word of the relation's type."""
        found: dict[str, list[str]] = {}
        if self.has(part):
            for name, given in self._elements(part):
                if name == "Relationship" and given.get("TargetMode") != "External":
                    kind = given.get("Type", "").rpartition("/")[2]
                    found.setdefault(kind, []).append(_target(folder, given.get("Target", "")))
        return found

    def _relation_ids(self, part: str, folder: str) -> dict[str, str]:
        if not self.has(part):
            return {}
        return {
            given.get("Id", ""): _target(folder, given.get("Target", ""))
            for name, given in self._elements(part)
            if name == "Relationship" and given.get("TargetMode") != "External"
        }

    def _styles(self, part: str) -> tuple[frozenset[int], frozenset[str]]:
        """Numbers of the cell styles that show dates, and which old fonts are named."""
        formats: dict[int, bool] = dict.fromkeys(BUILT_IN_DATES, True)
        styles: list[int] = []
        fonts: list[str] = []
        inside = False
        for name, given in self._elements(part):
            if name == "numFmt":
                formats[int(given.get("numFmtId", 0))] = is_date_format(given.get("formatCode", ""))
            elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
                inside = name == "cellXfs"
            elif name == "xf" and inside:
                styles.append(int(given.get("numFmtId", 0)))
            elif name == "name":
                fonts.append(given.get("val", ""))
        dates = frozenset(number for number, style in enumerate(styles) if formats.get(style, False))
        return dates, fonts_named(" ".join(fonts).encode())

    def _elements(self, part: str) -> list[tuple[str, Attributes]]:
        """The elements of a small part with their attributes, in order."""
        info = self._parts[part.lower()]
        if info.file_size > MAX_SMALL_PART:
            raise UnusableFile(str(self.path), f"phần {part} trong tệp lớn bất thường")
        found: list[tuple[str, Attributes]] = []
        parser = plain_parser(lambda name, given: found.append((name, given)))
        parser.Parse(self._archive.read(info), True)
        return found


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a workbook and what is needed to read their cells."""

    sheets: tuple[SheetPart, ...]
    is_1904: bool
    strings: str
    date_styles: frozenset[int]
    fonts: frozenset[str]  # keys of old fonts (`letters`)


@contextmanager
def open_package(path: Path, *, max_mib: int) -> Iterator[Package]:
    """The package of an .xlsx file.

    Raises:
        UnusableFile: no archive, too many or too large parts, encrypted.
    """
    try:
        archive = ZipFile(path)
    except DAMAGED as error:
        raise UnusableFile(
            str(path), "tệp hỏng: không mở được như tệp Excel (.xlsx), cũng không phải là CSV"
        ) from error
    with archive:
        _check_size(path, archive.infolist(), max_mib)
        yield Package(path, archive)


def _check_size(path: Path, parts: list[ZipInfo], max_mib: int) -> None:
    if len(parts) > MAX_PARTS:
        raise UnusableFile(str(path), f"tệp nén có {len(parts)} phần, nhiều bất thường")
    size = sum(info.file_size for info in parts)
    if size > max_mib * MIB:
        raise UnusableFile(
            str(path),
            f"khi giải nén lớn {size // MIB} MiB, quá {max_mib} MiB, mức cho phép trong cấu hình",
        )


def plain_parser(on_start: Callable[[str, Attributes], None]) -> expat.XMLParserType:
    """An XML parser that calls back with local names and refuses document types."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, given: on_start(name.rpartition(":")[2], given)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise BadZipFile("document type in a spreadsheet")


def unescaped(text: str) -> str:
    """Spreadsheets write characters that XML cannot hold as `_x000D_`."""
    if "_x" not in text:
        return text
    return storable(ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


@contextmanager
def named_faults(path: Path, place: str) -> Iterator[None]:
    """Whatever breaks in a damaged file is told with the file and the place in it."""
    try:
        yield
    except UnusableFile:
        raise
    except (*DAMAGED, UnicodeDecodeError, ValueError, IndexError, KeyError) as error:
        raise UnusableFile(str(path), f"{place}: tệp Excel hỏng, không đọc tiếp được") from error


def pieces(stream: IO[bytes], end: bytes, limit: int) -> Iterator[str]:
    """The text of a part in pieces that end with an end tag; the last is what remains.

    Raises:
        ValueError: longer than `limit` without that tag, or not UTF-8.
    """
    rest = b""
    while block := stream.read(BLOCK):
        block = rest + block
        cut = block.rfind(end)
        if cut < 0:
            if len(block) > limit:
                raise ValueError(end)
            rest = block
            continue
        cut += len(end)
        rest = block[cut:]
        yield block[:cut].decode("utf-8-sig")
    yield rest.decode("utf-8-sig")


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _target(folder: str, target: str) -> str:
    return normpath(target.lstrip("/") if target.startswith("/") else join(folder, target))
