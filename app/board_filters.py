"""The filters of the board as they stand in the address: read once for the page, its prints, files and bulk acts. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode

from app.board import ALL_TITLE, TILES, BoardQuestion, Slot
from app.presenters import CHANNELS, LETTER_STATES, day
from app.reveal import holds_long_number
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.store.board import Order
from tracker.store.board_filters import NO_LETTER, Handlers, Narrowing
from tracker.types import VN, Channel

LONGEST_TEXT = 100
# Where a page of the list begins: an instant and the number of a dossier.
AFTER = re.compile(r"(?:^|&)sau=([0-9]{1,19}\.[0-9]{1,19})(?:&|$)")
ORDERS: Mapping[Order, str] = {
    Order.URGENT: "Gấp nhất trước",
    Order.FARTHEST: "Hạn xa nhất trước",
    Order.NEWEST: "Mới nhận trước",
    Order.OLDEST: "Nhận lâu nhất trước",
}
LETTERS: Mapping[str, str] = {
    NO_LETTER: "Không có nghĩa vụ",
    **{
        key: LETTER_STATES[key]
        for key in (
            "to_check", "owed", "drafted", "approved", "signed", "numbered", "delivered", "promise_kept", "promise_broken",
        )
    },
}  # fmt: skip
KEYS = (
    "loc", "don-vi", "linh-vuc", "thu-tuc", "can-bo", "kenh", "tu", "den", "thu", "cua-toi", "ghi-chu", "xep",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoardFilters:
    """What the board shows; `procedure` and `who` are typed texts; `faults` tells in words what could not be used."""

    slot: Slot | None = None
    unit_id: int | None = None
    field_id: int | None = None
    procedure: str = ""
    who: str = ""
    channel: Channel | None = None
    first: date | None = None
    last: date | None = None
    letter: str = ""
    is_mine: bool = False
    is_noted: bool = False
    order: Order = Order.URGENT
    faults: tuple[str, ...] = ()

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual board."""
        given: dict[str, object] = {
            "loc": self.slot.value if self.slot else None,
            "don-vi": self.unit_id,
            "linh-vuc": self.field_id,
            "thu-tuc": self.procedure or None,
            "can-bo": self.who or None,
            "kenh": self.channel.value if self.channel else None,
            "tu": self.first,
            "den": self.last,
            "thu": self.letter or None,
            "cua-toi": 1 if self.is_mine else None,
            "ghi-chu": 1 if self.is_noted else None,
            "xep": None if self.order is Order.URGENT else self.order.value,
        }
        return {key: str(value) for key, value in given.items() if value is not None}

    def as_logged(self) -> dict[str, object]:
        """For the log, which keeps no words that somebody typed, nor a number that is no field's: only that they were there."""
        told: dict[str, object] = dict(self.as_address())
        hidden = {"thu-tuc", "can-bo"} | ({"linh-vuc"} if holds_long_number(str(self.field_id)) else set())
        return {**told, **dict.fromkeys(hidden & set(told), True)}

    def as_text(self) -> str:
        """The address as one text, to be carried by a form to another page and read back there."""
        return urlencode(self.as_address())

    @property
    def narrowed(self) -> frozenset[str]:
        """Which filters beside the count and the order are in force."""
        return frozenset(self.as_address()) - {"loc", "xep"}

    @property
    def title(self) -> str:
        """What the list is called."""
        return TILES[self.slot].title if self.slot else ALL_TITLE


def read_filters(address: Mapping[str, str]) -> BoardFilters:
    """From the query string; what cannot be used is left out, and told where a person typed it."""
    faults: list[str] = []
    slot, order, channel, letter = (address.get(key, "") for key in ("loc", "xep", "kenh", "thu"))
    first = day_asked(address, "tu", "Hẹn từ ngày", faults)
    last = day_asked(address, "den", "Hẹn đến ngày", faults)
    if first and last and last < first:
        faults.append("Hẹn đến ngày đứng trước hẹn từ ngày, nên danh sách không lọc theo ngày hẹn.")
        first = last = None
    return BoardFilters(
        slot=Slot(slot) if slot in set(Slot) else None,
        unit_id=row_asked(address, "don-vi"),
        field_id=row_asked(address, "linh-vuc"),
        procedure=_words(address, "thu-tuc"),
        who=_words(address, "can-bo"),
        channel=Channel(channel) if channel in set(Channel) else None,
        first=first,
        last=last,
        letter=letter if letter in LETTERS else "",
        is_mine=address.get("cua-toi") == "1",
        is_noted=address.get("ghi-chu") == "1",
        order=Order(order) if order in set(Order) else Order.URGENT,
        faults=tuple(faults),
    )


