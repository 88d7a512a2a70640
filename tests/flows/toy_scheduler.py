"""A scheduler whose clock runs through a day in a fraction of a second: `python -m tests.flows.toy_scheduler CONFIG BEGUN`.

All processes with the same BEGUN (a reading of the machine's monotonic clock) have the same time. Each run that was asked
for is told on standard output as "token work job day".
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import app.scheduler
from app.context import AppContext
from app.jobs import Job
from app.scheduler import Scheduler
from app.worker import owner_name
from tests.flows.office import NOW
from tracker.timekeeping import schedule
from tracker.timekeeping.schedule import CatchUp

DAYS_PER_SECOND = 20


def nothing(grip, day) -> None:
    """These jobs are only asked for."""


_ALL = (
    Job("first", "Một", "03:00", nothing, catch_up=CatchUp.EACH),
    Job("second", "Hai", "02:00", nothing, after=("first",), catch_up=CatchUp.EACH),
    Job("third", "Ba", "13:30", nothing, catch_up=CatchUp.EACH),
)
TOYS = {job.name: job for job in _ALL}


class RacingContext(AppContext):
    """Its clock runs twenty days a second."""

    begun = 0.0

    def now(self) -> datetime:
        """The same moment in every process."""
        passed = timedelta(days=DAYS_PER_SECOND * (time.monotonic() - self.begun))
        return (NOW + passed).replace(microsecond=0)


def main() -> None:
    """Turn without a pause until killed."""
    # However long a slow machine takes to start a process: no day is too long ago to be caught up.
    schedule.MOST_DAYS_BACK = app.scheduler.MOST_DAYS_BACK = 100_000
    app.scheduler.schedule.CLOCKS_APART = timedelta(days=100_000)  # while a transaction begins, days go by
    context = RacingContext(Path(sys.argv[1]))
    context.begun = float(sys.argv[2])
    scheduler = Scheduler(context, owner_name(), TOYS)
    while True:
        turn = scheduler.turn(context.now())
        for run in turn.asked:
            sys.stdout.write(f"{scheduler._token} {run.work.work_id} {run.job} {run.day.isoformat()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
