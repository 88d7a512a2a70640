"""The auditor's pages as they are looked at: places in the list, forms for saving and drawing, kept questions in words."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.audit_query import PERIODS, CaseFilters, told
from app.audit_query_flags import short
from app.context import AppContext
from app.reveal import holds_long_number
from app.typed_numbers import row_asked
from app.works.case_exporting import STRATA, filters_of
from app.works.exporting import View
from tracker.store import catalogue, saved_query_store
from tracker.store.saved_query_store import Reader, SavedRow
from tracker.types.late_cases import CaseSpot, SamplePlan, Stratum

MOST_SAMPLED, USUAL_SIZE = 5_000, 50
MOST_NAME = 80
_SPOT = re.compile(r"([xm])\.(\d{1,12})\.(\d{1,18})")
_SEED = re.compile(r"[A-Za-z0-9._-]{1,40}")


def spot_text(spot: CaseSpot) -> str:
    """A place in the list as it stands in the address."""
    return f"{'m' if spot.is_open else 'x'}.{spot.at}.{spot.dossier_id}"


def spot_of(text: str) -> CaseSpot | None:
    """The place that an address names; None where it names none: then the list begins at its beginning."""
    found = _SPOT.fullmatch(text)
    return None if found is None else CaseSpot(found[1] == "m", int(found[2]), int(found[3]))


@dataclass(frozen=True, slots=True)
class SavedLine:
    """A kept question with what it asks, in words; `unit_is_foreign`: about units that the reader may not see."""

    row: SavedRow
    address: Mapping[str, str]
    words: str
    is_own: bool
    unit_is_foreign: bool


def saved_lines(context: AppContext, reader: Reader, view: View) -> Sequence[SavedLine]:
    """The questions that a reader may open, in order of name."""
    with context.store.read() as session:
        rows = saved_query_store.list_queries(session, reader)
        chosen = [filters_of(session, json.loads(row.body)) for row in rows]
        units = catalogue.units(session)
    lines = []
    for row, filters in zip(rows, chosen, strict=True):
        unit = units.get(filters.unit_id) if filters.unit_id is not None else None
        foreign = (
            view.unit_ids is not None and filters.unit_id is not None and filters.unit_id not in view.unit_ids
        )
        words = brief(filters, view, "đơn vị khác" if foreign else unit.name if unit else "")
        lines.append(
            SavedLine(row, filters.as_address(), words, row.account_id == reader.account_id, foreign)
        )
    return lines


def brief(chosen: CaseFilters, view: View, unit: str) -> str:
    """What a question asks beyond the usual list, in one text."""
    question = chosen.question(view.now, view.unit_ids)
    flag = short(chosen.flag) if chosen.flag else ""
    lines = dict(told(chosen, question, unit, flag))
    if not (chosen.start or chosen.end):
        lines["Kỳ (ngày kết thúc)"] = PERIODS[chosen.period].lower()
    lines.pop("Theo dữ liệu đã nạp đến")
    if chosen.day is None:
        lines["Xét tại"] = "lúc mở"
    return " · ".join(f"{what.lower()}: {value}" for what, value in lines.items() if value != "tất cả")


def typed_name(text: str) -> str:
    """A name as it is kept."""
    return " ".join(text.split())[:MOST_NAME]


@dataclass(frozen=True, slots=True)
class SampleForm:
    """How a sample is to be drawn, as typed; `plan` None: nothing was asked for yet, or it cannot be."""

    size: str
    seed: str
    by: Stratum
    faults: tuple[str, ...]
    is_asked: bool

    @property
    def plan(self) -> SamplePlan | None:
        """What was asked for."""
        return None if self.faults or not self.is_asked else SamplePlan(int(self.size), self.seed, self.by)


def sample_form(address: Mapping[str, str]) -> SampleForm:
    """From the query string; without a seed a new random one is offered."""
    faults: list[str] = []
    by, size = address.get("nhom", ""), address.get("co-mau", "").strip()
    seed = address.get("hat", "").strip() or secrets.token_hex(4)
    number = row_asked(address, "co-mau") if size else USUAL_SIZE
    if number is None or not 1 <= number <= MOST_SAMPLED:
        faults.append(f"Cỡ mẫu: cần một số từ 1 đến {MOST_SAMPLED}.")
        size = ""
    if not _SEED.fullmatch(seed) or holds_long_number(seed):
        faults.append("Hạt giống: chỉ gồm chữ không dấu, số, dấu chấm và gạch, nhiều nhất 40 ký tự.")
        seed = secrets.token_hex(4)
    stratum = Stratum(by) if by in set(Stratum) else Stratum.NONE
    return SampleForm(size or str(USUAL_SIZE), seed, stratum, tuple(faults), "co-mau" in address)


__all__ = [
    "STRATA",
    "SampleForm",
    "SavedLine",
    "brief",
    "sample_form",
    "saved_lines",
    "spot_of",
    "spot_text",
    "typed_name",
]
