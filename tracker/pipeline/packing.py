"""What goes into an evidence pack, member by member: gathered from the store, written as it comes, never held whole.

The list is the auditor's (`late_cases`): what ended late within the period, and what stood open and late at its end. Every other
member follows from that list, but for calendars, editions and the log, which are whole.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from tracker.measures import pack_format as form
from tracker.measures.pack_log import entry_line, seal_entry_line
from tracker.pipeline.figures import closing
from tracker.pipeline.late_cases import cases_of, judged_cases
from tracker.pipeline.limits import limit_book
from tracker.pipeline.proofs import row_proof
from tracker.reports import late_case_list, listing
from tracker.reports.pack_tables import LETTER_COLUMNS, UNPROVED_COLUMNS, letter_cells
from tracker.reports.pack_writer import PackWriter, file_chunks
from tracker.reports.same_bytes import settle
from tracker.store import audit, pack_contents
from tracker.store.pack_contents import PackedLetter, PackedMessage
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN, Basis
from tracker.types.late_cases import CaseQuestion, CaseState, LateCase

HIDDEN = "***"
AT_A_TIME = 200
DATA = (
    "calendar.toml", "criteria.toml", "forms.toml", "intake.toml", "limit_extras.csv", "published.toml",
    "regimes.toml", "rules.toml", "suspensions.toml",
)  # fmt: skip
DOCUMENTS = (".docx", ".pdf")
Watch = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class PackQuestion:
    """Which dossiers a pack is about; `names`: whether applicants and typed reasons can be read in it."""

    start: date
    end: date
    as_of: datetime
    basis: Basis = Basis.SOURCE
    unit_ids: frozenset[int] | None = None
    unit: str = ""
    known: datetime | None = None
    names: bool = True

    @property
    def closing(self) -> datetime:
        """The moment at which open dossiers are judged: the period's end, or as-of where that is earlier."""
        return datetime.fromtimestamp(closing(self.end, self.as_of), VN)


@dataclass(frozen=True, slots=True)
class Packing:
    """A pack on its way: where it is written, where letters lie, a folder for what cannot be streamed, figures as JSON,
    and what flags of dossiers mean in words.
    """

    question: PackQuestion
    pack: PackWriter
    data_dir: Path
    folder: Path
    flag_words: late_case_list.Words
    figures: Mapping[str, Any] = field(default_factory=dict)
    watch: Watch = lambda *_: None


def write_contents(store: Store, calendars: CalendarHistory, packing: Packing) -> Mapping[str, int]:
    """Write every member but the manifest, of one snapshot of the store; how much there is of what."""
    with store.read() as session:
        listed = _write_list(session, calendars, packing)
        counts = {"dossiers": len(listed)}
        counts |= _write_proofs(session, calendars, packing, listed)
        counts |= _write_letters(session, packing, listed)
        _write_calendars(session, calendars, packing)
        _write_editions(session, packing)
        for name, document in sorted(packing.figures.items()):
            packing.pack.add(f"{form.FIGURES}{name}.json", [_pretty(document)])
        return counts | _write_log(session, packing)


# ---------------------------------------------------------------- the list


class Listed(NamedTuple):
    """What is remembered of a line of the list."""

    dossier_id: int
    code: str
    is_open: bool


def _cases(session: Session, calendars: CalendarHistory, asked: PackQuestion) -> Iterator[LateCase]:
    """Ended late in the period, by end date; then open and late at its end, longest overdue first."""
    about = CaseQuestion(asked.as_of, asked.basis, unit_ids=asked.unit_ids, known=asked.known)
    ended = replace(about, state=CaseState.FINISHED, start=asked.start, end=asked.end)
    standing = replace(about, state=CaseState.OPEN, as_of=asked.closing)
    for question in (ended, standing):
        for case in cases_of(session, question, judged_cases(session, calendars, question)):
            yield case if asked.names else _hidden(case)


