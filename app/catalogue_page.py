"""What the pages of the catalogues show: procedures with their limits, units, found without accents. Knows no request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.presenters import CHANNELS, day
from tracker.reports.catalogue_list import COMMUNE_CLASSES
from tracker.store.catalogue_edits import MADE_UP
from tracker.text import fold
from tracker.types import Channel
from tracker.types.catalogue import ExtraTold, KeptProcedure, KeptUnit, LimitTold, UnitTold

TABS: Mapping[str, str] = {
    "catalogue.procedures": "Thủ tục",
    "catalogue.units": "Đơn vị",
    "catalogue.without_limit": "Thủ tục chưa có thời hạn",
    "catalogue.unknown_units": "Đơn vị chưa có trong danh mục",
}
MOST_QUERY = 100
COMMUNES: Mapping[str, str] = {key.value: word for key, word in COMMUNE_CLASSES.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was looked for."""

    rows: Sequence[KeptProcedure] | Sequence[KeptUnit]
    total: int
    pages: int


def find_procedures(kept: Iterable[KeptProcedure], query: str, *, page: int, size: int) -> Found:
    """Procedures of the catalogue with every word of a query in code, other codes, name or field."""
    known = [each for each in kept if not each.code.startswith(MADE_UP)]
    rows = [each for each in known if _fits(query, (each.code, each.name, each.field, *each.aliases))]
    return Found(rows[size * (page - 1) : size * page], len(rows), -(-len(rows) // size))


def find_units(kept: Iterable[KeptUnit], query: str, *, page: int, size: int) -> Found:
    """Units of the catalogue with every word of a query in code, name or other names."""
    known = [each for each in kept if each.is_known]
    rows = [each for each in known if _fits(query, (each.told.code, each.told.name, *each.told.aliases))]
    return Found(rows[size * (page - 1) : size * page], len(rows), -(-len(rows) // size))


def _fits(query: str, texts: Iterable[str]) -> bool:
    words = fold(query).split()
    if not words:
        return True
    whole = " ".join(map(fold, texts))
    return all(word in whole for word in words)


def own_code(code: str) -> str:
    """The code of a procedure; none where only its name was told."""
    return "" if code.startswith(MADE_UP) else code


def other_names(procedure: KeptProcedure) -> list[str]:
    """Its other codes and names, without its own name."""
    return [each for each in procedure.aliases if each != fold(procedure.name)]


def place_of(limit: LimitTold) -> str:
    """For which way of filing and which case a limit is; empty for all."""
    channel = CHANNELS[Channel(limit.channel)] if limit.channel else ""
    return ", ".join(filter(None, (channel, limit.case_name)))


def time_of(unit: UnitTold) -> str:
    """From when to when a unit existed."""
    if unit.valid_to:
        return f"đến {day(unit.valid_to)}"
    return f"từ {day(unit.valid_from)}" if unit.valid_from else "đang hoạt động"


def span_of(limit: LimitTold | ExtraTold) -> str:
    """From when to when a limit holds."""
    return f"từ {day(limit.valid_from)}" + (f" đến {day(limit.valid_to)}" if limit.valid_to else "")
