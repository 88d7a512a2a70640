"""Which rows of a chunk are new, later, stale, told beside another source, or in conflict: decided before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.ingest.changes import is_stale
from tracker.ingest.columns import RecordColumns
from tracker.ingest.several import CODE_CONFLICT, is_another_dossier
from tracker.store import source_told, tellings
from tracker.store.bulk import BulkWriter, Known
from tracker.store.session import Session
from tracker.text import normal_code
from tracker.types import DossierVersion, Rejection

OUT_OF_ORDER = "OUT_OF_ORDER"
CONFLICT = (
    "mã này đã là của một hồ sơ khác: thủ tục và ngày tiếp nhận đều khác. Nếu là cùng một hồ sơ, hoặc là hai hồ sơ trùng mã, "
    "hãy quyết định ở trang Mã hồ sơ"
)


@dataclass(slots=True)
class SortedRows:
    """Positions of new rows; of later ones and of those told beside another source, with the dossier that they tell of
    (None: added in this chunk); of stale ones; how many say nothing new.
    """

    new: list[int] = field(default_factory=list)
    later: list[tuple[int, int | None]] = field(default_factory=list)
    beside: list[tuple[int, int]] = field(default_factory=list)
    stale: list[int] = field(default_factory=list)
    unchanged: int = 0


class Before(NamedTuple):
    """What was told of a code before a row: by an earlier row of this chunk, or by what is stored."""

    dossier_id: int | None
    row_hash: bytes
    updated_at: int | None
    procedure_id: int | None
    received_at: int | None
    source_id: int


class Identity:
    """Whose a code is: aliases, rulings of persons, ranks of sources. One for a batch."""

    def __init__(self, session: Session, source_id: int, order: Sequence[str]) -> None:
        self._session, self.source_id = session, source_id
        self._ranks = tellings.ranks(session, order)
        self.has_aliases = tellings.any_alias(session, source_id)
        self._named_only: frozenset[int] | None = None
        self.several = len(self._ranks) > 1
        # What was told of a code over the wire in this batch and then told otherwise.
        self._superseded: dict[str, set[bytes]] = {}

    def kept_as(self, codes: Sequence[str]) -> list[str]:
        """The codes under which the dossiers are kept."""
        if not self.has_aliases:
            return list(codes)
        kept = source_told.kept_as(self._session, self.source_id, sorted(set(codes)))
        return [kept[code] for code in codes]

    def learn(self, writer: BulkWriter, codes: Sequence[str], others: Sequence[str], now: int) -> int:
        """Further codes that the source itself tells of its dossiers; how many are dossiers of their own already.

        Those are left to a person: two dossiers are not made one by a cell.
        """
        told = {
            alias: code
            for code, other in zip(codes, others, strict=True)
            if code and (alias := normal_code(other)) and alias != code
        }
        kept = dict(zip(told, self.kept_as(list(told)), strict=True))
        told = {alias: code for alias, code in told.items() if kept[alias] == alias}
        standing = writer.known(sorted(told)) if told else {}
        new = {alias: code for alias, code in told.items() if alias not in standing}
        rows = [
            {
                "source_id": self.source_id, "alias": alias, "code": code, "kind": tellings.SAID, "reason": "",
                "made_by": "", "made_at": now,
            }
            for alias, code in sorted(new.items())
        ]  # fmt: skip
        tellings.add_aliases(self._session, rows)
        self.has_aliases = self.has_aliases or bool(new)
        return len(standing)

    def yields(self, source_id: int) -> bool:
        """Does our source stand behind that one?"""
        return source_id != self.source_id and self._ranks[source_id] < self._ranks[self.source_id]

    def as_told_by_us(self, known: Mapping[str, Known]) -> dict[str, Known]:
        """What is stored, with the hash of our own telling where another source governs."""
        if not self.several:
            return dict(known)
        foreign = [one for one in known.values() if one.source_id != self.source_id]
        if not foreign:
            return dict(known)
        told = tellings.tellings(
            self._session, [one.dossier_id for one in foreign if self.yields(one.source_id)]
        )
        out = dict(known)
        for code, one in known.items():
            if one.source_id != self.source_id:
                ours = told.get(one.dossier_id, {}).get(self.source_id)
                digest, updated = (ours.row_hash, ours.updated_at) if ours else (b"", None)
                out[code] = one._replace(row_hash=digest, updated_at=updated)
        return out

    def is_another(self, code: str, before: Before, told: DossierVersion) -> bool:
        """Is the row of another dossier than the one that bears its code?"""
        if not is_another_dossier(
            (before.procedure_id, before.received_at), (told.procedure_id, told.received_at)
        ):
            return False
        if self._named_only is None:
            self._named_only = tellings.named_only(self._session)
        if {before.procedure_id, told.procedure_id} & self._named_only:
            return False
        # Somebody may have said that it is the same one.
        return tellings.alias_of(self._session, self.source_id, code) != code

    # ------------------------------------------------------------ order of arrival

    def supersede(self, code: str, digest: bytes) -> None:
        """This telling of a code has been replaced within the batch."""
        self._superseded.setdefault(code, set()).add(digest)

    def was_told(
        self, code: str, digest: bytes, earlier: Mapping[int, set[bytes]], dossier_id: int | None
    ) -> bool:
        """Has this very telling been replaced by a later one already?"""
        if digest in self._superseded.get(code, ()):
            return True
        return dossier_id is not None and digest in earlier.get(dossier_id, ())


class Sorter:
    """Sorts the rows of one chunk."""

    def __init__(
        self, identity: Identity, session: Session, columns: RecordColumns, versions: Sequence[DossierVersion]
    ) -> None:
        self._identity, self._session, self._columns, self._versions = identity, session, columns, versions
        self._earlier: dict[int, set[bytes]] | None = None

    def sort(
        self, known: Mapping[str, Known], *, over_the_wire: bool, place: tuple[str, str, str]
    ) -> SortedRows:
        """`over_the_wire`: payloads may be sent again and arrive in any order, so a telling that was replaced before is
        stale; a file is a state of its own moment. `place`: file, sheet and heading of the code, for conflicts.
        """
        out, columns = SortedRows(), self._columns
        standing: dict[str, Before] = {}
        first: dict[str, int] = {}
        updated = columns.dates["updated_at"]
        for position, (code, digest) in enumerate(zip(columns.codes, columns.hashes, strict=True)):
            if position in columns.rejected:
                continue
            stored = known.get(code)
            if stored is None and code not in first:
                # Nearly every row of a first load.
                first[code] = position
                out.new.append(position)
                continue
            before = standing.get(code) or (_before(stored) if stored else self._told(first[code], None))
            if before.row_hash == digest:
                out.unchanged += 1
                continue
            if self._identity.is_another(code, before, self._versions[position]):
                self._reject(position, place)
                continue
            if is_stale(before.updated_at, updated[position]) or (
                over_the_wire and self._was_told(code, digest, known, updated[position])
            ):
                self._flag_order(position, over_the_wire=over_the_wire)
                out.stale.append(position)
                continue
            now = self._told(position, before.dossier_id)
            if before.dossier_id is not None and self._identity.yields(before.source_id):
                out.beside.append((position, before.dossier_id))
                now = now._replace(source_id=before.source_id)
            else:
                out.later.append((position, before.dossier_id))
            if over_the_wire:
                self._identity.supersede(code, before.row_hash)
            standing[code] = now
        return out

    def _told(self, position: int, dossier_id: int | None) -> Before:
        """What a row of ours tells of its code to those after it."""
        told, columns = self._versions[position], self._columns
        return Before(
            dossier_id, columns.hashes[position], columns.dates["updated_at"][position], told.procedure_id,
            told.received_at, self._identity.source_id,
        )  # fmt: skip

    def _was_told(self, code: str, digest: bytes, known: Mapping[str, Known], updated: int | None) -> bool:
        if updated is not None:
            return False  # a source that dates its tellings has said which one is the later
        if self._earlier is None:
            self._earlier = tellings.earlier_hashes(self._session, [one.dossier_id for one in known.values()])
        stored = known.get(code)
        return self._identity.was_told(code, digest, self._earlier, stored.dossier_id if stored else None)

    def _flag_order(self, position: int, *, over_the_wire: bool) -> None:
        if over_the_wire:
            self._columns.flag(position, OUT_OF_ORDER)

    def _reject(self, position: int, place: tuple[str, str, str]) -> None:
        file, sheet, heading = place
        columns = self._columns
        code = columns.codes[position]
        columns.rejected[position] = Rejection(
            file, sheet, columns.row_numbers[position], heading, code, CODE_CONFLICT, CONFLICT
        )


def _before(stored: Known) -> Before:
    return Before(
        stored.dossier_id,
        stored.row_hash,
        stored.updated_at,
        stored.procedure_id,
        stored.received_at,
        stored.source_id,
    )
