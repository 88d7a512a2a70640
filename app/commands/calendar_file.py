"""A file of days (CSV or TOML) -> operations; every faulty cell is named by file, row, column and value."""

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.typed_dates import typed_day
from tracker.errors import UnusableFile
from tracker.text import fold
from tracker.timekeeping.calendar_definition import read_sessions, sessions_text
from tracker.types.calendars import AddDay

# Our name of a column -> folded headings.
HEADINGS = {
    "date": ("date", "ngay"),
    "name": ("name", "ten", "ten ngay", "ten ngay nghi"),
    "notice": ("notice", "van ban", "can cu", "thong bao"),
    "replaces": ("replaces", "lam thay", "lam bu cho", "thay cho ngay"),
    "sessions": ("sessions", "gio lam", "gio lam viec", "buoi lam viec"),
    "provisional": ("provisional", "tam tinh"),
    "calendar": ("calendar", "lich"),
}
NEEDED = ("date", "name", "notice")
YES, NO = frozenset({"1", "x", "co", "true", "yes"}), frozenset({"", "0", "khong", "false", "no"})
MAKE_UP_NAME = "Ngày làm bù"
Cells = Mapping[str, Any]


def read_days(path: Path, calendar: str) -> list[AddDay]:
    """The days of a file, for `calendar` where a row names no other.

    Raises:
        UnusableFile: it cannot be read, or a row of it is faulty; all faults are named.
    """
    try:
        rows = list(_toml_rows(path) if path.suffix.lower() == ".toml" else _csv_rows(path))
    except (OSError, UnicodeDecodeError, csv.Error, tomllib.TOMLDecodeError) as fault:
        raise UnusableFile(str(path), str(fault)) from fault
    reader = _Reader(calendar)
    days = [day for place, cells in rows if (day := reader.day(place, cells)) is not None]
    if reader.faults:
        raise UnusableFile(
            str(path), "không ghi gì, vì:\n" + "\n".join(f"  {fault}" for fault in reader.faults)
        )
    if not days:
        raise UnusableFile(str(path), "không có ngày nào")
    return days


def _csv_rows(path: Path) -> Iterator[tuple[str, Cells]]:
    text = path.read_text("utf-8-sig")
    heading = text.split("\n", 1)[0]
    table = csv.reader(text.splitlines(), delimiter=";" if heading.count(";") > heading.count(",") else ",")
    names = [_column(cell) for cell in next(table, [])]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise UnusableFile(str(path), f"dòng 1: thiếu cột {', '.join(missing)}")
    for cells in table:
        if any(cell.strip() for cell in cells):
            yield f"dòng {table.line_num}", dict(zip(names, (cell.strip() for cell in cells), strict=False))


def _column(heading: str) -> str:
    folded = fold(heading)
    return next((name for name, headings in HEADINGS.items() if folded in headings), "")


def _toml_rows(path: Path) -> Iterator[tuple[str, Cells]]:
    """`[[off]]`, `[[make_up]]` and `[[changed]]` as in the shipped table."""
    table = tomllib.loads(path.read_text("utf-8"))
    for kind in ("off", "make_up", "changed"):
        for number, cells in enumerate(table.get(kind, ()), 1):
            if kind == "make_up":
                cells = {"name": MAKE_UP_NAME, **cells}
            yield f"{kind} thứ {number}", cells


class _Reader:
    """Reads rows and remembers what is wrong with them."""

    def __init__(self, calendar: str) -> None:
        self._calendar = calendar
        self._seen: set[tuple[str, date]] = set()
        self.faults: list[str] = []

    def day(self, place: str, cells: Cells) -> AddDay | None:
        """The day of a row; None where a cell is faulty."""
        before = len(self.faults)
        day = self._cell(place, cells, "date", _date)
        replaces = self._cell(place, cells, "replaces", _maybe_date)
        sessions = self._cell(place, cells, "sessions", _sessions)
        provisional = self._cell(place, cells, "provisional", _truth)
        name, notice = (self._cell(place, cells, column, _text) for column in ("name", "notice"))
        calendar = str(cells.get("calendar") or self._calendar)
        if replaces and sessions:
            self._fault(place, "sessions", cells.get("sessions"), "đã ghi làm thay ngày khác")
        if isinstance(day, date) and (calendar, day) in self._seen:
            self._fault(place, "date", cells.get("date"), "ngày này đã có ở trên")
        if len(self.faults) > before or not isinstance(day, date):
            return None
        self._seen.add((calendar, day))
        return AddDay(calendar, day, name, notice, replaces, sessions or "", bool(provisional))

    def _cell(self, place: str, cells: Cells, column: str, read: Callable[[Any], Any]) -> Any:
        value = cells.get(column, "")
        try:
            return read(value)
        except ValueError as fault:
            self._fault(place, column, value, str(fault))
            return None

    def _fault(self, place: str, column: str, value: object, what: str) -> None:
        self.faults.append(f"{place}, cột {column}, giá trị “{value}”: {what}")


def _text(value: Any) -> str:
    if not str(value).strip():
        raise ValueError("để trống")
    return str(value).strip()


def _date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return typed_day(str(value))
    except ValueError:
        raise ValueError("không phải ngày (DD/MM/YYYY hoặc YYYY-MM-DD)") from None


def _maybe_date(value: Any) -> date | None:
    return None if value in ("", None) else _date(value)


def _sessions(value: Any) -> str:
    told = " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return sessions_text(read_sessions(told))


def _truth(value: Any) -> bool:
    word = fold(str(value).lower()) if not isinstance(value, bool) else str(int(value))
    if word in YES or word in NO:
        return word in YES
    raise ValueError("ghi x hoặc để trống")
