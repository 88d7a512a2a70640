"""Dossiers that count otherwise than was said, as Excel or CSV: their columns, and how one fills them. No persons."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from tracker.measures.restating import Count, Known, Move, Reason
from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types import VN

COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 16),
    ("Vì sao", 26),
    ("Lúc chốt: tính là", 13),
    ("Lúc chốt: ngày hẹn", 15),
    ("Lúc chốt: ngày kết thúc", 15),
    ("Lúc chốt: đơn vị giải quyết", 24),
    ("Lúc chốt: lĩnh vực", 13),
    ("Nay: tính là", 13),
    ("Nay: ngày hẹn", 15),
    ("Nay: ngày kết thúc", 15),
    ("Nay: đơn vị giải quyết", 24),
    ("Nay: lĩnh vực", 13),
    ("Tử số thêm", 8),
    ("Mẫu số thêm", 8),
)
REASONS: Mapping[Reason, str] = {
    Reason.ARRIVED: "Lúc chốt chưa có trong kho, sau mới được nạp",
    Reason.GONE: "Không còn trong kho",
    Reason.ACCEPTED: "Lúc chốt chưa được tính (chưa tiếp nhận), nay được tính",
    Reason.UNCOUNTED: "Nay không được tính (đã xóa, không tiếp nhận, thiếu ngày tiếp nhận hoặc ngày kết thúc)",
    Reason.FINISHED: "Lúc chốt còn đang giải quyết, sau mới biết đã xong trong tháng",
    Reason.REOPENED: "Được mở lại sau khi chốt",
    Reason.WITHDRAWN: "Nay ghi là đã rút",
    Reason.NOT_WITHDRAWN: "Lúc chốt ghi là đã rút, nay đã giải quyết",
    Reason.END_MOVED: "Ngày kết thúc được ghi lại khác",
    Reason.DUE_TOLD: "Lúc chốt không có ngày hẹn, nay có",
    Reason.DUE_LOST: "Nay không còn ngày hẹn",
    Reason.CALENDAR: "Ngày hẹn dời vì lịch làm việc đổi",
    Reason.DUE_MOVED: "Ngày hẹn được ghi lại khác",
    Reason.RECEIVED_MOVED: "Ngày tiếp nhận được ghi lại khác",
    Reason.UNIT_MOVED: "Đơn vị giải quyết đổi",
    Reason.FIELD_MOVED: "Lĩnh vực đổi",
}
NOT_THERE, NOT_COUNTED, NOT_KNOWN = "không có", "không tính", "Chưa rõ"


def standing(known: Known | None, count: Count) -> str:
    """How a dossier stood in the rate of its month: "đúng hạn", "quá hạn", or outside it."""
    if known is None:
        return NOT_THERE
    if not count.denominator:
        return NOT_COUNTED
    return "đúng hạn" if count.numerator else "quá hạn"


def write(
    target: Path | BinaryIO,
    rows: Iterable[Move],
    title: str,
    names: tuple[Mapping[int, str], Mapping[int, str]],
) -> int:
    """Write the list as .csv where the target is named so, else as .xlsx; the number of rows. `names`: of units, of fields."""
    cells = (_cells(number, move, *names) for number, move in enumerate(rows, 1))
    if isinstance(target, Path) and target.suffix.lower() == ".csv":
        return listing.write_csv(target, COLUMNS, cells)
    return listing.write_xlsx(target, COLUMNS, cells, title)


def _cells(number: int, move: Move, units: Mapping[int, str], fields: Mapping[int, str]) -> list[Any]:
    halves = ((move.told.then, move.then), (move.told.now, move.now))
    return [
        number,
        move.told.code,
        REASONS[move.reason],
        *(cell for half in halves for cell in _half(*half, units, fields)),
        move.now.numerator - move.then.numerator,
        move.now.denominator - move.then.denominator,
    ]


def _half(
    known: Known | None, count: Count, units: Mapping[int, str], fields: Mapping[int, str]
) -> tuple[Any, ...]:
    word = standing(known, count)
    if known is None:
        return word, None, None, None, None
    return (
        word,
        _moment(known.due),
        _moment(known.ended),
        _name(units, known.unit_id),
        _name(fields, known.field_id),
    )


def _moment(epoch: int | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, VN)


def _name(names: Mapping[int, str], number: int | None) -> str:
    return names.get(number, NOT_KNOWN) if number is not None else NOT_KNOWN
