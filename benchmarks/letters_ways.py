"""The ways to make a letter that are timed beside each other; all begin with the same content (one with its facts).

A way is prepared with the letters it will make, and then gives the bytes of one after the other.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, TypeVar

from letters.content import LetterContent, LetterFacts
from letters.forms import load_forms
from letters.issuer import LetterHead


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that was drafted once: where it lies, what it rests on and what it says."""

    shelf: str
    name: str
    facts: LetterFacts
    form: str
    content: LetterContent

    @property
    def place(self) -> str:
        """The file below the folder of the letters."""
        return f"{self.shelf}/{self.name}"


Make = Callable[[Ready], bytes]
Part = TypeVar("Part", LetterContent, LetterHead)


def floor(sample: Iterable[Ready]) -> Make:
    """The bytes lie ready."""
    from letters.compiled import render

    bodies = {ready.place: render(ready.content) for ready in sample}
    return lambda ready: bodies[ready.place]


def compiled(sample: Iterable[Ready]) -> Make:
    """Ours, as in bulk work; the shapes are prepared on the way, as there."""
    from letters.compiled import render

    return lambda ready: render(ready.content)


def compiled_from_facts(sample: Iterable[Ready]) -> Make:
    """Ours, the wording included."""
    from letters.compiled import render
    from letters.content import Lacking, write

    forms = load_forms()

    def make(ready: Ready) -> bytes:
        content = write(ready.facts, forms, forms.by_key(ready.form))
        if isinstance(content, Lacking):
            raise ValueError(f"{ready.place} lacks {content.missing}")
        return render(content)

    return make


def python_docx(sample: Iterable[Ready]) -> Make:
    """Ours without the compiled pieces: python-docx, block by block, on the slim package."""
    from letters.render import build

    return lambda ready: build(ready.content)


def docxtpl(sample: Iterable[Ready]) -> Make:
    """docxtpl with a template for each agency and form, made from our letter and ready in memory."""
    return _by_template(sample, slim=True)


def docxtpl_word(sample: Iterable[Ready]) -> Make:
    """The same with the styles that a template saved by a word processor carries."""
    return _by_template(sample, slim=False)


WAYS: dict[str, Callable[[Iterable[Ready]], Make]] = {
    "floor": floor,
    "compiled": compiled,
    "compiled from facts": compiled_from_facts,
    "python-docx": python_docx,
    "docxtpl": docxtpl,
    "docxtpl, usual styles": docxtpl_word,
}


# ---------------------------------------------------------------- templates


def texts_by_name(part: LetterContent | LetterHead) -> dict[str, str]:
    """The texts of a letter that are not empty, each under a name that a template can use."""
    texts: dict[str, str] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, LetterHead):
            texts |= texts_by_name(value)
        elif isinstance(value, tuple):
            texts |= {f"{each.name}_{number}": text for number, text in enumerate(value)}
        elif isinstance(value, str) and value:
            texts[each.name] = value
    return texts


def _with_placeholders(part: Part) -> Part:
    """The same letter with the name of each text in its place; the indents of its rules stay."""
    marked: dict[str, Any] = {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, LetterHead):
            marked[each.name] = _with_placeholders(value)
        elif isinstance(value, tuple):
            marked[each.name] = tuple(f"{{{{ {each.name}_{number} }}}}" for number in range(len(value)))
        elif isinstance(value, str) and value:
            marked[each.name] = f"{{{{ {each.name} }}}}"
    return replace(part, **marked)


def _by_template(sample: Iterable[Ready], *, slim: bool) -> Make:
    from docxtpl import DocxTemplate

    from letters.render import saved

    @cache
    def template(marked: LetterContent) -> bytes:
        package = saved(marked)
        return package if slim else _with_usual_styles(package)

    for ready in sample:
        template(_with_placeholders(ready.content))

    def make(ready: Ready) -> bytes:
        # Opened for each letter: docxtpl does so itself when one template is filled in again.
        filled = DocxTemplate(io.BytesIO(template(_with_placeholders(ready.content))))
        filled.render(texts_by_name(ready.content), autoescape=True)
        document = io.BytesIO()
        filled.save(document)
        return document.getvalue()

    return make


def _with_usual_styles(package: bytes) -> bytes:
    """The package with the style sheet of python-docx's own template, which was saved by a word processor."""
    import zipfile

    from docx import Document

    from letters.archive import members_of

    members: Mapping[str, bytes] = members_of(package)
    styles = Document().part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, styles.blob if name == "word/styles.xml" else body)
    return packed.getvalue()
