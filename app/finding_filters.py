"""The filters of the list of findings as they stand in the address, read once for the page, its acts and its export. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.types.finding_lists import FindingQuestion, FindingSpot
from tracker.types.findings import FindingKind, FindingState

GONE = "gone"
_SPOT = re.compile(r"(\d{1,12})\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """What the list shows; `state` None: whatever was said of them; `is_gone`: what a later look found no more.

    `start`, `end`: first and last day on which it happened. `faults` tells in words which parts could not be used.
    """

    NAMES: ClassVar[tuple[str, ...]] = ("dau-hieu", "buoc", "don-vi", "tu", "den")

    kind: FindingKind | None = None
    state: FindingState | None = FindingState.OPEN
    is_gone: bool = False
    unit_id: int | None = None
    start: date | None = None
    end: date | None = None
    faults: tuple[str, ...] = ()

    def question(self, unit_ids: frozenset[int] | None) -> FindingQuestion:
        """The same as a question about these units (None = all)."""
        return FindingQuestion(
            unit_ids=unit_ids,
            kind=self.kind,
            state=self.state,
            start=self.start,
            end=self.end,
            is_gone=self.is_gone,
        )

    def at(self, step: str) -> "FindingFilters":
        """The same list at another step of the address."""
        return replace(self, **_step(step))

    @property
    def step(self) -> str:
        """The state as the address says it; empty for the usual one."""
        if self.is_gone:
            return GONE
        return ALL if self.state is None else "" if self.state is FindingState.OPEN else self.state.value

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual list."""
        given = {
            "dau-hieu": self.kind.value if self.kind else None,
            "buoc": self.step or None,
            "don-vi": self.unit_id,
            "tu": self.start,
            "den": self.end,
        }
        return {key: str(value) for key, value in given.items() if value is not None}

    @property
    def is_narrow(self) -> bool:
        """Is it less than all of a tab?"""
        return bool(self.kind or self.unit_id or self.start or self.end)


ALL = "tat-ca"


def _step(text: str) -> dict[str, object]:
    if text == GONE:
        return {"state": None, "is_gone": True}
    if text == ALL:
        return {"state": None, "is_gone": False}
    state = FindingState(text) if text in set(FindingState) else FindingState.OPEN
    return {"state": state, "is_gone": False}


def read_filters(address: Mapping[str, str]) -> FindingFilters:
    """From the query string; what cannot be used is left out and told."""
    faults: list[str] = []
    kind = address.get("dau-hieu", "")
    chosen = FindingFilters(
        kind=FindingKind(kind) if kind in set(FindingKind) else None,
        unit_id=row_asked(address, "don-vi"),
        start=day_asked(address, "tu", "Từ ngày", faults),
        end=day_asked(address, "den", "Đến ngày", faults),
    )
    return replace(chosen.at(address.get("buoc", "")), faults=tuple(faults))


def spot_text(spot: FindingSpot) -> str:
    """A place in the list as it stands in the address."""
    return f"{spot.at}.{spot.finding_id}"


def spot_of(text: str) -> FindingSpot | None:
    """The place that an address names; None where it names none: then the list begins at its beginning."""
    found = _SPOT.fullmatch(text)
    return None if found is None else FindingSpot(int(found[1]), int(found[2]))
