"""The catalogue: what each Vietnamese text is in English, read from the .po files when the first English page is asked for.

A text may have another translation in one template or module: an entry with that path as its context (msgctxt) goes
before the one without.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("catalogue")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text with its translation (empty: none yet), the paths that say it, and the path it is for alone."""

    text: str
    told: str
    paths: tuple[str, ...]
    context: str | None = None
    is_fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Translations by text, those of one path alone, and the texts that modules say."""

    told: Mapping[str, str]
    told_there: Mapping[tuple[str, str], str]
    spoken: frozenset[str]

    def of(self, text: str, path: str) -> str | None:
        """The translation of a text of a template or module; None where there is none."""
        return self.told_there.get((path, text)) or self.told.get(text)


def is_spoken(path: str) -> bool:
    """Do words of this path come to a page when it is made, rather than stand in a template?"""
    return path.endswith(".py")


def entries(folder: Path = FOLDER) -> Iterator[tuple[str, Entry]]:
    """All entries with the name of their file, in order."""
    from babel.messages.pofile import read_po

    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            read = read_po(file)
        for message in read:
            if message.id:
                paths = tuple(place for place, _line in message.locations)
                yield (
                    path.stem,
                    Entry(str(message.id), str(message.string or ""), paths, message.context, message.fuzzy),
                )


@cache
def shipped() -> Catalogue:
    """The catalogue of this installation, read once."""
    told, there, spoken = {}, {}, set()
    for _name, entry in entries():
        if not entry.told or entry.is_fuzzy:
            continue
        if entry.context:
            there[entry.context, entry.text] = entry.told
        else:
            told[entry.text] = entry.told
        if any(is_spoken(path) for path in entry.paths):
            spoken.add(entry.text)
    return Catalogue(told, there, frozenset(spoken))
