"""The national portal's payloads as tables: `DongBoHoSoMC` tells dossiers, `CapNhatTienDoHoSoMC` progress events.

Each element of `data` is one row, numbered from 1 through the whole file. Which of the two it is shows in its own
fields: two of the four wire variants name the service only in the address they were sent to.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.layout import Chunk, Layout
from tracker.ingest.readers.bounds import ENCODINGS, check_size
from tracker.ingest.readers.json_stream import JsonStream
from tracker.text import storable

# Field of the payload -> ours. Whatever else it carries (identity numbers, attachments, fax, fees) is never taken in.
DOSSIER_FIELDS = {
    "MaHoSo": "dossier_code",
    "MaTTHC": "procedure_code",
    "TenTTHC": "procedure_name",
    "TenLinhVuc": "field_name",
    "KenhThucHien": "channel",
    "ChuHoSo": "applicant_name",
    "LoaiDoiTuong": "applicant_kind",
    "SoDienThoai": "phone",
    "NgayNopHoSo": "filed_at",
    "NgayTiepNhan": "received_at",
    "NgayHenTra": "due_at",
    "TrangThaiHoSo": "status",
    "NgayTra": "returned_at",
    "NgayKetThucXuLy": "finished_at",
    "NgayTuChoi": "refused_at",
    "DonViXuLy": "resolving_unit",
    "GhiChu": "note",
}
SHORT_NAMES = {name.lower(): name for name in DOSSIER_FIELDS}
ROUNDS = "DanhSachHoSoBoSung"
# The portal has no date of withdrawal: status 7 says that the end of processing was one.
WITHDRAWN = ("7", 7)
WITHDRAWAL = "NgayRut"
# What a dossier must have to be one; a column that is not there at all reads as an empty cell.
NEEDED = ("MaHoSo", "NgayTiepNhan", "NgayHenTra")
EVENT_MARK = "ThoiDiemXuLy"
EVENT_FIELDS = (
    "MaHoSo",
    "NguoiXuLy",
    "PhongBanXuLy",
    "ThoiDiemXuLy",
    "NoiDungXuLy",
    "TrangThai",
    "NgayKetThucTheoQuyDinh",
    "NgayBatDau",
)
ALL_OF_AN_EVENT = itemgetter(*EVENT_FIELDS)
NO_ROUNDS: Mapping[str, str] = {}
MAX_LAYOUTS = 1000
# How many chunks of rows may wait in all until one with the same fields is full.
WAITING_CHUNKS = 3


class EventRows(NamedTuple):
    """Progress events as cells in the order of `EVENT_FIELDS`, with the numbers of their elements."""

    numbers: list[int]
    rows: list[list[str]]


class _Shape(NamedTuple):
    """How dossiers with the same fields are laid out: how to take their values, their layout, and where the code is."""

    take: Any
    layout: Layout
    code_at: int


class PortalTable:
    """The payloads of one file. Dossiers first, then (in a second pass, if there are any) progress events."""

    sheet = ""
    kind = "portal"
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fields: Mapping[str, str] = DOSSIER_FIELDS

    def __init__(self, path: Path, encoding: str) -> None:
        self.path = path
        self._encoding = encoding
        self._shapes: dict[tuple[Any, ...], _Shape] = {}
        # The fields of the latest element, and the shapes of those that have the same.
        self._names: tuple[Any, ...] = ()
        self._alike: dict[tuple[Any, ...], _Shape] = {}
        self.begins_with_event = self.holds_events = False
        # Known once `events` has come to its end.
        self.holds_dossiers = False

    def _elements(self) -> Iterator[tuple[int, Any]]:
        with self.path.open(encoding=self._encoding) as stream:
            source = JsonStream(self.path, stream)
            told = 0
            for lot in source.lots():
                yield from enumerate(map(storable_value, lot) if source.holds_odd_escapes else lot, told + 1)
                told += len(lot)

    def check_beginning(self) -> None:
        """Read up to the first element.

        Raises:
            UnusableFile: this is no JSON, or its first element is neither a dossier nor an event.
        """
        first = next(self._elements(), None)
        if first is None:
            return
        element = _named(first[1])
        self.begins_with_event = EVENT_MARK in element
        if "MaHoSo" not in element:
            names = ", ".join(sorted(map(str, element))[:6]) or "không có trường nào"
            raise UnusableFile(
                str(self.path),
                f"JSON này không phải gói hồ sơ hay tiến độ của Cổng DVCQG: thiếu trường MaHoSo ({names})",
            )

    # ------------------------------------------------------------ dossiers

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The dossiers, up to `size` at a time; elements with other fields come in chunks of their own."""
        waiting: dict[Layout, tuple[list[int], list[list[str]]]] = defaultdict(lambda: ([], []))
        laid: dict[str, Layout] = {}
        count, most = 0, WAITING_CHUNKS * size
        for number, given in self._elements():
            element = given if isinstance(given, dict) and "MaHoSo" in given else _named(given)
            if EVENT_MARK in element:
                self.holds_events = True
                continue
            layout, cells, code = self._row(element)
            # Two tellings of one dossier must not overtake each other on their way into chunks of other layouts.
            if laid.setdefault(code, layout) is not layout or count >= most:
                yield from _flushed(waiting)
                laid, count = {code: layout}, 0
            numbers, rows = waiting[layout]
            numbers.append(number)
            rows.append(cells)
            count += 1
            if len(rows) >= size:
                del waiting[layout]
                yield Chunk(layout, numbers, rows)
                laid = {other: its for other, its in laid.items() if its is not layout}
                count -= len(rows)
        yield from _flushed(waiting)

    def _row(self, element: Mapping[str, Any]) -> tuple[Layout, list[str], str]:
        """The layout of a dossier, its cells, and its code among them."""
        given = element.get(ROUNDS)
        rounds = _rounds(given) if given else NO_ROUNDS
        withdrawn = element.get("TrangThaiHoSo") in WITHDRAWN
        names = tuple(element)
        # A dossier mostly has the fields of the one before it.
        if names != self._names:
            self._alike = {}
        # Names of elements that were decoded together are the same objects: the next comparison sees that at once.
        self._names = names
        told = (withdrawn, *rounds)
        if told not in self._alike:
            self._alike[told] = self._shape(element, rounds, withdrawn)
        take, layout, code_at = self._alike[told]
        cells = _texts(take(element))
        code = cells[code_at]
        if rounds:
            cells += rounds.values()
        return layout, cells, code

    def _shape(self, element: Mapping[str, Any], rounds: Mapping[str, str], withdrawn: bool) -> _Shape:
        key = (*element, *rounds, withdrawn)
        if key not in self._shapes:
            if len(self._shapes) >= MAX_LAYOUTS:
                raise UnusableFile(str(self.path), "quá nhiều kiểu gói tin khác nhau trong một tệp")
            names = [name for name in self.fields if name in element or name in NEEDED]
            ours = [self.fields[name] for name in names]
            if withdrawn and "finished_at" in ours:
                ours[ours.index("finished_at")] = "withdrawn_at"
            columns = {field: at for at, field in enumerate([*ours, *rounds])}
            layout = Layout(0, (*names, *rounds), columns, ())
            there = all(name in element for name in names)
            take: Any = itemgetter(*names) if there else _taker(names)
            self._shapes[key] = _Shape(take, layout, columns["dossier_code"])
        return self._shapes[key]

    # ------------------------------------------------------------ progress events

    def events(self, size: int) -> Iterator[EventRows]:
        """The progress events, `size` at a time."""
        numbers: list[int] = []
        rows: list[list[str]] = []
        for number, given in self._elements():
            element = given if isinstance(given, dict) and "MaHoSo" in given else _named(given)
            if EVENT_MARK not in element:
                self.holds_dossiers = True
                continue
            numbers.append(number)
            try:
                rows.append(_texts(ALL_OF_AN_EVENT(element)))
            except KeyError:
                rows.append([_text(element.get(name)) for name in EVENT_FIELDS])
            if len(rows) >= size:
                yield EventRows(numbers, rows)
                numbers, rows = [], []
        if rows:
            yield EventRows(numbers, rows)


