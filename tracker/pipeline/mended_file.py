"""A workbook of rejected rows as it goes out and comes back mended: which cells somebody has changed, row by row.

A cell counts as changed only if it says something else than what the row holds. What was hidden from the reader of the
workbook, or cut out of the row, comes back as it stood there.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tracker.errors import UnusableFile
from tracker.ingest.dates import SWAP_MARK
from tracker.ingest.readers.plain_rows import read_tables
from tracker.ingest.redaction import REDACTED
from tracker.pipeline.mending import Mending
from tracker.reports.rejection_list import NUMBER, PLACE, Shown
from tracker.store import rejections
from tracker.store.session import Store
from tracker.text import clean, fold_header
from tracker.types.field_words import FIELD_WORDS, PERSONAL
from tracker.types.rejections import KeptRejection, RejectionState

FIELDS = {fold_header(word): name for name, word in FIELD_WORDS.items()}
PLACES = frozenset(fold_header(word) for word, _ in PLACE)
HEADER_ROWS = 20
NOT_OURS = (
    "không phải tệp dòng không dùng được do chương trình xuất ra: không thấy cột “Dòng số”; "
    "hãy tải lại danh sách và sửa trong tệp ấy"
)


def shown(kept: KeptRejection, *, names: bool) -> Shown:
    """A rejected row as somebody may see it; without names, cells that may name a person are hidden."""
    told = {name: shown_cell(name, cell, names=names) for name, cell in kept.told.items()}
    return Shown(kept, told, kept.value if names else shown_value(kept.value))


def shown_cell(field: str, cell: str, *, names: bool) -> str:
    """One cell as somebody may see it."""
    cell = cell.removesuffix(SWAP_MARK)
    return REDACTED if cell.strip() and field in PERSONAL and not names else cell


def shown_value(value: str) -> str:
    """A faulty value for somebody who reads no names: what looks like one, in a column where none belongs, is hidden."""
    words = value.replace("\x1f", " ").split()
    capitals = sum(word[:1].isupper() and word[1:].islower() for word in words)
    return REDACTED if "\x1f" in value or capitals > 1 else value


def changes_of(kept: KeptRejection, given: Mapping[str, str]) -> dict[str, str]:
    """What somebody has changed in a row: our field -> new cell."""
    told = kept.told
    return {
        name: clean(cell)
        for name, cell in given.items()
        if clean(cell) != REDACTED and clean(cell) != clean(told.get(name, "").removesuffix(SWAP_MARK))
    }


def read_mended(store: Store, path: Path, *, max_mib: int) -> list[Mending]:
    """The open rejections that a mended workbook holds, each with what was changed in it.

    Raises:
        UnusableFile: it is no such workbook; a number in it is none, stands twice, or is that of no rejected row.
    """
    rows = _numbered(path, max_mib)
    with store.read() as session:
        found = {one.rejection_id: one for one in rejections.of_ids(session, sorted(rows))}
    for number, (line, _) in rows.items():
        if number not in found:
            raise UnusableFile(str(path), f"dòng {line}: không có dòng không dùng được nào mang số {number}")
    return [
        Mending(kept, changes_of(kept, rows[number][1]))
        for number, kept in sorted(found.items())
        if kept.state is RejectionState.OPEN
    ]


def _numbered(path: Path, max_mib: int) -> dict[int, tuple[int, Mapping[str, str]]]:
    """Number of a rejection -> its line in the file, and its cells by our field."""
    for _, rows in read_tables(path, max_mib=max_mib):
        lines = iter(rows)
        for number, headings in lines:
            if number > HEADER_ROWS:
                break
            folded = [fold_header(cell) for cell in headings]
            if fold_header(NUMBER) in folded:
                return _read(path, folded, headings, list(lines))
    raise UnusableFile(str(path), NOT_OURS)


def _read(
    path: Path, folded: Sequence[str], headings: Sequence[str], lines: Sequence[tuple[int, list[str]]]
) -> dict[int, tuple[int, Mapping[str, str]]]:
    at = folded.index(fold_header(NUMBER))
    fields = {
        column: FIELDS.get(name, heading.strip())
        for column, (name, heading) in enumerate(zip(folded, headings, strict=True))
        if name and name not in PLACES
    }
    found: dict[int, tuple[int, Mapping[str, str]]] = {}
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        number = _number(path, line, cells[at] if at < len(cells) else "")
        if number in found:
            raise UnusableFile(str(path), f"dòng {line}: số {number} đã có ở dòng {found[number][0]}")
        found[number] = line, {name: cells[column] for column, name in fields.items() if column < len(cells)}
    return found


def _number(path: Path, line: int, cell: str) -> int:
    text = clean(cell).removesuffix(".0")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise UnusableFile(
            str(path), f"dòng {line}, cột “{NUMBER}”, giá trị “{clean(cell)[:40]}”: không phải một số"
        )
    return int(text)
