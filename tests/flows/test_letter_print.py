"""`dunghen letters print|papers` and the work behind the page: what is in the folder, in which order, what is left out."""

import hashlib
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docx import Document
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.commands.letters_command import letters
from app.letter_prints import PrintFilters
from app.worker import Worker
from app.works.exporting import View, made_file
from app.works.printing import ids_of, spans, told_ids
from letters.compiled import render
from letters.content import LetterContent, write
from letters.moving import Asker, approve
from letters.number_lists import GivenNumber
from letters.numbering import give_numbers
from letters.pdf import find_office
from letters.signers import sign
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_number_commands import Fixed
from tests.flows.test_letter_numbers import CLERK, DECIDED, DRAFTED, SIGNED_ON, code_of, draft
from tests.flows.test_signed_files import pdf
from tests.letter_samples import FORMS, OVERDUE
from tests.letter_world import BRANCH, DEPARTMENT, DESK, add_catalogue
from tracker.errors import UsageError
from tracker.store import work
from tracker.store.models import AuditEntry, Dossier, Letter, UnitAlias
from tracker.store.session import Store
from tracker.text import fold
from tracker.types.work import WorkRequest, WorkState

pytestmark = pytest.mark.either_database("about files, made of letters that others ask for")

DUE, NEW_DUE = NOW.replace(day=2, hour=17), NOW.replace(month=2, day=3, hour=17)
BRANCH_FOLDER, DEPARTMENT_FOLDER = f"t{BRANCH}_chi-nhanh-mau-moi", f"t{DEPARTMENT}_so-mau-tinh-mau"
NUMBERS = {1: "12/PXL", 2: "2/PXL", 3: "105/PXL"}
SIGNED_PDF = pdf("da ky")


@dataclass
class Printer:
    """The command line and the worker of one office, with a folder to print into."""

    context: Fixed
    out: Path

    def run(self, *words: str | Path) -> tuple[int, Any]:
        """Exit status and JSON answer."""
        result = CliRunner().invoke(letters, [*map(str, words), "--json"], obj=self.context)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, json.loads(result.stdout)

    def print(self, *words: str) -> dict[str, Any]:
        """The answer of a print without faults."""
        status, told = self.run("print", "--out", self.out, *words)
        assert status == 0, told
        return told

    def asked(self, chosen: PrintFilters, units: frozenset[int] | None = None) -> Any:
        """The row of a print that a page asked for, done by a worker."""
        params = {"filters": chosen.as_address(), "view": View(NOW, units, True).as_params()}
        with self.context.store.transaction() as session:
            number = work.ask(session, WorkRequest("print_letters", f"p:{chosen}", params, "an"), NOW)
        Worker(self.context, "worker-of-the-test").run_until_idle()
        with self.context.store.read() as session:
            return work.find_work(session, number)


def letter_docx(number: int) -> bytes:
    """A letter that tells whose it is."""
    content = write(
        replace(OVERDUE, code=f"MA-{number:04}", short_code=code_of(number)), FORMS, FORMS.on(OVERDUE.day)
    )
    assert isinstance(content, LetterContent)
    return render(content)


def change(store: Store, number: int, **values: Any) -> None:
    with store.transaction() as session:
        letter = session.get_one(Letter, number)
        for name, value in values.items():
            setattr(letter, name, value)


def logged(store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.read() as session:
        found = session.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id))
        return [(action, json.loads(detail)) for action, detail in found]


def texts(path: Path) -> str:
    """All words of a document."""
    return "\n".join(node.text or "" for node in Document(path.as_posix()).element.body.iter() if node.text)


def codes_in_order(path: Path, *numbers: int) -> list[int]:
    told = texts(path)
    return sorted(numbers, key=lambda number: told.index(f"MA-{number:04}"))


@pytest.fixture
def printer(store: Store, tmp_path: Path) -> Printer:
    """Branch: 1 to 3 numbered 12, 2, 105; 4 signed, as a PDF; 5 approved, 6 a draft. 7 signed, of the department."""
    add_catalogue(store)
    with store.transaction() as session:
        session.add(UnitAlias(folded=fold(f"T{BRANCH}"), unit_id=BRANCH))
    draft(store, range(1, 7))
    draft(store, [7], DEPARTMENT)
    approve(store, [1, 2, 3, 4, 5, 7], Asker(DECIDED, DRAFTED))
    sign(store, [1, 2, 3, 4, 7], SIGNED_ON, Asker(CLERK, NOW))
    numbers = [GivenNumber(text, date(2023, 1, 4), number) for number, text in NUMBERS.items()]
    assert give_numbers(store, numbers, Asker(CLERK, NOW)).refused == ()
    config = tmp_path / "config.toml"
    shipped = (Path(__file__).parents[2] / "config.toml").read_text("utf-8")
    config.write_text(shipped.replace('data_dir = "var"', f'data_dir = "{tmp_path.as_posix()}/var"'), "utf-8")
    context = Fixed(config)
    context.store = store
    context.data_dir.mkdir(parents=True)
    for number in range(1, 8):
        (context.data_dir / f"{number}.docx").write_bytes(letter_docx(number))
        change(store, number, kind="overdue", file=f"{number}.docx", due_at=DUE, new_due_at=NEW_DUE)
    (context.data_dir / "ky.pdf").write_bytes(SIGNED_PDF)
    change(store, 4, signed_file="ky.pdf", signed_sha256=hashlib.sha256(SIGNED_PDF).hexdigest())
    return Printer(context, tmp_path / "in")


