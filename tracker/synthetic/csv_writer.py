"""Batches -> the export file: UTF-8 with BOM, comma, CRLF, the headers of the ingest's Vietnamese layout."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic.catalogue import Catalogue
from tracker.synthetic.days import DAY, day_of
from tracker.synthetic.people import APPLICANT_KINDS, People
from tracker.synthetic.reasons import NOTES, REASONS

Ints = NDArray[np.int64]

HEADERS = (
    "Mã hồ sơ",
    "Mã TTHC",
    "Tên thủ tục",
    "Lĩnh vực",
    "Cơ quan giải quyết",
    "Đơn vị tiếp nhận",
    "Đơn vị trả kết quả",
    "Kênh tiếp nhận",
    "Chủ hồ sơ",
    "Loại đối tượng",
    "Địa chỉ",
    "Số điện thoại",
    "Ngày nộp",
    "Ngày tiếp nhận",
    "Thời hạn giải quyết",
    "Ngày hẹn trả ban đầu",
    "Ngày hẹn trả",
    "Ngày kết thúc xử lý",
    "Ngày trả kết quả",
    "Ngày rút",
    "Ngày từ chối",
    "Tạm dừng",
    "Trạng thái",
    "Cán bộ xử lý",
    "Lý do trễ hạn",
    "Ghi chú",
)
_CHUNK = 20_000
_TIMES = [f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)]


def quoted(text: str) -> str:
    """A cell, in quotes where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


class CsvWriter:
    """Writes batches of one run; holds the texts of catalogues and pools ready as cells."""

    def __init__(self, catalogue: Catalogue, people: People, prefixes: list[str]) -> None:
        """`prefixes`: by unit, what stands before the date in a dossier code."""
        self._prefixes = prefixes
        self._procedures = [f"{p.code},{quoted(p.name)},{quoted(p.field)}" for p in catalogue.procedures]
        self._limits = [quoted(p.limit_text) for p in catalogue.procedures]
        self._units = [quoted(unit.name) for unit in catalogue.units]
        self._applicants = [quoted(name) for name in people.applicants]
        self._phones, self._officers = people.phones, people.officers
        self._addresses = [quoted(address) for address in people.addresses]
        self._days: dict[int, str] = {}
        self._code_days: dict[int, str] = {}

    def write(self, path: Path, batches: Iterable[b.Batch]) -> int:
        """Write a file whole and answer its number of rows; it takes its name only when it is complete."""
        partial = path.with_name(path.name + ".part")
        rows = 0
        with partial.open("w", encoding="utf-8-sig", newline="") as stream:
            stream.write(",".join(HEADERS) + "\r\n")
            for batch in batches:
                for begin in range(0, len(batch), _CHUNK):
                    part = batch.taken(np.arange(begin, min(begin + _CHUNK, len(batch))))
                    stream.write(self._lines(part))
                rows += len(batch)
        partial.replace(path)
        return rows

    def _lines(self, batch: b.Batch) -> str:
        columns = [
            self._codes(batch),
            _texts(self._procedures, batch.procedure),
            _texts(self._units, batch.unit),
            _texts(self._units, batch.receiver),
            _texts(self._units, batch.receiver),
            _texts(b.CHANNELS, batch.channel),
            _texts(self._applicants, batch.applicant),
            _texts(APPLICANT_KINDS, batch.kind),
            _texts(self._addresses, batch.address),
            _texts(self._phones, batch.applicant),
            self._moments(batch.filed),
            self._moments(batch.received),
            _texts(self._limits, batch.procedure),
            self._moments(batch.first_due),
            self._moments(batch.due),
            self._moments(batch.finished),
            self._moments(batch.returned),
            self._moments(batch.withdrawn),
            self._moments(batch.refused),
            self._pauses(batch.pauses),
            _texts(b.STATUSES, batch.status),
            _texts(self._officers, batch.officer),
            _texts([quoted(text) for text in REASONS], batch.reason),
            _texts([quoted(text) for text in NOTES], batch.note),
        ]
        return "".join([",".join(cells) + "\r\n" for cells in zip(*columns, strict=True)])

    def _codes(self, batch: b.Batch) -> list[str]:
        days = [self._code_day(day) for day in (batch.entered // DAY).tolist()]
        prefixes = _texts(self._prefixes, batch.unit)
        return [
            f"{prefix}-{day}-{number:04d}"
            for prefix, day, number in zip(prefixes, days, batch.number.tolist(), strict=True)
        ]

    def _code_day(self, day: int) -> str:
        if day not in self._code_days:
            self._code_days[day] = day_of(day).strftime("%y%m%d")
        return self._code_days[day]

    def _day(self, day: int) -> str:
        if day not in self._days:
            self._days[day] = day_of(day).strftime("%d/%m/%Y")
        return self._days[day]

    def _moments(self, local: Ints) -> list[str]:
        if not local.any():
            return [""] * len(local)
        for day in np.unique(local // DAY).tolist():
            self._day(day)
        days, times = self._days, _TIMES
        split = zip((local // DAY).tolist(), (local % DAY).tolist(), strict=True)
        return [days[day] + times[second] if day else "" for day, second in split]

    def _pauses(self, pauses: Ints) -> list[str]:
        cells = [""] * pauses.shape[2]
        for row in np.flatnonzero(pauses[:, 2].any(axis=0)).tolist():
            slots = pauses[:, :, row].tolist()
            cells[row] = quoted("; ".join(self._pause(*slot) for slot in slots if slot[2]))
        return cells

    def _pause(self, start: int, end: int, kind: int) -> str:
        text = f"{b.PAUSE_KINDS[kind][0]}: {self._moment(start)} -"
        return f"{text} {self._moment(end)}" if end else text

    def _moment(self, local: int) -> str:
        return self._day(local // DAY) + _TIMES[local % DAY]


def _texts(texts: list[str] | tuple[str, ...], places: Ints) -> list[str]:
    return [texts[place] for place in places.tolist()]
