"""Random worlds and random changes of the calendar against working out every dossier by both calendars, one by one."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest

from tests.flows.office import NOW, Office, row
from tracker.config_data import load_policy
from tracker.pipeline import calendar_changes
from tracker.store.calendars import load_history
from tracker.store.session import Store, open_store
from tracker.timekeeping.deadlines import due_only
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, Facts, Limit, SourceStatus, Suspension, SuspensionKind
from tracker.types.calendars import AddCalendar, AddDay, AssignCalendar

UNITS = ("Sở Công Thương tỉnh Đắk Lắk", "Sở Tư pháp tỉnh Đắk Lắk", "Sở Y tế tỉnh Đắk Lắk")
LIMITS = (
    "1 ngày làm việc",
    "3 ngày làm việc",
    "10 ngày làm việc",
    "7 ngày",
    "1 tháng",
    "04 giờ",
    "12 giờ làm việc",
)
KINDS = {SuspensionKind.PAUSE: "tạm dừng", SuspensionKind.SUPPLEMENT: "bổ sung"}
WEEK = "07:00-11:30 13:30-17:00"
DOSSIERS = 250


@dataclass(frozen=True)
class Made:
    """A dossier as it was made up; None = open."""

    number: int
    unit: str
    received: datetime
    limit: str
    pauses: tuple[Suspension, ...]
    ended: datetime | None

    def due(self, calendar) -> datetime | None:
        limit = parse_limit(self.limit)
        assert isinstance(limit, Limit)
        closed = [pause for pause in self.pauses if pause.end is not None]
        return due_only(self.received, limit, calendar, suspensions=closed, policy=load_policy(), as_of=NOW)

    def is_late(self, due: datetime | None, calendar, now: datetime) -> bool:
        status = SourceStatus.DONE if self.ended else SourceStatus.PROCESSING
        facts = Facts(self.received, due, finished_at=self.ended, status=status, suspensions=self.pauses)
        return classify(facts, calendar, as_of=now).is_late


def made_up(seed: int) -> list[Made]:
    chance = random.Random(seed)
    world = []
    for number in range(DOSSIERS):
        day = NOW - timedelta(days=chance.randrange(1, 60))
        received = day.replace(hour=chance.randrange(7, 18), minute=chance.randrange(60))
        pauses = _pauses(chance, received)
        ended = None
        if chance.random() < 0.5:
            ended = min(
                received + timedelta(days=chance.randrange(0, 40), hours=3), NOW - timedelta(minutes=1)
            )
            pauses = tuple(p for p in pauses if p.end is not None and p.end <= ended)
        if ended is None or ended > received:
            unit, limit = chance.choice(UNITS), chance.choice(LIMITS)
            world.append(Made(number, unit, received.replace(second=0), limit, pauses, ended))
    return world


def _pauses(chance: random.Random, received: datetime) -> tuple[Suspension, ...]:
    if chance.random() < 0.6:
        return ()
    start = received + timedelta(days=chance.randrange(0, 8), hours=1)
    end = start + timedelta(days=chance.randrange(1, 6))
    if end >= NOW:
        return (Suspension(start, None, SuspensionKind.PAUSE),) if start < NOW else ()
    return (Suspension(start, end, chance.choice([SuspensionKind.PAUSE, SuspensionKind.SUPPLEMENT])),)


def cells(made: Made) -> dict[str, str]:
    told = "; ".join(f"{KINDS[p.kind]}: {_cell(p.start)} - {_cell(p.end)}" for p in made.pauses)
    end = {"finished_at": _cell(made.ended), "status": "Đã xử lý xong"} if made.ended else {}
    return row(
        made.number, received_at=_cell(made.received), limit_text=made.limit, due_at="", suspensions=told,
        procedure_code="9.999999", field_name="Thử nghiệm", resolving_unit=made.unit, receiving_unit=made.unit, **end,
    )  # fmt: skip


def _cell(at: datetime | None) -> str:
    return f"{at:%d/%m/%Y %H:%M:%S}" if at else ""


def operations(seed: int, units: dict[str, int]) -> list[tuple]:
    """Some changes one after the other, each of one or more operations."""
    chance = random.Random(seed + 1_000)

    def day(calendar: str) -> AddDay:
        when = NOW.date() + timedelta(days=chance.randrange(-45, 30))
        how = chance.choice([{}, {}, {"replaces": date(2026, 8, 12)}, {"sessions": "07:00-11:30"}])
        return AddDay(calendar, when, "Ngày thử", "TB", **how)

    own = AddCalendar("S", "Sáu ngày", "B", dict.fromkeys(range(1, 6), WEEK) | {6: "07:30-11:00"}, 450, "QĐ")
    since = NOW.date() - timedelta(days=chance.randrange(10, 50))
    return [
        (day("B"),),
        tuple({one.day: one for one in (day("VN"), day("VN"), day("VN"))}.values()),
        (own, AssignCalendar(units[UNITS[1]], "S", since, None, "QĐ")),
        (day("S"), day("B")),
        (AddCalendar("S", "Bốn ngày", "B", dict.fromkeys(range(1, 5), WEEK), None, "QĐ"),),
        (AssignCalendar(units[UNITS[2]], "A", None, None, "QĐ"),),
    ]


def history(store: Store):
    with store.read() as session:
        return load_history(session, "B")


@pytest.mark.parametrize("seed", range(3))
def test_a_preview_says_what_working_out_every_dossier_twice_says(office: Office, seed: int):
    world = made_up(seed)
    office.ingest([cells(made) for made in world])
    units = dict(office.query("SELECT name, id FROM unit"))
    store = open_store(office.url)
    assert stored(office) == {m.number: m.due(history(store).present.default) for m in world}
    original, undone, now = stored(office), [], NOW
    for asked in operations(seed, units):
        now += timedelta(minutes=5)
        before, was = history(store).present, stored(office)
        change = calendar_changes.propose(store, asked, calendar_key="B", reason="thử", actor="hoa", now=now)
        change = calendar_changes.approve(
            store, change.change_id, calendar_key="B", actor="binh", now=now, digest=change.preview.digest
        )
        undone.append(change)
        after = history(store).present
        pairs = {
            m: (before.of(units[m.unit], m.received.date()), after.of(units[m.unit], m.received.date()))
            for m in world
        }
        new = {m: m.due(pair[1]) for m, pair in pairs.items()}
        open_ones = [m for m in world if m.ended is None]
        assert stored(office) == was | {m.number: new[m] for m in open_ones}
        moved = [m for m in open_ones if was[m.number] != new[m]]
        p = change.preview
        assert p.open_moved == len(moved)
        assert p.open_later == sum(was[m.number] < new[m] for m in moved)
        turns = [
            (m.is_late(was[m.number], pairs[m][0], now), m.is_late(new[m], pairs[m][1], now)) for m in moved
        ]
        assert p.open_no_longer_late == turns.count((True, False))
        assert p.open_newly_late == turns.count((False, True))
        judged = [
            (m.is_late(was[m.number], pairs[m][0], now), m.is_late(new[m], pairs[m][1], now))
            for m in world
            if m.ended is not None and m.due(pairs[m][0]) != new[m]
        ]
        assert p.closed_would_be_on_time == judged.count((True, False))
        assert p.closed_would_be_late == judged.count((False, True))
        assert {row.code for row in calendar_changes.journal(store, change.change_id, limit=1_000)} == {
            cells(m)["dossier_code"] for m in moved
        }
    for change in reversed(undone):
        now += timedelta(minutes=5)
        back = calendar_changes.propose_undo(
            store, change.change_id, calendar_key="B", reason="thử", actor="hoa", now=now
        )
        calendar_changes.approve(
            store, back.change_id, calendar_key="B", actor="binh", now=now, digest=back.preview.digest
        )
    assert stored(office) == original
    assert history(store).present.keys() == ("A", "B")
    store.close()


def stored(office: Office) -> dict[int, datetime | None]:
    found = office.query("SELECT code, documented_due_at FROM dossier")
    return {
        int(code[-4:]): datetime.fromtimestamp(due, VN) if due is not None else None for code, due in found
    }
