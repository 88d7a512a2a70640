"""Planted cases and noise as a real source tells them: a whole export each working evening, and the steps of the day.

Some evenings no export is made. Beside the files stands the truth, which nobody who reads the exports sees.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from tracker.calendar_data import load_calendar
from tracker.synthetic.planted_signs import PLANTED
from tracker.synthetic.sign_lives import FORM, Clockwork, Life, Registry, Step
from tracker.synthetic.sign_noise import NOISE
from tracker.types import VN

FIRST, LAST = date(2026, 3, 2), date(2026, 7, 3)
EXPORTED_AT = time(20, 0)
MISSED = 0.06
UNITS = (
    "Sở Công Thương tỉnh Đắk Lắk", "Sở Tư pháp tỉnh Đắk Lắk", "Sở Xây dựng tỉnh Đắk Lắk", "Sở Y tế tỉnh Đắk Lắk",
    "Sở Nội vụ tỉnh Đắk Lắk", "Sở Tài chính tỉnh Đắk Lắk", "Sở Khoa học và Công nghệ tỉnh Đắk Lắk",
    "Sở Giáo dục và Đào tạo tỉnh Đắk Lắk",
)  # fmt: skip
HEADINGS = (
    "Mã hồ sơ", "Tên thủ tục", "Lĩnh vực", "Cơ quan giải quyết", "Đơn vị tiếp nhận", "Chủ hồ sơ", "Ngày tiếp nhận",
    "Thời hạn giải quyết", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Ngày rút", "Tạm dừng", "Trạng thái",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SignExport:
    """What was exported on an evening: the whole export, and the steps of the days since the one before (None: there were none)."""

    at: datetime
    table: Path
    steps: Path | None


@dataclass(frozen=True, slots=True)
class SignSeries:
    """All exports in order, and the lives that they tell of: the truth."""

    exports: tuple[SignExport, ...]
    lives: tuple[Life, ...]


def make_lives(seed: int, size: int) -> tuple[Life, ...]:
    """`size` of most kinds of planted cases and of each sort of noise; the same for the same seed."""
    clock = Clockwork(load_calendar(), Random(seed))
    registry = Registry(clock, UNITS, FIRST, LAST)
    return tuple(life for sort in (*PLANTED, *NOISE) for life in sort(registry, size))


def write_series(out: Path, seed: int, size: int, *, every: int = 1) -> SignSeries:
    """Write all exports and the truth (`signs-truth.json`) into a folder, made if need be; one export in `every` evenings."""
    out.mkdir(parents=True, exist_ok=True)
    lives = make_lives(seed, size)
    exports, before = [], datetime.combine(FIRST, time(), VN)
    for at in islice(_evenings(Random(seed + 1)), 0, None, every):
        table = out / f"signs-{at:%Y%m%d}.csv"
        table.write_text(_table(lives, at), "utf-8-sig")
        steps = [(life, step) for life in lives for step in life.steps if before < step.at <= at]
        path = out / f"signs-{at:%Y%m%d}-steps.json" if steps else None
        if path is not None:
            path.write_text(json.dumps(_payload(steps), ensure_ascii=False), "utf-8")
        exports.append(SignExport(at, table, path))
        before = at
    (out / "signs-truth.json").write_text(json.dumps(truth(lives), ensure_ascii=False, indent=1), "utf-8")
    return SignSeries(tuple(exports), lives)


def truth(lives: Iterable[Life]) -> dict[str, Any]:
    """Code -> what was planted in it, and what sort of dossier it is."""
    return {life.code: {"kinds": sorted(life.kinds), "sort": life.sort} for life in lives}


def _evenings(chance: Random) -> Iterator[datetime]:
    calendar, on = load_calendar(), FIRST
    while on <= LAST:
        if calendar.is_working(on) and (on == FIRST or chance.random() >= MISSED):
            yield datetime.combine(on, EXPORTED_AT, VN)
        on += timedelta(days=1)


def _table(lives: Sequence[Life], at: datetime) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for number, life in enumerate(lives, 1):
        said = life.record(at)
        if said is not None:
            writer.writerow(_cells(number, life, said))
    return out.getvalue()


def _cells(number: int, life: Life, said: dict[str, Any]) -> list[str]:
    return [
        life.code, "Thủ tục bịa đặt", "Lưu thông hàng hóa trong nước", life.unit, life.unit, f"Nguyễn Văn Bịa {number}",
        _moment(life.received), f"{life.limit:02d} ngày làm việc", _moment(said["due_at"]), _moment(said.get("finished_at")),
        _moment(said.get("withdrawn_at")), "; ".join(_pause(*one) for one in said.get("pauses", ())), said["status"],
    ]  # fmt: skip


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:{FORM}}"


def _pause(kind: str, start: datetime, end: datetime | None) -> str:
    return f"{kind}: {_moment(start)} - {_moment(end)}".rstrip()


def _payload(steps: Iterable[tuple[Life, Step]]) -> dict[str, Any]:
    return {
        "session": "s-1",
        "service": "CapNhatTienDoHoSoMC",
        "data": [
            {
                "MaHoSo": life.code, "NguoiXuLy": "Chuyên viên", "PhongBanXuLy": step.department,
                "ThoiDiemXuLy": f"{step.at:%Y%m%d%H%M%S}", "NoiDungXuLy": step.text, "TrangThai": "4",
            }
            for life, step in steps
        ],
    }  # fmt: skip
