"""The tools that look at documents: they say what is missing, and nothing they start outlives its time."""

from pathlib import Path

import numpy as np
import pytest

from tests.documents.office import DocumentError, bounded, program, to_pdf
from tests.documents.pages import Page, png


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DocumentError, match=r"soffice is not installed.*libreoffice-writer-nogui"):
        program("soffice")


def test_what_runs_too_long_is_killed_with_all_that_it_started():
    # The grandchild holds the pipe that is read to its end: the call would not come back while it lives.
    with pytest.raises(DocumentError, match=r"sh did not end within 0\.2 s and was killed"):
        bounded(["sh", "-c", "tail -f /dev/null & wait"], seconds=0.2)


def test_a_failing_program_is_told_with_its_words():
    with pytest.raises(DocumentError, match=r"status 3:\nno such paper"):
        bounded(["sh", "-c", "echo no such paper >&2; exit 3"])


def test_a_document_that_gives_no_pdf_is_named(tmp_path: Path):
    with pytest.raises(DocumentError, match="made no PDF of absent"):
        to_pdf([tmp_path / "absent.docx"], tmp_path)


def test_the_blank_borders_of_a_page_are_measured_in_millimetres():
    grey = np.full((800, 400), 255, np.uint8)  # 80 dots an inch: 254 x 127 mm
    grey[80:720, 40:320] = 0
    grey[10, 200] = 0
    page = Page(127, 254, (), grey)
    assert page.borders(below=20) == pytest.approx((25.4, 25.4, 25.4, 12.7))
    assert page.borders().top == pytest.approx(3.175)


def test_a_kept_picture_is_a_png():
    assert png(np.zeros((2, 3), np.uint8)).startswith(b"\x89PNG\r\n\x1a\n")
