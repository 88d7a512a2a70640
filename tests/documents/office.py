"""Documents into PDF and pictures, with the programs of the machine: LibreOffice and poppler, offline, bounded in time.

A missing program is a failure that says what to install: a skip would hide that nobody looks at the documents.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

PACKAGES = {
    "soffice": "libreoffice-writer-nogui libreoffice-calc-nogui",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "pdffonts": "poppler-utils",
}
CLOSED_PORT = "http://127.0.0.1:9"  # "discard": nobody listens
SECONDS = 180.0
QUIET = ("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo")


class DocumentError(AssertionError):
    """A document could not be turned into a picture; the text says why and what to do."""


def program(name: str) -> str:
    """Where a program lies.

    Raises:
        DocumentError: it is not installed; names the package.
    """
    found = shutil.which(name)
    if found is None:
        raise DocumentError(
            f"{name} is not installed, and without it no document can be looked at. "
            f"Run `make system`, or: apt-get install --no-install-recommends {PACKAGES[name]}"
        )
    return found


def bounded(command: Sequence[str], seconds: float = SECONDS, env: Mapping[str, str] | None = None) -> bytes:
    """What a program prints; it and all that it started are killed when the time is over.

    Raises:
        DocumentError: it failed or took too long.
    """
    # A session of its own: soffice is a script that starts the program that starts the program.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, start_new_session=True
    )
    try:
        printed, complaint = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()  # ends only when nobody of the group holds the pipe any more
        name = Path(command[0]).name
        raise DocumentError(
            f"{name} did not end within {seconds:g} s and was killed: {' '.join(command)}"
        ) from None
    if process.returncode != 0:
        told = complaint.decode(errors="replace")[-2000:]
        raise DocumentError(f"{' '.join(command)} ended with status {process.returncode}:\n{told}")
    return printed


@cache
def _cut_off() -> tuple[str, ...]:
    """What stands before a command that must not see the network; () where namespaces are not allowed."""
    unshare = shutil.which("unshare")
    for options in (["-n"], ["-rn"]) if unshare else ():
        tried = subprocess.run([str(unshare), *options, "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return (str(unshare), *options)
    return ()


def to_pdf(documents: Sequence[Path], folder: Path, seconds: float = SECONDS) -> list[Path]:
    """Every document as a PDF of the same name in `folder`; as `converted`."""
    return converted(documents, folder, "pdf", seconds)


def converted(documents: Sequence[Path], folder: Path, ending: str, seconds: float = SECONDS) -> list[Path]:
    """Every document as another kind of file of the same name in `folder`: one call of LibreOffice, a new profile, no network.

    Raises:
        DocumentError: LibreOffice is missing, failed, took too long, or left a document out.
    """
    command = [*_cut_off(), program("soffice"), *QUIET]
    with tempfile.TemporaryDirectory(prefix="soffice-") as profile:
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), CLOSED_PORT)
        env = {**os.environ, **proxies, "HOME": profile, "SAL_USE_VCLPLUGIN": "svp"}
        command.append(f"-env:UserInstallation={Path(profile, 'user').as_uri()}")
        command += ["--convert-to", ending, "--outdir", str(folder), *map(str, documents)]
        bounded(command, seconds, env)
    made = [folder / f"{document.stem}.{ending}" for document in documents]
    if left_out := [path.stem for path in made if not path.is_file()]:
        raise DocumentError(f"LibreOffice made no {ending.upper()} of {', '.join(left_out)}")
    return made
