"""What is typed and uploaded about numbers of letters: lists, and the choice of letters for an own series. Knows no store."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePath

from app.importing import Given, shown_name
from app.typed_dates import day_asked
from app.typed_numbers import row_asked, row_number
from letters.number_lists import COLUMNS, GivenNumber, NumberList, numbers_in_file, pasted_numbers
from letters.signed_files import TakenFile
from tracker.errors import UnusableFile, UsageError

# A confirmed list comes back with its form, and a form holds no more.
MOST_LINES = 2_000
MOST_LETTERS = 20_000
KEPT = ("short_code", "number", "issued_on", "signer", "signed_on", "dossier_code")
NOTHING = "hãy dán danh sách vào ô, hoặc chọn một tệp"
EVERY, NAMED = "tat-ca", "ma"


def typed_list(text: str) -> NumberList:
    """A list as it was pasted.

    Raises:
        UsageError: it is none, or longer than a page takes.
    """
    if not text.strip():
        raise UsageError(NOTHING)
    return _short_enough(pasted_numbers(text))


def uploaded_list(given: Given, *, max_mib: int) -> NumberList:
    """A list in an uploaded workbook or CSV file; its file is gone afterwards.

    Raises:
        UsageError: it cannot be read, holds no such list, or is longer than a page takes.
    """
    name = shown_name(given.filename)
    with tempfile.TemporaryDirectory(prefix="so-") as folder:
        # Not under its own name: names of people's files get onto no disk.
        path = Path(folder) / f"danh-sach{PurePath(name).suffix.lower()[:8]}"
        path.write_bytes(given.stream.read())
        try:
            told = numbers_in_file(path, max_mib=max_mib)
        except UnusableFile as error:
            raise UsageError(str(error).replace(str(path), name).replace(path.name, name)) from error
    return _short_enough(
        replace(told, file=name, faults=tuple(replace(fault, file=name) for fault in told.faults))
    )


def _short_enough(told: NumberList) -> NumberList:
    if told.read > MOST_LINES:
        raise UsageError(f"danh sách có {told.read} dòng; mỗi lần tối đa {MOST_LINES} dòng, hãy chia ra")
    return told


def as_text(given: Iterable[GivenNumber]) -> str:
    """The lines as they can be pasted again, with a heading."""
    lines = ["\t".join(COLUMNS[name][0] for name in KEPT)]
    lines += ["\t".join(_cell(getattr(each, name)) for name in KEPT) for each in given]
    return "\n".join(lines)


def proposed_text(files: Iterable[TakenFile]) -> str:
    """What signed files propose, as lines to be pasted; a date that could not be read is left to whoever looks."""
    found = [(file, file.proposal) for file in files if file.proposal is not None]
    return "\n".join(
        "; ".join((file.short_code, proposal.number, _cell(proposal.issued_on))) for file, proposal in found
    )


def _cell(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return " ".join(str(value or "").split())


@dataclass(frozen=True, slots=True)
class OwnForm:
    """Letters that shall get numbers of a unit's own series, as the form stands on the page."""

    unit_id: int | None = None
    day: date | None = None
    choice: str = EVERY
    codes: tuple[str, ...] = ()
    letter_ids: tuple[int, ...] = ()
    faults: Mapping[str, str] = field(default_factory=dict)


def read_own(typed: Mapping[str, str], today: date) -> OwnForm:
    """The form as it was sent; the day is today where none is told."""
    faults: list[str] = []
    day = day_asked(typed, "ngay", "Ngày văn bản", faults)
    codes = tuple(typed.get("ma", "").replace(",", " ").replace(";", " ").split())[:MOST_LETTERS]
    choice = NAMED if typed.get("chon") == NAMED else EVERY
    told = {"ngay": faults[0]} if faults else {}
    if choice == NAMED and not codes:
        told["ma"] = "Hãy ghi mã tra cứu hoặc mã hồ sơ của các thư, theo thứ tự lấy số."
    return OwnForm(row_asked(typed, "don-vi"), day or today, choice, codes, _ids(typed.get("thu", "")), told)


def _ids(text: str) -> tuple[int, ...]:
    numbers = (row_number(each) for each in text.split(",")[:MOST_LETTERS])
    return tuple(number for number in numbers if number is not None)


def told_ids(ids: Sequence[int]) -> str:
    """Ids as the form that confirms them carries them."""
    return ",".join(map(str, ids))
