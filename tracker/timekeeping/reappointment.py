"""New return dates promised by an apology: which one stands at a moment, and what the law says to it; pure.

A new date never cures lateness: it is shown beside the due date, which it moves only where the regime's data say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tracker.timekeeping.regimes import Regime
from tracker.types import VN

REPEATED = "REAPPOINTMENT_REPEATED"
LATE = "REAPPOINTMENT_LATE"


@dataclass(frozen=True, slots=True)
class Reappointment:
    """One promise of a new return date: when it was made, and the date."""

    made_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Reappointed:
    """The new date that stands, what speaks against it, and whether lateness is judged by it."""

    standing: Reappointment
    flags: tuple[str, ...]
    counts: bool


def reappointed(
    promises: Sequence[Reappointment], due_at: datetime | None, regime: Regime | None, *, as_of: datetime
) -> Reappointed | None:
    """The last promise that the regime allows of those made up to as-of; None where none was made.

    NĐ 61/2018 art. 19.9: once only, at the latest `apology_lead_days` before the due date. One too many is not used.
    """
    made = sorted((item for item in promises if item.made_at <= as_of), key=_order)
    if not made:
        return None
    most = regime.max_reappointments if regime else None
    allowed = made if most is None else made[:most]
    flags = [REPEATED] if len(made) > len(allowed) else []
    if not allowed:
        return None
    lead = (regime.apology_lead_days if regime else None) or 0
    if due_at is not None and any(_date(item.made_at) > _date(due_at) - timedelta(lead) for item in allowed):
        flags.append(LATE)
    return Reappointed(allowed[-1], tuple(flags), bool(regime and regime.reappointment_counts))


def _order(item: Reappointment) -> tuple[datetime, datetime]:
    return item.made_at, item.due_at


def _date(moment: datetime) -> date:
    return moment.astimezone(VN).date()
