"""Words that come from Python when a page is made, looked up: a whole text, one with values in it, or one put together.

"Đã lưu 5 dòng." is the text "Đã lưu {0} dòng." with a value. What is not found stays Vietnamese: names of people,
units and procedures are nobody's texts. Answers are remembered, since a page says the same words many times.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from app.english.citations import cited
from app.english.texts import Place, by_number, ends, is_vietnamese, one_line, pieces
from app.english.unmarked import UNMARKED

WORD = re.compile(r"[^\W\d_]+")
REMEMBERED = 20_000
DEEPEST = 5
# Texts are put together with these; the first that occurs is tried first.
SEAMS = tuple(map(re.compile, (r"(?<=[.!?]) ", " → ", "; ", " · ", ": ", " – ")))
LISTED = re.compile(", ")
BRACKETED = tuple(map(re.compile, (r"(.+) \((.+)\)", r"(.+?) \((.+)\)")))
DATED = re.compile(r"(\D+?) (\d[\d/.:,%]*)")
NUMBERED = re.compile(r"([+−-]?\d[\d.,/]*(?: %)?) (\D+)")
NAMED, ADDED = "{0}: ", ("; ", ", ")
# So few letters beside values are in many a text that is nobody's.
FEW_LETTERS, FEWEST_LETTERS = 12, 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text with places as it is recognised, and its translation."""

    look: re.Pattern[str]
    told: str
    letters: int
    is_weak: bool
    has_open_ends: bool


class Phrases:
    """Looks up finished texts in a catalogue."""

    def __init__(self, told: Mapping[str, str], spoken: frozenset[str]) -> None:
        self._told, self._spoken = told, spoken
        self._remembered: dict[str, str] = {}

    def of(self, text: str) -> str:
        """The text in English, or as it was."""
        if not is_vietnamese(text) and text not in UNMARKED:
            return text
        known = self._remembered.get(text)
        if known is None:
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            before, after = ends(text)
            known = self._remembered[text] = before + (self._found(one_line(text), 0) or text.strip()) + after
        return known

    @cached_property
    def _lowered(self) -> Mapping[str, str]:
        """Whole texts and, where no text says the same, first clauses, which some lists show alone; in small letters."""
        clauses = {text: told for text, told in _clauses(self._told)}
        return {text.casefold(): told for text, told in (clauses | dict(self._told)).items()}

    @cached_property
    def _patterns(self) -> Mapping[str, list[Pattern]]:
        """Patterns by the rarest of their words: few have to be tried on a text."""
        told = {text: self._told[text] for text in self._spoken if "{" in text and text in self._told}
        # What is added to a sentence is looked for by itself, too.
        told |= {
            text[2:]: told[text][2:] for text in told if text[:2] in ADDED and told[text][:2] == text[:2]
        }
        with_places = sorted(told)
        common = Counter(word for text in with_places for word in set(_whole_words(text)))
        found: dict[str, list[Pattern]] = {}
        for text in with_places:
            words = _whole_words(text)
            if words:
                key = min(words, key=lambda word: (common[word], word))
                found.setdefault(key, []).append(_pattern(text, told[text]))
        return found

    def _found(self, text: str, depth: int) -> str | None:
        """The translation of a text on one line; None if nothing in it is known."""
        if not is_vietnamese(text) and text not in UNMARKED:
            return text
        if depth > DEEPEST:
            return None
        return self._whole(text) or self._with_values(text, depth) or self._put_together(text, depth)

    def _whole(self, text: str) -> str | None:
        told = self._told.get(text)
        if told is not None:
            return told
        folded = text.casefold()
        for end in ("", ".", ":"):
            if text.endswith(end) and (told := self._lowered.get(folded[: len(folded) - len(end)])):
                return _cased(told, text) + end
        told = self._lowered.get(folded + ".")
        return _cased(told.removesuffix("."), text) if told else None

    def _with_values(self, text: str, depth: int) -> str | None:
        """A text with values in it; the full stop of a sentence may be missing, or be more than the text has."""
        found = self._matched(text, depth)
        if found is None and text.endswith("."):
            found = self._matched(text[:-1], depth)
            return None if found is None else f"{found}."
        if found is None:
            found = self._matched(f"{text}.", depth)
            return None if found is None else found.removesuffix(".")
        return found

    def _matched(self, text: str, depth: int) -> str | None:
        words = set(WORD.findall(text.casefold()))
        tried = [pattern for word in words for pattern in self._patterns.get(word, ())]
        for pattern in sorted(tried, key=lambda each: -each.letters):
            match = pattern.look.fullmatch(text)
            filled = self._filled(pattern, match, depth) if match else None
            if filled is not None:
                return _cased(filled, text) if pattern.told[:1] != "{" else filled
        return None

    def _filled(self, pattern: Pattern, match: re.Match[str], depth: int) -> str | None:
        values = []
        for value in match.groups(""):
            before, after = ends(value)
            core = value.strip()
            told = self._found(core, depth + 1) if core else core
            is_left = told is None or is_vietnamese(told)
            if (told is None and pattern.has_open_ends) or (
                is_left and pattern.is_weak and core[:1].islower()
            ):
                return None
            values.append(before + (core if told is None else told) + after)
        whole = "".join(
            piece if isinstance(piece, str) else _at(piece, values) for piece in pieces(pattern.told)
        )
        return whole if match[1] is not None else _cased(whole.removeprefix(": "), match[0])

    def _put_together(self, text: str, depth: int) -> str | None:
        """By the seam that leaves nothing Vietnamese; if there is none, by the first that tells anything."""
        best = cited(text)
        for way in (
            *(partial(self._sewn, seam) for seam in SEAMS),
            *(partial(self._bracketed, each) for each in BRACKETED),
            self._listed,
            self._dated,
        ):
            told = way(text, depth) if best is None or is_vietnamese(best) else None
            best = told if told is not None and (best is None or not is_vietnamese(told)) else best
        return best

    def _sewn(self, seam: re.Pattern[str], text: str, depth: int) -> str | None:
        parts = seam.split(text)
        told = [self._found(part, depth + 1) for part in parts] if len(parts) > 1 else []
        if all(each is None or each == part for each, part in zip(told, parts, strict=False)):
            return None
        joints = (*seam.findall(text), "")
        whole = [part if each is None else each for each, part in zip(told, parts, strict=True)]
        return "".join(part + joint for part, joint in zip(whole, joints, strict=True))

    def _listed(self, text: str, depth: int) -> str | None:
        """A list is translated if all of it is, but for names: half a sentence of somebody's own helps nobody."""
        parts = LISTED.split(text)
        told = [self._found(part, depth + 1) for part in parts] if len(parts) > 1 else []
        pairs = list(zip(told, parts, strict=False))
        if any(each is None and not part[:1].isupper() for each, part in pairs):
            return None
        whole = ", ".join(part if each is None else each for each, part in pairs)
        return whole if pairs and whole != text else None

    def _bracketed(self, look: re.Pattern[str], text: str, depth: int) -> str | None:
        match = look.fullmatch(text)
        if not match:
            return None
        told = [self._found(part, depth + 1) for part in match.groups()]
        if all(each is None or each == part for each, part in zip(told, match.groups(), strict=True)):
            return None
        first, second = (
            part if each is None else each for each, part in zip(told, match.groups(), strict=True)
        )
        return f"{first} ({second})"

    def _dated(self, text: str, depth: int) -> str | None:
        """Words before a day or behind a number: "Thứ Hai 24/08/2026", "5 dòng"."""
        if match := DATED.fullmatch(text):
            told = self._found(match[1], depth + 1)
            return f"{told} {match[2]}" if told else None
        match = NUMBERED.fullmatch(text)
        told = self._found(match[2], depth + 1) if match else None
        return f"{match[1]} {told}" if match and told else None


