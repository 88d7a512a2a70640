"""Templates for the tests: the shipped one, made anew with other members, other markup or other text."""

import io
import zipfile
from collections.abc import Callable, Mapping

from letters.archive import BODY_PART, members_of
from letters.obligations import LetterKind
from letters.template_default import default_template
from tests.letter_samples import FORMS

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES, RELATIONS = "[Content_Types].xml", "word/_rels/document.xml.rels"
SHIPPED = default_template(FORMS.editions[0], LetterKind.OVERDUE)

Change = Callable[[dict[str, bytes]], None]


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A package of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return packed.getvalue()


def changed(change: Change) -> bytes:
    """The shipped template after a change to its members."""
    members = members_of(SHIPPED)
    change(members)
    return zipped(members)


def with_member(name: str, body: bytes) -> bytes:
    """The shipped template with one member more, or another one in its place."""
    return changed(lambda members: members.update({name: body}))


def replaced(part: str, old: str, new: str) -> bytes:
    """The shipped template with another text in a part, which must hold the old one."""

    def change(members: dict[str, bytes]) -> None:
        assert old in members[part].decode()
        members[part] = members[part].decode().replace(old, new, 1).encode()

    return changed(change)


def with_markup(markup: str) -> bytes:
    """The shipped template with markup before its last paragraph's end of the body."""
    return replaced(BODY_PART, "<w:sectPr", f"{markup}<w:sectPr")


def with_text(text: str) -> bytes:
    """The shipped template with one paragraph more."""
    return with_markup(paragraph(text))


def with_relation(kind: str, target: str, mode: str = "External") -> bytes:
    """The shipped template with one relation more."""
    relation = f'<Relationship Id="rId99" Type="{RELATED}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return replaced(RELATIONS, "</Relationships>", f"{relation}</Relationships>")


def paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f"<w:p>{run(text)}</w:p>"


def run(text: str, look: str = "") -> str:
    """A run."""
    return f'<w:r>{look and f"<w:rPr>{look}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def own(*paragraphs: str) -> bytes:
    """A template with nothing but these paragraphs (markup) and a section of the shipped one."""

    def change(members: dict[str, bytes]) -> None:
        before, _, after = members[BODY_PART].decode().partition("<w:body>")
        section = after[after.index("<w:sectPr") :]
        members[BODY_PART] = f"{before}<w:body>{''.join(paragraphs)}{section}".encode()

    return changed(change)
