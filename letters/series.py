"""A unit's own series of numbers (Decree 30/2020 art. 15): registered with its deciding document, closed, checked.

Every other unit takes its numbers from the agency's document system; numbers are given in `letters.numbering`.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from letters.moving import Asker
from letters.number_lists import number_fault, number_key, symbol_key
from letters.path import LetterState
from tracker.errors import UsageError
from tracker.store import number_store
from tracker.store.letter_store import lock_register
from tracker.store.number_store import VOID, GivenOut, NewSeries, SeriesRow, TakenNumber
from tracker.store.session import Session, Store
from tracker.text import clean

LONGEST_SYMBOL, LONGEST_DECISION, HIGHEST_FIRST = 40, 300, 99_999
_SYMBOL = re.compile(r"[^\W_]+(?:[-.&][^\W_]+)*(?:/[^\W_]+(?:[-.&][^\W_]+)*)*")
_YEARS = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class SeriesFault:
    """What is wrong with a number of a series: GAP, DOUBLE or MISMATCH, in the user's words."""

    kind: str
    series_id: int
    year: int
    number: int
    why: str


GAP, DOUBLE, MISMATCH = "gap", "double", "mismatch"
InSameStep = Callable[[Session, int], None]


def number_text(number: int, symbol: str) -> str:
    """A number as a letter bears it: figures below 10 with a leading 0 (Decree 30/2020 app. I, II.3)."""
    return f"{number:02}/{symbol}"


# ---------------------------------------------------------------- registered, closed


def _nothing(_session: Session, _series_id: int) -> None:
    return None


def register_series(store: Store, new: NewSeries, asker: Asker, in_same_step: InSameStep = _nothing) -> int:
    """Register a series of a unit; its id. From its first day on the unit's letters are numbered out of it.

    `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: symbol or decision is missing, the unit has a series in that year, or the numbers are taken.
    """
    symbol = clean(new.symbol).strip("/ ").upper()
    told = new._replace(symbol=symbol, decision=clean(new.decision))
    if (fault := _entry_fault(told)) is not None:
        raise UsageError(fault)
    if asker.unit_ids is not None and told.unit_id not in asker.unit_ids:
        raise UsageError("đơn vị này không thuộc phạm vi của bạn")
    with store.transaction() as session:
        lock_register(session)
        others = number_store.series_of(session, [told.unit_id])
        last_day = _YEARS[1].replace(year=told.valid_from.year)
        taken = number_store.numbers_taken(
            session, [told.unit_id], told.valid_from.replace(month=1, day=1), last_day
        )
        if (fault := _conflict(told, others, taken)) is not None:
            raise UsageError(fault)
        series_id = number_store.add_series(session, told, by=asker.login, at=asker.now)
        in_same_step(session, series_id)
    return series_id


def _entry_fault(new: NewSeries) -> str | None:
    if not new.symbol:
        return "cần ký hiệu đứng sau số, ví dụ PXL-STNMT"
    if len(new.symbol) > LONGEST_SYMBOL or _SYMBOL.fullmatch(new.symbol) is None:
        return f"ký hiệu chỉ gồm chữ, số, dấu - và /, dài nhất {LONGEST_SYMBOL} ký tự; ví dụ PXL-STNMT"
    if number_fault(number_text(1, new.symbol)) is not None:
        return "ký hiệu phải có chữ; ví dụ PXL-STNMT"
    if not new.decision:
        return "cần ghi văn bản cho phép lấy số riêng (số, ngày, cơ quan ban hành)"
    if len(new.decision) > LONGEST_DECISION:
        return f"văn bản cho phép ghi dài nhất {LONGEST_DECISION} ký tự"
    if not 1 <= new.first_number <= HIGHEST_FIRST:
        return f"số bắt đầu phải từ 1 đến {HIGHEST_FIRST}"
    return None


def _conflict(new: NewSeries, others: Iterable[SeriesRow], taken: Iterable[TakenNumber]) -> str | None:
    """Two series of a unit in one year would give the same numbers twice."""
    for other in others:
        if other.valid_to is None or other.valid_to.year >= new.valid_from.year:
            return (
                f"đơn vị đã có dãy số {other.symbol} trong năm {new.valid_from.year}; mỗi năm một dãy, "
                "đóng dãy cũ và đăng ký dãy mới từ năm sau"
            )
    symbol = symbol_key(new.symbol)
    for each in taken:
        figure, _, its_symbol = number_key(each.text)
        if its_symbol == symbol and figure >= new.first_number:
            return f"số {each.text} đã dùng trong năm {new.valid_from.year}; số bắt đầu phải lớn hơn"
    return None


