"""In which order a column writes day and month: decided once a column, on the whole column, never cell by cell.

25/08/2026 can only have the day first, 08/25/2026 only the month, 08/10/2026 either. A table is read in pieces: as long
as its first piece leaves the question open, or as soon as a cell speaks against what was taken for settled, the table is
looked through once to its end. Source: formats note 5.5 nos. 13 and 16.
"""

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.dates import LAST_MONTH, SWAP_MARK, Order
from tracker.ingest.layout import Chunk, Layout
from tracker.types import FileWarning

WRITTEN = re.compile(r"(?<![0-9/.-])([0-9]{1,2})[/.-]([0-9]{1,2})[/.-](?:[0-9]{4}|[0-9]{2})(?![0-9])")
LAST_DAY = 31
NOTHING = 3  # place behind the fields of `Proofs`
# A cell shorter than this has room for one date and its time of day only.
LONGEST_SINGLE = 20
# A column counts as month first only with so many proofs, and no fewer than a quarter of its open cells: of real dates
# three in five lie after the 12th.
LEAST_PROOFS, OPEN_TO_PROOFS = 3, 4
# Proofs of the other order, up to one in so many, are slips of typing: they cost only themselves.
SLIPS = 20
ReadAgain = Callable[[], Iterable[Chunk]]


class Proofs(NamedTuple):
    """How many dates of a column can only have the day first, only the month first, or either."""

    day_first: int = 0
    month_first: int = 0
    either: int = 0

    def __add__(self, other: "Proofs") -> "Proofs":  # type: ignore[override]
        """Those of two pieces of one column."""
        return Proofs(*(mine + its for mine, its in zip(self, other, strict=True)))

    @property
    def is_plain(self) -> bool:
        """Day first, and nothing against it?"""
        return self.day_first > 0 and self.month_first == 0


def proofs(cells: Sequence[str]) -> Proofs:
    """What the dates in some cells prove; a cell may hold several, and those that a reader has marked prove nothing."""
    joined = "".join(cells)
    if not joined.encode("utf-8", "surrogatepass").translate(None, string.digits.encode()):
        return Proofs()
    found = [0, 0, 0, 0]
    known: dict[str, int] = {}
    for cell in cells:
        # Most cells are a day of ten characters, perhaps with a time of day.
        head = cell[:10]
        if cell.endswith(SWAP_MARK):
            continue
        if head in known and len(cell) < LONGEST_SINGLE:
            found[known[head]] += 1
            continue
        dates = WRITTEN.findall(cell)
        for first, second in dates:
            found[_proof(int(first), int(second))] += 1
        if len(dates) == 1 and WRITTEN.fullmatch(head):
            known[head] = _proof(*map(int, dates[0]))
        elif not dates and head[:4].isdigit():
            known[head] = NOTHING
    return Proofs(*found[:NOTHING])


def _proof(first: int, second: int) -> int:
    """Place among the fields of `Proofs`; NOTHING: no date, or the same day in either order."""
    if LAST_MONTH < first <= LAST_DAY and 1 <= second <= LAST_MONTH:
        return 0
    if LAST_MONTH < second <= LAST_DAY and 1 <= first <= LAST_MONTH:
        return 1
    return 2 if first != second and 1 <= first <= LAST_MONTH and 1 <= second <= LAST_MONTH else NOTHING


def decide(columns: Mapping[str, Proofs]) -> dict[str, Order]:
    """The order of each column of one table. A column that proves nothing goes with the others, else with the day first."""
    has_day_first = any(told.day_first for told in columns.values())
    orders = {name: _own(told, has_day_first=has_day_first) for name, told in columns.items()}
    proven = {orders[name] for name, told in columns.items() if told.month_first or told.day_first}
    others = Order.MONTH_FIRST if proven == {Order.MONTH_FIRST} else Order.DAY_FIRST
    return {name: order or others for name, order in orders.items()}


def _own(told: Proofs, *, has_day_first: bool) -> Order | None:
    """By what the column itself proves. `has_day_first`: some column of the table proves the day first."""
    if told.month_first == 0:
        return Order.DAY_FIRST if told.day_first else None
    if told.day_first == 0:
        if told.month_first >= max(LEAST_PROOFS, told.either / OPEN_TO_PROOFS):
            return Order.MONTH_FIRST
        return Order.DAY_FIRST if has_day_first else Order.MIXED
    is_slip = told.month_first < LEAST_PROOFS or told.month_first * SLIPS < told.day_first
    return Order.DAY_FIRST if is_slip else Order.MIXED


