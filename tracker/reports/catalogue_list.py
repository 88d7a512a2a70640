"""The catalogues as Excel or CSV, in the very columns from which they are imported again."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.text import fold
from tracker.types import Channel, Level, LimitUnit
from tracker.types.catalogue import CommuneClass, KeptExtra, KeptProcedure, LimitTold, UnitTold

PROCEDURES: Sequence[Column] = (
    ("Mã thủ tục", 12),
    ("Tên thủ tục", 40),
    ("Lĩnh vực", 16),
    ("Cấp giải quyết", 10),
    ("Cách nộp", 12),
    ("Trường hợp", 16),
    ("Thời hạn công bố", 16),
    ("Thời hạn theo luật", 16),
    ("Ngày được hiểu là", 12),
    ("Áp dụng từ", 11),
    ("Áp dụng đến", 11),
    ("Văn bản công bố", 24),
    ("Mã khác", 14),
    ("Loại xã", 12),
    ("Cộng thêm", 10),
)
UNITS: Sequence[Column] = (
    ("Mã đơn vị", 14),
    ("Tên đơn vị", 40),
    ("Tên viết tắt", 11),
    ("Loại đơn vị", 11),
    ("Cấp", 10),
    ("Mã đơn vị cấp trên", 13),
    ("Thành lập", 11),
    ("Kết thúc", 11),
    ("Mã đơn vị kế thừa", 13),
    ("Nơi ký", 14),
    ("Chức danh người ký", 14),
    ("Loại xã", 12),
    ("Tên gọi khác", 30),
)
LEVELS = {Level.PROVINCE: "Cấp tỉnh", Level.DISTRICT: "Cấp huyện", Level.COMMUNE: "Cấp xã"}
CHANNELS = {Channel.COUNTER: "Trực tiếp", Channel.ONLINE: "Trực tuyến", Channel.POSTAL: "Bưu chính công ích"}
DAY_KINDS = {LimitUnit.WORKDAY: "Ngày làm việc", LimitUnit.DAY: "Ngày lịch"}
COMMUNE_CLASSES = {
    CommuneClass.DIFFICULT: "Đặc biệt khó khăn",
    CommuneClass.MOUNTAIN: "Miền núi",
    CommuneClass.ISLAND: "Hải đảo",
}


def procedure_rows(procedures: Iterable[KeptProcedure], extras: Sequence[KeptExtra]) -> list[list[Any]]:
    """A row for each limit, for each procedure without any, for each extra."""
    rows: list[list[Any]] = []
    for procedure in procedures:
        limits = [each.limit for each in procedure.limits]
        rows += [_row(procedure, limit) for limit in limits] or [_row(procedure, None)]
    return rows + [_extra(each) for each in extras]


def _row(procedure: KeptProcedure, limit: LimitTold | None) -> list[Any]:
    own = [procedure.code, procedure.name, procedure.field, LEVELS.get(_word(Level, procedure.level), "")]
    others = "|".join(each for each in procedure.aliases if each != fold(procedure.name))
    if limit is None:
        return [*own, *[""] * 8, others, "", ""]
    return [
        *own,
        CHANNELS.get(_word(Channel, limit.channel), ""),
        limit.case_name,
        limit.limit_text,
        limit.statutory_text,
        DAY_KINDS.get(_word(LimitUnit, limit.day_kind), ""),
        _day(limit.valid_from),
        _day(limit.valid_to),
        limit.source,
        others,
        "",
        "",
    ]


def _extra(kept: KeptExtra) -> list[Any]:
    extra = kept.extra
    return [
        kept.procedure,
        "",
        kept.field,
        *[""] * 5,
        DAY_KINDS.get(_word(LimitUnit, extra.day_kind), ""),
        _day(extra.valid_from),
        _day(extra.valid_to),
        extra.source,
        "",
        COMMUNE_CLASSES.get(_word(CommuneClass, extra.commune_class), ""),
        extra.extra_text,
    ]


def unit_rows(units: Iterable[UnitTold]) -> list[list[Any]]:
    """A row for each unit."""
    return [
        [
            unit.code,
            unit.name,
            unit.abbreviation,
            unit.kind,
            LEVELS.get(_word(Level, unit.level), ""),
            unit.parent_code,
            _day(unit.valid_from),
            _day(unit.valid_to),
            unit.successor_code,
            unit.place,
            unit.signer_title,
            COMMUNE_CLASSES.get(_word(CommuneClass, unit.commune_class), ""),
            "|".join(unit.aliases),
        ]
        for unit in units
    ]


def write(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Any]], title: str) -> int:
    """Write rows as .xlsx or .csv, by the name of the file; how many."""
    if path.suffix.lower() == ".csv":
        return listing.write_csv(path, columns, rows)
    return listing.write_xlsx(path, columns, rows, title)


def _word(kind: Any, text: str) -> Any:
    return kind(text) if text in set(kind) else None


def _day(value: date | None) -> str:
    return f"{value:%d/%m/%Y}" if value else ""
