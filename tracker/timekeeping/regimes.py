"""The one-stop regime of a dossier: which decree, forms, levels and land law go with its day of reception."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property


@dataclass(frozen=True)  # without slots, so that its text is put together once
class Regime:
    """One row of the table of regimes; `verified` = somebody has compared it with the text of the decree.

    `apology_lead_days`: at the latest so many days before the due date the apology and the new date must be out;
    `max_reappointments`: how often a new date may be promised; None = unknown, so nothing is refused by it.
    `reappointment_counts`: does a promised new date move the due date by which lateness is judged?
    """

    key: str
    decree: str
    forms: str
    local_levels: int
    land_law: str
    source: str
    verified: bool
    apology_lead_days: int | None
    max_reappointments: int | None
    reappointment_counts: bool
    valid_from: date | None
    valid_to: date | None

    @cached_property
    def text(self) -> str:
        """What the proof says: the decree, the span of reception dates, and whether it was compared."""
        doubt = "" if self.verified else "; chưa đối chiếu văn bản"
        return f"Áp dụng {self.decree} (hồ sơ tiếp nhận {self._span()}{doubt})."

    def _span(self) -> str:
        if self.valid_from and self.valid_to:
            return f"{self.valid_from:%d/%m/%Y}–{self.valid_to:%d/%m/%Y}"
        if self.valid_from:
            return f"từ {self.valid_from:%d/%m/%Y}"
        return f"đến {self.valid_to:%d/%m/%Y}" if self.valid_to else "mọi ngày"
