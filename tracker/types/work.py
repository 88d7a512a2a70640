"""Long work as values: what is asked for, how it stands, how its attempts ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class WorkState(StrEnum):
    """Where a piece of work stands; the last three are ends, of which `done` alone is final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How an attempt ended. `lost`: its process was heard of no more; `given_back`: it was told to end."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    CANCELLED = "cancelled"
    GIVEN_BACK = "given_back"


# What people ask for in front of a page goes before jobs and files, and these before what is made up for in between.
BY_PEOPLE, IN_BETWEEN = 0, 2


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """Work that is asked for: once per `key`, whoever asks how often.

    `params` are JSON values without personal data. The smaller `priority`, the sooner. Not begun before `not_before`
    nor before all of `after` are done. `max_attempts` None = as configured.
    """

    kind: str
    key: str
    params: Mapping[str, Any]
    asked_by: str
    unit_id: int | None = None
    priority: int = 1
    not_before: datetime | None = None
    after: tuple[int, ...] = ()
    max_attempts: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far work is: `done` of `total` (None = unknown), and in words, without personal data."""

    done: int
    total: int | None = None
    told: str = ""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """A piece of work. `attempts` is the fencing token: who claimed it under another number holds it no longer."""

    work_id: int
    kind: str
    key: str
    params: Mapping[str, Any]
    state: WorkState
    priority: int
    unit_id: int | None
    asked_by: str
    asked_at: datetime
    not_before: datetime
    attempts: int
    max_attempts: int
    owner: str | None
    lease_until: datetime | None
    heartbeat_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    progress: Progress
    cancel_asked_at: datetime | None
    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    fault: str = ""
    fault_code: str = ""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt at a piece of work."""

    seq: int
    owner: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    fault: str


@dataclass(frozen=True, slots=True)
class WorkFault:
    """Why an attempt failed, in the user's words; a `final` one would fail again however often it is tried."""

    told: str
    code: str
    final: bool


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process of the program by its last heartbeat; `ended_at` None = it did not say that it ended."""

    owner: str
    kind: str  # worker, dispatcher, scheduler
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None
    doing: str
