"""Letters of the invented world at every step, with files, for the tests of the pages of numbers, signed files and printing."""

import io
from datetime import datetime

from docx import Document

from letters.compiled import render
from letters.content import LetterContent, write
from tests.letter_samples import FORMS, OVERDUE
from tests.web.world import BRANCH_A, BRANCH_B, StandingContext, at
from tracker.store.models import Letter, LetterStep

# Letter -> its dossier, unit, steps taken. 22 is of another unit.
LETTERS: dict[int, tuple[int, int, tuple[str, ...]]] = {
    11: (1, BRANCH_A, ("approved", "signed")),
    12: (3, BRANCH_A, ("approved", "signed")),
    13: (4, BRANCH_A, ("approved",)),
    14: (5, BRANCH_A, ()),
    22: (2, BRANCH_B, ("approved", "signed")),
}
SIGNED_ON = "24/08/2026"
NEW_DUE = at(31)


def code_of(letter_id: int) -> str:
    """The short code of a letter."""
    return f"AAAA-BBBB-{letter_id:04}".replace("0", "Z").replace("1", "Y")


def add_letters(context: StandingContext) -> None:
    """Put them into the store, and their files into the data folder."""
    folder = context.data_dir / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    with context.store.transaction() as session:
        for letter_id, (dossier_id, unit_id, steps) in LETTERS.items():
            state = steps[-1] if steps else "drafted"
            session.add(_letter(letter_id, dossier_id, unit_id, state))
            session.flush()
            for seq, step in enumerate(("drafted", *steps), 1):
                session.add(_step(letter_id, seq, step))
            (folder / f"{letter_id}.docx").write_bytes(_docx())


def _letter(letter_id: int, dossier_id: int, unit_id: int, state: str) -> Letter:
    return Letter(
        id=letter_id, dossier_id=dossier_id, seq=1, kind="overdue", form="phieu-2018", state=state, unit_id=unit_id,
        as_of=at(24, 8), due_at=at(20), new_due_at=NEW_DUE, reason="Khối lượng hồ sơ tăng cao", number=None,
        short_code=code_of(letter_id), file=f"letters/{letter_id}.docx", issued_on=None,
    )  # fmt: skip


def _step(letter_id: int, seq: int, step: str) -> LetterStep:
    moment: datetime = at(24, 8, seq)
    note = SIGNED_ON if step == "signed" else ""
    return LetterStep(letter_id=letter_id, seq=seq, step=step, at=moment, actor="operator", note=note)


def _docx() -> bytes:
    content = write(OVERDUE, FORMS, FORMS.on(OVERDUE.day))
    assert isinstance(content, LetterContent)
    return render(content)


def signed_docx(*lines: str) -> bytes:
    """A letter that came back signed as a Word file."""
    document, saved = Document(), io.BytesIO()
    for line in lines:
        document.add_paragraph(line)
    document.save(saved)
    return saved.getvalue()
