"""Number and date put into the files of letters that were given them: what is printed and sent then shows both.

Repeated at any time it writes only what is not written yet: after a kill the next call, or the morning's, does the rest.
What came back signed is never touched.
"""

from collections.abc import Sequence
from pathlib import Path

from letters.case import LetterPolicy
from letters.content import Lacking
from letters.office import Office
from letters.register import located, put_beside
from tracker.store.letter_store import (
    NUMBERED_MARK,
    lock_register,
    move_file,
    stored_letters,
    unwritten_numbers,
)
from tracker.store.session import Store

NUMBERED = ("numbered", "delivered")
SLICE = 10_000


def write_numbers(
    store: Store, policy: LetterPolicy, data_dir: Path, letter_ids: Sequence[int] | None = None
) -> int:
    """Write the files of numbered letters (None = all that lack it) with number and date; how many were written."""
    moved: list[tuple[int, str]] = []
    old: list[Path] = []
    with store.read() as session:
        office = Office(session, policy)
        ids = unwritten_numbers(session, letter_ids)
        for start in range(0, len(ids), SLICE):
            chosen = stored_letters(session, states=NUMBERED, letter_ids=ids[start : start + SLICE])
            for letter in (letter for chunk in chosen for letter in chunk):
                body = office.made_again(letter)
                # What its dossier has lost since is printed as it was signed, without the number.
                if not isinstance(body, Lacking):
                    moved.append((letter.letter_id, put_beside(data_dir, letter.file, NUMBERED_MARK, body)))
                    old.append(located(data_dir, letter.file))
    with store.transaction() as session:
        lock_register(session)
        move_file(session, moved)
    for path in old:
        path.unlink(missing_ok=True)
    return len(moved)
