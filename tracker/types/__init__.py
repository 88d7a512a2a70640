"""The frozen values that flow through the program, one type per stage; no behaviour beyond small properties.

Instants are aware `datetime`s in `VN` unless the name says epoch; dates are `date`; minutes are working minutes
unless the name says else.
"""

from tracker.types.dossiers import DossierAnswer, DossierRow, DueSeenRow, EventRow, LateRow, UnitRef
from tracker.types.figures import (
    BasisRate,
    RateCounts,
    RateRow,
    RatesAnswer,
    ScoreAnswer,
    ScoreLine,
    UnitRank,
)
from tracker.types.intake import NEEDS_ATTENTION, Intake, IntakeCounts, IntakeRow, IntakeVerdict
from tracker.types.telling import DossierVersion, FileWarning, IngestReport, Rejection
from tracker.types.times import Deadline, Facts, HandOver, Lateness, Limit, NoLimit, Step, Suspension
from tracker.types.words import (
    VN,
    ApplicantKind,
    Basis,
    Channel,
    EndKind,
    Level,
    LimitUnit,
    Precision,
    SourceStatus,
    State,
    SuspensionEffect,
    SuspensionKind,
)

__all__ = [
    "NEEDS_ATTENTION",
    "VN",
    "ApplicantKind",
    "Basis",
    "BasisRate",
    "Channel",
    "Deadline",
    "DossierAnswer",
    "DossierRow",
    "DossierVersion",
    "DueSeenRow",
    "EndKind",
    "EventRow",
    "Facts",
    "FileWarning",
    "HandOver",
    "IngestReport",
    "Intake",
    "IntakeCounts",
    "IntakeRow",
    "IntakeVerdict",
    "LateRow",
    "Lateness",
    "Level",
    "Limit",
    "LimitUnit",
    "NoLimit",
    "Precision",
    "RateCounts",
    "RateRow",
    "RatesAnswer",
    "Rejection",
    "ScoreAnswer",
    "ScoreLine",
    "SourceStatus",
    "State",
    "Step",
    "Suspension",
    "SuspensionEffect",
    "SuspensionKind",
    "UnitRank",
    "UnitRef",
]
