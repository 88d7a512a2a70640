"""Can an office's own template be used? Package, markup and placeholders are judged, then every kind of letter is tried.

A template is text with names in double braces. It runs nothing, fetches nothing and leaves no name unfilled; whatever
could is a fault with its reason, and a template with a fault is not used.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from lxml import etree

from letters.obligations import LetterKind
from letters.template_markup import faults_of_tree, parsed, trees
from letters.template_package import CONTENT_TYPES, opened
from letters.template_paragraphs import Mention, faults_of_strays, mentions
from letters.template_pattern import Pattern, pattern_of
from letters.template_relations import faults_of_relations, faults_of_types, warnings_of_relations
from letters.template_text import ALL, BODY, BY_NAME, PLACEHOLDERS, samples

# Without these a letter is rarely one: a warning, since an office may print them otherwise.
EXPECTED = ("so_ky_hieu", "dia_danh_ngay", "chuc_danh_ky", "noi_nhan")
MAX_TOLD = 30
AGENCY = ("dau_co_quan", "ten_co_quan")


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """What a template holds: placeholders with how often each stands in it; sentences for the person who uploaded it."""

    placeholders: Mapping[str, int]
    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Are there no faults?"""
        return not self.faults


@dataclass(frozen=True, slots=True)
class CheckedTemplate:
    """The report; without faults also the members as they came, and the patterns of those that are filled."""

    report: TemplateReport
    members: Mapping[str, bytes]
    patterns: Mapping[str, Pattern]


def check_template(data: bytes, kinds: Collection[LetterKind] = ALL) -> TemplateReport:
    """Judge a file as the template of some kinds of letter."""
    return checked(data, kinds).report


def checked(data: bytes, kinds: Collection[LetterKind] = ALL) -> CheckedTemplate:
    """As `check_template`, with what a usable template is filled from."""
    package = opened(data)
    if package.faults:
        return _refused(package.faults)
    parts, faults = trees(package.members)
    if faults:
        return _refused(faults)
    faults = tuple(dict.fromkeys(_faults_of_parts(package.members, parts)))
    if faults:
        return _refused(faults)
    found = {name: here for name, tree in parts.items() if (here := list(mentions(tree)))}
    every = [mention for here in found.values() for mention in here]
    counts = Counter(name for mention in every for name in mention.names)
    faults = tuple(dict.fromkeys((*_faults_of_mentions(every, kinds), *_missing(counts, kinds))))
    if faults:
        return _refused(faults, counts)
    patterns = {name: pattern_of(parts[name]) for name in found}
    faults = tuple(dict.fromkeys(_faults_of_trials(patterns, kinds)))
    if faults:
        return _refused(faults, counts)
    warnings = tuple(dict.fromkeys((*_warnings(counts), *warnings_of_relations(parts))))
    return CheckedTemplate(TemplateReport(dict(counts), (), warnings), package.members, patterns)


def _refused(faults: tuple[str, ...], counts: Mapping[str, int] | None = None) -> CheckedTemplate:
    told = faults[:MAX_TOLD]
    if len(faults) > MAX_TOLD:
        told = (*told, f"… và {len(faults) - MAX_TOLD} lỗi khác.")
    return CheckedTemplate(TemplateReport(dict(counts or {}), told), {}, {})


def _faults_of_parts(members: Mapping[str, bytes], parts: Mapping[str, Any]) -> Iterator[str]:
    yield from faults_of_types(parts)
    yield from faults_of_relations(members, parts)
    for name, tree in parts.items():
        if name != CONTENT_TYPES and not name.endswith(".rels"):
            yield from faults_of_tree(name, tree)
        yield from faults_of_strays(name, tree)


def _faults_of_mentions(every: list[Mention], kinds: Collection[LetterKind]) -> Iterator[str]:
    for mention in every:
        yield from mention.faults
    for mention in every:
        known = [BY_NAME[name] for name in mention.names if name in BY_NAME]
        unsure = [each.name for each in known if not each.certain.issuperset(kinds)]
        needed = [
            each.name for each in known if not each.required.isdisjoint(kinds) and each.name not in unsure
        ]
        for one, other in product(unsure[:1], needed[:1]):
            yield (
                f"{{{{{one}}}}} có khi trống, khi đó cả đoạn không in; hãy tách khỏi đoạn có {{{{{other}}}}} "
                "là chỗ bắt buộc."
            )


def _missing(counts: Mapping[str, int], kinds: Collection[LetterKind]) -> Iterator[str]:
    for each in PLACEHOLDERS:
        is_there = each.name in counts or (each.in_body and BODY in counts)
        if not is_there and not each.required.isdisjoint(kinds):
            instead = f" (hoặc {{{{{BODY}}}}})" if each.in_body else ""
            yield f"Thiếu chỗ bắt buộc {{{{{each.name}}}}}{instead}: {each.meaning.lower()}."


def _faults_of_trials(patterns: Mapping[str, Pattern], kinds: Collection[LetterKind]) -> Iterator[str]:
    """Nothing that looks like a placeholder is left, whichever values a letter has."""
    for kind, is_full in product(kinds, (True, False)):
        values = samples(kind, is_full=is_full)
        for name, pattern in patterns.items():
            body = pattern.filled(values)
            if b"{{" in body or b"}}" in body:
                yield f"{name}: in thử vẫn còn “{{{{”; hãy xóa chỗ đó và gõ lại."
            try:
                parsed(body)
            except etree.XMLSyntaxError:
                yield f"{name}: in thử cho ra XML hỏng."


def _warnings(counts: Mapping[str, int]) -> Iterator[str]:
    for name in EXPECTED:
        if name not in counts:
            yield f"Mẫu không có {{{{{name}}}}}: {BY_NAME[name].meaning.lower()}."
    if not any(name in counts for name in AGENCY):
        yield "Mẫu không có tên cơ quan ({{dau_co_quan}} hoặc {{ten_co_quan}}); mọi đơn vị sẽ in như nhau."
    twice = [name for name in counts if BODY in counts and BY_NAME[name].in_body]
    if twice:
        names = ", ".join(f"{{{{{name}}}}}" for name in twice)
        yield f"{{{{{BODY}}}}} đã gồm {names}; thư sẽ nói hai lần."