def _clauses(told: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for seam in ("; ", " (", ": ", ", "):
        for text, english in told.items():
            if text.count(seam) == 1 == english.count(seam):
                yield text.partition(seam)[0], english.partition(seam)[0]


def _at(place: Place, values: list[str]) -> str:
    shown = values[place.index] if place.index < len(values) else ""
    return shown if place.one is None else by_number(shown, place.one, place.many)


def _cased(told: str, text: str) -> str:
    """The translation beginning as the text does: a text in small letters is part of a sentence."""
    if text[:1].isupper():
        return told[:1].upper() + told[1:]
    # An abbreviation or a name of one letter stays as it is.
    return told[:1].lower() + told[1:] if text[:1].islower() and told[1:2].islower() else told


def _whole_words(text: str) -> list[str]:
    """The words of a text that no place touches."""
    marked = "".join(piece if isinstance(piece, str) else "\0" for piece in pieces(text))
    return [
        found[0].casefold()
        for found in WORD.finditer(marked)
        if marked[found.start() - 1 : found.start()] != "\0" and marked[found.end() : found.end() + 1] != "\0"
    ]


def _pattern(text: str, told: str) -> Pattern:
    look = "".join(_look(text))
    letters = sum(
        len(word) for piece in pieces(text) if isinstance(piece, str) for word in WORD.findall(piece)
    )
    open_ends = text.startswith("{") and text.endswith("}")
    return Pattern(
        re.compile(look, re.DOTALL),
        told,
        letters,
        letters < FEW_LETTERS,
        open_ends and letters < FEWEST_LETTERS,
    )


def _look(text: str) -> Iterator[str]:
    if text.startswith(NAMED):  # the name of the day stands in a column of its own where there is one
        yield "(?:(.*?): )?"
        text = text.removeprefix(NAMED)
    for nth, piece in enumerate(pieces(text)):
        if not isinstance(piece, str):
            yield "(.*?)"
        elif not nth and piece[0].isalpha():
            yield f"(?i:{re.escape(piece[0])}){re.escape(piece[1:])}"
        else:
            yield re.escape(piece)
