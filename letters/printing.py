"""Letters and their papers -> a folder for the printer: a sub-folder a unit, letters in the order of their numbers.

A letter that came back signed is printed as it came: .docx in its place among the others, PDF as a file of its own.
Nothing of the register changes here.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from letters.papers import PaperContent
from letters.papers_render import render
from letters.pdf import OfficeProgram, PdfResult, to_pdf
from letters.post_list import write_post_list
from letters.print_batch import PrintFile, PrintLetter, batches_by_unit
from letters.print_papers import Omitted, PaperDesk, by_desk, in_order, letter_line, outgoing, to_tell
from letters.register import UNSAFE, located
from tracker.store.letter_prints import PrintRow
from tracker.text import fold

# Of names of units, so that a zip can be unpacked where Windows allows paths of 260 signs.
LONGEST_FOLDER, LONGEST_DESK = 60, 30
SIGNED_SHELF = "ban-da-ky"
CONTENTS = "doc-truoc.txt"
PDF, DOCX = ".pdf", ".docx"
NO_FILE = "không tìm thấy tệp thư; ghi lại bằng dunghen letters draft --again"
NO_SIGNED_FILE = "không tìm thấy bản đã ký; nhận lại bản ấy"
CHANGED = "bản đã ký trên đĩa khác bản đã nhận; nhận lại bản ấy"


class PrintPart(StrEnum):
    """What is printed."""

    LETTERS = "letters"
    POST = "post"
    HANDOVER = "handover"
    DESK = "desk"


PART_WORDS = {
    PrintPart.LETTERS: "Thư",
    PrintPart.POST: "Danh sách gửi bưu chính",
    PrintPart.HANDOVER: "Phiếu bàn giao cho Một cửa",
    PrintPart.DESK: "Thông báo cho Một cửa",
}
ALL_PARTS = frozenset(PrintPart)


@dataclass(frozen=True, slots=True)
class PrintWish:
    """What to make, and with which program PDFs too (None: .docx alone); `again`: desks that were told are told again."""

    parts: frozenset[PrintPart] = ALL_PARTS
    office: OfficeProgram | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class PrintReport:
    """What was made: letters printed, letters that notices tell of, files below the folder, what was left out."""

    printed: tuple[int, ...]
    told: tuple[int, ...]
    files: tuple[str, ...]
    omitted: tuple[Omitted, ...]

    @property
    def letters(self) -> tuple[int, ...]:
        """Every letter that stands in any of the files."""
        return tuple(dict.fromkeys((*self.printed, *self.told)))


Watch = Callable[[int, str], None]  # letters done, what is being done


def _nobody(_done: int, _words: str) -> None:
    return None


def print_letters(
    rows: Iterable[PrintRow],
    target: Path,
    data_dir: Path,
    *,
    desk: PaperDesk,
    wish: PrintWish,
    watch: Watch = _nobody,
) -> PrintReport:
    """Write all files of some letters below `target`; a letter whose file is gone is told of and left out."""
    run = _Run(target, data_dir, desk, wish, watch)
    for _, group in groupby(in_order(rows), key=lambda row: row.unit_code):
        run.print_unit(list(group))
    report = PrintReport(tuple(run.printed), tuple(run.told), tuple(run.files), tuple(run.omitted))
    if report.files:
        (target / CONTENTS).write_text(
            _contents(report), "utf-8-sig"
        )  # Windows' own editor asks for the mark
    return report


def folder_name(row: PrintRow) -> str:
    """The sub-folder of a unit: its code, and its name for people."""
    return f"{plain_name(row.unit_code)}_{plain_name(row.unit)}"[:LONGEST_FOLDER].rstrip("-_.")


def plain_name(text: str) -> str:
    """A text made safe for the name of a file, without marks."""
    return UNSAFE.sub("-", fold(text)).strip("-.")


@dataclass(slots=True)
class _Run:
    """One run: where it writes, and what it made so far."""

    target: Path
    data_dir: Path
    desk: PaperDesk
    wish: PrintWish
    watch: Watch
    printed: list[int] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    omitted: list[Omitted] = field(default_factory=list)

    def print_unit(self, rows: Sequence[PrintRow]) -> None:
        """Everything of one unit."""
        folder = self.target / folder_name(rows[0])
        there = self._letters(folder, rows) if PrintPart.LETTERS in self.wish.parts else list(rows)
        self._papers(folder, there)

    # ------------------------------------------------------------ letters

    def _letters(self, folder: Path, rows: Sequence[PrintRow]) -> list[PrintRow]:
        """The unit's letters; those that were printed."""
        before = len(self.printed)
        for file in batches_by_unit(self._bodies(folder, rows)):
            self._put_batch(folder, file)
        printed = set(self.printed[before:])
        return [row for row in rows if row.letter_id in printed]

    def _bodies(self, folder: Path, rows: Sequence[PrintRow]) -> Iterator[PrintLetter]:
        """The letters that share files; PDFs that came back signed are copied on the way."""
        for place, row in enumerate(rows, 1):
            self.watch(len(self.printed), "Đang ghép thư")
            body = self._body(row)
            if body is None:
                continue
            if row.signed_file.endswith(PDF):
                name = f"{place:04}_{plain_name(row.code).upper()}{PDF}"
                self._put(folder / SIGNED_SHELF / name, body)
                self.printed.append(row.letter_id)
            else:
                yield PrintLetter(row.letter_id, row.unit_code, body)

    def _body(self, row: PrintRow) -> bytes | None:
        path = located(self.data_dir, row.signed_file or row.file)
        try:
            body = path.read_bytes()
        except OSError:
            self.omitted.append(Omitted(row.code, NO_SIGNED_FILE if row.signed_file else NO_FILE))
            return None
        if row.signed_file and hashlib.sha256(body).hexdigest() != row.signed_sha256:
            self.omitted.append(Omitted(row.code, CHANGED))
            return None
        return body

    def _put_batch(self, folder: Path, file: PrintFile) -> None:
        name = f"thu-{file.part:02}{'-rieng' if file.alone else ''}{DOCX}"
        self._put(folder / name, file.docx)
        self.printed += file.letter_ids
        # One a start: a program that converts five hundred letters is given its time for these alone.
        self._convert([folder / name])

    # ------------------------------------------------------------ papers

    def _papers(self, folder: Path, rows: Sequence[PrintRow]) -> None:
        self.watch(len(self.printed), "Đang lập giấy tờ kèm theo")
        going = outgoing(rows)
        if PrintPart.POST in self.wish.parts and going:
            path = folder / "danh-sach-gui-buu-chinh.xlsx"
            folder.mkdir(parents=True, exist_ok=True)
            write_post_list(path, map(letter_line, going), going[0].unit)
            self._note(path)
        papers = []
        if PrintPart.HANDOVER in self.wish.parts:
            papers += [("phieu-ban-giao", each.desk, self.desk.hand_over(each)) for each in by_desk(going)]
        if PrintPart.DESK in self.wish.parts:
            papers += self._notices(rows)
        numbered = ((f"{kind}-{n:02}", desk, paper) for n, (kind, desk, paper) in enumerate(papers, 1))
        paths = [self._put_paper(folder, *each) for each in numbered if each[2] is not None]
        self._convert([path for path in paths if path is not None])

    def _notices(self, rows: Sequence[PrintRow]) -> list[tuple[str, str, PaperContent | None]]:
        found = []
        for each in by_desk(to_tell(rows, again=self.wish.again)):
            notice = self.desk.notice(each)
            self.told += notice.letter_ids
            self.omitted += notice.left_out
            found.append(("thong-bao-mot-cua", each.desk, notice.paper))
        return found

    def _put_paper(self, folder: Path, name: str, desk: str, paper: PaperContent | None) -> Path | None:
        if paper is None:
            return None
        path = folder / f"{name}_{plain_name(desk)[:LONGEST_DESK].rstrip('-')}{DOCX}"
        self._put(path, render(paper))
        return path

    # ------------------------------------------------------------ files

    def _put(self, path: Path, body: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self._note(path)

    def _note(self, path: Path) -> None:
        self.files.append(path.relative_to(self.target).as_posix())

    def _convert(self, paths: Sequence[Path]) -> None:
        if self.wish.office is None or not paths:
            return
        self.watch(len(self.printed), "Đang chuyển sang PDF")
        for result in to_pdf(self.wish.office, paths, paths[0].parent):
            self._note_pdf(result)

    def _note_pdf(self, result: PdfResult) -> None:
        if result.pdf is not None:
            self._note(result.pdf)
        elif result.fault is not None:
            self.omitted.append(Omitted(result.source.name, f"không có PDF: {result.fault}"))


def _contents(report: PrintReport) -> str:
    """What is in the folder and what is not, for whoever opens it."""
    lines = [f"{len(report.printed)} thư trong {len(report.files)} tệp.", "", *report.files]
    if report.omitted:
        lines += ["", f"{len(report.omitted)} điều cần xem lại:"]
        lines += [f"{each.code}: {each.why}" for each in report.omitted]
    return "\r\n".join([*lines, ""])
