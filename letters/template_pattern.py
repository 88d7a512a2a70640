"""One part of a template as a pattern: fixed bytes, and between them the paragraphs that are filled from letter to letter.

A paragraph whose value is missing is not printed; one that must be there, as the last of a table's cell, is left empty.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from letters.content import UNPRINTABLE
from letters.template_markup import named
from letters.template_paragraphs import Mention, join_runs, mentions
from letters.template_text import TemplateValues

_PARAGRAPH, _RUNS, _END = "letter-paragraph", "letter-runs", "letter-end"
_PASSAGE = re.compile(
    rb"<\?letter-paragraph (.)\?>(.*?)<\?letter-runs ?\?>(.*?)<\?letter-end ?\?>", re.DOTALL
)
_NAME = re.compile(rb"\{\{([a-z0-9_]+)\}\}")
_HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BLOCK, _TEXT, _KEPT_BLOCK, _KEPT_TEXT = b"b", b"t", b"B", b"T"
_LINE_ENDS = re.compile(r"[\t\n\r]+")
_IDENTITIES = [
    f"{{http://schemas.microsoft.com/office/word/2010/wordml}}{name}" for name in ("paraId", "textId")
]


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph: bytes around the placeholders `names`; `empty` stands for it where one of them has no value."""

    pieces: tuple[bytes, ...]
    names: tuple[str, ...]
    is_block: bool
    empty: bytes

    def filled(self, values: TemplateValues) -> bytes:
        """The paragraph with its values; a block once for each line."""
        lines = [values[name] for name in self.names]
        if not all(lines):
            return self.empty
        if self.is_block:
            first, last = self.pieces
            return b"".join(first + _escaped(line) + last for line in lines[0])
        texts = (_escaped(line[0]) for line in lines)
        return self.pieces[0] + b"".join(
            text + piece for text, piece in zip(texts, self.pieces[1:], strict=True)
        )


@dataclass(frozen=True, slots=True)
class Pattern:
    """A part: fixed bytes, a passage, fixed bytes, a passage, ..., fixed bytes."""

    fixed: tuple[bytes, ...]
    passages: tuple[Passage, ...]

    def filled(self, values: TemplateValues) -> bytes:
        """The whole part."""
        return b"".join(self.pieces(values))

    def pieces(self, values: TemplateValues) -> Iterator[bytes]:
        """Fixed and filled bytes in turn."""
        yield self.fixed[0]
        for passage, fixed in zip(self.passages, self.fixed[1:], strict=True):
            yield passage.filled(values)
            yield fixed


def pattern_of(tree: Any) -> Pattern:
    """The pattern of a part without faults; the tree is changed on the way."""
    for mark in list(tree.iter(named("bookmarkStart"), named("bookmarkEnd"))):
        mark.getparent().remove(mark)  # a bookmark in a paragraph that is repeated would be there twice
    for mention in list(mentions(tree)):
        join_runs(mention.element)
        _mark(mention)
    pieces = _PASSAGE.split(_HEAD + etree.tostring(tree, encoding="UTF-8", xml_declaration=False))
    passages = map(_passage, pieces[1::4], pieces[2::4], pieces[3::4])
    return Pattern(tuple(pieces[::4]), tuple(passages))


def _mark(mention: Mention) -> None:
    """Processing instructions before, inside and behind a paragraph: templates have none of their own."""
    paragraph, is_block = mention.element, mention.is_block
    kinds = (_KEPT_BLOCK, _BLOCK) if is_block else (_KEPT_TEXT, _TEXT)
    kind = kinds[0] if _must_stay(paragraph) else kinds[1]
    for identity in _IDENTITIES if is_block else ():
        paragraph.attrib.pop(identity, None)
    has_properties = len(paragraph) > 0 and paragraph[0].tag == named("pPr")
    paragraph.insert(int(has_properties), etree.ProcessingInstruction(_RUNS))
    paragraph.addprevious(etree.ProcessingInstruction(_PARAGRAPH, kind.decode()))
    paragraph.addnext(etree.ProcessingInstruction(_END))


def _must_stay(paragraph: Any) -> bool:
    """A cell ends with a paragraph, one keeps two tables apart, and one may carry the measures of a section."""
    kinds = (named("p"), named("tbl"), named("sdt"))
    after = next((each.tag for each in paragraph.itersiblings() if each.tag in kinds), "")
    before = next((each.tag for each in paragraph.itersiblings(preceding=True) if each.tag in kinds), "")
    is_between = before == after == named("tbl")
    has_section = paragraph.find(f"{named('pPr')}/{named('sectPr')}") is not None
    return not after or is_between or has_section


def _passage(kind: bytes, start: bytes, runs: bytes) -> Passage:
    pieces = _NAME.split(start + runs)
    stays = kind in (_KEPT_BLOCK, _KEPT_TEXT)
    return Passage(
        pieces=tuple(pieces[::2]),
        names=tuple(name.decode() for name in pieces[1::2]),
        is_block=kind in (_BLOCK, _KEPT_BLOCK),
        empty=start + runs[runs.rindex(b"</") :] if stays else b"",
    )


def _escaped(text: str) -> bytes:
    if not text.isprintable():
        text = _LINE_ENDS.sub(" ", UNPRINTABLE.sub("", text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()
