"""A PDF as measures: its fonts, its pages as arrays of grey, its words with their places. Millimetres from the top left."""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np

from tests.documents.office import bounded, program

DOTS_AN_INCH = 80
MM_A_DOT = 25.4 / DOTS_AN_INCH
MM_A_POINT = 25.4 / 72
INK = 200  # darker than this is ink; the edges of letters are blurred
XHTML = "{http://www.w3.org/1999/xhtml}"


class Word(NamedTuple):
    """A word as it is drawn."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


class Font(NamedTuple):
    """A font of the file, without the six letters that mark a subset."""

    name: str
    is_embedded: bool


class Borders(NamedTuple):
    """The width of the paper around the ink, on each side."""

    top: float
    right: float
    bottom: float
    left: float


@dataclass(frozen=True)
class Page:
    """One page: its size, its words in reading order, and its grey values (0 = black)."""

    width: float
    height: float
    words: tuple[Word, ...]
    grey: np.ndarray

    def borders(self, below: float = 0.0) -> Borders:
        """The blank borders, leaving out what stands in the first `below` millimetres."""
        inked = self.grey < INK
        inked[: round(below / MM_A_DOT)] = False
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        height, width = inked.shape
        edges = (rows[0], width - 1 - columns[-1], height - 1 - rows[-1], columns[0])
        return Borders(*(float(edge) * MM_A_DOT for edge in edges))

    def lines(self, left: float, right: float) -> list[str]:
        """The lines of text that stand between two edges, from top to bottom, however far apart their words are."""
        found: dict[float, list[Word]] = {}
        for word in self.words:
            if left <= word.left < right:
                line = next((top for top in found if abs(top - word.top) < 1), word.top)
                found.setdefault(line, []).append(word)
        return [
            " ".join(word.text for word in sorted(found[top], key=lambda w: w.left)) for top in sorted(found)
        ]


@dataclass(frozen=True)
class Paper:
    """A PDF that was made of a document."""

    pdf: Path

    @cached_property
    def pages(self) -> list[Page]:
        """Its pages."""
        printed = bounded([program("pdftotext"), "-bbox-layout", str(self.pdf), "-"])
        tree = ElementTree.fromstring(printed)
        greys = _greys(bounded([program("pdftoppm"), "-gray", "-r", str(DOTS_AN_INCH), str(self.pdf)]))
        return [_page(page, grey) for page, grey in zip(tree.iter(f"{XHTML}page"), greys, strict=True)]

    @cached_property
    def fonts(self) -> list[Font]:
        """Its fonts."""
        printed = bounded([program("pdffonts"), str(self.pdf)]).decode()
        rows = (re.split(r"\s{2,}", line) for line in printed.splitlines()[2:])
        embedded = (line.split()[-5] == "yes" for line in printed.splitlines()[2:])
        names = (re.sub(r"^[A-Z]{6}\+", "", row[0].split()[0]) for row in rows)
        return [Font(name, flag) for name, flag in zip(names, embedded, strict=True)]

    @property
    def words(self) -> list[Word]:
        """The words of all pages."""
        return [word for page in self.pages for word in page.words]

    def keep(self, folder: Path) -> None:
        """Write its pages as PNG, for people."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(self.pages, 1):
            (folder / f"{self.pdf.stem}-{number}.png").write_bytes(png(page.grey))


def _page(page: ElementTree.Element, grey: np.ndarray) -> Page:
    width, height = (float(page.attrib[side]) * MM_A_POINT for side in ("width", "height"))
    return Page(width, height, tuple(_words(page)), grey)


def _words(page: ElementTree.Element) -> Iterator[Word]:
    for word in page.iter(f"{XHTML}word"):
        box = (float(word.attrib[side]) * MM_A_POINT for side in ("xMin", "yMin", "xMax", "yMax"))
        yield Word(word.text or "", *box)


def _greys(stream: bytes) -> list[np.ndarray]:
    """The pictures of a stream of binary PGM files, one after the other."""
    source, found = io.BytesIO(stream), []
    while source.readline() == b"P5\n":
        width, height = map(int, source.readline().split())
        assert source.readline() == b"255\n"
        found.append(np.frombuffer(source.read(width * height), np.uint8).reshape(height, width).copy())
    return found


def png(grey: np.ndarray) -> bytes:
    """A picture as PNG (8 bits of grey, no filter)."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    height, width = grey.shape
    rows = np.hstack([np.zeros((height, 1), np.uint8), grey]).tobytes()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows, 6)) + chunk(b"IEND", b"")


def difference(one: Paper, other: Paper) -> float:
    """The greatest share of dots, over all pages, that differ visibly; 1 if pages differ in number or size."""
    if [page.grey.shape for page in one.pages] != [page.grey.shape for page in other.pages]:
        return 1.0
    pairs = zip(one.pages, other.pages, strict=True)
    return max(float((np.abs(a.grey.astype(int) - b.grey) > 32).mean()) for a, b in pairs)
