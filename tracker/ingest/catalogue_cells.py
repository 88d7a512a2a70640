"""Cells of catalogue files -> values: levels, channels, dates, limits, in the words of offices; pure.

A cell that cannot be read is a ValueError whose text says what is expected.
"""

import re
from collections.abc import Mapping
from datetime import date

from tracker.text import clean, fold, procedure_base
from tracker.timekeeping.limits import UNIT_MISSING, UNREADABLE, parse_limit
from tracker.types import Channel, Level, LimitUnit, NoLimit
from tracker.types.catalogue import CommuneClass

MAX_TEXT = 400
DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?: 00:00(?::00)?)?")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
FIRST_YEAR, LAST_YEAR = 1945, 2199
SEPARATORS = re.compile(r"[|;\n]")
KIND = re.compile(r"[A-Za-z_]{0,30}")
# Folded words as offices write them -> ours. The portal writes channels as numbers, null counting as 1.
LEVELS: Mapping[str, str] = {
    **{level.value: level.value for level in Level if level is not Level.UNKNOWN},
    **dict.fromkeys(("cap tinh", "tinh", "cap thanh pho"), Level.PROVINCE.value),
    **dict.fromkeys(("cap huyen", "huyen"), Level.DISTRICT.value),
    **dict.fromkeys(("cap xa", "xa", "phuong", "cap xa phuong"), Level.COMMUNE.value),
}
CHANNELS: Mapping[str, str] = {
    **{channel.value: channel.value for channel in Channel if channel is not Channel.UNKNOWN},
    **dict.fromkeys(("", "moi kenh", "tat ca", "moi cach nop"), ""),
    **dict.fromkeys(("1", "truc tiep", "tai quay"), Channel.COUNTER.value),
    **dict.fromkeys(("2", "truc tuyen", "online", "qua mang"), Channel.ONLINE.value),
    **dict.fromkeys(
        ("3", "buu chinh", "buu chinh cong ich", "nop qua buu chinh cong ich", "dich vu buu chinh"),
        Channel.POSTAL.value,
    ),
}
DAY_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("", "khong ghi"), ""),
    **dict.fromkeys((LimitUnit.WORKDAY.value, "ngay lam viec"), LimitUnit.WORKDAY.value),
    **dict.fromkeys((LimitUnit.DAY.value, "ngay", "ngay lich"), LimitUnit.DAY.value),
}
COMMUNE_CLASSES: Mapping[str, str] = {
    **{each.value: each.value for each in CommuneClass},
    **dict.fromkeys(("", "khong"), ""),
    **dict.fromkeys(("dac biet kho khan", "kho khan", "xa dac biet kho khan"), CommuneClass.DIFFICULT.value),
    **dict.fromkeys(("mien nui", "xa mien nui"), CommuneClass.MOUNTAIN.value),
    **dict.fromkeys(("hai dao", "xa hai dao", "xa dao"), CommuneClass.ISLAND.value),
}
# Texts that nobody could compute from, on any reading; others that give no date ("Không quy định") are real limits.
NO_USE = frozenset({UNREADABLE, UNIT_MISSING})


def text(cell: str) -> str:
    """A text, no longer than the catalogue takes."""
    told = clean(cell)
    if len(told) > MAX_TEXT:
        raise ValueError(f"dài hơn {MAX_TEXT} ký tự")
    return told


def needed(cell: str) -> str:
    """A text that has to be there."""
    told = text(cell)
    if not told:
        raise ValueError("để trống")
    return told


def procedure_code(cell: str) -> str:
    """A code of the national catalogue without what offices append to it; other codes as they are."""
    return procedure_base(text(cell).replace(" ", ""))


def unit_code(cell: str) -> str:
    """The code of a unit."""
    return text(cell).replace(" ", "")


def kind(cell: str) -> str:
    """The kind of a unit, a word of ours."""
    told = text(cell)
    if not KIND.fullmatch(told):
        raise ValueError("chỉ gồm chữ cái không dấu")
    return told


def level(cell: str) -> str:
    """A level of government; empty is not told."""
    return _word(cell, {"": "", **LEVELS}, "Cấp tỉnh, Cấp huyện hoặc Cấp xã")


def channel(cell: str) -> str:
    """A way of filing; empty is every one."""
    return _word(cell, CHANNELS, "Trực tiếp, Trực tuyến, Bưu chính công ích hoặc để trống")


def day_kind(cell: str) -> str:
    """What a bare "ngày" means; empty is not told."""
    return _word(cell, DAY_KINDS, "Ngày làm việc, Ngày lịch hoặc để trống")


def commune_class(cell: str) -> str:
    """What a commune is; empty is none of these."""
    return _word(cell, COMMUNE_CLASSES, "Đặc biệt khó khăn, Miền núi, Hải đảo hoặc để trống")


def _word(cell: str, words: Mapping[str, str], wanted: str) -> str:
    found = words.get(fold(clean(cell)))
    if found is None:
        raise ValueError(f"cần {wanted}")
    return found


def limit(cell: str) -> str:
    """The text of a limit; one that says no time at all is refused, one that says "not regulated" is none of these."""
    told = text(cell)
    read = parse_limit(told) if told else None
    if isinstance(read, NoLimit) and read.code in NO_USE:
        raise ValueError("không đọc được thời hạn; viết như “15 ngày làm việc”, “04 giờ”, “Không quy định”")
    return told


def day(cell: str) -> date | None:
    """A date, day first; None for an empty cell."""
    told = clean(cell)
    if not told:
        return None
    if found := DAY.fullmatch(told):
        numbers = int(found[3]), int(found[2]), int(found[1])
    elif found := ISO_DAY.fullmatch(told):
        numbers = int(found[1]), int(found[2]), int(found[3])
    else:
        raise ValueError("không phải ngày; viết như 31/12/2025")
    if not FIRST_YEAR <= numbers[0] <= LAST_YEAR:
        raise ValueError("năm không hợp lý")
    try:
        return date(*numbers)
    except ValueError:
        raise ValueError("không có ngày này trong lịch") from None


def several(cell: str) -> tuple[str, ...]:
    """Several texts, with | or ; between them."""
    return tuple(dict.fromkeys(each for part in SEPARATORS.split(cell) if (each := text(part))))
