"""Letters made again from the register: rewritten drafts, exported copies, one letter for a page.

Kind, dates, reason and short code are the register's; nothing is judged anew here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from letters.case import LetterPolicy, facts_of_stored
from letters.content import Lacking, Missing
from letters.obligations import LetterKind
from letters.office import Office
from letters.register import LetterFolder, file_name, shelf
from tracker.store.letter_candidates import LIVE
from tracker.store.letter_store import StoredLetter, letter_ids_of, move_file, stored_letters
from tracker.store.session import Store
from tracker.types import VN


@dataclass(frozen=True, slots=True)
class LetterScope:
    """Which dossiers: late at `as_of`, answered for by `unit_ids`, of one kind, some of them by id (None = all)."""

    as_of: datetime
    unit_ids: frozenset[int] | None = None
    kind: LetterKind | None = None
    dossier_ids: frozenset[int] | None = None

    @property
    def epoch(self) -> int:
        """As-of in UTC epoch seconds."""
        return int(self.as_of.timestamp())

    @property
    def day(self) -> date:
        """The office's date of as-of: the letter's day."""
        return self.as_of.astimezone(VN).date()


@dataclass(frozen=True, slots=True)
class LackingLetter:
    """A letter that is owed and cannot be written (any more), and why."""

    code: str
    unit: str
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class ReissueReport:
    """What was written again; `lacking` letters have lost what they rest on (a dossier that was reopened)."""

    written: int
    lacking: tuple[LackingLetter, ...]


class _Shelver:
    """Writes letters of the register into a folder."""

    def __init__(self, office: Office, folder: LetterFolder) -> None:
        self._office, self._folder = office, folder
        self.written = 0
        self.moved: list[tuple[int, str]] = []
        self.lacking: list[LackingLetter] = []

    def put(self, letter: StoredLetter) -> None:
        """Write one letter; note it if its file lies elsewhere than the register says, or if it cannot be made."""
        facts = facts_of_stored(letter, self._office.names)
        body = self._office.made_again(letter)
        if isinstance(body, Lacking):
            unit = facts.issuer.name if facts.issuer else ""
            self.lacking.append(LackingLetter(facts.code, unit, body.missing))
            return
        unit_code = facts.issuer.code if facts.issuer else ""
        name = file_name(facts.code, letter.dossier.dossier_id, letter.seq)
        place = shelf(unit_code, facts.received_on), name
        self._folder.write(*place, body)
        self.written += 1
        if (file := self._folder.recorded(*place)) != letter.file:
            self.moved.append((letter.letter_id, file))


def rewrite(store: Store, scope: LetterScope, policy: LetterPolicy, folder: LetterFolder) -> ReissueReport:
    """Write the files of all drafts up to as-of again; a letter that was approved or signed is not touched."""
    shelver = _put_all(store, scope, policy, folder, ("drafted",))
    if shelver.moved:
        with store.transaction() as session:
            move_file(session, shelver.moved)
    return ReissueReport(shelver.written, tuple(shelver.lacking))


def export(store: Store, scope: LetterScope, policy: LetterPolicy, folder: LetterFolder) -> ReissueReport:
    """Write copies of all letters up to as-of that are not void into a folder; the register stays as it is."""
    shelver = _put_all(store, scope, policy, folder, LIVE)
    return ReissueReport(shelver.written, tuple(shelver.lacking))


def _put_all(
    store: Store, scope: LetterScope, policy: LetterPolicy, folder: LetterFolder, states: tuple[str, ...]
) -> _Shelver:
    with store.read() as session:
        shelver = _Shelver(Office(session, policy), folder)
        for chunk in stored_letters(session, states=states, until_epoch=scope.epoch, unit_ids=scope.unit_ids):
            for letter in chunk:
                if scope.kind is None or letter.kind == scope.kind:
                    shelver.put(letter)
    return shelver


def put_back(store: Store, dossier_ids: Sequence[int], policy: LetterPolicy, folder: LetterFolder) -> None:
    """Write the drafts of some dossiers as the register knows them."""
    with store.read() as session:
        shelver = _Shelver(Office(session, policy), folder)
        ids = letter_ids_of(session, dossier_ids)
        for chunk in stored_letters(session, states=("drafted",), letter_ids=ids):
            for letter in chunk:
                shelver.put(letter)


def letter_bytes(store: Store, letter_id: int, policy: LetterPolicy) -> bytes | None:
    """One letter for a page to hand out; None where there is none or it has lost what it rests on."""
    with store.read() as session:
        office = Office(session, policy)
        for chunk in stored_letters(session, states=LIVE, letter_ids=[letter_id]):
            for letter in chunk:
                body = office.made_again(letter)
                return None if isinstance(body, Lacking) else body
    return None


def default_folder(data_dir: Path, scope: LetterScope) -> Path:
    """Where letters go if nobody says otherwise: one folder a year."""
    return data_dir / "letters" / str(scope.day.year)
