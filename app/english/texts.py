"""What a text of the catalogue is: how its places are written, and which letters make a text Vietnamese. Pure.

A message is a text on one line whose places are numbered in its own order, "Có {0} hồ sơ". Its translation names the
same places in any order, and may choose a word by the number in one: "{0} {0|dossier|dossiers}".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LETTERS = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư"
VIETNAMESE = re.compile(f"[{LETTERS}Ạ-ỹ]")
A_WORD = re.compile(rf"[^\W\d_]{{2}}|[{LETTERS}Ạ-ỹ]")
BLANKS = re.compile(r"[ \t\r\n]+")
PLACE = re.compile(r"\{(\d+)(?:\|([^|{}]*)\|([^|{}]*))?\}")
# Entities are words to a regular expression, and to nobody else.
ENTITY = re.compile(r"&#?\w+;")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a message; with `one` and `many`, the word that goes with the number standing in it."""

    index: int
    one: str | None = None
    many: str = ""


def is_vietnamese(text: str) -> bool:
    """Has it a letter that only Vietnamese has?"""
    return VIETNAMESE.search(text) is not None


def has_words(text: str) -> bool:
    """Is there anything to translate besides numbers, signs and places?"""
    return A_WORD.search(ENTITY.sub("", PLACE.sub("", text))) is not None


def one_line(text: str) -> str:
    """Blanks and line ends as one blank each, none at the ends; a space that may not break stays one."""
    return BLANKS.sub(" ", text).strip(" ")


def ends(text: str) -> tuple[str, str]:
    """The blanks before and after a text; all of them before if there is nothing else."""
    core = text.strip(" \t\r\n")
    if not core:
        return text, ""
    start = text.index(core)
    return text[:start], text[start + len(core) :]


def pieces(text: str) -> Iterator[str | Place]:
    """A message or translation as its words and places, in order."""
    at = 0
    for found in PLACE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        yield Place(int(found[1]), found[2], found[3] or "")
        at = found.end()
    if at < len(text):
        yield text[at:]


def places(text: str) -> frozenset[int]:
    """The numbers of the places of a text."""
    return frozenset(int(found[1]) for found in PLACE.finditer(text))


def by_number(shown: object, one: str, many: str) -> str:
    """The word that goes with a number as it is shown: "1" is one, everything else many."""
    return one if str(shown).strip() in ("1", "một", "one") else many
