"""Templates that were tried and are not in use yet: kept for a day in the data folder, for whoever tried them.

A trial is a folder with the file, the invented letter made from it, and what was found; it is there whole or not at all.
"""

import json
import re
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from letters.obligations import LetterKind
from letters.pdf import find_office, to_pdf
from letters.register import WRITING
from letters.template_check import TemplateReport
from letters.templates import TemplatePlace, TemplateTrial, Upload

KEPT_FOR = timedelta(days=1)
KEY = re.compile(r"[0-9a-f]{32}")
FILE, LETTER, PDF, TOLD = "template.docx", "letter.docx", "letter.pdf", "told.json"
PDF_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class KeptTrial:
    """A trial as it lies in its folder."""

    key: str
    folder: Path
    place: TemplatePlace
    upload: Upload
    report: TemplateReport
    lines: tuple[str, ...]

    @property
    def letter(self) -> Path:
        """The invented letter."""
        return self.folder / LETTER


class TrialShelf:
    """The trials of one installation."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "letters" / "trials"

    def keep(
        self, place: TemplatePlace, upload: Upload, trial: TemplateTrial, *, login: str, now: datetime
    ) -> str:
        """Put a usable template and its trial away; the key by which it is found again."""
        self.sweep(now)
        key = secrets.token_hex(16)
        folder = self._root / (key + WRITING)
        folder.mkdir(parents=True)
        (folder / FILE).write_bytes(upload.body)
        (folder / LETTER).write_bytes(trial.letter)
        told = {
            "by": login,
            "at": now.isoformat(),
            "unit_id": place.unit_id,
            "form": place.form,
            "kind": place.kind,
            "name": upload.name,
            "note": upload.note,
            "placeholders": dict(trial.report.placeholders),
            "warnings": trial.report.warnings,
            "lines": trial.lines,
        }
        (folder / TOLD).write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        folder.rename(self._root / key)
        return key

    def has(self, key: str) -> bool:
        """Is there a trial of this key?"""
        return KEY.fullmatch(key) is not None and (self._root / key).is_dir()

    def find(self, key: str, login: str) -> KeptTrial | None:
        """A trial of this person; None for other persons' trials, and where there is none (any more)."""
        if not self.has(key):
            return None
        folder = self._root / key
        told = json.loads((folder / TOLD).read_text("utf-8"))
        if told["by"] != login:
            return None
        kind = LetterKind(told["kind"]) if told["kind"] else None
        return KeptTrial(
            key,
            folder,
            TemplatePlace(told["unit_id"], told["form"], kind),
            Upload(told["name"], (folder / FILE).read_bytes(), told["note"]),
            TemplateReport(told["placeholders"], (), tuple(told["warnings"])),
            tuple(told["lines"]),
        )

    def drop(self, trial: KeptTrial) -> None:
        """Forget a trial."""
        shutil.rmtree(trial.folder, ignore_errors=True)

    def sweep(self, now: datetime) -> None:
        """Forget what was tried more than a day ago."""
        for told in self._root.glob(f"*/{TOLD}"):
            if now - datetime.fromisoformat(json.loads(told.read_text("utf-8"))["at"]) > KEPT_FOR:
                shutil.rmtree(told.parent, ignore_errors=True)


def pdf_of(trial: KeptTrial, configured: str) -> Path | None:
    """The invented letter as PDF; None where the machine has no LibreOffice, or it could not make one."""
    made = trial.folder / PDF
    office = find_office(configured)
    if not made.is_file() and office is not None:
        to_pdf(office, [trial.letter], trial.folder, seconds=PDF_SECONDS)
    return made if made.is_file() else None
