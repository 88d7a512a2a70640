"""The national portal's payloads as tables: `DongBoHoSoMC` tells dossiers, `CapNhatTienDoHoSoMC` progress events.

Each element of `data` is one row, numbered from 1 through the whole file. Which of the two it is shows in its own
fields: two of the four wire variants name the service only in the address they were sent to.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from msgspec.structs import astuple

from tracker.errors import UnusableFile
from tracker.ingest.layout import Chunk, Layout
from tracker.ingest.readers.bounds import ENCODINGS, check_size
from tracker.ingest.readers.json_stream import DATA, Characters, JsonStream
from tracker.ingest.readers.portal_members import Kind, Kinds
from tracker.ingest.readers.utf8_text import Utf8Text
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
ROUNDS, STATUS = "DanhSachHoSoBoSung", "TrangThaiHoSo"
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
FIELDS_OF_AN_EVENT: Callable[[Sequence[Any]], Sequence[Any]] = itemgetter(slice(len(EVENT_FIELDS)))
NO_ROUNDS: Mapping[str, str] = {}
MAX_LAYOUTS = 1000
# How many chunks of rows may wait in all until one with the same fields is full.
WAITING_CHUNKS = 3


class EventRows(NamedTuple):
    """Progress events as cells in the order of `EVENT_FIELDS`, with the numbers of their elements."""

    numbers: list[int]
    rows: Sequence[Sequence[str]]


class Lot(NamedTuple):
    """Elements that were decoded together, with their numbers; `kind` where they are all alike, else they are objects."""

    numbers: Sequence[int]
    elements: Sequence[Any]
    kind: Kind | None = None


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
        self._layouts: dict[tuple[Any, ...], Layout] = {}
        self._kinds = Kinds(ROUNDS)
        self.begins_with_event = self.holds_events = False
        # Known once `events` has come to its end.
        self.holds_dossiers = False

    def _lots(self) -> Iterator[Lot]:
        """All elements, lot by lot."""
        with self._characters() as stream:
            source = JsonStream(self.path, stream)
            told = 1
            for lot in source.lots():
                kind = self._kinds.of(lot)
                if kind is None and lot:
                    # Those that follow are mostly like the last of these.
                    like = self._like(lot[-1])
                    source.quick = like.decode if like else None
                    lot = list(map(storable_value, lot)) if source.holds_odd_escapes else lot
                yield Lot(range(told, told + len(lot)), lot, kind)
                told += len(lot)

    @contextmanager
    def _characters(self) -> Iterator[Characters]:
        if self._encoding == "utf-8":
            with self.path.open("rb") as raw:
                yield Utf8Text(raw)
        else:
            with self.path.open(encoding=self._encoding) as stream:
                yield stream

    def _like(self, element: Any) -> Kind | None:
        """The kind of an element, if others like it can be read without making objects of them."""
        if not isinstance(element, dict) or DATA in element:
            return None
        if EVENT_MARK in element:
            whole = all(name in element for name in EVENT_FIELDS)
            return self._kinds.like(element, EVENT_FIELDS, (DATA,), is_event=True) if whole else None
        if not all(name in element for name in NEEDED):
            return None
        names = tuple(name for name in self.fields if name in element)
        others = tuple(name for name in self.fields if name not in element)
        return self._kinds.like(element, names, (DATA, EVENT_MARK, *others), is_event=False)

    def check_beginning(self) -> None:
        """Read up to the first element.

        Raises:
            UnusableFile: this is no JSON, or its first element is neither a dossier nor an event.
        """
        first = next((lot.elements[0] for lot in self._lots() if lot.elements), None)
        if first is None:
            return
        element = _named(first)
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
        for number, layout, cells, code in self._dossiers():
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

    def _dossiers(self) -> Iterator[tuple[int, Layout, Any, str]]:
        for lot in self._lots():
            if lot.kind is None:
                for number, given in zip(lot.numbers, lot.elements, strict=True):
                    element = given if isinstance(given, dict) and "MaHoSo" in given else _named(given)
                    if EVENT_MARK in element:
                        self.holds_events = True
                    else:
                        yield number, *self._row(element)
            elif lot.kind.is_event:
                self.holds_events = True
            else:
                yield from self._dossiers_alike(lot, lot.kind)

    def _dossiers_alike(self, lot: Lot, kind: Kind) -> Iterator[tuple[int, Layout, Any, str]]:
        names = kind.names
        _, plain, code_at = self._shape(names, NO_ROUNDS, withdrawn=False)
        size = len(names)
        # The last value of a member is always empty.
        status_at = names.index(STATUS) if STATUS in names else -1
        for number, values in zip(lot.numbers, map(astuple, lot.elements), strict=True):
            cells: Any = values[:size] if kind.is_text else _texts(values[:size])
            code = cells[code_at]
            withdrawn = values[status_at] in WITHDRAWN
            if withdrawn or values[size]:
                rounds = _rounds(values[size]) if values[size] else NO_ROUNDS
                layout = self._shape(names, rounds, withdrawn=withdrawn).layout
                yield number, layout, [*cells, *rounds.values()], code
            else:
                yield number, plain, cells, code

    def _row(self, element: Mapping[str, Any]) -> tuple[Layout, list[str], str]:
        """The layout of a dossier, its cells, and its code among them."""
        given = element.get(ROUNDS)
        rounds = _rounds(given) if given else NO_ROUNDS
        withdrawn = element.get(STATUS) in WITHDRAWN
        names = tuple(element)
        # A dossier mostly has the fields of the one before it.
        if names != self._names:
            self._alike = {}
        # Names of elements that were decoded together are the same objects: the next comparison sees that at once.
        self._names = names
        told = (withdrawn, *rounds)
        if told not in self._alike:
            self._alike[told] = self._shape(element, rounds, withdrawn=withdrawn)
        take, layout, code_at = self._alike[told]
        cells = _texts(take(element))
        code = cells[code_at]
        if rounds:
            cells += rounds.values()
        return layout, cells, code

    def _shape(self, given: Collection[str], rounds: Mapping[str, str], *, withdrawn: bool) -> _Shape:
        """How a dossier with these fields is laid out."""
        key = (*given, *rounds, withdrawn)
        if key not in self._shapes:
            if len(self._shapes) >= MAX_LAYOUTS:
                raise UnusableFile(str(self.path), "quá nhiều kiểu gói tin khác nhau trong một tệp")
            names = tuple(name for name in self.fields if name in given or name in NEEDED)
            layout = self._layout(names, tuple(rounds), withdrawn=withdrawn)
            there = all(name in given for name in names)
            take: Any = itemgetter(*names) if there else _taker(names)
            self._shapes[key] = _Shape(take, layout, layout.columns["dossier_code"])
        return self._shapes[key]

    def _layout(self, names: tuple[str, ...], rounds: tuple[str, ...], *, withdrawn: bool) -> Layout:
        """One for all dossiers that have the same fields of ours, whatever else they have."""
        key = (names, rounds, withdrawn)
        if key not in self._layouts:
            ours = [self.fields[name] for name in names]
            if withdrawn and "finished_at" in ours:
                ours[ours.index("finished_at")] = "withdrawn_at"
            columns = {field: at for at, field in enumerate([*ours, *rounds])}
            self._layouts[key] = Layout(0, (*names, *rounds), columns, ())
        return self._layouts[key]

    # ------------------------------------------------------------ progress events

    def events(self, size: int) -> Iterator[EventRows]:
        """The progress events, `size` at a time."""
        numbers: list[int] = []
        rows: list[Sequence[str]] = []
        for lot in self._lots():
            if lot.kind is None:
                self._add_events(lot, numbers, rows)
            elif lot.kind.is_event:
                numbers += lot.numbers
                values = map(FIELDS_OF_AN_EVENT, map(astuple, lot.elements))
                rows += values if lot.kind.is_text else map(_texts, values)
            else:
                self.holds_dossiers = True
            while len(rows) >= size:
                yield EventRows(numbers[:size], rows[:size])
                numbers, rows = numbers[size:], rows[size:]
        if rows:
            yield EventRows(numbers, rows)

    def _add_events(self, lot: Lot, numbers: list[int], rows: list[Sequence[str]]) -> None:
        for number, given in zip(lot.numbers, lot.elements, strict=True):
            element = given if isinstance(given, dict) and "MaHoSo" in given else _named(given)
            if EVENT_MARK not in element:
                self.holds_dossiers = True
                continue
            numbers.append(number)
            try:
                rows.append(_texts(ALL_OF_AN_EVENT(element)))
            except KeyError:
                rows.append([_text(element.get(name)) for name in EVENT_FIELDS])


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