def _hidden(case: LateCase) -> LateCase:
    """Reasons of a source are free text and may name people."""
    return replace(case, applicant=HIDDEN, reason=HIDDEN if case.reason else "")


def _write_list(session: Session, calendars: CalendarHistory, packing: Packing) -> Sequence[Listed]:
    """The list twice, streamed; of its lines no more is kept than says which they are."""
    asked, book, table = packing.question, packing.folder / "list.xlsx", packing.folder / "list.csv"
    title = f"Hồ sơ quá hạn từ {asked.start:%d/%m/%Y} đến {asked.end:%d/%m/%Y}, xét tại {asked.as_of:%d/%m/%Y %H:%M}"
    listed: list[Listed] = []

    def noted() -> Iterator[LateCase]:
        for case in _cases(session, calendars, asked):
            if len(listed) % AT_A_TIME == 0:
                packing.watch(len(listed), None, "Ghi danh sách quá hạn")
            listed.append(Listed(case.dossier_id, case.code, case.spot.is_open))
            yield case

    late_case_list.write_csv(table, noted(), packing.flag_words)
    late_case_list.write_xlsx(
        book, _watched(session, calendars, packing, len(listed)), title, packing.flag_words
    )
    settle(book, asked.as_of)
    packing.pack.add(form.LATE_XLSX, file_chunks(book), is_packed=True)
    packing.pack.add(form.LATE_CSV, file_chunks(table))
    return listed


def _watched(
    session: Session, calendars: CalendarHistory, packing: Packing, total: int
) -> Iterator[LateCase]:
    for number, case in enumerate(_cases(session, calendars, packing.question)):
        if number % AT_A_TIME == 0:
            packing.watch(number, total, "Ghi danh sách quá hạn")
        yield case


# ---------------------------------------------------------------- proofs


def _write_proofs(
    session: Session, calendars: CalendarHistory, packing: Packing, listed: Sequence[Listed]
) -> dict[str, int]:
    unproved: list[tuple[str, str]] = []

    def lines() -> Iterator[bytes]:
        for code, body, reason in _proofs(session, calendars, packing, listed):
            if body is None:
                unproved.append((code, reason))
            else:
                yield body + b"\n"

    packing.pack.add(form.PROOFS, lines())
    table = packing.folder / "unproved.csv"
    listing.write_csv(table, UNPROVED_COLUMNS, unproved)
    packing.pack.add(form.UNPROVED, file_chunks(table))
    return {"proofs": len(listed) - len(unproved), "unproved": len(unproved)}


def _proofs(
    session: Session, calendars: CalendarHistory, packing: Packing, listed: Sequence[Listed]
) -> Iterator[tuple[str, bytes | None, str]]:
    """(code, proof as it is kept, or None and why) of each dossier of the list."""
    asked, book = packing.question, limit_book(session)
    for start in range(0, len(listed), AT_A_TIME):
        packing.watch(start, len(listed), "Lập phiếu tính hạn")
        some = listed[start : start + AT_A_TIME]
        rows = pack_contents.rows_to_prove(session, [one.dossier_id for one in some], asked.known)
        for one in some:
            as_of = asked.closing if one.is_open else asked.as_of
            row = rows[one.dossier_id]
            proof, reason = row_proof(row, book, calendars, as_of=as_of, known=asked.known)
            yield one.code, proof.body if proof else None, reason or ""


# ---------------------------------------------------------------- letters


