"""What rows of a catalogue of procedures come to, beside what the catalogue holds; reads no file and writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.ingest.catalogue_changes import FROM_THE_FIRST, Outcome, RowVerdict, change_limits
from tracker.store.catalogue import alias_key
from tracker.store.catalogue_edits import ProcedureEntry
from tracker.text import fold
from tracker.timekeeping.limits import parse_limit
from tracker.types import NoLimit
from tracker.types.catalogue import KeptExtra, KeptLimit, KeptProcedure, ProcedureTold


@dataclass
class _Working:
    """A procedure while rows are taken in: as kept, as it is now."""

    kept: KeptProcedure | None
    now: KeptProcedure

    @property
    def entry(self) -> ProcedureEntry:
        now = self.now
        return ProcedureEntry(now.procedure_id, now.code, now.name, now.field, now.level)


class Procedures:
    """The procedures of a file: `take` the rows once, then read what has to be written."""

    def __init__(self, kept: Mapping[str, KeptProcedure], extras: Sequence[KeptExtra]) -> None:
        self._kept = kept
        self._extras = {(each.procedure, fold(each.field), _slot(each)): each for each in extras}
        self._working: dict[str, _Working] = {}
        # Folded other codes and names -> the code that they belong to.
        self._owners = {alias: each.code for each in kept.values() for alias in each.aliases}
        self.limits: dict[str, list[KeptLimit]] = {}
        self.extras: list[KeptExtra] = []
        self.aliases: dict[str, str] = {}
        self.fields_with_extras: set[str] = set()
        self.closed = 0

    @property
    def told(self) -> frozenset[str]:
        """The codes of the procedures that the file tells."""
        return frozenset(self._working)

    @property
    def names(self) -> list[str]:
        """The names of the procedures that the file tells."""
        return [each.now.name for each in self._working.values()]

    @property
    def entries(self) -> list[ProcedureEntry]:
        """The procedures as they are to be written, those that stay as they are among them for their ids."""
        return [each.entry for each in self._working.values()]

    def notes(self) -> list[str]:
        """What a person should know of limits that are published so, and give no date."""
        texts = [each.limit.limit_text for limits in self.limits.values() for each in limits]
        undated = [text for text in texts if isinstance(parse_limit(text), NoLimit)]
        if not undated:
            return []
        return [f"{len(undated)} thời hạn không tính được thành ngày, ví dụ “{undated[0]}”"]

    def take(self, rows: Sequence[ProcedureTold]) -> list[Outcome]:
        """The outcome of each row."""
        codes = frozenset(row.code for row in rows)
        outcomes: list[Outcome] = []
        by_code: dict[str, list[tuple[ProcedureTold, RowVerdict]]] = {}
        for row in rows:
            refusal = self._refusal(row, codes)
            if refusal is not None:
                outcomes.append(refusal)
            elif not row.code:
                outcomes.append(Outcome(row.row, self._take_extra(row)))
            else:
                by_code.setdefault(row.code, []).append((row, self._take_procedure(row)))
        for code, told in by_code.items():
            outcomes += self._take_limits(code, told)
        return outcomes

    def _refusal(self, row: ProcedureTold, codes: frozenset[str]) -> Outcome | None:
        owner = self._owners.get(alias_key(row.code)) if row.code else None
        if owner is not None and owner != row.code:
            return _refused(row, "code", row.code, f"là mã khác của thủ tục {owner}")
        if row.code and not row.name and row.code not in self._kept and row.code not in self._working:
            return _refused(row, "name", "", "để trống, mà thủ tục này chưa có trong danh mục")
        for alias in row.aliases:
            key = alias_key(alias)
            owner = self._owners.get(key)
            if owner is not None and owner != row.code:
                return _refused(row, "aliases", alias, f"đã là mã hoặc tên khác của thủ tục {owner}")
            there = self._kept.get(alias)
            if alias != row.code and (alias in codes or (there is not None and there.limits)):
                return _refused(row, "aliases", alias, "là một thủ tục có thời hạn riêng")
        return None

    def _take_procedure(self, row: ProcedureTold) -> RowVerdict:
        """Take in what a row tells of the procedure itself."""
        kept = self._kept.get(row.code)
        working = self._working.get(row.code)
        if working is None:
            now = kept or KeptProcedure(0, row.code, row.name, "", "")
            working = self._working.setdefault(row.code, _Working(kept, now))
        before = working.now
        working.now = replace(
            before,
            name=row.name or before.name,
            field=row.field or before.field,
            level=row.level or before.level,
        )
        is_changed = working.now != before
        for alias in row.aliases:
            key = alias_key(alias)
            if key and key != alias_key(row.code) and key not in self._owners:
                self._owners[key] = self.aliases[alias] = row.code
                is_changed = True
        if kept is None:
            return RowVerdict.NEW
        return RowVerdict.CHANGED if is_changed else RowVerdict.UNCHANGED

    def _take_limits(self, code: str, told: Sequence[tuple[ProcedureTold, RowVerdict]]) -> list[Outcome]:
        """Take in the limits of a procedure; a row is new, changed or not by its limit and by its procedure."""
        kept = self._kept.get(code)
        rows = [(row.row, row.limit) for row, _ in told if row.limit is not None]
        changes = change_limits(kept.limits if kept else (), rows)
        if changes.writes:
            self.limits[code] = changes.writes
        self.closed += changes.closed
        of_limits = {outcome.row: outcome for outcome in changes.outcomes}
        outcomes: list[Outcome] = []
        for row, verdict in told:
            found = of_limits.get(row.row)
            if row.extra is not None:
                found = Outcome(row.row, self._take_extra(row))
            if found is None or (found.verdict is RowVerdict.UNCHANGED and verdict is RowVerdict.CHANGED):
                found = Outcome(row.row, verdict)
            outcomes.append(found)
        return outcomes

    def _take_extra(self, row: ProcedureTold) -> RowVerdict:
        assert row.extra is not None
        extra = replace(row.extra, valid_from=row.extra.valid_from or FROM_THE_FIRST)
        field = "" if row.code else row.field
        told = KeptExtra(0, row.code, field, extra)
        key = (told.procedure, fold(field), _slot(told))
        kept = self._extras.get(key)
        if field:
            self.fields_with_extras.add(field)
        if kept is not None:
            extra = replace(
                extra,
                day_kind=extra.day_kind or kept.extra.day_kind,
                valid_to=extra.valid_to or kept.extra.valid_to,
                source=extra.source or kept.extra.source,
            )
        if kept is not None and kept.extra == extra:
            return RowVerdict.UNCHANGED
        told = replace(told, extra_id=kept.extra_id if kept else 0, extra=extra)
        self._extras[key] = told
        self.extras.append(told)
        return RowVerdict.CHANGED if kept else RowVerdict.NEW


def _slot(kept: KeptExtra) -> tuple[str, str]:
    return kept.extra.commune_class, str(kept.extra.valid_from)


def _refused(row: ProcedureTold, column: str, value: str, message: str) -> Outcome:
    return Outcome(row.row, RowVerdict.REJECTED, column, value, message)
