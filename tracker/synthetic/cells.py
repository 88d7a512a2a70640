"""What the writers share: the columns of the full export, and a batch's numbers turned into texts of one format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic.catalogue import Catalogue
from tracker.synthetic.days import DAY, day_of
from tracker.synthetic.people import APPLICANT_KINDS, People
from tracker.synthetic.reasons import NOTES, REASONS

Ints = NDArray[np.int64]
Texts = list[str]
Encode = Callable[[str], str]

DATE_STYLE, TIME_STYLE = "%d/%m/%Y", " {:02d}:{:02d}:{:02d}"
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the full export: which numbers of a batch, the pool they point into, the width on a sheet."""

    heading: str
    kind: Literal["code", "text", "moment", "pauses"]
    places: str = ""
    pool: str = ""
    width: int = 19


COLUMNS = (
    Column("Mã hồ sơ", "code", width=27),
    Column("Mã TTHC", "text", "procedure", "procedure_codes", 11),
    Column("Tên thủ tục", "text", "procedure", "procedure_names", 48),
    Column("Lĩnh vực", "text", "procedure", "fields", 24),
    Column("Cơ quan giải quyết", "text", "unit", "units", 42),
    Column("Đơn vị tiếp nhận", "text", "receiver", "units", 42),
    Column("Đơn vị trả kết quả", "text", "receiver", "units", 42),
    Column("Kênh tiếp nhận", "text", "channel", "channels", 18),
    Column("Chủ hồ sơ", "text", "applicant", "applicants", 30),
    Column("Loại đối tượng", "text", "kind", "applicant_kinds", 15),
    Column("Địa chỉ", "text", "address", "addresses", 52),
    Column("Số điện thoại", "text", "applicant", "phones", 14),
    Column("Ngày nộp", "moment", "filed"),
    Column("Ngày tiếp nhận", "moment", "received"),
    Column("Thời hạn giải quyết", "text", "procedure", "limits", 19),
    Column("Ngày hẹn trả ban đầu", "moment", "first_due"),
    Column("Ngày hẹn trả", "moment", "due"),
    Column("Ngày kết thúc xử lý", "moment", "finished"),
    Column("Ngày trả kết quả", "moment", "returned"),
    Column("Ngày rút", "moment", "withdrawn"),
    Column("Ngày từ chối", "moment", "refused"),
    Column("Tạm dừng", "pauses", "pauses", width=58),
    Column("Trạng thái", "text", "status", "statuses", 24),
    Column("Cán bộ xử lý", "text", "officer", "officers", 24),
    Column("Lý do trễ hạn", "text", "reason", "reasons", 60),
    Column("Ghi chú", "text", "note", "notes", 48),
)
HEADERS = tuple(column.heading for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class Pools:
    """Texts by the numbers that a batch holds; `prefixes` by unit: what stands before the date in a dossier code."""

    prefixes: Texts
    procedure_codes: Texts
    procedure_names: Texts
    fields: Texts
    limits: Texts
    units: Texts
    channels: Texts
    applicants: Texts
    applicant_kinds: Texts
    addresses: Texts
    phones: Texts
    statuses: Texts
    officers: Texts
    reasons: Texts
    notes: Texts

    def encoded(self, encode: Encode) -> "Pools":
        """The same as a format wants them: quoted, escaped."""
        return Pools(
            **{item.name: [encode(text) for text in getattr(self, item.name)] for item in fields(self)}
        )


def make_pools(catalogue: Catalogue, people: People, prefixes: Texts) -> Pools:
    """The texts of a run as they are."""
    procedures = catalogue.procedures
    return Pools(
        prefixes=prefixes,
        procedure_codes=[item.code for item in procedures],
        procedure_names=[item.name for item in procedures],
        fields=[item.field for item in procedures],
        limits=[item.limit_text for item in procedures],
        units=[unit.name for unit in catalogue.units],
        channels=list(b.CHANNELS),
        applicants=people.applicants,
        applicant_kinds=list(APPLICANT_KINDS),
        addresses=people.addresses,
        phones=people.phones,
        statuses=list(b.STATUSES),
        officers=people.officers,
        reasons=list(REASONS),
        notes=list(NOTES),
    )


@cache
def _times(style: str) -> Texts:
    return [style.format(s // 3600, s // 60 % 60, s % 60) for s in range(DAY)]


class Moments:
    """Local seconds as text in one style; 0 = empty. Each date is made once, each second of the day as well."""

    def __init__(self, date_style: str = DATE_STYLE, time_style: str = TIME_STYLE) -> None:
        """`date_style` as of strftime; `time_style` for hours, minutes, seconds, or empty for dates alone."""
        self._style = date_style
        self._times = _times(time_style)
        self._days: dict[int, str] = {0: ""}

    def texts(self, local: Ints) -> Texts:
        """A column."""
        if not local.any():
            return [""] * len(local)
        for day in np.unique(local // DAY).tolist():
            self._day(day)
        days, times = self._days, self._times
        split = zip((local // DAY).tolist(), (local % DAY).tolist(), strict=True)
        return [days[day] + times[second] if day else "" for day, second in split]

    def text(self, local: int) -> str:
        """One moment."""
        return self._day(local // DAY) + self._times[local % DAY] if local else ""

    def _day(self, day: int) -> str:
        if day not in self._days:
            self._days[day] = day_of(day).strftime(self._style)
        return self._days[day]


class Cells:
    """Columns of texts: pools encoded once, moments in one style."""

    def __init__(self, pools: Pools, encode: Encode = str, moments: Moments | None = None) -> None:
        self.pools = pools.encoded(encode)
        self.moments = moments or Moments()
        self._code_days = Moments("%y%m%d", "")

    def column(self, column: Column, batch: b.Batch) -> Texts:
        """A column of the full export."""
        if column.kind == "code":
            return self.codes(batch)
        if column.kind == "pauses":
            return self._pauses(batch.pauses)
        places: Ints = getattr(batch, column.places)
        return self.moments.texts(places) if column.kind == "moment" else self.texts(column.pool, places)

    def texts(self, pool: str, places: Ints) -> Texts:
        """The texts of a pool at places."""
        texts: Texts = getattr(self.pools, pool)
        return [texts[place] for place in places.tolist()]

    def codes(self, batch: b.Batch) -> Texts:
        """Dossier codes: prefix of the unit, date of entry, number of the day."""
        days = self._code_days.texts(batch.entered)
        prefixes = self.texts("prefixes", batch.unit)
        return [
            f"{prefix}-{day}-{number:04d}"
            for prefix, day, number in zip(prefixes, days, batch.number.tolist(), strict=True)
        ]

    def _pauses(self, pauses: Ints) -> Texts:
        cells = [""] * pauses.shape[2]
        for row in np.flatnonzero(pauses[:, 2].any(axis=0)).tolist():
            slots = pauses[:, :, row].tolist()
            cells[row] = "; ".join(self._pause(*slot) for slot in slots if slot[2])
        return cells

    def _pause(self, start: int, end: int, kind: int) -> str:
        text = f"{b.PAUSE_KINDS[kind][0]}: {self.moments.text(start)} -"
        return f"{text} {self.moments.text(end)}" if end else text


def chunks(batch: b.Batch) -> Iterator[b.Batch]:
    """A batch in parts small enough to be turned into text at once."""
    for begin in range(0, len(batch), _CHUNK):
        yield batch.taken(np.arange(begin, min(begin + _CHUNK, len(batch))))