def test_each_unit_has_its_folder_and_its_letters_stand_in_the_order_of_their_numbers(printer: Printer):
    told = printer.print()
    assert told["printed"] == 6
    assert codes_in_order(printer.out / BRANCH_FOLDER / "thu-01.docx", 1, 2, 3, 5) == [2, 1, 3, 5]
    assert "MA-0006" not in texts(printer.out / BRANCH_FOLDER / "thu-01.docx")
    assert "MA-0007" in texts(printer.out / DEPARTMENT_FOLDER / "thu-01.docx")
    assert {path.relative_to(printer.out).as_posix() for path in printer.out.rglob("*") if path.is_file()} == {
        *told["files"], "doc-truoc.txt",
    }  # fmt: skip


def test_a_pdf_that_came_back_signed_is_copied_instead_of_the_draft(printer: Printer):
    printer.print()
    (copy,) = (printer.out / BRANCH_FOLDER / "ban-da-ky").iterdir()
    assert copy.read_bytes() == SIGNED_PDF
    assert "MA-0004" not in texts(printer.out / BRANCH_FOLDER / "thu-01.docx")


def test_a_signed_docx_takes_the_place_of_the_draft(printer: Printer):
    body = letter_docx(99)
    (printer.context.data_dir / "ky.docx").write_bytes(body)
    change(printer.context.store, 1, signed_file="ky.docx", signed_sha256=hashlib.sha256(body).hexdigest())
    printer.print()
    told = texts(printer.out / BRANCH_FOLDER / "thu-01.docx")
    assert "MA-0099" in told
    assert "MA-0001" not in told


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (("--state", "numbered"), 3),
        (("--state", "numbered", "--state", "approved"), 4),
        (("--drafts",), 7),
        (("--state", "drafted", "--drafts"), 1),
        (("--kind", "returned_late"), 0),
        (("--letters", f"{code_of(2)},{code_of(6)}"), 1),
    ],
)
def test_only_what_was_asked_for_is_printed_and_drafts_only_by_name(
    printer: Printer, words: tuple[str, ...], printed: int
):
    assert printer.print(*words)["printed"] == printed


def test_drafts_by_state_alone_are_refused(printer: Printer):
    with pytest.raises(UsageError, match="--drafts"):
        printer.run("print", "--out", printer.out, "--state", "drafted")


def test_papers_list_what_goes_out_and_the_notice_asks_for_approved_ones_too(printer: Printer):
    printer.print()
    rows = CalamineWorkbook.from_path(printer.out / BRANCH_FOLDER / "danh-sach-gui-buu-chinh.xlsx")
    cells = [row[3] for row in rows.get_sheet_by_index(0).to_python()]
    assert cells[-4:] == [f"T.18-220601-{n:04}" for n in (2, 1, 3, 4)]
    hand_over = texts(printer.out / BRANCH_FOLDER / "phieu-ban-giao-01_bo-phan-mot-cua-mau.docx")
    assert ("T.18-220601-0004" in hand_over, "T.18-220601-0005" in hand_over) == (True, False)
    notice = texts(printer.out / BRANCH_FOLDER / "thong-bao-mot-cua-02_bo-phan-mot-cua-mau.docx")
    assert ("T.18-220601-0005" in notice, "T.18-220601-0006" in notice) == (True, False)
    assert "Nguyễn Văn Bịa" not in notice


def test_what_cannot_be_printed_is_told_by_its_code_and_the_others_are(printer: Printer):
    (printer.context.data_dir / "2.docx").unlink()
    (printer.context.data_dir / "ky.pdf").write_bytes(b"%PDF-1.4 khac")
    change(printer.context.store, 3, new_due_at=NOW.replace(day=3))  # before the notice's day
    status, told = printer.run("print", "--out", printer.out)
    assert (status, told["printed"]) == (1, 4)
    assert sorted(each["code"][-4:] for each in told["omitted"]) == ["0002", "0003", "0004"]
    assert "0002: không tìm thấy tệp thư" in (printer.out / "doc-truoc.txt").read_text("utf-8-sig")
    assert "T.18-220601-0002" not in texts(
        printer.out / BRANCH_FOLDER / "phieu-ban-giao-01_bo-phan-mot-cua-mau.docx"
    )


