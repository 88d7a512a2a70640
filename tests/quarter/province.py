"""A small living province turned into the daily exports of its one-stop system, with what a quarter brings beside.

The preset `today` is made for the end of the span; each morning tells what was received by then, with ends only where they
had come, and only rows that are new or changed. Over that lie due dates that move, a reopening, suspensions, a load that
brings many late ones at once, and the first load of a second source.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from tests.flows.office import Row, csv_text, moment, read_rows
from tests.quarter.lives import DONE, PROCESSING, SHAPE, Life, life_of
from tracker.synthetic.generate import generate
from tracker.types import VN

MAIN, SECOND = "main", "second"
DAWN = time(5)
NOON = time(12)
HAND = 4  # dossiers of each kind of happening


@dataclass
class Load:
    """One export: of which source, and its rows by code; the batch that it became, once it is loaded."""

    source: str
    rows: dict[str, dict[str, str]]
    batch_id: int = 0


@dataclass
class Province:
    """What each source tells when, and what was told so far."""

    lives: dict[str, list[Life]]
    told: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    loads: list[Load] = field(default_factory=list)

    def export(self, source: str, at: datetime) -> Load | None:
        """The rows that are new or changed since the last export; None where there are none."""
        known = self.told.setdefault(source, {})
        rows = {life.code: row for life in self.lives.get(source, ()) if (row := life.told(at))}
        fresh = {code: row for code, row in rows.items() if known.get(code) != row}
        if not fresh:
            return None
        known.update(fresh)
        load = Load(source, fresh)
        self.loads.append(load)
        return load

    def write(self, load: Load, folder: Path) -> Path:
        """The export as a file."""
        path = folder / f"{load.source}-{len(self.loads)}.csv"
        path.write_text(csv_text(load.rows.values()), "utf-8")
        return path


def at(day: date, hour: time = DAWN) -> datetime:
    """A moment of a day; at dawn, before anything is loaded."""
    return datetime.combine(day, hour, VN)


def cell(moment_: datetime) -> str:
    """As a source writes a moment."""
    return f"{moment_:{SHAPE}}"


def make_lives(
    folder: Path, first: date, last: date, *, rows: int, units: Collection[str] | None = None, seed: int = 1
) -> list[Life]:
    """The dossiers that were open on some day of the span; `units`: of these resolving units only."""
    made = generate("today", folder, rows=rows, seed=seed, as_of=last + timedelta(days=1))
    told = [row for path in made.files for row in read_rows(path)]
    kept = [row for row in told if units is None or row["resolving_unit"] in units]
    lives = [life_of(row) for row in kept]
    return [life for life in lives if life.ended is None or life.ended >= at(first)]


def busiest(lives: Sequence[Life], count: int) -> list[str]:
    """The units with most dossiers."""
    counts: dict[str, int] = {}
    for life in lives:
        counts[life.row["resolving_unit"]] = counts.get(life.row["resolving_unit"], 0) + 1
    return sorted(counts, key=lambda unit: (-counts[unit], unit))[:count]


# ---------------------------------------------------------------- what a quarter brings


@dataclass
class Happenings:
    """What is done to the lives of a province; a dossier has one part only. Days are working days of the span."""

    lives: list[Life]
    days: Sequence[date]
    used: set[str] = field(default_factory=set)

    def _some(self, fits: Callable[[Life], bool], count: int = HAND) -> Iterator[int]:
        found = 0
        for number, life in enumerate(self.lives):
            if found < count and life.code not in self.used and fits(life):
                self.used.add(life.code)
                found += 1
                yield number
        assert found, "nothing in this province to which that could happen"

    def move_due_dates(self, number: int, by: int = 6) -> list[str]:
        """What is due or late on a day has a later date from that morning on; one gets its old date back two days later."""
        day, moved = self.days[number], []
        for place in self._some(lambda life: is_open(life, day) and -2 <= days_late(life, day) <= 4):
            life = self.lives[place]
            due = moment(life.row["due_at"])
            assert due is not None
            life = life.edited(at(day), due_at=cell(at(self.days[number + by], due.time())))
            if moved:
                life = life.edited(at(self.days[number + 2]), due_at=cell(due))
            moved.append(life.code)
            self.lives[place] = life
        return moved

    def reopen(self, number: int, ends_after: int = 4) -> list[str]:
        """What ended a day or two ago is worked on again, and ends some days later."""
        day, before = self.days[number], self.days[number - 2]
        done = []
        for place in self._some(
            lambda life: (
                "finished_at" in life.ends
                and life.moved_at is None
                and at(before) <= min(life.ends.values())
                and max(life.ends.values()) < at(day)
            )
        ):
            life = self.lives[place].edited(at(day), finished_at="", returned_at="", status=PROCESSING)
            again = at(self.days[number + ends_after], time(9))
            given = {"finished_at": cell(again), "status": DONE}
            self.lives[place] = life.edited(again, **given)
            done.append(life.code)
        return done

    def suspend(self, number: int, length: int = 3) -> list[str]:
        """The clock of some stands from a day on, and runs again some days later with a later date."""
        day, done = self.days[number], []
        for place in self._some(
            lambda life: (
                is_open(life, self.days[number + length]) and not life.pauses and days_late(life, day) < 0
            )
        ):
            life = self.lives[place]
            since, until = at(day), at(self.days[number + length])
            due = moment(life.row["due_at"])
            assert due is not None
            word = "Bổ sung hồ sơ"
            life = life.edited(
                since, suspensions=f"{word}: {cell(since)} -", status="Yêu cầu bổ sung giấy tờ"
            )
            self.lives[place] = life.edited(
                until, suspensions=f"{word}: {cell(since)} - {cell(until)}", status=PROCESSING,
                due_at=cell(due + timedelta(days=7)),
            )  # fmt: skip
            done.append(life.code)
        return done

    def flood(self, number: int, count: int) -> None:
        """A load that brings so many dossiers nobody knew of, all of them late."""
        self._add(number, count, "7", range(1, 9))

    def without_due(self, number: int, count: int = HAND) -> None:
        """Some come without a due date, two weeks after they were received."""
        self._add(number, count, "6", range(1))
        for place in range(len(self.lives) - count, len(self.lives)):
            own = {**self.lives[place].row, "due_at": "", "limit_text": "Không quy định"}
            self.lives[place] = replace(self.lives[place], row=own)

    def newcomers(self, number: int, count: int) -> list[Life]:
        """What a second source tells from a day on: late ones and such as fall due within days."""
        begun = len(self.lives)
        self._add(number, count, "8", range(-4, 9))
        made = self.lives[begun:]
        del self.lives[begun:]
        return made

    def _add(self, number: int, count: int, series: str, late: range) -> None:
        """Copies of open dossiers with codes and dates of their own, known from a day on."""
        day = self.days[number]
        models = [life for life in self.lives if is_open(life, day) and not life.pauses]
        for turn in range(count):
            model = models[turn % len(models)]
            due = at(day - timedelta(days=late[turn % len(late)]), time(17))
            own: Row = {
                **model.row, "due_at": cell(due), "received_at": cell(at(due.date() - timedelta(days=14), time(8))),
                "filed_at": "", "previous_due_at": "", "limit_text": "10 ngày làm việc", "suspensions": "",
                "finished_at": "", "returned_at": "", "withdrawn_at": "", "refused_at": "", "status": PROCESSING,
            }  # fmt: skip
            code = f"{model.code.rpartition('-')[0]}-{series}{turn:05d}"
            self.lives.append(replace(life_of(own, code=code), known_from=at(day)))


def is_open(life: Life, day: date) -> bool:
    """Received, told of and not ended on the morning of a day, with a due date."""
    begun = life.received is not None and life.received < at(day) and bool(life.row["due_at"])
    return begun and life.known_from is None and (life.ended is None or life.ended > at(day, NOON))


def days_late(life: Life, day: date) -> int:
    """Calendar days since the date due, by the last date that its source tells."""
    due = moment(life.row["due_at"])
    assert due is not None
    return (day - due.date()).days
