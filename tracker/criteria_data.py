"""Editions of criteria and published results: the shipped tables, and the same values as the office's entries hold them.

A fault in a table is a ConfigurationError that names it; in an entry a ValueError, told before it is written.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from tracker.measures.scoring import Denominator, Edition, FormulaKind
from tracker.tables import bad_table, read_table
from tracker.types import Level
from tracker.types.editions import Published


@lru_cache(maxsize=4)
def load_editions(path: Path | None = None) -> tuple[Edition, ...]:
    """The shipped editions of scoring criteria, in the order of the table."""
    try:
        return tuple(read_edition(entry) for entry in read_table("criteria.toml", path)["edition"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("criteria.toml", path, fault) from fault


@lru_cache(maxsize=4)
def load_published(path: Path | None = None) -> tuple[Published, ...]:
    """The shipped published results, in the order of the table."""
    try:
        return tuple(read_published(entry) for entry in read_table("published.toml", path)["result"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("published.toml", path, fault) from fault


def read_edition(values: Mapping[str, Any]) -> Edition:
    """An edition from the values of a table or of an entry.

    Raises:
        ValueError, TypeError, KeyError: a value is missing, unknown or cannot be.
    """
    edition = Edition(
        **{
            **values,
            "levels": tuple(Level(level) for level in values["levels"]),
            "formula_kind": FormulaKind(values["formula_kind"]),
            "denominator": Denominator(values["denominator"]),
            "max_points": None if values.get("max_points") is None else Fraction(values["max_points"]),
            "threshold": Fraction(values.get("threshold") or 0),
            "to_check": tuple(values.get("to_check", ())),
            **{name: _day(values.get(name)) for name in ("valid_from", "valid_to", "document_date")},
        }
    )
    if faults := edition_faults(edition):
        raise ValueError(f"{edition.criterion}/{edition.key}: {'; '.join(faults)}")
    return edition


def edition_faults(edition: Edition) -> list[str]:
    """What speaks against the values of an edition, in the words of the office."""
    with_threshold = edition.formula_kind is FormulaKind.THRESHOLD_PROPORTIONAL
    with_overdue = edition.formula_kind is FormulaKind.OPEN_OVERDUE_PROPORTIONAL
    ranks = edition.formula_kind is FormulaKind.RANKING
    first, last = edition.valid_from, edition.valid_to
    rules = (
        (not all((edition.criterion, edition.key, edition.name, edition.formula, edition.source)),
         "thiếu tiêu chí, khóa, tên, công thức hoặc nguồn"),
        (not edition.levels, "thiếu cấp"),
        (edition.max_points is not None and edition.max_points <= 0, "điểm tối đa phải lớn hơn 0"),
        (not 0 <= edition.threshold <= 1, "ngưỡng phải từ 0 % đến 100 %"),
        ((edition.threshold > 0) is not with_threshold, "ngưỡng phải có khi và chỉ khi công thức có ngưỡng"),
        ((edition.denominator is Denominator.RESOLVED_AND_OVERDUE) is not with_overdue,
         "mẫu số gồm hồ sơ đang quá hạn khi và chỉ khi công thức tính chúng"),
        (ranks and edition.max_points is not None, "xếp hạng không có điểm"),
        (edition.decimals is not None and not 0 <= edition.decimals <= 6, "số chữ số thập phân phải từ 0 đến 6"),
        (edition.least < 0, "mẫu số nhỏ nhất không được âm"),
        (first is not None and last is not None and first > last, "ngày bắt đầu sau ngày kết thúc"),
        (edition.verified and not (edition.document and edition.document_date),
         "đã đối chiếu thì phải có số và ngày văn bản"),
    )  # fmt: skip
    return [words for is_wrong, words in rules if is_wrong]


def edition_values(edition: Edition) -> dict[str, Any]:
    """An edition as plain JSON values; `read_edition` reads them again. Fractions are text: exact."""
    return {each.name: _plain(getattr(edition, each.name)) for each in fields(Edition)}


def read_published(values: Mapping[str, Any]) -> Published:
    """A published result from the values of a table or of an entry; errors as of `read_edition`."""
    result = Published(**{"rank": None, "of": None, **values})
    if not all((result.index, result.name, result.value, result.source)):
        raise ValueError("kết quả đã công bố phải có tên chỉ số, giá trị và nguồn")
    if (result.rank is None) is not (result.of is None):
        raise ValueError("thứ hạng phải đi cùng số đơn vị được xếp")
    if result.rank is not None and result.of is not None and not 1 <= result.rank <= result.of:
        raise ValueError(f"thứ hạng {result.rank}/{result.of} không thể có")
    return result


def published_values(result: Published) -> dict[str, Any]:
    """A published result as plain JSON values."""
    return {each.name: getattr(result, each.name) for each in fields(Published)}


def _day(value: object) -> date | None:
    """A date of a table (TOML) or of an entry (ISO text)."""
    if value is None or type(value) is date:
        return value
    if isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError(f"không phải ngày: {value!r}")


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