def _write_letters(session: Session, packing: Packing, listed: Sequence[Listed]) -> dict[str, int]:
    ids = [one.dossier_id for one in listed]
    files_of: list[tuple[str, Path]] = []
    letter_ids: list[int] = []

    def cells() -> Iterator[Sequence[Any]]:
        for letter in pack_contents.letters_of(session, ids):
            letter_ids.append(letter.letter_id)
            own = list(_documents(packing, letter))
            files_of.extend(own)
            shown = letter if packing.question.names else _unnamed(letter)
            yield letter_cells(len(letter_ids), shown._asdict(), [name for name, _ in own])

    table = packing.folder / "letters.csv"
    packing.watch(0, len(listed), "Ghi sổ văn bản xin lỗi")
    listing.write_csv(table, LETTER_COLUMNS, cells())
    packing.pack.add(form.REGISTER, file_chunks(table))
    for number, (name, path) in enumerate(files_of):
        packing.watch(number, len(files_of), "Chép văn bản xin lỗi")
        packing.pack.add(name, file_chunks(path), is_packed=True)
    receipts = _write_receipts(session, packing, letter_ids)
    return {"letters": len(letter_ids), "letter_files": len(files_of), "receipts": receipts}


def _documents(packing: Packing, letter: PackedLetter) -> Iterator[tuple[str, Path]]:
    """The files of a letter that there are; none where names are hidden, since they are addressed to somebody."""
    if not packing.question.names:
        return
    for folder, recorded in ((form.LETTERS, letter.file), (form.SIGNED, letter.signed_file)):
        path = packing.data_dir / recorded
        if recorded and path.suffix.lower() in DOCUMENTS and path.is_file():
            yield f"{folder}{letter.letter_id:08}{path.suffix.lower()}", path


def _unnamed(letter: PackedLetter) -> PackedLetter:
    return letter._replace(applicant=HIDDEN, reason=HIDDEN if letter.reason else "")


def _write_receipts(session: Session, packing: Packing, letter_ids: Sequence[int]) -> int:
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for message in pack_contents.messages_about(session, letter_ids):
            count += 1
            yield _line(_receipt(message, packing.question.names))

    packing.pack.add(form.RECEIPTS, lines())
    return count


def _receipt(message: PackedMessage, names: bool) -> Mapping[str, Any]:
    events = [{"at": at, "kind": kind, "detail": detail} for at, kind, detail in message.events]
    return message._asdict() | {"recipient": message.recipient if names else HIDDEN, "events": events}


# ---------------------------------------------------------------- calendars, editions, log


def _write_calendars(session: Session, calendars: CalendarHistory, packing: Packing) -> None:
    held = calendars.at(packing.question.known)
    told = {key: asdict(held.get(key).definition) for key in sorted(held.keys())}
    packing.pack.add(f"{form.CALENDARS}lich.json", [_pretty(told)])
    for table in pack_contents.CALENDAR_TABLES:
        lines = map(_line, pack_contents.calendar_rows(session, table))
        packing.pack.add(f"{form.CALENDARS}{table}.jsonl", lines)


def _write_editions(session: Session, packing: Packing) -> None:
    """The dated data as the program has it, and what the office entered over it."""
    for name in DATA:
        place = files("tracker.data").joinpath(name)
        if place.is_file():
            packing.pack.add(f"{form.EDITIONS}{name.replace('_', '-')}", [place.read_bytes()])
    packing.pack.add(f"{form.EDITIONS}co-quan-nhap.jsonl", map(_line, pack_contents.edition_rows(session)))


def _write_log(session: Session, packing: Packing) -> dict[str, int]:
    """The whole log with its seals."""
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for entry in audit.entries(session):
            count += 1
            if count % AT_A_TIME == 0:
                packing.watch(count, None, "Ghi nhật ký")
            yield entry_line(entry)

    seals = audit.seals(session)[::-1]
    packing.pack.add(form.LOG, lines())
    packing.pack.add(form.SEALS, (seal_entry_line(row.seal, row.line) for row in seals))
    return {"log_entries": count, "seals": len(seals)}


# ---------------------------------------------------------------- JSON


def _line(values: Mapping[str, Any]) -> bytes:
    told = json.dumps(_plain(values), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return told.encode() + b"\n"


def _pretty(values: Mapping[str, Any]) -> bytes:
    return json.dumps(_plain(values), ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _plain(value: Any) -> Any:
    """As JSON values: instants in the office's zone, dates YYYY-MM-DD."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(VN).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes)):
        return [_plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return value
