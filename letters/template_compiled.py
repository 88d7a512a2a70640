"""An office's template, ready to be filled thousands of times: text into prepared bytes, no document is opened.

Members without placeholders keep their bytes. The same template and values give the same bytes.
"""

from collections.abc import Collection
from dataclasses import dataclass

from letters.archive import BEST, Package, Segment, deflated
from letters.obligations import LetterKind
from letters.template_check import checked
from letters.template_pattern import Pattern
from letters.template_text import ALL, TemplateValues
from tracker.errors import WorkFailed

PREPARED_FROM = 4096  # shorter fixed bytes are deflated along with what surrounds them


@dataclass(frozen=True, slots=True)
class _Part:
    """A changing member; of its fixed bytes the long ones are deflated once."""

    pattern: Pattern
    prepared: tuple[Segment | None, ...]

    def segments(self, values: TemplateValues) -> list[Segment]:
        """The member with its values."""
        made: list[Segment] = []
        waiting: list[bytes] = []
        for number, piece in enumerate(self.pattern.pieces(values)):
            segment = self.prepared[number // 2] if number % 2 == 0 else None
            if segment is None:
                waiting.append(piece)
                continue
            if waiting:
                made.append(deflated(b"".join(waiting)))
                waiting = []
            made.append(segment)
        return made


def _part(pattern: Pattern) -> _Part:
    *others, last = pattern.fixed
    prepared = [deflated(piece, BEST) if len(piece) >= PREPARED_FROM else None for piece in others]
    return _Part(pattern, (*prepared, deflated(last, BEST, is_last=True)))


class OfficeTemplate:
    """A usable template; `render` gives a letter as the bytes of a .docx."""

    def __init__(self, package: Package, parts: tuple[_Part, ...]) -> None:
        self._package, self._parts = package, parts

    def render(self, values: TemplateValues) -> bytes:
        """One letter with the values that `template_text.values_of` gives."""
        return self._package.make(*(part.segments(values) for part in self._parts))


def compile_template(data: bytes, kinds: Collection[LetterKind] = ALL) -> OfficeTemplate:
    """Prepare a template; it is checked again, since a file may have been changed where it lay.

    Raises:
        WorkFailed: the file has faults; all of them, one sentence each.
    """
    found = checked(data, kinds)
    if not found.report.is_usable:
        faults = "\n".join(f"  - {fault}" for fault in found.report.faults)
        raise WorkFailed(f"Không dùng được tệp mẫu này:\n{faults}")
    fixed = ((name, body) for name, body in found.members.items() if name not in found.patterns)
    return OfficeTemplate(Package(fixed, *found.patterns), tuple(map(_part, found.patterns.values())))