def test_a_folder_that_holds_files_is_not_mixed_with_another_print(printer: Printer):
    printer.print()
    with pytest.raises(UsageError, match="thư mục mới"):
        printer.run("print", "--out", printer.out)


def test_the_log_says_whose_letters_were_printed_and_names_nobody(printer: Printer):
    printer.print("--state", "numbered")
    printer.run("papers", "post", "--out", printer.out / "post.xlsx")
    (one, detail), (_, post) = logged(printer.context.store)
    assert (one, detail) == ("letter_print", {"letters": [2, 1, 3], "count": 3})
    assert (post["paper"], post["count"]) == ("post", 5)


@pytest.mark.parametrize(("paper", "letters_told"), [("handover", 4), ("desk", 5)])
def test_a_paper_of_one_unit_goes_into_a_file_and_of_several_into_a_folder(
    printer: Printer, paper: str, letters_told: int
):
    file, folder = printer.out.with_name("to.docx"), printer.out.with_name("nhieu")
    with pytest.raises(UsageError, match="thư mục"):
        printer.run("papers", paper, "--out", file)
    status, told = printer.run(
        "papers", paper, "--out", file, "--letters", ",".join(map(code_of, range(1, 7)))
    )
    assert (status, told["letters"]) == (0, letters_told)
    assert Document(file.as_posix()).tables
    assert len(printer.run("papers", paper, "--out", folder)[1]["files"]) == 2


def test_a_desk_that_was_told_is_not_told_again_unless_asked(printer: Printer):
    for number in (1, 2, 3, 4, 5):
        change(printer.context.store, number, desk_told_at=NOW)
    file = printer.out.with_name("bao.docx")
    assert printer.run("papers", "desk", "--out", file)[1]["letters"] == 1
    folder = printer.out.with_name("lai")
    assert printer.run("papers", "desk", "--again", "--out", folder)[1]["letters"] == 6


def test_a_dossier_taken_by_the_unit_itself_is_for_its_own_desk(printer: Printer):
    with printer.context.store.transaction() as session:
        session.get_one(Dossier, 7).receiving_unit_id = DEPARTMENT
    printer.print("--letters", code_of(7))
    (note,) = (printer.out / DEPARTMENT_FOLDER).glob("phieu-ban-giao-*")
    assert "Bộ phận Tiếp nhận và Trả kết quả Sở Mẫu" in texts(note)
    assert DESK != DEPARTMENT


def test_pdfs_stand_beside_the_documents_where_the_machine_has_the_program(printer: Printer):
    assert find_office() is not None, "make setup-dev system"
    told = printer.print("--pdf", "--state", "numbered", "--unit", f"T{BRANCH}")
    made = {Path(name).stem for name in told["files"] if name.endswith(".pdf")}
    assert made == {Path(name).stem for name in told["files"] if name.endswith(".docx")}
    assert (printer.out / BRANCH_FOLDER / "thu-01.pdf").read_bytes().startswith(b"%PDF")


def test_a_program_that_is_not_there_is_told_before_anything_is_written(printer: Printer, tmp_path: Path):
    path = printer.context.config_path
    text = path.read_text("utf-8").replace('office_program = ""', f'office_program = "{tmp_path}/khong-co"')
    path.write_text(text, "utf-8")
    del printer.context.__dict__["config"]
    with pytest.raises(UsageError, match=r"letters\.office_program"):
        printer.run("print", "--pdf", "--out", printer.out)
    assert not printer.out.exists()


# ---------------------------------------------------------------- the work of the page


def test_the_work_keeps_one_zip_and_says_what_it_holds(printer: Printer):
    row = printer.asked(PrintFilters(), frozenset({BRANCH}))
    assert (row.state, row.result["printed"], told_ids(row.result)) == (WorkState.DONE, 5, [1, 2, 3, 4, 5])
    path = made_file(printer.context, row)
    assert path is not None
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert f"{BRANCH_FOLDER}/thu-01.docx" in archive.namelist()
        assert not [name for name in archive.namelist() if name.startswith(DEPARTMENT_FOLDER)]
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name]
    (entry,) = logged(printer.context.store)
    assert entry[1]["count"] == 5


def test_work_without_any_letter_says_so_and_makes_no_file(printer: Printer):
    row = printer.asked(PrintFilters(state="delivered"))
    assert (row.state, made_file(printer.context, row)) == (WorkState.DEAD, None)
    assert "không có thư nào để in" in row.fault


@pytest.mark.parametrize(
    ("ids", "told"), [((), ""), ((7,), "7"), ((3, 1, 2), "1-3"), ((1, 2, 4, 9, 10), "1-2,4,9-10")]
)
def test_ids_in_few_signs_come_back_as_they_were(ids: tuple[int, ...], told: str):
    assert spans(ids) == told
    assert ids_of(told) == sorted(ids)
