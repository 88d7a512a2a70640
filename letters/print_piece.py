"""A letter that may stand in a print batch: its text as a tree, and what is done to it when others follow. Bytes and XML.

`letters.print_reader` makes pieces, `letters.print_batch` puts them together.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from letters.archive import BODY_PART

RELATIONS_PART = "word/_rels/document.xml.rels"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# One point high: a full page must not become two.
_CARRIER = (
    f'<w:p xmlns:w="{WORD}"><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    "</w:pPr></w:p>"
)
_SHOWN_BY = etree.XPath("//@r:*[. = $id]", namespaces={"r": RELATED})
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_BODY_START = re.compile(rb"<(?:\w+:)?body[^>]*>")


def named(name: str) -> str:
    """A name of WordprocessingML as the tree has it."""
    return f"{{{WORD}}}{name}"


@dataclass(slots=True)
class Piece:
    """A letter that may share a file with its kin; `pictures` are its own, by relation: member and check sum."""

    kin: bytes
    docx: bytes
    pictures: Mapping[str, tuple[str, int]]
    root: Any
    section: Any

    def member(self, name: str) -> bytes:
        """A member of the letter's package."""
        with zipfile.ZipFile(io.BytesIO(self.docx)) as archive:
            return archive.read(name)

    def members(self) -> Iterator[tuple[str, bytes]]:
        """Everything but the text and its relations, by name."""
        with zipfile.ZipFile(io.BytesIO(self.docx)) as archive:
            for name in archive.namelist():
                if name not in (BODY_PART, RELATIONS_PART):
                    yield name, archive.read(name)

    def rename(self, relation: str, new: str) -> None:
        """Let the text show another relation's picture."""
        for found in _SHOWN_BY(self.root, id=relation):
            found.getparent().set(found.attrname, new)

    def number_drawings(self, first: int) -> int:
        """Give each drawing a number of its own in the file; the next one that is free."""
        drawings = list(self.root.iter(_DRAWING))
        for number, drawing in enumerate(drawings, first):
            drawing.set("id", str(number))
        return first + len(drawings)

    def close_section(self) -> None:
        """The letter ends its own section, since another one follows it in the file."""
        body = self.section.getparent()
        body.remove(self.section)
        if len(body) == 0 or body[-1].tag != named("p"):
            body.append(etree.fromstring(_CARRIER))
        shape = body[-1].find(named("pPr"))
        if shape is None:
            shape = etree.Element(named("pPr"))
            body[-1].insert(0, shape)
        # A hidden mark would hide the break as well.
        for hidden in shape.findall(f"{named('rPr')}/{named('vanish')}"):
            hidden.getparent().remove(hidden)
        change = shape.find(named("pPrChange"))
        shape.insert(len(shape) if change is None else shape.index(change), self.section)

    def split(self) -> tuple[bytes, bytes, bytes]:
        """The document up to its first block, its blocks, and what closes it."""
        text: bytes = etree.tostring(self.root, encoding="UTF-8", standalone=True)
        begin = _BODY_START.search(text)
        end = text.rfind(b"</", 0, text.rfind(b"</"))
        if begin is None:
            raise ValueError("no body")
        return text[: begin.end()], text[begin.end() : end], text[end:]