def is_json(start: bytes) -> bool:
    """Does a file that begins like this hold JSON? `start`: at least its first ten bytes."""
    encoding = _encoding(start)
    even = len(start) - len(start) % 2
    text = start[:even].decode(encoding, "ignore").lstrip("\ufeff").lstrip()
    return text[:1] in ("{", "[")


def _encoding(start: bytes) -> str:
    return next((name for mark, name in ENCODINGS if start.startswith(mark)), "utf-8")


@contextmanager
def open_portal(path: Path, *, max_mib: int) -> Iterator[PortalTable]:
    """The payloads of a JSON file.

    Raises:
        UnusableFile: it is too large, no JSON in UTF-8 or UTF-16, or holds something else.
    """
    check_size(path, max_mib)
    with path.open("rb") as stream:
        table = PortalTable(path, _encoding(stream.read(4)))
    table.check_beginning()
    yield table


def _flushed(waiting: dict[Layout, tuple[list[int], list[list[str]]]]) -> Iterator[Chunk]:
    for layout, (numbers, rows) in waiting.items():
        yield Chunk(layout, numbers, rows)
    waiting.clear()


def _taker(names: Sequence[str]) -> Any:
    return lambda element: [element.get(name) for name in names]


def _named(element: Any) -> Mapping[str, Any]:
    """The element with field names spelt as the portal does; what is no object has no fields."""
    if not isinstance(element, dict):
        return {}
    if "MaHoSo" in element:
        return element
    spelt = {**SHORT_NAMES, **{name.lower(): name for name in (*EVENT_FIELDS, ROUNDS)}}
    return {spelt.get(str(name).lower(), str(name)): value for name, value in element.items()}


def _text(value: Any) -> str:
    """A scalar as the text it stands for; lists and objects are no cells."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, list | dict):
        return ""
    return str(value)


def _texts(values: Sequence[Any]) -> list[str]:
    """Values as cells."""
    try:
        # Nothing but texts can be joined; looking at the type of each takes twice as long.
        "".join(values)
    except TypeError:
        return [_text(value) for value in values]
    return list(values)


def storable_value(value: Any) -> Any:
    """A value of JSON as every database can hold its texts."""
    if isinstance(value, dict):
        return {storable(str(name)): storable_value(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable_value(inner) for inner in value]
    return storable(value) if isinstance(value, str) else value


def _rounds(told: Any) -> dict[str, str]:
    """What the rounds of supplements say: the date promised before the first, and the suspensions, each if told."""
    before, pauses = "", []
    for one in told if isinstance(told, list) else ():
        if isinstance(one, dict):
            before = before or _text(one.get("NgayHenTraTruoc"))
            if start := _text(one.get("NgayBoSung")):
                pauses.append(f"Bổ sung hồ sơ: {start} - {_text(one.get('NgayTiepNhanBoSung'))}".rstrip())
    rounds = {"previous_due_at": before} if before else {}
    if pauses:
        rounds["suspensions"] = "; ".join(pauses)
    return rounds
