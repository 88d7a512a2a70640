"""The entries about looking and taking as a workbook, as the page shows them, with totals by person on a sheet of their own."""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from app.access import ROLE_NAMES, Role
from app.log_page import action_words, detail_words
from app.seen_kinds import KINDS
from app.seen_log import PersonTotal, SeenFilters, SeenLine
from tracker.reports.listing import Column, Table, write_tables

MOST_ROWS = 50_000
ENTRIES: tuple[Column, ...] = (
    ("Số", 8), ("Lúc", 17), ("Người", 14), ("Họ tên", 22), ("Vai trò", 18), ("Đơn vị", 30), ("Loại", 18), ("Việc", 28),
    ("Mã hồ sơ", 20), ("Đối tượng", 16), ("Số dòng", 8), ("Chi tiết", 44),
)  # fmt: skip


def write_seen(
    target: BinaryIO, filters: SeenFilters, lines: Iterable[SeenLine], totals: Iterable[PersonTotal]
) -> int:
    """Write both sheets; the number of entries. Only what the page shows: ids, counts and filters, no applicant."""
    span = f"từ {filters.first:%d/%m/%Y} đến {filters.last:%d/%m/%Y}"
    people: tuple[Column, ...] = (
        ("Người", 14), ("Họ tên", 22), ("Đơn vị", 30), ("Số ngày", 8), *((chip.word, 12) for chip in KINDS.values()),
    )  # fmt: skip
    counts = write_tables(
        target,
        [
            Table("Từng lần", ENTRIES, _entries(lines), f"Ai đã xem, ai đã xuất hồ sơ, {span}"),
            Table("Theo người", people, _people(totals), f"Số lần theo người, {span}"),
        ],
        as_text=True,
    )
    return counts[0]


def _entries(lines: Iterable[SeenLine]) -> Iterator[list[Any]]:
    for line in lines:
        act, person = line.entry.act, line.person
        yield [
            line.entry.entry_id, act.at, act.actor, person.full_name if person else "",
            ROLE_NAMES[Role(person.role)] if person else "", (person.unit_name or "Toàn tỉnh") if person else "",
            KINDS[line.kind].word, action_words(act.action), line.code, act.subject, line.dossiers, detail_words(act.detail),
        ]  # fmt: skip


def _people(totals: Iterable[PersonTotal]) -> Iterator[list[Any]]:
    for total in totals:
        person = total.person
        yield [
            total.actor, person.full_name if person else "", (person.unit_name or "Toàn tỉnh") if person else "", total.days,
            *(total.counts.get(kind, 0) for kind in KINDS),
        ]  # fmt: skip