def read_text(text: str) -> BoardFilters:
    """What `BoardFilters.as_text` wrote."""
    return read_filters(dict(parse_qsl(text[:2_000])))


def carried(text: str) -> dict[str, str]:
    """The address of a board that another page was told of: only what the board itself reads, with the page of the list."""
    address = read_text(text).as_address()
    if after := AFTER.search(text[:2_000]):
        address["sau"] = after[1]
    return address


def _words(address: Mapping[str, str], key: str) -> str:
    return " ".join(address.get(key, "").split())[:LONGEST_TEXT]


@dataclass(frozen=True, slots=True)
class Meant:
    """What the typed texts of the filters mean in the store; None: nothing was typed."""

    procedure_ids: frozenset[int] | None = None
    handlers: Handlers | None = None


def question_of(
    filters: BoardFilters, meant: Meant, unit_ids: frozenset[int] | None, account_id: int
) -> BoardQuestion:
    """The same as a question to the store; `unit_ids`: of the unit that was asked for, within the own ones."""
    narrowing = Narrowing(
        field_id=filters.field_id,
        procedure_ids=meant.procedure_ids,
        handlers=meant.handlers,
        channel=filters.channel.value if filters.channel else "",
        letter=filters.letter,
        mine=account_id if filters.is_mine else None,
        noted=filters.is_noted,
        due_from=_midnight(filters.first) if filters.first else None,
        due_until=_midnight(filters.last) + timedelta(days=1) if filters.last else None,
    )
    return BoardQuestion(filters.slot, unit_ids, narrowing, filters.order)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), VN)


# ---------------------------------------------------------------- in words


@dataclass(frozen=True, slots=True)
class FilterChip:
    """One filter in force, in words, and the address without it."""

    label: str
    value: str
    address: Mapping[str, str]


def chips(filters: BoardFilters, units: Mapping[int, str], fields: Mapping[int, str]) -> list[FilterChip]:
    """Every filter beside the count, in the order of the form."""
    told: list[tuple[str, str, BoardFilters]] = []
    if filters.unit_id is not None:
        told.append(("Đơn vị", units.get(filters.unit_id, "?"), replace(filters, unit_id=None)))
    if filters.field_id is not None:
        known = fields.get(filters.field_id, "không có trong danh mục")
        told.append(("Lĩnh vực", known, replace(filters, field_id=None)))
    if filters.procedure:
        told.append(("Thủ tục", filters.procedure, replace(filters, procedure="")))
    if filters.who:
        told.append(("Cán bộ, bước xử lý", filters.who, replace(filters, who="")))
    if filters.channel:
        told.append(("Kênh nộp", CHANNELS[filters.channel], replace(filters, channel=None)))
    if filters.first or filters.last:
        told.append(("Hẹn trả", _span(filters.first, filters.last), replace(filters, first=None, last=None)))
    if filters.letter:
        told.append(("Thư xin lỗi", LETTERS[filters.letter], replace(filters, letter="")))
    if filters.is_mine:
        told.append(("", "Của tôi", replace(filters, is_mine=False)))
    if filters.is_noted:
        told.append(("", "Có ghi chú", replace(filters, is_noted=False)))
    return [FilterChip(label, value, rest.as_address()) for label, value, rest in told]


def _span(first: date | None, last: date | None) -> str:
    if first and last:
        return day(first) if first == last else f"{day(first)} – {day(last)}"
    return f"từ {day(first)}" if first else f"đến {day(last)}"


def in_words(filters: BoardFilters, listed: list[FilterChip]) -> str:
    """The whole of the filters on one line, as a print and a file say it."""
    parts = [filters.title, *(f"{chip.label}: {chip.value}" if chip.label else chip.value for chip in listed)]
    if filters.order is not Order.URGENT:
        parts.append(ORDERS[filters.order].lower())
    return " · ".join(parts)
