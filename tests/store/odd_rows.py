"""Rows with the oddest values that the columns of a table can hold, made from the table itself."""

import unicodedata
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Integer, LargeBinary, Table

from tracker.store.models import Instant

NAME = "Nguyễn Thị Bích Ngọc"
# What quoting, COPY, collations and normal forms could change; every one is also the key of a row.
TEXTS = (
    "", " ", "a", "Z", "é", "đ", "\uffee", "𠀀😀", unicodedata.normalize("NFC", NAME), unicodedata.normalize("NFD", NAME),
    "it's \"quoted\"; --", "\\N", "\\.", "\\x41\\\\", "a\tb\nc\r\nd\n", "\x01\x7f\u2028", "NULL", "{}", "%s ? :name",
)  # fmt: skip
NUMBERS = {64: (-(2**63), 2**63 - 1, 0, -1), 32: (-(2**31), 2**31 - 1, 0, -1)}
DAYS = (date.min, date.max, date(2024, 2, 29))
INSTANTS = (-(2**62), 2**62, 0, -1)  # an index reckons with them


def odd_row(table: Table, number: int) -> dict[str, Any]:
    """The row of a number below `len(TEXTS)`; it points to the row of the next number, in its own table as well."""
    return {column.name: odd_value(column, number) for column in table.columns}


def odd_value(column: Any, number: int) -> Any:
    """One value of it."""
    kind, last = column.type, number == len(TEXTS) - 1
    if column.foreign_keys:
        # The next row: of its own table one that stands behind it.
        if last and column.nullable:
            return None
        behind = 0 if last else number + 1
        return key_of(kind, behind) if isinstance(kind, Integer | Instant) else TEXTS[behind]
    if column.primary_key and isinstance(kind, Integer | Instant):
        return key_of(kind, number)
    if column.nullable and number % 3 == 0:
        return None
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, Date):
        return DAYS[number] if number < len(DAYS) else date(2020, 1, 1) + timedelta(number)
    if isinstance(kind, LargeBinary):
        return bytes(range(256)) if number else b""
    if isinstance(kind, Integer | Instant):
        extremes = INSTANTS if isinstance(kind, Instant) else NUMBERS[_bits(kind)]
        return extremes[number] if number < len(extremes) else number
    return TEXTS[number]


def _bits(kind: Any) -> int:
    return 64 if isinstance(kind, BigInteger | Instant) else 32


def key_of(kind: Any, number: int) -> int:
    """Far from the keys of the busy office; some have a digit more than others, to be ordered as numbers."""
    return (9_999_999_990 if _bits(kind) == 64 else 999_999_990) + number
