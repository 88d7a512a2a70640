"""Editions of official forms in the words of the office, and their columns as a person types them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.presenters import LEVELS, day
from tracker.errors import UsageError
from tracker.forms_data import form_edition
from tracker.measures.form_counts import FormColumn, FormEdition, sums_told

PLACES: Mapping[str, str] = {
    "no_due": "Đã giải quyết, không có ngày hẹn trả",
    "withdrawn": "Công dân đã rút",
    "suspended": "Đang tạm dừng, chưa quá hạn",
    "open_no_due": "Đang giải quyết, không có ngày hẹn trả",
}
ROWS: Mapping[str, str] = {"field": "theo lĩnh vực", "unit": "theo đơn vị"}
ABOVE = " > "


def form_words(values: Mapping[str, Any]) -> dict[str, str]:
    """The values of an edition, label by label."""
    edition = form_edition(values)
    return {
        "Biểu": edition.form,
        "Khóa": edition.key,
        "Số biểu": edition.number,
        "Văn bản ban hành": edition.circular,
        "Tên biểu": edition.name,
        "Đơn vị tính": edition.count,
        "Các dòng": ROWS[edition.rows],
        "Các cột": "; ".join(f"({each.number}) {typed_column(each)}" for each in edition.columns),
        "Hồ sơ không có cột riêng": places_words(edition),
        "Công thức": sums_told(edition),
        "Khối": "; ".join(f"{LEVELS[level]}: {heading}" for level, heading in edition.blocks.items()),
        "Áp dụng": span(edition),
        "Nguồn": edition.source,
        "Đối chiếu": compared(edition),
    }


def places_words(edition: FormEdition) -> str:
    """ "Công dân đã rút: cột (9)"."""
    return "; ".join(f"{words}: cột ({edition.places[what]})" for what, words in PLACES.items())


def span(edition: FormEdition) -> str:
    """For which periods it holds, by their first day."""
    since = f"từ {day(edition.valid_from)}" if edition.valid_from else ""
    until = f"đến {day(edition.valid_to)}" if edition.valid_to else ""
    return " ".join(filter(None, (since, until))) or "chưa giới hạn"


def compared(edition: FormEdition) -> str:
    """Compared with which text, or not yet."""
    if not edition.verified:
        return "Chưa đối chiếu văn bản"
    return f"Đã đối chiếu văn bản: {edition.document} ngày {day(edition.document_date)}"


def typed_column(column: FormColumn) -> str:
    """ "Số hồ sơ đã giải quyết > Quá hạn": the headings of a column from the top."""
    return ABOVE.join((*column.groups, column.heading))


def read_columns(standing: Sequence[FormColumn], text: str) -> tuple[FormColumn, ...]:
    """The same columns with the headings that somebody typed, a column a line.

    Raises:
        UsageError: there are more or fewer lines than columns, or a line without a heading.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) != len(standing):
        raise UsageError(f"cần đúng {len(standing)} dòng tiêu đề, mỗi cột một dòng; có {len(lines)}")
    read = []
    for column, line in zip(standing, lines, strict=True):
        *groups, heading = (part.strip() for part in line.split(ABOVE.strip()))
        if not heading or not all(groups):
            raise UsageError(f"cột ({column.number}): tiêu đề “{line}” còn chỗ trống")
        read.append(replace(column, groups=tuple(groups), heading=heading))
    return tuple(read)
