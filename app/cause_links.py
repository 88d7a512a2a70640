"""From a figure of the page of causes to the list of the dossiers behind it, as far as the reader's list can be narrowed."""

from dataclasses import dataclass
from datetime import date

from flask import url_for

from app.access import CASE_READERS, Role
from app.cause_filters import CauseFilters, month_end


@dataclass(frozen=True, slots=True)
class Links:
    """Links of one reader: who checks goes to the list of checking, heads to the late list, which knows no procedures."""

    role: Role
    chosen: CauseFilters

    def late(self, unit_id: int | None = None, month: int | None = None, procedure: str = "") -> str | None:
        """The late dossiers of a unit, month or procedure that ended in the period; None where no list shows just these."""
        chosen = self.chosen
        code = procedure or chosen.procedure
        start, end = (chosen.start, chosen.end) if month is None else _month(month)
        given = {
            "tu": f"{start:%d/%m/%Y}",
            "den": f"{end:%d/%m/%Y}",
            "don-vi": unit_id or chosen.unit_id,
            "linh-vuc": chosen.field,
            "trang-thai": "finished",
        }
        if self.role in CASE_READERS:
            return url_for("audit_cases.page", **given, **{"thu-tuc": code})
        return None if code else url_for("late.late_list", **given)

    def narrowed(self, unit_id: int | None = None, procedure: str | None = None) -> str:
        """This page for one unit or procedure."""
        address = self.chosen.as_address()
        if unit_id is not None:
            address["don-vi"] = str(unit_id)
        if procedure is not None:
            address["thu-tuc"] = procedure
        return url_for("causes.page", **address)


def _month(month: int) -> tuple[date, date]:
    end = month_end(month)
    return end.replace(day=1), end
