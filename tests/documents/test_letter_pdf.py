"""PDF by the LibreOffice of the machine: whole or not at all, several calls at once, one bad file by itself."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from letters.pdf import OfficeProgram, PdfFault, find_office, to_pdf
from letters.print_batch import merge_letters
from tests.documents.office import program
from tests.documents.pages import Paper
from tests.documents.test_print_batch import OWN


@pytest.fixture(scope="module")
def office() -> OfficeProgram:
    """The real one; the machine must have it."""
    program("soffice")
    found = find_office()
    assert found is not None
    return found


def put(folder: Path, name: str, body: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(body)
    return folder / name


def stand_in(folder: Path, lines: str) -> OfficeProgram:
    """A program in LibreOffice's place that does what LibreOffice does on bad days."""
    path = folder / "soffice"
    path.write_text(f"#!{sys.executable}\nimport os, pathlib, signal, subprocess, sys\n{lines}", "utf-8")
    path.chmod(0o755)
    return OfficeProgram(path)


def test_the_pages_of_a_batch_are_the_sum_of_its_letters_and_two_calls_do_not_meet(office, tmp_path: Path):
    batch = put(tmp_path, "lượt in số 1.docx", merge_letters(OWN).docx)
    singles = [put(tmp_path, f"-thư {number}.docx", docx) for number, docx in enumerate(OWN)]
    with ThreadPoolExecutor(2) as both:
        one = both.submit(to_pdf, office, [batch], tmp_path / "a")
        other = both.submit(to_pdf, office, singles, tmp_path / "b")
    (made,), alone = one.result(), other.result()
    assert [result.source for result in alone] == singles
    assert made.pdf == tmp_path / "a" / "lượt in số 1.pdf"
    pages = [len(Paper(result.pdf).pages) for result in alone]
    assert len(Paper(made.pdf).pages) == sum(pages) > len(OWN)
    assert {path.suffix for path in (tmp_path / "b").iterdir()} == {".pdf"}


def test_each_bad_file_is_told_and_the_others_are_made(office, tmp_path: Path):
    good, last = put(tmp_path, "a.docx", OWN[0]), put(tmp_path, "z.docx", OWN[2])
    broken, same = put(tmp_path, "b.docx", b"PK\3\4 cut off"), put(tmp_path / "other", "A.docx", OWN[1])
    files = [good, broken, tmp_path / "gone.docx", same, last]
    results = to_pdf(office, files, tmp_path / "out")
    assert [result.fault for result in results] == [
        None,
        PdfFault.UNREADABLE,
        PdfFault.MISSING,
        PdfFault.SAME_NAME,
        None,
    ]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.pdf", "z.pdf"]


HANG = """
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
pathlib.Path({pids!r}).open("a").write(f"{{os.getpid()}} {{child.pid}} ")
for name in sys.argv[sys.argv.index("--outdir") + 2:]:
    text = pathlib.Path(name).read_bytes()
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF-1.7 half of it")
    if text == b"hangs":
        signal.pause()
    if text == b"crashes":
        os.abort()
    pathlib.Path(name).with_suffix(".pdf").write_bytes(b"%PDF-1.7 " + text + b"%%EOF")
child.kill()
child.wait()
"""


def test_a_file_that_hangs_or_crashes_leaves_no_half_pdf_no_process_and_the_others_whole(tmp_path: Path):
    pids = tmp_path / "pids"
    fake = stand_in(tmp_path, HANG.format(pids=str(pids)))
    files = [
        put(tmp_path, f"{text}.docx", text.encode()) for text in ("one", "hangs", "two", "crashes", "three")
    ]
    out = tmp_path / "out"
    results = to_pdf(fake, files, out, seconds=2)
    told = [None, PdfFault.TOO_LONG, None, PdfFault.BROKE_OFF, None]
    assert [result.fault for result in results] == told
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {
        f"{name}.pdf": f"%PDF-1.7 {name}%%EOF".encode() for name in ("one", "two", "three")
    }
    started = ",".join(pids.read_text().split())
    listed = subprocess.run(["ps", "-o", "stat=", "-p", started], capture_output=True, check=False)
    assert [state for state in listed.stdout.split() if not state.startswith(b"Z")] == []


def test_a_program_that_never_starts_is_not_tried_once_a_file(tmp_path: Path):
    starts = tmp_path / "starts"
    fake = stand_in(tmp_path, f"pathlib.Path({str(starts)!r}).open('a').write('x'); os.abort()")
    files = [put(tmp_path, f"{number}.docx", b"") for number in range(9)]
    assert {result.fault for result in to_pdf(fake, files, tmp_path / "out")} == {PdfFault.BROKE_OFF}
    assert starts.read_text() == "xx"


def test_a_place_that_holds_no_program_gives_none_and_not_another_one(tmp_path: Path):
    assert find_office(str(tmp_path / "soffice")) is None
    path = stand_in(tmp_path, "").path
    assert find_office(str(path)) == OfficeProgram(path)
