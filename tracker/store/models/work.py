"""Long work, who does it, what it waits for, the runs of jobs, and leases. Attempts are append-only but for their end."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class WorkItem(Base):
    """One piece of long work. `attempts` is the fencing token: whoever holds another number holds the work no longer."""

    __tablename__ = "work_item"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(
            "ix_work_item_waiting",
            "priority",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_work_item_state", "state"),
    )

    id: Mapped[Id]
    kind: Mapped[str]  # an entry of app/work_kinds.py
    key: Mapped[str]  # asked for twice with one key, it is done once
    params: Mapped[str]  # JSON: ids, dates, filters, paths in the data folder; no personal data
    state: Mapped[str]  # waiting, running, done, dead, cancelled
    priority: Mapped[int]  # the smaller, the sooner
    unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("unit.id")
    )  # whose it is; None: the whole province
    asked_by: Mapped[str]
    asked_at: Mapped[At]
    not_before: Mapped[At]
    attempts: Mapped[int]
    max_attempts: Mapped[int]
    owner: Mapped[str | None]
    lease_until: Mapped[MaybeAt]
    heartbeat_at: Mapped[MaybeAt]
    started_at: Mapped[MaybeAt]
    ended_at: Mapped[MaybeAt]
    done: Mapped[int]
    total: Mapped[int | None]
    told: Mapped[str]  # progress in words
    cancel_asked_at: Mapped[MaybeAt]
    checkpoint: Mapped[str]  # JSON, by which the next attempt goes on; empty: from the beginning
    result: Mapped[str]  # JSON
    fault: Mapped[str]  # in the user's words
    fault_code: Mapped[str]


class WorkAttempt(Base):
    """One attempt at a piece of work, and how it ended."""

    __tablename__ = "work_attempt"

    work_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("work_item.id"), primary_key=True, autoincrement=False
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    started_at: Mapped[At]
    ended_at: Mapped[MaybeAt]
    outcome: Mapped[str]  # running, done, failed, lost, cancelled
    fault: Mapped[str]


class WorkAfter(Base):
    """Work that waits until other work is done."""

    __tablename__ = "work_after"

    work_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("work_item.id"), primary_key=True, autoincrement=False
    )
    after_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("work_item.id"), primary_key=True, autoincrement=False
    )


class JobRun(Base):
    """A job of a day, asked for by the clock, to catch up, or by hand; what became of it stands in its work."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "day", "seq"), Index("ix_job_run_work_id", "work_id"))

    id: Mapped[Id]
    job: Mapped[str]  # an entry of app/jobs.py
    day: Mapped[date]
    seq: Mapped[int]  # 1 = the run of that day; more: run again by hand
    cause: Mapped[str]  # clock, catch_up, by_hand
    asked_by: Mapped[str]
    asked_at: Mapped[At]
    work_id: Mapped[int] = mapped_column(ForeignKey("work_item.id"))


class KnownJob(Base):
    """Since when this installation knows a job: what lies before was not missed."""

    __tablename__ = "known_job"

    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[At]


class Lease(Base):
    """What only one process may be at a time. `token` grows with every change of hands (fencing)."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    token: Mapped[int]
    until: Mapped[At]
    heartbeat_at: Mapped[At]


class Process(Base):
    """A process of the program that is or was at work, by its last heartbeat."""

    __tablename__ = "process"

    owner: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # worker, dispatcher, scheduler
    started_at: Mapped[At]
    heartbeat_at: Mapped[At]
    ended_at: Mapped[MaybeAt]
    doing: Mapped[str]
