"""What rows of a catalogue of units come to, beside what the catalogue holds; reads no file and writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from tracker.ingest.catalogue_changes import Outcome, RowVerdict
from tracker.store.catalogue_edits import UnitEntry
from tracker.text import fold
from tracker.types.catalogue import KeptUnit, UnitTold

KIND = "department"
LINKS = ("parent_code", "successor_code")


class Units:
    """The units of a file: `take` the rows once, then read what has to be written."""

    def __init__(self, kept: Mapping[str, KeptUnit], spellings: Mapping[str, int]) -> None:
        """`spellings`: folded name or code -> id of the unit that it means."""
        self._kept = kept
        self._by_id = {each.unit_id: each for each in kept.values()}
        # Folded spelling -> code of the unit in the catalogue; those of made-up units are free to be taken.
        self._owners = {
            folded: owner.told.code
            for folded, number in spellings.items()
            if (owner := self._by_id.get(number)) is not None and owner.is_known
        }
        self._now: dict[str, UnitTold] = {}
        self.aliases: dict[str, str] = {}

    @property
    def told(self) -> frozenset[str]:
        """The codes of the units that the file tells."""
        return frozenset(self._now)

    @property
    def entries(self) -> list[UnitEntry]:
        """The units as they are to be written."""
        return [
            UnitEntry(self._kept[code].unit_id if code in self._kept else 0, told)
            for code, told in self._now.items()
        ]

    def take(self, rows: Sequence[UnitTold]) -> list[Outcome]:
        """The outcome of each row. Parents and successors may stand anywhere in the file."""
        codes = {row.code for row in rows} | {code for code, unit in self._kept.items() if unit.is_known}
        outcomes: list[Outcome] = []
        while True:
            # A row that is refused takes those with it that name it as their parent: then all are looked at again.
            refused = [each for row in rows if (each := self._refusal(row, rows, codes)) is not None]
            if not refused:
                break
            outcomes += refused
            gone = {each.row for each in refused}
            rows = [row for row in rows if row.row not in gone]
            codes = {row.code for row in rows} | {c for c, unit in self._kept.items() if unit.is_known}
        return [*outcomes, *(Outcome(row.row, self._take(row)) for row in rows)]

    def _refusal(self, row: UnitTold, rows: Sequence[UnitTold], codes: set[str]) -> Outcome | None:
        kept = self._kept.get(row.code)
        if kept is None and not row.name:
            return _refused(row, "name", "", "để trống, mà đơn vị này chưa có trong danh mục")
        if kept is None and not row.level:
            return _refused(row, "level", "", "để trống, mà đơn vị này chưa có trong danh mục")
        first = next(each for each in rows if each.code == row.code)
        if first is not row and replace(first, row=row.row) != row:
            return _refused(row, "code", row.code, f"trùng với dòng {first.row}")
        for column in LINKS:
            link = getattr(row, column)
            if link and link not in codes:
                return _refused(row, column, link, "không có đơn vị nào mang mã này")
            if link == row.code:
                return _refused(row, column, link, "là chính đơn vị này")
            if link and self._leads_back(row, rows, column):
                return _refused(row, column, link, "đi một vòng lại về chính đơn vị này")
        for alias in row.aliases:
            owner = self._owners.get(fold(alias))
            if owner is not None and owner != row.code:
                return _refused(row, "aliases", alias, f"đã là tên hoặc mã của đơn vị {owner}")
        return None

    def _leads_back(self, row: UnitTold, rows: Sequence[UnitTold], column: str) -> bool:
        told = {each.code: getattr(each, column) for each in rows if getattr(each, column)}
        kept = {code: getattr(unit.told, column) for code, unit in self._kept.items()}
        links, code = {**kept, **told}, row.code
        for _ in range(len(links)):
            code = links.get(code, "")
            if code == row.code:
                return True
            if not code:
                return False
        return False

    def _take(self, row: UnitTold) -> RowVerdict:
        kept = self._kept.get(row.code)
        before = self._now.get(row.code) or (kept.told if kept else None)
        now = _merged(before, row)
        has_new_names = self._take_names(now, row)
        self._now[row.code] = now
        if kept is None and before is None:
            return RowVerdict.NEW
        same = replace(now, row=0, aliases=()) == replace(before or now, row=0, aliases=())
        return RowVerdict.CHANGED if not same or has_new_names else RowVerdict.UNCHANGED

    def _take_names(self, now: UnitTold, row: UnitTold) -> bool:
        """Let code, name and other names mean this unit; is one of the other names news?

        A name that another unit has stays with it, unless that one is no more and this one is.
        """
        news = False
        for spelling in (now.code, now.name, *row.aliases):
            folded = fold(spelling)
            owner = self._owners.get(folded)
            if owner == now.code or (owner is not None and not self._gives_way(owner, now)):
                continue
            self._owners[folded] = self.aliases[spelling] = now.code
            news = news or spelling in row.aliases
        return news

    def _gives_way(self, owner: str, now: UnitTold) -> bool:
        other = self._now.get(owner) or self._kept[owner].told
        return other.valid_to is not None and now.valid_to is None


def _merged(before: UnitTold | None, row: UnitTold) -> UnitTold:
    """The unit with what the row does not tell taken from what was known."""
    if before is None:
        return replace(row, kind=row.kind or KIND)
    told = {
        each.name: getattr(row, each.name) or getattr(before, each.name)
        for each in fields(UnitTold)
        if each.name != "row"
    }
    return UnitTold(row=row.row, **told)


def _refused(row: UnitTold, column: str, value: str, message: str) -> Outcome:
    return Outcome(row.row, RowVerdict.REJECTED, column, value, message)
