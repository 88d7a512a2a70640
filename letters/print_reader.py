"""One letter's .docx -> a piece of a print batch, or the reason why it must be printed by itself.

A piece may share a file only with its kin: letters whose packages differ in nothing but the text and its own pictures.
Whatever would be printed differently in company (numbered lists, notes, counts of all pages, a second section) stands alone.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lxml import etree

from letters.archive import BODY_PART
from letters.print_piece import RELATIONS_PART, WORD, Piece, named

_SETTINGS, _STYLES = "word/settings.xml", "word/styles.xml"
# What stands before the restart of page numbers in a section (CT_SectPr, ECMA-376 part 1, 17.6.17).
_BEFORE_TYPE = ("headerReference", "footerReference", "footnotePr", "endnotePr")
_BEFORE_NUMBER = (*_BEFORE_TYPE, "type", "pgSz", "pgMar", "paperSrc", "pgBorders", "lnNumType")
MOST_LOOKS = 4096  # surroundings that are remembered
MOST_BYTES = 64 << 20  # unpacked; a letter of an office has a thousandth
_COUNTING = etree.XPath(
    "//w:numPr|//w:footnoteReference|//w:endnoteReference|//w:altChunk|//w:subDoc|//w:lnNumType",
    namespaces={"w": WORD},
)
_PARAGRAPH_IDS = etree.XPath("//@*[local-name() = 'paraId' or local-name() = 'textId']")
# Fields that say the same in company; a number of pages restarts with each letter's section.
_HARMLESS = re.compile(r'\s*(PAGE|SECTIONPAGES|HYPERLINK\s+"[^"]*"|\\\*\s*\w+)(?![A-Za-z])')
_RSIDS = re.compile(rb"<w:rsids>.*?</w:rsids>", re.DOTALL)

NO_DOCX = "không phải tệp .docx đọc được"
TOO_BIG = "tệp quá lớn"
HAS_MACROS = "tệp có chứa mã lệnh"
IS_SIGNED = "tệp đã ký số: chữ ký chỉ hợp lệ trên chính tệp đó"
LINKS_OUT = "tệp lấy hình hoặc nội dung từ nơi khác"
COUNTS_ON = "có danh sách đánh số, chú thích hoặc nội dung nhúng"
OTHER_FIELD = "có trường tự tính (như tổng số trang) sẽ in sai khi ghép"
SECTIONS = "có nhiều phần trang hoặc không ghi khổ giấy"


@dataclass(frozen=True, slots=True)
class Alone:
    """Why a letter cannot stand in a file with others, in the user's words."""

    reason: str


# What the readers of zip and XML say of a file that is none.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    KeyError,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
)


class _NotMergeable(Exception):
    """The reason, on its way out of the reading of a package."""


@dataclass(frozen=True, slots=True)
class _Surround:
    """All of a package but its text: what its kin shares, and what the text may not use there."""

    key: bytes
    fault: str
    numbered: frozenset[str]  # styles of paragraphs that count
    pictures: Mapping[str, str]  # relation -> member, where only the text shows it


