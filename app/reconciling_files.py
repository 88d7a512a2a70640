"""The comparison, the vanished dossiers and the doubles as workbooks: what stands in which column."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from app import reconciling_words as words
from app.presenters import CHIPS, moment, name
from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types.reconciling import Comparison, DoubleGroup, VanishedAnswer, VanishedRow

COMPARED: Sequence[Column] = (
    ("Dòng của báo cáo", 10),
    ("Đơn vị, lĩnh vực, thủ tục", 34),
    ("Cột", 22),
    ("Báo cáo", 11),
    ("Phần mềm", 11),
    ("Chênh lệch", 11),
    ("Số của phần mềm gồm", 36),
    ("Có thể do", 48),
)
VANISHED: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 17),
    ("Thủ tục hành chính", 32),
    ("Đơn vị giải quyết", 28),
    ("Chủ hồ sơ", 16),
    ("Ngày tiếp nhận", 15),
    ("Ngày hẹn theo nguồn", 15),
    ("Trạng thái", 16),
    ("Số ngày làm việc quá hạn", 10),
    ("Lần cuối nguồn còn kể", 15),
    ("Lần nạp", 8),
)
DOUBLES: Sequence[Column] = (
    ("Nhóm", 7),
    ("Người nộp", 18),
    ("Thủ tục hành chính", 36),
    ("Mã hồ sơ", 18),
    ("Nguồn", 12),
    ("Đơn vị giải quyết", 32),
    ("Ngày tiếp nhận", 15),
    ("Tình trạng", 12),
)


def write_comparison(target: Path | BinaryIO, comparison: Comparison) -> str:
    """A line a figure; the name that the file should have."""
    place = comparison.place
    title = (
        f"Đối chiếu nguồn {place.source}, {words.place_name(place, comparison.form_name)}, "
        f"xét tại {moment(comparison.as_of)}"
    )
    listing.write_xlsx(target, COMPARED, _compared(comparison), title)
    return f"doi-chieu-{place.source}-{place.start:%Y%m%d}-{place.end:%Y%m%d}.xlsx"


def _compared(comparison: Comparison) -> Iterator[list[Any]]:
    for row in comparison.rows:
        lines = ", ".join(str(line) for line in row.rows if line)
        told = [words.reason(each, comparison.notes) for each in row.reasons]
        told += [words.imbalance(one) for one in row.imbalances]
        for number, cell in enumerate(row.cells):
            own = words.reasons(cell, comparison.notes) + (told if number == 0 else [])
            yield [
                lines,
                words.row_name(row),
                words.MEASURES[cell.measure],
                cell.theirs,
                cell.ours,
                cell.difference,
                words.made_of(cell.parts),
                "; ".join(own),
            ]


def write_vanished(target: Path | BinaryIO, answer: VanishedAnswer, *, names: bool) -> str:
    """A line a dossier, late ones first; names in full or as initials."""
    at = answer.latest.at if answer.latest else None
    title = f"Hồ sơ nguồn {answer.source} không còn kể, so với bản xuất toàn bộ nạp {moment(at)}"
    rows = (_vanished(number, one, names=names) for number, one in enumerate(answer.rows, 1))
    listing.write_xlsx(target, VANISHED, rows, title)
    return f"ho-so-bien-mat-{answer.source}{f'-{at:%Y%m%d}' if at else ''}.xlsx"


def _vanished(number: int, one: VanishedRow, *, names: bool) -> list[Any]:
    row = one.row
    return [
        number,
        row.code,
        row.procedure,
        row.unit,
        name(row.applicant, visible=names),
        row.received_at,
        row.due_at,
        CHIPS[row.state].word,
        row.late_days if one.is_late else None,
        one.last.at if one.last else None,
        one.last.batch_id if one.last else None,
    ]


def write_doubles(target: Path | BinaryIO, groups: Iterable[DoubleGroup], *, title: str, names: bool) -> None:
    """A line a dossier, its group beside it."""
    listing.write_xlsx(target, DOUBLES, _doubles(groups, names=names), title)


def _doubles(groups: Iterable[DoubleGroup], *, names: bool) -> Iterator[list[Any]]:
    for number, group in enumerate(groups, 1):
        for row in group.rows:
            yield [
                number,
                name(group.applicant, visible=names),
                group.procedure,
                row.code,
                row.source,
                row.unit,
                row.received_at,
                "Chưa xong" if row.is_open else "Đã xong",
            ]
