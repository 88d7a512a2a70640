"""Editions of official forms: the shipped table, and the same values as the office's entries hold them.

A fault in the table is a ConfigurationError that names it; in an entry a ValueError, told before it is written.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.errors import UsageError
from tracker.measures.form_counts import FORM_MEASURES, PLACES, FormColumn, FormEdition
from tracker.tables import bad_table, day_of, read_table
from tracker.types import Level

TABLE = "forms.toml"
ROWS = ("field", "unit")
TEXTS = ("form", "key", "number", "circular", "name", "count", "rows", "source")
DAYS = ("valid_from", "valid_to", "document_date")


@lru_cache(maxsize=4)
def load_form_editions(path: Path | None = None) -> tuple[FormEdition, ...]:
    """The editions in the order of the table."""
    try:
        return tuple(form_edition(entry) for entry in read_table(TABLE, path)["form"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table(TABLE, path, fault) from fault


def choose_edition(editions: Sequence[FormEdition], form: str, start: date, key: str | None) -> FormEdition:
    """The edition of a form that is asked for by its key, else the first that holds when the period begins.

    Raises:
        UsageError: there is none.
    """
    of_form = [edition for edition in editions if edition.form == form]
    for edition in of_form:
        if edition.key == key or (key is None and edition.holds_on(start)):
            return edition
    known = ", ".join(edition.key for edition in of_form) or "không có"
    if key is not None:
        raise UsageError(f"biểu {form} không có phiên bản {key!r}; có: {known}")
    raise UsageError(
        f"biểu {form} chưa có phiên bản cho kỳ bắt đầu ngày {start:%d/%m/%Y}; có thể chọn: {known}"
    )


def form_edition(entry: Mapping[str, Any]) -> FormEdition:
    """One edition from its values.

    Raises:
        KeyError, TypeError, ValueError: a value is missing or cannot be.
    """
    columns = tuple(_column(each) for each in entry["columns"])
    numbers = {column.measure: column.number for column in columns if column.measure}
    if sorted(numbers) != sorted(FORM_MEASURES):
        raise ValueError(f"biểu {entry['form']}: cần đủ các cột {', '.join(FORM_MEASURES)}")
    if entry["rows"] not in ROWS:
        raise ValueError(f"biểu {entry['form']}: rows phải là một trong {', '.join(ROWS)}")
    sums = tuple(tuple(int(number) for number in each) for each in entry["sums"])
    if unknown := {number for each in sums for number in each} - set(numbers.values()):
        raise ValueError(f"biểu {entry['form']}: không có cột {sorted(unknown)}")
    edition = FormEdition(
        **_texts(entry),
        verified=bool(entry["verified"]),
        columns=columns,
        places=_places(entry, numbers),
        sums=sums,
        blocks={Level(level): str(heading) for level, heading in entry["blocks"].items()},
        document=str(entry.get("document") or "").strip(),
        **_days(entry),
    )
    if faults := form_faults(edition):
        raise ValueError(f"biểu {edition.form}/{edition.key}: {'; '.join(faults)}")
    return edition


def form_faults(edition: FormEdition) -> list[str]:
    """What speaks against the values of an edition, in the words of the office."""
    first, last = edition.valid_from, edition.valid_to
    rules = (
        (
            not all(getattr(edition, name) for name in TEXTS),
            "thiếu biểu, khóa, tên, số biểu, văn bản hoặc nguồn",
        ),
        (not all(column.heading for column in edition.columns), "thiếu tiêu đề cột"),
        (first is not None and last is not None and first > last, "ngày bắt đầu sau ngày kết thúc"),
        (
            edition.verified and not (edition.document and edition.document_date),
            "đã đối chiếu thì phải ghi văn bản và ngày văn bản",
        ),
    )
    return [words for is_wrong, words in rules if is_wrong]


def form_values(edition: FormEdition) -> dict[str, Any]:
    """An edition as plain JSON values; `form_edition` reads them again."""
    columns = [
        {"number": each.number, "group": list(each.groups), "heading": each.heading, "measure": each.measure}
        for each in edition.columns
    ]
    return {
        **{name: getattr(edition, name) for name in (*TEXTS, "verified", "document")},
        **{name: day.isoformat() if (day := getattr(edition, name)) else None for name in DAYS},
        "columns": columns,
        "places": dict(edition.places),
        "sums": [list(each) for each in edition.sums],
        "blocks": {level.value: heading for level, heading in edition.blocks.items()},
    }


def _texts(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(entry[name]).strip() for name in TEXTS}


def _days(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _day(entry.get(name)) for name in DAYS}


def _day(value: Any) -> date | None:
    if value is None:
        return None
    return date.fromisoformat(value) if isinstance(value, str) else day_of(value)


def _column(entry: Mapping[str, Any]) -> FormColumn:
    return FormColumn(
        int(entry["number"]), tuple(entry.get("group", ())), str(entry["heading"]), entry.get("measure", "")
    )


def _places(entry: Mapping[str, Any], numbers: Mapping[str, int]) -> dict[str, int]:
    """Every kind of dossier that has no column stands in one where it may stand, so that the sums of the form can hold."""
    places = {what: int(number) for what, number in entry["places"].items()}
    if places.keys() != PLACES.keys():
        raise ValueError(f"biểu {entry['form']}: places cần đúng {', '.join(PLACES)}")
    for what, number in places.items():
        allowed = [numbers[measure] for measure in PLACES[what]]
        if number not in allowed:
            raise ValueError(f"biểu {entry['form']}: {what} chỉ được ở cột {allowed}")
    if set(entry["blocks"]) != {level.value for level in Level}:
        raise ValueError(f"biểu {entry['form']}: blocks cần đủ các cấp")
    return places
