"""Alerts: rules, what was reached (claimed once), who was told, and what people did about it. Claims are append-only."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt

NO_TEXT = text("''")


class AlertRule(Base):
    """What an office sets over the shipped rungs, for a scope, from a day on. Never edited: a newer row governs."""

    __tablename__ = "alert_rule"

    id: Mapped[Id]
    measure: Mapped[str]  # a `Measure` of notifications/alerts/rungs.py
    threshold: Mapped[int]
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id")
    )  # this unit and those below; None = all
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id"))
    who: Mapped[str]  # `Who` words joined by a space
    is_urgent: Mapped[bool]
    is_on: Mapped[bool]
    valid_from: Mapped[date]
    entered_by: Mapped[str]
    entered_at: Mapped[At]
    reason: Mapped[str]


class AlertRun(Base):
    """One look at all that is open: for which day and moment, by what was loaded until then, and what came of it."""

    __tablename__ = "alert_run"
    __table_args__ = (Index("ix_alert_run_day", "day"),)

    id: Mapped[Id]
    day: Mapped[date]
    as_of: Mapped[At]
    at: Mapped[At]
    last_batch_id: Mapped[int] = mapped_column(BigInteger)  # the newest batch that it saw; 0 = none
    counts: Mapped[str]  # JSON


class Alert(Base):
    """A rung that was reached: the row is the claim, so it can be made once only.

    `version` counts the due dates that alerts saw of a dossier (a moved date arms the rungs anew); of other subjects it
    is what makes the cause another one: the step of a letter, the newest batch of a source, a month.
    """

    __tablename__ = "alert"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "measure", "threshold", "version", name="uq_alert_claim"),
        Index("ix_alert_batch_id", "batch_id", sqlite_where=text("batch_id IS NOT NULL"), postgresql_where=text("batch_id IS NOT NULL")),
        Index("ix_alert_day", "day"),
    )  # fmt: skip

    id: Mapped[Id]
    subject_kind: Mapped[str]  # dossier, letter, unit, source, year, batch
    subject_id: Mapped[int] = mapped_column(BigInteger)
    measure: Mapped[str]
    threshold: Mapped[int]
    version: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[int] = mapped_column(ForeignKey("alert_run.id"))
    day: Mapped[date]
    unit_id: Mapped[int | None] = mapped_column(BigInteger)  # whose work it is
    due_at: Mapped[MaybeAt]  # the date by which it was judged
    measured: Mapped[int]  # what was measured then, in the unit of the measure
    rank: Mapped[int]  # the worse, the higher
    fate: Mapped[str]  # told, passed, overtaken, nobody
    reason: Mapped[str] = mapped_column(server_default=NO_TEXT)  # why a rung is reached a second time
    rule_id: Mapped[int | None] = mapped_column(BigInteger)  # the office's rule; None = the shipped one
    batch_id: Mapped[int | None] = mapped_column(BigInteger)  # the load that brought it with many others
    detail: Mapped[str] = mapped_column(
        server_default=NO_TEXT
    )  # words of a subject that is no dossier or letter


class AlertTold(Base):
    """One person to be told of one alert, and the messages that carry it.

    Pending for a way out while its message is empty, or came to nothing before it was sent.
    """

    __tablename__ = "alert_told"
    __table_args__ = (
        Index("ix_alert_told_account_id", "account_id", "alert_id"),
        Index(
            "ix_alert_told_in_app",
            "account_id",
            sqlite_where=text("in_app_id IS NULL AND dropped = ''"),
            postgresql_where=text("in_app_id IS NULL AND dropped = ''"),
        ),
        Index(
            "ix_alert_told_mail",
            "account_id",
            sqlite_where=text("by_mail AND mail_id IS NULL AND dropped = ''"),
            postgresql_where=text("by_mail AND mail_id IS NULL AND dropped = ''"),
        ),
        Index("ix_alert_told_mail_id", "mail_id"),
        Index("ix_alert_told_in_app_id", "in_app_id"),
    )

    alert_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("alert.id"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.id"), primary_key=True, autoincrement=False
    )
    why: Mapped[str]  # a `Who`: as whom
    instead_of: Mapped[int | None] = mapped_column(
        BigInteger
    )  # the account on leave that it goes to a delegate of
    is_urgent: Mapped[bool]
    by_mail: Mapped[bool]
    in_app_id: Mapped[int | None] = mapped_column(BigInteger)  # outbox messages that carry it
    mail_id: Mapped[int | None] = mapped_column(BigInteger)
    dropped: Mapped[str] = mapped_column(
        server_default=NO_TEXT
    )  # untrue: it was no longer so before it was sent


class AlertAck(Base):
    """Somebody takes a dossier on and says by when: until that day has passed its rungs are silent. Append-only.

    The newest row of a dossier counts; without a day it takes the one before back.
    """

    __tablename__ = "alert_ack"
    __table_args__ = (Index("ix_alert_ack_dossier_id", "dossier_id", "id"),)

    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(BigInteger)
    promised_on: Mapped[date | None]
    by_account: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[At]
    note: Mapped[str]


class Assignment(Base):
    """Whose work a dossier is, as the office says; the newest row counts, without an account nobody's. Append-only."""

    __tablename__ = "assignment"
    __table_args__ = (Index("ix_assignment_dossier_id", "dossier_id", "id"),)

    id: Mapped[Id]
    dossier_id: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    by_account: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[At]
    note: Mapped[str]


class Absence(Base):
    """Somebody is on leave, and who is told instead (None: whoever comes next in the rule)."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_account_id", "account_id"),)

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    delegate_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    entered_by: Mapped[str]
    entered_at: Mapped[At]
    ended_at: Mapped[MaybeAt]  # taken back


class AlertSetting(Base):
    """What a person chose, within what the office allows; without a row all is as shipped."""

    __tablename__ = "alert_setting"

    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("user_account.id"), primary_key=True, autoincrement=False
    )
    digest_by_mail: Mapped[bool]
    urgent_by_mail: Mapped[bool]
    digest_at: Mapped[str]  # HH:MM; empty: when the office says
    changed_at: Mapped[At]


class Feed(Base):
    """A secret link by which a calendar program or reader fetches due dates; codes only, revocable."""

    __tablename__ = "feed"
    __table_args__ = (UniqueConstraint("token_sha256"), Index("ix_feed_account_id", "account_id"))

    id: Mapped[Id]
    account_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    scope: Mapped[str]  # person: what is assigned to the account; unit: what lies in its unit
    name: Mapped[str]
    token_sha256: Mapped[str]
    created_at: Mapped[At]
    revoked_at: Mapped[MaybeAt]
    revoked_by: Mapped[str] = mapped_column(server_default=NO_TEXT)
    used_at: Mapped[MaybeAt]


class UnitDay(Base):
    """How many dossiers of a unit stood where on the morning of a day (roll-up; a recount gives the same)."""

    __tablename__ = "unit_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )  # 0 = none is known
    as_of: Mapped[At]
    open: Mapped[int]
    due_today: Mapped[int]
    due_soon: Mapped[int]
    overdue: Mapped[int]
    suspended: Mapped[int]
    not_accepted: Mapped[int]
    no_due: Mapped[int]


class RateSnapshot(Base):
    """The rates of a month as they were known on a day, kept word by word; a later recount may differ, this does not."""

    __tablename__ = "rate_snapshot"

    month: Mapped[str] = mapped_column(primary_key=True)  # YYYY-MM
    as_of: Mapped[At]
    taken_at: Mapped[At]
    body: Mapped[str]  # JSON as of `dunghen rates --json`
    sha256: Mapped[str]
