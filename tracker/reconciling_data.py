"""The forms of `tracker/data/reconciling.toml` as values; a fault is a ConfigurationError that names the table."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.measures.reconciling import OF_CHANNEL, FormRule
from tracker.tables import bad_table, day_of, read_table
from tracker.types import Channel, RateCounts
from tracker.types.reported import MEASURES

TABLE = "reconciling.toml"
COUNTERS = {each.name for each in fields(RateCounts)} | {f"{OF_CHANNEL}{each.value}" for each in Channel}


@lru_cache(maxsize=4)
def load_forms(path: Path | None = None) -> tuple[FormRule, ...]:
    """The forms in the order of the table."""
    try:
        return tuple(_form(entry) for entry in read_table(TABLE, path)["form"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table(TABLE, path, fault) from fault


def form_of(key: str, start: date) -> FormRule:
    """How a form counted when a period began.

    Raises:
        UsageError: there is no such form.
    """
    forms = load_forms()
    for form in forms:
        begins, ends = form.valid_from or date.min, form.valid_to or date.max
        if form.key == key and begins <= start <= ends:
            return form
    raise UsageError(f"không có biểu {key!r}; có: {', '.join(dict.fromkeys(form.key for form in forms))}")


def _form(entry: Mapping[str, Any]) -> FormRule:
    measures = {measure: tuple(map(_term, terms)) for measure, terms in entry["measures"].items()}
    sums = tuple(tuple(each) for each in entry["sums"])
    named = {*measures, *entry["notes"], *(measure for each in sums for measure in each)}
    if unknown := named - set(MEASURES):
        raise ValueError(f"biểu {entry['key']}: không có cột {', '.join(sorted(unknown))}")
    return FormRule(
        entry["key"],
        entry["name"],
        entry["source"],
        bool(entry["verified"]),
        measures,
        sums,
        dict(entry["notes"]),
        day_of(entry["valid_from"]) if "valid_from" in entry else None,
        day_of(entry["valid_to"]) if "valid_to" in entry else None,
    )


def _term(text: str) -> tuple[int, str]:
    sign, counter = (-1, text[1:]) if text.startswith("-") else (1, text)
    if counter not in COUNTERS:
        raise ValueError(f"không có số đếm {counter!r}")
    return sign, counter
