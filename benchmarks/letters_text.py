"""What letters say, read from their files without the code that made them: no way of making letters passes by making none."""

import hashlib
import json
import re
import subprocess
import zipfile
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.letters_ways import Ready, texts_by_name

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Every draft of a letter gets a new code; the rest of the text depends on the dossier alone.
SHORT_CODE = re.compile(r"Mã tra cứu: [0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


class OtherText(Exception):
    """A way of making letters made fewer, or letters that say something else."""


def paragraphs(document: Path) -> list[str]:
    """The paragraphs of a .docx from top to bottom, those in tables too."""
    with zipfile.ZipFile(document) as package:
        body = ElementTree.fromstring(package.read("word/document.xml"))
    return [
        "".join(text.text or "" for text in paragraph.iter(f"{WORD}t")) for paragraph in body.iter(f"{WORD}p")
    ]


def digest(texts: Iterable[list[str]]) -> str:
    """A fingerprint of what letters say, short codes left out."""
    hashed = hashlib.sha256()
    for lines in texts:
        hashed.update(json.dumps([SHORT_CODE.sub("Mã tra cứu", line) for line in lines]).encode())
    return hashed.hexdigest()


def reference(sample: list[Ready], root: Path) -> str:
    """The fingerprint that all ways must have: of letters in which every text of the content was found.

    Raises:
        OtherText: a letter leaves out a text.
    """
    for ready in sample:
        left_out = set(texts_by_name(ready.content).values()) - set(paragraphs(root / ready.place))
        if left_out:
            raise OtherText(f"{ready.place} leaves out {sorted(left_out)}")
    return digest(paragraphs(root / ready.place) for ready in sample)


def check_written(root: Path, sample: list[Ready], wanted: str, count: int) -> None:
    """Are there so many letters, and do those of the sample say what they should?

    Raises:
        OtherText: no.
    """
    files = [path for path in root.rglob("*.docx") if path.stat().st_size]
    if len(files) != count:
        raise OtherText(f"{root} holds {len(files)} letters instead of {count}")
    if digest(paragraphs(root / ready.place) for ready in sample) != wanted:
        raise OtherText(f"the letters in {root} say something else")


def check_printed(folder: Path, sample: list[Ready]) -> None:
    """Do the PDFs hold every paragraph of every letter, however its lines were broken?

    Raises:
        OtherText: no.
    """
    printed = _unbroken("".join(_printed(pdf) for pdf in folder.glob("*.pdf")))
    for ready in sample:
        for text in (*ready.content.body, ready.content.addressee, ready.content.short_code):
            if _unbroken(text) not in printed:
                raise OtherText(f"the PDFs leave out: {text}")


def _printed(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True).stdout.decode()


def _unbroken(text: str) -> str:
    return re.sub(r"\s+", "", text)
