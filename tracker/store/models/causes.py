"""Where lateness comes from, what hides it, and what may become late: counts by month, findings with their states, forecasts.

Counts and chances are derived and may be made anew at any time; findings and what persons say of them are kept for good.
"""

from datetime import date

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class CauseMonth(Base):
    """What the dossiers of a group that ended in a month went through, by what took the time (roll-up; a recount gives the same).

    A group is resolving unit, field and procedure (0 = not known). `part` says what a row is about: "total" (all late
    dossiers), "step:<kind>" (in the hands of `name`), "between" (handed on and taken up by nobody yet), "undivided" (lateness that
    no step accounts for; `name` is why), "pause:<kind>" (suspended), "reason" (`name` is the reason that the source gives), "flow"
    (`name` is "from>to"), "known" (dossiers of which any step is told), "unmeasured" (late ones that the calendar's years do not
    reach). Lateness is that of the source's due date. Over step:*, between and undivided, `overrun` adds up
    to that of "total". Minutes are working minutes.
    """

    __tablename__ = "cause_month"
    __table_args__ = (Index("ix_cause_month_unit_id", "unit_id", "month"), {"sqlite_with_rowid": False})

    month: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False
    )  # of the end: year * 100 + month
    part: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    procedure_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(
        BigInteger
    )  # the unit of the catalogue that bears the name; 0 = none
    late: Mapped[int]  # late dossiers that this concerns
    late_held: Mapped[int] = mapped_column(BigInteger)  # minutes that it took of them, suspensions left out
    late_share: Mapped[int] = mapped_column(BigInteger)  # minutes that their steps had, where they were told
    overrun: Mapped[int] = mapped_column(BigInteger)  # minutes of lateness that fall to it
    overran: Mapped[int]  # late dossiers of which some lateness falls to it
    first: Mapped[int]  # late dossiers in which it was the first to overrun
    in_time: Mapped[int]  # dossiers in time whose steps are known and that this concerns
    in_time_held: Mapped[int] = mapped_column(BigInteger)


class HiddenMonth(Base):
    """How many dossiers of a unit and field that ended in a month are late by another date than the source's (roll-up)."""

    __tablename__ = "hidden_month"

    month: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False
    )  # of the end: year * 100 + month
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    field_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ended: Mapped[int]  # all that ended with a result
    # Those of which every date is known and no suspension missing; the columns below count only these.
    complete: Mapped[int]
    late: Mapped[int]  # by the source's due date
    hidden_documented: Mapped[int]  # in time by the source, late by the documented date
    hidden_promised: Mapped[int]  # in time by the source, late by the first promised date, never suspended
    hidden: Mapped[int]  # either of these


class CauseStale(Base):
    """Months whose causes may be told wrongly since dossiers or steps changed: written in the step that changed them."""

    __tablename__ = "cause_stale"

    id: Mapped[Id]
    first: Mapped[int]  # year * 100 + month
    last: Mapped[int]  # the same; 999999 = to this day


class Finding(Base):
    """A sign that lateness was made to disappear, or that dates were bent: what was seen, never who is to blame.

    `key` tells two findings of a kind and dossier apart, so that looking again finds the same one.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("dossier_id", "kind", "key"),
        Index("ix_finding_unit_id", "unit_id", "state", "kind", "gone_at"),
        Index("ix_finding_at", "at"),
    )

    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)  # the resolving unit then; 0 = not known
    kind: Mapped[str]
    key: Mapped[str]
    at: Mapped[At]  # when the date was moved, the dossier ended or last seen
    evidence: Mapped[str]  # JSON: the pair that shows it, with where each was told
    found_at: Mapped[At]
    gone_at: Mapped[MaybeAt]  # a later look found it no more: the data were mended
    state: Mapped[str]  # that of its latest step; open, explained, confirmed, dismissed


class FindingStep(Base):
    """What somebody said of a finding. Append-only."""

    __tablename__ = "finding_step"

    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    reason: Mapped[str]
    document: Mapped[str]  # number and date of the paper that it rests on; empty where none is named
    by: Mapped[str]  # login
    at: Mapped[At]


class FindingLook(Base):
    """One row: up to where the store has been searched for findings."""

    __tablename__ = "finding_look"

    id: Mapped[Id]
    looked_at: Mapped[At]
    batch_id: Mapped[int] = mapped_column(BigInteger)  # the latest batch that it saw
    rules: Mapped[str]  # which thresholds it went by: another text, and everything is looked at anew


class ForecastRun(Base):
    """A model of how long dossiers take, with its trial on months that it had not seen. Never edited: the newest governs."""

    __tablename__ = "forecast_run"

    id: Mapped[Id]
    made_at: Mapped[At]
    as_of: Mapped[At]
    is_on: Mapped[bool] = mapped_column(Boolean)  # it beat the baseline, so its chances are shown
    why_off: Mapped[str]  # in the reader's words; empty while it is on
    is_invented: Mapped[bool] = mapped_column(Boolean)  # learned from generated data: proves only the code
    report: Mapped[str]  # JSON of the trial: months, reliability table, Brier scores of model and baseline
    model: Mapped[bytes] = mapped_column(LargeBinary)  # zlib of JSON: what the model learned


class DossierRisk(Base):
    """The chance of an open dossier to end late, as of the newest forecast; written anew with each."""

    __tablename__ = "dossier_risk"
    __table_args__ = (Index("ix_dossier_risk_unit_id", "unit_id", "chance"),)

    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(BigInteger)
    unit_id: Mapped[int] = mapped_column(BigInteger)
    chance: Mapped[int]  # ten-thousandths, by the model; where it is off, by the baseline
    due_on: Mapped[date | None]
