"""The date cells of a chunk -> instants; what is odd about a cell becomes a flag or the rejection of its row.

Holds what is known of the columns through the whole table: the order of day and month, times that look like UTC.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tracker.ingest.clock_census import ClockCensus
from tracker.ingest.columns import DECISIVE, RecordColumns
from tracker.ingest.date_order import DateOrders
from tracker.ingest.dates import SHORT_YEAR, SWAP_MARK, DateReader, Order
from tracker.ingest.layout import Layout
from tracker.ingest.redaction import redact
from tracker.types import FileWarning, Rejection

DATE_INVALID, SWAPPED = "DATE_INVALID", "DATE_SWAPPED_SUSPECTED"
NO_SUCH_DATE = "không đọc được là ngày có thật (cần dạng 31/12/2022 hoặc 31/12/2022 16:30:00)"
SWAPPED_BY_EXCEL = (
    "nghi Excel đã đảo ngày và tháng: trong cột này mọi ngày mà Excel hiểu đều từ 12 trở xuống, còn các ngày "
    "sau 12 vẫn là chữ; hãy xuất lại tệp từ hệ thống (không mở bằng Excel trước), hoặc sửa ô này thành chữ"
)
MONTH_FIRST = (
    "không đọc được là ngày có thật: chỉ có thể là tháng/ngày/năm, còn cột được đọc là ngày/tháng/năm; hãy sửa ô thành ngày/tháng/năm, hoặc xuất "
    "lại tệp từ hệ thống"
)
EITHER_ORDER = (
    "cột này lẫn lộn ngày/tháng/năm và tháng/ngày/năm nên không biết ô này là ngày nào; hãy xuất lại tệp từ hệ thống, "
    "hoặc sửa ô này thành dạng 2026-08-31"
)
ONLY_FLAGGED = {"SENTINEL": "DATE_SENTINEL", SHORT_YEAR: "YEAR_TWO_DIGITS"}
# Row, column (heading), value, code, sentence.
Reject = Callable[[int, str, str, str, str], Rejection]


class OddCell(NamedTuple):
    """A cell of the column of our field `name`, and what its reader says of it."""

    position: int
    name: str
    what: str
    value: str


class Moments:
    """Reads the date columns of one table, chunk after chunk; a reader for each, and one for cells of suspensions."""

    def __init__(
        self, layout: Layout, readers: Mapping[str, DateReader], pauses: DateReader, orders: DateOrders
    ) -> None:
        self._layout, self._readers, self._pauses, self._orders = layout, readers, pauses, orders
        self._censuses = {name: ClockCensus() for name in readers}
        self._swapped: Counter[str] = Counter()

    def settle(self, cells: Mapping[str, Sequence[str]]) -> None:
        """Decide the order of day and month in columns that have cells for the first time.

        Raises:
            UnusableFile: the table had to be looked through for it, and cannot be read to its end.
        """
        for name, order in self._orders.of(cells).items():
            self._readers.get(name, self._pauses).order = order

    def read(self, out: RecordColumns, cells: Mapping[str, Sequence[str]], reject: Reject) -> None:
        """Fill in the dates of a chunk, empty where the table has no such column.

        Raises:
            UnusableFile: a column was read in the wrong order of day and month so far.
        """
        for name, reader in self._readers.items():
            given = cells.get(name)
            if given is None:
                out.dates[name] = [None] * len(out.codes)
                continue
            out.dates[name], odd = reader.column(given)
            for position, what in odd:
                self._odd(out, OddCell(position, name, what, given[position]), reject)
            self._censuses[name].take(given, out.dates[name])

    def _odd(self, out: RecordColumns, cell: OddCell, reject: Reject) -> None:
        if cell.what in ONLY_FLAGGED:
            out.flag(cell.position, ONLY_FLAGGED[cell.what])
            return
        if cell.what == "MONTH_FIRST" and self._readers[cell.name].order is Order.DAY_FIRST:
            self._orders.doubt(cell.name)
        code, sentence = self._reason(cell)
        if cell.name not in DECISIVE:
            out.flag(cell.position, "DATE_UNREADABLE" if code == DATE_INVALID else code)
        elif cell.position not in out.rejected:
            heading, shown = self._layout.heading(cell.name), redact(cell.value.removesuffix(SWAP_MARK))
            number = out.row_numbers[cell.position]
            out.rejected[cell.position] = reject(number, heading, shown, code, sentence)

    def _reason(self, cell: OddCell) -> tuple[str, str]:
        if cell.what == "INVALID":
            return DATE_INVALID, NO_SUCH_DATE
        if cell.what == "MONTH_FIRST" and self._readers[cell.name].order is Order.DAY_FIRST:
            return DATE_INVALID, MONTH_FIRST
        if cell.value.endswith(SWAP_MARK):
            self._swapped[cell.name] += 1
            return SWAPPED, SWAPPED_BY_EXCEL
        return SWAPPED, EITHER_ORDER

    def warnings(self) -> list[FileWarning]:
        """What a person should know about whole columns."""
        found = self._orders.warnings()
        for name, count in self._swapped.items():
            heading = self._layout.heading(name)
            found.append(
                FileWarning(
                    SWAPPED, heading,
                    f"cột “{heading}”: nghi Excel đã đảo ngày và tháng; {count} ô mà Excel hiểu là ngày không được dùng, "
                    "hãy xuất lại tệp từ hệ thống và nạp thẳng, không mở bằng Excel trước",
                )
            )  # fmt: skip
        for name, census in self._censuses.items():
            if census.is_suspect:
                heading = self._layout.heading(name)
                found.append(
                    FileWarning(
                        "SUSPECT_UTC", heading,
                        f"cột “{heading}”: cả {census.times} giờ đều trước 11:00, {census.at_night} trong số đó trước 07:00; "
                        "có thể hệ thống ghi giờ quốc tế, sớm hơn 7 giờ. Nếu đúng, hãy thêm nguồn này vào ingest.utc_sources",
                    )
                )  # fmt: skip
        return found
