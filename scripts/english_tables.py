"""The texts of dated tables that pages show: names, notes and sources of rules and editions, comments of the configuration.

What is printed in documents, read from files or typed by people is left out.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.config_words import _commented
from app.english.citations import cited
from app.english.texts import has_words, is_vietnamese, one_line

# File -> the keys whose texts people read; none: every text.
TABLES: Mapping[str, frozenset[str]] = {
    "letters/data/delay_texts.toml": frozenset({"note"}),
    "letters/data/letter_forms.toml": frozenset({"name", "source", "note"}),
    "letters/data/letter_rules.toml": frozenset({"source", "note"}),
    "letters/data/papers.toml": frozenset({"source"}),
    "tracker/data/calendar.toml": frozenset({"name", "notice"}),
    "tracker/data/criteria.toml": frozenset({"name", "formula", "source", "confidence", "to_check"}),
    "tracker/data/forms.toml": frozenset({"source"}),
    "tracker/data/intake.toml": frozenset({"source"}),
    "tracker/data/published.toml": frozenset({"name", "value", "note", "source"}),
    "tracker/data/reconciling.toml": frozenset(),
    "tracker/data/regimes.toml": frozenset({"decree", "land_law", "source", "forms"}),
    "tracker/data/rules.toml": frozenset({"name", "source"}),
    "tracker/data/suspensions.toml": frozenset({"source"}),
}
HELP = Path("app/help")
CONFIGURATION = Path("app/shipped_config.toml")


def texts(root: Path) -> Iterator[tuple[str, str]]:
    """The texts of all tables with their paths, in order of path and line."""
    for name, keys in TABLES.items():
        for text in _texts(tomllib.loads((root / name).read_text("utf-8")), keys):
            yield name, text
    for path in sorted((root / HELP).glob("*.toml")):
        for text in _help(tomllib.loads(path.read_text("utf-8"))):
            yield path.relative_to(root).as_posix(), text
    for _key, comment in _commented((root / CONFIGURATION).read_text("utf-8")):
        yield from ((CONFIGURATION.as_posix(), text) for text in _told(comment))


def _texts(value: Any, keys: frozenset[str], key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _texts(each, keys, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, keys, key)
    elif isinstance(value, str) and (not keys or key in keys):
        yield from _told(value)


def _help(value: Any) -> Iterator[str]:
    """Texts of help: keys of tables of words are texts as well."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _told(name) if isinstance(each, str) else ()
            yield from _help(each)
    elif isinstance(value, list):
        for each in value:
            yield from _help(each)
    elif isinstance(value, str):
        yield from _told(value)


def _told(text: str) -> Iterator[str]:
    message = one_line(text)
    if is_vietnamese(message) and has_words(message) and cited(message) is None:
        yield message