def close_series(
    store: Store, series_id: int, last_day: date, asker: Asker, in_same_step: InSameStep = _nothing
) -> None:
    """Let a series end with a day; later letters take their numbers from the document system again.

    Raises:
        UsageError: there is no such series, it is closed, or a number of a later day was given.
    """
    with store.transaction() as session:
        lock_register(session)
        series = _found(session, series_id, asker)
        if series.valid_to is not None:
            raise UsageError(f"dãy số {series.symbol} đã đóng từ sau ngày {series.valid_to:%d/%m/%Y}")
        if last_day < series.valid_from:
            raise UsageError(f"ngày đóng trước ngày bắt đầu {series.valid_from:%d/%m/%Y}")
        dated = [
            each.issued_on
            for each in number_store.numbers_given(session, [series.unit_id])
            if each.series_id == series_id and each.issued_on is not None
        ]
        if dated and max(dated) > last_day:
            raise UsageError(
                f"dãy số đã cấp số ngày {max(dated):%d/%m/%Y}; ngày đóng không được trước ngày đó"
            )
        number_store.end_series(session, series_id, last_day)
        in_same_step(session, series_id)


def _found(session: Session, series_id: int, asker: Asker) -> SeriesRow:
    for series in number_store.series_of(session, asker.unit_ids):
        if series.series_id == series_id:
            return series
    raise UsageError(f"không có dãy số {series_id}; xem: dunghen letters series list")


# ---------------------------------------------------------------- checked


def series_check(session: Session, unit_ids: Collection[int] | None = None) -> list[SeriesFault]:
    """What is wrong with the numbers of some units' series (None = all): gaps, doubles, letters that say something else."""
    rows = {series.series_id: series for series in number_store.series_of(session, unit_ids)}
    given = number_store.numbers_given(session, unit_ids)
    faults: list[SeriesFault] = []
    for (series_id, year), group in groupby(given, key=lambda each: (each.series_id, each.year)):
        numbers = list(group)
        series = rows[series_id]
        faults += _gaps(series, year, numbers)
        faults += (fault for each in numbers if (fault := _mismatch(series, each)) is not None)
        faults += _backward(numbers)
    faults += _doubles(given)
    faults += _strangers(session, rows.values(), given)
    return faults


def _gaps(series: SeriesRow, year: int, numbers: Sequence[GivenOut]) -> Iterator[SeriesFault]:
    there = {each.number for each in numbers}
    for number in range(min(series.first_of(year), min(there)), max(there) + 1):
        is_expected = number >= series.first_of(year)
        if is_expected != (number in there):
            why = "thiếu số này trong sổ" if is_expected else "số nhỏ hơn số bắt đầu của dãy"
            yield SeriesFault(GAP if is_expected else MISMATCH, series.series_id, year, number, why)


def _mismatch(series: SeriesRow, given: GivenOut) -> SeriesFault | None:
    """A number whose letter says something else."""
    wanted = number_text(given.number, series.symbol)
    is_void = given.state == VOID
    if given.letter_state is None:
        why = "không có thư nào mang số này"
    elif given.text != wanted:
        why = f"thư ghi số {given.text or '(trống)'}, sổ ghi {wanted}"
    elif given.issued_on is None or given.issued_on.year != given.year:
        why = f"ngày văn bản của thư không thuộc năm {given.year}"
    elif given.unit_id != series.unit_id:
        why = "thư thuộc đơn vị khác"
    elif is_void != (given.letter_state == LetterState.VOID):
        why = "số đã hủy mà thư còn hiệu lực" if is_void else "thư đã hủy mà số chưa ghi hủy"
    else:
        return None
    return SeriesFault(MISMATCH, series.series_id, given.year, given.number, why)


def _backward(numbers: Sequence[GivenOut]) -> Iterator[SeriesFault]:
    dated = [(each, each.issued_on) for each in numbers if each.issued_on is not None]
    for (_, before), (each, day) in pairwise(dated):
        if day < before:
            why = f"ngày {day:%d/%m/%Y} trước ngày của số đứng trước ({before:%d/%m/%Y})"
            yield SeriesFault(MISMATCH, each.series_id, each.year, each.number, why)


def _doubles(given: Sequence[GivenOut]) -> Iterator[SeriesFault]:
    times = Counter(each.letter_id for each in given)
    for each in given:
        if times[each.letter_id] > 1:
            why = f"thư số {each.letter_id} mang {times[each.letter_id]} số"
            yield SeriesFault(DOUBLE, each.series_id, each.year, each.number, why)


def _strangers(
    session: Session, rows: Iterable[SeriesRow], given: Sequence[GivenOut]
) -> Iterator[SeriesFault]:
    """Letters that bear a number of a series without having it from there."""
    known = {each.letter_id for each in given}
    of_symbol = {(series.unit_id, symbol_key(series.symbol)): series for series in rows}
    units = {unit_id for unit_id, _ in of_symbol}
    for each in number_store.numbers_taken(session, units, *_YEARS):
        figure, _, symbol = number_key(each.text)
        series = of_symbol.get((each.unit_id or 0, symbol))
        if series is None or each.letter_id in known or each.state == LetterState.VOID:
            continue
        if each.issued_on.year < series.valid_from.year or figure < series.first_of(each.issued_on.year):
            continue
        why = f"thư số {each.letter_id} ghi số {each.text} mà sổ không cấp"
        yield SeriesFault(DOUBLE, series.series_id, each.issued_on.year, figure, why)