class PackageReader:
    """Opens letters one after the other; what surrounds the text is looked at once for all that share it."""

    def __init__(self) -> None:
        self._seen: dict[tuple[tuple[str, int, int], ...], _Surround] = {}

    def open(self, docx: bytes) -> Piece | Alone:
        """The letter as a piece, or why it is printed by itself."""
        try:
            with zipfile.ZipFile(io.BytesIO(docx)) as archive:
                return self._open(archive, docx)
        except _NotMergeable as told:
            return Alone(str(told))
        except UNREADABLE:
            return Alone(NO_DOCX)

    def _open(self, archive: zipfile.ZipFile, docx: bytes) -> Piece:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise _NotMergeable(TOO_BIG)
        surround = self._surround(archive, entries)
        if surround.fault:
            raise _NotMergeable(surround.fault)
        text = archive.read(BODY_PART)
        root = _parsed(text)
        section = _only_section(root)
        _refuse_what_counts(root, surround.numbered)
        _begin_on_page_one(section)
        _drop_marks(root, b":paraId=" in text)
        shown = "".join(sorted(str(dict(each.attrib)) for each in section if each.tag in _REFERENCES))
        own = set(surround.pictures.values())
        shared = [
            (entry.filename, entry.CRC)
            for entry in entries
            if _is_picture(entry.filename) and entry.filename not in own
        ]
        kin = sha256(b"\0".join((surround.key, repr((shown, shared, _head_of(root))).encode()))).digest()
        pictures = {
            relation: (name, archive.getinfo(name).CRC) for relation, name in surround.pictures.items()
        }
        return Piece(kin, docx, pictures, root, section)

    def _surround(self, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> _Surround:
        """Known by check sums: equal parts need not be unpacked again. Pictures count by their names."""
        sums = tuple(
            (entry.filename, 0, 0)
            if entry.filename == BODY_PART or _is_picture(entry.filename)
            else (entry.filename, entry.CRC, entry.file_size)
            for entry in entries
        )
        if sums not in self._seen and len(self._seen) < MOST_LOOKS:
            self._seen[sums] = _look_around(archive)
        return self._seen.get(sums) or _look_around(archive)


def _is_picture(name: str) -> bool:
    return name.startswith("word/media/")


_REFERENCES = (named("headerReference"), named("footerReference"))


def _parsed(xml: bytes) -> Any:
    """No entities, no files, no network; a document type has no place in a letter."""
    root = etree.fromstring(
        xml, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    )
    if root.getroottree().docinfo.doctype:
        raise _NotMergeable(NO_DOCX)
    return root


def _head_of(root: Any) -> tuple[Any, ...]:
    """What stands above the text and is written once for all letters of a file."""
    before = [etree.tostring(each) for each in root if each.tag != named("body")]
    return sorted(root.nsmap.items(), key=repr), sorted(root.attrib.items()), before


def _only_section(root: Any) -> Any:
    sections = list(root.iter(named("sectPr")))
    if len(sections) != 1 or sections[0].getparent().tag != named("body"):
        raise _NotMergeable(SECTIONS)
    return sections[0]


def _refuse_what_counts(root: Any, numbered: frozenset[str]) -> None:
    if _COUNTING(root):
        raise _NotMergeable(COUNTS_ON)
    if numbered and any(each.get(named("val")) in numbered for each in root.iter(named("pStyle"))):
        raise _NotMergeable(COUNTS_ON)
    if not _fields_are_harmless(root):
        raise _NotMergeable(OTHER_FIELD)


def _fields_are_harmless(root: Any) -> bool:
    simple = (field.get(named("instr")) or "" for field in root.iter(named("fldSimple")))
    # An instruction may be torn over many runs: all of a part are read as one text.
    long = "".join(each.text or "" for each in root.iter(named("instrText")))
    return all(not _HARMLESS.sub("", text).strip() for text in (*simple, long))


def _begin_on_page_one(section: Any) -> None:
    """The section begins on a new page, and with page 1 unless the letter itself says otherwise."""
    kind = section.find(named("type"))
    if kind is None:
        kind = _put(section, "type", _BEFORE_TYPE)
    kind.set(named("val"), "nextPage")
    number = section.find(named("pgNumType"))
    if number is None:
        number = _put(section, "pgNumType", _BEFORE_NUMBER)
    if number.get(named("start")) is None:
        number.set(named("start"), "1")


def _put(section: Any, name: str, after: tuple[str, ...]) -> Any:
    made = etree.Element(named(name))
    before = {named(each) for each in after}
    section.insert(sum(each.tag in before for each in section), made)
    return made


def _drop_marks(root: Any, has_paragraph_ids: bool) -> None:
    """Bookmarks and ids are met once in a document and print nothing."""
    for mark in list(root.iter(named("bookmarkStart"), named("bookmarkEnd"), named("id"))):
        if mark.tail is None or not mark.tail.strip():
            mark.getparent().remove(mark)
    for found in _PARAGRAPH_IDS(root) if has_paragraph_ids else ():
        del found.getparent().attrib[found.attrname]


def _look_around(archive: zipfile.ZipFile) -> _Surround:
    names = archive.namelist()
    related = _parsed(archive.read(RELATIONS_PART))
    pictures = _own_pictures(archive, names, related)
    seen = sha256()
    for name in sorted(names):
        if name == BODY_PART or name.startswith("docProps/") or _is_picture(name):
            continue
        body = archive.read(name)
        # Word notes who typed when in its settings; nothing of it is printed.
        seen.update(name.encode() + b"\0" + (_RSIDS.sub(b"", body) if name == _SETTINGS else body) + b"\0")
    numbered = _numbered_styles(_parsed(archive.read(_STYLES))) if _STYLES in names else frozenset[str]()
    return _Surround(seen.digest(), _fault_around(archive, names, related), numbered, pictures)


def _fault_around(archive: zipfile.ZipFile, names: list[str], related: Any) -> str:
    if any(name.endswith("vbaProject.bin") for name in names):
        return HAS_MACROS
    if any(name.startswith("_xmlsignatures/") for name in names):
        return IS_SIGNED
    outside = (each for each in related if each.get("TargetMode") == "External")
    if any(not (each.get("Type") or "").endswith("/hyperlink") for each in outside):
        return LINKS_OUT
    margins = (name for name in names if re.fullmatch(r"word/(header|footer)\d*\.xml", name))
    if not all(_fields_are_harmless(_parsed(archive.read(name))) for name in margins):
        return OTHER_FIELD
    return ""


def _own_pictures(archive: zipfile.ZipFile, names: list[str], related: Any) -> dict[str, str]:
    """Pictures that the text shows and no header does, by relation."""
    others = [archive.read(name) for name in names if name.endswith(".rels") and name != RELATIONS_PART]
    found = {}
    for each in related:
        target = (each.get("Target") or "").removeprefix("/word/")
        name = f"word/{target}"
        is_own = name in names and not any(target.encode() in other for other in others)
        if (each.get("Type") or "").endswith("/image") and is_own:
            found[each.get("Id") or ""] = name
    return found


def _numbered_styles(styles: Any) -> frozenset[str]:
    """Styles that number their paragraphs, with those that rest on them."""
    parents = {}
    counting = set()
    for style in styles.iter(named("style")):
        key = style.get(named("styleId")) or ""
        base = style.find(named("basedOn"))
        parents[key] = "" if base is None else base.get(named("val"))
        if next(style.iter(named("numPr")), None) is not None:
            counting.add(key)
    for _ in parents:
        counting |= {key for key, parent in parents.items() if parent in counting}
    return frozenset(counting)
