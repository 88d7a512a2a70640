"""Which headings mean which field, and by which headings a known layout is told: data, folded for comparing.

Does not look for headers and reads no rows.
"""

import tomllib
from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from tracker.text import fold, fold_header

ALIASES, SAVED = "aliases", "saved"
# Recognised and left alone: what a source works out itself, anew every day.
NOT_TAKEN = frozenset({"days_late", "days_early", "days_on_time"})


class KnownLayout(NamedTuple):
    """An export that is known by its headings; all of them folded."""

    key: str
    name: str
    marks: frozenset[str]
    any_of: frozenset[str]
    fields: Mapping[str, tuple[str, ...]]  # nothing: recognised, not taken
    lacks: frozenset[str]
    words: Mapping[str, str]

    def fits(self, headings: Set[str]) -> bool:
        """Are these the headings of such a table?"""
        return self.marks <= headings and (not self.any_of or not self.any_of.isdisjoint(headings))


@lru_cache(maxsize=1)
def field_names() -> Mapping[str, str]:
    """Folded heading -> our field."""
    return {fold_header(name): field for field, names in _headers().items() for name in (field, *names)}


@lru_cache(maxsize=1)
def weak_names() -> frozenset[str]:
    """Folded headings that count only where a field has no better one: those with an asterisk."""
    return frozenset(
        fold_header(name) for names in _headers().values() for name in names if name.endswith("*")
    )


@lru_cache(maxsize=1)
def known_layouts() -> tuple[KnownLayout, ...]:
    """All layouts that are known by their headings, those with most marks first."""
    found = [
        KnownLayout(
            key=given["key"],
            name=given["name"],
            marks=frozenset(map(fold_header, given["marks"])),
            any_of=frozenset(map(fold_header, given.get("any", ()))),
            fields={fold_header(name): tuple(ours.split()) for name, ours in given.get("fields", {}).items()},
            lacks=frozenset(given.get("lacks", ())),
            words=given.get("words", {}),
        )
        for given in _layouts()["layout"]
    ]
    return tuple(sorted(found, key=lambda one: -len(one.marks)))


@lru_cache(maxsize=1)
def row_number_names() -> frozenset[str]:
    """Folded headings of columns that only count rows."""
    return frozenset(map(fold_header, _layouts()["everywhere"]))


@lru_cache(maxsize=1)
def form_titles() -> tuple[str, ...]:
    """What the titles of forms for one dossier begin with, folded."""
    return tuple(map(fold, _layouts()["forms"]))


@lru_cache(maxsize=1)
def telling_names() -> frozenset[str]:
    """Every folded heading that some layout reads."""
    own = {name for one in known_layouts() for name, fields in one.fields.items() if fields}
    return frozenset({*field_names(), *own})


def known_headings(cells: Sequence[str]) -> int:
    """How many of the cells are headings that we know."""
    names = telling_names()
    return sum(fold_header(cell) in names for cell in cells)


def layout_of(headings: Set[str]) -> KnownLayout | None:
    """The known layout with these folded headings, if there is one."""
    return next((one for one in known_layouts() if one.fits(headings)), None)


def _headers() -> dict[str, list[str]]:
    table: dict[str, list[str]] = tomllib.loads(
        files("tracker.data").joinpath("headers.toml").read_text("utf-8")
    )
    return table


def _layouts() -> dict[str, Any]:
    return tomllib.loads(files("tracker.data").joinpath("layouts.toml").read_text("utf-8"))
