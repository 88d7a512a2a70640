"""One morning on which very many dossiers become overdue at once, loaded and seen the day before; what heads are sent."""

import csv
import resource
import sys
import time as machine
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path

from app.dispatching import Dispatching
from app.ingest_plan import ingest_plan
from app.scheduler import Scheduler
from app.worker import Worker
from tests.flows.office import HEADINGS, StandingContext, row
from tests.quarter import people
from tests.quarter.living import configured
from tests.quarter.post import Post, Taken
from tests.quarter.province import at, cell
from tests.quarter.scenario import COMPOSING, LOADING, LOOKING, SENDING
from tracker.pipeline import ingest

UNITS = (
    "Sở Công Thương tỉnh Đắk Lắk",
    "Sở Tư pháp tỉnh Đắk Lắk",
    "Sở Nội vụ tỉnh Đắk Lắk",
    "Sở Xây dựng tỉnh Đắk Lắk",
    "Sở Y tế tỉnh Đắk Lắk",
)
DUE, AFTER = date(2026, 8, 19), date(2026, 8, 20)


@dataclass
class Flooded:
    """What came of it. `first`, `second`: mails of the day of the load and of the morning after, by address."""

    counts: dict[str, int]
    first: dict[str, list[Taken]]
    second: dict[str, list[Taken]]
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mib: dict[str, int] = field(default_factory=dict)


class Flood:
    """An office whose dossiers are all due on one day."""

    def __init__(self, folder: Path, url: str, count: int, post: Post) -> None:
        path = folder / "config.toml"
        configured(path, url, **{"mail.port": str(post.server.port)})
        self.folder, self.count, self.post = folder, count, post
        self.context = StandingContext(path, instant=at(DUE, time(5)))
        self.scheduler = Scheduler(self.context, "lich")
        self.seconds: dict[str, float] = {}
        self.peak_mib: dict[str, int] = {}

    def go(self) -> Flooded:
        """Load and look on the day on which they are due; look and send on the next."""
        found = [
            people.Person(
                f"truong-{n}", "head", unit, f"Thủ trưởng {n}", people.ADDRESS.format(f"truong-{n}")
            )
            for n, unit in enumerate(UNITS)
        ]
        found.append(
            people.Person("cai-cach", "reform", None, "Kiểm soát", people.ADDRESS.format("cai-cach"))
        )
        people.open_accounts(self.context.store, found, self.context.now())
        self._at(DUE, LOADING)
        plan = ingest_plan(self.context, "main", paths=(self._file(),))
        ingest(self.context.store, people.OFFICE_CALENDAR, plan, lambda _words: None)
        self._day(DUE)
        before = len(self.post.taken)
        self._day(AFTER)
        mails = self.post.taken
        counts = {
            people.ADDRESS.format(f"truong-{n}"): len(range(n, self.count, len(UNITS)))
            for n in range(len(UNITS))
        }
        self.context.store.close()
        return Flooded(
            counts, _by_address(mails[:before]), _by_address(mails[before:]), self.seconds, self.peak_mib
        )

    def _file(self) -> Path:
        path = self.folder / "ho-so.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADINGS.values())
            for number in range(self.count):
                given = row(
                    f"H15.03-260805-{number:06d}",
                    resolving_unit=UNITS[number % len(UNITS)],
                    received_at="05/08/2026 08:00:00",
                    due_at=cell(at(DUE, time(17))),
                )
                writer.writerow([given.get(name, "") for name in HEADINGS])
        return path

    def _day(self, day: date) -> None:
        for tick, words in ((LOOKING, "look"), (COMPOSING, "compose"), (SENDING, "send")):
            self._at(day, tick)
            begun = machine.perf_counter()
            self.scheduler.turn(self.context.now())
            Worker(self.context, "viec").run_until_idle()
            Dispatching(self.context, "gui").run_until_idle()
            self.post.note(self.context.now())
            self.seconds[f"{day:%d/%m} {words}"] = round(machine.perf_counter() - begun, 1)
            self.peak_mib[f"{day:%d/%m} {words}"] = peak_mib()

    def _at(self, day: date, tick: time) -> None:
        self.context.instant = at(day, tick)


def peak_mib() -> int:
    """The most memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (2**20 if sys.platform == "darwin" else 2**10)


def _by_address(mails: list[Taken]) -> dict[str, list[Taken]]:
    found: dict[str, list[Taken]] = {}
    for mail in mails:
        found.setdefault(mail.to, []).append(mail)
    return found
