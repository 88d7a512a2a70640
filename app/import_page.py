"""The page of an import as values: what is shown of a preview, and what a person has said about its columns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.preview_json import preview_of
from app.works.importing import Import, import_of
from tracker.errors import UsageError
from tracker.pipeline.layouts import signature
from tracker.store.saved_layouts import LayoutRow
from tracker.text import clean, fold
from tracker.types.field_words import FIELD_WORDS, field_word
from tracker.types.preview import ColumnSeen, Preview, TableSeen
from tracker.types.work import WorkRow

# What a select says of a column that fills several fields at once, and of one that is left as it is.
AS_IT_IS = "="
UNUSED = ""
SOURCE_KEY = re.compile(r"[^\s:=]{1,40}")
KINDS: Mapping[str, str] = {
    "aliases": "danh sách hồ sơ, hiểu theo tên cột",
    "saved": "hiểu theo cách đã chọn",
    "portal": "gói tin của Cổng Dịch vụ công quốc gia",
    "": "chưa nhận ra",
}
CODES: Mapping[str, str] = {
    "DATE_INVALID": "ngày không đọc được",
    "DATE_SWAPPED_SUSPECTED": "nghi đảo ngày và tháng",
    "CODE_MISSING": "thiếu mã hồ sơ",
    "CODE_CONFLICT": "mã là của hồ sơ khác",
    "CODE_IS_IDENTITY": "mã là số định danh cá nhân",
    "CODE_TOO_LONG": "mã quá dài",
    "CODE_AS_NUMBER": "Excel làm hỏng mã",
    "ROW_TOO_LONG": "thừa ô",
    "ROW_TOO_SHORT": "thiếu ô",
    "EVENT_IN_FUTURE": "thời điểm ở tương lai",
    "UNIT_NOT_ALLOWED": "đơn vị ngoài phạm vi của khóa",
    "DOSSIER_UNKNOWN": "chưa có hồ sơ mang mã này",
}


def code_word(code: str) -> str:
    """Why a row was refused, in a few words."""
    return CODES.get(code, code)


def kind_word(kind: str) -> str:
    """How a table was recognised."""
    return KINDS.get(kind, f"mẫu {kind}")


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column with the select that says what it means; `name` of the form's field, `value` what it says now.

    `is_asked`: here, and not in a table above that has the same heading.
    """

    name: str
    column: ColumnSeen
    value: str
    is_asked: bool

    @property
    def words(self) -> str:
        """What the column is understood as."""
        return ", ".join(map(field_word, self.column.fields)) or "không dùng"


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A preview and what it is a preview of; `mapping`: how columns were read in it."""

    work: WorkRow
    asked: Import
    preview: Preview
    mapping: Mapping[str, str] | None

    def choices(self, table: TableSeen) -> list[ColumnChoice]:
        """The columns of a table; a heading stands for the same in every table of an import."""
        first = self.columns
        return [
            ColumnChoice(
                f"cot-{self._place(column.folded)}", column, value_of(column), first[column.folded] is column
            )
            for column in table.columns
        ]

    def _place(self, folded: str) -> int:
        return self.headings.index(folded)

    @property
    def headings(self) -> list[str]:
        """The folded headings of all tables, each once."""
        return list(dict.fromkeys(column.folded for table in self.preview.tables for column in table.columns))

    @property
    def unrecognised(self) -> frozenset[str]:
        """The folded headings of tables that nobody knows: there each select is a word of a person's, “không dùng” too.

        By these words the header is found: a column that is left out is one of its headings as well.
        """
        unknown = (table for table in self.preview.tables if not table.kind)
        return frozenset(column.folded for table in unknown for column in table.columns)

    @property
    def columns(self) -> dict[str, ColumnSeen]:
        """Folded heading -> the first column of it."""
        found: dict[str, ColumnSeen] = {}
        for table in self.preview.tables:
            for column in table.columns:
                found.setdefault(column.folded, column)
        return found


def page_of(row: WorkRow) -> ImportPage:
    """The page of a preview that is done."""
    return ImportPage(row, import_of(row.params), preview_of(row.result["preview"]), row.result["mapping"])


def value_of(column: ColumnSeen) -> str:
    """What the select of a column says before anybody touches it."""
    if not column.fields:
        return UNUSED
    return column.fields[0] if len(column.fields) == 1 and column.fields[0] in FIELD_WORDS else AS_IT_IS


def asked_anew(page: ImportPage, form: Mapping[str, str]) -> Import:
    """What the form asks for: the same files, with what was said about source, completeness and columns.

    Raises:
        UsageError: no source, or a column is to mean something that there is not.
    """
    source = clean(form.get("nguon", ""))
    if not SOURCE_KEY.fullmatch(source):
        raise UsageError(
            "nguồn: cần một khóa không dấu cách, không có dấu hai chấm hay dấu bằng, tối đa 40 ký tự"
        )
    changed: dict[str, str] = {}
    for at, folded in enumerate(page.headings):
        value = form.get(f"cot-{at}")
        if value is None or value == AS_IT_IS:
            continue
        if value == value_of(page.columns[folded]) and folded not in page.unrecognised:
            continue
        if value not in FIELD_WORDS and value != UNUSED:
            raise UsageError(f"cột “{page.columns[folded].heading}”: không có trường nào tên {value[:40]}")
        changed[folded] = value
    mapping = {**(page.mapping or {}), **changed} if changed or page.mapping is not None else None
    return replace(page.asked, source=source, is_full=bool(form.get("toan-bo")), mapping=mapping)


def is_same(page: ImportPage, asked: Import) -> bool:
    """Has the preview been made of just this?"""
    return replace(page.asked, mapping=page.mapping) == asked


def layouts_to_save(page: ImportPage, name: str, by: str, now: datetime) -> Sequence[LayoutRow]:
    """How the columns were read, to be kept under a name: one layout for each kind of table.

    Raises:
        UsageError: the name holds nothing to make a key of.
    """
    key = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:60]
    if not key:
        raise UsageError("tên của cách hiểu cột cần có chữ hoặc số")
    told = {signature(column.folded for column in table.columns): table for table in page.preview.tables}
    rows = []
    for number, (sign, table) in enumerate(told.items(), 1):
        own = {column.folded for column in table.columns}
        mapping = {heading: field for heading, field in (page.mapping or {}).items() if heading in own}
        if mapping:
            rows.append(
                LayoutRow(f"{key}-{number}" if number > 1 else key, clean(name)[:80], sign, mapping, by, now)
            )
    return rows
