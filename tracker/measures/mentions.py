"""Does a text name one of some dossiers or people: by a code, a telephone number, a name or an address? Pure.

Names count as whole runs of words without marks and case, two words at least: one word alone is anybody's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tracker.search_text import name_words, phone_numbers
from tracker.text import normal_code

TOKEN = re.compile(r"[^\s,;<>\"'()\[\]{}|=&?!\x1e\x1f]+")
EDGES = ".:-/"
DIGITS = re.compile(r"\+?\d[\d .\-]{6,}\d")
LEAST_WORDS, LEAST_ADDRESS = 2, 3
TAG = re.compile(r"<[^>]{0,400}>")


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody is called in one telling."""

    name: str
    address: str
    phone: str


@dataclass(frozen=True)
class Mentions:
    """Codes as the store keeps them, telephone numbers as `phone_numbers` writes them, names and addresses as words."""

    codes: frozenset[str]
    phones: frozenset[str] = frozenset()
    names: frozenset[tuple[str, ...]] = frozenset()

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(sorted({len(name) for name in self.names}))

    def in_text(self, text: str) -> bool:
        """Does it name any of them?"""
        return bool(text) and (self.has_code(text) or self.has_person(text))

    def has_code(self, text: str) -> bool:
        """Is one of the codes a word of it?"""
        return not self.codes.isdisjoint(_codes(text))

    def has_person(self, text: str) -> bool:
        """Is one of the numbers, names or addresses in it?"""
        if self.phones and not self.phones.isdisjoint(_phones(text)):
            return True
        words = tuple(name_words(text)) if self.names else ()
        return any(
            words[at : at + length] in self.names
            for length in self._lengths
            for at in range(len(words) - length + 1)
        )


def people_of(told: Iterable[Person]) -> tuple[frozenset[str], frozenset[tuple[str, ...]]]:
    """(telephone numbers, names and addresses as words) of some people."""
    phones: set[str] = set()
    names: set[tuple[str, ...]] = set()
    for one in told:
        phones.update(phone_numbers(one.phone))
        name, address = tuple(name_words(one.name)), tuple(name_words(one.address))
        if len(name) >= LEAST_WORDS:
            names.add(name)
        # Without a number it is the name of a commune or town, which is nobody's.
        if len(address) >= LEAST_ADDRESS and any(any(sign.isdigit() for sign in word) for word in address):
            names.add(address)
    return frozenset(phones), frozenset(names)


def without_tags(text: str) -> str:
    """The words of a text that may be HTML or XML."""
    return TAG.sub(" ", text) if "<" in text else text


def _codes(text: str) -> Iterator[str]:
    for token in TOKEN.findall(text):
        yield from {normal_code(piece) for piece in (token, token.strip(EDGES), *token.split("/")) if piece}


def _phones(text: str) -> Iterator[str]:
    for found in DIGITS.findall(text):
        yield from phone_numbers(found)