class DateOrders:
    """The orders of the date columns of one table. `again` gives all its rows once more; without it, what is seen counts."""

    def __init__(self, file: str, layout: Layout, names: Sequence[str], again: ReadAgain | None) -> None:
        self._file, self._layout = file, layout
        self._names = [name for name in names if name in layout.columns]
        self._again = again
        self._orders: dict[str, Order] = {}
        # What all rows together prove, once they were looked through.
        self._whole: dict[str, Proofs] | None = None

    def of(self, cells: Mapping[str, Sequence[str]]) -> Mapping[str, Order]:
        """The orders of all columns seen so far, these cells among them; a column without a date has none yet."""
        new = {
            name: proofs(cells[name]) for name in self._names if name not in self._orders and name in cells
        }
        told = {name: found for name, found in new.items() if any(found)}
        if told:
            self._orders.update(self._decided(told))
        return self._orders

    def _decided(self, told: Mapping[str, Proofs]) -> Mapping[str, Order]:
        if self._whole is None:
            speaks_against = any(found.month_first for found in told.values())
            is_settled = (
                any(found.is_plain for found in told.values()) or Order.DAY_FIRST in self._orders.values()
            )
            if is_settled and not speaks_against:
                return dict.fromkeys(told, Order.DAY_FIRST)
            self._look(told, to_the_end=speaks_against)
        if self._whole is None:
            return dict.fromkeys(told, Order.DAY_FIRST)
        orders = decide(self._whole)
        return {name: orders[name] for name in told}

    def doubt(self, name: str) -> None:
        """A cell of a column with the day first can only have the month first: is it a slip, or was the order wrong?

        Raises:
            UnusableFile: it was wrong, and rows were read by it.
        """
        if self._whole is not None or self._again is None:
            return
        self._look({}, to_the_end=True)
        whole: Mapping[str, Proofs] = self._whole or {}
        wrong = [each for each, order in decide(whole).items() if self._orders.get(each, order) is not order]
        if wrong:
            raise UnusableFile(self._file, _torn(self._layout.heading(wrong[0]), whole[wrong[0]]))

    def _look(self, told: Mapping[str, Proofs], *, to_the_end: bool) -> None:
        """Look through the table; up to the first proof of the day first, if nothing speaks against it by then."""
        if self._again is None:
            self._whole = {name: told.get(name, Proofs()) for name in self._names}
            return
        whole = dict.fromkeys(self._names, Proofs())
        for chunk in self._again():
            for name in self._names:
                at = chunk.layout.columns.get(name)
                if at is not None:
                    whole[name] += proofs([row[at] for row in chunk.rows if len(row) > at])
            to_the_end = to_the_end or any(found.month_first for found in whole.values())
            if not to_the_end and any(found.is_plain for found in whole.values()):
                return
        self._whole = whole

    def warnings(self) -> list[FileWarning]:
        """What a person should know about the orders that were decided."""
        whole = self._whole or {}
        found = [
            (name, self._orders[name], whole.get(name, Proofs()))
            for name in self._names
            if name in self._orders
        ]
        return [
            _warning(self._layout.heading(name), order, told)
            for name, order, told in found
            if order is not Order.DAY_FIRST
        ]


def _warning(heading: str, order: Order, told: Proofs) -> FileWarning:
    if order is Order.MONTH_FIRST:
        proven = (
            f"{told.month_first} ô chỉ có thể hiểu như vậy"
            if told.month_first
            else "như các cột khác của bảng"
        )
        return FileWarning(
            "DATE_ORDER_MONTH_FIRST", heading,
            f"cột “{heading}” được đọc là tháng/ngày/năm ({proven}, không ô nào ngược lại); hãy xem lại vài ô",
        )  # fmt: skip
    return FileWarning(
        "DATE_SWAPPED_SUSPECTED", heading,
        f"cột “{heading}” không nhất quán: {told.day_first} ô chỉ có thể là ngày/tháng/năm, {told.month_first} ô chỉ "
        f"có thể là tháng/ngày/năm; {told.either} ô có thể hiểu cả hai cách nên không dùng",
    )  # fmt: skip


def _torn(heading: str, told: Proofs) -> str:
    return (
        f"cột “{heading}”: {told.day_first} ô chỉ có thể là ngày/tháng/năm, {told.month_first} ô chỉ có thể là "
        "tháng/ngày/năm, nên không biết phải đọc các ô khác thế nào; nếu tệp được ghép từ nhiều tệp, hãy nạp từng tệp"
    )
