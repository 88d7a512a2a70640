"""The paragraphs of a template that hold placeholders: found, judged, and each placeholder brought into one run.

Word cuts `{{ma_ho_so}}` into several runs as it is typed; the first run's look counts. Only plain text directly in a
paragraph is filled in: what stands in a text box, a link, a field or a footnote is a fault, never left as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from letters.template_markup import named
from letters.template_text import BY_NAME, nearest

PLACEHOLDER = re.compile(r"\{\{\s*([a-z][a-z0-9_]*)\s*\}\}")
_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_WORDS = re.compile(r"[\w\s-]+")  # a name spelt wrongly, and no code
_CODE = re.compile(r"\{%|%\}|\{#|#\}")
_FILLED = (named("document"), named("hdr"), named("ftr"))
_FRAMES = {"txbxContent", "AlternateContent", "drawing", "pict"}
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n"}
_SILENT = {
    "pPr",
    "rPr",
    "proofErr",
    "bookmarkStart",
    "bookmarkEnd",
    "permStart",
    "permEnd",
    "lastRenderedPageBreak",
}
MAX_NAMES = 50  # in one paragraph
_OTHER = "\ufffc"  # a picture, a field: breaks a placeholder apart
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(frozen=True, slots=True)
class Mention:
    """A paragraph that holds placeholders, by name in their order; `element` is in the tree it was found in."""

    element: Any
    names: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def is_block(self) -> bool:
        """Is it repeated for each line of its one placeholder?"""
        return any(name in BY_NAME and BY_NAME[name].is_block for name in self.names)


@dataclass(slots=True)
class _Span:
    """A stretch of a paragraph's text; `node`: the w:t that it is the text of, None where text cannot be put."""

    node: Any | None
    text: str


def mentions(tree: Any) -> Iterator[Mention]:
    """Every paragraph of a part in which a placeholder or something like one stands."""
    for paragraph in tree.iter(named("p")):
        spans = list(_spans(paragraph))
        text = "".join(span.text for span in spans)
        if text.count("{{") > MAX_NAMES:
            yield Mention(paragraph, (), (f"Một đoạn có hơn {MAX_NAMES} chỗ thay chữ.",))
        elif "{{" in text or "}}" in text or _CODE.search(text):
            found = tuple(match[1] for match in PLACEHOLDER.finditer(text))
            yield Mention(paragraph, found, tuple(_faults(tree, paragraph, spans, text)))


def faults_of_strays(name: str, tree: Any) -> Iterator[str]:
    """Braces where no text is put: a value in an attribute could end it and begin another one."""
    for element in tree.iter(etree.Element):
        inside = "" if element.tag == named("t") else element.text or ""
        if any("{{" in text for text in (inside, element.tail or "", *element.attrib.values())):
            yield f"{name}: có “{{{{” ở chỗ không in chữ vào được (thuộc tính, tên, công thức)."


def _spans(paragraph: Any) -> Iterator[_Span]:
    """The text in order; what stands in a text box is a paragraph of its own."""
    for child in paragraph:
        tag = _tag(child)
        if tag == "r":
            yield from _spans_of_run(child)
        elif tag not in _SILENT:
            yield _Span(None, "".join(_text(child)) or _OTHER)


def _spans_of_run(run: Any) -> Iterator[_Span]:
    for part in run:
        tag = _tag(part)
        if tag == "t":
            yield _Span(part, part.text or "")
        elif tag not in _SILENT:
            yield _Span(None, "".join(_text(part)) or _BREAKS.get(tag, _OTHER))


def _text(element: Any) -> Iterator[str]:
    if _tag(element) == "t":
        yield element.text or ""
    for child in element:
        if _tag(child) != "p":
            yield from _text(child)


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


# ---------------------------------------------------------------- faults


def _faults(tree: Any, paragraph: Any, spans: list[_Span], text: str) -> Iterator[str]:
    shown = " ".join(text.replace(_OTHER, " ").split())[:80]
    if _CODE.search(text):
        yield f"Đoạn “{shown}” có mã lệnh; mẫu chỉ được có tên trong hai ngoặc, như {{{{ma_ho_so}}}}."
    if tree.tag not in _FILLED:
        yield f"“{shown}” nằm trong chú thích cuối trang hoặc phần không in chữ vào được."
    elif any(_tag(above) in _FRAMES for above in paragraph.iterancestors()):
        yield f"“{shown}” nằm trong ô chữ (text box) hoặc hình; hãy đưa ra đoạn văn thường."
    yield from _faults_of_braces(PLACEHOLDER.sub("", text), shown)
    for match in PLACEHOLDER.finditer(text):
        yield from _faults_of_name(match[1])
        if not all(span.node is not None for span in _touched(spans, *match.span())):
            yield f"{{{{{match[1]}}}}} nằm trong liên kết, trường hoặc ô nhập; hãy gõ lại thành chữ thường."
        placeholder = BY_NAME.get(match[1])
        if placeholder and placeholder.is_block and text.strip() != match[0]:
            yield f"{{{{{match[1]}}}}} có nhiều dòng nên phải đứng một mình trong một đoạn; đoạn này là “{shown}”."


def _faults_of_braces(text: str, shown: str) -> Iterator[str]:
    """What is left when every plain name is taken out."""
    for match in _BRACES.finditer(text):
        if _WORDS.fullmatch(match[1]):
            yield from _faults_of_name(match[1].strip())
        else:
            yield f"“{match[0][:60]}” không phải một tên; mẫu không chạy mã lệnh, chỉ thay tên bằng chữ."
    rest = _BRACES.sub("", text)
    if "{{" in rest or "}}" in rest:
        yield f"Ngoặc “{{{{” và “}}}}” không thành cặp trong cùng một đoạn: “{shown}”."


def _faults_of_name(name: str) -> Iterator[str]:
    if name not in BY_NAME:
        near = nearest(name)
        hint = f"; có phải {{{{{near}}}}}?" if near else ""
        yield f"Không có tên {{{{{name[:60]}}}}}{hint or ' trong bảng tên.'}"


def _touched(spans: list[_Span], start: int, end: int) -> list[_Span]:
    touched, at = [], 0
    for span in spans:
        if at < end and at + len(span.text) > start:
            touched.append(span)
        at += len(span.text)
    return touched


# ---------------------------------------------------------------- into one run


def join_runs(paragraph: Any) -> None:
    """Put each placeholder into the run in which it begins, and take away runs that are left without anything."""
    spans = list(_spans(paragraph))
    text = "".join(span.text for span in spans)
    for match in reversed(list(PLACEHOLDER.finditer(text))):
        _put(spans, *match.span(), f"{{{{{match[1]}}}}}")
    for span in spans:
        if span.node is None:
            continue
        span.node.text = span.text
        span.node.set(_SPACE, "preserve")
        run = span.node.getparent()
        if not span.text:
            run.remove(span.node)
        if all(_tag(part) in _SILENT for part in run):
            paragraph.remove(run)


def _put(spans: list[_Span], start: int, end: int, name: str) -> None:
    """Replace a stretch, which may begin in one span and end in another, by a name in the first."""
    at, new = 0, name
    for span in spans:
        length = len(span.text)
        low, high = max(start - at, 0), min(end - at, length)
        if low < high:
            span.text = span.text[:low] + new + span.text[high:]
            new = ""
        at += length
