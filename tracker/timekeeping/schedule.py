"""Which runs of jobs are due: a pure function of the jobs, since when they are known, what was asked for, and the moment.

A restart, a clock that jumps and a second scheduler get the same answer from the same facts. Days and times are those
of the office's zone. No run is asked for twice: what was asked for is among the facts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tracker.errors import ConfigurationError
from tracker.types import VN

# Asked for later than this after its time, a run is told as caught up.
ON_TIME = timedelta(minutes=10)
# A machine that was off for longer, or whose clock was wrong by years, does not run a job hundreds of times.
MOST_DAYS_BACK = 62
OFF = "off"


class CatchUp(StrEnum):
    """What becomes of days on which a job did not run."""

    LAST = "last"  # the latest of them, once
    EACH = "each"  # every one of them, for jobs whose every day counts
    NONE = "none"  # none: too late is of no use


class Cause(StrEnum):
    """Why a run was asked for."""

    CLOCK = "clock"
    CATCH_UP = "catch_up"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class JobTime:
    """When a job runs each day, after which others; `at` None: it is switched off."""

    name: str
    at: time | None
    after: tuple[str, ...] = ()
    catch_up: CatchUp = CatchUp.LAST


@dataclass(frozen=True, slots=True)
class DueRun:
    """A run of a job that is to be asked for."""

    job: str
    day: date
    cause: Cause


def with_times(jobs: Sequence[JobTime], told: Mapping[str, str]) -> tuple[JobTime, ...]:
    """The jobs at the times of the configuration ("HH:MM" or "off" by name), each after those it comes after.

    A job never begins before the time of a job that it follows; one that is off holds up nobody.

    Raises:
        ConfigurationError: a name that no job has.
    """
    unknown = sorted(set(told) - {job.name for job in jobs})
    if unknown:
        raise ConfigurationError([f"[schedule] times: không có công việc nào tên {name}" for name in unknown])
    placed: dict[str, JobTime] = {}
    left = list(jobs)
    while left:
        ready = [job for job in left if not {other.name for other in left} & set(job.after)]
        if not ready:
            raise ValueError(f"jobs wait for each other in a circle: {[job.name for job in left]}")
        for job in ready:
            placed[job.name] = _placed(job, told.get(job.name), placed)
        left = [job for job in left if job.name not in placed]
    return tuple(placed.values())


def _placed(job: JobTime, told: str | None, others: Mapping[str, JobTime]) -> JobTime:
    own = job.at if told is None else None if told == OFF else time.fromisoformat(told)
    earlier = [others[name].at for name in job.after]
    times = [own, *earlier] if own is not None else []
    at = max((each for each in times if each is not None), default=None)
    return JobTime(job.name, at, job.after, job.catch_up)


def due_runs(
    jobs: Sequence[JobTime],
    *,
    known_since: Mapping[str, datetime],
    asked: Collection[tuple[str, date]],
    now: datetime,
) -> tuple[DueRun, ...]:
    """The runs to ask for at `now`, by day, a job after those that it follows.

    `jobs` as of `with_times`; `known_since`: since when this installation knows each job (nothing before that day was
    missed); `asked`: jobs and days whose run was asked for before.
    """
    runs = [
        DueRun(job.name, day, _cause(job.at, day, now))
        for job in jobs
        if job.at is not None and job.name in known_since
        for day in _days(job, job.at, known_since[job.name], asked, now)
    ]
    return tuple(sorted(runs, key=lambda run: run.day))  # stable: within a day the order of the jobs


def _days(
    job: JobTime, at: time, since: datetime, asked: Collection[tuple[str, date]], now: datetime
) -> list[date]:
    last = latest_day(at, now)
    first = max(since.astimezone(VN).date(), last - timedelta(days=MOST_DAYS_BACK - 1))
    if job.catch_up is not CatchUp.EACH:
        first = max(first, last)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    if job.catch_up is CatchUp.NONE and _cause(at, last, now) is not Cause.CLOCK:
        return []
    return [day for day in days if (job.name, day) not in asked]


def latest_day(at: time, now: datetime) -> date:
    """The last day on which this time of day has come."""
    today = now.astimezone(VN).date()
    return today if now >= moment_of(at, today) else today - timedelta(days=1)


def moment_of(at: time, day: date) -> datetime:
    """A time of a day, as an instant."""
    return datetime.combine(day, at, VN)


def next_moment(at: time, now: datetime) -> datetime:
    """When this time of day comes next."""
    return moment_of(at, latest_day(at, now) + timedelta(days=1))


def _cause(at: time, day: date, now: datetime) -> Cause:
    return Cause.CLOCK if now - moment_of(at, day) <= ON_TIME else Cause.CATCH_UP
