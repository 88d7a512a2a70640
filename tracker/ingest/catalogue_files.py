"""Catalogue files (.xlsx, .csv, the portal's `LayThuTuc` as JSON) -> typed rows; what cannot be used is named, the rest goes in.

Columns are found by their headings, Vietnamese or our own; `dunghen procedures list --out` writes the very same ones.
Knows no store: whether a code is known is none of its business.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tracker.errors import UnusableFile
from tracker.ingest import catalogue_cells as cells
from tracker.ingest.readers.plain_rows import Rows, read_tables
from tracker.text import fold_header
from tracker.types.catalogue import CatalogueFault, ExtraTold, LimitTold, ProcedureTold, UnitTold

T = TypeVar("T")
HEADER_SEARCH = 15
# A leading apostrophe keeps a cell text that a spreadsheet would run as a formula (`reports.listing`).
QUOTED = ("'=", "'+", "'-", "'@")
# Our name -> the heading that we write, and others that we take.
PROCEDURE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("Mã thủ tục", "Mã TTHC", "MATTHC", "Mã số TTHC", "Mã số"),
    "name": ("Tên thủ tục", "Tên thủ tục hành chính", "Tên TTHC", "TENTTHC", "Thủ tục hành chính"),
    "field": ("Lĩnh vực", "Tên lĩnh vực", "TENLINHVUC"),
    "level": ("Cấp giải quyết", "Cấp thực hiện", "Cấp"),
    "channel": ("Cách nộp", "Kênh", "Kênh thực hiện", "KENH"),
    "case_name": ("Trường hợp", "Tên trường hợp"),
    "limit_text": ("Thời hạn công bố", "Thời hạn giải quyết", "Thời hạn", "Thời gian giải quyết"),
    "statutory_text": ("Thời hạn theo luật", "Thời hạn theo quy định", "Thời hạn luật định"),
    "day_kind": ("Ngày được hiểu là", "Loại ngày"),
    "valid_from": ("Áp dụng từ", "Từ ngày", "Hiệu lực từ"),
    "valid_to": ("Áp dụng đến", "Đến ngày", "Hiệu lực đến"),
    "source": ("Văn bản công bố", "Quyết định công bố", "Căn cứ", "Văn bản"),
    "aliases": ("Mã khác", "Mã cũ", "Tên gọi khác"),
    "commune_class": ("Loại xã",),
    "extra_text": ("Cộng thêm", "Thời gian cộng thêm"),
    "hours": ("ThoiGianThucHien", "Thời gian thực hiện (giờ)"),
    "hours_kind": ("LoaiThoiGianThucHien",),
}
UNIT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "code": ("Mã đơn vị", "Mã định danh", "Mã"),
    "name": ("Tên đơn vị", "Tên cơ quan", "Tên"),
    "abbreviation": ("Tên viết tắt", "Viết tắt"),
    "kind": ("Loại đơn vị", "Loại"),
    "level": ("Cấp", "Cấp hành chính"),
    "parent_code": ("Mã đơn vị cấp trên", "Trực thuộc", "Mã cha"),
    "valid_from": ("Thành lập", "Từ ngày", "Hiệu lực từ"),
    "valid_to": ("Kết thúc", "Đến ngày", "Hiệu lực đến"),
    "successor_code": ("Mã đơn vị kế thừa", "Kế thừa"),
    "place": ("Nơi ký", "Địa danh"),
    "signer_title": ("Chức danh người ký", "Chức danh"),
    "commune_class": ("Loại xã",),
    "aliases": ("Tên gọi khác", "Tên khác", "Mã khác"),
}


class ReadProcedures(NamedTuple):
    """The usable rows of a file, what is wrong with the others, and how many rows there were in all."""

    rows: list[ProcedureTold]
    faults: list[CatalogueFault]
    read: int


class ReadUnits(NamedTuple):
    """As `ReadProcedures`, for units."""

    rows: list[UnitTold]
    faults: list[CatalogueFault]
    read: int


def read_procedure_table(path: Path, *, max_mib: int) -> ReadProcedures:
    """The procedures of a workbook or CSV file.

    Raises:
        UnusableFile: it cannot be read, or has no column of codes.
    """
    rows: list[ProcedureTold] = []
    table = _Table(path, PROCEDURE_COLUMNS, ("code", "limit_text", "name", "hours", "extra_text"))
    for line in table.lines(max_mib):
        before = len(table.faults)
        row = _procedure(line)
        if len(table.faults) == before:
            rows.append(row)
    return ReadProcedures(rows, table.faults, table.read)


def read_units(path: Path, *, max_mib: int) -> ReadUnits:
    """The units of a workbook or CSV file.

    Raises:
        UnusableFile: it cannot be read, or has no column of codes.
    """
    rows: list[UnitTold] = []
    table = _Table(path, UNIT_COLUMNS, ("code", "name"))
    for line in table.lines(max_mib):
        before = len(table.faults)
        row = _unit(line)
        if len(table.faults) == before:
            rows.append(row)
    return ReadUnits(rows, table.faults, table.read)


class _Line:
    """One row: its cells by our names; cells that cannot be read are noted as faults of the table."""

    def __init__(self, table: "_Table", number: int, columns: Mapping[str, int], row: Sequence[str]) -> None:
        self._table, self.number, self._columns, self._row = table, number, columns, row

    def raw(self, name: str) -> str:
        """The text of a cell, empty where there is no such column."""
        place = self._columns.get(name)
        told = self._row[place] if place is not None and place < len(self._row) else ""
        return told[1:] if told.startswith(QUOTED) else told

    def cell(self, name: str, read: Callable[[str], T], instead: T) -> T:
        """The value of a cell; `instead` where it cannot be read, which is noted."""
        try:
            return read(self.raw(name))
        except ValueError as fault:
            self.fault(name, str(fault))
            return instead

    def fault(self, name: str, message: str) -> None:
        """Note what is wrong with a cell."""
        self._table.note(self.number, name, self._columns, self.raw(name), message)


class _Table:
    """The rows of a file below its header, and what is wrong with them."""

    def __init__(self, path: Path, names: Mapping[str, tuple[str, ...]], telling: Sequence[str]) -> None:
        self._path, self._names, self._telling = path, names, telling
        self._headings: Sequence[str] = ()
        self.faults: list[CatalogueFault] = []
        self.read = 0

    def lines(self, max_mib: int) -> list[_Line]:
        """The rows of the first sheet that has a header."""
        for _, rows in read_tables(self._path, max_mib=max_mib):
            columns, place = self._header(rows)
            if columns:
                self._headings = rows[place][1]
                told = [(number, row) for number, row in rows[place + 1 :] if any(map(str.strip, row))]
                self.read = len(told)
                return [_Line(self, number, columns, row) for number, row in told]
        wanted = " và một trong các cột ".join(
            (f"“{self._names['code'][0]}”", ", ".join(f"“{self._names[n][0]}”" for n in self._telling[1:]))
        )
        raise UnusableFile(
            str(self._path), f"không tìm thấy dòng tiêu đề trong {HEADER_SEARCH} dòng đầu (cần cột {wanted})"
        )

    def _header(self, rows: Rows) -> tuple[dict[str, int], int]:
        """Our names -> columns, and the place of the header among the rows; no columns where there is none."""
        meaning = {
            fold_header(heading): name for name, told in self._names.items() for heading in (name, *told)
        }
        best: dict[str, int] = {}
        at = 0
        for place, (_, row) in enumerate(rows[:HEADER_SEARCH]):
            columns: dict[str, int] = {}
            for position, heading in enumerate(row):
                if name := meaning.get(fold_header(heading)):
                    columns.setdefault(name, position)
            if len(columns) > len(best):
                best, at = columns, place
        is_header = "code" in best and not best.keys().isdisjoint(self._telling[1:])
        return (best, at) if is_header else ({}, 0)

    def note(self, number: int, name: str, columns: Mapping[str, int], value: str, message: str) -> None:
        """Keep a fault."""
        place = columns.get(name)
        heading = self._headings[place] if place is not None else self._names[name][0]
        self.faults.append(CatalogueFault(str(self._path), number, heading.strip(), value[:200], message))


# ---------------------------------------------------------------- procedures


def _procedure(line: _Line) -> ProcedureTold:
    code = line.cell("code", cells.procedure_code, "")
    given: dict[str, Any] = {
        "day_kind": line.cell("day_kind", cells.day_kind, ""),
        "valid_from": line.cell("valid_from", cells.day, None),
        "valid_to": line.cell("valid_to", cells.day, None),
        "source": line.cell("source", cells.text, ""),
    }
    if given["valid_from"] and given["valid_to"] and given["valid_to"] < given["valid_from"]:
        line.fault("valid_to", "trước ngày bắt đầu áp dụng")
    extra = _extra(line, given)
    limit = _limit(line, given)
    field = line.cell("field", cells.text, "")
    if extra and limit:
        line.fault("extra_text", "một dòng chỉ ghi thời hạn, hoặc chỉ ghi thời gian cộng thêm")
    if not code and not (extra and field):
        line.fault("code", "để trống")
    return ProcedureTold(
        row=line.number,
        code=code,
        name=line.cell("name", cells.text, ""),
        field=field,
        level=line.cell("level", cells.level, ""),
        aliases=line.cell("aliases", cells.several, ()),
        limit=limit,
        extra=extra,
    )


def _extra(line: _Line, given: Mapping[str, Any]) -> ExtraTold | None:
    text = line.cell("extra_text", cells.limit, "")
    commune_class = line.cell("commune_class", cells.commune_class, "")
    if not text:
        return None
    if not commune_class:
        line.fault("commune_class", "để trống: thời gian cộng thêm phải ghi cho loại xã nào")
    return ExtraTold(commune_class, text, **given)


def _limit(line: _Line, given: Mapping[str, Any]) -> LimitTold | None:
    text = line.cell("limit_text", cells.limit, "") or _of_hours(line)
    statutory = line.cell("statutory_text", cells.text, "")
    if not text:
        if statutory:
            line.fault("limit_text", "để trống: thời hạn theo luật chỉ ghi bên cạnh thời hạn công bố")
        return None
    return LimitTold(
        channel=line.cell("channel", cells.channel, ""),
        case_name=line.cell("case_name", cells.text, ""),
        limit_text=text,
        statutory_text=statutory,
        **given,
    )


def _of_hours(line: _Line) -> str:
    """Limits as one system keeps them: hours, a working day as 8 and a calendar day as 24 (formats.md 3.6)."""
    hours, kind = line.raw("hours").strip(), line.raw("hours_kind").strip()
    if not hours:
        return ""
    is_workday = line.cell("hours_kind", lambda cell: cells.day_kind(cell) == "workday", True)
    per_day, word = (8, "ngày làm việc") if is_workday else (24, "ngày")
    if not hours.isascii() or not hours.isdigit() or not kind:
        line.fault("hours", "cần số giờ nguyên, và cột LoaiThoiGianThucHien ghi “Ngày làm việc” hoặc “Ngày”")
        return ""
    days, rest = divmod(int(hours), per_day)
    if rest and is_workday:
        return f"{hours} giờ làm việc"
    if rest:
        # Some imports multiply calendar days by 24 and compute with 8: three times as much, or a third.
        line.fault(
            "hours",
            f"không chia hết cho 24 nên không rõ là bao nhiêu ngày; ghi vào cột “{PROCEDURE_COLUMNS['limit_text'][0]}”",
        )
        return ""
    return f"{days} {word}"


# ---------------------------------------------------------------- units


def _unit(line: _Line) -> UnitTold:
    valid_from = line.cell("valid_from", cells.day, None)
    valid_to = line.cell("valid_to", cells.day, None)
    if valid_from and valid_to and valid_to < valid_from:
        line.fault("valid_to", "trước ngày thành lập")
    return UnitTold(
        row=line.number,
        code=line.cell("code", lambda cell: cells.unit_code(cells.needed(cell)), ""),
        name=line.cell("name", cells.text, ""),
        abbreviation=line.cell("abbreviation", cells.text, ""),
        kind=line.cell("kind", cells.kind, ""),
        level=line.cell("level", cells.level, ""),
        parent_code=line.cell("parent_code", cells.unit_code, ""),
        valid_from=valid_from,
        valid_to=valid_to,
        successor_code=line.cell("successor_code", cells.unit_code, ""),
        place=line.cell("place", cells.text, ""),
        signer_title=line.cell("signer_title", cells.text, ""),
        commune_class=line.cell("commune_class", cells.commune_class, ""),
        aliases=line.cell("aliases", cells.several, ()),
    )
