"""Documents -> PDF by LibreOffice, where the machine has it: bounded in time, several at once, whole or not at all.

Each call has a profile of its own, so that calls beside each other and a program left open on the screen do not meet.
Nothing is imported or started before somebody asks; a machine without LibreOffice gets None and goes on with .docx.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from letters.register import replace_file

NAMES = ("soffice.com", "soffice", "libreoffice")
# Where the installers put it if they do not tell the PATH.
PLACES = (
    r"C:\Program Files\LibreOffice\program\soffice.com",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.com",
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
    "/usr/local/bin/soffice",
    "/snap/bin/libreoffice",
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
)
QUIET = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo", "--nofirststartwizard")
SECONDS = 180.0
FILES_UNREADABLE = 1  # it ran to its end, but not every file was made
# An uploaded letter may hold macros and links: neither is run or followed.
_SECURITY = "/org.openoffice.Office.Common/Security/Scripting"
_SAFE_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(
        f'<item oor:path="{_SECURITY}"><prop oor:name="{name}" oor:op="fuse"><value>true</value></prop></item>'
        for name in ("DisableMacrosExecution", "BlockUntrustedRefererLinks")
    )
    + "</oor:items>"
)


class PdfFault(StrEnum):
    """Why there is no PDF of a file, in the user's words."""

    MISSING = "Không tìm thấy tệp."
    SAME_NAME = "Trong cùng lượt có tệp khác trùng tên; đổi tên rồi làm lại."
    UNREADABLE = "LibreOffice không mở được tệp này; kiểm tra tệp có hỏng hoặc đặt mật khẩu không."
    TOO_LONG = "Chuyển sang PDF quá lâu nên đã dừng; thử lại, hoặc chia thành tệp nhỏ hơn."
    BROKE_OFF = (
        "LibreOffice dừng giữa chừng khi chuyển tệp này; thử lại, hoặc báo quản trị kiểm tra LibreOffice."
    )


@dataclass(frozen=True, slots=True)
class OfficeProgram:
    """LibreOffice as it can be started."""

    path: Path


@dataclass(frozen=True, slots=True)
class PdfResult:
    """What became of one file: its PDF, or why there is none."""

    source: Path
    pdf: Path | None
    fault: PdfFault | None = None


def find_office(configured: str = "") -> OfficeProgram | None:
    """The program that the configuration names, or else the one that the machine has; None where there is none.

    A configured place that holds no program is no reason to take another one: None.
    """
    if configured:
        found = shutil.which(configured)
        return OfficeProgram(Path(found)) if found else None
    for candidate in (*NAMES, *PLACES):
        if found := shutil.which(candidate):
            return OfficeProgram(Path(found))
    return None


def to_pdf(
    office: OfficeProgram, files: Sequence[Path], out_dir: Path, *, seconds: float = SECONDS
) -> list[PdfResult]:
    """A PDF of the same name in `out_dir` for each file, in order; one bad file does not stop the others.

    `seconds` bound each start of LibreOffice. There is one for all files, and another one after each that it choked on.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    faults = _faults_beforehand(files)
    with tempfile.TemporaryDirectory(prefix="pdf-", ignore_cleanup_errors=True) as folder:
        room = _Room(office, Path(folder), seconds)
        found = {place: room.take(place, path) for place, path in enumerate(files) if place not in faults}
        faults |= room.convert(list(found))
        return [
            PdfResult(path, None, faults[place])
            if place in faults
            else PdfResult(path, _handed_out(found[place], out_dir / f"{path.stem}.pdf"))
            for place, path in enumerate(files)
        ]


def _faults_beforehand(files: Sequence[Path]) -> dict[int, PdfFault]:
    faults, names = {}, set()
    for place, path in enumerate(files):
        if not path.is_file():
            faults[place] = PdfFault.MISSING
        # Windows knows no case.
        elif path.stem.casefold() in names:
            faults[place] = PdfFault.SAME_NAME
        names.add(path.stem.casefold())
    return faults


def _handed_out(made: Path, target: Path) -> Path:
    replace_file(str(target), made.read_bytes())
    return target


class _Room:
    """A temporary folder with copies of the files, their PDFs and a profile; nobody else works in it."""

    def __init__(self, office: OfficeProgram, folder: Path, seconds: float) -> None:
        self._office, self._folder, self._seconds = office, folder, seconds
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(_SAFE_PROFILE, "utf-8")
        self._sources: dict[int, Path] = {}

    def take(self, place: int, path: Path) -> Path:
        """Copy a file in, under a name that no program stumbles over; where its PDF will be."""
        self._sources[place] = self._folder / f"{place:06}{path.suffix}"
        shutil.copyfile(path, self._sources[place])
        return self._pdf(place)

    def _pdf(self, place: int) -> Path:
        return self._folder / f"{place:06}.pdf"

    def convert(self, places: list[int]) -> dict[int, PdfFault]:
        """Make the PDFs; why some are not there."""
        faults: dict[int, PdfFault] = {}
        made_before = True
        while places:
            broken = self._start(places)
            left = [place for place in places if not _is_whole(self._pdf(place))]
            if broken is None:
                return faults | dict.fromkeys(left, PdfFault.UNREADABLE)
            made = len(left) < len(places)
            if not made and not made_before:
                # Twice in a row not one file: it is not the files.
                return faults | dict.fromkeys(left, broken)
            # Files are made in order, so it stopped at the first that is not there.
            faults |= dict.fromkeys(left[:1], broken)
            places, made_before = left[1:], made
        return faults

    def _start(self, places: list[int]) -> PdfFault | None:
        command = [str(self._office.path), *QUIET]
        command.append(f"-env:UserInstallation={(self._folder / 'profile').as_uri()}")
        command += ["--convert-to", "pdf", "--outdir", str(self._folder)]
        command += [self._sources[place].name for place in places]
        environment = os.environ | {"SAL_USE_VCLPLUGIN": "svp"}  # draws without a screen
        try:
            # A group of its own: what is found is a script that starts the program that starts the program.
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return PdfFault.BROKE_OFF
        return _ended(process, self._seconds)


def _ended(process: subprocess.Popen[bytes], seconds: float) -> PdfFault | None:
    """Wait for the program; None if it came to its end, whatever it made."""
    fault: PdfFault | None = PdfFault.BROKE_OFF
    try:
        if process.wait(seconds) in (0, FILES_UNREADABLE):
            fault = None
    except subprocess.TimeoutExpired:
        fault = PdfFault.TOO_LONG
    finally:
        if fault is not None:
            _end_with_children(process)
    return fault


def _is_whole(pdf: Path) -> bool:
    """The last line of a PDF is its end mark (ISO 32000-1, 7.5.5)."""
    if not pdf.is_file():
        return False
    with pdf.open("rb") as stream:
        stream.seek(max(0, pdf.stat().st_size - 64))
        return b"%%EOF" in stream.read()


def _end_with_children(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started; Windows has neither groups nor this signal, but a command for it."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    else:
        end_group: Callable[[int, int], None] = getattr(os, "killpg", os.kill)
        try:
            end_group(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        except ProcessLookupError:
            return
    process.wait()
