"""The national portal's answer to `LayThuTuc` -> rows of a catalogue of procedures.

One procedure an element: `MATTHC`, `TENTTHC`, `LINHVUCTHUCHIEN`, and per channel (`KENH`) its times. "Ngày làm việc" and
"Ngày" are taken as they are written, never as hours: systems that keep them as hours come out with three times the
calendar days or a third (formats.md 3.6). Several times of a channel are cases, told apart by `MOTA`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tracker.errors import UnusableFile
from tracker.ingest import catalogue_cells as cells
from tracker.ingest.catalogue_files import ReadProcedures, read_procedure_table
from tracker.ingest.readers.bounds import check_size
from tracker.ingest.readers.plain_rows import first_bytes
from tracker.text import clean, fold
from tracker.types.catalogue import CatalogueFault, LimitTold, ProcedureTold

MAX_MIB = 64
MAX_PROCEDURES = 200_000
UNITS: Mapping[str, str] = {
    "ngay lam viec": "ngày làm việc",
    "ngay": "ngày",
    "gio": "giờ",
    "gio lam viec": "giờ làm việc",
    "thang": "tháng",
    "nam": "năm",
}
LISTS = ("result", "data", "RESULT", "DATA")
Element = Mapping[str, Any]


def read_procedures(path: Path, *, max_mib: int, valid_from: date | None = None) -> ReadProcedures:
    """The procedures of a file, whatever kind it is. `valid_from`: of limits whose file does not tell since when.

    Raises:
        UnusableFile: it cannot be used at all.
    """
    start = first_bytes(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    found = _payload(path, max_mib) if start.startswith((b"{", b"[")) else None
    read = found or read_procedure_table(path, max_mib=max_mib)
    return read._replace(rows=[_dated(row, valid_from) for row in read.rows])


def _dated(row: ProcedureTold, valid_from: date | None) -> ProcedureTold:
    limit = row.limit
    if valid_from is None or limit is None or limit.valid_from is not None:
        return row
    return replace(row, limit=replace(limit, valid_from=valid_from))


def _payload(path: Path, max_mib: int) -> ReadProcedures:
    check_size(path, min(max_mib, MAX_MIB))
    try:
        document = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(str(path), f"không phải JSON đúng dạng ({error})") from error
    elements = _elements(document)
    if not elements:
        raise UnusableFile(str(path), "không có thủ tục nào (cần trường result, mỗi thủ tục có TENTTHC)")
    reader = _Reader(path)
    rows = [row for number, element in enumerate(elements, 1) for row in reader.rows(number, element)]
    return ReadProcedures(rows, reader.faults, reader.read)


def _elements(document: Any) -> Sequence[Any]:
    """The procedures of an answer: in a list, or a single one."""
    if isinstance(document, dict):
        document = next((document[key] for key in LISTS if key in document), [document])
    listed = document if isinstance(document, list) else [document]
    is_catalogue = any(isinstance(each, dict) and "TENTTHC" in each for each in listed)
    return listed[:MAX_PROCEDURES] if is_catalogue else []


class _Reader:
    """Reads elements and remembers what is wrong with them; rows are counted by the limits that they hold."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.faults: list[CatalogueFault] = []
        self.read = 0

    def rows(self, number: int, element: Any) -> Iterator[ProcedureTold]:
        """The limits of one procedure; the procedure alone where it has none."""
        given: Element = element if isinstance(element, dict) else {}
        times = list(self._times(number, given))
        try:
            code = cells.procedure_code(cells.needed(_text(given, "MATTHC")))
            told = ProcedureTold(
                number,
                code,
                cells.text(_text(given, "TENTTHC")),
                cells.text(_field(given)),
                _level(given),
                (),
            )
        except ValueError as fault:
            self.read += 1
            self._fault(number, "MATTHC", _text(given, "MATTHC"), str(fault))
            return
        if not times:
            self.read += 1
            yield told
        for limit in times:
            self.read += 1
            yield ProcedureTold(number, code, told.name, told.field, told.level, (), limit)

    def _times(self, number: int, element: Element) -> Iterator[LimitTold]:
        """The limits by channel; where a channel has several, each is a case by its own description."""
        for way in _list(element, "CACHTHUCTHUCHIEN") or [element]:
            told = [each for each in _list(way, "THOIGIAN") if _text(each, "THOIGIANGIAIQUYET")]
            cases = Counter(clean(_text(each, "MOTA")) for each in told)
            for each in told:
                case = clean(_text(each, "MOTA"))[: cells.MAX_TEXT] if len(told) > 1 else ""
                limit = self._limit(number, way, each, case)
                if limit is not None and len(told) > 1 and cases[clean(_text(each, "MOTA"))] > 1:
                    self.read += 1
                    message = "một kênh có nhiều thời hạn mà MOTA không cho biết trường hợp nào"
                    self._fault(number, "MOTA", case, message)
                elif limit is not None:
                    yield limit

    def _limit(self, number: int, way: Element, time: Element, case: str) -> LimitTold | None:
        value, unit = _text(time, "THOIGIANGIAIQUYET"), _text(time, "DONVITINH")
        word = UNITS.get(fold(unit))
        try:
            if word is None:
                raise ValueError("cần Ngày làm việc, Ngày, Giờ hoặc tháng")
            text = cells.limit(f"{value} {word}")
            channel = cells.channel(_text(way, "KENH") or "1")
        except ValueError as fault:
            self.read += 1
            self._fault(number, "THOIGIANGIAIQUYET, DONVITINH", f"{value} {unit}", str(fault))
            return None
        return LimitTold(channel, case, text, "", "", None, None, "")

    def _fault(self, number: int, column: str, value: str, message: str) -> None:
        self.faults.append(CatalogueFault(str(self._path), number, column, value[:200], message))


def _text(element: Element, key: str) -> str:
    value = element.get(key)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _list(element: Element, key: str) -> list[Element]:
    value = element.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _field(element: Element) -> str:
    return next((_text(each, "TENLINHVUC") for each in _list(element, "LINHVUCTHUCHIEN")), "")


def _level(element: Element) -> str:
    """The level that resolves it, where there is one alone."""
    told = [_text(each, "TENCAP") or _text(each, "CAPTHUCHIEN") for each in _list(element, "CAPTHUCHIEN")]
    found = {cells.LEVELS[fold(each)] for each in told if fold(each) in cells.LEVELS}
    return found.pop() if len(found) == 1 and len(told) == 1 else ""
